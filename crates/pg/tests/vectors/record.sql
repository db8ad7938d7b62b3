-- What PostgreSQL makes of every input, one row each: the result, or SQLSTATE and message.
set client_min_messages = warning;
create temp table io_in (n serial, settings text, ty text, typmod int, txt text);
\copy io_in (settings, ty, typmod, txt) from 'io.in' with (null '\0')
create temp table numeric_in (n serial, op text, a text, b text);
\copy numeric_in (op, a, b) from 'numeric.in'
create temp table compare_in (n serial, ty text, a text, b text);
\copy compare_in (ty, a, b) from 'compare.in'

-- The text form and the binary form of an input, through the type's own functions.
create function pg_temp.io(settings text, ty text, typmod int, txt text,
    out shown text, out sent text, out code text, out message text, out detail text, out hint text)
language plpgsql as $$
declare
    t pg_type;
    setting text;
    call text;
begin
    select * into strict t from pg_type where typname = ty and typnamespace = 'pg_catalog'::regnamespace;
    foreach setting in array string_to_array(settings, ';') loop
        perform set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true);
    end loop;
    if (select pronargs from pg_proc p where p.oid = t.typinput) = 1 then
        call := format('%s(%L::cstring)', t.typinput, txt);
    else
        call := format('%s(%L::cstring, %s, %s)', t.typinput, txt,
            case when t.typelem <> 0 and t.typsubscript = 'array_subscript_handler'::regproc then t.typelem else t.oid end, typmod);
    end if;
    execute format('select %s(v)::text, encode(%s(v), ''hex'') from (select %s) x(v)', t.typoutput, t.typsend, call)
        into shown, sent;
exception when others then
    get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
    shown := null;
    sent := null;
end $$;

create function pg_temp.calc(op text, a text, b text, out shown text, out code text, out message text)
language plpgsql as $$
begin
    execute case
        when op in ('+', '-', '*', '/', '%') then format('select (%L::numeric %s %L::numeric)::text', a, op, b)
        when op in ('div', 'gcd', 'lcm', 'power', 'log') then format('select %I(%L::numeric, %L::numeric)::text', op, a, b)
        when op in ('round', 'trunc') then format('select %I(%L::numeric, %s)::text', op, a, b)
        when op = '-u' then format('select (- %L::numeric)::text', a)
        when op = 'log10' then format('select log(%L::numeric)::text', a)
        when op = 'inc' then format('select (%L::numeric + 1)::text', a)
        when op in ('int2', 'int4', 'int8', 'float4', 'float8') then format('select (%L::numeric)::%s::text', a, op)
        when op in ('from_float8', 'from_float4') then format('select (%L::%s)::numeric::text', a, substr(op, 6))
        when op in ('sum', 'avg', 'var_pop', 'var_samp', 'stddev_pop', 'stddev_samp')
            then format('select %I(x::numeric)::text from unnest(string_to_array(%L, '','')) x', op, a)
        else format('select %I(%L::numeric)::text', op, a)
    end into shown;
exception when others then
    get stacked diagnostics code = returned_sqlstate, message = message_text;
end $$;

create function pg_temp.cmp(ty text, a text, b text) returns int language plpgsql as $$
declare result int;
begin
    if ty = 'char' then ty := '"char"'; end if;
    execute format('select case when x = y then 0 when x < y then -1 when x > y then 1 end from (select %L::%s, %L::%s) v(x, y)', a, ty, b, ty)
        into result;
    return result;
end $$;

create temp table io_out (settings text, ty text, typmod int, txt text, shown text, sent text, code text, message text, detail text, hint text);
do $$
declare r record;
begin
    for r in select * from io_in order by n loop
        insert into io_out select r.settings, r.ty, r.typmod, r.txt, x.* from pg_temp.io(r.settings, r.ty, r.typmod, r.txt) x;
        perform set_config(s.name, s.reset_val, true) from pg_settings s
            where s.name in ('DateStyle', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'bytea_output');
    end loop;
end $$;
\copy io_out to 'io.tsv' with (null '\N')
\copy (select i.op, i.a, i.b, x.* from numeric_in i, lateral pg_temp.calc(i.op, i.a, i.b) x order by n) to 'numeric.tsv' with (null '\N')
\copy (select ty, a, b, pg_temp.cmp(ty, a, b) from compare_in order by n) to 'compare.tsv' with (null '\N')
