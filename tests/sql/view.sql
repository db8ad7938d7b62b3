-- Views of the cluster's: each gives what its definition gives, with PostgreSQL's types, and goes as PostgreSQL's do.
CREATE VIEW ratings AS
  SELECT m.title AS title, COUNT(*) AS n, AVG(r.rating) AS mean, SUM(r.rating) AS total, 7 / 2 AS q
  FROM movies m JOIN reviews r ON r.movie_id = m.id GROUP BY m.title;
SELECT * FROM ratings ORDER BY title;
SELECT title, mean, mean / 3 FROM ratings WHERE n > 4 ORDER BY mean DESC, title LIMIT 5;
SELECT v.title, m.vote_count FROM ratings v JOIN movies m USING (title) WHERE m.__key < 30 ORDER BY 1;
CREATE VIEW best AS SELECT title, mean + 1 AS more FROM ratings WHERE mean > 7;
CREATE VIEW worst AS SELECT title FROM ratings WHERE mean < 3;
CREATE VIEW bests AS SELECT COUNT(*) AS n FROM best;
SELECT * FROM best ORDER BY title;
SELECT n FROM bests;
SELECT title FROM best EXCEPT SELECT title FROM worst ORDER BY 1;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'ratings'::regclass AND attnum > 0 ORDER BY attnum;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'best'::regclass AND attnum > 0 ORDER BY attnum;
SELECT relname, relkind FROM pg_class WHERE relname IN ('ratings', 'best', 'worst', 'bests') ORDER BY 1;
SELECT b.more FROM best b WHERE b.nothing = 1;
CREATE VIEW best AS SELECT 1 AS a;
DROP VIEW best;
DROP VIEW ratings;
DROP VIEW worst, best;
DROP VIEW pg_class_nothing;
DROP VIEW public.nothing, worst;
DROP VIEW information_schema.nothing RESTRICT;
DROP VIEW IF EXISTS nothing, worst;
DROP VIEW worst;
DROP VIEW IF EXISTS nothing CASCADE;
DROP VIEW best CASCADE;
SELECT * FROM bests;
CREATE VIEW best AS SELECT title FROM ratings WHERE mean > 7;
CREATE VIEW worst AS SELECT title FROM ratings WHERE mean < 3;
DROP VIEW ratings, ratings CASCADE;
SELECT * FROM best;
CREATE VIEW casted AS SELECT m.__key AS k, m.vote_count - 1.5 AS less, m.vote_count / 2.0 AS half, m.popularity * 2 AS twice,
  CASE WHEN m.title LIKE 'T%' THEN 'é😀' ELSE m.title END AS t FROM movies m WHERE m.vote_count BETWEEN 10 AND 5000;
SELECT * FROM casted ORDER BY k;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'casted'::regclass AND attnum > 0 ORDER BY attnum;
DROP VIEW casted;
DROP VIEW a b;
DROP VIEW;
DROP VIEW a.b.c.d;
