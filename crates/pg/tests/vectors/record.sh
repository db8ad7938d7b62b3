#!/bin/sh
# Records what PostgreSQL makes of the inputs of inputs.py: io.tsv, numeric.tsv and compare.tsv. PGHOST, PGPORT and PGUSER
# say which server (15); nothing is left behind on it.
set -eu
cd "$(dirname "$0")"
python3 inputs.py
psql -X -q -v ON_ERROR_STOP=1 -f record.sql
rm -f io.in numeric.in compare.in
