//! Statements and their plans, with the Hazelcast SQL that they send: `plans.txt`. Run with `UPDATE_EXPECT=1` to write
//! down what is planned now, and read the difference.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pg::{Env, SqlState};

use crate::analyze::tests::{analyze_with, fixture};
use crate::catalog::tests::catalog;
use crate::exec::{CancelReason, CancelToken};
use crate::interrupts;
use crate::query::Statement;

use super::{ExplainOptions, Measured, Options, Ways, explain, plan_with};

fn planned(sql: &str, ways: Ways) -> String {
    let catalog = Arc::new(catalog(&fixture()));
    let lines = analyze_with(&catalog, sql, &[]).and_then(|analyzed| match &analyzed.statement {
        Statement::Query(query) => {
            let plan = plan_with(query, &Env::default(), Options { ways, ..Options::default() })?;
            let options = ExplainOptions { costs: true, ..ExplainOptions::default() };
            Ok(explain(&[&plan], None, &options, &Measured::default()))
        }
        _ => Err(pg::Error::internal("not a query")),
    });
    match lines {
        Ok(lines) => lines.join("\n"),
        Err(error) => error.to_string(),
    }
}

/// What goes down by SQL, whatever the sizes of maps.
#[test]
fn plans_are_as_written_down() {
    check("plans.txt", Ways { entries: false, size: false, ..Ways::default() });
}

/// All ways, by the sizes of maps.
#[test]
fn ways_are_as_written_down() {
    check("ways.txt", Ways::default());
}

fn check(file: &str, ways: Ways) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/plan/tests").join(file);
    let written = std::fs::read_to_string(&path).expect(file);
    let mut now = String::new();
    for block in written.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let statement = block.split("\n----").next().unwrap_or_default().trim();
        if statement.starts_with("--") {
            let _ = write!(now, "{statement}\n\n");
            continue;
        }
        let _ = write!(now, "{statement}\n----\n{}\n\n", planned(statement, ways));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &now).expect(file);
    }
    assert_eq!(written, now, "run with UPDATE_EXPECT=1 and read the difference");
}

/// A statement that takes seconds to analyse or to plan ends soon after it was cancelled.
#[test]
fn analysis_and_planning_can_be_stopped() {
    // With the stack of the server's threads.
    let test = std::thread::Builder::new().stack_size(64 << 20).spawn(stopped_in_time);
    assert!(test.expect("a thread").join().is_ok());
}

fn stopped_in_time() {
    let catalog = Arc::new(catalog(&fixture()));
    let joins = |number: usize| -> String {
        (1..number).map(|i| format!(" JOIN movies t{i} ON t{i}.__key = t{}.__key", i - 1)).collect()
    };
    let nested = |depth: usize| {
        let more = |i| format!(", c{i} AS NOT MATERIALIZED (SELECT a.* FROM c{} a, c{} b)", i - 1, i - 1);
        (1..depth).map(more).collect::<String>()
    };
    for sql in [
        format!("SELECT count(*) FROM movies t0{}", joins(400)),
        format!("WITH c0 AS (SELECT * FROM movies){} SELECT count(*) FROM c17", nested(18)),
    ] {
        let token = CancelToken::new();
        let other = token.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            other.cancel(CancelReason::UserRequest);
            Instant::now()
        });
        let planned = interrupts::within(&token, || match analyze_with(&catalog, &sql, &[])?.statement {
            Statement::Query(query) => plan_with(&query, &Env::default(), Options::default()).map(|_| ()),
            _ => Ok(()),
        });
        let cancelled = canceller.join().expect("it was cancelled");
        let late = cancelled.elapsed();
        assert_eq!(planned.map_err(|error| error.code()), Err(SqlState::QUERY_CANCELED));
        assert!(late < Duration::from_secs(5), "{late:?} after it was cancelled");
    }
}
