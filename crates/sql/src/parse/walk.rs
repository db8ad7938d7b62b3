//! Walks over syntax trees (`raw_expression_tree_walker`).

use super::ast::{
    Expr, ExprKind, FrameBound, FuncCall, GroupItem, Indirection, Query, QueryBody, Select, SubqueryKind,
    TableRef, WindowDef,
};

/// What stands directly in a part of a tree.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Part<'a> {
    Expr(&'a Expr),
    Table(&'a TableRef),
    Query(&'a Query),
}

/// Calls `f` with the expressions directly in an expression; the query of a subquery is not among them.
pub fn for_each_in_expr<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Column(_)
        | ExprKind::Star(_)
        | ExprKind::Param(_)
        | ExprKind::Const(_)
        | ExprKind::SqlValue(..)
        | ExprKind::Default
        | ExprKind::Refused(_) => {}
        ExprKind::Cast(inner, _)
        | ExprKind::Not(inner)
        | ExprKind::IsNull(inner, _)
        | ExprKind::BooleanTest(inner, ..)
        | ExprKind::Collate(inner, _) => f(inner),
        ExprKind::Operator { left, right, .. } => {
            left.iter().for_each(|left| f(left));
            f(right);
        }
        ExprKind::AnyArray { left, array, .. } => [left, array].into_iter().for_each(|e| f(e)),
        ExprKind::Distinct(left, right, _) | ExprKind::NullIf(left, right) => {
            [left, right].into_iter().for_each(|e| f(e));
        }
        ExprKind::In { left, list, .. } => {
            f(left);
            list.iter().for_each(f);
        }
        ExprKind::Between { operands, .. } => operands.iter().for_each(f),
        ExprKind::And(items)
        | ExprKind::Or(items)
        | ExprKind::Coalesce(items)
        | ExprKind::MinMax(_, items)
        | ExprKind::Array(items)
        | ExprKind::Row(items)
        | ExprKind::Grouping(items) => items.iter().for_each(f),
        ExprKind::Func(call) => for_each_in_call(call, f),
        ExprKind::Case { operand, arms, otherwise } => {
            operand.iter().for_each(|e| f(e));
            arms.iter().flat_map(|arm| [&arm.condition, &arm.result]).for_each(&mut *f);
            otherwise.iter().for_each(|e| f(e));
        }
        ExprKind::Subquery(SubqueryKind::Quantified { left, .. }, _) => f(left),
        ExprKind::Subquery(..) => {}
        ExprKind::Indirection(inner, steps) => {
            f(inner);
            steps.iter().for_each(|step| match step {
                Indirection::Index(index) => f(index),
                Indirection::Slice(from, to) => from.iter().chain(to).for_each(&mut *f),
                Indirection::Field(_) | Indirection::Star => {}
            });
        }
    }
}

fn for_each_in_call<'a>(call: &'a FuncCall, f: &mut dyn FnMut(&'a Expr)) {
    call.args.iter().for_each(|arg| f(&arg.expr));
    call.order_by.iter().for_each(|key| f(&key.expr));
    call.filter.iter().for_each(&mut *f);
    call.over.iter().for_each(|window| for_each_in_window(window, f));
}

fn for_each_in_window<'a>(window: &'a WindowDef, f: &mut dyn FnMut(&'a Expr)) {
    window.partition_by.iter().for_each(&mut *f);
    window.order_by.iter().for_each(|key| f(&key.expr));
    for bound in window.frame.iter().flat_map(|frame| [&frame.start, &frame.end]) {
        if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
            f(offset);
        }
    }
}

/// Calls `f` with what stands directly in a query, but for its WITH, in the order in which PostgreSQL walks.
pub fn for_each_in_query<'a>(query: &'a Query, f: &mut dyn FnMut(Part<'a>)) {
    if let QueryBody::Select(select) = &query.body {
        for_each_in_select(select, f);
    }
    if let QueryBody::Values(rows) = &query.body {
        rows.iter().flatten().for_each(|expr| f(Part::Expr(expr)));
    }
    for_each_behind(query, f);
    if let QueryBody::SetOperation { left, right, .. } = &query.body {
        f(Part::Query(left));
        f(Part::Query(right));
    }
}

/// The part of [`for_each_in_query`] that stands behind the body.
pub fn for_each_behind<'a>(query: &'a Query, f: &mut dyn FnMut(Part<'a>)) {
    query.order_by.iter().for_each(|key| f(Part::Expr(&key.expr)));
    query.offset.iter().chain(&query.limit).for_each(|expr| f(Part::Expr(expr)));
}

fn for_each_in_select<'a>(select: &'a Select, f: &mut dyn FnMut(Part<'a>)) {
    select.distinct.iter().flatten().for_each(|expr| f(Part::Expr(expr)));
    select.targets.iter().for_each(|target| f(Part::Expr(&target.expr)));
    select.from.iter().for_each(|table| f(Part::Table(table)));
    select.filter.iter().for_each(|expr| f(Part::Expr(expr)));
    select.group_by.iter().for_each(|item| for_each_in_item(item, f));
    select.having.iter().for_each(|expr| f(Part::Expr(expr)));
    select.windows.iter().for_each(|window| for_each_in_window(window, &mut |expr| f(Part::Expr(expr))));
}

fn for_each_in_item<'a>(item: &'a GroupItem, f: &mut dyn FnMut(Part<'a>)) {
    match item {
        GroupItem::Empty => {}
        GroupItem::Expr(expr) => f(Part::Expr(expr)),
        GroupItem::Rollup(exprs, _) | GroupItem::Cube(exprs, _) => {
            exprs.iter().for_each(|expr| f(Part::Expr(expr)));
        }
        GroupItem::Sets(items, _) => items.iter().for_each(|item| for_each_in_item(item, f)),
    }
}
