//! What a statement costs before it runs, when it is seen for the first time: microseconds of one core to read, analyse and
//! plan it. `cargo bench -p sql --bench planning`; the targets are 100 us for short statements and 10 ms for the
//! largest of TPC-H.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pg::Result;
use sql::analyze::{AnalyzeContext, Params, analyze};
use sql::catalog::{Catalog, ColumnRow, Database, MappingRow, Metadata, Names};
use sql::parse::{ParseOptions, parse};
use sql::plan::plan;
use sql::query::Statement;
use sql::session::Session;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Statements as short ones are.
const SHORT: [&str; 5] = [
    "SELECT 1",
    "SELECT * FROM orders WHERE __key = 17",
    "SELECT o_totalprice, o_orderdate FROM orders WHERE o_custkey = 17 AND o_orderstatus = 'F' LIMIT 10",
    "SELECT o_orderpriority, count(*) FROM orders GROUP BY o_orderpriority ORDER BY 2 DESC",
    "SELECT c_name, o_totalprice FROM customer JOIN orders ON c_custkey = o_custkey WHERE o_orderkey = 5",
];

/// The 22 of TPC-H, each behind a line with its number.
const TPCH: &str = include_str!("../../../xtask/src/tpch/queries.sql");

/// Tables, their columns: `i` an INTEGER, `n` a DECIMAL, `d` a DATE, all others VARCHAR.
const TABLES: [(&str, &str); 8] = [
    ("region", "r_regionkey:i r_name r_comment"),
    ("nation", "n_nationkey:i n_name n_regionkey:i n_comment"),
    ("supplier", "s_suppkey:i s_name s_address s_nationkey:i s_phone s_acctbal:n s_comment"),
    ("part", "p_partkey:i p_name p_mfgr p_brand p_type p_size:i p_container p_retailprice:n p_comment"),
    ("partsupp", "ps_partkey:i ps_suppkey:i ps_availqty:i ps_supplycost:n ps_comment"),
    ("customer", "c_custkey:i c_name c_address c_nationkey:i c_phone c_acctbal:n c_mktsegment c_comment"),
    (
        "orders",
        "o_orderkey:i o_custkey:i o_orderstatus o_totalprice:n o_orderdate:d o_orderpriority o_clerk \
         o_shippriority:i o_comment",
    ),
    (
        "lineitem",
        "l_orderkey:i l_partkey:i l_suppkey:i l_linenumber:i l_quantity:n l_extendedprice:n l_discount:n l_tax:n \
         l_returnflag l_linestatus l_shipdate:d l_commitdate:d l_receiptdate:d l_shipinstruct l_shipmode l_comment",
    ),
];

fn metadata() -> Metadata {
    let mut metadata = Metadata { cluster: "bench".into(), ..Metadata::default() };
    for (table, columns) in TABLES {
        metadata.mappings.push(MappingRow {
            schema: "public".into(),
            name: table.into(),
            external_name: format!("\"{table}\""),
            connector: "IMap".into(),
            options: r#"{"keyFormat":"int","valueFormat":"json-flat"}"#.into(),
            rows: Some(60_000),
            ..MappingRow::default()
        });
        let columns = std::iter::once("__key:i").chain(columns.split_whitespace());
        metadata.columns.extend((1..).zip(columns).map(|(ordinal, column)| {
            let (name, kind) = column.split_once(':').unwrap_or((column, "t"));
            let data_type = match kind {
                "i" => "INTEGER",
                "n" => "DECIMAL",
                "d" => "DATE",
                _ => "VARCHAR",
            };
            ColumnRow {
                schema: "public".into(),
                table: table.into(),
                external_name: Some(if name == "__key" { name.into() } else { format!("this.{name}") }),
                name: name.into(),
                ordinal,
                data_type: data_type.into(),
                nullable: true,
            }
        }));
    }
    metadata
}

/// Reads, analyses and plans a text.
fn prepare(catalog: &Arc<Catalog>, session: &Session, text: &str) -> Result<()> {
    let path = session.settings().search_path();
    let names = Arc::new(Names::new(catalog.clone(), path.clone()));
    let env = session.settings().env(800_000_000_000_000, 800_000_000_000_000, names);
    for statement in parse(text, ParseOptions::default())? {
        let cx = AnalyzeContext {
            snapshot: &**catalog,
            search_path: &path,
            env: &env,
            database: catalog.name(),
            params: Params::Variable(&[]),
        };
        if let Statement::Query(query) = &analyze(&statement, &cx)?.statement {
            std::hint::black_box(plan(query, &env)?);
        }
    }
    Ok(())
}

/// Microseconds that a text takes: the median of many times.
fn micros(catalog: &Arc<Catalog>, session: &Session, text: &str) -> Result<f64> {
    const LONG: Duration = Duration::from_millis(200);
    prepare(catalog, session, text)?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < LONG {
        let once = Instant::now();
        prepare(catalog, session, text)?;
        times.push(once.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

#[expect(clippy::print_stdout, reason = "figures are what it is for")]
fn main() {
    let database = Arc::new(Database::new(&metadata(), 1));
    let catalog = Arc::new(Catalog::new(database, "bench", "postgres", Vec::new()));
    let session = Session::default();
    let show = |name: &str, text: &str| match micros(&catalog, &session, text) {
        Ok(micros) => println!("{micros:9.1} us {:9.0} /s  {name}", 1e6 / micros),
        Err(error) => println!("{error}: {name}"),
    };
    for text in SHORT {
        show(text, text);
    }
    for query in TPCH.split("\n-- ").skip(1) {
        let (number, text) = query.split_once('\n').unwrap_or_default();
        show(&format!("TPC-H {number}"), text);
    }
}
