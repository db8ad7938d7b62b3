//! The mappings and the four questions about movies, word for word, from the clients that people have.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;

use crate::bed::{self, Both};
use crate::tools::{root, run, shared, succeed, tool};

/// Who is asked how: a command for a port, which prints one line a row, the question's number first.
fn compare(ask: impl Fn(u16) -> Command) {
    let both = prepare();
    let ours = succeed(&mut ask(both.gateway.port()));
    let theirs = succeed(&mut ask(both.oracle.port()));
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let first_three = |lines: &[&str]| -> Vec<String> {
        let fourth = |l: &&&str| !l.trim_start_matches('[').starts_with('4') || l.contains("columns");
        lines.iter().filter(fourth).map(|l| (*l).to_owned()).collect()
    };
    assert_eq!(first_three(&ours), first_three(&theirs));
    assert_eq!(ours.len(), theirs.len(), "the fourth question has one row:\n{ours:#?}");
    assert!(ours.len() > 30, "{ours:#?}");
}

/// The movies on both sides, and RAND() on PostgreSQL, which calls it random().
fn prepare() -> Both {
    let mut both = bed::both();
    let rand = "DO $$ BEGIN CREATE FUNCTION rand() RETURNS float8 LANGUAGE sql AS 'SELECT random()'; \
                EXCEPTION WHEN duplicate_function OR unique_violation THEN NULL; END $$";
    both.oracle.query(rand).ok();
    both
}

fn questions() -> PathBuf {
    root().join("demo/questions.sql")
}

fn psql(port: u16) -> Command {
    let mut psql = Command::new(tool("psql"));
    psql.args(["-X", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-p", &port.to_string()]);
    psql.arg("postgres");
    psql
}

fn python(script: &str) -> Command {
    let mut python = Command::new(tool("python"));
    python.arg(root().join("tests/clients/python").join(script));
    python
}

/// A Java program of one file, which Java compiles as it starts.
fn java(file: &str) -> Command {
    let mut java = Command::new(tool("java"));
    java.arg("-cp").arg(tool("pgjdbc")).arg(root().join("tests/clients/java").join(file));
    java
}

#[test]
fn the_demo_asks_what_the_corpus_asks() {
    let Some(shared) = shared() else { return };
    let corpus = std::fs::read_to_string(shared.join("corpus/movies.sql")).unwrap();
    for file in ["mappings.sql", "questions.sql"] {
        let ours = std::fs::read_to_string(root().join("demo").join(file)).unwrap();
        for statement in ours.split("\n\n") {
            let comments = statement.lines().take_while(|l| l.starts_with("--")).count();
            let statement: Vec<&str> = statement.trim().lines().skip(comments).collect();
            assert!(corpus.contains(&statement.join("\n")), "{statement:#?}");
        }
    }
}

#[test]
fn psql_asks_the_questions() {
    let both = prepare();
    let text = std::fs::read_to_string(questions()).unwrap();
    for (i, question) in text.split("\n\n").enumerate() {
        let ask = |port: u16| succeed(psql(port).args(["-c", question]));
        let (ours, theirs) = (ask(both.gateway.port()), ask(both.oracle.port()));
        if i < 3 {
            assert_eq!(ours, theirs);
        } else {
            assert!(ours.ends_with("(1 row)\n\n"), "{ours}");
        }
    }
}

#[test]
fn the_random_review_is_one_of_the_candidates_and_not_always_the_same() {
    let mut both = prepare();
    let text = std::fs::read_to_string(questions()).unwrap();
    let fourth = text.split("\n\n").nth(3).unwrap();
    let (candidates, _) = fourth.split_once("ORDER BY").unwrap();
    let candidates: HashSet<_> = both.oracle.query(candidates).ok().rows.into_iter().collect();
    assert!(candidates.len() >= 20);
    let answers: HashSet<_> = (0..20).flat_map(|_| both.gateway.query(fourth).ok().rows).collect();
    assert!(answers.is_subset(&candidates), "{answers:?}");
    assert!(answers.len() > 1, "twenty times the same: {answers:?}");
}

#[test]
fn mappings_are_created_by_psql_word_for_word() {
    let both = prepare();
    let made = succeed(psql(both.gateway.port()).arg("-f").arg(root().join("demo/mappings.sql")));
    assert_eq!(made.lines().collect::<Vec<_>>(), ["CREATE MAPPING"; 4]);
    // They are there already, and the entries stay.
    let count = succeed(psql(both.gateway.port()).args(["-At", "-c", "SELECT count(*) FROM movies"]));
    assert_eq!(count, "500\n");
}

#[test]
fn psycopg_asks_the_questions_in_binary() {
    compare(|port| {
        let mut python = python("psycopg_questions.py");
        python.arg(port.to_string()).arg(questions());
        python
    });
}

#[test]
fn pgjdbc_asks_the_questions_ten_times() {
    compare(|port| {
        let mut java = java("Questions.java");
        java.arg(port.to_string()).arg(questions());
        java
    });
}

#[test]
fn psqlodbc_lists_tables_and_columns_and_asks_the_questions() {
    compare(|port| {
        let mut python = python("odbc.py");
        python.arg(port.to_string()).arg(tool("psqlodbc")).arg(questions());
        python
    });
}

#[test]
fn isql_connects_and_asks() {
    let both = prepare();
    let connect = format!(
        "Driver={};Server=127.0.0.1;Port={};Database=postgres;Uid=postgres;Pwd=x",
        tool("psqlodbc").display(),
        both.gateway.port()
    );
    let question = "SELECT title FROM movies WHERE __key < 4 ORDER BY title";
    let script = "printf '%s\\n' \"$1\" | \"$2\" -k \"$3\" -b -d,";
    let mut isql = Command::new("sh");
    isql.args(["-c", script, "sh", question]).arg(tool("isql")).arg(connect);
    let rows = succeed(&mut isql);
    let mut client = both.oracle;
    for title in client.query(question).texts() {
        assert!(rows.contains(title[0].as_deref().unwrap()), "{rows}");
    }
}

#[test]
fn pgjdbc_describes_the_tables_as_it_does_on_postgresql() {
    let both = prepare();
    let ask = |port: u16| succeed(java("Metadata.java").arg(port.to_string()));
    let (ours, theirs) = (ask(both.gateway.port()), ask(both.oracle.port()));
    assert_eq!(ours, theirs);
    assert!(ours.lines().count() > 30, "{ours}");
}

/// The rows that `Sink.java` writes.
fn sunk() -> String {
    (1..=20)
        .map(|i| match i {
            1..=10 if i % 3 == 0 => format!("{i}\t{}\tAna {i}\tnull\ttext {i}\n", i * 3),
            1..=10 => format!("{i}\t{}\tAna {i}\t{:?}\ttext {i}\n", i * 3, f64::from(i) / 2.0),
            _ => format!("{i}\t{i}\tbatch\t{:?}\tb\n", f64::from(i)),
        })
        .collect()
}

#[test]
fn sink_works_from_pgjdbc_and_from_libpq() {
    let mut both = prepare();
    let mapping = "CREATE OR REPLACE MAPPING sinks (__key INT, movie_id INT, author VARCHAR, rating DOUBLE, content VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    both.gateway.query(mapping).ok();
    let port = both.gateway.port().to_string();
    assert_eq!(succeed(java("Sink.java").args([&port, "sinks"])), sunk());
    assert_eq!(
        succeed(python("libpq_sink.py").args([&port, "sinks"])),
        "101\t7\tJürgen\tNULL\tI recommend it\n102\t8\tZoe\t9.5\t100% \\ 'fine'\n103\t9\tBob\t7.25\tso so\n"
    );
}

#[test]
fn psql_describes_as_it_does_on_postgresql() {
    let both = prepare();
    let ask = |port: u16, command: &str| {
        let output = run(psql(port).args(["-c", command]));
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let mut failures = Vec::new();
    for command in [
        "\\d movies",
        "\\d casts",
        "\\d actors",
        "\\d reviews",
        "\\d+ movies",
        "\\d movies_pkey",
        "\\d nosuch",
        "\\d pg_catalog.pg_class",
        "\\d+ pg_catalog.pg_tables",
        "\\dt movies",
        "\\dt pg_catalog.pg_cl*",
        "\\di movies_pkey",
        "\\dv information_schema.tables",
        "\\dv nosuch",
        "\\ds",
        "\\dm",
        "\\dE",
        "\\dP",
        "\\dp movies",
        "\\ddp",
        "\\dn",
        "\\dn+",
        "\\du",
        "\\dg",
        "\\drds",
        "\\l postgres",
        "\\db",
        "\\df lower*",
        "\\df+ upper",
        "\\dfa sum",
        "\\da sum",
        "\\do ||",
        "\\dC int4",
        "\\dT int*",
        "\\dT+ bool",
        "\\dD",
        "\\dO C",
        "\\dx",
        "\\dF",
        "\\dy",
        "\\des",
        "\\dL",
        "\\dAc btree int4",
        "\\dX",
        "\\dconfig server_encoding",
        "\\sf pg_catalog.age(timestamp)",
        "\\encoding",
    ] {
        let (ours, theirs) = (ask(both.gateway.port(), command), ask(both.oracle.port(), command));
        if ours != theirs {
            failures.push(format!("{command}:\n{ours}\ninstead of\n{theirs}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // These show tables and functions of other tests, too, or of each server's own.
    for (command, part) in [
        ("\\d", " public | movies "),
        ("\\dt", " public | movies "),
        ("\\dt+", " public | movies "),
        ("\\di", " movies_pkey "),
        ("\\l", " postgres "),
        ("\\l+", " postgres "),
        ("\\df", "List of functions"),
        ("\\conninfo", "as user \"postgres\""),
    ] {
        let text = succeed(psql(both.gateway.port()).args(["-c", command]));
        assert!(text.contains(part), "{command}: {text}");
    }
}
