//! When two expressions mean the same: their structure is equal, whatever their positions. This is how a grouping
//! expression is found again in the select list (PostgreSQL's `equal()`).

mod query;

use crate::query::*;
use crate::stack::grown;
use crate::walk::for_each_child;

/// Whether two expressions are equal in structure.
pub fn same(a: &Expr, b: &Expr) -> bool {
    a.ty == b.ty && same_node(&a.kind, &b.kind) && same_children(a, b)
}

fn same_children(a: &Expr, b: &Expr) -> bool {
    let mut left = Vec::new();
    let mut right = Vec::new();
    for_each_child(a, &mut |child| left.push(child));
    for_each_child(b, &mut |child| right.push(child));
    left.len() == right.len() && left.into_iter().zip(right).all(|(a, b)| grown(|| same(a, b)))
}

/// Compares what is not a child expression.
fn same_node(a: &ExprKind, b: &ExprKind) -> bool {
    use ExprKind::*;
    match (a, b) {
        (Const(a), Const(b)) => a == b,
        (Param(a), Param(b)) | (Slot(a), Slot(b)) | (Arg(a), Arg(b)) => a == b,
        (Column(a), Column(b)) => a == b,
        (Call(a), Call(b)) => a.proc == b.proc && a.variadic == b.variadic,
        (Aggregate(a), Aggregate(b)) => same_aggregate(a, b),
        (Window(a), Window(b)) => {
            a.proc == b.proc && a.window == b.window && a.filter.is_some() == b.filter.is_some()
        }
        (Grouping { keys: a, levels_up: x }, Grouping { keys: b, levels_up: y }) => a == b && x == y,
        (And(_), And(_)) | (Or(_), Or(_)) | (Not(_), Not(_)) | (Coalesce(_), Coalesce(_)) => true,
        (IsNull { negated: a, .. }, IsNull { negated: b, .. }) => a == b,
        (BooleanTest { value: a, negated: x, .. }, BooleanTest { value: b, negated: y, .. }) => {
            a == b && x == y
        }
        (DistinctFrom { equal: a, negated: x, .. }, DistinctFrom { equal: b, negated: y, .. }) => {
            a == b && x == y
        }
        (Case { operand: a, arms: x, .. }, Case { operand: b, arms: y, .. }) => {
            a.is_some() == b.is_some() && x.len() == y.len()
        }
        (CaseTest, CaseTest) | (Default, Default) => true,
        (NullIf { equal: a, .. }, NullIf { equal: b, .. }) => a == b,
        (MinMax { greatest: a, .. }, MinMax { greatest: b, .. }) => a == b,
        (AnyList { operator: a, all: x, .. }, AnyList { operator: b, all: y, .. })
        | (AnyArray { operator: a, all: x, .. }, AnyArray { operator: b, all: y, .. }) => a == b && x == y,
        (Coerce { method: a, explicit: x, .. }, Coerce { method: b, explicit: y, .. }) => a == b && x == y,
        (Collate { collation: a, .. }, Collate { collation: b, .. }) => a == b,
        (Array { nested: a, .. }, Array { nested: b, .. }) => a == b,
        (Row { names: a, present: x, .. }, Row { names: b, present: y, .. }) => {
            a == b && x.is_some() == y.is_some()
        }
        (
            RowCompare { comparison: a, operators: x, left: l, .. },
            RowCompare { comparison: b, operators: y, left: m, .. },
        ) => a == b && x == y && l.len() == m.len(),
        (Field { index: a, .. }, Field { index: b, .. }) => a == b,
        (Subscript { subscripts: a, .. }, Subscript { subscripts: b, .. }) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_subscript(a, b))
        }
        (SqlValue(a), SqlValue(b)) => a == b,
        (Subquery(a), Subquery(b)) => query::same_subquery(a, b),
        _ => false,
    }
}

fn same_aggregate(a: &Aggregate, b: &Aggregate) -> bool {
    let orders = |aggregate: &Aggregate| -> Vec<(bool, bool)> {
        aggregate.order_by.iter().map(|key| (key.descending, key.nulls_first)).collect()
    };
    a.proc == b.proc
        && a.distinct == b.distinct
        && a.within_group == b.within_group
        && a.args.len() == b.args.len()
        && a.filter.is_some() == b.filter.is_some()
        && orders(a) == orders(b)
}

fn same_subscript(a: &crate::query::Subscript, b: &crate::query::Subscript) -> bool {
    use crate::query::Subscript::*;
    match (a, b) {
        (Index(_), Index(_)) => true,
        (Slice(a, x), Slice(b, y)) => a.is_some() == b.is_some() && x.is_some() == y.is_some(),
        _ => false,
    }
}
