//! `json_object` and `jsonb_object`: objects from arrays of texts.

use super::jsonb;
use crate::json::{Json, write_json_string};
use crate::{Array, Error, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "json_object" => |a: &Array| pairs(a).and_then(|pairs| text(&pairs));
    "json_object_two_arg" => |keys: &Array, values: &Array| zipped(keys, values).and_then(|pairs| text(&pairs));
    "jsonb_object" => |a: &Array| pairs(a).and_then(|pairs| object(&pairs));
    "jsonb_object_two_arg" => |keys: &Array, values: &Array| zipped(keys, values).and_then(|pairs| object(&pairs));
});

type Pair<'a> = (&'a str, Option<&'a str>);

fn subscripts(message: &str) -> Error {
    Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
}

fn key(value: &Value) -> Result<&str> {
    value
        .as_str()
        .ok_or_else(|| Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key"))
}

/// Keys and values in turn, or in two columns.
fn pairs(a: &Array) -> Result<Vec<Pair<'_>>> {
    match a.dims.as_slice() {
        [] => return Ok(Vec::new()),
        [one] if one.length % 2 != 0 => return Err(subscripts("array must have even number of elements")),
        [_] => {}
        [_, columns] if columns.length != 2 => return Err(subscripts("array must have two columns")),
        [_, _] => {}
        _ => return Err(subscripts("wrong number of array subscripts")),
    }
    a.items.chunks_exact(2).map(|pair| Ok((key(&pair[0])?, pair[1].as_str()))).collect()
}

fn zipped<'a>(keys: &'a Array, values: &'a Array) -> Result<Vec<Pair<'a>>> {
    if keys.dims.len() > 1 || keys.dims.len() != values.dims.len() {
        return Err(subscripts("wrong number of array subscripts"));
    }
    if keys.items.len() != values.items.len() {
        return Err(subscripts("mismatched array dimensions"));
    }
    keys.items.iter().zip(&values.items).map(|(name, value)| Ok((key(name)?, value.as_str()))).collect()
}

fn text(pairs: &[Pair<'_>]) -> Result<String> {
    let mut out = String::from("{");
    for (at, (name, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_json_string(name, &mut out);
        out.push_str(" : ");
        match value {
            Some(value) => write_json_string(value, &mut out),
            None => out.push_str("null"),
        }
    }
    out.push('}');
    Ok(out)
}

fn object(pairs: &[Pair<'_>]) -> Result<Value> {
    let value = |value: &Option<&str>| value.map_or(Json::Null, |text| Json::String(text.to_owned()));
    Ok(jsonb(&Json::object(pairs.iter().map(|(name, own)| ((*name).to_owned(), value(own))).collect())))
}
