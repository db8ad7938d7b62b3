//! `pg_locks`: what the transactions of sessions want of relations, shown as the locks that PostgreSQL would take for it, and
//! the locks of the transactions themselves. All are granted: nothing here excludes anything else.

use std::collections::HashMap;

use pg::{Oid, Result, Value, oid};

use super::statistics::row_of;
use super::{SystemCall, SystemFunction, SystemSetFunction, activity, args};
use crate::catalog::system::tables::{PG_CLASS, PG_INDEX};
use crate::session::Activity;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_blocking_pids", |_, _| Ok(args::make_array(oid::INT4, Vec::new()))),
    ("pg_safe_snapshot_blocking_pids", |_, _| Ok(args::make_array(oid::INT4, Vec::new()))),
];

pub(super) const SETS: &[(&str, SystemSetFunction)] = &[("pg_lock_status", lock_status)];

/// Weak locks of so many relations don't go to the table that all share (`FP_LOCK_SLOTS_PER_BACKEND`).
const FAST: usize = 16;

/// A lock of a session.
struct Lock {
    /// The relation; none: the transaction itself.
    relation: Option<Oid>,
    mode: &'static str,
    fast: bool,
}

/// `pg_lock_status()`
fn lock_status(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    const FUNCTION: Oid = Oid(1371);
    let indexes = indexes_by_table(call);
    let sessions = activity::sessions(call);
    let mut rows = Vec::new();
    for session in sessions.iter().filter(|session| session.in_transaction()) {
        let locks = locks(call, session, &indexes);
        rows.extend(locks.iter().map(|lock| row_of(FUNCTION, |column| field(call, session, lock, column))));
    }
    Ok(rows)
}

/// Who reads or changes a table has the same lock on its indexes.
fn indexes_by_table(call: &SystemCall<'_>) -> HashMap<Oid, Vec<Oid>> {
    let mut indexes: HashMap<Oid, Vec<Oid>> = HashMap::new();
    for row in call.catalog.scan(PG_INDEX) {
        indexes.entry(row.oid(1)).or_default().push(row.oid(0));
    }
    indexes
}

/// The locks of a session: those that are taken the fast way first, its transaction's the last of them.
fn locks(call: &SystemCall<'_>, session: &Activity, indexes: &HashMap<Oid, Vec<Oid>>) -> Vec<Lock> {
    let (mut fast, mut others) = (Vec::new(), Vec::new());
    for wanted in &session.relations {
        let own = indexes.get(&wanted.relation).into_iter().flatten().copied();
        for relation in std::iter::once(wanted.relation).chain(own) {
            let lock = |fast| Lock { relation: Some(relation), mode: wanted.mode.name(), fast };
            if fast.len() < FAST && !is_shared(call, relation) {
                fast.push(lock(true));
            } else {
                others.push(lock(false));
            }
        }
    }
    fast.push(Lock { relation: None, mode: "ExclusiveLock", fast: true });
    fast.extend(others);
    fast
}

/// Whether a relation belongs to all databases.
fn is_shared(call: &SystemCall<'_>, relation: Oid) -> bool {
    let shared = super::privileges::column(PG_CLASS, "relisshared");
    call.catalog.find(PG_CLASS, relation).is_some_and(|row| row.is(shared))
}

fn field(call: &SystemCall<'_>, session: &Activity, lock: &Lock, column: &str) -> Value {
    let transaction = || Value::text(format!("{}/{}", session.pid, session.transactions));
    match (column, lock.relation) {
        ("locktype", Some(_)) => Value::text("relation"),
        ("locktype", None) => Value::text("virtualxid"),
        ("database", Some(relation)) if is_shared(call, relation) => Value::Oid(Oid::INVALID),
        ("database", Some(_)) => Value::Oid(call.catalog.oid_of_database(&session.database)),
        ("relation", Some(relation)) => Value::Oid(relation),
        ("virtualxid", None) | ("virtualtransaction", _) => transaction(),
        ("pid", _) => Value::Int4(session.pid),
        ("mode", _) => Value::text(lock.mode),
        ("granted", _) => Value::Bool(true),
        ("fastpath", _) => Value::Bool(lock.fast),
        _ => Value::Null,
    }
}
