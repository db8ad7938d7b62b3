//! What is known of an expression before the cluster is asked.

use pg::{Oid, Value, oid};

use crate::hazelcast::SqlType;
use crate::plan::flatten::has_volatile;
use crate::query::*;
use crate::walk::{any, visit_outer_columns};

/// Whether an expression has one value while the statement runs, known before the cluster is asked: no columns, no
/// subqueries, nothing volatile.
pub(in crate::plan) fn is_settled(expr: &Expr) -> bool {
    !any(expr, &|e| matches!(e.kind, ExprKind::Subquery(_)) || varies(e))
}

/// The same, but subqueries may be in it that need nothing of what is around them.
pub(in crate::plan) fn is_known_first(expr: &Expr) -> bool {
    !any(expr, &|e| match &e.kind {
        ExprKind::Subquery(subquery) => {
            let mut correlated = has_volatile(&subquery.query);
            visit_outer_columns(&subquery.query, &mut |_| correlated = true);
            correlated
        }
        _ => varies(e),
    })
}

/// Whether an expression's own value, leaving aside what it is made of, is another one for another row or moment.
fn varies(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::Arg(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Window(_)
        | ExprKind::Grouping { .. }
        | ExprKind::CaseTest
        | ExprKind::SubPlan(_)
        | ExprKind::Default => true,
        ExprKind::Call(call) => call.retset || is_volatile_proc(call.proc),
        _ => false,
    }
}

/// Whether anything in an expression may change from row to row without its columns changing.
pub(in crate::plan) fn is_volatile(expr: &Expr) -> bool {
    any(expr, &|e| match &e.kind {
        ExprKind::Call(call) => is_volatile_proc(call.proc),
        _ => false,
    })
}

fn is_volatile_proc(proc: Oid) -> bool {
    pg::catalog::proc_by_oid(proc).is_none_or(|proc| proc.volatility == 'v')
}

/// Whether Hazelcast can hold the value: it has no infinite dates and no NaN among decimals. What is not known before
/// it is bound is checked then.
pub(super) fn is_finite(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Const(Value::Date(days)) => !matches!(*days, i32::MAX | i32::MIN),
        ExprKind::Const(Value::Timestamp(micros)) => !matches!(*micros, i64::MAX | i64::MIN),
        ExprKind::Const(Value::Time(micros)) => *micros < 86_400_000_000,
        ExprKind::Const(Value::Numeric(numeric)) => matches!(**numeric, pg::Numeric::Finite { .. }),
        _ => true,
    }
}

/// Whether a value that is not known yet may be one that Hazelcast can't hold.
pub(super) fn may_not_fit(value: &Expr) -> bool {
    !matches!(value.kind, ExprKind::Const(_))
        && matches!(value.ty.oid, oid::NUMERIC | oid::DATE | oid::TIME | oid::TIMESTAMP)
}

pub(super) fn is_text(ty: Oid) -> bool {
    matches!(ty, oid::TEXT | oid::VARCHAR)
}

pub(super) fn is_integer(ty: SqlType) -> bool {
    matches!(ty, SqlType::TinyInt | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt)
}

/// The type of Hazelcast's whose values are exactly those of a type of PostgreSQL's.
pub(super) fn natural(ty: Oid) -> Option<SqlType> {
    Some(match ty {
        oid::BOOL => SqlType::Boolean,
        oid::INT2 => SqlType::SmallInt,
        oid::INT4 => SqlType::Integer,
        oid::INT8 => SqlType::BigInt,
        oid::NUMERIC => SqlType::Decimal,
        oid::FLOAT4 => SqlType::Real,
        oid::FLOAT8 => SqlType::Double,
        oid::TEXT | oid::VARCHAR => SqlType::Varchar,
        oid::DATE => SqlType::Date,
        oid::TIMESTAMP => SqlType::Timestamp,
        _ => return None,
    })
}
