//! `information_schema.mappings`: what Hazelcast's own `information_schema` has beyond the standard's.

use std::sync::{Arc, LazyLock};

use pg::{Oid, Value, oid};

use super::{Catalog, Database, Relation, RelationKind};

const NAME: &str = "mappings";
const COLUMNS: [&str; 6] = [
    "table_catalog",
    "table_schema",
    "table_name",
    "mapping_external_name",
    "mapping_type",
    "mapping_options",
];

/// The relation. It has no row in `pg_class`: PostgreSQL's tools count what `information_schema` has.
static MAPPINGS: LazyLock<Arc<Relation>> = LazyLock::new(|| {
    let columns = COLUMNS.map(|name| (name, oid::VARCHAR));
    Arc::new(Relation::extra("information_schema", NAME, &columns, RelationKind::Catalog))
});

/// The relation by its name.
pub(super) fn by_name(schema: &str, name: &str) -> Option<Arc<Relation>> {
    (schema == "information_schema" && name == NAME).then(|| MAPPINGS.clone())
}

/// The relation by its oid.
pub(super) fn by_oid(oid: Oid) -> Option<Arc<Relation>> {
    (MAPPINGS.oid == oid).then(|| MAPPINGS.clone())
}

/// Its rows.
pub(super) fn rows(catalog: &Catalog) -> Arc<[Vec<Value>]> {
    let database: &Database = catalog.database();
    let row = |relation: &Relation| {
        let mapping = relation.mapping()?;
        let options: serde_json::Map<String, serde_json::Value> =
            mapping.options.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        Some(vec![
            Value::Text(catalog.name().clone()),
            Value::Text(relation.schema.clone()),
            Value::Text(relation.name.clone()),
            Value::text(mapping.external_name.as_str()),
            Value::text(mapping.connector.as_str()),
            Value::text(serde_json::Value::Object(options).to_string()),
        ])
    };
    database.tables().iter().filter_map(|table| row(&table.relation)).collect()
}
