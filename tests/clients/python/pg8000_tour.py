"""pg8000: pure Python, text parameters with its own types."""

import datetime
import decimal
import os

import pg8000.dbapi
import pg8000.native

from tour import QUESTIONS, attempt, show

place = {"user": os.environ["PGUSER"], "host": os.environ["PGHOST"], "port": int(os.environ["PGPORT"]), "database": os.environ["PGDATABASE"]}
c = pg8000.native.Connection(**place)
for question in QUESTIONS:
    show("question", c.run(question))
show("types", c.run("SELECT * FROM types ORDER BY __key"))
show("columns", [(x["name"], x["type_oid"], x["type_modifier"], x["type_size"]) for x in c.columns])
for value in (1, 10**12, 1.5, decimal.Decimal("1.50"), "x", True, None, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1), [1, 2], ["a"], datetime.timedelta(days=1), b"\0"):
    attempt(f"parameter {value!r}", lambda: c.run("SELECT :v", v=value), pg8000.exceptions.Error)
show("by key", c.run("SELECT title FROM movies WHERE __key = :k", k=5))
for statement in ("SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0"):
    attempt(statement, lambda: c.run(statement), pg8000.exceptions.Error)
c.run("START TRANSACTION")
show("insert", (c.run("INSERT INTO notes VALUES (1, :a, 'x', 2)", a="me"), c.row_count))
c.run("COMMIT")
show("notes", c.run("SELECT * FROM notes"))
c.run("DELETE FROM notes")
p = c.prepare("SELECT title FROM movies WHERE __key = :k")
show("prepared", [p.run(k=n) for n in range(1, 8)])
p.close()
c.close()
d = pg8000.dbapi.connect(**place)
cursor = d.cursor()
cursor.execute("SELECT title FROM movies WHERE vote_count > %s ORDER BY title LIMIT 5", (20000,))
show("dbapi", cursor.fetchall())
cursor.executemany("INSERT INTO notes VALUES (%s, %s, %s, %s)", [(n, "a", "b", n) for n in range(5)])
d.commit()
cursor.execute("SELECT count(*) FROM notes")
show("count", cursor.fetchall())
cursor.execute("DELETE FROM notes")
d.commit()
d.close()
