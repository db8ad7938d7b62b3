"""pandas and polars: frames from queries, by SQLAlchemy and by ADBC (COPY in binary)."""

import os

import adbc_driver_postgresql.dbapi
import pandas
import polars
import sqlalchemy as sa

from tour import QUESTIONS, show

place = f"{os.environ['PGUSER']}@{os.environ['PGHOST']}:{os.environ['PGPORT']}/{os.environ['PGDATABASE']}"
engine = sa.create_engine(f"postgresql+psycopg://{place}")
for question in QUESTIONS:
    frame = pandas.read_sql(question.replace("%", "%%"), engine)
    show("pandas", frame.to_csv())
frame = pandas.read_sql_table("casts", engine, index_col="__key")
show("table", (frame.shape, list(frame.dtypes.astype(str)), int(frame.actor_id.sum())))
show("chunks", [len(c) for c in pandas.read_sql("SELECT * FROM casts", engine, chunksize=1000)])
pandas.DataFrame({"__key": [1, 2], "author": ["a", None], "words": ["x", "y"], "stars": [1, 2]}).to_sql("notes", engine, if_exists="append", index=False)
show("written", pandas.read_sql("SELECT * FROM notes ORDER BY __key", engine).to_csv())
with engine.begin() as c:
    c.execute(sa.text("DELETE FROM notes"))
show("polars", polars.read_database("SELECT * FROM types WHERE __key NOT IN (2, 3) ORDER BY __key", engine.connect()).rows())
with adbc_driver_postgresql.dbapi.connect(f"postgresql://{place}") as c:
    for sql in ("SELECT __key, title, vote_average FROM movies ORDER BY __key LIMIT 3", "SELECT c_int, c_bigint, c_double, c_boolean, c_varchar, c_date, c_timestamp FROM types WHERE __key IN (1, 4, 5) ORDER BY __key"):
        with c.cursor() as cursor:
            cursor.execute(sql)
            table = cursor.fetch_arrow_table()
            show("schema", [(f.name, str(f.type)) for f in table.schema])
            show("arrow", table.to_pylist())
    show("adbc", polars.read_database("SELECT movie_id, count(*) AS n FROM casts GROUP BY movie_id ORDER BY n DESC, movie_id LIMIT 5", c).rows())
