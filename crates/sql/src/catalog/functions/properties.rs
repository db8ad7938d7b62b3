//! Properties of relations, columns and access methods.

use pg::{Oid, Result, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::RelationKind;
use crate::catalog::system::tables::*;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_relation_is_updatable", |call, args| Ok(Value::Int4(updatable(call, args::oid(args, 0)?)))),
    ("pg_column_is_updatable", |call, args| {
        const UPDATE_AND_DELETE: i32 = 1 << 2 | 1 << 4;
        // System columns can't be changed.
        let plain = args::int(args, 1)? > 0;
        Ok(Value::Bool(
            plain && updatable(call, args::oid(args, 0)?) & UPDATE_AND_DELETE == UPDATE_AND_DELETE,
        ))
    }),
    ("pg_relation_is_publishable", |call, args| {
        Ok(args::or_null(call.catalog.find(PG_CLASS, args::oid(args, 0)?).map(|row| {
            Value::Bool(row.char(16) == b'r' && call.catalog.database().table_by_oid(row.oid(0)).is_some())
        })))
    }),
    ("pg_indexam_has_property", |_, args| Ok(method_property(args::oid(args, 0)?, args::text(args, 1)?))),
    ("pg_index_has_property", |call, args| {
        let Some(method) = index_method(call, args::oid(args, 0)?) else { return Ok(Value::Null) };
        Ok(index_property(method, args::text(args, 1)?))
    }),
    ("pg_index_column_has_property", column_property),
    ("pg_indexam_progress_phasename", |_, _| Ok(Value::Null)),
];

/// The commands that change a relation, as bits of their numbers (`CmdType`): 8 INSERT, 4 UPDATE, 16 DELETE.
fn updatable(call: &SystemCall<'_>, relation: Oid) -> i32 {
    const INSERT: i32 = 1 << 3;
    const ALL: i32 = 1 << 2 | 1 << 3 | 1 << 4;
    // pg_settings has a rule for UPDATE.
    const PG_SETTINGS: &str = "pg_settings";
    match call.catalog.database().table_by_oid(relation).map(|table| &table.relation.kind) {
        Some(RelationKind::Mapping(mapping)) => match mapping.connector.to_ascii_lowercase().as_str() {
            "imap" | "jdbc" | "mongo" => ALL,
            "kafka" => INSERT,
            _ => 0,
        },
        Some(_) => 0,
        None => match call.catalog.find(PG_CLASS, relation) {
            Some(row) if row.char(16) == b'r' => ALL,
            Some(row) if row.text(1) == PG_SETTINGS => 1 << 2,
            _ => 0,
        },
    }
}

const BTREE: Oid = Oid(403);
const HASH: Oid = Oid(405);
const GIST: Oid = Oid(783);
const GIN: Oid = Oid(2742);
const BRIN: Oid = Oid(3580);
const SPGIST: Oid = Oid(4000);

fn yes(condition: bool) -> Value {
    Value::Bool(condition)
}

/// What an access method can do (`amutils.c` over each `amhandler`).
fn method_property(method: Oid, property: &str) -> Value {
    if !matches!(method, BTREE | HASH | GIST | GIN | BRIN | SPGIST) {
        return Value::Null;
    }
    match property.to_ascii_lowercase().as_str() {
        "can_order" | "can_unique" => yes(method == BTREE),
        "can_multi_col" => yes(!matches!(method, HASH | SPGIST)),
        "can_exclude" => yes(!matches!(method, GIN | BRIN)),
        "can_include" => yes(matches!(method, BTREE | GIST | SPGIST)),
        _ => Value::Null,
    }
}

fn index_property(method: Oid, property: &str) -> Value {
    match property.to_ascii_lowercase().as_str() {
        "clusterable" => yes(matches!(method, BTREE | GIST)),
        "index_scan" => yes(!matches!(method, GIN | BRIN)),
        "bitmap_scan" => yes(true),
        "backward_scan" => yes(matches!(method, BTREE | HASH)),
        _ => Value::Null,
    }
}

/// The access method of an index; none for anything else.
fn index_method(call: &SystemCall<'_>, index: Oid) -> Option<Oid> {
    let row = call.catalog.find(PG_CLASS, index)?;
    (row.char(16) == b'i').then(|| row.oid(6))
}

/// `pg_index_column_has_property(index, column, property)`: the indexes here are btrees, or of maps by hash.
fn column_property(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let index = args::oid(args, 0)?;
    let method = index_method(call, index).filter(|method| matches!(*method, BTREE | HASH));
    let (Some(method), Some(row)) = (method, call.catalog.find(PG_INDEX, index)) else {
        return Ok(Value::Null);
    };
    let options = row.ints(18);
    let number = usize::try_from(args::int(args, 1)?).unwrap_or(0);
    let Some(option) = number.checked_sub(1).and_then(|i| options.get(i)) else { return Ok(Value::Null) };
    let property = args::text(args, 2)?.to_ascii_lowercase();
    if method == HASH {
        const KNOWN: [&str; 9] = [
            "asc",
            "desc",
            "nulls_first",
            "nulls_last",
            "orderable",
            "returnable",
            "search_array",
            "search_nulls",
            "distance_orderable",
        ];
        return Ok(if KNOWN.contains(&property.as_str()) { yes(false) } else { Value::Null });
    }
    Ok(match property.as_str() {
        "asc" => yes(option & 1 == 0),
        "desc" => yes(option & 1 == 1),
        "nulls_first" => yes(option & 2 == 2),
        "nulls_last" => yes(option & 2 == 0),
        "orderable" | "returnable" | "search_array" | "search_nulls" => yes(true),
        "distance_orderable" => yes(false),
        _ => Value::Null,
    })
}
