//! Statements and their plans, with the Hazelcast SQL that they send: `plans.txt`. Run with `UPDATE_EXPECT=1` to write
//! down what is planned now, and read the difference.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use pg::Env;

use crate::analyze::tests::{analyze_with, fixture};
use crate::catalog::tests::catalog;
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
