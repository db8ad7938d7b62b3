#!/usr/bin/env python3
"""Writes ctype.tsv: the character classes of C.UTF-8 (glibc 2.36) beyond ASCII as ranges, asked of a PostgreSQL server
that was made with --lc-ctype=C.UTF-8. Usage: ctype.py 'psql -h … -At' > ctype.tsv"""
import shlex
import subprocess
import sys

CLASSES = ["alpha", "upper", "lower", "punct", "space"]
SQL = "SELECT i, {} FROM generate_series(128, 1114111) i WHERE i NOT BETWEEN 55296 AND 57343".format(
    ", ".join(f"(chr(i) ~ '[[:{c}:]]')::int" for c in CLASSES))

rows = subprocess.run(shlex.split(sys.argv[1]) + ["-F", " ", "-c", SQL], capture_output=True, text=True, check=True)
ranges = {c: [] for c in CLASSES}
for line in rows.stdout.splitlines():
    code, *bits = map(int, line.split())
    for name, bit in zip(CLASSES, bits):
        if bit:
            if ranges[name] and ranges[name][-1][1] == code - 1:
                ranges[name][-1][1] = code
            else:
                ranges[name].append([code, code])
for name in CLASSES:
    print(name, *(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges[name]), sep="\t")
