//! What keys and values of maps can be made of.

use std::sync::Arc;

use uuid::Uuid;

use super::Data;
use super::compact::schema::CompactSchema;
use super::decimal::Decimal;
use super::temporal::{Date, Time, Timestamp, TimestampTz};
use super::value::Value;
use crate::error::{Error, Result};

/// A key or a value for a map: a scalar, a text, a [`Value`], or [`Data`] that is serialized already.
///
/// A map compares keys by their bytes, so a key must be of the Java type that the map's keys have: `1i32` is an
/// `Integer`, which is not found as a `Long`.
pub trait ToData: Sync {
    /// The serialized form.
    fn to_data(&self) -> Result<Data>;

    /// Adds the schemas of the Compact records in it: members must have them before it is sent.
    fn schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        let _ = schemas;
    }
}

impl ToData for Data {
    fn to_data(&self) -> Result<Data> {
        Ok(self.clone())
    }
}

impl ToData for Value {
    fn to_data(&self) -> Result<Data> {
        Data::from_value(self)?.ok_or_else(|| {
            Error::InvalidArgument("maps have no nulls, neither as keys nor as values".to_string())
        })
    }

    fn schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        self.collect_schemas(schemas);
    }
}

impl<T: ToData + ?Sized> ToData for &T {
    fn to_data(&self) -> Result<Data> {
        T::to_data(self)
    }

    fn schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        T::schemas(self, schemas);
    }
}

macro_rules! to_data {
    ($($type:ty),* $(,)?) => {
        $(impl ToData for $type {
            fn to_data(&self) -> Result<Data> {
                Value::from(self.to_owned()).to_data()
            }
        })*
    };
}

to_data!(
    bool,
    i8,
    i16,
    i32,
    i64,
    f32,
    f64,
    str,
    String,
    Vec<u8>,
    Decimal,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Uuid
);
