//! `DELETE`: the keys of the rows that match are read, then each entry is deleted by its key.
//!
//! When the cluster can test the whole condition it deletes by itself; then only the rows are counted before, and the
//! two are not one step.

use futures::stream::{StreamExt, iter};
use pg::{Env, Result, Value};

use crate::exec::{self, Context};
use crate::plan::{Plan, RemoteArg};
use crate::query::Delete;
use crate::query::Query;

use super::Changed;
use super::key::{self, Key, only_remote};
use super::partly;
use super::returning::Returning;

/// Deletions under way at a time.
const UNDER_WAY: usize = 16;

/// How rows are deleted.
#[derive(Clone, Debug)]
pub struct DeletePlan {
    /// Selects the keys of the rows to delete.
    pub(super) keys: Plan,
    /// The condition, when the cluster can test all of it.
    whole: Option<(String, Vec<RemoteArg>)>,
    key: Key,
    returning: Option<Returning>,
}

pub(super) fn plan(delete: &Delete, env: &Env) -> Result<DeletePlan> {
    let key = Key::of(&delete.relation, "DELETE")?;
    let mut query: Query = key.query(&delete.source)?;
    let returning = Returning::of(&delete.returning, key::ranges(&delete.source), &delete.source.ctes);
    if let Some(returning) = &returning {
        returning.check(env)?;
        key.also(&mut query, returning.sources())?;
    }
    let keys = crate::plan::plan(&query, env)?;
    let whole = only_remote(&keys).filter(|scan| !scan.lookup).and_then(|scan| {
        let from = format!(" FROM {} AS t", key.table());
        let (_, condition) = scan.sql.split_once(&from)?;
        // Without a condition that is one, everything would be deleted.
        (condition.is_empty() || condition.starts_with(" WHERE "))
            .then(|| (format!("DELETE FROM {} AS t{condition}", key.table()), scan.args.clone()))
    });
    Ok(DeletePlan { keys, whole, key, returning })
}

impl DeletePlan {
    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        let mut rows = exec::run(&self.keys, context.clone())?.collect().await?;
        // What RETURNING needs stands behind the key.
        let width = self.key.columns.len();
        let needed = rows.iter_mut().map(|row| row.split_off(width.min(row.len()))).collect();
        let returned = Returning::of_rows(self.returning.as_ref(), needed, context).await?;
        let count = rows.len() as u64;
        if count == 0 {
            return Ok(Changed { count, returned });
        }
        match &self.whole {
            Some((sql, args)) if count > 1 => {
                let args = args
                    .iter()
                    .map(|arg| {
                        Ok((arg.bind(exec::evaluate_constant(&arg.expr, context)?)?, arg.cluster_type))
                    })
                    .collect::<Result<_>>()?;
                context.cluster.update(sql, args).await?;
            }
            _ => self.delete_each(context, rows).await?,
        }
        Ok(Changed { count, returned })
    }

    async fn delete_each(&self, context: &Context, rows: Vec<Vec<Value>>) -> Result<()> {
        let mut gone = 0;
        let mut deletions = iter(rows)
            .map(|key| async move { self.delete_one(context, &key).await })
            .buffer_unordered(UNDER_WAY);
        while let Some(deleted) = deletions.next().await {
            deleted.map_err(|error| partly(error, gone, 0, "statement"))?;
            gone += 1;
        }
        Ok(())
    }

    async fn delete_one(&self, context: &Context, key: &[Value]) -> Result<()> {
        context.cancel.check()?;
        // Of keys that are equal SQL would delete all.
        if self.key.has_equals()
            && let Ok(entry_key) = self.key.entry_key(context, key)
            && context.cluster.remove_entry(self.key.map(), &entry_key).await?
        {
            return Ok(());
        }
        let (condition, args) = self.key.sql_condition(key);
        let sql = format!("DELETE FROM {} WHERE {condition}", self.key.table());
        context.cluster.update(&sql, args).await
    }
}
