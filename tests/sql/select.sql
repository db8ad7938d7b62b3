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
