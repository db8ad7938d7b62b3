-- GROUP BY of a table's key takes its other columns with it.
--@ gateway
CREATE OR REPLACE MAPPING sales (__key INT, shop VARCHAR, amount DECIMAL, made DATE)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
CREATE OR REPLACE MAPPING lines (a INT EXTERNAL NAME "__key.a", b VARCHAR EXTERNAL NAME "__key.b", n INT)
TYPE IMap OPTIONS ('keyFormat' = 'json-flat', 'valueFormat' = 'json-flat');
--@ oracle
CREATE TABLE sales (__key int PRIMARY KEY, shop varchar, amount numeric, made date);
CREATE TABLE lines (a int, b varchar, n int, PRIMARY KEY (a, b));
--@ both
INSERT INTO sales VALUES (1, 'x', 1.50, '2024-01-01'), (2, 'y', NULL, '2024-01-02'), (3, NULL, 7, NULL), (4, 'x', 1.5, '2024-01-01');
INSERT INTO lines VALUES (1, 'p', 10), (1, 'q', 20), (2, 'p', 30), (9, 'p', 40);
SELECT s.__key, s.shop, s.amount, count(l.n), sum(l.n) FROM sales s LEFT JOIN lines l ON l.a = s.__key GROUP BY s.__key ORDER BY s.__key;
SELECT s.shop || '!' AS shop, s.made FROM sales s GROUP BY s.__key HAVING s.amount > 1 ORDER BY s.amount, s.__key;
SELECT s::text, count(*) FROM sales s GROUP BY __key ORDER BY __key;
SELECT s.*, max(l.n) FROM sales s JOIN lines l ON l.a = s.__key GROUP BY s.__key ORDER BY 1;
SELECT a, b, n, rank() OVER (ORDER BY n DESC) FROM lines GROUP BY a, b ORDER BY a, b;
SELECT a, n FROM lines GROUP BY a ORDER BY a;
SELECT shop, amount FROM sales GROUP BY shop;
SELECT s.shop, l.n FROM sales s, lines l GROUP BY s.__key;
SELECT __key, shop, count(*) FROM sales GROUP BY GROUPING SETS ((__key), (__key, made)) ORDER BY 1, 3;
SELECT __key, shop, grouping(__key, shop), count(*) FROM sales GROUP BY GROUPING SETS ((__key, shop), __key) ORDER BY 1, 2, 3;
SELECT __key, shop, amount FROM sales GROUP BY DISTINCT ROLLUP (__key, shop), __key ORDER BY 1, 2;
SELECT __key, shop, count(*) FROM sales GROUP BY ROLLUP (__key) ORDER BY 1;
SELECT (SELECT s.shop), count(*) FROM sales s GROUP BY s.__key ORDER BY s.__key;
SELECT (SELECT l.n FROM lines l WHERE l.a = s.__key AND l.b = 'p' AND s.shop IS NOT NULL), count(*) FROM sales s GROUP BY s.__key ORDER BY s.__key;
SELECT count(*) FROM (SELECT shop FROM sales GROUP BY __key) x;
SELECT x.shop FROM (SELECT * FROM sales) x GROUP BY x.__key;
SELECT DISTINCT ON (s.made) s.made, s.shop FROM sales s GROUP BY s.__key ORDER BY s.made, s.__key;
DELETE FROM sales;
-- Keys of several columns.
INSERT INTO lines VALUES (1, 'p', 11), (5, 'z', 50) ON CONFLICT (b, a) DO UPDATE SET n = EXCLUDED.n + lines.n RETURNING *;
INSERT INTO lines VALUES (1, 'p', 11), (6, 'z', 60) ON CONFLICT DO NOTHING;
INSERT INTO lines VALUES (7, 'p', 11), (6, 'z', 60);
INSERT INTO lines VALUES (1, 'p', 1) ON CONFLICT (a) DO NOTHING;
UPDATE lines SET n = n + 1 WHERE a = 1;
DELETE FROM lines WHERE b = 'z' AND n > 50 RETURNING *;
DELETE FROM lines WHERE a = 2 AND b = 'p';
SELECT * FROM lines ORDER BY a, b;
DELETE FROM lines;
