-- UPDATE and ON CONFLICT of Compact and Portable records: what a mapping does not name stays.
--@ gateway
CREATE OR REPLACE MAPPING wide (__key INT, id INT, big BIGINT, small SMALLINT, name VARCHAR, price DECIMAL, score DOUBLE, r REAL, ok BOOLEAN, born DATE, clock_ TIME, made TIMESTAMP, seen TIMESTAMP WITH TIME ZONE)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'wide');
CREATE OR REPLACE MAPPING narrow EXTERNAL NAME wide (__key INT, name VARCHAR, id INT)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'wide');
CREATE OR REPLACE MAPPING wider EXTERNAL NAME wide (__key INT, id INT, name VARCHAR, more VARCHAR, n BIGINT)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'wide');
CREATE OR REPLACE MAPPING carts (__key INT, id INT, name VARCHAR, price DECIMAL, born DATE, ok BOOLEAN)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'portable', 'valuePortableFactoryId' = '77', 'valuePortableClassId' = '1');
CREATE OR REPLACE MAPPING fewer EXTERNAL NAME carts (__key INT, name VARCHAR, born DATE)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'portable', 'valuePortableFactoryId' = '77', 'valuePortableClassId' = '1');
--@ oracle
CREATE TABLE wide (__key int PRIMARY KEY, id int, big bigint, small smallint, name varchar, price numeric, score float8, r real, ok boolean, born date, clock_ time, made timestamp, seen timestamptz, more varchar, n bigint);
CREATE VIEW narrow AS SELECT __key, name, id FROM wide;
CREATE VIEW wider AS SELECT __key, id, name, more, n FROM wide;
CREATE TABLE carts (__key int PRIMARY KEY, id int, name varchar, price numeric, born date, ok boolean);
CREATE VIEW fewer AS SELECT __key, name, born FROM carts;
--@ both
INSERT INTO wide (__key, id, big, small, name, price, score, r, ok, born, clock_, made, seen) VALUES (1, 10, 9223372036854775807, 7, 'one', 1.50, 0.1, 1.5, true, '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+02'), (2, 20, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, 30, -1, -2, 'trois ✓ 𝄞', -0.001, 'NaN', '-Infinity', false, '0001-01-01', '00:00:00', '1969-12-31 23:59:59.999999', '1970-01-01 00:00:00+00');
UPDATE wide SET name = upper(name) || '!', price = price * 3, born = born + 1, ok = NOT ok WHERE __key IN (1, 3) RETURNING __key, name, price, born, ok;
SELECT __key, id, big, small, name, price, score, r, ok, born, clock_, made, seen FROM wide ORDER BY __key;
UPDATE wide SET score = 2.5, r = 0.5, big = big - 1, small = small + 1, clock_ = clock_ + interval '1 hour', made = made + interval '1 month', seen = seen - interval '1 day' WHERE id = 10;
UPDATE wide SET name = 'two', price = 2.00, score = 2, r = 2, ok = true, born = '2020-02-20', clock_ = '02:02', made = '2020-02-20 02:02', seen = '2020-02-20 02:02+00', big = 2, small = 2 WHERE __key = 2;
UPDATE wide SET name = NULL, price = NULL, score = NULL, r = NULL, ok = NULL, born = NULL, clock_ = NULL, made = NULL, seen = NULL, big = NULL, small = NULL WHERE __key = 3 RETURNING __key, id, name, price;
SELECT __key, id, big, small, name, price, score, r, ok, born, clock_, made, seen FROM wide ORDER BY __key;
UPDATE narrow SET name = 'narrow ' || __key, id = id + 1 RETURNING *;
UPDATE narrow SET id = (SELECT max(id) FROM narrow) WHERE __key = 2;
UPDATE narrow AS n SET name = o.name FROM narrow AS o WHERE o.__key = n.__key + 1 RETURNING n.__key, n.name, o.name;
SELECT __key, id, big, small, name, price, score, r, ok, born, clock_, made, seen FROM wide ORDER BY __key;
SELECT __key, id, name, more, n FROM wider ORDER BY __key;
UPDATE wider SET more = 'more', n = id * 1000000000000 WHERE __key <> 2 RETURNING *;
UPDATE wider SET more = NULL WHERE __key = 2;
SELECT __key, id, name, more, n FROM wider ORDER BY __key;
SELECT __key, id, big, small, name, price, score, r, ok, born, clock_, made, seen FROM wide ORDER BY __key;
UPDATE wide SET id = id / (id - 31);
UPDATE wide SET big = 9223372036854775807 + id;
SELECT __key, id, big FROM wide ORDER BY __key;
WITH u AS (UPDATE wide SET id = 0 WHERE __key = 1 RETURNING id, name) SELECT * FROM u;
--@ with 2, parameter
UPDATE wide SET id = $1, name = $2 WHERE __key = $1;
SELECT __key, id, name FROM wide ORDER BY __key;
INSERT INTO carts VALUES (1, 10, 'one', 1.50, '2024-02-29', true), (2, 20, NULL, NULL, NULL, false);
UPDATE carts SET name = coalesce(name, 'none') || '!', price = coalesce(price, 0) + 1, born = '2021-01-01', id = id + 1, ok = NOT ok RETURNING *;
UPDATE fewer SET name = 'fewer', born = born + 1 WHERE __key = 2 RETURNING *;
UPDATE carts SET name = NULL, price = NULL, born = NULL WHERE __key = 1;
SELECT * FROM carts ORDER BY __key;
DELETE FROM wide WHERE ok IS NULL RETURNING __key;
DELETE FROM carts;
INSERT INTO narrow VALUES (1, 'x', 5), (2, 'y', 6), (8, 'z', 7) ON CONFLICT (__key) DO UPDATE SET name = narrow.name || EXCLUDED.name, id = EXCLUDED.id RETURNING *;
SELECT __key, id, big, small, name, price FROM wide ORDER BY __key;
-- Keys that are equal and not the same.
--@ gateway
CREATE OR REPLACE MAPPING zeros (__key DECIMAL, this INT) TYPE IMap OPTIONS ('keyFormat' = 'decimal', 'valueFormat' = 'int');
CREATE OR REPLACE MAPPING zero_records (k DECIMAL EXTERNAL NAME "__key.k", n INT) TYPE IMap OPTIONS ('keyFormat' = 'compact', 'keyCompactTypeName' = 'zero_key', 'valueFormat' = 'json-flat');
CREATE OR REPLACE MAPPING signs (__key DOUBLE, this INT) TYPE IMap OPTIONS ('keyFormat' = 'double', 'valueFormat' = 'int');
--@ oracle
CREATE TABLE zeros (__key numeric, this int NOT NULL);
CREATE TABLE zero_records (k numeric, n int);
CREATE TABLE signs (__key float8, this int NOT NULL);
--@ both
INSERT INTO zeros VALUES (1.0, 1), (1.00, 5), (2, 2);
INSERT INTO zero_records VALUES (1.0, 1), (1.00, 5), (2, 2);
INSERT INTO signs VALUES (0, 1), ('-0', 5), (2, 2);
UPDATE zeros SET this = this + 100;
UPDATE zeros SET this = this + 100 WHERE this < 103;
UPDATE zero_records SET n = n + 100 WHERE n = 5 RETURNING *;
UPDATE signs SET this = this + 100;
SELECT * FROM zeros ORDER BY this;
SELECT * FROM zero_records ORDER BY n;
SELECT * FROM signs ORDER BY this;
DELETE FROM zeros WHERE this = 105 RETURNING *;
DELETE FROM zero_records WHERE n = 1 RETURNING *;
DELETE FROM signs WHERE this = 101 RETURNING *;
SELECT * FROM zeros ORDER BY this;
SELECT * FROM zero_records ORDER BY n;
SELECT * FROM signs ORDER BY this;
