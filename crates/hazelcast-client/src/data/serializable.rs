//! `IdentifiedDataSerializable`: how objects of Hazelcast's own classes are written (predicates, projections, aggregators).

use bytes::Bytes;

use super::value::Value;
use super::{Data, encode, type_id};
use crate::error::{Error, Result};

/// The bytes of an object of one of Hazelcast's classes, without the partition hash: type id, factory, class, fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObjectWriter {
    bytes: Vec<u8>,
}

impl ObjectWriter {
    /// `DataSerializableSerializer.write`: identified, then who makes the object on the other side.
    pub(crate) fn new(factory: i32, class: i32) -> Self {
        let mut writer = Self { bytes: Vec::with_capacity(64) };
        writer.i32(type_id::DATA_SERIALIZABLE);
        writer.bool(true);
        writer.i32(factory);
        writer.i32(class);
        writer
    }

    /// An object that is serialized already.
    pub(crate) fn of_data(data: &Data) -> Self {
        Self { bytes: data.as_bytes().get(4..).unwrap_or_default().to_vec() }
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    /// A count, as Java has it.
    pub(crate) fn count(&mut self, count: usize) -> Result<()> {
        let count = i32::try_from(count).map_err(|_| Error::InvalidArgument("value is too long".to_string()));
        self.i32(count?);
        Ok(())
    }

    pub(crate) fn str(&mut self, text: &str) -> Result<()> {
        self.count(text.len())?;
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    pub(crate) fn nullable_str(&mut self, text: Option<&str>) -> Result<()> {
        match text {
            Some(text) => self.str(text),
            None => {
                self.i32(-1);
                Ok(())
            }
        }
    }

    /// A value as an object: its type id and what it is made of.
    pub(crate) fn value(&mut self, value: &Value) -> Result<()> {
        encode::inline(value, &mut self.bytes, None, 0)
    }

    /// A serialized value as an object: without its partition hash.
    pub(crate) fn data(&mut self, data: &Data) {
        self.bytes.extend_from_slice(data.as_bytes().get(4..).unwrap_or_default());
    }

    pub(crate) fn object(&mut self, object: &Self) {
        self.bytes.extend_from_slice(&object.bytes);
    }

    /// The object by itself.
    pub(crate) fn finish(self) -> Data {
        let mut bytes = vec![0; 4];
        bytes.extend_from_slice(&self.bytes);
        Data::from_bytes(Bytes::from(bytes))
    }
}
