//! Walks over expressions and queries. The passes of the planner are built on these two functions per direction, so
//! that each new kind of expression is taught to them in one place.

use std::sync::Arc;

use crate::query::*;
use crate::stack::grown;

/// Calls `f` with each direct subexpression, not going into subqueries.
pub fn for_each_child<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    grown(|| each_child(expr, f));
}

fn each_child<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Param(_)
        | ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::Arg(_)
        | ExprKind::Grouping { .. }
        | ExprKind::CaseTest
        | ExprKind::SqlValue(_)
        | ExprKind::Default => {}
        ExprKind::Call(call) => call.args.iter().for_each(f),
        ExprKind::Aggregate(aggregate) => {
            aggregate.args.iter().for_each(&mut *f);
            aggregate.order_by.iter().for_each(|key| f(&key.expr));
            aggregate.filter.iter().for_each(f);
        }
        ExprKind::Window(window) => window.args.iter().chain(&window.filter).for_each(f),
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Coalesce(items) => items.iter().for_each(f),
        ExprKind::Not(expr)
        | ExprKind::IsNull { expr, .. }
        | ExprKind::BooleanTest { expr, .. }
        | ExprKind::Coerce { expr, .. }
        | ExprKind::Collate { expr, .. }
        | ExprKind::Field { expr, .. } => f(expr),
        ExprKind::DistinctFrom { left, right, .. } => [left, right].into_iter().for_each(|e| f(e)),
        ExprKind::Case { operand, arms, otherwise } => {
            operand.iter().for_each(|e| f(e));
            arms.iter().for_each(|(condition, result)| {
                f(condition);
                f(result);
            });
            otherwise.iter().for_each(|e| f(e));
        }
        ExprKind::NullIf { left, right, .. } => [left, right].into_iter().for_each(|e| f(e)),
        ExprKind::MinMax { args, .. } => args.iter().for_each(f),
        ExprKind::AnyList { left, list, .. } => {
            f(left);
            list.iter().for_each(f);
        }
        ExprKind::AnyArray { left, array, .. } => [left, array].into_iter().for_each(|e| f(e)),
        ExprKind::Array { items, .. } => items.iter().for_each(f),
        ExprKind::Row { fields, present, .. } => fields.iter().chain(present.as_deref()).for_each(f),
        ExprKind::RowCompare { left, right, .. } => left.iter().chain(right).for_each(f),
        ExprKind::Subscript { expr, subscripts } => {
            f(expr);
            subscripts.iter().for_each(|subscript| match subscript {
                Subscript::Index(index) => f(index),
                Subscript::Slice(from, to) => from.iter().chain(to).for_each(&mut *f),
            });
        }
        ExprKind::Subquery(subquery) => for_each_left(&subquery.kind, f),
        ExprKind::SubPlan(subplan) => {
            for_each_left(&subplan.kind, f);
            subplan.args.iter().for_each(f);
        }
    }
}

fn for_each_left<'a>(kind: &'a SubqueryKind, f: &mut dyn FnMut(&'a Expr)) {
    if let SubqueryKind::Quantified { left, .. } = kind {
        left.iter().for_each(f);
    }
}

/// As [`for_each_child`], to change them.
pub fn for_each_child_mut(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    grown(|| each_child_mut(expr, f));
}

fn each_child_mut(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    match &mut expr.kind {
        ExprKind::Const(_)
        | ExprKind::Param(_)
        | ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::Arg(_)
        | ExprKind::Grouping { .. }
        | ExprKind::CaseTest
        | ExprKind::SqlValue(_)
        | ExprKind::Default => {}
        ExprKind::Call(call) => call.args.iter_mut().for_each(f),
        ExprKind::Aggregate(aggregate) => {
            aggregate.args.iter_mut().for_each(&mut *f);
            aggregate.order_by.iter_mut().for_each(|key| f(&mut key.expr));
            aggregate.filter.iter_mut().for_each(f);
        }
        ExprKind::Window(window) => window.args.iter_mut().chain(&mut window.filter).for_each(f),
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Coalesce(items) => {
            items.iter_mut().for_each(f)
        }
        ExprKind::Not(expr)
        | ExprKind::IsNull { expr, .. }
        | ExprKind::BooleanTest { expr, .. }
        | ExprKind::Coerce { expr, .. }
        | ExprKind::Collate { expr, .. }
        | ExprKind::Field { expr, .. } => f(expr),
        ExprKind::DistinctFrom { left, right, .. } => [left, right].into_iter().for_each(|e| f(e)),
        ExprKind::Case { operand, arms, otherwise } => {
            operand.iter_mut().for_each(|e| f(e));
            arms.iter_mut().for_each(|(condition, result)| {
                f(condition);
                f(result);
            });
            otherwise.iter_mut().for_each(|e| f(e));
        }
        ExprKind::NullIf { left, right, .. } => [left, right].into_iter().for_each(|e| f(e)),
        ExprKind::MinMax { args, .. } => args.iter_mut().for_each(f),
        ExprKind::AnyList { left, list, .. } => {
            f(left);
            list.iter_mut().for_each(f);
        }
        ExprKind::AnyArray { left, array, .. } => [left, array].into_iter().for_each(|e| f(e)),
        ExprKind::Array { items, .. } => items.iter_mut().for_each(f),
        ExprKind::Row { fields, present, .. } => fields.iter_mut().chain(present.as_deref_mut()).for_each(f),
        ExprKind::RowCompare { left, right, .. } => left.iter_mut().chain(right).for_each(f),
        ExprKind::Subscript { expr, subscripts } => {
            f(expr);
            subscripts.iter_mut().for_each(|subscript| match subscript {
                Subscript::Index(index) => f(index),
                Subscript::Slice(from, to) => from.iter_mut().chain(to).for_each(&mut *f),
            });
        }
        ExprKind::Subquery(subquery) => for_each_left_mut(&mut subquery.kind, f),
        ExprKind::SubPlan(subplan) => {
            for_each_left_mut(&mut subplan.kind, f);
            subplan.args.iter_mut().for_each(f);
        }
    }
}

fn for_each_left_mut(kind: &mut SubqueryKind, f: &mut dyn FnMut(&mut Expr)) {
    if let SubqueryKind::Quantified { left, .. } = kind {
        left.iter_mut().for_each(f);
    }
}

/// Calls `f` with each expression that stands directly in a query (not inside another), and `q` with each query that
/// stands directly in it: sides of set operations, subqueries in FROM, common table expressions. Subqueries in
/// expressions are reached through the expressions.
fn for_each_in_query<'a>(query: &'a Query, f: &mut dyn FnMut(&'a Expr), q: &mut dyn FnMut(&'a Query)) {
    query.ctes.iter().for_each(|cte| q(&cte.query));
    query.limit.iter().chain(&query.offset).for_each(&mut *f);
    match &query.body {
        Body::Select(select) => for_each_in_select(select, f, q),
        Body::SetOperation(operation) => [&operation.left, &operation.right].into_iter().for_each(q),
        Body::Values(rows) => rows.iter().flatten().for_each(f),
    }
}

/// The expressions and the queries that stand directly in a query, for walks that can't be two closures at a time.
pub fn parts(query: &Query) -> (Vec<&Expr>, Vec<&Query>) {
    let (mut exprs, mut queries) = (Vec::new(), Vec::new());
    for_each_in_query(query, &mut |expr| exprs.push(expr), &mut |inner| queries.push(inner));
    (exprs, queries)
}

fn for_each_in_select<'a>(select: &'a Select, f: &mut dyn FnMut(&'a Expr), q: &mut dyn FnMut(&'a Query)) {
    for range in &select.ranges {
        match &range.kind {
            RangeKind::Subquery(query) => q(query),
            RangeKind::Function { calls, .. } => calls.iter().for_each(&mut *f),
            RangeKind::Values(rows) => rows.iter().flatten().for_each(&mut *f),
            RangeKind::Relation(_) | RangeKind::Cte { .. } => {}
        }
    }
    select.from.iter().for_each(|from| for_each_condition(from, f));
    select.filter.iter().for_each(&mut *f);
    if let Some(grouping) = &select.grouping {
        grouping.keys.iter().for_each(|key| f(&key.expr));
    }
    select.having.iter().for_each(&mut *f);
    for window in &select.windows {
        window.partition_by.iter().for_each(&mut *f);
        window.order_by.iter().for_each(|key| f(&key.expr));
        for bound in [&window.frame.start, &window.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                f(offset);
            }
        }
    }
    select.targets.iter().for_each(|target| f(&target.expr));
}

fn for_each_condition<'a>(from: &'a From, f: &mut dyn FnMut(&'a Expr)) {
    if let From::Join { left, right, on, .. } = from {
        for_each_condition(left, f);
        for_each_condition(right, f);
        on.iter().for_each(f);
    }
}

/// As [`for_each_in_query`], to change them.
pub fn for_each_in_query_mut(query: &mut Query, f: &mut dyn FnMut(&mut Expr), q: &mut dyn FnMut(&mut Query)) {
    grown(|| each_in_query_mut(query, f, q));
}

fn each_in_query_mut(query: &mut Query, f: &mut dyn FnMut(&mut Expr), q: &mut dyn FnMut(&mut Query)) {
    query.ctes.iter_mut().for_each(|cte| q(&mut cte.query));
    query.limit.iter_mut().chain(&mut query.offset).for_each(&mut *f);
    match &mut query.body {
        Body::Select(select) => for_each_in_select_mut(select, f, q),
        Body::SetOperation(operation) => [&mut operation.left, &mut operation.right].into_iter().for_each(q),
        Body::Values(rows) => rows.iter_mut().flatten().for_each(f),
    }
}

/// The part of [`for_each_in_query_mut`] that concerns a query block.
pub fn for_each_in_select_mut(
    select: &mut Select,
    f: &mut dyn FnMut(&mut Expr),
    q: &mut dyn FnMut(&mut Query),
) {
    for range in &mut select.ranges {
        match &mut range.kind {
            RangeKind::Subquery(query) => q(query),
            RangeKind::Function { calls, .. } => calls.iter_mut().for_each(&mut *f),
            RangeKind::Values(rows) => rows.iter_mut().flatten().for_each(&mut *f),
            RangeKind::Relation(_) | RangeKind::Cte { .. } => {}
        }
    }
    select.from.iter_mut().for_each(|from| for_each_condition_mut(from, f));
    select.filter.iter_mut().for_each(&mut *f);
    if let Some(grouping) = &mut select.grouping {
        grouping.keys.iter_mut().for_each(|key| f(&mut key.expr));
    }
    select.having.iter_mut().for_each(&mut *f);
    for window in &mut select.windows {
        window.partition_by.iter_mut().for_each(&mut *f);
        window.order_by.iter_mut().for_each(|key| f(&mut key.expr));
        for bound in [&mut window.frame.start, &mut window.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                f(offset);
            }
        }
    }
    select.targets.iter_mut().for_each(|target| f(&mut target.expr));
}

fn for_each_condition_mut(from: &mut From, f: &mut dyn FnMut(&mut Expr)) {
    if let From::Join { left, right, on, .. } = from {
        for_each_condition_mut(left, f);
        for_each_condition_mut(right, f);
        on.iter_mut().for_each(f);
    }
}

/// Calls `f` with every expression inside this one, itself included, outermost first, not going into subqueries.
/// Where `f` answers false it does not go deeper.
pub fn visit<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr) -> bool) {
    if f(expr) {
        for_each_child(expr, &mut |child| visit(child, f));
    }
}

/// Whether any expression inside this one, itself included, satisfies `test`; subqueries are not looked into.
pub fn any(expr: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    visit(expr, &mut |e| {
        found = found || test(e);
        !found
    });
    found
}

/// Whether a subquery stands in an expression.
pub fn has_subquery(expr: &Expr) -> bool {
    any(expr, &|part| matches!(part.kind, ExprKind::Subquery(_)))
}

/// Calls `f` with every column in an expression, subqueries included; its level is told from the place where the
/// expression stands (0: a range of the block around it), and columns of queries further inside are left out.
pub fn visit_columns(expr: &Expr, f: &mut dyn FnMut(ColumnRef)) {
    columns_in_expr(expr, 0, f);
}

/// As [`visit_columns`], for all that stands in a query: columns that belong to it or to queries inside it are left
/// out, and level 0 means the query around it.
pub fn visit_outer_columns(query: &Query, f: &mut dyn FnMut(ColumnRef)) {
    columns_in_query(query, 1, f);
}

/// How many queries further out an aggregate belongs: to the innermost one whose columns it has, or to its own when it
/// has none (`check_agg_arguments`).
pub fn aggregate_level(aggregate: &Expr) -> usize {
    let ExprKind::Aggregate(call) = &aggregate.kind else { return 0 };
    // The direct arguments of an ordered-set aggregate are not of its rows.
    let args = call.args.iter().filter(|_| !call.within_group);
    let rows = args.chain(call.order_by.iter().map(|key| &key.expr)).chain(&call.filter);
    rows.filter_map(least_level).min().unwrap_or(0)
}

/// How far out the nearest column stands that an expression names.
pub fn least_level(expr: &Expr) -> Option<usize> {
    let mut level: Option<usize> = None;
    visit_columns(expr, &mut |column| {
        level = Some(level.map_or(column.levels_up, |least| least.min(column.levels_up)));
    });
    level
}

/// Calls `f` with every aggregate in an expression, subqueries included, that belongs to the query around the
/// expression or further out, and with how many queries inside the expression it stands.
pub fn visit_aggregates<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr, usize)) {
    let is_wanted =
        |expr: &Expr, depth| matches!(expr.kind, ExprKind::Aggregate(_)) && aggregate_level(expr) >= depth;
    found_in_expr(expr, 0, &is_wanted, f);
}

/// Calls `f` with what is wanted of an expression, subqueries included, and does not look into that.
fn found_in_expr<'a>(
    expr: &'a Expr,
    depth: usize,
    is_wanted: &dyn Fn(&Expr, usize) -> bool,
    f: &mut dyn FnMut(&'a Expr, usize),
) {
    if is_wanted(expr, depth) {
        return f(expr, depth);
    }
    for_each_child(expr, &mut |child| found_in_expr(child, depth, is_wanted, f));
    if let ExprKind::Subquery(subquery) = &expr.kind {
        found_in_query(&subquery.query, depth + 1, is_wanted, f);
    }
}

fn found_in_query<'a>(
    query: &'a Query,
    depth: usize,
    is_wanted: &dyn Fn(&Expr, usize) -> bool,
    f: &mut dyn FnMut(&'a Expr, usize),
) {
    let (exprs, queries) = parts(query);
    exprs.into_iter().for_each(|expr| found_in_expr(expr, depth, is_wanted, f));
    queries.into_iter().for_each(|inner| grown(|| found_in_query(inner, depth + 1, is_wanted, f)));
}

/// Calls `f` with every GROUPING in an expression, subqueries included, and with how many queries inside the
/// expression it stands.
pub fn visit_groupings(expr: &Expr, f: &mut dyn FnMut(&Expr, usize)) {
    found_in_expr(expr, 0, &|expr, _| matches!(expr.kind, ExprKind::Grouping { .. }), f);
}

/// As [`visit_groupings`], to change them.
pub fn visit_groupings_mut(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr, usize)) {
    groupings_in_expr_mut(expr, 0, f);
}

fn groupings_in_expr_mut(expr: &mut Expr, depth: usize, f: &mut dyn FnMut(&mut Expr, usize)) {
    if matches!(expr.kind, ExprKind::Grouping { .. }) {
        return f(expr, depth);
    }
    for_each_child_mut(expr, &mut |child| groupings_in_expr_mut(child, depth, f));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        groupings_in_query_mut(&mut subquery.query, depth + 1, f);
    }
}

fn groupings_in_query_mut(query: &mut Query, depth: usize, f: &mut dyn FnMut(&mut Expr, usize)) {
    let f = std::cell::RefCell::new(f);
    for_each_in_query_mut(
        query,
        &mut |expr| groupings_in_expr_mut(expr, depth, &mut **f.borrow_mut()),
        &mut |inner| groupings_in_query_mut(inner, depth + 1, &mut **f.borrow_mut()),
    );
}

/// Moves an expression `by` queries further out, where all that it names stands.
pub fn raise_levels(expr: &mut Expr, by: usize) {
    if by > 0 {
        change_levels_in_expr(expr, 0, &|levels_up| levels_up.saturating_sub(by));
    }
}

fn columns_in_expr(expr: &Expr, depth: usize, f: &mut dyn FnMut(ColumnRef)) {
    match &expr.kind {
        ExprKind::Column(column) => {
            if let Some(levels_up) = column.levels_up.checked_sub(depth) {
                f(ColumnRef { levels_up, ..*column });
            }
        }
        ExprKind::Subquery(subquery) => {
            for_each_child(expr, &mut |child| columns_in_expr(child, depth, f));
            columns_in_query(&subquery.query, depth + 1, f);
        }
        _ => for_each_child(expr, &mut |child| columns_in_expr(child, depth, f)),
    }
}

fn columns_in_query(query: &Query, depth: usize, f: &mut dyn FnMut(ColumnRef)) {
    let (exprs, queries) = parts(query);
    exprs.into_iter().for_each(|expr| columns_in_expr(expr, depth, f));
    queries.into_iter().for_each(|inner| grown(|| columns_in_query(inner, depth + 1, f)));
}

/// Changes every column in an expression, subqueries included, that belongs outside the queries in it; its level is
/// told as in [`visit_columns`], and so is the level of the replacement's columns.
pub fn replace_columns(expr: &mut Expr, f: &mut dyn FnMut(ColumnRef) -> Option<ExprKind>) {
    replace_in_expr(expr, 0, f);
}

/// As [`replace_columns`], for all that stands in a query: level 0 means the query around it.
pub fn replace_outer_columns(query: &mut Query, f: &mut dyn FnMut(ColumnRef) -> Option<ExprKind>) {
    replace_in_query(query, 1, f);
}

fn replace_in_expr(expr: &mut Expr, depth: usize, f: &mut dyn FnMut(ColumnRef) -> Option<ExprKind>) {
    if let ExprKind::Column(column) = &expr.kind {
        if let Some(levels_up) = column.levels_up.checked_sub(depth)
            && let Some(kind) = f(ColumnRef { levels_up, ..*column })
        {
            let mut new = Expr { kind, ty: expr.ty, position: expr.position };
            shift_levels(&mut new, depth);
            expr.kind = new.kind;
        }
        return;
    }
    for_each_child_mut(expr, &mut |child| replace_in_expr(child, depth, f));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        replace_in_query(&mut subquery.query, depth + 1, f);
    }
}

/// Replaces columns in all expressions of a block, and those that the queries in it name of the block or further out.
pub fn replace_columns_of_block(select: &mut Select, f: &mut dyn FnMut(ColumnRef) -> Option<ExprKind>) {
    let f = std::cell::RefCell::new(f);
    for_each_in_select_mut(select, &mut |expr| replace_columns(expr, &mut **f.borrow_mut()), &mut |query| {
        replace_outer_columns(query, &mut **f.borrow_mut())
    });
}

fn replace_in_query(query: &mut Query, depth: usize, f: &mut dyn FnMut(ColumnRef) -> Option<ExprKind>) {
    let f = std::cell::RefCell::new(f);
    for_each_in_query_mut(
        query,
        &mut |expr| replace_in_expr(expr, depth, &mut **f.borrow_mut()),
        &mut |inner| replace_in_query(inner, depth + 1, &mut **f.borrow_mut()),
    );
}

/// Moves an expression `by` queries further in: what it names outside itself is that much further out.
pub fn shift_levels(expr: &mut Expr, by: usize) {
    if by > 0 {
        change_levels_in_expr(expr, 0, &|levels_up| levels_up + by);
    }
}

/// As [`shift_levels`], for a query.
pub fn shift_query_levels(query: &mut Query, by: usize) {
    if by > 0 {
        change_levels_in_query(query, 1, &|levels_up| levels_up + by);
    }
}

/// Changes how far out stands what an expression names outside itself: columns, GROUPING, common table expressions.
/// `change` gets the levels as the expression's own, without those of the queries in it.
fn change_levels_in_expr(expr: &mut Expr, depth: usize, change: &dyn Fn(usize) -> usize) {
    match &mut expr.kind {
        ExprKind::Column(ColumnRef { levels_up, .. }) | ExprKind::Grouping { levels_up, .. } => {
            change_level(levels_up, depth, change);
        }
        _ => {}
    }
    for_each_child_mut(expr, &mut |child| change_levels_in_expr(child, depth, change));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        change_levels_in_query(&mut subquery.query, depth + 1, change);
    }
}

fn change_levels_in_query(query: &mut Query, depth: usize, change: &dyn Fn(usize) -> usize) {
    if let Body::Select(select) = &mut query.body {
        for range in &mut select.ranges {
            if let RangeKind::Cte { levels_up, .. } = &mut range.kind {
                change_level(levels_up, depth, change);
            }
        }
    }
    for_each_in_query_mut(query, &mut |expr| change_levels_in_expr(expr, depth, change), &mut |inner| {
        change_levels_in_query(inner, depth + 1, change)
    });
}

fn change_level(levels_up: &mut usize, depth: usize, change: &dyn Fn(usize) -> usize) {
    if let Some(outside) = levels_up.checked_sub(depth) {
        *levels_up = depth + change(outside);
    }
}

/// Calls `f` with every reference in an expression's subqueries to a common table expression outside of them: how many
/// queries further out than the expression that is defined, and the name of the reference.
pub fn visit_outer_ctes(expr: &Expr, f: &mut dyn FnMut(usize, &Arc<str>)) {
    outer_ctes_in_expr(expr, 0, f);
}

fn outer_ctes_in_expr(expr: &Expr, depth: usize, f: &mut dyn FnMut(usize, &Arc<str>)) {
    for_each_child(expr, &mut |child| outer_ctes_in_expr(child, depth, f));
    if let ExprKind::Subquery(subquery) = &expr.kind {
        outer_ctes_in_query(&subquery.query, depth + 1, f);
    }
}

fn outer_ctes_in_query(query: &Query, depth: usize, f: &mut dyn FnMut(usize, &Arc<str>)) {
    if let Body::Select(select) = &query.body {
        for range in &select.ranges {
            if let RangeKind::Cte { levels_up, .. } = range.kind
                && let Some(outside) = levels_up.checked_sub(depth)
            {
                f(outside, &range.alias);
            }
        }
    }
    let (exprs, queries) = parts(query);
    exprs.into_iter().for_each(|expr| outer_ctes_in_expr(expr, depth, f));
    queries.into_iter().for_each(|inner| grown(|| outer_ctes_in_query(inner, depth + 1, f)));
}
