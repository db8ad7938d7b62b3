//! The same statements with each way to the rows forced: by SQL, by keys, by whole maps, by sizes. Their answers, and
//! their errors, must not differ.

use hazelcast_client::{CompactRecord, FieldKind};

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
    plan_of(&mut gateway(&[]), sql)
}

fn plan_of(client: &mut Client, sql: &str) -> String {
    client
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
fn keys_that_are_records() {
    let mut client = gateway(&[]);
    let columns = "title VARCHAR EXTERNAL NAME \"__key.title\", made INT EXTERNAL NAME \"__key.made\", \
                   shown DATE EXTERNAL NAME \"__key.shown\", v INT";
    let portable = "'keyFormat' = 'portable', 'keyPortableFactoryId' = '71', 'keyPortableClassId' = '1'";
    let compact = "'keyFormat' = 'compact', 'keyCompactTypeName' = 'record_key'";
    for (name, key) in [("compact_keys", compact), ("portable_keys", portable)] {
        let sql = format!(
            "CREATE OR REPLACE MAPPING {name} ({columns}) TYPE IMap OPTIONS ({key}, 'valueFormat' = 'json-flat')"
        );
        client.query(&sql).ok();
        for (title, year, v) in [("x", 1, 10), ("x", 2, 11), ("y", 1, 12), ("ü 😀", 3, 13)] {
            client.query(&format!("SINK INTO {name} VALUES ('{title}', {year}, '2024-02-29', {v})")).ok();
        }
        let one = format!("SELECT v FROM {name} WHERE title = $1 AND made = $2 AND shown = '2024-02-29'");
        let of = |title, year| same(&one, Some(&[Some(title), Some(year)]));
        assert_eq!((of("x", "2"), of("ü 😀", "3")), (vec!["11".into()], vec!["13".into()]));
        assert_eq!(of("x", "3"), [""; 0]);
        let several = format!(
            "SELECT v FROM {name} WHERE (made, title) IN ((1, 'x'), (1, 'y'), (9, 'x')) AND shown = '2024-02-29'"
        );
        assert_eq!(same(&several, None), ["10", "12"]);
        assert!(plan(&several).starts_with(&format!("Hazelcast Keys of {name}")), "{}", plan(&several));
        assert_eq!(same(&format!("SELECT v FROM {name} WHERE made = 1"), None), ["10", "12"]);
        let update =
            format!("UPDATE {name} SET v = 20 WHERE title = 'x' AND made = 2 AND shown = '2024-02-29'");
        assert_eq!(client.query(&update).ok().tag.as_deref(), Some("UPDATE 1"));
        assert_eq!(of("x", "2"), ["20"]);
    }
}

/// A program has written the keys with a class of its own: the gateway sees that schema when SQL finds the first of them.
#[test]
fn keys_that_are_records_of_others() {
    let mut client = gateway(&[]);
    let sql = "CREATE OR REPLACE MAPPING other_keys (title VARCHAR EXTERNAL NAME \"__key.title\", \
               made INT EXTERNAL NAME \"__key.made\", this INT) TYPE IMap OPTIONS ('keyFormat' = 'compact', \
               'keyCompactTypeName' = 'other_key', 'valueFormat' = 'int')";
    client.query(sql).ok();
    let key = |year: i32| {
        let record = CompactRecord::builder("other_key").field("title", FieldKind::String, "x");
        record.field("made", FieldKind::Int32, year).build().unwrap()
    };
    let entries: Vec<(CompactRecord, i32)> = (0..20).map(|year| (key(year), 100 + year)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cluster = bed::shared_cluster();
        let (name, addresses) = cluster.split_once('@').unwrap();
        let address = addresses.split(',').next().unwrap_or(addresses);
        let client = hazelcast_client::Client::builder().cluster_name(name).address(address);
        client.connect().await.unwrap().map("other_keys").put_all(&entries).await.unwrap();
    });
    // One that SQL writes, in its own schema.
    client.query("SINK INTO other_keys VALUES ('x', 30, 3)").ok();
    let year =
        |year: &str| same("SELECT this FROM other_keys WHERE title = 'x' AND made = $1", Some(&[Some(year)]));
    for _ in 0..2 {
        assert_eq!((year("7"), year("40")), (vec!["107".into()], vec![]));
        assert_eq!((year("3"), year("30")), (vec!["103".into()], vec!["3".into()]));
    }
    let several = "SELECT this FROM other_keys WHERE title = 'x' AND made IN (1, 30, 3, 5, 50)";
    assert_eq!(same(several, None), ["101", "103", "105", "3"]);
    // What the program has written is updated where it stands.
    let mut tag = |sql: &str| client.query(sql).ok().tag.unwrap_or_default();
    assert_eq!(tag("UPDATE other_keys SET this = 207 WHERE title = 'x' AND made = 7"), "UPDATE 1");
    assert_eq!(tag("UPDATE other_keys SET this = this + 100 WHERE this IN (108, 109)"), "UPDATE 2");
    let upsert = "INSERT INTO other_keys VALUES ('x', 10, 0), ('x', 31, 4) ON CONFLICT (title, made) \
                  DO UPDATE SET this = other_keys.this + 100";
    assert_eq!(tag(upsert), "INSERT 0 2");
    assert_eq!(tag("INSERT INTO other_keys VALUES ('x', 11, 0) ON CONFLICT DO NOTHING"), "INSERT 0 0");
    let changed = "SELECT this FROM other_keys WHERE made IN (7, 8, 9, 10, 11, 31)";
    assert_eq!(same(changed, None), ["111", "207", "208", "209", "210", "4"]);
    let twice = client.query("INSERT INTO other_keys VALUES ('x', 50, 0), ('x', 12, 0)");
    assert_eq!(twice.sqlstate(), Some("23505"));
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
        .query("SINK INTO to_ways SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE 'v' || i END, i % 7 FROM generate_series(0, 9000) i")
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
        9001
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

/// Rows of all types that indexes are asked for, with NULLs and the ends of their ranges.
fn fill_searched(client: &mut Client, name: &str) {
    const TEXTS: [&str; 7] = ["", "a", "ü", "A", "12", "%", "\u{1F600}"];
    let rows: Vec<String> = (0..200_i64)
        .map(|i| {
            let value = |text: String| if i % 9 == 0 { "NULL".to_owned() } else { text };
            let edge = |low: i64, high: i64| match i {
                1 => low,
                2 => high,
                _ => i % 23 - 11,
            };
            format!(
                "({i}, {}, {}, {}, {}, {}, {})",
                value(edge(-128, 127).to_string()),
                value(edge(i32::MIN.into(), i32::MAX.into()).to_string()),
                value(edge(i64::MIN, i64::MAX).to_string()),
                value(format!("'{}'", TEXTS[usize::try_from(i % 7).unwrap_or(0)])),
                value(format!("DATE '2024-02-{:02}'", i % 29 + 1)),
                i % 31
            )
        })
        .collect();
    client.query(&format!("INSERT INTO {name} VALUES {}", rows.join(", "))).ok();
}

/// Conditions on each column, of each kind that an index answers.
fn searches() -> Vec<String> {
    let values = [
        ("t", &["-128", "127", "5", "128", "-129", "4.0", "4.5", "NULL"][..]),
        ("i", &["-2147483648", "2147483647", "3", "5000000000", "-5000000000", "3.0", "2.5", "NULL::int"]),
        ("b", &["-9223372036854775808", "9223372036854775807", "7", "7.5", "99999999999999999999", "1e3"]),
        ("s", &["''", "'a'", "'ü'", "'12'", "'%'", "'b'", "'\u{1F600}'", "NULL::text"]),
        ("d", &["DATE '2024-02-29'", "DATE '2024-02-11'", "'infinity'::date", "'-infinity'::date"]),
    ];
    let mut all = Vec::new();
    for (column, values) in values {
        for (at, value) in values.iter().enumerate() {
            let other = values[(at + 3) % values.len()];
            for operator in ["=", "<", "<=", ">", ">=", "<>"] {
                all.push(format!("{column} {operator} {value}"));
            }
            all.push(format!("{value} > {column} AND n > 9"));
            all.push(format!("{column} BETWEEN {value} AND {other}"));
            all.push(format!("{column} > {value} AND {column} <= {other}"));
            all.push(format!("{column} IN ({value}, {other})"));
            all.push(format!("{column} = ANY (ARRAY[{value}, {other}, NULL])"));
            all.push(format!("{column} = {value} OR n = 3"));
        }
    }
    all
}

#[test]
fn what_indexes_find_is_what_conditions_leave() {
    let mut client = gateway(&[]);
    for format in ["json-flat", "compact"] {
        let short = format.split('-').next().unwrap_or(format);
        for (name, indexed) in [(format!("found_{short}"), true), (format!("scanned_{short}"), false)] {
            let columns = "__key INT, t TINYINT, i INT, b BIGINT, s VARCHAR, d DATE, n INT";
            let sql = format!(
                "CREATE OR REPLACE MAPPING {name} ({columns}) TYPE IMap OPTIONS ('keyFormat' = 'int', \
                 'valueFormat' = '{format}', 'valueCompactTypeName' = 'searched')"
            );
            client.query(&sql).ok();
            fill_searched(&mut client, &name);
            for (column, kind) in
                [("t", "SORTED"), ("i", "SORTED"), ("b", "HASH"), ("s", "SORTED"), ("d", "SORTED")]
            {
                if indexed {
                    client
                        .query(&format!("CREATE INDEX {name}_{column} ON {name} ({column}) TYPE {kind}"))
                        .ok();
                }
            }
        }
        let (mut found, mut by_sql) = (gateway(&["sql"]), gateway(&["entries"]));
        let mut used = 0;
        // Each condition on one of the two, by turns.
        let turn = usize::from(format == "compact");
        let all = searches().into_iter().enumerate();
        for (at, condition) in all.filter(|(at, _)| at % 2 == turn || at % 8 == 0) {
            let ask = |name: &str| format!("SELECT * FROM {name}_{short} WHERE {condition}");
            let (sql, plain) = (ask("found"), ask("scanned"));
            let rows = answer(&mut client, &plain, None);
            assert_eq!(answer(&mut found, &sql, None), rows, "{sql}");
            // Ranges of one index whose ends are decimals and integers fail in Hazelcast.
            if at % 8 == 0 && !condition.contains('.') && !condition.contains("9999") {
                assert_eq!(answer(&mut by_sql, &sql, None), rows, "{sql}");
                used += usize::from(plan_of(&mut found, &sql).contains("by index"));
            }
        }
        assert!(used > 20, "{format}: {used}");
    }
}

#[test]
fn an_index_of_another_kind_is_not_asked() {
    create("kinds_ways", "__key INT, d DATE, i INT", "int");
    let dates: Vec<(i32, String)> =
        (1..200).map(|n| (n, format!(r#"{{"d":"2024-01-{:02}","i":"{}"}}"#, n % 28 + 1, n % 10))).collect();
    put_json(bed::shared_cluster(), "kinds_ways", &dates);
    let mut client = gateway(&[]);
    for column in ["d", "i"] {
        client.query(&format!("CREATE INDEX kinds_{column} ON kinds_ways ({column})")).ok();
    }
    assert_eq!(same("SELECT count(*) FROM kinds_ways WHERE d = DATE '2024-01-05'", None), ["7"]);
    // Texts, for the index: 10 would be less than 9.
    assert_eq!(same("SELECT count(*) FROM kinds_ways WHERE i >= 8", None), ["40"]);
    assert_eq!(same("SELECT count(*) FROM kinds_ways WHERE i < 10 AND i > 7", None), ["40"]);
}

#[test]
fn conditions_of_an_outer_join_leave_its_rows() {
    let mut client = gateway(&[]);
    create("outer_ways", "__key INT, i INT, k INT", "int");
    client.query("SINK INTO outer_ways SELECT v, v % 50, v FROM generate_series(1, 500) v").ok();
    client.query("CREATE INDEX outer_i ON outer_ways (i)").ok();
    let rows = same("SELECT x.__key FROM outer_ways x LEFT JOIN outer_ways y ON x.i = 7 AND x.k = y.k", None);
    assert_eq!(rows.len(), 500);
    let rows =
        same("SELECT x.__key, y.i FROM outer_ways x LEFT JOIN outer_ways y ON y.i = 7 AND x.k = y.k", None);
    assert_eq!((rows.len(), rows.iter().filter(|row| row.ends_with("|7")).count()), (500, 10));
    assert_eq!(
        same("SELECT x.__key FROM outer_ways x JOIN outer_ways y ON y.i = 7 AND x.k = y.k", None).len(),
        10
    );
}

/// A statement that was prepared while its map was small goes another way when the map has grown by an order.
#[test]
fn a_plan_is_chosen_again_when_sizes_change() {
    create("grown_ways", "__key INT, t VARCHAR", "int");
    let mut client = gateway(&[]);
    let grow = |to: u32| {
        let rows = format!("SELECT i, repeat('x', 200) FROM generate_series(1, {to}) i");
        gateway(&[]).query(&format!("SINK INTO grown_ways {rows}")).ok();
    };
    grow(100);
    // Sizes are asked for when mappings change.
    create("grown_other", "__key INT, t VARCHAR", "int");
    client.query("PREPARE grown AS SELECT * FROM grown_ways LIMIT 10").ok();
    let small = plan_of(&mut client, "EXECUTE grown");
    assert!(small.contains("Hazelcast Entries of grown_ways"), "{small}");
    assert_eq!(answer(&mut client, "EXECUTE grown", None).len(), 10);
    grow(40_000);
    create("grown_other", "__key INT, t VARCHAR, u INT", "int");
    let large = plan_of(&mut client, "EXECUTE grown");
    assert!(large.starts_with("Hazelcast Scan"), "{large}");
    assert_eq!(answer(&mut client, "EXECUTE grown", None).len(), 10);
}
