# Statements whose answers are compared: what the analysis says must also be what is computed.
select 1 + 2 * 3, (1 + 2) * 3, 2 ^ 3 ^ 2, -2 ^ 2, 7 / 2, -7 / 2, 7 % 3, 1.0 / 3, not true or true, 1 < 2 and 2 < 3 or false

select '1' + 1, '1.5' + 1.5, 'a' || 1, 1::text || 2, '3' * '4'::int

select * from (values (1, 'a'), (2, 'b'), (3, null)) t(x, y) where y is not null order by x desc

select * from (values (1), (2)) a(x) full join (values (2), (3)) b(x) using (x) order by x

select x, a.x, b.x from (values (1), (2)) a(x) full join (values (2), (3)) b(x) using (x) order by x

select x from (values (1), (2)) a(x) left join (values (2::bigint), (3)) b(x) using (x) order by 1

select x, pg_typeof(x) from (values (1), (2)) a(x) right join (values (2::bigint), (3)) b(x) using (x) order by 1

select * from (values (1, 2)) a(x, y) natural join (values (1, 3)) b(x, z)

select * from (values (1, 2)) a(x, y) natural join (values (5)) b(z)

select j.* from ((values (1, 2)) a(x, y) join (values (1, 3)) b(x, z) using (x)) as j(p, q)

select a.x, (select count(*) from (values (1), (2), (2)) b(y) where b.y = a.x) from (values (1), (2), (3)) a(x) order by 1

select a.x, (select (select a.x + b.y) from (values (10)) b(y)) from (values (1), (2)) a(x) order by 1

select a.x, (select sum(u) from (select b.y as u from (values (1), (2)) b(y) where b.y <= a.x union all select a.x * 100) s) from (values (1), (2)) a(x) order by 1

select x from (values (1), (2), (3)) a(x) where exists (select 1 from (values (2)) b(y) where y = x and exists (select 1 where a.x = b.y))

select x, x in (1, 2), x not in (1, null), x in (select 2), x = any (array[1, 3]), x > all (values (1), (0)) from (values (1), (2), (3)) a(x) order by 1

select null in (1), 1 in (null, 1), 1 not in (2, null), null = any ('{}'::int[]), 1 <> all ('{}'::int[])

select (1, 2) < (1, 3), (2, 1) <= (1, 9), (1, null) = (1, 2), (1, null) = (2, 2), (1, 2) <> (1, 3), row(1, null) is null, row(null, null) is null, (1, 2) is distinct from (1, null)

select (x, y) in ((1, 'a'), (2, 'x')), (x, y) in (select 2, 'b') from (values (1, 'a'), (2, 'b')) t(x, y) order by x

select case x when 1 then 'one' when 2 then 'two' else 'many' end, case when x > 1 then x end from (values (1), (2), (3)) t(x) order by x

select case 1 when 1 then case 2 when 2 then 'b' end end, nullif(1, 1), nullif(1, 2), nullif('a', 'a'), coalesce(null, 1, 2), greatest(1, null, 3), least(2, 1.5)

select 2 between 1 and 3, 2 between 3 and 1, 2 between symmetric 3 and 1, 2 not between 1 and 3, null between 1 and 2

select x, l.* from (values (1), (2)) a(x), lateral (select x * 10 as y union all select x * 100) l order by 1, 2

select x, g from (values (1), (3)) a(x), generate_series(1, x) g order by 1, 2

select x, y from (values (1), (2)) a(x) left join lateral (select 5 as y where x = 2) l on true order by 1

select * from generate_series(1, 3) with ordinality as t(a, b)

select * from unnest(array[1, 2], array['a']) as t(a, b)

select * from rows from (generate_series(1, 2), generate_series(5, 7)) as t(a, b)

select unnest(array[1, 2, 3]) x, generate_series(1, 2) y

with a(x) as (values (1), (2)), b as (select x * 2 as y from a) select a.x, b.y from a, b order by 1, 2

with a as (select 1 as x) select (select x from a), (select (select x + 1 from a)), (with b as (select x + 5 as z from a) select z from b)

with a as (select 1 as x) select * from (with a as (select 2 as x) select * from a) s, a

with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select n, (select sum(n) from t) from t order by n

with recursive t(n, s) as (values (1, 'a') union all select n + 1, s || 'b' from t where n < 3) select * from t order by 1

with recursive t(n) as (select 1 union select (n % 3) + 1 from t) select * from t order by 1

select 1 union select 1.5 union select '2' order by 1

select 1 union all select 1 intersect select 1 order by 1

(select 3 as x union select 1) except select 3 order by x

select 'a' as x union all (select 'b' order by 1 limit 1) order by x desc

select * from (select distinct 1 as x, 'a' as y union all select 2.5, 'b') s order by 1

values (1, 'a'), (2.5, null) order by 1 desc

select x % 2 as k, count(*), sum(x), avg(x), min(x), max(x), array_agg(x order by x desc) from generate_series(1, 5) x group by k order by k

select x % 2, count(*) from generate_series(1, 5) x group by 1 having count(*) > 2

select count(*), sum(x) from generate_series(1, 0) x

select a, b, count(*), grouping(a), grouping(a, b) from (values (1, 'x'), (1, 'y'), (2, 'x')) t(a, b) group by rollup (a, b) order by 1, 2, 4

select a, b, sum(c) from (values (1, 2, 10), (1, 3, 20)) t(a, b, c) group by grouping sets ((a), (b), ()) order by 1, 2

select a, b, count(*) from (values (1, 2), (3, 4)) t(a, b) group by cube (a, b) order by 1, 2

select count(*) filter (where x > 2), count(distinct x % 2), string_agg(x::text, ',' order by x desc), string_agg(distinct (x % 2)::text, ',') from generate_series(1, 4) x

select distinct x % 2 from generate_series(1, 5) x order by 1

select distinct on (x % 2) x % 2, x from generate_series(1, 5) x order by x % 2, x desc

select x from generate_series(1, 5) x order by x % 2 desc, -x limit 3 offset 1

select x from (values (1), (null), (2)) t(x) order by x desc

select x from (values (1), (null), (2)) t(x) order by x desc nulls last

select x from (values (1), (1), (2)) t(x) order by x fetch first 1 row with ties

select x, row_number() over (order by x desc), sum(x) over (order by x), sum(x) over (), lag(x) over w, first_value(x) over w from generate_series(1, 3) x window w as (order by x) order by x

select x, sum(x) over (order by x rows between 1 preceding and 1 following), count(*) over (partition by x % 2) from generate_series(1, 4) x order by x

select (array[10, 20, 30])[2], (array[10, 20, 30])[2:3], (array[[1, 2], [3, 4]])[2][1], (array[1, 2, 3])[:2], array[1, 2] || 3, array[[1], [2]], cardinality(array[]::int[])

select array(select x from generate_series(3, 1, -1) x), array(select 1 where false), (select array_agg(x) from generate_series(1, 2) x)

select ('{"a": {"b": 5}}'::jsonb)['a']['b'], '{"a": 1}'::jsonb -> 'a', '{"a": "x"}'::json ->> 'a'

select row(1, 'a'), t, t.x, (t).y from (values (1, 'b')) t(x, y)

select (t).* from (values (1, 'b')) t(x, y)

select row_to_json(t), to_json(t.y) from (values (1, 'b')) t(x, y)

select (information_schema._pg_expandarray(array['a', 'b'])).*

select (s.r).n, (s.r).x from (select information_schema._pg_expandarray(array['a', 'b']) as r) s

select make_interval(days => 5), make_interval(1, 2), make_interval(hours => 3, years => 1), concat(variadic array['a', 'b']), format('%s-%s', variadic array['a', 'b'])

select extract(year from date '2020-02-03'), date '2020-02-03' + 1, date '2020-02-03' - date '2020-01-01', timestamp '2020-01-01 10:00' at time zone 'UTC', (timestamptz '2020-01-01 10:00+00' at time zone 'America/New_York')

select position('b' in 'abc'), substring('hello' from 2 for 3), substring('hello' for 2), substring('hello' from 3), overlay('hello' placing 'XX' from 2 for 3), trim('  a '), trim(leading 'x' from 'xxa'), trim(both from ' b '), trim('x' from 'xax')

select 'abc' like 'a%', 'abc' not like '_b_', 'ABC' ilike 'a%', 'a%c' like 'a!%c' escape '!', 'abc' similar to '(a|b)%', 'abc' ~ '^a', 'abc' !~* 'B'

select 1::text, '1'::int, 1.5::int, 2.5::int, true::int, 'abc'::varchar(2), 'abc'::char(5) || '|', 1234.567::numeric(6, 1), '2020-01-01'::date, '{1,2}'::int[], array[1, 2]::text[], cast('x' as varchar)

select interval '1 day' day, interval '1' year, interval '1 2' day to hour, '1 day'::interval, interval '90' minute

select 'pg_class'::regclass, 'int4'::regtype, 'pg_class'::regclass::oid, 23::regtype

select $$it's$$, E'a\tb\u0041', 'it''s', U&'\0041b', 'a'
'b'

select x is null, x is not null, x is true, x is not false, x is unknown, not x from (values (true), (false), (null)) t(x)

select a.x + b.x from (values (1)) a(x), (values (2)) b(x) where a.x < b.x

select t1.x, t2.x, t3.x from (values (1), (2)) t1(x) join (values (1), (2)) t2(x) join (values (2)) t3(x) on t2.x = t3.x on t1.x = t2.x

select count(*) from (values (1), (2)) a(x) cross join (values (1), (2)) b(y) where (a.x, b.y) <> (1, 1)

select relname, relkind from pg_class where relname in ('pg_class', 'pg_type') order by 1

select n.nspname, count(*) > 0 from pg_namespace n join pg_class c on c.relnamespace = n.oid where n.nspname = 'pg_catalog' group by n.nspname

select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a where a.attrelid = 'pg_namespace'::regclass and a.attnum > 0 order by a.attnum

select table_name from information_schema.tables where table_schema = 'pg_catalog' and table_name in ('pg_class', 'pg_views') order by 1

select column_name, data_type from information_schema.columns where table_schema = 'pg_catalog' and table_name = 'pg_namespace' order by ordinal_position
