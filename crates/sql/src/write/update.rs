//! `UPDATE`: the keys of the rows that match are read, then their entries are updated one by one ([`Entries`]).
//!
//! What may fail for a row, and what reads the same map beside the row, is computed for all rows before the first is
//! written: a statement that fails has then changed nothing, and none sees what it has written itself.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream::{StreamExt, TryStreamExt, iter};
use pg::{Env, Error, Result, Value};

use crate::exec::{self, Context};
use crate::plan::Plan;
use crate::query::{Body, Coercion, Expr, ExprKind, Update};
use crate::remote::{EntryKey, StoredValue};

use super::entries::{ATTEMPTS, Entries, concurrent_update, is_own_column, too_much, without_own_key};
use super::key::{GETS, Key};
use super::moves::{Moves, Stored};
use super::reads::reads_beside;
use super::returning::Returning;
use super::{Changed, partly};

/// Entries under way at a time.
const UNDER_WAY: usize = 8;

/// How rows are updated.
#[derive(Clone, Debug)]
pub struct UpdatePlan {
    /// Selects the keys of the rows to update.
    keys: Plan,
    /// Selects the keys and behind them what [`Entries::values`] selects, when that must be known before the first write.
    at_once: Option<Plan>,
    /// The new values come from the map that is changed: they are those of before.
    from_itself: bool,
    entries: Entries,
}

pub(super) fn plan(update: &Update, params: usize, env: &Env) -> Result<UpdatePlan> {
    let key = Key::of(&update.relation, "UPDATE")?;
    let update = without_own_key(update.clone(), &key, is_own_column);
    let query = key.query(&update.source)?;
    let keys = crate::plan::plan(&query, env)?;
    let entries = Entries::of(&update, key, params, env)?;
    let from_itself = reads_beside(&update.source, &entries.map);
    let Body::Select(select) = &update.source.body else {
        return Err(Error::internal("an UPDATE is no block"));
    };
    let computed = select.targets.iter().chain(&update.returning);
    let moves = !entries.moved.is_empty();
    let at_once = if moves || from_itself || computed.into_iter().any(|target| may_fail(&target.expr)) {
        let mut query = query;
        let sources = entries.returned.iter().flat_map(|returned| returned.returning.sources());
        entries.key.also(&mut query, select.targets.iter().cloned().chain(sources).chain(entries.kept()))?;
        if moves {
            query.order_by = entries.key.order();
        }
        Some(crate::plan::plan(&query, env)?)
    } else {
        None
    };
    Ok(UpdatePlan { keys, at_once, from_itself, entries })
}

/// Whether computing an expression may fail, for all that is known without looking at functions.
fn may_fail(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Column(_) | ExprKind::SqlValue(_) => false,
        ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => may_fail(expr),
        _ => true,
    }
}

impl UpdatePlan {
    /// The plans by which it finds its rows.
    pub(super) fn plans(&self) -> Vec<&Plan> {
        let mut plans = vec![&self.keys, &self.entries.values];
        plans.extend(&self.at_once);
        plans
    }

    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        if self.from_itself || !self.entries.moved.is_empty() {
            return self.run_from_itself(context).await;
        }
        let keys = match &self.at_once {
            Some(plan) => self.checked(plan, context).await?,
            None => exec::run(&self.keys, context.clone())?.collect().await?,
        };
        let written = AtomicU64::new(0);
        let updates = iter(keys).map(|key| self.update_one(context, key, &written)).buffered(UNDER_WAY);
        let updated: Vec<Option<Vec<Value>>> = updates
            .try_collect()
            .await
            .map_err(|error| partly(error, written.load(Ordering::Relaxed), 0, "statement"))?;
        self.changed(context, updated.into_iter().flatten().collect()).await
    }

    async fn changed(&self, context: &Context, rows: Vec<Vec<Value>>) -> Result<Changed> {
        let count = rows.len() as u64;
        let returning = self.entries.returned.as_ref().map(|returned| &returned.returning);
        let returned = Returning::of_rows(returning, rows, context).await?;
        Ok(Changed { count, returned })
    }

    /// The keys of the rows, after it was seen that nothing of what is computed for them fails.
    async fn checked(&self, plan: &Plan, context: &Context) -> Result<Vec<Vec<Value>>> {
        let (keys, values): (Vec<_>, Vec<_>) = self.computed(plan, context).await?.into_iter().unzip();
        if let Some(returned) = &self.entries.returned {
            let needed = values.iter().map(|values| self.entries.needed(values)).collect();
            Returning::of_rows(Some(&returned.returning), needed, context).await?;
        }
        Ok(keys)
    }

    /// The keys of the rows and what is computed for them, which can be written.
    async fn computed(&self, at_once: &Plan, context: &Context) -> Result<Vec<(Vec<Value>, Vec<Value>)>> {
        let rows = exec::run(at_once, context.clone())?.collect().await?;
        let width = self.entries.key.columns.len();
        let split = |mut row: Vec<Value>| {
            let values = row.split_off(width.min(row.len()));
            self.entries.check(&row, &values, &context.env).map(|()| (row, values))
        };
        rows.into_iter().map(split).collect()
    }

    /// What RETURNING needs of the row, if it still matched and was updated.
    async fn update_one(
        &self,
        context: &Context,
        key: Vec<Value>,
        written: &AtomicU64,
    ) -> Result<Option<Vec<Value>>> {
        let entry_key = self.entries.key.entry_key(context, &key)?;
        for _ in 0..ATTEMPTS {
            let (stored, values) = match self.entries.read(context, &entry_key, &key, &[]).await? {
                (_, None) => return Ok(None),
                (None, Some(_)) => return Err(self.entries.unreachable()),
                (Some(stored), Some(values)) => (stored, values),
            };
            let needed = self.entries.needed(&values);
            if self.entries.replace(context, &stored, values).await? {
                written.fetch_add(1, Ordering::Relaxed);
                return Ok(Some(needed));
            }
        }
        Err(concurrent_update())
    }

    /// First the entries, then all new values, then the changes: an entry that has changed since is not the one whose
    /// new value was computed.
    async fn run_from_itself(&self, context: &Context) -> Result<Changed> {
        let Some(at_once) = &self.at_once else { return Err(Error::internal("an UPDATE has no values")) };
        let entries = &self.entries;
        let keys = exec::run(&self.keys, context.clone())?.collect().await?;
        let mut stored: Vec<(EntryKey, Option<StoredValue>)> = Vec::with_capacity(keys.len());
        let get = |key: Vec<Value>| async move {
            let entry_key = entries.key.entry_key(context, &key)?;
            let value = entries.key.stored(context, &entry_key, &key).await?;
            Ok::<_, Error>((entry_key, value))
        };
        let mut gets = iter(keys).map(get).buffered(GETS);
        let mut bytes = 0;
        while let Some(entry) = gets.try_next().await? {
            bytes += entry.1.as_ref().map_or(0, |value| 2 * value.data.len());
            if bytes > context.memory_limit {
                return Err(too_much(context.memory_limit));
            }
            stored.push(entry);
        }
        let computed = self.computed(at_once, context).await?.into_iter();
        let stored: Stored = stored.into_iter().collect();
        if !entries.moved.is_empty() {
            let moves = Moves::of(entries, context, computed.collect(), stored).await?;
            let changed = self.changed(context, moves.needed()).await?;
            return moves.write(context).await.map(|()| changed);
        }
        let updates: Vec<(EntryKey, Vec<Value>)> = computed
            .map(|(key, values)| Ok((entries.key.entry_key(context, &key)?, values)))
            .collect::<Result<_>>()?;
        let needed = updates.iter().map(|(_, values)| entries.needed(values)).collect();
        let changed = self.changed(context, needed).await?;
        let mut written = 0;
        let mut changes = iter(updates)
            .map(|(key, values)| {
                let old = stored.get(&key).cloned();
                async move {
                    context.cancel.check()?;
                    let old = old.flatten().ok_or_else(concurrent_update)?;
                    entries.replace(context, &old, values).await
                }
            })
            .buffered(UNDER_WAY);
        while let Some(tried) = changes.next().await {
            match tried {
                Ok(true) => written += 1,
                Ok(false) => return Err(partly(concurrent_update(), written, 0, "statement")),
                Err(error) => return Err(partly(error, written, 0, "statement")),
            }
        }
        Ok(changed)
    }
}
