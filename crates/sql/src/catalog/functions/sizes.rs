//! Sizes: what the maps behind mappings take in the cluster, by what the members have measured
//! ([`ClusterTable::MapMemory`], which is gathered for statements that ask). Catalog tables take nothing anywhere.

use std::collections::HashSet;

use pg::{Error, Oid, Result, SqlState, Value, oid};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::{PG_DATABASE, PG_TABLESPACE};
use crate::catalog::{ClusterTable, Mapping, Snapshot};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_relation_size", relation_size),
    ("pg_table_size", |call, args| Ok(size(call, args::oid(args, 0)?, Part::Table))),
    ("pg_total_relation_size", |call, args| Ok(size(call, args::oid(args, 0)?, Part::All))),
    ("pg_indexes_size", |call, args| Ok(size(call, args::oid(args, 0)?, Part::Indexes))),
    ("pg_database_size_oid", |call, args| {
        let found = call.catalog.find(PG_DATABASE, args::oid(args, 0)?);
        Ok(found.map_or(Value::Null, |row| database(call, row.text(1))))
    }),
    ("pg_database_size_name", |call, args| {
        let name = args::text(args, 0)?;
        let known = call.catalog.scan(PG_DATABASE).any(|row| row.text(1) == name);
        if known { Ok(total(call)) } else { Err(missing("database", name, SqlState::INVALID_CATALOG_NAME)) }
    }),
    ("pg_tablespace_size_oid", |call, args| {
        let space = args::oid(args, 0)?;
        Ok(call.catalog.find(PG_TABLESPACE, space).map_or(Value::Null, |_| tablespace(call, space)))
    }),
    ("pg_tablespace_size_name", |call, args| {
        let name = args::text(args, 0)?;
        let found = call.catalog.scan(PG_TABLESPACE).find(|row| row.text(1) == name);
        let space = found.ok_or_else(|| missing("tablespace", name, SqlState::UNDEFINED_OBJECT))?;
        Ok(tablespace(call, space.oid(0)))
    }),
    ("pg_tablespace_location", |call, args| {
        let space = args::oid(args, 0)?;
        // 0 is the database's own.
        if !space.is_valid() || call.catalog.find(PG_TABLESPACE, space).is_some() {
            return Ok(Value::text(""));
        }
        let message = format!("tablespace with OID {space} does not exist");
        Err(Error::new(SqlState::UNDEFINED_OBJECT, message))
    }),
    ("pg_relation_filenode", |_, _| Ok(Value::Null)),
    ("pg_relation_filepath", |_, _| Ok(Value::Null)),
];

/// `pg_relation_size(relation)` is SQL for its main fork.
pub(super) const SQL_FUNCTIONS: &[(&str, SystemFunction)] =
    &[("pg_relation_size", |call, args| Ok(size(call, args::oid(args, 0)?, Part::Table)))];

fn missing(kind: &str, name: &str, code: SqlState) -> Error {
    Error::new(code, format!("{kind} \"{name}\" does not exist"))
}

/// What of a relation is asked for.
#[derive(Clone, Copy)]
enum Part {
    Table,
    Indexes,
    All,
}

/// NULL for what is no relation, and where members don't tell.
fn size(call: &SystemCall<'_>, relation: Oid, part: Part) -> Value {
    let database = call.catalog.database();
    if database.class_name(relation).is_none() {
        return Value::Null;
    }
    let bytes = if let Some(table) = database.table_by_oid(relation) {
        table.relation.mapping().map_or(Some(0), |mapping| {
            bytes(call, mapping, |index| match part {
                Part::Table => index.is_none(),
                Part::Indexes => index.is_some(),
                Part::All => true,
            })
        })
    } else if let (Some((table, index)), Part::Table | Part::All) = (database.table_by_index(relation), part)
    {
        // The key of a map is part of its entries: there is no index beside them.
        table
            .relation
            .mapping()
            .map_or(Some(0), |mapping| bytes(call, mapping, |name| name == Some(&index.name)))
    } else {
        Some(0)
    };
    bytes.map_or(Value::Null, Value::Int8)
}

/// What a mapping's map and its indexes take, those of which `counts` holds; `None` when members don't tell. What is in no
/// map takes nothing of the cluster.
fn bytes(call: &SystemCall<'_>, mapping: &Mapping, counts: impl Fn(Option<&str>) -> bool) -> Option<i64> {
    if !mapping.is_map() {
        return Some(0);
    }
    let memory = call.catalog.index(ClusterTable::MapMemory.oid(), &[(0, oid::TEXT)]);
    let key = [Value::text(mapping.external_name.as_str())];
    let rows = memory.find(&key).filter_map(|at| memory.rows().get(at));
    let counted = rows.filter(|row| counts(row.get(1).and_then(Value::as_str)));
    counted.map(|row| row.get(2)?.as_i64()).try_fold(0i64, |sum, bytes| Some(sum.saturating_add(bytes?)))
}

/// Every database but the templates is the cluster.
fn database(call: &SystemCall<'_>, name: &str) -> Value {
    if matches!(name, "template0" | "template1") { Value::Int8(0) } else { total(call) }
}

/// All maps that mappings open, each once.
fn total(call: &SystemCall<'_>) -> Value {
    let tables = call.catalog.database().tables();
    let mut seen = HashSet::new();
    let mappings = tables.iter().filter_map(|table| table.relation.mapping());
    let maps = mappings.filter(|mapping| mapping.is_map() && seen.insert(mapping.external_name.as_str()));
    let mut sizes = maps.map(|mapping| bytes(call, mapping, |_| true));
    let sum = sizes.try_fold(0i64, |sum, bytes| Some(sum.saturating_add(bytes?)));
    sum.map_or(Value::Null, Value::Int8)
}

/// All maps are in the default tablespace (`pg_default`).
fn tablespace(call: &SystemCall<'_>, space: Oid) -> Value {
    if space == Oid(1663) { total(call) } else { Value::Int8(0) }
}

/// `pg_relation_size(relation, fork)`
fn relation_size(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    match args::text(args, 1)? {
        "main" => Ok(size(call, args::oid(args, 0)?, Part::Table)),
        "fsm" | "vm" | "init" => {
            let known = call.catalog.database().class_name(args::oid(args, 0)?).is_some();
            Ok(if known { Value::Int8(0) } else { Value::Null })
        }
        _ => Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "invalid fork name")
            .hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".")),
    }
}
