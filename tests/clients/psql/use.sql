SELECT title, vote_average FROM movies WHERE __key = 3 \gdesc
SELECT __key AS k, title AS t FROM movies ORDER BY __key LIMIT 1 \gset
\echo :k :'t'
SELECT format('SELECT %L AS made', x) FROM generate_series(1, 2) x \gexec
\copy (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT CSV HEADER
\copy casts TO '/dev/null'
SELECT movie_id % 3 AS a, actor_id % 3 AS b, count(*) FROM casts GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview
\bind 3 x
SELECT title FROM movies WHERE __key = 3;
PREPARE p(int) AS SELECT title FROM movies WHERE __key = $1;
EXECUTE p(4);
DEALLOCATE p;
BEGIN;
DECLARE c CURSOR FOR SELECT __key FROM movies ORDER BY __key;
FETCH 3 FROM c;
MOVE 2 FROM c;
FETCH NEXT FROM c;
CLOSE c;
COMMIT;
\set VERBOSITY verbose
SELECT * FROM nowhere;
\set VERBOSITY sqlstate
SELECT nothing FROM movies;
\set VERBOSITY default
SELECT * FROM movies m
WHERE m.nothing = 1;
SELECT 1
  FROM (SELECT 2) x
 WHERE x.y = 3;
INSERT INTO notes VALUES (1, 'a', 'b', 1);
INSERT INTO notes VALUES (1, 'a', 'b', 1);
INSERT INTO notes (author) VALUES ('nobody');
UPDATE notes SET stars = stars + 1;
SELECT * FROM notes;
DELETE FROM notes;
SELECT current_user, session_user, current_schema, current_database();
SHOW search_path;
SET search_path = pg_catalog, public;
SHOW search_path;
RESET search_path;
\timing off
TABLE notes;
VALUES (1, 'a'), (2, NULL);
SELECT set_config('my.n', '3', false);
SELECT set_config('my.n', (current_setting('my.n')::int - 1)::text, false) AS n, 1 / current_setting('my.n')::int AS one \watch 0.1
