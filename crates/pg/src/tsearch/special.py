#!/usr/bin/env python3
"""Writes special.tsv: the characters beyond ASCII that are no letters and that the text search parser takes for parts of
a word all the same, as ranges, asked of a PostgreSQL server that was made with --lc-ctype=C.UTF-8.
Usage: special.py 'psql -h … -At' > special.tsv"""
import shlex
import subprocess
import sys

SQL = """SELECT i FROM generate_series(128, 1114111) i WHERE i NOT BETWEEN 55296 AND 57343
    AND (SELECT count(*) FROM ts_parse('default', 'é' || chr(i) || 'é')) = 1
    AND (SELECT tokid FROM ts_parse('default', chr(i) || ' ') LIMIT 1) <> 2"""

rows = subprocess.run(shlex.split(sys.argv[1]) + ["-c", SQL], capture_output=True, text=True, check=True)
ranges = []
for code in map(int, rows.stdout.split()):
    if ranges and ranges[-1][1] == code - 1:
        ranges[-1][1] = code
    else:
        ranges.append([code, code])
print(*(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges), sep="\t")
