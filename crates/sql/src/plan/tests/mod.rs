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

/// Thirty common table expressions that name the one before twice are not a thousand million.
#[test]
fn what_is_not_materialized_does_not_grow_without_end() {
    let mut text = "WITH a0 AS NOT MATERIALIZED (SELECT __key AS x FROM movies)".to_owned();
    for n in 1..30 {
        let before = n - 1;
        let _ = write!(
            text,
            ", a{n} AS NOT MATERIALIZED (SELECT p.x FROM a{before} p JOIN a{before} q USING (x))"
        );
    }
    // Each level by itself stays small, too.
    let nested = (0..12).fold("SELECT 1 AS x".to_owned(), |inner, _| {
        format!("WITH a AS NOT MATERIALIZED ({inner}) SELECT p.x FROM a p JOIN a q USING (x)")
    });
    for text in [format!("{text} SELECT x FROM a29"), nested] {
        let lines = planned(&text, Ways::default()).lines().count();
        assert!((3..5_000).contains(&lines), "{lines}");
    }
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
