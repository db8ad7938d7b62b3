"""pyodbc over psqlODBC: catalog functions, types, parameters, with UseDeclareFetch off and on."""

import datetime
import decimal
import os

import pyodbc

from tour import QUESTIONS, attempt, show

pyodbc.pooling = False
for options in ("UseDeclareFetch=0", "UseDeclareFetch=1;Fetch=7", "UseServerSidePrepare=0", "ByteaAsLongVarBinary=1;MaxVarcharSize=4000"):
    show("options", options)
    c = pyodbc.connect(
        f"Driver={os.environ['PSQLODBC']};Server={os.environ['PGHOST']};Port={os.environ['PGPORT']};"
        f"Database={os.environ['PGDATABASE']};Uid={os.environ['PGUSER']};{options}", autocommit=True)
    cursor = c.cursor()
    for question in QUESTIONS:
        show("question", cursor.execute(question).fetchall())
    cursor.execute("SELECT * FROM types ORDER BY __key")
    show("columns", cursor.description)
    show("types", cursor.fetchall())
    show("tables", [tuple(r) for r in cursor.tables(schema="public")])
    show("columns", [tuple(r) for r in cursor.columns(table="types")])
    show("keys", [tuple(r) for r in cursor.primaryKeys(table="movies")])
    show("foreign", [tuple(r) for r in cursor.foreignKeys(table="movies")])
    show("statistics", [tuple(r)[:9] for r in cursor.statistics(table="movies")])
    show("row id", [tuple(r) for r in cursor.rowIdColumns("movies")])
    show("procedures", [tuple(r)[:3] for r in cursor.procedures(procedure="lower")])
    show("type info", [tuple(r) for r in cursor.getTypeInfo()])
    for value in (1, 10**12, 1.5, decimal.Decimal("1.50"), "x", True, None, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3)):
        attempt(f"parameter {value!r}", lambda: cursor.execute("SELECT ?", value).fetchall(), pyodbc.Error)
    show("by key", cursor.execute("SELECT title FROM movies WHERE __key = ?", 3).fetchall())
    for statement in ("SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0"):
        attempt(statement, lambda: cursor.execute(statement).fetchall(), pyodbc.Error)
    cursor.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", [(n, f"a{n}", "w", n) for n in range(20)])
    show("updated", cursor.execute("UPDATE notes SET stars = ? WHERE __key < ?", 0, 5).rowcount)
    show("notes", cursor.execute("SELECT stars, count(*) FROM notes GROUP BY stars ORDER BY stars").fetchall())
    show("deleted", cursor.execute("DELETE FROM notes").rowcount)
    c.autocommit = False
    show("in a block", cursor.execute("SELECT count(*) FROM casts").fetchall())
    cursor.execute("SELECT __key FROM casts ORDER BY __key")
    show("many", sum(r[0] for r in cursor))
    c.commit()
    c.rollback()
    c.close()
