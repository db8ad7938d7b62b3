//! Arguments of system functions. Their types are what `pg_proc` says; anything else is an error of ours.

use std::sync::Arc;

use pg::{Array, Error, Oid, Result, Value, oid};

fn wrong() -> Error {
    Error::internal("a system function got an argument of another type")
}

pub(super) fn oid(args: &[Value], index: usize) -> Result<Oid> {
    match args.get(index) {
        Some(Value::Oid(oid)) => Ok(*oid),
        _ => Err(wrong()),
    }
}

pub(super) fn text(args: &[Value], index: usize) -> Result<&str> {
    args.get(index).and_then(Value::as_str).ok_or_else(wrong)
}

pub(super) fn int(args: &[Value], index: usize) -> Result<i64> {
    args.get(index).and_then(Value::as_i64).ok_or_else(wrong)
}

pub(super) fn bool(args: &[Value], index: usize) -> Result<bool> {
    match args.get(index) {
        Some(Value::Bool(value)) => Ok(*value),
        _ => Err(wrong()),
    }
}

pub(super) fn array(args: &[Value], index: usize) -> Result<&Array> {
    match args.get(index) {
        Some(Value::Array(array)) => Ok(array),
        _ => Err(wrong()),
    }
}

/// A value or NULL.
pub(super) fn or_null(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Null)
}

/// A text or NULL.
pub(super) fn text_or_null(text: Option<impl Into<Arc<str>>>) -> Value {
    text.map_or(Value::Null, Value::text)
}

/// An array of one dimension.
pub(super) fn make_array(element: Oid, items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array::one_dimensional(element, items)))
}

/// A `text[]`.
pub(super) fn texts(items: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Value {
    make_array(oid::TEXT, items.into_iter().map(Value::text).collect())
}
