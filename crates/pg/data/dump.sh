#!/bin/sh
# Writes PostgreSQL's built-in catalog into this folder, from a running PostgreSQL 15 (PGHOST, PGPORT, PGUSER …).
# The server should have been made with: initdb -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8 -U postgres
#
# One file per table of pg_catalog and information_schema, in COPY's text format with a header line, all columns in
# their order; objects of initdb only (oids below 16384), seen from a database fresh from template0. Beside them:
#   views.tsv       the definitions of the system views
#   node_trees.tsv  what pg_get_expr or pg_get_function_sqlbody prints for each stored expression
#   keywords.tsv    pg_get_keywords()
#   tsearch/        the stop words of text search's dictionaries
#   settings.tsv    the rows of pg_settings, and the flags of each setting
set -eu
cd "$(dirname "$0")"
database=catalog_dump_$$
sql() { psql -X -q -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
copy() { sql "$database" "SET DateStyle = ISO; COPY ($1) TO STDOUT (HEADER)"; }

sql postgres "CREATE DATABASE $database TEMPLATE template0"
trap 'sql postgres "DROP DATABASE $database"' EXIT
rm -f ./*.tsv

# Which rows of a table are built in: those whose first oid column is. Statistics and large objects are nobody's
# built-ins; rules come without their parse trees (views.tsv has their text).
psql -X -At -d "$database" -c "
    SELECT relname,
           coalesce((SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1 AND atttypid = 26), ''),
           (SELECT string_agg(CASE WHEN attname = 'ev_action' THEN '''<>'' AS ev_action'
                                   WHEN relname = 'pg_authid' AND attname = 'rolpassword' THEN 'NULL AS rolpassword'
                                   -- initdb sets none; what stands there differs from one server to the next.
                                   WHEN attname = 'attoptions' THEN 'NULL AS attoptions'
                                   -- A function's name alone would not say which of several it is.
                                   WHEN atttypid = 'regproc'::regtype THEN attname || '::oid AS ' || attname
                                   ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
              FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
           relnamespace::regnamespace
      FROM pg_class c
     WHERE relkind = 'r' AND oid < 16384
       AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata')
     ORDER BY 1" |
while IFS='|' read -r table key columns schema; do
    where=""
    [ -z "$key" ] || where="WHERE $key < 16384"
    [ "$table" != pg_database ] || where="WHERE datname IN ('template0', 'template1', 'postgres')"
    # Reading the catalog through an index keeps the files in the order of the keys.
    copy "SELECT $columns FROM $schema.$table $where ORDER BY 1, 2" > "$table.tsv"
done

copy "SELECT oid, relnamespace::regnamespace AS schema, relname AS name, pg_get_viewdef(oid) AS definition,
             pg_get_viewdef(oid, true) AS pretty
        FROM pg_class WHERE relkind = 'v' AND oid < 16384 ORDER BY oid" > views.tsv

copy "SELECT tree::text, text, nullif(pretty, text) AS pretty FROM (
        SELECT 1 AS kind, oid, proargdefaults AS tree, pg_get_expr(proargdefaults, 0) AS text,
               pg_get_expr(proargdefaults, 0, true) AS pretty FROM pg_proc
        UNION ALL SELECT 2, oid, prosqlbody, pg_get_function_sqlbody(oid), NULL FROM pg_proc
        UNION ALL SELECT 3, oid, conbin, pg_get_expr(conbin, conrelid), pg_get_expr(conbin, conrelid, true)
          FROM pg_constraint) t
       WHERE tree IS NOT NULL AND oid < 16384 ORDER BY kind, oid" > node_trees.tsv

copy "SELECT s.name, s.unit, s.category, s.short_desc, s.extra_desc, s.context, s.vartype, s.min_val, s.max_val, s.enumvals,
             s.boot_val, pg_settings_get_flags(s.name) AS flags
        FROM pg_show_all_settings() s ORDER BY s.name" > settings.tsv

copy "SELECT * FROM pg_get_keywords() ORDER BY word" > keywords.tsv

# The stop words of the dictionaries that have any.
for language in $(psql -X -At -d "$database" -c "
    SELECT substring(dictinitoption FROM 'stopwords = ''(\w+)''') FROM pg_ts_dict ORDER BY 1"); do
    cp "$(pg_config --sharedir)/tsearch_data/$language.stop" tsearch/
done

test -s pg_proc.tsv
