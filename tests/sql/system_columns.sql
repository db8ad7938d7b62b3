-- The columns that every table has besides its own: which there are, where they can be named, and what tableoid is. A row of
-- the cluster has no place and no version.
SELECT attname, attnum, atttypid::regtype, attnotnull, attlen, attbyval, attalign, attstorage, attstattarget, atttypmod, attislocal, attcollation FROM pg_attribute WHERE attrelid = 'movies'::regclass AND attnum < 0 ORDER BY attnum;
SELECT c.relname, count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relname IN ('movies', 'movies_pkey', 'casts', 'pg_class', 'pg_tables') AND attnum < 0 GROUP BY 1 ORDER BY 1;
SELECT has_column_privilege('movies', 'tableoid', 'SELECT'), has_column_privilege('movies', 'oid', 'SELECT');
SELECT count(*) FROM information_schema.columns WHERE table_name = 'movies' AND column_name = 'tableoid';
SELECT tableoid::regclass::text, * FROM actors ORDER BY __key LIMIT 2;
SELECT TableOid::regclass::text FROM actors WHERE tableoid = 'actors'::regclass AND __key < 3;
SELECT "TABLEOID" FROM actors;
SELECT tableoid = 'actors'::regclass::oid, actors.tableoid::regclass::text, public.actors.tableoid::regclass::text FROM actors WHERE __key = 1;
SELECT a.tableoid::regclass::text AS t, count(*) FROM actors a GROUP BY a.tableoid HAVING a.tableoid IS NOT NULL;
SELECT tableoid, count(*) FROM actors;
SELECT max(tableoid::text) = min('actors'::regclass::oid::text) FROM actors;
SELECT DISTINCT tableoid::regclass::text FROM reviews;
SELECT title FROM movies WHERE tableoid = 'movies'::regclass ORDER BY movies.tableoid, title LIMIT 3;
-- Where an outer join has no row, there is none of a table.
SELECT m.__key, m.tableoid::regclass::text, c.tableoid::regclass::text FROM movies m LEFT JOIN casts c ON m.__key = c.movie_id AND c.movie_id < 0 ORDER BY 1 LIMIT 2;
SELECT m.tableoid::regclass::text, a.tableoid::regclass::text, count(*) FROM movies m FULL JOIN actors a ON m.__key = a.__key AND m.__key = 1 GROUP BY 1, 2 ORDER BY 1, 2;
SELECT a.__key FROM actors a RIGHT JOIN (VALUES (1), (-1)) v (n) ON v.n = a.__key WHERE a.tableoid IS NULL;
-- Joins and subqueries don't hand them on.
SELECT tableoid FROM movies, casts;
SELECT tableoid FROM movies JOIN casts ON true;
SELECT tableoid FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid;
SELECT j.tableoid FROM (movies m JOIN casts c ON true) j;
SELECT tableoid FROM (SELECT * FROM actors) s;
SELECT s.t::regclass::text FROM (SELECT tableoid AS t FROM actors ORDER BY 1 LIMIT 1) s;
WITH w AS (SELECT tableoid::regclass::text AS t, __key FROM actors) SELECT t FROM w WHERE __key = 2;
SELECT (SELECT a.tableoid FROM actors LIMIT 1)::regclass::text, EXISTS (SELECT FROM casts WHERE casts.tableoid = a.tableoid) FROM actors a WHERE __key = 1;
SELECT t.tableoid FROM generate_series(1, 2) t;
SELECT v.tableoid FROM pg_views v;
SELECT ctid FROM pg_tables;
SELECT n.tableoid FROM (VALUES (1)) n;
SELECT t.q, t.tableoid::regclass::text FROM actors t (q) WHERE q = 1;
SELECT tableoid::regclass::text, count(*) FROM pg_am GROUP BY 1;
SELECT c.tableoid::regclass::text, d.tableoid::regclass::text FROM pg_class c LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = c.tableoid AND d.objsubid = 0 WHERE c.relname = 'pg_type';
SELECT tableoid::regclass::text FROM actors WHERE __key = 1 UNION ALL SELECT tableoid::regclass::text FROM movies WHERE __key = 2;
-- Nothing tells versions of an entry apart, and it has no place.
--@ refused
SELECT xmin FROM movies;
--@ refused
SELECT m.xmax, m.title FROM movies m WHERE __key = 1;
--@ refused
SELECT cmin, cmax FROM actors;
--@ refused
SELECT title FROM movies WHERE __key = 1 AND xmin = '3';
SELECT title FROM movies WHERE ctid = '(4000000,1)';
SELECT pg_typeof(ctid) FROM movies LIMIT 1;
-- Changes.
--@ gateway
CREATE OR REPLACE MAPPING system_columns (__key INT, name VARCHAR) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
--@ oracle
CREATE TABLE system_columns (__key int PRIMARY KEY, name varchar);
--@ both
INSERT INTO system_columns VALUES (1, 'one'), (2, 'two') RETURNING tableoid::regclass::text, name;
UPDATE system_columns SET name = tableoid::regclass::text WHERE tableoid = 'system_columns'::regclass AND __key = 1 RETURNING tableoid::regclass::text, *;
UPDATE system_columns s SET name = m.tableoid::regclass::text FROM movies m WHERE m.__key = s.__key AND m.__key = 2 RETURNING s.tableoid::regclass::text, m.tableoid::regclass::text, name;
UPDATE system_columns SET name = 'x' WHERE ctid = '(4000000,1)';
--@ refused
UPDATE system_columns SET name = 'x' WHERE __key = 1 AND xmin = '3';
--@ refused
DELETE FROM system_columns WHERE xmin = '3';
--@ refused
INSERT INTO system_columns SELECT 3, 'three' WHERE false RETURNING xmin;
UPDATE system_columns SET tableoid = 3;
UPDATE system_columns SET (name, ctid) = ('x', NULL);
INSERT INTO system_columns (__key, tableoid) VALUES (4, 3);
INSERT INTO system_columns VALUES (1, 'x') ON CONFLICT (__key) DO UPDATE SET name = excluded.tableoid::text;
INSERT INTO system_columns VALUES (1, 'x') ON CONFLICT (__key) DO UPDATE SET name = system_columns.tableoid::regclass::text RETURNING *;
DELETE FROM system_columns WHERE __key = 2 RETURNING tableoid::regclass::text, name;
SELECT tableoid::regclass::text, * FROM system_columns FOR UPDATE;
COPY system_columns (tableoid) TO STDOUT;
SELECT * FROM system_columns;
--@ gateway
DROP MAPPING system_columns;
--@ oracle
DROP TABLE system_columns;
