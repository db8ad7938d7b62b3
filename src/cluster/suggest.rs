//! What the entries of a map suggest about its mapping: formats by the types of keys and values, columns by the members of
//! JSON objects.

use hazelcast_client::{Data, Value};
use serde_json::Value as Json;
use sql::plan::quote;

/// The statement that opens a map whose sampled entries are these; nothing when they differ in kind, or are of types
/// that have no format of their own (classes, Compact, Portable).
pub(super) fn mapping(map: &str, sample: &[(Data, Data)]) -> Option<String> {
    let key = Kind::of(sample.iter().map(|(key, _)| key))?;
    let value = Kind::of(sample.iter().map(|(_, value)| value))?;
    let mut columns = match &key {
        Kind::Basic(sql, _) => vec![format!("__key {sql}")],
        Kind::Json(members) => named(members, true),
    };
    columns.extend(match &value {
        Kind::Basic(sql, _) => vec![format!("this {sql}")],
        Kind::Json(members) => named(members, false),
    });
    let name = quote(map);
    let (key, value) = (key.format(), value.format());
    let columns = columns.join(", ");
    Some(format!(
        "CREATE MAPPING {name} ({columns}) TYPE IMap OPTIONS ('keyFormat' = '{key}', 'valueFormat' = '{value}')"
    ))
}

/// What all keys, or all values, are.
enum Kind {
    /// A basic type: its name in SQL, and the format's.
    Basic(&'static str, &'static str),
    /// JSON objects, with the types of their members.
    Json(Vec<(String, &'static str)>),
}

impl Kind {
    fn of<'a>(sample: impl Iterator<Item = &'a Data>) -> Option<Kind> {
        let mut kind = None;
        for data in sample {
            kind = Some(match (kind, Kind::of_one(data)?) {
                (None, kind) => kind,
                (Some(Kind::Basic(sql, format)), Kind::Basic(other, _)) if sql == other => {
                    Kind::Basic(sql, format)
                }
                (Some(Kind::Json(known)), Kind::Json(more)) => Kind::Json(merge(known, more)),
                _ => return None,
            });
        }
        // An object without members has no columns to name.
        kind.filter(|kind| !matches!(kind, Kind::Json(members) if members.is_empty()))
    }

    fn of_one(data: &Data) -> Option<Kind> {
        if data.is_json() {
            let object: Json = serde_json::from_str(data.text()?).ok()?;
            let members = object.as_object()?.iter();
            return Some(Kind::Json(members.map(|(name, value)| (name.clone(), sql_type(value))).collect()));
        }
        let (sql, format) = match data.to_value().ok()? {
            Value::Boolean(_) => ("BOOLEAN", "boolean"),
            Value::TinyInt(_) => ("TINYINT", "tinyint"),
            Value::SmallInt(_) => ("SMALLINT", "smallint"),
            Value::Integer(_) => ("INTEGER", "int"),
            Value::BigInt(_) => ("BIGINT", "bigint"),
            Value::Real(_) => ("REAL", "real"),
            Value::Double(_) => ("DOUBLE", "double"),
            Value::Varchar(_) => ("VARCHAR", "varchar"),
            _ => return None,
        };
        Some(Kind::Basic(sql, format))
    }

    fn format(&self) -> &'static str {
        match self {
            Kind::Basic(_, format) => format,
            Kind::Json(_) => "json-flat",
        }
    }
}

/// No type is known of a member that was always null.
const UNKNOWN: &str = "";

fn sql_type(value: &Json) -> &'static str {
    match value {
        Json::Null => UNKNOWN,
        Json::Bool(_) => "BOOLEAN",
        Json::Number(number) if number.is_i64() => "BIGINT",
        Json::Number(_) => "DOUBLE",
        Json::String(_) => "VARCHAR",
        Json::Array(_) | Json::Object(_) => "JSON",
    }
}

/// Members of several objects; what is of two types is read as the wider, or as text.
fn merge(
    mut known: Vec<(String, &'static str)>,
    more: Vec<(String, &'static str)>,
) -> Vec<(String, &'static str)> {
    for (name, sql) in more {
        match known.iter_mut().find(|(known, _)| *known == name) {
            None => known.push((name, sql)),
            Some((_, old)) => {
                *old = match (*old, sql) {
                    (UNKNOWN, other) | (other, UNKNOWN) => other,
                    (a, b) if a == b => a,
                    ("BIGINT", "DOUBLE") | ("DOUBLE", "BIGINT") => "DOUBLE",
                    _ => "VARCHAR",
                }
            }
        }
    }
    known
}

/// Members as columns; those of the key say so. All names are in quotes: Hazelcast has other key words than PostgreSQL.
fn named(members: &[(String, &'static str)], of_key: bool) -> Vec<String> {
    let column = |(name, sql): &(String, &'static str)| {
        let sql = if *sql == UNKNOWN { "VARCHAR" } else { sql };
        let external = match of_key {
            true => format!(" EXTERNAL NAME {}", quote(&format!("__key.{name}"))),
            false => String::new(),
        };
        format!("{} {sql}{external}", quote(name))
    };
    members.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(value: Value) -> Data {
        Data::from_value(&value).unwrap().unwrap()
    }

    fn json(text: &str) -> Data {
        data(Value::Json(text.into()))
    }

    #[test]
    fn basic_types_have_formats() {
        let sample = [(data(Value::Integer(1)), data(Value::Varchar("a".into())))];
        let expected = "CREATE MAPPING \"m\" (__key INTEGER, this VARCHAR) TYPE IMap OPTIONS ('keyFormat' = 'int', \
                        'valueFormat' = 'varchar')";
        assert_eq!(mapping("m", &sample).as_deref(), Some(expected));
        let mixed = [sample[0].clone(), (data(Value::BigInt(1)), data(Value::Varchar("a".into())))];
        assert_eq!(mapping("m", &mixed), None);
        assert_eq!(mapping("m", &[]), None);
    }

    #[test]
    fn members_of_objects_are_columns() {
        let key = || json(r#"{"id":1}"#);
        let sample = [
            (key(), json(r#"{"a":1,"Title":"x","n":null,"l":[1]}"#)),
            (key(), json(r#"{"a":1.5,"Title":2,"more":true}"#)),
        ];
        let expected = "CREATE MAPPING \"My map\" (\"id\" BIGINT EXTERNAL NAME \"__key.id\", \"a\" DOUBLE, \"Title\" VARCHAR, \
                        \"l\" JSON, \"n\" VARCHAR, \"more\" BOOLEAN) TYPE IMap OPTIONS ('keyFormat' = 'json-flat', \
                        'valueFormat' = 'json-flat')";
        let statement = mapping("My map", &sample).unwrap();
        let words =
            |text: &str| text.split([' ', ',']).map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(words(&statement), words(expected), "{statement}");
        assert_eq!(mapping("m", &[(key(), json("[]"))]), None);
    }
}
