//! `INSERT … ON CONFLICT`: first it is seen what is to become of each row, then that is done row by row. A row whose key is
//! not there is inserted by a statement that fails when it is; an entry that is there stays, or is updated as UPDATE does
//! ([`Entries`]).

use std::collections::HashSet;

use futures::stream::{StreamExt, TryStreamExt, iter};
use pg::{Env, Error, Result, SqlState, Value};

use crate::exec::{self, Context};
use crate::query::*;
use crate::remote::{EntryKey, StoredValue};
use crate::walk::{has_subquery, replace_columns_of_block};

use super::entries::{
    ATTEMPTS, Entries, concurrent_update, is_own_column, keep_key, too_much, without_own_key,
};
use super::insert::{InsertPlan, Written};
use super::key::Key;
use super::reads::{expr_reads, reads_beside};
use super::refused::KeyBytes;
use super::returning::Returning;

/// Rows under way at a time.
const UNDER_WAY: usize = 16;
/// Rows after which it is looked how much room the entries take.
const WAVE: usize = 256;

/// What becomes of rows whose key is there.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    /// How their entries are updated; they are left alone when it is not said.
    pub(super) update: Option<Entries>,
    /// The update has a condition.
    filtered: bool,
    /// The new values, or what RETURNING makes of the rows, come from the map that is changed: they are those of before.
    snapshot: bool,
}

pub(super) fn plan(insert: &Insert, map: &str, params: usize, env: &Env) -> Result<Option<Conflict>> {
    let returns_itself = insert.returning.iter().any(|target| expr_reads(&target.expr, map));
    let (columns, source) = match &insert.on_conflict {
        None => return Ok(None),
        Some(OnConflict::Nothing) => {
            return Ok(Some(Conflict { update: None, filtered: false, snapshot: returns_itself }));
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
    keep_key(&update, &key)?;
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
    let snapshot = returns_itself || reads_beside(&update.source, map);
    Ok(Some(Conflict { update: Some(entries), filtered, snapshot }))
}

/// What is to become of a row, as far as the entry that is there tells.
enum Action {
    /// There is no entry under its key.
    Insert,
    /// The entry gets these values.
    Update { stored: StoredValue, values: Vec<Value> },
    /// The entry stays as it is.
    Leave,
}

/// A row of a statement, and what is to become of it.
struct Planned {
    row: Vec<Value>,
    action: Action,
}

/// What has become of a row that was to be inserted or updated.
enum Outcome {
    AsPlanned,
    /// Somebody else was there in between; this is what RETURNING needs of it.
    Otherwise(Vec<Value>),
    /// Somebody else was there in between, and their entry stays.
    Left,
}

impl InsertPlan {
    /// Inserts or updates all rows of a statement. What is to become of them is known before the first is written, as
    /// long as the entries that are there find room: a statement that fails has then changed nothing, and none sees
    /// what it has written itself.
    pub(super) async fn run_conflict(
        &self,
        conflict: &Conflict,
        context: &Context,
        rows: Vec<Vec<Value>>,
        written: &mut Written,
    ) -> Result<()> {
        let constraints = &self.rows.constraints;
        rows.iter().try_for_each(|row| constraints.check(row, &context.env))?;
        let mut left = Vec::with_capacity(rows.len());
        for row in rows {
            left.push((constraints.key_bytes(&row, &context.env)?, row));
        }
        if conflict.update.is_none() {
            let mut seen = HashSet::new();
            left.retain(|(key, _)| seen.insert(key.clone()));
        }
        let mut affected: HashSet<KeyBytes> = HashSet::new();
        let mut left = left.into_iter();
        loop {
            let planned = self.plan_rows(conflict, context, &mut left, &mut affected).await?;
            let all = left.len() == 0;
            if conflict.snapshot && !all {
                return Err(too_much(context.memory_limit));
            }
            let changes = planned.iter().filter(|planned| planned.changes());
            let needed = changes.map(|Planned { row, action }| self.needed_after(conflict, row, action));
            let returned = Returning::of_rows(self.returning.as_ref(), needed.collect(), context).await?;
            self.write_planned(conflict, context, planned, returned, written).await?;
            if all {
                return Ok(());
            }
        }
    }

    /// What is to become of the next rows: as many as find room.
    async fn plan_rows(
        &self,
        conflict: &Conflict,
        context: &Context,
        rows: &mut std::vec::IntoIter<(KeyBytes, Vec<Value>)>,
        affected: &mut HashSet<KeyBytes>,
    ) -> Result<Vec<Planned>> {
        let (mut planned, mut bytes) = (Vec::new(), 0);
        while bytes <= context.memory_limit / 4 {
            let wave: Vec<_> = rows.by_ref().take(WAVE).collect();
            if wave.is_empty() {
                break;
            }
            let one = |(key, row): (KeyBytes, Vec<Value>)| async move {
                let action = self.action(conflict, context, &row).await?;
                Ok::<_, Error>((key, row, action))
            };
            let mut actions = iter(wave).map(one).buffered(UNDER_WAY);
            while let Some((key, row, action)) = actions.try_next().await? {
                if let Action::Update { stored, values } = &action {
                    bytes += 2 * stored.data.len() + exec::row_bytes(values);
                }
                // An entry that only stays does not count: PostgreSQL has locked it, not changed it.
                if affected.contains(&key) {
                    return Err(second_time());
                }
                if !matches!(action, Action::Leave) {
                    affected.insert(key);
                }
                planned.push(Planned { row, action });
            }
        }
        Ok(planned)
    }

    /// What is to become of a row.
    async fn action(&self, conflict: &Conflict, context: &Context, row: &[Value]) -> Result<Action> {
        let Some(entries) = &conflict.update else {
            return Ok(if self.is_there(context, row).await? { Action::Leave } else { Action::Insert });
        };
        let Some((key, entry_key)) = self.address(context, row) else { return Err(entries.unreachable()) };
        for _ in 0..ATTEMPTS {
            let excluded = self.excluded(row);
            match entries.read(context, &entry_key, &key, &excluded).await? {
                (None, None) => return Ok(Action::Insert),
                (None, Some(_)) => return Err(entries.unreachable()),
                (Some(_), None) if conflict.filtered => return Ok(Action::Leave),
                // It went between the two readings.
                (Some(_), None) => {}
                (Some(stored), Some(values)) => return Ok(Action::Update { stored, values }),
            }
        }
        Err(concurrent_update())
    }

    /// Writes rows of which it is known what is to become of them, and what RETURNING makes of those that change.
    async fn write_planned(
        &self,
        conflict: &Conflict,
        context: &Context,
        planned: Vec<Planned>,
        returned: Option<Vec<Vec<Value>>>,
        written: &mut Written,
    ) -> Result<()> {
        let changes = planned.into_iter().filter(Planned::changes);
        let one = |planned: Planned| self.write_one(conflict, context, planned);
        let mut outcomes = iter(changes).map(one).buffered(UNDER_WAY);
        let mut returned = returned.into_iter().flatten();
        while let Some(outcome) = outcomes.try_next().await? {
            let as_planned = returned.next();
            let row = match outcome {
                Outcome::Left => continue,
                Outcome::AsPlanned => as_planned,
                Outcome::Otherwise(needed) => {
                    let rows = Returning::of_rows(self.returning.as_ref(), vec![needed], context).await?;
                    rows.into_iter().flatten().next()
                }
            };
            written.count += 1;
            written.returned.extend(row);
        }
        Ok(())
    }

    async fn write_one(&self, conflict: &Conflict, context: &Context, planned: Planned) -> Result<Outcome> {
        let Planned { row, mut action } = planned;
        let mut outcome = Outcome::AsPlanned;
        for _ in 0..ATTEMPTS {
            context.cancel.check()?;
            let done = match (action, &conflict.update) {
                (Action::Leave, ..) => return Ok(Outcome::Left),
                (Action::Update { stored, values }, Some(entries)) => {
                    entries.replace(context, &stored, values).await?
                }
                _ => self.insert_one(context, &row).await?,
            };
            if done {
                return Ok(outcome);
            }
            // Somebody else was there in between.
            if conflict.update.is_none() {
                return Ok(Outcome::Left);
            }
            if conflict.snapshot {
                return Err(concurrent_update());
            }
            action = self.action(conflict, context, &row).await?;
            outcome = Outcome::Otherwise(self.needed_after(conflict, &row, &action));
        }
        Err(concurrent_update())
    }

    /// Whether a row was inserted: its key was not there.
    async fn insert_one(&self, context: &Context, row: &Vec<Value>) -> Result<bool> {
        match self.rows.write(context, std::slice::from_ref(row)).await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == SqlState::UNIQUE_VIOLATION => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What RETURNING needs of a row when this has become of it.
    fn needed_after(&self, conflict: &Conflict, row: &[Value], action: &Action) -> Vec<Value> {
        match (action, &conflict.update) {
            (Action::Update { values, .. }, Some(entries)) => entries.needed(values),
            _ => self.needed(row),
        }
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

impl Planned {
    /// Whether the row is inserted or its entry updated.
    fn changes(&self) -> bool {
        !matches!(self.action, Action::Leave)
    }
}

fn second_time() -> Error {
    let message = "ON CONFLICT DO UPDATE command cannot affect row a second time";
    let hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.";
    Error::new(SqlState::CARDINALITY_VIOLATION, message).hint(hint)
}
