# One statement a paragraph; see record.py.
select 1

select 1, 'a', null, 1.5, 3000000000, 123456789012345678901234567890, true, -5, -2147483648, 1e10

select 1 as one, 2 two, 3 as "Three", 4 as select

select 'a'::text, 'b'::varchar(3), cast('1' as int), int4 '5', numeric(5,2) '1.5', date '2020-01-01', interval '1' day, timestamp with time zone '2020-01-01 00:00:00+00', interval '1 day 2 hours' hour to minute

select title, popularity, vote_count from movies

select * from movies

select m.* from movies m

select m.*, c.actor_id from movies m, casts c where m.id = c.movie_id

select movies.title from movies m

select x.title from movies m

select nope from movies

select titel from movies

select m.titel from movies m

select vote_averge, x from movies

select id from movies m, actors a

select * from nope

select * from nope.movies

select * from public.nope

select * from movies, movies

select * from movies a, casts a

select title from movies where popularity

select title from movies where popularity > 'x'

select title from movies where popularity > '5'

select title from movies where title = 5

select title from movies where vote_count = '5'

select title from movies where vote_count = 'a5'

select title || ' x', title || 1, 1 || title, vote_count || 'x', '1' || '2' from movies

select 1 || 2

select 'a' + 1

select 'a' + 'b'

select '1' + 1, 1 + '1', '1.5' + 1.5, 1 + 1.5, 1 + 1::bigint, 1::smallint + 1::smallint, 1::real + 1, 1::real + 1::double precision, 1.0 + 1::double precision

select 1/2, 5%3, 2^3, 2.0^3, -vote_count, +1, @ -5, |/ 4, ||/ 8, 5! from movies

select 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 2, 8 >> 1, b'101' & b'100'

select now(), current_date, current_timestamp, localtime, localtimestamp(3), current_time, current_user, user, session_user, current_role, current_catalog, current_schema

select current_schema(), current_database(), version()

select count(*), count(title), count(distinct title), sum(vote_count), avg(vote_count), sum(popularity), avg(popularity), min(title), max(release_date) from movies

select sum(1::smallint), sum(1), sum(1::bigint), sum(1::numeric), sum(1::real), sum(1::float8), avg(1::smallint), avg(1::bigint), avg(1::numeric), avg(1::real), sum('1 day'::interval)

select title, count(*) from movies

select title, count(*) from movies group by title

select title t, count(*) from movies group by t

select title, count(*) from movies group by 1 order by 2 desc, 1

select title, count(*) from movies group by 3

select title, count(*) from movies group by 'x'

select title, count(*) from movies group by 1.5

select count(*) from movies group by count(*)

select count(*) from movies where count(*) > 1

select count(count(*)) from movies

select title from movies group by title having count(*) > 1

select title from movies having count(*) > 1

select count(*) from movies having title = 'x'

select vote_count + 1, count(*) from movies group by vote_count + 1

select vote_count + 2, count(*) from movies group by vote_count + 1

select vote_count + 1 + count(*) from movies group by vote_count

select m.title, count(*) from movies m join casts c on c.movie_id = m.id group by m.id

select (select m.title) from movies m group by m.id

select id, (select count(*) from casts c where c.movie_id = m.id) from movies m

select upper(title), count(*) from movies group by upper(title) order by upper(title)

select title from movies order by count(*)

select title as a, vote_count as a from movies order by a

select title as a, title as a from movies order by a

select title as vote_count from movies order by vote_count

select title as vote_count from movies order by vote_count + 1

select title from movies order by 2

select title from movies order by 'x'

select title from movies order by popularity desc nulls last, vote_count nulls first

select distinct title from movies order by popularity

select distinct title from movies order by title

select distinct on (title) title, popularity from movies order by title, popularity desc

select distinct on (title) title, popularity from movies order by popularity

select distinct on (1) title, popularity from movies

select title from movies limit 5 offset 2

select title from movies limit all

select title from movies limit null

select title from movies limit 'x'

select title from movies limit vote_count

select title from movies limit count(*)

select title from movies limit 1.5

select title from movies fetch first 5 rows only

select title from movies fetch first row only

select title from movies order by title fetch next 3 rows with ties

select title from movies fetch next 3 rows with ties

select title from movies limit $1 offset $2

select $1

select $1, $2::int, $3 + 1

select * from movies where id = $1 and title = $2 and popularity > $3

select * from movies where id = $1 or title = $1

select $1 is null

select $1 is null and id = $1 from movies

select id = $1 and $1 is null from movies

select $2::int

select $1::int, $1::text

select $1 + $2

select $1 || $2, $1 || 'x'

select coalesce($1, 1), case when $2 then $3 else 'x' end

select * from movies where title like $1 and id in ($2, $3) and id = any($4)

select * from movies where title in ($1, $2)

select abs($1)

select length($1), upper($1), substring($1 from 1 for 2)

select $1 = $2

select $1 < 5 and $2 between 1 and 10

select $0

select a.name, m.title from movies m join casts c on c.movie_id = m.id join actors a on a.id = c.actor_id

select * from movies m left join reviews r on r.movie_id = m.id

select * from casts join reviews using (movie_id)

select movie_id from casts join reviews using (movie_id)

select movie_id, casts.movie_id, reviews.movie_id from casts full join reviews using (movie_id)

select * from casts natural join reviews

select * from casts c join reviews r using (nope)

select * from casts c join reviews r using (author)

select * from casts c join reviews r using (movie_id, movie_id)

select * from movies m join casts c on m.id

select * from movies m join casts c on m.id = c.movie_id and x.id = 1

select * from movies m, casts c join reviews r on r.movie_id = m.id

select * from movies m cross join casts

select j.* from (casts c join reviews r using (movie_id)) as j

select c.movie_id from (casts c join reviews r using (movie_id)) as j

select j.movie_id, c.actor_id from casts c join reviews r using (movie_id) as j

select * from (select id, title from movies) as t(a)

select t.a, title from (select id, title from movies) as t(a)

select * from (select id, title from movies) as t(a, b, c)

select * from (select id from movies) t where t.id > 1

select * from (select id from movies)

select * from (values (1, 'a'), (2, 'b')) as v(x, y)

select * from (values (1, 'a'), (2.5, null)) as v

values (1, 'a'), (2, 'b')

values (1, 'a'), (2)

values (1), ('x')

values (1), ('2'), (3.5)

values (1, 2) order by column1

select m.title, l.* from movies m, lateral (select count(*) n from casts c where c.movie_id = m.id) l

select m.title, l.* from movies m, (select count(*) n from casts c where c.movie_id = m.id) l

select m.title from movies m right join lateral (select m.id) x on true

select * from generate_series(1, 5)

select * from generate_series(1, 5) g

select * from generate_series(1, 5) as g(x)

select g from generate_series(1, 5) g

select * from generate_series(1, 5) with ordinality

select * from generate_series(1, 5) with ordinality as t(a, b)

select * from unnest(array[1,2], array['a','b']) as t(a, b)

select * from unnest(array[1,2,3])

select unnest(array[1,2,3]), generate_series(1, 2)

select * from rows from (generate_series(1,2), generate_series(1,3)) as t(a, b)

select * from json_each('{"a":1}')

select * from json_to_record('{"a":1}') as x(a int, b text)

select * from json_to_record('{"a":1}')

select * from generate_series(1,2) as x(a int)

select * from current_date

select * from pg_get_keywords() limit 1

select generate_series(1, 3) from movies where generate_series(1, 2) > 0

select case when true then generate_series(1,2) end

select title from movies union select name from actors

select id from movies union all select popularity from actors

select id from movies union select title from movies

select 1 union select 'x'

select 1 union select '2'

select 'a' union select 'b'

select null union select 1

select 1, 2 union select 1

select 1 union select 2 order by 1

select 1 as a union select 2 as b order by a

select 1 as a union select 2 as b order by b

select 1 as a union select 2 as b order by a + 1

select id from movies intersect select movie_id from casts except select id from actors

(select id from movies order by id limit 1) union all (select id from actors limit 2) order by 1

select c_json from types union select c_json from types

select c_json from types union all select c_json from types

select distinct c_json from types

select c_json from types group by c_json

select c_json from types order by c_json

with a as (select id, title from movies) select * from a

with a(x, y) as (select id, title from movies) select x from a

with a as (select 1), a as (select 2) select * from a

with a as (select * from b), b as (select 1) select * from a

with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select * from t

with recursive t(n) as (select 1 union all select n + 1.5 from t where n < 10) select * from t

with recursive t as (select n from t) select * from t

with recursive t(n) as (select n from t union all select 1) select * from t

with a as materialized (select id from movies) select * from a, a b

select case when id > 1 then 'a' else 'b' end, case id when 1 then 1 when 2 then 2.5 end, case when true then null end from movies

select case when id then 1 end from movies

select case when true then 1 else 'x' end

select case when true then 1 else title end from movies

select case id when 'x' then 1 end from movies

select coalesce(title, 'x'), coalesce(id, 1.5), coalesce(null, null), coalesce(id, title) from movies

select coalesce(null, 'x'), nullif(id, 1), nullif(1, 2.5), nullif('a', 'b'), greatest(1, 2.5), least('a', title) from movies

select greatest(1, 'x')

select id in (1, 2, 3), title in ('a', 'b'), id not in (1, null), id in ('1', 2) from movies

select id in ('x') from movies

select id in (1, 2.5), id in (1, popularity) from movies

select title in (1, 2) from movies

select id in (select movie_id from casts), (id, title) in (select 1, 'a') from movies

select id in (select movie_id, actor_id from casts) from movies

select (id, title) in (select movie_id from casts) from movies

select id = any(array[1,2]), id = all('{1,2}'), title = any(array['a']), id = any (select 1), 5 > all (values (1), (2)) from movies

select id = any(5) from movies

select id = any(array['a']) from movies

select exists (select 1 from casts), not exists (select from casts)

select (select 1), (select title from movies limit 1), (select id as x from movies limit 1) + 1

select (select 1, 2)

select array(select id from movies), array(select title from movies)

select array[1,2,3], array['a','b'], array[1, 2.5], array[[1,2],[3,4]], array[]::int[], array[null, 1]

select array[]

select array[1, 'x']

select array[1,2] || 3, 3 || array[1,2], array[1] || array[2], array_append(array[1], 2), array['a'] || 'b'

select (array[1,2,3])[1], (array[1,2,3])[1:2], (array[[1,2],[3,4]])[1][2]

select (array[1,2])['x']

select id[1] from movies

select row(1, 'a'), (1, 2), row(movies.*) from movies

select (1, 2) = (1, 3), (1, 'a') < (2, 'b'), row(1, 2) is null, (id, title) = (1, 'x') from movies

select (1, 2) = (1, 2, 3)

select (1, 2) is distinct from (1, 3), id is distinct from 5, id is not distinct from null, title is distinct from 5 from movies

select id is null, id is not null, title isnull, (id > 1) is true, (id > 1) is not unknown from movies

select id is true from movies

select not id from movies

select id and true from movies

select title like 'a%', title not like 'b', title ilike 'c', title not ilike $1, title similar to 'x', title like 'a!%' escape '!', title ~ 'x', title !~* 'y' from movies

select id like 'x' from movies

select id between 1 and 5, title not between 'a' and 'b', id between symmetric 5 and 1 from movies

select 1 < 2 < 3

select extract(year from now()), extract(epoch from interval '1 day'), extract('dow' from date '2020-01-01'), date_part('year', now()), extract(nope from 1)

select position('a' in title), substring(title from 2), substring(title from 1 for 3), substring(title for 2), substring(title, 1, 2), overlay(title placing 'x' from 1 for 2), trim(title), trim(both 'x' from title), trim(leading from title), trim(trailing 'x' from title), btrim(title) from movies

select now() at time zone 'utc', timestamp '2020-01-01' at time zone 'utc', (now() at time zone 'utc')::date

select title collate "C", title collate pg_catalog."default" from movies order by title collate "C"

select id collate "C" from movies

select title collate "nope" from movies

select lower(title), length(title), concat(title, id, null), concat_ws(',', title, id), replace(title, 'a', 'b'), left(title, 2), split_part(title, ' ', 1), repeat('a', 3), md5(title), to_char(popularity, '999'), to_char(now(), 'YYYY') from movies

select round(popularity), round(popularity::numeric, 2), floor(popularity), ceil(1.5), trunc(2.5), abs(id), mod(id, 2), power(2, 3), sqrt(4), random(), sign(-1), ln(2), log(10), exp(1) from movies

select round(popularity, 2) from movies

select upper(id) from movies

select nope(1)

select nope()

select nope(title, 1, 'x', null) from movies

select pg_catalog.lower('X'), pg_catalog.nope(1)

select nosuch.lower('x')

select length(1), length('x'), length(null)

select lower(distinct 'x')

select lower('x') filter (where true)

select lower(*)

select count()

select count(distinct)

select sum(title) from movies

select sum('1')

select min(c_boolean) from types

select max(c_json) from types

select string_agg(title, ','), string_agg(distinct title, ',' order by title), array_agg(id order by popularity desc), json_agg(title), bool_and(id > 1), every(true), string_agg(title) from movies

select string_agg(title, ',' order by popularity), array_agg(title), array_agg(array[1]), json_object_agg(title, id), jsonb_agg(id) from movies

select string_agg(distinct title, ',' order by popularity) from movies

select count(*) filter (where id > 1), sum(id) filter (where title is not null) from movies

select count(*) filter (where count(*) > 1) from movies

select count(*) filter (where id) from movies

select percentile_cont(0.5) within group (order by popularity), mode() within group (order by title), percentile_disc(0.5) within group (order by id) from movies

select percentile_cont(0.5) from movies

select stddev(popularity), stddev(id), variance(id), corr(popularity, vote_average), var_pop(id) from movies

select row_number() over (), rank() over (order by popularity), sum(id) over (partition by title order by id), lag(title) over w, lead(id, 2, 0) over w, first_value(title) over w, ntile(4) over w from movies window w as (order by id)

select row_number() from movies

select id from movies where row_number() over () = 1

select sum(id) over w from movies

select sum(count(*)) over () from movies

select sum(id) over (order by id rows between 1 preceding and current row), sum(id) over (order by id range between 5 preceding and 5 following) from movies

select sum(id) over (order by title range between 5 preceding and 5 following) from movies

select count(*) over (partition by title), lower(title) over () from movies

select title, vote_count, grouping(title), count(*) from movies group by rollup (title, vote_count)

select title, vote_count, count(*) from movies group by grouping sets ((title), (vote_count), ())

select title, vote_count, count(*) from movies group by cube (title, vote_count)

select grouping(id) from movies group by title

select movies from movies

select m from movies m

select row_to_json(m) from movies m

select (m).title from movies m

select (m).nope from movies m

select (m).* from movies m

select title.x from movies

select (title).x from movies

select 'x'::nope

select 'x'::nope.text

select 'x'::int

select 1::text, 1::varchar, 1.5::int, true::int, 1::boolean, 'abc'::char(2), '1'::numeric(3,1), now()::date, now()::time, '{1,2}'::int[], '{a}'::text[]

select now()::int

select true::date

select cast(popularity as int), cast(title as varchar(10)), popularity::text, id::bigint, id::numeric(10,2), title::int, vote_average::real from movies

select title::varchar(10)::varchar from movies

select 1::varchar(0)

select 1::numeric(1001)

select 1::text(5)

select text 'x', varchar 'x', name 'x', "char" 'x', bool 't', char 'x', character varying(5) 'x', double precision '1.5', bit '1', time '10:00', json '{}', uuid '00000000-0000-0000-0000-000000000000', bytea '\x00'

select true, false, not true, true and false, 't'::bool

select text(1), int4(1.5), float8(1), numeric(1), "varchar"(1), name('x'), date('2020-01-01'), int8('5')

select 'a' = 'b', 'a' < 'b', null = null, 1 = null

select date '2020-01-01' + 1, date '2020-01-01' - date '2019-01-01', now() - interval '1 day', now() - now(), date '2020-01-01' + time '10:00', interval '1 day' * 2, 2 * interval '1 day', interval '1 day' / 2

select now() + 1

select now() > '2020-01-01', current_date = '2020-01-01', now() - '1 day', date '2020-01-01' - '2019-01-01', '2020-01-01' < now()

select c_date + c_time, c_timestamp - c_timestamp, c_timestamp = c_timestamptz, c_date < c_timestamp, c_time - c_time, c_numeric + c_int, c_real + c_int, c_real * c_double, c_smallint + c_int, c_smallint + c_bigint, c_bigint / c_int, c_numeric * c_double, c_smallint * 2, c_real = 1.5 from types

select c_int + c_varchar from types

select c_boolean + 1 from types

select c_boolean = 1 from types

select c_boolean = 'true', c_json = '{}' from types

select c_json -> 'a', c_json ->> 'a', c_json #> '{a}', c_json::jsonb -> 0, c_json::jsonb @> '{}', c_json::jsonb ? 'a' from types

select '{"a":1}'::jsonb['a'], ('{"a":1}'::jsonb)['a']['b']

select c_json['a'] from types

select sum(c_smallint), sum(c_bigint), sum(c_real), avg(c_numeric), avg(c_real), max(c_date), min(c_timestamptz), max(c_time), bool_or(c_boolean), count(c_json) from types

select date_trunc('month', c_timestamp), date_trunc('day', c_date), date_trunc('day', c_timestamptz), age(c_timestamp), age(c_date, c_date), to_date('x', 'y'), to_timestamp(1), make_date(2020, 1, 1), c_date::timestamp, extract(day from c_date), c_timestamptz::date from types

select interval '1 day' day to hour, interval(3) '1 day', interval '1' year, '1 day'::interval day to second(3), interval '1' second(2)

select timestamp(3) '2020-01-01', timestamptz(3) '2020-01-01', time(2) '10:00', now()::timestamp(0), localtimestamp(2)::text

select $1::varchar(5), $2::numeric(5,1), $3::int[], $4::date

select 1 from movies m where m.id = (select max(movie_id) from casts c where c.actor_id = m.vote_count)

select 1 from movies where id = (select id, title from movies)

select m.id from movies m where exists (select 1 from casts where casts.movie_id = m.id and nope = 1)

select pg_typeof(1), pg_typeof('x'), format('%s', 1), format('%s %s', 'a', 2), array_length(array[1], 1), cardinality(array[1]), array_to_string(array[1,2], ','), string_to_array('a,b', ','), regexp_replace('a', 'b', 'c'), regexp_matches('a', 'b'), to_json(1), row_to_json(row(1, 'a')), jsonb_build_object('a', 1), json_build_array(1, 'a', null)

select quote_ident('x'), quote_literal('x'), quote_literal(1), coalesce(nullif('', ''), 'x'), octet_length('abc'), bit_length('abc'), char_length('abc'), chr(65), ascii('a'), initcap('abc'), reverse('abc'), strpos('abc', 'b'), lpad('a', 5), rpad('a', 5, 'x'), translate('abc', 'a', 'b'), encode('\x00', 'hex'), starts_with('abc', 'a')

select 'movies'::regclass, 'pg_class'::regclass::oid, 'int4'::regtype, to_regclass('x'), 1259::regclass, 'lower'::regproc

select 'nope'::regclass

select oid, relname, relnamespace::regnamespace, relkind from pg_class where relname = 'pg_class'

select c.relname, n.nspname from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r','') and n.nspname <> 'pg_catalog' and n.nspname !~ '^pg_toast' and pg_catalog.pg_table_is_visible(c.oid) order by 1, 2

select tableoid, tableoid::regclass, ctid, xmin from pg_class

select table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'public'

select * from pg_tables

select c.relname, c.oid = 'pg_class'::regclass, relacl, reloptions from pg_class c

select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (select substring(pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) for 128) from pg_catalog.pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.atthasdef) from pg_catalog.pg_attribute a where a.attrelid = '1259' and a.attnum > 0

select (information_schema._pg_expandarray(i.indkey)).n, (information_schema._pg_expandarray(i.indkey)).x from pg_catalog.pg_index i

select i.indkey[0], i.indkey from pg_index i

select conkey[1], array_lower(conkey, 1), generate_subscripts(conkey, 1) from pg_constraint

select t.typname, t.typelem, nspname || '.' || typname, oid::text from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.oid = 11

select typname from pg_type where oid = $1

select relname from pg_class where relnamespace = $1 and relname like $2 and relkind = any($3)

select current_setting('x'), set_config('a', 'b', false), pg_backend_pid(), obj_description(1, 'pg_class'), col_description(1, 2), has_table_privilege('x', 'select'), pg_get_userbyid(10), pg_encoding_to_char(6), has_schema_privilege('public', 'usage')

select relname operator(pg_catalog.=) 'x', relname operator(pg_catalog.~) '^(x)$' collate pg_catalog.default from pg_class

select 1 operator(nope.+) 2

select 1 === 2

select 1 @#@ 2

select @#@ 1

select setting from pg_settings where name = 'x'

select unnest(string_to_array('a,b', ',')) as x, 1 as y

select x from unnest(array['a']) as x

select x.a, x.b from (select 1 as a, 2 as b) x

select a.b.c from movies

select movies.title, public.movies.title from movies

select sum(id) total from movies order by total

select count(*) c from movies group by title order by c desc, title

select max(id) from movies group by title order by min(vote_count)

select title from movies group by title order by popularity

select distinct title, count(*) over () from movies

select id, title from movies where (id, title) > (1, 'a')

select id from movies where (id, title) in ((1, 'a'), (2, 'b'))

select id from movies where (id, 1) = any (select movie_id, actor_id from casts)

select id from movies where id <> all (select movie_id from casts) and id not in (select actor_id from casts)

select make_interval(days => 5), make_interval(1, 2), make_interval(years => 1, nope => 2)

select make_interval(days => 5, 3)

select json_build_object(variadic array['a','b']), concat(variadic array['a','b']), format('%s', variadic array['a'])

select variadic_nope(variadic array[1])

select jsonb_path_query('{}', '$'), jsonb_set('{}', '{a}', '1'), regexp_split_to_table('a b', ' '), regexp_match('a', 'a')

select int4range(1, 5), int4range(1, 5) @> 3, upper(int4range(1, 5)), isempty(numrange(1, 2))

select array_position(array[1,2], 2), array_remove(array['a'], 'a'), array_cat(array[1], array[2]), array_fill(0, array[2]), array_agg(x) from unnest(array[1]) x

select array_append(array[1], 'x')

select array_append(array[1], 2.5), array[1] || 2.5, array_prepend('a', array['b'])

select array_position(array[1,2], 'x'::text)

select 1 from movies where title is not null and (popularity > 5 or not (vote_count < 3))

select $$abc$$, $x$it's$x$, E'a\nb', 'it''s', U&'\0041', 'a'
'b', B'101', X'1F'

select /* comment /* nested */ */ 1 -- end

select 1;

select "title", "Title" from movies

select TITLE, Movies.POPULARITY from MOVIES

select title AS "T", vote_count Count from movies order by "T"

select 1 from movies for update

select a from (select 1) as t(a) where a in (select 1 union select 2)

select a, b from (select 1 as a, 'x' as b union all select 2, null) t where b like 'x%'

select null::int, null::text || 'x', null + 1

select null in (1, 2), null between 1 and 2, null like 'x', -null

select case when null then 1 else 2 end, coalesce(null, 5)

select - - 1, - (-1), 2 - -1, 2*-1

select 10::int2 / 3::int8, 7.0 / 2, 1::float4 / 3

select ''::text = '', 'a'::varchar = 'a'::text, 'a'::name = 'a'::text, 'a'::char(3) = 'a', 'a'::bpchar || 'b'

select relname = 'a'::varchar, relname || 'x', relname like 'x', length(relname), upper(relname), relname < 'x' from pg_class

select oid = 1, oid = 1::bigint, oid::int + 1, relnamespace = 'pg_catalog'::regnamespace, oid = 'pg_class'::regclass, oid in (1, 2), oid = any('{1,2}') from pg_class

select oid + 1 from pg_class

select relkind = 'r', relkind in ('r', 'v'), relkind || 'x', relkind::text, case relkind when 'r' then 'table' else relkind end from pg_class

select xmin::text, age(xmin) from pg_class

select cast(null as record)

select json '{"a":1}' -> 'a' ->> 'b', '[1]'::jsonb -> 0, '{}'::jsonb || '{}', '{}'::jsonb - 'a'

insert into movies (id, title) values ($1, $2)

insert into movies values (1, 2, 'a')

insert into movies (id, title) values (1, 'a'), ($1, $2) 

insert into movies (id, title) values (1)

insert into movies (id) values (1, 2)

insert into movies (id, nope) values (1, 2)

insert into movies (id, id) values (1, 2)

insert into movies (id) values ('x')

insert into movies (id) values (now())

insert into movies (id, title) select id, name from actors

insert into movies (title, id) select $1, $2

insert into movies (id, popularity) select '1', 5

insert into movies (id, title) values (default, default)

insert into nope values (1)

insert into movies (id, popularity, release_date) values (1.5, 2, current_date)

insert into movies (title) values (1), (true)

insert into movies (id) values (1) returning id, title, id + 1 as x

insert into movies (id, title) select 1

insert into movies (id) select id from movies union select 5

update movies set title = 'x'

update movies set title = $1, id = $2 where __key = $3

update movies set nope = 1

update movies set title = now()

update movies set popularity = popularity + 1, vote_count = default where id in (1, 2)

update movies set id = 'x'

update movies set (id, title) = (1, 'x')

update movies set (id, title) = (1)

update movies set id = 1, id = 2

update movies m set title = a.name from actors a where a.id = m.id returning m.title, a.name

update movies set title = count(*)

update movies set movies.title = 'x'

delete from movies

delete from movies where id = $1

delete from movies m using casts c where c.movie_id = m.id returning *

delete from movies where count(*) > 1

delete from nope

explain select 1

selec 1

select from movies

select

select 1 +

select (1

select 1)

select * from movies where

select * form movies

select * from movies order id

select * from movies group title

select 'abc

select "abc

select 1 /* x

select $1a

select 12abc

select a b c from movies

select , from movies

insert movies values (1)

insert into movies values

update movies title = 1

delete movies

select count(* from movies

select * from movies limit

select * from (select 1) t, 

select case when 1 then 2

select case end

select * from movies join casts

select * from movies left casts

select * from movies where title = 'a' and

select cast(1 as)

select 1::

select array[1,2

select * from movies where id in ()

select * from movies where id between 1

select 1 as from movies

select 1 as from

select user.x

select group from movies

select 1 where order by 1

with a as select 1 select 2

with a as (select 1)

select 1 union

select 1 limit 1 limit 2

(select 1 order by 1) order by 1

select distinct from movies

select rank(5) within group (order by popularity), dense_rank('5') within group (order by id desc nulls last), cume_dist(1.5) within group (order by id), percent_rank(null) within group (order by title) from movies

select rank(1, 'a') within group (order by id, title), rank('b') within group (order by 'x') from movies

select rank('x') within group (order by id) from movies

select rank(true) within group (order by id) from movies

select rank(1, 2) within group (order by id) from movies

select rank(1) within group (order by id, title) from movies

select rank(1) from movies

select percentile_cont(0.5) within group (order by id), percentile_cont(array[0.5, null]) within group (order by popularity), percentile_disc(array[[0.1, 0.2]]) within group (order by title), percentile_cont('{0.5}'::float8[]) within group (order by '1 day'::interval * id) from movies

select percentile_cont(0.5) within group (order by title) from movies

select percentile_cont() within group (order by id, popularity) from movies

select percentile_cont(0.5, 1) within group (order by id) from movies

select percentile_disc(0.5, id) within group (order by title) from movies

select mode(1) within group (order by id) from movies

select mode() within group (order by 'x') from movies

select mode() within group (order by c_json) from types

select percentile_disc(popularity) within group (order by id) from movies

select percentile_disc(popularity) within group (order by id) from movies group by popularity

select percentile_disc(popularity / 2) within group (order by id) from movies group by popularity / 2

select percentile_disc(max(popularity)) within group (order by id) from movies

select percentile_disc((select popularity)) within group (order by id) from movies

select percentile_disc(0.5) within group (order by id) over () from movies

select percentile_disc(0.5) within group (order by id) filter (where id > 5) from movies

select sum(id) within group (order by id) from movies

select lower(title) within group (order by id) from movies

select percentile_disc(distinct 0.5) within group (order by id) from movies

select information_schema.tables.table_name from information_schema.tables join pg_catalog.pg_class on pg_catalog.pg_class.relname = information_schema.tables.table_name

select information_schema.tables.table_name from information_schema.tables tables

with movies as (select 1 a) select analyze_fixture.movies.a from movies

select pg_catalog.pg_tables.tablename, t.tablename from pg_catalog.pg_tables, pg_tables t
