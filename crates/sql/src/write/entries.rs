//! Entries updated one by one: an entry is read as it is stored, the new values are computed from what SQL reads under
//! its key (and whether the row still matches), and the new value is put if the entry is still the one that was read.

use pg::{Env, Error, Result, SqlState, Value};

use crate::catalog::Relation;
use crate::exec::{self, Context};
use crate::hazelcast::SqlType;
use crate::plan::Plan;
use crate::query::{Body, ColumnRef, Expr, ExprKind, Query, Update};
use crate::remote::{EntryKey, NewValue, StoredValue};

use super::json::replace_members;
use super::key::Key;
use super::refused::Constraints;
use super::returning::Returning;

/// How often an entry that somebody else changes at the same time is tried.
pub(super) const ATTEMPTS: usize = 50;

/// How the entry of a key is updated.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    /// Selects the new values of the row whose key is in the parameters behind the statement's own, what RETURNING needs,
    /// and the key.
    pub(super) values: Plan,
    /// As `values`, for keys of which a part is NULL; keys of one part are not.
    values_of_null: Option<Plan>,
    pub(super) key: Key,
    pub(super) map: String,
    target: Target,
    /// Where the new values of `target` stand among those of all columns that are updated.
    assigned: Vec<usize>,
    /// Parts of the key that are updated, and where their new values stand.
    pub(super) moved: Vec<(usize, usize)>,
    /// The columns that stay as they are, for rows that move: they are told in errors. They are selected last of all.
    kept: Vec<usize>,
    /// Where the first of them stands.
    kept_from: usize,
    /// Of the columns of the key and behind them the others that are updated.
    constraints: Constraints,
    pub(super) returned: Option<Returned>,
}

/// What is returned of an updated row.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    pub(super) returning: Returning,
    /// Where the new value of each needed column stands in a row of `Entries::values`.
    places: Vec<usize>,
}

/// What is written.
#[derive(Clone, Debug)]
enum Target {
    /// Nothing of the value: only its key changes.
    Nothing,
    /// Members of a JSON object, by name.
    Members(Vec<(String, SqlType)>),
    /// Fields of a Compact or Portable record, by name.
    Fields(Vec<(String, SqlType)>),
    /// The whole value, of a basic type.
    Whole(SqlType),
}

impl Entries {
    /// Of an update whose block has, behind the new values, what RETURNING needs ([`Entries::with_returning`]).
    pub(super) fn of(update: &Update, key: Key, params: usize, env: &Env) -> Result<Entries> {
        let part = |column: usize| key.columns.iter().position(|&(key, _)| key == column);
        let (moved, assigned): (Vec<usize>, Vec<usize>) = (0..update.columns.len())
            .partition(|&at| update.columns.get(at).copied().and_then(part).is_some());
        let column = |at: usize| update.columns.get(at).copied().unwrap_or_default();
        let updated: Vec<usize> = assigned.iter().map(|&at| column(at)).collect();
        let moved: Vec<(usize, usize)> =
            moved.into_iter().filter_map(|at| Some((part(column(at))?, at))).collect();
        let target = target(&update.relation, &updated)?;
        let mut source = update.source.clone();
        let Body::Select(select) = &mut source.body else {
            return Err(Error::internal("an UPDATE is no block"));
        };
        let own = select.filter.take();
        let returning = Returning::of(&update.returning, &select.ranges, &source.ctes);
        let returned = returning.map(|returning| {
            let assigned = |column| update.columns.iter().position(|&updated| updated == column);
            let mut more = update.columns.len()..;
            let places = returning.needed.iter().map(|&(range, column)| {
                // What stands behind the new values is what the row had.
                let old = more.next().unwrap_or_default();
                assigned(column).filter(|_| range == 0).unwrap_or(old)
            });
            let places = places.collect();
            select.targets.extend(returning.sources());
            Returned { returning, places }
        });
        select.targets.extend(key.targets());
        source.columns = select.targets.iter().map(crate::query::Target::output).collect();
        returned.iter().try_for_each(|returned| returned.returning.check(env))?;
        let values = plan_of(&source, key.conditions(params)?, own.clone(), env)?;
        let values_of_null = match key.columns.len() {
            ..2 => None,
            _ => Some(plan_of(&source, key.conditions_or_null(params)?, own, env)?),
        };
        let map = update.relation.mapping().map(|mapping| mapping.external_name.clone()).unwrap_or_default();
        let kept: Vec<usize> = match moved.is_empty() {
            true => Vec::new(),
            false => visible(&update.relation)
                .filter(|&column| part(column).is_none() && !updated.contains(&column))
                .collect(),
        };
        let kept_from =
            update.columns.len() + returned.as_ref().map_or(0, |returned| returned.returning.needed.len());
        let keys = key.columns.iter().map(|&(column, _)| column);
        let columns: Vec<usize> = keys.chain(updated).chain(kept.iter().copied()).collect();
        let constraints = Constraints::new(&update.relation, &columns, !moved.is_empty());
        Ok(Entries {
            values,
            values_of_null,
            key,
            map,
            target,
            assigned,
            moved,
            kept,
            kept_from,
            constraints,
            returned,
        })
    }

    /// An entry as it is stored, and its new values if its row matches, which can be written; `more` are the parameters of `values` behind
    /// the key.
    pub(super) async fn read(
        &self,
        context: &Context,
        entry_key: &EntryKey,
        key: &[Value],
        more: &[Value],
    ) -> Result<(Option<StoredValue>, Option<Vec<Value>>)> {
        context.cancel.check()?;
        let mut stored = self.key.stored(context, entry_key, key).await?;
        let mut rows = self.rows(context, key, more).await?;
        if stored.is_none() && !rows.is_empty() {
            // The look-up may have learned a form of keys. What the entry is must be known before its row is read.
            stored = self.key.stored(context, entry_key, key).await?;
            if stored.is_some() {
                rows = self.rows(context, key, more).await?;
            }
        }
        let mut rows = rows.into_iter();
        let values = match stored {
            // What is equal may be another key: 1.0 and 1.00, 0 and -0.
            Some(_) => rows.find(|row| row.ends_with(key)),
            None => rows.next(),
        };
        values.iter().try_for_each(|values| self.check(key, values, &context.env))?;
        Ok((stored, values))
    }

    /// Puts new values into an entry, unless it has changed since; whether they are there.
    pub(super) async fn replace(
        &self,
        context: &Context,
        stored: &StoredValue,
        values: Vec<Value>,
    ) -> Result<bool> {
        let new = self.new_value(stored, &values)?;
        context.cluster.replace_entry(&self.map, stored, &new).await
    }

    /// What RETURNING needs of a row of [`Entries::values`].
    pub(super) fn needed(&self, values: &[Value]) -> Vec<Value> {
        let places = self.returned.iter().flat_map(|returned| &returned.places);
        places.map(|&place| values.get(place).cloned().unwrap_or(Value::Null)).collect()
    }

    /// That new values can be written to the row of a key, as far as that depends on them alone. Behind them may stand
    /// what RETURNING needs.
    pub(super) fn check(&self, key: &[Value], values: &[Value], env: &Env) -> Result<()> {
        self.constraints.check(&self.row(key, values), env)
    }

    /// The key that the row of a key gets.
    pub(super) fn new_key(&self, key: &[Value], values: &[Value]) -> Vec<Value> {
        let value = |(part, old): (usize, &Value)| {
            let new = self.moved.iter().find(|(moved, _)| *moved == part).and_then(|&(_, at)| values.get(at));
            new.unwrap_or(old).clone()
        };
        key.iter().enumerate().map(value).collect()
    }

    /// What the constraints are about: the key, what is updated beside it, and, of rows that move, the rest.
    fn row(&self, key: &[Value], values: &[Value]) -> Vec<Value> {
        let kept = values.iter().skip(self.kept_from).take(self.kept.len()).cloned();
        self.new_key(key, values).into_iter().chain(self.assigned_of(values)).chain(kept).collect()
    }

    /// What of the row as it was is to be selected behind what RETURNING needs.
    pub(super) fn kept(&self) -> impl Iterator<Item = crate::query::Target> {
        self.key.columns_as_targets(&self.kept)
    }

    fn assigned_of<'v>(&'v self, values: &'v [Value]) -> impl Iterator<Item = Value> + 'v {
        self.assigned.iter().map(|&at| values.get(at).cloned().unwrap_or(Value::Null))
    }

    /// The error of a row whose new key is there already.
    pub(super) fn duplicate(&self, key: &[Value], values: &[Value], env: &Env) -> Error {
        self.constraints.duplicate(&[self.row(key, values)], env)
    }

    /// What is put in the place of a value.
    pub(super) fn new_value(&self, stored: &StoredValue, values: &[Value]) -> Result<NewValue> {
        let mut values = self.assigned_of(values);
        match &self.target {
            Target::Nothing => Ok(NewValue::Same),
            Target::Members(members) => {
                let json = stored.json.as_ref().ok_or_else(|| self.unreachable())?;
                replace_members(json, members, &values.collect::<Vec<_>>()).map(NewValue::Json)
            }
            Target::Fields(fields) => {
                let fields = fields.iter().zip(values);
                Ok(NewValue::Fields(fields.map(|((name, ty), value)| (name.clone(), value, *ty)).collect()))
            }
            Target::Whole(ty) => {
                let value = values.next();
                Ok(NewValue::Basic(value.ok_or_else(|| Error::internal("an UPDATE has no value"))?, *ty))
            }
        }
    }

    /// The rows of [`Entries::values`] for a key: none when it is gone or does not match any more.
    async fn rows(&self, context: &Context, key: &[Value], more: &[Value]) -> Result<Vec<Vec<Value>>> {
        let mut context = context.clone();
        context.params = context.params.iter().chain(key).chain(more).cloned().collect();
        let of_null = self.values_of_null.as_ref().filter(|_| key.iter().any(Value::is_null));
        exec::run(of_null.unwrap_or(&self.values), context)?.collect().await
    }

    /// SQL sees a row whose entry map operations don't find under the key that it should have.
    pub(super) fn unreachable(&self) -> Error {
        let message = format!("an entry of map \"{}\" can't be updated", self.map);
        let detail = "Its key is stored in another form than Hazelcast's SQL writes it, or its map has a \
                      partitioning strategy of its own.";
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail)
    }
}

/// The plan of a block for the row of one key.
fn plan_of(source: &Query, mut conditions: Vec<Expr>, own: Option<Expr>, env: &Env) -> Result<Plan> {
    let mut source = source.clone();
    if let Body::Select(select) = &mut source.body {
        conditions.extend(own);
        select.filter = Expr::all(conditions);
    }
    crate::plan::plan(&source, env)
}

/// What must be remembered of entries until all of it is known finds no room.
pub(super) fn too_much(limit: usize) -> Error {
    Error::new(SqlState::OUT_OF_MEMORY, "out of memory")
        .detail(format!("The statement needs more than {limit} bytes for the entries that it changes."))
        .hint("Change fewer rows at a time, or raise \"statement_memory\" of the gateway.")
}

/// Somebody else changes the same entry all the time.
pub(super) fn concurrent_update() -> Error {
    let message = "could not serialize access due to concurrent update";
    Error::new(SqlState::SERIALIZATION_FAILURE, message)
}

/// An update without assignments that give a column of the key the value that it has: those of one of these columns of
/// `ranges` to itself.
pub(super) fn without_own_key(mut update: Update, key: &Key, own: impl Fn(&Expr, usize) -> bool) -> Update {
    let Body::Select(select) = &mut update.source.body else { return update };
    let is_key = |index: usize| key.columns.iter().any(|&(key, _)| key == index);
    let targets = std::mem::take(&mut select.targets);
    let kept = update.columns.iter().copied().zip(targets);
    let kept = kept.filter(|(column, target)| !(is_key(*column) && own(&target.expr, *column)));
    let (columns, targets) = kept.unzip();
    (update.columns, select.targets) = (columns, targets);
    update.source.columns = select.targets.iter().map(crate::query::Target::output).collect();
    update
}

/// Whether an expression is just this column of range 0.
pub(super) fn is_own_column(expr: &Expr, column: usize) -> bool {
    matches!(expr.kind, ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column: c }) if c == column)
}

/// That no column of the key is updated, where entries can't be moved to another key.
pub(super) fn keep_key(update: &Update, key: &Key) -> Result<()> {
    let is_key = |index: &&usize| key.columns.iter().any(|(key, _)| key == *index);
    let Some(&index) = update.columns.iter().find(is_key) else { return Ok(()) };
    let name = update.relation.columns.get(index).map_or("", |column| &*column.name);
    let message = format!("column \"{name}\" can't be updated");
    let detail = "It is part of the key of the entry.";
    Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail))
}

/// The columns that a row is shown with.
fn visible(relation: &Relation) -> impl Iterator<Item = usize> {
    relation.columns.iter().enumerate().filter(|(_, column)| !column.hidden).map(|(index, _)| index)
}

/// How columns that are not of the key are written.
fn target(relation: &Relation, columns: &[usize]) -> Result<Target> {
    if columns.is_empty() {
        return Ok(Target::Nothing);
    }
    let format = relation.mapping().and_then(|mapping| mapping.option("valueFormat")).unwrap_or_default();
    let mut parts = Vec::new();
    for &index in columns {
        let column = relation.columns.get(index).ok_or_else(|| Error::internal("a column is missing"))?;
        let external = column.external_name.as_deref().unwrap_or(&column.name);
        let ty = column.cluster_type.ok_or_else(|| Error::internal("a column has no type in the cluster"))?;
        let basic = !matches!(ty, SqlType::Object | SqlType::Row | SqlType::Null);
        if external == "this" && format != "json-flat" && basic && columns.len() == 1 {
            return Ok(Target::Whole(ty));
        }
        if format != "json-flat" && !basic {
            return Err(nested(&column.name));
        }
        parts.push((external.strip_prefix("this.").unwrap_or(external).to_string(), ty));
    }
    match format {
        "json-flat" => Ok(Target::Members(parts)),
        "compact" | "portable" => Ok(Target::Fields(parts)),
        _ => Err(of_format(&relation.name, format)),
    }
}

/// A column that is a record or an array by itself.
fn nested(column: &str) -> Error {
    let message = format!("column \"{column}\" can't be updated");
    let detail = "Its type has no literals in SQL.";
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, message)
        .detail(detail)
        .hint("Write the entries with a Hazelcast client.")
}

/// A value that only its Java class can write.
fn of_format(relation: &str, format: &str) -> Error {
    let message = format!("UPDATE of \"{relation}\" is not supported");
    let detail = format!(
        "Hazelcast's UPDATE drops what a value of format \"{format}\" has beside the columns of the mapping."
    );
    let hint = "Write whole rows with SINK INTO.";
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).hint(hint)
}
