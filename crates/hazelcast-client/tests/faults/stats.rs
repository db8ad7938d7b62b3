//! What came of the operations: answers, errors by kind, and what must not be.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hazelcast_client::{Error, Result};

/// How much later than its deadline an operation may end: the machine is busy with four processes.
const GRACE: Duration = Duration::from_secs(4);
/// After so long it is said to hang.
const HANGS: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Stats(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    answers: BTreeMap<&'static str, u64>,
    errors: BTreeMap<String, u64>,
    longest: BTreeMap<&'static str, Duration>,
    /// What must not be.
    wrong: Vec<String>,
}

impl Stats {
    /// Runs an operation, which must end soon after its deadline.
    pub async fn run<T>(
        &self,
        what: &'static str,
        deadline: Duration,
        operation: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let begun = Instant::now();
        let Ok(result) = tokio::time::timeout(deadline + HANGS, operation).await else {
            self.wrong(format!("{what} hangs"));
            return Err(Error::ClientClosed);
        };
        let took = begun.elapsed();
        let mut inner = self.0.lock().unwrap();
        let longest = inner.longest.entry(what).or_default();
        *longest = took.max(*longest);
        match &result {
            Ok(_) => *inner.answers.entry(what).or_default() += 1,
            Err(error) => *inner.errors.entry(format!("{what}: {}", kind(error))).or_default() += 1,
        }
        if took > deadline + GRACE {
            inner.wrong.push(format!("{what} took {took:?}"));
        }
        drop(inner);
        if let Err(Error::Protocol(_) | Error::InvalidArgument(_) | Error::ClientClosed) = &result {
            self.wrong(format!("{what}: {:?}", result.as_ref().err()));
        }
        result
    }

    pub fn wrong(&self, what: String) {
        eprintln!("WRONG: {what}");
        self.0.lock().unwrap().wrong.push(what);
    }

    pub fn clear(&self) {
        let mut inner = self.0.lock().unwrap();
        let wrong = std::mem::take(&mut inner.wrong);
        *inner = Inner { wrong, ..Inner::default() };
    }

    pub fn check(&self) {
        let inner = self.0.lock().unwrap();
        assert!(inner.wrong.is_empty(), "{:#?}", inner.wrong);
        assert!(
            inner.answers.values().all(|count| *count > 0) && inner.answers.len() > 8,
            "too little was done"
        );
    }
}

fn kind(error: &Error) -> String {
    match error {
        Error::ConnectionLost { sent: true, .. } => "connection lost".to_owned(),
        Error::ConnectionLost { sent: false, .. } => "connection lost before it was sent".to_owned(),
        Error::NotConnected(_) => "not connected".to_owned(),
        Error::Connect { .. } => "cannot connect".to_owned(),
        Error::Timeout { .. } => "timeout".to_owned(),
        Error::Sql(error) => format!("SQL error {} {:.90}", error.code, error.root_message()),
        Error::Member(error) => format!("exception {}", error.code()),
        other => other.to_string(),
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.lock().unwrap();
        for (what, count) in &inner.answers {
            writeln!(f, "{count:>9} answers to {what}, the longest took {:?}", inner.longest[what])?;
        }
        for (what, count) in &inner.errors {
            writeln!(f, "{count:>9} errors: {what}")?;
        }
        Ok(())
    }
}
