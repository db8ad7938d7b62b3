"""dbt in one process: debug, compile, `show` of models and of inline SQL, data tests of the sources, the catalog of its docs."""

import functools
import json
import logging

from dbt.cli.main import dbtRunner

RUNNER = dbtRunner()
# It forks: what is left in a buffer would be printed twice.
print = functools.partial(print, flush=True)


def run(title, *arguments):
    result = RUNNER.invoke(["--quiet", *arguments])
    print(f"{title}: {result.success} {result.exception or ''}")
    return result.result


def show(title, *arguments):
    shown = run(title, "show", "--output", "json", "--limit", "10", *arguments)
    for one in getattr(shown, "results", None) or []:
        table = one.agate_table
        print("   ", list(table.column_names) if table else one.message)
        for row in table.rows if table else []:
            print("   ", tuple(row))


logging.disable()
run("debug", "debug", "--connection")
run("compile", "compile")
show("rated", "--select", "best")
show("inline", "--inline", "SELECT title, vote_count FROM {{ source('maps', 'movies') }} ORDER BY vote_count DESC, title")
show("types", "--inline", "SELECT * FROM {{ source('maps', 'types') }} WHERE __key IN (1, 4, 5) ORDER BY __key")
show("columns", "--inline", "{% for c in adapter.get_columns_in_relation(source('maps', 'types')) %}SELECT '{{ c.name }}' AS name, '{{ c.data_type }}' AS type {% if not loop.last %} UNION ALL {% endif %}{% endfor %}")
show("relations", "--inline", "SELECT '{{ adapter.get_relation(target.database, 'public', 'movies').type }}' AS it, '{{ adapter.get_relation(target.database, 'public', 'nowhere') }}' AS other")
show("macros", "--inline", "SELECT {{ dbt.dateadd('day', 3, \"'2024-02-27'::date\") }} AS a, {{ dbt.datediff(\"'2024-01-01'::date\", \"'2024-03-01'::date\", 'week') }} AS b, {{ dbt.hash(\"'x'\") }} AS c, {{ dbt.split_part(\"'a,b'\", \"','\", 2) }} AS d, {{ dbt.listagg('x', \"','\") }} AS e FROM (VALUES ('p'), ('q')) v(x)")
show("wrong", "--inline", "SELECT nothing FROM {{ source('maps', 'movies') }}")
tests = run("tests", "test")
for one in sorted(tests.results, key=lambda one: one.node.name) if tests else []:
    print("   ", one.node.name, one.status, one.failures)
made = run("docs", "docs", "generate")
catalog = json.load(open("target/catalog.json"))
for name, table in sorted(catalog["sources"].items()):
    print("   ", name, table["metadata"]["type"], table["metadata"]["owner"], [(c["name"], c["type"]) for c in table["columns"].values()])
print("errors:", catalog["errors"])
