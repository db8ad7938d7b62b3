//! What Hazelcast computes exactly as PostgreSQL does. **Everything is decided here**, and what is not known here is
//! not exact: it is then computed in the gateway. The table of functions is [`functions`]; what may be compared, grouped
//! and sorted by is told by types; [`table`] says it all in words, with examples that the tests run on both sides.
//!
//! The facts were observed on real members. Those that shape this room:
//!
//! * Text compares by UTF-16 code units, which is our order too. Its length is counted in them, which is not.
//! * Hazelcast tells -0.0 from 0.0; PostgreSQL doesn't. A comparison with a value is exact when the value's zero is
//!   sent as the one that lies on the right side ([`ArgForm::LowerZero`], [`ArgForm::UpperZero`]).
//! * TIME and TIMESTAMP have nanoseconds, of which we see microseconds, cut off. `x < v` and `x >= v` don't notice.
//! * TIMESTAMP WITH TIME ZONE compares equal instants by their offsets: never exact.
//! * Grouping compares serialised bytes: 1.0 and 1.00, 0.0 and -0.0 are different groups.
//! * A literal NULL in an IN list is an error; one that is an argument is found by an index in every row.
//! * Sums of floats become infinite, products of decimals are rounded at 76 digits, in silence. Guards make the cluster
//!   fail there ([`Risk`]).

mod aggregate;
mod compare;
mod functions;
mod height;
mod integral;
mod settled;
mod table;
mod value;

use crate::catalog::Relation;
use crate::hazelcast::SqlType;
use crate::query::*;

use super::piece::Piece;

pub(super) use height::HIGHEST;
pub(super) use settled::{is_known_first, is_settled, is_volatile};
pub use table::{Example, Rule, pushdown_page, rules};
pub(super) use value::Exact;

/// What an expression may name when it is turned into Hazelcast SQL: the columns of some ranges, and aggregates that
/// the statement computes.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<Source<'a>>,
    /// Aggregates are computed below this place (HAVING): group keys and exact aggregates may be named.
    pub(super) grouped: bool,
    /// Expressions that have been computed further in, and what they are called.
    pub(super) keys: Vec<(Expr, Exact)>,
    /// What may be sent at which the cluster can fail.
    pub(super) risk: Risk,
    /// Inside something else than AND, OR and NOT: Hazelcast's parser takes no IN there.
    pub(super) nested: bool,
}

/// A relation that a statement reads.
#[derive(Clone)]
pub(super) struct Source<'a> {
    pub(super) range: usize,
    pub(super) relation: &'a Relation,
    /// What it is called.
    pub(super) alias: String,
}

/// What the cluster may fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Risk {
    /// Nothing.
    None,
    /// What PostgreSQL fails at, too (an overflow, a division by zero).
    Errors,
    /// Values too for which it would not give PostgreSQL's answer. Only where no row comes before all have been read.
    Guards,
}

impl<'a> Scope<'a> {
    /// The columns of one range, whose relation is called `t`.
    pub(super) fn of(range: usize, relation: &'a Relation, safe: bool) -> Scope<'a> {
        let source = Source { range, relation, alias: "t".to_string() };
        let risk = if safe { Risk::None } else { Risk::Errors };
        Scope { sources: vec![source], grouped: false, keys: Vec::new(), risk, nested: false }
    }

    /// The same, below aggregates: nothing is sent before all rows have been read.
    pub(super) fn guarded(&self) -> Scope<'a> {
        let risk = if self.risk == Risk::None { Risk::None } else { Risk::Guards };
        Scope { risk, ..self.clone() }
    }

    fn nested(&self) -> Scope<'a> {
        Scope { nested: true, ..self.clone() }
    }

    /// A condition: `bool`, three-valued.
    pub(super) fn condition(&self, expr: &Expr) -> Option<Piece> {
        if !height::is_low(expr) {
            return None;
        }
        if let Some(test) = self.test(expr) {
            return Some(test);
        }
        let value = self.value(expr)?;
        (value.cluster_type == SqlType::Boolean).then_some(value.piece)
    }

    /// What is written as a condition: no column, no function.
    fn test(&self, expr: &Expr) -> Option<Piece> {
        match &expr.kind {
            ExprKind::And(items) => self.connected(items, " AND "),
            // `x OR NOT x` is simplified for what is never NULL.
            ExprKind::Or(items) => self.connected(items, " OR ").filter(|piece| !piece.untold),
            ExprKind::Not(inner) => {
                let inner = self.condition(inner).filter(|piece| !piece.untold)?;
                Some(Piece::wrapped("(NOT ", inner, ")"))
            }
            ExprKind::IsNull { expr, negated } => {
                let operand = self.nested().value(expr)?.piece;
                if !operand.tells_null() {
                    return None;
                }
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
                let operand = self.nested().condition(expr).filter(Piece::tells_null)?;
                Some(Piece::wrapped("(", operand, test))
            }
            ExprKind::DistinctFrom { equal, left, right, negated } => {
                self.distinct_from(*equal, left, right, *negated)
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

    /// `IS [NOT] DISTINCT FROM`, which Hazelcast does not have.
    fn distinct_from(&self, equal: Operator, left: &Expr, right: &Expr, negated: bool) -> Option<Piece> {
        let scope = self.nested();
        let same = scope.condition(&value::equality(equal, left, right))?;
        let (a, b) = (scope.natural_value(left)?.piece, scope.natural_value(right)?.piece);
        if !a.tells_null() || !b.tells_null() {
            return None;
        }
        let template = match negated {
            true => "CASE WHEN ({0} IS NULL) THEN ({1} IS NULL) WHEN ({1} IS NULL) THEN FALSE ELSE {2} END",
            false => {
                "CASE WHEN ({0} IS NULL) THEN ({1} IS NOT NULL) WHEN ({1} IS NULL) THEN TRUE ELSE (NOT {2}) END"
            }
        };
        Some(Piece { untold: true, ..Piece::template(template, &[a, b, same]) })
    }

    /// Whether a condition fixes the whole key to one value of its own type, so that the cluster looks it up without
    /// starting a job.
    pub(super) fn fixes_key(&self, condition: &Expr) -> bool {
        let ExprKind::Call(call) = &condition.kind else { return false };
        let CallForm::Operator(oid) = call.form else { return false };
        let [left, right] = call.args.as_slice() else { return false };
        if pg::catalog::operator_by_oid(oid).is_none_or(|operator| operator.name != "=") {
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
        let [source] = self.sources.as_slice() else { return false };
        let mut keys = source.relation.key_columns();
        let Some((index, key)) = keys.next() else { return false };
        column.levels_up == 0
            && (column.range, column.column) == (source.range, index)
            && key.external_name.as_deref() == Some("__key")
            && keys.next().is_none()
            && self.value(expr).is_some()
    }

    /// A group key: equal for PostgreSQL exactly when its serialised bytes are.
    pub(super) fn group_key(&self, expr: &Expr) -> Option<Exact> {
        self.value(expr).filter(|key| key.is_groupable() && !is_settled(expr))
    }

    /// A sort key; `last`: nothing is sorted by behind it, so that the order of what is equal for PostgreSQL but not
    /// for Hazelcast does not matter.
    pub(super) fn sort_key(&self, expr: &Expr, last: bool) -> Option<Exact> {
        use SqlType::*;
        if is_settled(expr) {
            return None;
        }
        // Its NULLs are told where to go by a test.
        let key = self.value(expr).filter(|key| key.piece.tells_null())?;
        let exact = match key.cluster_type {
            Varchar | Boolean | TinyInt | SmallInt | Integer | BigInt | Date | Decimal => true,
            Real | Double | Time | Timestamp | TimestampTz => last || key.canonical,
            Object | Null | Json | Row => false,
        };
        exact.then_some(key)
    }
}
