//! `INSERT` and `SINK`: rows become statements of up to [`ROWS`] rows of VALUES, all arguments.

use std::sync::Arc;

use futures::stream::{StreamExt, iter};
use pg::{Env, Error, Result, SqlState, Value};

use crate::catalog::Relation;
use crate::exec::{self, Context};
use crate::hazelcast::SqlType;
use crate::plan::{Plan, quote};
use crate::query::*;

use super::Changed;
use super::conflict::Conflict;
use super::key::{GETS, Key, not_a_table, table};
use super::partly;
use super::reads::{expr_reads, reads};
use super::refused::Constraints;
use super::returning::Returning;

/// Rows of one statement. One row at a time is ten times slower per row, a thousand hardly faster than a hundred; and
/// each number of rows is a text that members must plan anew.
const ROWS: usize = 128;

/// How rows are inserted.
#[derive(Clone, Debug)]
pub struct InsertPlan {
    pub(super) rows: RowsPlan,
    pub(super) returning: Option<Returning>,
    source: Plan,
    /// The rows come from the map that they go to: all are read before the first is written.
    from_itself: bool,
    conflict: Option<Conflict>,
    /// How entries are found, if they can be.
    pub(super) key: Option<Key>,
    /// How many columns the table has.
    pub(super) width: usize,
}

pub(super) fn plan(insert: &Insert, params: usize, env: &Env) -> Result<InsertPlan> {
    let relation = &insert.relation;
    let Some(mapping) = relation.mapping() else { return Err(not_a_table(relation, "INSERT")) };
    let rows = RowsPlan::of(if insert.sink { "SINK" } else { "INSERT" }, relation, &insert.columns)?;
    let source = source(insert);
    let map = mapping.external_name.clone();
    let returning = Returning::of(&insert.returning, &[Range::of_relation(relation)], &insert.ctes);
    if let Some(returning) = &returning {
        returning.check(env)?;
        let reads_itself = insert.returning.iter().any(|target| expr_reads(&target.expr, &map));
        if reads_itself && insert.sink {
            return Err(Error::refused("a subquery of the same map in RETURNING"));
        }
    }
    Ok(InsertPlan {
        from_itself: reads(&source, &map),
        source: crate::plan::plan(&source, env)?,
        conflict: super::conflict::plan(insert, &map, params, env)?,
        key: if insert.sink { None } else { Key::of(relation, "INSERT").ok() },
        width: relation.columns.len(),
        rows,
        returning,
    })
}

/// The rows to insert: with the statement's WITH around them.
fn source(insert: &Insert) -> Query {
    let source = &insert.source;
    if insert.ctes.is_empty() {
        return source.clone();
    }
    let block = Select::all_of(Range::of_subquery("source", source.clone()), &source.columns);
    let body = Body::Select(Box::new(block));
    Query { ctes: insert.ctes.clone(), ..Query::plain(body, source.columns.clone()) }
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

/// How rows that come one batch after the other are written (`COPY FROM`, and the rows of `INSERT`).
#[derive(Clone, Debug)]
pub struct RowsPlan {
    /// `INSERT INTO "public"."t" ("a", "b") VALUES `
    head: String,
    columns: Vec<SqlType>,
    pub(super) constraints: Constraints,
    /// A key that is there already is an error, not overwritten.
    unique: bool,
}

impl RowsPlan {
    /// Rows of these columns (indexes into [`Relation::columns`]); the others are NULL.
    pub fn new(relation: &Arc<Relation>, indexes: &[usize]) -> Result<RowsPlan> {
        if relation.mapping().is_none() {
            return Err(not_a_table(relation, "COPY"));
        }
        RowsPlan::of("INSERT", relation, indexes)
    }

    fn of(verb: &str, relation: &Arc<Relation>, indexes: &[usize]) -> Result<RowsPlan> {
        let mut names = Vec::with_capacity(indexes.len());
        let mut columns = Vec::with_capacity(indexes.len());
        for &index in indexes {
            let (name, ty) = writable(relation, index)?;
            names.push(quote(&name));
            columns.push(ty);
        }
        let head = format!("{verb} INTO {} ({}) VALUES ", table(relation), names.join(", "));
        let unique = verb == "INSERT";
        let constraints = Constraints::new(relation, indexes, unique);
        Ok(RowsPlan { head, columns, constraints, unique })
    }

    /// The most rows that are written at a time.
    pub const ROWS: usize = ROWS;

    /// That rows can be written, as far as they tell by themselves; else which can't, and why.
    pub fn check(&self, rows: &[Vec<Value>], env: &Env) -> Result<(), (usize, Error)> {
        for (at, row) in rows.iter().enumerate() {
            self.constraints.check(row, env).map_err(|error| (at, error))?;
        }
        if self.unique { self.constraints.check_unique(rows, env) } else { Ok(()) }
    }

    /// Writes rows that were checked, at most [`RowsPlan::ROWS`].
    pub async fn write(&self, context: &Context, rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        context.cancel.check()?;
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let sql = format!("{}{}", self.head, vec![row; rows.len()].join(", "));
        let args =
            rows.iter().flat_map(|row| row.iter().cloned().zip(self.columns.iter().copied())).collect();
        let sent = context.cluster.update(&sql, args).await;
        sent.map_err(|error| self.constraints.explain(error, rows, &context.env))?;
        Ok(rows.len() as u64)
    }
}

impl InsertPlan {
    /// The plans by which it finds its rows.
    pub(super) fn plans(&self) -> Vec<&Plan> {
        let update = self.conflict.as_ref().and_then(|conflict| conflict.update.as_ref());
        std::iter::once(&self.source).chain(update.map(|entries| &entries.values)).collect()
    }

    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        let mut written = Written::default();
        match self.run_counting(context, &mut written).await {
            Ok(()) => {
                let returned = self.returning.as_ref().map(|_| written.returned);
                Ok(Changed { count: written.count, returned })
            }
            Err(error) => Err(partly(error, written.count, written.under_way, "statement")),
        }
    }

    async fn run_counting(&self, context: &Context, written: &mut Written) -> Result<()> {
        let mut rows = exec::run(&self.source, context.clone())?;
        if let Some(conflict) = &self.conflict {
            let rows = rows.collect().await?;
            return self.run_conflict(conflict, context, rows, written).await;
        }
        if self.from_itself || self.returning.is_some() {
            return self.send(context, rows.collect().await?, written).await;
        }
        let (mut waiting, mut bytes) = (Vec::new(), 0);
        // An error may come right behind rows: they are sent when the next ones are there.
        while let Some(batch) = rows.next().await? {
            let full = self.key.is_none() && waiting.len() >= ROWS;
            if full || bytes > context.memory_limit / 4 {
                let rows = std::mem::take(&mut waiting);
                bytes = 0;
                self.send(context, rows, written).await?;
            }
            bytes += batch.iter().map(|row| exec::row_bytes(row)).sum::<usize>();
            waiting.extend(batch);
        }
        self.send(context, waiting, written).await
    }

    /// Writes rows, after it was seen that none of them fails: what is written stays.
    async fn send(&self, context: &Context, rows: Vec<Vec<Value>>, written: &mut Written) -> Result<()> {
        self.check(context, &rows).await?;
        if rows.len() > 1 {
            self.check_keys(context, &rows).await?;
        }
        if let Some(returning) = &self.returning {
            let needed = rows.iter().map(|row| self.needed(row)).collect();
            match Returning::of_rows(Some(returning), needed, context).await {
                Ok(returned) => written.returned.extend(returned.unwrap_or_default()),
                Err(error) => {
                    // That its key is there already would be said first.
                    self.check_keys(context, &rows).await?;
                    return Err(error);
                }
            }
        }
        for rows in rows.chunks(ROWS) {
            // The cluster writes one after the other, up to the one that fails.
            written.under_way = if rows.len() > 1 { rows.len() as u64 } else { 0 };
            written.count += self.rows.write(context, rows).await?;
            written.under_way = 0;
        }
        Ok(())
    }

    /// That rows can be stored. PostgreSQL looks at one row after the other, so the keys of those before one that can't
    /// come first; what only Hazelcast can't store comes last.
    async fn check(&self, context: &Context, rows: &[Vec<Value>]) -> Result<()> {
        for (index, row) in rows.iter().enumerate() {
            if let Err(error) = self.rows.constraints.check(row, &context.env) {
                let null = error.code() == SqlState::NOT_NULL_VIOLATION;
                self.check_keys(context, if null { &rows[..index] } else { rows }).await?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// That the keys are all different, and none is there already, as far as entries can be found.
    async fn check_keys(&self, context: &Context, rows: &[Vec<Value>]) -> Result<()> {
        if !self.rows.unique {
            return Ok(());
        }
        self.rows.constraints.check_unique(rows, &context.env).map_err(|(_, error)| error)?;
        let gets: Vec<_> = rows.iter().map(|row| self.is_there(context, row)).collect();
        let mut found = iter(gets).buffered(GETS).enumerate();
        while let Some((index, there)) = found.next().await {
            if there? {
                let row = rows.get(index..=index).unwrap_or_default();
                return Err(self.rows.constraints.duplicate(row, &context.env));
            }
        }
        Ok(())
    }

    /// Whether there is an entry under the key of a row, as far as entries can be found.
    pub(super) async fn is_there(&self, context: &Context, row: &[Value]) -> Result<bool> {
        let (Some((values, entry_key)), Some(key)) = (self.address(context, row), &self.key) else {
            return Ok(false);
        };
        Ok(key.stored(context, &entry_key, &values).await?.is_some())
    }

    /// What RETURNING needs of a row.
    pub(super) fn needed(&self, row: &[Value]) -> Vec<Value> {
        let value = |&(_, column): &(usize, usize)| self.rows.constraints.value(row, column).cloned();
        let needed = self.returning.iter().flat_map(|returning| &returning.needed);
        needed.map(|column| value(column).unwrap_or(Value::Null)).collect()
    }
}

/// What has been written so far.
#[derive(Default)]
pub(super) struct Written {
    pub(super) count: u64,
    /// Rows behind these that a statement was sent for.
    under_way: u64,
    /// What RETURNING made of the rows.
    pub(super) returned: Vec<Vec<Value>>,
}
