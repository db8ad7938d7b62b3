//! Compact records and the cluster: schemas go before records, and are fetched when a record comes.

use crate::client::Client;
use crate::data::Data;
use crate::data::compact::generic::CompactRecord;
use crate::data::compact::read::{Unread, read};
use crate::data::compact::types::Compact;
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::error::{Error, Result};

/// How many schemas one record may need.
const MAX_SCHEMAS: usize = 1024;

impl Client {
    /// The serialized form of a key or value, whose schemas the cluster has when this returns. Maps do this by themselves.
    pub async fn to_data(&self, item: &(impl ToData + ?Sized)) -> Result<Data> {
        let mut schemas = Vec::new();
        item.schemas(&mut schemas);
        for schema in &schemas {
            self.send_compact_schema(schema).await?;
        }
        item.to_data()
    }

    /// The Compact record that a value is. Schemas that aren't known yet are fetched.
    pub async fn compact_record(&self, data: &Data) -> Result<CompactRecord> {
        for _ in 0..MAX_SCHEMAS {
            let schemas = &self.cluster().schemas;
            match read(data, &|id| schemas.get(id)) {
                Ok(record) => return Ok(record),
                Err(Unread::Malformed(malformed)) => return Err(malformed.into()),
                Err(Unread::Schema(id)) if self.compact_schema(id).await?.is_some() => {}
                Err(Unread::Schema(id)) => {
                    return Err(Error::Protocol(format!("the cluster has no schema with the id {id}")));
                }
            }
        }
        Err(Error::Protocol("a Compact record of too many schemas".to_string()))
    }

    /// A value as [`Data::to_value`] reads it, Compact records included.
    pub async fn value(&self, data: &Data) -> Result<Value> {
        match data.compact_schema_id() {
            Some(_) => self.compact_record(data).await.map(Value::Compact),
            None => data.to_value(),
        }
    }

    /// A value of a type that is [`Compact`].
    pub async fn from_compact<T: Compact>(&self, data: &Data) -> Result<T> {
        T::from_record(self.compact_record(data).await?)
    }
}
