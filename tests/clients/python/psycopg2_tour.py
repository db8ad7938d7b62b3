"""psycopg 2: literals in the text, named cursors, copy_expert, execute_values, notices."""

import datetime
import decimal

import psycopg2
import psycopg2.extras
import psycopg2.pool

from tour import QUESTIONS, attempt, show

connection = psycopg2.connect("")
connection.autocommit = True


def ask(sql, args=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return cursor.fetchall() if cursor.description else cursor.statusmessage


for question in QUESTIONS:
    show("question", ask(question))
with connection.cursor() as cursor:
    cursor.execute("SELECT * FROM types ORDER BY __key")
    show("columns", [tuple(c) for c in cursor.description])
    show("types", cursor.fetchall())
for value in (1, 10**12, 1.5, decimal.Decimal("1.50"), "a'b\\c", True, None, datetime.date(2024, 2, 29), datetime.time(1, 2, 3),
              datetime.datetime(2024, 2, 29, 1, 2, 3), [1, 2], ["a", None], datetime.timedelta(days=1), b"\x00\xff", (1, 2)):
    attempt(f"parameter {value!r}", lambda: ask("SELECT %s", (value,)), psycopg2.Error)
show("in", ask("SELECT title FROM movies WHERE __key IN %s ORDER BY 1", ((1, 2, 3),)))
show("like", ask("SELECT count(*) FROM movies WHERE title LIKE %s", ("The%",)))
for statement in ("SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT 1/0", "SELECT 'x'::int"):
    attempt(statement, lambda: ask(statement), psycopg2.Error)
    try:
        ask(statement)
    except psycopg2.Error as error:
        d = error.diag
        show("diagnostics", (d.severity, d.sqlstate, d.message_primary, d.message_detail, d.message_hint, d.statement_position))
with connection.cursor() as cursor:
    psycopg2.extras.execute_values(cursor, "INSERT INTO notes VALUES %s", [(n, f"a{n}", "words", n % 5) for n in range(250)])
    show("status", cursor.statusmessage)
    psycopg2.extras.execute_batch(cursor, "UPDATE notes SET stars = %s WHERE __key = %s", [(9, n) for n in range(5)])
show("notes", ask("SELECT stars, count(*) FROM notes GROUP BY stars ORDER BY 1"))
show("delete", ask("DELETE FROM notes"))
connection.autocommit = False
with connection:
    with connection.cursor("named", cursor_factory=psycopg2.extras.DictCursor) as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT __key, title FROM movies ORDER BY __key")
        rows = list(cursor)
        show("named cursor", (len(rows), rows[0]["title"], rows[-1]["title"]))
with connection:
    with connection.cursor("scroll", scrollable=True) as cursor:
        cursor.execute("SELECT __key FROM movies ORDER BY __key LIMIT 50")
        show("first", cursor.fetchmany(2))
        cursor.scroll(10)
        show("after 10", cursor.fetchone())
        cursor.scroll(5, mode="absolute")
        show("at 5", cursor.fetchone())
        cursor.scroll(-3)
        show("back 3", cursor.fetchone())
with connection:
    with connection.cursor("kept", withhold=True) as cursor:
        cursor.execute("SELECT __key FROM movies ORDER BY __key")
        show("before commit", cursor.fetchmany(2))
        connection.commit()
        show("after commit", cursor.fetchmany(2))
connection.rollback()
attempt("broken", lambda: ask("SELECT 1/0"), psycopg2.Error)
attempt("in a broken block", lambda: ask("SELECT 1"), psycopg2.Error)
connection.rollback()
show("after rollback", ask("SELECT 1"))
connection.rollback()
connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
show("isolation", ask("SHOW transaction_isolation"))
show("read only", ask("SHOW transaction_read_only"))
connection.rollback()
attempt("written", lambda: ask("INSERT INTO notes VALUES (1, 'a', 'b', 1)"), psycopg2.Error)
connection.rollback()
connection.close()
pool = psycopg2.pool.SimpleConnectionPool(1, 3, "")
for n in range(5):
    c = pool.getconn()
    with c.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM actors")
        show("pooled", cursor.fetchone())
    pool.putconn(c)
pool.closeall()
