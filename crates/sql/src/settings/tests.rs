//! What a PostgreSQL 15 answers to SET and SHOW.

use super::*;

fn session() -> Settings {
    Settings::new(Arc::new(Defaults::new("hazelgres 0.1.0")), "postgres")
}

/// The value shown after a SET, or SQLSTATE, message, detail and hint.
fn outcome(name: &str, text: &str) -> String {
    let mut settings = session();
    match settings.set(name, Some(text), Scope::Session) {
        Ok(()) => settings.show(name).expect("a value"),
        Err(error) => {
            let fields = error.fields();
            let rest = [fields.detail.clone(), fields.hint.clone()].into_iter().flatten();
            let mut out = format!("{}: {}", fields.code.as_str(), fields.message);
            rest.for_each(|text| out.push_str(&format!(" | {text}")));
            out
        }
    }
}

#[test]
fn values_are_checked_and_made_canonical() {
    let cases = [
        ("TimeZone", "3", "<+03>-03"),
        ("TimeZone", "-7.5", "<-07:30>+07:30"),
        ("TimeZone", "INTERVAL '+02:30'", "<+02:30>-02:30"),
        ("timezone", "utc", "UTC"),
        ("timezone", "europe/berlin", "Europe/Berlin"),
        ("timezone", "foo", "22023: invalid value for parameter \"TimeZone\": \"foo\""),
        ("timezone", "FOO3", "FOO3"),
        ("timezone", "", "22023: invalid value for parameter \"TimeZone\": \"\""),
        ("datestyle", "german", "German, DMY"),
        ("datestyle", "dmy", "ISO, DMY"),
        ("datestyle", "sql, euro", "SQL, DMY"),
        (
            "datestyle",
            "foo",
            "22023: invalid value for parameter \"DateStyle\": \"foo\" | Unrecognized key word: \"foo\".",
        ),
        (
            "datestyle",
            "iso,sql",
            "22023: invalid value for parameter \"DateStyle\": \"iso,sql\" | Conflicting \"datestyle\" \
             specifications.",
        ),
        ("client_encoding", "unicode", "UTF8"),
        ("client_encoding", "utf-8", "UTF8"),
        ("client_encoding", "foo", "22023: invalid value for parameter \"client_encoding\": \"foo\""),
        ("client_encoding", "latin1", "0A000: conversion between LATIN1 and UTF8 is not supported"),
        ("work_mem", "foo", "22023: invalid value for parameter \"work_mem\": \"foo\""),
        (
            "work_mem",
            "1 XB",
            "22023: invalid value for parameter \"work_mem\": \"1 XB\" | Valid units for this parameter are \"B\", \
             \"kB\", \"MB\", \"GB\", and \"TB\".",
        ),
        (
            "work_mem",
            "1",
            "22023: 1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)",
        ),
        ("work_mem", "1.5MB", "1536kB"),
        ("work_mem", "", "22023: invalid value for parameter \"work_mem\": \"\""),
        (
            "work_mem",
            "0x10",
            "22023: 16 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)",
        ),
        (
            "statement_timeout",
            "-3",
            "22023: -3 ms is outside the valid range for parameter \"statement_timeout\" (0 .. 2147483647)",
        ),
        ("statement_timeout", "90s", "90s"),
        ("statement_timeout", "60000", "1min"),
        ("idle_session_timeout", "1d", "1d"),
        (
            "idle_session_timeout",
            "30d",
            "22023: invalid value for parameter \"idle_session_timeout\": \"30d\" | Value exceeds integer range.",
        ),
        (
            "bytea_output",
            "x",
            "22023: invalid value for parameter \"bytea_output\": \"x\" | Available values: escape, hex.",
        ),
        ("xmlbinary", "HEX", "hex"),
        ("synchronous_commit", "yes", "on"),
        ("client_min_messages", "debug", "debug2"),
        ("enable_seqscan", "foo", "22023: parameter \"enable_seqscan\" requires a Boolean value"),
        ("enable_seqscan", "of", "off"),
        ("foo", "1", "42704: unrecognized configuration parameter \"foo\""),
        ("foo.bar", "1", "1"),
        ("foo.bar.baz", "1", "1"),
        (
            "foo.1b",
            "1",
            "42602: invalid configuration parameter name \"foo.1b\" | Custom parameter names must be two or more \
             simple identifiers separated by dots.",
        ),
        (
            "max_connections",
            "1",
            "55P02: parameter \"max_connections\" cannot be changed without restarting the server",
        ),
        ("server_version", "1", "55P02: parameter \"server_version\" cannot be changed"),
        (
            "log_connections",
            "on",
            "55P02: parameter \"log_connections\" cannot be set after connection start",
        ),
        ("ssl", "on", "55P02: parameter \"ssl\" cannot be changed now"),
        ("is_superuser", "off", "55P02: parameter \"is_superuser\" cannot be changed"),
        ("seq_page_cost", "a", "22023: invalid value for parameter \"seq_page_cost\": \"a\""),
        (
            "seq_page_cost",
            "-1",
            "22023: -1 is outside the valid range for parameter \"seq_page_cost\" (0 .. 1.79769e+308)",
        ),
        ("vacuum_cost_delay", "2.5ms", "2500us"),
        ("jit_above_cost", "1e10", "1e+10"),
        ("seed", "0.5", "unavailable"),
        (
            "extra_float_digits",
            "5",
            "22023: 5 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 3)",
        ),
        ("application_name", "é", "??"),
        ("role", "x", "22023: role \"x\" does not exist"),
        (
            "default_table_access_method",
            "x",
            "22023: invalid value for parameter \"default_table_access_method\": \"x\" | Table access method \"x\" \
             does not exist.",
        ),
        // A transaction of one statement: the value is gone with it.
        ("transaction_isolation", "serializable", "read committed"),
        (
            "temp_buffers",
            "10",
            "22023: 10 8kB is outside the valid range for parameter \"temp_buffers\" (100 .. 1073741823)",
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(outcome(name, text), expected, "SET {name} = '{text}'");
    }
}

#[test]
fn lists_are_flattened() {
    assert_eq!(flatten("search_path", &["a", "B c", "d,e"]).as_deref(), Ok("a, \"B c\", \"d,e\""));
    assert_eq!(flatten("search_path", &[""]).as_deref(), Ok("\"\""));
    assert_eq!(flatten("DateStyle", &["iso", "dmy"]).as_deref(), Ok("iso, dmy"));
    let error = flatten("work_mem", &["a", "b"]).expect_err("an error");
    assert_eq!(error.message(), "SET work_mem takes only one argument");
}

#[test]
fn defaults_are_postgres_15_s() {
    let settings = session();
    let number = setting("server_version_num").expect("known").default.clone();
    assert!(settings.get("server_version").starts_with("15.") && number.starts_with("1500"));
    let cases = [
        ("search_path", "\"$user\", public"),
        ("shared_buffers", "128MB"),
        ("work_mem", "4MB"),
        ("standard_conforming_strings", "on"),
        ("TimeZone", "UTC"),
        ("role", "none"),
        ("session_authorization", "postgres"),
        ("is_superuser", "on"),
        ("transaction_isolation", "read committed"),
        ("max_identifier_length", "63"),
        ("random_page_cost", "4"),
        ("checkpoint_timeout", "5min"),
        ("vacuum_cost_delay", "0"),
        ("lc_collate", "C"),
        ("unix_socket_permissions", "0777"),
        ("data_directory_mode", "0700"),
        ("archive_command", "(disabled)"),
    ];
    for (name, value) in cases {
        assert_eq!(settings.get(name), value, "SHOW {name}");
    }
    assert_eq!(&*settings.search_path(), [Arc::from("public")]);
    assert!(settings.show_all().len() > 340 && settings.rows().iter().all(|row| row.len() == 17));
}

#[test]
fn transactions_take_settings_back() {
    let mut settings = session();
    settings.begin();
    settings.set("work_mem", Some("8MB"), Scope::Session).expect("set");
    settings.set("work_mem", Some("16MB"), Scope::Local).expect("set");
    assert_eq!(settings.get("work_mem"), "16MB");
    settings.commit();
    assert_eq!(settings.get("work_mem"), "8MB");
    settings.begin();
    settings.set("a.b", Some("x"), Scope::Local).expect("set");
    settings.set("work_mem", Some("1MB"), Scope::Session).expect("set");
    settings.savepoint("s");
    settings.set("work_mem", Some("2MB"), Scope::Session).expect("set");
    assert!(settings.rollback_to("s") && !settings.rollback_to("t"));
    assert_eq!(settings.get("work_mem"), "1MB");
    assert!(settings.release("s") && !settings.release("s"));
    settings.rollback();
    assert_eq!(settings.get("work_mem"), "8MB");
    // A custom name once set is known for ever.
    assert_eq!(settings.find("a.b").as_deref(), Some(""));
    assert_eq!(settings.find("a.c"), None);
    assert!(settings.show_all().iter().all(|row| row.name != "a.b"));
    settings.set("transaction_isolation", Some("serializable"), Scope::Session).expect("set");
    assert_eq!(settings.get("transaction_isolation"), "read committed");
    settings.begin();
    settings.set("transaction_isolation", Some("serializable"), Scope::Session).expect("set");
    assert_eq!(settings.get("transaction_isolation"), "serializable");
    settings.commit();
    settings.set("default_transaction_isolation", Some("repeatable read"), Scope::Session).expect("set");
    assert_eq!(settings.get("transaction_isolation"), "repeatable read");
}

#[test]
fn changes_are_told_once() {
    let mut settings = session();
    let first = settings.take_reports();
    assert_eq!(first.len(), 13);
    assert!(first.contains(&("integer_datetimes", "on".into())));
    assert!(settings.take_reports().is_empty());
    settings.set("application_name", Some("psql"), Scope::Session).expect("set");
    settings.set("work_mem", Some("8MB"), Scope::Session).expect("set");
    assert_eq!(settings.take_reports(), [("application_name", "psql".to_owned())]);
    settings.reset_all();
    assert_eq!(settings.take_reports(), [("application_name", String::new())]);
}

#[test]
fn startup_values_are_what_reset_goes_back_to() {
    let mut settings = session();
    settings.startup("application_name", "tool").expect("startup");
    settings.startup("log_connections", "on").expect("allowed at start");
    assert!(settings.startup("nonsense", "x").is_err());
    settings.set("application_name", Some("other"), Scope::Session).expect("set");
    settings.reset("application_name").expect("reset");
    assert_eq!(settings.get("application_name"), "tool");
    settings.set("search_path", Some("nowhere, information_schema"), Scope::Session).expect("set");
    assert_eq!(&*settings.search_path(), [Arc::from("information_schema")]);
    settings.set("role", Some("pg_monitor"), Scope::Session).expect("set");
    assert_eq!((&*settings.current_user(), &*settings.session_user()), ("pg_monitor", "postgres"));
}
