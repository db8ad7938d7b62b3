//! Casts of `jsonb` to numbers and truth.

use super::{invalid, tree};
use crate::func::args::Jsonb;
use crate::json::Json;
use crate::{Error, Numeric, Result};

kernels!(KERNELS(call) {
    "jsonb_bool" => |a: Jsonb<'_>| tree(a.0).and_then(|a| match a {
        Json::Bool(value) => Ok(value),
        other => Err(cannot_cast(&other, "boolean")),
    });
    "jsonb_numeric" => |a: Jsonb<'_>| number(a.0, "numeric");
    "jsonb_int2" => |a: Jsonb<'_>| number(a.0, "smallint").and_then(|n| n.to_i16());
    "jsonb_int4" => |a: Jsonb<'_>| number(a.0, "integer").and_then(|n| n.to_i32());
    "jsonb_int8" => |a: Jsonb<'_>| number(a.0, "bigint").and_then(|n| n.to_i64());
    "jsonb_float4" => |a: Jsonb<'_>| number(a.0, "real").and_then(|n| n.to_f32());
    "jsonb_float8" => |a: Jsonb<'_>| number(a.0, "double precision").and_then(|n| n.to_f64());
});

fn cannot_cast(json: &Json, target: &str) -> Error {
    let kind = match json {
        Json::Null => "null",
        Json::String(_) | Json::Datetime(_) => "string",
        Json::Number(_) => "numeric",
        Json::Bool(_) => "boolean",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    };
    invalid(format!("cannot cast jsonb {kind} to type {target}"))
}

fn number(text: &str, target: &str) -> Result<Numeric> {
    match tree(text)? {
        Json::Number(number) => Ok(number),
        other => Err(cannot_cast(&other, target)),
    }
}
