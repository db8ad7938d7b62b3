-- What drivers say to a session.
SET application_name = 'it';
SHOW application_name;
SET extra_float_digits = 3;
SHOW extra_float_digits;
RESET extra_float_digits;
SHOW extra_float_digits;
SHOW standard_conforming_strings;
SHOW server_encoding;
SHOW transaction_isolation;
SET TIME ZONE 'UTC';
SHOW TimeZone;
SET DateStyle = 'ISO, MDY';
SHOW DateStyle;
BEGIN;
SELECT 1;
COMMIT;
START TRANSACTION ISOLATION LEVEL READ COMMITTED;
ROLLBACK;
COMMIT;
BEGIN;
SELECT nosuch;
SELECT 1;
ROLLBACK;
SELECT 1;
DISCARD ALL;
DEALLOCATE ALL;
SELECT current_setting('server_version_num')::int / 10000;
SELECT set_config('application_name', 'x', false);

--@ refused
SET standard_conforming_strings = off;
SET standard_conforming_strings = 'true';
--@ refused
SET transform_null_equals = on;
--@ refused
SET array_nulls = off;
--@ refused
SELECT set_config('quote_all_identifiers', 'on', false);
--@ refused
SET timezone_abbreviations = 'India';
SET timezone_abbreviations = 'Default';
SET timezone_abbreviations = 'Nowhere';
RESET standard_conforming_strings;
RESET transform_null_equals;
RESET array_nulls;
RESET quote_all_identifiers;

-- The modes of a transaction are settled by its first query, and not changed within a savepoint.
BEGIN;
SET TRANSACTION READ ONLY;
SET TRANSACTION READ WRITE;
SET TRANSACTION READ ONLY;
SELECT 1;
SET TRANSACTION READ WRITE;
ROLLBACK;
BEGIN;
SELECT 1;
SET TRANSACTION READ WRITE;
SET TRANSACTION READ ONLY;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
SHOW transaction_read_only;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT 1;
SET TRANSACTION DEFERRABLE;
ROLLBACK;
BEGIN READ ONLY;
SAVEPOINT s;
SET TRANSACTION READ WRITE;
ROLLBACK;
BEGIN;
SAVEPOINT s;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
ROLLBACK;
SET TRANSACTION READ WRITE;

-- A statement that was prepared is about what its names mean now.
SET search_path = information_schema;
PREPARE by_path AS SELECT count(*) > 0 AS some FROM tables;
EXECUTE by_path;
SET search_path = public;
EXECUTE by_path;
SET search_path = information_schema;
EXECUTE by_path;
RESET search_path;
DEALLOCATE by_path;
