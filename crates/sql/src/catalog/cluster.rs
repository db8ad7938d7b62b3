//! Schema `hazelcast`: the cluster itself as tables. Their rows are nowhere until a statement asks for them: whoever runs
//! it gathers them from the cluster first ([`crate::plan::Plan::gathered`]) and gives them to its [`Catalog`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pg::{Oid, Value, oid};

use super::{Relation, RelationKind};

/// The schema's name.
pub const SCHEMA: &str = "hazelcast";

/// Rows of tables of the cluster, by the tables' oids.
pub type Gathered = HashMap<Oid, Arc<[Vec<Value>]>>;

/// A table of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClusterTable {
    /// The members.
    Members,
    /// The partitions and who owns them.
    Partitions,
    /// Who is connected to the members.
    Clients,
    /// Jobs, statements that are being executed among them.
    Jobs,
    /// All maps, whether a mapping opens them or not.
    Maps,
    /// The indexes of maps.
    Indexes,
}

use ClusterTable::*;

impl ClusterTable {
    const ALL: [ClusterTable; 6] = [Members, Partitions, Clients, Jobs, Maps, Indexes];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Members => "members",
            Partitions => "partitions",
            Clients => "clients",
            Jobs => "jobs",
            Maps => "maps",
            Indexes => "indexes",
        }
    }

    /// Its columns: names and types.
    pub fn columns(self) -> &'static [(&'static str, Oid)] {
        match self {
            Members => &[
                ("uuid", oid::UUID),
                ("address", oid::TEXT),
                ("public_address", oid::TEXT),
                ("version", oid::TEXT),
                ("lite", oid::BOOL),
                ("connected", oid::BOOL),
                ("partitions", oid::INT4),
                ("attributes", oid::JSON),
            ],
            Partitions => &[("partition", oid::INT4), ("owner", oid::UUID), ("address", oid::TEXT)],
            Clients => &[
                ("uuid", oid::UUID),
                ("name", oid::TEXT),
                ("type", oid::TEXT),
                ("version", oid::TEXT),
                ("address", oid::TEXT),
                ("labels", oid::TEXT_ARRAY),
                ("members", oid::UUID_ARRAY),
            ],
            Jobs => &[
                ("id", oid::TEXT),
                ("name", oid::TEXT),
                ("status", oid::TEXT),
                ("light", oid::BOOL),
                ("submitted", oid::TIMESTAMPTZ),
                ("completed", oid::TIMESTAMPTZ),
                ("user_cancelled", oid::BOOL),
                ("failure", oid::TEXT),
                ("suspension_cause", oid::TEXT),
                ("query", oid::TEXT),
                ("unbounded", oid::BOOL),
            ],
            Maps => &[
                ("name", oid::TEXT),
                ("mappings", oid::TEXT_ARRAY),
                ("size", oid::INT8),
                ("key_format", oid::TEXT),
                ("value_format", oid::TEXT),
                ("suggestion", oid::TEXT),
                ("in_memory_format", oid::TEXT),
                ("backups", oid::INT4),
                ("async_backups", oid::INT4),
                ("time_to_live", oid::INT4),
                ("max_idle", oid::INT4),
                ("eviction_policy", oid::TEXT),
                ("max_size", oid::INT4),
                ("max_size_policy", oid::TEXT),
                ("not_known", oid::TEXT),
            ],
            Indexes => &[
                ("map", oid::TEXT),
                ("name", oid::TEXT),
                ("type", oid::TEXT),
                ("attributes", oid::TEXT_ARRAY),
                ("not_known", oid::TEXT),
            ],
        }
    }

    /// The oid of its relation.
    pub fn oid(self) -> Oid {
        Relation::extra_oid(SCHEMA, self.name())
    }
}

/// Statements that are being executed: of jobs those that have a statement and have not ended.
const RUNNING_QUERIES: &str = "SELECT id, query, status, unbounded, light, submitted FROM hazelcast.jobs \
                               WHERE query IS NOT NULL AND status NOT IN ('FAILED', 'COMPLETED')";

static RELATIONS: LazyLock<Vec<Arc<Relation>>> = LazyLock::new(|| {
    let tables = ClusterTable::ALL
        .into_iter()
        .map(|table| Relation::extra(SCHEMA, table.name(), table.columns(), RelationKind::Catalog));
    let view = [
        ("id", oid::TEXT),
        ("query", oid::TEXT),
        ("status", oid::TEXT),
        ("unbounded", oid::BOOL),
        ("light", oid::BOOL),
        ("submitted", oid::TIMESTAMPTZ),
    ];
    let definition = RelationKind::View { definition: RUNNING_QUERIES.into() };
    tables.chain([Relation::extra(SCHEMA, "running_queries", &view, definition)]).map(Arc::new).collect()
});

/// A relation of the schema by its name.
pub(super) fn by_name(schema: &str, name: &str) -> Option<Arc<Relation>> {
    let named = || RELATIONS.iter().find(|relation| &*relation.name == name).cloned();
    if schema == SCHEMA { named() } else { None }
}

/// A relation of the schema by its oid.
pub(super) fn by_oid(oid: Oid) -> Option<Arc<Relation>> {
    RELATIONS.iter().find(|relation| relation.oid == oid).cloned()
}

/// The table of the cluster that this relation is.
pub(crate) fn table(relation: Oid) -> Option<ClusterTable> {
    static BY_OID: LazyLock<HashMap<Oid, ClusterTable>> =
        LazyLock::new(|| ClusterTable::ALL.into_iter().map(|table| (table.oid(), table)).collect());
    BY_OID.get(&relation).copied()
}
