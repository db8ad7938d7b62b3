//! The relations of `pg_catalog` and `information_schema` as analysis sees them, and their built-in rows.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use pg::catalog::{SystemRelation, system_relation, system_relations, system_rows, view_definition};
use pg::{Oid, TypeRef, Value, oid};

use super::{Column, Relation, RelationKind};

/// `pg_namespace` oids of the built-in schemas.
pub use pg::catalog::{PG_CATALOG, PUBLIC};
/// See [`PG_CATALOG`].
pub const PG_TOAST: Oid = Oid(99);

/// The oid of `information_schema`, which initdb gives out.
pub static INFORMATION_SCHEMA: LazyLock<Oid> = LazyLock::new(|| {
    let mut views = system_relations().iter();
    views.find(|relation| relation.name == "sql_features").map_or(Oid::INVALID, |relation| relation.namespace)
});

/// A column that every table has besides its own (`SysAtt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemAttribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Oid,
    /// Its number, which is negative.
    pub attnum: i16,
}

/// In the order in which they stand behind the others.
pub const SYSTEM_COLUMNS: [SystemAttribute; 6] = [
    SystemAttribute { name: "ctid", ty: oid::TID, attnum: -1 },
    SystemAttribute { name: "xmin", ty: oid::XID, attnum: -2 },
    SystemAttribute { name: "cmin", ty: oid::CID, attnum: -3 },
    SystemAttribute { name: "xmax", ty: oid::XID, attnum: -4 },
    SystemAttribute { name: "cmax", ty: oid::CID, attnum: -5 },
    SystemAttribute { name: "tableoid", ty: oid::OID, attnum: -6 },
];

impl SystemAttribute {
    /// As a column of a relation.
    pub fn column(self) -> Column {
        Column {
            name: self.name.into(),
            ty: TypeRef::of(self.ty),
            attnum: self.attnum,
            not_null: true,
            hidden: true,
            cluster_type: None,
            external_name: None,
        }
    }
}

/// `FrozenTransactionId`'s elder: rows that initdb made in bootstrap mode carry it.
const BOOTSTRAP_XID: Oid = Oid(1);

struct System {
    by_name: HashMap<(&'static str, &'static str), Arc<Relation>>,
    by_oid: HashMap<Oid, Arc<Relation>>,
}

static SYSTEM: LazyLock<System> = LazyLock::new(|| {
    let relations: Vec<(&'static str, &'static str, Arc<Relation>)> = system_relations()
        .iter()
        .filter(|row| matches!(row.kind, 'r' | 'v'))
        .filter_map(|row| Some((schema_name(row.namespace)?, row.name, Arc::new(relation(row)?))))
        .collect();
    System {
        by_oid: relations.iter().map(|(_, _, relation)| (relation.oid, relation.clone())).collect(),
        by_name: relations.into_iter().map(|(schema, name, relation)| ((schema, name), relation)).collect(),
    }
});

/// The name of a built-in schema.
pub fn schema_name(namespace: Oid) -> Option<&'static str> {
    match namespace {
        PG_CATALOG => Some("pg_catalog"),
        PG_TOAST => Some("pg_toast"),
        PUBLIC => Some("public"),
        other if other == *INFORMATION_SCHEMA => Some("information_schema"),
        _ => None,
    }
}

/// Whether every database has this schema.
pub fn known_schema(name: &str) -> bool {
    matches!(name, "public" | "pg_catalog" | "information_schema" | "pg_toast" | "hazelcast")
}

/// Whether every server has this role.
pub fn known_role(name: &str) -> bool {
    rows(tables::PG_AUTHID).iter().any(|row| row.get(1).and_then(Value::as_str) == Some(name))
}

fn relation(row: &'static SystemRelation) -> Option<Relation> {
    let own = row.columns.iter().zip(1..).map(|(column, attnum)| Column {
        name: column.name.into(),
        ty: TypeRef { oid: column.type_oid, typmod: column.typmod },
        attnum,
        not_null: column.not_null,
        hidden: false,
        cluster_type: None,
        external_name: None,
    });
    let is_table = row.kind == 'r';
    let system = SYSTEM_COLUMNS.into_iter().filter(|_| is_table).map(SystemAttribute::column);
    let kind = if is_table {
        RelationKind::Catalog
    } else {
        RelationKind::View { definition: view_definition(row.oid, false)?.into() }
    };
    Some(Relation {
        oid: row.oid,
        schema: schema_name(row.namespace)?.into(),
        name: row.name.into(),
        columns: own.chain(system).collect(),
        kind,
    })
}

/// A built-in table or view by its name.
pub fn relation_by_name(schema: &str, name: &str) -> Option<Arc<Relation>> {
    SYSTEM.by_name.get(&(schema, name)).cloned()
}

/// A built-in table or view by its oid.
pub fn relation_by_oid(oid: Oid) -> Option<Arc<Relation>> {
    SYSTEM.by_oid.get(&oid).cloned()
}

/// Rows of tables, by the tables' oids.
pub type RowCache = Mutex<HashMap<Oid, Arc<[Vec<Value>]>>>;

static ROWS: LazyLock<RowCache> = LazyLock::new(Mutex::default);

/// The built-in rows of a table, system columns included; read when first asked for.
pub fn rows(relation: Oid) -> Arc<[Vec<Value>]> {
    let mut cache = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    let rows = cache.entry(relation).or_insert_with(|| {
        let Some(row) = system_relation(relation).filter(|row| row.kind == 'r') else { return Arc::from([]) };
        let rows = system_rows(row).into_iter().zip(1..);
        rows.map(|(values, line)| with_system_columns(values, relation, line, BOOTSTRAP_XID)).collect()
    });
    rows.clone()
}

/// A row of a table of the catalog with its system columns: where it stands, and since when.
pub fn with_system_columns(mut values: Vec<Value>, relation: Oid, line: usize, xmin: Oid) -> Vec<Value> {
    values.reserve_exact(SYSTEM_COLUMNS.len());
    values.push(Value::text(format!("({},{})", line / 0xffff, line % 0xffff)));
    values.push(Value::Oid(xmin));
    values.push(Value::Oid(Oid(0)));
    values.push(Value::Oid(Oid(0)));
    values.push(Value::Oid(Oid(0)));
    values.push(Value::Oid(relation));
    values
}

/// `pg_class` oids of the tables that this crate knows by name.
#[allow(missing_docs)]
pub mod tables {
    use pg::Oid;

    pub const PG_TYPE: Oid = Oid(1247);
    pub const PG_ATTRIBUTE: Oid = Oid(1249);
    pub const PG_CLASS: Oid = Oid(1259);
    pub const PG_AUTHID: Oid = Oid(1260);
    pub const PG_DATABASE: Oid = Oid(1262);
    pub const PG_CONSTRAINT: Oid = Oid(2606);
    pub const PG_DEPEND: Oid = Oid(2608);
    pub const PG_DESCRIPTION: Oid = Oid(2609);
    pub const PG_INDEX: Oid = Oid(2610);
    pub const PG_NAMESPACE: Oid = Oid(2615);
    pub const PG_REWRITE: Oid = Oid(2618);
    pub const PG_COLLATION: Oid = Oid(3456);
    pub const PG_TS_CONFIG: Oid = Oid(3602);
    pub const PG_TS_DICT: Oid = Oid(3600);
    pub const PG_TS_PARSER: Oid = Oid(3601);
    pub const PG_TS_TEMPLATE: Oid = Oid(3764);
    pub const PG_OPCLASS: Oid = Oid(2616);
    pub const PG_OPFAMILY: Oid = Oid(2753);
    pub const PG_CONVERSION: Oid = Oid(2607);
    pub const PG_PROC: Oid = Oid(1255);
    pub const PG_OPERATOR: Oid = Oid(2617);
    pub const PG_LANGUAGE: Oid = Oid(2612);
    pub const PG_TABLESPACE: Oid = Oid(1213);
    pub const PG_AM: Oid = Oid(2601);
    pub const PG_CAST: Oid = Oid(2605);
    pub const PG_EXTENSION: Oid = Oid(3079);
    pub const PG_AUTH_MEMBERS: Oid = Oid(1261);
    pub const PG_SHDESCRIPTION: Oid = Oid(2396);
    pub const PG_FOREIGN_DATA_WRAPPER: Oid = Oid(2328);
    pub const PG_FOREIGN_SERVER: Oid = Oid(1417);
}
