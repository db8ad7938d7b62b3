"""Superset through its API: a database, its schemas and tables, a dataset of each table with its columns, a chart and
a dashboard over the movie data, and what the SQL Lab answers. Prints what a person would see.

Usage: superset_tour.py URL SQLALCHEMY_URI   (an admin "admin"/"admin" exists)
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

URL, DATABASE = sys.argv[1], sys.argv[2]
OPENER = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
HEADERS = {"Content-Type": "application/json", "Referer": URL}


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, HEADERS, method=method)
    try:
        with OPENER.open(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}")


def log_in():
    who = {"username": "admin", "password": "admin", "provider": "db", "refresh": True}
    HEADERS["Authorization"] = "Bearer " + call("POST", "/api/v1/security/login", who)["access_token"]
    HEADERS["X-CSRFToken"] = call("GET", "/api/v1/security/csrf_token/")["result"]


def database():
    body = {"database_name": "movies", "sqlalchemy_uri": DATABASE}
    print("test connection:", call("POST", "/api/v1/database/test_connection/", body)["message"])
    number = call("POST", "/api/v1/database/", {**body, "expose_in_sqllab": True})["id"]
    query = urllib.parse.quote("(force:!t,schema_name:public)")
    print("schemas:", *sorted(call("GET", f"/api/v1/database/{number}/schemas/")["result"]))
    tables = call("GET", f"/api/v1/database/{number}/tables/?q={query}")["result"]
    print("tables:", *sorted(table["value"] for table in tables))
    return number


def dataset(number, table):
    made = call("POST", "/api/v1/dataset/", {"database": number, "schema": "public", "table_name": table})["id"]
    columns = call("GET", f"/api/v1/dataset/{made}")["result"]["columns"]
    print(f"dataset {table}:", ", ".join(f"{c['column_name']} {c['type']}" for c in columns))
    return made


def chart_data(made, columns, metrics, limit):
    order = [[metrics[0], False], *([column, True] for column in columns)]
    query = {"columns": columns, "metrics": metrics, "row_limit": limit, "orderby": order}
    body = {"datasource": {"id": made, "type": "table"}, "queries": [query], "result_type": "full"}
    return call("POST", "/api/v1/chart/data", body)["result"][0]["data"]


def chart(made, name, kind, form):
    params = {"datasource": f"{made}__table", "viz_type": kind, **form}
    body = {"slice_name": name, "viz_type": kind, "datasource_id": made, "datasource_type": "table"}
    return call("POST", "/api/v1/chart/", {**body, "params": json.dumps(params)})["id"]


def sql_lab(number, sql):
    body = {"database_id": number, "sql": sql, "schema": "public", "runAsync": False, "queryLimit": 5}
    return call("POST", "/api/v1/sqllab/execute/", body)["data"]


def metric(name, expression):
    return {"expressionType": "SQL", "sqlExpression": expression, "label": name}


def main():
    log_in()
    number = database()
    made = {table: dataset(number, table) for table in ("movies", "actors", "casts", "reviews")}
    films = metric("films", "count(*)")
    for row in chart_data(made["movies"], ["release_date"], [films], 5):
        print("chart data:", row)
    for row in sql_lab(
        number,
        "WITH m AS (SELECT movie_id, count(*) AS n, avg(rating) AS r FROM reviews GROUP BY 1) "
        "SELECT title, n, round(r::numeric, 2) AS rating, rank() OVER (ORDER BY n DESC, title) AS place "
        "FROM m JOIN movies ON movies.id = m.movie_id ORDER BY place",
    ):
        print("sql lab:", row)
    decade = {"expressionType": "SQL", "label": "decade", "sqlExpression": "left(release_date, 3) || '0s'"}
    bar = chart(
        made["movies"],
        "Films by decade, and their average vote",
        "mixed_timeseries",
        {
            "x_axis": decade,
            "metrics": [films],
            "groupby": [],
            "seriesType": "bar",
            "metrics_b": [metric("average vote", "round(avg(vote_average)::numeric, 2)")],
            "groupby_b": [],
            "seriesTypeB": "line",
            "yAxisIndexB": 1,
            "show_legend": True,
            "row_limit": 100,
            "row_limit_b": 100,
            "x_axis_sort_asc": True,
            "truncateXAxis": True,
        },
    )
    pie = chart(
        made["actors"],
        "Actors by gender",
        "pie",
        {"groupby": ["gender"], "metric": metric("actors", "count(*)"), "row_limit": 10},
    )
    print("charts:", bar, pie)


main()
