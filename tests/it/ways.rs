//! The same statements with each way to the rows forced: by SQL, by keys, by whole maps, by sizes. Their answers, and
//! their errors, must not differ.

use crate::bed;
use crate::types::put_json;
use crate::wire::Client;

/// What is switched off, by turns.
const FORCED: [&[&str]; 5] = [&[], &["sql"], &["entries"], &["keys"], &["entries", "keys", "size"]];

fn gateway(off: &[&str]) -> Client {
    let mut client = Client::connect(bed::shared_gateway().port);
    for way in off {
        client.query(&format!("SET hazelgres.enable_{way} = off")).ok();
    }
    client
}

/// The rows of a statement in the order of their texts, or the SQLSTATE and message of its error.
fn answer(client: &mut Client, sql: &str, parameters: Option<&[Option<&str>]>) -> Vec<String> {
    let reply = match parameters {
        None => client.query(sql),
        Some(parameters) => client.extended(sql, parameters, 0),
    };
    if let Some(error) = &reply.error {
        return vec![format!("{} {}", error[&'C'], error[&'M'])];
    }
    let text = |cell: &Option<String>| cell.clone().unwrap_or("NULL".into());
    let mut rows: Vec<String> =
        reply.texts().iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect();
    rows.sort();
    rows
}

/// Asks with each way forced; the answer that all have.
fn same(sql: &str, parameters: Option<&[Option<&str>]>) -> Vec<String> {
    let first = answer(&mut gateway(FORCED[0]), sql, parameters);
    for off in &FORCED[1..] {
        assert_eq!(answer(&mut gateway(off), sql, parameters), first, "{sql} without {off:?}");
    }
    first
}

fn plan(sql: &str) -> String {
    gateway(&[])
        .query(&format!("EXPLAIN {sql}"))
        .ok()
        .texts()
        .concat()
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

fn create(name: &str, columns: &str, key: &str) {
    let sql = format!(
        "CREATE OR REPLACE MAPPING {name} ({columns}) TYPE IMap OPTIONS ('keyFormat' = '{key}', 'valueFormat' = 'json-flat')"
    );
    gateway(&[]).query(&sql).ok();
}

/// Members of all kinds, where a mapping says something else, or nothing.
fn odd(name: &str) {
    let columns = "__key INT, i INT, b BIGINT, d DOUBLE, n DECIMAL, t VARCHAR, o BOOLEAN, f DATE, j JSON";
    create(name, columns, "int");
    let members = [
        r#"{"i":1,"b":2,"d":3.5,"n":"4.50","t":"five","o":true,"f":"2024-02-29","j":"{\"a\":1}"}"#,
        r#"{}"#,
        r#"{"i":null,"t":null,"o":null}"#,
        r#"{"i":"12","b":"13","d":"14","o":"true","t":15}"#,
        r#"{"t":"a","t":"b","x":{"i":7},"i":8}"#,
        r#"{"t":"\u00e9\n\"quoted\"","n":12345678901234567890.5}"#,
        r#"{"i":3.0,"b":1e3,"d":1}"#,
        r#"{"i":1,"#,
        r#"[1,2]"#,
    ];
    put_json(
        bed::shared_cluster(),
        name,
        &(1..).zip(members).map(|(key, text)| (key, text.to_owned())).collect::<Vec<_>>(),
    );
}

#[test]
fn odd_contents_are_the_same_by_every_way() {
    odd("odd_ways");
    for column in ["__key", "i", "b", "d", "n", "t", "o", "f", "j", "count(*)", "count(i)", "max(t)"] {
        same(&format!("SELECT {column} FROM odd_ways"), None);
        for key in 1..=10 {
            same(&format!("SELECT {column} FROM odd_ways WHERE __key = {key}"), None);
        }
    }
    for sql in [
        "SELECT __key, t FROM odd_ways WHERE i > 2",
        "SELECT __key, t FROM odd_ways WHERE t LIKE 'a%' OR t IS NULL",
        "SELECT t FROM odd_ways WHERE __key NOT IN (4, 7, 8)",
        "SELECT i, b, d, n, t, o, f, j FROM odd_ways WHERE __key <= 3",
        "SELECT o, count(*) FROM odd_ways GROUP BY o",
        "SELECT x.t, y.t FROM odd_ways x JOIN odd_ways y ON x.i = y.__key",
    ] {
        same(sql, None);
    }
}

#[test]
fn keys_are_compared_as_postgresql_compares() {
    odd("keys_ways");
    let one = |sql: &str, parameters: &[Option<&str>]| same(sql, Some(parameters));
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1", &[Some("2")]), ["2"]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1", &[None]), [""; 0]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1::numeric", &[Some("2.00")]), ["2"]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1::numeric", &[Some("2.5")]), [""; 0]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1::numeric", &[Some("NaN")]), [""; 0]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1::bigint", &[Some("4294967298")]), [""; 0]);
    assert_eq!(one("SELECT __key FROM keys_ways WHERE __key = $1::float8", &[Some("3")]), ["3"]);
    assert_eq!(
        one("SELECT __key FROM keys_ways WHERE __key = ANY($1)", &[Some("{1,2,2,NULL,99}")]),
        ["1", "2"]
    );
    assert_eq!(
        one("SELECT __key FROM keys_ways WHERE __key = ANY($1::numeric[])", &[Some("{1.0,2.5}")]),
        ["1"]
    );
    assert_eq!(one("SELECT __key FROM keys_ways WHERE $1 IN (__key, 7)", &[Some("7")]).len(), 9);
    assert_eq!(same("SELECT __key FROM keys_ways WHERE __key IN (1, 2, NULL, 2, 50)", None), ["1", "2"]);
    assert_eq!(
        same("SELECT __key FROM keys_ways WHERE __key = 1 OR (__key = 2 AND i IS NULL)", None),
        ["1", "2"]
    );
    assert_eq!(same("SELECT __key FROM keys_ways WHERE __key = 1 AND __key = 2", None), [""; 0]);
    assert_eq!(same("SELECT 7 FROM keys_ways WHERE __key = 3", None), ["7"]);
    assert_eq!(same("SELECT __key FROM keys_ways WHERE __key = 1/0", None), ["22012 division by zero"]);
    assert_eq!(same("SELECT count(*), count(__key) FROM keys_ways", None), ["9|9"]);
    assert_eq!(same("SELECT count(*) FROM keys_ways HAVING count(*) > 9", None), [""; 0]);
    assert_eq!(same("SELECT count(*) FROM keys_ways LIMIT 0", None), [""; 0]);
    assert_eq!(same("SELECT count(*) FROM keys_ways OFFSET 1", None), [""; 0]);
}

#[test]
fn keys_of_texts_and_of_several_parts() {
    create("text_ways", "__key VARCHAR, v INT", "varchar");
    let mut client = gateway(&[]);
    client.query("SINK INTO text_ways VALUES ('a', 1), ('b@c', 2), ('ü', 3), ('', 4), ('a ', 5)").ok();
    for (key, rows) in [("a", 1), ("b@c", 1), ("ü", 1), ("", 1), ("a ", 1), ("A", 0), ("c", 0), ("x@c", 0)] {
        let found = same("SELECT v FROM text_ways WHERE __key = $1", Some(&[Some(key)]));
        assert_eq!(found.len(), rows, "{key}");
    }
    let columns = "a INT EXTERNAL NAME \"__key.a\", b VARCHAR EXTERNAL NAME \"__key.b\", v INT";
    create("part_ways", columns, "json-flat");
    client.query("SINK INTO part_ways VALUES (1, 'x', 10), (1, 'y', 11), (2, 'x', 12)").ok();
    assert_eq!(same("SELECT v FROM part_ways WHERE a = 1 AND b = 'y'", None), ["11"]);
    assert_eq!(
        same("SELECT v FROM part_ways WHERE (a, b) IN ((1, 'x'), (2, 'x'), (3, 'z'))", None),
        ["10", "12"]
    );
    assert_eq!(same("SELECT v FROM part_ways WHERE a IN (1, 2) AND b = 'x' AND v > 10", None), ["12"]);
    assert_eq!(same("SELECT v FROM part_ways WHERE a = 1", None), ["10", "11"]);
    assert_eq!(same("SELECT v FROM part_ways WHERE a = 9 AND b = 'y'", None), [""; 0]);
}

#[test]
fn decimal_keys_are_equal_whatever_their_zeros() {
    let mut client = gateway(&[]);
    let mapping = "CREATE OR REPLACE MAPPING decimal_ways (__key DECIMAL, this INT) TYPE IMap \
                   OPTIONS ('keyFormat' = 'decimal', 'valueFormat' = 'int')";
    client.query(mapping).ok();
    client.query("SINK INTO decimal_ways VALUES (1.00, 1), (2.5, 2), (3, 3)").ok();
    assert_eq!(same("SELECT this FROM decimal_ways WHERE __key = 1.0", None), ["1"]);
    assert_eq!(same("SELECT this FROM decimal_ways WHERE __key = $1", Some(&[Some("3.0")])), ["3"]);
    assert_eq!(same("SELECT this FROM decimal_ways WHERE __key IN (2.50, 7)", None), ["2"]);
}

#[test]
fn an_explanation_names_the_way() {
    odd("plan_ways");
    assert!(plan("SELECT t FROM plan_ways WHERE __key = 1").starts_with("Hazelcast Keys of plan_ways"));
    assert!(plan("SELECT count(*) FROM plan_ways").starts_with("Hazelcast Size of plan_ways"));
    let entries = plan("SELECT t FROM plan_ways");
    assert!(entries.starts_with("Hazelcast Entries of plan_ways") && entries.contains("by SQL"), "{entries}");
}

/// Keys that come from other parts of a statement: the same rows whether they are looked up or not.
#[test]
fn keys_from_elsewhere_are_looked_up() {
    create("from_ways", "__key INT, k BIGINT, n NUMERIC, g INT", "int");
    create("to_ways", "__key INT, v VARCHAR, g INT", "int");
    let mut client = gateway(&[]);
    client
        .query("SINK INTO from_ways SELECT i, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 40 END, i / 2.0, i % 3 FROM generate_series(1, 60) i")
        .ok();
    client
        .query("SINK INTO to_ways SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE 'v' || i END, i % 7 FROM generate_series(0, 3000) i")
        .ok();
    // Sizes are asked for when mappings change.
    create("to_ways", "__key INT, v VARCHAR, g INT", "int");
    let looked_up = [
        "SELECT v FROM to_ways WHERE __key IN (SELECT k FROM from_ways WHERE __key IN (1, 2, 41, 42, 5))",
        "SELECT v FROM to_ways WHERE __key = ANY (SELECT n FROM from_ways WHERE __key <= 9)",
        "SELECT v FROM to_ways WHERE g > 2 AND __key IN (SELECT k FROM from_ways)",
        "SELECT f.__key FROM from_ways f WHERE f.__key <= 9 AND EXISTS (SELECT 1 FROM to_ways t WHERE t.__key = f.k AND t.g = 3)",
        "SELECT f.__key FROM from_ways f WHERE f.__key <= 9 AND NOT EXISTS (SELECT 1 FROM to_ways t WHERE t.__key = f.k AND t.g = 3)",
        "SELECT v FROM to_ways WHERE __key = (SELECT max(k) FROM from_ways)",
        "SELECT v FROM to_ways WHERE __key = (SELECT k FROM from_ways WHERE __key = 6)",
        "SELECT v FROM to_ways WHERE __key = ANY (ARRAY(SELECT k FROM from_ways WHERE g = 1))",
        "SELECT f.__key, (SELECT t.v FROM to_ways t WHERE t.__key = f.k) FROM from_ways f WHERE f.__key < 20",
        "SELECT f.__key, (SELECT upper(t.v) FROM to_ways t WHERE t.__key = f.k AND t.g > 1) FROM from_ways f WHERE f.__key < 20",
        "SELECT f.__key FROM from_ways f WHERE f.__key < 20 AND (SELECT t.g FROM to_ways t WHERE t.__key = f.k) > 2",
        "SELECT f.__key FROM from_ways f WHERE f.__key < 20 AND coalesce((SELECT t.v FROM to_ways t WHERE t.__key = f.k), 'none') < 'o'",
    ];
    for sql in looked_up {
        assert!(plan(sql).contains("Hazelcast Keys of to_ways"), "{sql}\n{}", plan(sql));
        assert!(!same(sql, None).is_empty(), "{sql}");
    }
    let error = same("SELECT v FROM to_ways WHERE __key = (SELECT k FROM from_ways WHERE __key < 9)", None);
    assert!(error.concat().starts_with("21000"), "{error:?}");
    assert_eq!(
        same("SELECT v FROM to_ways WHERE __key = (SELECT k FROM from_ways WHERE __key = 5)", None),
        [""; 0]
    );
    // All keys are asked for after all: more than are worth looking up.
    assert_eq!(
        same("SELECT v FROM to_ways WHERE __key IN (SELECT __key FROM to_ways WHERE g < 9)", None).len(),
        3001
    );
    // The number of rows that an outer limit leaves does not matter to what they are.
    assert_eq!(
        same(
            "SELECT f.__key, (SELECT t.v FROM to_ways t WHERE t.__key = f.k) FROM from_ways f ORDER BY 1 LIMIT 3",
            None
        ),
        ["1|v1", "2|v2", "3|v3"]
    );
}
