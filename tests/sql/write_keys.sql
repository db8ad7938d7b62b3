-- UPDATE of columns of the key: entries move.
--@ gateway
CREATE OR REPLACE MAPPING berths (__key INT, name VARCHAR, n INT)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
CREATE OR REPLACE MAPPING brands (__key VARCHAR, this VARCHAR)
TYPE IMap OPTIONS ('keyFormat' = 'varchar', 'valueFormat' = 'varchar');
CREATE OR REPLACE MAPPING seats (hall INT EXTERNAL NAME "__key.hall", seat VARCHAR EXTERNAL NAME "__key.seat", guest VARCHAR)
TYPE IMap OPTIONS ('keyFormat' = 'json-flat', 'valueFormat' = 'json-flat');
--@ oracle
CREATE TABLE berths (__key int PRIMARY KEY, name varchar, n int);
CREATE TABLE brands (__key varchar PRIMARY KEY, this varchar NOT NULL);
CREATE TABLE seats (hall int, seat varchar, guest varchar, PRIMARY KEY (hall, seat));
--@ both
INSERT INTO berths VALUES (11, 'a', 1), (12, 'b', 2), (13, 'c', 3), (14, 'd', 4);
INSERT INTO brands VALUES ('x', 'one'), ('y', 'two');
INSERT INTO seats VALUES (1, 'A', 'Ada'), (1, 'B', 'Bob'), (2, 'A', 'Cyd');
-- What is there already, or was a moment ago.
UPDATE berths SET __key = 12 WHERE __key = 11;
UPDATE berths SET __key = __key + 1;
UPDATE berths SET __key = 99;
UPDATE berths SET __key = 25 - __key WHERE __key IN (12, 13);
UPDATE berths SET __key = NULL WHERE __key = 11;
UPDATE berths SET __key = 1 / (__key - 14) WHERE __key = 14;
UPDATE berths SET __key = 'x' WHERE __key = 11;
UPDATE berths SET __key = 99999999999 WHERE __key = 11;
SELECT * FROM berths ORDER BY __key;
-- Down by one, each to where the one before was.
UPDATE berths SET __key = __key - 1, n = n + 10 WHERE name IN ('a', 'b', 'c', 'd');
SELECT * FROM berths ORDER BY __key;
UPDATE berths SET __key = 50, name = upper(name) WHERE name = 'a' RETURNING *;
UPDATE berths SET __key = 51 WHERE name = 'A' RETURNING __key + 1 AS next, name, n;
UPDATE berths SET __key = __key WHERE name = 'A' RETURNING __key;
UPDATE berths SET __key = __key + 0, n = 0 WHERE name = 'A' RETURNING *;
UPDATE berths SET __key = (SELECT max(__key) + 1 FROM berths) WHERE name = 'b';
UPDATE berths p SET __key = 1000 + v.x FROM (VALUES ('c', 1), ('d', 2)) v(name, x) WHERE v.name = p.name RETURNING p.__key, v.x, p.name;
UPDATE berths SET (__key, n) = (SELECT 70, 71) WHERE name = 'c';
UPDATE berths SET __key = 1 WHERE name = 'nobody';
SELECT name, n, __key < 1000 FROM berths ORDER BY name;
UPDATE berths SET __key = 5, __key = 6;
UPDATE brands SET __key = 'z' WHERE __key = 'x';
UPDATE brands SET __key = 'y' WHERE __key = 'z';
UPDATE brands SET __key = __key || '!', this = this || '?' RETURNING *;
SELECT * FROM brands ORDER BY __key;
-- Parts of keys.
UPDATE seats SET seat = 'B' WHERE guest = 'Ada';
UPDATE seats SET hall = 2 WHERE guest = 'Ada';
UPDATE seats SET hall = 2 WHERE guest = 'Bob' RETURNING *;
UPDATE seats SET seat = NULL WHERE guest = 'Bob';
UPDATE seats SET hall = hall + 10, seat = seat || seat, guest = upper(guest) RETURNING hall, seat, guest;
SELECT * FROM seats ORDER BY hall, seat;
WITH moved AS (UPDATE seats SET hall = 0 WHERE guest = 'ADA' RETURNING *) SELECT hall, guest FROM moved;
--@ with 77, A
UPDATE berths SET __key = $1::int WHERE name = $2;
DELETE FROM berths;
DELETE FROM brands;
DELETE FROM seats;
