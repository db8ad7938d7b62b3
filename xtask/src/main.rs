//! `cargo xtask setup | test | bench | clients | soak | fuzz`: what the README, CI and people call.

mod bed;
mod bench;
mod bench_client;
mod clients;
mod compatibility;
mod differential;
mod fuzz;
mod reduce;
mod run;
mod scripts;
mod setup;
mod soak;
mod test;
mod tpch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Finds, or installs where it can, everything that the tests need.
    Setup,
    /// Formats, lints, unit tests, then the tests against real members, PostgreSQL and clients.
    Test(test::Options),
    /// Runs random statements on the gateway and on a real PostgreSQL, and compares the answers.
    Differential(differential::Options),
    /// Prints docs/pushdown.md from the table of what is exact.
    Pushdown,
    /// Prints docs/compatibility.md.
    Compatibility,
    /// The queries of TPC-H on the gateway and on a real PostgreSQL: answers, times, and what crossed the wire.
    Tpch(tpch::Options),
    /// Reads SQL scripts, and asks a PostgreSQL about every statement that is a syntax error here.
    Scripts(scripts::Options),
    /// Compares the gateway with Hazelcast's own clients.
    Bench(bench::Options),
    /// Runs real clients against the gateway and against PostgreSQL, and compares what they print.
    Clients(clients::Options),
    /// The client under faults for as long as it takes: members killed, paused, cut off.
    Soak(soak::Options),
    /// libFuzzer on everything in the client that reads bytes of others.
    Fuzz(fuzz::Options),
}

fn pushdown() -> Result<(), String> {
    let path = run::root().join("docs/pushdown.md");
    std::fs::write(&path, sql::plan::pushdown_page()).map_err(|e| format!("{}: {e}", path.display()))
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Setup => setup::setup(&run::root()).map(|_| true),
        Task::Test(options) => test::test(&options),
        Task::Differential(options) => differential::differential(&options),
        Task::Pushdown => pushdown().map(|()| true),
        Task::Compatibility => {
            compatibility::compatibility();
            Ok(true)
        }
        Task::Tpch(options) => tpch::tpch(&options),
        Task::Scripts(options) => scripts::scripts(&options),
        Task::Bench(options) => bench::bench(&options).map(|()| true),
        Task::Clients(options) => clients::clients(&options).map(|report| report.count().1 == 0),
        Task::Soak(options) => soak::soak(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            run::say(&format!("error: {reason}"));
            ExitCode::FAILURE
        }
    }
}
