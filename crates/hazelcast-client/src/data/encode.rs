//! Values to bytes (protocol 5). Numbers are big endian.

use super::portable::write::Writer;
use super::temporal::{Date, Time};
use super::type_id;
use super::value::{ArrayKind, Value};
use crate::error::{Error, Result};

/// How deep lists may be nested.
pub(crate) const MAX_DEPTH: usize = 64;

/// Appends the serialized value with its header. The value must not be [`Value::Null`] itself.
pub(crate) fn encode(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    let base = out.len();
    out.extend_from_slice(&[0; 4]);
    inline(value, out, Some(base), 0)
}

/// Type id and payload, as an element of a list is written. `base`: where in `out` the whole serialized value begins, if
/// that is known; Portable records count their offsets from there.
pub(super) fn inline(value: &Value, out: &mut Vec<u8>, base: Option<usize>, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::InvalidArgument("value is nested too deeply".to_string()));
    }
    out.extend_from_slice(&type_of(value).to_be_bytes());
    match value {
        Value::Null => {}
        Value::Boolean(value) => out.push(u8::from(*value)),
        Value::TinyInt(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::SmallInt(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Integer(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::BigInt(value) | Value::JavaDate(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Real(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Double(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Character(value) => out.extend_from_slice(&value.to_be_bytes()),
        Value::Decimal(value) => {
            bytes(value.unscaled(), out)?;
            out.extend_from_slice(&value.scale().to_be_bytes());
        }
        Value::BigInteger(value) if value.scale() == 0 => bytes(value.unscaled(), out)?,
        Value::BigInteger(_) => return Err(Error::InvalidArgument("a BigInteger has no scale".to_string())),
        Value::Varchar(text) | Value::Json(text) => bytes(text.as_bytes(), out)?,
        Value::Bytes(value) => bytes(value, out)?,
        Value::Date(value) => date(*value, out),
        Value::Time(value) => time(*value, out),
        Value::Timestamp(value) => {
            date(value.date, out);
            time(value.time, out);
        }
        Value::TimestampTz(value) => {
            date(value.local.date, out);
            time(value.local.time, out);
            out.extend_from_slice(&value.offset_seconds.to_be_bytes());
        }
        Value::Uuid(value) => out.extend_from_slice(value.as_bytes()),
        Value::Array(kind, items) => array(*kind, items, out)?,
        Value::Objects(items) | Value::List(items) => {
            count(items.len(), out)?;
            for item in items {
                inline(item, out, base, depth + 1)?;
            }
        }
        Value::Map(entries) => {
            count(entries.len(), out)?;
            for (key, value) in entries {
                inline(key, out, base, depth + 1)?;
                inline(value, out, base, depth + 1)?;
            }
        }
        Value::Compact(record) => super::compact::write::record(record, out, depth + 1)?,
        Value::Portable(record) => {
            let base = base.ok_or_else(|| {
                Error::InvalidArgument("a Portable record can't be a part of a predicate".to_string())
            })?;
            Writer { out, base }.record(record, depth + 1)?;
        }
        Value::Other { payload, .. } => out.extend_from_slice(payload),
    }
    Ok(())
}

fn type_of(value: &Value) -> i32 {
    match value {
        Value::Null => type_id::NULL,
        Value::Boolean(_) => type_id::BOOLEAN,
        Value::TinyInt(_) => type_id::BYTE,
        Value::SmallInt(_) => type_id::SHORT,
        Value::Integer(_) => type_id::INTEGER,
        Value::BigInt(_) => type_id::LONG,
        Value::Real(_) => type_id::FLOAT,
        Value::Double(_) => type_id::DOUBLE,
        Value::Decimal(_) => type_id::BIG_DECIMAL,
        Value::BigInteger(_) => type_id::BIG_INTEGER,
        Value::Varchar(_) => type_id::STRING,
        Value::Character(_) => type_id::CHARACTER,
        Value::Date(_) => type_id::LOCAL_DATE,
        Value::Time(_) => type_id::LOCAL_TIME,
        Value::Timestamp(_) => type_id::LOCAL_DATE_TIME,
        Value::TimestampTz(_) => type_id::OFFSET_DATE_TIME,
        Value::JavaDate(_) => type_id::DATE,
        Value::Json(_) => type_id::JSON,
        Value::Uuid(_) => type_id::UUID,
        Value::Bytes(_) => type_id::BYTE_ARRAY,
        Value::Array(kind, _) => array_type(*kind),
        Value::Objects(_) => type_id::OBJECT_ARRAY,
        Value::List(_) => type_id::ARRAY_LIST,
        Value::Map(_) => type_id::HASH_MAP,
        Value::Compact(_) => type_id::COMPACT,
        Value::Portable(_) => type_id::PORTABLE,
        Value::Other { type_id, .. } => *type_id,
    }
}

fn array_type(kind: ArrayKind) -> i32 {
    match kind {
        ArrayKind::Boolean => type_id::BOOLEAN_ARRAY,
        ArrayKind::Character => type_id::CHARACTER_ARRAY,
        ArrayKind::SmallInt => type_id::SHORT_ARRAY,
        ArrayKind::Integer => type_id::INTEGER_ARRAY,
        ArrayKind::BigInt => type_id::LONG_ARRAY,
        ArrayKind::Real => type_id::FLOAT_ARRAY,
        ArrayKind::Double => type_id::DOUBLE_ARRAY,
        ArrayKind::Varchar => type_id::STRING_ARRAY,
    }
}

/// Items without their type ids.
pub(super) fn array(kind: ArrayKind, items: &[Value], out: &mut Vec<u8>) -> Result<()> {
    count(items.len(), out)?;
    for item in items {
        match (kind, item) {
            (ArrayKind::Boolean, Value::Boolean(item)) => out.push(u8::from(*item)),
            (ArrayKind::Character, Value::Character(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::SmallInt, Value::SmallInt(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::Integer, Value::Integer(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::BigInt, Value::BigInt(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::Real, Value::Real(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::Double, Value::Double(item)) => out.extend_from_slice(&item.to_be_bytes()),
            (ArrayKind::Varchar, Value::Varchar(item)) => bytes(item.as_bytes(), out)?,
            (ArrayKind::Varchar, Value::Null) => out.extend_from_slice(&(-1i32).to_be_bytes()),
            _ => {
                return Err(Error::InvalidArgument(format!(
                    "array of {kind:?} with another kind of element"
                )));
            }
        }
    }
    Ok(())
}

pub(super) fn count(number: usize, out: &mut Vec<u8>) -> Result<()> {
    let number =
        i32::try_from(number).map_err(|_| Error::InvalidArgument("value is too long".to_string()))?;
    out.extend_from_slice(&number.to_be_bytes());
    Ok(())
}

pub(super) fn bytes(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    count(bytes.len(), out)?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn date(date: Date, out: &mut Vec<u8>) {
    out.extend_from_slice(&date.year.to_be_bytes());
    out.extend_from_slice(&[date.month, date.day]);
}

pub(super) fn time(time: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(&[time.hour, time.minute, time.second]);
    out.extend_from_slice(&time.nano.to_be_bytes());
}
