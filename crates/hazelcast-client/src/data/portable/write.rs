//! Portable records to bytes (`DefaultPortableWriter`). Offsets count from the beginning of the whole serialized value.

use super::PortableFieldType as Type;
use super::record::{PortableField, PortableRecord};
use crate::data::encode::{self, MAX_DEPTH};
use crate::data::temporal::{Date, Timestamp, TimestampTz};
use crate::data::value::{ArrayKind, Value};
use crate::error::{Error, Result};

/// Appends to bytes in which the serialized value begins at `base`.
pub(crate) struct Writer<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) base: usize,
}

impl Writer<'_> {
    fn int(&mut self, number: i32) {
        self.out.extend_from_slice(&number.to_be_bytes());
    }

    fn position(&self) -> Result<i32> {
        i32::try_from(self.out.len() - self.base).map_err(|_| invalid("a Portable record is too long"))
    }

    /// Writes where we are into a place that was left for it.
    fn note(&mut self, at: usize) -> Result<()> {
        let here = self.position()?.to_be_bytes();
        if let Some(place) = self.out.get_mut(at..at + 4) {
            place.copy_from_slice(&here);
        }
        Ok(())
    }

    /// Room for so many offsets; where it is.
    fn room(&mut self, count: usize) -> usize {
        let at = self.out.len();
        self.out.resize(at + 4 * count, 0);
        at
    }

    /// A record with its factory and class before it.
    pub(crate) fn record(&mut self, record: &PortableRecord, depth: usize) -> Result<()> {
        let (factory, class) = record.class();
        self.int(factory);
        self.int(class);
        self.body(record, depth)
    }

    /// `PortableSerializer.writeInternal`.
    fn body(&mut self, record: &PortableRecord, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(invalid("a Portable record is nested too deeply"));
        }
        self.int(record.id().version);
        let end = self.room(1);
        encode::count(record.fields().len(), self.out)?;
        let offsets = self.room(record.fields().len() + 1);
        for (index, field) in record.fields().iter().enumerate() {
            self.note(offsets + 4 * index)?;
            self.name(field)?;
            self.value(field, depth)?;
        }
        if let Some(raw) = record.raw_data() {
            self.note(offsets + 4 * record.fields().len())?;
            self.out.extend_from_slice(raw);
        }
        self.note(end)
    }

    fn name(&mut self, field: &PortableField) -> Result<()> {
        let length = i16::try_from(field.name.chars().count())
            .map_err(|_| invalid("the name of a Portable field is too long"))?;
        self.out.extend_from_slice(&length.to_be_bytes());
        for character in field.name.chars() {
            let byte = u8::try_from(character)
                .map_err(|_| invalid("the name of a Portable field has a character beyond U+00FF"))?;
            self.out.push(byte);
        }
        self.out.push(field.field_type as u8);
        Ok(())
    }

    fn value(&mut self, field: &PortableField, depth: usize) -> Result<()> {
        let wrong = || Err(invalid(format!("a value of field {} is not of its type", field.name)));
        match (field.field_type, &field.value) {
            (Type::Portable | Type::PortableArray, value) => return self.nested(field, value, depth),
            (Type::Byte, Value::TinyInt(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Boolean, Value::Boolean(value)) => self.out.push(u8::from(*value)),
            (Type::Char, Value::Character(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Short, Value::SmallInt(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Int, Value::Integer(value)) => self.int(*value),
            (Type::Long, Value::BigInt(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Float, Value::Real(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Double, Value::Double(value)) => self.out.extend_from_slice(&value.to_be_bytes()),
            (Type::Utf, Value::Varchar(text)) => encode::bytes(text.as_bytes(), self.out)?,
            (Type::Utf, Value::Null) => self.int(-1),
            (field_type, value) => match (item_of(field_type), value) {
                (Item::Nullable, Value::Null) => self.out.push(1),
                (Item::Nullable, value) => {
                    self.out.push(0);
                    return self.object(field_type, value).or_else(|_| wrong());
                }
                (Item::Array(_) | Item::Bytes | Item::Offsets(_), Value::Null) => self.int(-1),
                (Item::Bytes, Value::Bytes(bytes)) => encode::bytes(bytes, self.out)?,
                (Item::Array(kind), Value::Array(of, items)) if kind == *of => {
                    encode::array(kind, items, self.out)?;
                }
                (Item::Offsets(item), Value::List(items)) => {
                    encode::count(items.len(), self.out)?;
                    let offsets = self.room(items.len());
                    for (index, value) in items.iter().enumerate() {
                        self.note(offsets + 4 * index)?;
                        self.object(item, value).or_else(|_| wrong())?;
                    }
                }
                _ => return wrong(),
            },
        }
        Ok(())
    }

    /// A record or records within a record.
    fn nested(&mut self, field: &PortableField, value: &Value, depth: usize) -> Result<()> {
        let Some(class) = field.class else {
            return Err(invalid(format!("field {} has no record that names its class", field.name)));
        };
        let record = |value: &'_ Value| match value {
            Value::Portable(record) if record.class() == class => Ok(record.clone()),
            _ => Err(invalid(format!("a value of field {} is no record of its class", field.name))),
        };
        match (field.field_type, value) {
            (Type::Portable, value) => {
                self.out.push(u8::from(*value == Value::Null));
                self.class(class);
                if *value != Value::Null { self.body(&record(value)?, depth + 1) } else { Ok(()) }
            }
            (_, Value::Null) => {
                self.int(-1);
                self.class(class);
                Ok(())
            }
            (_, Value::List(items)) => {
                encode::count(items.len(), self.out)?;
                self.class(class);
                let offsets = self.room(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.note(offsets + 4 * index)?;
                    self.body(&record(item)?, depth + 1)?;
                }
                Ok(())
            }
            (_, other) => record(other).map(drop),
        }
    }

    fn class(&mut self, (factory, class): (i32, i32)) {
        self.int(factory);
        self.int(class);
    }

    /// A value of an object type, which is not null.
    fn object(&mut self, field_type: Type, value: &Value) -> Result<()> {
        match (field_type, value) {
            (Type::Decimal, Value::Decimal(value)) => {
                encode::bytes(value.unscaled(), self.out)?;
                self.int(value.scale());
            }
            (Type::Time, Value::Time(value)) => encode::time(*value, self.out),
            (Type::Date, Value::Date(value)) => self.date(*value)?,
            (Type::Timestamp, Value::Timestamp(value)) => self.timestamp(*value)?,
            (Type::TimestampWithTimezone, Value::TimestampTz(TimestampTz { local, offset_seconds })) => {
                self.timestamp(*local)?;
                self.int(*offset_seconds);
            }
            _ => return Err(invalid("not of its type")),
        }
        Ok(())
    }

    /// `PortableUtil.writeLocalDate`: years have 16 bits.
    fn date(&mut self, date: Date) -> Result<()> {
        let year = i16::try_from(date.year).map_err(|_| invalid("a year does not fit"))?;
        self.out.extend_from_slice(&year.to_be_bytes());
        self.out.extend_from_slice(&[date.month, date.day]);
        Ok(())
    }

    fn timestamp(&mut self, value: Timestamp) -> Result<()> {
        self.date(value.date)?;
        encode::time(value.time, self.out);
        Ok(())
    }
}

/// How the values of a type are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// Whether it is null before it.
    Nullable,
    /// `byte[]`
    Bytes,
    /// As arrays are everywhere.
    Array(ArrayKind),
    /// Objects of a type, with their offsets before them.
    Offsets(Type),
    /// Neither null nor an array, or a record.
    Plain,
}

pub(super) fn item_of(field_type: Type) -> Item {
    match field_type {
        Type::Decimal | Type::Time | Type::Date | Type::Timestamp | Type::TimestampWithTimezone => {
            Item::Nullable
        }
        Type::ByteArray => Item::Bytes,
        Type::BooleanArray => Item::Array(ArrayKind::Boolean),
        Type::CharArray => Item::Array(ArrayKind::Character),
        Type::ShortArray => Item::Array(ArrayKind::SmallInt),
        Type::IntArray => Item::Array(ArrayKind::Integer),
        Type::LongArray => Item::Array(ArrayKind::BigInt),
        Type::FloatArray => Item::Array(ArrayKind::Real),
        Type::DoubleArray => Item::Array(ArrayKind::Double),
        Type::UtfArray => Item::Array(ArrayKind::Varchar),
        Type::DecimalArray => Item::Offsets(Type::Decimal),
        Type::TimeArray => Item::Offsets(Type::Time),
        Type::DateArray => Item::Offsets(Type::Date),
        Type::TimestampArray => Item::Offsets(Type::Timestamp),
        Type::TimestampWithTimezoneArray => Item::Offsets(Type::TimestampWithTimezone),
        _ => Item::Plain,
    }
}

fn invalid(what: impl Into<String>) -> Error {
    Error::InvalidArgument(what.into())
}
