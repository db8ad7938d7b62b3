//! How high an expression is as the cluster reads it. Hazelcast's parser and planner walk it on a thread's stack, which
//! ends at some 300 levels (a StackOverflowError, or "While converting …"), and take seconds for as many.

use crate::query::{Expr, ExprKind};
use crate::walk::for_each_child;

/// No higher expressions are sent, and no more conditions.
pub(in crate::plan) const HIGHEST: usize = 100;

/// Whether an expression is low enough to be sent.
pub(super) fn is_low(expr: &Expr) -> bool {
    fits(expr, HIGHEST)
}

fn fits(expr: &Expr, levels: usize) -> bool {
    // A chain is as high as it is long there: it is read from the left.
    let own = match &expr.kind {
        ExprKind::And(items) | ExprKind::Or(items) => items.len(),
        ExprKind::Case { arms, .. } => arms.len(),
        _ => 1,
    };
    let Some(left) = levels.checked_sub(own) else { return false };
    let mut all = true;
    for_each_child(expr, &mut |child| all = all && fits(child, left));
    all
}
