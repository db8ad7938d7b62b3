//! Hazelcast's own statements, and what they may not do to the cluster.

use crate::bed;
use crate::wire::{self, Client, Reply};

fn gateway() -> Client {
    Client::connect(bed::shared_gateway().port)
}

/// A statement without parameters in one of the two protocols.
fn ask(client: &mut Client, extended: bool, sql: &str) -> Reply {
    if extended { client.extended(sql, &[], 0) } else { client.query(sql) }
}

fn names(reply: Reply) -> Vec<String> {
    let rows = reply.ok().texts();
    rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect()
}

#[test]
fn they_pass_as_written_in_both_protocols() {
    let mut client = gateway();
    for extended in [false, true] {
        for (sql, tag) in [
            (
                "CREATE OR REPLACE MAPPING own (__key INT, name VARCHAR, \"when\" TIMESTAMP WITH TIME ZONE) \
                 TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
                "CREATE MAPPING",
            ),
            ("SINK INTO own VALUES (1, 'x', '2024-01-01 00:00:00+00'), (2, 'y', NULL)", "INSERT 0 2"),
            ("CREATE INDEX IF NOT EXISTS own_name ON own (name) TYPE HASH", "CREATE INDEX"),
            ("CREATE OR REPLACE VIEW own_view AS SELECT name FROM own", "CREATE VIEW"),
        ] {
            assert_eq!(ask(&mut client, extended, sql).ok().tag.as_deref(), Some(tag), "{sql}");
        }
        assert!(names(ask(&mut client, extended, "SHOW MAPPINGS")).contains(&"own".to_owned()));
        assert_eq!(names(ask(&mut client, extended, "SHOW VIEWS")), ["own_view"]);
        assert_eq!(names(ask(&mut client, extended, "SHOW JOBS")), [""; 0]);
        // A new mapping is a table at once, for everybody.
        assert_eq!(names(ask(&mut gateway(), extended, "SELECT name FROM own ORDER BY name")), ["x", "y"]);
        for (sql, tag) in [("DROP VIEW own_view", "DROP VIEW"), ("DROP MAPPING own", "DROP MAPPING")] {
            assert_eq!(ask(&mut client, extended, sql).ok().tag.as_deref(), Some(tag), "{sql}");
        }
        assert_eq!(ask(&mut client, extended, "SELECT name FROM own").sqlstate(), Some("42P01"));
        assert!(ask(&mut client, extended, "DROP MAPPING own").error.is_some());
        ask(&mut client, extended, "DROP MAPPING IF EXISTS own").ok();
    }
}

/// What Hazelcast says of a statement of its own comes as PostgreSQL would say it, and points into the whole text.
#[test]
fn a_mistake_is_told_with_its_place() {
    let mut client = gateway();
    for (sql, code, message, at) in [
        ("/* é */ DROP JOB j k", "42601", "syntax error at or near \"k\"", "k"),
        ("DROP MAPPING", "42601", "syntax error at end of input", ""),
        (
            "CREATE SNAPSHOT own FOR JOB own",
            "42601",
            "the OR REPLACE option is required for CREATE SNAPSHOT",
            "CREATE",
        ),
        ("DROP JOB\n own two", "42601", "syntax error at or near \"two\"", "two"),
        ("CREATE VIEW own_v AS SELECT md5('x')", "42883", "function 'md5' does not exist", "none"),
        ("DROP MAPPING own_nothing", "42P01", "mapping \"own_nothing\" does not exist", "none"),
        ("DROP VIEW own_nothing", "42P01", "view \"own_nothing\" does not exist", "none"),
        ("DROP TYPE own_nothing", "42704", "type \"own_nothing\" does not exist", "none"),
        ("ALTER JOB own_nothing SUSPEND", "42704", "the job 'own_nothing' doesn't exist", "none"),
        ("DROP INDEX own ON own", "0A000", "DROP INDEX is not supported", "none"),
        ("CREATE INDEX ON own (a)", "0A000", "CREATE INDEX without a name is not supported", "none"),
        ("CREATE INDEX a ON own USING btree (a)", "0A000", "CREATE INDEX USING is not supported", "none"),
    ] {
        let error = client.query(sql).error.unwrap_or_else(|| panic!("{sql}: no error"));
        assert_eq!((error[&'C'].as_str(), error[&'M'].as_str()), (code, message), "{sql}");
        let position = error.get(&'P').map(|position| position.parse::<usize>().unwrap());
        let rest = position.map(|position| sql.chars().skip(position - 1).collect::<String>());
        match at {
            "none" => assert_eq!(rest, None, "{sql}"),
            _ => assert!(rest.as_deref().is_some_and(|rest| rest.starts_with(at)), "{sql}: {rest:?}"),
        }
    }
}

#[test]
fn a_type_that_hazelcast_does_not_know_never_reaches_it() {
    let mut client = gateway();
    for (ty, extended) in
        [("TEXT", false), ("INTT", true), ("VARCHAR(10)", false), ("DECIMAL(10, 2)", true), ("FLOAT8", false)]
    {
        let sql = format!(
            "CREATE MAPPING poison (__key INT, v {ty}) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')"
        );
        let reply = ask(&mut client, extended, &sql);
        assert_eq!(reply.sqlstate(), Some("42704"), "{ty}: {:?}", reply.error);
        let position: usize = reply.error.unwrap()[&'P'].parse().unwrap();
        assert!(sql[position - 1..].starts_with(ty), "{ty}: {position}");
    }
    // A statement that nobody has asked yet needs the cluster's catalog, which must still be readable.
    let mut other = gateway();
    assert!(!names(other.query("SHOW MAPPINGS")).contains(&"poison".to_owned()));
    let mapping = "CREATE OR REPLACE MAPPING healthy (__key INT, v VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    other.query(mapping).ok();
    other.query("SINK INTO healthy VALUES (1, 'yes')").ok();
    assert_eq!(other.query("SELECT v || '?' AS fresh FROM healthy WHERE v > 'a'").ok().value(), "yes?");
}

#[test]
fn parameters_of_sink_in_both_protocols() {
    let mut client = gateway();
    let mapping = "CREATE OR REPLACE MAPPING places (__key INT, a VARCHAR, b DOUBLE) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    client.query(mapping).ok();
    // Extended: numbered, or question marks when there are none.
    let tag = Some("INSERT 0 1");
    let row = |key| [Some(key), Some("it's ?"), Some("1.5")];
    let numbered = client.extended("SINK INTO places VALUES ($1, $2, $3)", &row("1"), 0).ok();
    assert_eq!((numbered.tag.as_deref(), numbered.parameters), (tag, vec![23, 1043, 701]));
    let marks = client.extended("SINK INTO places VALUES (?, ?, ?)", &row("2"), 0).ok();
    assert_eq!((marks.tag.as_deref(), marks.parameters), (tag, vec![23, 1043, 701]));
    let again =
        client.extended("SINK INTO places(b, __key) VALUES ($2 + 1.0, $1)", &[Some("3"), Some("2.5")], 0);
    assert_eq!(again.ok().tag.as_deref(), tag);
    // Simple: by PREPARE and EXECUTE; anything else has no parameters to give.
    client.query("PREPARE sink (int, text, float8) AS SINK INTO places VALUES ($1, $2, $3)").ok();
    assert_eq!(client.query("EXECUTE sink(4, 'four', 4)").ok().tag.as_deref(), tag);
    for sql in ["SINK INTO places VALUES (?, ?, ?)", "SINK INTO places VALUES ($1, $2, $3)"] {
        assert_eq!(client.query(sql).sqlstate(), Some("42P02"), "{sql}");
    }
    let rows = client.query("SELECT * FROM places ORDER BY __key").ok().texts();
    let rows: Vec<String> = rows
        .iter()
        .map(|r| r.iter().map(|c| c.as_deref().unwrap_or("NULL")).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(rows, ["1|it's ?|1.5", "2|it's ?|1.5", "3|NULL|3.5", "4|four|4"]);
}

#[test]
fn what_a_transaction_has_written_stays_and_that_is_said() {
    let mut client = gateway();
    let mapping = "CREATE OR REPLACE MAPPING stays (__key INT, a VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    client.query(mapping).ok();
    client.query("DELETE FROM stays").ok();
    let warned = |reply: &Reply| reply.notices.iter().any(|n| n[&'S'] == "WARNING" && n[&'C'] == "01000");
    client.query("BEGIN").ok();
    client.query("INSERT INTO stays VALUES (1, 'a')").ok();
    let rollback = client.query("ROLLBACK").ok();
    assert!(warned(&rollback), "{rollback:?}");
    assert_eq!(client.query("SELECT count(*) FROM stays").ok().value(), "1");
    // Nothing was written: nothing is said.
    client.query("BEGIN").ok();
    client.query("SELECT count(*) FROM stays").ok();
    assert!(!warned(&client.query("ROLLBACK").ok()));
    client.query("BEGIN READ ONLY").ok();
    assert_eq!(client.query("INSERT INTO stays VALUES (2, 'b')").sqlstate(), Some("25006"));
    client.query("ROLLBACK").ok();
    assert_eq!(client.query("SELECT count(*) FROM stays").ok().value(), "1");
}

/// The rows of a COPY are written in batches of 128.
#[test]
fn a_copy_that_fails_says_where_and_what_it_has_written() {
    let mut client = gateway();
    let mapping = "CREATE OR REPLACE MAPPING copied (__key INT, this INT) TYPE IMap \
                   OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'int')";
    client.query(mapping).ok();
    let mut copy = |line: &str| {
        client.query("DELETE FROM copied").ok();
        let mut lines: Vec<String> = (1..=300).map(|n| format!("{n}\t0")).collect();
        lines[169] = line.to_owned();
        client.write(&wire::message(b'Q', b"COPY copied FROM STDIN\0"));
        client.write(&wire::message(b'd', (lines.join("\n") + "\n").as_bytes()));
        client.write(&wire::message(b'c', b""));
        let messages = client.until_ready();
        let error = messages.iter().find(|message| message.tag == b'E').expect("an error");
        let error = wire::fields(&error.body);
        let field = |letter| error.get(&letter).cloned().unwrap_or_default();
        (field('C'), field('W'), field('H'), client.query("SELECT count(*) FROM copied").value())
    };
    let stay = "The first 128 rows of this COPY were written before, and stay";
    let (code, place, hint, there) = copy("\\N\t0");
    assert_eq!((&*code, &*place, &*there), ("23502", "COPY copied, line 170", "128"));
    assert_eq!(hint, format!("{stay}."));
    let (code, place, hint, there) = copy("140\t0");
    assert_eq!((&*code, &*place, &*there), ("23505", "COPY copied, line 170", "128"));
    assert_eq!(hint, format!("{stay}."));
    // Of what is there already the cluster does not say which row it was.
    let (code, place, hint, _) = copy("5\t0");
    assert_eq!((&*code, &*place), ("23505", "COPY copied, lines 129 to 256"));
    assert_eq!(hint, format!("{stay}; some of the 128 rows behind them may have been written, too."));
}

#[test]
fn what_cannot_be_done_yet_is_refused_by_name() {
    let mut client = gateway();
    let mapping = "CREATE OR REPLACE MAPPING refusing (__key INT, a VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    client.query(mapping).ok();
    for (sql, feature) in [
        ("CREATE TABLE t (a int)", "CREATE TABLE"),
        ("LISTEN x", "LISTEN"),
        ("COPY refusing FROM '/dev/null'", "COPY"),
        ("COPY refusing FROM STDIN WHERE a > 'a'", "COPY"),
    ] {
        let error = client.query(sql).error.unwrap_or_else(|| panic!("{sql} was not refused"));
        assert_eq!(error[&'C'], "0A000", "{sql}: {error:?}");
        assert!(error[&'M'].contains(feature), "{sql}: {error:?}");
    }
    assert_eq!(client.query("SELECT count(*) FROM refusing").ok().value(), "0");
}
