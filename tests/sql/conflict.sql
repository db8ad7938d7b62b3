-- WITH before changes, ON CONFLICT, DEFAULT VALUES, several columns from one subquery.
--@ gateway
CREATE OR REPLACE MAPPING stock (__key INT, name VARCHAR, n INT)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
CREATE OR REPLACE MAPPING words (__key VARCHAR, this VARCHAR)
TYPE IMap OPTIONS ('keyFormat' = 'varchar', 'valueFormat' = 'varchar');
--@ oracle
CREATE TABLE stock (__key int PRIMARY KEY, name varchar, n int);
CREATE TABLE words (__key varchar PRIMARY KEY, this varchar NOT NULL);
--@ both
INSERT INTO stock VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO stock VALUES (1, 'x', 9), (3, 'c', 3) ON CONFLICT DO NOTHING;
INSERT INTO stock VALUES (1, 'x', 9), (4, 'd', 4), (4, 'e', 5) ON CONFLICT (__key) DO NOTHING RETURNING *;
SELECT * FROM stock ORDER BY __key;
INSERT INTO stock VALUES (1, 'x', 9), (5, 'e', 5) ON CONFLICT (__key) DO UPDATE SET name = EXCLUDED.name, n = stock.n + EXCLUDED.n RETURNING *;
INSERT INTO stock AS s VALUES (1, 'y', 9), (2, 'y', 0) ON CONFLICT (__key) DO UPDATE SET n = EXCLUDED.n WHERE EXCLUDED.n > s.n - 5 RETURNING s.__key, s.n, s.name;
INSERT INTO stock AS s (__key, n) VALUES (1, 1) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET (name, n) = (EXCLUDED.name, s.n + 1);
INSERT INTO stock VALUES (2, 'bb', 22) ON CONFLICT (__key) DO UPDATE SET __key = EXCLUDED.__key, name = EXCLUDED.name, n = EXCLUDED.n;
INSERT INTO stock VALUES (2, 'bb', 22) ON CONFLICT (__key) DO UPDATE SET name = stock.name || (SELECT '!' || EXCLUDED.n);
SELECT * FROM stock ORDER BY __key;
INSERT INTO stock VALUES (1, 'b', 2), (1, 'c', 3) ON CONFLICT (__key) DO UPDATE SET n = 1;
INSERT INTO stock VALUES (7, 'b', 2), (7, 'c', 3) ON CONFLICT (__key) DO UPDATE SET n = 1;
INSERT INTO stock AS s VALUES (2, 'b', 0), (2, 'c', 3) ON CONFLICT (__key) DO UPDATE SET n = EXCLUDED.n WHERE EXCLUDED.n > 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = n + 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (count(*)) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) WHERE count(*) > 1 DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) WHERE n > (SELECT 1) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) WHERE n > 1 DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT ((__key)) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT ((__key + 1)) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (nothing) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key DESC) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key NULLS FIRST) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key int4_ops) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT DO UPDATE SET n = 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT ON CONSTRAINT nothing DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = 1 RETURNING excluded.n;
INSERT INTO stock AS t VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = stock.n;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key, n) DO NOTHING;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET nn = 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = count(*);
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = 'x';
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = true;
INSERT INTO stock VALUES (NULL, 'b', 2) ON CONFLICT (__key) DO UPDATE SET n = 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO UPDATE n = 1;
INSERT INTO stock VALUES (1, 'b', 2) ON CONFLICT (__key) DO;
--@ with 1, param, 5
INSERT INTO stock VALUES ($1, $2, $3) ON CONFLICT (__key) DO UPDATE SET name = $2 || EXCLUDED.name, n = stock.n + $3 RETURNING name, n;
SELECT * FROM stock ORDER BY __key;
INSERT INTO words VALUES ('k', 'v') ON CONFLICT (__key) DO UPDATE SET this = EXCLUDED.this || words.this;
INSERT INTO words VALUES ('k', 'w'), ('l', 'x') ON CONFLICT (__key) DO UPDATE SET this = EXCLUDED.this || words.this RETURNING *;
-- A value that is a map's whole value is never NULL, and what RETURNING can't compute is seen before anything is written.
INSERT INTO words (__key) VALUES ('n');
INSERT INTO words VALUES ('n', NULL) ON CONFLICT DO NOTHING;
INSERT INTO words VALUES ('k', 'y') ON CONFLICT (__key) DO UPDATE SET this = DEFAULT;
UPDATE words SET this = NULL WHERE __key = 'k';
INSERT INTO words VALUES ('k', 'y'), ('new', 'z') ON CONFLICT (__key) DO UPDATE SET this = EXCLUDED.this RETURNING 1 / length(words.this) - words.this::int;
INSERT INTO words VALUES ('new', 'z') ON CONFLICT DO NOTHING RETURNING this::int;
INSERT INTO words VALUES ('k', 'z') RETURNING this::int;
SELECT * FROM words ORDER BY __key;
-- Of several rows the first that fails is told: its NULLs, then its key.
INSERT INTO words VALUES ('k', 'again'), ('fresh', NULL);
INSERT INTO words VALUES ('fresh', NULL), ('k', 'again');
INSERT INTO words VALUES ('fresh', 'x'), ('fresh', NULL), ('fresh', 'z');
SELECT * FROM words ORDER BY __key;
SELECT * FROM words ORDER BY __key;
INSERT INTO words DEFAULT VALUES;
INSERT INTO stock DEFAULT VALUES;
WITH v AS (SELECT * FROM (VALUES (11, 'k', 1), (12, 'l', 2)) AS v (a, b, c)) INSERT INTO stock SELECT * FROM v;
WITH v (a) AS (VALUES (13), (14)), w AS (SELECT a + 10 AS a FROM v) INSERT INTO stock (__key, n) WITH x AS (SELECT a FROM w) SELECT x.a, v.a FROM x, v WHERE x.a = v.a + 10 RETURNING *, (SELECT count(*) FROM v);
WITH v AS (SELECT 15 AS k) INSERT INTO stock VALUES ((SELECT k FROM v), 'n', 3) ON CONFLICT (__key) DO UPDATE SET n = (SELECT k FROM v);
WITH v AS (SELECT 15 AS k) INSERT INTO stock VALUES ((SELECT k FROM v), 'n', 3) ON CONFLICT (__key) DO UPDATE SET n = (SELECT k FROM v) RETURNING n, (SELECT k + 1 FROM v);
WITH RECURSIVE r AS (SELECT 31 AS k UNION ALL SELECT k + 1 FROM r WHERE k < 35) INSERT INTO stock (__key, n) SELECT k, k * 2 FROM r;
WITH v AS (SELECT 31 AS k UNION ALL SELECT 32) UPDATE stock SET n = v.k FROM v WHERE v.k = stock.__key;
WITH v AS (SELECT 31 AS k) UPDATE stock SET name = 'one' WHERE __key IN (SELECT k FROM v) RETURNING __key, name, (SELECT k FROM v);
WITH v AS (SELECT 33 AS k) DELETE FROM stock WHERE __key IN (SELECT k FROM v) RETURNING *;
WITH v AS (SELECT 34 AS k) DELETE FROM stock USING v WHERE __key = k RETURNING stock.*, v.k;
UPDATE stock SET (name, n) = (SELECT 'sub', __key * 10) WHERE __key = 31 RETURNING *;
UPDATE stock s SET (name, n) = (SELECT upper(o.name), o.n + 1 FROM stock o WHERE o.__key = s.__key - 1) WHERE __key = 2 RETURNING *;
UPDATE stock SET (name, n) = (SELECT 'none', 1 WHERE false) WHERE __key = 31 RETURNING *;
UPDATE stock SET (n, name) = (SELECT 1);
UPDATE stock SET (n, name) = (SELECT 1, 2, 3);
UPDATE stock SET (n, name) = (SELECT 'x', 'y');
UPDATE stock SET (n, name) = (SELECT __key, name FROM stock);
UPDATE stock SET (n) = (SELECT 7) WHERE __key = 31;
UPDATE stock SET (n) = ROW(8), name = DEFAULT WHERE __key = 31;
-- What the table was, not what it is becoming.
UPDATE stock SET n = (SELECT sum(n) FROM stock) WHERE __key < 10;
SELECT * FROM stock ORDER BY __key;
UPDATE stock SET n = (SELECT count(*) FROM stock o WHERE o.n < stock.n);
UPDATE stock a SET n = b.n FROM stock b WHERE b.__key = a.__key + 1;
SELECT * FROM stock ORDER BY __key;
INSERT INTO stock (__key) VALUES (90) RETURNING (SELECT max(__key) FROM stock);
-- What fails for one row leaves all as they were.
UPDATE stock SET n = 100 / (__key - 4);
UPDATE stock SET n = __key, name = 'changed' RETURNING 1 / (__key - 31);
UPDATE stock SET n = 2000000000 + __key * 10000000;
SELECT * FROM stock ORDER BY __key;
-- More rows than one statement of the cluster has, and the last is there.
INSERT INTO stock (__key) SELECT i FROM generate_series(1000, 1400) i UNION ALL SELECT 2;
SELECT count(*) FROM stock WHERE __key >= 1000;
INSERT INTO stock (__key) SELECT i FROM generate_series(1000, 1400) i UNION ALL SELECT 1000;
SELECT count(*) FROM stock WHERE __key >= 1000;
INSERT INTO stock (__key) SELECT i FROM generate_series(1000, 1400) i;
INSERT INTO stock (__key, n) SELECT i, 1 FROM generate_series(1000, 1500) i ON CONFLICT (__key) DO UPDATE SET n = 2;
SELECT n, count(*) FROM stock WHERE __key >= 1000 GROUP BY n ORDER BY n;
DELETE FROM stock;
DELETE FROM words;
-- All that becomes of the rows is known before the first is written.
DELETE FROM stock;
INSERT INTO stock VALUES (1, 'a', 1), (2, 'b', 0);
INSERT INTO stock VALUES (7, 'g', 1), (8, 'h', 1), (7, 'i', 1) ON CONFLICT (__key) DO UPDATE SET n = EXCLUDED.n WHERE stock.n > 0;
INSERT INTO stock VALUES (7, 'g', 1), (1, 'x', 4), (2, 'y', 4) ON CONFLICT (__key) DO UPDATE SET n = EXCLUDED.n / stock.n;
SELECT * FROM stock ORDER BY __key;
INSERT INTO stock VALUES (2, 'y', 4), (2, 'z', 5), (1, 'x', 6) ON CONFLICT (__key) DO UPDATE SET name = EXCLUDED.name WHERE stock.n = 1 RETURNING *;
INSERT INTO stock VALUES (1, 'x', 4), (2, 'y', 4), (3, 'z', 5) ON CONFLICT (__key) DO UPDATE SET n = (SELECT max(s.n) FROM stock s) + EXCLUDED.n RETURNING __key, n, (SELECT count(*) FROM stock);
INSERT INTO stock SELECT __key + 1, name, n FROM stock ON CONFLICT (__key) DO UPDATE SET name = stock.name || EXCLUDED.name;
INSERT INTO stock VALUES (1, 'q', 0), (9, 'r', 0) ON CONFLICT DO NOTHING RETURNING __key, (SELECT string_agg(name, ',' ORDER BY __key) FROM stock);
SELECT * FROM stock ORDER BY __key;
-- What RETURNING fails at is known before the first row is written.
INSERT INTO stock VALUES (1, 'q', 0), (2, 'q', 5), (40, 'q', 1) ON CONFLICT (__key) DO UPDATE SET n = EXCLUDED.n RETURNING 1 / (stock.n - 5);
INSERT INTO stock VALUES (41, 'q', 1), (42, 'q', 5) ON CONFLICT DO NOTHING RETURNING 1 / (n - 5);
INSERT INTO stock VALUES (41, 'q', 1), (1, 'q', 5) ON CONFLICT DO NOTHING RETURNING 1 / (n - 5);
SELECT * FROM stock ORDER BY __key;
-- Keys of several parts.
--@ gateway
CREATE OR REPLACE MAPPING parts (a INT EXTERNAL NAME "__key.a", b VARCHAR EXTERNAL NAME "__key.b", n INT) TYPE IMap OPTIONS ('keyFormat' = 'json-flat', 'valueFormat' = 'json-flat');
--@ oracle
CREATE TABLE parts (a int, b varchar, n int, PRIMARY KEY (a, b));
--@ both
INSERT INTO parts VALUES (1, 'x', 1), (2, NULL, 2);
INSERT INTO parts (b, n) VALUES ('x', 1);
INSERT INTO parts VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3) RETURNING a, b;
INSERT INTO parts VALUES (1, 'x', 5), (3, 'z', 5) ON CONFLICT (a, b) DO UPDATE SET n = parts.n + EXCLUDED.n RETURNING *;
--@ gateway
SINK INTO parts (a, n) VALUES (4, 7), (5, 8);
SINK INTO parts (b, n) VALUES ('only', 9);
--@ oracle
ALTER TABLE parts DROP CONSTRAINT parts_pkey, ALTER a DROP NOT NULL, ALTER b DROP NOT NULL;
INSERT INTO parts VALUES (4, NULL, 7), (5, NULL, 8), (NULL, 'only', 9);
--@ both
UPDATE parts SET n = n * 10 WHERE b IS NULL RETURNING a, b, n;
UPDATE parts SET n = n + 1;
SELECT * FROM parts ORDER BY a, b;
DELETE FROM parts WHERE a = 4 RETURNING *;
DELETE FROM parts WHERE n > 5 AND length(b) > 1;
SELECT * FROM parts ORDER BY a, b;
DELETE FROM parts WHERE mod(coalesce(a, 0), 5) = 0;
SELECT * FROM parts ORDER BY a, b;
