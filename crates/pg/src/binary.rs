//! Values to PostgreSQL's binary format and back (`xxx_send`, `xxx_recv`).

mod array;
mod recv;

use bytes::BufMut;

use crate::{Env, Error, Oid, Result, SqlState, Value, catalog, oid};

pub use recv::recv;

/// Appends the binary form of a value (`SendFunctionCall`). NULL has none: nothing is appended.
pub fn send<B: BufMut>(value: &Value, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    match value {
        Value::Null | Value::Void => {}
        Value::Bool(b) => out.put_u8((*b).into()),
        Value::Char(byte) => out.put_u8(*byte),
        Value::Int2(i) => out.put_i16(*i),
        Value::Int4(i) => out.put_i32(*i),
        Value::Int8(i) => out.put_i64(*i),
        Value::Oid(oid) => out.put_u32(oid.0),
        Value::Float4(f) => out.put_f32(*f),
        Value::Float8(f) => out.put_f64(*f),
        Value::Numeric(n) => n.write_binary(out),
        Value::Text(text) => {
            if !has_text_send(ty) {
                return Err(no_output_function(ty));
            }
            out.put_slice(text.as_bytes());
        }
        Value::Bytea(bytes) => out.put_slice(bytes),
        Value::Date(date) => out.put_i32(*date),
        Value::Time(micros) | Value::Timestamp(micros) | Value::TimestampTz(micros) => out.put_i64(*micros),
        Value::TimeTz(micros, zone) => {
            out.put_i64(*micros);
            out.put_i32(*zone);
        }
        Value::Interval(interval) => {
            out.put_i64(interval.micros);
            out.put_i32(interval.days);
            out.put_i32(interval.months);
        }
        Value::Uuid(uuid) => out.put_slice(uuid),
        Value::Jsonb(text) => {
            // The version of the format.
            out.put_u8(1);
            out.put_slice(text.as_bytes());
        }
        // An empty vector has its dimension all the same.
        Value::Array(array) if array.items.is_empty() && matches!(ty, oid::INT2VECTOR | oid::OIDVECTOR) => {
            [1, 0].into_iter().for_each(|word| out.put_i32(word));
            out.put_u32(array.element.0);
            [0, 0].into_iter().for_each(|word| out.put_i32(word));
        }
        Value::Array(array) => array::send(array, env, out)?,
        Value::Other(value) => crate::other::send(value, ty, env, out)?,
        Value::Record(record) => {
            out.put_i32(record.fields.len() as i32);
            for (at, field) in record.fields.iter().enumerate() {
                let ty = record.types.get(at).copied().unwrap_or(Oid::INVALID);
                out.put_u32(ty.0);
                put_sized(field, ty, env, out)?;
            }
        }
    }
    Ok(())
}

/// A value with its length before it; -1 for NULL.
fn put_sized<B: BufMut>(value: &Value, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    if value.is_null() {
        out.put_i32(-1);
        return Ok(());
    }
    let mut bytes = Vec::new();
    send(value, ty, env, &mut bytes)?;
    let length = i32::try_from(bytes.len()).map_err(|_| Error::internal("value too large"))?;
    out.put_i32(length);
    out.put_slice(&bytes);
    Ok(())
}

/// Whether the binary form of a type that is kept as text is that text.
fn has_text_send(ty: Oid) -> bool {
    match ty {
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::JSON | oid::UNKNOWN | oid::CSTRING => true,
        oid::XML | oid::REFCURSOR | oid::PG_NODE_TREE => true,
        // Domains are sent as their base type; what has no row here is none of the catalog's.
        _ => match catalog::type_by_oid(ty) {
            Some(row) if row.kind == 'd' => has_text_send(row.base),
            Some(row) => row.send == TEXT_SEND,
            None => true,
        },
    }
}

/// `textsend`
const TEXT_SEND: Oid = Oid(2415);

fn no_output_function(ty: Oid) -> Error {
    Error::new(
        SqlState::UNDEFINED_FUNCTION,
        format!("no binary output function available for type {}", catalog::format_type(ty, None)),
    )
}
