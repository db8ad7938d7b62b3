//! Portable records of any class (`GenericRecord` of Hazelcast).

use super::write::Writer;
use super::{PortableFieldType, PortableId};
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::error::{Error, Result};

/// A Portable record: its class, and the fields as their writer named and ordered them. The stream has all of that, so
/// that any record can be read without its class.
///
/// ```
/// use hazelcast_client::{PortableFieldType, PortableId, PortableRecord, Value};
///
/// # fn main() -> hazelcast_client::Result<()> {
/// let movie = PortableRecord::builder(PortableId { factory_id: 1, class_id: 2, version: 0 })
///     .field("id", PortableFieldType::Int, 1)
///     .field("title", PortableFieldType::Utf, "Metropolis")
///     .build()?;
/// assert_eq!(movie.get("title"), Some(&Value::from("Metropolis")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PortableRecord {
    id: PortableId,
    fields: Vec<PortableField>,
    raw: Option<Vec<u8>>,
}

/// A field of a [`PortableRecord`].
#[derive(Debug, Clone, PartialEq)]
pub struct PortableField {
    /// The name.
    pub name: String,
    /// The type.
    pub field_type: PortableFieldType,
    /// The value: a [`Value::Array`], [`Value::Bytes`] or [`Value::List`] for an array, [`Value::Portable`] for a record.
    pub value: Value,
    /// Which class the records of this field are of: factory and class. Fields of other types have none.
    pub class: Option<(i32, i32)>,
}

impl PortableRecord {
    /// Begins a record, field by field.
    pub fn builder(id: PortableId) -> PortableRecordBuilder {
        PortableRecordBuilder { id, fields: Vec::new(), raw: None }
    }

    pub(super) fn of(id: PortableId, fields: Vec<PortableField>, raw: Option<Vec<u8>>) -> Self {
        Self { id, fields, raw }
    }

    /// The class.
    pub fn id(&self) -> PortableId {
        self.id
    }

    /// The fields, in the order in which they were written.
    pub fn fields(&self) -> &[PortableField] {
        &self.fields
    }

    /// The value of a field. Nothing if there is no such field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.iter().find(|known| known.name == field).map(|known| &known.value)
    }

    /// What the class wrote without names after its fields (`PortableWriter.getRawDataOutput`).
    pub fn raw_data(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }
}

impl ToData for PortableRecord {
    fn to_data(&self) -> Result<Data> {
        Value::Portable(self.clone()).to_data()
    }
}

impl From<PortableRecord> for Value {
    fn from(record: PortableRecord) -> Self {
        Self::Portable(record)
    }
}

/// A record under construction. Made by [`PortableRecord::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct PortableRecordBuilder {
    id: PortableId,
    fields: Vec<PortableField>,
    raw: Option<Vec<u8>>,
}

impl PortableRecordBuilder {
    /// Adds a field, whose value must be of its type. Members take the first record of a class for its definition: all
    /// must have the same fields in the same order.
    pub fn field(
        mut self,
        name: impl Into<String>,
        field_type: PortableFieldType,
        value: impl Into<Value>,
    ) -> Self {
        let value = value.into();
        let class = match (&value, field_type) {
            (Value::Portable(record), _) => Some(record.class()),
            (Value::List(items), PortableFieldType::PortableArray) => {
                items.iter().find_map(|item| match item {
                    Value::Portable(record) => Some(record.class()),
                    _ => None,
                })
            }
            _ => None,
        };
        self.fields.push(PortableField { name: name.into(), field_type, value, class });
        self
    }

    /// Adds a field of records, of a factory and a class: the value may be null, or a list without items.
    pub fn nested(
        mut self,
        name: impl Into<String>,
        field_type: PortableFieldType,
        class: (i32, i32),
        value: impl Into<Value>,
    ) -> Self {
        self.fields.push(PortableField {
            name: name.into(),
            field_type,
            value: value.into(),
            class: Some(class),
        });
        self
    }

    /// Adds bytes without a name after the fields.
    pub fn raw_data(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw = Some(bytes.into());
        self
    }

    /// The record, or an error for a value that isn't of its field's type, or a name that comes twice or is no Latin-1.
    pub fn build(self) -> Result<PortableRecord> {
        let mut names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(Error::InvalidArgument("a Portable record has two fields of one name".to_string()));
        }
        let record = PortableRecord { id: self.id, fields: self.fields, raw: self.raw };
        Writer { out: &mut Vec::new(), base: 0 }.record(&record, 0)?;
        Ok(record)
    }
}

impl PortableRecord {
    /// Factory and class.
    pub(super) fn class(&self) -> (i32, i32) {
        (self.id.factory_id, self.id.class_id)
    }
}
