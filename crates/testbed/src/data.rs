//! The same data on both sides.

use std::path::Path;

use crate::wire::Client;

/// Creates the demo's tables on both sides and loads its data: SINK here, INSERT there. `root` is the project's folder.
pub fn load_movies(root: &Path, gateway: &mut Client, oracle: &mut Client) {
    let mappings = read(&root.join("demo/mappings.sql"));
    for reply in gateway.simple(&mappings) {
        reply.ok();
    }
    for (table, columns) in [
        (
            "movies",
            "__key int PRIMARY KEY, id int, title varchar, description varchar, popularity float8, \
             release_date varchar, vote_average float8, vote_count int",
        ),
        ("actors", "__key int PRIMARY KEY, gender int, id int, name varchar, popularity float8"),
        ("casts", "__key int PRIMARY KEY, movie_id int, actor_id int"),
        ("reviews", "__key int PRIMARY KEY, movie_id int, author varchar, rating float8, content varchar"),
    ] {
        oracle.query(&format!("CREATE TABLE {table} ({columns})")).ok();
        load(&root.join(format!("demo/{table}.tsv")), table, gateway, oracle);
    }
    oracle.query("ANALYZE").ok();
}

/// A column, and its type on both sides.
pub type TypedColumn = (&'static str, &'static str, &'static str);

/// A column of each type that the cluster has and SQL can write: in Hazelcast's words, and in PostgreSQL's.
pub const TYPES: &[TypedColumn] = &[
    ("c_smallint", "SMALLINT", "smallint"),
    ("c_int", "INT", "int"),
    ("c_bigint", "BIGINT", "bigint"),
    ("c_real", "REAL", "real"),
    ("c_double", "DOUBLE", "double precision"),
    ("c_numeric", "DECIMAL", "numeric"),
    ("c_boolean", "BOOLEAN", "boolean"),
    ("c_varchar", "VARCHAR", "varchar"),
    ("c_date", "DATE", "date"),
    ("c_time", "TIME", "time"),
    ("c_timestamp", "TIMESTAMP", "timestamp"),
    ("c_timestamptz", "TIMESTAMP WITH TIME ZONE", "timestamptz"),
];

/// The statement that makes the mapping of a table with an INT key. `value`: the options of its value.
pub fn mapping<'a>(table: &str, columns: impl IntoIterator<Item = &'a TypedColumn>, value: &str) -> String {
    let columns = columns.into_iter().map(|(name, ours, _)| format!(", {name} {ours}")).collect::<String>();
    format!(
        "CREATE OR REPLACE MAPPING {table} (__key INT{columns}) TYPE IMap OPTIONS ('keyFormat' = 'int', {value})"
    )
}

/// The statement that makes the table on PostgreSQL.
pub fn table<'a>(table: &str, columns: impl IntoIterator<Item = &'a TypedColumn>) -> String {
    let columns =
        columns.into_iter().map(|(name, _, theirs)| format!(", {name} {theirs}")).collect::<String>();
    format!("CREATE TABLE {table} (__key int PRIMARY KEY{columns})")
}

/// Creates the table `types` on both sides, with rows of the types' edges.
pub fn load_types(root: &Path, gateway: &mut Client, oracle: &mut Client) {
    gateway.query(&mapping("types", TYPES, JSON_FLAT)).ok();
    oracle.query(&table("types", TYPES)).ok();
    load(&root.join("tests/data/types.tsv"), "types", gateway, oracle);
}

/// Values as JSON objects with a member for each column.
pub const JSON_FLAT: &str = "'valueFormat' = 'json-flat'";

fn load(file: &Path, table: &str, gateway: &mut Client, oracle: &mut Client) {
    let (header, rows) = table_file(file);
    let places: Vec<String> = (1..=header.len()).map(|n| format!("${n}")).collect();
    let rest = format!("INTO {table}({}) VALUES ({})", header.join(", "), places.join(", "));
    gateway.batch(&format!("SINK {rest}"), &rows);
    oracle.batch(&format!("INSERT {rest}"), &rows);
}

/// A file with a table: the names of its columns, and its rows; an empty field is NULL.
fn table_file(file: &Path) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let text = read(file);
    let mut lines = text.lines().map(|line| line.split('\t'));
    let header = lines.next().into_iter().flatten().map(str::to_owned).collect();
    let cell = |field: &str| (!field.is_empty()).then(|| field.to_owned());
    (header, lines.map(|fields| fields.map(cell).collect()).collect())
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
