//! Bytes to Portable records of any class.

use super::record::{PortableField, PortableRecord};
use super::write::{Item, item_of};
use super::{
    Field, PortableFieldType as Type, PortableId, date, nullable, text, time, timestamp, timestamp_tz,
};
use crate::data::big_endian::BigEndian;
use crate::data::encode::MAX_DEPTH;
use crate::data::value::{ArrayKind, Value};

/// Reads the records of one serialized value.
pub(crate) struct Reader<'a> {
    /// The whole serialized value: offsets count from its beginning.
    data: &'a [u8],
    /// How many bytes may still be read. Offsets of broken records can lead to the same bytes again and again; those of
    /// real ones never do.
    left: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, left: data.len() }
    }

    /// The record whose factory is at this place, and the place after it; nothing if it is broken.
    pub(crate) fn record(&mut self, at: usize) -> Option<(PortableRecord, usize)> {
        let mut reader = BigEndian(self.data.get(at..)?);
        let class = (reader.i32()?, reader.i32()?);
        self.body(class, at.checked_add(8)?, 0)
    }

    /// `DefaultPortableReader`: version, end, offsets of the fields and of what has no name, then all that.
    fn body(&mut self, class: (i32, i32), at: usize, depth: usize) -> Option<(PortableRecord, usize)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut reader = BigEndian(self.data.get(at..)?);
        let id = PortableId { factory_id: class.0, class_id: class.1, version: reader.i32()? };
        let end = usize::try_from(reader.i32()?).ok()?;
        let count = usize::try_from(reader.i32()?).ok()?;
        let (offsets, _) = reader.0.as_chunks::<4>();
        let offsets = offsets.get(..count)?;
        let raw =
            reader.0.get(4 * count..).and_then(<[u8]>::first_chunk).map(|raw| i32::from_be_bytes(*raw))?;
        self.spend(16 + 4 * count)?;
        if end > self.data.len() || end < at.checked_add(16 + 4 * count)? {
            return None;
        }
        let mut fields = Vec::with_capacity(count);
        for offset in offsets {
            fields.push(self.field(*offset, depth)?);
        }
        let raw = match raw {
            0 => None,
            at => {
                let bytes = self.data.get(usize::try_from(at).ok()?..end)?;
                self.spend(bytes.len())?;
                Some(bytes.to_vec())
            }
        };
        Some((PortableRecord::of(id, fields, raw), end))
    }

    fn field(&mut self, offset: [u8; 4], depth: usize) -> Option<PortableField> {
        let Field { name, field_type, value } = Field::at(self.data, offset)?;
        self.spend(3 + name.len())?;
        let name = name.iter().map(|byte| char::from(*byte)).collect();
        let (value, class) = match field_type {
            Type::Portable => self.nested(value, depth)?,
            Type::PortableArray => self.nested_array(value, depth)?,
            _ => (self.value(field_type, value)?, None),
        };
        Some(PortableField { name, field_type, value, class })
    }

    fn nested(&mut self, mut reader: BigEndian<'a>, depth: usize) -> Option<(Value, Option<(i32, i32)>)> {
        let null = reader.u8()? != 0;
        let class = (reader.i32()?, reader.i32()?);
        let value = match null {
            true => Value::Null,
            false => Value::Portable(self.body(class, self.place(reader), depth + 1)?.0),
        };
        Some((value, Some(class)))
    }

    fn nested_array(
        &mut self,
        mut reader: BigEndian<'a>,
        depth: usize,
    ) -> Option<(Value, Option<(i32, i32)>)> {
        let length = reader.i32()?;
        let class = (reader.i32()?, reader.i32()?);
        if length == -1 {
            return Some((Value::Null, Some(class)));
        }
        let mut items = Vec::new();
        for at in self.offsets(length, reader)? {
            items.push(Value::Portable(self.body(class, at, depth + 1)?.0));
        }
        Some((Value::List(items), Some(class)))
    }

    /// The offsets of the items of an array.
    fn offsets(
        &mut self,
        length: i32,
        reader: BigEndian<'a>,
    ) -> Option<impl Iterator<Item = usize> + use<'a>> {
        let length = usize::try_from(length).ok()?;
        let offsets = reader.0.as_chunks::<4>().0.get(..length)?;
        self.spend(4 * length)?;
        // What is negative lies beyond everything.
        Some(offsets.iter().map(|at| usize::try_from(i32::from_be_bytes(*at)).unwrap_or(usize::MAX)))
    }

    fn value(&mut self, field_type: Type, mut reader: BigEndian<'a>) -> Option<Value> {
        let before = reader.0.len();
        let value = match item_of(field_type) {
            Item::Plain => plain(field_type, &mut reader)?,
            Item::Nullable => {
                nullable(&mut reader, |reader| object(field_type, reader))?.unwrap_or(Value::Null)
            }
            _ if reader.0.starts_with(&[0xff; 4]) => {
                reader.i32()?;
                Value::Null
            }
            Item::Bytes => Value::Bytes(reader.counted()?.to_vec()),
            Item::Array(kind) => self.array(kind, &mut reader)?,
            Item::Offsets(item) => {
                let mut items = Vec::new();
                let length = reader.i32()?;
                for at in self.offsets(length, reader)? {
                    let mut reader = BigEndian(self.data.get(at..)?);
                    let before = reader.0.len();
                    items.push(object(item, &mut reader)?);
                    self.spend(before - reader.0.len())?;
                }
                Value::List(items)
            }
        };
        self.spend(before - reader.0.len())?;
        Some(value)
    }

    fn array(&mut self, kind: ArrayKind, reader: &mut BigEndian<'a>) -> Option<Value> {
        let count = usize::try_from(reader.i32()?).ok()?;
        // Every item has a byte at least.
        if count > self.left.min(reader.0.len()) {
            return None;
        }
        let item = |_| {
            Some(match kind {
                ArrayKind::Boolean => Value::Boolean(reader.u8()? != 0),
                ArrayKind::Character => Value::Character(reader.array().map(u16::from_be_bytes)?),
                ArrayKind::SmallInt => Value::SmallInt(reader.i16()?),
                ArrayKind::Integer => Value::Integer(reader.i32()?),
                ArrayKind::BigInt => Value::BigInt(reader.i64()?),
                ArrayKind::Real => Value::Real(reader.f32()?),
                ArrayKind::Double => Value::Double(reader.f64()?),
                ArrayKind::Varchar => text(reader)?.map_or(Value::Null, Value::from),
            })
        };
        (0..count).map(item).collect::<Option<_>>().map(|items| Value::Array(kind, items))
    }

    fn place(&self, reader: BigEndian<'a>) -> usize {
        self.data.len() - reader.0.len()
    }

    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        Some(())
    }
}

fn plain(field_type: Type, reader: &mut BigEndian<'_>) -> Option<Value> {
    Some(match field_type {
        Type::Byte => Value::TinyInt(reader.u8()?.cast_signed()),
        Type::Boolean => Value::Boolean(reader.u8()? != 0),
        Type::Char => Value::Character(reader.i16()?.cast_unsigned()),
        Type::Short => Value::SmallInt(reader.i16()?),
        Type::Int => Value::Integer(reader.i32()?),
        Type::Long => Value::BigInt(reader.i64()?),
        Type::Float => Value::Real(reader.f32()?),
        Type::Double => Value::Double(reader.f64()?),
        Type::Utf => text(reader)?.map_or(Value::Null, Value::from),
        _ => return None,
    })
}

fn object(field_type: Type, reader: &mut BigEndian<'_>) -> Option<Value> {
    Some(match field_type {
        Type::Decimal => Value::Decimal(reader.decimal()?.to_decimal()),
        Type::Time => Value::Time(time(reader)?),
        Type::Date => Value::Date(date(reader)?),
        Type::Timestamp => Value::Timestamp(timestamp(reader)?),
        Type::TimestampWithTimezone => Value::TimestampTz(timestamp_tz(reader)?),
        _ => return None,
    })
}
