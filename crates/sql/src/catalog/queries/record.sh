#!/bin/sh
# Writes the answers of a real PostgreSQL 15 to statements.sql into answers.csv. Its database is named postgres and has
# the five tables of the movie data, analysed (PGHOST, PGPORT, PGUSER …).
set -eu
cd "$(dirname "$0")"
python3 - <<'PYTHON'
import re, subprocess
text = open("statements.sql").read()
with open("answers.csv", "w") as out:
    for block in re.split(r"\n\n(?=-- )", text.strip()):
        title, _, sql = block.partition("\n")
        answer = subprocess.run(
            ["psql", "-X", "-d", "postgres", "--csv", "-P", r"null=\N", "-v", "ON_ERROR_STOP=1", "-c", sql],
            check=True, capture_output=True, text=True).stdout
        out.write(f"{title}\n{answer}\n")
PYTHON
