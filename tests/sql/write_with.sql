-- Changes in WITH: each is made once, and what others learn of it is what RETURNING says.
--@ gateway
CREATE OR REPLACE MAPPING moved (__key INT, name VARCHAR, n INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
CREATE OR REPLACE MAPPING kept (__key INT, name VARCHAR, n INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
DELETE FROM moved;
DELETE FROM kept;
--@ oracle
CREATE TABLE moved (__key int PRIMARY KEY, name varchar, n int);
CREATE TABLE kept (__key int PRIMARY KEY, name varchar, n int);
--@ both
INSERT INTO moved VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4);
WITH d AS (DELETE FROM moved WHERE n > 2 RETURNING *) INSERT INTO kept SELECT * FROM d;
SELECT * FROM moved ORDER BY __key;
SELECT * FROM kept ORDER BY __key;
WITH i AS (INSERT INTO moved VALUES (5, 'e', 5) RETURNING __key, upper(name) AS name) SELECT * FROM i;
WITH i AS (INSERT INTO moved VALUES (6, 'f', 6)) SELECT count(*) FROM moved;
WITH i AS (INSERT INTO moved VALUES (7, 'g', 7) RETURNING n) SELECT n FROM i UNION ALL SELECT n FROM moved ORDER BY 1;
SELECT * FROM moved ORDER BY __key;
WITH u AS (UPDATE moved SET n = n * 10 WHERE __key IN (1, 2) RETURNING __key, n) SELECT sum(n), count(*), (SELECT sum(n) FROM moved) FROM u;
SELECT * FROM moved ORDER BY __key;
WITH u AS (UPDATE moved SET name = 'zz' WHERE __key = 1 RETURNING *) INSERT INTO moved SELECT 99, 'new', 0 WHERE NOT EXISTS (SELECT FROM u);
WITH u AS (UPDATE moved SET name = 'zz' WHERE __key = 98 RETURNING *) INSERT INTO moved SELECT 98, 'new', 0 WHERE NOT EXISTS (SELECT FROM u);
SELECT * FROM moved ORDER BY __key;
WITH d AS (DELETE FROM moved WHERE __key = 98 RETURNING *), i AS (INSERT INTO kept SELECT __key, name, n FROM d RETURNING __key) SELECT d.name, i.__key FROM d JOIN i ON i.__key = d.__key;
WITH x AS (SELECT __key, n FROM moved WHERE n < 7), u AS (UPDATE kept SET n = x.n FROM x WHERE kept.__key = 3 AND x.__key = 5 RETURNING kept.*) SELECT *, (SELECT count(*) FROM x) FROM u;
WITH d AS (DELETE FROM kept WHERE false RETURNING *) SELECT count(*) FROM d;
WITH d AS (DELETE FROM kept WHERE false RETURNING *) SELECT * FROM d;
WITH i (a, b) AS (INSERT INTO kept VALUES (50, 'fifty', 50) RETURNING __key, name) SELECT b, a FROM i;
WITH i AS (INSERT INTO kept VALUES (51, 'x', 1) RETURNING n) UPDATE moved SET n = i.n FROM i WHERE moved.__key = 5 RETURNING moved.*;
WITH i AS (INSERT INTO kept VALUES (52, 'x', 1) RETURNING n) DELETE FROM moved USING i WHERE moved.__key = 5 + i.n RETURNING moved.*;
--@ with 60, sixty
WITH i AS (INSERT INTO kept (__key, name) VALUES ($1, $2) RETURNING *) SELECT name, __key, n FROM i;
--@ with 60
WITH a AS (SELECT $1::int AS k), d AS (DELETE FROM kept USING a WHERE __key = k RETURNING __key) SELECT * FROM d;
WITH u AS (UPDATE kept SET n = 7 WHERE __key = 50 RETURNING *), v AS (SELECT __key + 100 AS k, name FROM u), i AS (INSERT INTO moved SELECT k, name, 1 FROM v RETURNING *) SELECT i.*, v.k FROM i, v;
WITH i AS (INSERT INTO kept VALUES (53, 'x', 1) ON CONFLICT (__key) DO UPDATE SET n = excluded.n + 1 RETURNING *) SELECT * FROM i;
WITH i AS (INSERT INTO kept VALUES (53, 'x', 1) ON CONFLICT (__key) DO UPDATE SET n = excluded.n + 1 RETURNING *) SELECT * FROM i;
WITH i AS (INSERT INTO kept VALUES (53, 'x', 1) ON CONFLICT DO NOTHING RETURNING *) SELECT count(*) FROM i;
SELECT * FROM moved ORDER BY __key;
SELECT * FROM kept ORDER BY __key;
WITH i AS (INSERT INTO kept VALUES (54, 'x', 1)) SELECT * FROM i;
SELECT * FROM (WITH i AS (INSERT INTO kept VALUES (54, 'x', 1) RETURNING *) SELECT * FROM i) s;
WITH i AS (INSERT INTO kept VALUES (54, 'x', 1 / 0) RETURNING *) SELECT * FROM i;
WITH i AS (INSERT INTO kept VALUES (1, 2, 3, 4) RETURNING *) SELECT * FROM i;
WITH i AS (INSERT INTO kept VALUES (50, 'x', 1) RETURNING *) SELECT * FROM i;
EXPLAIN WITH i AS (INSERT INTO kept VALUES (1, 2, 3, 4) RETURNING *) SELECT * FROM i;
WITH i AS (DELETE FROM kept RETURNING nothing) SELECT * FROM i;
WITH i AS (DELETE FROM kept RETURNING n) SELECT nothing FROM i;
BEGIN;
DECLARE c CURSOR FOR WITH i AS (DELETE FROM kept RETURNING *) SELECT * FROM i;
ROLLBACK;
BEGIN READ ONLY;
WITH i AS (DELETE FROM kept RETURNING *) SELECT * FROM i;
ROLLBACK;
--@ refused
WITH i AS (INSERT INTO kept SELECT 54, 'x', 1 WHERE false RETURNING n) SELECT * FROM i JOIN kept USING (n);
--@ refused
WITH i AS (UPDATE kept SET n = 1 WHERE false) UPDATE kept SET n = 2 WHERE false;
--@ refused
WITH RECURSIVE i AS (DELETE FROM kept WHERE false RETURNING *) SELECT * FROM i;
SELECT * FROM kept ORDER BY __key;
WITH d AS (DELETE FROM kept RETURNING *) SELECT count(*), sum(n) FROM d;
SELECT count(*) FROM kept;
--@ refused
WITH d AS (DELETE FROM moved WHERE false RETURNING n), i AS (WITH y AS (SELECT count(*) AS c FROM moved) INSERT INTO kept SELECT 90, 'y', c FROM y RETURNING n) SELECT * FROM i, d;
--@ refused
WITH d AS (DELETE FROM moved WHERE false RETURNING n), y AS (SELECT (SELECT count(*) FROM moved) AS c FROM d) INSERT INTO kept SELECT 91, 'y', c FROM y;
--@ refused
WITH d AS (DELETE FROM moved WHERE false RETURNING n) INSERT INTO kept VALUES (92, 'y', 1) ON CONFLICT (__key) DO UPDATE SET n = (SELECT count(*) FROM moved);
--@ gateway
EXPLAIN WITH d AS (DELETE FROM kept WHERE __key = 50 RETURNING *) SELECT * FROM d;
EXPLAIN (ANALYZE, FORMAT json) WITH d AS (DELETE FROM kept WHERE __key = 1050 RETURNING *) INSERT INTO moved SELECT * FROM d;
--@ both
SELECT * FROM kept WHERE __key = 50;
