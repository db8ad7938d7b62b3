"""LibreOffice's own driver for PostgreSQL (Base's "PostgreSQL" connection), through UNO: metadata as Base asks for it, queries,
prepared statements, changes, errors."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sdbc import SQLException


def office(folder):
    """A LibreOffice without windows, whose settings end with it."""
    pipe = "tour%d" % os.getpid()
    arguments = ["--headless", "--norestore", "--nologo", "--nodefault", "--accept=pipe,name=%s;urp;" % pipe]
    process = subprocess.Popen(["soffice", "-env:UserInstallation=file://" + folder, *arguments], stderr=subprocess.DEVNULL, start_new_session=True)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return process, resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
        except NoConnectException:  # Not there yet.
            time.sleep(0.2)
    end(process)
    sys.exit("LibreOffice does not start")


def end(process):
    """It is a family of processes."""
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def value(result, column):
    text = result.getString(column)
    return None if result.wasNull() else text


def rows(title, result):
    meta = result.getMetaData()
    columns = range(1, meta.getColumnCount() + 1)
    print("==", title)
    print([(meta.getColumnLabel(c), meta.getColumnTypeName(c), meta.getColumnType(c)) for c in columns])
    while result.next():
        print([value(result, column) for column in columns])
    result.close()


def listed(title, result, width):
    """Metadata, which the driver makes itself, without telling its columns."""
    print("==", title)
    while result.next():
        print([value(result, column) for column in range(1, width + 1)])
    result.close()


def attempt(title, action):
    try:
        action()
        print(title, "went well")
    except SQLException as error:
        print(title, error.SQLState, error.ErrorCode, error.Message.strip())


def describe(connection):
    meta = connection.getMetaData()
    print(meta.getDatabaseProductName(), meta.getDatabaseProductVersion().split(".")[0])
    listed("schemas", meta.getSchemas(), 1)
    listed("table types", meta.getTableTypes(), 1)
    listed("types", meta.getTypeInfo(), 18)
    listed("tables", meta.getTables(None, "public", "%", ("TABLE", "VIEW")), 5)
    listed("columns", meta.getColumns(None, "public", "%", "%"), 18)
    listed("keys", meta.getPrimaryKeys(None, "public", "movies"), 6)
    listed("indexes", meta.getIndexInfo(None, "public", "movies", False, False), 13)
    listed("imported keys", meta.getImportedKeys(None, "public", "casts"), 14)
    listed("privileges", meta.getTablePrivileges(None, "public", "movies"), 7)
    listed("column privileges", meta.getColumnPrivileges(None, "public", "movies", "title"), 8)
    print(meta.getIdentifierQuoteString(), meta.getMaxTableNameLength(), meta.supportsTransactions())
    tables = connection.getTables()
    for name in sorted(tables.getElementNames()):
        table = tables.getByName(name)
        columns = table.getColumns()
        print(name, [(c, columns.getByName(c).TypeName, columns.getByName(c).IsNullable) for c in columns.getElementNames()])
    print("views", sorted(connection.getViews().getElementNames()))


def ask(connection):
    statement = connection.createStatement()
    rows("movies", statement.executeQuery('SELECT "title", "vote_average" FROM "public"."movies" WHERE "__key" < 4 ORDER BY "__key"'))
    rows("joined", statement.executeQuery("SELECT m.title, count(*) AS n FROM movies m JOIN casts c ON c.movie_id = m.id GROUP BY m.title ORDER BY n DESC, m.title LIMIT 3"))
    rows("types", statement.executeQuery("SELECT * FROM types ORDER BY __key"))
    prepared = connection.prepareStatement("SELECT title, release_date FROM movies WHERE vote_count > ? AND title LIKE ? ORDER BY title LIMIT 3")
    prepared.setInt(1, 10000)
    prepared.setString(2, "%o%")
    rows("prepared", prepared.executeQuery())
    attempt("no table", lambda: statement.executeQuery("SELECT * FROM nowhere"))
    attempt("no number", lambda: statement.executeQuery("SELECT 1/0"))


def change(connection):
    insert = connection.prepareStatement('INSERT INTO "public"."notes" ("__key", "author", "stars") VALUES (?, ?, ?)')
    for key in (1, 2):
        insert.setInt(1, key)
        insert.setString(2, "it's %d" % key)
        insert.setInt(3, key * 2)
        print("inserted", insert.executeUpdate())
    attempt("twice", insert.executeUpdate)
    statement = connection.createStatement()
    print("updated", statement.executeUpdate("UPDATE notes SET stars = stars + 1 WHERE __key = 2"))
    rows("notes", statement.executeQuery("SELECT * FROM notes ORDER BY __key"))
    print("deleted", statement.executeUpdate("DELETE FROM notes"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        process, context = office(folder)
        try:
            manager = context.ServiceManager.createInstanceWithContext("com.sun.star.sdbc.DriverManager", context)
            names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE"}
            url = "sdbc:postgresql:" + " ".join("%s=%s" % (name, os.environ[variable]) for name, variable in names.items())
            user = PropertyValue("user", 0, os.environ["PGUSER"], 0)
            driver = manager.getDriverByURL(url)
            connection = driver.connect(url, (user,))
            describe(connection)
            ask(connection)
            change(connection)
            connection.close()
        finally:
            end(process)


main()
