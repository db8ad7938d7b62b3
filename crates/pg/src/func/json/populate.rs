//! `json_to_record` and its relatives (`populate_recordset_worker`): members of objects as values of types. The names and
//! types of the columns come from the column definition list, which analysis puts behind the document as a JSON array of
//! `[name, oid, typmod]`.

use super::raw::{self, Kind};
use super::{invalid, tree};
use crate::array::Dimension;
use crate::catalog::element_type;
use crate::func::{Call, SetKernel};
use crate::json::{Json, jsonb_in};
use crate::{Array, Env, Error, Oid, Result, SqlState, TypeRef, Value, oid, text};

pub(super) const KERNELS: &[(&str, SetKernel)] = &[
    ("json_to_record", |call, args| record(call, args)),
    ("jsonb_to_record", |call, args| record(call, args)),
    ("json_to_recordset", |call, args| recordset(call, args, "json_to_recordset", ["an object", "a scalar"])),
    ("jsonb_to_recordset", |call, args| recordset(call, args, "jsonb_to_recordset", ["a non-array"; 2])),
];

/// A column that is wanted.
struct Column {
    name: String,
    ty: TypeRef,
}

fn columns(args: &[Value]) -> Result<Vec<Column>> {
    let lost = || Error::internal("a column definition list is missing");
    let Some(Value::Text(list)) = args.get(1) else { return Err(lost()) };
    let Json::Array(items) = tree(list)? else { return Err(lost()) };
    let number = |json: &Json| match json {
        Json::Number(number) => number.to_string().parse::<i64>().map_err(|_| lost()),
        _ => Err(lost()),
    };
    let column = |item: &Json| match item {
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(name), ty, typmod] => {
                let oid = Oid(u32::try_from(number(ty)?).map_err(|_| lost())?);
                let typmod = i32::try_from(number(typmod)?).map_err(|_| lost())?;
                Ok(Column { name: name.clone(), ty: TypeRef { oid, typmod } })
            }
            _ => Err(lost()),
        },
        _ => Err(lost()),
    };
    items.iter().map(column).collect()
}

fn record(call: &Call<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    let columns = columns(args)?;
    let Some(document) = args.first().and_then(Value::as_str) else {
        return Ok(vec![vec![Value::Null; columns.len()]]);
    };
    match raw::kind(document) {
        Kind::Object => Ok(vec![row(document, &columns, call.env)?]),
        Kind::Array => Err(invalid("cannot call populate_composite on an array")),
        _ => Err(invalid("cannot call populate_composite on a scalar")),
    }
}

/// `wrong` is what objects and scalars are called.
fn recordset(call: &Call<'_>, args: &[Value], name: &str, wrong: [&str; 2]) -> Result<Vec<Vec<Value>>> {
    let columns = columns(args)?;
    let Some(document) = args.first().and_then(Value::as_str) else { return Ok(Vec::new()) };
    let [object, scalar] = wrong;
    match raw::kind(document) {
        Kind::Array => {}
        Kind::Object => return Err(invalid(format!("cannot call {name} on {object}"))),
        _ => return Err(invalid(format!("cannot call {name} on {scalar}"))),
    }
    let row = |item: &str| match raw::kind(item) {
        Kind::Object => row(item, &columns, call.env),
        _ => Err(invalid(format!("argument of {name} must be an array of objects"))),
    };
    raw::elements(document)?.into_iter().map(row).collect()
}

fn row(object: &str, columns: &[Column], env: &Env) -> Result<Vec<Value>> {
    let members = raw::members(object)?;
    let value = |column: &Column| {
        let member = members.iter().rev().find(|(name, _)| *name == column.name);
        member.map_or(Ok(Value::Null), |(_, part)| field(part, column, env))
    };
    columns.iter().map(value).collect()
}

/// `populate_record_field`
fn field(part: &str, column: &Column, env: &Env) -> Result<Value> {
    let kind = raw::kind(part);
    if kind == Kind::Null {
        return Ok(Value::Null);
    }
    let Some(element) = element_type(column.ty.oid) else { return scalar(part, column.ty, env) };
    match kind {
        Kind::String => text::input(&raw::decoded(part)?, column.ty, env),
        Kind::Array => array(part, TypeRef { oid: element, typmod: column.ty.typmod }, env),
        _ => Err(Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "expected JSON array")
            .hint(format!("See the value of key \"{}\".", column.name))),
    }
}

/// `populate_scalar`
fn scalar(part: &str, ty: TypeRef, env: &Env) -> Result<Value> {
    match (ty.oid, raw::kind(part)) {
        (oid::JSON, _) => Ok(Value::text(part)),
        (oid::JSONB, _) => Ok(Value::Jsonb(jsonb_in(part)?)),
        (oid::RECORD, _) => Err(Error::refused("rows inside JSON documents as values")),
        (_, Kind::String) => text::input(&raw::decoded(part)?, ty, env),
        _ => text::input(part, ty, env),
    }
}

/// `populate_array`
fn array(part: &str, element: TypeRef, env: &Env) -> Result<Value> {
    let (mut lengths, mut items) = (Vec::new(), Vec::new());
    dimension(part, 0, &mut lengths, &mut items, element, env)?;
    if items.is_empty() {
        lengths.clear();
    }
    let dims = lengths.into_iter().map(|length| Dimension { length, lower: 1 }).collect();
    Ok(Value::Array(Array { element: element.oid, dims, items }.into()))
}

/// `populate_array_dim_jsonb`: the first element says whether there is a dimension more.
fn dimension(
    part: &str,
    depth: usize,
    lengths: &mut Vec<i32>,
    items: &mut Vec<Value>,
    element: TypeRef,
    env: &Env,
) -> Result<()> {
    let elements = raw::elements(part)?;
    let length = i32::try_from(elements.len()).map_err(|_| Error::internal("a long array"))?;
    match lengths.get(depth) {
        None => lengths.push(length),
        Some(known) if *known == length => {}
        Some(_) => return Err(malformed()),
    }
    for item in elements {
        let deeper = raw::kind(item) == Kind::Array && (items.is_empty() || lengths.len() > depth + 1);
        if deeper {
            dimension(item, depth + 1, lengths, items, element, env)?;
        } else if lengths.len() > depth + 1 {
            return Err(Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "expected JSON array"));
        } else if raw::kind(item) == Kind::Null {
            items.push(Value::Null);
        } else {
            items.push(scalar(item, element, env)?);
        }
    }
    Ok(())
}

fn malformed() -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "malformed JSON array")
        .detail("Multidimensional arrays must have sub-arrays with matching dimensions.")
}
