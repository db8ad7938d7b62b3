//! Comparisons, IN lists and LIKE.

use pg::catalog::operator_by_oid;
use pg::{Oid, Value, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::Piece;
use crate::query::*;

use super::settled::{is_finite, is_integer, is_settled, is_text, may_not_fit};
use super::{Exact, Risk, Scope};

/// The most items that an IN list sends down: each number of items is a text of its own, and each row is compared
/// with every item.
const IN_LIST_MAX: usize = 200;

impl Scope<'_> {
    pub(super) fn operator(&self, call: &Call) -> Option<Piece> {
        let CallForm::Operator(oid) = call.form else { return None };
        let operator = operator_by_oid(oid)?;
        let [left, right] = call.args.as_slice() else { return None };
        match operator.name {
            "~~" | "!~~" => self.like(operator.name == "!~~", left, right),
            name => self.comparison(Comparison::by_name(name)?, left, right),
        }
    }

    fn like(&self, negated: bool, left: &Expr, pattern: &Expr) -> Option<Piece> {
        let operand = self.unsettled(left)?;
        if operand.cluster_type != SqlType::Varchar || !is_text(pattern.ty.oid) || !is_settled(pattern) {
            return None;
        }
        let like = if negated { " NOT LIKE " } else { " LIKE " };
        let pattern = Piece::argument(pattern, SqlType::Varchar, ArgForm::LikePattern);
        Some(Piece::wrapped("(", Piece::infix(operand.piece, like, pattern), " ESCAPE '\\')"))
    }

    fn comparison(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Option<Piece> {
        match (self.unsettled(left), self.unsettled(right)) {
            (Some(left), Some(right)) => values_compared(comparison, left, right),
            (Some(operand), None) => self.compared_with_known(comparison, operand, left.ty.oid, right),
            (None, Some(operand)) => {
                self.compared_with_known(comparison.commuted(), operand, right.ty.oid, left)
            }
            (None, None) => None,
        }
    }

    fn unsettled(&self, expr: &Expr) -> Option<Exact> {
        if is_settled(expr) { None } else { self.value(expr) }
    }

    fn compared_with_known(
        &self,
        comparison: Comparison,
        operand: Exact,
        operand_type: Oid,
        value: &Expr,
    ) -> Option<Piece> {
        use Comparison::*;
        use SqlType::*;
        if !is_settled(value) || (may_not_fit(value) && self.risk == Risk::None) {
            return None;
        }
        let Exact { piece, cluster_type, .. } = operand;
        if cluster_type == Real && operand_type == oid::FLOAT4 && value.ty.oid == oid::FLOAT8 {
            let wide = Piece::wrapped("CAST(", piece, " AS DOUBLE)");
            return self.compared_with_known(comparison, Exact::new(wide, Double), oid::FLOAT8, value);
        }
        let plain = |comparison: Comparison, piece: Piece, form: ArgForm| {
            let mut argument = Piece::argument(value, cluster_type, form);
            argument.risky |= may_not_fit(value);
            let value = argument;
            Piece::wrapped("(", Piece::infix(piece, comparison.sql(), value), ")")
        };
        match cluster_type {
            TinyInt | SmallInt | Integer | BigInt => {
                let (operand, value) = match integer_argument(cluster_type, value)? {
                    Integral::Fits(value) => (piece, value),
                    Integral::Wide(value, wide) if matches!(comparison, Equal | NotEqual) => {
                        (piece, cast(value, wide))
                    }
                    Integral::Wide(value, wide) => (unindexed(piece, wide), cast(value, wide)),
                };
                Some(Piece::wrapped("(", Piece::infix(operand, comparison.sql(), value), ")"))
            }
            Varchar if is_text(value.ty.oid) => Some(plain(comparison, piece, ArgForm::Plain)),
            Boolean | Date if is_finite(value) && value.ty.oid == cluster_type.pg_type() => {
                Some(plain(comparison, piece, ArgForm::Plain))
            }
            // Of a key, an equality would be looked up by its bytes, in which 1.0 is not 1.00.
            Decimal if comparison == Equal && is_finite(value) && value.ty.oid == oid::NUMERIC => {
                let low = plain(GreaterOrEqual, piece.clone(), ArgForm::Plain);
                let high = plain(LessOrEqual, piece, ArgForm::Plain);
                Some(Piece::wrapped("(", Piece::infix(low, " AND ", high), ")"))
            }
            Decimal if is_finite(value) && value.ty.oid == oid::NUMERIC => {
                Some(plain(comparison, piece, ArgForm::Plain))
            }
            Real | Double if value.ty.oid == operand_type && operand_type == cluster_type.pg_type() => {
                Some(match comparison {
                    Less | GreaterOrEqual => plain(comparison, piece, ArgForm::LowerZero),
                    Greater | LessOrEqual => plain(comparison, piece, ArgForm::UpperZero),
                    Equal => {
                        let low = plain(GreaterOrEqual, piece.clone(), ArgForm::LowerZero);
                        let high = plain(LessOrEqual, piece, ArgForm::UpperZero);
                        Piece::wrapped("(", Piece::infix(low, " AND ", high), ")")
                    }
                    NotEqual => {
                        let low = plain(Less, piece.clone(), ArgForm::LowerZero);
                        let high = plain(Greater, piece, ArgForm::UpperZero);
                        Piece::wrapped("(", Piece::infix(low, " OR ", high), ")")
                    }
                })
            }
            Time | Timestamp
                if matches!(comparison, Less | GreaterOrEqual)
                    && is_finite(value)
                    && value.ty.oid == cluster_type.pg_type() =>
            {
                Some(plain(comparison, piece, ArgForm::Plain))
            }
            _ => None,
        }
    }

    /// Whether an expression is a column that an index of the map has, as far as is known.
    fn is_indexed(&self, expr: &Expr) -> bool {
        let column = match &expr.kind {
            ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => expr,
            _ => expr,
        };
        let ExprKind::Column(column) = column.kind else { return true };
        let source = self.sources.iter().find(|source| source.range == column.range);
        let mapping = source.and_then(|source| source.relation.mapping());
        mapping.is_some_and(|mapping| mapping.indexes.iter().any(|index| index.column == column.column))
    }

    pub(super) fn in_list(
        &self,
        operator: &Operator,
        all: bool,
        left: &Expr,
        list: &[Expr],
    ) -> Option<Piece> {
        use SqlType::*;
        let operator = operator_by_oid(operator.oid)?;
        let negated = match (operator.name, all) {
            ("=", false) => false,
            ("<>", true) => true,
            _ => return None,
        };
        let Exact { piece, cluster_type, .. } = self.unsettled(left)?;
        // Of an index, Hazelcast finds all entries for a list with a NULL.
        let indexed = self.is_indexed(left);
        let null = |item: &Expr| match &item.kind {
            ExprKind::Const(value) => value.is_null(),
            _ => indexed,
        };
        let unfit = |item: &Expr| !is_settled(item) || may_not_fit(item) || null(item);
        if list.len() > IN_LIST_MAX || list.iter().any(unfit) {
            return None;
        }
        let items: Option<Vec<Piece>> = list
            .iter()
            .map(|item| match cluster_type {
                TinyInt | SmallInt | Integer | BigInt => Some(match integer_argument(cluster_type, item)? {
                    Integral::Fits(value) => value,
                    Integral::Wide(value, wide) => cast(value, wide),
                }),
                Varchar if is_text(item.ty.oid) => Some(Piece::argument(item, cluster_type, ArgForm::Plain)),
                Boolean | Date if is_finite(item) && item.ty.oid == cluster_type.pg_type() => {
                    Some(Piece::argument(item, cluster_type, ArgForm::Plain))
                }
                _ => None,
            })
            .collect();
        if self.nested {
            return Some(alternatives(&piece, negated, items?));
        }
        let mut out = Piece::sql("(");
        out.append(piece).push(if negated { " NOT IN (" } else { " IN (" });
        for (i, item) in items?.into_iter().enumerate() {
            out.push(if i > 0 { ", " } else { "" }).append(item);
        }
        out.push("))");
        Some(out)
    }
}

/// An IN list in the form of comparisons.
fn alternatives(piece: &Piece, negated: bool, items: Vec<Piece>) -> Piece {
    let (comparison, connective) = if negated { (" <> ", " AND ") } else { (" = ", " OR ") };
    let mut out = Piece::sql("(");
    for (i, item) in items.into_iter().enumerate() {
        out.push(if i > 0 { connective } else { "" });
        out.append(Piece::infix(piece.clone(), comparison, item));
    }
    out.push(")");
    out
}

fn values_compared(comparison: Comparison, left: Exact, right: Exact) -> Option<Piece> {
    use SqlType::*;
    let same = left.cluster_type == right.cluster_type
        && matches!(left.cluster_type, Varchar | Boolean | Date | Decimal);
    let integers = is_integer(left.cluster_type) && is_integer(right.cluster_type);
    (same || integers)
        .then(|| Piece::wrapped("(", Piece::infix(left.piece, comparison.sql(), right.piece), ")"))
}

/// An argument that is compared with an integer column.
enum Integral {
    /// Of the column's type.
    Fits(Piece),
    /// Of a wider type, as which both are compared.
    Wide(Piece, SqlType),
}

/// A column as a wider type, in a form for which no index is used: a range whose ends are of another type than what the
/// index holds fails there (ClassCastException). What is added to is no plain column, nor a cast of one.
fn unindexed(column: Piece, wide: SqlType) -> Piece {
    let zero = Expr::constant(Value::Int2(0), oid::INT2);
    let zero = cast(Piece::argument(&zero, wide, ArgForm::Plain), wide);
    Piece::wrapped("(", Piece::infix(column, " + ", zero), ")")
}

fn cast(piece: Piece, ty: SqlType) -> Piece {
    Piece::wrapped("CAST(", piece, &format!(" AS {})", ty.name()))
}

/// A value that is compared with an integer column. One of a wider type than the column's is sent as the column's when
/// it is known to fit, which keeps look-ups by key fast.
fn integer_argument(column: SqlType, value: &Expr) -> Option<Integral> {
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

impl Comparison {
    /// The comparison that an operator's name means.
    pub(in crate::plan) fn by_name(name: &str) -> Option<Comparison> {
        Some(match name {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        })
    }

    /// `b op a` for `a op b`.
    pub(in crate::plan) fn commuted(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Comparison::Equal => " = ",
            Comparison::NotEqual => " <> ",
            Comparison::Less => " < ",
            Comparison::LessOrEqual => " <= ",
            Comparison::Greater => " > ",
            Comparison::GreaterOrEqual => " >= ",
        }
    }
}
