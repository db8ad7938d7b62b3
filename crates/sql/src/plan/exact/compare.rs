//! Comparisons, IN lists and LIKE.

use pg::catalog::operator_by_oid;
use pg::{Oid, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::Piece;
use crate::query::*;

use super::integral::{self, Integral, cast, integer_argument, not_by_index, unindexed};
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
        match (is_settled(left), is_settled(right)) {
            (false, false) => values_compared(comparison, self.value(left)?, self.value(right)?),
            (false, true) => self.operand_compared(comparison, left, right),
            (true, false) => self.operand_compared(comparison.commuted(), right, left),
            (true, true) => None,
        }
    }

    fn operand_compared(&self, comparison: Comparison, operand: &Expr, value: &Expr) -> Option<Piece> {
        if let Some((comparison, integer, end)) = integral::as_integers(comparison, operand, value) {
            return self.operand_compared(comparison, integer, &end);
        }
        let mut exact = self.unsettled(operand)?;
        if integral::is_widened(operand) {
            exact.piece = unindexed(exact.piece, exact.cluster_type);
        }
        self.compared_with_known(comparison, exact, operand.ty.oid, value)
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
        // Of an index, Hazelcast finds all entries for a list with a NULL: what may be one is compared with no column that
        // an index is used for. Which indexes there are, members need not tell.
        let is_constant = |item: &Expr| matches!(&item.kind, ExprKind::Const(value) if !value.is_null());
        let piece = match list.iter().all(is_constant) {
            true => piece,
            false if self.is_indexed(left) => return None,
            false => not_by_index(piece, cluster_type)?,
        };
        let null = |item: &Expr| matches!(&item.kind, ExprKind::Const(value) if value.is_null());
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
