//! When two subqueries mean the same.

use super::same;
use crate::query::*;

/// Whether two subqueries in expressions are equal in structure; their left operands are compared as children.
pub(super) fn same_subquery(a: &Subquery, b: &Subquery) -> bool {
    use SubqueryKind::*;
    let kind = match (&a.kind, &b.kind) {
        (Scalar, Scalar) | (Exists, Exists) | (Array, Array) => true,
        (
            Quantified { all: a, single: m, operators: x, comparison: c, right: r, .. },
            Quantified { all: b, single: n, operators: y, comparison: d, right: s, .. },
        ) => a == b && m == n && x == y && c == d && all(r, s, same),
        _ => false,
    };
    kind && same_query(&a.query, &b.query)
}

/// Whether all pairs of two lists of one length are equal.
fn all<T>(a: &[T], b: &[T], equal: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
}

fn option<T>(a: Option<&T>, b: Option<&T>, equal: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => equal(a, b),
        _ => false,
    }
}

fn same_query(a: &Query, b: &Query) -> bool {
    all(&a.ctes, &b.ctes, same_cte)
        && same_body(&a.body, &b.body)
        && all(&a.order_by, &b.order_by, same_sort)
        && option(a.limit.as_ref(), b.limit.as_ref(), same)
        && option(a.offset.as_ref(), b.offset.as_ref(), same)
        && a.with_ties == b.with_ties
        && all(&a.columns, &b.columns, |a, b| a.ty == b.ty)
}

fn same_cte(a: &Cte, b: &Cte) -> bool {
    a.recursive == b.recursive && a.materialized == b.materialized && same_query(&a.query, &b.query)
}

fn same_sort(a: &SortKey, b: &SortKey) -> bool {
    a.target == b.target && a.descending == b.descending && a.nulls_first == b.nulls_first
}

fn same_rows(a: &[Vec<Expr>], b: &[Vec<Expr>]) -> bool {
    all(a, b, |a, b| all(a, b, same))
}

fn same_body(a: &Body, b: &Body) -> bool {
    match (a, b) {
        (Body::Select(a), Body::Select(b)) => same_select(a, b),
        (Body::SetOperation(a), Body::SetOperation(b)) => {
            a.kind == b.kind
                && a.all == b.all
                && same_query(&a.left, &b.left)
                && same_query(&a.right, &b.right)
        }
        (Body::Values(a), Body::Values(b)) => same_rows(a, b),
        _ => false,
    }
}

fn same_select(a: &Select, b: &Select) -> bool {
    let targets = |a: &Target, b: &Target| a.junk == b.junk && same(&a.expr, &b.expr);
    let grouping =
        |a: &Grouping, b: &Grouping| all(&a.keys, &b.keys, |a, b| same(&a.expr, &b.expr)) && a.sets == b.sets;
    let distinct = match (&a.distinct, &b.distinct) {
        (Distinct::No, Distinct::No) | (Distinct::All, Distinct::All) => true,
        (Distinct::On(a), Distinct::On(b)) => a == b,
        _ => false,
    };
    distinct
        && all(&a.ranges, &b.ranges, same_range)
        && all(&a.from, &b.from, same_from)
        && option(a.filter.as_ref(), b.filter.as_ref(), same)
        && option(a.grouping.as_ref(), b.grouping.as_ref(), grouping)
        && option(a.having.as_ref(), b.having.as_ref(), same)
        && all(&a.windows, &b.windows, same_window)
        && all(&a.targets, &b.targets, targets)
}

fn same_range(a: &Range, b: &Range) -> bool {
    use RangeKind::*;
    a.lateral == b.lateral
        && match (&a.kind, &b.kind) {
            (Relation(a), Relation(b)) => a.oid == b.oid,
            (Subquery(a), Subquery(b)) => same_query(a, b),
            (
                Function { calls: a, widths: x, ordinality: m },
                Function { calls: b, widths: y, ordinality: n },
            ) => x == y && m == n && all(a, b, same),
            (Values(a), Values(b)) => same_rows(a, b),
            (Cte { levels_up: a, index: x }, Cte { levels_up: b, index: y }) => a == b && x == y,
            _ => false,
        }
}

fn same_from(a: &From, b: &From) -> bool {
    match (a, b) {
        (From::Range(a), From::Range(b)) => a == b,
        (
            From::Join { kind: a, left: l, right: r, on: x },
            From::Join { kind: b, left: m, right: s, on: y },
        ) => a == b && same_from(l, m) && same_from(r, s) && option(x.as_ref(), y.as_ref(), same),
        _ => false,
    }
}

fn same_window(a: &Window, b: &Window) -> bool {
    let key = |a: &AggregateSort, b: &AggregateSort| {
        a.descending == b.descending && a.nulls_first == b.nulls_first && same(&a.expr, &b.expr)
    };
    let bound = |a: &FrameBound, b: &FrameBound| match (a, b) {
        (FrameBound::Preceding(a), FrameBound::Preceding(b))
        | (FrameBound::Following(a), FrameBound::Following(b)) => same(a, b),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    let (f, g) = (&a.frame, &b.frame);
    all(&a.partition_by, &b.partition_by, same)
        && all(&a.order_by, &b.order_by, key)
        && f.unit == g.unit
        && f.exclude == g.exclude
        && bound(&f.start, &g.start)
        && bound(&f.end, &g.end)
}
