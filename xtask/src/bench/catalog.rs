//! `cargo xtask bench catalog`: what tools ask of the catalog, with a thousand mappings of thirty columns in the cluster and as
//! many tables in a PostgreSQL beside it. The statements are those of `../shared/corpus/queries`. Each is run anew, under a
//! setting under which it was not run before, and again, when the gateway has its answer.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use member::{Cluster, Env, Options as Members};
use serde_json::Value as Json;
use testbed::wire::Client;
use testbed::{Gateway, PostgreSql};

use super::Options;
use crate::run::{command, output, root, run, say};
use crate::setup;

const TABLES: usize = 1_000;
const COLUMNS: usize = 30;
/// Connections that are made of each kind, and times that a statement is run for each of `--runs`.
const CONNECTIONS: usize = 40;
/// Types that columns have in turn: Hazelcast's word, and PostgreSQL's.
const TYPES: [(&str, &str); 6] = [
    ("INTEGER", "int4"),
    ("VARCHAR", "varchar"),
    ("DOUBLE", "float8"),
    ("DECIMAL", "numeric"),
    ("TIMESTAMP", "timestamp"),
    ("BOOLEAN", "bool"),
];

/// A statement of a tool.
struct Asked {
    tool: String,
    sql: String,
    params: Vec<Option<String>>,
    /// What identifiers in the text stand for.
    oids: BTreeMap<String, String>,
}

/// Settings under which a statement may be run anew.
const ANEW_MAX: u32 = 19;

/// Microseconds on both sides.
struct Took {
    name: String,
    gateway: f64,
    postgresql: f64,
}

/// Microseconds of a statement.
#[derive(Clone, Copy, Default)]
struct Times {
    anew: f64,
    again: f64,
}

/// One of them.
type Which = fn(&Times) -> f64;

/// What a statement took on both sides.
struct Compared {
    tool: String,
    line: String,
    gateway: Times,
    postgresql: Times,
}

impl Compared {
    fn took(&self, of: Which) -> Took {
        let name = format!("{}: {}", self.tool, self.line.replace('|', "\\|"));
        Took { name, gateway: of(&self.gateway), postgresql: of(&self.postgresql) }
    }
}

/// Measures, and prints the table.
pub fn bench(options: &Options) -> Result<(), String> {
    setup::setup(&root())?;
    let program = options.gateway()?;
    let members = Members { name: "catalog".into(), ..Members::default() };
    let cluster =
        Cluster::start(&Env::current(), &members, &|what: &str| say(what)).map_err(|e| e.to_string())?;
    let oracle = PostgreSql::start(&setup::tool("postgresql")?)?;
    say(&format!("Creating {TABLES} mappings and tables of {COLUMNS} columns"));
    create(&cluster, &oracle)?;
    let gateway = Gateway::start(&program, &cluster.address())?;
    let mut took = connecting(gateway.port, oracle.port)?;
    let asked: Vec<Asked> =
        corpus()?.into_iter().filter(|a| options.only.as_ref().is_none_or(|o| a.sql.contains(o))).collect();
    let statements = statements(&asked, gateway.port, oracle.port, options.runs)?;
    let ways: [(&str, Which); 2] = [("anew", |times| times.anew), ("again", |times| times.again)];
    for (tool, (way, of)) in ["metabase", "npgsql"].iter().flat_map(|tool| ways.map(|way| (tool, way))) {
        let all = statements.iter().filter(|compared| compared.tool == *tool).map(|c| c.took(of));
        let (gateway, postgresql) =
            all.fold((0.0, 0.0), |sum, took| (sum.0 + took.gateway, sum.1 + took.postgresql));
        took.push(Took {
            name: format!("all statements of {tool} about the catalog, {way}"),
            gateway,
            postgresql,
        });
    }
    say("\n| | gateway ms | PostgreSQL ms | ratio |\n| --- | --- | --- | --- |");
    took.iter().for_each(print);
    for (way, of) in ways {
        report(way, statements.iter().map(|compared| compared.took(of)).collect());
    }
    Ok(())
}

/// Mappings by Hazelcast's own client, before there is a gateway that would look at each; tables by psql.
fn create(cluster: &Cluster, oracle: &PostgreSql) -> Result<(), String> {
    let names = ["movies", "casts", "actors", "reviews", "types"].map(str::to_owned);
    let names: Vec<String> = names.into_iter().chain((5..TABLES).map(|n| format!("table_{n:04}"))).collect();
    let columns = |word: fn(&(&'static str, &'static str)) -> &'static str| -> String {
        let column = |n: usize| format!(", column_{n} {}", TYPES.get(n % TYPES.len()).map_or("", word));
        (2..=COLUMNS).map(column).collect()
    };
    let (ours, theirs) = (columns(|(ours, _)| ours), columns(|(_, theirs)| theirs));
    let folder = root().join(".cache/bench");
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let file = folder.join("catalog.sql");
    let write = |lines: Vec<String>| std::fs::write(&file, lines.join("\n")).map_err(|e| e.to_string());
    let mapping = |name: &String| {
        format!(
            "CREATE MAPPING {name} (__key INTEGER{ours}) TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')"
        )
    };
    write(names.iter().map(mapping).collect())?;
    let (name, address) =
        cluster.address().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
    let script = root().join("xtask/src/bench/mappings.py");
    run(command(setup::tool("python")?).arg(script).args([&name, &address]).arg(&file))?;
    write(
        names.iter().map(|name| format!("CREATE TABLE {name} (__key int4 PRIMARY KEY{theirs});")).collect(),
    )?;
    run(psql(oracle.port)?.arg("-q").arg("-f").arg(&file))?;
    run(psql(oracle.port)?.args(["-q", "-c", "ANALYZE", "-c", "VACUUM"]))
}

fn psql(port: u16) -> Result<std::process::Command, String> {
    let mut psql = command(setup::tool("psql")?);
    psql.args(["-X", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-p", &port.to_string()]);
    Ok(psql)
}

/// What connections take.
fn connecting(gateway: u16, oracle: u16) -> Result<Vec<Took>, String> {
    let by_psql = |port: u16| -> Result<f64, String> {
        let once = || -> Result<Duration, String> {
            let begun = Instant::now();
            output(psql(port)?.args(["-Atc", "SELECT 1"])).map(|_| begun.elapsed())
        };
        Ok(median((0..CONNECTIONS).map(|_| once()).collect::<Result<_, _>>()?))
    };
    let by_wire = |port: u16| {
        let once = || {
            let begun = Instant::now();
            Client::connect(port).query("SELECT 1");
            begun.elapsed()
        };
        median((0..CONNECTIONS).map(|_| once()).collect())
    };
    let by_pgjdbc = |port: u16| -> Result<f64, String> {
        let url = format!("jdbc:postgresql://127.0.0.1:{port}/postgres?user=postgres");
        let mut java = command(setup::tool("java")?);
        java.arg("-cp").arg(setup::tool("pgjdbc")?).arg(root().join("xtask/src/bench/Connect.java"));
        output(java.args([&url, &CONNECTIONS.to_string()]))?
            .trim()
            .parse()
            .map_err(|_| "Connect printed no number".to_owned())
    };
    Ok(vec![
        Took {
            name: "a connection and SELECT 1".into(),
            gateway: by_wire(gateway),
            postgresql: by_wire(oracle),
        },
        Took {
            name: "the same by psql, which is started".into(),
            gateway: by_psql(gateway)?,
            postgresql: by_psql(oracle)?,
        },
        Took {
            name: "the same by pgjdbc".into(),
            gateway: by_pgjdbc(gateway)?,
            postgresql: by_pgjdbc(oracle)?,
        },
    ])
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

/// The statements about the catalog that were recorded, and are no errors.
fn corpus() -> Result<Vec<Asked>, String> {
    let folder = root().join("../shared/corpus/queries");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut asked = Vec::new();
    for file in files {
        let tool = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).map_err(|e| e.to_string())?;
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
        asked.extend(lines.filter_map(|line| read(&tool, &line)));
    }
    Ok(asked)
}

fn read(tool: &str, line: &Json) -> Option<Asked> {
    let is = |name: &str| line.get(name).is_some_and(|value| *value != Json::Bool(false) && !value.is_null());
    let failed = line.pointer("/expected/error").is_some();
    if line.get("kind")? != "catalog" || failed || is("session_dependent") || is("describe_only") {
        return None;
    }
    let params = line.get("params").and_then(Json::as_array).into_iter().flatten();
    let oids = line.get("oid_refs").and_then(Json::as_object).into_iter().flatten();
    Some(Asked {
        tool: tool.to_owned(),
        sql: line.get("sql")?.as_str()?.to_owned(),
        params: params.map(|p| p.as_str().map(str::to_owned)).collect(),
        oids: oids.filter_map(|(oid, name)| Some((oid.clone(), name.as_str()?.to_owned()))).collect(),
    })
}

/// A side that is asked, and the identifiers that names have there.
struct Side {
    client: Client,
    known: HashMap<String, String>,
}

impl Side {
    fn new(port: u16) -> Side {
        Side { client: Client::connect(port), known: HashMap::new() }
    }

    fn oid(&mut self, object: &str) -> Option<String> {
        if !self.known.contains_key(object) {
            let (catalog, name) = object.split_once(':')?;
            let column = match catalog {
                "pg_class" => "relname",
                "pg_type" => "typname",
                "pg_namespace" => "nspname",
                "pg_constraint" => "conname",
                _ => return None,
            };
            let reply = self.client.query(&format!("SELECT oid FROM {catalog} WHERE {column} = '{name}'"));
            let found = reply.texts().first()?.first()?.clone()?;
            self.known.insert(object.to_owned(), found);
        }
        self.known.get(object).cloned()
    }

    /// The medians of some runs after a first one, anew and again; nothing when the statement fails here.
    fn time(&mut self, asked: &Asked, runs: u32) -> Option<Times> {
        let (mut sql, mut params) = (asked.sql.clone(), asked.params.clone());
        for (oid, object) in &asked.oids {
            let ours = self.oid(object)?;
            sql = sql.replace(oid, &ours);
            params.iter_mut().flatten().for_each(|param| *param = param.replace(oid, &ours));
        }
        let params: Vec<Option<&str>> = params.iter().map(Option::as_deref).collect();
        let mut anew = Vec::new();
        for setting in 0..=runs.min(ANEW_MAX - 1) {
            self.client.query(&format!("SET extra_float_digits = {}", i64::from(setting) - 15));
            anew.push(self.once(&sql, &params)?);
        }
        let again = (0..runs).map(|_| self.once(&sql, &params)).collect::<Option<_>>()?;
        Some(Times { anew: median(anew.split_off(1)), again: median(again) })
    }

    fn once(&mut self, sql: &str, params: &[Option<&str>]) -> Option<Duration> {
        let begun = Instant::now();
        let failed = match params.is_empty() {
            true => self.client.simple(sql).iter().any(|reply| reply.error.is_some()),
            false => self.client.extended(sql, params, 0).error.is_some(),
        };
        (!failed).then(|| begun.elapsed())
    }
}

fn statements(asked: &[Asked], gateway: u16, oracle: u16, runs: u32) -> Result<Vec<Compared>, String> {
    let (mut ours, mut theirs) = (Side::new(gateway), Side::new(oracle));
    let mut took = Vec::new();
    for asked in asked {
        let line: String =
            asked.sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(110).collect();
        let (Some(gateway), Some(postgresql)) = (ours.time(asked, runs), theirs.time(asked, runs)) else {
            say(&format!("not measured: {}: {line}", asked.tool));
            continue;
        };
        took.push(Compared { tool: asked.tool.clone(), line, gateway, postgresql });
    }
    if took.is_empty() { Err("no statement was measured".into()) } else { Ok(took) }
}

fn print(took: &Took) {
    let Took { name, gateway, postgresql } = took;
    let (gateway, postgresql, ratio) = (gateway / 1e3, postgresql / 1e3, gateway / postgresql);
    say(&format!("| {name} | {gateway:.2} | {postgresql:.2} | {ratio:.2} |"));
}

/// The percentiles of all statements, and those that took longest.
fn report(way: &str, mut statements: Vec<Took>) {
    let at = |of: fn(&Took) -> f64, part: f64| -> f64 {
        let mut times: Vec<f64> = statements.iter().map(of).collect();
        times.sort_by(f64::total_cmp);
        let place = ((times.len() - 1) as f64 * part).round() as usize;
        times.get(place).copied().unwrap_or(f64::NAN)
    };
    for (name, part) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("the slowest", 1.0)] {
        print(&Took {
            name: format!("{name} of {} statements, {way}", statements.len()),
            gateway: at(|took| took.gateway, part),
            postgresql: at(|took| took.postgresql, part),
        });
    }
    statements.sort_by(|a, b| b.gateway.total_cmp(&a.gateway));
    say(&format!("\nThe slowest, {way}:"));
    statements.iter().take(12).for_each(print);
    statements.sort_by(|a, b| (b.gateway / b.postgresql).total_cmp(&(a.gateway / a.postgresql)));
    say(&format!("\nThe slowest beside PostgreSQL, {way}:"));
    statements.iter().take(12).for_each(print);
    say("");
}
