//! The binary format of arrays (`array_send`, `array_recv`).

use bytes::BufMut;

use super::put_sized;
use super::recv::{Reader, recv};
use crate::array::Dimension;
use crate::array::{MAX_DIMENSIONS, too_many_dimensions};
use crate::text::MAX_ARRAY_SIZE;
use crate::{Array, Env, Error, Oid, Result, SqlState, TypeRef, Value};

pub(super) fn send<B: BufMut>(array: &Array, env: &Env, out: &mut B) -> Result<()> {
    out.put_i32(array.dims.len() as i32);
    out.put_i32(array.items.iter().any(Value::is_null).into());
    out.put_u32(array.element.0);
    for dim in &array.dims {
        out.put_i32(dim.length);
        out.put_i32(dim.lower);
    }
    array.items.iter().try_for_each(|item| put_sized(item, array.element, env, out))
}

fn wrong(message: String) -> Error {
    Error::new(SqlState::INVALID_BINARY_REPRESENTATION, message)
}

/// Reads an array; its elements must be of the type that is expected.
pub(super) fn read(reader: &mut Reader<'_>, element: TypeRef, env: &Env) -> Result<Array> {
    let count = reader.i32()?;
    let dimensions =
        usize::try_from(count).map_err(|_| wrong(format!("invalid number of dimensions: {count}")))?;
    if dimensions > MAX_DIMENSIONS {
        return Err(too_many_dimensions(dimensions));
    }
    if !matches!(reader.i32()?, 0 | 1) {
        return Err(wrong("invalid array flags".into()));
    }
    let found = Oid(reader.u32()?);
    if found != element.oid {
        return Err(wrong_element_type(found, element.oid));
    }
    let mut dims = Vec::with_capacity(dimensions);
    let mut size: i64 = 1;
    for _ in 0..dimensions {
        let (length, lower) = (reader.i32()?, reader.i32()?);
        let fits = length >= 0 && (length == 0 || lower.checked_add(length - 1).is_some());
        size = size.checked_mul(length.into()).unwrap_or(i64::MAX);
        if !fits || size > MAX_ARRAY_SIZE {
            return Err(size_error(fits, size));
        }
        dims.push(Dimension { length, lower });
    }
    if dims.is_empty() || size == 0 {
        return Ok(Array { element: element.oid, dims: Vec::new(), items: Vec::new() });
    }
    // Every element has at least its length: more than that is not there.
    let mut items = Vec::with_capacity((size as usize).min(reader.rest().len() / 4));
    for _ in 0..size {
        items.push(match reader.sized()? {
            Some(bytes) => recv(bytes, element, env)?,
            None => Value::Null,
        });
    }
    Ok(Array { element: element.oid, dims, items })
}

fn size_error(fits: bool, size: i64) -> Error {
    if fits || size > MAX_ARRAY_SIZE {
        Error::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("array size exceeds the maximum allowed ({MAX_ARRAY_SIZE})"),
        )
    } else {
        Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large")
    }
}

fn wrong_element_type(found: Oid, expected: Oid) -> Error {
    let name = |ty| crate::catalog::format_type(ty, None);
    Error::new(
        SqlState::DATATYPE_MISMATCH,
        format!(
            "binary data has array element type {found} ({}) instead of expected {expected} ({})",
            name(found),
            name(expected)
        ),
    )
}
