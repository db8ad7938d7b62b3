//! Conditions that an index of the map answers. They go along when the entries of a map are read: the members send what
//! the index finds, and all conditions are tested here. What is found may be too much, never too little:
//!
//! * The values are sent as values of the column's own type, as Hazelcast's SQL would look them up in the same index.
//! * Ends of ranges are included, whether the condition includes them or not: an index that holds other numbers than the
//!   column's type has (doubles for a BIGINT) compares them rounded.
//! * Whether the index holds values of the column's kind at all only the cluster knows: whoever uses the search asks it
//!   whether its own SQL would use that index for that column (`MapTableUtils.isCompatibleForIndexRequest`).

use pg::catalog::operator_by_oid;
use pg::{Error, Result, Value};

use crate::catalog::{MapIndex, Relation};
use crate::hazelcast::SqlType;
use crate::query::*;

use super::exact::is_settled;
use super::keys::column_of;
use super::way::{compares_exactly, is_comparable, is_key_type, key_value};
use super::{ArgForm, RemoteArg};

/// The most values that a condition may name one by one.
const VALUES_MAX: usize = 1_000;

/// A search by an index of the map. Its values are the last arguments of the scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSearch {
    /// The index.
    pub index: String,
    /// The attribute that it begins with.
    pub attribute: String,
    /// The column of the relation that that is.
    pub column: usize,
    /// Its type.
    pub cluster_type: SqlType,
    /// What the values are.
    pub sought: Sought,
    /// Without the index all entries are read, and the statement is not sent.
    pub or_whole: bool,
}

/// What the values of a search are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The column has one of so many values.
    Values(usize),
    /// It is one of the elements of an array.
    Elements,
    /// It lies between two values, of which one may be missing.
    Range {
        /// It is at least the first.
        from: bool,
        /// It is at most the last.
        to: bool,
    },
}

/// What an index is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing can be found.
    Nothing,
    /// All may be meant.
    Everything,
    /// Entries whose column has one of these values.
    Values(Vec<Value>),
    /// Those whose column is at least the first and at most the second.
    Range(Option<Value>, Option<Value>),
}

/// A search and the expressions of its values.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) search: IndexSearch,
    pub(super) values: Vec<Expr>,
}

impl IndexSearch {
    /// The number of its arguments.
    pub fn arguments(&self) -> usize {
        match self.sought {
            Sought::Values(number) => number,
            Sought::Elements => 1,
            Sought::Range { from, to } => usize::from(from) + usize::from(to),
        }
    }

    /// What is looked for when its arguments have these values.
    pub fn found(&self, values: &[Value]) -> Result<Found> {
        let equal = |values: &[Value]| {
            let keys: Vec<Value> = values.iter().filter_map(|v| key_value(v, self.cluster_type)).collect();
            if keys.is_empty() { Found::Nothing } else { Found::Values(keys) }
        };
        Ok(match (self.sought, values) {
            (Sought::Values(_), values) => equal(values),
            (Sought::Elements, [Value::Array(array)]) => equal(&array.items),
            (Sought::Elements, [Value::Null]) => Found::Nothing,
            (Sought::Range { .. }, values) if values.iter().any(Value::is_null) => Found::Nothing,
            (Sought::Range { from, to }, values) => {
                let mut ends = values.iter().map(|value| key_value(value, self.cluster_type));
                let from = from.then(|| ends.next().flatten()).flatten();
                let to = to.then(|| ends.next().flatten()).flatten();
                // What lies between the column's values, or beyond them, is no end that could be sent.
                if from.is_none() && to.is_none() { Found::Everything } else { Found::Range(from, to) }
            }
            _ => return Err(Error::internal("a search has no values")),
        })
    }
}

impl Search {
    /// The best search for conditions on a relation, each of which must hold.
    pub(super) fn of(relation: &Relation, range: usize, conditions: &[Expr]) -> Option<Search> {
        let indexes = &relation.mapping()?.indexes;
        // Of several indexes over a column, the cluster chooses one by itself.
        let alone = |index: &&MapIndex| indexes.iter().filter(|i| i.column == index.column).count() == 1;
        let searches = indexes.iter().filter(alone);
        let searches =
            searches.filter_map(|index| Conditions::new(relation, range, index)?.search(conditions));
        searches.min_by(|a, b| a.share().total_cmp(&b.share()))
    }

    /// The share of the entries that it is thought to find: PostgreSQL's guesses where there are no statistics
    /// (`selfuncs.h`).
    pub(super) fn share(&self) -> f64 {
        const EQUAL: f64 = 0.005;
        const RANGE: f64 = 0.005;
        const INEQUALITY: f64 = 0.333;
        match self.search.sought {
            Sought::Values(number) => (EQUAL * number as f64).min(1.0),
            Sought::Elements => EQUAL * 10.0,
            Sought::Range { from: true, to: true } => RANGE,
            Sought::Range { .. } => INEQUALITY,
        }
    }

    /// The arguments with which it goes along.
    pub(super) fn args(&self) -> impl Iterator<Item = RemoteArg> {
        let cluster_type = self.search.cluster_type;
        let argument =
            move |expr: &Expr| RemoteArg { expr: expr.clone(), cluster_type, form: ArgForm::Plain };
        self.values.iter().map(argument)
    }
}

/// Conditions on the column that an index begins with.
struct Conditions<'a> {
    range: usize,
    index: &'a MapIndex,
    cluster_type: SqlType,
}

/// What a condition says of the column.
enum Said {
    Values(Vec<Expr>),
    Elements(Expr),
    From(Expr),
    To(Expr),
}

impl Conditions<'_> {
    fn new<'a>(relation: &Relation, range: usize, index: &'a MapIndex) -> Option<Conditions<'a>> {
        let cluster_type = relation.columns.get(index.column)?.cluster_type.filter(|ty| is_key_type(*ty))?;
        // Of several attributes, an index that is not sorted needs all.
        (!(index.hash && index.composite)).then_some(Conditions { range, index, cluster_type })
    }

    fn search(&self, conditions: &[Expr]) -> Option<Search> {
        let said: Vec<Said> = conditions.iter().filter_map(|condition| self.said(condition)).collect();
        let (mut from, mut to) = (None, None);
        let mut best: Option<(Sought, Vec<Expr>)> = None;
        for said in said {
            match said {
                Said::Values(values) => {
                    let fewer = match &best {
                        Some((Sought::Values(number), _)) => values.len() < *number,
                        _ => true,
                    };
                    best = if fewer { Some((Sought::Values(values.len()), values)) } else { best };
                }
                Said::Elements(array) => best = best.or_else(|| Some((Sought::Elements, vec![array]))),
                Said::From(value) => from = from.or(Some(value)),
                Said::To(value) => to = to.or(Some(value)),
            }
        }
        let range = || {
            let sought = Sought::Range { from: from.is_some(), to: to.is_some() };
            let values: Vec<Expr> = from.into_iter().chain(to).collect();
            (!self.index.hash && !values.is_empty()).then_some((sought, values))
        };
        let (sought, values) = best.or_else(range)?;
        let MapIndex { name, attribute, column, .. } = self.index;
        let search = IndexSearch {
            index: name.clone(),
            attribute: attribute.clone(),
            column: *column,
            cluster_type: self.cluster_type,
            sought,
            or_whole: false,
        };
        Some(Search { search, values })
    }

    fn said(&self, condition: &Expr) -> Option<Said> {
        match &condition.kind {
            ExprKind::Call(call) => {
                let CallForm::Operator(operator) = call.form else { return None };
                let [left, right] = call.args.as_slice() else { return None };
                let comparison = Comparison::by_name(operator_by_oid(operator)?.name)?;
                self.compared(comparison, left, right)
                    .or_else(|| self.compared(comparison.commuted(), right, left))
            }
            ExprKind::AnyList { operator, all: false, left, list } => {
                let fits = |item: &Expr| self.is_value(item);
                let is_equal = operator_by_oid(operator.oid)?.name == "=";
                let known = is_equal && self.is_column(left) && list.len() <= VALUES_MAX;
                (known && list.iter().all(fits)).then(|| Said::Values(list.clone()))
            }
            ExprKind::AnyArray { operator, all: false, left, array } => {
                let element = pg::catalog::element_type(array.ty.oid)?;
                let is_equal = operator_by_oid(operator.oid)?.name == "=";
                let known = is_equal && self.is_column(left) && is_settled(array);
                (known && is_comparable(self.cluster_type, element))
                    .then(|| Said::Elements((**array).clone()))
            }
            _ => None,
        }
    }

    fn compared(&self, comparison: Comparison, column: &Expr, value: &Expr) -> Option<Said> {
        if !self.is_column(column) || !self.is_value(value) {
            return None;
        }
        match comparison {
            Comparison::Equal => Some(Said::Values(vec![value.clone()])),
            Comparison::Greater | Comparison::GreaterOrEqual => Some(Said::From(value.clone())),
            Comparison::Less | Comparison::LessOrEqual => Some(Said::To(value.clone())),
            Comparison::NotEqual => None,
        }
    }

    /// Whether an expression is the column, whatever it was converted to without loss.
    fn is_column(&self, expr: &Expr) -> bool {
        let is = |column: usize| (column == self.index.column).then_some(self.cluster_type);
        column_of(expr, self.range, &is) == Some(self.index.column)
            && compares_exactly(self.cluster_type, expr.ty.oid)
    }

    fn is_value(&self, value: &Expr) -> bool {
        is_settled(value) && is_comparable(self.cluster_type, value.ty.oid)
    }
}
