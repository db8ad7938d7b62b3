//! Makes queries simpler before they are planned, so that more of them goes down: common table expressions that are
//! used once are written in their place, and subqueries in FROM that only filter and rename become part of the block
//! around them (PostgreSQL's `inline_cte` and `pull_up_simple_subquery`).

use crate::interrupts;
use crate::query::*;
use crate::walk::{
    any, for_each_in_query_mut, for_each_in_select_mut, has_subquery, parts, replace_columns,
    replace_columns_of_block, replace_outer_columns, shift_query_levels, visit, visit_aggregates,
};

use super::decorrelate::{decorrelate, returns_set};
use super::distribute::{conjuncts, ranges_of};
use super::exact::is_volatile;
use super::{lateral, outer, push};
use crate::same::same;
use crate::stack::grown;

/// Simplifies a query and all queries in it.
pub(super) fn flatten(query: &mut Query) {
    inline_all(query);
    for_each_query_mut(query, &mut |query| {
        let first = query.limit.is_some();
        if let Body::Select(select) = &mut query.body {
            drop_unused_subqueries(select);
            while !interrupts::pending() && (pull_up_one(select) || outer::reduce(select)) {}
            select.filter = select.filter.take().map(factored);
            push::push(select);
            lateral::settle(select);
            decorrelate(select, first);
        }
    });
}

/// Columns of subqueries in FROM that nobody asks for are not computed when they are subqueries themselves
/// (`remove_unused_subquery_outputs`).
fn drop_unused_subqueries(select: &mut Select) {
    let costly = |target: &Target| has_subquery(&target.expr);
    let has_costly = |range: &Range| match &range.kind {
        RangeKind::Subquery(query) => {
            matches!(&query.body, Body::Select(inner) if inner.targets.iter().any(costly))
        }
        _ => false,
    };
    if !select.ranges.iter().any(has_costly) {
        return;
    }
    let mut used: Vec<(usize, usize)> = Vec::new();
    replace_columns_of_block(select, &mut |column| {
        if column.levels_up == 0 {
            used.push((column.range, column.column));
        }
        None
    });
    for (index, range) in select.ranges.iter_mut().enumerate() {
        let RangeKind::Subquery(query) = &mut range.kind else { continue };
        let sorted: Vec<usize> = query.order_by.iter().map(|key| key.target).collect();
        let Body::Select(inner) = &mut query.body else { continue };
        if !matches!(inner.distinct, Distinct::No) {
            continue;
        }
        let targets = inner.targets.iter_mut().enumerate().filter(|(at, target)| {
            costly(target) && !target.junk && !sorted.contains(at) && !used.contains(&(index, *at))
        });
        for (_, target) in targets {
            if !returns_set(&target.expr) && !is_volatile_within(&target.expr) {
                target.expr = Expr::constant(pg::Value::Null, target.expr.ty);
            }
        }
    }
}

/// What all alternatives of an OR demand stands beside it (PostgreSQL's `process_duplicate_ors`), so that an equality
/// among it is a join's key.
fn factored(expr: Expr) -> Expr {
    match expr.kind {
        ExprKind::And(items) => {
            Expr { kind: ExprKind::And(items.into_iter().map(factored).collect()), ..expr }
        }
        ExprKind::Or(items) => {
            let mut arms: Vec<Vec<Expr>> = Vec::new();
            for item in &items {
                let mut arm = Vec::new();
                conjuncts(item, &mut arm);
                arms.push(arm);
            }
            let mut common = arms.first().cloned().unwrap_or_default();
            common
                .retain(|c| !is_volatile(c) && arms.iter().all(|arm| arm.iter().any(|other| same(other, c))));
            for arm in &mut arms {
                arm.retain(|c| !common.iter().any(|other| same(other, c)));
            }
            if common.is_empty() {
                return Expr { kind: ExprKind::Or(items), ..expr };
            }
            let or = Expr {
                kind: ExprKind::Or(arms.iter().filter_map(|arm| Expr::all(arm.clone())).collect()),
                ..expr
            };
            // An alternative that demands nothing more makes the others superfluous.
            common.extend(arms.iter().all(|arm| !arm.is_empty()).then_some(or));
            Expr::all(common).unwrap_or_else(|| Expr::constant(pg::Value::Bool(true), pg::oid::BOOL))
        }
        kind => Expr { kind, ..expr },
    }
}

/// Calls `f` with every query, the outer ones before the inner ones.
pub(super) fn for_each_query_mut(query: &mut Query, f: &mut dyn FnMut(&mut Query)) {
    // Whoever wants it simpler looks at the end.
    if interrupts::pending() {
        return;
    }
    f(query);
    let f = std::cell::RefCell::new(f);
    for_each_in_query_mut(query, &mut |expr| queries_in_expr(expr, &mut **f.borrow_mut()), &mut |inner| {
        for_each_query_mut(inner, &mut **f.borrow_mut());
    });
}

fn queries_in_expr(expr: &mut Expr, f: &mut dyn FnMut(&mut Query)) {
    crate::walk::for_each_child_mut(expr, &mut |child| queries_in_expr(child, f));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        for_each_query_mut(&mut subquery.query, f);
    }
}

/// So many nodes are made of common table expressions that are written in several places; what would be more is
/// computed once, as without `NOT MATERIALIZED`. Ten of them, each naming the one before twice, are a thousand otherwise.
const WRITTEN: usize = 1_000;

/// Inlines the common table expressions of all queries, those of inner queries first: so an outer one is known at its full
/// size.
fn inline_all(query: &mut Query) {
    if interrupts::pending() {
        return;
    }
    for_each_in_query_mut(query, &mut |expr| inline_in_expr(expr), &mut inline_all);
    inline_ctes(query);
}

fn inline_in_expr(expr: &mut Expr) {
    crate::walk::for_each_child_mut(expr, &mut inline_in_expr);
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        inline_all(&mut subquery.query);
    }
}

/// Common table expressions of this query that are used once, are not recursive and don't ask to be materialised; and
/// those that ask not to be.
fn inline_ctes(query: &mut Query) {
    let mut left = WRITTEN;
    for index in 0..query.ctes.len() {
        let Some(cte) = query.ctes.get(index) else { return };
        if interrupts::pending() {
            return;
        }
        if cte.recursive || cte.materialized == Some(true) || has_volatile(&cte.query) {
            continue;
        }
        let references = references_in(query, 0, index);
        let written = size(&cte.query, left).saturating_mul(references.saturating_sub(1));
        let wanted = references == 1 || cte.materialized == Some(false) && written <= left;
        if !wanted {
            continue;
        }
        left -= written.min(left);
        // Nothing of it stays: a chain of them would be walked again and again.
        let nothing = Query::plain(Body::Values(Vec::new()), cte.query.columns.clone());
        let Some(cte) = query.ctes.get_mut(index) else { return };
        let body = std::mem::replace(&mut cte.query, nothing);
        replace_references(query, 0, index, &body);
    }
    // What is left unused is not planned as long as nothing refers to what stands behind it by number.
    while let Some(last) = query.ctes.len().checked_sub(1) {
        if references_in(query, 0, last) > 0 {
            break;
        }
        query.ctes.pop();
    }
}

/// How many expressions and queries a query consists of, as far as that matters: counting ends behind `most`.
fn size(query: &Query, most: usize) -> usize {
    let (exprs, mut queries) = parts(query);
    let mut found = 1;
    for expr in exprs {
        visit(expr, &mut |e| {
            if let ExprKind::Subquery(subquery) = &e.kind {
                queries.push(&subquery.query);
            }
            found += 1;
            found <= most
        });
    }
    for inner in queries {
        if found > most {
            break;
        }
        found += grown(|| size(inner, most - found));
    }
    found
}

/// How often a query names the common table expression of a query `depth` further out.
pub(crate) fn references_in(query: &Query, depth: usize, index: usize) -> usize {
    // Whoever wants to know looks at the end.
    if interrupts::pending() {
        return 0;
    }
    let mut found = 0;
    if let Body::Select(select) = &query.body {
        found += select
                .ranges
                .iter()
                .filter(|range| {
                    matches!(range.kind, RangeKind::Cte { levels_up, index: i } if levels_up == depth && i == index)
                })
                .count();
    }
    let (exprs, queries) = parts(query);
    found += exprs.into_iter().map(|expr| references_in_expr(expr, depth, index)).sum::<usize>();
    found + queries.into_iter().map(|inner| grown(|| references_in(inner, depth + 1, index))).sum::<usize>()
}

/// The same of an expression of a block.
pub(crate) fn references_in_expr(expr: &Expr, depth: usize, index: usize) -> usize {
    let mut found = 0;
    visit(expr, &mut |e| {
        if let ExprKind::Subquery(subquery) = &e.kind {
            found += references_in(&subquery.query, depth + 1, index);
        }
        true
    });
    found
}

pub(super) fn has_volatile(query: &Query) -> bool {
    let (exprs, queries) = parts(query);
    exprs.into_iter().any(is_volatile_within)
        || queries.into_iter().any(|inner| grown(|| has_volatile(inner)))
}

/// Whether an expression is volatile, or something in its subqueries.
fn is_volatile_within(expr: &Expr) -> bool {
    let is_one = |e: &Expr| matches!(&e.kind, ExprKind::Subquery(subquery) if has_volatile(&subquery.query));
    is_volatile(expr) || any(expr, &is_one)
}

/// `depth` queries below the one whose common table expression it is.
pub(crate) fn replace_references(query: &mut Query, depth: usize, index: usize, body: &Query) {
    if interrupts::pending() {
        return;
    }
    if let Body::Select(select) = &mut query.body {
        for range in &mut select.ranges {
            if let RangeKind::Cte { levels_up, index: i } = range.kind
                && (levels_up, i) == (depth, index)
            {
                let mut body = body.clone();
                shift_query_levels(&mut body, depth);
                range.kind = RangeKind::Subquery(Box::new(body));
            }
        }
    }
    for_each_in_query_mut(query, &mut |expr| replace_in_expr(expr, depth, index, body), &mut |inner| {
        replace_references(inner, depth + 1, index, body);
    });
}

pub(crate) fn replace_in_expr(expr: &mut Expr, depth: usize, index: usize, body: &Query) {
    crate::walk::for_each_child_mut(expr, &mut |child| replace_in_expr(child, depth, index, body));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        replace_references(&mut subquery.query, depth + 1, index, body);
    }
}

/// Pulls one subquery of FROM up into the block; false when there is none that can be.
fn pull_up_one(select: &mut Select) -> bool {
    let nullable = nullable_ranges(&select.from);
    // An aggregate belongs where its columns are, also when these become what they stand for.
    let keeps_levels = |query: &Query| {
        let Body::Select(inner) = &query.body else { return false };
        !has_distant_aggregates(select)
            || inner.targets.iter().all(|target| !ranges_of(&target.expr).is_empty())
    };
    let has_sets = select.grouping.as_ref().is_some_and(|grouping| grouping.sets.is_some());
    let found = select.ranges.iter().enumerate().find_map(|(index, range)| match &range.kind {
        RangeKind::Subquery(query) if !range.lateral && is_in_from(&select.from, index) => {
            let simple = is_simple(query, nullable.contains(&index)) && keeps_levels(query);
            (simple && (!has_sets || has_different_columns(query))).then_some(index)
        }
        _ => None,
    });
    let Some(index) = found else { return false };
    pull_up(select, index);
    true
}

/// Whether a block gives columns, each once. Under grouping sets, what else it gives must stay apart: a key is NULL where a
/// set lacks it, while the expression it stands for is not, nor another key that stands for the same.
fn has_different_columns(query: &Query) -> bool {
    let Body::Select(select) = &query.body else { return false };
    let column = |target: &Target| match target.expr.kind {
        ExprKind::Column(column) => Some(column),
        _ => None,
    };
    let columns: Option<Vec<ColumnRef>> = select.targets.iter().map(column).collect();
    columns.is_some_and(|all| all.iter().enumerate().all(|(at, column)| !all[..at].contains(column)))
}

/// Whether subqueries in the block's expressions have aggregates that belong to it or further out.
fn has_distant_aggregates(select: &Select) -> bool {
    let mut found = false;
    let exprs = select.targets.iter().map(|target| &target.expr).chain(&select.having).chain(&select.filter);
    exprs.for_each(|expr| visit_aggregates(expr, &mut |_, depth| found |= depth > 0));
    found
}

fn is_in_from(from: &[From], index: usize) -> bool {
    from.iter().any(|item| match item {
        From::Range(range) => *range == index,
        From::Join { left, right, .. } => {
            is_in_from(std::slice::from_ref(left), index) || is_in_from(std::slice::from_ref(right), index)
        }
    })
}

/// The ranges whose columns a join may turn NULL.
pub(super) fn nullable_ranges(from: &[From]) -> Vec<usize> {
    fn walk(from: &From, nullable: bool, out: &mut Vec<usize>) {
        match from {
            From::Range(range) if nullable => out.push(*range),
            From::Range(_) => {}
            From::Join { kind, left, right, .. } => {
                walk(left, nullable || matches!(kind, JoinKind::Right | JoinKind::Full), out);
                // What the right side of a semi-join has is not seen above it, as little as that of an anti-join.
                let hidden = !matches!(kind, JoinKind::Inner | JoinKind::Right);
                walk(right, nullable || hidden, out);
            }
        }
    }
    let mut out = Vec::new();
    from.iter().for_each(|item| walk(item, false, &mut out));
    out
}

/// A block of nothing but FROM, WHERE and a select list without surprises. Where a join may turn its columns NULL, they
/// must be plain columns of one range, without a condition of their own.
fn is_simple(query: &Query, nullable: bool) -> bool {
    let Body::Select(select) = &query.body else { return false };
    let plain = query.ctes.is_empty()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && select.grouping.is_none()
        && select.having.is_none()
        && select.windows.is_empty()
        && matches!(select.distinct, Distinct::No)
        && !select.from.is_empty()
        && select.ranges.iter().all(|range| !range.lateral);
    if !plain {
        return false;
    }
    let surprising = |e: &Expr| match &e.kind {
        ExprKind::Call(call) => call.retset,
        ExprKind::Subquery(_) | ExprKind::Grouping { .. } => true,
        _ => false,
    };
    if select
        .filter
        .as_ref()
        .is_some_and(|filter| any(filter, &|e| matches!(e.kind, ExprKind::Grouping { .. })))
    {
        return false;
    }
    if select.targets.iter().any(|target| any(&target.expr, &surprising) || is_volatile(&target.expr)) {
        return false;
    }
    let own_column = |expr: &Expr| matches!(&expr.kind, ExprKind::Column(column) if column.levels_up == 0);
    !nullable
        || (select.filter.is_none()
            && matches!(select.from.as_slice(), [From::Range(_)])
            && select.targets.iter().all(|target| own_column(&target.expr)))
}

fn pull_up(select: &mut Select, index: usize) {
    let offset = select.ranges.len();
    let Some(range) = select.ranges.get_mut(index) else { return };
    let empty = RangeKind::Values(Vec::new());
    let RangeKind::Subquery(query) = std::mem::replace(&mut range.kind, empty) else { return };
    let Body::Select(inner) = query.body else { return };
    let mut inner = *inner;
    move_ranges(&mut inner, offset);
    let targets: Vec<Expr> = inner.targets.into_iter().map(|target| target.expr).collect();
    select.ranges.append(&mut inner.ranges);
    select.locked.extend(inner.locked.iter().map(|(range, how)| (range + offset, *how)));
    replace_in_select(select, index, &targets);
    // What the inner block leaves out, the outer one's conditions must not meet.
    select.filter = Expr::all(inner.filter.into_iter().chain(select.filter.take()).collect());
    replace_in_from(&mut select.from, index, inner.from);
}

/// The inner block becomes part of the outer one: its ranges get other numbers, and what it names outside itself is
/// one query nearer.
fn move_ranges(select: &mut Select, offset: usize) {
    let mut change = |column: ColumnRef| {
        Some(ExprKind::Column(match column.levels_up.checked_sub(1) {
            None => ColumnRef { range: column.range + offset, ..column },
            Some(levels_up) => ColumnRef { levels_up, ..column },
        }))
    };
    replace_columns_of_block(select, &mut change);
    move_cte_levels(select, &|levels_up, depth| if levels_up > depth { levels_up - 1 } else { levels_up });
    for item in &mut select.from {
        move_from(item, offset);
    }
}

/// Changes how far out common table expressions stand that a block and the queries in it refer to: `change` gets the
/// levels and how many queries inside the block's own the reference stands.
pub(super) fn move_cte_levels(select: &mut Select, change: &dyn Fn(usize, usize) -> usize) {
    in_select(select, 0, change);
    fn in_select(select: &mut Select, depth: usize, change: &dyn Fn(usize, usize) -> usize) {
        for range in &mut select.ranges {
            if let RangeKind::Cte { levels_up, .. } = &mut range.kind {
                *levels_up = change(*levels_up, depth);
            }
        }
        for_each_in_select_mut(select, &mut |expr| in_expr(expr, depth, change), &mut |query| {
            in_query(query, depth + 1, change);
        });
    }
    fn in_query(query: &mut Query, depth: usize, change: &dyn Fn(usize, usize) -> usize) {
        if let Body::Select(select) = &mut query.body {
            for range in &mut select.ranges {
                if let RangeKind::Cte { levels_up, .. } = &mut range.kind {
                    *levels_up = change(*levels_up, depth);
                }
            }
        }
        for_each_in_query_mut(query, &mut |expr| in_expr(expr, depth, change), &mut |inner| {
            in_query(inner, depth + 1, change);
        });
    }
    fn in_expr(expr: &mut Expr, depth: usize, change: &dyn Fn(usize, usize) -> usize) {
        crate::walk::for_each_child_mut(expr, &mut |child| in_expr(child, depth, change));
        if let ExprKind::Subquery(subquery) = &mut expr.kind {
            in_query(&mut subquery.query, depth + 1, change);
        }
    }
}

fn move_from(from: &mut From, offset: usize) {
    match from {
        From::Range(range) => *range += offset,
        From::Join { left, right, .. } => {
            move_from(left, offset);
            move_from(right, offset);
        }
    }
}

/// Replaces the columns of a range by the expressions that they are.
fn replace_in_select(select: &mut Select, index: usize, targets: &[Expr]) {
    let change = |column: ColumnRef| {
        let mine = column.levels_up == 0 && column.range == index;
        targets.get(column.column).filter(|_| mine).map(|expr| expr.kind.clone())
    };
    for_each_in_select_mut(select, &mut |expr| replace_columns(expr, &mut { change }), &mut |query| {
        replace_outer_columns(query, &mut { change });
    });
}

/// Puts the inner FROM where the range was. Its condition goes to WHERE: either no join turns the range's columns NULL,
/// or there is none.
fn replace_in_from(from: &mut Vec<From>, index: usize, inner: Vec<From>) {
    if let Some(place) = from.iter().position(|item| matches!(item, From::Range(range) if *range == index)) {
        from.splice(place..=place, inner);
        return;
    }
    let mut joined = join_all(inner);
    for item in from {
        replace_leaf(item, index, &mut joined);
    }
}

fn replace_leaf(from: &mut From, index: usize, new: &mut Option<From>) {
    match from {
        From::Range(range) if *range == index => {
            if let Some(new) = new.take() {
                *from = new;
            }
        }
        From::Range(_) => {}
        From::Join { left, right, .. } => {
            replace_leaf(left, index, new);
            replace_leaf(right, index, new);
        }
    }
}

/// Cross joined items as one.
pub(super) fn join_all(items: Vec<From>) -> Option<From> {
    items.into_iter().reduce(|left, right| From::Join {
        kind: JoinKind::Inner,
        left: Box::new(left),
        right: Box::new(right),
        on: None,
    })
}
