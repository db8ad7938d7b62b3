"""pgAdmin's own SQL: every template of its object browser, dashboard and query tool that reads, rendered as pgAdmin renders
it for a server of version 15, and run through psycopg 3 over the movies' tables.

Prints columns with types, rows (statistics and oids of one's own left out), or the error.
"""

import hashlib
import pathlib
import re
import sys

import jinja2
import psycopg
from psycopg import sql

ROOT = pathlib.Path(sys.argv[1])
VERSIONS = ("15_plus", "14_plus", "13_plus", "12_plus", "11_plus", "default")
# What changes something, or is of another server.
NOT_READING = re.compile(r"create|delete|update|grant|truncate|reset|drop|alter|vacuum|insert|cancel|terminate|disable|detach|attach|allowed|refresh")
OTHERS = ("ppas", "pga_", "dbms", "edb", "packages", "synonyms", "pgd_", "replica_nodes", "directories", "resource_groups", "pga/")
# Numbers and states of the server itself, or of this moment; and what it can be extended by.
OWN = re.compile(r"pg_stat|pg_available_extension|pg_show_all_settings|_size\(|pg_settings|reltuples|relpages|pg_locks|version\(\)|pg_control|pg_file_settings|pg_hba|xmin|random\(\)|pg_tablespace_location|inet_server")

# More rows than a person reads.
MANY = 500


class Versioned(jinja2.BaseLoader):
    """Finds a template in any blueprint's folder; `#VERSION#` in its name stands for the newest folder that is not newer."""

    def __init__(self):
        self.folders = sorted(ROOT.rglob("templates"))

    def get_source(self, environment, template):
        parts = template.strip("/").split("#")
        names = [template]
        if len(parts) > 1:
            names = ["/".join((parts[0].strip("/"), version, parts[-1].strip("/"))) for version in VERSIONS]
        for name in names:
            for folder in self.folders:
                if (folder / name).is_file():
                    return (folder / name).read_text("utf-8"), str(folder / name), lambda: True
        raise jinja2.TemplateNotFound(template)


def environment(connection):
    made = jinja2.Environment(loader=Versioned(), extensions=["jinja2.ext.do", "jinja2.ext.i18n"])
    made.install_null_translations()

    def ident(value, *others):
        names = [other for other in (value, *others) if isinstance(other, str)]
        return ".".join(quote(name) for name in names)

    def quote(name):
        return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else sql.Identifier(name).as_string(connection)

    literal = lambda value, *_: "NULL" if isinstance(value, jinja2.Undefined) or value is None else sql.Literal(value).as_string(connection)
    made.filters.update(qtIdent=ident, qtLiteral=literal, qtTypeIdent=ident, hasAny=lambda given, wanted: any(w in given for w in wanted))
    return made


def templates():
    """The names of all that read, each once, in its form for version 15."""
    found = set()
    for path in ROOT.rglob("*.sql"):
        name = str(path).split("/templates/", 1)[-1]
        name = re.sub(r"/(?:\d\d_plus|default)/", "/#150000#/", name)
        if "/templates/" in str(path) and not NOT_READING.search(path.name) and not any(o in name for o in OTHERS):
            found.add(name)
    return sorted(found)


def objects(connection):
    def oid(query, *values):
        row = connection.execute(query, values).fetchone()
        return row[0] if row else 0

    table = oid("SELECT 'public.movies'::regclass::oid")
    return {
        "did": oid("SELECT oid FROM pg_database WHERE datname = current_database()"),
        "scid": oid("SELECT 'public'::regnamespace::oid"),
        "tid": table, "vid": table, "relid": table, "object_id": table, "obj_id": table, "foid": table,
        "table_id": table, "parent_id": table, "nspname": "public", "schema": "public", "schema_name": "public",
        "parent": "public", "nsp_name": "public", "object_name": "movies", "table": "movies", "tname": "movies",
        "table_name": "movies", "name": "movies", "clid": 2, "typeid": 23, "tablespace": "pg_default",
        "datlastsysoid": 16383, "datconfig": "", "show_sys_objects": False, "showsysobj": False, "server_type": "pg",
        "rid": 10, "rolename": "postgres", "username": "postgres", "user": "postgres", "data": {"name": "movies", "schema": "public"},
        "conn": connection, "cid": 23, "oid": 23, "sids": [], "where": "", "database": "postgres",
        "chart_names": ["session_stats", "tps_stats", "ti_stats", "to_stats", "bio_stats"],
    }


def reads(text):
    """Whether it does nothing but read."""
    begins = re.sub(r"\A(?:\s|/\*.*?\*/|--[^\n]*\n)+", "", text, flags=re.S)
    return re.match(r"(?i)select|with|show|table|values|\(", begins) is not None


def value(column, cell):
    if column.type_code == 26 and isinstance(cell, int) and cell >= 16384:
        return "oid"
    # Some builds of PostgreSQL number their columns' definitions among the options.
    if isinstance(cell, list) and cell and str(cell[0]).startswith("pg_attver="):
        return None
    return cell


def main():
    with psycopg.connect(autocommit=True) as connection:
        connection.execute("SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'; SET client_encoding='UTF8';")
        made, context = environment(connection), objects(connection)
        connection.execute("SET statement_timeout = '60s'")
        ran = 0
        for name in templates():
            try:
                text = made.get_template(name).render(**context)
            except Exception as error:  # It wants values that only its page has.
                print(f"== {name}: not rendered: {type(error).__name__}")
                continue
            if not text.strip() or not reads(text):
                continue
            ran += 1
            try:
                cursor = connection.execute(text.encode())
            except psycopg.Error as error:
                print(f"== {name}: {error.sqlstate} {error.diag.message_primary}")
                continue
            if cursor.description is None:
                print(f"== {name}: {cursor.statusmessage}")
                continue
            columns = cursor.description
            print(f"== {name}:", ", ".join(f"{c.name} {c.type_code}" for c in columns))
            if OWN.search(text):
                continue
            rows = [str(tuple(value(c, cell) for c, cell in zip(columns, row))) for row in cursor.fetchall()]
            # Schemas for what is temporary or long, and the function that only the other side of the test has.
            rows = sorted(row for row in rows if not re.search(r"pg_toast_|pg_temp_|\brand\b", row))
            if len(rows) > MANY:
                # All of a catalog, which a template asks for when its page has no object: the number of toast tables differs.
                rows = sorted(set(rows))
                print("    many, digest", hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16])
                continue
            for row in rows:
                print("   ", row)
        print("run:", ran)


main()
