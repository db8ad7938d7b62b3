//! Sizes: what the maps behind mappings take in the cluster. Catalog tables take nothing anywhere.

use pg::{Error, Oid, Result, SqlState, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::{PG_DATABASE, PG_TABLESPACE};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_relation_size", relation_size),
    ("pg_table_size", |call, args| Ok(size(call, args::oid(args, 0)?))),
    ("pg_total_relation_size", |call, args| Ok(size(call, args::oid(args, 0)?))),
    // The key of a map is part of its entries: there is no index beside them.
    ("pg_indexes_size", |call, args| {
        Ok(size(call, args::oid(args, 0)?).as_i64().map_or(Value::Null, |_| Value::Int8(0)))
    }),
    ("pg_database_size_oid", |call, args| {
        let found = call.catalog.find(PG_DATABASE, args::oid(args, 0)?);
        Ok(found.map_or(Value::Null, |_| Value::Int8(total(call))))
    }),
    ("pg_database_size_name", |call, args| {
        let name = args::text(args, 0)?;
        let known = call.catalog.scan(PG_DATABASE).any(|row| row.text(1) == name);
        if known {
            Ok(Value::Int8(total(call)))
        } else {
            Err(missing("database", name, SqlState::INVALID_CATALOG_NAME))
        }
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
    &[("pg_relation_size", |call, args| Ok(size(call, args::oid(args, 0)?)))];

fn missing(kind: &str, name: &str, code: SqlState) -> Error {
    Error::new(code, format!("{kind} \"{name}\" does not exist"))
}

fn size(call: &SystemCall<'_>, relation: Oid) -> Value {
    if call.catalog.database().class_name(relation).is_none() {
        return Value::Null;
    }
    Value::Int8(bytes(call, relation))
}

fn bytes(call: &SystemCall<'_>, relation: Oid) -> i64 {
    let bytes = call.session.instance.bytes(relation).unwrap_or(0);
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn total(call: &SystemCall<'_>) -> i64 {
    let tables = call.catalog.database().tables();
    tables.iter().fold(0, |sum, table| bytes(call, table.relation.oid).saturating_add(sum))
}

/// All maps are in the default tablespace (`pg_default`).
fn tablespace(call: &SystemCall<'_>, space: Oid) -> Value {
    Value::Int8(if space == Oid(1663) { total(call) } else { 0 })
}

/// `pg_relation_size(relation, fork)`
fn relation_size(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    match args::text(args, 1)? {
        "main" => Ok(size(call, args::oid(args, 0)?)),
        "fsm" | "vm" | "init" => {
            Ok(size(call, args::oid(args, 0)?).as_i64().map_or(Value::Null, |_| Value::Int8(0)))
        }
        _ => Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "invalid fork name")
            .hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".")),
    }
}
