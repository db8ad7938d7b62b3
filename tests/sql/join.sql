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
