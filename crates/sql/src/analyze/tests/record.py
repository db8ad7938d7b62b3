#!/usr/bin/env python3
"""Asks a PostgreSQL 15 what it makes of the statements of statements.sql and psql.sql (one a paragraph), and writes
statements.jsonl and psql.jsonl; those of answers.sql it runs, and writes answers.jsonl. Usage: record.py CONNINFO [FILE.sql …]. It makes the four movie tables in a schema of its own, in a transaction that is rolled back."""
import ctypes, ctypes.util, json, os, sys

pq = ctypes.CDLL(ctypes.util.find_library("pq"))
for name in "PQconnectdb PQexec PQprepare PQdescribePrepared PQresultErrorField PQfname PQerrorMessage PQgetvalue".split():
    getattr(pq, name).restype = ctypes.c_char_p if name in ("PQresultErrorField", "PQfname", "PQerrorMessage", "PQgetvalue") else ctypes.c_void_p
pq.PQfname.argtypes = [ctypes.c_void_p, ctypes.c_int]
pq.PQftype.argtypes = pq.PQfmod.argtypes = pq.PQftablecol.argtypes = [ctypes.c_void_p, ctypes.c_int]
pq.PQparamtype.argtypes = [ctypes.c_void_p, ctypes.c_int]
pq.PQftype.restype = pq.PQparamtype.restype = ctypes.c_uint
for name in "PQresultStatus PQnfields PQnparams PQstatus PQclear PQerrorMessage".split():
    getattr(pq, name).argtypes = [ctypes.c_void_p]
pq.PQresultErrorField.argtypes = [ctypes.c_void_p, ctypes.c_int]
pq.PQgetvalue.argtypes = pq.PQgetisnull.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
pq.PQntuples.argtypes = [ctypes.c_void_p]
pq.PQexec.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
pq.PQprepare.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
pq.PQdescribePrepared.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

TABLES = """BEGIN; CREATE SCHEMA analyze_fixture; SET LOCAL search_path = analyze_fixture;
CREATE TABLE movies(__key int, id int, title varchar, description varchar, popularity double precision, release_date varchar, vote_average double precision, vote_count int);
CREATE TABLE casts(__key int, movie_id int, actor_id int);
CREATE TABLE actors(__key int, gender int, id int, name varchar, popularity double precision);
CREATE TABLE reviews(__key int, movie_id int, author varchar, rating double precision, content varchar);
CREATE TABLE types(__key int, c_smallint smallint, c_int int, c_bigint bigint, c_real real, c_double double precision, c_numeric numeric, c_boolean boolean, c_varchar varchar, c_date date, c_time time, c_timestamp timestamp, c_timestamptz timestamptz, c_json json)"""


def field(result, code):
    text = pq.PQresultErrorField(result, ord(code))
    return text.decode() if text else None


def error(result):
    found = {"code": field(result, "C"), "message": field(result, "M"), "position": field(result, "P")}
    found.update({name: field(result, code) for name, code in (("detail", "D"), ("hint", "H")) if field(result, code)})
    found["position"] = int(found["position"]) if found["position"] else None
    return {"error": found}


def ask(conn, sql):
    pq.PQexec(conn, b"SAVEPOINT s")
    result = pq.PQprepare(conn, b"", sql.encode(), 0, None)
    answer = None
    if pq.PQresultStatus(result) != 1:
        answer = error(result)
    else:
        result = pq.PQdescribePrepared(conn, b"")
        columns = [
            [pq.PQfname(result, i).decode(), pq.PQftype(result, i), pq.PQfmod(result, i), pq.PQftablecol(result, i)]
            for i in range(pq.PQnfields(result))
        ]
        answer = {"columns": columns, "params": [pq.PQparamtype(result, i) for i in range(pq.PQnparams(result))]}
    pq.PQexec(conn, b"ROLLBACK TO s")
    return answer


def answer(conn, sql):
    pq.PQexec(conn, b"SAVEPOINT s")
    result = pq.PQexec(conn, sql.encode())
    if pq.PQresultStatus(result) != 2:
        found = error(result)
    else:
        value = lambda i, j: None if pq.PQgetisnull(result, i, j) else pq.PQgetvalue(result, i, j).decode()
        found = {"rows": [[value(i, j) for j in range(pq.PQnfields(result))] for i in range(pq.PQntuples(result))]}
    pq.PQexec(conn, b"ROLLBACK TO s")
    return found


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    conn = pq.PQconnectdb(sys.argv[1].encode())
    if pq.PQstatus(conn) != 0:
        sys.exit(pq.PQerrorMessage(conn).decode())
    pq.PQexec(conn, b"SET timezone = 'UTC'")
    for statement in TABLES.split(";"):
        result = pq.PQexec(conn, statement.encode())
        if pq.PQresultStatus(result) != 1:
            sys.exit(pq.PQerrorMessage(conn).decode())
    for source in sys.argv[2:] or [os.path.join(here, name) for name in ("statements.sql", "psql.sql", "answers.sql")]:
        with open(source) as file, open(source.replace(".sql", ".jsonl"), "w") as out:
            lines = [line for line in file.read().splitlines() if not line.startswith("#")]
            for sql in filter(None, (part.strip("\n") for part in "\n".join(lines).split("\n\n"))):
                found = (answer if source.endswith("answers.sql") else ask)(conn, sql)
                out.write(json.dumps({"sql": sql, **found}, ensure_ascii=False) + "\n")
    pq.PQexec(conn, b"ROLLBACK")


main()
