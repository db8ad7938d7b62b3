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
    /// Says it at once.
    pub fn say(&self, name: &str) {
        match self {
            Outcome::Same { lines } => say(&format!("{name}: {lines} lines, the same")),
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

/// What came of all.
#[derive(Debug, Default)]
pub struct Report {
    outcomes: Vec<(String, Outcome)>,
}

impl Report {
    pub fn add(&mut self, name: &str, outcome: Outcome) {
        self.outcomes.push((name.to_owned(), outcome));
    }

    /// How many printed the same, and how many did not.
    pub fn count(&self) -> (usize, usize) {
        let same = self.outcomes.iter().filter(|(_, o)| matches!(o, Outcome::Same { .. })).count();
        (same, self.outcomes.len() - same)
    }

    /// One line a client.
    pub fn print(&self) {
        say("");
        for (name, outcome) in &self.outcomes {
            let words = match outcome {
                Outcome::Same { lines } => format!("same ({lines} lines)"),
                Outcome::Differs { .. } => "DIFFERS".to_owned(),
                Outcome::NotRun(reason) => format!("not run: {}", reason.lines().next().unwrap_or_default()),
            };
            say(&format!("{name:24} {words}"));
        }
        let (same, other) = self.count();
        say(&format!("{same} clients see the same as on PostgreSQL, {other} do not"));
    }
}
