//! Descriptions of objects (objectaddress.c).

use std::sync::Arc;

use pg::catalog::quote_identifier;
use pg::{Error, Oid, Record, Result, SqlState, Value, oid};

use super::definitions::column_name;
use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::*;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] =
    &[("pg_describe_object", describe), ("pg_identify_object", identify)];

/// `pg_describe_object(class, object, column)`
fn describe(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let (class, object, column) = (args::oid(args, 0)?, args::oid(args, 1)?, args::int(args, 2)?);
    // What pg_depend has for pinned objects.
    if !class.is_valid() && !object.is_valid() {
        return Ok(Value::Null);
    }
    Ok(args::text_or_null(description(call, class, object, column)?))
}

fn description(call: &SystemCall<'_>, class: Oid, object: Oid, column: i64) -> Result<Option<String>> {
    let path = call.path();
    let row = |table: Oid| call.catalog.find(table, object);
    let named = |kind: &str| row(class).map(|row| format!("{kind} {}", row.text(1)));
    let reg = |kind: &str, reg_type: Oid| {
        row(class).map(|_| format!("{kind} {}", call.catalog.reg_out(reg_type, object, &path)))
    };
    Ok(match class {
        PG_CLASS => {
            let relation = relation(call, object);
            match column {
                0 => relation,
                number => relation.and_then(|relation| {
                    Some(format!("column {} of {relation}", column_name(call.catalog, object, number)?))
                }),
            }
        }
        PG_PROC => call.catalog.procedure_name(object, &path).map(|name| format!("function {name}")),
        PG_TYPE => row(PG_TYPE).map(|_| format!("type {}", call.catalog.format_type(object, None, &path))),
        PG_NAMESPACE => named("schema"),
        PG_AUTHID => named("role"),
        PG_DATABASE => named("database"),
        PG_TABLESPACE => named("tablespace"),
        PG_EXTENSION => named("extension"),
        PG_LANGUAGE => named("language"),
        PG_AM => named("access method"),
        PG_OPERATOR => reg("operator", oid::REGOPERATOR),
        PG_COLLATION => reg("collation", oid::REGCOLLATION),
        PG_TS_CONFIG => reg("text search configuration", oid::REGCONFIG),
        PG_TS_DICT => reg("text search dictionary", oid::REGDICTIONARY),
        PG_CAST => row(PG_CAST).map(|row| {
            let name = |column| call.catalog.format_type(row.oid(column), None, &path);
            format!("cast from {} to {}", name(1), name(2))
        }),
        PG_CONSTRAINT => row(PG_CONSTRAINT).map(|row| match relation(call, row.oid(7)) {
            Some(relation) => format!("constraint {} on {relation}", row.text(1)),
            None => format!("constraint {}", row.text(1)),
        }),
        PG_REWRITE => row(PG_REWRITE)
            .and_then(|row| Some(format!("rule {} on {}", row.text(1), relation(call, row.oid(2))?))),
        PG_OPCLASS => row(PG_OPCLASS).and_then(|row| {
            let method = call.catalog.find(PG_AM, row.oid(1))?;
            Some(format!("operator class {} for access method {}", row.text(2), method.text(1)))
        }),
        PG_OPFAMILY => row(PG_OPFAMILY).and_then(|row| {
            let method = call.catalog.find(PG_AM, row.oid(1))?;
            Some(format!("operator family {} for access method {}", row.text(2), method.text(1)))
        }),
        _ => {
            return Err(Error::new(SqlState::INTERNAL_ERROR, format!("unrecognized object class: {class}")));
        }
    })
}

/// The word for a kind of relation.
fn kind_word(kind: u8) -> &'static str {
    match kind {
        b'i' | b'I' => "index",
        b'v' => "view",
        b't' => "toast table",
        b'S' => "sequence",
        b'm' => "materialized view",
        b'c' => "composite type",
        b'f' => "foreign table",
        _ => "table",
    }
}

/// `getRelationDescription`
fn relation(call: &SystemCall<'_>, object: Oid) -> Option<String> {
    let row = call.catalog.find(PG_CLASS, object)?;
    let name = call.catalog.reg_out(oid::REGCLASS, object, &call.path());
    Some(format!("{} {name}", kind_word(row.char(16))))
}

/// `pg_identify_object(class, object, column)`: type, schema, name, identity.
fn identify(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let (class, object, column) = (args::oid(args, 0)?, args::oid(args, 1)?, args::int(args, 2)?);
    let mut fields = vec![Value::Null; 4];
    if let Some(found) = identity(call, class, object, column) {
        fields = found.into_iter().map(args::text_or_null).collect();
    }
    let names = ["type", "schema", "name", "identity"].map(Arc::from).to_vec();
    Ok(Value::Record(Arc::new(Record { types: vec![oid::TEXT; 4], names, fields })))
}

fn identity(call: &SystemCall<'_>, class: Oid, object: Oid, column: i64) -> Option<[Option<String>; 4]> {
    let quote = |name: &str| quote_identifier(name).into_owned();
    let row = call.catalog.find(class, object)?;
    Some(match class {
        PG_CLASS => {
            let name = call.catalog.database().class_name(object)?;
            let (schema, table) = (quote(&name.schema), quote(&name.name));
            let kind = kind_word(row.char(16));
            let column = match column {
                0 => None,
                number => Some(quote(&column_name(call.catalog, object, number)?)),
            };
            let identity = match &column {
                Some(column) => format!("{schema}.{table}.{column}"),
                None => format!("{schema}.{table}"),
            };
            let kind = if column.is_some() { format!("{kind} column") } else { kind.to_owned() };
            [Some(kind), Some(schema), Some(table), Some(identity)]
        }
        PG_TYPE => {
            let name = call.catalog.database().type_name(object)?;
            let identity = call.catalog.format_type(object, None, &[]);
            let identity = if *name.schema == *"pg_catalog" {
                identity
            } else {
                identity.replacen("pg_catalog.", "", 1)
            };
            [Some("type".into()), Some(quote(&name.schema)), Some(quote(&name.name)), Some(identity)]
        }
        PG_NAMESPACE => named("schema", quote(row.text(1))),
        PG_AUTHID => named("role", quote(row.text(1))),
        PG_DATABASE => named("database", quote(row.text(1))),
        PG_EXTENSION => named("extension", quote(row.text(1))),
        PG_LANGUAGE => named("language", quote(row.text(1))),
        PG_TABLESPACE => named("tablespace", quote(row.text(1))),
        _ => return None,
    })
}

fn named(kind: &str, name: String) -> [Option<String>; 4] {
    [Some(kind.to_owned()), None, Some(name.clone()), Some(name)]
}
