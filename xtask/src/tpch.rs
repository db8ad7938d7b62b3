//! `cargo xtask tpch`: the 22 queries of TPC-H on the gateway and on a real PostgreSQL over the same data. Prints for each
//! whether the answers are equal, the times of both, and what crossed from the cluster to the gateway.

mod data;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use member::Options as Members;
use testbed::compare::difference;
use testbed::wire::{Client, Reply};

use crate::bed::Bed;
use crate::run::say;

/// What is to be run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The scale factor: 1 is 6 million line items.
    #[arg(long, default_value_t = 0.01)]
    pub scale: f64,
    /// Only so many orders, with their line items.
    #[arg(long)]
    pub orders: Option<usize>,
    /// Only these queries.
    #[arg(long, value_delimiter = ',')]
    pub queries: Vec<usize>,
    /// `hazelgres.pushdown`
    #[arg(long, value_delimiter = ',', default_value = "cost")]
    pub pushdown: Vec<String>,
    /// The gateway to be asked, when it is not the one that is built here.
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Prints the plans, too.
    #[arg(long)]
    pub explain: bool,
    /// The servers stay until this is ended.
    #[arg(long)]
    pub stay: bool,
    /// More lines of SQL for the gateway before the queries: `SET …`.
    #[arg(long)]
    pub set: Vec<String>,
}

impl Options {
    /// The short form, which is a part of the tests: a fifth of the orders.
    pub fn short() -> Options {
        let (queries, set) = (Vec::new(), Vec::new());
        let pushdown = vec!["cost".into(), "full".into()];
        let (program, explain, stay) = (None, false, false);
        Options { scale: 0.01, orders: Some(3000), queries, pushdown, program, explain, stay, set }
    }
}

/// A query of the benchmark.
struct Query {
    number: usize,
    sql: String,
}

/// The queries: each behind a line with its number.
fn queries(scale: f64) -> Vec<Query> {
    let mut queries: Vec<Query> = Vec::new();
    for line in include_str!("tpch/queries.sql").lines() {
        match (line.strip_prefix("-- ").map(str::parse), queries.last_mut()) {
            (Some(Ok(number)), _) => queries.push(Query { number, sql: String::new() }),
            (None, Some(query)) => {
                query.sql.push_str(&line.replace(":fraction", &format!("{:.10}", 0.0001 / scale)));
                query.sql.push('\n');
            }
            _ => {}
        }
    }
    queries
}

/// Runs the queries; whether all answers were equal.
pub fn tpch(options: &Options) -> Result<bool, String> {
    let log = [("HAZELGRES_LOG", "warn,hazelgres=info,hazelgres::moved=debug")];
    // A tenth of scale factor 1 takes about a gigabyte.
    let heap = format!("{}g", 1 + (options.scale * 20.0) as u32);
    let members = Members { name: "tpch".into(), heap, ..Members::default() };
    let bed = Bed::start_with(members, options.program.as_deref(), &log)?;
    let begun = Instant::now();
    data::load((options.scale, options.orders), bed.gateway.port, bed.oracle.port)?;
    say(&format!("data of scale factor {} loaded in {:.1} s", options.scale, begun.elapsed().as_secs_f64()));
    let mut equal = true;
    for pushdown in &options.pushdown {
        say(&format!("\nhazelgres.pushdown = {pushdown}"));
        say("query       answer  gateway   PostgreSQL      rows         bytes moved");
        let mut gateway = Client::connect(bed.gateway.port);
        gateway.query(&format!("SET hazelgres.pushdown = {pushdown}")).ok();
        options.set.iter().for_each(|set| drop(gateway.query(set).ok()));
        for query in queries(options.scale) {
            if options.queries.is_empty() || options.queries.contains(&query.number) {
                equal &= one(&bed, &mut gateway, &query, options)?;
            }
        }
    }
    if options.stay {
        bed.stay();
    }
    Ok(equal)
}

/// One query on both sides; whether the answers are equal.
fn one(bed: &Bed, gateway: &mut Client, query: &Query, options: &Options) -> Result<bool, String> {
    let mut oracle = Client::connect(bed.oracle.port);
    let before = bed.gateway.process.text().len();
    if options.explain {
        explain(gateway, &query.sql);
    }
    let (ours, here) = timed(gateway, &query.sql)?;
    let (theirs, there) = timed(&mut oracle, &query.sql)?;
    let ordered = query.sql.contains("order by");
    let difference = difference(&ours, &theirs, ordered);
    // The scan is logged when its rows have been dropped, which may be a moment after the answer.
    std::thread::sleep(Duration::from_millis(20));
    let (rows, bytes) = moved(bed.gateway.process.text().get(before..).unwrap_or_default());
    let answer = if difference.is_none() { "equal" } else { "NOT EQUAL" };
    say(&format!(
        "{:5} {answer:>12} {:5} ms {:9} ms {rows:9} {bytes:16}",
        query.number,
        here.as_millis(),
        there.as_millis()
    ));
    difference.iter().for_each(|difference| say(&format!("      {difference}")));
    if theirs.rows.is_empty() {
        say("      no rows");
    }
    Ok(difference.is_none())
}

fn timed(client: &mut Client, sql: &str) -> Result<(Reply, Duration), String> {
    let begun = Instant::now();
    let mut replies = client.try_simple(sql)?;
    let took = begun.elapsed();
    if replies.len() == 1 { Ok((replies.remove(0), took)) } else { Err(format!("not one reply to {sql}")) }
}

fn explain(gateway: &mut Client, sql: &str) {
    for row in gateway.query(&format!("EXPLAIN {sql}")).texts() {
        row.into_iter().flatten().for_each(|line| say(&line));
    }
}

/// The rows and bytes that the gateway's log tells of.
fn moved(log: &str) -> (usize, usize) {
    let number = |line: &str, name: &str| -> usize {
        let rest = line.split(name).nth(1).unwrap_or_default();
        rest.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
    };
    let lines = log.lines().filter(|line| line.contains("moved rows="));
    lines.fold((0, 0), |(rows, bytes), line| (rows + number(line, "rows="), bytes + number(line, "bytes=")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_22_queries_of_one_statement_each() {
        let queries = queries(0.01);
        assert_eq!(
            queries.iter().map(|query| query.number).collect::<Vec<_>>(),
            (1..=22).collect::<Vec<_>>()
        );
        assert!(queries.iter().all(|query| query.sql.matches(';').count() == 1));
        assert!(queries.iter().any(|query| query.sql.contains("* 0.0100000000 ")));
    }

    #[test]
    fn what_was_moved_is_added_up() {
        let log = "x DEBUG moved rows=3 bytes=40 way=Sql sql=SELECT\n\
                   y INFO other rows=9 bytes=9\n\
                   z DEBUG moved rows=4 bytes=2 way=Keys sql=SELECT\n";
        assert_eq!(moved(log), (7, 42));
    }
}
