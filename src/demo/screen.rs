//! What the demo shows while it works: bars and spinners on a terminal, plain lines otherwise. All of it on standard error.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often plain lines tell of something that goes on.
const PACE: Duration = Duration::from_secs(1);

/// Where progress is shown.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: bool,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Screen {
    pub(super) fn new() -> Screen {
        Screen { terminal: std::io::stderr().is_terminal(), spinner: Mutex::new(None) }
    }

    /// A line that stays.
    pub(super) fn say(&self, line: &str) {
        self.done();
        // Nobody reads standard error any more: nothing to be done about it.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Something that may take a while begins, and what began before it is over.
    pub(super) fn step(&self, what: &str) {
        if !self.terminal {
            return self.say(&format!("{what} ..."));
        }
        self.done();
        let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(100));
        *self.spinner.lock().unwrap_or_else(PoisonError::into_inner) = Some(spinner);
    }

    /// What began last is over.
    pub(super) fn done(&self) {
        if let Some(spinner) = self.spinner.lock().unwrap_or_else(PoisonError::into_inner).take() {
            spinner.finish();
        }
    }

    /// Rows that go somewhere, counted.
    pub(super) fn rows(&self, name: &'static str, rows: usize) -> Rows {
        let bar = self.terminal.then(|| {
            let bar = ProgressBar::new(rows as u64).with_message(name);
            let style = ProgressStyle::with_template("  {msg:8} {bar:40} {pos}/{len} rows, {per_sec}");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Rows { name, rows, done: 0, bar, told: Instant::now() }
    }
}

/// The progress of some rows.
#[derive(Debug)]
pub(super) struct Rows {
    name: &'static str,
    rows: usize,
    done: usize,
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Rows {
    /// One more is there.
    pub(super) fn one(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.told.elapsed() >= PACE => {
                self.told = Instant::now();
                let _ = writeln!(std::io::stderr(), "  {}: {} of {} rows", self.name, self.done, self.rows);
            }
            None => (),
        }
    }

    /// All are there.
    pub(super) fn all(self) {
        match self.bar {
            Some(bar) => bar.finish(),
            None => {
                let _ = writeln!(std::io::stderr(), "  {}: {} rows", self.name, self.rows);
            }
        }
    }
}
