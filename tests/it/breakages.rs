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

/// Statements that return rows without being SELECT: case 29. Of EXPLAIN only what it is called, since plans differ.
#[test]
fn describe_says_what_execute_does() {
    bed::both();
    let prepared = "PREPARE described AS SELECT 1 AS one, 'a' AS a";
    let statements = [
        "SHOW standard_conforming_strings",
        "SHOW ALL",
        "EXPLAIN SELECT 1",
        "VALUES (1, 'a')",
        "TABLE casts",
        "FETCH 1 FROM c",
        "EXECUTE described",
        "MOVE 1 FROM c",
        "BEGIN",
        "SET application_name = 'x'",
        "",
        "-- nothing",
    ];
    let scripts: Vec<(&str, Script)> = statements
        .iter()
        .map(|sql| {
            let open = ["BEGIN", "DECLARE c CURSOR FOR SELECT 1 AS one", prepared].map(query).to_vec();
            let both = vec![
                parse("s", sql, &[]),
                describe(b'S', "s"),
                bind("", "s", &[], &[], &[]),
                describe(b'P', ""),
            ];
            (*sql, [open, end(both)].concat())
        })
        .collect();
    compare(&scripts);
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
    let ddl: Script = (0..5)
        .flat_map(|_| {
            [
                extended("CREATE TEMP TABLE IF NOT EXISTS nothing_of_it"),
                extended("DROP TABLE IF EXISTS nothing_of_it"),
            ]
        })
        .flatten()
        .collect();
    let five: Script = (0..5).flat_map(|n| end(extended(&format!("SELECT {n} AS n")))).collect();
    compare(&[("again", again(false)), ("again, with Flush", again(true)), ("five queued", five)]);
    // A statement that the server refuses is refused each time, and each time in its place.
    let mut gateway = Client::connect(bed::shared_gateway().port);
    gateway.write(&end(ddl).concat());
    assert_eq!(gateway.until_ready().iter().filter(|m| m.tag == b'E').count(), 1);
    assert_eq!(gateway.query("SELECT 1").value(), "1");
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
            one("SELECT 1 AS a,\r\n       2 AS b -- why\r\n  FROM (VALUES (1)) v(x);\r\n"),
        ),
    ]);
}

/// Binary cursors, arrays and composites; a parameter in binary of a type that the client does not declare: cases 16, 24, 26, 27.
#[test]
fn binary_of_what_others_forgot() {
    let binary = |sql: &str| {
        end(vec![parse("", sql, &[]), bind("", "", &[], &[], &[1]), describe(b'P', ""), execute("", 0)])
    };
    let stamp = 762_490_923_000_000_i64.to_be_bytes();
    let of = |types: &[u32]| {
        end(vec![
            parse("", "SELECT $1::timestamp + interval '1 day' AS later", types),
            bind("", "", &[1], &[Some(&stamp)], &[1]),
            execute("", 0),
        ])
    };
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
        ("no declared types", of(&[])),
        ("a type of 0", of(&[0])),
        ("a declared type", of(&[1114])),
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
