"""Connects with psqlODBC, lists tables and columns, and asks the questions.

Arguments: port, driver, file with the questions. One line a row, as JSON.
"""

import json
import sys

import pyodbc

port, driver, file = sys.argv[1:]
pyodbc.pooling = False
connection = pyodbc.connect(
    f"Driver={driver};Server=127.0.0.1;Port={port};Database=postgres;Uid=postgres;Pwd=x", autocommit=True
)
cursor = connection.cursor()
ours = ("actors", "casts", "movies", "reviews")
tables = sorted((t.table_schem, t.table_name, t.table_type) for t in cursor.tables() if t.table_name in ours)
print(json.dumps(["tables", *tables]))
for table in ours:
    for c in cursor.columns(table=table):
        # Not the remarks, and not what keys of PostgreSQL's own tables add.
        print(json.dumps(["column", c.table_name, c.column_name, c.data_type, c.type_name, c.ordinal_position]))
with open(file, encoding="utf-8") as f:
    blocks = [b for b in f.read().split("\n\n") if b.strip()]
for number, block in enumerate(blocks, 1):
    cursor.execute(block)
    print(json.dumps([number, "columns", [d[0] for d in cursor.description]]))
    for row in cursor.fetchall():
        print(json.dumps([number, *row]))
