//! Coercion of a value to its type's modifier: what the length coercion functions do (`varchar(varchar, int4, bool)`,
//! `numeric(numeric, int4)`, `timestamp(timestamp, int4)` …).

use crate::text::{bpchar_cast, varchar_cast};
use crate::{Result, TypeRef, Value, catalog, datetime, oid};

/// Makes a value of the type fit the type's modifier. An explicit cast cuts texts; an assignment cuts blanks only,
/// 22001 otherwise. Numbers and times are rounded either way.
pub fn coerce_typmod(value: Value, ty: TypeRef, explicit: bool) -> Result<Value> {
    if ty.typmod < 0 {
        return Ok(value);
    }
    let typmod = ty.typmod;
    Ok(match value {
        Value::Text(text) if ty.oid == oid::VARCHAR => {
            let cut = varchar_cast(&text, typmod, explicit)?;
            if cut.len() == text.len() { Value::Text(text) } else { Value::text(cut) }
        }
        Value::Text(text) if ty.oid == oid::BPCHAR => {
            let padded = bpchar_cast(&text, typmod, explicit)?;
            if *padded == *text { Value::Text(text) } else { Value::Text(padded.into()) }
        }
        Value::Numeric(number) if ty.oid == oid::NUMERIC => {
            Value::Numeric(number.apply_typmod(typmod)?.into())
        }
        Value::Time(time) if ty.oid == oid::TIME => Value::Time(datetime::apply_time_typmod(time, typmod)),
        Value::TimeTz(time, zone) if ty.oid == oid::TIMETZ => {
            Value::TimeTz(datetime::apply_time_typmod(time, typmod), zone)
        }
        Value::Timestamp(t) if ty.oid == oid::TIMESTAMP => {
            Value::Timestamp(datetime::apply_timestamp_typmod(t, typmod)?)
        }
        Value::TimestampTz(t) if ty.oid == oid::TIMESTAMPTZ => {
            Value::TimestampTz(datetime::apply_timestamp_typmod(t, typmod)?)
        }
        Value::Interval(interval) if ty.oid == oid::INTERVAL => {
            Value::Interval(datetime::apply_interval_typmod(interval, typmod))
        }
        Value::Array(array) => coerce_array(array, ty, explicit)?,
        Value::Other(other) if matches!(ty.oid, oid::BIT | oid::VARBIT) => {
            crate::func::coerce_bits(&other, ty, explicit)?
        }
        other => other,
    })
}

/// The elements of an array, by the modifier of the array type.
fn coerce_array(array: std::sync::Arc<crate::Array>, ty: TypeRef, explicit: bool) -> Result<Value> {
    if !catalog::type_by_oid(ty.oid).is_some_and(|row| row.is_array()) {
        return Ok(Value::Array(array));
    }
    let element = TypeRef { oid: array.element, typmod: ty.typmod };
    let items = array.items.iter().map(|item| coerce_typmod(item.clone(), element, explicit));
    let items = items.collect::<Result<Vec<_>>>()?;
    Ok(Value::Array(crate::Array { element: array.element, dims: array.dims.clone(), items }.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        let varchar = TypeRef { oid: oid::VARCHAR, typmod: 3 + 4 };
        assert_eq!(coerce_typmod(Value::text("abc  "), varchar, false).unwrap(), Value::text("abc"));
        assert_eq!(coerce_typmod(Value::text("äbcd"), varchar, true).unwrap(), Value::text("äbc"));
        let error = coerce_typmod(Value::text("abcd"), varchar, false).unwrap_err();
        assert_eq!(error.message(), "value too long for type character varying(3)");
        let bpchar = TypeRef { oid: oid::BPCHAR, typmod: 3 + 4 };
        assert_eq!(coerce_typmod(Value::text("a"), bpchar, false).unwrap(), Value::text("a  "));
    }
}
