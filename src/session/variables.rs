//! The settings of a session, with what every statement looks at kept at hand. The settings themselves are in
//! [`sql::session::Session`], where functions such as `set_config()` reach them too.

use std::sync::{Arc, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pg::datetime::POSTGRES_EPOCH_UNIX;
use pg::env::ObjectNames;
use pg::error::Severity;
use pg::{Env, Result};
use sql::plan::Options;
use sql::session::Session as SqlSession;
use sql::settings::{Scope, Settings, flatten};

use super::command::TransactionModes;
use super::transaction::End;

/// The settings of a session.
#[derive(Clone, Debug)]
pub struct Variables {
    session: Arc<SqlSession>,
    /// The version of the settings that `hot` was made of.
    seen: u64,
    hot: Hot,
}

/// What every statement looks at.
#[derive(Clone, Debug)]
struct Hot {
    statement_timeout: Option<Duration>,
    idle_session_timeout: Option<Duration>,
    idle_in_transaction_timeout: Option<Duration>,
    read_only: bool,
    least_notice: Severity,
    options: Options,
}

impl Hot {
    fn of(settings: &Settings) -> Hot {
        Hot {
            statement_timeout: settings.timeout("statement_timeout"),
            idle_session_timeout: settings.timeout("idle_session_timeout"),
            idle_in_transaction_timeout: settings.timeout("idle_in_transaction_session_timeout"),
            read_only: settings.is_on("transaction_read_only"),
            options: settings.options(),
            least_notice: match settings.get("client_min_messages").as_str() {
                "error" => Severity::Error,
                "warning" => Severity::Warning,
                "log" => Severity::Log,
                "notice" => Severity::Notice,
                _ => Severity::Debug,
            },
        }
    }
}

impl Variables {
    /// The settings of a session that begins.
    pub fn new(session: Arc<SqlSession>) -> Variables {
        let settings = session.settings();
        let (hot, seen) = (Hot::of(&settings), settings.version());
        drop(settings);
        Variables { session, seen, hot }
    }

    /// The session, as its statements see it.
    pub fn session(&self) -> &Arc<SqlSession> {
        &self.session
    }

    /// All settings. Not to be held across anything that takes long.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        self.session.settings()
    }

    /// Changes whenever a setting may have changed.
    pub fn version(&self) -> u64 {
        self.seen
    }

    /// Changes settings; says whether any may have changed, by this or by a statement before.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Settings) -> T) -> (T, bool) {
        let mut settings = self.session.settings();
        let result = change(&mut settings);
        let changed = settings.version() != self.seen;
        if changed {
            self.seen = settings.version();
            self.hot = Hot::of(&settings);
        }
        (result, changed)
    }

    /// The surroundings of values.
    pub fn env(&self, transaction: i64, statement: i64, names: Arc<dyn ObjectNames>) -> Env {
        self.settings().env(transaction, statement, names)
    }

    /// `transaction_read_only`
    pub fn is_read_only(&self) -> bool {
        self.hot.read_only
    }

    /// What plans depend on.
    pub fn options(&self) -> Options {
        self.hot.options.clone()
    }

    /// `statement_timeout`
    pub fn statement_timeout(&self) -> Option<Duration> {
        self.hot.statement_timeout
    }

    /// `idle_session_timeout`
    pub fn idle_session_timeout(&self) -> Option<Duration> {
        self.hot.idle_session_timeout
    }

    /// `idle_in_transaction_session_timeout`
    pub fn idle_in_transaction_timeout(&self) -> Option<Duration> {
        self.hot.idle_in_transaction_timeout
    }

    /// Whether the client wants to hear of this (`client_min_messages`). INFO always gets through.
    pub fn wants_notice(&self, severity: Severity) -> bool {
        severity == Severity::Info || severity <= self.hot.least_notice
    }

    /// What the transaction is like, for `AND CHAIN`.
    pub fn transaction_modes(&self) -> TransactionModes {
        let settings = self.settings();
        TransactionModes {
            isolation: Some(settings.get("transaction_isolation")),
            read_only: Some(self.hot.read_only),
            deferrable: Some(settings.is_on("transaction_deferrable")),
        }
    }
}

/// `SET name = values`, `SET name = DEFAULT`.
pub(super) fn set(settings: &mut Settings, name: &str, values: Option<&[String]>, local: bool) -> Result<()> {
    let values = values.map(|values| values.iter().map(String::as_str).collect::<Vec<_>>());
    let text = values.map(|values| flatten(name, &values)).transpose()?;
    settings.set(name, text.as_deref(), if local { Scope::Local } else { Scope::Session })
}

/// Sets what a transaction statement says, under names that begin so: `transaction_…` for this transaction,
/// `default_transaction_…` for those to come.
pub(super) fn set_modes(settings: &mut Settings, prefix: &str, modes: &TransactionModes) -> Result<()> {
    let on = |on: bool| if on { "on" } else { "off" };
    let values = [
        ("isolation", modes.isolation.as_deref()),
        ("read_only", modes.read_only.map(on)),
        ("deferrable", modes.deferrable.map(on)),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            settings.set(&format!("{prefix}{name}"), Some(value), Scope::Session)?;
        }
    }
    Ok(())
}

/// What the end of a transaction does to settings.
pub(super) fn end(settings: &mut Settings, end: End) {
    match end {
        End::Committed => settings.commit(),
        End::RolledBack => settings.rollback(),
    }
}

/// Now, as PostgreSQL counts: microseconds since 2000-01-01 UTC.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX) - POSTGRES_EPOCH_UNIX * 1_000_000
}
