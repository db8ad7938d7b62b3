//! What real tools say, replayed with what PostgreSQL answered them. Needs the corpus that lies beside the project.

use std::process::Command;

use crate::bed;
use crate::tools::{run, shared, tool};
use crate::wire::Client;

#[test]
fn metabases_session_and_catalog_statements_are_answered() {
    let Some(shared) = shared() else { return };
    let cluster = bed::cluster(1);
    let gateway = bed::gateway(&cluster.address());
    let mut client = Client::connect(gateway.port);
    load(&mut client, &shared);
    let mut replay = Command::new(tool("python"));
    replay.arg(shared.join("corpus/replay.py")).arg("metabase");
    replay.env("PGHOST", "127.0.0.1").env("PGPORT", gateway.port.to_string()).env("PGDATABASE", "hazelcast");
    let output = run(replay.env("REPLAY_KINDS", "session,catalog").env("REPLAY_VERBOSE", "1"));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("ok replay.metabase"), "{words}");
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
