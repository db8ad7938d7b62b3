//! The functions of the extension `pg_stat_statements`, version 1.10. They are found by their names in schema `public`, as the
//! extension's are, and are not listed.

use std::sync::LazyLock;

use super::procs::Proc;
use crate::{Oid, oid};

/// The columns of `pg_stat_statements`, version 1.10.
pub static STATEMENT_COLUMNS: [(&str, Oid); 43] = [
    ("userid", oid::OID),
    ("dbid", oid::OID),
    ("toplevel", oid::BOOL),
    ("queryid", oid::INT8),
    ("query", oid::TEXT),
    ("plans", oid::INT8),
    ("total_plan_time", oid::FLOAT8),
    ("min_plan_time", oid::FLOAT8),
    ("max_plan_time", oid::FLOAT8),
    ("mean_plan_time", oid::FLOAT8),
    ("stddev_plan_time", oid::FLOAT8),
    ("calls", oid::INT8),
    ("total_exec_time", oid::FLOAT8),
    ("min_exec_time", oid::FLOAT8),
    ("max_exec_time", oid::FLOAT8),
    ("mean_exec_time", oid::FLOAT8),
    ("stddev_exec_time", oid::FLOAT8),
    ("rows", oid::INT8),
    ("shared_blks_hit", oid::INT8),
    ("shared_blks_read", oid::INT8),
    ("shared_blks_dirtied", oid::INT8),
    ("shared_blks_written", oid::INT8),
    ("local_blks_hit", oid::INT8),
    ("local_blks_read", oid::INT8),
    ("local_blks_dirtied", oid::INT8),
    ("local_blks_written", oid::INT8),
    ("temp_blks_read", oid::INT8),
    ("temp_blks_written", oid::INT8),
    ("blk_read_time", oid::FLOAT8),
    ("blk_write_time", oid::FLOAT8),
    ("temp_blk_read_time", oid::FLOAT8),
    ("temp_blk_write_time", oid::FLOAT8),
    ("wal_records", oid::INT8),
    ("wal_fpi", oid::INT8),
    ("wal_bytes", oid::NUMERIC),
    ("jit_functions", oid::INT8),
    ("jit_generation_time", oid::FLOAT8),
    ("jit_inlining_count", oid::INT8),
    ("jit_inlining_time", oid::FLOAT8),
    ("jit_optimization_count", oid::INT8),
    ("jit_optimization_time", oid::FLOAT8),
    ("jit_emission_count", oid::INT8),
    ("jit_emission_time", oid::FLOAT8),
];

/// The columns of `pg_stat_statements_info`.
pub static STATEMENTS_INFO_COLUMNS: [(&str, Oid); 2] =
    [("dealloc", oid::INT8), ("stats_reset", oid::TIMESTAMPTZ)];

/// The extension's functions.
pub fn extension_procs() -> &'static [Proc] {
    static PROCS: LazyLock<Vec<Proc>> = LazyLock::new(|| {
        let inputs = [("userid", oid::OID), ("dbid", oid::OID), ("queryid", oid::INT8)];
        let reset = (0..=inputs.len()).map(|count| {
            let inputs = inputs.get(..count).unwrap_or_default();
            proc(16_370 + u32::try_from(count).unwrap_or(0), "pg_stat_statements_reset", inputs, &[])
        });
        let statements = Proc {
            returns_set: true,
            ..proc(16_374, "pg_stat_statements", &[("showtext", oid::BOOL)], &STATEMENT_COLUMNS)
        };
        let info = proc(16_375, "pg_stat_statements_info", &[], &STATEMENTS_INFO_COLUMNS);
        reset.chain([statements, info]).collect()
    });
    &PROCS
}

/// A function in C with these arguments.
fn proc(
    oid: u32,
    name: &'static str,
    inputs: &[(&'static str, Oid)],
    outputs: &[(&'static str, Oid)],
) -> Proc {
    let types = |list: &[(&'static str, Oid)]| list.iter().map(|(_, ty)| *ty).collect::<Vec<_>>();
    let modes = inputs.iter().map(|_| 'i').chain(outputs.iter().map(|_| 'o'));
    let has_outputs = !outputs.is_empty();
    Proc {
        oid: Oid(oid),
        name,
        namespace: super::PUBLIC,
        language: Oid(13),
        variadic: Oid::INVALID,
        kind: 'f',
        strict: true,
        returns_set: false,
        volatility: 'v',
        defaults: 0,
        result: if has_outputs { oid::RECORD } else { oid::VOID },
        args: types(inputs).into(),
        all_args: has_outputs.then(|| [types(inputs), types(outputs)].concat().into()),
        modes: if has_outputs { modes.collect() } else { Box::default() },
        arg_names: inputs.iter().chain(outputs).map(|(name, _)| *name).collect(),
        default_tree: None,
        source: name,
        sql_body: None,
    }
}
