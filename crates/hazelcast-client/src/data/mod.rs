//! Serialized values ("Data"): what travels as parameters, in OBJECT columns, and as keys and values of maps.

pub(crate) mod big_endian;
pub(crate) mod compact;
pub(crate) mod decimal;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod murmur;
pub(crate) mod portable;
pub(crate) mod serializable;
pub(crate) mod temporal;
pub(crate) mod to_data;
pub(crate) mod value;

use bytes::Bytes;

use crate::error::{Error, Result};
use value::Value;

/// The type ids of serializers (`SerializationConstants` of Hazelcast).
pub(crate) mod type_id {
    pub(crate) const NULL: i32 = 0;
    pub(crate) const DATA_SERIALIZABLE: i32 = -2;
    pub(crate) const BYTE: i32 = -3;
    pub(crate) const BOOLEAN: i32 = -4;
    pub(crate) const CHARACTER: i32 = -5;
    pub(crate) const SHORT: i32 = -6;
    pub(crate) const INTEGER: i32 = -7;
    pub(crate) const LONG: i32 = -8;
    pub(crate) const FLOAT: i32 = -9;
    pub(crate) const DOUBLE: i32 = -10;
    pub(crate) const STRING: i32 = -11;
    pub(crate) const BYTE_ARRAY: i32 = -12;
    pub(crate) const BOOLEAN_ARRAY: i32 = -13;
    pub(crate) const CHARACTER_ARRAY: i32 = -14;
    pub(crate) const SHORT_ARRAY: i32 = -15;
    pub(crate) const INTEGER_ARRAY: i32 = -16;
    pub(crate) const LONG_ARRAY: i32 = -17;
    pub(crate) const FLOAT_ARRAY: i32 = -18;
    pub(crate) const DOUBLE_ARRAY: i32 = -19;
    pub(crate) const STRING_ARRAY: i32 = -20;
    pub(crate) const UUID: i32 = -21;
    pub(crate) const SIMPLE_ENTRY: i32 = -22;
    pub(crate) const SIMPLE_IMMUTABLE_ENTRY: i32 = -23;
    pub(crate) const DATE: i32 = -25;
    pub(crate) const BIG_INTEGER: i32 = -26;
    pub(crate) const BIG_DECIMAL: i32 = -27;
    pub(crate) const OBJECT_ARRAY: i32 = -28;
    pub(crate) const ARRAY_LIST: i32 = -29;
    pub(crate) const LINKED_LIST: i32 = -30;
    pub(crate) const HASH_MAP: i32 = -32;
    pub(crate) const LOCAL_DATE: i32 = -51;
    pub(crate) const LOCAL_TIME: i32 = -52;
    pub(crate) const LOCAL_DATE_TIME: i32 = -53;
    pub(crate) const OFFSET_DATE_TIME: i32 = -54;
    pub(crate) const PORTABLE: i32 = -1;
    pub(crate) const COMPACT: i32 = -55;
    pub(crate) const JSON: i32 = -130;
}

/// The partition hash and the type id.
pub(crate) const HEADER: usize = 8;

/// A serialized value, as members store it.
///
/// What comes from a member shares the memory of the message that it came in; [`Data::detached`] makes a copy of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Data(Bytes);

impl Data {
    /// From the bytes of a serialized value, its header of 8 bytes included; nothing if they are fewer.
    pub fn new(bytes: Bytes) -> Option<Self> {
        (bytes.len() >= HEADER).then_some(Self(bytes))
    }

    /// From bytes that were written with a header.
    pub(crate) fn from_bytes(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// A value, serialized. Nothing for a null, which has no serialized form.
    pub fn from_value(value: &Value) -> Result<Option<Self>> {
        if matches!(value, Value::Null) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        encode::encode(value, &mut bytes)?;
        Ok(Self::new(bytes.into()))
    }

    /// The value. What this client doesn't know is [`Value::Other`]; an error means that the bytes are broken.
    pub fn to_value(&self) -> Result<Value> {
        decode::decode(&self.0).map_err(Error::from)
    }

    /// The serialized bytes, with their header.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The type id of the serializer.
    pub fn type_id(&self) -> i32 {
        self.header(4)
    }

    /// What follows the header.
    pub fn payload(&self) -> &[u8] {
        self.0.get(HEADER..).unwrap_or_default()
    }

    fn header(&self, at: usize) -> i32 {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| i32::from_be_bytes(*bytes))
    }

    /// The text of a string or a JSON value, without a copy; nothing for other types, nulls, and broken values.
    pub fn text(&self) -> Option<&str> {
        if !matches!(self.type_id(), type_id::STRING | type_id::JSON) {
            return None;
        }
        let (length, text) = self.payload().split_first_chunk::<4>()?;
        std::str::from_utf8(text.get(..usize::try_from(i32::from_be_bytes(*length)).ok()?)?).ok()
    }

    /// Whether this is a JSON value (`HazelcastJsonValue`).
    pub fn is_json(&self) -> bool {
        self.type_id() == type_id::JSON
    }

    /// The schema of a Compact record ([`Client::compact_schema`](crate::Client::compact_schema)); nothing for other types.
    pub fn compact_schema_id(&self) -> Option<i64> {
        let id = self.payload().first_chunk().filter(|_| self.type_id() == type_id::COMPACT)?;
        Some(i64::from_be_bytes(*id))
    }

    /// The hash that decides on the partition: the one in the header if that has one, else that of the payload.
    pub fn partition_hash(&self) -> i32 {
        match self.header(0) {
            0 => murmur::hash(self.payload()),
            hash => hash,
        }
    }

    /// The partition of this key among `count` partitions.
    pub(crate) fn partition(&self, count: u32) -> u32 {
        partition_of_hash(self.partition_hash(), count)
    }

    /// A copy that keeps no message alive.
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }
}

/// `HashUtil.hashToIndex` of Hazelcast.
pub(crate) fn partition_of_hash(hash: i32, count: u32) -> u32 {
    if hash == i32::MIN { 0 } else { hash.unsigned_abs() % count.max(1) }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Data(type {}, {} bytes)", self.type_id(), self.0.len())
    }
}

impl Value {
    /// The value of serialized bytes, as [`ValueRef::Object`](crate::ValueRef::Object) holds them.
    pub fn from_data(bytes: &[u8]) -> Result<Self> {
        decode::decode(bytes).map_err(Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_place() {
        let data = |value: Value| Data::from_value(&value).unwrap().unwrap();
        assert_eq!(data(Value::Json("{}".to_string())).text(), Some("{}"));
        assert_eq!(data(Value::Varchar("é".to_string())).text(), Some("é"));
        assert_eq!(data(Value::Integer(1)).text(), None);
        let broken = data(Value::Varchar("abc".to_string()));
        assert_eq!(Data::new(broken.0.slice(..broken.0.len() - 1)).unwrap().text(), None);
    }
}
