//! The one type of several expressions: UNION, CASE, VALUES, IN, COALESCE … (manual, "UNION, CASE, and Related
//! Constructs"; `select_common_type`).

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use super::coerce::{Context, base, can_coerce, category, is_preferred};
use super::types::format_type;
use crate::query::Expr;

/// `select_common_type`: without a construct to name, `None` when there is none; unknown-type literals stay unknown
/// only if nothing else is there, and are then `text`.
pub fn common_type(exprs: &[&Expr], construct: Option<&str>) -> Result<Option<Oid>> {
    Ok(common_choice(exprs, construct)?.map(|(ty, _)| ty))
}

/// The same, and the place of the expression that tells it.
pub fn common_choice(exprs: &[&Expr], construct: Option<&str>) -> Result<Option<(Oid, usize)>> {
    let Some(first) = exprs.first() else { return Ok(None) };
    let (mut chosen, mut at) = (first.ty.oid, 0);
    // If all are of the very same type, that is it, domain or not.
    if chosen != oid::UNKNOWN && exprs.iter().all(|e| e.ty.oid == chosen) {
        return Ok(Some((chosen, at)));
    }
    chosen = base(chosen);
    for (place, expr) in exprs.iter().enumerate().skip(1) {
        let other = base(expr.ty.oid);
        if other == oid::UNKNOWN || other == chosen {
            continue;
        }
        if chosen == oid::UNKNOWN {
            (chosen, at) = (other, place);
        } else if category(other) != category(chosen) {
            let Some(construct) = construct else { return Ok(None) };
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "{construct} types {} and {} cannot be matched",
                    format_type(chosen),
                    format_type(other)
                ),
            )
            .at(expr.position));
        } else if !is_preferred(chosen)
            && can_coerce(&[chosen], &[other], Context::Implicit)
            && !can_coerce(&[other], &[chosen], Context::Implicit)
        {
            (chosen, at) = (other, place);
        }
    }
    Ok(Some((if chosen == oid::UNKNOWN { oid::TEXT } else { chosen }, at)))
}

/// `select_common_typmod`
pub fn common_typmod<'a>(exprs: impl IntoIterator<Item = &'a Expr>, ty: Oid) -> i32 {
    let mut typmod = None;
    for expr in exprs {
        if expr.ty.oid != ty || typmod.is_some_and(|t| t != expr.ty.typmod) {
            return -1;
        }
        typmod = Some(expr.ty.typmod);
    }
    typmod.unwrap_or(-1)
}

impl Analyzer<'_> {
    /// `coerce_to_common_type`
    pub(super) fn coerce_to_common(&mut self, expr: Expr, target: Oid, construct: &str) -> Result<Expr> {
        let (from, position) = (expr.ty.oid, expr.position);
        if from == target {
            return Ok(expr);
        }
        if !can_coerce(&[from], &[target], Context::Implicit) {
            return Err(Error::new(
                SqlState::CANNOT_COERCE,
                format!(
                    "{construct} could not convert type {} to {}",
                    format_type(from),
                    format_type(target)
                ),
            )
            .at(position));
        }
        self.coerce(expr, TypeRef::of(target), Context::Implicit, None)
    }

    /// All of them in their common type.
    pub(super) fn unify(&mut self, exprs: Vec<Expr>, construct: &str) -> Result<(Vec<Expr>, Oid)> {
        let ty = common_type(&exprs.iter().collect::<Vec<_>>(), Some(construct))?.unwrap_or(oid::TEXT);
        let exprs =
            exprs.into_iter().map(|e| self.coerce_to_common(e, ty, construct)).collect::<Result<Vec<_>>>()?;
        Ok((exprs, ty))
    }
}
