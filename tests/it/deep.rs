//! Statements that nest, and chains, as long as PostgreSQL answers them: built by programs, not by people. What is longer
//! still is refused, and nothing that is sent ends the gateway.

use std::iter::repeat_n;

use crate::bed::{self, Both};
use crate::compare::difference;

/// So many of something, each inside the one before.
fn nested(open: &str, inside: &str, close: &str, depth: usize) -> String {
    format!("SELECT {}{inside}{}", open.repeat(depth), close.repeat(depth))
}

fn joined(items: impl Iterator<Item = String>, between: &str) -> String {
    items.collect::<Vec<_>>().join(between)
}

/// How statements grow: each as long as is asked for.
const FORMS: [fn(usize) -> String; 16] = [
    |n| nested("(", "1", ")", n),
    |n| nested("CASE WHEN true THEN ", "1", " END", n),
    |n| nested("(SELECT ", "1", ")", n),
    |n| nested("abs(", "1", ")", n),
    |n| nested("coalesce(NULL, ", "1", ")", n),
    |n| nested("NOT ", "true", "", n),
    |n| format!("SELECT x{} FROM generate_series(1, 2) x", " + 1".repeat(n)),
    |n| format!("SELECT 'a'{}", " || 'b'".repeat(n)),
    |n| format!("SELECT 1{}", "::int8::int4".repeat(n / 2)),
    |n| joined(repeat_n("SELECT 1".to_owned(), n), " UNION ALL "),
    |n| joined((0..n).map(|i| format!("SELECT {}", i % 3)), " UNION ") + " ORDER BY 1",
    |n| joined((0..n / 2).map(|i| format!("SELECT {i}")), " EXCEPT "),
    |n| format!("SELECT count(*) FROM ({}) s", joined(repeat_n("SELECT 1".to_owned(), n), " UNION ALL ")),
    |n| format!("SELECT __key FROM movies WHERE {}", joined((0..n).map(|i| format!("__key = {i}")), " OR ")),
    |n| {
        format!("SELECT __key FROM movies WHERE {}", joined((0..n).map(|i| format!("__key <> {i}")), " AND "))
    },
    |n| format!("SELECT __key FROM movies WHERE __key{} = 2000", " + 1 - 1".repeat(n / 2)),
];

#[test]
fn what_postgresql_answers_is_answered() {
    let Both { mut gateway, mut oracle } = bed::both();
    for form in FORMS {
        let sql = form(1000);
        let (ours, theirs) = (gateway.query(&sql), oracle.query(&sql).ok());
        let start: String = sql.chars().take(60).collect();
        assert_eq!(difference(&ours, &theirs, false), None, "{start}");
    }
    for sql in [
        joined(repeat_n("SELECT 1".to_owned(), 5000), " UNION ALL "),
        format!(
            "SELECT __key FROM movies WHERE __key IN ({})",
            joined((0..30_000).map(|i| i.to_string()), ", ")
        ),
        format!(
            "SELECT count(*) FROM movies WHERE {}",
            joined((0..10_000).map(|i| format!("__key = {i}")), " OR ")
        ),
    ] {
        assert_eq!(difference(&gateway.query(&sql), &oracle.query(&sql).ok(), false), None);
    }
}

#[test]
fn nothing_is_too_deep_to_be_refused() {
    let Both { mut gateway, .. } = bed::both();
    for form in FORMS.into_iter().take(9) {
        let error = gateway.query(&form(500_000)).error.expect("an error");
        assert_eq!((&*error[&'C'], &*error[&'M']), ("54001", "stack depth limit exceeded"));
        assert!(error[&'H'].contains("\"max_stack_depth\" (currently 2048kB)"), "{error:?}");
    }
    gateway.query("SELECT 1").ok();
}
