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
    let mut columns = Columns::default();
    columns.add(&key, "__key");
    columns.add(&value, "this");
    let name = quote(map);
    let (key, value) = (key.format(), value.format());
    let columns = columns.definitions.join(", ");
    Some(format!(
        "CREATE MAPPING {name} ({columns}) TYPE IMap OPTIONS ('keyFormat' = '{key}', 'valueFormat' = '{value}')"
    ))
}

/// Whether keys, or values, are of several types: no mapping opens all of them.
pub(super) fn is_mixed(sample: &[(Data, Data)]) -> bool {
    let same = |of: fn(&(Data, Data)) -> i32| {
        let mut types = sample.iter().map(of);
        let first = types.next();
        types.all(|ty| Some(ty) == first)
    };
    !same(|(key, _)| key.type_id()) || !same(|(_, value)| value.type_id())
}

/// What all keys, or all values, are.
#[derive(PartialEq, Eq)]
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
                (Some(Kind::Json(_)), WHOLE) | (Some(WHOLE), Kind::Json(_)) => WHOLE,
                _ => return None,
            });
        }
        // An object without members that can be columns has no columns to name: it is one as a whole.
        kind.map(|kind| match kind {
            Kind::Json(members) if !members.iter().any(|(name, sql)| is_column(name, sql)) => WHOLE,
            kind => kind,
        })
    }

    fn of_one(data: &Data) -> Option<Kind> {
        if data.is_json() {
            let json: Json = serde_json::from_str(data.text()?).ok()?;
            let Some(members) = json.as_object() else { return Some(WHOLE) };
            let members = members.iter().map(|(name, value)| (name.clone(), sql_type(value)));
            return Some(Kind::Json(members.collect()));
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

/// JSON that is one column.
const WHOLE: Kind = Kind::Basic("JSON", "json");

/// No type is known of a member that was always null.
const UNKNOWN: &str = "";
/// An object or an array: Hazelcast can't make a column of it.
const NESTED: &str = "{}";

/// Whether Hazelcast can make a column of a member.
fn is_column(name: &str, sql: &str) -> bool {
    sql != NESTED && !name.is_empty() && !name.contains('.')
}

fn sql_type(value: &Json) -> &'static str {
    match value {
        Json::Null => UNKNOWN,
        Json::Bool(_) => "BOOLEAN",
        Json::Number(number) if number.is_i64() => "BIGINT",
        Json::Number(_) => "DOUBLE",
        Json::String(_) => "VARCHAR",
        Json::Array(_) | Json::Object(_) => NESTED,
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
                    (NESTED, _) | (_, NESTED) => NESTED,
                    ("BIGINT", "DOUBLE") | ("DOUBLE", "BIGINT") => "DOUBLE",
                    _ => "VARCHAR",
                }
            }
        }
    }
    known
}

/// The columns of a mapping. All names are in quotes: Hazelcast has other key words than PostgreSQL.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    definitions: Vec<String>,
}

impl Columns {
    /// Adds those of a key or a value, under `__key` or `this`.
    fn add(&mut self, kind: &Kind, whole: &str) {
        let members = match kind {
            Kind::Basic(sql, _) => {
                self.names.push(whole.to_owned());
                self.definitions.push(format!("{whole} {sql}"));
                return;
            }
            Kind::Json(members) => members,
        };
        for (name, sql) in members.iter().filter(|(name, sql)| is_column(name, sql)) {
            let column = self.free(name);
            let external = match whole == "this" && column == *name {
                true => String::new(),
                false => format!(" EXTERNAL NAME {}", quote(&format!("{whole}.{name}"))),
            };
            let sql = if *sql == UNKNOWN { "VARCHAR" } else { sql };
            self.definitions.push(format!("{} {sql}{external}", quote(&column)));
            self.names.push(column);
        }
    }

    /// A name that no column has yet; `__key` and `this` are Hazelcast's own.
    fn free(&self, name: &str) -> String {
        let mut free = name.to_owned();
        while free == "__key" || free == "this" || self.names.contains(&free) {
            free.push('_');
        }
        free
    }
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
        assert!(is_mixed(&mixed) && !is_mixed(&sample) && !is_mixed(&[]));
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
                        \"n\" VARCHAR, \"more\" BOOLEAN) TYPE IMap OPTIONS ('keyFormat' = 'json-flat', \
                        'valueFormat' = 'json-flat')";
        let statement = mapping("My map", &sample).unwrap();
        let words =
            |text: &str| text.split([' ', ',']).map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(words(&statement), words(expected), "{statement}");
        let whole = "CREATE MAPPING \"m\" (\"id\" BIGINT EXTERNAL NAME \"__key.id\", this JSON) TYPE IMap OPTIONS ('keyFormat' = \
                     'json-flat', 'valueFormat' = 'json')";
        for value in ["[]", "3", "{}", r#"{"a":[1]}"#] {
            assert_eq!(mapping("m", &[(key(), json(value))]).as_deref(), Some(whole), "{value}");
        }
        assert_eq!(mapping("m", &[(key(), json(r#"{"a":1}"#)), (key(), json("[]"))]).as_deref(), Some(whole));
    }

    #[test]
    fn names_come_once() {
        let sample = [(json(r#"{"id":1}"#), json(r#"{"__key":2,"a.b":1,"id":3,"id_":4,"this":5}"#))];
        let statement = mapping("m", &sample).unwrap();
        let expected = "(\"id\" BIGINT EXTERNAL NAME \"__key.id\", \"__key_\" BIGINT EXTERNAL NAME \"this.__key\", \
                        \"id_\" BIGINT EXTERNAL NAME \"this.id\", \"id__\" BIGINT EXTERNAL NAME \"this.id_\", \
                        \"this_\" BIGINT EXTERNAL NAME \"this.this\")";
        assert!(statement.contains(expected), "{statement}");
    }
}
