//! What clients have met in front of other servers of this protocol, as messages (docs/clients/breakages.md has the numbers
//! and what the other cases are held by; statements are in tests/sql/tools.sql).

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::bed;
use crate::protocol::{Script, bind, close, compare, describe, execute, extended, query, sync};
use crate::wire::{Client, message, parse};

fn flush() -> Vec<u8> {
    message(b'H', b"")
}

fn end(mut script: Script) -> Script {
    script.push(sync());
    script
}

/// Statements that return rows without being SELECT, changes with RETURNING and without, and nothing: what Describe says of the
/// statement and of the portal, and what Execute then sends: cases 7, 29, 30. Of EXPLAIN only what it is called, since plans differ.
#[test]
fn describe_says_what_execute_does() {
    let mut both = bed::both();
    let change = |sql: &str| format!("{sql} breakages_changed");
    both.gateway
        .query(&format!(
            "{} (__key INT, n INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
            change("CREATE OR REPLACE MAPPING")
        ))
        .ok();
    both.oracle.query(&format!("{} (__key int PRIMARY KEY, n int)", change("CREATE TABLE"))).ok();
    for side in [&mut both.gateway, &mut both.oracle] {
        side.query("INSERT INTO breakages_changed VALUES (1, 1), (2, 2)").ok();
    }
    let prepared = "PREPARE described AS SELECT 1 AS one, 'a' AS a";
    let statements = [
        "SHOW standard_conforming_strings",
        "SHOW ALL",
        "EXPLAIN SELECT 1",
        "VALUES (1, 'a')",
        "TABLE breakages_changed ORDER BY 1",
        "FETCH 1 FROM c",
        "EXECUTE described",
        "MOVE 1 FROM c",
        "BEGIN",
        "SET application_name = 'x'",
        "",
        "-- nothing",
        "UPDATE breakages_changed SET n = n WHERE __key = 1",
        "UPDATE breakages_changed SET n = n WHERE __key = 1 RETURNING *, 'x' AS x",
        "DELETE FROM breakages_changed WHERE __key = 3",
        "DELETE FROM breakages_changed WHERE __key = 3 RETURNING n",
        "INSERT INTO breakages_changed SELECT 4, 4 WHERE false",
        "INSERT INTO breakages_changed SELECT 4, 4 WHERE false RETURNING __key",
        "INSERT INTO breakages_changed VALUES (1, 1) ON CONFLICT (__key) DO NOTHING RETURNING n",
        "WITH w AS (UPDATE breakages_changed SET n = n WHERE __key = 2 RETURNING n) SELECT * FROM w",
    ];
    let scripts: Vec<(&str, Script)> = statements
        .iter()
        .map(|sql| {
            let open = ["BEGIN", "DECLARE c CURSOR FOR SELECT 1 AS one", prepared].map(query).to_vec();
            let mut both = vec![
                parse("s", sql, &[]),
                describe(b'S', "s"),
                bind("", "s", &[], &[], &[]),
                describe(b'P', ""),
            ];
            let told = !sql.starts_with("EXPLAIN") && *sql != "SHOW ALL";
            both.extend(told.then(|| execute("", 0)));
            (*sql, [open, end(both)].concat())
        })
        .collect();
    compare(&scripts);
    for sql in ["EXPLAIN SELECT 1", "SHOW ALL"] {
        let reply = both.gateway.extended(sql, &[], 0).ok();
        let columns = reply.columns.as_ref().map_or(0, Vec::len);
        assert!(!reply.rows.is_empty() && reply.rows.iter().all(|row| row.len() == columns), "{sql}");
    }
    both.gateway.query(&change("DROP MAPPING")).ok();
    both.oracle.query(&change("DROP TABLE")).ok();
}

/// Replies come in the order of the messages, with Flush and without, and for the same statement again and again with other
/// parameters: cases 13, 31, 32, 33, 44.
#[test]
fn pipelines_keep_their_order() {
    let again = |flushed: bool| -> Script {
        let one = |n: i32| {
            let number = n.to_string();
            let mut script =
                vec![bind("", "s", &[], &[Some(number.as_bytes())], &[]), describe(b'P', ""), execute("", 0)];
            script.extend(flushed.then(flush));
            script
        };
        let prepared = vec![parse("s", "SELECT $1::int * 2 AS twice, repeat('x', $1) AS long", &[])];
        end([prepared, (0..100).flat_map(one).collect()].concat())
    };
    // Each with a Parse of its own, of other columns, and nothing that divides them.
    let each = |n: i32| extended(&format!("SELECT {n} AS n{n}{}", ", 'x' AS x".repeat(n as usize % 3)));
    let many = end((0..50).flat_map(each).collect());
    let five: Script = (0..5).flat_map(|n| end(extended(&format!("SELECT {n} AS n")))).collect();
    let failing: Script =
        ["SELECT 1 AS a", "SELECT 1 / 0", "SELECT 2 AS b"].iter().flat_map(|sql| extended(sql)).collect();
    compare(&[
        ("again", again(false)),
        ("again, with Flush", again(true)),
        ("one after the other", many),
        ("five queued", five),
        ("what follows an error is passed over", [end(failing), end(extended("SELECT 3"))].concat()),
    ]);
}

/// A statement that makes or drops something, prepared once, does it each time: case 31.
#[test]
fn prepared_ddl_runs_as_often_as_it_is_executed() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    let prepared = vec![
        parse(
            "make",
            "CREATE MAPPING breakages_made (__key INT, n INT) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
            &[],
        ),
        parse("drop", "DROP MAPPING breakages_made", &[]),
        parse("look", "SELECT count(*) FROM pg_class WHERE relname = 'breakages_made'", &[]),
    ];
    gateway.write(&end(prepared).concat());
    gateway.until_ready();
    let run = |name: &str| [bind("", name, &[], &[], &[]), execute("", 0)].concat();
    for _ in 0..5 {
        let round = ["make", "look", "drop", "look"].map(run).concat();
        gateway.write(&[round, sync()].concat());
        let replies = gateway.until_ready();
        let found: Vec<u8> =
            replies.iter().filter(|m| m.tag == b'D').filter_map(|m| m.body.last().copied()).collect();
        assert_eq!((found.as_slice(), replies.iter().any(|m| m.tag == b'E')), (&b"10"[..], false));
    }
}

/// Texts of several statements by which pools, pgAdmin and Tableau begin and end: cases 20, 35, 56, 66.
#[test]
fn texts_of_several_statements() {
    bed::both();
    let one = |sql: &str| vec![query(sql)];
    let tableau = "BEGIN;declare \"SQL_CUR0x7f\" cursor with hold for SELECT __key, title FROM movies ORDER BY __key;\
                   fetch 2048 in \"SQL_CUR0x7f\"";
    compare(&[
        ("asyncpg's reset", one("SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;")),
        ("skunk's reset", one("UNLISTEN *; RESET ALL")),
        (
            "Npgsql's reset",
            [one("DISCARD ALL"), end([extended("DISCARD ALL"), extended("SELECT 1")].concat())].concat(),
        ),
        (
            "pgAdmin's beginning",
            one(
                "SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM \
                 pg_show_all_settings() WHERE name='bytea_output'; SET client_encoding='utf-8';",
            ),
        ),
        (
            "Tableau's cursor",
            [one(tableau), one("fetch 2048 in \"SQL_CUR0x7f\""), one("close \"SQL_CUR0x7f\""), one("COMMIT")]
                .concat(),
        ),
        (
            "a cursor that is held",
            [
                "BEGIN",
                "DECLARE h CURSOR WITH HOLD FOR SELECT __key FROM movies ORDER BY 1",
                "COMMIT",
                "FETCH 3 FROM h",
                "CLOSE h",
            ]
            .map(query)
            .to_vec(),
        ),
        (
            "nothing but comments",
            [one("/* nothing */"), one("-- nothing\n;"), end(extended("/* nothing */ ; -- still"))].concat(),
        ),
        (
            "lines as Windows ends them",
            [
                "SELECT 1 AS a,\r\n       2 AS b -- why\r\n  FROM (VALUES (1)) v(x);\r\n",
                "\r\nSELECT 'a'\r\n'b' AS continued,\r\n$x$c\r\nd$x$ AS kept, E'e\\r\\n' AS escaped, 'f\r\ng'\r\n",
                "SELECT /* one\r\n -- two */ 1\r\n;\r\n-- three\r\nSELECT 2;\r\n",
                "SELECT a.attname\r\nFROM pg_catalog.pg_attribute a\r\nWHERE a.attrelid = 'pg_class'::regclass -- its\r\nAND\ta.attnum > 0\r\nORDER BY\r\na.attnum LIMIT 3\r\n",
                "SELECT 1,\r\n  nosuch\r\n",
            ]
            .map(query)
            .to_vec(),
        ),
    ]);
}

/// Types, their identifiers, and a value of each.
const TYPES: [(&str, u32, &str); 17] = [
    ("bool", 16, "t"),
    ("int2", 21, "-2"),
    ("int4", 23, "70000"),
    ("int8", 20, "-9000000000"),
    ("float4", 700, "1.5"),
    ("float8", 701, "-0.1"),
    ("numeric", 1700, "-1234567.0100"),
    ("text", 25, "hé"),
    ("varchar", 1043, "v"),
    ("bytea", 17, "\\x00ff"),
    ("date", 1082, "2024-02-29"),
    ("time", 1083, "23:59:59.999999"),
    ("timestamp", 1114, "2024-02-29 01:02:03"),
    ("timestamptz", 1184, "2024-02-29 01:02:03+02"),
    ("interval", 1186, "1 mon -2 days 3.5 s"),
    ("uuid", 2950, "00000000-0000-0000-0000-00000000000a"),
    ("int4[]", 1007, "{1,NULL,3}"),
];

/// Binary cursors, arrays and composites; a parameter in binary of a type that the client does not declare: cases 16, 24, 26, 27.
#[test]
fn binary_of_what_others_forgot() {
    let binary = |sql: &str| {
        end(vec![parse("", sql, &[]), bind("", "", &[], &[], &[1]), describe(b'P', ""), execute("", 0)])
    };
    let mut both = bed::both();
    let mut undeclared: Vec<(String, Script)> = Vec::new();
    for (ty, oid, text) in TYPES {
        let value = both.oracle.extended(&format!("SELECT '{text}'::{ty}"), &[], 1).ok();
        let value = value.rows.first().and_then(|row| row.first()).cloned().flatten().expect("a value");
        for declared in [&[][..], &[0], &[705], &[oid]] {
            let script = vec![
                parse("", &format!("SELECT $1::{ty} AS it, $1 IS NULL AS n"), declared),
                describe(b'S', ""),
                bind("", "", &[1], &[Some(&value)], &[1]),
                execute("", 0),
            ];
            undeclared.push((format!("{ty} declared as {declared:?}"), end(script)));
        }
    }
    let undeclared: Vec<(&str, Script)> =
        undeclared.iter().map(|(name, script)| (name.as_str(), script.clone())).collect();
    compare(&undeclared);
    compare(&[
        (
            "a binary cursor",
            [
                "BEGIN",
                "DECLARE b BINARY CURSOR FOR SELECT 7::int4, 1.5::numeric, 'x'::text, NULL::date",
                "FETCH ALL FROM b",
                "COMMIT",
            ]
            .map(query)
            .to_vec(),
        ),
        (
            "arrays",
            binary(
                "SELECT ARRAY[1, NULL, 3], ARRAY[['a', 'b'], ['c', 'd']], '{}'::numeric[], ARRAY[now() - now()]",
            ),
        ),
        ("rows", binary("SELECT ROW(1, 'a'::text, NULL::int, ARRAY[1]), ROW(), ROW(ROW(1, 2), 1.5)")),
        (
            "numerics",
            binary(
                "SELECT 0::numeric, -0.00::numeric, 1e-30::numeric, 1e30::numeric, 123456789.987654321, 'NaN'::numeric, '-Infinity'::numeric, 10000::numeric, 0.0001::numeric",
            ),
        ),
    ]);
}

/// Errors are told where they are found, and ReadyForQuery comes after Sync and only then: cases 30, 38, 46, 59.
#[test]
fn errors_come_where_they_are_found() {
    compare(&[
        ("at Parse, before Flush", vec![parse("", "SELECT nosuch", &[]), flush(), sync()]),
        ("at Bind", end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[], &[Some(b"x")], &[])])),
        ("at Execute", end(extended("SELECT 1 / (x - 1) FROM (VALUES (1), (2)) v(x)"))),
        (
            "closing what is not there",
            end(vec![close(b'S', "no"), close(b'P', "no"), parse("", "SELECT 1", &[])]),
        ),
        (
            "DEALLOCATE ALL in a pipeline",
            end([vec![parse("s", "SELECT 1", &[])], extended("DEALLOCATE ALL"), extended("SELECT 2")]
                .concat()),
        ),
        ("DEALLOCATE of nothing", vec![query("DEALLOCATE PREPARE nosuch")]),
    ]);
    // With Flush, and before Sync is sent.
    let mut gateway = Client::connect(bed::shared_gateway().port);
    for wrong in [
        vec![parse("", "SELECT nosuch", &[]), flush()],
        vec![parse("", "SELECT max(a) FROM (VALUES (1)) v (b)", &[]), describe(b'S', ""), flush()],
    ] {
        gateway.write(&wrong.concat());
        assert_eq!(gateway.read().tag, b'E');
        gateway.write(&sync());
        assert_eq!(gateway.read().tag, b'Z');
    }
}

/// Every setting that a client may change can be set to what it is: case 49.
#[test]
fn what_clients_may_set_can_be_set() {
    let mut both = bed::both();
    let changeable = "SELECT name, setting, unit FROM pg_settings WHERE context = 'user' AND name !~ '^hazelgres' ORDER BY name";
    let wanted = both.oracle.query(changeable).texts();
    assert!(wanted.len() > 100, "{}", wanted.len());
    let mut refused = Vec::new();
    for row in wanted {
        let [name, setting, unit] = row.try_into().expect("three columns");
        let (name, setting) = (name.unwrap_or_default(), setting.unwrap_or_default());
        // Lists are written as lists.
        let list = ["search_path", "DateStyle", "temp_tablespaces", "local_preload_libraries"]
            .contains(&name.as_str());
        let value = if list && !setting.is_empty() {
            setting
        } else {
            format!(
                "'{setting}{}'",
                unit.filter(|unit| !unit.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default()
            )
        };
        let set = format!("SET {name} = {value}");
        let (ours, theirs) = (both.gateway.query(&set), both.oracle.query(&set));
        if ours.sqlstate() != theirs.sqlstate() {
            refused.push(format!("{set}: {:?} instead of {:?}", ours.sqlstate(), theirs.sqlstate()));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

/// Mappings of all kinds are there and tell whether they can be read, also those that can't: cases 3, 4.
#[test]
fn a_table_that_cannot_be_read_hides_no_other() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    let class = "'valueFormat' = 'java', 'valueJavaClass' = 'java.lang.Object'";
    let kinds = [
        ("breakages_json", "(__key INT, n INT)", "IMap", "'keyFormat' = 'int', 'valueFormat' = 'json-flat'"),
        (
            "breakages_compact",
            "(__key INT, n INT)",
            "IMap",
            "'keyFormat' = 'int', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'n'",
        ),
        (
            "breakages_portable",
            "(__key INT, n INT)",
            "IMap",
            "'keyFormat' = 'int', 'valueFormat' = 'portable', 'valuePortableFactoryId' = '1', 'valuePortableClassId' = '9'",
        ),
        (
            "breakages_varchar",
            "(__key VARCHAR, this VARCHAR)",
            "IMap",
            "'keyFormat' = 'varchar', 'valueFormat' = 'varchar'",
        ),
        ("breakages_java", "(__key INT, this OBJECT)", "IMap", &format!("'keyFormat' = 'int', {class}")),
        ("breakages_file", "(n INT)", "File", "'format' = 'csv', 'path' = '/nosuch'"),
    ];
    for (name, columns, connector, options) in &kinds {
        gateway
            .query(&format!(
                "CREATE OR REPLACE MAPPING {name} {columns} TYPE {connector} OPTIONS ({options})"
            ))
            .ok();
    }
    let may = "SELECT c.relname, has_table_privilege(c.oid, 'SELECT'), has_any_column_privilege(current_user, c.oid, 'UPDATE'), \
               (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) FROM pg_class c \
               WHERE c.relname LIKE 'breakages\\_%' AND c.relkind = 'r' ORDER BY 1";
    let listed = gateway.query(may).ok().texts();
    let names: Vec<&str> = listed.iter().filter_map(|row| row[0].as_deref()).collect();
    let mut wanted = kinds.map(|(name, ..)| name);
    wanted.sort();
    assert!(wanted.iter().all(|name| names.contains(name)), "{names:?}");
    for (name, ..) in kinds.iter().filter(|kind| kind.2 == "IMap") {
        let probe = format!("SELECT true FROM \"public\".\"{name}\" WHERE 1 <> 1 LIMIT 0");
        assert_eq!(gateway.query(&probe).ok().texts().len(), 0, "{name}");
    }
    // What cannot be read says so, and the session goes on.
    assert!(gateway.query("SELECT n FROM breakages_file").error.is_some());
    assert_eq!(gateway.query("SELECT 1").value(), "1");
    for (name, ..) in kinds {
        gateway.query(&format!("DROP MAPPING {name}")).ok();
    }
}

/// Other encodings are refused, and the session goes on: case 67.
#[test]
fn another_encoding_is_refused_and_no_more() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    for encoding in ["LATIN1", "WIN1252", "SJIS"] {
        let reply = gateway.query(&format!("SET client_encoding = '{encoding}'"));
        assert_eq!(reply.sqlstate(), Some("0A000"), "{encoding}");
        assert_eq!(gateway.query("SELECT 'ü'").value(), "ü");
    }
    let begun =
        Client::start(bed::shared_gateway().port, &[("user", "postgres"), ("client_encoding", "LATIN1")]);
    let refused = begun.map(|_| ()).unwrap_err();
    assert_eq!(refused.get(&'C').map(String::as_str), Some("0A000"), "{refused:?}");
}

/// Locks that a server does not have must not seem to be taken: case 51.
#[test]
fn advisory_locks_are_not_pretended() {
    let mut gateway = Client::connect(bed::shared_gateway().port);
    for call in [
        "pg_advisory_lock(1)",
        "pg_try_advisory_lock(1, 2)",
        "pg_advisory_xact_lock(1)",
        "pg_try_advisory_xact_lock(1)",
    ] {
        assert_eq!(gateway.query(&format!("SELECT {call}")).sqlstate(), Some("0A000"), "{call}");
    }
}

/// How many sessions the gateway says it has, without its own.
fn sessions(watcher: &mut Client) -> i64 {
    watcher
        .query("SELECT count(*) - 1 FROM pg_stat_activity WHERE application_name = 'breakages'")
        .value()
        .parse()
        .unwrap()
}

/// Connections that only look whether somebody is there, and clients that vanish at any point, leave nothing: cases 45, 63.
#[test]
fn clients_that_come_for_nothing_or_vanish_leave_nothing() {
    let port = bed::shared_gateway().port;
    let named = [("user", "postgres"), ("application_name", "breakages")];
    let mut watcher = Client::start(port, &named).unwrap();
    for round in 0..20 {
        drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
        let mut client = Client::start(port, &named).unwrap();
        let before: Script = match round % 5 {
            0 => Vec::new(),
            1 => vec![query("BEGIN")],
            2 => vec![query("SELECT pg_sleep(30)")],
            3 => vec![
                parse("", "SELECT generate_series(1, 100000000)", &[]),
                bind("", "", &[], &[], &[]),
                execute("", 0),
                flush(),
            ],
            _ => vec![message(b'Q', b"SELECT 1\0")[..4].to_vec()],
        };
        client.write(&before.concat());
        if round % 5 == 1 {
            client.until_ready();
        }
    }
    let begun = Instant::now();
    while sessions(&mut watcher) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} sessions are left", sessions(&mut watcher));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Many clients at once get their own answers, whole: case 34.
#[test]
fn many_clients_get_their_own_answers() {
    let mut both = bed::both();
    let question = |n: i32| {
        format!(
            "SELECT md5(string_agg(title || __key, ',' ORDER BY __key)), count(*) FROM movies WHERE __key % 16 = {n}"
        )
    };
    let wanted: Vec<Vec<Vec<Option<String>>>> =
        (0..16).map(|n| both.oracle.query(&question(n)).texts()).collect();
    let port = bed::shared_gateway().port;
    std::thread::scope(|scope| {
        for (n, wanted) in (0..16).zip(&wanted) {
            scope.spawn(move || {
                for _ in 0..10 {
                    let mut client = Client::connect(port);
                    for _ in 0..2 {
                        assert_eq!(&client.query(&question(n)).texts(), wanted);
                        assert_eq!(&client.extended(&question(n), &[], 0).texts(), wanted);
                    }
                }
            });
        }
    });
}
