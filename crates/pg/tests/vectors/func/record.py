#!/usr/bin/env python3
"""Records what PostgreSQL's functions return, for tests/functions.rs.

Usage: record.py 'psql -h … -d database' COUNT < kernels > calls.tsv

`kernels` is what `cargo test -p pg --test functions list -- --ignored --nocapture` prints: a kind (f, s, a) and an oid a
line. COUNT is how many calls of each function are recorded. The database gets a function public.try_call.
"""
import itertools
import random
import shlex
import subprocess
import sys

from values import POOLS, SPECIAL, CONCRETE, SKIP, EXTRA, ZONES

PSQL = shlex.split(sys.argv[1]) + ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1"]
COUNT = int(sys.argv[2])

TRY = """
CREATE OR REPLACE FUNCTION public.try_call(call text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE r text[];
BEGIN
  EXECUTE call INTO r;
  RETURN array['='] || r;
EXCEPTION WHEN query_canceled THEN
  RETURN array[SQLSTATE, '0', SQLERRM];
WHEN OTHERS THEN
  RETURN array[SQLSTATE, '0', SQLERRM];
END $$;
"""


def psql(sql):
    done = subprocess.run(PSQL + ["-f", "-"], input=sql, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def literal(value, typename):
    value = "NULL" if value is None else quote(value)
    return f"{value}::{typename}"


def escape(text):
    if text is None:
        return "\\N"
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def procs():
    rows = psql("""SELECT p.oid, proname, prokind, proisstrict, proretset, provariadic <> 0,
        coalesce((SELECT string_agg(format_type(t, NULL), '|') FROM unnest(proargtypes) t), ''), n.nspname
        FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE p.oid < 16384""")
    found = {}
    for row in rows.splitlines():
        oid, name, kind, strict, retset, variadic, args, schema = row.split("|", 6)[:6] + row.split("|", 6)[6].rsplit("|", 1)
        found[int(oid)] = (name, kind, strict == "t", retset == "t", variadic == "t", args.split("|") if args else [], schema)
    return found


def combinations(rng, pools, count):
    total = 1
    for pool in pools:
        total *= len(pool)
    if total <= count:
        return list(itertools.product(*pools))
    picked = {tuple(rng.choice(pool) for pool in pools) for _ in range(count * 3)}
    return sorted(picked, key=str)[:0] + rng.sample(sorted(picked, key=str), min(count, len(picked)))


def pools_of(rng, oid, name, types, strict):
    pools = []
    for at, typename in enumerate(types):
        pool = SPECIAL.get((name, at, typename)) or SPECIAL.get((name, at)) or POOLS.get(typename)
        if pool is None:
            return None
        pools.append(list(pool) + ([] if strict else [None]))
    return pools


def concrete(types, variant):
    # "character" alone would be character(1).
    types = ["bpchar" if t == "character" else t for t in types]
    return [CONCRETE[t][variant % len(CONCRETE[t])] if t in CONCRETE else t for t in types]


def calls_of(rng, kind, oid, info):
    name, _, strict, _, variadic, declared, schema = info
    variants = 3 if any(t in CONCRETE for t in declared) else 1
    for variant in range(variants):
        types = concrete(declared, variant)
        if variadic and declared[-1] == '"any"':
            types = types[:-1] + CONCRETE['"any"'][variant:variant + 3]
        elif variadic:
            # A variadic array is one argument of the function.
            pass
        if kind == "a":
            types = types or []
            yield from aggregate_calls(rng, oid, name, types)
            continue
        pools = pools_of(rng, oid, name, types, strict)
        if pools is None:
            continue
        for values in combinations(rng, pools, max(1, COUNT // variants)):
            yield types, list(values)


def aggregate_calls(rng, oid, name, types):
    pools = pools_of(rng, oid, name, types, False)
    if pools is None:
        return
    for size in [0, 1, 2, 3, 5, 8][:max(3, COUNT)]:
        yield types, [[rng.choice(pool) for _ in range(size)] for pool in pools]


ORDERED = ["double precision", "interval", "integer", "text", "numeric", "date", "bpchar"]
FRACTIONS = ["0", "1", "0.5", "0.25", "0.3333333333333333", "0.99", "1.5", "-0.1", "NaN", None]
FRACTION_LISTS = ["{0.5,0,1}", "{}", "{NULL,0.25}", "{{0.1,0.9},{0.5,0.75}}", "[0:1]={0.2,0.8}", "{0.5,2}", None]


def ordered_calls(rng, name, declared):
    """Direct arguments are values, sorted ones are lists. The kind says the order: o upwards, od downwards, of NULLs first."""
    if declared == ['"any"']:
        shapes = [([ty], kind) for ty in ORDERED for kind in ("o", "od", "of")] + [(["integer", "text"], "o")] * 3
        for types, kind in shapes:
            for size in (0, 1, 7):
                direct = [rng.choice(POOLS[ty] + [None]) for ty in types]
                rows = [[rng.choice(POOLS[ty][:4] + [None]) for _ in range(size)] for ty in types]
                yield kind, types + types, direct + rows
        return
    sorted_types = ORDERED if declared[-1] == "anyelement" else declared[-1:]
    for ty in sorted_types:
        ties = POOLS[ty] if ty != "double precision" else [v for v in POOLS[ty] if v != "-0"]
        fractions = {"double precision": FRACTIONS, "double precision[]": FRACTION_LISTS}.get(declared[0], [])
        direct = fractions if len(declared) > 1 else [0] * 5
        for fraction in direct:
            for size in (0, 1, 2, 5, 8):
                rows = [rng.choice(ties[: 3 if len(declared) == 1 else None] + [None]) for _ in range(size)]
                yield rng.choice(["o", "od"]), [*declared[:-1], ty], ([fraction] if len(declared) > 1 else []) + [rows]


def ordered_expression(kind, func, types, values):
    direct = [literal(v, t) for v, t in zip(values, types) if not isinstance(v, list)]
    lists = [(v, t) for v, t in zip(values, types) if isinstance(v, list)]
    columns = [f"c{i}" for i in range(len(lists))]
    words = {"o": "", "od": " DESC", "of": " NULLS FIRST"}[kind]
    order = ", ".join(c + words for c in columns)
    size = len(lists[0][0])
    rows = ", ".join("(" + ", ".join(literal(v[r], t) for v, t in lists) + f", {r})" for r in range(size))
    rows = rows or "(" + ", ".join(literal(None, t) for _, t in lists) + ", -1)"
    return (f"SELECT array[pg_typeof(x)::oid::text, x::text] FROM (SELECT {func}({', '.join(direct)}) WITHIN GROUP (ORDER BY {order}) "
            f"FROM (VALUES {rows}) v({', '.join(columns)}, n) WHERE n >= 0) s(x)")


def expression(kind, info, types, values):
    name, _, _, _, variadic, declared, schema = info
    func = f'{schema}."{name}"'
    if kind[0] == "o":
        return ordered_expression(kind, func, types, values)
    if kind == "a":
        if not types:
            return f"SELECT array[pg_typeof(x)::oid::text, x::text] FROM (SELECT {func}(*) FROM (VALUES (1), (2)) v) s(x)"
        columns = ", ".join(f"c{i}" for i in range(len(types)))
        size = len(values[0])
        rows = ", ".join("(" + ", ".join(literal(values[i][r], types[i]) for i in range(len(types))) + f", {r})" for r in range(size))
        if not size:
            rows = "(" + ", ".join(literal(None, t) for t in types) + ", -1)"
        return (f"SELECT array[pg_typeof(x)::oid::text, x::text] FROM (SELECT {func}({columns} ORDER BY n) "
                f"FROM (VALUES {rows}) v({columns}, n) WHERE n >= 0) s(x)")
    args = [literal(v, t) for v, t in zip(values, types)]
    if variadic and declared[-1] != '"any"':
        args[-1] = "VARIADIC " + args[-1]
    call = f"{func}({', '.join(args)})"
    if kind == "s":
        return (f"SELECT array[coalesce(max(pg_typeof(r0)::oid::text), '0'), coalesce(array_agg(r0::text)::text, '{{}}')] "
                f"FROM {call} r0")
    return f"SELECT array[pg_typeof(x)::oid::text, x::text] FROM (SELECT {call}) s(x)"


def main():
    rng = random.Random(15)
    known = procs()
    psql(TRY)
    ordered_sets = {int(oid) for oid in psql("SELECT aggfnoid::oid FROM pg_aggregate WHERE aggkind <> 'n'").split()}
    calls, asked = [], set()
    for line in sys.stdin:
        kind, oid = line.split()
        asked.add(int(oid))
        info = known.get(int(oid))
        if info is None or info[0] in SKIP or int(oid) in SKIP:
            continue
        if kind == "a" and int(oid) in ordered_sets:
            calls.extend((kind, int(oid), info, types, values, ZONES[0]) for kind, types, values in ordered_calls(rng, info[0], info[5]))
            continue
        for types, values in calls_of(rng, kind, int(oid), info):
            # Zones matter to moments: every other call goes to the other zone.
            moves = any("with time zone" in t for t in types)
            calls.append((kind, int(oid), info, types, values, ZONES[len(calls) % 2 if moves else 0]))
    for name, types, values, *zone in EXTRA:
        for oid, info in known.items():
            if info[0] == name and info[5] == types and oid in asked:
                kind = "s" if info[3] else "f"
                calls.append((kind, oid, info, types, values, zone[0] if zone else ZONES[0]))
    for zone in ZONES:
        batch = [c for c in calls if c[5] == zone]
        sql = [f"SET TimeZone = '{zone}'; SET statement_timeout = '2s';"]
        for kind, oid, info, types, values, _ in batch:
            sql.append(f"SELECT array_to_json(public.try_call({quote(expression(kind, info, types, values))}));")
        names = {}
        wanted = sorted({t for c in batch for t in c[3]})
        for row in psql("".join(f"SELECT {quote(t)}, {quote(t)}::regtype::oid;\n" for t in wanted)).splitlines():
            typename, _, oid = row.rpartition("|")
            names[typename] = oid
        import json
        for call, row in zip(batch, psql("\n".join(sql)).splitlines(), strict=True):
            kind, oid, info, types, values, _ = call
            status, result_type, result = json.loads(row)
            if status in ("42883", "42725", "42804", "42P18", "57014"):
                continue
            values = [json.dumps(v, ensure_ascii=False) if isinstance(v, list) else v for v in values]
            fields = [kind, zone, str(oid), info[0], ",".join(names[t] for t in types), result_type, status, result, *values]
            print("\t".join(escape(f) for f in fields))


main()
