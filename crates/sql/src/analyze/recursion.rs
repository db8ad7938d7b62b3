//! `WITH RECURSIVE`: which items need which, and where a query may refer to itself (`makeDependencyGraph`,
//! `checkWellFormedRecursion` of `parse_cte.c`).

use std::sync::Arc;

use pg::{Error, Result, SqlState};

use super::Analyzer;
use crate::parse::ast::{Cte, Expr, ExprKind, Query, QueryBody, RelationName, Statement, TableRef, With};
use crate::parse::walk::{Part, for_each_behind, for_each_in_expr, for_each_in_query};
use crate::query::{JoinKind, SetOperationKind};

/// An item of WITH RECURSIVE.
pub(super) struct Item<'a> {
    pub(super) cte: &'a Cte,
    /// It refers to itself.
    pub(super) recursive: bool,
    needs: Vec<usize>,
    id: usize,
}

impl Analyzer<'_> {
    /// The items in an order in which each needs only those before it.
    pub(super) fn recursive_items<'a>(&self, with: &'a With) -> Result<Vec<Item<'a>>> {
        let names: Vec<Arc<str>> = with.ctes.iter().map(|cte| cte.name.folded()).collect();
        let mut items: Vec<Item<'a>> = Vec::new();
        for (id, cte) in with.ctes.iter().enumerate() {
            let mut item = Item { cte, recursive: false, needs: Vec::new(), id };
            if let Statement::Query(query) = &*cte.statement {
                let mut found = Vec::new();
                references(query, &mut Vec::new(), &mut |name| found.push(name.name.folded()));
                for name in found {
                    match names.iter().position(|known| *known == name) {
                        Some(other) if other == id => item.recursive = true,
                        Some(other) if !item.needs.contains(&other) => item.needs.push(other),
                        _ => {}
                    }
                }
            }
            items.push(item);
        }
        self.sort_items(&mut items)?;
        for item in items.iter().filter(|item| item.recursive) {
            self.check_recursion(item.cte)?;
        }
        Ok(items)
    }

    /// `TopologicalSort`
    fn sort_items(&self, items: &mut [Item<'_>]) -> Result<()> {
        for place in 0..items.len() {
            let free = items.iter().skip(place).position(|item| item.needs.is_empty());
            let Some(free) = free else {
                let pos = items.get(place).and_then(|item| self.pos(item.cte.pos));
                let message = "mutual recursion between WITH items is not implemented";
                return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos));
            };
            items.swap(place, place + free);
            let done = items.get(place).map(|item| item.id);
            items.iter_mut().skip(place + 1).for_each(|item| item.needs.retain(|&id| Some(id) != done));
        }
        Ok(())
    }

    /// Where a query refers to itself.
    fn check_recursion(&self, cte: &Cte) -> Result<()> {
        let Statement::Query(query) = &*cte.statement else { return Ok(()) };
        let name = cte.name.folded();
        let QueryBody::SetOperation { kind: SetOperationKind::Union, left, right, .. } = &query.body else {
            return Err(super::setop::not_recursive_form(&name, self.pos(cte.pos)));
        };
        let mut check =
            Check { analyzer: self, name, place: Place::NonRecursiveTerm, inner: Vec::new(), references: 0 };
        check.query(left)?;
        check.place = Place::Allowed;
        check.query(right)?;
        check.place = Place::Subquery;
        for inner in query.with.iter().flat_map(|with| &with.ctes) {
            if let Statement::Query(query) = &*inner.statement {
                check.query(query)?;
            }
        }
        if query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none() {
            return Ok(());
        }
        Err(self.not_in_recursion(query))
    }

    /// What stands behind the union.
    fn not_in_recursion(&self, query: &Query) -> Error {
        let sort = query.order_by.iter().map(|key| key.expr.location()).min().map(|pos| ("ORDER BY", pos));
        let offset = query.offset.as_ref().map(|expr| ("OFFSET", expr.location()));
        let limit = query.limit.as_ref().map(|expr| ("LIMIT", expr.location()));
        let (what, pos) = sort.or(offset).or(limit).unwrap_or_default();
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, format!("{what} in a recursive query is not implemented"))
            .at(self.pos(pos))
    }
}

/// Calls `f` with every name of a relation without schema that no WITH inside the query defines.
fn references<'a>(query: &'a Query, inner: &mut Vec<Arc<str>>, f: &mut dyn FnMut(&'a RelationName)) {
    let before = inner.len();
    with_names(query, inner, &mut |query, inner| references(query, inner, f));
    let mut parts = Vec::new();
    for_each_in_query(query, &mut |part| parts.push(part));
    parts.into_iter().for_each(|part| references_in(part, inner, f));
    inner.truncate(before);
}

/// Adds the names that a query's WITH defines, as far as each of its queries sees them, which `f` is called with.
fn with_names<'a>(
    query: &'a Query,
    inner: &mut Vec<Arc<str>>,
    f: &mut dyn FnMut(&'a Query, &mut Vec<Arc<str>>),
) {
    let Some(with) = &query.with else { return };
    if with.recursive {
        inner.extend(with.ctes.iter().map(|cte| cte.name.folded()));
    }
    for cte in &with.ctes {
        if let Statement::Query(query) = &*cte.statement {
            f(query, inner);
        }
        if !with.recursive {
            inner.push(cte.name.folded());
        }
    }
}

fn references_in<'a>(part: Part<'a>, inner: &mut Vec<Arc<str>>, f: &mut dyn FnMut(&'a RelationName)) {
    match part {
        Part::Query(query) => references(query, inner, f),
        Part::Expr(expr) => {
            let mut children = Vec::new();
            for_each_in_expr(expr, &mut |child| children.push(child));
            children.into_iter().for_each(|child| references_in(Part::Expr(child), inner, f));
            if let ExprKind::Subquery(_, query) = &expr.kind {
                references(query, inner, f);
            }
        }
        Part::Table(TableRef::Relation { name, .. }) => {
            if name.schema.is_none() && !inner.contains(&name.name.folded()) {
                f(name);
            }
        }
        Part::Table(TableRef::Subquery { query, .. }) => references(query, inner, f),
        Part::Table(TableRef::Function { calls, .. }) => {
            calls.iter().for_each(|(call, _)| references_in(Part::Expr(call), inner, f));
        }
        Part::Table(TableRef::Join(join)) => {
            references_in(Part::Table(&join.left), inner, f);
            references_in(Part::Table(&join.right), inner, f);
            join.on.iter().for_each(|on| references_in(Part::Expr(on), inner, f));
        }
        Part::Table(TableRef::Refused(..)) => {}
    }
}

/// What stands around a reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Allowed,
    NonRecursiveTerm,
    Subquery,
    OuterJoin,
    Intersect,
    Except,
}

/// Looks for references of a query to itself.
struct Check<'a, 'b> {
    analyzer: &'a Analyzer<'b>,
    name: Arc<str>,
    place: Place,
    /// Names that a WITH inside defines.
    inner: Vec<Arc<str>>,
    references: usize,
}

impl Check<'_, '_> {
    fn within(&mut self, place: Place, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let before = std::mem::replace(&mut self.place, place);
        let result = f(self);
        self.place = before;
        result
    }

    fn query(&mut self, query: &Query) -> Result<()> {
        let mut inner = std::mem::take(&mut self.inner);
        let before = inner.len();
        let mut result = Ok(());
        with_names(query, &mut inner, &mut |query, inner| {
            if result.is_ok() {
                self.inner.clone_from(inner);
                result = self.query(query);
            }
        });
        self.inner.clone_from(&inner);
        let result = result.and_then(|()| self.body(query));
        inner.truncate(before);
        self.inner = inner;
        result
    }

    /// `checkWellFormedSelectStmt`
    fn body(&mut self, query: &Query) -> Result<()> {
        let QueryBody::SetOperation { kind, all, left, right } = &query.body else {
            return self.parts(query);
        };
        let (for_left, for_right) = match kind {
            _ if self.place != Place::Allowed => return self.parts(query),
            SetOperationKind::Union => return self.parts(query),
            SetOperationKind::Intersect if *all => (Place::Intersect, Place::Intersect),
            SetOperationKind::Intersect => (self.place, self.place),
            SetOperationKind::Except => (if *all { Place::Except } else { self.place }, Place::Except),
        };
        self.within(for_left, |check| check.query(left))?;
        self.within(for_right, |check| check.query(right))?;
        let mut parts = Vec::new();
        for_each_behind(query, &mut |part| parts.push(part));
        parts.into_iter().try_for_each(|part| self.part(part))
    }

    fn parts(&mut self, query: &Query) -> Result<()> {
        let mut parts = Vec::new();
        for_each_in_query(query, &mut |part| parts.push(part));
        parts.into_iter().try_for_each(|part| self.part(part))
    }

    fn part(&mut self, part: Part<'_>) -> Result<()> {
        match part {
            Part::Query(query) => self.query(query),
            Part::Expr(expr) => self.expr(expr),
            Part::Table(table) => self.table(table),
        }
    }

    fn expr(&mut self, expr: &Expr) -> Result<()> {
        if let ExprKind::Subquery(_, query) = &expr.kind {
            self.within(Place::Subquery, |check| check.query(query))?;
        }
        let mut children = Vec::new();
        for_each_in_expr(expr, &mut |child| children.push(child));
        children.into_iter().try_for_each(|child| self.expr(child))
    }

    fn table(&mut self, table: &TableRef) -> Result<()> {
        match table {
            TableRef::Relation { name, .. } => self.reference(name),
            TableRef::Subquery { query, .. } => self.query(query),
            TableRef::Function { calls, .. } => calls.iter().try_for_each(|(call, _)| self.expr(call)),
            TableRef::Join(join) => {
                let outer = if self.place == Place::Allowed { Place::OuterJoin } else { self.place };
                let optional = |kinds: [JoinKind; 2]| kinds.contains(&join.kind);
                let left = if optional([JoinKind::Right, JoinKind::Full]) { outer } else { self.place };
                let right = if optional([JoinKind::Left, JoinKind::Full]) { outer } else { self.place };
                self.within(left, |check| check.table(&join.left))?;
                self.within(right, |check| check.table(&join.right))?;
                join.on.iter().try_for_each(|on| self.expr(on))
            }
            TableRef::Refused(..) => Ok(()),
        }
    }

    fn reference(&mut self, name: &RelationName) -> Result<()> {
        let folded = name.name.folded();
        if name.schema.is_some() || folded != self.name || self.inner.contains(&folded) {
            return Ok(());
        }
        self.references += 1;
        let what = match self.place {
            Place::Allowed if self.references > 1 => "more than once",
            Place::Allowed => return Ok(()),
            Place::NonRecursiveTerm => "within its non-recursive term",
            Place::Subquery => "within a subquery",
            Place::OuterJoin => "within an outer join",
            Place::Intersect => "within INTERSECT",
            Place::Except => "within EXCEPT",
        };
        let message = format!("recursive reference to query \"{folded}\" must not appear {what}");
        Err(Error::new(SqlState::INVALID_RECURSION, message).at(self.analyzer.pos(name.pos)))
    }
}
