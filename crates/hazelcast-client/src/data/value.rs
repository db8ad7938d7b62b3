//! A value that the client understands: a parameter of a statement, a key or a value of a map.

use bytes::Bytes;
use uuid::Uuid;

use super::compact::generic::CompactRecord;
use super::decimal::Decimal;
use super::portable::record::PortableRecord;
use super::temporal::{Date, Time, Timestamp, TimestampTz};
use crate::error::{Error, Result};

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

macro_rules! value_into {
    ($($variant:ident => $target:ty),* $(,)?) => {
        $(/// Only of this Java type: nothing is converted.
        impl TryFrom<Value> for $target {
            type Error = Error;

            fn try_from(value: Value) -> Result<Self> {
                match value {
                    Value::$variant(value) => Ok(value),
                    other => Err(other.is_not(stringify!($variant))),
                }
            }
        })*
    };
}

value_into! {
    Boolean => bool, TinyInt => i8, SmallInt => i16, Integer => i32, BigInt => i64, Real => f32, Double => f64,
    Decimal => Decimal, Varchar => String, Date => Date, Time => Time, Timestamp => Timestamp,
    TimestampTz => TimestampTz, Uuid => Uuid, Bytes => Vec<u8>, Compact => CompactRecord, Portable => PortableRecord,
}

impl Value {
    fn is_not(&self, wanted: &str) -> Error {
        // The name of the variant, without what it holds.
        let found = format!("{self:?}");
        let found = found.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        Error::InvalidArgument(format!("the value is {found}, not {wanted}"))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_what_they_are_and_nothing_else() {
        assert_eq!(i32::try_from(Value::from(7)).unwrap(), 7);
        assert_eq!(String::try_from(Value::from("x")).unwrap(), "x");
        assert_eq!(Vec::<u8>::try_from(Value::from(vec![1])).unwrap(), [1]);
        let error = i64::try_from(Value::from(7)).unwrap_err();
        assert_eq!(error.to_string(), "the value is Integer, not BigInt");
        let error = String::try_from(Value::Json("{}".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "the value is Json, not Varchar");
    }
}
