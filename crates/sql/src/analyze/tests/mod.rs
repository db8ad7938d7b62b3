//! Statements against what PostgreSQL makes of them: `statements.sql` holds them, `record.py` has asked a PostgreSQL 15
//! about them, `statements.jsonl` is what it said.

use std::sync::Arc;

use pg::{TypeRef, oid};
use serde_json::Value as Json;

use super::*;
use crate::catalog::tests::{catalog, movies};
use crate::catalog::{Catalog, ColumnRow, MappingRow, Metadata, Names};
use crate::parse::{ParseOptions, parse};

mod answers;
mod corpus;

/// The movie mappings and a table of all types.
pub(crate) fn fixture() -> Metadata {
    let mut metadata = movies();
    let types = [
        ("__key", "INTEGER"),
        ("c_smallint", "SMALLINT"),
        ("c_int", "INTEGER"),
        ("c_bigint", "BIGINT"),
        ("c_real", "REAL"),
        ("c_double", "DOUBLE"),
        ("c_numeric", "DECIMAL"),
        ("c_boolean", "BOOLEAN"),
        ("c_varchar", "VARCHAR"),
        ("c_date", "DATE"),
        ("c_time", "TIME"),
        ("c_timestamp", "TIMESTAMP"),
        ("c_timestamptz", "TIMESTAMP WITH TIME ZONE"),
        ("c_json", "JSON"),
    ];
    let first = metadata.mappings.first().expect("a mapping");
    metadata.mappings.push(MappingRow {
        name: "types".into(),
        external_name: "types".into(),
        ..first.clone()
    });
    metadata.columns.extend(types.iter().zip(1..).map(|((name, data_type), ordinal)| ColumnRow {
        schema: "public".into(),
        table: "types".into(),
        name: (*name).into(),
        external_name: Some(if *name == "__key" { "__key".into() } else { format!("this.{name}") }),
        ordinal,
        data_type: (*data_type).into(),
        nullable: true,
    }));
    metadata
}

pub(crate) fn analyze_with(catalog: &Arc<Catalog>, text: &str, declared: &[Oid]) -> Result<Analyzed> {
    let search_path: [Arc<str>; 1] = ["public".into()];
    let names = Names::new(catalog.clone(), Arc::from(search_path.as_slice()));
    let env = Env { names: Arc::new(names), ..Env::default() };
    let cx = AnalyzeContext {
        snapshot: &**catalog,
        search_path: &search_path,
        env: &env,
        database: "hazelcast",
        params: Params::Variable(declared),
    };
    let parsed = parse(text, ParseOptions { placeholders: true })?;
    // Of several statements, the last one with a result is looked at.
    let mut last = None;
    for statement in &parsed {
        last = Some(analyze(statement, &cx)?);
    }
    last.ok_or_else(|| Error::internal("no statement"))
}

/// What is compared, in one line each.
fn described(result: &Result<Analyzed>) -> Vec<String> {
    match result {
        Ok(analyzed) => {
            let columns = analyzed.columns.iter().flatten();
            let column = |c: &OutputColumn| {
                format!("column {} {} {} {}", c.name, format_type(c.ty.oid), c.ty.typmod, c.origin.1)
            };
            let params = analyzed.params.iter().map(|p| format!("param {}", format_type(*p)));
            columns.map(column).chain(params).collect()
        }
        Err(error) => {
            let fields = error.fields();
            let mut lines = vec![
                format!("error {} {}", fields.code.as_str(), fields.message),
                format!("position {}", fields.position.unwrap_or(0)),
            ];
            lines.extend(fields.detail.iter().map(|detail| format!("detail {detail}")));
            lines.extend(fields.hint.iter().map(|hint| format!("hint {hint}")));
            lines
        }
    }
}

fn format_type(ty: Oid) -> String {
    pg::catalog::format_type(ty, None)
}

fn expected(line: &Json) -> Vec<String> {
    let number = |json: &Json| json.as_i64().unwrap_or_default();
    let ty = |json: &Json| format_type(Oid(u32::try_from(number(json)).unwrap_or_default()));
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    if let Some(error) = line.get("error") {
        let mut lines = vec![
            format!("error {} {}", text(&error["code"]), text(&error["message"])),
            format!("position {}", number(&error["position"])),
        ];
        for key in ["detail", "hint"] {
            lines.extend(error.get(key).map(|value| format!("{key} {}", text(value))));
        }
        return lines;
    }
    let columns = line["columns"].as_array().into_iter().flatten();
    let column =
        |c: &Json| format!("column {} {} {} {}", text(&c[0]), ty(&c[1]), number(&c[2]), number(&c[3]));
    let params = line["params"].as_array().into_iter().flatten().map(|p| format!("param {}", ty(p)));
    columns.map(column).chain(params).collect()
}

/// Statements that we are known to answer otherwise, and must, or cannot yet; each with the reason. What stands here and
/// comes out as PostgreSQL has it makes the test fail, so that the list stays true.
const KNOWN: &str = include_str!("known.txt");

#[test]
fn statements_mean_what_postgres_says() {
    check(include_str!("statements.jsonl"), 450);
}

#[test]
fn psql_is_understood() {
    check(include_str!("psql.jsonl"), 60);
}

/// Another file of record.py's.
#[test]
fn more_statements_mean_what_postgres_says() {
    match std::env::var_os("ANALYZE_EXPECTED") {
        Some(path) => check(&std::fs::read_to_string(path).expect("a readable file"), 1),
        None => eprintln!("skipped: ANALYZE_EXPECTED names no file"),
    }
}

fn check(lines: &str, least: usize) {
    let catalog = Arc::new(catalog(&fixture()));
    let known: Vec<&str> = KNOWN.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in lines.lines() {
        let line: Json = serde_json::from_str(line).expect("a line of JSON");
        let sql = line["sql"].as_str().expect("a statement");
        let (ours, theirs) = (described(&analyze_with(&catalog, sql, &[])), expected(&line));
        count += 1;
        let is_known = known.contains(&sql.lines().next().unwrap_or_default());
        if is_known == (ours == theirs) {
            let what = if is_known { "is listed as known to differ, but does not" } else { "differs" };
            let only = |a: &[String], b: &[String]| {
                a.iter().filter(|l| !b.contains(l)).map(|l| format!("      {l}\n")).collect::<String>()
            };
            wrong.push(format!(
                "{what}: {sql}\n    ours:\n{}    PostgreSQL's:\n{}",
                only(&ours, &theirs),
                only(&theirs, &ours)
            ));
        }
    }
    assert!(count >= least, "only {count} statements");
    assert!(wrong.is_empty(), "{} of {count} statements:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn names_in_other_case_are_found() {
    let mut metadata = fixture();
    for column in metadata.columns.iter_mut().filter(|c| c.table == "casts") {
        column.name = column.name.replace("movie_id", "movieId").replace("actor_id", "ActorID");
    }
    let catalog = Arc::new(catalog(&metadata));
    let names = |sql: &str| {
        let analyzed = analyze_with(&catalog, sql, &[]).expect(sql);
        analyzed.columns.into_iter().flatten().map(|c| c.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names("select MOVIEID, actorid, casts.movieId from casts"), ["movieId", "ActorID", "movieId"]);
    let quoted = analyze_with(&catalog, "select \"movieid\" from casts", &[]);
    assert_eq!(quoted.map(|_| ()).unwrap_err().code().as_str(), "42703");
}

#[test]
fn no_parameters_without_the_extended_protocol() {
    let catalog = catalog(&fixture());
    let env = Env::default();
    let cx = AnalyzeContext {
        snapshot: &catalog,
        search_path: &[],
        env: &env,
        database: "x",
        params: Params::None,
    };
    let parsed = parse("select $1", ParseOptions::default()).expect("a statement");
    let error = analyze(&parsed[0], &cx).unwrap_err();
    assert_eq!((error.code().as_str(), error.message()), ("42P02", "there is no parameter $1"));
}

#[test]
fn rand_is_random_and_table_is_nothing() {
    let catalog = Arc::new(catalog(&fixture()));
    let analyzed = analyze_with(&catalog, "select rand(), * from table(generate_series(1, 3)) g", &[]);
    let columns = analyzed.expect("a query").columns.unwrap_or_default();
    let found: Vec<_> = columns.iter().map(|c| (&*c.name, c.ty)).collect();
    assert_eq!(found, [("rand", TypeRef::of(oid::FLOAT8)), ("g", TypeRef::of(oid::INT4))]);
}

#[test]
fn deep_nesting_neither_overflows_nor_panics() {
    let catalog = Arc::new(catalog(&fixture()));
    for (open, close) in [("(", ")"), ("abs(", ")"), ("case when true then ", " end"), ("(select ", ")")] {
        for depth in [500, 20_000] {
            let text = format!("select {}1{}", open.repeat(depth), close.repeat(depth));
            match analyze_with(&catalog, &text, &[]) {
                Ok(_) => assert_eq!(depth, 500, "{open}"),
                Err(error) => {
                    assert_eq!((error.code().as_str(), depth), ("54001", 20_000), "{open}: {error}")
                }
            }
        }
    }
}

#[test]
fn operands_of_between_do_not_multiply_without_bound() {
    let catalog = Arc::new(catalog(&fixture()));
    let nested = |depth: usize| {
        let text = format!("select {}true{}", "(".repeat(depth), " between false and true)".repeat(depth));
        analyze_with(&catalog, &text, &[])
    };
    assert!(nested(6).is_ok());
    assert_eq!(nested(40).unwrap_err().code().as_str(), "54001");
}
