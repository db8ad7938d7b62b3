//! Lateral entries of FROM that name something outside of the join they stand in. A join is planned from its two sides,
//! so what its sides name must stand in it. Where the left sides lead to such a join, what stands before it is joined
//! to its left first (`a, b LEFT JOIN LATERAL f(a.x)` is `(a, b) LEFT JOIN LATERAL f(a.x)`); elsewhere the join becomes
//! a lateral subquery, which is run anew for the rows that it names.

use std::sync::Arc;

use crate::query::*;
use crate::walk::{replace_columns_of_block, visit_outer_columns};

use super::distribute::{ranges_in, ranges_of};
use super::flatten::{join_all, move_cte_levels};

/// Brings the FROM clause into a form in which a join names only what stands in it.
pub(super) fn settle(select: &mut Select) {
    if !select.ranges.iter().any(|range| range.lateral) {
        return;
    }
    while let Some(ranges) = select.from.iter().find_map(|item| to_wrap(select, item)) {
        wrap(select, &ranges);
    }
    let items = std::mem::take(&mut select.from);
    let mut done = Vec::new();
    for item in items {
        if needs_outside(select, &item) && !is_inner(&item) {
            let before = join_all(std::mem::take(&mut done));
            done.push(match before {
                Some(before) => with_before(before, item),
                None => item,
            });
        } else {
            done.push(item);
        }
    }
    select.from = done;
}

/// The ranges of this block that a range names.
pub(super) fn named(range: &Range) -> Vec<usize> {
    let mut named = Vec::new();
    match &range.kind {
        RangeKind::Subquery(query) if range.lateral => visit_outer_columns(query, &mut |column| {
            if column.levels_up == 0 {
                named.push(column.range);
            }
        }),
        RangeKind::Function { calls, .. } => named.extend(calls.iter().flat_map(ranges_of)),
        _ => {}
    }
    named
}

/// Whether a part of FROM names ranges outside of it.
fn needs_outside(select: &Select, from: &From) -> bool {
    let inside = ranges_in(from);
    let ranges = inside.iter().filter_map(|&range| select.ranges.get(range));
    ranges.flat_map(named).any(|range| !inside.contains(&range))
}

/// Nothing but inner joins: a list of items, in the end.
fn is_inner(from: &From) -> bool {
    match from {
        From::Range(_) => true,
        From::Join { kind: JoinKind::Inner, left, right, .. } => is_inner(left) && is_inner(right),
        From::Join { .. } => false,
    }
}

/// The ranges of a join that must become a subquery, the innermost first.
fn to_wrap(select: &Select, from: &From) -> Option<Vec<usize>> {
    let From::Join { kind, left, right, .. } = from else { return None };
    let inside = to_wrap(select, left).or_else(|| to_wrap(select, right));
    let joined = |side: &From| matches!(side, From::Join { .. }) && needs_outside(select, side);
    let of_right = || {
        let as_items = *kind == JoinKind::Inner && is_inner(right);
        (joined(right) && !as_items).then(|| ranges_in(right))
    };
    let whole = || {
        let both = matches!(kind, JoinKind::Right | JoinKind::Full) && needs_outside(select, from);
        both.then(|| ranges_in(from))
    };
    inside.or_else(of_right).or_else(whole)
}

/// Joins something to the left end of a join.
fn with_before(before: From, item: From) -> From {
    match item {
        From::Join { kind: kind @ (JoinKind::Left | JoinKind::Inner), left, right, on } => {
            From::Join { kind, left: Box::new(with_before(before, *left)), right, on }
        }
        other => {
            From::Join { kind: JoinKind::Inner, left: Box::new(before), right: Box::new(other), on: None }
        }
    }
}

/// Makes a lateral subquery of the join that has exactly these ranges.
fn wrap(select: &mut Select, ranges: &[usize]) {
    let new = select.ranges.len();
    let mut join = From::Range(new);
    for item in &mut select.from {
        exchange(item, ranges, &mut join);
    }
    let inside = ranges.iter().filter_map(|&range| take_range(select, range)).collect();
    let mut block = Select::plain(inside, vec![join], Vec::new());
    move_inside(&mut block, ranges);
    let columns = used_columns(select, ranges, new);
    let mut outputs = Vec::new();
    for &(range, column) in &columns {
        let Some(known) = block.ranges.get(range).and_then(|range| range.columns.get(column)).cloned() else {
            continue;
        };
        let kind = ExprKind::Column(ColumnRef { levels_up: 0, range, column });
        let expr = Expr::new(kind, known.ty);
        block.targets.push(Target { expr, name: known.name.clone(), junk: false });
        outputs.push(RangeColumn { hidden: false, ..known });
    }
    let columns = block.targets.iter().map(Target::output).collect();
    let query = Query::plain(Body::Select(Box::new(block)), columns);
    let kind = RangeKind::Subquery(Box::new(query));
    select.ranges.push(Range { alias: Arc::from(""), columns: outputs, kind, lateral: true });
}

/// Puts `new` in the place of the join that has these ranges, and the join into `new`.
fn exchange(from: &mut From, ranges: &[usize], new: &mut From) {
    if matches!(from, From::Join { .. }) && ranges_in(from) == ranges {
        std::mem::swap(from, new);
        return;
    }
    if let From::Join { left, right, .. } = from {
        exchange(left, ranges, new);
        exchange(right, ranges, new);
    }
}

/// A range without what it is, which stays behind unused.
fn take_range(select: &mut Select, index: usize) -> Option<Range> {
    let range = select.ranges.get_mut(index)?;
    let kind = std::mem::replace(&mut range.kind, RangeKind::Values(Vec::new()));
    let lateral = std::mem::replace(&mut range.lateral, false);
    Some(Range { kind, lateral, ..range.clone() })
}

/// What was in the block stands one query further in: its own ranges get new numbers, all others are further out.
fn move_inside(block: &mut Select, ranges: &[usize]) {
    let mut change = |column: ColumnRef| {
        let mine = ranges.iter().position(|&range| column.levels_up == 0 && range == column.range);
        Some(ExprKind::Column(match mine {
            Some(range) => ColumnRef { range, ..column },
            None => ColumnRef { levels_up: column.levels_up + 1, ..column },
        }))
    };
    replace_columns_of_block(block, &mut change);
    move_cte_levels(block, &|levels_up, depth| if levels_up >= depth { levels_up + 1 } else { levels_up });
    block.from.iter_mut().for_each(|from| renumber(from, ranges));
}

fn renumber(from: &mut From, ranges: &[usize]) {
    match from {
        From::Range(range) => *range = ranges.iter().position(|known| known == range).unwrap_or(*range),
        From::Join { left, right, .. } => {
            renumber(left, ranges);
            renumber(right, ranges);
        }
    }
}

/// The columns of these ranges (by their place among them) that the rest of the block uses, which become columns of
/// the new range.
fn used_columns(select: &mut Select, ranges: &[usize], new: usize) -> Vec<(usize, usize)> {
    let mut used: Vec<(usize, usize)> = Vec::new();
    let mut change = |column: ColumnRef| {
        let range = ranges.iter().position(|&range| column.levels_up == 0 && range == column.range)?;
        let known = used.iter().position(|&known| known == (range, column.column));
        let index = known.unwrap_or_else(|| {
            used.push((range, column.column));
            used.len() - 1
        });
        Some(ExprKind::Column(ColumnRef { levels_up: 0, range: new, column: index }))
    };
    replace_columns_of_block(select, &mut change);
    used
}
