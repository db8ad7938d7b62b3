//! A database: PostgreSQL's built-in objects, and the cluster's mappings and views as tables and views beside them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use pg::catalog::{BTREE, default_opclass};
use pg::{Oid, TypeRef, Value};

use super::index::Indexes;
use super::lookup::OidIndex;
use super::metadata::{self, ColumnRow, ConnectionRow, IndexRow, MappingRow, Metadata, ViewRow};
use super::oids::{Oids, state_number};
use super::{Column, MapIndex, Mapping, Relation, RelationKind, live, servers, system, views};
use crate::hazelcast::SqlType;

/// By schema, then by name: so that nothing is copied to look something up.
type ByName<T> = HashMap<Arc<str>, HashMap<Arc<str>, T>>;

fn by_name<'a, T>(map: &'a ByName<T>, schema: &str, name: &str) -> Option<&'a T> {
    map.get(schema)?.get(name)
}

/// An immutable picture of the database, shared by all sessions.
#[derive(Debug)]
pub struct Database {
    pub(super) cluster: String,
    version: u64,
    pub(super) tables: Vec<LiveRelation>,
    connections: Vec<ConnectionRow>,
    by_name: ByName<usize>,
    /// Relations by lower-cased name.
    by_lower: ByName<Vec<usize>>,
    by_oid: HashMap<Oid, usize>,
    by_type: HashMap<Oid, usize>,
    /// The table of an index, and which it is of [`LiveRelation::indexes`].
    by_index: HashMap<Oid, (usize, usize)>,
    by_constraint: HashMap<Oid, usize>,
    index_names: ByName<Oid>,
    array_names: ByName<Oid>,
    pub(super) oid_indexes: Mutex<HashMap<Oid, Arc<OidIndex>>>,
    pub(super) indexes: Indexes,
    rows: system::RowCache,
}

/// A mapping or view of the cluster with everything that PostgreSQL's catalog has around a table.
#[derive(Clone, Debug)]
pub struct LiveRelation {
    /// The relation.
    pub relation: Arc<Relation>,
    /// Its row type in `pg_type`.
    pub row_type: Oid,
    /// The array type over it.
    pub array_type: Oid,
    /// The array type's name.
    pub array_name: Arc<str>,
    /// Its primary key.
    pub key: Option<KeyIndex>,
    /// Its other indexes, which don't make anything unique.
    pub others: Vec<KeyIndex>,
    /// The `_RETURN` rule of a view.
    pub rule: Oid,
    /// Its comment.
    pub description: Option<Arc<str>>,
    /// The number of rows, where it is known.
    pub estimate: Option<u64>,
    /// Changes with its definition (`xmin`).
    pub state: Oid,
}

/// `pg_am`: hash.
pub(super) const HASH: Oid = Oid(405);

/// An index of a map: the primary key with its constraint, or an index that somebody made.
#[derive(Clone, Debug)]
pub struct KeyIndex {
    /// The index's row in `pg_class`.
    pub oid: Oid,
    /// The name of index and constraint.
    pub name: Arc<str>,
    /// The access method that answers what it answers: btree or hash.
    pub method: Oid,
    /// The primary key's row in `pg_constraint`; invalid for others.
    pub constraint: Oid,
    /// Indexes of the columns in the relation.
    pub columns: Vec<usize>,
}

impl LiveRelation {
    /// The columns that clients see.
    pub fn visible_columns(&self) -> impl Iterator<Item = &Column> {
        self.relation.columns.iter().filter(|column| !column.hidden)
    }

    /// Its indexes, the primary key's first.
    pub fn indexes(&self) -> impl Iterator<Item = &KeyIndex> {
        self.key.iter().chain(&self.others)
    }

    /// `pg_class.relkind`.
    pub fn kind(&self) -> u8 {
        match self.relation.kind {
            RelationKind::Mapping(_) | RelationKind::Catalog => b'r',
            RelationKind::ClusterView { .. } | RelationKind::View { .. } => b'v',
        }
    }
}

impl Database {
    /// Makes the picture. Pure: the same metadata gives the same objects with the same identifiers.
    pub fn new(metadata: &Metadata, version: u64) -> Database {
        let mut columns: HashMap<(&str, &str), Vec<&ColumnRow>> = HashMap::new();
        for column in &metadata.columns {
            columns.entry((&column.schema, &column.table)).or_default().push(column);
        }
        for list in columns.values_mut() {
            list.sort_by_key(|column| column.ordinal);
        }
        let of = |schema: &str, name: &str| -> Vec<&ColumnRow> {
            columns.get(&(schema, name)).cloned().unwrap_or_default()
        };
        let mut indexes: HashMap<&str, Vec<&IndexRow>> = HashMap::new();
        for row in &metadata.indexes {
            indexes.entry(&row.map).or_default().push(row);
        }
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        let mapping = |row| Draft::mapping(row, &of(&row.schema, &row.name), &indexes);
        drafts.extend(metadata.mappings.iter().map(mapping));
        drafts.extend(metadata.views.iter().map(|row| Draft::view(row, &of(&row.schema, &row.name))));
        // Collisions of identifiers and of derived names are resolved in this order.
        drafts.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        drafts.dedup_by(|a, b| (&a.schema, &a.name) == (&b.schema, &b.name));
        let tables = views::understand(&metadata.cluster, assign(&metadata.cluster, drafts, &indexes));
        let connections = metadata.connections.clone();
        Database { connections, ..Database::indexed(metadata.cluster.clone(), version, tables) }
    }

    pub(super) fn indexed(cluster: String, version: u64, tables: Vec<LiveRelation>) -> Database {
        let mut database = Database {
            cluster,
            version,
            by_name: HashMap::new(),
            by_lower: HashMap::new(),
            by_oid: HashMap::new(),
            by_type: HashMap::new(),
            by_index: HashMap::new(),
            by_constraint: HashMap::new(),
            index_names: HashMap::new(),
            array_names: HashMap::new(),
            oid_indexes: Mutex::default(),
            indexes: Indexes::default(),
            rows: Mutex::default(),
            tables: Vec::new(),
            connections: Vec::new(),
        };
        for (i, table) in tables.iter().enumerate() {
            let Relation { schema, name, oid, .. } = &*table.relation;
            database.by_name.entry(schema.clone()).or_default().insert(name.clone(), i);
            let lower = database.by_lower.entry(schema.clone()).or_default();
            lower.entry(name.to_lowercase().into()).or_default().push(i);
            database.by_oid.insert(*oid, i);
            database.by_type.extend([(table.row_type, i), (table.array_type, i)]);
            let arrays = database.array_names.entry(schema.clone()).or_default();
            arrays.insert(table.array_name.clone(), table.array_type);
            for (n, index) in table.indexes().enumerate() {
                let names = database.index_names.entry(schema.clone()).or_default();
                names.insert(index.name.clone(), index.oid);
                database.by_index.insert(index.oid, (i, n));
                if index.constraint.is_valid() {
                    database.by_constraint.insert(index.constraint, i);
                }
            }
        }
        database.tables = tables;
        database
    }

    /// See [`super::Snapshot::version`].
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The cluster's mappings and views, in the order of their names.
    pub fn tables(&self) -> &[LiveRelation] {
        &self.tables
    }

    /// A mapping or view of the cluster by its exact name.
    pub fn table(&self, schema: &str, name: &str) -> Option<&LiveRelation> {
        self.tables.get(*by_name(&self.by_name, schema, name)?)
    }

    /// The only mapping or view whose name differs in case alone.
    pub fn table_ignoring_case(&self, schema: &str, name: &str) -> Option<&LiveRelation> {
        match by_name(&self.by_lower, schema, &name.to_lowercase())?.as_slice() {
            [one] => self.tables.get(*one),
            _ => None,
        }
    }

    /// A mapping or view by its oid.
    pub fn table_by_oid(&self, oid: Oid) -> Option<&LiveRelation> {
        self.tables.get(*self.by_oid.get(&oid)?)
    }

    /// The mapping or view whose row type, or the array type over it, this is.
    pub fn table_by_type(&self, oid: Oid) -> Option<&LiveRelation> {
        self.tables.get(*self.by_type.get(&oid)?)
    }

    /// The mapping whose index this is.
    pub fn table_by_index(&self, oid: Oid) -> Option<(&LiveRelation, &KeyIndex)> {
        let (table, index) = *self.by_index.get(&oid)?;
        let table = self.tables.get(table)?;
        Some((table, table.indexes().nth(index)?))
    }

    /// The mapping whose primary key this is.
    pub fn table_by_constraint(&self, oid: Oid) -> Option<(&LiveRelation, &KeyIndex)> {
        let table = self.tables.get(*self.by_constraint.get(&oid)?)?;
        Some((table, table.key.as_ref()?))
    }

    pub(super) fn index_by_name(&self, schema: &str, name: &str) -> Option<Oid> {
        by_name(&self.index_names, schema, name).copied()
    }

    pub(super) fn array_by_name(&self, schema: &str, name: &str) -> Option<Oid> {
        by_name(&self.array_names, schema, name).copied()
    }

    /// Makes the rows and indexes that every tool asks for, so that no statement has to wait for them. Worth it where it holds
    /// nobody up.
    pub fn prepare(&self) {
        for relation in live::with_rows() {
            self.rows(relation);
        }
        for (relation, columns) in live::often_looked_up() {
            self.indexes.get(relation, &columns, || self.rows(relation));
        }
    }

    /// The rows of a table of the catalog, those of a session's own aside.
    pub fn rows(&self, relation: Oid) -> Arc<[Vec<Value>]> {
        let built_in = system::rows(relation);
        let own = (live::has_rows(relation) && !self.tables.is_empty())
            || (servers::has_rows(relation) && !self.connections.is_empty());
        if !own {
            return built_in;
        }
        let cached = self.rows.lock().unwrap_or_else(PoisonError::into_inner).get(&relation).cloned();
        cached.unwrap_or_else(|| {
            // Made outside the lock: it takes a while, and making it twice does no harm.
            let mut rows = built_in.to_vec();
            live::append(self, relation, &mut rows);
            servers::append(&self.cluster, &self.connections, relation, &mut rows);
            let rows: Arc<[Vec<Value>]> = rows.into();
            self.rows.lock().unwrap_or_else(PoisonError::into_inner).insert(relation, rows.clone());
            rows
        })
    }
}

/// A relation without identifiers.
struct Draft<'a> {
    schema: &'a str,
    name: &'a str,
    columns: Vec<Column>,
    kind: RelationKind,
    description: Option<Arc<str>>,
    estimate: Option<u64>,
    state: Oid,
}

impl<'a> Draft<'a> {
    fn mapping(
        row: &'a MappingRow,
        columns: &[&'a ColumnRow],
        indexes: &HashMap<&str, Vec<&IndexRow>>,
    ) -> Draft<'a> {
        let mut mapping = Mapping {
            connector: row.connector.clone(),
            external_name: metadata::unquote_compound(&row.external_name),
            options: metadata::options(&row.options),
            streaming: row.connector.eq_ignore_ascii_case("Kafka")
                || metadata::options(&row.options)
                    .iter()
                    .any(|(_, v)| v.eq_ignore_ascii_case("ChangeStream")),
            rows: row.rows,
            entry_bytes: row.entry_bytes,
            network: row.network,
            indexes: Vec::new(),
        };
        let mut list: Vec<Column> = columns.iter().zip(1..).map(|(c, n)| column(c, n)).collect();
        add_hidden(&mut list, &mapping);
        for column in list.iter_mut().filter(|_| mapping.is_map()) {
            // A map has no null values; a part of one may be NULL.
            column.not_null |= column.external_name.as_deref() == Some("this");
        }
        let rows = indexes.get(mapping.external_name.as_str()).filter(|_| mapping.is_map());
        mapping.indexes = rows.into_iter().flatten().filter_map(|row| map_index(row, &list)).collect();
        let plain = mapping.is_map() && mapping.external_name == row.name;
        let description =
            (!plain).then(|| format!("{} {}", mapping.connector, mapping.external_name).trim().into());
        let definition: Vec<String> = columns.iter().map(|c| format!("{c:?}")).collect();
        let state = state_number(&[&row.connector, &row.external_name, &row.options, &definition.concat()]);
        Draft {
            schema: &row.schema,
            name: &row.name,
            columns: list,
            kind: RelationKind::Mapping(mapping),
            description,
            estimate: row.rows,
            state,
        }
    }

    fn view(row: &'a ViewRow, columns: &[&'a ColumnRow]) -> Draft<'a> {
        Draft {
            schema: &row.schema,
            name: &row.name,
            columns: columns.iter().zip(1..).map(|(c, n)| column(c, n)).collect(),
            kind: RelationKind::ClusterView { definition: row.definition.clone() },
            description: None,
            estimate: None,
            state: state_number(&[&row.definition]),
        }
    }
}

fn column(row: &ColumnRow, attnum: i16) -> Column {
    // A type we don't know shows as what it is in SQL: an object.
    let cluster_type = SqlType::by_name(&row.data_type).unwrap_or(SqlType::Object);
    Column {
        name: row.name.as_str().into(),
        ty: TypeRef::of(cluster_type.pg_type()),
        attnum,
        // Of a composite key the parts may be NULL, the key itself never is.
        not_null: row.external_name.as_deref() == Some("__key"),
        hidden: false,
        cluster_type: Some(cluster_type),
        external_name: row.external_name.as_deref().map(Into::into),
    }
}

/// Adds `__key` and `this` where Hazelcast has them hidden (`KvMetadataResolver.maybeAddDefaultField`): the whole key
/// and the whole value of a key-value connector, unless a column is mapped to it, or has the name.
fn add_hidden(columns: &mut Vec<Column>, mapping: &Mapping) {
    if !mapping.is_map() && !mapping.connector.eq_ignore_ascii_case("Kafka") {
        return;
    }
    for (name, format) in [("__key", "keyFormat"), ("this", "valueFormat")] {
        let declared = columns
            .iter()
            .any(|column| column.external_name.as_deref() == Some(name) || column.name.as_ref() == name);
        if declared {
            continue;
        }
        let cluster_type = format_type(mapping.option(format).unwrap_or_default());
        columns.push(Column {
            name: name.into(),
            ty: TypeRef::of(cluster_type.pg_type()),
            attnum: i16::try_from(columns.len() + 1).unwrap_or(i16::MAX),
            not_null: name == "__key",
            hidden: true,
            cluster_type: Some(cluster_type),
            external_name: Some(name.into()),
        });
    }
}

/// The type of a whole key or value by its format option (`KvMetadataJavaResolver`, `SqlConnector` constants).
fn format_type(format: &str) -> SqlType {
    match format {
        "json" => SqlType::Json,
        "varchar" | "character varying" | "char varying" => SqlType::Varchar,
        "boolean" => SqlType::Boolean,
        "tinyint" => SqlType::TinyInt,
        "smallint" => SqlType::SmallInt,
        "int" | "integer" => SqlType::Integer,
        "bigint" => SqlType::BigInt,
        "decimal" | "dec" | "numeric" => SqlType::Decimal,
        "real" => SqlType::Real,
        "double" | "double precision" => SqlType::Double,
        "date" => SqlType::Date,
        "time" => SqlType::Time,
        "timestamp" => SqlType::Timestamp,
        "timestamp with time zone" => SqlType::TimestampTz,
        _ => SqlType::Object,
    }
}

/// Gives identifiers and derived names, in the order of the drafts.
fn assign(
    cluster: &str,
    drafts: Vec<Draft<'_>>,
    indexes: &HashMap<&str, Vec<&IndexRow>>,
) -> Vec<LiveRelation> {
    let mut oids = Oids::default();
    let mut relations: HashSet<(String, String)> =
        drafts.iter().map(|d| (d.schema.to_owned(), d.name.to_owned())).collect();
    let mut types = relations.clone();
    let mut tables = Vec::with_capacity(drafts.len());
    // Relations first: their numbers are few, and should not depend on anything else.
    let relation_oids: Vec<Oid> =
        drafts.iter().map(|draft| oids.assign_relation(cluster, draft.schema, draft.name)).collect();
    for (draft, oid) in drafts.into_iter().zip(relation_oids) {
        let mut give = |kind: &str| oids.assign(kind, cluster, draft.schema, draft.name);
        let (row_type, array_type, index, constraint) =
            (give("type"), give("array"), give("index"), give("constraint"));
        let rule = match draft.kind {
            RelationKind::ClusterView { .. } => give("rule"),
            _ => Oid::INVALID,
        };
        let relation = Relation {
            oid,
            schema: draft.schema.into(),
            name: draft.name.into(),
            columns: draft.columns,
            kind: draft.kind,
        };
        let array_name =
            free_name(&mut types, draft.schema, |round| format!("{}{}", "_".repeat(round + 1), draft.name));
        let key = relation.key().map(|columns| KeyIndex {
            oid: index,
            name: free_name(&mut relations, draft.schema, |round| match round {
                0 => format!("{}_pkey", draft.name),
                n => format!("{}_pkey{n}", draft.name),
            }),
            method: BTREE,
            constraint,
            columns,
        });
        let mut others = Vec::new();
        for (row, columns) in shown_indexes(&relation, indexes) {
            let name = free_name(&mut relations, draft.schema, |round| match round {
                0 => row.name.clone(),
                n => format!("{}{n}", row.name),
            });
            let oid = oids.assign("index", cluster, draft.schema, &name);
            let method = if row.hash { HASH } else { BTREE };
            others.push(KeyIndex { oid, name, method, constraint: Oid::INVALID, columns });
        }
        let Draft { description, estimate, state, .. } = draft;
        let relation = Arc::new(relation);
        tables.push(LiveRelation {
            relation,
            row_type,
            array_type,
            array_name,
            key,
            others,
            rule,
            description,
            estimate,
            state,
        });
    }
    tables
}

/// The first name that nothing in the schema has (`ChooseRelationName`, `makeArrayTypeName`).
fn free_name(
    taken: &mut HashSet<(String, String)>,
    schema: &str,
    name: impl Fn(usize) -> String,
) -> Arc<str> {
    let mut round = 0;
    loop {
        let name = name(round);
        if taken.insert((schema.to_owned(), name.clone())) {
            return name.into();
        }
        round += 1;
    }
}

/// The indexes of a mapping's map of which all attributes are columns of the mapping that can be looked up.
fn shown_indexes<'a>(
    relation: &Relation,
    indexes: &HashMap<&str, Vec<&'a IndexRow>>,
) -> Vec<(&'a IndexRow, Vec<usize>)> {
    let Some(mapping) = relation.mapping().filter(|mapping| mapping.is_map()) else { return Vec::new() };
    let rows = indexes.get(mapping.external_name.as_str()).into_iter().flatten();
    let shown = rows.filter_map(|row| {
        let method = if row.hash { HASH } else { BTREE };
        let columns: Option<Vec<usize>> =
            row.attributes.iter().map(|attribute| indexed_column(relation, attribute, method)).collect();
        Some((*row, columns.filter(|columns| !columns.is_empty())?))
    });
    shown.collect()
}

fn indexed_column(relation: &Relation, attribute: &str, method: Oid) -> Option<usize> {
    let shown = |column: &Column| !column.hidden && default_opclass(column.ty.oid, method).is_some();
    relation.columns.iter().position(|column| is_attribute(column, attribute) && shown(column))
}

/// Whether a column is an attribute of an index: Hazelcast leaves `this.` out, and may write `__key#a` for `__key.a`
/// (`IndexUtils.canonicalizeAttribute`).
fn is_attribute(column: &Column, attribute: &str) -> bool {
    let external = column.external_name.as_deref().unwrap_or_default();
    external.strip_prefix("this.").unwrap_or(external) == attribute.replacen("__key#", "__key.", 1)
}

/// An index that begins with a column of a mapping.
fn map_index(row: &IndexRow, columns: &[Column]) -> Option<MapIndex> {
    let attribute = row.attributes.first()?;
    let column = columns.iter().position(|column| is_attribute(column, attribute))?;
    Some(MapIndex {
        name: row.name.clone(),
        hash: row.hash,
        attribute: attribute.clone(),
        column,
        composite: row.attributes.len() > 1,
    })
}
