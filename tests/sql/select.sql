-- Plain reading: columns, names, order, limits.
SELECT * FROM movies WHERE __key <= 5 ORDER BY __key;
SELECT title, popularity FROM movies ORDER BY popularity DESC LIMIT 5;
SELECT title FROM movies ORDER BY title LIMIT 3 OFFSET 490;
SELECT title FROM movies ORDER BY title OFFSET 497;
SELECT title FROM movies ORDER BY title FETCH FIRST 2 ROWS ONLY;
SELECT m.* FROM movies m WHERE m.__key = 17;
SELECT m.title AS "The Title", m.id + 1, -m.id, m.title || '!' FROM movies AS m WHERE m.__key = 17;
SELECT movies.title FROM movies WHERE movies.__key IN (1, 2, 3) ORDER BY 1;
SELECT public.movies.title FROM public.movies WHERE __key = 3;
SELECT "title", TITLE, Title FROM MOVIES WHERE __KEY = 3;
SELECT title AS t FROM movies WHERE __key < 4 ORDER BY t DESC;
SELECT title, vote_count FROM movies WHERE __key < 10 ORDER BY vote_count % 7, title;
SELECT DISTINCT gender FROM actors ORDER BY gender;
SELECT DISTINCT movie_id % 3 FROM casts;
SELECT count(*) FROM movies;
SELECT count(*) AS n, count(rating), count(DISTINCT author) FROM reviews;
SELECT 1 FROM movies WHERE __key = 1;
SELECT NULL FROM movies WHERE __key = 1;
SELECT title FROM movies WHERE false;
SELECT true FROM movies WHERE 1 <> 1 LIMIT 0;
SELECT title FROM movies LIMIT 0;
TABLE casts ORDER BY __key LIMIT 3;

-- Conditions.
SELECT title FROM movies WHERE vote_average >= 8.5 AND NOT vote_count < 20000 ORDER BY title;
SELECT title FROM movies WHERE release_date BETWEEN '1999-01-01' AND '1999-12-31' ORDER BY release_date, title;
SELECT title FROM movies WHERE title LIKE 'The %' AND title NOT LIKE '%e' ORDER BY title;
SELECT title FROM movies WHERE title LIKE '%\%%' OR title LIKE '%100%' ORDER BY title;
SELECT title FROM movies WHERE title ILIKE '%STAR%' ORDER BY title;
SELECT count(*) FROM reviews WHERE rating IS NULL;
SELECT count(*) FROM reviews WHERE rating IS NOT NULL AND rating NOT IN (8, 9, 10);
SELECT count(*) FROM reviews WHERE rating = NULL;
SELECT count(*) FROM reviews WHERE (rating > 5) IS NOT TRUE;
SELECT count(*) FROM reviews WHERE rating IS DISTINCT FROM 9;
SELECT title FROM movies WHERE (vote_count, __key) = (SELECT max(vote_count), 1 FROM movies) OR __key = 2;
SELECT count(*) FROM movies WHERE description LIKE '%war%' OR title IN ('Dune', 'Alien');
SELECT title FROM movies WHERE length(title) > 45 ORDER BY length(title) DESC, title;

-- NULL comes last when ascending and first when descending.
SELECT __key, rating FROM reviews ORDER BY rating, __key LIMIT 3;
SELECT __key, rating FROM reviews ORDER BY rating DESC, __key LIMIT 25;
SELECT __key, rating FROM reviews ORDER BY rating NULLS FIRST, __key LIMIT 25;
SELECT __key, rating FROM reviews ORDER BY rating DESC NULLS LAST, __key DESC LIMIT 25;

-- Series are made as far as they are asked for, but in FROM all of them first.
SELECT generate_series(timestamp '2020-01-01', 'infinity', '1 month') LIMIT 3;
SELECT generate_series(timestamptz '2020-01-01 00:00+00', 'infinity', '1 year') LIMIT 2;
SELECT generate_series(timestamp '2020-01-01', '-infinity', '-1 century') LIMIT 2;
SELECT count(*) FROM generate_series(timestamp '294276-01-01', 'infinity', '1 month');
SELECT * FROM generate_series(timestamp '294276-01-01', 'infinity', '1 month') LIMIT 1;
SELECT generate_series(1, 1e30) LIMIT 3;
SELECT generate_series(1, 'infinity'::numeric);
SELECT generate_series(1, 3, 0.5), generate_series(5, 4, -1);
SELECT generate_series(1, 100000000000), generate_series(1.5, 1e40) LIMIT 2;
SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(1.5, 2.5, 0.5), unnest(ARRAY['a', NULL])) WITH ORDINALITY;
SELECT unnest(ARRAY[[1, 2], [3, 4]]), generate_subscripts(ARRAY[[1, 2], [3, 4]], 1, true);
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(a, b);
SELECT * FROM generate_series(2147483646, 2147483647);
SELECT * FROM generate_series(9223372036854775806, 9223372036854775807);
SELECT * FROM generate_series(-9223372036854775807, -9223372036854775808, -1);
SELECT * FROM generate_series(1, 3, 0);
SELECT * FROM generate_series(1, NULL);
SELECT * FROM generate_series(3, 1);
SELECT 1/(3 - x) FROM generate_series(1, 1000) x LIMIT 2;

-- FOR UPDATE: what it may stand on.
SELECT 1 FOR UPDATE;
SELECT * FROM (VALUES (1)) v(x) FOR UPDATE;
SELECT relname FROM pg_class WHERE relname = 'pg_type' FOR UPDATE;
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relname = 'pg_type' FOR NO KEY UPDATE OF c SKIP LOCKED;
SELECT relname FROM (SELECT * FROM pg_class WHERE relname = 'pg_type') s FOR SHARE OF s NOWAIT;
SELECT relname FROM pg_class WHERE relname = 'pg_type' FOR KEY SHARE FOR UPDATE LIMIT 1;
WITH w AS (SELECT 1 AS x) SELECT * FROM w FOR UPDATE;
WITH w AS (SELECT 1 AS x) SELECT * FROM w FOR UPDATE OF w;
SELECT * FROM (VALUES (1)) v(x) FOR UPDATE OF v;
SELECT * FROM generate_series(1, 2) g FOR UPDATE OF g;
SELECT * FROM (SELECT DISTINCT relname FROM pg_class) s FOR UPDATE;
SELECT * FROM (pg_class JOIN pg_namespace ON true) AS j FOR UPDATE OF j;
SELECT count(*) FROM pg_class FOR UPDATE;
SELECT DISTINCT relname FROM pg_class FOR NO KEY UPDATE;
SELECT relname FROM pg_class GROUP BY relname FOR SHARE;
SELECT 1 FROM pg_class HAVING true FOR KEY SHARE;
SELECT generate_series(1, 2) FROM pg_class FOR UPDATE;
SELECT row_number() OVER () FROM pg_class FOR UPDATE;
SELECT 1 UNION SELECT 2 FOR UPDATE;
VALUES (1) FOR UPDATE;
SELECT relname FROM pg_class FOR UPDATE OF nothing;
SELECT relname FROM pg_class FOR UPDATE OF pg_catalog.pg_class;
BEGIN READ ONLY;
SELECT relname FROM pg_class WHERE relname = 'pg_type' FOR UPDATE;
ROLLBACK;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT relname FROM pg_class FOR UPDATE;
ROLLBACK;
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT relname FROM pg_class FOR SHARE;
ROLLBACK;
