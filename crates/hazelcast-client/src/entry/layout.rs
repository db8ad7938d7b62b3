//! Where the columns of a mapping are in its entries (`QueryPath` and `KvRowProjector` of Hazelcast).

use std::sync::Arc;

use super::format::EntryFormat;
use super::reader::EntryReader;
use crate::client::Client;
use crate::sql::column::SqlColumnType;

/// A column as the mapping declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryColumn {
    /// The name.
    pub name: String,
    /// The external name, with the prefix `__key.` or `this.`, or `__key` or `this` itself.
    pub external_name: String,
    /// The declared type.
    pub column_type: SqlColumnType,
}

/// What a mapping says about the entries of a map.
#[derive(Debug, Clone)]
pub struct EntryLayout {
    pub(super) map: Arc<str>,
    pub(super) key: EntryFormat,
    pub(super) value: EntryFormat,
    pub(super) columns: Arc<[Source]>,
    /// The columns that make the key: the whole of a key that has parts is none of them.
    pub(super) keys: Arc<[usize]>,
}

/// A column and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) is_key: bool,
    /// The field; none for the key or the value as a whole.
    pub(super) path: Option<String>,
    pub(super) column_type: SqlColumnType,
}

/// Something that this client can't read (and the cluster's SQL perhaps can).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("map \"{map}\" must be read by SQL: {what}")]
pub struct NeedsSql {
    /// The map.
    pub map: String,
    /// What can't be read.
    pub what: String,
}

impl EntryLayout {
    /// The layout of a map by its mapping.
    pub fn new(
        map: impl Into<String>,
        key: EntryFormat,
        value: EntryFormat,
        columns: impl IntoIterator<Item = EntryColumn>,
    ) -> Self {
        let columns: Arc<[Source]> = columns.into_iter().map(Source::new).collect();
        let parts = columns.iter().any(|column| column.is_key && column.path.is_some());
        let is_part = |column: &Source| column.is_key && column.path.is_some() == parts;
        let keys =
            columns.iter().enumerate().filter(|(_, column)| is_part(column)).map(|(at, _)| at).collect();
        Self { map: map.into().into(), key, value, columns, keys }
    }

    /// The map.
    pub fn map(&self) -> &str {
        &self.map
    }

    /// The format of the keys.
    pub fn key_format(&self) -> &EntryFormat {
        &self.key
    }

    /// The format of the values.
    pub fn value_format(&self) -> &EntryFormat {
        &self.value
    }

    /// The columns whose values make a key ([`EntryLayout::key`]), in their order.
    pub fn key_columns(&self) -> &[usize] {
        &self.keys
    }

    /// A reader of some columns: indexes of this layout's columns, each at most once.
    pub fn reader(&self, client: &Client, columns: &[usize]) -> Result<EntryReader, NeedsSql> {
        EntryReader::new(client.cluster().schemas.clone(), self, columns)
    }

    pub(super) fn needs_sql(&self, what: impl Into<String>) -> NeedsSql {
        NeedsSql { map: self.map.to_string(), what: what.into() }
    }
}

impl Source {
    /// `QueryPath.create`.
    fn new(column: EntryColumn) -> Self {
        let EntryColumn { name, external_name, column_type } = column;
        let (is_key, path) = match external_name.as_str() {
            "__key" => (true, None),
            "this" => (false, None),
            other => match (other.strip_prefix("__key."), other.strip_prefix("this.")) {
                (Some(path), _) => (true, Some(path)),
                (_, Some(path)) => (false, Some(path)),
                _ => (false, Some(other)),
            },
        };
        let path = path.map(str::to_string);
        Self { name, is_key, path, column_type }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_external_names() {
        let source = |external_name: &str| {
            let column_type = SqlColumnType::Integer;
            let external_name = external_name.to_string();
            Source::new(EntryColumn { name: "c".to_string(), external_name, column_type })
        };
        for (name, is_key, path) in [
            ("__key", true, None),
            ("this", false, None),
            ("__key.a", true, Some("a")),
            ("this.a", false, Some("a")),
            ("a", false, Some("a")),
            ("__keys", false, Some("__keys")),
        ] {
            let source = source(name);
            assert_eq!((source.is_key, source.path.as_deref()), (is_key, path), "{name}");
        }
    }
}
