//! Other set-returning functions of the catalog's views.

use pg::{Oid, Result, Value};

use super::{SystemCall, SystemSetFunction, args};
use crate::catalog::system::tables::{PG_DATABASE, PG_EXTENSION};

/// There is none of what the function lists.
const NONE: SystemSetFunction = |_, _| Ok(Vec::new());

pub(super) const SETS: &[(&str, SystemSetFunction)] = &[
    ("show_all_settings", |call, _| Ok(call.session.settings().rows())),
    ("pg_options_to_table", options_to_table),
    ("pg_available_extensions", |call, _| Ok(extensions(call))),
    ("pg_available_extension_versions", extension_versions),
    ("pg_tablespace_databases", |call, args| {
        // All are in pg_default.
        let here = args::oid(args, 0)? == Oid(1663);
        let databases = call.catalog.scan(PG_DATABASE).filter(|_| here);
        Ok(databases.map(|row| vec![Value::Oid(row.oid(0))]).collect())
    }),
    ("pg_config", |call, _| {
        let version = call.session.settings().get("server_version");
        Ok(vec![vec![Value::text("VERSION"), Value::text(format!("PostgreSQL {version}"))]])
    }),
    // Two-phase commit, replication, publications, subscriptions, event triggers.
    ("pg_prepared_xact", NONE),
    ("pg_get_replication_slots", NONE),
    ("pg_stat_get_wal_senders", NONE),
    ("pg_stat_get_subscription", NONE),
    ("pg_show_replication_origin_status", NONE),
    ("pg_get_publication_tables", NONE),
    ("pg_event_trigger_dropped_objects", NONE),
    ("pg_event_trigger_ddl_commands", NONE),
    // Configuration files in PostgreSQL's form.
    ("show_all_file_settings", NONE),
    ("pg_show_all_file_settings", NONE),
    ("pg_hba_file_rules", NONE),
    ("pg_ident_file_mappings", NONE),
    // Shared memory, caches, LISTEN.
    ("pg_get_shmem_allocations", NONE),
    ("pg_get_backend_memory_contexts", NONE),
    ("pg_stat_get_slru", NONE),
    ("pg_stat_get_recovery_prefetch", NONE),
    ("pg_stats_ext_mcvlist_items", NONE),
    ("pg_stat_get_progress_info", NONE),
    ("pg_listening_channels", NONE),
    // Partitions: a table that has none is not in its own tree.
    ("pg_partition_tree", NONE),
    ("pg_partition_ancestors", NONE),
];

/// `pg_options_to_table(options)`: option_name, option_value.
fn options_to_table(_: &SystemCall<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    let options = args::array(args, 0)?;
    let pair = |text: &str| match text.split_once('=') {
        Some((name, value)) => vec![Value::text(name), Value::text(value)],
        None => vec![Value::text(text), Value::Null],
    };
    Ok(options.items.iter().filter_map(Value::as_str).map(pair).collect())
}

/// What is installed is available, and nothing else is.
fn extensions(call: &SystemCall<'_>) -> Vec<Vec<Value>> {
    call.catalog
        .scan(PG_EXTENSION)
        .map(|row| {
            vec![
                Value::text(row.text(1)),
                Value::text(row.text(5)),
                Value::text("PL/pgSQL procedural language"),
            ]
        })
        .collect()
}

/// name, version, superuser, trusted, relocatable, schema, requires, comment
fn extension_versions(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    Ok(call
        .catalog
        .scan(PG_EXTENSION)
        .map(|row| {
            vec![
                Value::text(row.text(1)),
                Value::text(row.text(5)),
                Value::Bool(true),
                Value::Bool(true),
                Value::Bool(false),
                Value::text("pg_catalog"),
                Value::Null,
                Value::text("PL/pgSQL procedural language"),
            ]
        })
        .collect())
}
