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

/// Creates the table `types` on both sides: a column of each type that the cluster has, and rows with their edges.
pub fn load_types(root: &Path, gateway: &mut Client, oracle: &mut Client) {
    const COLUMNS: &[(&str, &str, &str)] = &[
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
    let ours: Vec<String> = COLUMNS.iter().map(|(name, ours, _)| format!("{name} {ours}")).collect();
    let theirs: Vec<String> = COLUMNS.iter().map(|(name, _, theirs)| format!("{name} {theirs}")).collect();
    let options = "TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    gateway.query(&format!("CREATE MAPPING types (__key INT, {}) {options}", ours.join(", "))).ok();
    oracle.query(&format!("CREATE TABLE types (__key int PRIMARY KEY, {})", theirs.join(", "))).ok();
    load(&root.join("tests/data/types.tsv"), "types", gateway, oracle);
}

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
