"""DuckDB's postgres extension: ATTACH, what it finds, scans by COPY in binary, filters that it sends, joins, changes, errors."""

import os
import pathlib

import duckdb
import duckdb_ext

extension = next(pathlib.Path(list(duckdb_ext.__path__)[0]).rglob("postgres_scanner.duckdb_extension"))
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.execute(f"LOAD '{extension}'")
place = f"host={os.environ['PGHOST']} port={os.environ['PGPORT']} user={os.environ['PGUSER']} dbname={os.environ['PGDATABASE']}"
# On several connections it reads ranges of ctid, which only PostgreSQL's own tables have.
db.execute("SET threads = 2")


def ask(title, query):
    try:
        cursor = db.execute(query)
        print(f"{title}:", [(d[0], str(d[1])) for d in cursor.description or []])
        for row in cursor.fetchall():
            print("   ", row)
    except duckdb.Error as error:
        print(f"{title}: {type(error).__name__} {str(error).strip()}")


ask("attach", f"ATTACH '{place}' AS pg (TYPE postgres)")
ask("tables", "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'pg' AND table_schema = 'public' ORDER BY 2")
ask("columns", "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_catalog = 'pg' AND table_schema = 'public' ORDER BY 1, ordinal_position")
for table in ("movies", "casts", "types"):
    ask(f"describe {table}", f"DESCRIBE pg.public.{table}")
ask("rows", "SELECT __key, title, vote_average FROM pg.movies ORDER BY __key LIMIT 5")
ask("types", "SELECT * FROM pg.types WHERE __key NOT IN (2, 3) ORDER BY __key")
ask("all of it", "SELECT count(*), sum(__key), count(DISTINCT movie_id) FROM pg.casts")
db.execute("SET pg_experimental_filter_pushdown = true")
ask("pushed", "SELECT title FROM pg.movies WHERE vote_count > 20000 AND vote_average >= 8.3 AND title > 'T' ORDER BY title")
ask("pushed NULLs", "SELECT __key FROM pg.types WHERE c_boolean IS NULL AND c_varchar IS NOT NULL ORDER BY 1")
ask("pushed IN", "SELECT title FROM pg.movies WHERE __key IN (1, 5, 7) OR __key = 9 ORDER BY title")
ask("pushed dates", "SELECT __key FROM pg.types WHERE c_date > DATE '1990-01-01' AND c_timestamp < TIMESTAMP '2030-01-01' ORDER BY 1")
ask("limit", "SELECT count(*) FROM (SELECT * FROM pg.casts LIMIT 10)")
ask("joined", "SELECT m.title, count(*) AS n FROM pg.movies m JOIN pg.casts c ON c.movie_id = m.id GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5")
ask("with its own", "SELECT m.title FROM pg.movies m JOIN (VALUES (1), (2)) v(k) ON m.__key = v.k ORDER BY 1")
ask("summarised", "SELECT column_name, column_type, min, max, count FROM (SUMMARIZE SELECT __key, vote_count, title FROM pg.movies)")
ask("as written", "SELECT * FROM postgres_query('pg', 'SELECT title, row_number() OVER (ORDER BY title) AS n FROM movies ORDER BY 2 LIMIT 3')")
ask("inserted", "INSERT INTO pg.notes VALUES (1, 'a', 'ümläut 🎬', 1), (2, NULL, 'x', NULL)")
# Its own UPDATE and DELETE name rows by ctid, by way of a temporary table.
ask("updated", "CALL postgres_execute('pg', 'UPDATE notes SET stars = 7 WHERE __key = 1')")
ask("notes", "SELECT * FROM pg.notes ORDER BY 1")
ask("executed", "CALL postgres_execute('pg', 'DELETE FROM notes WHERE __key = 1')")
ask("deleted", "CALL postgres_execute('pg', 'DELETE FROM notes')")
ask("none", "SELECT count(*) FROM pg.notes")
ask("copied", "CREATE TABLE mine AS FROM pg.reviews; SELECT count(*), avg(rating) FROM mine")
ask("no table", "SELECT * FROM pg.nowhere")
ask("wrong", "SELECT * FROM postgres_query('pg', 'SELECT 1/0')")
ask("transaction", "BEGIN; SELECT count(*) FROM pg.movies; COMMIT")
ask("again", "SELECT title FROM pg.movies WHERE __key = 3")
ask("detach", "DETACH pg")
