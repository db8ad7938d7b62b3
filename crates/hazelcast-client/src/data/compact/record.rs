//! The bytes of a Compact record, read by its schema (`CompactInternalGenericRecord`).

use super::schema::{CompactSchema, FieldKind, Place};
use crate::data::big_endian::BigEndian;

/// A record whose parts have been found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// The values.
    data: &'a [u8],
    /// Where those without a fixed place are.
    offsets: &'a [u8],
    /// Bytes of such an offset.
    width: usize,
}

impl<'a> Record<'a> {
    /// What follows the schema's id; and how long it is.
    pub(crate) fn parse(schema: &CompactSchema, bytes: &'a [u8]) -> Option<(Self, usize)> {
        if schema.variable_fields == 0 {
            let data = bytes.get(..schema.fixed_length)?;
            return Some((Self { data, offsets: &[], width: 0 }, schema.fixed_length));
        }
        let mut reader = BigEndian(bytes);
        let length = usize::try_from(reader.i32()?).ok()?;
        let width = match length {
            ..255 => 1,
            255..65535 => 2,
            _ => 4,
        };
        let data = reader.take(length).filter(|data| data.len() >= schema.fixed_length)?;
        let offsets = reader.take(schema.variable_fields * width)?;
        Some((Self { data, offsets, width }, 4 + length + offsets.len()))
    }

    /// The bytes from a field's value on; `Some(None)` for a null, nothing if the record is broken.
    #[inline]
    pub(crate) fn field(&self, place: Place) -> Option<Option<BigEndian<'a>>> {
        match place {
            Place::Fixed(at) | Place::Bit(at, _) => self.data.get(at..).map(|rest| Some(BigEndian(rest))),
            Place::Variable(index) => {
                let at = index * self.width;
                let offset = match self.offsets.get(at..at + self.width)? {
                    [0xff] | [0xff, 0xff] | [0xff, 0xff, 0xff, 0xff] => return Some(None),
                    bytes => bytes.iter().fold(0usize, |offset, byte| offset << 8 | usize::from(*byte)),
                };
                self.data.get(offset..).map(|rest| Some(BigEndian(rest)))
            }
        }
    }
}

/// The kind that a nullable field's values have without being nullable.
pub(crate) fn value_kind(kind: FieldKind) -> FieldKind {
    match kind {
        FieldKind::NullableBoolean => FieldKind::Boolean,
        FieldKind::NullableInt8 => FieldKind::Int8,
        FieldKind::NullableInt16 => FieldKind::Int16,
        FieldKind::NullableInt32 => FieldKind::Int32,
        FieldKind::NullableInt64 => FieldKind::Int64,
        FieldKind::NullableFloat32 => FieldKind::Float32,
        FieldKind::NullableFloat64 => FieldKind::Float64,
        other => other,
    }
}

/// A boolean: a bit of a byte, or a whole byte where it may be null.
pub(crate) fn boolean(place: Place, byte: u8) -> bool {
    match place {
        Place::Bit(_, bit) => byte >> bit & 1 != 0,
        _ => byte != 0,
    }
}
