//! The functions that SQL writes without parentheses (`transformSQLValueFunction`).

use pg::oid::{self, TypeRef};

use crate::parse::ast::SqlValue as Ast;
use crate::query::{Expr, ExprKind, SqlValue};

/// `CURRENT_DATE` and its relatives.
pub(super) fn sql_value(value: Ast, precision: Option<i32>, pos: Option<u32>) -> Expr {
    // Times have at most six digits.
    let precision = precision.map(|p| p.min(6));
    let (value, ty) = match value {
        Ast::CurrentDate => (SqlValue::CurrentDate, oid::DATE),
        Ast::CurrentTime => (SqlValue::CurrentTime(precision), oid::TIMETZ),
        Ast::CurrentTimestamp => (SqlValue::CurrentTimestamp(precision), oid::TIMESTAMPTZ),
        Ast::LocalTime => (SqlValue::LocalTime(precision), oid::TIME),
        Ast::LocalTimestamp => (SqlValue::LocalTimestamp(precision), oid::TIMESTAMP),
        Ast::CurrentRole | Ast::CurrentUser | Ast::User => (SqlValue::CurrentUser, oid::NAME),
        Ast::SessionUser => (SqlValue::SessionUser, oid::NAME),
        Ast::CurrentCatalog => (SqlValue::CurrentCatalog, oid::NAME),
        Ast::CurrentSchema => (SqlValue::CurrentSchema, oid::NAME),
    };
    let typmod = precision.unwrap_or(-1);
    Expr::new(ExprKind::SqlValue(value), TypeRef { oid: ty, typmod }).at(pos)
}

/// How the function names an output column.
pub(super) fn sql_value_name(value: Ast) -> &'static str {
    match value {
        Ast::CurrentDate => "current_date",
        Ast::CurrentTime => "current_time",
        Ast::CurrentTimestamp => "current_timestamp",
        Ast::LocalTime => "localtime",
        Ast::LocalTimestamp => "localtimestamp",
        Ast::CurrentRole => "current_role",
        Ast::CurrentUser => "current_user",
        Ast::User => "user",
        Ast::SessionUser => "session_user",
        Ast::CurrentCatalog => "current_catalog",
        Ast::CurrentSchema => "current_schema",
    }
}
