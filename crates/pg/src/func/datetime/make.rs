//! `make_date` and its relatives, the clock, `to_timestamp(double precision)`.

use super::zone::{Named, offset_or_zone};
use super::{USECS_PER_SEC, out_of_range};
use crate::datetime::calendar::{days_in_month, is_valid_julian, is_valid_timestamp};
use crate::datetime::{
    TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, USECS_PER_DAY, date_from_fields, session_zone,
};
use crate::func::Call;
use crate::func::args::{Date, Time, Timestamp, TimestampTz};
use crate::func::printf::general;
use crate::{Error, Interval, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "make_date" => |year: i32, month: i32, day: i32| make_date(year, month, day, year + i32::from(year < 0)).map(Date);
    "make_time" => |hour: i32, minute: i32, second: f64| make_time(hour, minute, second).map(Time);
    "make_timestamp" => |year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64|
        make_timestamp(year, month, day, hour, minute, second).map(Timestamp);
    "make_timestamptz" => |year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64|
        session_zone(call.env)
            .and_then(|zone| make_timestamptz(year, month, day, hour, minute, second, &Named::Zone(zone))).map(TimestampTz);
    "make_timestamptz_at_timezone" => |year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64, zone: &str|
        make_timestamp(year, month, day, hour, minute, second)
            .and_then(|local| offset_or_zone(zone)?.to_utc(local)).map(TimestampTz);
    "make_interval" => |years: i32, months: i32, weeks: i32, days: i32, hours: i32, minutes: i32, seconds: f64|
        make_interval(years, months, weeks, days, hours, minutes, seconds);
    "now" => |  | TimestampTz(call.env.transaction_timestamp);
    "statement_timestamp" => |  | TimestampTz(call.env.statement_timestamp);
    "clock_timestamp" => |  | TimestampTz(clock());
    "timeofday" => |  | time_of_day(call.env);
    "float8_timestamptz" => |seconds: f64| from_epoch(seconds).map(TimestampTz);
});

/// `timeofday()`: the clock in the words of C's `strftime`, as it was before there were timestamps.
fn time_of_day(env: &crate::Env) -> Result<String> {
    let now = clock();
    let call =
        Call { env, arg_types: &[crate::oid::TIMESTAMPTZ, crate::oid::TEXT], result: crate::oid::TEXT };
    let format = Value::text("Dy Mon DD HH24:MI:SS.US YYYY TZ");
    let kernel = crate::func::kernel(TO_CHAR).ok_or_else(|| Error::internal("to_char is missing"))?;
    match kernel(&call, &[Value::TimestampTz(now), format])? {
        Value::Text(text) => Ok(text.to_string()),
        _ => Err(Error::internal("to_char gave no text")),
    }
}

/// `to_char(timestamptz, text)`
const TO_CHAR: crate::Oid = crate::Oid(1770);

/// Now, microseconds since 2000-01-01 UTC.
fn clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.as_micros() as i64 - crate::datetime::calendar::POSTGRES_EPOCH_UNIX * USECS_PER_SEC
}

fn field_out_of_range(message: String) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, message)
}

/// The astronomical year of a year that is negative before Christ; `None` for 0, which isn't a year.
fn astronomical(year: i32) -> Option<i32> {
    match year {
        0 => None,
        1.. => Some(year),
        _ => Some(year.checked_add(1)?),
    }
}

/// `make_date`; errors show the year as given, or as `make_date` itself has it by then.
fn make_date(year: i32, month: i32, day: i32, shown: i32) -> Result<i32> {
    let fields = || format!("{shown}-{month:02}-{day:02}");
    let checked = astronomical(year)
        .filter(|y| (1..=12).contains(&month) && (1..=days_in_month(*y, month)).contains(&day))
        .ok_or_else(|| field_out_of_range(format!("date field value out of range: {}", fields())))?;
    Some(checked)
        .filter(|y| is_valid_julian(*y, month))
        .and_then(|y| date_from_fields(y, month, day))
        .ok_or_else(|| field_out_of_range(format!("date out of range: {}", fields())))
}

/// `make_time`
fn make_time(hour: i32, minute: i32, second: f64) -> Result<i64> {
    let refuse = || {
        field_out_of_range(format!(
            "time field value out of range: {hour}:{minute:02}:{}",
            general(second, 2, true)
        ))
    };
    // `float_time_overflows`: the seconds may round up to 60.
    if !(0..=24).contains(&hour) || !(0..=59).contains(&minute) || second.is_nan() {
        return Err(refuse());
    }
    let micros = (second * USECS_PER_SEC as f64).round_ties_even();
    if !(0.0..=60.0 * USECS_PER_SEC as f64).contains(&micros) {
        return Err(refuse());
    }
    let time = (i64::from(hour) * 60 + i64::from(minute)) * 60 * USECS_PER_SEC + micros as i64;
    if time > USECS_PER_DAY { Err(refuse()) } else { Ok(time) }
}

/// `make_timestamp_internal`
fn make_timestamp(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64) -> Result<i64> {
    let date = make_date(year, month, day, year)?;
    let time = make_time(hour, minute, second)?;
    i64::from(date)
        .checked_mul(USECS_PER_DAY)
        .and_then(|day| day.checked_add(time))
        .filter(|timestamp| is_valid_timestamp(*timestamp))
        .ok_or_else(|| {
            field_out_of_range(format!(
                "timestamp out of range: {year}-{month:02}-{day:02} {hour}:{minute:02}:{}",
                general(second, 2, true)
            ))
        })
}

#[allow(clippy::too_many_arguments)]
fn make_timestamptz(
    year: i32,
    month: i32,
    day: i32,
    hour: i32,
    minute: i32,
    second: f64,
    zone: &Named,
) -> Result<i64> {
    zone.to_utc(make_timestamp(year, month, day, hour, minute, second)?)
}

#[allow(clippy::too_many_arguments)]
fn make_interval(
    years: i32,
    months: i32,
    weeks: i32,
    days: i32,
    hours: i32,
    minutes: i32,
    seconds: f64,
) -> Result<Interval> {
    if !seconds.is_finite() {
        return Err(out_of_range("interval"));
    }
    let micros = (seconds * USECS_PER_SEC as f64).round_ties_even();
    // PostgreSQL 15 checks no sums here: they wrap, and a number that doesn't fit is C's smallest one.
    let micros = if micros.abs() < 9_223_372_036_854_775_808.0 { micros as i64 } else { i64::MIN };
    let clock = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    Ok(Interval {
        months: years.wrapping_mul(12).wrapping_add(months),
        days: weeks.wrapping_mul(7).wrapping_add(days),
        micros: clock.wrapping_mul(USECS_PER_SEC).wrapping_add(micros),
    })
}

/// `float8_timestamptz`
fn from_epoch(seconds: f64) -> Result<i64> {
    if seconds.is_nan() {
        return Err(field_out_of_range("timestamp cannot be NaN".into()));
    }
    if seconds.is_infinite() {
        return Ok(if seconds > 0.0 { TIMESTAMP_INFINITY } else { TIMESTAMP_NEG_INFINITY });
    }
    let refuse = || field_out_of_range(format!("timestamp out of range: \"{}\"", general(seconds, 0, false)));
    // 4714-11-24 BC to 294277, in seconds since 1970.
    if !(-210_866_803_200.0..9_224_318_016_000.0).contains(&seconds) {
        return Err(refuse());
    }
    let epoch = crate::datetime::calendar::POSTGRES_EPOCH_UNIX as f64;
    let micros = ((seconds - epoch) * USECS_PER_SEC as f64).round_ties_even() as i64;
    if is_valid_timestamp(micros) { Ok(micros) } else { Err(refuse()) }
}
