//! A value that the client understands: a parameter of a statement, a key or a value of a map.

use bytes::Bytes;
use uuid::Uuid;

use super::compact::generic::CompactRecord;
use super::decimal::Decimal;
use super::portable::record::PortableRecord;
use super::temporal::{Date, Time, Timestamp, TimestampTz};

/// A Java value. As a parameter of a statement, each SQL type has one of these (the variant's comment names it).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BOOLEAN.
    Boolean(bool),
    /// TINYINT: `Byte`.
    TinyInt(i8),
    /// SMALLINT: `Short`.
    SmallInt(i16),
    /// INTEGER.
    Integer(i32),
    /// BIGINT: `Long`.
    BigInt(i64),
    /// REAL: `Float`.
    Real(f32),
    /// DOUBLE.
    Double(f64),
    /// DECIMAL: `BigDecimal`.
    Decimal(Decimal),
    /// `BigInteger` (DECIMAL accepts it); the scale of the decimal is 0.
    BigInteger(Decimal),
    /// VARCHAR: `String`.
    Varchar(String),
    /// `Character`: a UTF-16 code unit.
    Character(u16),
    /// DATE: `LocalDate`.
    Date(Date),
    /// TIME: `LocalTime`.
    Time(Time),
    /// TIMESTAMP: `LocalDateTime`.
    Timestamp(Timestamp),
    /// TIMESTAMP WITH TIME ZONE: `OffsetDateTime`.
    TimestampTz(TimestampTz),
    /// `java.util.Date`: milliseconds since 1970-01-01 UTC.
    JavaDate(i64),
    /// JSON: `HazelcastJsonValue`.
    Json(String),
    /// OBJECT: `UUID`.
    Uuid(Uuid),
    /// OBJECT: `byte[]`.
    Bytes(Vec<u8>),
    /// OBJECT: an array of a primitive type or of strings; its elements are of one variant.
    Array(ArrayKind, Vec<Value>),
    /// OBJECT: `Object[]`.
    Objects(Vec<Value>),
    /// OBJECT: `ArrayList` or `LinkedList` (read as one, written as `ArrayList`).
    List(Vec<Value>),
    /// OBJECT: a `HashMap` or another hash or tree map without an order of its own.
    Map(Vec<(Value, Value)>),
    /// A Compact record. Only written by this: to be read, its schema must be known, see
    /// [`Client::compact_record`](crate::Client::compact_record).
    Compact(CompactRecord),
    /// A Portable record.
    Portable(PortableRecord),
    /// Anything else: the type id and the bytes after it.
    Other {
        /// The type id of the serializer.
        type_id: i32,
        /// What that serializer wrote.
        payload: Bytes,
    },
}

/// The element type of a Java array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrayKind {
    /// `boolean[]`
    Boolean,
    /// `char[]`
    Character,
    /// `short[]`
    SmallInt,
    /// `int[]`
    Integer,
    /// `long[]`
    BigInt,
    /// `float[]`
    Real,
    /// `double[]`
    Double,
    /// `String[]`
    Varchar,
}

macro_rules! value_from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from! {
    bool => Boolean, i8 => TinyInt, i16 => SmallInt, i32 => Integer, i64 => BigInt, f32 => Real, f64 => Double,
    Decimal => Decimal, String => Varchar, &str => Varchar, Date => Date, Time => Time, Timestamp => Timestamp,
    TimestampTz => TimestampTz, Uuid => Uuid, Vec<u8> => Bytes,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
