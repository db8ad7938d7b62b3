//! `cargo xtask bench`: the gateway beside Hazelcast's own clients, in the same minutes of the same machine.
//!
//! The drivers and their workloads are those of `../shared/bench`; members, data and the gateway are seen to here.

mod catalog;
mod cost;
mod figures;
mod fit;
mod maps;
mod table;

use std::path::PathBuf;
use std::process::Command;

use member::{Cluster, Env, Options as Members};
use testbed::{Gateway, PostgreSql};

use crate::bench_client;
use crate::run::{built, cargo, command, root, run, say};
use crate::setup;

/// What is to be measured.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The workloads, as `../shared/bench/README.md` names them; `client`: the client crate alone; `cost`: what the
    /// planner's constants are made of; `catalog`: what tools ask of the catalog.
    #[arg(default_values_t = ["W1".to_owned(), "W2".to_owned(), "W7".to_owned()])]
    workloads: Vec<String>,
    /// The clients; `@gw` is the gateway.
    #[arg(long, default_value = "java,pyhz,raw,mux,pgraw@gw")]
    clients: String,
    /// Connections at once, for look-ups.
    #[arg(long, default_value = "1,16")]
    conns: String,
    /// Only cases whose names match this expression.
    #[arg(long)]
    pub(crate) only: Option<String>,
    /// Times that each case is run.
    #[arg(long, default_value_t = 5)]
    pub(crate) runs: u32,
    /// Rows of the narrow tables.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) points: u32,
    /// Heap of the member. Figures that are published are taken with 4g.
    #[arg(long, default_value = "4g")]
    pub(crate) heap: String,
    /// Members of the cluster. Processor time is that of the first.
    #[arg(long, default_value_t = 1)]
    pub(crate) members: usize,
    /// PostgreSQL with the same data beside it.
    #[arg(long)]
    pub(crate) postgres: bool,
    /// Writes the table of ratios into docs/performance.md.
    #[arg(long)]
    pub(crate) write: bool,
    /// A gateway that is built already.
    #[arg(long)]
    pub(crate) program: Option<PathBuf>,
    /// `cost`: a cluster that is there, NAME@HOST:PORT. The time that passes counts then, not the processors'.
    #[arg(long)]
    pub(crate) cluster: Option<String>,
}

/// Runs the workloads and prints the ratios.
pub fn bench(options: &Options) -> Result<(), String> {
    if options.workloads == ["catalog"] {
        return catalog::bench(options);
    }
    if options.workloads == ["client"] {
        return bench_client::bench(options);
    }
    if options.workloads == ["cost"] {
        return options.costs();
    }
    let drivers = root().join("../shared/bench/run.py");
    if !drivers.is_file() {
        return Err(format!("the drivers of the benchmarks are missing: {}", drivers.display()));
    }
    setup::setup(&root())?;
    let program = options.gateway()?;
    let cluster = options.start_cluster()?;
    let gateway = Gateway::start(&program, &cluster.address())?;
    let build = root().join(".cache/bench");
    let oracle = options.postgres.then(|| PostgreSql::start(&setup::tool("postgresql")?)).transpose()?;
    let postgres = oracle.as_ref().map(|oracle| oracle.port);
    Bench { drivers, build, cluster: &cluster, gateway: gateway.port, postgres, options }.run()
}

impl Options {
    /// The gateway as it is shipped.
    fn gateway(&self) -> Result<PathBuf, String> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        say("Building the gateway as it is shipped");
        run(cargo().args(["build", "--release", "--bin", "hazelgres"]))?;
        Ok(built("release/hazelgres"))
    }

    fn start_cluster(&self) -> Result<Cluster, String> {
        let members = Members {
            heap: self.heap.clone(),
            name: "bench".into(),
            members: self.members,
            ..Members::default()
        };
        Cluster::start(&Env::current(), &members, &|what: &str| say(what)).map_err(|e| e.to_string())
    }

    /// `cargo xtask bench cost`
    fn costs(&self) -> Result<(), String> {
        let program = self.gateway()?;
        let mut cluster = match self.cluster {
            Some(_) => None,
            None => Some(self.start_cluster()?),
        };
        let address = self.cluster.clone().or_else(|| Some(cluster.as_ref()?.address()));
        let gateway = Gateway::start(&program, &address.unwrap_or_default())?;
        let mut processes = vec![gateway.process.pid()];
        for member in 0..self.members {
            processes.extend(cluster.as_mut().and_then(|cluster| Some(cluster.member(member)?.pid())));
        }
        let place = cost::Place {
            port: gateway.port,
            processes: &processes,
            points: self.points,
            runs: self.runs,
            by_time: self.cluster.is_some(),
        };
        cost::report(&place)
    }
}

/// Seconds of processor time of a process, of threads that have ended, too.
pub(crate) fn processor_seconds(pid: u32) -> f64 {
    /// Ticks a second, as Linux tells them to programs.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

/// Puts the table into the page, in place of the one that is there.
fn write_table(table: &str) -> Result<(), String> {
    let page = root().join("docs/performance.md");
    let text = std::fs::read_to_string(&page).map_err(|error| error.to_string())?;
    let new = with_table(&text, table).ok_or("docs/performance.md has no place for the table")?;
    std::fs::write(&page, new).map_err(|error| error.to_string())
}

/// The text with another first table.
fn with_table(text: &str, table: &str) -> Option<String> {
    let begin = text.find("\n| ")? + 1;
    let end = text.get(begin..)?.find("\n\n").map_or(text.len(), |length| begin + length);
    Some(format!("{}{table}{}", text.get(..begin)?, text.get(end..)?))
}

struct Bench<'a> {
    drivers: PathBuf,
    build: PathBuf,
    cluster: &'a Cluster,
    gateway: u16,
    postgres: Option<u16>,
    options: &'a Options,
}

impl Bench<'_> {
    fn run(&self) -> Result<(), String> {
        if !self.build.join("benchraw").is_file() {
            say("Building the drivers");
            run(self.driver()?.arg("build"))?;
        }
        run(self.driver()?.args(["load", "--what", "seed,ins,points_compact,points_json,wide"]))?;
        if let Some(port) = self.postgres {
            run(self.driver()?.args(["load-pg", "--target", &format!("pg=127.0.0.1:{port}")]))?;
        }
        let json = self.build.join("last.json");
        let mut measure = self.driver()?;
        measure.args(&self.options.workloads).arg("--json").arg(&json);
        measure.arg("--target").arg(format!("gw=127.0.0.1:{}", self.gateway));
        if let Some(port) = self.postgres {
            measure.arg("--target").arg(format!("pg=127.0.0.1:{port}"));
        }
        measure.args(["--clients", &self.options.clients, "--conns", &self.options.conns]);
        measure.args(["--runs", &self.options.runs.to_string()]);
        if let Some(only) = &self.options.only {
            measure.args(["--only", only]);
        }
        run(&mut measure)?;
        let table = table::table(&figures::Figures::read(&json)?);
        say(&format!("\n{table}"));
        if self.options.write {
            write_table(&table)?;
        }
        for other in self.options.clients.split(',').filter(|client| !client.contains('@')) {
            say(&format!("\nthe gateway (pgraw@gw) against {other}"));
            run(self.driver()?.args(["compare", "pgraw@gw", other]).arg(&json))?;
        }
        Ok(())
    }

    /// `run.py` with the environment that its README asks for.
    fn driver(&self) -> Result<Command, String> {
        let mut command = command(setup::tool("python")?);
        let port = self.cluster.ports().first().copied().unwrap_or_default();
        command.arg(&self.drivers).env("BENCH_HZ", format!("127.0.0.1:{port}"));
        command.env("HZ_CLUSTER", self.cluster.name()).env("BENCH_BUILD", &self.build);
        command.env("BENCH_HZ_CP", setup::tool("hazelcast")?).env("BENCH_PGJDBC_CP", setup::tool("pgjdbc")?);
        command
            .env("BENCH_PYTHON", setup::tool("python")?)
            .env("BENCH_POINTS", self.options.points.to_string())
            .env("BENCH_WIDE", (self.options.points / 10).max(1).to_string())
            .env("PGUSER", "postgres")
            .env("PGDATABASE", "postgres");
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::with_table;

    #[test]
    fn a_table_takes_the_place_of_another() {
        let page = "# Title\n\nText.\n\n| a |\n| - |\n\nMore.\n";
        assert_eq!(with_table(page, "| b |").unwrap(), "# Title\n\nText.\n\n| b |\n\nMore.\n");
        assert_eq!(with_table("none", "| b |"), None);
    }
}
