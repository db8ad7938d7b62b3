//! Keys and values that are one Java value: what is serialized, without a copy.

use super::cell::Cell;
use crate::data::big_endian::BigEndian;
use crate::data::{HEADER, type_id};

/// The value of serialized bytes, header included.
pub(super) fn scalar(data: &[u8]) -> Cell<'_> {
    let Some((type_id, payload)) = split(data) else { return BROKEN };
    let mut reader = BigEndian(payload);
    read(type_id, &mut reader).unwrap_or(BROKEN)
}

/// The type id and what follows the header.
#[inline]
pub(super) fn split(data: &[u8]) -> Option<(i32, &[u8])> {
    let (header, payload) = data.split_at_checked(HEADER)?;
    let type_id = i32::from_be_bytes(*header.last_chunk()?);
    Some((type_id, payload))
}

const BROKEN: Cell<'_> = Cell::Opaque("a serialized value that is broken");

fn read<'a>(type_id: i32, reader: &mut BigEndian<'a>) -> Option<Cell<'a>> {
    Some(match type_id {
        type_id::BYTE => Cell::Byte(reader.u8()?.cast_signed()),
        type_id::BOOLEAN => Cell::Bool(reader.u8()? != 0),
        type_id::CHARACTER => Cell::Char(reader.i16()?.cast_unsigned()),
        type_id::SHORT => Cell::Short(reader.i16()?),
        type_id::INTEGER => Cell::Int(reader.i32()?),
        type_id::LONG => Cell::Long(reader.i64()?),
        type_id::FLOAT => Cell::Float(reader.f32()?),
        type_id::DOUBLE => Cell::Double(reader.f64()?),
        type_id::STRING => Cell::Text(reader.text()?),
        type_id::JSON => Cell::Json(reader.text()?),
        type_id::BIG_INTEGER => Cell::BigInteger(reader.counted()?),
        type_id::BIG_DECIMAL => Cell::Decimal(reader.decimal()?),
        type_id::LOCAL_DATE => Cell::Date(reader.date()?),
        type_id::LOCAL_TIME => Cell::Time(reader.time()?),
        type_id::LOCAL_DATE_TIME => Cell::Timestamp(reader.timestamp()?),
        type_id::OFFSET_DATE_TIME => Cell::TimestampTz(reader.timestamp_tz()?),
        _ => Cell::Opaque("a value of another Java class"),
    })
}
