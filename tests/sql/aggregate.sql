-- Groups.
SELECT gender, count(*), avg(popularity), min(name), max(name) FROM actors GROUP BY gender ORDER BY gender;
SELECT count(*), sum(vote_count), avg(vote_count), min(vote_count), max(vote_count) FROM movies;
SELECT sum(__key), avg(__key), sum(popularity), avg(popularity) FROM actors;
SELECT movie_id % 4 AS bucket, count(*) AS n FROM casts GROUP BY 1 ORDER BY 1;
SELECT movie_id % 4 AS bucket, count(*) AS n FROM casts GROUP BY bucket HAVING count(*) > 500 ORDER BY n DESC;
SELECT rating, count(*) FROM reviews GROUP BY rating ORDER BY rating;
SELECT substring(release_date FROM 1 FOR 3) || '0s' AS decade, count(*) FROM movies GROUP BY decade ORDER BY decade;
SELECT author, count(*) FROM reviews GROUP BY author HAVING count(*) >= 5 ORDER BY count(*) DESC, author;
SELECT avg(rating) FROM reviews WHERE false;
SELECT count(*), sum(rating) FROM reviews WHERE rating > 100;
SELECT sum(rating) FROM reviews WHERE rating > 100 GROUP BY author;
SELECT count(*) FILTER (WHERE rating > 8) AS good, count(*) AS n FROM reviews;
SELECT bool_and(popularity > 1), bool_or(popularity > 30) FROM actors;
SELECT max(release_date), min(release_date) FROM movies;
SELECT count(DISTINCT gender), count(DISTINCT popularity) FROM actors;
SELECT length(title) AS l, max(vote_average) AS best FROM movies GROUP BY length(title) HAVING max(vote_average) > 8.4 ORDER BY l;
SELECT DISTINCT gender, popularity > 30 AS known FROM actors ORDER BY 1, 2;
