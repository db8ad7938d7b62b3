//! Compact records to bytes (`DefaultCompactWriter` of Hazelcast).

use super::generic::CompactRecord;
use super::schema::{CompactField, FieldKind, Place};
use crate::data::encode::{MAX_DEPTH, bytes, count, date, time};
use crate::data::value::Value;
use crate::error::{Error, Result};

/// The id of the schema and the body.
pub(crate) fn record(record: &CompactRecord, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    out.extend_from_slice(&record.schema().id().to_be_bytes());
    body(record, out, depth)
}

/// The fixed part, what follows it, and where the fields without a place of their own are.
pub(super) fn body(record: &CompactRecord, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::InvalidArgument("value is nested too deeply".to_string()));
    }
    let schema = record.schema();
    let has_variable = schema.variable_fields > 0;
    if has_variable {
        out.extend_from_slice(&[0; 4]);
    }
    let begin = out.len();
    out.resize(begin + schema.fixed_length, 0);
    let mut offsets = Vec::with_capacity(schema.variable_fields);
    for (field, value) in schema.fields().iter().zip(record.values()) {
        match field.place {
            Place::Fixed(at) => fixed(field, value, out, begin + at)?,
            Place::Bit(at, bit) => match (value, out.get_mut(begin + at)) {
                (Value::Boolean(value), Some(byte)) => *byte |= u8::from(*value) << bit,
                _ => return Err(mismatch(field.kind, &field.name)),
            },
            Place::Variable(_) if *value == Value::Null => offsets.push(None),
            Place::Variable(_) => {
                offsets.push(Some(out.len() - begin));
                variable(field.kind, value, out, depth).map_err(|error| of_field(error, field))?;
            }
        }
    }
    if has_variable {
        close(begin - 4, begin, &offsets, out)?;
    }
    Ok(())
}

/// Writes the length of what is between `begin` and the end at `length_at`, and the offsets, as narrow as they can be.
fn close(length_at: usize, begin: usize, offsets: &[Option<usize>], out: &mut Vec<u8>) -> Result<()> {
    let length = out.len() - begin;
    let written = i32::try_from(length).map_err(|_| too_long())?;
    if let Some(place) = out.get_mut(length_at..length_at + 4) {
        place.copy_from_slice(&written.to_be_bytes());
    }
    for offset in offsets {
        let offset = offset.map_or(u32::MAX, |offset| offset as u32);
        match length {
            ..255 => out.push(offset as u8),
            255..65535 => out.extend_from_slice(&(offset as u16).to_be_bytes()),
            _ => out.extend_from_slice(&offset.to_be_bytes()),
        }
    }
    Ok(())
}

fn too_long() -> Error {
    Error::InvalidArgument("value is too long".to_string())
}

fn mismatch(kind: FieldKind, name: &str) -> Error {
    Error::InvalidArgument(format!("the value of the field {name} is not of the kind {kind:?}"))
}

fn of_field(error: Mismatch, field: &CompactField) -> Error {
    match error {
        Mismatch::Kind => mismatch(field.kind, &field.name),
        Mismatch::Other(error) => error,
    }
}

/// Why a value can't be written.
enum Mismatch {
    Kind,
    Other(Error),
}

impl From<Error> for Mismatch {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// A value that has its place in the fixed part.
fn fixed(field: &CompactField, value: &Value, out: &mut [u8], at: usize) -> Result<()> {
    let mut put = |bytes: &[u8]| {
        if let Some(place) = out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    match (field.kind, value) {
        (FieldKind::Int8, Value::TinyInt(value)) => put(&value.to_be_bytes()),
        (FieldKind::Int16, Value::SmallInt(value)) => put(&value.to_be_bytes()),
        (FieldKind::Int32, Value::Integer(value)) => put(&value.to_be_bytes()),
        (FieldKind::Int64, Value::BigInt(value)) => put(&value.to_be_bytes()),
        (FieldKind::Float32, Value::Real(value)) => put(&value.to_be_bytes()),
        (FieldKind::Float64, Value::Double(value)) => put(&value.to_be_bytes()),
        _ => return Err(mismatch(field.kind, &field.name)),
    }
    Ok(())
}

/// A value without a fixed place: not null.
fn variable(
    kind: FieldKind,
    value: &Value,
    out: &mut Vec<u8>,
    depth: usize,
) -> std::result::Result<(), Mismatch> {
    match (kind.item(), value) {
        (None, value) => scalar(kind, value, out, depth),
        (Some(item), Value::Array(_, items) | Value::List(items) | Value::Objects(items)) => {
            array(item, items, out, depth)
        }
        // `byte[]`
        (Some((FieldKind::Int8, false)), Value::Bytes(value)) => Ok(bytes(value, out)?),
        _ => Err(Mismatch::Kind),
    }
}

/// The items of an array: side by side if none can be null and all are of one size, else with their offsets.
fn array(
    (item, by_offset): (FieldKind, bool),
    items: &[Value],
    out: &mut Vec<u8>,
    depth: usize,
) -> std::result::Result<(), Mismatch> {
    if item == FieldKind::Boolean && !by_offset {
        return bits(items, out);
    }
    if !by_offset {
        count(items.len(), out)?;
        return items.iter().try_for_each(|value| scalar(item, value, out, depth));
    }
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    count(items.len(), out)?;
    let begin = out.len();
    let mut offsets = Vec::with_capacity(items.len());
    let mut schema = None;
    for value in items {
        if *value == Value::Null {
            offsets.push(None);
            continue;
        }
        // Hazelcast allows records of one schema in an array.
        if let Value::Compact(record) = value
            && *schema.get_or_insert(record.schema().id()) != record.schema().id()
        {
            return Err(Mismatch::Other(Error::InvalidArgument(
                "an array of records has records of one schema only".to_string(),
            )));
        }
        offsets.push(Some(out.len() - begin));
        scalar(item, value, out, depth)?;
    }
    Ok(close(length_at, begin, &offsets, out)?)
}

fn bits(items: &[Value], out: &mut Vec<u8>) -> std::result::Result<(), Mismatch> {
    count(items.len(), out)?;
    for chunk in items.chunks(8) {
        let mut byte = 0;
        for (bit, item) in chunk.iter().enumerate() {
            let Value::Boolean(item) = item else { return Err(Mismatch::Kind) };
            byte |= u8::from(*item) << bit;
        }
        out.push(byte);
    }
    Ok(())
}

/// A value that is not null and no array.
fn scalar(
    kind: FieldKind,
    value: &Value,
    out: &mut Vec<u8>,
    depth: usize,
) -> std::result::Result<(), Mismatch> {
    use FieldKind as K;
    match (kind, value) {
        (K::Boolean | K::NullableBoolean, Value::Boolean(value)) => out.push(u8::from(*value)),
        (K::Int8 | K::NullableInt8, Value::TinyInt(value)) => out.extend_from_slice(&value.to_be_bytes()),
        (K::Int16 | K::NullableInt16, Value::SmallInt(value)) => out.extend_from_slice(&value.to_be_bytes()),
        (K::Int32 | K::NullableInt32, Value::Integer(value)) => out.extend_from_slice(&value.to_be_bytes()),
        (K::Int64 | K::NullableInt64, Value::BigInt(value)) => out.extend_from_slice(&value.to_be_bytes()),
        (K::Float32 | K::NullableFloat32, Value::Real(value)) => out.extend_from_slice(&value.to_be_bytes()),
        (K::Float64 | K::NullableFloat64, Value::Double(value)) => {
            out.extend_from_slice(&value.to_be_bytes());
        }
        (K::String, Value::Varchar(text)) => bytes(text.as_bytes(), out)?,
        (K::Decimal, Value::Decimal(value)) => {
            bytes(value.unscaled(), out)?;
            out.extend_from_slice(&value.scale().to_be_bytes());
        }
        (K::Time, Value::Time(value)) => time(*value, out),
        (K::Date, Value::Date(value)) => date(*value, out),
        (K::Timestamp, Value::Timestamp(value)) => {
            date(value.date, out);
            time(value.time, out);
        }
        (K::TimestampWithTimezone, Value::TimestampTz(value)) => {
            date(value.local.date, out);
            time(value.local.time, out);
            out.extend_from_slice(&value.offset_seconds.to_be_bytes());
        }
        (K::Compact, Value::Compact(inner)) => record(inner, out, depth + 1)?,
        _ => return Err(Mismatch::Kind),
    }
    Ok(())
}

impl FieldKind {
    /// For an array: the kind of its items, and whether they are found by offsets.
    pub(super) fn item(self) -> Option<(Self, bool)> {
        use FieldKind as K;
        Some(match self {
            K::ArrayOfBoolean => (K::Boolean, false),
            K::ArrayOfInt8 => (K::Int8, false),
            K::ArrayOfInt16 => (K::Int16, false),
            K::ArrayOfInt32 => (K::Int32, false),
            K::ArrayOfInt64 => (K::Int64, false),
            K::ArrayOfFloat32 => (K::Float32, false),
            K::ArrayOfFloat64 => (K::Float64, false),
            K::ArrayOfNullableBoolean => (K::NullableBoolean, true),
            K::ArrayOfNullableInt8 => (K::NullableInt8, true),
            K::ArrayOfNullableInt16 => (K::NullableInt16, true),
            K::ArrayOfNullableInt32 => (K::NullableInt32, true),
            K::ArrayOfNullableInt64 => (K::NullableInt64, true),
            K::ArrayOfNullableFloat32 => (K::NullableFloat32, true),
            K::ArrayOfNullableFloat64 => (K::NullableFloat64, true),
            K::ArrayOfString => (K::String, true),
            K::ArrayOfDecimal => (K::Decimal, true),
            K::ArrayOfTime => (K::Time, true),
            K::ArrayOfDate => (K::Date, true),
            K::ArrayOfTimestamp => (K::Timestamp, true),
            K::ArrayOfTimestampWithTimezone => (K::TimestampWithTimezone, true),
            K::ArrayOfCompact => (K::Compact, true),
            _ => return None,
        })
    }
}
