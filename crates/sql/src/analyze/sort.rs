//! `ORDER BY`, `DISTINCT`, `LIMIT` (`transformSortClause`, `transformDistinctClause`, `transformLimitClause`).

use pg::oid;
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use crate::parse::ast::{self, ExprKind as Ast};
use crate::query::{Distinct, Expr, SortKey, Target};
use crate::same::same;
use crate::walk;

impl Analyzer<'_> {
    /// ORDER BY of a block: sort keys are targets, added as junk where no target is equal.
    pub(super) fn order_by(
        &mut self,
        keys: &[ast::SortBy],
        targets: &mut Vec<Target>,
    ) -> Result<Vec<SortKey>> {
        let mut sort = Vec::with_capacity(keys.len());
        for key in keys {
            let index = self.find_target(&key.expr, targets, Clause::OrderBy, "ORDER BY")?;
            let Some(target) = targets.get_mut(index) else { return Err(Error::internal("a lost target")) };
            self.resolve_unknown(&mut target.expr)?;
            let ty = target.expr.ty.oid;
            let descending = self.sort_direction(key, ty, self.pos(key.expr.location()))?;
            // A key that is there already adds nothing.
            if !sort.iter().any(|s: &SortKey| s.target == index) {
                let nulls_first = key.nulls_first.unwrap_or(descending);
                sort.push(SortKey { target: index, descending, nulls_first });
            }
        }
        Ok(sort)
    }

    /// `findTargetlistEntrySQL92`: a target's name, its number, or an expression.
    fn find_target(
        &mut self,
        raw: &ast::Expr,
        targets: &mut Vec<Target>,
        clause: Clause,
        name: &str,
    ) -> Result<usize> {
        match &raw.kind {
            Ast::Column(names) => {
                if let [only] = names.as_slice()
                    && let Some(index) = self.target_by_name(only, targets, name, raw.pos)?
                {
                    return Ok(index);
                }
            }
            Ast::Const(literal) => return self.ordinal(literal, targets, name, raw.pos),
            _ => {}
        }
        let expr = self.in_clause(clause, |a| a.expr(raw))?;
        if let Some(index) = targets.iter().position(|target| same(&target.expr, &expr)) {
            return Ok(index);
        }
        targets.push(Target { expr, name: "".into(), junk: true });
        Ok(targets.len() - 1)
    }

    pub(super) fn distinct(
        &mut self,
        distinct: Option<&[ast::Expr]>,
        targets: &mut Vec<Target>,
        order_by: &[SortKey],
    ) -> Result<Distinct> {
        let Some(on) = distinct else { return Ok(Distinct::No) };
        if !on.is_empty() {
            return self.distinct_on(on, targets, order_by);
        }
        for key in order_by {
            if let Some(target) = targets.get(key.target).filter(|target| target.junk) {
                return Err(Error::new(
                    SqlState::INVALID_COLUMN_REFERENCE,
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                )
                .at(target.expr.position));
            }
        }
        for i in 0..targets.len() {
            let Some(target) = targets.get_mut(i).filter(|target| !target.junk) else { continue };
            self.resolve_unknown(&mut target.expr)?;
            let (ty, position) = (target.expr.ty.oid, target.expr.position);
            self.check_equality(ty, position)?;
        }
        Ok(Distinct::All)
    }

    fn distinct_on(
        &mut self,
        on: &[ast::Expr],
        targets: &mut Vec<Target>,
        order_by: &[SortKey],
    ) -> Result<Distinct> {
        let (mut indexes, mut places) = (Vec::new(), Vec::with_capacity(on.len()));
        for raw in on {
            let index = self.find_target(raw, targets, Clause::DistinctOn, "DISTINCT ON")?;
            let Some(target) = targets.get_mut(index) else { return Err(Error::internal("a lost target")) };
            self.resolve_unknown(&mut target.expr)?;
            let (ty, position) = (target.expr.ty.oid, target.expr.position);
            self.check_equality(ty, position)?;
            places.push((raw, index));
            if !indexes.contains(&index) {
                indexes.push(index);
            }
        }
        // The keys of ORDER BY must begin with them, in whatever order.
        let mut skipped = false;
        for key in order_by {
            if !indexes.contains(&key.target) {
                skipped = true;
            } else if skipped {
                let of_key = places.iter().find(|(_, index)| *index == key.target);
                return Err(mismatch().at(of_key.and_then(|(raw, _)| self.pos(raw.location()))));
            }
        }
        let leading = order_by.iter().take_while(|key| indexes.contains(&key.target)).count();
        if leading < indexes.len() && leading < order_by.len() {
            let missing = places.iter().find(|(_, index)| !order_by.iter().any(|key| key.target == *index));
            return Err(mismatch().at(missing.and_then(|(raw, _)| self.pos(raw.location()))));
        }
        Ok(Distinct::On(indexes))
    }

    /// `transformLimitClause`
    pub(super) fn limit(&mut self, raw: &ast::Expr, clause: Clause) -> Result<Expr> {
        let name = if clause == Clause::Limit { "LIMIT" } else { "OFFSET" };
        let expr = self.in_clause(clause, |a| a.expr(raw))?;
        let expr = self.coerce_to_specific(expr, oid::INT8, name)?;
        let mut columns = false;
        walk::visit_columns(&expr, &mut |column| columns |= column.levels_up == 0);
        if columns {
            return Err(Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!("argument of {name} must not contain variables"),
            )
            .at(expr.position));
        }
        Ok(expr)
    }
}

fn mismatch() -> Error {
    Error::new(
        SqlState::INVALID_COLUMN_REFERENCE,
        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
    )
}
