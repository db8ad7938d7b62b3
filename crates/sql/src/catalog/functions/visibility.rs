//! Names: `format_type`, `to_reg…`, `pg_…_is_visible`, `pg_get_userbyid`.

use pg::{Error, Oid, Result, SqlState, Value, oid};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::lookup::full_path;
use crate::catalog::system::{schema_name, tables::*};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("format_type", format_type),
    ("oidvectortypes", oidvectortypes),
    ("pg_get_userbyid", |call, args| {
        let role = args::oid(args, 0)?;
        let unknown = || Value::text(format!("unknown (OID={role})"));
        Ok(call.catalog.role_name(role).map_or_else(unknown, Value::Text))
    }),
    ("pg_table_is_visible", |call, args| {
        let visible = call.catalog.class_is_visible(args::oid(args, 0)?, &call.path());
        Ok(args::or_null(visible.map(Value::Bool)))
    }),
    ("pg_type_is_visible", |call, args| {
        let visible = call.catalog.type_is_visible(args::oid(args, 0)?, &call.path());
        Ok(args::or_null(visible.map(Value::Bool)))
    }),
    ("pg_function_is_visible", |call, args| is_visible(call, args, PG_PROC, 2)),
    ("pg_operator_is_visible", |call, args| is_visible(call, args, PG_OPERATOR, 2)),
    ("pg_opclass_is_visible", |call, args| is_visible(call, args, PG_OPCLASS, 3)),
    ("pg_opfamily_is_visible", |call, args| is_visible(call, args, PG_OPFAMILY, 3)),
    ("pg_collation_is_visible", |call, args| is_visible(call, args, PG_COLLATION, 2)),
    ("pg_conversion_is_visible", |call, args| is_visible(call, args, PG_CONVERSION, 2)),
    ("pg_ts_config_is_visible", |call, args| is_visible(call, args, PG_TS_CONFIG, 2)),
    ("pg_ts_dict_is_visible", |call, args| is_visible(call, args, PG_TS_DICT, 2)),
    ("pg_ts_parser_is_visible", |call, args| is_visible(call, args, PG_TS_PARSER, 2)),
    ("pg_ts_template_is_visible", |call, args| is_visible(call, args, PG_TS_TEMPLATE, 2)),
    // Extended statistics don't exist here.
    ("pg_statistics_obj_is_visible", |_, _| Ok(Value::Null)),
    ("to_regclass", |call, args| to_reg(call, args, oid::REGCLASS)),
    ("to_regtype", |call, args| to_reg(call, args, oid::REGTYPE)),
    ("to_regproc", |call, args| to_reg(call, args, oid::REGPROC)),
    ("to_regprocedure", |call, args| to_reg(call, args, oid::REGPROCEDURE)),
    ("to_regoper", |call, args| to_reg(call, args, oid::REGOPER)),
    ("to_regoperator", |call, args| to_reg(call, args, oid::REGOPERATOR)),
    ("to_regnamespace", |call, args| to_reg(call, args, oid::REGNAMESPACE)),
    ("to_regrole", |call, args| to_reg(call, args, oid::REGROLE)),
    ("to_regcollation", |call, args| to_reg(call, args, oid::REGCOLLATION)),
    ("text_regclass", |call, args| {
        call.catalog.class_by_text(args::text(args, 0)?, &call.path()).map(Value::Oid)
    }),
];

/// `format_type(type, typmod)`: not strict; a NULL modifier is none at all.
fn format_type(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(Value::Oid(oid)) = args.first() else { return Ok(Value::Null) };
    let typmod = args.get(1).and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok());
    Ok(Value::text(call.catalog.format_type(*oid, typmod, &call.path())))
}

fn oidvectortypes(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let path = call.path();
    let types = args::array(args, 0)?.items.iter().map(|item| {
        let oid = item.as_i64().and_then(|oid| u32::try_from(oid).ok()).unwrap_or(0);
        call.catalog.format_type(Oid(oid), None, &path)
    });
    Ok(Value::text(types.collect::<Vec<_>>().join(", ")))
}

/// Visibility of an object of which no two schemas here have one of the same name.
fn is_visible(call: &SystemCall<'_>, args: &[Value], table: Oid, namespace: usize) -> Result<Value> {
    let Some(row) = call.catalog.find(table, args::oid(args, 0)?) else { return Ok(Value::Null) };
    let schema = schema_name(row.oid(namespace));
    let path = call.path();
    Ok(Value::Bool(schema.is_some_and(|schema| full_path(&path).any(|known| known == schema))))
}

/// `to_regclass(text)` and its relatives: NULL where the cast has no such object; other errors stay.
fn to_reg(call: &SystemCall<'_>, args: &[Value], reg_type: Oid) -> Result<Value> {
    let text = args::text(args, 0)?;
    match call.catalog.reg_in(reg_type, text, &call.path()) {
        Ok(oid) if oid.is_valid() => Ok(Value::Oid(oid)),
        Ok(_) => Ok(Value::Null),
        Err(error) if is_missing(reg_type, text, &error) => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

fn is_missing(reg_type: Oid, text: &str, error: &Error) -> bool {
    match error.code() {
        SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_FUNCTION
        | SqlState::AMBIGUOUS_FUNCTION
        | SqlState::INVALID_SCHEMA_NAME => true,
        // An unknown type among the arguments is an error even here.
        SqlState::UNDEFINED_OBJECT => {
            reg_type != oid::REGPROCEDURE && reg_type != oid::REGOPERATOR || !text.contains('(')
        }
        _ => false,
    }
}
