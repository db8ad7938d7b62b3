//! Values, as the row executor and the formats handle them. A value does not know its type: the expression that
//! makes it does (`text`, `name`, `varchar` and `json` are all [`Value::Text`]).

use std::sync::Arc;

use crate::{Array, Interval, Numeric, Oid, Other};

/// A value of some PostgreSQL type.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// NULL of any type.
    #[default]
    Null,
    /// `bool`
    Bool(bool),
    /// `"char"`: one byte
    Char(u8),
    /// `int2`
    Int2(i16),
    /// `int4`
    Int4(i32),
    /// `int8`
    Int8(i64),
    /// `oid` and its relatives: `regclass` and all other reg types, `xid`, `cid`
    Oid(Oid),
    /// `float4`
    Float4(f32),
    /// `float8`
    Float8(f64),
    /// `numeric`
    Numeric(Arc<Numeric>),
    /// `text`, `varchar`, `bpchar` (padded to its length), `name`, `json`, `xml`, `unknown`, `cstring`, `aclitem`,
    /// `pg_node_tree`, `refcursor`, and any other type that is kept in its text form
    Text(Arc<str>),
    /// `bytea`
    Bytea(Arc<[u8]>),
    /// `date`: days since 2000-01-01; `i32::MAX` and `i32::MIN` are the infinities
    Date(i32),
    /// `time`: microseconds since midnight, 0 to 86 400 000 000
    Time(i64),
    /// `timetz`: microseconds since midnight, and the zone in seconds *west* of UTC
    TimeTz(i64, i32),
    /// `timestamp`: microseconds since 2000-01-01 00:00; `i64::MAX` and `i64::MIN` are the infinities
    Timestamp(i64),
    /// `timestamptz`: microseconds since 2000-01-01 00:00 UTC; infinities as for `timestamp`
    TimestampTz(i64),
    /// `interval`
    Interval(Interval),
    /// `uuid`
    Uuid([u8; 16]),
    /// `jsonb`: its canonical text, as `jsonb_out` writes it
    Jsonb(Arc<str>),
    /// any array type, and `int2vector`, `oidvector`
    Array(Arc<Array>),
    /// `record` and composite types
    Record(Arc<Record>),
    /// a value of one of the types of [`crate::other`]
    Other(Arc<Other>),
    /// `void`
    Void,
}

/// A composite value.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The types of the fields.
    pub types: Vec<Oid>,
    /// The names of the fields (`f1`, `f2` … when made by `ROW`).
    pub names: Vec<Arc<str>>,
    /// The fields.
    pub fields: Vec<Value>,
}

impl Value {
    /// A text-like value.
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The truth of a `bool`; NULL, and anything that is no `bool`, is not true.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// The text of a text-like value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Jsonb(text) => Some(text),
            _ => None,
        }
    }

    /// The value of any integer type, oids included.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Value::Int2(i) => Some(i.into()),
            Value::Int4(i) => Some(i.into()),
            Value::Int8(i) => Some(i),
            Value::Oid(oid) => Some(oid.0.into()),
            _ => None,
        }
    }
}

/// Structural equality, for tests and plans: `NULL = NULL`, NaN equals itself, numerics compare with their scale.
/// SQL's `=` is a function of `pg_proc`, not this.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        use Value::*;
        match (self, other) {
            (Null, Null) | (Void, Void) => true,
            (Bool(a), Bool(b)) => a == b,
            (Char(a), Char(b)) => a == b,
            (Int2(a), Int2(b)) => a == b,
            (Int4(a), Int4(b)) => a == b,
            (Int8(a), Int8(b)) => a == b,
            (Oid(a), Oid(b)) => a == b,
            (Float4(a), Float4(b)) => a.to_bits() == b.to_bits(),
            (Float8(a), Float8(b)) => a.to_bits() == b.to_bits(),
            (Numeric(a), Numeric(b)) => a == b,
            (Text(a), Text(b)) | (Jsonb(a), Jsonb(b)) => a == b,
            (Bytea(a), Bytea(b)) => a == b,
            (Date(a), Date(b)) => a == b,
            (Time(a), Time(b)) | (Timestamp(a), Timestamp(b)) | (TimestampTz(a), TimestampTz(b)) => a == b,
            (TimeTz(a, x), TimeTz(b, y)) => a == b && x == y,
            (Interval(a), Interval(b)) => a == b,
            (Uuid(a), Uuid(b)) => a == b,
            (Array(a), Array(b)) => a == b,
            (Record(a), Record(b)) => a == b,
            (Other(a), Other(b)) => a == b,
            _ => false,
        }
    }
}
