//! `cargo xtask clients`: real clients ask the gateway and a real PostgreSQL the same, and print the same.
//!
//! Each folder of `tests/clients` with a `client.toml` holds clients of one language. They are installed from their
//! registries into `.cache/clients/FOLDER`, and run once against each server; what they print is compared line by line.

mod folder;
mod report;
mod tables;

use std::collections::BTreeSet;

use folder::Folder;
use report::{Outcome, Report};

use crate::bed::Bed;
use crate::run::{root, say};

/// What is to be run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only the clients (or folders of them) of these names.
    names: Vec<String>,
    /// Only the most used ones.
    #[arg(long)]
    ci: bool,
    /// Print what each client printed, not only what differed.
    #[arg(long)]
    show: bool,
}

/// Runs the clients; whether all of them printed what they should.
pub fn clients(options: &Options) -> Result<Report, String> {
    let folders = folder::all(&root().join("tests/clients"))?;
    let wanted: BTreeSet<&str> = options.names.iter().map(String::as_str).collect();
    let known =
        |name: &str| folders.iter().any(|f| f.name == name || f.clients.iter().any(|c| c.name == name));
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no client {unknown}"));
    }
    let bed = Bed::start("clients")?;
    tables::load(&bed)?;
    let mut report = Report::default();
    for folder in &folders {
        let clients: Vec<_> = folder
            .clients
            .iter()
            .filter(|c| !options.ci || c.ci)
            .filter(|c| {
                wanted.is_empty() || wanted.contains(folder.name.as_str()) || wanted.contains(c.name.as_str())
            })
            .collect();
        if clients.is_empty() {
            continue;
        }
        run_folder(folder, &clients, &bed, options, &mut report);
    }
    report.print();
    Ok(report)
}

fn run_folder(
    folder: &Folder,
    clients: &[&folder::Client],
    bed: &Bed,
    options: &Options,
    report: &mut Report,
) {
    say(&format!("\n== {}", folder.name));
    if let Err(reason) = folder.prepare() {
        for client in clients {
            report.add(&client.name, Outcome::NotRun(reason.clone()));
        }
        say(&format!("error: {reason}"));
        return;
    }
    for client in clients {
        let outcome = client.compare(folder, bed, options.show);
        outcome.say(&client.name);
        report.add(&client.name, outcome);
    }
}
