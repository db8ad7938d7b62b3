//! What a cluster tells of its mappings and views (Hazelcast's `information_schema.mappings`, `columns`, `views`), as
//! plain data.

use super::Network;

/// Everything that a [`super::Database`] is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The cluster's name: object identifiers depend on it.
    pub cluster: String,
    /// `information_schema.mappings`
    pub mappings: Vec<MappingRow>,
    /// `information_schema.columns`, of mappings and views
    pub columns: Vec<ColumnRow>,
    /// `information_schema.views`
    pub views: Vec<ViewRow>,
    /// The indexes of maps, where members tell of them
    pub indexes: Vec<IndexRow>,
    /// `information_schema.dataconnections`, where members have it (Hazelcast 5.3)
    pub connections: Vec<ConnectionRow>,
}

/// A row of `information_schema.dataconnections`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionRow {
    /// `name`
    pub name: String,
    /// `type`: `Jdbc`, `Kafka`, `Mongo`, `Hz` …
    pub connector: String,
}

/// An index of a map (`IndexConfig`).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexRow {
    /// The map's name.
    pub map: String,
    /// The index's name, which is its own only within the map.
    pub name: String,
    /// Answers equality alone; the others answer ranges too.
    pub hash: bool,
    /// What it is over: members of the value, `__key`, members of the key.
    pub attributes: Vec<String>,
}

/// A row of `information_schema.mappings`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingRow {
    /// `table_schema`
    pub schema: String,
    /// `table_name`
    pub name: String,
    /// `mapping_external_name`: a compound identifier, each part in double quotes
    pub external_name: String,
    /// `mapping_type`: `IMap`, `Kafka`, `File` …
    pub connector: String,
    /// `mapping_options`: a JSON object, or empty when the member does not show them
    pub options: String,
    /// How many entries the map has, where that is known
    pub rows: Option<u64>,
    /// About how many bytes an entry takes, where that is known
    pub entry_bytes: Option<u64>,
    /// Where the map is.
    pub network: Network,
}

/// A row of `information_schema.columns`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnRow {
    /// `table_schema`
    pub schema: String,
    /// `table_name`
    pub table: String,
    /// `column_name`
    pub name: String,
    /// `column_external_name`: NULL for a view's
    pub external_name: Option<String>,
    /// `ordinal_position`, from 1
    pub ordinal: i32,
    /// `data_type`: with blanks for mappings, with underscores for views
    pub data_type: String,
    /// `is_nullable`
    pub nullable: bool,
}

/// A row of `information_schema.views`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewRow {
    /// `table_schema`
    pub schema: String,
    /// `table_name`
    pub name: String,
    /// `view_definition`: Hazelcast SQL
    pub definition: String,
}

/// The parts of a compound identifier as Hazelcast prints it (`"a"."b"`), joined by dots and without quotes.
pub fn unquote_compound(name: &str) -> String {
    let (mut out, mut quoted) = (String::with_capacity(name.len()), false);
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.push('"');
            }
            '"' => quoted = !quoted,
            c => out.push(c),
        }
    }
    out
}

/// The options by name; none when it is no JSON object.
pub(super) fn options(json: &str) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(json) else { return Vec::new() };
    map.into_iter()
        .map(|(key, value)| match value {
            serde_json::Value::String(text) => (key, text),
            other => (key, other.to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compound_names_lose_their_quotes() {
        assert_eq!(unquote_compound(r#""movies""#), "movies");
        assert_eq!(unquote_compound(r#""a"."b""#), "a.b");
        assert_eq!(unquote_compound(r#""say ""hi""""#), r#"say "hi""#);
        assert_eq!(unquote_compound("plain"), "plain");
    }

    #[test]
    fn options_are_read() {
        let read = options(r#"{"keyFormat":"int","n":1}"#);
        assert_eq!(read, [("keyFormat".into(), "int".into()), ("n".into(), "1".into())]);
        assert!(options("").is_empty() && options("[]").is_empty());
    }
}
