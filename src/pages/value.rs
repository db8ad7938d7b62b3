//! Values of a page as PostgreSQL's.

use std::sync::Arc;

use hazelcast_client::{Page, PageColumnRef, SqlColumnType};
use pg::{Env, Error, Numeric, Oid, Result, SqlState, Value, oid};
use sql::hazelcast::SqlType;
use sql::plan::RemoteColumn;

use super::{decimal, object, temporal};

/// The rows of a page.
pub fn rows(page: &Page, columns: &[RemoteColumn], env: &Env) -> Result<Vec<Vec<Value>>> {
    let readers = readers(page, columns)?;
    let row = |row| readers.iter().map(|(column, target)| value(column, row, *target, env)).collect();
    (0..page.rows()).map(row).collect()
}

/// The columns of a page with the types they are to have.
pub(super) fn readers<'a>(page: &'a Page, columns: &[RemoteColumn]) -> Result<Vec<(PageColumnRef<'a>, Oid)>> {
    if page.columns() != columns.len() {
        let message = format!("the cluster sent {} columns instead of {}", page.columns(), columns.len());
        return Err(Error::internal(message));
    }
    let reader = |(index, column): (usize, &RemoteColumn)| {
        let reader = page.column(index).ok_or_else(|| Error::internal("a page lost a column"))?;
        Ok((reader, column.ty.oid))
    };
    columns.iter().enumerate().map(reader).collect()
}

/// A value, as the type wants it.
pub fn value(column: &PageColumnRef<'_>, row: usize, target: Oid, env: &Env) -> Result<Value> {
    use SqlColumnType as From;
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    let from = column.column_type();
    let value = match (from, target) {
        (From::Boolean, oid::BOOL) => column.bool(row).map(Value::Bool),
        (From::TinyInt | From::SmallInt | From::Integer | From::BigInt, _) => {
            return integer(column.i64(row).unwrap_or_default(), target, from);
        }
        (From::Decimal, _) => {
            let value = column.decimal(row).ok_or_else(|| mismatch(from, target))?;
            return number(decimal::numeric(value)?, target, from);
        }
        (From::Real, oid::FLOAT4) => column.f32(row).map(Value::Float4),
        (From::Real | From::Double, oid::FLOAT8) => column.f64(row).map(Value::Float8),
        (From::Varchar | From::Json | From::Row, oid::JSONB) => {
            column.str(row).map(|text| Value::Jsonb(text.into()))
        }
        (From::Varchar | From::Json | From::Row, _) => {
            return text(column.text(row).unwrap_or_default()).map(|text| Value::Text(text.into()));
        }
        (From::Date, oid::DATE) => column.date(row).map(temporal::date).transpose()?.map(Value::Date),
        (From::Time, oid::TIME) => column.time(row).map(temporal::time).map(Value::Time),
        (From::Timestamp, oid::TIMESTAMP) => {
            column.timestamp(row).map(temporal::timestamp).transpose()?.map(Value::Timestamp)
        }
        (From::TimestampTz, oid::TIMESTAMPTZ) => {
            column.timestamp_tz(row).map(temporal::timestamp_tz).transpose()?.map(Value::TimestampTz)
        }
        (From::Object, _) => {
            let object = object::text(column.data(row).unwrap_or_default(), env)?;
            Some(Value::Text(text(object.as_bytes())?.into()))
        }
        _ => None,
    };
    value.ok_or_else(|| mismatch(from, target))
}

/// An integer of the cluster's as a number of another width.
fn integer(value: i64, target: Oid, from: SqlColumnType) -> Result<Value> {
    match target {
        oid::INT2 => value.try_into().map(Value::Int2).map_err(|_| out_of_range("smallint")),
        oid::INT4 => value.try_into().map(Value::Int4).map_err(|_| out_of_range("integer")),
        oid::INT8 => Ok(Value::Int8(value)),
        oid::NUMERIC => Ok(Value::Numeric(Arc::new(Numeric::new(value.into(), 0)))),
        oid::OID | oid::REGCLASS | oid::REGTYPE => {
            value.try_into().map(|value| Value::Oid(Oid(value))).map_err(|_| out_of_range("OID"))
        }
        _ => Err(mismatch(from, target)),
    }
}

fn number(value: Numeric, target: Oid, from: SqlColumnType) -> Result<Value> {
    let whole = |value: &Numeric| {
        if value.is_integral() { value.to_i64() } else { Err(mismatch(from, target)) }
    };
    match target {
        oid::NUMERIC => Ok(Value::Numeric(Arc::new(value))),
        oid::INT2 | oid::INT4 | oid::INT8 => integer(whole(&value)?, target, from),
        _ => Err(mismatch(from, target)),
    }
}

/// A text of the cluster's. That it is UTF-8 was checked when the page arrived.
pub(super) fn text(bytes: &[u8]) -> Result<&str> {
    if bytes.contains(&0) {
        return Err(Error::new(
            SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        )
        .detail("The cluster holds a text with a NUL character, which PostgreSQL's text can not.")
        .hint("Leave the entry out with a condition on its key, or write it again without the character."));
    }
    std::str::from_utf8(bytes).map_err(|_| Error::internal("the cluster sent a text that is not UTF-8"))
}

pub(super) fn out_of_range(type_name: &str) -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{type_name} out of range"))
}

/// The cluster sent another type than the plan expects.
pub(super) fn mismatch(from: SqlColumnType, target: Oid) -> Error {
    let name = pg::catalog::format_type(target, None);
    Error::internal(format!("the cluster sent {from:?} for a column of type {name}"))
}

/// The client's name of a column type of `sql`.
pub fn column_type(sql_type: SqlType) -> SqlColumnType {
    match sql_type {
        SqlType::Varchar => SqlColumnType::Varchar,
        SqlType::Boolean => SqlColumnType::Boolean,
        SqlType::TinyInt => SqlColumnType::TinyInt,
        SqlType::SmallInt => SqlColumnType::SmallInt,
        SqlType::Integer => SqlColumnType::Integer,
        SqlType::BigInt => SqlColumnType::BigInt,
        SqlType::Decimal => SqlColumnType::Decimal,
        SqlType::Real => SqlColumnType::Real,
        SqlType::Double => SqlColumnType::Double,
        SqlType::Date => SqlColumnType::Date,
        SqlType::Time => SqlColumnType::Time,
        SqlType::Timestamp => SqlColumnType::Timestamp,
        SqlType::TimestampTz => SqlColumnType::TimestampTz,
        SqlType::Object => SqlColumnType::Object,
        SqlType::Null => SqlColumnType::Null,
        SqlType::Json => SqlColumnType::Json,
        SqlType::Row => SqlColumnType::Row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_narrowed_with_care() {
        let from = SqlColumnType::BigInt;
        assert_eq!(integer(32_767, oid::INT2, from).unwrap(), Value::Int2(32_767));
        assert_eq!(integer(32_768, oid::INT2, from).unwrap_err().message(), "smallint out of range");
        assert_eq!(
            integer(1 << 31, oid::INT4, from).unwrap_err().code(),
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE
        );
        assert_eq!(integer(1 << 40, oid::INT8, from).unwrap(), Value::Int8(1 << 40));
        assert_eq!(integer(1, oid::TEXT, from).unwrap_err().code(), SqlState::INTERNAL_ERROR);
    }

    #[test]
    fn texts_have_no_nul() {
        assert_eq!(text("größer".as_bytes()).unwrap(), "größer");
        assert_eq!(text(b"a\0b").unwrap_err().code(), SqlState::CHARACTER_NOT_IN_REPERTOIRE);
    }
}
