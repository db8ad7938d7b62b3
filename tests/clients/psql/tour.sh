# psql: what it describes, its formats, \gdesc, \gset, \copy, \watch, \crosstabview, errors, cursors by FETCH_COUNT.
export PAGER=cat
run() { echo "== $*"; psql -X -v ON_ERROR_STOP=0 "$@" 2>&1; }

run -f "$(dirname "$0")/describe.sql"
run -f "$(dirname "$0")/use.sql"
run -v FETCH_COUNT=7 -c 'SELECT __key, title FROM movies ORDER BY __key LIMIT 20'
run -A -t -F, -c 'SELECT * FROM casts ORDER BY __key LIMIT 3'
run --csv -c 'SELECT * FROM types ORDER BY __key'
run -H -c 'SELECT __key, title FROM movies ORDER BY __key LIMIT 2'
run -x -c 'SELECT * FROM movies WHERE __key = 1'
run -c 'SELECT 1' -c 'SELECT 2; SELECT 3' -c '\echo done'
run -1 -c 'SELECT count(*) FROM movies' -c 'SELECT nothing FROM movies' -c 'SELECT 1'
echo 'SELECT 1; SELEC 2; SELECT 3;' | run -e
psql -X -l 2>&1 | head -3
