-- What is wrong is said in PostgreSQL's words, with its SQLSTATE and its position.
SELEC 1;
SELECT FROM WHERE;
SELECT 1 +;
SELECT * FROM nosuch;
SELECT * FROM nowhere.movies;
SELECT nosuch FROM movies;
SELECT m.nosuch FROM movies m;
SELECT x.title FROM movies m;
SELECT movies.title FROM movies m;
SELECT nosuch(1);
SELECT length(1);
SELECT upper(1, 2);
SELECT 1 + true;
SELECT 'a' + 1;
SELECT title + 1 FROM movies;
SELECT title FROM movies WHERE title;
SELECT title FROM movies WHERE __key = 'abc';
SELECT title FROM movies WHERE count(*) > 1;
SELECT title, count(*) FROM movies;
SELECT title FROM movies GROUP BY id;
SELECT count(count(*)) FROM movies;
SELECT id FROM movies m JOIN reviews r ON r.movie_id = m.id;
SELECT __key FROM movies, reviews;
SELECT title FROM movies ORDER BY 2;
SELECT title FROM movies LIMIT -1;
SELECT CAST('x' AS int);
SELECT 'x'::nosuch;
SELECT * FROM movies m, movies m;
SELECT (SELECT 1, 2);
SELECT (SELECT __key FROM movies);
SELECT 1 UNION SELECT 'a';
SELECT 1 UNION SELECT 1, 2;
SELECT "Title" FROM movies;
SELECT $1;
INSERT INTO nosuch VALUES (1);
INSERT INTO movies (nosuch) VALUES (1);
SET nosuch = 1;
SHOW nosuch;
SELECT 'unterminated;
SELECT 1;

-- names with too many parts, and of other databases
select 1::a.b.c;
select 1::a.b.c.d;
select a.b.c.lower('x');
select * from a.b.c.d;
-- a WITH query that has another name in FROM
with t as (select 1 a) select t.a from t x;
with t as (select 1 a) select t.* from t x;
with movies as (select 1 a) select movies.a from movies x;
with t as (select 1 a) select (select t.a) from t x;
-- type modifiers
select 1::decimal(3.2);
select 1::decimal('hello');
select 'a'::varchar(a);
select 'a'::varchar(1+1);
