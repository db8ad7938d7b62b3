//! What came of each client.

use crate::run::say;

/// How many lines of a difference are shown.
const SHOWN: usize = 60;

/// What came of a client.
#[derive(Debug)]
pub enum Outcome {
    /// It printed the same on both sides.
    Same { lines: usize },
    /// It printed something else in front of the gateway.
    Differs { difference: String },
    /// It could not be installed, or does not work with PostgreSQL either.
    NotRun(String),
}

impl Outcome {
    /// It in a few words.
    pub fn words(&self) -> String {
        match self {
            Outcome::Same { lines } => format!("same ({lines} lines)"),
            Outcome::Differs { .. } => "DIFFERS".to_owned(),
            Outcome::NotRun(reason) => format!("not run: {}", reason.lines().next().unwrap_or_default()),
        }
    }

    /// Says it at once.
    pub fn say(&self, name: &str, seconds: u64) {
        match self {
            Outcome::Same { lines } => say(&format!("{name}: {lines} lines, the same, in {seconds} s")),
            Outcome::NotRun(reason) => say(&format!("{name}: not run: {reason}")),
            Outcome::Differs { difference } => {
                say(&format!("{name}: DIFFERS"));
                let lines: Vec<&str> = difference.lines().collect();
                say(&lines.iter().take(SHOWN).copied().collect::<Vec<_>>().join("\n"));
                if lines.len() > SHOWN {
                    say(&format!("… and {} lines more", lines.len() - SHOWN));
                }
            }
        }
    }
}

/// A client that was run.
#[derive(Debug)]
pub struct Ran {
    pub name: String,
    pub version: Option<String>,
    pub outcome: Outcome,
}

/// What came of all.
#[derive(Debug, Default)]
pub struct Report {
    pub ran: Vec<Ran>,
}

impl Report {
    pub fn add(&mut self, name: &str, version: Option<String>, outcome: Outcome) {
        self.ran.push(Ran { name: name.to_owned(), version, outcome });
    }

    /// How many printed the same, and how many did not.
    pub fn count(&self) -> (usize, usize) {
        let same = self.ran.iter().filter(|ran| matches!(ran.outcome, Outcome::Same { .. })).count();
        (same, self.ran.len() - same)
    }

    /// One line a client.
    pub fn print(&self) {
        say("");
        for ran in &self.ran {
            let version = ran.version.as_deref().unwrap_or("");
            say(&format!("{:16} {version:12} {}", ran.name, ran.outcome.words()));
        }
        let (same, other) = self.count();
        say(&format!("{same} clients see the same as on PostgreSQL, {other} do not"));
    }
}
