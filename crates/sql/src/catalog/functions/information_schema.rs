//! The functions that initdb makes in `information_schema`, for its views. PostgreSQL has them in SQL.

use pg::oid;
use pg::{Oid, Result, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::PG_INDEX;

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("_pg_index_position", index_position),
    ("_pg_truetypid", |_, args| {
        // $1.atttypid, or what the domain $2 stands on: typtype, typbasetype.
        Ok(if is_domain(args) { field(args, 1, "typbasetype") } else { field(args, 0, "atttypid") })
    }),
    ("_pg_truetypmod", |_, args| {
        Ok(if is_domain(args) { field(args, 1, "typtypmod") } else { field(args, 0, "atttypmod") })
    }),
    ("_pg_char_max_length", |_, args| with_type(args, max_length)),
    ("_pg_char_octet_length", |_, args| with_type(args, octet_length)),
    ("_pg_numeric_precision", |_, args| with_type(args, numeric_precision)),
    ("_pg_numeric_precision_radix", |_, args| with_type(args, numeric_radix)),
    ("_pg_numeric_scale", |_, args| with_type(args, numeric_scale)),
    ("_pg_datetime_precision", |_, args| with_type(args, datetime_precision)),
    ("_pg_interval_type", interval_type),
];

/// `_pg_index_position(index, column)`: where a column stands in an index.
fn index_position(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let number = args::int(args, 1)?;
    let Some(row) = call.catalog.find(PG_INDEX, args::oid(args, 0)?) else { return Ok(Value::Null) };
    let position = row.ints(15).iter().position(|known| *known == number);
    Ok(position.and_then(|i| i32::try_from(i + 1).ok()).map_or(Value::Null, Value::Int4))
}

/// A field of a composite argument.
fn field(args: &[Value], index: usize, name: &str) -> Value {
    match args.get(index) {
        Some(Value::Record(record)) => {
            let at = record.names.iter().position(|known| &**known == name);
            args::or_null(at.and_then(|at| record.fields.get(at)).cloned())
        }
        _ => Value::Null,
    }
}

fn is_domain(args: &[Value]) -> bool {
    field(args, 1, "typtype") == Value::Char(b'd')
}

fn with_type(args: &[Value], rule: fn(Oid, i64) -> Option<i64>) -> Result<Value> {
    let found = rule(args::oid(args, 0)?, args::int(args, 1)?);
    Ok(found.and_then(|n| i32::try_from(n).ok()).map_or(Value::Null, Value::Int4))
}

fn max_length(ty: Oid, typmod: i64) -> Option<i64> {
    match ty {
        _ if typmod == -1 => None,
        oid::BPCHAR | oid::VARCHAR => Some(typmod - 4),
        oid::BIT | oid::VARBIT => Some(typmod),
        _ => None,
    }
}

fn octet_length(ty: Oid, typmod: i64) -> Option<i64> {
    // The longest character of UTF-8 has four bytes.
    match ty {
        oid::TEXT | oid::BPCHAR | oid::VARCHAR if typmod == -1 => Some(1 << 30),
        oid::TEXT | oid::BPCHAR | oid::VARCHAR => max_length(ty, typmod).map(|length| length * 4),
        _ => None,
    }
}

fn numeric_precision(ty: Oid, typmod: i64) -> Option<i64> {
    match ty {
        oid::INT2 => Some(16),
        oid::INT4 => Some(32),
        oid::INT8 => Some(64),
        oid::NUMERIC if typmod != -1 => Some(((typmod - 4) >> 16) & 65535),
        oid::FLOAT4 => Some(24),
        oid::FLOAT8 => Some(53),
        _ => None,
    }
}

fn numeric_radix(ty: Oid, _: i64) -> Option<i64> {
    match ty {
        oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 => Some(2),
        oid::NUMERIC => Some(10),
        _ => None,
    }
}

fn numeric_scale(ty: Oid, typmod: i64) -> Option<i64> {
    match ty {
        oid::INT2 | oid::INT4 | oid::INT8 => Some(0),
        oid::NUMERIC if typmod != -1 => Some((typmod - 4) & 65535),
        _ => None,
    }
}

fn datetime_precision(ty: Oid, typmod: i64) -> Option<i64> {
    match ty {
        oid::DATE => Some(0),
        oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            Some(if typmod < 0 { 6 } else { typmod })
        }
        oid::INTERVAL if typmod < 0 || typmod & 0xffff == 0xffff => Some(6),
        oid::INTERVAL => Some(typmod & 0xffff),
        _ => None,
    }
}

/// The fields of an interval type, in capitals.
fn interval_type(_: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    if args::oid(args, 0)? != oid::INTERVAL {
        return Ok(Value::Null);
    }
    let typmod = i32::try_from(args::int(args, 1)?).unwrap_or(-1);
    let text = pg::catalog::format_type(oid::INTERVAL, Some(typmod));
    // SIMILAR 'interval[()0-9]* #"%#"': a blank must follow.
    let rest = text.trim_start_matches("interval").trim_start_matches(|c: char| "()0123456789".contains(c));
    Ok(args::text_or_null(rest.strip_prefix(' ').map(str::to_uppercase)))
}
