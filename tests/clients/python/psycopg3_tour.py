"""psycopg 3: both formats, server cursors, pipelines, COPY, pool, cancel, async notices."""

import datetime
import decimal
import threading
import time

import psycopg
import psycopg_pool
from psycopg.rows import dict_row

from tour import QUESTIONS, attempt, show

with psycopg.connect() as connection:
    connection.autocommit = True
    for question in QUESTIONS:
        for binary in (False, True):
            cursor = connection.cursor(binary=binary)
            show(f"binary={binary}", cursor.execute(question).fetchall())
    cursor = connection.execute("SELECT * FROM types ORDER BY __key")
    show("columns", [(c.name, c.type_code, c.display_size, c.precision, c.scale, c.null_ok) for c in cursor.description])
    show("types", cursor.fetchall())
    show("types, binary", connection.cursor(binary=True).execute("SELECT * FROM types WHERE __key <> 2 ORDER BY __key").fetchall())
    for value in (1, 10**12, 1.5, decimal.Decimal("1.50"), "x", True, None, datetime.date(2024, 2, 29),
                  datetime.time(1, 2, 3), datetime.datetime(2024, 2, 29, 1, 2, 3),
                  datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone.utc), [1, 2, 3], ["a", None],
                  datetime.timedelta(days=1, seconds=3), b"\x00\xff", {"a": 1}):
        wrapped = psycopg.types.json.Json(value) if isinstance(value, dict) else value
        attempt(f"parameter {value!r}", lambda: connection.execute("SELECT %s, pg_typeof(%s)::text", (wrapped, wrapped)).fetchone(), psycopg.Error)
        attempt(f"parameter {value!r}, binary", lambda: connection.execute("SELECT %b", (wrapped,)).fetchone(), psycopg.Error)
    show("by key", connection.execute("SELECT title FROM movies WHERE __key = %s", (7,)).fetchall())
    show("by keys", connection.execute("SELECT title FROM movies WHERE __key = ANY(%s) ORDER BY 1", ([1, 2, 3],)).fetchall())
    show("dictionaries", connection.cursor(row_factory=dict_row).execute("SELECT __key, title FROM movies ORDER BY __key LIMIT 2").fetchall())
    for statement in ("SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM movies", "SELECT lower(1)", "SELECT 1/0",
                      "SELECT 'x'::int", "SELECT __key FROM movies GROUP BY title", "INSERT INTO notes(__key) VALUES (NULL)"):
        attempt(statement, lambda: connection.execute(statement).fetchall(), psycopg.Error)

    for n in range(1, 4):
        connection.execute("INSERT INTO notes VALUES (%s, %s, %s, %s)", (n, f"author {n}", "ümläut 🎬", n))
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO notes VALUES (%s, %s, %s, %s)", [(n, None, "many", n) for n in range(10, 30)])
    show("rowcount", cursor.rowcount)
    attempt("twice", lambda: connection.execute("INSERT INTO notes VALUES (1, 'a', 'b', 1)").rowcount, psycopg.Error)
    show("updated", connection.execute("UPDATE notes SET stars = stars + 1 WHERE __key < 10").rowcount)
    show("deleted", connection.execute("DELETE FROM notes WHERE __key >= %s", (20,)).rowcount)
    show("notes", connection.execute("SELECT * FROM notes ORDER BY __key").fetchall())
    connection.execute("DELETE FROM notes")

    with connection.pipeline():
        cursors = [connection.execute("SELECT title FROM movies WHERE __key = %s", (n,)) for n in range(1, 20)]
        show("pipeline", [c.fetchone() for c in cursors])
    with connection.transaction():
        cursor = connection.cursor(name="big")
        cursor.itersize = 7
        cursor.execute("SELECT __key, movie_id FROM casts ORDER BY __key")
        rows = list(cursor)
        show("server cursor", (len(rows), sum(r[0] for r in rows), sum(r[1] for r in rows)))
    with connection.transaction(force_rollback=True):
        show("in a transaction", connection.execute("SELECT count(*) FROM movies").fetchone())
        with psycopg.ClientCursor(connection) as client:
            show("client cursor", client.execute("SELECT %s, %s", ("a'b", 1.5)).fetchone())
    show("stream", sum(1 for _ in connection.cursor().stream("SELECT * FROM casts")))
    with connection.cursor().copy("COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT") as copy:
        show("copy", [bytes(block) for block in copy])
    with connection.cursor().copy("COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "varchar"])
        show("copy, binary", list(copy.rows()))

    connection.execute("SET statement_timeout = '300ms'")
    attempt("timeout", lambda: connection.execute("SELECT pg_sleep(20)").fetchall(), psycopg.Error)
    connection.execute("RESET statement_timeout")
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    began = time.monotonic()
    attempt("cancelled", lambda: connection.execute("SELECT pg_sleep(20)").fetchall(), psycopg.Error)
    show("at once", time.monotonic() - began < 5)
    timer.join()
    show("alive", connection.execute("SELECT 1").fetchone())
    show("status", (connection.info.transaction_status.name, connection.info.server_version // 10000, connection.info.encoding))
    show("parameters", [connection.info.parameter_status(n) for n in ("client_encoding", "DateStyle", "TimeZone", "integer_datetimes", "standard_conforming_strings", "IntervalStyle", "is_superuser")])

with psycopg_pool.ConnectionPool(min_size=2, max_size=4) as pool:
    def ask(n):
        with pool.connection() as c:
            return c.execute("SELECT count(*) FROM casts WHERE __key <= %s", (n,)).fetchone()[0]

    threads, answers = [], {}
    for n in range(16):
        thread = threading.Thread(target=lambda n=n: answers.__setitem__(n, ask(n)))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    show("pool", sorted(answers.items()))
