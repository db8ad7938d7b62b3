//! The pure parts of a statement's life: parsing, analysis, planning, and what is left of them when the text came before.
//!
//! `cargo bench --bench statements`. Compare runs on the same machine; the figures mean nothing beside another's.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt;
use hazelgres::cluster::Cluster;
use hazelgres::config;
use hazelgres::engine::SqlEngine;
use hazelgres::session::engine::{Engine, Notices, Outcome, ParsedKind, Surroundings};
use hazelgres::session::variables::{Variables, now};
use pg::Env;
use sql::analyze::{AnalyzeContext, Params, analyze};
use sql::catalog::{Catalog, ColumnRow, Database, MappingRow, Metadata, Names};
use sql::exec::CancelToken;
use sql::parse::{ParseOptions, ParsedStatement, parse};
use sql::plan::plan;
use sql::query::Statement;
use sql::session::Session;
use sql::settings::{Defaults, Settings};

const STATEMENTS: &[(&str, &str)] = &[
    ("constant", "SELECT 1"),
    ("look-up", "SELECT * FROM movies WHERE __key = $1"),
    (
        "filter and order",
        "SELECT m.title AS name, m.vote_average AS average, m.vote_count AS cont FROM movies m \
         WHERE m.vote_count > 20000 AND m.vote_average > 7 AND m.release_date < '2015-01-01' \
         ORDER BY m.popularity DESC",
    ),
    (
        "three joins",
        "SELECT m.title AS title, m.release_date AS r_date, SUM(a.popularity) AS point FROM movies m \
         JOIN casts c ON m.id = c.movie_id JOIN actors a ON c.actor_id = a.id \
         GROUP BY m.title, m.release_date HAVING SUM(a.popularity) > 150 ORDER BY point DESC",
    ),
    (
        "catalog",
        "SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' \
         AND n.nspname !~ '^pg_toast' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2",
    ),
];

/// Tables, each with its columns.
const TABLES: &[(&str, &[(&str, &str)])] = &[
    (
        "movies",
        &[
            ("__key", "INTEGER"),
            ("id", "INTEGER"),
            ("title", "VARCHAR"),
            ("description", "VARCHAR"),
            ("popularity", "DOUBLE"),
            ("release_date", "VARCHAR"),
            ("vote_average", "DOUBLE"),
            ("vote_count", "INTEGER"),
        ],
    ),
    ("casts", &[("__key", "INTEGER"), ("movie_id", "INTEGER"), ("actor_id", "INTEGER")]),
    ("actors", &[("__key", "INTEGER"), ("id", "INTEGER"), ("name", "VARCHAR"), ("popularity", "DOUBLE")]),
];

fn metadata() -> Metadata {
    let mut metadata = Metadata { cluster: "bench".into(), ..Metadata::default() };
    for (table, columns) in TABLES {
        metadata.mappings.push(MappingRow {
            schema: "public".into(),
            name: (*table).into(),
            external_name: format!("\"{table}\""),
            connector: "IMap".into(),
            options: r#"{"keyFormat":"int","valueFormat":"json-flat"}"#.into(),
            ..MappingRow::default()
        });
        metadata.columns.extend(columns.iter().zip(1..).map(|((name, data_type), ordinal)| ColumnRow {
            schema: "public".into(),
            table: (*table).into(),
            name: (*name).into(),
            external_name: Some(if *name == "__key" { "__key".into() } else { format!("this.{name}") }),
            ordinal,
            data_type: (*data_type).into(),
            nullable: true,
        }));
    }
    metadata
}

fn read(text: &str) -> Vec<ParsedStatement> {
    parse(text, ParseOptions::default()).expect("a statement")
}

fn statements(c: &mut Criterion) {
    let database = Arc::new(Database::new(&metadata(), 1));
    let catalog = Arc::new(Catalog::new(database, "bench", "postgres", Vec::new()));
    let search_path: [Arc<str>; 1] = ["public".into()];
    let names = Names::new(catalog.clone(), Arc::from(search_path.as_slice()));
    let env = Env { names: Arc::new(names), ..Env::default() };
    let context = AnalyzeContext {
        snapshot: &*catalog,
        search_path: &search_path,
        env: &env,
        database: "bench",
        params: Params::Variable(&[]),
    };
    for (name, text) in STATEMENTS {
        let mut group = c.benchmark_group(*name);
        group.bench_function("parse", |b| b.iter(|| read(black_box(text))));
        let parsed = read(text).remove(0);
        group.bench_function("analyze", |b| {
            b.iter(|| analyze(black_box(&parsed), &context).expect("a meaning"))
        });
        let analyzed = analyze(&parsed, &context).expect("a meaning");
        if let Statement::Query(query) = &analyzed.statement {
            group.bench_function("plan", |b| b.iter(|| plan(black_box(query), &env).expect("a plan")));
        }
        group.finish();
    }
}

/// A text that came before: what it costs until it can be run, and, where no cluster is asked, with its answer. The target
/// is 5 us.
fn cached(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    let engine = engine();
    let around = around(&engine);
    let ready = |text: &str| {
        let statement = engine.parse(black_box(text), false).expect("a statement").remove(0);
        let ParsedKind::Sql(statement) = statement.kind else { panic!("no SQL") };
        statement.analyze(None, &around).now_or_never().expect("nothing to wait for").expect("a meaning")
    };
    let mut group = c.benchmark_group("cached");
    // The relations of the cluster are not known here, where there is none; what a hit costs does not depend on them.
    for text in ["SELECT 1", "SELECT relname FROM pg_class WHERE oid = 1259", LONG] {
        // What came once may never come again; what came twice is kept.
        (0..2).for_each(|_| drop(ready(text)));
        let name = text.get(..text.len().min(40)).unwrap_or(text);
        group.bench_function(name, |b| b.iter(|| ready(text)));
    }
    group.bench_function("SELECT 1, with its row", |b| {
        b.iter(|| {
            let rows = async {
                let outcome =
                    ready("SELECT 1").execute(Arc::new([]), None, &around).await.expect("an outcome");
                let Outcome::Rows(mut rows) = outcome else { panic!("no rows") };
                rows.next().await.expect("a row")
            };
            rows.now_or_never().expect("nothing to wait for")
        });
    });
    group.finish();
}

/// A statement of which reading, analysing and planning cost most.
const LONG: &str = "SELECT c.relname, a.attname, t.typname, n.nspname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
     JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v') \
     AND n.nspname NOT LIKE 'pg_toast%' AND NOT a.attisdropped AND a.attnum > 0 ORDER BY n.nspname, c.relname, a.attnum";

fn engine() -> SqlEngine {
    // Nobody listens there, and nobody is asked.
    let settings =
        config::Settings { cluster: Some("nobody@127.0.0.1:1".into()), ..config::Settings::default() };
    let cluster = Cluster::start(&settings.finish().expect("settings")).expect("a client");
    let limits = config::Limits {
        max_connections: 1,
        drain_timeout: Duration::ZERO,
        dml_timeout: Duration::from_secs(1),
        statement_memory: 64 << 20,
        workers: 1,
    };
    SqlEngine::new(cluster, &limits)
}

fn around(engine: &SqlEngine) -> Surroundings {
    let own = Settings::new(Arc::new(Defaults::new("bench")), "ann");
    let variables = Variables::new(Arc::new(Session::new(own)));
    let mut around = Surroundings {
        env: variables.env(now(), now(), Arc::new(pg::env::NoNames)),
        variables,
        user: "ann".into(),
        database: "films".into(),
        notices: Notices::default(),
        cancel: CancelToken::new(),
    };
    around.env.names = engine.names(&around);
    around
}

criterion_group!(benches, statements, cached);
criterion_main!(benches);
