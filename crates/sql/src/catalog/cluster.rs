//! Schema `hazelcast`: the cluster itself as tables. Their rows are nowhere until a statement asks for them: whoever runs
//! it gathers them from the cluster first ([`crate::plan::Plan::gathered`]) and gives them to its [`Catalog`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pg::catalog::{STATEMENT_COLUMNS, STATEMENTS_INFO_COLUMNS};
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
    /// What maps and their indexes take of the members' memory.
    MapMemory,
}

use ClusterTable::*;

impl ClusterTable {
    const ALL: [ClusterTable; 7] = [Members, Partitions, Clients, Jobs, Maps, Indexes, MapMemory];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Members => "members",
            Partitions => "partitions",
            Clients => "clients",
            Jobs => "jobs",
            Maps => "maps",
            Indexes => "indexes",
            MapMemory => "map_memory",
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
            MapMemory => &[
                ("map", oid::TEXT),
                ("index", oid::TEXT),
                ("bytes", oid::INT8),
                ("backup_bytes", oid::INT8),
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

/// What this instance has executed, and how complete that is: the extension's views on its functions.
const STATEMENTS: &str = "SELECT * FROM public.pg_stat_statements(true)";
const STATEMENTS_INFO: &str = "SELECT dealloc, stats_reset FROM public.pg_stat_statements_info()";

static RELATIONS: LazyLock<Vec<Arc<Relation>>> = LazyLock::new(|| {
    let tables = ClusterTable::ALL
        .into_iter()
        .map(|table| Relation::extra(SCHEMA, table.name(), table.columns(), RelationKind::Catalog));
    let view = |schema: &str, name: &str, columns: &[(&str, Oid)], definition: &str| {
        Relation::extra(schema, name, columns, RelationKind::View { definition: definition.into() })
    };
    let running = [
        ("id", oid::TEXT),
        ("query", oid::TEXT),
        ("status", oid::TEXT),
        ("unbounded", oid::BOOL),
        ("light", oid::BOOL),
        ("submitted", oid::TIMESTAMPTZ),
    ];
    let views = [
        view(SCHEMA, "running_queries", &running, RUNNING_QUERIES),
        // PostgreSQL's extension makes its views in `public`.
        view("public", "pg_stat_statements", &STATEMENT_COLUMNS, STATEMENTS),
        view("public", "pg_stat_statements_info", &STATEMENTS_INFO_COLUMNS, STATEMENTS_INFO),
    ];
    tables.chain(views).map(Arc::new).collect()
});

/// A relation of the schema by its name.
pub(super) fn by_name(schema: &str, name: &str) -> Option<Arc<Relation>> {
    RELATIONS.iter().find(|relation| *relation.name == *name && *relation.schema == *schema).cloned()
}

/// A relation of the schema by its oid.
pub(super) fn by_oid(oid: Oid) -> Option<Arc<Relation>> {
    RELATIONS.iter().find(|relation| relation.oid == oid).cloned()
}

/// The functions that tell how large something is, of what maps take: `pg_database_size`, `pg_indexes_size`,
/// `pg_relation_size`, `pg_table_size`, `pg_tablespace_size`, `pg_total_relation_size`.
pub(crate) fn asks_sizes(proc: Oid) -> bool {
    const PROCS: [u32; 9] = [2168, 2322, 2323, 2324, 2325, 2332, 2286, 2997, 2998];
    PROCS.contains(&proc.0)
}

/// The table of the cluster that this relation is.
pub(crate) fn table(relation: Oid) -> Option<ClusterTable> {
    static BY_OID: LazyLock<HashMap<Oid, ClusterTable>> =
        LazyLock::new(|| ClusterTable::ALL.into_iter().map(|table| (table.oid(), table)).collect());
    BY_OID.get(&relation).copied()
}
