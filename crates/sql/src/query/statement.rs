//! Statements: a query, or a change with the query that finds its rows.

use std::sync::Arc;

use pg::Oid;

use super::*;
use crate::plan::ExplainOptions;

/// An analysed statement about rows.
#[derive(Clone, Debug)]
pub enum Statement {
    /// It reads.
    Query(Box<Query>),
    /// `INSERT`, `SINK`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE`
    Delete(Box<Delete>),
    /// `TRUNCATE`
    Truncate(Vec<Arc<Relation>>),
    /// `EXPLAIN`
    Explain(Box<Explain>),
}

/// `INSERT INTO`, `SINK INTO`.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub relation: Arc<Relation>,
    /// `WITH`: for the source, one level further in, and for what else stands in the statement.
    pub ctes: Vec<Cte>,
    /// Which of its columns (indexes into `Relation::columns`) get the columns of the source; the others are NULL.
    pub columns: Vec<usize>,
    /// The rows, in the types of these columns. DEFAULT has become NULL.
    pub source: Query,
    /// Hazelcast's SINK: entries that are there are replaced.
    pub sink: bool,
    /// `ON CONFLICT`, always with the key.
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`, over the columns of the table as range 0; none when empty.
    pub returning: Vec<Target>,
}

/// `ON CONFLICT`: what becomes of a row whose key is there.
#[derive(Clone, Debug)]
pub enum OnConflict {
    /// It is left out.
    Nothing,
    /// The entry is updated: a block over the table as range 0 and the row that was to be inserted, `excluded`, as range
    /// 1, whose rows are still to be given.
    Update {
        /// The columns assigned to, one per target of the source.
        columns: Vec<usize>,
        /// The block, without FROM.
        source: Box<Query>,
    },
}

/// `UPDATE`.
#[derive(Clone, Debug)]
pub struct Update {
    /// The table.
    pub relation: Arc<Relation>,
    /// The columns assigned to (indexes into `Relation::columns`), one per target of the source.
    pub columns: Vec<usize>,
    /// A plain block whose range 0 is the table (the others are those of FROM), whose filter says which rows change,
    /// and whose targets are the new values, in the types of the columns.
    pub source: Query,
    /// `RETURNING`, over the ranges of the source; the table's columns mean their new values. None when empty.
    pub returning: Vec<Target>,
}

/// `DELETE`.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The table.
    pub relation: Arc<Relation>,
    /// A plain block without targets whose range 0 is the table (the others are those of USING), and whose filter says
    /// which rows go.
    pub source: Query,
    /// `RETURNING`, over the ranges of the source; none when empty.
    pub returning: Vec<Target>,
}

/// `EXPLAIN`.
#[derive(Clone, Debug)]
pub struct Explain {
    /// Hazelcast's spelling, `EXPLAIN PLAN FOR`.
    pub plan_for: bool,
    /// What is shown.
    pub options: ExplainOptions,
    /// What is explained.
    pub statement: Statement,
}

impl Statement {
    /// Its WITH.
    pub fn ctes(&self) -> &[Cte] {
        match self {
            Statement::Query(query) => &query.ctes,
            Statement::Insert(insert) => &insert.ctes,
            Statement::Update(update) => &update.source.ctes,
            Statement::Delete(delete) => &delete.source.ctes,
            Statement::Truncate(_) | Statement::Explain(_) => &[],
        }
    }

    /// The same, to change it.
    pub fn ctes_mut(&mut self) -> &mut [Cte] {
        match self {
            Statement::Query(query) => &mut query.ctes,
            Statement::Insert(insert) => &mut insert.ctes,
            Statement::Update(update) => &mut update.source.ctes,
            Statement::Delete(delete) => &mut delete.source.ctes,
            Statement::Truncate(_) | Statement::Explain(_) => &mut [],
        }
    }

    /// Whether its WITH changes data.
    pub fn changes_in_with(&self) -> bool {
        self.ctes().iter().any(|cte| cte.change.is_some())
    }

    /// The columns of its result, if it has one.
    pub fn columns(&self) -> Option<Vec<OutputColumn>> {
        match self {
            Statement::Query(query) => Some(query.columns.clone()),
            Statement::Insert(insert) => returned(&insert.returning, |_| Some(&insert.relation)),
            Statement::Update(update) => {
                returned(&update.returning, |range| relation_of(&update.source, range))
            }
            Statement::Delete(delete) => {
                returned(&delete.returning, |range| relation_of(&delete.source, range))
            }
            Statement::Truncate(_) => None,
            Statement::Explain(explain) => Some(vec![OutputColumn {
                name: "QUERY PLAN".into(),
                ty: explain.options.column_type().into(),
                origin: (Oid::INVALID, 0),
            }]),
        }
    }
}

/// The columns that RETURNING makes; `relation` tells what a range is.
fn returned<'a>(
    targets: &[Target],
    relation: impl Fn(usize) -> Option<&'a Arc<Relation>>,
) -> Option<Vec<OutputColumn>> {
    let origin = |expr: &Expr| {
        let ExprKind::Column(ColumnRef { levels_up: 0, range, column }) = expr.kind else { return None };
        let relation = relation(range)?;
        Some((relation.oid, relation.columns.get(column)?.attnum))
    };
    let column = |target: &Target| OutputColumn {
        name: target.name.clone(),
        ty: target.expr.ty,
        origin: origin(&target.expr).unwrap_or_default(),
    };
    (!targets.is_empty()).then(|| targets.iter().map(column).collect())
}

fn relation_of(source: &Query, range: usize) -> Option<&Arc<Relation>> {
    let Body::Select(select) = &source.body else { return None };
    match &select.ranges.get(range)?.kind {
        RangeKind::Relation(relation) => Some(relation),
        _ => None,
    }
}
