//! JSON values of entries, written as Hazelcast's SQL writes them into json-flat mappings (`JsonUpsertTarget`):
//! booleans, integers and floats as JSON, everything else as strings in the form of `java.time` and `BigDecimal`.

use std::fmt::Write;

use pg::datetime::calendar::{date_fields, time_fields};
use pg::{Error, Result, SqlState, Value};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::hazelcast::SqlType;

use super::refused::{Form, not_storable, storable};

/// The object `json` with new values for some members. All other members stay as they are, to the letter. Of equal
/// names the first counts, as for Hazelcast.
pub(super) fn replace_members(json: &str, names: &[(String, SqlType)], values: &[Value]) -> Result<String> {
    let Members(old) = serde_json::from_str(json).map_err(|error| {
        let message = "the value of an entry is no JSON object";
        Error::new(SqlState::DATA_EXCEPTION, message).detail(error.to_string())
    })?;
    let mut new: Vec<Option<String>> = names
        .iter()
        .zip(values)
        .map(|((_, ty), value)| json_value(value, *ty).map(Some))
        .collect::<Result<_>>()?;
    let mut out = String::from("{");
    for (name, value) in &old {
        let place = names.iter().position(|(n, _)| n == name);
        let replaced = place.and_then(|place| new.get_mut(place)).and_then(Option::take);
        member(&mut out, name, replaced.as_deref().unwrap_or(value.get()));
    }
    for ((name, _), value) in names.iter().zip(new) {
        if let Some(value) = value {
            member(&mut out, name, &value);
        }
    }
    out.push('}');
    Ok(out)
}

fn member(out: &mut String, name: &str, value: &str) {
    if out.len() > 1 {
        out.push(',');
    }
    string(out, name);
    out.push(':');
    out.push_str(value);
}

/// The members of an object in order, their values as they are written.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

pub(super) fn json_value(value: &Value, ty: SqlType) -> Result<String> {
    storable(value, ty, Form::Json)?;
    let mut out = String::new();
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int2(_) | Value::Int4(_) | Value::Int8(_) => {
            out = value.as_i64().unwrap_or_default().to_string();
        }
        Value::Float4(x) => out = float(f64::from(*x), || format!("{x:e}"), || x.to_string()),
        Value::Float8(x) => out = float(*x, || format!("{x:e}"), || x.to_string()),
        Value::Text(text) => string(&mut out, text),
        Value::Numeric(numeric) => string(&mut out, &numeric.to_string()),
        Value::Date(days) => string(&mut out, &date(*days)),
        Value::Time(micros) => string(&mut out, &time(*micros)),
        Value::Timestamp(micros) => string(&mut out, &timestamp(*micros)),
        Value::TimestampTz(micros) => string(&mut out, &(timestamp(*micros) + "Z")),
        _ => return Err(not_storable(ty)),
    }
    Ok(out)
}

/// Hazelcast reads no number of hundreds of digits.
fn float(x: f64, scientific: impl Fn() -> String, plain: impl Fn() -> String) -> String {
    let magnitude = x.abs();
    let plain_range = magnitude == 0.0 || (1e-3..1e7).contains(&magnitude);
    if plain_range { plain() } else { scientific() }
}

/// `LocalDate.toString()`: at least four digits of the year, a sign before more.
fn date(days: i32) -> String {
    let (year, month, day) = date_fields(days);
    format!("{}-{month:02}-{day:02}", java_year(year))
}

fn java_year(year: i32) -> String {
    match year {
        10000.. => format!("+{year}"),
        0..10000 => format!("{year:04}"),
        _ => format!("-{:04}", -year),
    }
}

fn time(micros: i64) -> String {
    let (hour, minute, second, fraction) = time_fields(micros);
    clock(hour, minute, second, fraction)
}

/// `LocalTime.toString()`, but for the fraction, which may end in zeros there.
fn clock(hour: i32, minute: i32, second: i32, micros: i32) -> String {
    let mut out = format!("{hour:02}:{minute:02}");
    if second != 0 || micros != 0 {
        let _ = write!(out, ":{second:02}");
    }
    if micros != 0 {
        let fraction = format!("{micros:06}");
        let _ = write!(out, ".{}", fraction.trim_end_matches('0'));
    }
    out
}

fn timestamp(micros: i64) -> String {
    let (date, time) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    format!("{}T{}", self::date(i32::try_from(date).unwrap_or_default()), self::time(time))
}

/// A string with the escapes that JSON asks for.
fn string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(names: &[(&str, SqlType)]) -> Vec<(String, SqlType)> {
        names.iter().map(|&(name, ty)| (name.to_string(), ty)).collect()
    }

    #[test]
    fn other_members_stay_to_the_letter() {
        let old = r#"{"a": 1.50, "x" : {"deep":[1, 2]}, "b":"old", "a":9, "n":123456789012345678901}"#;
        let names = members(&[("b", SqlType::Varchar), ("a", SqlType::Integer), ("new", SqlType::Boolean)]);
        let values = [Value::text("say \"hi\"\n"), Value::Int4(7), Value::Bool(true)];
        let new = replace_members(old, &names, &values).unwrap();
        let expected =
            r#"{"a":7,"x":{"deep":[1, 2]},"b":"say \"hi\"\n","a":9,"n":123456789012345678901,"new":true}"#;
        assert_eq!(new, expected);
    }

    #[test]
    fn values_are_written_as_hazelcast_writes_them() {
        let micros = 86_400_000_000 + 3_600_000_000;
        let cases = [
            (Value::Null, SqlType::Integer, "null"),
            (Value::Float8(1.5), SqlType::Double, "1.5"),
            (Value::Float8(1.0), SqlType::Double, "1"),
            (Value::Float8(1e300), SqlType::Double, "1e300"),
            (Value::Date(0), SqlType::Date, "\"2000-01-01\""),
            (Value::Time(45_000_000), SqlType::Time, "\"00:00:45\""),
            (Value::Timestamp(micros), SqlType::Timestamp, "\"2000-01-02T01:00\""),
            (Value::TimestampTz(-1), SqlType::TimestampTz, "\"1999-12-31T23:59:59.999999Z\""),
        ];
        for (value, ty, expected) in cases {
            assert_eq!(json_value(&value, ty).unwrap(), expected, "{value:?}");
        }
        assert!(json_value(&Value::Float8(f64::NAN), SqlType::Double).is_err());
        assert!(json_value(&Value::Date(i32::MAX), SqlType::Date).is_err());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(replace_members("[1]", &members(&[("a", SqlType::Integer)]), &[Value::Int4(1)]).is_err());
        assert!(replace_members("{broken", &members(&[("a", SqlType::Integer)]), &[Value::Int4(1)]).is_err());
    }
}
