//! Set-returning functions of JSON.

use super::raw::{self, Kind};
use super::{as_text, invalid, jsonb, tree};
use crate::func::args::{arity, mismatch};
use crate::func::{Call, SetKernel};
use crate::json::{Json, validate_json_strings};
use crate::{Result, Value};

type Rows = Result<Vec<Vec<Value>>>;

pub(super) const KERNELS: &[(&str, SetKernel)] = &[
    ("json_array_elements", |_, args| {
        text_elements(args, "json_array_elements", |part| Ok(Value::text(part)))
    }),
    ("json_array_elements_text", |_, args| {
        validate_json_strings(document(args)?)?;
        text_elements(args, "json_array_elements_text", raw::as_text)
    }),
    ("json_each", |_, args| text_each(args, |part| Ok(Value::text(part)))),
    ("json_each_text", |_, args| text_each(args, raw::as_text)),
    ("json_object_keys", json_object_keys),
    ("jsonb_array_elements", |_, args| tree_elements(args, jsonb)),
    ("jsonb_array_elements_text", |_, args| tree_elements(args, as_text)),
    ("jsonb_each", |_, args| tree_each(args, "jsonb_each", jsonb)),
    ("jsonb_each_text", |_, args| tree_each(args, "jsonb_each_text", as_text)),
    ("jsonb_object_keys", jsonb_object_keys),
];

fn document(args: &[Value]) -> Result<&str> {
    let value = args.first().ok_or_else(|| arity(args))?;
    value.as_str().ok_or_else(|| mismatch(value))
}

fn text_elements(args: &[Value], function: &str, show: fn(&str) -> Result<Value>) -> Rows {
    let text = document(args)?;
    match raw::kind(text) {
        Kind::Array => {
            raw::elements(text)?.into_iter().map(|part| show(part).map(|value| vec![value])).collect()
        }
        Kind::Object => Err(invalid(format!("cannot call {function} on a non-array"))),
        _ => Err(invalid(format!("cannot call {function} on a scalar"))),
    }
}

fn text_each(args: &[Value], show: fn(&str) -> Result<Value>) -> Rows {
    let text = document(args)?;
    validate_json_strings(text)?;
    match raw::kind(text) {
        Kind::Object => raw::members(text)?
            .into_iter()
            .map(|(name, part)| show(part).map(|value| vec![Value::text(name), value]))
            .collect(),
        Kind::Array => Err(invalid("cannot deconstruct an array as an object")),
        _ => Err(invalid("cannot deconstruct a scalar")),
    }
}

fn json_object_keys(_: &Call<'_>, args: &[Value]) -> Rows {
    let text = document(args)?;
    validate_json_strings(text)?;
    match raw::kind(text) {
        Kind::Object => {
            Ok(raw::members(text)?.into_iter().map(|(name, _)| vec![Value::text(name)]).collect())
        }
        Kind::Array => Err(invalid("cannot call json_object_keys on an array")),
        _ => Err(invalid("cannot call json_object_keys on a scalar")),
    }
}

fn tree_elements(args: &[Value], show: fn(&Json) -> Value) -> Rows {
    match tree(document(args)?)? {
        Json::Array(items) => Ok(items.iter().map(|item| vec![show(item)]).collect()),
        Json::Object(_) => Err(invalid("cannot extract elements from an object")),
        _ => Err(invalid("cannot extract elements from a scalar")),
    }
}

fn tree_each(args: &[Value], function: &str, show: fn(&Json) -> Value) -> Rows {
    match tree(document(args)?)? {
        Json::Object(members) => {
            Ok(members.iter().map(|(name, value)| vec![Value::text(name.as_str()), show(value)]).collect())
        }
        _ => Err(invalid(format!("cannot call {function} on a non-object"))),
    }
}

fn jsonb_object_keys(_: &Call<'_>, args: &[Value]) -> Rows {
    match tree(document(args)?)? {
        Json::Object(members) => {
            Ok(members.iter().map(|(name, _)| vec![Value::text(name.as_str())]).collect())
        }
        Json::Array(_) => Err(invalid("cannot call jsonb_object_keys on an array")),
        _ => Err(invalid("cannot call jsonb_object_keys on a scalar")),
    }
}
