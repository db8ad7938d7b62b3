"""SQLAlchemy 2: reflection, core and ORM over psycopg 3, psycopg 2 and asyncpg's dialects."""

import os

import sqlalchemy as sa
from sqlalchemy import orm

from tour import QUESTIONS, attempt, show

host = f"{os.environ['PGUSER']}@{os.environ['PGHOST']}:{os.environ['PGPORT']}/{os.environ['PGDATABASE']}"


class Base(orm.DeclarativeBase):
    pass


class Movie(Base):
    __tablename__ = "movies"
    key = orm.mapped_column("__key", sa.Integer, primary_key=True)
    id = orm.mapped_column(sa.Integer)
    title = orm.mapped_column(sa.String)
    vote_average = orm.mapped_column(sa.Float)
    casts = orm.relationship("Cast", primaryjoin="Movie.id == foreign(Cast.movie_id)", order_by="Cast.key")


class Cast(Base):
    __tablename__ = "casts"
    key = orm.mapped_column("__key", sa.Integer, primary_key=True)
    movie_id = orm.mapped_column(sa.Integer)
    actor_id = orm.mapped_column(sa.Integer)


class Note(Base):
    __tablename__ = "notes"
    key = orm.mapped_column("__key", sa.Integer, primary_key=True)
    author = orm.mapped_column(sa.String)
    words = orm.mapped_column(sa.String)
    stars = orm.mapped_column(sa.Integer)


def reflect(engine):
    inspector = sa.inspect(engine)
    show("schemas", inspector.get_schema_names())
    for table in sorted(inspector.get_table_names()):
        show(f"columns of {table}", [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)])
        show("primary key", inspector.get_pk_constraint(table)["constrained_columns"])
        show("foreign keys", inspector.get_foreign_keys(table))
        show("unique", inspector.get_unique_constraints(table))
        show("indexes", [i for i in inspector.get_indexes(table)])
        show("checks", inspector.get_check_constraints(table))
    show("views", inspector.get_view_names())
    show("has", (inspector.has_table("movies"), inspector.has_table("nowhere")))
    show("enums", inspector.get_enums())
    meta = sa.MetaData()
    meta.reflect(engine)
    show("reflected", sorted(meta.tables))
    movies = meta.tables["movies"]
    with engine.connect() as c:
        query = sa.select(movies.c.title, sa.func.length(movies.c.title)).where(movies.c.vote_count > 15000).order_by(movies.c.title).limit(5)
        show("core", c.execute(query).fetchall())


def core(engine):
    with engine.connect() as c:
        for question in QUESTIONS:
            show("question", c.exec_driver_sql(question.replace("%", "%%")).fetchall())
        show("types", c.execute(sa.text("SELECT * FROM types ORDER BY __key")).fetchall())
        show("expanding", c.execute(sa.select(Movie.title).where(Movie.key.in_([1, 2, 3])).order_by(Movie.key)).fetchall())
        show("ilike", c.execute(sa.select(sa.func.count()).select_from(Movie).where(Movie.title.ilike("%the%"))).scalar())
        window = sa.func.row_number().over(partition_by=Cast.movie_id, order_by=Cast.key)
        numbered = sa.select(Cast.movie_id, window.label("n")).subquery()
        show("window", c.execute(sa.select(numbered).where(numbered.c.n == 5).order_by(numbered.c.movie_id).limit(5)).fetchall())
        cte = sa.select(Cast.actor_id, sa.func.count().label("n")).group_by(Cast.actor_id).cte("roles")
        show("cte", c.execute(sa.select(cte).where(cte.c.n > 3).order_by(cte.c.n.desc(), cte.c.actor_id).limit(5)).fetchall())
        streamed = c.execution_options(stream_results=True, yield_per=100).execute(sa.select(Cast.key, Cast.actor_id))
        show("streamed", sum(1 for _ in streamed))
    with engine.connect() as c:
        attempt("error", lambda: c.execute(sa.text("SELECT * FROM nowhere")), sa.exc.DBAPIError)
        c.rollback()
        show("alive", c.execute(sa.text("SELECT 1")).scalar())


def mapper(engine):
    with orm.Session(engine) as session:
        movie = session.scalars(sa.select(Movie).order_by(Movie.key).limit(1)).one()
        show("lazy", (movie.title, [c.actor_id for c in movie.casts]))
        eager = sa.select(Movie).options(orm.selectinload(Movie.casts)).where(Movie.key < 4).order_by(Movie.key)
        show("selectin", [(m.title, len(m.casts)) for m in session.scalars(eager)])
        joined = sa.select(Movie).options(orm.joinedload(Movie.casts)).where(Movie.key < 4).order_by(Movie.key)
        show("joined", [(m.title, len(m.casts)) for m in session.scalars(joined).unique()])
        session.add_all([Note(key=n, author=f"a{n}", words="w", stars=n) for n in range(10)])
        session.commit()
        note = session.get(Note, 3)
        note.words = "changed"
        session.delete(session.get(Note, 4))
        session.commit()
        show("notes", session.execute(sa.select(Note.key, Note.words).order_by(Note.key)).fetchall())
        show("bulk", session.execute(sa.update(Note).where(Note.stars > 5).values(stars=0)).rowcount)
        session.commit()
        show("exists", session.scalar(sa.select(sa.exists().where(Note.stars == 0))))
        session.execute(sa.delete(Note))
        session.commit()


for dialect in ("postgresql+psycopg", "postgresql+psycopg2"):
    show("dialect", dialect)
    engine = sa.create_engine(f"{dialect}://{host}", pool_pre_ping=True)
    reflect(engine)
    core(engine)
    mapper(engine)
    engine.dispose()
