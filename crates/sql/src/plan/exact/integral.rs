//! Integers that are compared with known values, and what an index of theirs is not to be asked.

use pg::{Oid, Value, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::Piece;
use crate::query::*;

/// An argument that is compared with an integer column.
pub(super) enum Integral {
    /// Of the column's type.
    Fits(Piece),
    /// Of a wider type, as which both are compared.
    Wide(Piece, SqlType),
}

/// A column as a wider type, in a form for which no index is used: a range whose ends are of another type than what the
/// index holds fails there (ClassCastException). What is added to is no plain column, nor a cast of one.
pub(super) fn unindexed(column: Piece, wide: SqlType) -> Piece {
    let zero = match wide {
        SqlType::Double => Expr::constant(Value::Float8(0.0), oid::FLOAT8),
        _ => Expr::constant(Value::Int4(0), oid::INT4),
    };
    let zero = cast(Piece::argument(&zero, wide, ArgForm::Plain), wide);
    Piece::wrapped("(", Piece::infix(column, " + ", zero), ")")
}

/// A column in a form for which no index is used, and that has its type; `None` when there is none.
pub(super) fn not_by_index(column: Piece, ty: SqlType) -> Option<Piece> {
    match ty {
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => {
            // What the sum overflows to is the next wider type, in which integers compare alike.
            Some(unindexed(column, ty))
        }
        SqlType::Varchar => {
            let nothing = Expr::constant(Value::text(""), oid::TEXT);
            let nothing = Piece::argument(&nothing, SqlType::Varchar, ArgForm::Plain);
            Some(Piece::wrapped("(", Piece::infix(column, " || ", nothing), ")"))
        }
        _ => None,
    }
}

pub(super) fn cast(piece: Piece, ty: SqlType) -> Piece {
    Piece::wrapped("CAST(", piece, &format!(" AS {})", ty.name()))
}

/// A value that is compared with an integer column. One of a wider type than the column's is sent as the column's when
/// it is known to fit, which keeps look-ups by key fast.
pub(super) fn integer_argument(column: SqlType, value: &Expr) -> Option<Integral> {
    let width = |t: Oid| [oid::INT2, oid::INT4, oid::INT8].iter().position(|&int| int == t);
    let value_width = width(value.ty.oid)?;
    let fits = match &value.kind {
        ExprKind::Const(Value::Null) => true,
        ExprKind::Const(constant) => fits(constant.as_i64()?, column),
        _ => column != SqlType::TinyInt && value_width <= width(column.pg_type())?,
    };
    if fits {
        return Some(Integral::Fits(Piece::argument(value, column, ArgForm::Plain)));
    }
    let wide = [SqlType::SmallInt, SqlType::Integer, SqlType::BigInt].into_iter().nth(value_width)?;
    Some(Integral::Wide(Piece::argument(value, wide, ArgForm::Plain), wide))
}

fn fits(value: i64, column: SqlType) -> bool {
    match column {
        SqlType::TinyInt => i8::try_from(value).is_ok(),
        SqlType::SmallInt => i16::try_from(value).is_ok(),
        SqlType::Integer => i32::try_from(value).is_ok(),
        _ => true,
    }
}

/// An integer that is compared as a numeric with a constant, compared as an integer: what lies between two integers is no
/// end of a range of them, and a column by itself is what an index is used for.
pub(super) fn as_integers<'a>(
    comparison: Comparison,
    operand: &'a Expr,
    value: &Expr,
) -> Option<(Comparison, &'a Expr, Expr)> {
    use Comparison::*;
    let ExprKind::Const(Value::Numeric(numeric)) = &value.kind else { return None };
    let integer = widened(operand).filter(|_| operand.ty.oid == oid::NUMERIC)?;
    let end = numeric.floor().to_i64().ok().filter(|_| numeric.finite().is_some())?;
    let comparison = match comparison {
        same if numeric.is_integral() => same,
        Equal | NotEqual => return None,
        Less | LessOrEqual => LessOrEqual,
        Greater | GreaterOrEqual => Greater,
    };
    Some((comparison, integer, Expr::constant(Value::Int8(end), oid::INT8)))
}

/// Whether an expression is an integer column as another number. Hazelcast takes its index for one of the column, and
/// finds values of the other type in it, or fails.
pub(super) fn is_widened(expr: &Expr) -> bool {
    widened(expr).is_some_and(|inner| matches!(inner.kind, ExprKind::Column(_)) || is_widened(inner))
}

/// The integer that is converted to another number.
fn widened(expr: &Expr) -> Option<&Expr> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let [inner] = call.args.as_slice() else { return None };
    let number = [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC, oid::FLOAT8].contains(&expr.ty.oid);
    let integer = [oid::INT2, oid::INT4, oid::INT8].contains(&inner.ty.oid);
    let is_cast = matches!(call.form, CallForm::ImplicitCast | CallForm::ExplicitCast);
    (is_cast && number && integer).then_some(inner)
}
