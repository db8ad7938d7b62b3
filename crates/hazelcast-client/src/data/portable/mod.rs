//! Portable records: each value has its name and type before it, so that they can be read without their class definition
//! (`PortableInternalGenericRecord`, `PortableContextImpl.readClassDefinition`).

pub(crate) mod read;
pub(crate) mod record;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use super::HEADER;
use super::big_endian::BigEndian;
use super::temporal::{Date, Time, Timestamp, TimestampTz};

macro_rules! field_types {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// The type of a field (`FieldType`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum PortableFieldType {
            $($(#[$doc])* $name = $id,)*
        }

        impl PortableFieldType {
            /// The type with this number in the protocol.
            pub fn from_id(id: u8) -> Option<Self> {
                match id {
                    $($id => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// All types.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

field_types! {
    /// Another record, or null.
    Portable = 0,
    /// `byte`
    Byte = 1,
    /// `boolean`
    Boolean = 2,
    /// `char`
    Char = 3,
    /// `short`
    Short = 4,
    /// `int`
    Int = 5,
    /// `long`
    Long = 6,
    /// `float`
    Float = 7,
    /// `double`
    Double = 8,
    /// `String`
    Utf = 9,
    /// Records.
    PortableArray = 10,
    /// `byte[]`
    ByteArray = 11,
    /// `boolean[]`
    BooleanArray = 12,
    /// `char[]`
    CharArray = 13,
    /// `short[]`
    ShortArray = 14,
    /// `int[]`
    IntArray = 15,
    /// `long[]`
    LongArray = 16,
    /// `float[]`
    FloatArray = 17,
    /// `double[]`
    DoubleArray = 18,
    /// `String[]`
    UtfArray = 19,
    /// `BigDecimal`
    Decimal = 20,
    /// `BigDecimal[]`
    DecimalArray = 21,
    /// `LocalTime`
    Time = 22,
    /// `LocalTime[]`
    TimeArray = 23,
    /// `LocalDate`
    Date = 24,
    /// `LocalDate[]`
    DateArray = 25,
    /// `LocalDateTime`
    Timestamp = 26,
    /// `LocalDateTime[]`
    TimestampArray = 27,
    /// `OffsetDateTime`
    TimestampWithTimezone = 28,
    /// `OffsetDateTime[]`
    TimestampWithTimezoneArray = 29,
}

/// Which class a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PortableId {
    /// The factory.
    pub factory_id: i32,
    /// The class.
    pub class_id: i32,
    /// The version of the class.
    pub version: i32,
}

/// A record whose parts have been found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// The whole serialized value: offsets count from its beginning.
    data: &'a [u8],
    pub(crate) id: PortableId,
    offsets: &'a [[u8; 4]],
}

/// A field as it is found in a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    /// One byte for each character.
    pub(crate) name: &'a [u8],
    pub(crate) field_type: PortableFieldType,
    pub(crate) value: BigEndian<'a>,
}

impl<'a> Record<'a> {
    /// The record that a serialized value is.
    pub(crate) fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = BigEndian(data.get(HEADER..)?);
        let id = PortableId { factory_id: reader.i32()?, class_id: reader.i32()?, version: reader.i32()? };
        let _end = reader.i32()?;
        let count = usize::try_from(reader.i32()?).ok()?;
        let (offsets, _) = reader.0.as_chunks::<4>();
        Some(Self { data, id, offsets: offsets.get(..count)? })
    }

    pub(crate) fn fields(&self) -> usize {
        self.offsets.len()
    }

    /// The field with this number; nothing if it isn't there or broken.
    #[inline]
    pub(crate) fn field(&self, index: usize) -> Option<Field<'a>> {
        Field::at(self.data, *self.offsets.get(index)?)
    }
}

impl<'a> Field<'a> {
    /// The field at an offset of a serialized value.
    #[inline]
    fn at(data: &'a [u8], offset: [u8; 4]) -> Option<Self> {
        let at = usize::try_from(i32::from_be_bytes(offset)).ok()?;
        let mut reader = BigEndian(data.get(at..)?);
        let length = usize::try_from(reader.i16()?).ok()?;
        let name = reader.take(length)?;
        let field_type = PortableFieldType::from_id(reader.u8()?)?;
        Some(Self { name, field_type, value: reader })
    }
}

/// A nullable value begins with whether it is null.
pub(crate) fn nullable<'a, T>(
    reader: &mut BigEndian<'a>,
    read: impl FnOnce(&mut BigEndian<'a>) -> Option<T>,
) -> Option<Option<T>> {
    if reader.u8()? != 0 { Some(None) } else { read(reader).map(Some) }
}

/// A text, or null for a length of -1.
pub(crate) fn text<'a>(reader: &mut BigEndian<'a>) -> Option<Option<&'a str>> {
    if reader.0.starts_with(&[0xff; 4]) {
        reader.take(4)?;
        return Some(None);
    }
    reader.text().map(Some)
}

/// `PortableUtil.readLocalDate`: years have 16 bits.
pub(crate) fn date(reader: &mut BigEndian<'_>) -> Option<Date> {
    Date::new(i32::from(reader.i16()?), reader.u8()?, reader.u8()?)
}

pub(crate) fn time(reader: &mut BigEndian<'_>) -> Option<Time> {
    reader.time()
}

pub(crate) fn timestamp(reader: &mut BigEndian<'_>) -> Option<Timestamp> {
    Some(Timestamp { date: date(reader)?, time: time(reader)? })
}

pub(crate) fn timestamp_tz(reader: &mut BigEndian<'_>) -> Option<TimestampTz> {
    let value = TimestampTz { local: timestamp(reader)?, offset_seconds: reader.i32()? };
    value.is_valid().then_some(value)
}
