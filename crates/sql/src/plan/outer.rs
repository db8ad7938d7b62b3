//! Outer joins. A condition that can't be true for the row of NULLs which an outer join adds makes it an inner one, or a FULL
//! JOIN a left one (PostgreSQL's `reduce_outer_joins`). A FULL JOIN that stays one must be by equalities.

use pg::catalog::{operator_by_oid, proc_by_oid};
use pg::{Error, Oid, Result};

use crate::exec::is_composite;
use crate::query::*;

use super::distribute::{Condition, conjuncts, ranges_in, ranges_of};
use super::exact::is_volatile;
use super::flatten::nullable_ranges;

/// Makes outer joins of a block into simpler ones where that changes nothing; whether there was any.
pub(super) fn reduce(select: &mut Select) -> bool {
    let mut wanted = Vec::new();
    select.filter.iter().for_each(|filter| never_null(filter, true, &mut wanted));
    let mut reduced = false;
    for item in &mut select.from {
        reduced |= reduce_join(item, &wanted);
    }
    reduced
}

/// `wanted` are ranges for whose row of NULLs the conditions above are not true.
fn reduce_join(from: &mut From, wanted: &[usize]) -> bool {
    let From::Join { kind, left, right, on } = from else { return false };
    let needs = |side: &From| ranges_in(side).iter().any(|range| wanted.contains(range));
    let before = *kind;
    *kind = match (*kind, needs(left), needs(right)) {
        (JoinKind::Left, _, true) | (JoinKind::Right, true, _) | (JoinKind::Full, true, true) => {
            JoinKind::Inner
        }
        (JoinKind::Full, true, false) => JoinKind::Left,
        (JoinKind::Full, false, true) => JoinKind::Right,
        (kind, ..) => kind,
    };
    let mut own = Vec::new();
    on.iter().for_each(|on| never_null(on, true, &mut own));
    let both = || [wanted, &own].concat();
    // What an outer join keeps is tested by the conditions above alone, what it may make NULL by its own.
    let (for_left, for_right) = match kind {
        JoinKind::Inner | JoinKind::Semi => (both(), both()),
        JoinKind::Left | JoinKind::Anti => (wanted.to_vec(), own),
        JoinKind::Right => (own, wanted.to_vec()),
        JoinKind::Full => (Vec::new(), Vec::new()),
    };
    let (in_left, in_right) = (reduce_join(left, &for_left), reduce_join(right, &for_right));
    *kind != before || in_left || in_right
}

/// The ranges for whose row of NULLs a condition is not true, or with `top` unset, a value is NULL
/// (`find_nonnullable_rels`).
fn never_null(expr: &Expr, top: bool, out: &mut Vec<usize>) {
    match &expr.kind {
        ExprKind::Column(column) if column.levels_up == 0 => out.push(column.range),
        ExprKind::And(items) if top => items.iter().for_each(|item| never_null(item, true, out)),
        // AND and OR may have a value without one of their sides.
        ExprKind::And(items) | ExprKind::Or(items) => out.extend(in_all(items, top)),
        ExprKind::Not(inner) => never_null(inner, false, out),
        ExprKind::Call(call) if is_strict(call.proc) && !call.retset => {
            call.args.iter().for_each(|arg| never_null(arg, false, out));
        }
        ExprKind::Coerce { expr, method: Coercion::Relabel | Coercion::InputOutput, .. } => {
            never_null(expr, false, out);
        }
        ExprKind::IsNull { expr, negated: true } if top && !is_composite(expr.ty.oid) => {
            never_null(expr, false, out);
        }
        // IS TRUE, IS FALSE, IS NOT UNKNOWN.
        ExprKind::BooleanTest { expr, value, negated } if top && *negated == value.is_none() => {
            never_null(expr, false, out);
        }
        ExprKind::AnyList { operator, all, left, list }
            if is_strict(operator.proc) && (top || *all && !list.is_empty()) =>
        {
            never_null(left, false, out);
        }
        ExprKind::AnyArray { operator, all: false, left, array } if top && is_strict(operator.proc) => {
            never_null(left, false, out);
            never_null(array, false, out);
        }
        _ => {}
    }
}

/// What each of some conditions finds.
fn in_all(items: &[Expr], top: bool) -> Vec<usize> {
    let mut found = items.iter().map(|item| {
        let mut mine = Vec::new();
        never_null(item, top, &mut mine);
        mine
    });
    let first = found.next().unwrap_or_default();
    found.fold(first, |mut common, mine| {
        common.retain(|range| mine.contains(range));
        common
    })
}

fn is_strict(proc: Oid) -> bool {
    proc_by_oid(proc).is_some_and(|row| row.strict)
}

/// Refuses a FULL JOIN as PostgreSQL does, which makes them by merging or hashing only: one equality that can be hashed
/// must be among the conditions, or all must be such as can be merged (`select_mergejoin_clauses`,
/// `hash_inner_and_outer`).
pub(super) fn check_full(left: &[usize], right: &[usize], on: &[Condition]) -> Result<()> {
    let mut all = Vec::new();
    on.iter().for_each(|condition| conjuncts(&condition.expr, &mut all));
    let equality = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => match call.form {
            CallForm::Operator(operator) if apart(expr, &call.args, left, right) => operator_by_oid(operator),
            _ => None,
        },
        _ => None,
    };
    let constant = |expr: &Expr| matches!(expr.kind, ExprKind::Const(_));
    let hashed = all.iter().any(|expr| equality(expr).is_some_and(|row| row.can_hash));
    let merged = || all.iter().all(|expr| constant(expr) || equality(expr).is_some_and(|row| row.can_merge));
    if hashed || merged() {
        return Ok(());
    }
    Err(Error::new(
        pg::SqlState::FEATURE_NOT_SUPPORTED,
        "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions",
    ))
}

/// Refuses locks of rows that an outer join may lack, as PostgreSQL does when no condition has made it an inner one
/// (`make_outerjoininfo`).
pub(super) fn check_locked(select: &Select) -> Result<()> {
    if select.locked.is_empty() {
        return Ok(());
    }
    let nullable = nullable_ranges(&select.from);
    match select.locked.iter().find(|(range, _)| nullable.contains(range)) {
        Some((_, how)) => {
            let message = format!("FOR {how} cannot be applied to the nullable side of an outer join");
            Err(Error::new(pg::SqlState::FEATURE_NOT_SUPPORTED, message))
        }
        None => Ok(()),
    }
}

/// Whether the two operands are over one side of a join each.
fn apart(expr: &Expr, args: &[Expr], left: &[usize], right: &[usize]) -> bool {
    let [a, b] = args else { return false };
    let (in_a, in_b) = (ranges_of(a), ranges_of(b));
    let within = |inner: &[usize], outer: &[usize]| {
        !inner.is_empty() && inner.iter().all(|range| outer.contains(range))
    };
    let sides = within(&in_a, left) && within(&in_b, right) || within(&in_b, left) && within(&in_a, right);
    sides && !is_volatile(expr)
}
