# postgres_fdw: IMPORT FOREIGN SCHEMA, scans, pushed conditions, joins and aggregates, changes. The PostgreSQL that does it
# is the one of the test bed, whose port is in ORACLE_PORT; each side gets a database of its own there.
name="fdw_$PGPORT"
ask() { psql -X -q -h 127.0.0.1 -p "$ORACLE_PORT" -U postgres "$@" 2>&1; }
ask -d postgres -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS $name" -c "CREATE DATABASE $name"
ask -d "$name" <<SQL
CREATE EXTENSION postgres_fdw;
CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$PGHOST', port '$PGPORT', dbname '$PGDATABASE', fetch_size '77');
CREATE USER MAPPING FOR postgres SERVER other OPTIONS (user '$PGUSER', password_required 'false');
CREATE SCHEMA movies;
IMPORT FOREIGN SCHEMA public LIMIT TO (movies, actors, casts, reviews, types, notes) FROM SERVER other INTO movies;
SET search_path = movies;
\d movies
\d types
EXPLAIN (VERBOSE, COSTS off) SELECT title FROM movies WHERE vote_count > 20000 AND title LIKE 'The%' ORDER BY title;
SELECT title FROM movies WHERE vote_count > 20000 AND title LIKE 'The%' ORDER BY title;
EXPLAIN (VERBOSE, COSTS off) SELECT m.title, count(*) FROM movies m JOIN casts c ON c.movie_id = m.id GROUP BY m.title;
SELECT m.title, count(*) FROM movies m JOIN casts c ON c.movie_id = m.id GROUP BY m.title ORDER BY 2 DESC, 1 LIMIT 5;
SELECT count(*), sum(rating), avg(rating), min(author), max(author) FROM reviews;
SELECT * FROM types ORDER BY __key;
SELECT title FROM movies WHERE __key = 5;
SELECT count(*) FROM casts;
INSERT INTO notes VALUES (1, 'a', 'b', 1), (2, 'c', NULL, 2) RETURNING *;
UPDATE notes SET stars = stars + 1 WHERE __key = 1;
SELECT * FROM notes ORDER BY 1;
DELETE FROM notes WHERE words IS NULL;
DELETE FROM notes;
ANALYZE casts;
SELECT reltuples FROM pg_class WHERE oid = 'casts'::regclass;
SQL
ask -d postgres -c "DROP DATABASE $name"
