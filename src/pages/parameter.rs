//! PostgreSQL's values as arguments of Hazelcast SQL.

use hazelcast_client as hz;
use pg::{Error, Numeric, Result, SqlState, Value};
use sql::hazelcast::SqlType;

use super::{decimal, temporal};

/// The Java value that a place of this type takes.
pub fn argument(value: &Value, wanted: SqlType) -> Result<hz::Value> {
    let lost = || Error::internal(format!("no way from {value:?} to an argument of type {}", wanted.name()));
    if value.is_null() {
        return Ok(hz::Value::Null);
    }
    Ok(match (wanted, value) {
        (SqlType::Boolean, Value::Bool(value)) => hz::Value::Boolean(*value),
        (SqlType::TinyInt, _) => hz::Value::TinyInt(integer(value, "TINYINT")?),
        (SqlType::SmallInt, _) => hz::Value::SmallInt(integer(value, "SMALLINT")?),
        (SqlType::Integer, _) => hz::Value::Integer(integer(value, "INTEGER")?),
        (SqlType::BigInt, _) => hz::Value::BigInt(integer(value, "BIGINT")?),
        (SqlType::Decimal, Value::Numeric(value)) => hz::Value::Decimal(decimal::to_decimal(value)?),
        (SqlType::Decimal, _) => {
            let value = Numeric::new(value.as_i64().ok_or_else(lost)?.into(), 0);
            hz::Value::Decimal(decimal::to_decimal(&value)?)
        }
        (SqlType::Real, Value::Float4(value)) => hz::Value::Real(*value),
        (SqlType::Double, Value::Float8(value)) => hz::Value::Double(*value),
        (SqlType::Double, Value::Float4(value)) => hz::Value::Double((*value).into()),
        (SqlType::Date, Value::Date(value)) => hz::Value::Date(temporal::to_date(*value)?),
        (SqlType::Time, Value::Time(value)) => hz::Value::Time(temporal::to_time(*value)?),
        (SqlType::Timestamp, Value::Timestamp(value)) => {
            hz::Value::Timestamp(temporal::to_timestamp(*value)?)
        }
        (SqlType::TimestampTz, Value::TimestampTz(value)) => {
            hz::Value::TimestampTz(temporal::to_timestamp_tz(*value)?)
        }
        (SqlType::Varchar, _) => hz::Value::Varchar(value.as_str().ok_or_else(lost)?.to_owned()),
        (SqlType::Json, _) => hz::Value::Json(value.as_str().ok_or_else(lost)?.to_owned()),
        (SqlType::Object, _) => object(value).ok_or_else(lost)??,
        _ => return Err(lost()),
    })
}

/// Any value, as the Java class nearest to it.
fn object(value: &Value) -> Option<Result<hz::Value>> {
    Some(Ok(match value {
        Value::Bool(value) => hz::Value::Boolean(*value),
        Value::Int2(value) => hz::Value::SmallInt(*value),
        Value::Int4(value) => hz::Value::Integer(*value),
        Value::Int8(value) => hz::Value::BigInt(*value),
        Value::Float4(value) => hz::Value::Real(*value),
        Value::Float8(value) => hz::Value::Double(*value),
        Value::Numeric(value) => return Some(decimal::to_decimal(value).map(hz::Value::Decimal)),
        Value::Text(text) => hz::Value::Varchar(text.to_string()),
        Value::Bytea(bytes) => hz::Value::Bytes(bytes.to_vec()),
        Value::Uuid(bytes) => hz::Value::Uuid(hz::Uuid::from_bytes(*bytes)),
        Value::Date(value) => return Some(temporal::to_date(*value).map(hz::Value::Date)),
        Value::Time(value) => return Some(temporal::to_time(*value).map(hz::Value::Time)),
        Value::Timestamp(value) => return Some(temporal::to_timestamp(*value).map(hz::Value::Timestamp)),
        Value::TimestampTz(value) => {
            return Some(temporal::to_timestamp_tz(*value).map(hz::Value::TimestampTz));
        }
        _ => return None,
    }))
}

fn integer<T: TryFrom<i64>>(value: &Value, type_name: &str) -> Result<T> {
    let number = match value {
        Value::Numeric(value) if value.is_integral() => value.to_i64()?,
        value => value.as_i64().ok_or_else(|| {
            Error::internal(format!("no way from {value:?} to an argument of type {type_name}"))
        })?,
    };
    number.try_into().map_err(|_| {
        let message = format!("value \"{number}\" is out of range for type {type_name}");
        Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_class() {
        assert_eq!(argument(&Value::Null, SqlType::Date).unwrap(), hz::Value::Null);
        assert_eq!(argument(&Value::Int4(7), SqlType::BigInt).unwrap(), hz::Value::BigInt(7));
        assert_eq!(argument(&Value::Int2(7), SqlType::TinyInt).unwrap(), hz::Value::TinyInt(7));
        assert_eq!(argument(&Value::text("x"), SqlType::Varchar).unwrap(), hz::Value::Varchar("x".into()));
        let decimal = argument(&Value::Int8(7), SqlType::Decimal).unwrap();
        assert_eq!(decimal, hz::Value::Decimal("7".parse().unwrap()));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let error = argument(&Value::Int4(200), SqlType::TinyInt).unwrap_err();
        assert_eq!(error.code(), SqlState::NUMERIC_VALUE_OUT_OF_RANGE);
        assert!(argument(&Value::Bool(true), SqlType::Integer).is_err());
        assert!(argument(&Value::Date(i32::MAX), SqlType::Date).is_err());
    }
}
