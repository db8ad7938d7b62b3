-- All spellings of a join.
SELECT m.title, a.name FROM movies m JOIN casts c ON m.id = c.movie_id JOIN actors a ON a.id = c.actor_id WHERE m.__key = 9 ORDER BY a.name;
SELECT m.title, a.name FROM movies m, casts c, actors a WHERE m.id = c.movie_id AND a.id = c.actor_id AND a.name = 'Alan Rickman' ORDER BY m.title;
SELECT count(*) FROM movies m INNER JOIN reviews r ON r.movie_id = m.id;
SELECT count(*) FROM movies m LEFT JOIN reviews r ON r.movie_id = m.id WHERE r.__key IS NULL;
SELECT count(*), count(r.rating) FROM reviews r RIGHT OUTER JOIN movies m ON r.movie_id = m.id;
SELECT count(*) FROM movies m FULL JOIN reviews r ON r.movie_id = m.id AND r.rating > 9;
SELECT count(*) FROM (SELECT __key FROM movies WHERE __key <= 20) a CROSS JOIN (SELECT __key FROM actors WHERE __key <= 30) b;
SELECT __key, title, author FROM movies JOIN reviews USING (__key) WHERE __key < 4 ORDER BY __key;
SELECT count(*) FROM movies NATURAL JOIN casts;
SELECT m.title, r.n FROM movies m JOIN (SELECT movie_id, count(*) AS n FROM reviews GROUP BY movie_id) r ON r.movie_id = m.id WHERE r.n > 5 ORDER BY r.n DESC, m.title;
SELECT a.title, b.title FROM movies a JOIN movies b ON a.release_date = b.release_date AND a.__key < b.__key ORDER BY a.title, b.title;
SELECT m.title FROM movies m WHERE m.id IN (SELECT movie_id FROM reviews WHERE rating < 3) ORDER BY m.title;
SELECT count(*) FROM movies m WHERE NOT EXISTS (SELECT 1 FROM reviews r WHERE r.movie_id = m.id);
SELECT m.title, (SELECT count(*) FROM reviews r WHERE r.movie_id = m.id) AS n FROM movies m WHERE m.__key < 6 ORDER BY m.__key;
SELECT title FROM movies WHERE vote_count > (SELECT avg(vote_count) * 3 FROM movies) ORDER BY title;
SELECT x.t FROM (SELECT title AS t, __key AS k FROM movies) AS x WHERE x.k = 5;
SELECT x.a, x.b FROM (SELECT __key, title FROM movies) AS x(a, b) WHERE a = 5;
SELECT v.n, m.title FROM (VALUES (1, 'one'), (2, 'two')) AS v(k, n) JOIN movies m ON m.__key = v.k ORDER BY v.k;

-- Subqueries of WHERE that become joins.

SELECT count(*) FROM movies m
WHERE (SELECT max(c.actor_id) FROM casts c WHERE c.movie_id = m.id) IN (SELECT id FROM actors WHERE gender = 1)
   OR m.vote_average < (SELECT max(r.rating) FROM reviews r WHERE r.movie_id = m.id);

SELECT m.id, g FROM movies m, LATERAL generate_series(1, m.id % 3) g
WHERE EXISTS (SELECT 1 FROM reviews r WHERE r.movie_id = m.id AND r.rating > 5) ORDER BY 1, 2;

SELECT count(*) FROM movies m
WHERE NOT EXISTS (SELECT DISTINCT r.author FROM reviews r WHERE r.movie_id = m.id ORDER BY 1) AND m.vote_count > 10;

SELECT count(*) FROM movies m LEFT JOIN casts c ON c.movie_id = m.id
WHERE NOT EXISTS (SELECT 1 FROM actors a WHERE a.id = c.actor_id AND a.gender = m.id % 3);

SELECT count(*), sum(m.id) FROM movies m
WHERE 0 = (SELECT count(r.rating) FROM reviews r WHERE r.movie_id = m.id);

SELECT count(*), sum(m.id) FROM movies m
WHERE coalesce((SELECT sum(r.movie_id) FROM reviews r WHERE r.movie_id = m.id), -1) < 100;

SELECT count(*) FROM movies m
WHERE m.id IN (SELECT c.movie_id FROM casts c WHERE c.actor_id % 5 = m.vote_count % 5);

SELECT count(*) FROM movies m
WHERE (m.id, m.title) IN (SELECT r.movie_id, m2.title FROM reviews r JOIN movies m2 ON m2.id = r.movie_id);

SELECT count(*) FROM movies m, casts c, actors a
WHERE (m.id = c.movie_id AND c.actor_id = a.id AND a.gender = 1) OR (m.id = c.movie_id AND c.actor_id = a.id AND m.vote_count > 5000);

-- the alias of a join names its columns anew
select x, y from ((values (1), (2)) as t1 (a) cross join (values (3), (4)) as t2 (b)) as t(x, y) order by x, y;
select t.x, y, t.* from ((values (1), (2)) as t1 (a) left join (values (2), (4)) as t2 (b) on a = b) as t(x, y) order by x;
-- what a subquery leaves out, the conditions over it do not meet
with t(a, b) as (select a::int, b::int from (values ('1', '4'), ('5', '3'), ('2', '*'), ('3', '8'), ('7', '*')) as _(a, b) where position('*' in b) = 0) select a, b from t where a < b order by a;
select 1 / a from (select a from (values (0), (2)) v(a) where a <> 0) s where 1 / a = 0;

-- FULL JOIN is by equalities, unless conditions above make it another join.
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x = 1;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x + b.y = 4;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x = b.y OR a.x = 1;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x = b.y AND a.x < 2 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON true ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON false ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON 1 > 2 ORDER BY 1, 2;
SELECT * FROM (VALUES (1::money), (2::money)) a(x) FULL JOIN (VALUES (2::money)) b(y) ON a.x = b.y ORDER BY 1, 2;
SELECT * FROM (VALUES (1::money), (2::money)) a(x) FULL JOIN (VALUES (2::money)) b(y) ON a.x = b.y AND a.x > 1::money;
SELECT * FROM (VALUES (date '2020-01-01')) a(x) FULL JOIN (VALUES (timestamp '2020-01-01')) b(y) ON a.x = b.y;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x > 0 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE b.y > 0 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x > 0 AND b.y = 3 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x > 0 OR a.x IS NOT NULL ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x > 0 OR b.y = 3 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x IS NULL;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE coalesce(a.x, 1) = 1;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE NOT (a.x = 7) ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x IN (1, 2) ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x NOT IN (1, 5) ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE a.x = ANY (ARRAY[1, 2]) ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE (a.x > 1) IS TRUE ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y WHERE (a.x > 1) IS NOT TRUE;
SELECT * FROM (SELECT a.x, b.y FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y) s WHERE s.x = 1 ORDER BY 1, 2;
SELECT * FROM (VALUES (1), (2)) c(z) JOIN ((VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y) ON c.z = a.x ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (9)) c(z) LEFT JOIN ((VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y) ON c.z = a.x ORDER BY 1, 2, 3;
SELECT * FROM (VALUES (1), (9)) c(z) RIGHT JOIN ((VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y) ON c.z = a.x;
SELECT * FROM ((VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) ON a.x < b.y) FULL JOIN (VALUES (1), (9)) c(z) ON c.z = a.x WHERE a.x > 0 AND c.z > 0;
SELECT count(*) FROM (VALUES (1), (2)) a(x) LEFT JOIN (VALUES (2), (3)) b(y) ON a.x = b.y WHERE b.y > 0;
SELECT count(*) FROM (VALUES (1), (2)) a(x) LEFT JOIN ((VALUES (2), (3)) b(y) LEFT JOIN (VALUES (3), (4)) c(z) ON b.y = c.z) ON a.x = b.y WHERE c.z IS NULL;
SELECT count(*) FROM (VALUES (1), (2)) a(x) LEFT JOIN ((VALUES (2), (3)) b(y) LEFT JOIN (VALUES (3), (4)) c(z) ON b.y = c.z) ON a.x = c.z;
SELECT count(*) FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(y) USING (x);
SELECT x, count(*) FROM (VALUES (1), (2)) a(x) FULL JOIN (VALUES (2), (3)) b(x) USING (x) WHERE x > 1 GROUP BY x ORDER BY x;

-- An alias of the join hides its sides and the alias of USING.
SELECT * FROM ((VALUES (1)) a(i) JOIN (VALUES (1)) b(i) USING (i) AS u) AS j WHERE u.i = 1;
SELECT u.i, a.i FROM (VALUES (1)) a(i) JOIN (VALUES (1)) b(i) USING (i) AS u;
SELECT * FROM ((VALUES (1)) a(i) CROSS JOIN (VALUES (1)) b(i)) j(a, b, c);
WITH c AS (SELECT 1 AS x) SELECT * FROM c AS d(a, b);
