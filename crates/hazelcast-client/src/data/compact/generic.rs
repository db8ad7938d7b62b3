//! Compact records of any schema (`GenericRecord` of Hazelcast).

use std::sync::Arc;

use super::schema::{CompactSchema, FieldKind};
use super::write;
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::data::{Data, type_id};
use crate::error::{Error, Result};

/// A Compact record: its schema, and a value for each field.
///
/// ```
/// use hazelcast_client::{CompactRecord, FieldKind, Value};
///
/// # fn main() -> hazelcast_client::Result<()> {
/// let movie = CompactRecord::builder("movie")
///     .field("id", FieldKind::Int32, 1)
///     .field("title", FieldKind::String, "Metropolis")
///     .field("rating", FieldKind::NullableFloat64, Value::Null)
///     .build()?;
/// assert_eq!(movie.get("title"), Some(&Value::from("Metropolis")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CompactRecord {
    schema: Arc<CompactSchema>,
    /// In the order of the schema's fields.
    values: Vec<Value>,
}

impl CompactRecord {
    /// Begins a record, field by field: its schema follows from them.
    pub fn builder(type_name: impl Into<String>) -> CompactRecordBuilder {
        CompactRecordBuilder { type_name: type_name.into(), fields: Vec::new() }
    }

    /// A record of a schema, with the values of its fields in the order of [`CompactSchema::fields`].
    pub fn new(schema: Arc<CompactSchema>, values: Vec<Value>) -> Result<Self> {
        if schema.fields().len() != values.len() {
            return Err(Error::InvalidArgument(format!(
                "{} fields of {} got {} values",
                schema.fields().len(),
                schema.type_name(),
                values.len()
            )));
        }
        let record = Self { schema, values };
        // Whatever can't be written is refused here.
        write::body(&record, &mut Vec::new(), 0)?;
        Ok(record)
    }

    pub(super) fn of(schema: Arc<CompactSchema>, values: Vec<Value>) -> Self {
        Self { schema, values }
    }

    /// The schema.
    pub fn schema(&self) -> &Arc<CompactSchema> {
        &self.schema
    }

    /// The value of a field. Nothing if there is no such field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let index = self.schema.fields().iter().position(|known| known.name == field)?;
        self.values.get(index)
    }

    /// The values, in the order of the schema's fields.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The schemas of this record and of those in it.
    pub(crate) fn collect_schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        if !schemas.iter().any(|known| known.id() == self.schema.id()) {
            schemas.push(Arc::clone(&self.schema));
        }
        self.values.iter().for_each(|value| value.collect_schemas(schemas));
    }
}

impl ToData for CompactRecord {
    fn to_data(&self) -> Result<Data> {
        let mut bytes = vec![0; 4];
        bytes.extend_from_slice(&type_id::COMPACT.to_be_bytes());
        write::record(self, &mut bytes, 0)?;
        Ok(Data::from_bytes(bytes.into()))
    }

    fn schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        self.collect_schemas(schemas);
    }
}

/// A record under construction. Made by [`CompactRecord::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct CompactRecordBuilder {
    type_name: String,
    fields: Vec<(String, FieldKind, Value)>,
}

impl CompactRecordBuilder {
    /// Adds a field. Its value must be of the field's kind: a [`Value::Array`] or [`Value::List`] for an array, a
    /// [`Value::Compact`] for another record, [`Value::Null`] where the kind has room for one.
    pub fn field(mut self, name: impl Into<String>, kind: FieldKind, value: impl Into<Value>) -> Self {
        self.fields.push((name.into(), kind, value.into()));
        self
    }

    /// The record, or an error for a value that isn't of its field's kind, or a name that comes twice.
    pub fn build(self) -> Result<CompactRecord> {
        let kinds = self.fields.iter().map(|(name, kind, _)| (name.as_str(), *kind));
        let schema = CompactSchema::new(self.type_name, kinds);
        if schema.fields().len() != self.fields.len() {
            return Err(Error::InvalidArgument(format!("{} has two fields of one name", schema.type_name())));
        }
        let mut fields = self.fields;
        let order = |name: &str| schema.fields().iter().position(|field| field.name == name);
        fields.sort_by_key(|(name, ..)| order(name));
        let values = fields.into_iter().map(|(.., value)| value).collect();
        CompactRecord::new(Arc::new(schema), values)
    }
}

impl From<CompactRecord> for Value {
    fn from(record: CompactRecord) -> Self {
        Self::Compact(record)
    }
}

impl Value {
    /// The schemas of the Compact records in this value.
    pub(crate) fn collect_schemas(&self, schemas: &mut Vec<Arc<CompactSchema>>) {
        match self {
            Self::Compact(record) => record.collect_schemas(schemas),
            Self::List(items) | Self::Objects(items) => {
                items.iter().for_each(|item| item.collect_schemas(schemas));
            }
            Self::Map(entries) => entries.iter().for_each(|(key, value)| {
                key.collect_schemas(schemas);
                value.collect_schemas(schemas);
            }),
            _ => {}
        }
    }
}
