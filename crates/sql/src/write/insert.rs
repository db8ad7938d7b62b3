//! `INSERT` and `SINK`: rows become statements of up to [`ROWS`] rows of VALUES, all arguments.

use std::sync::Arc;

use pg::{Env, Error, Result, SqlState, Value};

use crate::catalog::Relation;
use crate::exec::{self, Context};
use crate::hazelcast::SqlType;
use crate::plan::{Plan, quote};
use crate::query::Insert;

use super::key::{not_a_table, table};

/// Rows of one statement. One row at a time is ten times slower per row, a thousand hardly faster than a hundred; and
/// each number of rows is a text that members must plan anew.
const ROWS: usize = 128;

/// How rows are inserted.
#[derive(Clone, Debug)]
pub struct InsertPlan {
    /// `INSERT INTO "public"."t" ("a", "b") VALUES `
    head: String,
    columns: Vec<SqlType>,
    source: Plan,
}

pub(super) fn plan(insert: &Insert, env: &Env) -> Result<InsertPlan> {
    let relation = &insert.relation;
    if relation.mapping().is_none() {
        return Err(not_a_table(relation, "INSERT"));
    }
    let mut names = Vec::with_capacity(insert.columns.len());
    let mut columns = Vec::with_capacity(insert.columns.len());
    for &index in &insert.columns {
        let (name, ty) = writable(relation, index)?;
        names.push(quote(&name));
        columns.push(ty);
    }
    let verb = if insert.sink { "SINK" } else { "INSERT" };
    let head = format!("{verb} INTO {} ({}) VALUES ", table(relation), names.join(", "));
    Ok(InsertPlan { head, columns, source: crate::plan::plan(&insert.source, env)? })
}

/// A column that a statement can write. A JSON column in a json-flat value would make Hazelcast fail with a message
/// that helps nobody.
fn writable(relation: &Relation, index: usize) -> Result<(Arc<str>, SqlType)> {
    let column = relation.columns.get(index).ok_or_else(|| Error::internal("a column is missing"))?;
    let ty = column.cluster_type.ok_or_else(|| Error::internal("a column has no type in the cluster"))?;
    let format = relation.mapping().and_then(|mapping| mapping.option("valueFormat")).unwrap_or_default();
    let whole = matches!(column.external_name.as_deref(), Some("this" | "__key"));
    if ty == SqlType::Json && format == "json-flat" && !whole {
        let message = format!("column \"{}\" can't be written", column.name);
        let detail = "Hazelcast cannot write columns of type JSON inside values of format json-flat.";
        let hint = "Write the entries with a Hazelcast client, or declare the column VARCHAR.";
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).hint(hint));
    }
    Ok((column.name.clone(), ty))
}

impl InsertPlan {
    pub(super) async fn run(&self, context: &Context) -> Result<u64> {
        let mut rows = exec::run(&self.source, context.clone())?;
        let mut waiting: Vec<Vec<Value>> = Vec::new();
        let mut count = 0;
        while let Some(batch) = rows.next().await? {
            waiting.extend(batch);
            while waiting.len() >= ROWS {
                let more = waiting.split_off(ROWS);
                count += self.send(context, std::mem::replace(&mut waiting, more)).await?;
            }
        }
        count += self.send(context, waiting).await?;
        Ok(count)
    }

    async fn send(&self, context: &Context, rows: Vec<Vec<Value>>) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        context.cancel.check()?;
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let sql = format!("{}{}", self.head, vec![row; rows.len()].join(", "));
        let count = rows.len() as u64;
        let args =
            rows.into_iter().flat_map(|row| row.into_iter().zip(self.columns.iter().copied())).collect();
        context.cluster.update(&sql, args).await?;
        Ok(count)
    }
}
