//! `INSERT` and `SINK`: rows become statements of up to [`ROWS`] rows of VALUES, all arguments.

use std::sync::Arc;

use pg::{Env, Error, Result, SqlState, Value};

use crate::catalog::{Relation, RelationKind};
use crate::exec::{self, Context};
use crate::hazelcast::SqlType;
use crate::plan::{Plan, quote};
use crate::query::{Body, Expr, ExprKind, Insert, Query, RangeKind};
use crate::walk::{any, for_each_in_query};

use super::Changed;
use super::key::{not_a_table, table};
use super::partly;
use super::refused::Constraints;
use super::returning::Returning;

/// Rows of one statement. One row at a time is ten times slower per row, a thousand hardly faster than a hundred; and
/// each number of rows is a text that members must plan anew.
const ROWS: usize = 128;

/// How rows are inserted.
#[derive(Clone, Debug)]
pub struct InsertPlan {
    rows: RowsPlan,
    returning: Option<Returning>,
    pub(super) source: Plan,
    /// The rows come from the map that they go to: all are read before the first is written.
    from_itself: bool,
}

pub(super) fn plan(insert: &Insert, env: &Env) -> Result<InsertPlan> {
    let relation = &insert.relation;
    if relation.mapping().is_none() {
        return Err(not_a_table(relation, "INSERT"));
    }
    let rows = RowsPlan::of(if insert.sink { "SINK" } else { "INSERT" }, relation, &insert.columns)?;
    let map = relation.mapping().map_or("", |mapping| &mapping.external_name);
    let from_itself = reads(&insert.source, map);
    let returning = Returning::of(&insert.returning, &[crate::query::Range::of_relation(relation)]);
    returning.iter().try_for_each(|returning| returning.check(env))?;
    Ok(InsertPlan { rows, returning, source: crate::plan::plan(&insert.source, env)?, from_itself })
}

/// Whether a query may read a map. What a view of the cluster's reads is not known here.
fn reads(query: &Query, map: &str) -> bool {
    if let Body::Select(select) = &query.body
        && select.ranges.iter().any(|range| match &range.kind {
            RangeKind::Relation(relation) => match &relation.kind {
                RelationKind::Mapping(mapping) => mapping.external_name == map,
                RelationKind::ClusterView { .. } => true,
                RelationKind::View { .. } | RelationKind::Catalog => false,
            },
            _ => false,
        })
    {
        return true;
    }
    let (mut exprs, mut queries) = (Vec::new(), Vec::new());
    for_each_in_query(query, &mut |expr| exprs.push(expr), &mut |inner| queries.push(inner));
    let in_expr = |expr: &Expr| {
        any(expr, &|e| matches!(&e.kind, ExprKind::Subquery(subquery) if reads(&subquery.query, map)))
    };
    exprs.into_iter().any(in_expr) || queries.into_iter().any(|inner| reads(inner, map))
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
    constraints: Constraints,
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
        let constraints = Constraints::new(relation, indexes);
        Ok(RowsPlan { head, columns, constraints, unique: verb == "INSERT" })
    }

    /// The most rows that are written at a time.
    pub const ROWS: usize = ROWS;

    /// Writes rows, at most [`RowsPlan::ROWS`].
    pub async fn write(&self, context: &Context, rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        context.cancel.check()?;
        rows.iter().try_for_each(|row| self.constraints.check(row, &context.env))?;
        if self.unique {
            self.constraints.check_unique(rows, &context.env)?;
        }
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
    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        let mut written = Written::default();
        match self.run_counting(context, &mut written).await {
            Ok(()) => {
                let returned = Returning::of_rows(self.returning.as_ref(), written.rows, context).await?;
                Ok(Changed { count: written.count, returned })
            }
            Err(error) => Err(partly(error, written.count, "statement")),
        }
    }

    async fn run_counting(&self, context: &Context, written: &mut Written) -> Result<()> {
        let mut rows = exec::run(&self.source, context.clone())?;
        if self.from_itself {
            let mut all = rows.collect().await?.into_iter();
            loop {
                let next: Vec<Vec<Value>> = all.by_ref().take(ROWS).collect();
                if next.is_empty() {
                    return Ok(());
                }
                self.send(context, next, written).await?;
            }
        }
        let mut waiting: Vec<Vec<Value>> = Vec::new();
        while let Some(batch) = rows.next().await? {
            waiting.extend(batch);
            while waiting.len() >= ROWS {
                let more = waiting.split_off(ROWS);
                self.send(context, std::mem::replace(&mut waiting, more), written).await?;
            }
        }
        self.send(context, waiting, written).await
    }

    async fn send(&self, context: &Context, rows: Vec<Vec<Value>>, written: &mut Written) -> Result<()> {
        written.count += self.rows.write(context, &rows).await?;
        if let Some(returning) = &self.returning {
            let needed = |row: &Vec<Value>| -> Vec<Value> {
                let value = |&(_, column): &(usize, usize)| self.rows.constraints.value(row, column).cloned();
                returning.needed.iter().map(|column| value(column).unwrap_or(Value::Null)).collect()
            };
            written.rows.extend(rows.iter().map(needed));
        }
        Ok(())
    }
}

/// What has been written so far.
#[derive(Default)]
struct Written {
    count: u64,
    /// What RETURNING needs of the rows.
    rows: Vec<Vec<Value>>,
}
