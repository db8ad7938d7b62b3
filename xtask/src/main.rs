//! `cargo xtask setup | test | bench`: what the README, CI and people call.

mod bench;
mod run;
mod setup;
mod test;

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
    /// Compares the gateway with Hazelcast's own clients.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Setup => setup::setup(&run::root()).map(|_| true),
        Task::Test(options) => test::test(&options),
        Task::Bench(options) => bench::bench(&options).map(|()| true),
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
