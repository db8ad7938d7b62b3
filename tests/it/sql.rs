//! The scripts of `tests/sql`: the same statements on PostgreSQL and on the gateway, and everything that comes back
//! compared: rows, types, names, tags, SQLSTATEs, messages, positions.
//!
//! A statement ends with a semicolon at the end of a line. Lines that begin with `--@` direct:
//! `--@ gateway`, `--@ oracle`, `--@ both`: who runs what follows (alone, a statement must only succeed);
//! `--@ with a, b, NULL`: parameters of the next statement;
//! `--@ refused`: the gateway cannot do the next statement yet and says so (0A000). It fails when it can.

use std::fmt::Write;

use crate::bed::{self, Both};
use crate::compare::difference;
use crate::tools::root;
use crate::wire::{Client, Reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Gateway,
    Oracle,
    Both,
}

/// A statement of a script.
#[derive(Debug, PartialEq, Eq)]
struct Statement {
    line: usize,
    side: Side,
    sql: String,
    parameters: Option<Vec<Option<String>>>,
    refused: bool,
}

fn script(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let (mut side, mut parameters, mut refused, mut sql, mut line) =
        (Side::Both, None, false, String::new(), 0);
    for (i, text) in text.lines().enumerate() {
        if let Some(directive) = text.strip_prefix("--@ ") {
            match directive.split_once(' ') {
                None if directive == "gateway" => side = Side::Gateway,
                None if directive == "oracle" => side = Side::Oracle,
                None if directive == "both" => side = Side::Both,
                None if directive == "refused" => refused = true,
                Some(("with", list)) => {
                    let value = |v: &str| (v.trim() != "NULL").then(|| v.trim().to_owned());
                    parameters = Some(list.split(',').map(value).collect());
                }
                _ => panic!("line {}: what is --@ {directive}?", i + 1),
            }
            continue;
        }
        if sql.is_empty() && (text.trim().is_empty() || text.starts_with("--")) {
            continue;
        }
        if sql.is_empty() {
            line = i + 1;
        } else {
            sql.push('\n');
        }
        sql.push_str(text);
        if text.trim_end().ends_with(';') {
            let sql = std::mem::take(&mut sql);
            statements.push(Statement { line, side, sql, parameters: parameters.take(), refused });
            refused = false;
        }
    }
    assert!(sql.is_empty(), "line {line}: no semicolon");
    statements
}

/// How a statement is run.
#[derive(Debug, Clone, Copy)]
enum Way {
    Simple,
    Extended { format: i16 },
}

impl Way {
    fn run(self, client: &mut Client, statement: &Statement) -> Reply {
        match self {
            Way::Simple => client.query(&statement.sql),
            Way::Extended { format } => extended(client, statement, format),
        }
    }
}

/// The ways in which a statement is run. What changes data is run once.
fn ways(statement: &Statement) -> Vec<Way> {
    let word = statement.sql.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
    let reads = ["SELECT", "VALUES", "WITH", "SHOW", "TABLE", "("].iter().any(|w| word.starts_with(w));
    let changes = ["(INSERT INTO ", "(UPDATE ", "(DELETE FROM "].iter().any(|w| statement.sql.contains(w));
    let reads = reads && !changes;
    let (text, binary) = (Way::Extended { format: 0 }, Way::Extended { format: 1 });
    match (reads, statement.parameters.is_some()) {
        (true, true) => vec![text, binary],
        (true, false) => vec![Way::Simple, text, binary],
        (false, true) => vec![text],
        (false, false) => vec![Way::Simple],
    }
}

fn extended(client: &mut Client, statement: &Statement, format: i16) -> Reply {
    let parameters: Vec<Option<&str>> = statement.parameters.iter().flatten().map(Option::as_deref).collect();
    client.extended(&statement.sql, &parameters, format)
}

/// The settings under which answers must not differ from those without them.
const PUSHDOWNS: [&str; 2] = ["none", "full"];

/// The tables of the cluster that scripts read; a statement that names none has nothing to push down.
const TABLES: [&str; 5] = ["movies", "actors", "casts", "reviews", "types"];

/// Whether a statement that reads has the same answer however much of it the cluster computes.
fn check_pushdowns(both: &mut Both, statement: &Statement) -> Option<String> {
    let reads = ways(statement).len() == 3 && !statement.refused && statement.side == Side::Both;
    let text = statement.sql.to_ascii_lowercase();
    if !reads || text.contains("hazelgres.") || !TABLES.iter().any(|table| text.contains(table)) {
        return None;
    }
    let ordered = statement.sql.to_ascii_uppercase().contains("ORDER BY");
    let theirs = both.oracle.query(&statement.sql);
    PUSHDOWNS.iter().find_map(|pushdown| {
        both.gateway.query(&format!("SET hazelgres.pushdown = {pushdown}"));
        let ours = both.gateway.query(&statement.sql);
        both.gateway.query("RESET hazelgres.pushdown");
        difference(&ours, &theirs, ordered).map(|difference| format!("(pushdown {pushdown}) {difference}"))
    })
}

fn check(both: &mut Both, statement: &Statement) -> Option<String> {
    let ordered = statement.sql.to_ascii_uppercase().contains("ORDER BY");
    for way in ways(statement) {
        let reply = match statement.side {
            Side::Gateway => way.run(&mut both.gateway, statement),
            Side::Oracle => way.run(&mut both.oracle, statement),
            Side::Both => {
                let ours = way.run(&mut both.gateway, statement);
                let theirs = way.run(&mut both.oracle, statement);
                if statement.refused {
                    let refused = ours.sqlstate() == Some("0A000");
                    return (!refused).then(|| format!("is not refused any more: {:?}", ours.error));
                }
                if let Some(difference) = difference(&ours, &theirs, ordered) {
                    return Some(format!("({way:?}) {difference}"));
                }
                continue;
            }
        };
        if let Some(error) = reply.error {
            return Some(format!("({way:?}) {error:?}"));
        }
    }
    None
}

#[test]
fn the_scripts_have_the_same_answers() {
    let mut both = bed::both();
    let mut files: Vec<_> =
        std::fs::read_dir(root().join("tests/sql")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let (mut statements, mut failures) = (0, String::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for statement in script(&text) {
            statements += 1;
            let difference = check(&mut both, &statement).or_else(|| check_pushdowns(&mut both, &statement));
            if let Some(difference) = difference {
                writeln!(failures, "\n{name}:{}: {}\n   {difference}", statement.line, statement.sql)
                    .unwrap();
            }
        }
    }
    assert!(statements > 50, "only {statements} statements");
    let count = failures.lines().filter(|l| l.contains(".sql:")).count();
    assert!(failures.is_empty(), "{count} of {statements} statements differ\n{failures}");
}

#[test]
fn directives_hold_for_what_they_say() {
    let statements = script("--@ gateway\nA\nB;\n--@ both\n-- why\n--@ with 1, NULL\n--@ refused\nC;\nD;\n");
    let find = |sql: &str| statements.iter().find(|s| s.sql == sql).unwrap();
    assert_eq!((find("A\nB;").side, find("A\nB;").line), (Side::Gateway, 2));
    assert_eq!(find("C;").parameters, Some(vec![Some("1".into()), None]));
    assert!(find("C;").refused && !find("D;").refused && find("D;").parameters.is_none());
}
