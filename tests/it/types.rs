//! Every type of the table in the corpus, in both formats, byte for byte as PostgreSQL has it.

use std::io::Write;
use std::process::{Command, Stdio};

use testbed::data::{self, TYPES, TypedColumn};

use crate::bed::{self, Both};
use crate::compare::difference;
use crate::tools::{root, shared, succeed, tool};
use crate::wire::Client;

/// The columns of the table: those that SQL can write, and JSON.
fn columns() -> impl Iterator<Item = &'static TypedColumn> {
    TYPES.iter().chain(&[("c_json", "JSON", "json")])
}

/// The statement that makes the table's mapping.
pub fn mapping() -> String {
    data::mapping("types", columns(), data::JSON_FLAT)
}

/// Puts entries into a map of a cluster (`NAME@HOST:PORT`) by Hazelcast's Python client.
pub fn put_json(cluster: &str, map: &str, entries: &[(i32, String)]) {
    let (name, port) = cluster.split_once('@').unwrap();
    let port = port.split(',').next().unwrap().rsplit(':').next().unwrap();
    let mut python = Command::new(tool("python"));
    python.arg(root().join("tests/clients/python/put_json.py")).args([name, port, map]);
    let mut child = python.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for (key, text) in entries {
        writeln!(stdin, "{key}\t{text}").unwrap();
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// The table on the oracle, from the corpus; and the same entries in the map, JSON as a string member, as Hazelcast reads
/// it. Nothing where there is no corpus.
pub fn load(gateway: &mut Client, oracle: &mut Client) {
    let Some(shared) = shared() else { return };
    let file = shared.join("corpus/data/types.csv");
    oracle.query(&data::table("types", columns())).ok();
    let mut psql = Command::new(tool("psql"));
    psql.args(["-X", "-q", "-h", "127.0.0.1", "-U", "postgres", "-p", &oracle.port().to_string(), "-c"]);
    succeed(psql.arg(format!("\\copy types from '{}' csv header", file.display())).arg("postgres"));
    gateway.query(&mapping()).ok();
    put_json(bed::shared_cluster(), "types", &entries(oracle));
}

/// The table's rows as JSON objects, made by PostgreSQL: numbers and booleans as such, the rest as strings in ISO's form.
fn entries(oracle: &mut Client) -> Vec<(i32, String)> {
    let members: Vec<String> = columns()
        .map(|(name, ours, _)| match *ours {
            "DECIMAL" | "JSON" => format!("'{name}', {name}::text"),
            "TIMESTAMP WITH TIME ZONE" => {
                format!("'{name}', to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            }
            _ => format!("'{name}', {name}"),
        })
        .collect();
    let sql =
        format!("SELECT __key, json_build_object({})::text FROM types ORDER BY __key", members.join(", "));
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    oracle
        .query(&sql)
        .ok()
        .texts()
        .iter()
        .map(|row| (text(&row[0]).parse().unwrap(), text(&row[1])))
        .collect()
}

#[test]
fn every_type_comes_as_postgresql_sends_it() {
    if shared().is_none() {
        return;
    }
    let Both { mut gateway, mut oracle } = bed::both();
    let mut failures = Vec::new();
    for column in columns().map(|(name, _, _)| *name).chain(["*"]) {
        let sql = format!("SELECT {column} FROM types ORDER BY __key");
        for (format, name) in [(0, "text"), (1, "binary")] {
            let (ours, theirs) = (gateway.extended(&sql, &[], format), oracle.extended(&sql, &[], format));
            assert_eq!(theirs.rows.len(), 30);
            if let Some(difference) = difference(&ours, &theirs, true) {
                failures.push(format!("{column} in {name}: {difference}"));
            } else if ours.rows != theirs.rows {
                failures.push(format!("{column} in {name}: the bytes differ"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn parameters_of_every_type_find_their_rows_in_both_formats() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    let mut oracle = Client::connect(bed::oracle().port);
    let mut failures = Vec::new();
    // What PostgreSQL sends in a format it takes back in that format, and so must we.
    for (_, _, theirs) in columns() {
        for value in oracle.query(&format!("SELECT x::text FROM ({}) v(x)", samples(theirs))).ok().texts() {
            let Some(value) = value[0].as_deref() else { continue };
            let sql = format!("SELECT $1::{theirs}, $1::{theirs}::text");
            for format in [0, 1] {
                let ours = gateway.extended(&sql, &[Some(value)], format);
                let theirs = oracle.extended(&sql, &[Some(value)], format);
                if let Some(difference) = difference(&ours, &theirs, true) {
                    failures.push(format!("{sql} with {value}: {difference}"));
                }
                assert!(theirs.error.is_none(), "{sql} with {value}: {:?}", theirs.error);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn samples(ty: &str) -> String {
    let texts: &[&str] = match ty {
        "smallint" => &["0", "-32768", "32767"],
        "int" => &["0", "-2147483648", "2147483647"],
        "bigint" => &["0", "-9223372036854775808", "9223372036854775807"],
        "real" => &["0", "1.5", "-3.4028235e38", "1e-45", "NaN", "Infinity", "0.1"],
        "double precision" => &["0", "-0", "1.7976931348623157e308", "5e-324", "NaN", "-Infinity", "0.1"],
        "numeric" => {
            &["0", "0.00", "-1.50", "99999999999999999999.999999999999999999", "1e-30", "1e30", "NaN"]
        }
        "boolean" => &["true", "false"],
        "varchar" => &["", "a", "東京 😀", "tab\tquote''s"],
        "date" => &["0001-01-01", "2000-02-29", "9999-12-31", "1969-12-31"],
        "time" => &["00:00:00", "23:59:59.999999", "06:00:00.5"],
        "timestamp" => &["1970-01-01 00:00:00", "2038-01-19 03:14:07.999999", "1900-01-01 12:00:00.5"],
        "timestamptz" => {
            &["1970-01-01 00:00:00+00", "2038-01-19 03:14:07.999999+00", "2024-06-30 12:00:00+02"]
        }
        _ => &["null", "[1, 2]", "{\"a\": {\"b\": null}}"],
    };
    let rows: Vec<String> = texts.iter().map(|t| format!("('{t}'::{ty})")).collect();
    format!("VALUES {}", rows.join(", "))
}
