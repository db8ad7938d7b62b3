//! What the planner takes for exact, on both sides: the examples of `docs/pushdown.md` over edge values of each type, with
//! everything given to the cluster, with nothing, and on PostgreSQL.

use std::fmt::Write;

use sql::plan::{Example, rules};
use testbed::data::{self, TypedColumn};

use crate::bed;
use crate::compare::difference;
use crate::wire::Client;

const COLUMNS: &[TypedColumn] = &[
    ("i2", "SMALLINT", "smallint"),
    ("i4", "INT", "int"),
    ("j4", "INT", "int"),
    ("i8", "BIGINT", "bigint"),
    ("r", "REAL", "real"),
    ("d", "DOUBLE", "double precision"),
    ("n", "DECIMAL", "numeric"),
    ("m", "DECIMAL", "numeric"),
    ("b", "BOOLEAN", "boolean"),
    ("s", "VARCHAR", "varchar"),
    ("u", "VARCHAR", "varchar"),
    ("dt", "DATE", "date"),
    ("tm", "TIME", "time"),
    ("ts", "TIMESTAMP", "timestamp"),
    ("tz", "TIMESTAMP WITH TIME ZONE", "timestamptz"),
];

/// The edge values of a column. `wild`: also those that most of arithmetic fails at.
fn edges(column: &str, wild: bool) -> Vec<&'static str> {
    let (tame, extremes): (&[&str], &[&str]) = match column {
        "i2" => (&["0", "1", "-1", "7", "-12", "181"], &["32767", "-32768"]),
        "i4" | "j4" => (&["0", "1", "-1", "7", "-13", "2", "46340", "5"], &["2147483647", "-2147483648"]),
        "i8" => {
            (&["0", "1", "-1", "1000", "3000000000", "-77"], &["9223372036854775807", "-9223372036854775808"])
        }
        "r" => (&["0", "1.5", "-2.25", "0.1", "3e38", "-1e-38"], &["NaN", "Infinity", "-Infinity", "-0"]),
        "d" => (
            &["0", "1.5", "-2.25", "0.1", "1e100", "-1e-300"],
            &["NaN", "Infinity", "-Infinity", "-0", "1e308"],
        ),
        "n" | "m" => (
            &["0", "1.5", "1.50", "-1.500", "0.00", "1000", "99999999999.99999999", "-7.25"],
            &["1e30", "12345678901234567890123456789012345678.123456789", "0.000000000000000000000001"],
        ),
        "b" => (&["true", "false"], &[]),
        "s" | "u" => (&["", "a", "ab", " ab ", "a%b", "\\", "é", "ß", "😀", "B", "aXa", "ab\t"], &[]),
        "dt" => (
            &["2024-02-29", "1999-12-31", "0001-01-01", "2023-01-01", "9999-12-31", "1582-10-10"],
            &["0001-12-31 BC", "0044-03-15 BC", "4713-01-01 BC", "20000-06-01"],
        ),
        "tm" => (&["00:00:00", "23:59:59.999999", "12:00:00", "01:02:03.4"], &[]),
        "ts" => (
            &[
                "2024-02-29 13:04:05.678901",
                "2024-03-31 02:30:00",
                "1970-01-01 00:00:00",
                "1999-12-31 23:59:59.999999",
            ],
            &["0044-03-15 12:00:00 BC", "0001-12-31 23:59:59 BC", "20000-01-01 00:00:00"],
        ),
        "tz" => (
            &["2024-03-31 01:30:00+00", "2024-10-27 02:30:00+02", "1970-01-01 00:00:00-08"],
            &["0044-03-15 12:00:00+00 BC"],
        ),
        other => panic!("no edges of {other}"),
    };
    tame.iter().chain(if wild { extremes } else { &[] }).copied().collect()
}

/// Rows in which each column goes through its edges at a pace of its own, with a NULL now and then.
fn rows(wild: bool) -> Vec<Vec<Option<String>>> {
    let value = |row: usize, at: usize, column: &str| {
        let edges = edges(column, wild);
        let place = row * [1, 3, 5, 7][at % 4] + at;
        (!(row + at * 5).is_multiple_of(11)).then(|| edges[place % edges.len()].to_owned())
    };
    (0..33)
        .map(|row| {
            let key = std::iter::once(Some((row + 1).to_string()));
            key.chain(COLUMNS.iter().enumerate().map(|(at, (name, _, _))| value(row, at, name))).collect()
        })
        .collect()
}

fn load(gateway: &mut Client, oracle: &mut Client, table: &str, wild: bool) {
    let value = format!("'valueFormat' = 'compact', 'valueCompactTypeName' = '{table}'");
    gateway.query(&data::mapping(table, COLUMNS, &value)).ok();
    oracle.query(&format!("DROP TABLE IF EXISTS {table}")).ok();
    oracle.query(&data::table(table, COLUMNS)).ok();
    let places: Vec<String> = (1..=COLUMNS.len() + 1).map(|n| format!("${n}")).collect();
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _, _)| *name).collect();
    let rest = format!("INTO {table} (__key, {}) VALUES ({})", names.join(", "), places.join(", "));
    gateway.batch(&format!("SINK {rest}"), &rows(wild));
    oracle.batch(&format!("INSERT {rest}"), &rows(wild));
}

/// The statements that ask for an example. The first must be computed by the cluster.
fn statements(example: &Example, table: &str) -> Vec<String> {
    match example {
        Example::Condition(sql) => vec![
            format!("SELECT __key FROM {table} WHERE {sql} ORDER BY 1"),
            format!("SELECT __key FROM {table} WHERE NOT ({sql}) ORDER BY 1"),
            format!("SELECT __key FROM {table} WHERE ({sql}) IS NULL ORDER BY 1"),
        ],
        // An extreme of one value is that value, and is computed by the cluster when all of it is.
        Example::Value(sql) => {
            vec![format!("SELECT __key, min({sql}) FROM {table} GROUP BY __key ORDER BY 1")]
        }
        Example::Aggregate(sql) => vec![
            format!("SELECT {sql} FROM {table}"),
            format!("SELECT i2, {sql} FROM {table} GROUP BY i2 ORDER BY 1"),
            format!("SELECT {sql} FROM {table} WHERE i4 > 1000000000 AND i4 < 0"),
        ],
        Example::Group(sql) => vec![
            format!("SELECT {sql}, count(*), sum(i4) FROM {table} GROUP BY {sql}"),
            format!("SELECT DISTINCT {sql} FROM {table}"),
        ],
        Example::Sort(sql) => vec![format!("SELECT __key FROM {table} ORDER BY {sql}, __key LIMIT 20")],
    }
}

/// The local operators of the plan of a statement.
fn local_operators(gateway: &mut Client, sql: &str) -> Vec<String> {
    let reply = gateway.query(&format!("EXPLAIN {sql}"));
    let lines: Vec<String> =
        reply.ok().texts().into_iter().map(|row| row[0].clone().unwrap_or_default()).collect();
    let local = ["Filter", "Aggregate", "HashAggregate", "Sort", "Unique", "Limit"];
    let operator = |line: &&String| local.contains(&line.trim().trim_start_matches("->").trim());
    lines.iter().filter(operator).cloned().collect()
}

#[test]
fn what_is_exact_is_the_same_on_both_sides() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    let mut oracle = Client::connect(bed::oracle().port);
    let mut failures = String::new();
    let mut count = 0;
    for (table, wild) in [("edge_tame", false), ("edge_wild", true)] {
        load(&mut gateway, &mut oracle, table, wild);
        for example in rules().iter().flat_map(|rule| rule.examples) {
            for (i, sql) in statements(example, table).iter().enumerate() {
                count += 1;
                check(&mut gateway, &mut oracle, sql, i == 0, &mut failures);
            }
        }
    }
    assert!(count > 400, "only {count} statements");
    let different = failures.lines().filter(|line| line.starts_with("==")).count();
    assert!(failures.is_empty(), "{different} of {count} statements differ\n{failures}");
}

fn check(gateway: &mut Client, oracle: &mut Client, sql: &str, remote: bool, failures: &mut String) {
    let theirs = oracle.query(sql);
    for pushdown in ["full", "none"] {
        gateway.query(&format!("SET hazelgres.pushdown = {pushdown}")).ok();
        let ours = gateway.query(sql);
        if let Some(difference) = difference(&ours, &theirs, sql.contains("ORDER BY")) {
            let _ = writeln!(failures, "== {pushdown}: {sql}\n   {difference}");
        }
        if pushdown == "full" && remote {
            let local = local_operators(gateway, sql);
            if !local.is_empty() {
                let _ = writeln!(failures, "== not in the cluster: {sql}\n   {local:?}");
            }
        }
    }
}
