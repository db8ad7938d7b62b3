//! A session as its statements see it: who it is, what it has set, and what the server around it can tell.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pg::Oid;
use pg::prng::Prng;

use crate::settings::{Defaults, Settings};

/// What system functions may ask of the session and the server.
#[derive(Debug)]
pub struct Session {
    /// `pg_backend_pid()`
    pub backend_pid: i32,
    /// When the session began, microseconds since 2000-01-01 UTC.
    pub backend_start: i64,
    /// `pg_postmaster_start_time()`
    pub server_start: i64,
    /// The client's address.
    pub client: Option<SocketAddr>,
    /// The address that the client connected to.
    pub server: Option<SocketAddr>,
    /// The server around.
    pub instance: Arc<dyn Instance>,
    settings: Mutex<Settings>,
    random: Mutex<Prng>,
}

/// The server around a session. Everything has the answer of a server that has nothing to tell.
pub trait Instance: fmt::Debug + Send + Sync {
    /// All sessions (`pg_stat_activity`).
    fn activity(&self) -> Vec<Activity> {
        Vec::new()
    }

    /// `pg_cancel_backend`: false when there is no such session.
    fn cancel(&self, _backend_pid: i32) -> bool {
        false
    }

    /// `pg_terminate_backend`: false when there is no such session.
    fn terminate(&self, _backend_pid: i32) -> bool {
        false
    }

    /// The prepared statements of a session (`pg_prepared_statements`).
    fn prepared_statements(&self, _backend_pid: i32) -> Vec<PreparedStatement> {
        Vec::new()
    }

    /// A statement has been executed.
    fn executed(&self, _execution: &Execution<'_>) {}

    /// What has been executed (`pg_stat_statements`).
    fn statements(&self) -> Vec<StatementStatistics> {
        Vec::new()
    }

    /// How many statements have been forgotten for others, and since when all are counted (`pg_stat_statements_info`).
    fn statements_info(&self) -> (i64, i64) {
        (0, 0)
    }

    /// Forgets statements.
    fn reset_statements(&self, _which: &dyn Fn(&StatementStatistics) -> bool) {}

    /// The cursors of a session (`pg_cursors`).
    fn cursors(&self, _backend_pid: i32) -> Vec<Cursor> {
        Vec::new()
    }
}

/// A server that has nothing to tell.
#[derive(Debug)]
pub struct NoInstance;

impl Instance for NoInstance {}

/// A row of `pg_stat_activity`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Activity {
    pub pid: i32,
    pub database: Arc<str>,
    pub user: Arc<str>,
    pub application_name: String,
    pub client: Option<SocketAddr>,
    /// Microseconds since 2000-01-01 UTC, like the other times.
    pub backend_start: i64,
    pub transaction_start: Option<i64>,
    pub query_start: Option<i64>,
    pub state_change: Option<i64>,
    /// `active`, `idle`, `idle in transaction`, `idle in transaction (aborted)`
    pub state: &'static str,
    pub query: String,
    /// The query is shorter than it was written.
    pub query_cut: bool,
    pub tls: bool,
    /// How many transactions the session has begun.
    pub transactions: u32,
    /// What the statements of the present one name.
    pub relations: Vec<RelationLock>,
}

impl Activity {
    /// Whether no statement is being executed.
    pub fn is_idle(&self) -> bool {
        self.state.starts_with("idle")
    }

    /// A transaction begins.
    pub fn begin_transaction(&mut self) {
        self.transactions = self.transactions.wrapping_add(1);
        self.relations.clear();
    }

    /// A transaction has ended: nothing of it is wanted any more.
    pub fn forget_relations(&mut self) {
        self.relations.clear();
    }

    /// A statement wants these relations, as long as its transaction lasts.
    pub fn want(&mut self, relations: &[RelationLock]) {
        for lock in relations {
            if !self.relations.contains(lock) {
                self.relations.push(*lock);
            }
        }
    }

    /// Whether a transaction is under way that has not failed.
    pub fn in_transaction(&self) -> bool {
        self.transaction_start.is_some() && self.state != "idle in transaction (aborted)"
    }
}

/// A relation that a statement names, and what for (`pg_locks`). Nobody waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelationLock {
    /// The relation.
    pub relation: Oid,
    /// What for.
    pub mode: LockMode,
}

/// What a statement wants of a relation, by the lock that PostgreSQL takes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Its rows are read.
    AccessShare,
    /// They are read `FOR UPDATE` or the like.
    RowShare,
    /// They are changed.
    RowExclusive,
    /// All are removed.
    AccessExclusive,
}

impl LockMode {
    /// As `pg_locks` names it.
    pub fn name(self) -> &'static str {
        match self {
            LockMode::AccessShare => "AccessShareLock",
            LockMode::RowShare => "RowShareLock",
            LockMode::RowExclusive => "RowExclusiveLock",
            LockMode::AccessExclusive => "AccessExclusiveLock",
        }
    }
}

/// An execution of a statement.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Execution<'a> {
    pub user: &'a Arc<str>,
    pub database: &'a Arc<str>,
    /// The statement as it was written.
    pub text: &'a str,
    pub milliseconds: f64,
    pub rows: u64,
}

/// A row of `pg_stat_statements`. Times are milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct StatementStatistics {
    pub user: Arc<str>,
    pub database: Arc<str>,
    pub id: i64,
    pub query: Arc<str>,
    pub calls: i64,
    pub total: f64,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub stddev: f64,
    pub rows: i64,
}

/// A row of `pg_prepared_statements`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct PreparedStatement {
    pub name: String,
    pub statement: String,
    pub prepared_at: i64,
    pub parameter_types: Vec<Oid>,
    pub from_sql: bool,
}

/// A row of `pg_cursors`.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Cursor {
    pub name: String,
    pub statement: String,
    pub holdable: bool,
    pub binary: bool,
    pub scrollable: bool,
    pub created_at: i64,
}

impl Session {
    /// `random()`
    pub(crate) fn random(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).double()
    }

    /// `setseed()`
    pub(crate) fn seed(&self, seed: f64) -> pg::Result<()> {
        *self.random.lock().unwrap_or_else(PoisonError::into_inner) = Prng::from_fraction(seed)?;
        Ok(())
    }

    /// A session with its settings.
    pub fn new(settings: Settings) -> Session {
        Session {
            backend_pid: 0,
            backend_start: 0,
            server_start: 0,
            client: None,
            server: None,
            instance: Arc::new(NoInstance),
            settings: Mutex::new(settings),
            random: Mutex::new(Prng::new(RandomState::new().hash_one(0))),
        }
    }

    /// The settings, to read or change. Not to be held across anything that takes long.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bootstrap superuser's, with PostgreSQL's defaults.
impl Default for Session {
    fn default() -> Session {
        let defaults = Arc::new(Defaults::new("hazelgres"));
        Session::new(Settings::new(defaults, crate::catalog::SUPERUSER))
    }
}
