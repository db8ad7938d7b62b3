//! `cargo xtask compatibility`: prints what of PostgreSQL is there and what is refused, from its own catalog and from the
//! parser. The file is `docs/compatibility.md`; a test sees to it that it is current.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use pg::catalog::{self, Proc};
use pg::{Oid, SqlState, TypeRef};

/// Forms of the grammar, each with a statement that has it.
const GRAMMAR: &[(&str, &str)] = &[
    ("WITH, MATERIALIZED", "WITH a AS MATERIALIZED (SELECT 1) SELECT * FROM a"),
    (
        "WITH RECURSIVE",
        "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT * FROM a",
    ),
    (
        "SEARCH",
        "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT 2 FROM a) SEARCH DEPTH FIRST BY n SET s SELECT 1",
    ),
    ("CYCLE", "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT 2 FROM a) CYCLE n SET c USING p SELECT 1"),
    (
        "joins, USING, NATURAL",
        "SELECT * FROM a JOIN b USING (x) NATURAL LEFT JOIN c FULL JOIN d ON true CROSS JOIN e",
    ),
    ("LATERAL", "SELECT * FROM a, LATERAL (SELECT a.x) b"),
    ("ROWS FROM, WITH ORDINALITY", "SELECT * FROM ROWS FROM (f(1), g(2)) WITH ORDINALITY AS t(a, b, c)"),
    ("TABLESAMPLE", "SELECT * FROM a TABLESAMPLE system (10)"),
    ("XMLTABLE", "SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS x int)"),
    (
        "GROUPING SETS, ROLLUP, CUBE",
        "SELECT GROUPING(x) FROM a GROUP BY DISTINCT ROLLUP (x), CUBE (y), GROUPING SETS ((z), ())",
    ),
    ("FILTER, WITHIN GROUP", "SELECT count(*) FILTER (WHERE x), mode() WITHIN GROUP (ORDER BY y) FROM a"),
    (
        "windows and frames",
        "SELECT sum(x) OVER (w GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES) FROM a WINDOW w AS (ORDER BY y)",
    ),
    ("DISTINCT ON", "SELECT DISTINCT ON (x) x, y FROM a ORDER BY x, y"),
    ("UNION, INTERSECT, EXCEPT", "SELECT 1 UNION ALL (SELECT 2 INTERSECT SELECT 3) EXCEPT SELECT 4"),
    ("FETCH FIRST … WITH TIES", "SELECT x FROM a ORDER BY x OFFSET 1 ROW FETCH FIRST 3 ROWS WITH TIES"),
    ("FOR UPDATE", "SELECT x FROM a FOR NO KEY UPDATE OF a SKIP LOCKED"),
    ("SELECT INTO", "SELECT 1 INTO a"),
    ("VALUES, TABLE", "VALUES (1), (2)"),
    ("XML expressions", "SELECT xmlelement(NAME a)"),
    ("INSERT … DEFAULT VALUES", "INSERT INTO a DEFAULT VALUES"),
    ("INSERT … ON CONFLICT", "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING"),
    ("RETURNING", "DELETE FROM a RETURNING *"),
    ("MERGE", "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE"),
    ("changes in WITH", "WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x"),
    ("COPY", "COPY a TO STDOUT"),
    ("cursors", "DECLARE c CURSOR FOR SELECT 1"),
    ("prepared statements", "PREPARE p (int) AS SELECT $1"),
    ("EXPLAIN", "EXPLAIN (FORMAT json, ANALYZE) SELECT 1"),
    ("LISTEN, NOTIFY", "LISTEN a"),
    ("tables, indexes, views of PostgreSQL", "CREATE TABLE a (b int)"),
    ("functions", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ("DO", "DO 'BEGIN END'"),
];

/// Prints the page.
pub fn compatibility() {
    crate::run::say(text().trim_end());
}

/// What is written in `docs/compatibility.md`.
fn text() -> String {
    let mut out = String::from(
        "# What of PostgreSQL is there\n\nPrinted by `cargo xtask compatibility` from PostgreSQL 15's own catalog and by asking the parser. What is refused gets\nSQLSTATE 0A000 and its name; `limits.md` tells the rest.\n",
    );
    grammar(&mut out);
    types(&mut out);
    functions(&mut out);
    operators(&mut out);
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{text}");
}

fn grammar(out: &mut String) {
    line(
        out,
        "\n## Grammar\n\nWhat the parser says; a part of what it takes may be refused by what it means.\n",
    );
    for (name, sql) in GRAMMAR {
        let answer = match sql::parse::parse(sql, Default::default()) {
            Ok(_) => "read".to_owned(),
            Err(error) if error.code() == SqlState::FEATURE_NOT_SUPPORTED => "refused".to_owned(),
            Err(error) => format!("not known ({error})"),
        };
        line(out, &format!("* {name}: {answer}"));
    }
}

/// Whether values of a type can be read: anything but a refusal is an answer.
fn has_type(ty: Oid) -> bool {
    let read = pg::text::input("?", TypeRef::of(ty), &pg::Env::default());
    read.map_or_else(|error| error.code() != SqlState::FEATURE_NOT_SUPPORTED, |_| true)
}

fn types(out: &mut String) {
    line(out, "\n## Types whose values are refused\n");
    let rows =
        catalog::types().iter().filter(|row| matches!(row.kind, 'b' | 'r' | 'm' | 'e') && !row.is_array());
    let missing: Vec<&str> = rows.filter(|row| !has_type(row.oid)).map(|row| row.name).collect();
    wrapped(out, &missing);
}

/// Whether users call a function: what only PostgreSQL itself calls is left out.
fn is_callable(proc: &Proc) -> bool {
    const INTERNAL: &[&str] = &[
        "internal",
        "cstring",
        "trigger",
        "event_trigger",
        "language_handler",
        "fdw_handler",
        "index_am_handler",
        "table_am_handler",
        "tsm_handler",
    ];
    let types = proc.args.iter().chain([&proc.result]);
    let internal = |ty: &Oid| catalog::type_by_oid(*ty).is_some_and(|row| INTERNAL.contains(&row.name));
    !types.into_iter().any(internal) && proc.kind != 'p'
}

fn signature(proc: &Proc) -> String {
    let args: Vec<String> = proc.args.iter().map(|ty| catalog::format_type(*ty, None)).collect();
    format!("{}({})", proc.name, args.join(", "))
}

fn functions(out: &mut String) {
    let (mut there, mut missing) = (0, BTreeMap::<&str, BTreeSet<String>>::new());
    for proc in catalog::procs().iter().filter(|proc| is_callable(proc)) {
        if sql::exec::answers(proc.oid) {
            there += 1;
            continue;
        }
        let group = match proc.kind {
            'a' => "aggregates",
            _ if proc.returns_set => "set-returning functions",
            _ => "functions",
        };
        missing.entry(group).or_default().insert(signature(proc));
    }
    let refused: usize = missing.values().map(BTreeSet::len).sum();
    line(out, &format!("\n## Functions\n\n{there} signatures are there, {refused} are refused."));
    for (group, names) in &missing {
        line(out, &format!("\n### Refused {group}\n"));
        wrapped(out, &names.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

fn operators(out: &mut String) {
    let type_name = |ty: Oid| if ty.is_valid() { catalog::format_type(ty, None) } else { String::new() };
    let all = catalog::operators();
    let missing: BTreeSet<String> = all
        .iter()
        .filter(|op| !sql::exec::answers(op.code))
        .map(|op| format!("{} {} {}", type_name(op.left), op.name, type_name(op.right)).trim().to_owned())
        .collect();
    let there = all.iter().filter(|op| sql::exec::answers(op.code)).count();
    line(out, &format!("\n## Operators\n\n{there} are there. These are refused:\n"));
    wrapped(out, &missing.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Names in lines of at most 120 characters.
fn wrapped(out: &mut String, names: &[&str]) {
    let mut row = String::new();
    for (at, name) in names.iter().enumerate() {
        let piece = format!("`{name}`{}", if at + 1 < names.len() { "," } else { "" });
        if !row.is_empty() && row.len() + piece.len() > 118 {
            line(out, &row);
            row.clear();
        }
        row.push_str(if row.is_empty() { "" } else { " " });
        row.push_str(&piece);
    }
    line(out, if row.is_empty() { "(none)" } else { &row });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn the_page_is_current() {
        let file = root().join("docs/compatibility.md");
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(
            written.trim_end(),
            text().trim_end(),
            "run `cargo xtask compatibility > docs/compatibility.md`"
        );
        assert!(written.contains("`xmlagg(xml)`") && !written.contains("`lower(text)`"));
    }
}
