//! Taking values out: `->`, `->>`, `#>`, `#>>`, and what a value is.

use super::raw::{self, Kind};
use super::{as_text, invalid, jsonb, tree};
use crate::func::args::Jsonb;
use crate::json::{Json, validate_json_strings};
use crate::{Array, Result, Value};

kernels!(KERNELS(call) {
    "json_object_field" => |a: &str, name: &str| field(a, name).map(|part| part.map(Value::text));
    "json_object_field_text" => |a: &str, name: &str| field(a, name).and_then(shown);
    "json_array_element" => |a: &str, n: i32| element(a, n).map(|part| part.map(Value::text));
    "json_array_element_text" => |a: &str, n: i32| element(a, n).and_then(shown);
    "json_extract_path" => |a: &str, path: &Array| by_path(a, path).map(|part| part.map(Value::text));
    "json_extract_path_text" => |a: &str, path: &Array| by_path(a, path).and_then(shown);
    "jsonb_object_field" => |a: Jsonb<'_>, name: &str| tree(a.0).map(|a| get_field(&a, name).map(jsonb));
    "jsonb_object_field_text" => |a: Jsonb<'_>, name: &str| tree(a.0).map(|a| get_field(&a, name).map(as_text));
    "jsonb_array_element" => |a: Jsonb<'_>, n: i32| tree(a.0).map(|a| top_element(&a, n).map(jsonb));
    "jsonb_array_element_text" => |a: Jsonb<'_>, n: i32| tree(a.0).map(|a| top_element(&a, n).map(as_text));
    "jsonb_extract_path" => |a: Jsonb<'_>, path: &Array| tree(a.0).map(|a| get_path(&a, path).map(jsonb));
    "jsonb_extract_path_text" => |a: Jsonb<'_>, path: &Array| tree(a.0).map(|a| get_path(&a, path).map(as_text));
    "json_typeof" => |a: &str| match raw::kind(a) {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Null => "null",
    };
    "jsonb_typeof" => |a: Jsonb<'_>| tree(a.0).map(|a| match a {
        Json::Object(_) => "object",
        Json::Array(_) => "array",
        Json::String(_) | Json::Datetime(_) => "string",
        Json::Number(_) => "number",
        Json::Bool(_) => "boolean",
        Json::Null => "null",
    });
    "json_array_length" => |a: &str| match raw::kind(a) {
        Kind::Array => raw::elements(a).map(|elements| elements.len() as i32),
        Kind::Object => Err(invalid("cannot get array length of a non-array")),
        _ => Err(invalid("cannot get array length of a scalar")),
    };
    "jsonb_array_length" => |a: Jsonb<'_>| tree(a.0).and_then(|a| match a {
        Json::Array(items) => Ok(items.len() as i32),
        Json::Object(_) => Err(invalid("cannot get array length of a non-array")),
        _ => Err(invalid("cannot get array length of a scalar")),
    });
});

fn shown(part: Option<&str>) -> Result<Value> {
    part.map_or(Ok(Value::Null), raw::as_text)
}

/// The last member of that name.
fn field<'a>(text: &'a str, name: &str) -> Result<Option<&'a str>> {
    validate_json_strings(text)?;
    if raw::kind(text) != Kind::Object {
        return Ok(None);
    }
    Ok(raw::members(text)?.into_iter().rev().find(|(own, _)| own == name).map(|(_, value)| value))
}

/// Where a subscript that may count from the end is.
pub(super) fn place(n: i32, length: usize) -> Option<usize> {
    let at = if n < 0 { length.checked_sub(n.unsigned_abs() as usize)? } else { n as usize };
    (at < length).then_some(at)
}

fn element(text: &str, n: i32) -> Result<Option<&str>> {
    validate_json_strings(text)?;
    if raw::kind(text) != Kind::Array {
        return Ok(None);
    }
    let elements = raw::elements(text)?;
    Ok(place(n, elements.len()).and_then(|at| elements.get(at).copied()))
}

/// A step of a path as a subscript: as C's `strtoint` reads it.
fn subscript(step: &str) -> Option<i32> {
    let trimmed = step.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    trimmed.parse().ok()
}

/// The steps of a path; `None` if one is NULL.
fn steps(path: &Array) -> Option<Vec<&str>> {
    path.items.iter().map(Value::as_str).collect()
}

fn by_path<'a>(text: &'a str, path: &Array) -> Result<Option<&'a str>> {
    let Some(steps) = steps(path) else { return Ok(None) };
    validate_json_strings(text)?;
    let mut part = text;
    if steps.is_empty() {
        // The whole, without the space around it.
        return Ok(Some(part.trim_matches(raw::is_space)));
    }
    for step in steps {
        let found = match raw::kind(part) {
            Kind::Object => field(part, step)?,
            Kind::Array => subscript(step).map(|n| element(part, n)).transpose()?.flatten(),
            _ => None,
        };
        match found {
            Some(found) => part = found,
            None => return Ok(None),
        }
    }
    Ok(Some(part))
}

pub(super) fn get_field<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    match json {
        Json::Object(members) => members.iter().find(|(own, _)| own == name).map(|(_, value)| value),
        _ => None,
    }
}

fn get_element(json: &Json, n: i32) -> Option<&Json> {
    match json {
        Json::Array(items) => place(n, items.len()).and_then(|at| items.get(at)),
        _ => None,
    }
}

/// `jsonb_array_element`: a scalar at the top is kept as an array of one.
fn top_element(json: &Json, n: i32) -> Option<&Json> {
    match json {
        Json::Array(_) | Json::Object(_) => get_element(json, n),
        scalar => place(n, 1).map(|_| scalar),
    }
}

fn get_path<'a>(json: &'a Json, path: &Array) -> Option<&'a Json> {
    steps(path)?.into_iter().try_fold(json, |json, step| match json {
        Json::Object(_) => get_field(json, step),
        Json::Array(_) => get_element(json, subscript(step)?),
        _ => None,
    })
}
