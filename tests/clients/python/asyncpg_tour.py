"""asyncpg: binary everywhere, introspection of types, prepared statements, cursors, pool reset, copy."""

import asyncio
import datetime
import decimal
import io

import asyncpg

from tour import QUESTIONS, show


async def attempt(title, action):
    try:
        show(title, await action)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        print(f"{title}: {type(error).__name__} {getattr(error, 'sqlstate', None)} {error} {getattr(error, 'position', None)}")


def rows(records):
    return [dict(r) for r in records]


async def main():
    c = await asyncpg.connect()
    for question in QUESTIONS:
        show("question", rows(await c.fetch(question)))
    # asyncpg's own dates end in 9999-12-31.
    show("types", rows(await c.fetch("SELECT * FROM types ORDER BY __key")))
    statement = await c.prepare("SELECT t.*, $1::text AS p, $2::int[] AS q FROM types t WHERE __key = $3")
    show("attributes", [(a.name, a.type.name, a.type.oid, a.type.kind) for a in statement.get_attributes()])
    show("parameters", [(p.name, p.oid, p.kind) for p in statement.get_parameters()])
    show("prepared", rows(await statement.fetch("x", [1, None, 3], 1)))
    for sql, value in (("int", 1), ("bigint", 10**12), ("double precision", 1.5), ("numeric", decimal.Decimal("1.50")), ("text", "x"),
                       ("boolean", True), ("date", datetime.date(2024, 2, 29)), ("time", datetime.time(1, 2, 3)),
                       ("timestamp", datetime.datetime(2024, 2, 29, 1, 2, 3)), ("interval", datetime.timedelta(days=1, seconds=3)),
                       ("timestamptz", datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)), ("bytea", b"\0\xff"),
                       ("text[]", ["a", None]), ("numeric[]", [decimal.Decimal("1.5")]), ("uuid", "6b1e37dd-b5a2-4ae7-b5bf-1b1f5a2b5f8e"), ("json", '{"a": 1}'), ("jsonb", '{"a": 1}')):
        await attempt(f"{sql}", c.fetchval(f"SELECT $1::{sql}", value))
    await attempt("record", c.fetchval("SELECT ROW(1, 'a', NULL)"))
    await attempt("records", c.fetchval("SELECT array_agg(r) FROM (SELECT __key, title FROM movies ORDER BY __key LIMIT 2) r"))
    await attempt("syntax", c.fetch("SELEC 1"))
    await attempt("table", c.fetch("SELECT * FROM nowhere"))
    await attempt("column", c.fetch("SELECT nothing FROM movies"))
    await attempt("division", c.fetch("SELECT 1/$1::int", 0))
    await attempt("type", c.fetch("SELECT * FROM movies WHERE __key = $1", "x"))
    await c.executemany("INSERT INTO notes VALUES ($1, $2, $3, $4)", [(n, f"a{n}", None, n) for n in range(50)])
    show("status", await c.execute("UPDATE notes SET stars = 0 WHERE __key < 10"))
    show("status", await c.execute("DELETE FROM notes WHERE __key < 10"))
    show("notes", rows(await c.fetch("SELECT count(*), sum(stars) FROM notes")))
    out = io.BytesIO()
    show("copied", await c.copy_from_query("SELECT * FROM notes ORDER BY __key LIMIT 3", output=out, format="csv", header=True))
    show("copy", out.getvalue())
    await c.execute("DELETE FROM notes")
    async with c.transaction(isolation="repeatable_read", readonly=True):
        total = 0
        async for record in c.cursor("SELECT movie_id FROM casts ORDER BY __key", prefetch=33):
            total += record["movie_id"]
        show("cursor", total)
        cursor = await c.cursor("SELECT __key FROM movies ORDER BY __key")
        show("fetch", rows(await cursor.fetch(3)))
        show("forward", await cursor.forward(5))
        show("fetchrow", dict(await cursor.fetchrow()))
    await attempt("timeout", asyncio.wait_for(c.fetch("SELECT 1"), 10))
    try:
        await c.fetch("SELECT pg_sleep(20)", timeout=0.3)
    except asyncio.TimeoutError:
        show("timeout", "TimeoutError")
    show("alive", await c.fetchval("SELECT 1"))
    show("reset", await c.reset())
    await c.set_type_codec("json", encoder=str, decoder=lambda text: ("json", text), schema="pg_catalog")
    show("codec", await c.fetchval("SELECT '{\"a\": 1}'::json"))
    show("settings", (c.get_server_version().major, c.get_settings().TimeZone))
    await c.close()
    async with asyncpg.create_pool(min_size=2, max_size=5) as pool:
        answers = await asyncio.gather(*(pool.fetchval("SELECT title FROM movies WHERE __key = $1", n) for n in range(1, 30)))
        show("pool", answers)


asyncio.run(main())
