//! What is visible in a query block (`ParseState`, `ParseNamespaceItem`).

use std::sync::Arc;

use pg::{Error, Oid, Result};

use super::Analyzer;
use super::clause::Clause;
use super::names::NO_ORIGIN;
use crate::parse::ast::WindowDef;
use crate::query::{
    Body, ColumnRef, Expr, ExprKind, OutputColumn, Query, Range, RangeColumn, RangeKind, Select, Target,
    Window,
};
use crate::walk;

/// A query block under analysis.
#[derive(Debug, Default)]
pub struct Scope {
    /// The entries of FROM so far.
    pub ranges: Vec<Range>,
    /// Per range and column: the relation and attribute it is, for RowDescription.
    pub origins: Vec<Vec<(Oid, i16)>>,
    /// Columns that ranges are given behind their own.
    pub made: Vec<Made>,
    /// Its first range is the table that a statement changes.
    pub changes: bool,
    /// What can be named.
    pub namespace: Vec<Item>,
    /// `WITH` of this block, so far.
    pub ctes: Vec<CteEntry>,
    /// The names that its WITH has still to define.
    pub future_ctes: Vec<Arc<str>>,
    /// The clause under analysis.
    pub clause: Clause,
    /// Aggregates were found in this block.
    pub has_aggregates: bool,
    /// FROM has the query itself that is under analysis (WITH RECURSIVE).
    pub self_reference: bool,
    /// What stands LATERAL is under analysis: the items that only it may see are visible.
    pub lateral_active: bool,
    /// The arguments of GROUPING calls, until the grouping expressions are known.
    pub grouping_calls: Vec<(Vec<Expr>, Option<u32>)>,
    /// `WINDOW` definitions as written.
    pub window_defs: Vec<WindowDef>,
    /// Windows in use.
    pub windows: Vec<Window>,
}

/// A column that a range is given: what is the same for each of its rows, and NULL where an outer join has none.
#[derive(Clone, Debug)]
pub struct Made {
    /// Which range.
    pub range: usize,
    /// Its name.
    pub name: &'static str,
    /// Its value, a constant.
    pub value: Expr,
    /// See [`Scope::origins`].
    pub origin: (Oid, i16),
}

/// A common table expression in scope.
#[derive(Clone, Debug)]
pub struct CteEntry {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns; `None` while the non-recursive term of a recursive one is under analysis.
    pub columns: Option<Vec<RangeColumn>>,
    /// See [`Scope::origins`].
    pub origins: Vec<(Oid, i16)>,
    /// The columns of those of its columns that are records, as far as they are known.
    pub records: Vec<Option<super::records::Columns>>,
    /// Index into `Query::ctes`.
    pub index: usize,
    /// It is recursive and under analysis: who refers to it is itself.
    pub in_progress: bool,
    /// It changes data and returns nothing.
    pub returns_nothing: bool,
}

/// Something with columns that a name can mean: an entry of FROM, or a join of them.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name; joins without alias have none.
    pub name: Option<Arc<str>>,
    /// The schema, for relations without alias.
    pub schema: Option<Arc<str>>,
    /// Its range, unless it is a join.
    pub range: Option<usize>,
    /// Its columns, shared: joins of many items copy them from join to join.
    pub columns: Arc<[ItemColumn]>,
    /// Its name can be used.
    pub name_visible: bool,
    /// Its columns can be used without its name.
    pub columns_visible: bool,
    /// Visible to LATERAL only.
    pub lateral_only: bool,
    /// May be referred to by LATERAL (not across RIGHT and FULL joins).
    pub lateral_ok: bool,
    /// An outer join may have turned its columns NULL.
    pub nullable: bool,
    /// It has system columns, which are not among `columns`: joins don't hand them on.
    pub system: bool,
}

/// A column that can be named.
#[derive(Clone, Debug)]
pub struct ItemColumn {
    /// Its name.
    pub name: Arc<str>,
    /// What it is, seen from the block it belongs to.
    pub expr: Expr,
    /// Nameable, but absent from `*`.
    pub hidden: bool,
}

impl Item {
    /// Columns without a name around them.
    pub fn unnamed(columns: Vec<ItemColumn>) -> Item {
        Item {
            name: None,
            schema: None,
            range: None,
            columns: columns.into(),
            name_visible: false,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
            nullable: false,
            system: false,
        }
    }

    /// The columns of `*`.
    pub fn visible_columns(&self) -> impl Iterator<Item = &ItemColumn> {
        self.columns.iter().filter(|column| !column.hidden)
    }
}

impl Scope {
    /// Adds a range, and makes an item of it.
    pub fn add(&mut self, range: Range, origins: Vec<(Oid, i16)>) -> Item {
        let index = self.ranges.len();
        let relation = match &range.kind {
            RangeKind::Relation(relation) => Some(relation),
            _ => None,
        };
        let is_own = |column: &usize| {
            relation.is_none_or(|relation| relation.columns.get(*column).is_none_or(|c| c.attnum > 0))
        };
        let column = |(column, c): (usize, &RangeColumn)| ItemColumn {
            name: c.name.clone(),
            expr: Expr::new(ExprKind::Column(ColumnRef { levels_up: 0, range: index, column }), c.ty),
            hidden: c.hidden,
        };
        let item = Item {
            name: Some(range.alias.clone()),
            schema: None,
            range: Some(index),
            columns: range.columns.iter().enumerate().filter(|(at, _)| is_own(at)).map(column).collect(),
            name_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
            nullable: false,
            system: relation.is_some_and(|relation| relation.has_system_columns()),
        };
        self.ranges.push(range);
        self.origins.push(origins);
        item
    }

    /// The entries of FROM, when all that names them is analysed.
    pub fn take_ranges(&mut self) -> Vec<Range> {
        let made = std::mem::take(&mut self.made);
        for (i, range) in self.ranges.iter_mut().enumerate() {
            let own: Vec<&Made> = made.iter().filter(|made| made.range == i).collect();
            if !own.is_empty() {
                with_made(range, &own);
            }
        }
        std::mem::take(&mut self.ranges)
    }

    /// The column of a range that is made so, which the range is given if it hasn't it yet.
    pub fn make(&mut self, made: Made) -> Option<Expr> {
        let range = self.ranges.get_mut(made.range)?;
        let before = self.made.iter().filter(|other| other.range == made.range).count();
        let own = range.columns.len().checked_sub(before)?;
        let mut of_range = self.made.iter().filter(|other| other.range == made.range);
        let place = of_range.position(|other| other.name == made.name).unwrap_or(before);
        let kind = ColumnRef { levels_up: 0, range: made.range, column: own + place };
        let expr = Expr::new(ExprKind::Column(kind), made.value.ty);
        if place == before {
            range.columns.push(RangeColumn { name: made.name.into(), ty: made.value.ty, hidden: true });
            let origins = self.origins.get_mut(made.range)?;
            origins.resize(own + before, NO_ORIGIN);
            origins.push(made.origin);
            self.made.push(made);
        }
        Some(expr)
    }

    /// The relation and attribute that an expression is, if it is a plain column of one.
    pub fn origin(&self, expr: &Expr) -> (Oid, i16) {
        match &expr.kind {
            ExprKind::Column(ColumnRef { levels_up: 0, range, column }) => {
                self.origins.get(*range).and_then(|o| o.get(*column)).copied().unwrap_or_default()
            }
            _ => (Oid::INVALID, 0),
        }
    }
}

/// Gives a range, in a block around it, the values of its last columns.
fn with_made(range: &mut Range, made: &[&Made]) {
    let nothing = RangeKind::Values(Vec::new());
    let mut inner = Range { kind: std::mem::replace(&mut range.kind, nothing), ..range.clone() };
    inner.columns.truncate(range.columns.len().saturating_sub(made.len()));
    inner.lateral = false;
    match &mut inner.kind {
        RangeKind::Relation(_) => {}
        RangeKind::Subquery(query) => walk::shift_query_levels(query, 1),
        RangeKind::Function { calls, .. } => calls.iter_mut().for_each(|call| walk::shift_levels(call, 1)),
        RangeKind::Values(rows) => rows.iter_mut().flatten().for_each(|expr| walk::shift_levels(expr, 1)),
        RangeKind::Cte { levels_up, .. } => *levels_up += 1,
    }
    let output = |c: &RangeColumn| OutputColumn { name: c.name.clone(), ty: c.ty, origin: NO_ORIGIN };
    let columns: Vec<OutputColumn> = range.columns.iter().map(output).collect();
    let own = columns.get(..inner.columns.len()).unwrap_or_default();
    let mut select = Select::all_of(inner, own);
    let target = |made: &&Made| Target { expr: made.value.clone(), name: made.name.into(), junk: false };
    select.targets.extend(made.iter().map(target));
    range.kind = RangeKind::Subquery(Box::new(Query::plain(Body::Select(Box::new(select)), columns)));
}

impl Analyzer<'_> {
    /// The innermost block.
    pub(super) fn scope(&mut self) -> Result<&mut Scope> {
        self.scopes.last_mut().ok_or_else(|| Error::internal("no query block"))
    }

    /// Analyses something in a block of its own, which is given back.
    pub(super) fn in_scope<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Scope)> {
        self.scopes.push(Scope::default());
        let result = f(self);
        let scope = self.scopes.pop().unwrap_or_default();
        Ok((result?, scope))
    }
}
