//! Making JSON: `to_json`, `row_to_json`, `array_to_json`, `json_build_object`, `json_build_array`.

use super::datum::{key_text, to_tree, write, write_array, write_key, write_record};
use super::{invalid, jsonb};
use crate::func::output::arg_type;
use crate::func::{Call, Kernel};
use crate::json::Json;
use crate::{Array, Error, Record, Result, Value};

kernels!(KERNELS(call) {
    "to_json" => |a: &Value| {
        let mut out = String::new();
        write(call, arg_type(call, 0), a, &mut out).map(|()| out)
    };
    "to_jsonb" => |a: &Value| to_tree(call, arg_type(call, 0), a).map(|json| jsonb(&json));
    "array_to_json" => |a: &Array| {
        let mut out = String::new();
        write_array(call, a, &mut out, false).map(|()| out)
    };
    "array_to_json_pretty" => |a: &Array, lines: bool| {
        let mut out = String::new();
        write_array(call, a, &mut out, lines).map(|()| out)
    };
    "row_to_json" => |a: &Record| {
        let mut out = String::new();
        write_record(call, a, &mut out, false).map(|()| out)
    };
    "row_to_json_pretty" => |a: &Record, lines: bool| {
        let mut out = String::new();
        write_record(call, a, &mut out, lines).map(|()| out)
    };
});

/// Functions of any number of arguments.
pub(super) const VARIADIC: &[(&str, Kernel)] = &[
    ("json_build_object", json_build_object),
    ("json_build_object_noargs", json_build_object),
    ("json_build_array", json_build_array),
    ("json_build_array_noargs", json_build_array),
    ("jsonb_build_object", jsonb_build_object),
    ("jsonb_build_object_noargs", jsonb_build_object),
    ("jsonb_build_array", jsonb_build_array),
    ("jsonb_build_array_noargs", jsonb_build_array),
];

/// 22023 for an odd number of arguments.
fn check_pairs(args: &[Value], function: &str) -> Result<()> {
    if args.len().is_multiple_of(2) {
        return Ok(());
    }
    Err(invalid("argument list must have even number of elements")
        .hint(format!("The arguments of {function}() must consist of alternating keys and values.")))
}

fn null_key(at: usize) -> Error {
    invalid(format!("argument {} cannot be null", at + 1)).hint("Object keys should be text.")
}

fn json_build_object(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    check_pairs(args, "json_build_object")?;
    let mut out = String::from("{");
    for (at, pair) in args.chunks_exact(2).enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        let [key, value] = pair else { continue };
        if key.is_null() {
            return Err(null_key(2 * at));
        }
        write_key(call, arg_type(call, 2 * at), key, &mut out)?;
        out.push_str(" : ");
        write(call, arg_type(call, 2 * at + 1), value, &mut out)?;
    }
    out.push('}');
    Ok(Value::text(out))
}

fn json_build_array(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let mut out = String::from("[");
    for (at, value) in args.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write(call, arg_type(call, at), value, &mut out)?;
    }
    out.push(']');
    Ok(Value::text(out))
}

fn jsonb_build_object(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    check_pairs(args, "jsonb_build_object")?;
    let mut members = Vec::with_capacity(args.len() / 2);
    for (at, pair) in args.chunks_exact(2).enumerate() {
        let [key, value] = pair else { continue };
        if key.is_null() {
            return Err(invalid(format!("argument {}: key must not be null", 2 * at + 1)));
        }
        members.push((
            key_text(call, arg_type(call, 2 * at), key)?,
            to_tree(call, arg_type(call, 2 * at + 1), value)?,
        ));
    }
    Ok(jsonb(&Json::object(members)))
}

fn jsonb_build_array(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let items = args.iter().enumerate().map(|(at, value)| to_tree(call, arg_type(call, at), value));
    Ok(jsonb(&Json::Array(items.collect::<Result<_>>()?)))
}
