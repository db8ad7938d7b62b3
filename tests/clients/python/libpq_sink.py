"""Runs SINK INTO through libpq's PQexecParams, with parameters as text and as binary, and reads the rows back.

Arguments: port, table.
"""

import struct
import sys

from psycopg import pq

port, table = sys.argv[1], sys.argv[2]
connection = pq.PGconn.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres".encode())
assert connection.status == pq.ConnStatus.OK, connection.error_message


def run(sql, values=None, formats=None, result_format=0):
    result = connection.exec_params(sql.encode(), values, param_formats=formats, result_format=result_format)
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        sys.exit(f"{sql}: {result.error_message.decode()}")
    return result


sink = f"SINK INTO {table}(__key, movie_id, author, rating, content) VALUES ($1, $2, $3, $4, $5)"
run(sink, [b"101", b"7", "Jürgen".encode(), None, b"I recommend it"])
run(sink.replace("$1, $2, $3, $4, $5", "?, ?, ?, ?, ?"), [b"102", b"8", b"Zoe", b"9.5", b"100% \\ 'fine'"])
binary = [struct.pack("!i", 103), struct.pack("!i", 9), b"Bob", struct.pack("!d", 7.25), b"so so"]
run(sink, binary, [1, 1, 1, 1, 1])
rows = run(f"SELECT * FROM {table} WHERE __key > 100 ORDER BY __key", None)
for r in range(rows.ntuples):
    cells = [rows.get_value(r, c) for c in range(rows.nfields)]
    print("\t".join("NULL" if c is None else c.decode() for c in cells))
