-- Subqueries and conditions over tables: EXISTS, IN, ANY and ALL, row values, patterns.
SELECT m.title FROM movies m WHERE NOT EXISTS (SELECT FROM reviews r WHERE r.movie_id = m.id) AND m.__key < 30 ORDER BY m.__key;
SELECT m.__key FROM movies m WHERE m.id IN (SELECT movie_id FROM reviews WHERE rating IS NULL) ORDER BY 1;
SELECT m.__key FROM movies m WHERE m.id NOT IN (SELECT movie_id FROM reviews WHERE rating > 3) AND m.__key < 100 ORDER BY 1;
SELECT r.__key FROM reviews r WHERE r.rating NOT IN (SELECT rating FROM reviews WHERE movie_id < 10) ORDER BY 1;
SELECT r.__key FROM reviews r WHERE r.rating > ALL (SELECT rating FROM reviews WHERE rating IS NOT NULL AND movie_id = 3) ORDER BY 1;
SELECT r.__key FROM reviews r WHERE r.rating = ANY (SELECT vote_average FROM movies) ORDER BY 1;
SELECT m.__key, (SELECT max(rating) FROM reviews r WHERE r.movie_id = m.id) FROM movies m WHERE m.__key < 15 ORDER BY 1;
SELECT m.__key, (SELECT author FROM reviews r WHERE r.movie_id = m.id ORDER BY __key LIMIT 1) AS first FROM movies m WHERE m.__key < 15 ORDER BY 1;
SELECT (SELECT title FROM movies WHERE __key = -1), (SELECT count(*) FROM movies), EXISTS (SELECT 1 FROM movies WHERE false), ARRAY(SELECT __key FROM movies WHERE __key < 4 ORDER BY 1);
SELECT (SELECT id FROM movies WHERE __key < 3);
SELECT __key FROM movies WHERE (__key, id) IN (SELECT __key, id FROM movies WHERE __key < 4) ORDER BY 1;
SELECT __key FROM movies WHERE (__key, vote_count) = (SELECT 3, vote_count FROM movies WHERE __key = 3);
SELECT __key FROM movies WHERE (__key, id) < (4, 2) ORDER BY 1;
SELECT __key FROM movies WHERE ROW(__key, title) >= ROW(498, 'A') ORDER BY 1;
SELECT __key FROM movies WHERE (__key, id) IN ((1, 1), (2, 3), (3, NULL)) ORDER BY 1;
SELECT __key FROM movies WHERE (1, 2, 3) = (1, 2);
SELECT __key FROM movies WHERE (__key, id) IN (SELECT 1);
SELECT row(1, 2) = row(1, NULL), row(1, 2) <> row(2, NULL), row(1, NULL) = row(2, NULL), row(1, 2) < row(1, NULL), row(1, 3) < row(2, NULL), row(NULL, 1) IS DISTINCT FROM row(NULL, 1);
SELECT title FROM movies WHERE title LIKE '%a%' AND vote_average BETWEEN 8 AND 8.5 ORDER BY title LIMIT 10;
SELECT count(*) FROM movies m WHERE EXISTS (SELECT DISTINCT * FROM reviews r WHERE r.movie_id = m.id ORDER BY 2) OR EXISTS (SELECT 1 / (c.movie_id - c.movie_id) FROM casts c WHERE c.movie_id = m.id AND c.actor_id > 20000);
SELECT count(*) FROM movies m WHERE m.id < 20 AND (NOT EXISTS (SELECT r.rating FROM reviews r WHERE r.movie_id = m.id GROUP BY r.rating) OR EXISTS (SELECT count(*) FROM reviews r WHERE r.movie_id = m.id));
SELECT EXISTS (SELECT 1 / 0), EXISTS (SELECT 1 / 0 FROM movies), EXISTS (SELECT generate_series(1, 0) FROM movies), EXISTS (SELECT * FROM movies OFFSET 100000), EXISTS (SELECT * FROM movies LIMIT 0);

-- What nobody asks for is not computed.
SELECT x FROM (SELECT x, (SELECT y FROM (VALUES (1), (2)) b(y)) AS y FROM (VALUES (1), (2)) a(x)) s ORDER BY x;
SELECT x FROM (WITH b AS (SELECT y FROM (VALUES (1), (2)) v(y)) SELECT x, (SELECT y FROM b) FROM (VALUES (1), (2)) a(x) ORDER BY x LIMIT 2) s;
SELECT x FROM (SELECT x, (SELECT y FROM (VALUES (1), (2)) b(y)) AS y FROM (VALUES (1), (2)) a(x)) s WHERE y > 0;
SELECT count(*) FROM (SELECT DISTINCT x, (SELECT y FROM (VALUES (1), (2)) b(y)) AS y FROM (VALUES (1), (2)) a(x)) s;

-- Parts of one statement that read the same map, which is read once.
SELECT CASE WHEN (SELECT count(*) FROM movies WHERE vote_count BETWEEN 1 AND 2000) > 10 THEN (SELECT avg(vote_average)::numeric(6, 3) FROM movies WHERE vote_count BETWEEN 1 AND 2000) ELSE (SELECT max(id) FROM movies) END, CASE WHEN (SELECT count(*) FROM movies WHERE vote_count BETWEEN 2001 AND 4000) > 1000 THEN (SELECT min(title) FROM movies) ELSE (SELECT max(title) FROM movies WHERE id < 100) END;
SELECT (SELECT count(*) FROM movies), (SELECT count(*) FROM movies), (SELECT count(*) FROM reviews), (SELECT count(*) FROM movies WHERE title LIKE 'A%');
SELECT a.__key, (SELECT count(*) FROM movies b WHERE b.vote_count > a.vote_count), (SELECT min(b.__key) FROM movies b WHERE b.release_date = a.release_date) FROM movies a WHERE a.__key < 12 ORDER BY 1;
SELECT count(*) FROM movies a JOIN movies b ON a.release_date = b.release_date WHERE a.id > b.id AND a.vote_average > (SELECT avg(vote_average) FROM movies);
SELECT title FROM movies WHERE vote_count > 20000 UNION ALL SELECT title FROM movies WHERE vote_average > 8.6 UNION ALL SELECT title FROM movies WHERE id < 3 ORDER BY 1;
SELECT count(*) FROM movies WHERE id NOT IN (SELECT movie_id FROM reviews WHERE rating > 9) AND EXISTS (SELECT 1 FROM movies m WHERE m.id = movies.id + 1);
SELECT title FROM movies a WHERE vote_count = (SELECT max(vote_count) FROM movies b WHERE b.release_date BETWEEN a.release_date - 30 AND a.release_date + 30) AND __key < 40 ORDER BY __key;
SELECT (SELECT 1 / (count(*) - count(*)) FROM movies), (SELECT count(*) FROM movies WHERE id > 3);
