//! Keys as Hazelcast's SQL writes them, from the values of a mapping's key columns.

use std::sync::Arc;

use super::format::EntryFormat;
use super::java_text::{self, quoted};
use super::layout::{EntryLayout, NeedsSql, Source};
use crate::data::Data;
use crate::data::compact::generic::CompactRecord;
use crate::data::compact::schema::{CompactSchema, FieldKind};
use crate::data::portable::record::PortableRecord;
use crate::data::portable::{PortableFieldType, PortableId};
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::sql::column::SqlColumnType as Type;

/// A key of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedKey {
    /// The key, serialized.
    pub data: Data,
    /// Whether this is the only form in which these values are stored. Otherwise SQL may find an entry that a look-up of this
    /// key doesn't: a JSON text of other blanks or another order, a decimal of another scale, a record of another schema.
    pub sure: bool,
}

impl EntryLayout {
    /// The key whose columns ([`EntryLayout::key_columns`]) have these values; each must be of its column's type.
    ///
    /// ```
    /// use hazelcast_client::{EntryColumn, EntryFormat, EntryLayout, SqlColumnType, Value};
    ///
    /// let column = |name: &str, external_name: &str| EntryColumn {
    ///     name: name.to_string(),
    ///     external_name: external_name.to_string(),
    ///     column_type: SqlColumnType::Integer,
    /// };
    /// let columns = [column("year", "__key.year"), column("nr", "__key.nr"), column("stars", "stars")];
    /// let layout = EntryLayout::new("reviews", EntryFormat::JsonFlat, EntryFormat::JsonFlat, columns);
    /// let key = layout.key(&[Value::Integer(1927), Value::Integer(3)])?;
    /// assert_eq!(key.data.to_value().unwrap(), Value::Json(r#"{"year":1927,"nr":3}"#.to_string()));
    /// # Ok::<(), hazelcast_client::NeedsSql>(())
    /// ```
    pub fn key(&self, values: &[Value]) -> Result<EncodedKey, NeedsSql> {
        let fields = self.fields(values)?;
        let encoded = match (&self.key, fields.as_slice()) {
            (EntryFormat::Basic(_), [(column, value)]) if column.path.is_none() => {
                value.to_data().ok().map(|data| EncodedKey { data, sure: is_sure(value) })
            }
            (EntryFormat::JsonFlat, fields) => json(fields).and_then(|text| unsure(&Value::Json(text))),
            (EntryFormat::Compact { type_name }, fields) => compact(type_name, fields),
            (EntryFormat::Portable { factory_id, class_id, version }, fields) => {
                let id = PortableId { factory_id: *factory_id, class_id: *class_id, version: *version };
                portable(id, fields)
            }
            _ => None,
        };
        encoded.ok_or_else(|| self.needs_sql("a key that this client doesn't write as SQL does"))
    }

    /// The same key as a Compact record of this schema, in which somebody else has written the map's keys. Nothing unless
    /// the schema has exactly the fields of the key columns, and the values fit it.
    pub fn key_of_schema(&self, values: &[Value], schema: &Arc<CompactSchema>) -> Option<Data> {
        let fields = self.fields(values).ok()?;
        if schema.fields().len() != fields.len() {
            return None;
        }
        let of = |name: &str| fields.iter().find(|(column, _)| column.path.as_deref() == Some(name));
        let values = schema.fields().iter().map(|field| of(&field.name).map(|(_, value)| (*value).clone()));
        CompactRecord::new(Arc::clone(schema), values.collect::<Option<_>>()?).ok()?.to_data().ok()
    }

    /// The values with their columns.
    fn fields<'a>(&'a self, values: &'a [Value]) -> Result<Vec<(&'a Source, &'a Value)>, NeedsSql> {
        if self.keys.len() != values.len() {
            return Err(self.needs_sql(format!(
                "{} values for {} key columns",
                values.len(),
                self.keys.len()
            )));
        }
        let columns = self.keys.iter().filter_map(|at| self.columns.get(*at));
        let fields: Vec<(&Source, &Value)> = columns.zip(values).collect();
        match fields.iter().find(|(column, value)| !fits(value, column.column_type)) {
            Some((column, _)) => {
                let name = &column.name;
                Err(self.needs_sql(format!("a key value is not of the type of column \"{name}\"")))
            }
            None => Ok(fields),
        }
    }
}

/// A key that may be stored in other forms as well.
fn unsure(key: &impl ToData) -> Option<EncodedKey> {
    Some(EncodedKey { data: key.to_data().ok()?, sure: false })
}

/// Whether a value is of a column's type. Only keys with parts have nulls, as members.
fn fits(value: &Value, column_type: Type) -> bool {
    matches!(
        (value, column_type),
        (Value::Null, _)
            | (Value::Boolean(_), Type::Boolean)
            | (Value::TinyInt(_), Type::TinyInt)
            | (Value::SmallInt(_), Type::SmallInt)
            | (Value::Integer(_), Type::Integer)
            | (Value::BigInt(_), Type::BigInt)
            | (Value::Real(_), Type::Real)
            | (Value::Double(_), Type::Double)
            | (Value::Decimal(_), Type::Decimal)
            | (Value::Varchar(_), Type::Varchar)
            | (Value::Json(_), Type::Json)
            | (Value::Date(_), Type::Date)
            | (Value::Time(_), Type::Time)
            | (Value::Timestamp(_), Type::Timestamp)
            | (Value::TimestampTz(_), Type::TimestampTz)
    )
}

/// Whether values that SQL takes for equal to this one have the same bytes.
fn is_sure(value: &Value) -> bool {
    match value {
        Value::Real(value) => *value != 0.0 && !value.is_nan(),
        Value::Double(value) => *value != 0.0 && !value.is_nan(),
        Value::Decimal(_) | Value::BigInteger(_) | Value::TimestampTz(_) | Value::Json(_) => false,
        // `StringPartitioningStrategy`, where it is configured, places these by what follows the sign.
        Value::Varchar(text) => !text.contains('@'),
        _ => true,
    }
}

/// `HazelcastJsonUpsertTarget`: all mapped members, in the order of the columns. Nothing for types whose text isn't known
/// for sure.
fn json(fields: &[(&Source, &Value)]) -> Option<String> {
    let mut text = String::from("{");
    for (index, (column, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        quoted(column.path.as_deref()?, &mut text);
        text.push(':');
        java_text::json(value, &mut text)?;
    }
    text.push('}');
    Some(text)
}

/// `MetadataCompactResolver`: the schema has the mapped fields.
fn compact(type_name: &str, fields: &[(&Source, &Value)]) -> Option<EncodedKey> {
    let mut record = CompactRecord::builder(type_name);
    for (column, value) in fields {
        let kind = FieldKind::of_column(column.column_type)?;
        record = record.field(column.path.as_deref()?, kind, (*value).clone());
    }
    unsure(&record.build().ok()?)
}

/// `MetadataPortableResolver`: the class has the mapped fields, in the order of the columns, unless the members know
/// another definition of it.
fn portable(id: PortableId, fields: &[(&Source, &Value)]) -> Option<EncodedKey> {
    let mut record = PortableRecord::builder(id);
    for (column, value) in fields {
        let field_type = match column.column_type {
            Type::Boolean => PortableFieldType::Boolean,
            Type::TinyInt => PortableFieldType::Byte,
            Type::SmallInt => PortableFieldType::Short,
            Type::Integer => PortableFieldType::Int,
            Type::BigInt => PortableFieldType::Long,
            Type::Real => PortableFieldType::Float,
            Type::Double => PortableFieldType::Double,
            Type::Decimal => PortableFieldType::Decimal,
            Type::Varchar => PortableFieldType::Utf,
            Type::Date => PortableFieldType::Date,
            Type::Time => PortableFieldType::Time,
            Type::Timestamp => PortableFieldType::Timestamp,
            Type::TimestampTz => PortableFieldType::TimestampWithTimezone,
            _ => return None,
        };
        record = record.field(column.path.as_deref()?, field_type, (*value).clone());
    }
    unsure(&record.build().ok()?)
}
