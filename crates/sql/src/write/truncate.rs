//! `TRUNCATE`: a DELETE without a condition, which Hazelcast makes of the whole map at once, of each table.

use std::sync::Arc;

use pg::Result;

use crate::catalog::Relation;
use crate::exec::Context;

use super::Changed;
use super::key::Key;

/// How tables are emptied: a statement for each.
#[derive(Clone, Debug)]
pub struct TruncatePlan(Vec<String>);

pub(super) fn plan(tables: &[Arc<Relation>]) -> Result<TruncatePlan> {
    let mut statements = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = format!("DELETE FROM {}", Key::of(table, "TRUNCATE")?.table());
        if !statements.contains(&sql) {
            statements.push(sql);
        }
    }
    Ok(TruncatePlan(statements))
}

impl TruncatePlan {
    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        for (sql, emptied) in self.0.iter().zip(0..) {
            context.cancel.check()?;
            let done = context.cluster.update(sql, Vec::new()).await;
            done.map_err(|error| match emptied {
                0 => error,
                _ => error.hint("The tables that are named before were emptied, and stay so."),
            })?;
        }
        Ok(Changed { count: 0, returned: None })
    }
}
