//! Expressions as EXPLAIN shows them.

use pg::{Env, Oid, Value, oid};

use crate::plan::{EntryRead, SortBy};
use crate::query::*;
use crate::walk::for_each_child;

pub(super) fn names(read: &EntryRead) -> String {
    let name = |&column: &usize| read.relation.columns.get(column).map_or("?", |column| &*column.name);
    read.columns.iter().map(name).collect::<Vec<_>>().join(", ")
}

pub(super) fn sort_key(key: &SortBy) -> String {
    let mut out = text(&key.expr);
    if key.descending {
        out.push_str(" DESC");
    }
    if key.nulls_first != key.descending {
        out.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
    }
    out
}

pub(super) fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// An expression, roughly as `ruleutils.c` would print it; columns are places in the input row.
pub(super) fn text(expr: &Expr) -> String {
    let mut children = Vec::new();
    for_each_child(expr, &mut |child| children.push(text(child)));
    match &expr.kind {
        ExprKind::Const(value) => constant(value, expr.ty.oid),
        ExprKind::Param(index) => format!("${}", index + 1),
        ExprKind::Slot(slot) => format!("c{slot}"),
        ExprKind::Arg(index) => format!("outer{index}"),
        ExprKind::Column(column) => format!("column {}.{}", column.range, column.column),
        ExprKind::Call(call) => called(call, &children),
        ExprKind::Aggregate(aggregate) => format!("{}({})", proc_name(aggregate.proc), children.join(", ")),
        ExprKind::Window(window) => {
            format!("{}({}) OVER w{}", proc_name(window.proc), children.join(", "), window.window)
        }
        ExprKind::And(_) => format!("({})", children.join(" AND ")),
        ExprKind::Or(_) => format!("({})", children.join(" OR ")),
        ExprKind::Not(_) => format!("(NOT {})", children.join(", ")),
        ExprKind::IsNull { negated, .. } => {
            format!("({} IS {}NULL)", children.join(", "), if *negated { "NOT " } else { "" })
        }
        ExprKind::AnyList { operator, all, .. } => {
            let (left, list) = children.split_first().map_or(("", &[][..]), |(l, r)| (l.as_str(), r));
            let word = if *all { "ALL" } else { "ANY" };
            format!("({left} {} {word} ({}))", operator_name(operator.oid), list.join(", "))
        }
        ExprKind::Coerce { .. } => {
            format!(
                "({})::{}",
                children.join(", "),
                pg::catalog::format_type(expr.ty.oid, Some(expr.ty.typmod))
            )
        }
        ExprKind::SubPlan(subplan) => format!("(SubPlan {})", subplan.id + 1),
        ExprKind::SqlValue(value) => format!("{value:?}"),
        other => {
            let debug = format!("{other:?}");
            let name: String = debug.chars().take_while(char::is_ascii_alphanumeric).collect();
            format!("{}({})", name.to_ascii_uppercase(), children.join(", "))
        }
    }
}

fn called(call: &Call, args: &[String]) -> String {
    match (call.form, args) {
        (CallForm::Operator(oid), [left, right]) => format!("({left} {} {right})", operator_name(oid)),
        (CallForm::Operator(oid), [operand]) => format!("({} {operand})", operator_name(oid)),
        _ => format!("{}({})", proc_name(call.proc), args.join(", ")),
    }
}

fn operator_name(oid: Oid) -> &'static str {
    pg::catalog::operator_by_oid(oid).map_or("?", |operator| operator.name)
}

fn proc_name(oid: Oid) -> &'static str {
    pg::catalog::proc_by_oid(oid).map_or("?", |proc| proc.name)
}

/// A constant with its type, unless its look tells it.
fn constant(value: &Value, ty: Oid) -> String {
    if value.is_null() {
        return "NULL".to_string();
    }
    let mut text = Vec::new();
    let shown = pg::text::output(value, ty, &Env::default(), &mut text);
    let text = String::from_utf8_lossy(&text);
    match (shown, ty) {
        (Err(_), _) => format!("{value:?}"),
        (Ok(()), oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 | oid::NUMERIC) => {
            text.into_owned()
        }
        (Ok(()), oid::BOOL) => if text == "t" { "true" } else { "false" }.to_string(),
        (Ok(()), oid::TEXT | oid::VARCHAR) => format!("'{}'", text.replace('\'', "''")),
        (Ok(()), _) => format!("'{}'::{}", text.replace('\'', "''"), pg::catalog::format_type(ty, None)),
    }
}
