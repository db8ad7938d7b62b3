//! Functions of `json` and `jsonb` (PostgreSQL's json.c, jsonb.c, jsonfuncs.c, jsonb_op.c). A `json` keeps its text: what
//! is taken out of it is a part of that text. A `jsonb` is read into a tree and written again.

mod access;
mod aggregate;
mod build;
mod cast;
mod contain;
mod datetime;
mod datum;
mod edit;
mod object;
pub(super) mod parts;
mod path;
mod populate;
mod pretty;
mod raw;
mod sets;

use super::{Kernel, NewAccumulator, SetKernel};
use crate::json::{Json, parse_json, write_jsonb};
use crate::{Error, Result, SqlState, Value};

/// The tables of this folder.
pub(super) const TABLES: [&[(&str, Kernel)]; 10] = [
    access::KERNELS,
    build::KERNELS,
    build::VARIADIC,
    cast::KERNELS,
    contain::KERNELS,
    edit::KERNELS,
    object::KERNELS,
    path::KERNELS,
    populate::OF_ROWS,
    pretty::KERNELS,
];

/// Its set-returning functions.
pub(super) const SET_KERNELS: &[(&str, SetKernel)] = sets::KERNELS;

pub use populate::check_row;

/// `json_to_record`, `json_populate_record` and their relatives.
pub(super) const RECORD_SETS: &[(&str, SetKernel)] = populate::KERNELS;

/// `jsonb_path_query`
pub(super) const PATH_SETS: &[(&str, SetKernel)] = path::SETS;

/// Its aggregates.
pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = aggregate::AGGREGATES;

/// The tree of a `jsonb`.
fn tree(text: &str) -> Result<Json> {
    parse_json(text)
}

/// A `jsonb` of a tree.
fn jsonb(json: &Json) -> Value {
    let mut out = String::new();
    write_jsonb(json, &mut out);
    Value::Jsonb(out.into())
}

/// 22023
fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// What `->>` shows of a value: strings without quotes, NULL for null.
fn as_text(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::String(text) => Value::text(text.as_str()),
        other => match jsonb(other) {
            Value::Jsonb(text) => Value::Text(text),
            value => value,
        },
    }
}
