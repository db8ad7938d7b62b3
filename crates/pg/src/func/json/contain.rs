//! `jsonb`: containment and existence.

use super::access::get_field;
use super::tree;
use crate::compare::compare;
use crate::func::args::Jsonb;
use crate::json::Json;
use crate::{Array, Result, Value, oid};

kernels!(KERNELS(call) {
    "jsonb_contains" => |a: Jsonb<'_>, b: Jsonb<'_>| contains(a.0, b.0);
    "jsonb_contained" => |a: Jsonb<'_>, b: Jsonb<'_>| contains(b.0, a.0);
    "jsonb_exists" => |a: Jsonb<'_>, name: &str| tree(a.0).map(|a| exists(&a, name));
    "jsonb_exists_any" => |a: Jsonb<'_>, names: &Array| tree(a.0).map(|a|
        names.items.iter().filter_map(Value::as_str).any(|name| exists(&a, name)));
    "jsonb_exists_all" => |a: Jsonb<'_>, names: &Array| tree(a.0).map(|a|
        names.items.iter().filter_map(Value::as_str).all(|name| exists(&a, name)));
});

/// Whether a string is a key of an object, or an element of an array.
fn exists(json: &Json, name: &str) -> bool {
    let is_name = |item: &Json| matches!(item, Json::String(text) if text == name);
    match json {
        Json::Object(_) => get_field(json, name).is_some(),
        Json::Array(items) => items.iter().any(is_name),
        scalar => is_name(scalar),
    }
}

fn contains(a: &str, b: &str) -> Result<bool> {
    let (a, b) = (tree(a)?, tree(b)?);
    Ok(match (&a, &b) {
        // An array contains a scalar that is one of its elements, only at the top.
        (Json::Array(items), scalar) if is_scalar(scalar) => {
            items.iter().any(|item| same_scalar(item, scalar))
        }
        _ => holds(&a, &b),
    })
}

fn is_scalar(json: &Json) -> bool {
    !matches!(json, Json::Array(_) | Json::Object(_))
}

fn same_scalar(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            let value = |n: &crate::Numeric| Value::Numeric(n.clone().into());
            compare(oid::NUMERIC, &value(a), &value(b)).is_eq()
        }
        _ => is_scalar(a) && a == b,
    }
}

/// `JsonbDeepContains`
fn holds(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(_), Json::Object(members)) => {
            members.iter().all(|(name, value)| get_field(a, name).is_some_and(|own| holds(own, value)))
        }
        (Json::Array(own), Json::Array(items)) => {
            items.iter().all(|item| own.iter().any(|candidate| holds(candidate, item)))
        }
        _ => same_scalar(a, b),
    }
}
