//! What the executor does by itself over a map of a million rows, in rows a second on one core: from pages of values to the
//! result. `cargo bench -p sql --bench local`; `$ROWS` says how many rows, `$MEMORY` how many bytes may be held (256 MB), `$ONLY`
//! what is in the statements that are run.

use std::sync::Arc;

use futures::executor::block_on;
use futures::future::BoxFuture;
use pg::{Numeric, Result, Value};
use sql::analyze::{AnalyzeContext, Params, analyze};
use sql::catalog::{Catalog, ColumnRow, Database, MappingRow, Metadata, Names, Snapshot};
use sql::exec::{CancelToken, Context, run};
use sql::hazelcast::SqlType;
use sql::parse::{ParseOptions, parse};
use sql::plan::{Options, Pushdown, RemoteScan, Ways, plan_with};
use sql::query::Statement;
use sql::remote::{Batch, Cluster, Pages};
use sql::session::Session;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STATEMENTS: [&str; 12] = [
    "SELECT count(i), sum(i), avg(i), min(i), max(i) FROM big",
    "SELECT sum(b), avg(b) FROM big",
    "SELECT sum(n), avg(n) FROM big",
    "SELECT few, count(*), sum(i) FROM big GROUP BY few",
    "SELECT few, sum(n), avg(b), min(t), max(t) FROM big GROUP BY few",
    "SELECT many, count(*), sum(b) FROM big GROUP BY many",
    "SELECT t, count(*) FROM big GROUP BY t",
    "SELECT count(r) FROM (SELECT row_number() OVER (PARTITION BY few ORDER BY i) AS r FROM big) x",
    "SELECT count(r) FROM (SELECT sum(b) OVER (PARTITION BY many ORDER BY i) AS r FROM big) x",
    "SELECT i, rank() OVER (PARTITION BY few ORDER BY b DESC) FROM big",
    "SELECT i, t FROM big ORDER BY b",
    "SELECT i, t FROM big ORDER BY b DESC LIMIT 10",
];

/// The map: a few thousand rows that are sent again and again, each time with other numbers.
struct Big {
    rows: usize,
}

struct BigPages {
    columns: Vec<String>,
    at: usize,
    rows: usize,
    texts: Vec<Value>,
    numbers: Vec<Value>,
}

/// The rows of a page.
const PAGE: usize = 1024;

impl Pages for BigPages {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let end = (self.at + PAGE).min(self.rows);
        let rows: Batch =
            (self.at..end).map(|at| self.columns.iter().map(|c| self.value(c, at)).collect()).collect();
        self.at = end;
        Box::pin(std::future::ready(Ok((!rows.is_empty()).then_some(rows))))
    }
}

impl BigPages {
    fn value(&self, column: &str, at: usize) -> Value {
        let mixed = at.wrapping_mul(2_654_435_761) % 1_000_003;
        match column {
            "few" => Value::Int4((mixed % 20) as i32),
            "many" => Value::Int4((mixed % 200_000) as i32),
            "b" => Value::Int8(mixed as i64),
            "n" => self.numbers[mixed % self.numbers.len()].clone(),
            "t" => self.texts[mixed % self.texts.len()].clone(),
            _ => Value::Int4(mixed as i32),
        }
    }
}

impl Cluster for Big {
    fn open<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        _: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        let columns =
            scan.sql.split("t.\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
        let texts = (0..5000).map(|n| Value::text(format!("customer number {n}"))).collect();
        let number = |n: usize| {
            Numeric::parse(&format!("{}.{:02}", n * 7, n % 100)).ok().map(|n| Value::Numeric(Arc::new(n)))
        };
        let numbers = (1..5000).filter_map(number).collect();
        let pages = BigPages { columns: columns.collect(), at: 0, rows: self.rows, texts, numbers };
        Box::pin(std::future::ready(Ok(Box::new(pages) as Box<dyn Pages>)))
    }
}

fn metadata() -> Metadata {
    let mut metadata = Metadata { cluster: "bench".into(), ..Metadata::default() };
    metadata.mappings.push(MappingRow {
        schema: "public".into(),
        name: "big".into(),
        external_name: "\"big\"".into(),
        connector: "IMap".into(),
        options: r#"{"keyFormat":"int","valueFormat":"json-flat"}"#.into(),
        ..MappingRow::default()
    });
    let columns = [
        ("__key", "INTEGER"),
        ("i", "INTEGER"),
        ("few", "INTEGER"),
        ("many", "INTEGER"),
        ("b", "BIGINT"),
        ("n", "DECIMAL"),
        ("t", "VARCHAR"),
    ];
    metadata.columns.extend((1..).zip(columns).map(|(ordinal, (name, data_type))| ColumnRow {
        schema: "public".into(),
        table: "big".into(),
        external_name: Some(if ordinal == 1 { name.into() } else { format!("this.{name}") }),
        name: name.into(),
        ordinal,
        data_type: data_type.into(),
        nullable: true,
    }));
    metadata
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

fn answer(catalog: &Arc<Catalog>, session: &Arc<Session>, sql: &str, rows: usize) -> Result<usize> {
    let path = session.settings().search_path();
    let names = Arc::new(Names::new(catalog.clone(), path.clone()));
    let env = session.settings().env(800_000_000_000_000, 800_000_000_000_000, names);
    let mut found = 0;
    for statement in parse(sql, ParseOptions::default())? {
        let cx = AnalyzeContext {
            snapshot: &**catalog,
            search_path: &path,
            env: &env,
            database: catalog.name(),
            params: Params::Variable(&[]),
        };
        let analyzed = analyze(&statement, &cx)?;
        let Statement::Query(query) = &analyzed.statement else { continue };
        let ways = Ways { entries: false, size: false, ..Ways::default() };
        let options = Options { pushdown: Pushdown::None, ways, ..Options::default() };
        let plan = plan_with(query, &env, options)?;
        let context = Context {
            rows_before_errors: true,
            env: env.clone(),
            params: Arc::new([]),
            snapshot: catalog.clone() as Arc<dyn Snapshot>,
            cluster: Arc::new(Big { rows }),
            session: session.clone(),
            memory_limit: number("MEMORY", 256 << 20),
            observer: None,
            cancel: CancelToken::new(),
        };
        let mut stream = run(&plan, context)?;
        while let Some(batch) = block_on(stream.next())? {
            found += batch.len();
        }
    }
    Ok(found)
}

/// Processor time of this process, which others don't disturb as they do the clock.
fn processor_seconds() -> f64 {
    /// Ticks a second, as Linux tells them to programs.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

#[expect(clippy::print_stdout, reason = "figures are what it is for")]
fn main() {
    let rows = number("ROWS", 1_000_000);
    let database = Arc::new(Database::new(&metadata(), 1));
    let catalog = Arc::new(Catalog::new(database, "bench", "postgres", Vec::new()));
    let session = Arc::new(Session::default());
    let only = std::env::var("ONLY").unwrap_or_default();
    for sql in STATEMENTS.into_iter().filter(|sql| sql.contains(&only)) {
        let begun = processor_seconds();
        match answer(&catalog, &session, sql, rows) {
            Ok(found) => {
                let rate = rows as f64 / (processor_seconds() - begun) / 1e6;
                println!("{rate:6.2} M rows/s {found:8} rows  {sql}");
            }
            Err(error) => println!("{error}: {sql}"),
        }
    }
}
