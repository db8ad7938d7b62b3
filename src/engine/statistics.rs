//! `pg_stat_statements` and `pg_stat_statements_info`: what this instance has executed, as rows.

use std::sync::Arc;

use pg::{Numeric, Oid, Value, oid};
use sql::catalog::{Catalog, ClusterTable, Gathered};
use sql::session::StatementStatistics;

use crate::session::engine::Surroundings;

/// Adds the rows of those that a statement reads.
pub(super) fn gather(tables: &[ClusterTable], view: &Catalog, around: &Surroundings, into: &mut Gathered) {
    let instance = &around.variables.session().instance;
    for table in tables {
        let rows: Vec<Vec<Value>> = match table {
            ClusterTable::Statements => instance.statements().iter().map(|s| row(view, s)).collect(),
            ClusterTable::StatementsInfo => {
                let (forgotten, since) = instance.statements_info();
                vec![vec![Value::Int8(forgotten), Value::TimestampTz(since)]]
            }
            _ => continue,
        };
        into.insert(table.oid(), rows.into());
    }
}

/// Nothing is planned beside what is executed, and nothing is read from blocks: those columns are zeros, as where
/// PostgreSQL does not track them.
fn row(view: &Catalog, statement: &StatementStatistics) -> Vec<Value> {
    let column = |(name, ty): &(&str, Oid)| match *name {
        "userid" => Value::Oid(view.oid_of_user(&statement.user)),
        "dbid" => Value::Oid(view.oid_of_database(&statement.database)),
        "toplevel" => Value::Bool(true),
        "queryid" => Value::Int8(statement.id),
        "query" => Value::Text(statement.query.clone()),
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
    ClusterTable::Statements.columns().iter().map(column).collect()
}
