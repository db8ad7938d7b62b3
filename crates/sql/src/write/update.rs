//! `UPDATE`: entry by entry. The keys of the rows that match are read; then, for each, the entry is read as it is
//! stored, the new values are computed from what SQL reads under that key now (and whether the row still matches), and
//! the new value is put if the entry is still the one that was read. Otherwise once more.

use std::sync::Arc;

use futures::stream::{StreamExt, TryStreamExt, iter};
use pg::{Env, Error, Result, SqlState, Value};

use crate::exec::{self, Context};
use crate::hazelcast::SqlType;
use crate::plan::Plan;
use crate::query::Update;
use crate::query::*;
use crate::remote::{EntryKey, NewValue, StoredValue};

use super::Changed;
use super::json::replace_members;
use super::key::Key;
use super::returning::Returning;

/// Entries under way at a time.
const UNDER_WAY: usize = 8;
/// How often an entry that somebody else changes at the same time is tried.
const ATTEMPTS: usize = 50;

/// How rows are updated.
#[derive(Clone, Debug)]
pub struct UpdatePlan {
    /// Selects the keys of the rows to update.
    pub(super) keys: Plan,
    /// Selects the new values of the row whose key is in the parameters behind the statement's own.
    pub(super) values: Plan,
    key: Key,
    map: String,
    target: Target,
    returning: Option<Returned>,
}

/// What is returned of an updated row.
#[derive(Clone, Debug)]
struct Returned {
    returning: Returning,
    /// Where the new value of each needed column stands in a row of `UpdatePlan::values`.
    places: Vec<usize>,
}

/// What is written.
#[derive(Clone, Debug)]
enum Target {
    /// Members of a JSON object, by name.
    Members(Vec<(String, SqlType)>),
    /// The whole value, of a basic type.
    Whole(Arc<str>, SqlType),
}

pub(super) fn plan(update: &Update, params: usize, env: &Env) -> Result<UpdatePlan> {
    let key = Key::of(&update.relation, "UPDATE")?;
    let target = target(update, &key)?;
    let keys = crate::plan::plan(&key.query(&update.source)?, env)?;
    let mut source = update.source.clone();
    let Body::Select(select) = &mut source.body else { return Err(Error::internal("an UPDATE is no block")) };
    let mut conditions = key.conditions(params)?;
    conditions.extend(select.filter.take());
    select.filter = Expr::all(conditions);
    let returning = Returning::of(&update.returning, &select.ranges).map(|returning| {
        let assigned = |column| update.columns.iter().position(|&updated| updated == column);
        let mut more = update.columns.len()..;
        let places = returning.needed.iter().map(|&(range, column)| {
            // What stands behind the new values is what the row had.
            let old = more.next().unwrap_or_default();
            assigned(column).filter(|_| range == 0).unwrap_or(old)
        });
        let places = places.collect();
        select.targets.extend(returning.sources());
        source.columns = select.targets.iter().map(crate::query::Target::output).collect();
        Returned { returning, places }
    });
    returning.iter().try_for_each(|returned| returned.returning.check(env))?;
    let values = crate::plan::plan(&source, env)?;
    let map = update.relation.mapping().map(|mapping| mapping.external_name.clone()).unwrap_or_default();
    Ok(UpdatePlan { keys, values, key, map, target, returning })
}

fn target(update: &Update, key: &Key) -> Result<Target> {
    let relation = &update.relation;
    let format = relation.mapping().and_then(|mapping| mapping.option("valueFormat")).unwrap_or_default();
    let mut members = Vec::new();
    for &index in &update.columns {
        let column = relation.columns.get(index).ok_or_else(|| Error::internal("a column is missing"))?;
        let external = column.external_name.as_deref().unwrap_or(&column.name);
        let ty = column.cluster_type.ok_or_else(|| Error::internal("a column has no type in the cluster"))?;
        if key.columns.iter().any(|&(key, _)| key == index) {
            let message = format!("column \"{}\" can't be updated", column.name);
            let detail = "It is part of the key of the entry.";
            let hint = "Insert a row with the new key and delete the old one.";
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).hint(hint));
        }
        let basic = !matches!(ty, SqlType::Object | SqlType::Row | SqlType::Null);
        if external == "this" && format != "json-flat" && basic && update.columns.len() == 1 {
            return Ok(Target::Whole(column.name.clone(), ty));
        }
        members.push((external.strip_prefix("this.").unwrap_or(external).to_string(), ty));
    }
    if format != "json-flat" {
        let message = format!("UPDATE of \"{}\" is not supported", relation.name);
        let detail = format!(
            "Hazelcast's UPDATE drops what a value of format \"{format}\" has beside the columns of the mapping."
        );
        let hint = "Write whole rows with SINK INTO.";
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).hint(hint));
    }
    Ok(Target::Members(members))
}

impl UpdatePlan {
    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        let keys = exec::run(&self.keys, context.clone())?.collect().await?;
        let updated: Vec<Option<Vec<Value>>> =
            iter(keys).map(|key| self.update_one(context, key)).buffered(UNDER_WAY).try_collect().await?;
        let rows: Vec<Vec<Value>> = updated.into_iter().flatten().collect();
        let count = rows.len() as u64;
        let returning = self.returning.as_ref().map(|returned| &returned.returning);
        let returned = Returning::of_rows(returning, rows, context).await?;
        Ok(Changed { count, returned })
    }

    /// What RETURNING needs of the row, if it still matched and was updated.
    async fn update_one(&self, context: &Context, key: Vec<Value>) -> Result<Option<Vec<Value>>> {
        let entry_key: EntryKey = self.key.entry_key(&key)?;
        for _ in 0..ATTEMPTS {
            context.cancel.check()?;
            let stored = context.cluster.entry(&self.map, &entry_key).await?;
            let Some(values) = self.new_values(context, &key).await? else { return Ok(None) };
            let Some(stored) = stored else { return Err(self.unreachable()) };
            let places = self.returning.iter().flat_map(|returned| &returned.places);
            let needed = places.map(|&place| values.get(place).cloned().unwrap_or(Value::Null)).collect();
            let new = self.new_value(&stored, values)?;
            if context.cluster.replace_entry(&self.map, &entry_key, &stored, &new).await? {
                return Ok(Some(needed));
            }
        }
        let message = "could not serialize access due to concurrent update";
        Err(Error::new(SqlState::SERIALIZATION_FAILURE, message))
    }

    /// What is put in the place of a value.
    fn new_value(&self, stored: &StoredValue, values: Vec<Value>) -> Result<NewValue> {
        match &self.target {
            Target::Members(members) => {
                let json = stored.json.as_ref().ok_or_else(|| self.unreachable())?;
                replace_members(json, members, &values).map(NewValue::Json)
            }
            Target::Whole(column, ty) => match values.into_iter().next() {
                Some(Value::Null) | None => {
                    let message = format!(
                        "null value in column \"{column}\" of map \"{}\" violates not-null constraint",
                        self.map
                    );
                    Err(Error::new(SqlState::NOT_NULL_VIOLATION, message))
                }
                Some(value) => Ok(NewValue::Basic(value, *ty)),
            },
        }
    }

    /// The new values of a row by its key; `None` when it is gone or does not match any more.
    async fn new_values(&self, context: &Context, key: &[Value]) -> Result<Option<Vec<Value>>> {
        let mut context = context.clone();
        context.params = context.params.iter().chain(key).cloned().collect();
        let rows = exec::run(&self.values, context)?.collect().await?;
        Ok(rows.into_iter().next())
    }

    /// SQL sees a row whose entry map operations don't find under the key that it should have.
    fn unreachable(&self) -> Error {
        let message = format!("an entry of map \"{}\" can't be updated", self.map);
        let detail = "Its key is stored in another form than Hazelcast's SQL writes it, or its map has a \
                      partitioning strategy of its own.";
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail)
    }
}
