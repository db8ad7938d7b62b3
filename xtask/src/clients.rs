//! `cargo xtask clients`: real clients ask the gateway and a real PostgreSQL the same, and print the same.
//!
//! Each folder of `tests/clients` with a `client.toml` holds clients of one language. They are installed from their
//! registries into `.cache/clients/FOLDER`, all folders at once, and run once against each server;
//! what they print is compared line by line.

#[cfg(test)]
mod breakages;
mod folder;
mod page;
mod process;
mod report;
mod tables;

use std::collections::BTreeSet;
use std::time::Instant;

use folder::Folder;
use member::Env;
use report::{Outcome, Report};

use crate::bed::Bed;
use crate::run::{root, say};
use crate::setup;

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
    /// Write what came of it into docs/clients/README.md.
    #[arg(long)]
    write: bool,
}

impl Options {
    /// The most used ones, as CI runs them.
    pub fn most_used() -> Options {
        Options { names: Vec::new(), ci: true, show: false, write: false }
    }
}

/// A folder, and those of its clients that are to be run.
type Chosen<'a> = (&'a Folder, Vec<&'a folder::Client>);

/// Runs the clients, and says what came of each.
pub fn clients(options: &Options) -> Result<Report, String> {
    let folders = folder::all(&root().join("tests/clients"))?;
    let chosen = choose(&folders, options)?;
    setup::setup(&root())?;
    let packages: BTreeSet<&str> = chosen.iter().flat_map(|(folder, _)| folder.missing()).collect();
    if !packages.is_empty()
        && let Err(reason) = setup::install_packages(&Env::current(), &Vec::from_iter(packages))
    {
        // Whoever lacks them says so.
        say(&format!("error: {reason}"));
    }
    let mut report = Report::default();
    let bed = std::thread::scope(|scope| {
        // Installing waits for the network, starting for the processor.
        let started = Instant::now();
        let prepared: Vec<_> = chosen
            .iter()
            .map(|(folder, _)| scope.spawn(move || folder.prepare().map(|()| started.elapsed().as_secs())))
            .collect();
        let bed = Bed::start("clients").and_then(|bed| tables::load(&bed).map(|()| bed));
        let prepared = prepared.into_iter().map(|thread| thread.join().unwrap_or(Err("panicked".into())));
        // All have ended before the first client runs, so that none is timed beside an installation.
        let prepared: Vec<Result<u64, String>> = prepared.collect();
        let bed = bed?;
        for (chosen, prepared) in chosen.iter().zip(prepared) {
            run_folder(chosen, prepared, &bed, options, &mut report);
        }
        Ok::<_, String>(bed)
    })?;
    drop(bed);
    report.print();
    if options.write {
        page::write(&folders, &report)?;
    }
    Ok(report)
}

/// What the options name.
fn choose<'a>(folders: &'a [Folder], options: &Options) -> Result<Vec<Chosen<'a>>, String> {
    let wanted: BTreeSet<&str> = options.names.iter().map(String::as_str).collect();
    let known =
        |name: &str| folders.iter().any(|f| f.name == name || f.clients.iter().any(|c| c.name == name));
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no client {unknown}"));
    }
    let named = |name: &str| wanted.is_empty() || wanted.contains(name);
    let of = |folder: &'a Folder| -> Chosen<'a> {
        let clients = folder.clients.iter().filter(|c| !options.ci || c.ci);
        (folder, clients.filter(|c| named(&folder.name) || named(&c.name)).collect())
    };
    Ok(folders.iter().map(of).filter(|(_, clients)| !clients.is_empty()).collect())
}

fn run_folder(
    (folder, clients): &Chosen<'_>,
    prepared: Result<u64, String>,
    bed: &Bed,
    options: &Options,
    report: &mut Report,
) {
    say(&format!("\n== {}", folder.name));
    match prepared {
        Ok(seconds) => say(&format!("ready after {seconds} s")),
        Err(reason) => {
            say(&format!("error: {reason}"));
            for client in clients {
                report.add(&client.name, None, Outcome::NotRun(reason.clone()));
            }
            return;
        }
    }
    let versions = folder.versions();
    for client in clients {
        let begun = Instant::now();
        let outcome = client.compare(folder, bed, options.show);
        outcome.say(&client.name, begun.elapsed().as_secs());
        report.add(&client.name, client.version(&versions), outcome);
    }
}
