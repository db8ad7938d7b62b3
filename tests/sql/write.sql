-- Changing data: tags tell true counts, keys are unique.
--@ gateway
CREATE OR REPLACE MAPPING writes (__key INT, name VARCHAR, amount DOUBLE, big BIGINT, born DATE)
TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat');
--@ oracle
CREATE TABLE writes (__key int PRIMARY KEY, name varchar, amount float8, big bigint, born date);
--@ both
INSERT INTO writes VALUES (1, 'one', 1.5, 10000000000, '2024-01-31');
INSERT INTO writes (__key, name) VALUES (2, 'two'), (3, NULL), (4, 'O''Reilly');
--@ with 5, fünf, 0.1, NULL, 2000-02-29
INSERT INTO writes (__key, name, amount, big, born) VALUES ($1, $2, $3, $4, $5);
SELECT * FROM writes ORDER BY __key;
INSERT INTO writes VALUES (1, 'again', 1, 1, '2024-01-31');
INSERT INTO writes (__key, name) VALUES (6, 'six'), (6, 'six again');
SELECT name FROM writes WHERE __key = 1;
-- A key that comes twice in a statement is found before anything is written.
SELECT * FROM writes WHERE __key = 6;
UPDATE writes SET amount = 2.5 WHERE __key = 2;
UPDATE writes SET name = upper(name), big = big + 1 WHERE __key <= 2;
UPDATE writes SET amount = 0 WHERE false;
--@ with 7.25, 4
UPDATE writes SET amount = $1 WHERE __key = $2;
SELECT * FROM writes ORDER BY __key;
DELETE FROM writes WHERE __key = 3;
DELETE FROM writes WHERE name = 'nobody';
SELECT count(*) FROM writes;
DELETE FROM writes WHERE __key > 1;
SELECT * FROM writes;
INSERT INTO writes (__key, name) VALUES ('x', 'y');
INSERT INTO writes (__key, born) VALUES (9, '2024-02-30');
INSERT INTO writes (__key, big) VALUES (9, 9223372036854775808);
INSERT INTO writes (__key, name, amount) VALUES (9, 'too few');
DELETE FROM writes;
SELECT count(*) FROM writes;
INSERT INTO writes (__key, name, born) VALUES (NULL, 'no key', '2024-01-31');
INSERT INTO writes (name) VALUES (repeat('long', 30));
--@ with NULL, x
INSERT INTO writes (__key, name) VALUES ($1, $2);
SELECT count(*) FROM writes;
-- RETURNING: what was written, what it became, what is gone.
INSERT INTO writes VALUES (1, 'one', 1.5, 10, '2024-01-31'), (2, 'two', NULL, 20, NULL) RETURNING *;
INSERT INTO writes (__key, name) VALUES (3, 'three') RETURNING __key AS k, upper(name), amount, (SELECT count(*) FROM generate_series(1, __key));
--@ with 4, four
INSERT INTO writes AS w (__key, name) VALUES ($1, $2) RETURNING w.__key + 1, w.name || '!', $2;
INSERT INTO writes (__key, name) SELECT __key + 10, name FROM writes WHERE __key < 3 RETURNING __key, name;
UPDATE writes SET amount = coalesce(amount, 0) + 1, name = upper(name) WHERE __key <= 2 RETURNING __key, name, amount, big;
UPDATE writes w SET name = o.name FROM writes o WHERE o.__key = w.__key - 10 RETURNING w.__key, w.name, o.name, o.amount;
UPDATE writes SET name = 'nobody' WHERE false RETURNING *;
DELETE FROM writes WHERE __key > 10 RETURNING __key, length(name);
DELETE FROM writes w USING generate_series(1, 3) g WHERE w.__key = 4 RETURNING w.__key;
DELETE FROM writes RETURNING name, amount * 2 AS twice;
SELECT * FROM writes;
INSERT INTO writes (__key) VALUES (1) RETURNING nothing;
INSERT INTO writes (__key) VALUES (1) RETURNING count(*);
SELECT count(*) FROM writes;
-- The table's name with its schema, as Prisma writes it; with an alias it has no other name.
INSERT INTO public.writes (__key, name) VALUES (1, 'one') RETURNING public.writes.__key, public.writes.name;
INSERT INTO writes (__key) VALUES (2) RETURNING public.writes.*;
INSERT INTO public.writes (__key, name) VALUES (1, 'uno') ON CONFLICT (__key) DO UPDATE SET name = public.writes.name || excluded.name RETURNING public.writes.name;
UPDATE public.writes SET amount = 2 WHERE (public.writes.__key = 1 AND 1 = 1) RETURNING public.writes.amount;
UPDATE public.writes w SET amount = 3 WHERE __key = 1 RETURNING public.writes.amount;
DELETE FROM public.writes WHERE public.writes.__key = 1 RETURNING public.writes.name;
DELETE FROM public.writes w WHERE public.writes.__key = 2;
DELETE FROM writes;
-- TRUNCATE, and targets that are parts of columns.
INSERT INTO writes VALUES (1, 'one', 1.5, 1, '2024-01-31'), (2, 'two', 2.5, 2, '2024-01-31');
UPDATE writes SET (name, big) = ROW(v.*) FROM (VALUES ('x', 9)) v(name, big) WHERE __key = 1 RETURNING name, big;
UPDATE writes SET (name, big) = ROW(v.*, 1) FROM (VALUES ('x', 9)) v(name, big);
UPDATE writes SET big[1] = 1;
UPDATE writes SET name.x = 'y';
INSERT INTO writes (__key, big[2]) VALUES (3, 1);
INSERT INTO writes (__key, name.part) VALUES (3, 1);
TRUNCATE nothing;
TRUNCATE pg_class;
TRUNCATE pg_stat_activity;
TRUNCATE TABLE;
TRUNCATE writes WHERE true;
TRUNCATE writes RESTART CASCADE;
EXPLAIN TRUNCATE writes;
TRUNCATE TABLE ONLY writes, public.writes RESTART IDENTITY RESTRICT;
SELECT count(*) FROM writes;
