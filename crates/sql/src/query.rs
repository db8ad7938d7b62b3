//! The analysed query: what a statement means, in PostgreSQL's terms, before anybody decides where it runs
//! (PostgreSQL's `Query` and `primnodes.h`).
//!
//! A query block numbers the entries of its FROM clause ([`Range`]); a column is named by its range and its place in
//! it, and by how many blocks further out that range stands. The planner replaces such columns by places in rows
//! ([`ExprKind::Slot`]) and arguments ([`ExprKind::Arg`]); analysis never makes those two.

use std::sync::Arc;

use pg::{Oid, TypeRef};

use crate::catalog::Relation;
use crate::stack::grown;

mod expr;
mod statement;

pub use expr::*;
pub use statement::*;

/// A statement that reads rows: `SELECT`, `VALUES`, `TABLE`, set operations, with what stands around them.
#[derive(Debug)]
pub struct Query {
    /// `WITH`, in order of definition.
    pub ctes: Vec<Cte>,
    /// What makes the rows.
    pub body: Body,
    /// `ORDER BY`.
    pub order_by: Vec<SortKey>,
    /// `LIMIT`: an `int8`; NULL means all.
    pub limit: Option<Expr>,
    /// `OFFSET`: an `int8`.
    pub offset: Option<Expr>,
    /// `FETCH FIRST … WITH TIES`.
    pub with_ties: bool,
    /// The columns of the result, as Describe tells them.
    pub columns: Vec<OutputColumn>,
}

/// By hand: queries nest, and a level of them takes much stack.
impl Clone for Query {
    fn clone(&self) -> Query {
        grown(|| Query {
            ctes: self.ctes.clone(),
            body: self.body.clone(),
            order_by: self.order_by.clone(),
            limit: self.limit.clone(),
            offset: self.offset.clone(),
            with_ties: self.with_ties,
            columns: self.columns.clone(),
        })
    }
}

impl Query {
    /// A query of its body alone.
    pub fn plain(body: Body, columns: Vec<OutputColumn>) -> Query {
        let (ctes, order_by) = (Vec::new(), Vec::new());
        Query { ctes, body, order_by, limit: None, offset: None, with_ties: false, columns }
    }
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// The name: an alias, a column's own, a function's, or `?column?` (PostgreSQL's `FigureColname`).
    pub name: Arc<str>,
    /// The type.
    pub ty: TypeRef,
    /// The relation and attribute number when it is a plain column of one (RowDescription), else invalid and 0.
    pub origin: (Oid, i16),
}

/// A common table expression.
#[derive(Clone, Debug)]
pub struct Cte {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns.
    pub columns: Vec<RangeColumn>,
    /// Its query. In a recursive one the reference to itself is a [`RangeKind::Cte`] too.
    pub query: Query,
    /// `WITH RECURSIVE`, and it does refer to itself: the body is a UNION whose right side is the recursive term.
    pub recursive: bool,
    /// `MATERIALIZED`: yes, no, or not said.
    pub materialized: Option<bool>,
    /// It changes data, and its rows are what RETURNING makes: the query is one without rows. Only at the top of a
    /// statement; [`crate::write`] does it.
    pub change: Option<Box<Statement>>,
}

/// What makes the rows of a query.
#[derive(Clone, Debug)]
pub enum Body {
    /// `SELECT …`
    Select(Box<Select>),
    /// `UNION`, `INTERSECT`, `EXCEPT`
    SetOperation(Box<SetOperation>),
    /// `VALUES (…), (…)`: every row has as many expressions as the query has columns, already of their types
    Values(Vec<Vec<Expr>>),
}

/// One query block.
#[derive(Clone, Debug)]
pub struct Select {
    /// The entries of the FROM clause, by number.
    pub ranges: Vec<Range>,
    /// How they are joined; several entries stand for cross joins. Empty: no FROM.
    pub from: Vec<From>,
    /// `WHERE`, a `bool`.
    pub filter: Option<Expr>,
    /// `GROUP BY`, or aggregates without it.
    pub grouping: Option<Grouping>,
    /// `HAVING`, a `bool`.
    pub having: Option<Expr>,
    /// The windows that window functions refer to.
    pub windows: Vec<Window>,
    /// `DISTINCT`.
    pub distinct: Distinct,
    /// The select list, and behind it what only ORDER BY, GROUP BY or DISTINCT ON need (`junk`).
    pub targets: Vec<Target>,
    /// The ranges whose rows are to be locked, with the words that say how (`UPDATE`).
    pub locked: Vec<(usize, &'static str)>,
}

impl Select {
    /// A block of FROM and a select list.
    pub fn plain(ranges: Vec<Range>, from: Vec<From>, targets: Vec<Target>) -> Select {
        let (windows, distinct, locked) = (Vec::new(), Distinct::No, Vec::new());
        Select {
            ranges,
            from,
            filter: None,
            grouping: None,
            having: None,
            windows,
            distinct,
            targets,
            locked,
        }
    }

    /// All columns of one range, under these names.
    pub fn all_of(range: Range, columns: &[OutputColumn]) -> Select {
        let target = |(column, output): (usize, &OutputColumn)| {
            let kind = ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column });
            Target { expr: Expr::new(kind, output.ty), name: output.name.clone(), junk: false }
        };
        let targets = columns.iter().enumerate().map(target).collect();
        Select::plain(vec![range], vec![From::Range(0)], targets)
    }
}

/// An entry of the select list.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its value.
    pub expr: Expr,
    /// Its output name.
    pub name: Arc<str>,
    /// Not part of the result.
    pub junk: bool,
}

impl Target {
    /// The column of the result, which is no relation's own.
    pub fn output(&self) -> OutputColumn {
        OutputColumn { name: self.name.clone(), ty: self.expr.ty, origin: (Oid::INVALID, 0) }
    }
}

/// `GROUP BY`. Targets, HAVING and sort keys above it contain aggregates, and expressions equal to a key.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// The grouping expressions (over the FROM clause), without duplicates.
    pub keys: Vec<GroupKey>,
    /// `GROUPING SETS`, `ROLLUP`, `CUBE` expanded: each a list of indexes into `keys`. `None`: one set of all keys.
    pub sets: Option<Vec<Vec<usize>>>,
}

/// A grouping expression and how it is compared.
#[derive(Clone, Debug)]
pub struct GroupKey {
    /// The expression.
    pub expr: Expr,
}

/// `DISTINCT`.
#[derive(Clone, Debug, Default)]
pub enum Distinct {
    /// Not asked for.
    #[default]
    No,
    /// Over all targets that are not junk.
    All,
    /// `DISTINCT ON`: indexes of targets.
    On(Vec<usize>),
}

/// A sort key: a target of the block (junk or not), or a column of a set operation or VALUES.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Index into `Select::targets`, or into `Query::columns` for other bodies.
    pub target: usize,
    /// `DESC`, or `USING >`.
    pub descending: bool,
    /// `NULLS FIRST`; PostgreSQL's default is `descending`.
    pub nulls_first: bool,
}

/// An entry of the range table.
#[derive(Clone, Debug)]
pub struct Range {
    /// The name it is known by.
    pub alias: Arc<str>,
    /// Its columns, hidden ones included, in the order of `Relation::columns` when it is a relation.
    pub columns: Vec<RangeColumn>,
    /// What it is.
    pub kind: RangeKind,
    /// It may refer to ranges left of it in the same FROM clause (as columns of level 1 inside a subquery, of level 0
    /// in a function's arguments).
    pub lateral: bool,
}

/// A column of a range.
#[derive(Clone, Debug)]
pub struct RangeColumn {
    /// Its name here, aliases applied.
    pub name: Arc<str>,
    /// Its type.
    pub ty: TypeRef,
    /// Nameable, but absent from `*`.
    pub hidden: bool,
}

/// What an entry of the range table is.
#[derive(Clone, Debug)]
pub enum RangeKind {
    /// A table: a mapping, or a relation of the catalog. (A view is a subquery.)
    Relation(Arc<Relation>),
    /// A subquery, or a view's.
    Subquery(Box<Query>),
    /// Functions in FROM (`ROWS FROM` when several), with `WITH ORDINALITY`.
    Function {
        /// The calls, usually one.
        calls: Vec<Expr>,
        /// Number of columns that each call contributes.
        widths: Vec<usize>,
        /// A last column counts the rows.
        ordinality: bool,
    },
    /// `(VALUES …) AS t`.
    Values(Vec<Vec<Expr>>),
    /// A reference to a common table expression: of the query that is `levels_up` blocks out, its `index`th.
    Cte {
        /// 0: of the query whose block this range is in. Levels count as for [`ColumnRef`].
        levels_up: usize,
        /// Index into `Query::ctes`.
        index: usize,
    },
}

impl Range {
    /// A relation under its own name.
    pub fn of_relation(relation: &Arc<Relation>) -> Range {
        let column =
            |c: &crate::catalog::Column| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: c.hidden };
        Range {
            alias: relation.name.clone(),
            columns: relation.columns.iter().map(column).collect(),
            kind: RangeKind::Relation(relation.clone()),
            lateral: false,
        }
    }

    /// A subquery with the columns that it has.
    pub fn of_subquery(alias: &str, query: Query) -> Range {
        let column = |c: &OutputColumn| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: false };
        Range {
            alias: alias.into(),
            columns: query.columns.iter().map(column).collect(),
            kind: RangeKind::Subquery(Box::new(query)),
            lateral: false,
        }
    }
}

/// The shape of the FROM clause.
#[derive(Clone, Debug)]
pub enum From {
    /// A range by its number.
    Range(usize),
    /// A join. USING and NATURAL have become `on`; the merged columns are expressions where they are used.
    Join {
        /// Which join.
        kind: JoinKind,
        /// The left side.
        left: Box<From>,
        /// The right side.
        right: Box<From>,
        /// The condition; `None` for CROSS JOIN.
        on: Option<Expr>,
    },
}

/// The kinds of joins. Semi and Anti are made by the planner only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Semi,
    Anti,
}

/// `UNION`, `INTERSECT`, `EXCEPT`: both sides have the columns of the whole, already coerced.
#[derive(Clone, Debug)]
pub struct SetOperation {
    /// Which.
    pub kind: SetOperationKind,
    /// `ALL`: duplicates stay.
    pub all: bool,
    /// The left side.
    pub left: Query,
    /// The right side.
    pub right: Query,
    /// For each column where that stands which tells its type (`exprLocation(bestexpr)`).
    pub positions: Vec<Option<u32>>,
}

/// See [`SetOperation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SetOperationKind {
    Union,
    Intersect,
    Except,
}
