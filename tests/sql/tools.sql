-- Statements by which tools have failed in front of other servers of this protocol: docs/clients/breakages.md has the numbers.
-- case 1: which tables one may use, as Metabase asks.
WITH table_privileges AS (
 SELECT NULL AS role, t.schemaname AS schema, t.objectname AS table,
  pg_catalog.has_any_column_privilege(current_user, '"' || t.schemaname || '"' || '.' || '"' || t.objectname || '"', 'update') AS update,
  pg_catalog.has_any_column_privilege(current_user, '"' || t.schemaname || '"' || '.' || '"' || t.objectname || '"', 'select') AS select,
  pg_catalog.has_any_column_privilege(current_user, '"' || t.schemaname || '"' || '.' || '"' || t.objectname || '"', 'insert') AS insert,
  pg_catalog.has_table_privilege(current_user, '"' || t.schemaname || '"' || '.' || '"' || t.objectname || '"', 'delete') AS delete
 FROM (SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables
  UNION SELECT schemaname, viewname FROM pg_views UNION SELECT schemaname, matviewname FROM pg_matviews) t
 WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema' AND t.objectname IN ('movies', 'casts')
) SELECT t.* FROM table_privileges t ORDER BY 3;
-- case 2: what Metabase says first.
SET extra_float_digits = 3;
SHOW TRANSACTION ISOLATION LEVEL;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
BEGIN READ ONLY;
SELECT 1;
COMMIT;
-- case 3: privileges of whatever is visible are answered, whoever is meant.
SELECT relname, has_table_privilege(oid, 'SELECT'), has_any_column_privilege(oid, 'SELECT,INSERT'), has_table_privilege('postgres', oid, 'UPDATE WITH GRANT OPTION') FROM pg_class WHERE relname IN ('movies', 'casts', 'pg_class', 'pg_tables') ORDER BY 1;
SELECT has_table_privilege(1, 'SELECT'), has_schema_privilege('public', 'USAGE'), has_database_privilege(current_database(), 'CONNECT'), has_column_privilege('movies', 'title', 'SELECT');
-- case 4: whether a table can be read.
SELECT true FROM "public"."movies" WHERE 1 <> 1 LIMIT 0;
SELECT true FROM "public"."casts" WHERE 1 <> 1 LIMIT 0;
-- case 5: names of three parts in every clause.
SELECT "public"."movies"."title", count(*) AS "count" FROM "public"."movies" WHERE "public"."movies"."vote_count" > 10000 GROUP BY "public"."movies"."title" HAVING max("public"."movies"."vote_average") > 8 ORDER BY "public"."movies"."title" ASC LIMIT 5;
-- case 6: functions that are words.
SELECT current_catalog, current_schema, current_user, session_user, current_role, user;
SELECT pg_typeof(current_date), pg_typeof(current_time), pg_typeof(localtime), pg_typeof(localtimestamp), pg_typeof(current_timestamp(3));
-- case 10: ranges, enums and composites, as types are loaded.
SELECT typ.oid, typ.typname, rngsubtype FROM pg_range JOIN pg_type typ ON rngtypid = typ.oid ORDER BY 1;
SELECT enumtypid, enumlabel FROM pg_enum ORDER BY 1, enumsortorder;
SELECT typ.typname, att.attname, att.atttypid FROM pg_type typ JOIN pg_class cls ON cls.oid = typ.typrelid JOIN pg_attribute att ON att.attrelid = typ.typrelid WHERE typ.typtype = 'c' AND cls.relkind = 'c' ORDER BY 1, attnum;
-- case 11: a connection goes back to its pool.
DISCARD ALL;
DISCARD TEMP;
DISCARD PLANS;
-- case 18: every level is a level.
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SHOW transaction_isolation;
COMMIT;
START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
SHOW transaction_isolation;
ROLLBACK;
BEGIN ISOLATION LEVEL READ UNCOMMITTED;
COMMIT;
-- case 21: a type that is not there is no row.
select oid, typbasetype from pg_type where typname = 'lo';
-- case 22: the longest name.
SHOW max_identifier_length;
-- case 23: every setting has a name that SHOW knows. (Two came with late minor releases, one tells which it is.)
SELECT name, vartype, context, min_val, max_val, enumvals, category FROM pg_settings WHERE name !~ '^hazelgres' AND name NOT IN ('composite_type_mismatch', 'output_plugin_libraries', 'server_version_num') ORDER BY name COLLATE "C";
SELECT count(*) = 0 AS all_shown FROM pg_settings WHERE current_setting(name) IS NULL;
-- case 36: a time with a zone, as text, for each of the types.
--@ with 2024-02-29 01:02:03+02
SELECT $1::timestamp;
--@ with 2024-02-29 01:02:03+02
SELECT $1::timestamptz;
-- case 37: types of parameters, by what stands beside them.
--@ with 3
SELECT title FROM movies WHERE $1 = __key;
--@ with 3
SELECT $1 + 1;
--@ with 2
SELECT __key FROM movies ORDER BY __key LIMIT $1;
--@ with 1, 2
SELECT title FROM movies WHERE __key IN ($1, $2) ORDER BY 1;
--@ with 2024-03-01, 2024-02-01
SELECT $1::date - $2;
--@ with a
VALUES ($1);
-- case 46: prepared statements end in all ways.
PREPARE p AS SELECT 1;
DEALLOCATE PREPARE p;
DEALLOCATE p;
DEALLOCATE ALL;
-- case 47: functions with their schema and without.
SELECT pg_catalog.version() = version(), pg_catalog.current_schema(), pg_catalog.pg_backend_pid() = pg_backend_pid(), pg_catalog.current_database();
show standard_conforming_strings;
-- case 48: "char", and asyncpg's and SQLAlchemy's questions about types of one's own.
SELECT relkind, relpersistence, relkind::text FROM pg_class WHERE relname = 'movies';
SELECT t.typname FROM pg_type t LEFT JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') AND n.nspname = 'public';
-- case 49: what clients set.
SET standard_conforming_strings = on;
SET bytea_output = 'hex';
SET IntervalStyle = 'iso_8601';
SELECT interval '1 day 2 hours';
RESET IntervalStyle;
SET DateStyle = 'German';
SELECT date '2024-02-29';
RESET DateStyle;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_min_messages = warning;
RESET client_min_messages;
SET statement_timeout = '10min';
SHOW statement_timeout;
RESET statement_timeout;
SET row_security = off;
RESET row_security;
SET search_path TO public, pg_catalog;
RESET search_path;
SET work_mem = '64MB';
RESET work_mem;
SET client_encoding TO 'UTF8';
SET NAMES 'UTF8';
SET SESSION AUTHORIZATION DEFAULT;
SET nosuch_parameter = 1;
-- case 50: all databases, as structure panes list them.
SELECT d.oid > 0, d.datname IN ('template0', 'template1'), d.datistemplate, pg_encoding_to_char(encoding) FROM pg_database d WHERE datistemplate ORDER BY datname;
-- case 52: what Beekeeper and pgcli ask.
SELECT n.nspname as schema, t.typname as typename, t.oid::int4 as typeid FROM pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid)) AND NOT EXISTS(SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid) AND n.nspname NOT IN ('pg_catalog', 'information_schema');
SELECT s_p.nspname AS parentschema, t_p.relname AS parenttable, unnest((select array_agg(attname ORDER BY i) from (select unnest(confkey) as attnum, generate_subscripts(confkey, 1) as i) x JOIN pg_catalog.pg_attribute c USING(attnum) WHERE c.attrelid = fk.confrelid)) AS parentcolumn FROM pg_catalog.pg_constraint fk JOIN pg_catalog.pg_class t_p ON t_p.oid = fk.confrelid JOIN pg_catalog.pg_namespace s_p ON s_p.oid = t_p.relnamespace WHERE fk.contype = 'f';
-- case 54: DBeaver's tables and functions.
SELECT c.oid IS NOT NULL, conname FROM pg_catalog.pg_conversion c WHERE conname LIKE 'utf8_to_iso_8859_1%' ORDER BY 2;
SELECT pg_stat_get_numscans(oid) IS NOT NULL FROM pg_class WHERE relname = 'movies';
SELECT DISTINCT deptype FROM pg_catalog.pg_depend WHERE objid = 'movies'::regclass ORDER BY 1;
SELECT 'movies'::regclass::text, 'public.movies'::regclass = 'movies'::regclass, 'pg_class'::regclass::oid;
-- case 55: DataGrip's.
SELECT T.relname, T.xmin IS NULL FROM pg_catalog.pg_class T WHERE T.relname = 'pg_class';
SELECT count(*) >= 0 FROM pg_locks;
SELECT pg_postmaster_start_time() < now(), pg_catalog.age(NULL::xid);
SELECT obj_description('movies'::regclass, 'pg_class');
SELECT proname, proargtypes FROM pg_proc WHERE proname = 'lower' ORDER BY 2::text;
(SELECT 1 AS a) UNION ALL (SELECT 2) ORDER BY 1;
-- case 57: what psql's \d and \l call.
SELECT pg_catalog.pg_table_is_visible('movies'::regclass), pg_catalog.pg_encoding_to_char(6), pg_catalog.pg_get_userbyid(10);
-- case 58: Grafana's list of tables.
SELECT CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i, string_to_array(current_setting('search_path'), ',') s) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache') AND table_name IN ('movies', 'casts') ORDER BY 1;
SELECT current_setting('server_version_num')::int / 100 > 1500;
SELECT parse_ident('public.movies'), parse_ident('"A b".c');
-- case 59: Looker's least and greatest day, and its sums that are not fooled by joins.
SELECT min(release_date), max(release_date), min(release_date::date) FROM movies WHERE release_date ~ '^\d{4}-\d\d-\d\d$';
SELECT COALESCE(CAST((SUM(DISTINCT (CAST(FLOOR(COALESCE(vote_count, 0) * 1000000) AS DECIMAL(65, 0))) + ('x' || MD5(__key::varchar))::bit(64)::bigint::DECIMAL(65) * 18446744073709551616 + ('x' || SUBSTR(MD5(__key::varchar), 17))::bit(64)::bigint::DECIMAL(65)) - SUM(DISTINCT ('x' || MD5(__key::varchar))::bit(64)::bigint::DECIMAL(65) * 18446744073709551616 + ('x' || SUBSTR(MD5(__key::varchar), 17))::bit(64)::bigint::DECIMAL(65))) AS DOUBLE PRECISION) / 1000000.0, 0) AS total FROM movies;
-- case 61: ADBC's types.
SELECT oid, typname, typreceive::text, typarray, typrelid > 0 AS is_row FROM pg_catalog.pg_type WHERE (typreceive != 0 OR typsend != 0) AND typtype != 'r' AND typreceive::TEXT != 'array_recv' AND typnamespace = 'pg_catalog'::regnamespace AND typtype <> 'c' ORDER BY oid;
SELECT 'movies'::regclass::oid = (SELECT oid FROM pg_class WHERE relname = 'movies');
-- case 68: each kind of failure has its state.
SELEC 1;
SELECT * FROM nowhere;
SELECT nothing FROM movies;
SELECT nosuch(1);
SELECT 1/0;
SELECT 'x'::int;
SELECT 99999999999::int;
SELECT '2024-02-30'::date;
SELECT 1 = 'x'::text;
SELECT __key FROM movies GROUP BY title;
SELECT substring('a' FROM 1 FOR -1);
SELECT (SELECT __key FROM movies);
FETCH 1 FROM nowhere;
EXECUTE nowhere;
SAVEPOINT a;
BEGIN;
SELECT 1/0;
SELECT 1;
ROLLBACK;
SET statement_timeout = 20;
SELECT pg_sleep(5);
RESET statement_timeout;
BEGIN READ ONLY;
DELETE FROM movies WHERE false;
ROLLBACK;
