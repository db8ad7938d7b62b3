//! A value that lies in the bytes of a page.

use crate::data::decimal::DecimalRef;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};

/// A value of a [`Page`](crate::Page), borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// Null.
    Null,
    /// BOOLEAN
    Boolean(bool),
    /// TINYINT
    TinyInt(i8),
    /// SMALLINT
    SmallInt(i16),
    /// INTEGER
    Integer(i32),
    /// BIGINT
    BigInt(i64),
    /// REAL
    Real(f32),
    /// DOUBLE
    Double(f64),
    /// DECIMAL
    Decimal(DecimalRef<'a>),
    /// VARCHAR
    Varchar(&'a str),
    /// DATE
    Date(Date),
    /// TIME
    Time(Time),
    /// TIMESTAMP
    Timestamp(Timestamp),
    /// TIMESTAMP WITH TIME ZONE
    TimestampTz(TimestampTz),
    /// JSON, as text
    Json(&'a str),
    /// ROW, as text
    Row(&'a str),
    /// OBJECT: the serialized value
    Object(&'a [u8]),
}
