"""Asks questions with psycopg in the extended protocol with binary results, ten times each, and prints the answers.

Arguments: port, file with the questions. One line a row: the question's number and the cells, as JSON.
"""

import json
import sys

import psycopg

port, file = int(sys.argv[1]), sys.argv[2]
with open(file, encoding="utf-8") as f:
    blocks = [b for b in f.read().split("\n\n") if b.strip()]
with psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True) as connection:
    for number, block in enumerate(blocks, 1):
        seen = []
        with connection.cursor(binary=True) as cursor:
            for _ in range(10):
                # "%" stands for itself when there are no parameters; prepare=True makes it a named statement.
                cursor.execute(block, prepare=True)
                seen.append(cursor.fetchall())
            columns = [(d.name, d.type_code) for d in cursor.description]
        print(json.dumps([number, "columns", columns]))
        if number < 4 and any(rows != seen[0] for rows in seen):
            sys.exit(f"question {number} is answered differently when it is asked again")
        for row in seen[-1]:
            print(json.dumps([number, *row]))
