//! Keys as Hazelcast's SQL writes them, from the values of a mapping's key columns.

use std::fmt::Write;

use super::format::EntryFormat;
use super::layout::{EntryLayout, NeedsSql, Source};
use crate::data::Data;
use crate::data::compact::generic::CompactRecord;
use crate::data::compact::schema::FieldKind;
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
    /// The key whose columns, in the layout's order, have these values; each must be of its column's type.
    pub fn key(&self, values: &[Value]) -> Result<EncodedKey, NeedsSql> {
        let columns: Vec<&Source> = self.columns.iter().filter(|column| column.is_key).collect();
        if columns.len() != values.len() {
            return Err(self.needs_sql(format!("{} values for {} key columns", values.len(), columns.len())));
        }
        let fields: Vec<(&Source, &Value)> = columns.into_iter().zip(values).collect();
        if let Some((column, _)) = fields.iter().find(|(column, value)| !fits(value, column.column_type)) {
            return Err(
                self.needs_sql(format!("a key value is not of the type of column \"{}\"", column.name))
            );
        }
        let encoded = match (&self.key, fields.as_slice()) {
            (EntryFormat::Basic(_), [(column, value)]) if column.path.is_none() => {
                value.to_data().ok().map(|data| EncodedKey { data, sure: is_sure(value) })
            }
            (EntryFormat::JsonFlat, fields) => json(fields)
                .and_then(|text| Value::Json(text).to_data().ok())
                .map(|data| EncodedKey { data, sure: false }),
            (EntryFormat::Compact { type_name }, fields) => compact(type_name, fields),
            _ => None,
        };
        encoded.ok_or_else(|| self.needs_sql("a key that this client doesn't write as SQL does"))
    }
}

/// Whether a value is of a column's type. Only JSON and Compact keys have nulls, as members.
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
        quoted(column.path.as_deref()?, &mut text)?;
        text.push(':');
        match value {
            Value::Null => text.push_str("null"),
            Value::Boolean(value) => write!(text, "{value}").ok()?,
            Value::TinyInt(value) => write!(text, "{value}").ok()?,
            Value::SmallInt(value) => write!(text, "{value}").ok()?,
            Value::Integer(value) => write!(text, "{value}").ok()?,
            Value::BigInt(value) => write!(text, "{value}").ok()?,
            Value::Varchar(value) => quoted(value, &mut text)?,
            Value::Date(date) if (0..=9999).contains(&date.year) => {
                write!(text, "\"{:04}-{:02}-{:02}\"", date.year, date.month, date.day).ok()?;
            }
            _ => return None,
        }
    }
    text.push('}');
    Some(text)
}

/// Quotes and backslashes are escaped; how other characters are depends on the version.
fn quoted(value: &str, text: &mut String) -> Option<()> {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\0'..' ' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => return None,
            other => text.push(other),
        }
    }
    text.push('"');
    Some(())
}

/// `MetadataCompactResolver`: the schema has the mapped fields, all nullable.
fn compact(type_name: &str, fields: &[(&Source, &Value)]) -> Option<EncodedKey> {
    let mut record = CompactRecord::builder(type_name);
    for (column, value) in fields {
        let kind = match column.column_type {
            Type::Boolean => FieldKind::NullableBoolean,
            Type::TinyInt => FieldKind::NullableInt8,
            Type::SmallInt => FieldKind::NullableInt16,
            Type::Integer => FieldKind::NullableInt32,
            Type::BigInt => FieldKind::NullableInt64,
            Type::Real => FieldKind::NullableFloat32,
            Type::Double => FieldKind::NullableFloat64,
            Type::Decimal => FieldKind::Decimal,
            Type::Varchar => FieldKind::String,
            Type::Date => FieldKind::Date,
            Type::Time => FieldKind::Time,
            Type::Timestamp => FieldKind::Timestamp,
            Type::TimestampTz => FieldKind::TimestampWithTimezone,
            _ => return None,
        };
        record = record.field(column.path.as_deref()?, kind, (*value).clone());
    }
    let data = record.build().ok()?.to_data().ok()?;
    Some(EncodedKey { data, sure: false })
}
