-- Parameters: their types follow from where they stand.
--@ with 5
SELECT title FROM movies WHERE __key = $1;
--@ with 20000, 2015-01-01
SELECT title FROM movies WHERE vote_count > $1 AND release_date < $2 ORDER BY title;
--@ with 3
SELECT title FROM movies ORDER BY title LIMIT $1;
--@ with 1, 2
SELECT $1::int + $2::int AS sum;
--@ with x
SELECT $1;
--@ with x
SELECT $1 || 'y';
--@ with 7
SELECT $1 + 1;
--@ with 7.5
SELECT $1 + 1.5;
--@ with NULL
SELECT count(*) FROM reviews WHERE rating = $1;
--@ with 1, 5, 7
SELECT title FROM movies WHERE __key IN ($1, $2, $3) ORDER BY __key;
--@ with The %
SELECT count(*) FROM movies WHERE title LIKE $1;
--@ with 8.5, 3
SELECT title, vote_average > $1 AS great FROM movies WHERE __key < $2 ORDER BY __key;
--@ with 2, none
SELECT CASE WHEN __key = $1 THEN title ELSE $2 END AS t FROM movies WHERE __key < 4 ORDER BY __key;
--@ with 1
SELECT title FROM movies WHERE __key = $1 OR id = $1 OR vote_count = $1;
--@ with abc
SELECT title FROM movies WHERE __key = $1;
--@ with 99999999999
SELECT title FROM movies WHERE __key = $1;
