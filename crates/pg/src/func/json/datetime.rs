//! `.datetime()` of jsonpath: strings as dates and times, and how these compare (`executeDateTimeMethod`,
//! `compareDatetime`).

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::datum::iso;
use super::path::{Failure, Found};
use crate::datetime::convert;
use crate::func::Call;
use crate::func::output::text_of;
use crate::func::to_char::Standard;
use crate::json::{Datetime, Json};
use crate::{Env, Error, Result, SqlState, Value, oid};

/// The formats that are tried when there is no template, in this order.
const FORMATS: [&str; 19] = [
    "yyyy-mm-dd",
    "HH24:MI:SS.USTZH:TZM",
    "HH24:MI:SS.USTZH",
    "HH24:MI:SSTZH:TZM",
    "HH24:MI:SSTZH",
    "HH24:MI:SS.US",
    "HH24:MI:SS",
    "yyyy-mm-dd HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd HH24:MI:SS.USTZH",
    "yyyy-mm-dd HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd HH24:MI:SSTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH",
    "yyyy-mm-dd HH24:MI:SS.US",
    "yyyy-mm-dd HH24:MI:SS",
    "yyyy-mm-dd\"T\"HH24:MI:SS.US",
    "yyyy-mm-dd\"T\"HH24:MI:SS",
];

static KNOWN: LazyLock<Vec<Standard>> =
    LazyLock::new(|| FORMATS.iter().filter_map(|format| Standard::new(format).ok()).collect());

/// `SQL/JSON` 22031
const INVALID: SqlState = SqlState(*b"22031");

/// The date or time that a string is.
pub(super) fn read(env: &Env, template: Option<&str>, value: &Json) -> Found<Json> {
    let Json::String(text) = value else {
        let message = "jsonpath item method .datetime() can only be applied to a string";
        return Err(Failure::Soft(Error::new(INVALID, message)));
    };
    let (value, east) = match template {
        Some(template) => Standard::new(template)?.read(text).map_err(Failure::Soft)?,
        None => KNOWN.iter().find_map(|format| format.read(text).ok()).ok_or_else(|| {
            let error = Error::new(INVALID, format!("datetime format is not recognized: \"{text}\""));
            Failure::Soft(error.hint("Use a datetime template argument to specify the input data format."))
        })?,
    };
    let text = written(env, &value, east)?;
    Ok(Json::Datetime(Box::new(Datetime { value, text })))
}

/// `JsonEncodeDateTime`, with the zone that it was read with.
fn written(env: &Env, value: &Value, east: i32) -> Result<String> {
    let call = Call { env, arg_types: &[], result: oid::TEXT };
    let minutes = east.abs() / 60;
    let sign = if east < 0 { '-' } else { '+' };
    let zone = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    match value {
        Value::Date(_) => iso(&call, oid::DATE, value),
        Value::Timestamp(_) => iso(&call, oid::TIMESTAMP, value),
        Value::TimestampTz(moment) => {
            let local = Value::Timestamp(moment.saturating_add(i64::from(east) * 1_000_000));
            let text = iso(&call, oid::TIMESTAMP, &local)?;
            Ok(match text.strip_suffix(" BC") {
                Some(text) => format!("{text}{zone} BC"),
                None => format!("{text}{zone}"),
            })
        }
        Value::TimeTz(time, west) => {
            let text = text_of(&call, oid::TIME, &Value::Time(*time))?;
            let (sign, minutes) = (if *west > 0 { '-' } else { '+' }, west.abs() / 60);
            Ok(format!("{text}{sign}{:02}:{:02}", minutes / 60, minutes % 60))
        }
        _ => text_of(&call, oid::TIME, value),
    }
}

/// What `.type()` says.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Date(_) => "date",
        Value::Time(_) => "time without time zone",
        Value::TimeTz(..) => "time with time zone",
        Value::Timestamp(_) => "timestamp without time zone",
        _ => "timestamp with time zone",
    }
}

/// The order of two; `None` where one is a time of day and the other is none. `zone`: where the session's time zone is,
/// if it may be used.
pub(super) fn compare(a: &Value, b: &Value, zone: Option<&Env>) -> Result<Option<Ordering>> {
    let by_zone = |from: &str, to: &str| {
        zone.ok_or_else(|| {
            let message = format!("cannot convert value from {from} to {to} without time zone usage");
            Error::new(SqlState::FEATURE_NOT_SUPPORTED, message)
                .hint("Use *_tz() function for time zone support.")
        })
    };
    // A day may begin before the first timestamp, or end after the last.
    let begin = |day: i32| i128::from(day) * 86_400_000_000;
    Ok(Some(match (a, b) {
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b))
        | (Value::Timestamp(a), Value::Timestamp(b))
        | (Value::TimestampTz(a), Value::TimestampTz(b)) => a.cmp(b),
        (Value::TimeTz(..), Value::TimeTz(..)) => crate::compare(oid::TIMETZ, a, b),
        (Value::Date(a), Value::Timestamp(b)) => begin(*a).cmp(&i128::from(*b)),
        (Value::Date(a), Value::TimestampTz(b)) => {
            convert::date_to_timestamptz(by_zone("date", "timestamptz")?, *a)?.cmp(b)
        }
        (Value::Timestamp(a), Value::TimestampTz(b)) => {
            convert::timestamp_to_timestamptz(by_zone("timestamp", "timestamptz")?, *a)?.cmp(b)
        }
        (Value::Time(a), Value::TimeTz(..)) => {
            let (time, west) = convert::time_to_timetz(by_zone("time", "timetz")?, *a)?;
            crate::compare(oid::TIMETZ, &Value::TimeTz(time, west), b)
        }
        (Value::Timestamp(_), Value::Date(_))
        | (Value::TimestampTz(_), Value::Date(_) | Value::Timestamp(_))
        | (Value::TimeTz(..), Value::Time(_)) => return Ok(compare(b, a, zone)?.map(Ordering::reverse)),
        _ => return Ok(None),
    }))
}
