//! Conditions that fix the key of a mapping's entries: `=`, IN, `= ANY`, and what AND and OR make of them.

use std::sync::Arc;

use pg::Oid;
use pg::catalog::operator_by_oid;

use crate::catalog::{Column, Relation};
use crate::hazelcast::SqlType;
use crate::query::*;

use super::exact::is_known_first;
use super::way::{KeyPart, Keys, compares_exactly, is_comparable, is_key_type, is_number};

/// The most keys that a condition may name one by one.
const KEYS_MAX: usize = 10_000;

/// The keys of a mapping, as conditions may fix them.
pub(super) struct KeyScope {
    /// The range.
    range: usize,
    parts: Vec<KeyPart>,
}

/// Alternatives, each a value for some parts of the key; the same parts in all of them.
struct Alternatives {
    parts: Vec<usize>,
    values: Vec<Vec<Expr>>,
}

impl KeyScope {
    /// `None` when entries of the relation can't be addressed by the values of its key columns.
    pub(super) fn of(relation: &Arc<Relation>, range: usize) -> Option<KeyScope> {
        let parts = key_parts(relation)?;
        Some(KeyScope { range, parts })
    }

    /// The columns that make the key.
    pub(super) fn parts(&self) -> &[KeyPart] {
        &self.parts
    }

    /// Puts what fixes parts of the key before other conditions, which PostgreSQL tests only for what the index of a
    /// primary key has found: they may fail for other rows.
    pub(super) fn order(&self, conditions: &mut [Expr]) {
        conditions.sort_by_cached_key(|condition| self.alternatives(condition).is_none());
    }

    /// Takes out the conditions that together fix the key. What they leave must still be tested.
    pub(super) fn take(&self, conditions: &mut Vec<Expr>) -> Option<Keys> {
        if let [part] = self.parts.as_slice()
            && let Some(found) = conditions.iter().position(|c| self.array(part, c).is_some())
        {
            let array = self.array(part, &conditions.remove(found));
            return array.map(Keys::Array);
        }
        let mut whole: Option<Alternatives> = None;
        let mut taken = Vec::new();
        for (i, condition) in conditions.iter().enumerate() {
            let Some(next) = self.alternatives(condition) else { continue };
            let joined = match &whole {
                None => Some(next),
                Some(whole) => product(whole, &next),
            };
            let Some(joined) = joined else { continue };
            whole = Some(joined);
            taken.push(i);
        }
        let whole = whole?;
        let order: Option<Vec<usize>> =
            (0..self.parts.len()).map(|part| whole.parts.iter().position(|p| *p == part)).collect();
        let order = order?;
        let in_order = |values: Vec<Expr>| order.iter().filter_map(|&at| values.get(at).cloned()).collect();
        let keys = whole.values.into_iter().map(in_order).collect();
        let mut at = 0;
        conditions.retain(|_| {
            at += 1;
            !taken.contains(&(at - 1))
        });
        Some(Keys::List(keys))
    }

    /// The alternatives that a condition, when it is true, leaves and that make it true.
    fn alternatives(&self, condition: &Expr) -> Option<Alternatives> {
        match &condition.kind {
            ExprKind::And(items) => {
                let mut whole: Option<Alternatives> = None;
                for item in items {
                    let next = self.alternatives(item)?;
                    whole = Some(match &whole {
                        None => next,
                        Some(whole) => product(whole, &next)?,
                    });
                }
                whole
            }
            ExprKind::Or(items) => {
                let mut whole: Option<Alternatives> = None;
                for item in items {
                    let next = self.alternatives(item)?;
                    match &mut whole {
                        None => whole = Some(next),
                        Some(whole) => whole.extend(next)?,
                    }
                }
                whole
            }
            ExprKind::Call(call) => {
                let CallForm::Operator(operator) = call.form else { return None };
                let [left, right] = call.args.as_slice() else { return None };
                self.equality(operator, left, right).or_else(|| self.equality(operator, right, left))
            }
            ExprKind::AnyList { operator, all: false, left, list } => {
                let part = self.compared_part(operator.oid, left)?;
                let fits = |item: &Expr| self.is_value(part, item);
                (list.len() <= KEYS_MAX && list.iter().all(fits)).then(|| Alternatives {
                    parts: vec![part],
                    values: list.iter().map(|item| vec![item.clone()]).collect(),
                })
            }
            ExprKind::RowCompare { comparison: Comparison::Equal, operators, left, right } => {
                let mut whole: Option<Alternatives> = None;
                for ((operator, left), right) in operators.iter().zip(left).zip(right) {
                    let next = self
                        .equality(operator.oid, left, right)
                        .or_else(|| self.equality(operator.oid, right, left))?;
                    whole = Some(match &whole {
                        None => next,
                        Some(whole) => product(whole, &next)?,
                    });
                }
                whole
            }
            _ => None,
        }
    }

    fn equality(&self, operator: Oid, key: &Expr, value: &Expr) -> Option<Alternatives> {
        let part = self.compared_part(operator, key)?;
        self.is_value(part, value)
            .then(|| Alternatives { parts: vec![part], values: vec![vec![value.clone()]] })
    }

    /// `key = ANY (array)`
    fn array(&self, part: &KeyPart, condition: &Expr) -> Option<Expr> {
        let ExprKind::AnyArray { operator, all: false, left, array } = &condition.kind else { return None };
        self.compared_part(operator.oid, left)?;
        let element = pg::catalog::element_type(array.ty.oid)?;
        (is_known_first(array) && is_comparable(part.cluster_type, element)).then(|| (**array).clone())
    }

    /// The part of the key that an equality's operand is.
    fn compared_part(&self, operator: Oid, operand: &Expr) -> Option<usize> {
        let name = operator_by_oid(operator)?.name;
        (name == "=").then(|| self.part(operand)).flatten()
    }

    /// The part of the key that an expression is, whatever it was converted to without loss.
    pub(super) fn part(&self, expr: &Expr) -> Option<usize> {
        let of = |column| {
            let part = self.parts.iter().find(|part| part.column == column);
            part.map(|part| part.cluster_type)
        };
        let column = column_of(expr, self.range, &of)?;
        let at = self.parts.iter().position(|part| part.column == column)?;
        let part = self.parts.get(at)?;
        compares_exactly(part.cluster_type, expr.ty.oid).then_some(at)
    }

    fn is_value(&self, part: usize, value: &Expr) -> bool {
        let part = self.parts.get(part);
        is_known_first(value) && part.is_some_and(|part| is_comparable(part.cluster_type, value.ty.oid))
    }
}

impl Alternatives {
    /// Those of one more arm of an OR, if they are of the same parts.
    fn extend(&mut self, other: Alternatives) -> Option<()> {
        let order: Option<Vec<usize>> =
            self.parts.iter().map(|part| other.parts.iter().position(|p| p == part)).collect();
        let order = order.filter(|order| order.len() == other.parts.len())?;
        let in_order = |values: &Vec<Expr>| order.iter().filter_map(|&at| values.get(at).cloned()).collect();
        self.values.extend(other.values.iter().map(in_order));
        (self.values.len() <= KEYS_MAX).then_some(())
    }
}

/// Both at once, when they are of different parts.
fn product(left: &Alternatives, right: &Alternatives) -> Option<Alternatives> {
    let disjoint = left.parts.iter().all(|part| !right.parts.contains(part));
    if !disjoint || left.values.len().saturating_mul(right.values.len()) > KEYS_MAX {
        return None;
    }
    let parts = left.parts.iter().chain(&right.parts).copied().collect();
    let both = |l: &Vec<Expr>, r: &Vec<Expr>| l.iter().chain(r).cloned().collect::<Vec<_>>();
    let values = left.values.iter().flat_map(|l| right.values.iter().map(move |r| both(l, r))).collect();
    Some(Alternatives { parts, values })
}

/// The columns that make the key of a mapping whose entries map operations can find by it.
pub fn key_parts(relation: &Relation) -> Option<Vec<KeyPart>> {
    let mapping = relation.mapping()?;
    if !mapping.connector.eq_ignore_ascii_case("IMap") {
        return None;
    }
    let is_whole = |column: &Column| column.external_name.as_deref() == Some("__key");
    // Of a key with parts the whole is hidden.
    let composite = relation.key_columns().any(|(_, column)| !is_whole(column));
    if composite && !matches!(mapping.option("keyFormat"), Some("json-flat" | "compact" | "portable")) {
        return None;
    }
    let columns = relation.key_columns().filter(|(_, column)| composite != is_whole(column));
    let part = |(column, key): (usize, &Column)| {
        let cluster_type = key.cluster_type.filter(|ty| is_key_type(*ty))?;
        Some(KeyPart { column, cluster_type })
    };
    let parts: Vec<KeyPart> = columns.map(part).collect::<Option<_>>()?;
    (!parts.is_empty()).then_some(parts)
}

/// The column of a range that an expression is, whatever it was converted to; each conversion but the last is known to
/// lose nothing. `types` tells the type of a column that is of interest.
pub(super) fn column_of(
    expr: &Expr,
    range: usize,
    types: &dyn Fn(usize) -> Option<SqlType>,
) -> Option<usize> {
    match &expr.kind {
        ExprKind::Column(column) if column.levels_up == 0 && column.range == range => Some(column.column),
        ExprKind::Coerce { expr: inner, method: Coercion::Relabel, .. } => column_of(inner, range, types),
        ExprKind::Call(call)
            if matches!(call.form, CallForm::ImplicitCast | CallForm::ExplicitCast)
                && is_number(expr.ty.oid) =>
        {
            let [inner] = call.args.as_slice() else { return None };
            let column = column_of(inner, range, types)?;
            compares_exactly(types(column)?, inner.ty.oid).then_some(column)
        }
        _ => None,
    }
}
