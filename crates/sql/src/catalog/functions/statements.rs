//! What this instance has executed: the functions of the extension `pg_stat_statements`, on which its views stand.

use std::sync::Arc;

use pg::{Numeric, Oid, Record, Result, Value, oid};

use super::{SystemCall, SystemFunction, SystemSetFunction, args};
use crate::session::StatementStatistics;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] =
    &[("pg_stat_statements_reset", reset), ("pg_stat_statements_info", info)];

pub(super) const SETS: &[(&str, SystemSetFunction)] = &[("pg_stat_statements", statements)];

/// `pg_stat_statements(showtext)`
fn statements(call: &SystemCall<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    let with_text = args::bool(args, 0)?;
    let statements = call.session.instance.statements();
    Ok(statements.iter().map(|statement| row(call, statement, with_text)).collect())
}

/// Nothing is planned beside what is executed, and nothing is read from blocks: those columns are zeros, as where
/// PostgreSQL does not track them.
fn row(call: &SystemCall<'_>, statement: &StatementStatistics, with_text: bool) -> Vec<Value> {
    let column = |(name, ty): &(&str, Oid)| match *name {
        "userid" => Value::Oid(call.catalog.oid_of_user(&statement.user)),
        "dbid" => Value::Oid(call.catalog.oid_of_database(&statement.database)),
        "toplevel" => Value::Bool(true),
        "queryid" => Value::Int8(statement.id),
        "query" if with_text => Value::Text(statement.query.clone()),
        "query" => Value::Null,
        "calls" => Value::Int8(statement.calls),
        "total_exec_time" => Value::Float8(statement.total),
        "min_exec_time" => Value::Float8(statement.min),
        "max_exec_time" => Value::Float8(statement.max),
        "mean_exec_time" => Value::Float8(statement.mean),
        "stddev_exec_time" => Value::Float8(statement.stddev),
        "rows" => Value::Int8(statement.rows),
        _ => match *ty {
            oid::FLOAT8 => Value::Float8(0.0),
            oid::NUMERIC => Value::Numeric(Arc::new(Numeric::Finite { coefficient: 0.into(), scale: 0 })),
            _ => Value::Int8(0),
        },
    };
    pg::catalog::STATEMENT_COLUMNS.iter().map(column).collect()
}

/// `pg_stat_statements_info()`
fn info(call: &SystemCall<'_>, _: &[Value]) -> Result<Value> {
    let (forgotten, since) = call.session.instance.statements_info();
    let columns = &pg::catalog::STATEMENTS_INFO_COLUMNS;
    Ok(Value::Record(Arc::new(Record {
        types: columns.iter().map(|(_, ty)| *ty).collect(),
        names: columns.iter().map(|(name, _)| (*name).into()).collect(),
        fields: vec![Value::Int8(forgotten), Value::TimestampTz(since)],
    })))
}

/// `pg_stat_statements_reset(userid, dbid, queryid)`: 0, or left out, means any.
fn reset(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let wanted = |at: usize| args.get(at).and_then(Value::as_i64).filter(|number| *number != 0);
    let oid = |at: usize| match args.get(at) {
        Some(Value::Oid(oid)) if oid.is_valid() => Some(*oid),
        _ => None,
    };
    let (user, database, id) = (oid(0), oid(1), wanted(2));
    call.session.instance.reset_statements(&|statement| {
        user.is_none_or(|user| call.catalog.oid_of_user(&statement.user) == user)
            && database.is_none_or(|database| call.catalog.oid_of_database(&statement.database) == database)
            && id.is_none_or(|id| statement.id == id)
    });
    Ok(Value::Void)
}
