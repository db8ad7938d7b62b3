//! OBJECT columns: any Java value, as text.

use hazelcast_client::{PortableField, Value};
use pg::{Env, Result, oid};

use super::{decimal, temporal};

/// The text of a serialized value: that of the PostgreSQL type nearest to it, and for what has none the type id of its
/// serializer and its bytes.
pub fn text(data: &[u8], env: &Env) -> Result<String> {
    match Value::from_data(data) {
        Ok(value) => text_of(&value, env),
        Err(_) => Ok(opaque("unreadable", data)),
    }
}

fn text_of(value: &Value, env: &Env) -> Result<String> {
    let of = |value: pg::Value, type_oid| {
        let mut out = Vec::new();
        pg::text::output(&value, type_oid, env, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    };
    match value {
        Value::Null => Ok(String::new()),
        Value::Boolean(value) => Ok(value.to_string()),
        Value::TinyInt(value) => Ok(value.to_string()),
        Value::SmallInt(value) => Ok(value.to_string()),
        Value::Integer(value) => Ok(value.to_string()),
        Value::BigInt(value) | Value::JavaDate(value) => Ok(value.to_string()),
        Value::Real(value) => of(pg::Value::Float4(*value), oid::FLOAT4),
        Value::Double(value) => of(pg::Value::Float8(*value), oid::FLOAT8),
        Value::Decimal(value) | Value::BigInteger(value) => Ok(decimal::numeric(value.as_ref())?.to_string()),
        Value::Varchar(text) | Value::Json(text) => Ok(text.clone()),
        Value::Character(unit) => Ok(String::from_utf16_lossy(&[*unit])),
        Value::Date(value) => of(pg::Value::Date(temporal::date(*value)?), oid::DATE),
        Value::Time(value) => of(pg::Value::Time(temporal::time(*value)), oid::TIME),
        Value::Timestamp(value) => of(pg::Value::Timestamp(temporal::timestamp(*value)?), oid::TIMESTAMP),
        Value::TimestampTz(value) => {
            of(pg::Value::TimestampTz(temporal::timestamp_tz(*value)?), oid::TIMESTAMPTZ)
        }
        Value::Uuid(value) => Ok(value.to_string()),
        Value::Bytes(bytes) => Ok(format!("\\x{}", hex(bytes))),
        Value::Array(_, items) | Value::Objects(items) | Value::List(items) => {
            let items = items.iter().map(|item| item_text(item, env)).collect::<Result<Vec<_>>>()?;
            Ok(format!("[{}]", items.join(",")))
        }
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| {
                Ok(format!("{}:{}", item_text(key, env)?, item_text(value, env)?))
            };
            let entries = entries.iter().map(entry).collect::<Result<Vec<_>>>()?;
            Ok(format!("{{{}}}", entries.join(",")))
        }
        Value::Portable(record) => {
            let field = |field: &PortableField| {
                let name = serde_json::Value::from(field.name.as_str());
                Ok(format!("{name}:{}", item_text(&field.value, env)?))
            };
            let fields = record.fields().iter().map(field).collect::<Result<Vec<_>>>()?;
            Ok(format!("{{{}}}", fields.join(",")))
        }
        Value::Other { type_id, payload } => Ok(opaque(&type_id.to_string(), payload)),
        _ => Ok(opaque("unknown", &[])),
    }
}

/// A value inside a list or map: texts in JSON's quotes.
fn item_text(value: &Value, env: &Env) -> Result<String> {
    match value {
        Value::Null => Ok("null".to_owned()),
        Value::Varchar(text) => Ok(serde_json::Value::from(text.as_str()).to_string()),
        other => text_of(other, env),
    }
}

fn opaque(kind: &str, bytes: &[u8]) -> String {
    format!("java({kind}):\\x{}", hex(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use hazelcast_client::{PortableFieldType, PortableId, PortableRecord};

    use super::*;

    #[test]
    fn portable_records_have_their_fields() {
        let id = PortableId { factory_id: 1, class_id: 2, version: 0 };
        let record = PortableRecord::builder(id)
            .field("id", PortableFieldType::Int, 7)
            .field("name", PortableFieldType::Utf, "a \"b\"")
            .field("born", PortableFieldType::Date, Value::Null);
        let record = Value::from(record.build().unwrap());
        let text = text_of(&Value::List(vec![record]), &Env::default()).unwrap();
        assert_eq!(text, r#"[{"id":7,"name":"a \"b\"","born":null}]"#);
    }
}
