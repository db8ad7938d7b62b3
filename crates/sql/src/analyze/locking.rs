//! `FOR UPDATE` and its relatives (`transformLockingClause`, `CheckSelectLocking`): what they may stand on. A cluster's
//! map has no locks that last for a transaction, so nothing is locked; whoever runs the statement says so.

use std::sync::Arc;

use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use crate::parse::ast;
use crate::query::*;
use crate::session::LockMode;
use crate::walk::any;

impl Analyzer<'_> {
    /// Checks the locking clauses of a query that was analysed.
    pub(super) fn check_locking(&mut self, query: &ast::Query, analysed: &mut Query) -> Result<()> {
        for locking in &query.locking {
            if let Body::Values(_) = analysed.body {
                return Err(refused(locking.strength, "cannot be applied to VALUES"));
            }
            allowed(analysed, locking.strength)?;
            let Body::Select(select) = &mut analysed.body else { continue };
            let mut locked = Vec::new();
            if locking.tables.is_empty() {
                lock_all(select, locking.strength, &mut locked)?;
            }
            for name in &locking.tables {
                self.lock_named(select, name, locking.strength, &mut locked)?;
            }
            if !locked.is_empty() {
                self.locks = Some(locking.strength);
            }
            for lock in self.relations.iter_mut().filter(|lock| locked.contains(&lock.relation)) {
                lock.mode = LockMode::RowShare;
            }
        }
        Ok(())
    }

    /// Locks what has a name in FROM.
    fn lock_named(
        &self,
        select: &mut Select,
        name: &ast::RelationName,
        strength: &'static str,
        locked: &mut Vec<Oid>,
    ) -> Result<()> {
        let position = self.pos(name.pos);
        if name.schema.is_some() {
            let message = format!("FOR {strength} must specify unqualified relation names");
            return Err(Error::new(SqlState::SYNTAX_ERROR, message).at(position));
        }
        let folded = name.name.folded();
        let found = select.ranges.iter().enumerate().find(|(_, range)| range.alias == folded);
        let what = match found {
            Some((at, range)) => match range.kind {
                // VALUES stand in a subquery.
                RangeKind::Relation(_) | RangeKind::Subquery(_) | RangeKind::Values(_) => {
                    return lock(select, at, strength, locked);
                }
                RangeKind::Function { .. } => "a function",
                RangeKind::Cte { .. } => "a WITH query",
            },
            None if self.is_join(&folded) => "a join",
            None => {
                let message =
                    format!("relation \"{folded}\" in FOR {strength} clause not found in FROM clause");
                return Err(Error::new(SqlState::UNDEFINED_TABLE, message).at(position));
            }
        };
        Err(refused(strength, &format!("cannot be applied to {what}")).at(position))
    }

    /// Whether a join has this alias.
    fn is_join(&self, name: &Arc<str>) -> bool {
        let here = self.scopes.last();
        here.is_some_and(|scope| scope.namespace.iter().any(|item| item.name.as_ref() == Some(name)))
    }
}

/// Locks all entries of FROM.
fn lock_all(select: &mut Select, strength: &'static str, locked: &mut Vec<Oid>) -> Result<()> {
    (0..select.ranges.len()).try_for_each(|at| lock(select, at, strength, locked))
}

/// Locks an entry of FROM, and adds the relations whose rows are locked by that.
fn lock(select: &mut Select, at: usize, strength: &'static str, locked: &mut Vec<Oid>) -> Result<()> {
    match select.ranges.get_mut(at).map(|range| &mut range.kind) {
        Some(RangeKind::Relation(relation)) => locked.push(relation.oid),
        Some(RangeKind::Subquery(query)) => {
            allowed(query, strength)?;
            if let Body::Select(inner) = &mut query.body {
                lock_all(inner, strength, locked)?;
            }
        }
        _ => return Ok(()),
    }
    select.locked.push((at, strength));
    Ok(())
}

/// Whether the rows of a query are those of its relations.
fn allowed(query: &Query, strength: &'static str) -> Result<()> {
    let what = match &query.body {
        Body::SetOperation(_) => Some("UNION/INTERSECT/EXCEPT"),
        Body::Values(_) => None,
        Body::Select(select) => unlockable(select),
    };
    what.map_or(Ok(()), |what| Err(refused(strength, &format!("is not allowed with {what}"))))
}

fn unlockable(select: &Select) -> Option<&'static str> {
    let grouping = select.grouping.as_ref();
    let in_targets = |wanted: fn(&Expr) -> bool| select.targets.iter().any(|t| any(&t.expr, &wanted));
    if !matches!(select.distinct, Distinct::No) {
        Some("DISTINCT clause")
    } else if grouping.is_some_and(|grouping| !grouping.keys.is_empty() || grouping.sets.is_some()) {
        Some("GROUP BY clause")
    } else if select.having.is_some() {
        Some("HAVING clause")
    } else if grouping.is_some() {
        Some("aggregate functions")
    } else if in_targets(|expr| matches!(expr.kind, ExprKind::Window(_))) {
        Some("window functions")
    } else if in_targets(|expr| matches!(&expr.kind, ExprKind::Call(call) if call.retset)) {
        Some("set-returning functions in the target list")
    } else {
        None
    }
}

fn refused(strength: &str, what: &str) -> Error {
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, format!("FOR {strength} {what}"))
}
