//! Equalities by which two sides of a join are hashed.

use pg::catalog::{operator_by_oid, procs_by_name};
use pg::{Oid, oid};

use crate::query::*;
use crate::walk::has_subquery;

use super::distribute::ranges_of;
use super::exact::is_volatile;

/// An equality between one expression over `left` and another over `right`, in this order, of one type that can be
/// hashed.
pub(super) fn join_key(expr: &Expr, left: &[usize], right: &[usize]) -> Option<(Expr, Expr)> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let CallForm::Operator(operator) = call.form else { return None };
    let operator = operator_by_oid(operator)?;
    if operator.name != "=" || !operator.can_hash {
        return None;
    }
    let [a, b] = call.args.as_slice() else { return None };
    if has_subquery(expr) || is_volatile(expr) {
        return None;
    }
    let (a, b) = same_type(a.clone(), b.clone())?;
    let (in_a, in_b) = (ranges_of(&a), ranges_of(&b));
    let within = |inner: &[usize], outer: &[usize]| {
        !inner.is_empty() && inner.iter().all(|range| outer.contains(range))
    };
    if within(&in_a, left) && within(&in_b, right) {
        Some((a, b))
    } else if within(&in_b, left) && within(&in_a, right) {
        Some((b, a))
    } else {
        None
    }
}

/// Both sides of a cross-type equality in the wider type, where widening is exact.
fn same_type(a: Expr, b: Expr) -> Option<(Expr, Expr)> {
    if a.ty.oid == b.ty.oid {
        return Some((a, b));
    }
    let integers = [oid::INT2, oid::INT4, oid::INT8];
    let both_in = |family: &[Oid]| family.contains(&a.ty.oid) && family.contains(&b.ty.oid);
    let wider = if both_in(&integers) {
        if a.ty.oid == oid::INT8 || b.ty.oid == oid::INT8 { oid::INT8 } else { oid::INT4 }
    } else if both_in(&[oid::FLOAT4, oid::FLOAT8]) {
        oid::FLOAT8
    } else if both_in(&[oid::TEXT, oid::VARCHAR, oid::NAME]) {
        // All three are held as texts.
        return Some((a, b));
    } else {
        return None;
    };
    Some((widen(a, wider)?, widen(b, wider)?))
}

fn widen(expr: Expr, to: Oid) -> Option<Expr> {
    if expr.ty.oid == to {
        return Some(expr);
    }
    let name = pg::catalog::type_by_oid(to)?.name;
    let proc = procs_by_name(name).iter().find(|proc| *proc.args == [expr.ty.oid] && proc.result == to)?;
    let position = expr.position;
    let call = Call {
        proc: proc.oid,
        args: vec![expr],
        form: CallForm::ImplicitCast,
        retset: false,
        variadic: false,
    };
    Some(Expr::new(ExprKind::Call(Box::new(call)), to).at(position))
}
