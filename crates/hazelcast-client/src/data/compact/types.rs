//! Rust types as Compact records and their fields: what `#[derive(Compact)]` is made of.

use std::sync::{Arc, LazyLock};

use super::generic::CompactRecord;
use super::schema::{CompactSchema, FieldKind};
use crate::data::decimal::Decimal;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};
use crate::data::value::Value;
use crate::error::{Error, Result};

/// A type whose values are Compact records. With the feature `compact` it is derived:
///
/// ```
/// # #[cfg(feature = "compact")] {
/// use hazelcast_client::Compact;
///
/// #[derive(Compact)]
/// #[compact(name = "movie")]
/// struct Movie {
///     id: i32,
///     title: String,
///     #[compact(name = "year_made")]
///     year: Option<i32>,
///     genres: Vec<String>,
/// }
/// # }
/// ```
///
/// Such a type is a [`ToData`](crate::ToData): maps take it as it is, and have the cluster know its schema first.
/// Fields of Rust's own types are of the kinds that Java's have (`i32` is `int`, `Option<i32>` is `Integer`, `Vec<u8>` is
/// `byte[]`); fields may be of types that are Compact themselves. A field that a record doesn't have is read as null
/// or, where there is none, is an error.
pub trait Compact: Sized + Sync {
    /// The schema.
    fn compact_schema() -> &'static Arc<CompactSchema>;

    /// The value as a record of that schema.
    fn to_record(&self) -> Result<CompactRecord>;

    /// The value of a record, whose schema may be another version of this type's.
    fn from_record(record: CompactRecord) -> Result<Self>;
}

/// A schema that is made once: for implementations of [`Compact`].
pub type LazySchema = LazyLock<Arc<CompactSchema>>;

/// A type that can be a field of a Compact record.
pub trait CompactType: Sized {
    /// The kind of the field.
    const KIND: FieldKind;

    /// The value for the field.
    fn to_value(&self) -> Result<Value>;

    /// The value of the field; [`Value::Null`] also when there is no such field. Nothing if it isn't of this type.
    fn from_value(value: Value) -> Option<Self>;
}

/// Takes a field out of a record, for implementations of [`Compact`].
pub fn take_field<T: CompactType>(record: &CompactRecord, name: &str) -> Result<T> {
    let value = record.get(name).cloned().unwrap_or(Value::Null);
    T::from_value(value).ok_or_else(|| {
        let type_name = record.schema().type_name();
        Error::InvalidArgument(format!("the field {name} of a {type_name} is missing or of another kind"))
    })
}

/// Types with a kind of their own, one that may be null, and arrays of both.
macro_rules! numbers {
    ($($type:ty, $variant:ident, $kind:ident, $array:ident, $nullable:ident, $nullable_array:ident;)*) => {
        $(
            scalar!($type, $variant, $kind);
            optional!($type, $nullable);
            list!(Option<$type>, $nullable_array);
        )*
    };
}

macro_rules! scalar {
    ($type:ty, $variant:ident, $kind:ident) => {
        impl CompactType for $type {
            const KIND: FieldKind = FieldKind::$kind;

            fn to_value(&self) -> Result<Value> {
                Ok(Value::$variant(self.clone()))
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::$variant(value) => Some(value),
                    _ => None,
                }
            }
        }
    };
}

macro_rules! optional {
    ($type:ty, $kind:ident) => {
        impl CompactType for Option<$type> {
            const KIND: FieldKind = FieldKind::$kind;

            fn to_value(&self) -> Result<Value> {
                self.as_ref().map_or(Ok(Value::Null), CompactType::to_value)
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Null => Some(None),
                    value => CompactType::from_value(value).map(Some),
                }
            }
        }
    };
}

/// An array, and one that may be null.
macro_rules! list {
    ($item:ty, $kind:ident) => {
        impl CompactType for Vec<$item> {
            const KIND: FieldKind = FieldKind::$kind;

            fn to_value(&self) -> Result<Value> {
                self.iter().map(CompactType::to_value).collect::<Result<_>>().map(Value::List)
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::List(items) | Value::Array(_, items) => {
                        items.into_iter().map(CompactType::from_value).collect()
                    }
                    _ => None,
                }
            }
        }

        optional!(Vec<$item>, $kind);
    };
}

numbers! {
    bool, Boolean, Boolean, ArrayOfBoolean, NullableBoolean, ArrayOfNullableBoolean;
    i8, TinyInt, Int8, ArrayOfInt8, NullableInt8, ArrayOfNullableInt8;
    i16, SmallInt, Int16, ArrayOfInt16, NullableInt16, ArrayOfNullableInt16;
    i32, Integer, Int32, ArrayOfInt32, NullableInt32, ArrayOfNullableInt32;
    i64, BigInt, Int64, ArrayOfInt64, NullableInt64, ArrayOfNullableInt64;
    f32, Real, Float32, ArrayOfFloat32, NullableFloat32, ArrayOfNullableFloat32;
    f64, Double, Float64, ArrayOfFloat64, NullableFloat64, ArrayOfNullableFloat64;
}

list!(bool, ArrayOfBoolean);
list!(i16, ArrayOfInt16);
list!(i32, ArrayOfInt32);
list!(i64, ArrayOfInt64);
list!(f32, ArrayOfFloat32);
list!(f64, ArrayOfFloat64);

/// Bytes go as they are.
impl CompactType for Vec<u8> {
    const KIND: FieldKind = FieldKind::ArrayOfInt8;

    fn to_value(&self) -> Result<Value> {
        Ok(Value::Bytes(self.clone()))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

optional!(Vec<u8>, ArrayOfInt8);

/// Types that may always be null, and arrays whose items may be.
macro_rules! objects {
    ($($type:ty, $variant:ident, $kind:ident, $array:ident;)*) => {
        $(
            scalar!($type, $variant, $kind);
            optional!($type, $kind);
            list!($type, $array);
            list!(Option<$type>, $array);
        )*
    };
}

objects! {
    String, Varchar, String, ArrayOfString;
    Decimal, Decimal, Decimal, ArrayOfDecimal;
    Time, Time, Time, ArrayOfTime;
    Date, Date, Date, ArrayOfDate;
    Timestamp, Timestamp, Timestamp, ArrayOfTimestamp;
    TimestampTz, TimestampTz, TimestampWithTimezone, ArrayOfTimestampWithTimezone;
}

impl<T: Compact> CompactType for T {
    const KIND: FieldKind = FieldKind::Compact;

    fn to_value(&self) -> Result<Value> {
        self.to_record().map(Value::Compact)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Compact(record) => T::from_record(record).ok(),
            _ => None,
        }
    }
}

impl<T: Compact> CompactType for Option<T> {
    const KIND: FieldKind = FieldKind::Compact;

    fn to_value(&self) -> Result<Value> {
        self.as_ref().map_or(Ok(Value::Null), CompactType::to_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl<T: Compact> CompactType for Vec<T> {
    const KIND: FieldKind = FieldKind::ArrayOfCompact;

    fn to_value(&self) -> Result<Value> {
        self.iter().map(CompactType::to_value).collect::<Result<_>>().map(Value::List)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            _ => None,
        }
    }
}
