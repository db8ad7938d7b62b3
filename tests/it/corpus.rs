//! What real tools say, replayed with what PostgreSQL answered them. Needs the corpus that lies beside the project.

use std::process::Command;

use crate::bed;
use crate::tools::{run, shared, tool};
use crate::types::put_json;
use crate::wire::Client;

/// The tools whose statements were recorded.
const TOOLS: [&str; 7] = ["datagrip", "dbeaver", "grafana", "metabase", "npgsql", "powerbi", "tableau"];

/// What was recorded of the server that it was recorded on, and is not the same here.
const OF_THE_RECORDED_SERVER: [(&str, &str); 7] = [
    ("datagrip#11", "the maintenance database, which is the same cluster here"),
    ("npgsql#13", "the maintenance database, which is the same cluster here"),
    ("npgsql#14", "the maintenance database, which is the same cluster here"),
    ("dbeaver#51", "PostgreSQL's contributed extensions were there to be installed"),
    ("grafana#5", "pg_temp and pg_toast_temp schemas of its sessions"),
    ("npgsql#15", "pg_temp and pg_toast_temp schemas of its sessions"),
    ("npgsql#16", "pg_temp and pg_toast_temp schemas of its sessions"),
];

#[test]
fn tools_statements_are_answered() {
    let Some(shared) = shared() else { return };
    let cluster = bed::cluster(1);
    let gateway = bed::gateway(&cluster.address());
    let mut client = Client::connect(gateway.port);
    load(&mut client, &shared);
    put_json(&cluster.address(), "types", &type_entries(&shared));
    let (words, errors) = replay(&shared, gateway.port, &[("REPLAY_VERBOSE", "1")]);
    let differ: Vec<&str> = words
        .lines()
        .filter_map(|line| line.strip_prefix("FAIL ")?.split(' ').find(|w| w.contains('#')))
        .collect();
    let known: Vec<&str> = OF_THE_RECORDED_SERVER.iter().map(|(name, _)| *name).collect();
    let new: Vec<&&str> = differ.iter().filter(|name| !known.contains(name)).collect();
    assert!(new.is_empty(), "{new:?} differ\n{words}{errors}");
    let gone: Vec<&&str> = known.iter().filter(|name| !differ.contains(name)).collect();
    assert!(gone.is_empty(), "{gone:?} are the same now\n{words}{errors}");
    for tool in TOOLS {
        assert!(words.contains(&format!(" replay.{tool} ")), "{tool}: {words}");
    }
    // Questions about data are answered the same however much of them the cluster is asked.
    for pushdown in ["none", "full"] {
        let options = format!("-c hazelgres.pushdown={pushdown}");
        let settings = [("REPLAY_VERBOSE", "1"), ("REPLAY_KINDS", "data"), ("PGOPTIONS", options.as_str())];
        let (words, errors) = replay(&shared, gateway.port, &settings);
        for tool in TOOLS {
            assert!(words.contains(&format!("ok replay.{tool} ")), "{pushdown}: {words}{errors}");
        }
    }
}

/// Plays the recorded statements to the gateway: what is printed.
fn replay(shared: &std::path::Path, port: u16, settings: &[(&str, &str)]) -> (String, String) {
    let mut replay = Command::new(tool("python"));
    replay.arg(shared.join("corpus/replay.py"));
    replay.env("PGHOST", "127.0.0.1").env("PGPORT", port.to_string()).env("PGDATABASE", "hazelcast");
    let output = run(replay.envs(settings.iter().copied()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The corpus's own tables, which the recorded answers know.
fn load(client: &mut Client, shared: &std::path::Path) {
    let text = std::fs::read_to_string(shared.join("corpus/movies.sql")).unwrap();
    let (mappings, _) = text.split_once("-- loading").unwrap();
    for reply in client.simple(mappings) {
        reply.ok();
    }
    client.query(&crate::types::mapping()).ok();
    for table in ["movies", "actors", "casts", "reviews"] {
        let (header, rows) =
            csv(&std::fs::read_to_string(shared.join(format!("corpus/data/{table}.csv"))).unwrap());
        let places: Vec<String> = (1..=header.len()).map(|n| format!("${n}")).collect();
        client.batch(
            &format!("SINK INTO {table}({}) VALUES ({})", header.join(", "), places.join(", ")),
            &rows,
        );
    }
}

/// The rows of the table of every type as JSON objects: numbers and booleans as such, the rest as text in ISO's form.
fn type_entries(shared: &std::path::Path) -> Vec<(i32, String)> {
    let text = std::fs::read_to_string(shared.join("corpus/data/types.csv")).unwrap();
    let (header, rows) = csv(&text);
    let bare = ["__key", "c_smallint", "c_int", "c_bigint", "c_real", "c_double", "c_boolean"];
    let entry = |row: &Vec<Option<String>>| {
        let members = header.iter().zip(row).skip(1).filter_map(|(name, value)| {
            let value = value.as_deref()?;
            Some(match name.as_str() {
                name if bare.contains(&name) => format!("\"{name}\": {value}"),
                "c_timestamp" => format!("\"{name}\": \"{}\"", value.replacen(' ', "T", 1)),
                "c_timestamptz" => {
                    format!("\"{name}\": \"{}\"", value.replacen(' ', "T", 1).replace("+00", "Z"))
                }
                _ => format!("\"{name}\": \"{}\"", in_json(value)),
            })
        });
        let members: Vec<String> = members.collect();
        (row[0].as_deref().unwrap().parse().unwrap(), format!("{{{}}}", members.join(", ")))
    };
    rows.iter().map(entry).collect()
}

/// A text between the quotes of JSON.
fn in_json(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if u32::from(c) < 32 => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// PostgreSQL's CSV: an empty field is NULL, a quoted one is text.
fn csv(text: &str) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    let mut was_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => (quoted, was_quoted) = (!quoted, true),
            ',' | '\n' if !quoted => {
                let text = std::mem::take(&mut field);
                row.push((was_quoted || !text.is_empty()).then_some(text));
                was_quoted = false;
                if c == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            _ => field.push(c),
        }
    }
    let header = rows.remove(0).into_iter().flatten().collect();
    (header, rows)
}

#[test]
fn fields_of_the_corpus_keep_null_apart_from_empty() {
    let (header, rows) = csv("a,b\n1,\n\"\",\"x \"\"y\"\"\nz\"\n");
    assert_eq!(header, ["a", "b"]);
    let text = |t: &str| Some(t.to_owned());
    assert_eq!(rows, [vec![text("1"), None], vec![text(""), text("x \"y\"\nz")]]);
}
