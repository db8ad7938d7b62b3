-- Values without a table: the types and names that PostgreSQL gives them.
SELECT 1;
SELECT 1, 'a', NULL, true, 1.5, 10000000000, 1e3;
SELECT 1 + 1 AS two, 7 / 2, 7 % 3, -7 / 2, 7.0 / 2, 2 ^ 10;
SELECT 2147483647 + 1;
SELECT 9223372036854775807 + 1;
SELECT 1 / 0;
SELECT 0.1 + 0.2, 0.1::float8 + 0.2::float8, 1.10, 1.1 * 1.1;
SELECT CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END, CASE 3 WHEN 1 THEN 1 WHEN 3 THEN 2.5 END;
SELECT coalesce(NULL, 1, 2), nullif(1, 1), greatest(1, 3, 2), least(1.5, 1);
SELECT CAST('12' AS int), '12'::bigint, '1.5'::numeric, 'true'::boolean, 12::text, 1.5::int, 2.5::int;
SELECT 'abc' || 'def', 'abc' || 1, upper('straße'), lower('ÄÖ'), length('東京'), trim('  x ');
SELECT substring('hazelcast' FROM 2 FOR 3), position('cast' IN 'hazelcast'), replace('aaa', 'a', 'b'), left('abc', 2);
SELECT 'a' < 'B', 'a' = 'a ', 'é' > 'z';
SELECT 'abc' LIKE 'a_c', 'abc' LIKE 'A%', 'abc' ILIKE 'A%', 'a%c' LIKE 'a\%c', 'abc' ~ '^a';
SELECT DATE '2024-02-29' + 1, DATE '2024-03-01' - DATE '2024-02-01', TIMESTAMP '2024-01-31 12:00' + INTERVAL '1 month';
SELECT extract(year FROM DATE '2024-02-29'), date_trunc('month', TIMESTAMP '2024-02-29 13:14:15');
SELECT abs(-3), round(2.5), round(-2.5::float8), floor(1.7), ceil(1.2), sqrt(2), mod(7, 3);
SELECT 1 IN (1, 2), 3 NOT IN (1, NULL), NULL IN (1), 2 BETWEEN 1 AND 3;
SELECT true AND NULL, false AND NULL, true OR NULL, NOT NULL::boolean;
SELECT version() LIKE 'PostgreSQL 15.%', current_schema(), current_user = session_user;
SELECT pg_typeof(1), pg_typeof('a'), pg_typeof(1.5), pg_typeof(now());
VALUES (1, 'one'), (2, 'two'), (3, NULL) ORDER BY 1;
SELECT * FROM (VALUES (1, 2.5), (2, 3)) AS t(a, b) ORDER BY a;
SELECT 1 UNION ALL SELECT 2 ORDER BY 1;
SELECT 'x' UNION SELECT 'x';
SELECT ARRAY[1, 2, 3], ARRAY['a', NULL];
SELECT ARRAY(SELECT 1 UNION ALL SELECT 2 ORDER BY 1);
SELECT ;

-- Over rows.
SELECT __key, CASE WHEN vote_average > 8.4 THEN 'great' WHEN vote_average > 8 THEN 'good' END AS verdict FROM movies WHERE __key < 12 ORDER BY __key;
SELECT __key, title || ' (' || substring(release_date, 1, 4) || ')' AS label FROM movies WHERE __key < 4 ORDER BY __key;
SELECT __key, vote_count / 1000, vote_count * 1.5, vote_count::float8 / 3, (popularity * 100)::int FROM movies WHERE __key < 8 ORDER BY __key;
SELECT __key, coalesce(rating, -1), rating IS NULL AS unrated FROM reviews WHERE __key < 40 ORDER BY __key;
SELECT __key, vote_count * 2000000 FROM movies WHERE __key = 1;
SELECT upper(name), length(name), md5(name) FROM actors WHERE __key < 6 ORDER BY __key;
SELECT cast(release_date AS date) AS d, extract(year FROM cast(release_date AS date)) AS y FROM movies WHERE __key < 6 ORDER BY __key;
SELECT __key, popularity::numeric(10, 1), popularity::text, round(popularity::numeric, 1) FROM actors WHERE __key < 6 ORDER BY __key;
SELECT nameconcatoid('abc', 7), nameconcatoid(repeat('ü', 31)::name, 4294967295), nameconcatoid(repeat('x', 70)::name, 0);
SELECT pg_sleep(0.01), pg_sleep(-1), pg_sleep(NULL), pg_sleep('NaN');
SELECT pg_sleep_for('2 milliseconds'), pg_sleep_until(now()) FROM pg_sleep(0.001);
SELECT network_cmp('10.0.0.0/8', '192.168.1.5/24'), network_cmp('10.0.0.0/9', '10.128.0.0/9'), network_cmp('10.0.0.0/8', '10.0.0.0/24'), network_cmp('::1', '10.0.0.1');
SELECT network_cmp('10.0.0.3/24', '10.0.0.9/24'), network_cmp('10.0.1.0/20', '10.0.9.0/20'), network_cmp('10.0.0.1/31', '10.0.0.0/31'), network_cmp('10.0.0.1', '10.0.0.1');
SELECT bitcmp(B'00000001', B'10000000'), bitcmp(B'1', B'11'), bitcmp(B'1', B'10'), bitcmp(B'0000000011', B'00000000'), bitcmp(B'', B'');
SELECT ARRAY[1, NULL, -1]::int2[]::oid[]::text, ARRAY[1, 2]::oid[], 5 = ANY ((SELECT ARRAY[5, 6]::int2[])::oid[]), ARRAY[23]::oid[]::int4[];
-- What a path finds until it fails in silence, fractions of so many digits, identifiers as they are.
SELECT jsonb_path_query('[1,"2",3]', '+$', silent => true);
SELECT jsonb_path_query_array('[1,2,"3"]', '-$', silent => true), jsonb_path_query_first('[{"a": 1}, {"a": 2}, {}]', 'strict $[*].a', silent => true), jsonb '[1,"2",0,3]' @? '-$[*]', jsonb_path_exists('[1,"2"]', 'strict -$[*]', silent => true);
SELECT i, to_timestamp('2018-11-02 12:34:56.' || repeat('9', i), 'YYYY-MM-DD HH24:MI:SS.FF' || j) FROM generate_series(1, 6) i, generate_series(1, 6) j ORDER BY i, j;
SELECT length(a[1]), length(a[2]) FROM parse_ident(repeat('x', 100) || '."' || repeat('y', 80) || '"') a;
SELECT * FROM ROWS FROM (unnest(ARRAY[10, 20], ARRAY['foo', 'bar', 'baz']), generate_series(101, 102)) WITH ORDINALITY AS z (a, b, c, ord);
SELECT length(repeat('x', 20000000)), length(lpad('x', 3000000, 'ä')), pg_partition_root(0);
-- Strings that go on in another line, behind comments.
SELECT 'no' -- it's é
'w', 'a'
  -- x
  --y
  'b', E'c'
 '\x64' AS d;
SELECT 'a' -- b 'c';
SELECT 'a' /* b
*/ 'c';
