//! The order of `jsonb` (`compareJsonbContainers`).

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{Json, parse_json};
use crate::compare::compare_text;

/// Compares two documents given by their canonical text.
pub fn compare_jsonb(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match (parse_json(a), parse_json(b)) {
        (Ok(a), Ok(b)) => compare_roots(&a, &b),
        // Canonical text always parses; should it not, any total order will do.
        _ => a.cmp(b),
    }
}

/// A scalar at the top is an array of one element in disguise: below real arrays, except that the empty array is
/// below every scalar.
fn compare_roots(a: &Json, b: &Json) -> Ordering {
    match (a, b) {
        (Json::Array(items), scalar) if rank(scalar) < ARRAY => {
            if items.is_empty() {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (scalar, Json::Array(items)) if rank(scalar) < ARRAY => {
            if items.is_empty() {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        _ => compare(a, b),
    }
}

const ARRAY: u8 = 4;

/// The order of the kinds (`jbvType`).
fn rank(json: &Json) -> u8 {
    match json {
        Json::Null => 0,
        Json::String(_) | Json::Datetime(_) => 1,
        Json::Number(_) => 2,
        Json::Bool(_) => 3,
        Json::Array(_) => ARRAY,
        Json::Object(_) => 5,
    }
}

fn compare(a: &Json, b: &Json) -> Ordering {
    match (a, b) {
        (Json::String(a), Json::String(b)) => compare_text(a, b),
        (Json::Number(a), Json::Number(b)) => a.compare(b),
        (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
        (Json::Array(a), Json::Array(b)) => a.len().cmp(&b.len()).then_with(|| {
            let orders = a.iter().zip(b).map(|(a, b)| compare(a, b));
            first_difference(orders)
        }),
        (Json::Object(a), Json::Object(b)) => a.len().cmp(&b.len()).then_with(|| {
            let orders =
                a.iter().zip(b).map(|((k, a), (l, b))| compare_text(k, l).then_with(|| compare(a, b)));
            first_difference(orders)
        }),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// A hash consistent with [`compare_jsonb`].
pub fn hash_jsonb<H: Hasher>(text: &str, state: &mut H) {
    match parse_json(text) {
        Ok(json) => hash(&json, state),
        Err(_) => text.hash(state),
    }
}

fn hash<H: Hasher>(json: &Json, state: &mut H) {
    rank(json).hash(state);
    match json {
        Json::Null => {}
        Json::Bool(value) => value.hash(state),
        Json::Number(number) => number.hash_value(state),
        Json::String(text) => text.hash(state),
        Json::Datetime(datetime) => datetime.text.hash(state),
        Json::Array(items) => items.iter().for_each(|item| hash(item, state)),
        Json::Object(pairs) => pairs.iter().for_each(|(key, value)| {
            key.hash(state);
            hash(value, state);
        }),
    }
}
