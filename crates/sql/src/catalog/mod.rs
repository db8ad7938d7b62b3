//! The database as a session sees it: an immutable snapshot of schemas and relations, made from PostgreSQL's own
//! catalog data and from what the cluster tells of its mappings and views.

mod cluster;
mod database;
pub mod functions;
mod index;
mod live;
mod lookup;
mod mappings;
mod metadata;
mod names;
mod oids;
mod servers;
mod session;
mod system;
mod typmod;
mod views;

use std::sync::Arc;

use pg::catalog::{BTREE, default_opclass, type_by_oid};
use pg::{Oid, TypeRef, Value};

use crate::hazelcast::SqlType;

pub use cluster::{ClusterTable, Gathered};
pub(crate) use cluster::{asks_sizes, table as cluster_table};
pub use database::{Database, KeyIndex, LiveRelation};
pub use index::{IndexColumn, Numbers, TableIndex};
pub use lookup::{QualifiedName, RowRef};
pub use metadata::{ColumnRow, ConnectionRow, IndexRow, MappingRow, Metadata, ViewRow, unquote_compound};
pub use names::Names;
pub(crate) use names::parse_name_list;
pub(crate) use oids::stable_hash;
pub use session::{Catalog, SUPERUSER};
pub use system::{SYSTEM_COLUMNS, SystemAttribute, known_role, known_schema};
pub(crate) use typmod::{modifier, written};

#[cfg(test)]
mod queries;
#[cfg(test)]
pub(crate) mod tests;

/// A table, a view or a relation of the catalog.
#[derive(Debug)]
pub struct Relation {
    /// Its row in `pg_class`.
    pub oid: Oid,
    /// `public`, `pg_catalog`, `information_schema` …
    pub schema: Arc<str>,
    /// Its name, in its own case.
    pub name: Arc<str>,
    /// Its columns in order, hidden ones last.
    pub columns: Vec<Column>,
    /// What it is.
    pub kind: RelationKind,
}

/// A column of a relation.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, in its own case.
    pub name: Arc<str>,
    /// Its type.
    pub ty: TypeRef,
    /// Its number, from 1; hidden columns behind the others.
    pub attnum: i16,
    /// Never NULL.
    pub not_null: bool,
    /// Nameable, but absent from `*` and from the catalog: what Hazelcast hides (`__key`, `this`).
    pub hidden: bool,
    /// Its type in the cluster, for a column of a mapping or of a cluster's view.
    pub cluster_type: Option<SqlType>,
    /// For mappings: its external name, such as `__key`, `__key.a`, `this`, `this.b`.
    pub external_name: Option<Arc<str>>,
}

/// What a relation is.
#[derive(Debug)]
pub enum RelationKind {
    /// A Hazelcast mapping.
    Mapping(Mapping),
    /// A view of the cluster's in words that only Hazelcast understands: read like a mapping, never written.
    ClusterView {
        /// Its text in Hazelcast SQL.
        definition: String,
    },
    /// A view in PostgreSQL's SQL, whose definition is analysed in its place.
    View {
        /// Its text.
        definition: Arc<str>,
    },
    /// A relation of the catalog, whose rows the snapshot has.
    Catalog,
}

/// What the cluster tells of a mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// `IMap`, `Kafka`, `File`, `JDBC`, `Mongo` …
    pub connector: String,
    /// The name of the map, topic, file … behind it, unquoted.
    pub external_name: String,
    /// The OPTIONS.
    pub options: Vec<(String, String)>,
    /// Its rows never end.
    pub streaming: bool,
    /// About how many entries the map has, where that is known.
    pub rows: Option<u64>,
    /// About how many bytes an entry takes, where that is known.
    pub entry_bytes: Option<u64>,
    /// Where the map is.
    pub network: Network,
    /// The map's indexes that begin with a column of the mapping, where members tell of them.
    pub indexes: Vec<MapIndex>,
}

/// The members of a cluster, and how far away they are, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// How many there are; 0 when that is not known.
    pub members: u32,
    /// Microseconds between a question that costs nothing and its answer.
    pub round_trip: u32,
}

/// An index of a mapping's map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapIndex {
    /// Its name.
    pub name: String,
    /// Answers equality alone; the others answer ranges too.
    pub hash: bool,
    /// The first of its attributes, as the map has it.
    pub attribute: String,
    /// The column that that is.
    pub column: usize,
    /// There are more attributes.
    pub composite: bool,
}

impl Mapping {
    /// Whether it opens a map. Hazelcast compares the names of connectors without regard to case.
    pub fn is_map(&self) -> bool {
        self.connector.eq_ignore_ascii_case("IMap")
    }

    /// An option's value.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Relation {
    /// A relation that PostgreSQL doesn't have, with columns of these names and types.
    fn extra(schema: &str, name: &str, columns: &[(&str, Oid)], kind: RelationKind) -> Relation {
        let column = |((name, ty), attnum): (&(&str, Oid), i16)| Column {
            name: (*name).into(),
            ty: TypeRef::of(*ty),
            attnum,
            not_null: false,
            hidden: false,
            cluster_type: None,
            external_name: None,
        };
        Relation {
            oid: Relation::extra_oid(schema, name),
            schema: schema.into(),
            name: name.into(),
            columns: columns.iter().zip(1..).map(column).collect(),
            kind,
        }
    }

    fn extra_oid(schema: &str, name: &str) -> Oid {
        oids::oid_of("extra", schema, name)
    }

    /// The columns that make the key of a mapping: external name `__key` or `__key.…`.
    pub fn key_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| {
            let external = column.external_name.as_deref().unwrap_or_default();
            external == "__key" || external.starts_with("__key.")
        })
    }

    /// The columns of a map's key, if all of it is declared and can be ordered: then no two rows have the same.
    pub fn key(&self) -> Option<Vec<usize>> {
        let mapping = self.mapping()?;
        let columns: Vec<usize> =
            self.key_columns().filter(|(_, column)| !column.hidden).map(|(i, _)| i).collect();
        let ordered = |i: &usize| {
            self.columns.get(*i).is_some_and(|column| {
                type_by_oid(column.ty.oid).is_some() && default_opclass(column.ty.oid, BTREE).is_some()
            })
        };
        let fits = mapping.is_map() && !columns.is_empty() && columns.iter().all(ordered);
        fits.then_some(columns)
    }

    /// Whether it has system columns: views have none.
    pub fn has_system_columns(&self) -> bool {
        matches!(self.kind, RelationKind::Mapping(_) | RelationKind::Catalog)
    }

    /// Whether it is a view, of the cluster's or of the catalog's.
    pub fn is_view(&self) -> bool {
        matches!(self.kind, RelationKind::ClusterView { .. } | RelationKind::View { .. })
    }

    /// The mapping behind it.
    pub fn mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            RelationKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }
}

/// A name as it was written: unquoted names are looked up folded to lower case, else as written, else as the only
/// case-insensitive match; quoted ones exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The text, without quotes and not folded.
    pub text: Arc<str>,
    /// It was in double quotes.
    pub quoted: bool,
}

impl Name {
    /// A name that is looked up exactly.
    pub fn quoted(text: impl Into<Arc<str>>) -> Name {
        Name { text: text.into(), quoted: true }
    }

    /// An unquoted name.
    pub fn unquoted(text: impl Into<Arc<str>>) -> Name {
        Name { text: text.into(), quoted: false }
    }

    /// The name as PostgreSQL would store it (and name an output column).
    pub fn folded(&self) -> Arc<str> {
        if self.quoted || !self.text.bytes().any(|b| b.is_ascii_uppercase()) {
            self.text.clone()
        } else {
            self.text.to_ascii_lowercase().into()
        }
    }
}

/// What analysis and execution ask of the catalog.
pub trait Snapshot: std::fmt::Debug + Send + Sync {
    /// A relation by its name; without schema, along the search path. `None`: there is none (42P01).
    fn relation(&self, schema: Option<&Name>, name: &Name, search_path: &[Arc<str>])
    -> Option<Arc<Relation>>;

    /// A relation by its oid.
    fn relation_by_oid(&self, oid: Oid) -> Option<Arc<Relation>>;

    /// Whether there is such a schema.
    fn has_schema(&self, name: &str) -> bool;

    /// The rows of a relation of kind [`RelationKind::Catalog`], one value per column.
    fn rows(&self, relation: Oid) -> Arc<[Vec<Value>]>;

    /// Its rows by the values of some columns. A snapshot that keeps indexes makes one only once.
    fn index(&self, relation: Oid, columns: &[IndexColumn]) -> Arc<TableIndex> {
        Arc::new(TableIndex::new(self.rows(relation), columns))
    }

    /// Changes whenever the cluster's mappings or views did.
    fn version(&self) -> u64;

    /// The catalog that system functions ask; a snapshot without one has no such functions.
    fn catalog(&self) -> Option<&Catalog> {
        None
    }
}
