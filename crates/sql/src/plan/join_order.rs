//! The order in which the items of a FROM clause are joined, by about how many rows they have: the smallest first, then
//! always the one that leaves the fewest rows (PostgreSQL searches all orders; the sizes known here are too rough for
//! more than this).

use std::collections::VecDeque;

use crate::query::*;

use super::choose::{Down, Wanted};
use super::distribute::{Condition, Node, is_remote, ranges_of};
use super::from::FromContext;
use super::join_key::join_key;
use super::keys::KeyScope;

/// What is thought of an item whose size nobody knows.
const UNKNOWN: f64 = 1_000.0;
/// The share of its left side that a semi-join is thought to leave.
const SEMI: f64 = 0.5;
/// The share of rows that are groups.
const GROUPS: f64 = 0.3;

/// Whether the items may be joined in another order than they are written in.
pub(super) fn may_reorder(context: &FromContext<'_>) -> bool {
    let fixed = |range: &Range| match &range.kind {
        RangeKind::Relation(relation) => relation.mapping().is_some_and(|mapping| mapping.streaming),
        _ => range.lateral,
    };
    let reads = |range: &Range| matches!(&range.kind, RangeKind::Relation(relation) if is_remote(relation));
    !context.select.ranges.iter().any(fixed) && context.select.ranges.iter().any(reads)
}

/// The smallest item.
pub(super) fn first(context: &FromContext<'_>, items: &VecDeque<Node>) -> usize {
    let sizes = items.iter().map(|item| rows(context, item)).enumerate();
    sizes.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(at, _)| at)
}

/// The item after `joined`, of which there are about `have` rows: of those that an equality ties to it the one that
/// leaves the fewest, else the smallest. With it, how many rows that leaves.
pub(super) fn next(
    context: &FromContext<'_>,
    (joined, have): (&[usize], f64),
    items: &VecDeque<Node>,
    conditions: &[Condition],
) -> (usize, f64) {
    let cost = |(at, item): (usize, &Node)| {
        let ranges = item.ranges();
        let near = conditions.iter().filter(|condition| condition.names(&ranges));
        let keys: Vec<(Expr, Expr)> =
            near.filter_map(|condition| join_key(&condition.expr, joined, &ranges)).collect();
        let size = rows(context, item);
        let left = if keys.is_empty() { have * size } else { tied(context, have, (item, size), &keys) };
        (at, keys.is_empty(), left)
    };
    let costs = items.iter().enumerate().map(cost);
    let best = costs.min_by(|(_, untied, a), (_, other, b)| untied.cmp(other).then(a.total_cmp(b)));
    best.map_or((0, have), |(at, _, left)| (at, left))
}

/// About how many rows a join by these equalities leaves.
fn tied(context: &FromContext<'_>, have: f64, (item, size): (&Node, f64), keys: &[(Expr, Expr)]) -> f64 {
    let right: Vec<&Expr> = keys.iter().map(|(_, right)| right).collect();
    let left: Vec<&Expr> = keys.iter().map(|(left, _)| left).collect();
    // By the key of one side, each row of the other finds at most one.
    for &range in &item.ranges() {
        if let Some(all) = fixed_key(context, range, &right) {
            return have * (size / all).min(1.0);
        }
    }
    let by_left =
        left.iter().flat_map(|expr| ranges_of(expr)).find_map(|range| fixed_key(context, range, &left));
    if let Some(all) = by_left {
        return size * (have / all).min(1.0);
    }
    // Nothing is known of how many different values there are.
    let values = (have.min(size) / 10.0).max(1.0);
    (have * size / values).max(1.0)
}

/// The size of a range whose whole key some expressions are.
fn fixed_key(context: &FromContext<'_>, range: usize, exprs: &[&Expr]) -> Option<f64> {
    let RangeKind::Relation(relation) = &context.select.ranges.get(range)?.kind else { return None };
    let scope = KeyScope::of(relation, range)?;
    let fixed = |part: usize| exprs.iter().any(|expr| scope.part(expr) == Some(part));
    let all = relation.mapping()?.rows? as f64;
    (0..scope.parts().len()).all(fixed).then_some(all.max(1.0))
}

/// About how many rows an item has.
pub(super) fn rows(context: &FromContext<'_>, node: &Node) -> f64 {
    match node {
        Node::Leaf { range, remote, all, .. } => {
            let keys = remote.as_ref().and_then(|remote| remote.most_rows());
            keys.unwrap_or_else(|| leaf(context, *range, all)).max(1.0)
        }
        Node::Items { items, .. } => items.iter().map(|item| rows(context, item)).fold(1.0, f64::max),
        Node::Outer { kind, left, right, .. } => {
            let left = rows(context, left);
            match kind {
                JoinKind::Semi | JoinKind::Anti => left * SEMI,
                JoinKind::Left => left,
                _ => left.max(rows(context, right)),
            }
        }
    }
}

fn leaf(context: &FromContext<'_>, index: usize, conditions: &[Expr]) -> f64 {
    let Some(range) = context.select.ranges.get(index) else { return UNKNOWN };
    match &range.kind {
        RangeKind::Relation(relation) if is_remote(relation) => {
            let columns = context.needed.columns(index);
            let wanted = Wanted { relation, range: index, conditions, columns, down: Down::default() };
            wanted.rows().unwrap_or(UNKNOWN)
        }
        RangeKind::Values(rows) => rows.len() as f64,
        RangeKind::Subquery(query) => subquery(query),
        _ => UNKNOWN,
    }
}

/// About how many rows a subquery has: those of its largest relation, or fewer.
fn subquery(query: &Query) -> f64 {
    let Body::Select(select) = &query.body else { return UNKNOWN };
    let size = |range: &Range| match &range.kind {
        RangeKind::Relation(relation) => {
            relation.mapping().and_then(|m| m.rows).map_or(UNKNOWN, |n| n as f64)
        }
        RangeKind::Subquery(query) => subquery(query),
        RangeKind::Values(rows) => rows.len() as f64,
        _ => UNKNOWN,
    };
    let all = select.ranges.iter().map(size).fold(1.0, f64::max);
    match &select.grouping {
        Some(grouping) if grouping.keys.is_empty() => 1.0,
        Some(_) => all * GROUPS,
        None => all,
    }
}
