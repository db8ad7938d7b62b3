//! Scripts of messages, sent to PostgreSQL and to the gateway: every message that comes back must be the same.

use crate::bed;
use crate::tools::{root, succeed, tool};
use crate::wire::{Client, Message, fields, message, parse};

/// What a script says.
pub type Script = Vec<Vec<u8>>;

pub fn query(sql: &str) -> Vec<u8> {
    message(b'Q', &[sql.as_bytes(), b"\0"].concat())
}

pub fn bind(
    portal: &str,
    statement: &str,
    formats: &[i16],
    parameters: &[Option<&[u8]>],
    results: &[i16],
) -> Vec<u8> {
    let mut body = [portal.as_bytes(), b"\0", statement.as_bytes(), b"\0"].concat();
    let codes = |codes: &[i16]| -> Vec<u8> {
        (codes.len() as i16)
            .to_be_bytes()
            .into_iter()
            .chain(codes.iter().flat_map(|c| c.to_be_bytes()))
            .collect()
    };
    body.extend(codes(formats));
    body.extend((parameters.len() as i16).to_be_bytes());
    for parameter in parameters {
        body.extend(parameter.map_or(-1, |p| p.len() as i32).to_be_bytes());
        body.extend(parameter.unwrap_or_default());
    }
    body.extend(codes(results));
    message(b'B', &body)
}

pub fn describe(kind: u8, name: &str) -> Vec<u8> {
    message(b'D', &[&[kind], name.as_bytes(), b"\0"].concat())
}

pub fn close(kind: u8, name: &str) -> Vec<u8> {
    message(b'C', &[&[kind], name.as_bytes(), b"\0"].concat())
}

pub fn execute(portal: &str, rows: i32) -> Vec<u8> {
    message(b'E', &[portal.as_bytes(), b"\0", &rows.to_be_bytes()].concat())
}

pub fn sync() -> Vec<u8> {
    message(b'S', b"")
}

/// Parse, Bind, Describe, Execute of one statement without parameters.
pub fn extended(sql: &str) -> Script {
    vec![parse("", sql, &[]), bind("", "", &[], &[], &[]), describe(b'P', ""), execute("", 0)]
}

/// A message as it is compared: without what may differ (tables' identifiers, source lines, hints).
fn show(message: &Message) -> String {
    let tag = message.tag as char;
    match message.tag {
        b'E' | b'N' => {
            let all = fields(&message.body);
            let some: Vec<String> =
                ['S', 'C', 'M', 'P'].iter().filter_map(|f| Some(format!("{f}={}", all.get(f)?))).collect();
            format!("{tag} {}", some.join(" "))
        }
        b'T' => {
            let mut body = message.body.clone();
            let mut at = 2;
            while at < body.len() {
                at += body[at..].iter().position(|b| *b == 0).unwrap() + 1;
                body[at..at + 6].fill(0);
                at += 18;
            }
            format!("{tag} {}", body.escape_ascii())
        }
        _ => format!("{tag} {}", message.body.escape_ascii()),
    }
}

/// Everything that is answered to a script, which ends when `syncs` times ReadyForQuery has come or the connection ends.
fn play(port: u16, script: &Script, syncs: usize, chunk: usize) -> Vec<String> {
    let mut client = Client::connect(port);
    for piece in script.concat().chunks(chunk) {
        if client.try_write(piece).is_err() {
            break;
        }
    }
    let (mut shown, mut ready) = (Vec::new(), 0);
    while ready < syncs {
        let Ok(Some(message)) = client.try_read() else {
            shown.push("closed".to_owned());
            break;
        };
        ready += usize::from(message.tag == b'Z');
        shown.push(show(&message));
    }
    shown
}

/// Plays scripts on both sides, on ours also cut into small pieces.
pub fn compare(scripts: &[(&str, Script)]) {
    let (ours, theirs) = (bed::shared_gateway().port, bed::oracle().port);
    let mut failures = Vec::new();
    for (name, script) in scripts {
        let syncs = script.iter().filter(|m| matches!(m[0], b'S' | b'Q' | b'F')).count();
        let wanted = play(theirs, script, syncs, usize::MAX);
        for chunk in [usize::MAX, 7] {
            let got = play(ours, script, syncs, chunk);
            if got != wanted {
                let first =
                    got.iter().zip(&wanted).position(|(a, b)| a != b).unwrap_or(got.len().min(wanted.len()));
                failures.push(format!(
                    "{name}, message {first}:\n   {}\n   instead of\n   {}\n   after {:?}",
                    got.get(first).map_or("nothing", String::as_str),
                    wanted.get(first).map_or("nothing", String::as_str),
                    &wanted[..first]
                ));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {} differ\n{}", failures.len(), scripts.len(), failures.join("\n"));
}

#[test]
fn simple_queries() {
    let one = |sql: &str| vec![query(sql)];
    compare(&[
        ("nothing", one("")),
        ("blanks and comments", one(" \n -- nothing\n /* at /* all */ */ ")),
        ("semicolons", one(";;")),
        ("one row", one("SELECT 1 AS one, 'a' AS a, NULL AS n")),
        ("several statements", one("SELECT 1; SELECT 2; SELECT 3")),
        ("an error in the middle", one("SELECT 1; SELECT nosuch; SELECT 3")),
        ("a syntax error runs nothing", one("SELECT 1; SELEC 2")),
        ("transaction states", vec![query("BEGIN"), query("SELECT 1"), query("COMMIT"), query("SELECT 1")]),
        (
            "failed transaction",
            vec![query("BEGIN"), query("SELECT 1/0"), query("SELECT 1"), query("ROLLBACK")],
        ),
        ("commit of a failed transaction", vec![query("BEGIN"), query("SELECT 1/0"), query("COMMIT")]),
        ("begin twice", vec![query("BEGIN"), query("BEGIN"), query("ROLLBACK"), query("ROLLBACK")]),
        ("a transaction in one text", vec![query("BEGIN; SELECT 1; COMMIT; SELECT 2")]),
        (
            "parameters are told",
            vec![query("SET application_name = 'x'"), query("SET TimeZone = 'Europe/Paris'")],
        ),
        (
            "set local",
            vec![
                query("BEGIN"),
                query("SET LOCAL TimeZone = 'UTC'"),
                query("SHOW TimeZone"),
                query("COMMIT"),
            ],
        ),
        ("a parameter where none can be", one("SELECT $1")),
        ("copy", one("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT")),
        ("copy with a header", one("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT (FORMAT csv, HEADER)")),
        ("copy in binary", one("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT (FORMAT binary)")),
        ("copy of nothing in binary", one("COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)")),
        (
            "savepoints",
            vec![
                query("BEGIN"),
                query("SAVEPOINT a"),
                query("SELECT 1/0"),
                query("ROLLBACK TO a"),
                query("SELECT 1"),
                query("RELEASE a"),
                query("COMMIT"),
            ],
        ),
    ]);
}

#[test]
fn extended_queries() {
    let end = |mut script: Script| {
        script.push(sync());
        script
    };
    let int = 23_u32;
    let one = 1_i32.to_be_bytes();
    compare(&[
        ("one statement", end(extended("SELECT 1 AS one"))),
        ("no rows", end(extended("SET application_name = 'y'"))),
        ("nothing at all", end(extended(""))),
        ("a comment", end(extended("-- nothing"))),
        ("ten in a row", end((0..10).flat_map(|i| extended(&format!("SELECT {i}"))).collect())),
        ("each with its sync", (0..3).flat_map(|i| end(extended(&format!("SELECT {i}")))).collect()),
        (
            "skip to sync after an error",
            end([extended("SELECT 1"), extended("SELECT nosuch"), extended("SELECT 3")].concat()),
        ),
        ("an error of run time", end([extended("SELECT 1/0"), extended("SELECT 3")].concat())),
        ("the next batch goes on", [end(extended("SELECT nosuch")), end(extended("SELECT 2"))].concat()),
        ("two statements in one parse", end(vec![parse("", "SELECT 1; SELECT 2", &[])])),
        (
            "describe a statement",
            end(vec![parse("s", "SELECT $1 + 1 AS x, $2::text AS y", &[]), describe(b'S', "s")]),
        ),
        ("declared types", end(vec![parse("s", "SELECT $1, $2", &[int, 0]), describe(b'S', "s")])),
        ("a statement that exists", end(vec![parse("s", "SELECT 1", &[]), parse("s", "SELECT 2", &[])])),
        ("the unnamed one is replaced", end([extended("SELECT 1"), extended("SELECT 2")].concat())),
        ("an unknown statement", end(vec![bind("", "nosuch", &[], &[], &[])])),
        ("describe an unknown statement", end(vec![describe(b'S', "nosuch")])),
        ("an unknown portal", end(vec![execute("nosuch", 0)])),
        ("describe an unknown portal", end(vec![describe(b'P', "nosuch")])),
        ("close what is not there", end(vec![close(b'S', "nosuch"), close(b'P', "nosuch")])),
        (
            "closed statements are gone",
            end(vec![parse("s", "SELECT 1", &[]), close(b'S', "s"), bind("", "s", &[], &[], &[])]),
        ),
        (
            "deallocate",
            [
                end(vec![parse("s", "SELECT 1", &[])]),
                vec![query("DEALLOCATE s")],
                end(vec![bind("", "s", &[], &[], &[])]),
            ]
            .concat(),
        ),
        (
            "binary in and out",
            end(vec![
                parse("", "SELECT $1 + 1", &[int]),
                bind("", "", &[1], &[Some(&one)], &[1]),
                execute("", 0),
            ]),
        ),
        (
            "formats one by one",
            end(vec![
                parse("", "SELECT $1::int4, $2::text", &[]),
                bind("", "", &[1, 0], &[Some(&one), Some(b"x")], &[0, 1]),
                describe(b'P', ""),
                execute("", 0),
            ]),
        ),
        ("too few parameters", end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[], &[], &[])])),
        ("too many parameters", end(vec![parse("", "SELECT 1", &[]), bind("", "", &[], &[Some(b"1")], &[])])),
        (
            "too many formats",
            end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[0, 0], &[Some(b"1")], &[])]),
        ),
        ("too many result formats", end(vec![parse("", "SELECT 1", &[]), bind("", "", &[], &[], &[0, 0])])),
        (
            "a format that is none",
            end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[2], &[Some(b"1")], &[])]),
        ),
        (
            "too short for its type",
            end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[1], &[Some(b"1")], &[])]),
        ),
        ("no number", end(vec![parse("", "SELECT $1::int", &[]), bind("", "", &[], &[Some(b"one")], &[])])),
        (
            "NULL",
            end(vec![
                parse("", "SELECT $1::int, $1 IS NULL", &[]),
                bind("", "", &[], &[None], &[]),
                execute("", 0),
            ]),
        ),
        ("executed twice", end([extended("SELECT 1"), vec![execute("", 0)]].concat())),
        (
            "in a transaction",
            [
                vec![query("BEGIN")],
                end(extended("SELECT 1")),
                end(extended("SELECT 1/0")),
                end(extended("SELECT 1")),
                vec![query("ROLLBACK")],
            ]
            .concat(),
        ),
        (
            "begin and commit, extended",
            [end(extended("BEGIN")), end(extended("SELECT 1")), end(extended("COMMIT"))].concat(),
        ),
    ]);
}

#[test]
fn rows_that_were_made_before_an_error_are_sent() {
    let values = "FROM (VALUES (3), (2), (1), (5)) v(x)";
    let statements = [
        format!("SELECT 1/(x-1) {values}"),
        format!("SELECT x {values} WHERE 1/(x-1) >= 0"),
        format!("SELECT 1/(x-1) {values} LIMIT 2"),
        format!("SELECT 1/(x-1) {values} OFFSET 1 LIMIT 1"),
        format!("SELECT 1/(x-1) {values} ORDER BY 1"),
        format!("SELECT DISTINCT 1/(x-1) {values}"),
        format!("SELECT 1/(x-1) {values} UNION SELECT 7"),
        format!("SELECT 7 UNION ALL SELECT 1/(x-1) {values}"),
        format!("SELECT sum(1/(x-1)) {values}"),
        format!("SELECT generate_series(1, x), 1/(x-1) {values}"),
        format!("SELECT 10/(2-generate_series(1, x)) {values}"),
        format!("SELECT v.x, w.y {values} CROSS JOIN LATERAL (SELECT 1/(v.x-1)) w(y)"),
        format!("SELECT v.x, w.y {values} LEFT JOIN (VALUES (1), (2)) w(y) ON 1/(v.x-w.y) > 0"),
        format!("WITH w AS MATERIALIZED (SELECT 1/(x-1) AS y {values}) SELECT * FROM w"),
        format!("SELECT (SELECT 1/(x-1) {values} LIMIT 1)"),
        format!("SELECT EXISTS (SELECT 1 {values} WHERE 1/(x-1) = 1)"),
        format!("SELECT 0 IN (SELECT 1/(x-1) {values})"),
        format!("SELECT (SELECT 1/(x-1) {values})"),
        format!("COPY (SELECT 1/(x-1) {values}) TO STDOUT"),
        "VALUES (1), (length(repeat('x', 3))), (1/(length('') + 0))".to_owned(),
        "SELECT 1/(3-x) FROM generate_series(1, 5) x".to_owned(),
    ];
    let mut scripts: Vec<(&str, Script)> = Vec::new();
    for sql in &statements {
        scripts.push((sql, vec![query(sql)]));
        scripts.push((sql, vec![query(&format!("SELECT 1; {sql}; SELECT 2"))]));
        if !sql.starts_with("COPY") {
            scripts.push((sql, [extended(sql), vec![sync()]].concat()));
            let fetched = vec![
                parse("", sql, &[]),
                bind("", "", &[], &[], &[1]),
                execute("", 1),
                execute("", 1),
                execute("", 0),
                sync(),
            ];
            scripts.push((sql, fetched));
        }
    }
    compare(&scripts);
}

#[test]
fn portals() {
    let three = "SELECT * FROM (VALUES (1), (2), (3)) AS v(x) ORDER BY x";
    let open = |portal: &str| vec![parse("", three, &[]), bind(portal, "", &[], &[], &[])];
    let begin = || vec![query("BEGIN")];
    compare(&[
        ("limits", [open(""), vec![execute("", 2), execute("", 2), execute("", 2), sync()]].concat()),
        ("exactly all", [open(""), vec![execute("", 3), execute("", 3), sync()]].concat()),
        ("a negative limit is none", [open(""), vec![execute("", -1), sync()]].concat()),
        ("gone at sync", [open("p"), vec![execute("p", 1), sync(), execute("p", 1), sync()]].concat()),
        (
            "not gone in a transaction",
            [
                begin(),
                open("p"),
                vec![
                    execute("p", 1),
                    sync(),
                    execute("p", 1),
                    sync(),
                    query("COMMIT"),
                    execute("p", 1),
                    sync(),
                ],
            ]
            .concat(),
        ),
        (
            "two at once",
            [
                begin(),
                open("p"),
                open("q"),
                vec![
                    execute("p", 1),
                    execute("q", 2),
                    execute("p", 5),
                    execute("q", 5),
                    sync(),
                    query("COMMIT"),
                ],
            ]
            .concat(),
        ),
        ("a name that is taken", [begin(), open("p"), open("p"), vec![sync(), query("ROLLBACK")]].concat()),
        (
            "closed",
            [begin(), open("p"), vec![close(b'P', "p"), execute("p", 0), sync(), query("ROLLBACK")]].concat(),
        ),
        (
            "its statement may go",
            [
                begin(),
                vec![
                    parse("s", three, &[]),
                    bind("p", "s", &[], &[], &[]),
                    close(b'S', "s"),
                    execute("p", 0),
                    sync(),
                    query("COMMIT"),
                ],
            ]
            .concat(),
        ),
        (
            "described half way",
            [open(""), vec![execute("", 1), describe(b'P', ""), execute("", 0), sync()]].concat(),
        ),
        (
            "an error in between",
            [begin(), open("p"), vec![execute("p", 1), execute("nosuch", 0), sync(), query("ROLLBACK")]]
                .concat(),
        ),
        (
            "cursor",
            vec![
                query("BEGIN"),
                query(&format!("DECLARE c CURSOR FOR {three}")),
                query("FETCH 2 FROM c"),
                query("FETCH NEXT IN c"),
                query("FETCH ALL c"),
                query("CLOSE c"),
                query("FETCH c"),
                query("ROLLBACK"),
            ],
        ),
        (
            "a cursor that failed is there until it is closed",
            vec![
                query("BEGIN"),
                query(&format!("DECLARE c NO SCROLL CURSOR WITH HOLD FOR {three}")),
                query("COMMIT"),
                query("FETCH 2 FROM c"),
                query("FETCH PRIOR FROM c"),
                query("FETCH c"),
                query("SELECT name FROM pg_cursors"),
                query("CLOSE c"),
                query("FETCH c"),
            ],
        ),
        (
            "portals of a block that failed",
            vec![
                query("BEGIN"),
                parse("", three, &[]),
                bind("p", "", &[], &[], &[]),
                execute("p", 1),
                bind("q", "", &[], &[], &[]),
                sync(),
                query("SELECT 1 / 0"),
                execute("p", 1),
                sync(),
                execute("q", 1),
                sync(),
                describe(b'P', "p"),
                sync(),
                execute("nosuch", 1),
                sync(),
                query("ROLLBACK"),
                execute("p", 1),
                sync(),
            ],
        ),
    ]);
}

/// A function's oid, arguments with their formats, and the format of the result.
fn function_call(oid: u32, formats: &[i16], arguments: &[Option<&[u8]>], result: i16) -> Vec<u8> {
    let mut body = oid.to_be_bytes().to_vec();
    body.extend((formats.len() as i16).to_be_bytes());
    body.extend(formats.iter().flat_map(|code| code.to_be_bytes()));
    body.extend((arguments.len() as i16).to_be_bytes());
    for argument in arguments {
        body.extend(argument.map_or(-1, |bytes| bytes.len() as i32).to_be_bytes());
        body.extend(argument.unwrap_or_default());
    }
    body.extend(result.to_be_bytes());
    message(b'F', &body)
}

/// 177 is int4pl, 1317 length, 56 boollt, 1067 generate_series, 2803 count.
#[test]
fn function_calls() {
    let five = 5_i32.to_be_bytes();
    let huge = i32::MAX.to_be_bytes();
    compare(&[
        ("text", vec![function_call(177, &[], &[Some(b"2"), Some(b"3")], 0)]),
        ("binary", vec![function_call(177, &[1], &[Some(&five), Some(&five)], 1)]),
        ("both", vec![function_call(177, &[0, 1], &[Some(b"2"), Some(&five)], 0)]),
        ("NULL to a strict function", vec![function_call(177, &[], &[Some(b"2"), None], 0)]),
        ("text", vec![function_call(1317, &[], &[Some("ÄB".as_bytes())], 0)]),
        ("a boolean in binary", vec![function_call(56, &[], &[Some(b"f"), Some(b"t")], 1)]),
        ("a function that fails", vec![function_call(177, &[1], &[Some(&huge), Some(&five)], 1)]),
        ("none of this number", vec![function_call(1, &[], &[], 0)]),
        ("a set", vec![function_call(1067, &[], &[Some(b"1"), Some(b"2")], 0)]),
        ("an aggregate", vec![function_call(2803, &[], &[], 0)]),
        ("too few arguments", vec![function_call(177, &[], &[Some(b"2")], 0)]),
        ("formats for others", vec![function_call(177, &[0, 0, 0], &[Some(b"2"), Some(b"3")], 0)]),
        ("no number", vec![function_call(177, &[], &[Some(b"two"), Some(b"3")], 0)]),
        ("too many bytes", vec![function_call(177, &[1], &[Some(b"12345"), Some(&five)], 0)]),
        ("a format that is none", vec![function_call(177, &[2], &[Some(b"2"), Some(b"3")], 0)]),
        ("a result's format that is none", vec![function_call(177, &[], &[Some(b"2"), Some(b"3")], 3)]),
        ("a message that is cut off", vec![message(b'F', b"\0\0\0\xb1\0\0\0\x02")]),
        (
            "a failed block",
            vec![
                query("BEGIN"),
                function_call(177, &[], &[Some(b"2"), Some(b"3")], 0),
                function_call(1, &[], &[], 0),
                function_call(177, &[], &[Some(b"2"), Some(b"3")], 0),
                query("ROLLBACK"),
                function_call(177, &[], &[Some(b"2"), Some(b"3")], 0),
            ],
        ),
    ]);
}

/// A format that nobody knows is described as it was asked for, and fails when there is a row to send.
#[test]
fn formats_that_are_none() {
    let script = |sql: &str, formats: &[i16]| {
        vec![parse("", sql, &[]), bind("", "", &[], &[], formats), describe(b'P', ""), execute("", 0), sync()]
    };
    compare(&[
        ("rows", script("SELECT 1, NULL", &[7])),
        ("the second", script("SELECT 1, NULL", &[0, -1])),
        ("no rows", script("SELECT 1 WHERE false", &[7])),
        ("nothing to send", script("SET application_name = 'z'", &[7])),
        ("SHOW", script("SHOW server_encoding", &[2])),
    ]);
}

#[test]
fn the_wire_oracle_sees_no_other_difference_than_the_known_ones() {
    let (theirs, ours) = (bed::oracle().port.to_string(), bed::shared_gateway().port.to_string());
    let mut python = std::process::Command::new(tool("python"));
    succeed(python.arg(root().join("tests/clients/python/wire_oracle.py")).args([theirs, ours]));
}
