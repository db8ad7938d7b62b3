//! `INSERT … ON CONFLICT`: row by row. A row whose key is not there is inserted by a statement that fails when it is;
//! an entry that is there stays, or is updated as UPDATE does ([`Entries`]).

use std::collections::HashSet;

use futures::stream::{StreamExt, TryStreamExt, iter};
use pg::{Env, Error, Result, SqlState, Value};

use crate::exec::Context;
use crate::query::*;
use crate::remote::EntryKey;
use crate::walk::replace_columns_of_block;

use super::entries::{ATTEMPTS, Entries, Tried, concurrent_update, is_own_column, without_own_key};
use super::insert::{InsertPlan, Written};
use super::key::Key;
use super::reads::reads_beside;
use super::refused::KeyBytes;
use super::returning::has_subquery;

/// Rows under way at a time.
const UNDER_WAY: usize = 16;

/// What becomes of rows whose key is there.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    /// How their entries are updated; they are left alone when it is not said.
    pub(super) update: Option<Entries>,
    /// The update has a condition.
    filtered: bool,
    /// The new values come from the map that is changed.
    from_itself: bool,
}

pub(super) fn plan(insert: &Insert, params: usize, env: &Env) -> Result<Option<Conflict>> {
    let (columns, source) = match &insert.on_conflict {
        None => return Ok(None),
        Some(OnConflict::Nothing) => {
            return Ok(Some(Conflict { update: None, filtered: false, from_itself: false }));
        }
        Some(OnConflict::Update { columns, source }) => (columns.clone(), source),
    };
    let key = Key::of(&insert.relation, "INSERT … ON CONFLICT DO UPDATE")?;
    let (relation, returning) = (insert.relation.clone(), insert.returning.clone());
    let update = Update { relation, columns, source: (**source).clone(), returning };
    // The excluded row has the key of the row.
    let own = |expr: &Expr, column: usize| {
        let excluded = ColumnRef { levels_up: 0, range: 1, column };
        is_own_column(expr, column) || matches!(expr.kind, ExprKind::Column(c) if c == excluded)
    };
    let mut update = without_own_key(update, &key, own);
    let first = params + key.columns.len();
    let Body::Select(select) = &mut update.source.body else {
        return Err(Error::internal("ON CONFLICT is no block"));
    };
    replace_columns_of_block(select, &mut |column| {
        (column.levels_up == 0 && column.range == 1).then_some(ExprKind::Param(first + column.column))
    });
    select.ranges.truncate(1);
    select.from = vec![From::Range(0)];
    let filtered = select.filter.is_some();
    let mut exprs = select.targets.iter().map(|target| &target.expr).chain(&select.filter);
    if exprs.any(has_subquery) || insert.returning.iter().any(|target| has_subquery(&target.expr)) {
        update.source.ctes = insert.ctes.clone();
    }
    let entries = Entries::of(&update, key, params, env)?;
    let from_itself = reads_beside(&update.source, &entries.map);
    Ok(Some(Conflict { update: Some(entries), filtered, from_itself }))
}

impl InsertPlan {
    /// Inserts or updates all rows of a statement.
    pub(super) async fn run_conflict(
        &self,
        conflict: &Conflict,
        context: &Context,
        rows: Vec<Vec<Value>>,
        written: &mut Written,
    ) -> Result<()> {
        let constraints = &self.rows.constraints;
        rows.iter().try_for_each(|row| constraints.check(row, &context.env))?;
        if conflict.from_itself && rows.len() > 1 {
            return Err(Error::refused("ON CONFLICT DO UPDATE of several rows that reads the same map"));
        }
        let mut affected: HashSet<KeyBytes> = HashSet::new();
        let mut left = Vec::with_capacity(rows.len());
        for row in rows {
            left.push((constraints.key_bytes(&row, &context.env)?, row));
        }
        if conflict.update.is_none() {
            let mut seen = HashSet::new();
            left.retain(|(key, _)| seen.insert(key.clone()));
        } else if !conflict.filtered && wave(&left) < left.len() {
            return Err(second_time());
        }
        while !left.is_empty() {
            let rest = left.split_off(wave(&left));
            let wave = std::mem::replace(&mut left, rest);
            self.run_wave(conflict, context, wave, &mut affected, written).await?;
        }
        Ok(())
    }

    /// Rows of different keys.
    async fn run_wave(
        &self,
        conflict: &Conflict,
        context: &Context,
        wave: Vec<(KeyBytes, Vec<Value>)>,
        affected: &mut HashSet<KeyBytes>,
        written: &mut Written,
    ) -> Result<()> {
        if wave.iter().any(|(key, _)| affected.contains(key)) {
            return Err(second_time());
        }
        let one = |(key, row): (KeyBytes, Vec<Value>)| async move {
            self.insert_or_update(conflict, context, row).await.map(|needed| (key, needed))
        };
        let mut rows = iter(wave).map(one).buffered(UNDER_WAY);
        while let Some((key, needed)) = rows.try_next().await? {
            if let Some(needed) = needed {
                written.count += 1;
                written.rows.push(needed);
                affected.insert(key);
            }
        }
        Ok(())
    }

    /// What RETURNING needs of the row, if it was inserted or its entry updated.
    async fn insert_or_update(
        &self,
        conflict: &Conflict,
        context: &Context,
        row: Vec<Value>,
    ) -> Result<Option<Vec<Value>>> {
        let address = self.address(context, &row);
        for _ in 0..ATTEMPTS {
            match (&conflict.update, &address) {
                (None, Some((_, entry_key))) => {
                    if context.cluster.entry(&self.map, entry_key).await?.is_some() {
                        return Ok(None);
                    }
                }
                (Some(entries), Some((key, entry_key))) => {
                    let excluded = self.excluded(&row);
                    match entries.try_once(context, entry_key, key, &excluded).await? {
                        Tried::Updated(needed) => return Ok(Some(needed)),
                        Tried::Unmatched if conflict.filtered => return Ok(None),
                        Tried::Unmatched | Tried::Again => continue,
                        Tried::Absent => {}
                    }
                }
                (None, None) => {}
                (Some(entries), None) => return Err(entries.unreachable()),
            }
            match self.rows.write(context, std::slice::from_ref(&row)).await {
                Ok(_) => return Ok(Some(self.needed(&row))),
                Err(error) if error.code() != SqlState::UNIQUE_VIOLATION => return Err(error),
                Err(_) if conflict.update.is_none() => return Ok(None),
                Err(_) => {}
            }
        }
        Err(concurrent_update())
    }

    /// The row as all columns of the table see it.
    fn excluded(&self, row: &[Value]) -> Vec<Value> {
        let columns = 0..self.width;
        columns.map(|i| self.rows.constraints.value(row, i).cloned().unwrap_or(Value::Null)).collect()
    }

    /// The key of a row and the key of its entry, if entries can be found by it.
    pub(super) fn address(&self, context: &Context, row: &[Value]) -> Option<(Vec<Value>, EntryKey)> {
        let key = self.key.as_ref()?;
        let value = |&(index, _): &(usize, _)| self.rows.constraints.value(row, index).cloned();
        let values: Vec<Value> = key.columns.iter().map(|c| value(c).unwrap_or(Value::Null)).collect();
        let entry_key = key.entry_key(context, &values).ok()?;
        Some((values, entry_key))
    }
}

/// How many rows there are before a key comes again.
fn wave(rows: &[(KeyBytes, Vec<Value>)]) -> usize {
    let mut seen = HashSet::new();
    rows.iter().position(|(key, _)| !seen.insert(key)).unwrap_or(rows.len())
}

fn second_time() -> Error {
    let message = "ON CONFLICT DO UPDATE command cannot affect row a second time";
    let hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.";
    Error::new(SqlState::CARDINALITY_VIOLATION, message).hint(hint)
}
