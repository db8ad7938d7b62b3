//! What has been executed here, and how long that took: `pg_stat_statements`, after the extension of that name. Statements
//! are one when they differ in nothing but constants ([`sql::parse::normalize`]), for each user and database.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sql::parse::normalize::recorded;
use sql::session::{Execution, StatementStatistics};

use crate::session::variables::now;

/// Statements that are kept (`pg_stat_statements.max`).
const MOST: usize = 5_000;
/// Of each a text of so many bytes; the rest is cut off.
const TEXT_BYTES: usize = 4 << 10;
/// Texts as they were written of which it is known what they are, so that they are not read again.
const KNOWN_MOST: usize = 8_192;

/// All statements.
#[derive(Debug)]
pub struct Statements {
    hasher: RandomState,
    known: RwLock<HashMap<u64, Known>>,
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    entries: HashMap<Key, Arc<Entry>>,
    /// How often statements were forgotten to make room.
    forgotten: i64,
    /// Since when all are counted.
    since: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    user: Arc<str>,
    database: Arc<str>,
    id: i64,
}

/// A text that was executed before.
#[derive(Debug)]
struct Known {
    user: Arc<str>,
    database: Arc<str>,
    text: Box<str>,
    entry: Arc<Entry>,
}

#[derive(Debug)]
struct Entry {
    query: Arc<str>,
    counts: Mutex<Counts>,
}

/// Welford's way to a variance, as the extension goes it.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    calls: i64,
    total: f64,
    min: f64,
    max: f64,
    mean: f64,
    squares: f64,
    rows: i64,
}

impl Counts {
    fn add(&mut self, milliseconds: f64, rows: u64) {
        self.calls = self.calls.saturating_add(1);
        self.total += milliseconds;
        self.rows = self.rows.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX));
        if self.calls == 1 {
            (self.min, self.max, self.mean) = (milliseconds, milliseconds, milliseconds);
            return;
        }
        self.min = self.min.min(milliseconds);
        self.max = self.max.max(milliseconds);
        let before = self.mean;
        #[expect(clippy::cast_precision_loss, reason = "a mean")]
        let calls = self.calls as f64;
        self.mean += (milliseconds - before) / calls;
        self.squares += (milliseconds - before) * (milliseconds - self.mean);
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    fn stddev(&self) -> f64 {
        if self.calls > 1 { (self.squares / self.calls as f64).sqrt() } else { 0.0 }
    }
}

impl Default for Statements {
    fn default() -> Statements {
        let table = Table { entries: HashMap::new(), forgotten: 0, since: now() };
        Statements { hasher: RandomState::new(), known: RwLock::default(), table: Mutex::new(table) }
    }
}

impl Statements {
    /// Counts an execution.
    pub fn count(&self, execution: &Execution<'_>) {
        let Execution { user, database, text, milliseconds, rows } = *execution;
        let hash = self.hasher.hash_one((user, database, text));
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&hash).and_then(|known| {
            let same = *known.text == *text && known.user == *user && known.database == *database;
            same.then(|| known.entry.clone())
        });
        let entry = known.unwrap_or_else(|| self.learn(hash, execution));
        lock(&entry.counts).add(milliseconds, rows);
    }

    /// What a text is that has not been seen, or not lately.
    fn learn(&self, hash: u64, execution: &Execution<'_>) -> Arc<Entry> {
        let Execution { user, database, text, .. } = *execution;
        let normalized = recorded(text);
        let key = Key { user: user.clone(), database: database.clone(), id: normalized.id };
        let entry = lock(&self.table).entry(key, &normalized.query, || {
            self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
        });
        if text.len() <= TEXT_BYTES {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= KNOWN_MOST {
                known.clear();
            }
            let (user, database, text) = (user.clone(), database.clone(), text.into());
            known.insert(hash, Known { user, database, text, entry: entry.clone() });
        }
        entry
    }

    /// All of them.
    pub fn all(&self) -> Vec<StatementStatistics> {
        lock(&self.table).entries.iter().map(|(key, entry)| statistics(key, entry)).collect()
    }

    /// How often statements were forgotten, and since when all are counted.
    pub fn info(&self) -> (i64, i64) {
        let table = lock(&self.table);
        (table.forgotten, table.since)
    }

    /// Forgets statements.
    pub fn forget(&self, which: &dyn Fn(&StatementStatistics) -> bool) {
        let mut table = lock(&self.table);
        table.entries.retain(|key, entry| !which(&statistics(key, entry)));
        if table.entries.is_empty() {
            (table.forgotten, table.since) = (0, now());
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Table {
    /// The entry of a statement; when there is no room, those that were executed least make some.
    fn entry(&mut self, key: Key, query: &str, forgotten: impl FnOnce()) -> Arc<Entry> {
        if !self.entries.contains_key(&key) && self.entries.len() >= MOST {
            let mut calls: Vec<i64> = self.entries.values().map(|entry| lock(&entry.counts).calls).collect();
            calls.sort_unstable();
            let few = calls.get(MOST / 20).copied().unwrap_or(0);
            // Half of them at most, however many have the same.
            let mut room = MOST / 2;
            self.entries.retain(|_, entry| {
                let goes = room > 0 && lock(&entry.counts).calls <= few;
                room -= usize::from(goes);
                !goes
            });
            self.forgotten = self.forgotten.saturating_add(1);
            forgotten();
        }
        let new = || Arc::new(Entry { query: cut(query).into(), counts: Mutex::default() });
        self.entries.entry(key).or_insert_with(new).clone()
    }
}

fn statistics(key: &Key, entry: &Entry) -> StatementStatistics {
    let counts = *lock(&entry.counts);
    StatementStatistics {
        user: key.user.clone(),
        database: key.database.clone(),
        id: key.id,
        query: entry.query.clone(),
        calls: counts.calls,
        total: counts.total,
        min: counts.min,
        max: counts.max,
        mean: counts.mean,
        stddev: counts.stddev(),
        rows: counts.rows,
    }
}

/// The beginning of a text.
fn cut(text: &str) -> &str {
    let end = (0..=TEXT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(statements: &Statements, text: &str, milliseconds: f64, rows: u64) {
        let (user, database) = (Arc::from("u"), Arc::from("d"));
        let (user, database) = (&user, &database);
        statements.count(&Execution { user, database, text, milliseconds, rows });
    }

    #[test]
    fn executions_that_differ_in_constants_are_counted_together() {
        let statements = Statements::default();
        for (text, milliseconds) in [("SELECT 1", 2.0), ("SELECT 2", 4.0), ("select 2", 9.0)] {
            run(&statements, text, milliseconds, 1);
        }
        let all = statements.all();
        assert_eq!(all.len(), 1);
        let StatementStatistics { calls, total, min, max, mean, stddev, rows, query, .. } = &all[0];
        assert_eq!(
            (*calls, *total, *min, *max, *mean, *rows, &**query),
            (3, 15.0, 2.0, 9.0, 5.0, 3, "SELECT $1")
        );
        assert!((stddev - (26.0f64 / 3.0).sqrt()).abs() < 1e-9, "{stddev}");
        statements.forget(&|statement| statement.calls > 5);
        assert_eq!(statements.all().len(), 1);
        statements.forget(&|_| true);
        assert!(statements.all().is_empty());
        run(&statements, "SELECT 2", 1.0, 1);
        assert_eq!(statements.all()[0].calls, 1);
    }

    #[test]
    fn there_is_room_for_so_many_and_no_more() {
        let statements = Statements::default();
        run(&statements, "SELECT a", 1.0, 1);
        run(&statements, "SELECT a", 1.0, 1);
        for n in 0..2 * MOST {
            run(&statements, &format!("SELECT x{n}"), 1.0, 1);
        }
        assert!(statements.all().len() <= MOST);
        assert!(statements.all().iter().any(|statement| &*statement.query == "SELECT a"));
        assert!(statements.info().0 > 0);
        let long = format!("SELECT '{}'::text, {}", "x".repeat(10_000), "ä, ".repeat(10_000));
        run(&statements, &long, 1.0, 1);
        assert!(statements.all().iter().all(|statement| statement.query.len() <= TEXT_BYTES));
    }
}
