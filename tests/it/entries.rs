//! Entries as other clients of the cluster write them: broken ones, ones with more members than a mapping names, and
//! ones that change meanwhile.

use crate::bed;
use crate::types::put_json;
use crate::wire::{Client, Reply};

/// A mapping of the shared cluster onto a map.
fn mapping(client: &mut Client, name: &str, map: &str, columns: &str, format: &str) {
    let sql = format!(
        "CREATE OR REPLACE MAPPING {name} EXTERNAL NAME \"{map}\" (__key INT, {columns}) \
         TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = '{format}')"
    );
    client.query(&sql).ok();
}

fn gateway() -> Client {
    Client::connect(bed::shared_gateway().port)
}

fn entries(texts: &[&str]) -> Vec<(i32, String)> {
    (1..).zip(texts).map(|(key, text)| (key, (*text).to_owned())).collect()
}

/// The rows, their cells with bars between them.
fn cells(reply: Reply) -> Vec<String> {
    let text = |cell: Option<String>| cell.unwrap_or("NULL".into());
    let line = |row: Vec<Option<String>>| row.into_iter().map(text).collect::<Vec<_>>().join("|");
    reply.ok().texts().into_iter().map(line).collect()
}

#[test]
fn a_broken_entry_is_told_with_its_map_its_column_and_a_way_out() {
    let mut client = gateway();
    mapping(&mut client, "broken", "broken", "a INT, b VARCHAR, d DATE", "json-flat");
    put_json(
        bed::shared_cluster(),
        "broken",
        &entries(&[
            r#"{"a": 1, "b": "x", "d": "2024-01-01"}"#,
            r#"{"a": "many", "b": "y", "d": "2024-01-01"}"#,
            r#"{"a": 3, "b": "z", "d": "2024-13-01"}"#,
        ]),
    );
    for (sql, column) in [
        ("SELECT a FROM broken WHERE __key = 2", "\"a\""),
        ("SELECT sum(a) FROM broken", "\"a\""),
        ("SELECT * FROM broken ORDER BY a", "\"a\""),
        ("SELECT d FROM broken", "\"d\""),
        ("SELECT b FROM broken WHERE d > DATE '2000-01-01'", "\"d\""),
    ] {
        for reply in [client.query(sql), client.extended(sql, &[], 0), client.extended(sql, &[], 1)] {
            let error = reply.error.unwrap_or_else(|| panic!("{sql}: {:?}", reply.rows));
            assert_eq!((error[&'C'].as_str(), error[&'S'].as_str()), ("22000", "ERROR"), "{sql}: {error:?}");
            assert!(error[&'D'].contains(column), "{sql}: {error:?}");
            assert!(error.values().any(|text| text.contains("\"broken\"")), "{sql}: {error:?}");
            assert!(error.contains_key(&'H'), "{sql}: {error:?}");
        }
    }
    // The way out: leave it out, or write it again.
    let rows = "SELECT a, b, d FROM broken WHERE __key NOT IN (2, 3)";
    assert_eq!(cells(client.query(rows)), ["1|x|2024-01-01"]);
    assert_eq!(client.query("DELETE FROM broken WHERE __key = 2").ok().tag.as_deref(), Some("DELETE 1"));
    client.query("SINK INTO broken VALUES (3, 33, 'zz', '2024-12-01')").ok();
    let rows = "SELECT __key, a, b, d FROM broken ORDER BY __key";
    assert_eq!(cells(client.query(rows)), ["1|1|x|2024-01-01", "3|33|zz|2024-12-01"]);
}

#[test]
fn an_update_keeps_members_that_the_mapping_does_not_name() {
    let mut client = gateway();
    mapping(&mut client, "kept", "kept", "a INT, b VARCHAR", "json-flat");
    mapping(&mut client, "kept_raw", "kept", "this JSON", "json");
    put_json(
        bed::shared_cluster(),
        "kept",
        &entries(&[
            r#"{"a":"12", "extra": {"x": [1, 2.50]}, "b":"one","big":12345678901234567890123}"#,
            r#"{"b":"two"}"#,
            r#"{"extra":null}"#,
        ]),
    );
    let update = "UPDATE kept SET b = upper(b) || '!' WHERE __key <= 2";
    assert_eq!(client.query(update).ok().tag.as_deref(), Some("UPDATE 2"));
    let update = client.extended("UPDATE kept SET b = $1 WHERE __key = $2", &[Some("\"ü\""), Some("3")], 0);
    assert_eq!(update.ok().tag.as_deref(), Some("UPDATE 1"));
    let raw: Vec<Members> =
        cells(client.query("SELECT this FROM kept_raw ORDER BY __key")).iter().map(|t| members(t)).collect();
    let expected = [
        &[
            ("a", "\"12\""),
            ("extra", "{\"x\":[1,2.50]}"),
            ("b", "\"ONE!\""),
            ("big", "12345678901234567890123"),
        ][..],
        &[("b", "\"TWO!\"")],
        &[("extra", "null"), ("b", "\"\\\"ü\\\"\"")],
    ];
    let expected: Vec<Members> = expected
        .iter()
        .map(|members| {
            members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        })
        .collect();
    assert_eq!(raw, expected);
    // A member that is there already is replaced where it stands, and a NULL is written as one.
    client.query("UPDATE kept SET a = NULL WHERE __key = 1").ok();
    assert_eq!(cells(client.query("SELECT a, b FROM kept WHERE __key = 1")), ["NULL|ONE!"]);
}

type Members = Vec<(String, String)>;

/// The members of a JSON object in which no text has a blank, a brace or a comma; numbers to the letter.
fn members(text: &str) -> Members {
    let inner =
        text.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or_else(|| panic!("{text}"));
    let (mut members, mut depth, mut member) = (Vec::new(), 0, String::new());
    for c in inner.chars().filter(|c| *c != ' ').chain([',']) {
        depth += i32::from(matches!(c, '{' | '[')) - i32::from(matches!(c, '}' | ']'));
        if c == ',' && depth == 0 {
            let (name, value) = member.split_once(':').unwrap_or_else(|| panic!("{text}"));
            members.push((name.trim_matches('"').to_owned(), value.to_owned()));
            member.clear();
        } else {
            member.push(c);
        }
    }
    members
}

#[test]
fn concurrent_updates_of_one_entry_lose_nothing() {
    const CLIENTS: usize = 8;
    const TIMES: usize = 15;
    let mut client = gateway();
    mapping(&mut client, "counters", "counters", "n INT, other INT", "json-flat");
    client.query("SINK INTO counters VALUES (1, 0, 0)").ok();
    let threads: Vec<_> = (0..CLIENTS)
        .map(|i| {
            std::thread::spawn(move || {
                let mut client = gateway();
                let column = if i % 2 == 0 { "n" } else { "other" };
                let mut done = 0;
                for _ in 0..TIMES {
                    let sql = format!("UPDATE counters SET {column} = {column} + 1 WHERE __key = 1");
                    let reply = client.query(&sql);
                    match reply.sqlstate() {
                        None => {
                            assert_eq!(reply.tag.as_deref(), Some("UPDATE 1"));
                            done += 1;
                        }
                        // Too many others at the same time: nothing was changed, and that is said.
                        Some("40001") => (),
                        Some(_) => panic!("{:?}", reply.error),
                    }
                }
                done
            })
        })
        .collect();
    let done: Vec<usize> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let sum = |rest: usize| done.iter().skip(rest).step_by(2).sum::<usize>();
    assert!(done.iter().sum::<usize>() > CLIENTS * TIMES / 2, "{done:?}");
    let counted = cells(client.query("SELECT n, other FROM counters WHERE __key = 1"));
    assert_eq!(counted, [format!("{}|{}", sum(0), sum(1))], "{done:?}");
}

#[test]
fn concurrent_updates_of_a_whole_value_lose_nothing() {
    let mut client = gateway();
    mapping(&mut client, "numbers", "numbers", "this INT", "int");
    client.query("SINK INTO numbers VALUES (1, 0)").ok();
    let add = || {
        let mut client = gateway();
        let mut done = 0;
        for _ in 0..15 {
            let reply = client.query("UPDATE numbers SET this = this + 1 WHERE __key = 1");
            match reply.sqlstate() {
                None => done += 1,
                Some("40001") => (),
                Some(_) => panic!("{:?}", reply.error),
            }
        }
        done
    };
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(add)).collect();
    let done: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert!(done > 30, "{done}");
    assert_eq!(cells(client.query("SELECT this FROM numbers WHERE __key = 1")), [done.to_string()]);
}

#[test]
fn an_update_while_rows_come_and_go_counts_what_it_changed() {
    let mut client = gateway();
    mapping(&mut client, "moving", "moving", "n INT", "json-flat");
    let values: Vec<String> = (1..=200).map(|i| format!("({i}, {i})")).collect();
    let insert = client.query(&format!("INSERT INTO moving VALUES {}", values.join(", ")));
    assert_eq!(insert.ok().tag.as_deref(), Some("INSERT 0 200"));
    let remover = std::thread::spawn(|| {
        let mut client = gateway();
        (1..=100).for_each(|i| {
            client.query(&format!("DELETE FROM moving WHERE __key = {i}")).ok();
        });
    });
    let tag = client.query("UPDATE moving SET n = n + 1000 WHERE n <= 200").ok().tag.unwrap_or_default();
    remover.join().unwrap();
    let counted: usize = tag.strip_prefix("UPDATE ").unwrap_or(&tag).parse().unwrap();
    assert!((100..=200).contains(&counted), "{tag}");
    // What was removed did not come back, and each that stayed was changed once.
    assert_eq!(cells(client.query("SELECT count(*), min(n), max(n) FROM moving")), ["100|1101|1200"]);
}
