//! What Hazelcast computes exactly as PostgreSQL does. **One function per kind of place decides it**, and what they
//! don't know is not exact: it is then computed here.
//!
//! The facts were observed on real members. Those that shape this file:
//!
//! * Text compares by UTF-16 code units, which is our order too.
//! * Hazelcast tells -0.0 from 0.0; PostgreSQL doesn't. A comparison with a value is exact when the value's zero is
//!   sent as the one that lies on the right side ([`ArgForm::LowerZero`], [`ArgForm::UpperZero`]).
//! * TIME and TIMESTAMP have nanoseconds, of which we see microseconds, cut off. `x < v` and `x >= v` don't notice.
//! * TIMESTAMP WITH TIME ZONE compares equal instants by their offsets: never exact.
//! * Grouping compares serialised bytes: 1.0 and 1.00, 0.0 and -0.0 are different groups.
//! * A literal NULL in an IN list is an error, an argument that is NULL is not.

use pg::catalog::operator_by_oid;
use pg::{Oid, Value, oid};

use crate::catalog::Relation;
use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::query::*;
use crate::walk::any;

use super::piece::{Piece, TypedPiece, column_piece};

/// What an expression may name when it is turned into Hazelcast SQL: the columns of one range, and aggregates that
/// the statement computes.
pub(super) struct Scope<'a> {
    pub(super) range: usize,
    pub(super) relation: &'a Relation,
    /// Aggregates are computed below this place (HAVING): group keys and exact aggregates may be named.
    pub(super) grouped: bool,
}

/// The most items that an IN list sends down: each number of items is a text of its own, and each row is compared
/// with every item.
const IN_LIST_MAX: usize = 200;

impl Scope<'_> {
    /// A condition: `bool`, three-valued.
    pub(super) fn condition(&self, expr: &Expr) -> Option<Piece> {
        match &expr.kind {
            ExprKind::And(items) => self.connected(items, " AND "),
            ExprKind::Or(items) => self.connected(items, " OR "),
            ExprKind::Not(inner) => Some(Piece::wrapped("(NOT ", self.condition(inner)?, ")")),
            ExprKind::IsNull { expr, negated } => {
                let operand = self.nullable(expr)?;
                let test = if *negated { " IS NOT NULL)" } else { " IS NULL)" };
                Some(Piece::wrapped("(", operand, test))
            }
            ExprKind::BooleanTest { expr, value, negated } => {
                let test = match (value, negated) {
                    (Some(true), false) => " IS TRUE)",
                    (Some(true), true) => " IS NOT TRUE)",
                    (Some(false), false) => " IS FALSE)",
                    (Some(false), true) => " IS NOT FALSE)",
                    (None, false) => " IS NULL)",
                    (None, true) => " IS NOT NULL)",
                };
                Some(Piece::wrapped("(", self.condition(expr)?, test))
            }
            ExprKind::Column(_) => {
                let operand = self.operand(expr)?;
                (operand.cluster_type == SqlType::Boolean).then_some(operand.piece)
            }
            ExprKind::Call(call) => self.operator(call),
            ExprKind::AnyList { operator, all, left, list } => self.in_list(operator, *all, left, list),
            _ => None,
        }
    }

    fn connected(&self, items: &[Expr], connective: &str) -> Option<Piece> {
        let mut piece = Piece::sql("(");
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                piece.push(connective);
            }
            piece.append(self.condition(item)?);
        }
        piece.push(")");
        Some(piece)
    }

    /// Something whose being NULL is the same on both sides.
    fn nullable(&self, expr: &Expr) -> Option<Piece> {
        match self.operand(expr) {
            Some(operand) => Some(operand.piece),
            None if expr.ty.oid == oid::BOOL => self.condition(expr),
            None => None,
        }
    }

    /// A column or an aggregate, as it is in Hazelcast. Conversions that change neither value nor order are looked
    /// through.
    pub(super) fn operand(&self, expr: &Expr) -> Option<TypedPiece> {
        match &expr.kind {
            ExprKind::Column(column) if column.levels_up == 0 && column.range == self.range => {
                let column = self.relation.columns.get(column.column)?;
                Some(TypedPiece { piece: column_piece(column), cluster_type: column.cluster_type? })
            }
            ExprKind::Coerce { expr, method: Coercion::Relabel, .. }
                if is_text(expr.ty.oid) || expr.ty.oid == oid::VARCHAR =>
            {
                self.operand(expr).filter(|operand| operand.cluster_type == SqlType::Varchar)
            }
            ExprKind::Aggregate(aggregate) if self.grouped => self.aggregate(aggregate),
            _ => None,
        }
    }

    fn operator(&self, call: &Call) -> Option<Piece> {
        let CallForm::Operator(oid) = call.form else { return None };
        let operator = operator_by_oid(oid)?;
        let [left, right] = call.args.as_slice() else { return None };
        match operator.name {
            "~~" | "!~~" => self.like(operator.name == "!~~", left, right),
            name => self.comparison(Comparison::by_name(name)?, left, right),
        }
    }

    fn like(&self, negated: bool, left: &Expr, pattern: &Expr) -> Option<Piece> {
        let operand = self.operand(left)?;
        if operand.cluster_type != SqlType::Varchar || !is_text(pattern.ty.oid) || !is_settled(pattern) {
            return None;
        }
        let like = if negated { " NOT LIKE " } else { " LIKE " };
        let pattern = Piece::argument(pattern, SqlType::Varchar, ArgForm::LikePattern);
        Some(Piece::wrapped("(", Piece::infix(operand.piece, like, pattern), " ESCAPE '\\')"))
    }

    fn comparison(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Option<Piece> {
        match (self.operand(left), self.operand(right)) {
            (Some(left), Some(right)) => columns_compared(comparison, left, right),
            (Some(operand), None) => self.compared_with_value(comparison, operand, left.ty.oid, right),
            (None, Some(operand)) => {
                self.compared_with_value(comparison.commuted(), operand, right.ty.oid, left)
            }
            (None, None) => None,
        }
    }

    fn compared_with_value(
        &self,
        comparison: Comparison,
        operand: TypedPiece,
        operand_type: Oid,
        value: &Expr,
    ) -> Option<Piece> {
        use Comparison::*;
        use SqlType::*;
        if !is_settled(value) {
            return None;
        }
        let TypedPiece { piece, cluster_type } = operand;
        let plain = |comparison: Comparison, piece: Piece, form: ArgForm| {
            let value = Piece::argument(value, cluster_type, form);
            Piece::wrapped("(", Piece::infix(piece, comparison.sql(), value), ")")
        };
        match cluster_type {
            TinyInt | SmallInt | Integer | BigInt => {
                let value = integer_argument(cluster_type, value)?;
                Some(Piece::wrapped("(", Piece::infix(piece, comparison.sql(), value), ")"))
            }
            Varchar if is_text(value.ty.oid) => Some(plain(comparison, piece, ArgForm::Plain)),
            Boolean | Date if is_finite(value) && value.ty.oid == cluster_type.pg_type() => {
                Some(plain(comparison, piece, ArgForm::Plain))
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

    /// Whether a condition fixes the whole key to one value of its own type, so that the cluster looks it up without
    /// starting a job.
    pub(super) fn fixes_key(&self, condition: &Expr) -> bool {
        let ExprKind::Call(call) = &condition.kind else { return false };
        let CallForm::Operator(oid) = call.form else { return false };
        let [left, right] = call.args.as_slice() else { return false };
        if operator_by_oid(oid).is_none_or(|operator| operator.name != "=") {
            return false;
        }
        let (key, value) = if self.is_key(left) { (left, right) } else { (right, left) };
        if !self.is_key(key) || !is_settled(value) {
            return false;
        }
        // A cast around the argument would be of another type than the key's.
        self.condition(condition).is_some_and(|piece| piece.sql.ends_with(" = ?)"))
    }

    fn is_key(&self, expr: &Expr) -> bool {
        let expr = match &expr.kind {
            ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => expr,
            _ => expr,
        };
        let ExprKind::Column(column) = expr.kind else { return false };
        let mut keys = self.relation.key_columns();
        let Some((index, key)) = keys.next() else { return false };
        column.levels_up == 0
            && (column.range, column.column) == (self.range, index)
            && key.external_name.as_deref() == Some("__key")
            && keys.next().is_none()
            && self.operand(expr).is_some()
    }

    fn in_list(&self, operator: &Operator, all: bool, left: &Expr, list: &[Expr]) -> Option<Piece> {
        use SqlType::*;
        let operator = operator_by_oid(operator.oid)?;
        let negated = match (operator.name, all) {
            ("=", false) => false,
            ("<>", true) => true,
            _ => return None,
        };
        let TypedPiece { piece, cluster_type } = self.operand(left)?;
        if list.len() > IN_LIST_MAX || !list.iter().all(is_settled) {
            return None;
        }
        let items: Option<Vec<Piece>> = list
            .iter()
            .map(|item| match cluster_type {
                TinyInt | SmallInt | Integer | BigInt => integer_argument(cluster_type, item),
                Varchar if is_text(item.ty.oid) => Some(Piece::argument(item, cluster_type, ArgForm::Plain)),
                Boolean | Date if is_finite(item) && item.ty.oid == cluster_type.pg_type() => {
                    Some(Piece::argument(item, cluster_type, ArgForm::Plain))
                }
                _ => None,
            })
            .collect();
        let mut out = Piece::sql("(");
        out.append(piece).push(if negated { " NOT IN (" } else { " IN (" });
        for (i, item) in items?.into_iter().enumerate() {
            out.push(if i > 0 { ", " } else { "" }).append(item);
        }
        out.push("))");
        Some(out)
    }

    /// A group key: equal for PostgreSQL exactly when its serialised bytes are.
    pub(super) fn group_key(&self, expr: &Expr) -> Option<TypedPiece> {
        use SqlType::*;
        let operand = self.operand(expr)?;
        matches!(operand.cluster_type, Varchar | Boolean | TinyInt | SmallInt | Integer | BigInt | Date)
            .then_some(operand)
    }

    /// A sort key; `last`: nothing is sorted by behind it, so that the order of what is equal for PostgreSQL but not
    /// for Hazelcast does not matter.
    pub(super) fn sort_key(&self, expr: &Expr, last: bool) -> Option<TypedPiece> {
        use SqlType::*;
        let operand = self.operand(expr)?;
        let exact = match operand.cluster_type {
            Varchar | Boolean | TinyInt | SmallInt | Integer | BigInt | Date | Decimal => true,
            Real | Double | Time | Timestamp | TimestampTz => last,
            Object | Null | Json | Row => false,
        };
        exact.then_some(operand)
    }

    /// The number of rows. The key is never NULL; for `COUNT(*)` Hazelcast reads all columns of all entries, and fails
    /// when one of them can't be read.
    fn count_rows(&self) -> Piece {
        let mut keys = self.relation.key_columns();
        match (keys.next(), keys.next()) {
            (Some((_, key)), None) if key.external_name.as_deref() == Some("__key") => {
                Piece::wrapped("COUNT(", column_piece(key), ")")
            }
            _ => Piece::sql("COUNT(*)"),
        }
    }

    /// An aggregate whose value in Hazelcast is PostgreSQL's. (`avg` over integers is not among them: it is finished
    /// here from a sum and a count.)
    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Option<TypedPiece> {
        use SqlType::*;
        if aggregate.filter.is_some() || !aggregate.order_by.is_empty() || aggregate.within_group {
            return None;
        }
        let name = pg::catalog::proc_by_oid(aggregate.proc)?.name;
        let inner = Scope { grouped: false, ..*self };
        let Some(arg) = aggregate.args.first() else {
            let piece = self.count_rows();
            return (name == "count").then_some(TypedPiece { piece, cluster_type: BigInt });
        };
        if aggregate.args.len() != 1 {
            return None;
        }
        let TypedPiece { piece, cluster_type } = inner.operand(arg)?;
        if aggregate.distinct && inner.group_key(arg).is_none() && !matches!(name, "min" | "max") {
            return None;
        }
        let (function, result) = match (name, cluster_type) {
            ("count", _) => ("COUNT(", BigInt),
            ("sum", TinyInt | SmallInt | Integer) => ("SUM(", BigInt),
            ("sum", BigInt) => ("SUM(", Decimal),
            ("sum", Double) => ("SUM(", Double),
            ("avg", Double) => ("AVG(", Double),
            (
                "min",
                Varchar | TinyInt | SmallInt | Integer | BigInt | Decimal | Real | Double | Date | Time
                | Timestamp | TimestampTz,
            ) => ("MIN(", cluster_type),
            (
                "max",
                Varchar | TinyInt | SmallInt | Integer | BigInt | Decimal | Real | Double | Date | Time
                | Timestamp | TimestampTz,
            ) => ("MAX(", cluster_type),
            _ => return None,
        };
        let distinct = if aggregate.distinct && !matches!(name, "min" | "max") { "DISTINCT " } else { "" };
        let piece = Piece::wrapped(&format!("{function}{distinct}"), piece, ")");
        Some(TypedPiece { piece, cluster_type: result })
    }
}

fn columns_compared(comparison: Comparison, left: TypedPiece, right: TypedPiece) -> Option<Piece> {
    use SqlType::*;
    let integer = |t| matches!(t, TinyInt | SmallInt | Integer | BigInt);
    let same = left.cluster_type == right.cluster_type
        && matches!(left.cluster_type, Varchar | Boolean | Date | Decimal);
    let integers = integer(left.cluster_type) && integer(right.cluster_type);
    (same || integers)
        .then(|| Piece::wrapped("(", Piece::infix(left.piece, comparison.sql(), right.piece), ")"))
}

/// A value that is compared with an integer column. One of a wider type than the column's is sent as the column's when
/// it is known to fit, which keeps look-ups by key fast; else it is cast.
fn integer_argument(column: SqlType, value: &Expr) -> Option<Piece> {
    let width = |t: Oid| [oid::INT2, oid::INT4, oid::INT8].iter().position(|&int| int == t);
    let value_width = width(value.ty.oid)?;
    let fits = match &value.kind {
        ExprKind::Const(Value::Null) => true,
        ExprKind::Const(constant) => fits(constant.as_i64()?, column),
        _ => column != SqlType::TinyInt && value_width <= width(column.pg_type())?,
    };
    if fits {
        return Some(Piece::argument(value, column, ArgForm::Plain));
    }
    let wide = [SqlType::SmallInt, SqlType::Integer, SqlType::BigInt].into_iter().nth(value_width)?;
    let argument = Piece::argument(value, wide, ArgForm::Plain);
    Some(Piece::wrapped("CAST(", argument, &format!(" AS {})", wide.name())))
}

fn fits(value: i64, column: SqlType) -> bool {
    match column {
        SqlType::TinyInt => i8::try_from(value).is_ok(),
        SqlType::SmallInt => i16::try_from(value).is_ok(),
        SqlType::Integer => i32::try_from(value).is_ok(),
        _ => true,
    }
}

fn is_text(ty: Oid) -> bool {
    matches!(ty, oid::TEXT | oid::VARCHAR)
}

/// Whether Hazelcast can hold the value: it has no infinite dates and no NaN among decimals. What is not known before
/// it is bound is checked then.
fn is_finite(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Const(Value::Date(days)) => !matches!(*days, i32::MAX | i32::MIN),
        ExprKind::Const(Value::Timestamp(micros)) => !matches!(*micros, i64::MAX | i64::MIN),
        ExprKind::Const(Value::Time(micros)) => *micros < 86_400_000_000,
        ExprKind::Const(Value::Numeric(numeric)) => matches!(**numeric, pg::Numeric::Finite { .. }),
        _ => true,
    }
}

/// Whether an expression has one value while the statement runs, known before the cluster is asked: no columns, no
/// subqueries, nothing volatile.
pub(super) fn is_settled(expr: &Expr) -> bool {
    !any(expr, &|e| match &e.kind {
        ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::Arg(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Window(_)
        | ExprKind::Grouping(_)
        | ExprKind::CaseTest
        | ExprKind::Subquery(_)
        | ExprKind::SubPlan(_)
        | ExprKind::Default => true,
        ExprKind::Call(call) => call.retset || is_volatile_proc(call.proc),
        _ => false,
    })
}

/// Whether anything in an expression may change from row to row without its columns changing.
pub(super) fn is_volatile(expr: &Expr) -> bool {
    any(expr, &|e| match &e.kind {
        ExprKind::Call(call) => is_volatile_proc(call.proc),
        ExprKind::Subquery(_) => false,
        _ => false,
    })
}

fn is_volatile_proc(proc: Oid) -> bool {
    pg::catalog::proc_by_oid(proc).is_none_or(|proc| proc.volatility == 'v')
}

impl Comparison {
    /// The comparison that an operator's name means.
    pub(super) fn by_name(name: &str) -> Option<Comparison> {
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
    pub(super) fn commuted(self) -> Comparison {
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
