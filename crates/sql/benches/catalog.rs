//! What tools ask of the catalog, with a thousand mappings of thirty columns in it: phase by phase, the slowest first.
//!
//! `cargo bench -p sql --bench catalog`. Statements are psql's (src/analyze/tests/psql.sql) and, when the folder is
//! there, those of `../shared/corpus/queries` (or `$CORPUS_QUERIES`). `$ONLY` picks those that contain a text, `$ROUNDS`
//! repeats each (9).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use futures::future::BoxFuture;
use pg::{Env, Error, Oid, Result, TypeRef, Value};
use sql::analyze::{AnalyzeContext, Params, analyze};
use sql::catalog::{Catalog, ColumnRow, Database, MappingRow, Metadata, Names, Snapshot};
use sql::exec::{CancelToken, Context, run};
use sql::hazelcast::SqlType;
use sql::parse::{ParseOptions, parse};
use sql::plan::{RemoteScan, plan};
use sql::query::Statement;
use sql::remote::{Cluster, Pages};
use sql::session::Session;

/// A cluster that must not be asked.
struct NoCluster;

impl Cluster for NoCluster {
    fn open<'a>(
        &'a self,
        _: &'a Arc<RemoteScan>,
        _: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        Box::pin(async { Err(Error::internal("the cluster was asked")) })
    }
}

/// The movie data's tables, and as many of thirty columns as make a thousand.
fn metadata() -> Metadata {
    let mut metadata = Metadata { cluster: "bench".into(), ..Metadata::default() };
    let movies = ["movies", "casts", "actors", "reviews", "types"].map(str::to_owned);
    let names = movies.into_iter().chain((0..995).map(|n| format!("table_{n:04}")));
    for name in names {
        metadata.mappings.push(MappingRow {
            schema: "public".into(),
            name: name.clone(),
            external_name: format!("\"{name}\""),
            connector: "IMap".into(),
            options: r#"{"keyFormat":"int","valueFormat":"json-flat"}"#.into(),
            rows: Some(1000),
            ..MappingRow::default()
        });
        let types = ["INTEGER", "VARCHAR", "DOUBLE", "DECIMAL", "TIMESTAMP", "BOOLEAN"];
        metadata.columns.extend((1..=30).map(|ordinal| {
            let column = if ordinal == 1 { "__key".to_owned() } else { format!("column_{ordinal}") };
            ColumnRow {
                schema: "public".into(),
                table: name.clone(),
                external_name: Some(if ordinal == 1 { column.clone() } else { format!("this.{column}") }),
                name: column,
                ordinal,
                data_type: types[ordinal as usize % types.len()].into(),
                nullable: true,
            }
        }));
    }
    metadata
}

/// A statement, its parameters and their declared types.
struct Asked {
    tool: String,
    sql: String,
    params: Vec<Option<String>>,
    types: Vec<Oid>,
}

fn psql(catalog: &Catalog) -> Vec<Asked> {
    let movies = catalog.database().class_oid("public", "movies").unwrap_or_default().to_string();
    let text = include_str!("../src/analyze/tests/psql.sql");
    let blocks = text.split("\n\n").filter(|block| !block.starts_with('#'));
    let asked = |sql: &str| Asked {
        tool: "psql".to_owned(),
        sql: sql.replace("16384", &movies),
        params: Vec::new(),
        types: Vec::new(),
    };
    blocks.map(asked).collect()
}

fn corpus(catalog: &Catalog) -> Vec<Asked> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/queries");
    let folder = std::env::var_os("CORPUS_QUERIES").map_or(folder, Into::into);
    let mut asked = Vec::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a readable file");
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            if line["kind"] != "catalog" || !line["expected"]["error"].is_null() {
                continue;
            }
            asked.push(read(catalog, &line));
        }
    }
    asked
}

/// Identifiers of the recorded server become ours.
fn read(catalog: &Catalog, line: &serde_json::Value) -> Asked {
    let mut sql = line["sql"].as_str().unwrap_or_default().to_owned();
    let params = line["params"].as_array().into_iter().flatten();
    let mut params: Vec<Option<String>> = params.map(|p| p.as_str().map(str::to_owned)).collect();
    for (oid, object) in line["oid_refs"].as_object().into_iter().flatten() {
        let (_, name) = object.as_str().unwrap_or_default().split_once(':').unwrap_or_default();
        let Some(ours) = catalog.database().class_oid("public", name) else { continue };
        sql = sql.replace(oid, &ours.to_string());
        params.iter_mut().flatten().for_each(|param| *param = param.replace(oid, &ours.to_string()));
    }
    let types = line["declared_param_oids"].as_array().into_iter().flatten();
    let types = types.map(|oid| Oid(oid.as_u64().unwrap_or_default() as u32)).collect();
    Asked { tool: line["tool"].as_str().unwrap_or_default().to_owned(), sql, params, types }
}

#[derive(Default)]
struct Times {
    phases: [Duration; 4],
    rows: usize,
}

impl Times {
    fn total(&self) -> Duration {
        self.phases.iter().sum()
    }
}

fn answer(catalog: &Arc<Catalog>, session: &Arc<Session>, asked: &Asked) -> Result<Times> {
    let path = session.settings().search_path();
    let names = Arc::new(Names::new(catalog.clone(), path.clone()));
    let env = session.settings().env(800_000_000_000_000, 800_000_000_000_000, names);
    let mut times = Times::default();
    let mut since = Instant::now();
    let mut lap = || std::mem::replace(&mut since, Instant::now()).elapsed();
    let parsed = parse(&asked.sql, ParseOptions::default())?;
    times.phases[0] = lap();
    for statement in parsed {
        let cx = AnalyzeContext {
            snapshot: &**catalog,
            search_path: &path,
            env: &env,
            database: catalog.name(),
            params: Params::Variable(&asked.types),
        };
        let analyzed = analyze(&statement, &cx)?;
        times.phases[1] += lap();
        let Statement::Query(query) = &analyzed.statement else { continue };
        let plan = plan(query, &env)?;
        if std::env::var_os("EXPLAIN").is_some() {
            let (options, measured) = Default::default();
            sql::plan::explain(&[&plan], None, &options, &measured)
                .iter()
                .for_each(|line| eprintln!("{line}"));
        }
        times.phases[2] += lap();
        let params: Result<Vec<Value>> = asked
            .params
            .iter()
            .zip(&analyzed.params)
            .map(|(text, ty)| match text {
                Some(text) => pg::text::input(text, TypeRef::of(*ty), &env),
                None => Ok(Value::Null),
            })
            .collect();
        let context = context(catalog, session, &env, params?);
        times.rows += block_on(run(&plan, context)?.collect())?.len();
        times.phases[3] += lap();
    }
    Ok(times)
}

fn context(catalog: &Arc<Catalog>, session: &Arc<Session>, env: &Env, params: Vec<Value>) -> Context {
    Context {
        rows_before_errors: true,
        env: env.clone(),
        params: params.into(),
        snapshot: catalog.clone() as Arc<dyn Snapshot>,
        cluster: Arc::new(NoCluster),
        session: session.clone(),
        memory_limit: 256 << 20,
        observer: None,
        cancel: CancelToken::new(),
    }
}

#[expect(clippy::print_stdout, reason = "figures are what it is for")]
fn main() {
    let start = Instant::now();
    let metadata = metadata();
    let database = Arc::new(Database::new(&metadata, 1));
    println!("picture {:?}", start.elapsed());
    let start = Instant::now();
    database.prepare();
    println!("prepared {:?}", start.elapsed());
    let catalog = Arc::new(Catalog::new(database, "bench", "postgres", Vec::new()));
    let session = Arc::new(Session::default());
    let only = std::env::var("ONLY").unwrap_or_default();
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(9);
    let mut all = Vec::new();
    for asked in psql(&catalog).into_iter().chain(corpus(&catalog)).filter(|asked| asked.sql.contains(&only))
    {
        let first = match answer(&catalog, &session, &asked) {
            Ok(times) => times,
            Err(error) => {
                println!("{} {error}: {}", asked.tool, line(&asked.sql));
                continue;
            }
        };
        let again = (0..rounds).filter_map(|_| answer(&catalog, &session, &asked).ok());
        let mut runs: Vec<Times> = again.collect();
        runs.sort_by_key(Times::total);
        let median = runs.swap_remove(runs.len() / 2);
        all.push((median, first, asked));
    }
    all.sort_by_key(|(median, ..)| median.total());
    let at =
        |percent: usize| all.get((all.len() * percent / 100).min(all.len() - 1)).map(|(m, ..)| m.total());
    println!("{} statements: p50 {:?} p90 {:?} p99 {:?}", all.len(), at(50), at(90), at(99));
    println!("     total      first      parse    analyze       plan        run    rows");
    for (median, first, asked) in all.iter().rev() {
        let micros = |d: Duration| format!("{:>9}", d.as_micros());
        let phases: Vec<String> = median.phases.iter().map(|d| micros(*d)).collect();
        let (total, first) = (micros(median.total()), micros(first.total()));
        println!(
            "{total}  {first}  {}  {:>6}  {}: {}",
            phases.join("  "),
            median.rows,
            asked.tool,
            line(&asked.sql)
        );
    }
}

fn line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(180).collect()
}
