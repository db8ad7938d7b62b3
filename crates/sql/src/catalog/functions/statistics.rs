//! `pg_stat_get_…`: nothing is counted here, and PostgreSQL answers the same for what it has not counted yet.

use std::sync::Arc;

use pg::catalog::{Proc, proc_by_oid, procs_by_name};
use pg::{Oid, Record, Result, Value, oid};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::PG_DATABASE;

/// The function behind a row of `pg_proc`, if it is one of these.
pub(super) fn function(proc: &Proc) -> Option<SystemFunction> {
    let what = proc.name.strip_prefix("pg_stat_get_")?;
    // Backends go by a number of their own that nothing here has.
    if what.starts_with("backend_") || proc.returns_set {
        return None;
    }
    match what {
        "live_tuples" => return Some(live_tuples),
        "db_numbackends" => return Some(sessions),
        "archiver" => return Some(|_, _| Ok(zeros("pg_stat_get_archiver"))),
        "wal" => return Some(|_, _| Ok(zeros("pg_stat_get_wal"))),
        "replication_slot" => return Some(|_, _| Ok(zeros("pg_stat_get_replication_slot"))),
        "subscription_stats" => return Some(|_, _| Ok(zeros("pg_stat_get_subscription_stats"))),
        // No receiver: all of it is NULL. So is what is not tracked: functions (track_functions), checksums.
        "wal_receiver"
        | "db_checksum_failures"
        | "function_calls"
        | "function_total_time"
        | "function_self_time"
        | "xact_function_calls"
        | "xact_function_total_time"
        | "xact_function_self_time" => {
            return Some(|_, _| Ok(Value::Null));
        }
        _ => {}
    }
    match proc.result {
        oid::INT8 => Some(|_, _| Ok(Value::Int8(0))),
        oid::INT4 => Some(|_, _| Ok(Value::Int4(0))),
        oid::FLOAT8 => Some(|_, _| Ok(Value::Float8(0.0))),
        oid::TIMESTAMPTZ => Some(|_, _| Ok(Value::Null)),
        _ => None,
    }
}

fn live_tuples(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let table = call.catalog.database().table_by_oid(args::oid(args, 0)?);
    let rows = table.and_then(|table| table.estimate).unwrap_or(0);
    Ok(Value::Int8(i64::try_from(rows).unwrap_or(i64::MAX)))
}

fn sessions(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(row) = call.catalog.find(PG_DATABASE, args::oid(args, 0)?) else { return Ok(Value::Int4(0)) };
    let count = call.session.instance.activity().iter().filter(|a| *a.database == *row.text(1)).count();
    Ok(Value::Int4(i32::try_from(count).unwrap_or(i32::MAX)))
}

/// The record of a function that counts nothing: zeros and NULLs.
fn zeros(name: &str) -> Value {
    let outputs = procs_by_name(name).first().map(|proc| proc.outputs()).unwrap_or_default();
    let zero = |ty: Oid| match ty {
        oid::INT8 => Value::Int8(0),
        oid::FLOAT8 => Value::Float8(0.0),
        oid::NUMERIC => Value::Numeric(Arc::new(pg::Numeric::Finite { coefficient: 0.into(), scale: 0 })),
        _ => Value::Null,
    };
    Value::Record(Arc::new(Record {
        types: outputs.iter().map(|(_, ty)| *ty).collect(),
        names: outputs.iter().map(|(name, _)| (*name).into()).collect(),
        fields: outputs.iter().map(|(_, ty)| zero(*ty)).collect(),
    }))
}

/// Output columns of a function by name, in order; the caller fills them in.
pub(super) fn row_of(proc: Oid, value: impl Fn(&str) -> Value) -> Vec<Value> {
    let outputs = proc_by_oid(proc).map(Proc::outputs).unwrap_or_default();
    outputs.iter().map(|(name, _)| value(name)).collect()
}
