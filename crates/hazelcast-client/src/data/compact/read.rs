//! Bytes to Compact records of any schema.

use std::sync::Arc;

use super::generic::CompactRecord;
use super::record::{Record, boolean, value_kind};
use super::schema::{CompactField, CompactSchema, FieldKind};
use crate::data::big_endian::BigEndian;
use crate::data::encode::MAX_DEPTH;
use crate::data::value::Value;
use crate::data::{Data, type_id};
use crate::error::Malformed;

/// Why a record isn't read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is of a schema that has to be fetched first.
    Schema(i64),
    Malformed(Malformed),
}

const BROKEN: Unread = Unread::Malformed(Malformed("broken Compact record"));

/// Where schemas come from.
pub(crate) type Known<'a> = &'a dyn Fn(i64) -> Option<Arc<CompactSchema>>;

/// The record that serialized bytes are, if they are one.
pub(crate) fn read(data: &Data, known: Known<'_>) -> Result<CompactRecord, Unread> {
    if data.type_id() != type_id::COMPACT {
        return Err(Unread::Malformed(Malformed("not a Compact record")));
    }
    record(&mut BigEndian(data.payload()), known, 0)
}

/// A record from its schema's id on. The reader is after it then.
fn record(reader: &mut BigEndian<'_>, known: Known<'_>, depth: usize) -> Result<CompactRecord, Unread> {
    if depth > MAX_DEPTH {
        return Err(Unread::Malformed(Malformed("Compact record is nested too deeply")));
    }
    let id = reader.i64().ok_or(BROKEN)?;
    let schema = known(id).ok_or(Unread::Schema(id))?;
    let (body, length) = Record::parse(&schema, reader.0).ok_or(BROKEN)?;
    reader.take(length).ok_or(BROKEN)?;
    let values = schema.fields().iter().map(|field| value(body, field, known, depth));
    let values = values.collect::<Result<_, _>>()?;
    Ok(CompactRecord::of(schema, values))
}

fn value(body: Record<'_>, field: &CompactField, known: Known<'_>, depth: usize) -> Result<Value, Unread> {
    let Some(mut reader) = body.field(field.place).ok_or(BROKEN)? else { return Ok(Value::Null) };
    if field.kind == FieldKind::Boolean {
        return Ok(Value::Boolean(boolean(field.place, reader.u8().ok_or(BROKEN)?)));
    }
    match field.kind.item() {
        None => scalar(field.kind, &mut reader, known, depth),
        Some((FieldKind::Boolean, false)) => bits(&mut reader).ok_or(BROKEN),
        Some((FieldKind::Int8, false)) => {
            reader.counted().map(|bytes| Value::Bytes(bytes.to_vec())).ok_or(BROKEN)
        }
        Some((item, false)) => {
            let count = count(&mut reader, item.fixed_size().unwrap_or(1)).ok_or(BROKEN)?;
            let items = (0..count).map(|_| scalar(item, &mut reader, known, depth));
            items.collect::<Result<_, _>>().map(Value::List)
        }
        Some((item, true)) => by_offsets(item, &mut reader, known, depth),
    }
}

/// A count of items of a width, no more than there are bytes.
fn count(reader: &mut BigEndian<'_>, width: usize) -> Option<usize> {
    let count = usize::try_from(reader.i32()?).ok()?;
    (count.checked_mul(width)? <= reader.0.len()).then_some(count)
}

fn bits(reader: &mut BigEndian<'_>) -> Option<Value> {
    let count = usize::try_from(reader.i32()?).ok()?;
    let bytes = reader.take(count.div_ceil(8))?;
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 != 0);
    Some(Value::List((0..count).map(|at| Value::Boolean(bit(at))).collect()))
}

fn by_offsets(
    item: FieldKind,
    reader: &mut BigEndian<'_>,
    known: Known<'_>,
    depth: usize,
) -> Result<Value, Unread> {
    let length = reader.i32().and_then(|length| usize::try_from(length).ok()).ok_or(BROKEN)?;
    let width = match length {
        ..255 => 1,
        255..65535 => 2,
        _ => 4,
    };
    let count = count(reader, width).ok_or(BROKEN)?;
    let data = reader.take(length).ok_or(BROKEN)?;
    let offsets = reader.take(count * width).ok_or(BROKEN)?;
    let items = offsets.chunks_exact(width).map(|offset| {
        if offset.iter().all(|byte| *byte == 0xff) {
            return Ok(Value::Null);
        }
        let at = offset.iter().fold(0usize, |at, byte| at << 8 | usize::from(*byte));
        scalar(item, &mut BigEndian(data.get(at..).ok_or(BROKEN)?), known, depth)
    });
    items.collect::<Result<_, _>>().map(Value::List)
}

fn scalar(
    kind: FieldKind,
    reader: &mut BigEndian<'_>,
    known: Known<'_>,
    depth: usize,
) -> Result<Value, Unread> {
    if kind == FieldKind::Compact {
        return record(reader, known, depth + 1).map(Value::Compact);
    }
    let value = match value_kind(kind) {
        FieldKind::Boolean => reader.u8().map(|byte| Value::Boolean(byte != 0)),
        FieldKind::Int8 => reader.u8().map(|byte| Value::TinyInt(byte.cast_signed())),
        FieldKind::Int16 => reader.i16().map(Value::SmallInt),
        FieldKind::Int32 => reader.i32().map(Value::Integer),
        FieldKind::Int64 => reader.i64().map(Value::BigInt),
        FieldKind::Float32 => reader.f32().map(Value::Real),
        FieldKind::Float64 => reader.f64().map(Value::Double),
        FieldKind::String => reader.text().map(|text| Value::Varchar(text.to_string())),
        FieldKind::Decimal => reader.decimal().map(|value| Value::Decimal(value.to_decimal())),
        FieldKind::Time => reader.time().map(Value::Time),
        FieldKind::Date => reader.date().map(Value::Date),
        FieldKind::Timestamp => reader.timestamp().map(Value::Timestamp),
        FieldKind::TimestampWithTimezone => reader.timestamp_tz().map(Value::TimestampTz),
        _ => None,
    };
    value.ok_or(BROKEN)
}
