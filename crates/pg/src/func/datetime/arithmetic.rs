//! Dates, times and timestamps with integers, with each other, and with intervals.

use super::interval::justify_hours;
use super::{is_infinite, out_of_range};
use crate::datetime::calendar::{
    date_of_julian, days_in_month, is_valid_date, is_valid_timestamp, julian_day,
};
use crate::datetime::convert::date_to_timestamp;
use crate::datetime::{
    DATE_INFINITY, DATE_NEG_INFINITY, USECS_PER_DAY, Zone, session_zone, timestamp_fields,
    timestamp_from_fields,
};
use crate::func::args::{Date, Time, TimeTz, Timestamp, TimestampTz};
use crate::{Error, Interval, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "date_pli" => |a: Date, days: i32| date_plus(a, days.into());
    "date_mii" => |a: Date, days: i32| date_plus(a, -i64::from(days));
    "date_mi" => |a: Date, b: Date| days_between(a, b);
    "date_pl_interval" => |a: Date, b: Interval| date_to_timestamp(a.0).and_then(|t| add(t, b, None)).map(Timestamp);
    "date_mi_interval" => |a: Date, b: Interval| date_to_timestamp(a.0).and_then(|t| add(t, opposite(b), None)).map(Timestamp);
    "timestamp_pl_interval" => |a: Timestamp, b: Interval| add(a.0, b, None).map(Timestamp);
    "timestamp_mi_interval" => |a: Timestamp, b: Interval| add(a.0, opposite(b), None).map(Timestamp);
    "timestamptz_pl_interval" => |a: TimestampTz, b: Interval| session_zone(call.env)
        .and_then(|zone| add(a.0, b, Some(&zone))).map(TimestampTz);
    "timestamptz_mi_interval" => |a: TimestampTz, b: Interval| session_zone(call.env)
        .and_then(|zone| add(a.0, opposite(b), Some(&zone))).map(TimestampTz);
    "timestamp_mi" => |a: &Value, b: &Value| difference(a, b);
    "time_pl_interval" => |a: Time, b: Interval| Time(around(a.0, b.micros));
    "time_mi_interval" => |a: Time, b: Interval| Time(around(a.0, b.micros.wrapping_neg()));
    "timetz_pl_interval" => |a: TimeTz, b: Interval| TimeTz(around(a.0, b.micros), a.1);
    "timetz_mi_interval" => |a: TimeTz, b: Interval| TimeTz(around(a.0, b.micros.wrapping_neg()), a.1);
    "time_mi_time" => |a: Time, b: Time| Interval { months: 0, days: 0, micros: a.0 - b.0 };
});

/// Functions written in SQL: the operators with their arguments swapped.
pub(super) const SQL_FUNCTIONS: &[(u32, crate::func::Kernel)] = &[
    (2550, kernel!(call; |days: i32, a: Date| date_plus(a, days.into()))),
    (
        2546,
        kernel!(call; |b: Interval, a: Date| date_to_timestamp(a.0).and_then(|t| add(t, b, None)).map(Timestamp)),
    ),
    (1848, kernel!(call; |b: Interval, a: Time| Time(around(a.0, b.micros)))),
    (2547, kernel!(call; |b: Interval, a: TimeTz| TimeTz(around(a.0, b.micros), a.1))),
    (2548, kernel!(call; |b: Interval, a: Timestamp| add(a.0, b, None).map(Timestamp))),
    (
        2549,
        kernel!(call; |b: Interval, a: TimestampTz| session_zone(call.env)
        .and_then(|zone| add(a.0, b, Some(&zone))).map(TimestampTz)),
    ),
];

fn date_plus(a: Date, days: i64) -> Result<Date> {
    if matches!(a.0, DATE_INFINITY | DATE_NEG_INFINITY) {
        return Ok(a);
    }
    let sum = i32::try_from(i64::from(a.0) + days).ok().filter(|date| is_valid_date(*date));
    sum.map(Date).ok_or_else(|| out_of_range("date"))
}

fn days_between(a: Date, b: Date) -> Result<i32> {
    if [a, b].iter().any(|date| matches!(date.0, DATE_INFINITY | DATE_NEG_INFINITY)) {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates"));
    }
    Ok(a.0 - b.0)
}

/// `timestamp_mi`, for both kinds of timestamps.
fn difference(a: &Value, b: &Value) -> Result<Interval> {
    let (a, b) = match (a, b) {
        (Value::Timestamp(a), Value::Timestamp(b)) | (Value::TimestampTz(a), Value::TimestampTz(b)) => {
            (*a, *b)
        }
        (other, _) => return Err(crate::func::args::mismatch(other)),
    };
    if is_infinite(a) || is_infinite(b) {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "cannot subtract infinite timestamps"));
    }
    // PostgreSQL 15 doesn't check this difference: it wraps.
    justify_hours(Interval { months: 0, days: 0, micros: a.wrapping_sub(b) })
}

/// A time of day: around the clock.
fn around(time: i64, micros: i64) -> i64 {
    (i128::from(time) + i128::from(micros)).rem_euclid(i128::from(USECS_PER_DAY)) as i64
}

fn opposite(a: Interval) -> Interval {
    Interval { months: a.months.wrapping_neg(), days: a.days.wrapping_neg(), micros: a.micros.wrapping_neg() }
}

/// `timestamp_pl_interval`, and with a zone `timestamptz_pl_interval`: months first (to the last day of a shorter
/// month), then days, both by the calendar of the zone, then time.
pub(in crate::func) fn add(timestamp: i64, span: Interval, zone: Option<&Zone>) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    let overflow = || out_of_range("timestamp");
    let mut moment = timestamp;
    if span.months != 0 {
        let months = span.months;
        moment = by_calendar(moment, zone, |local| add_months(local, months))?;
    }
    if span.days != 0 {
        let days = span.days;
        moment = by_calendar(moment, zone, |local| add_days(local, days))?;
    }
    moment.checked_add(span.micros).filter(|moment| is_valid_timestamp(*moment)).ok_or_else(overflow)
}

/// Changes the local time of a moment.
fn by_calendar(moment: i64, zone: Option<&Zone>, change: impl Fn(i64) -> Option<i64>) -> Result<i64> {
    let local = zone.map_or(Ok(moment), |zone| zone.to_local(moment))?;
    let changed = change(local).ok_or_else(|| out_of_range("timestamp"))?;
    zone.map_or(Ok(changed), |zone| zone.to_utc(changed))
}

fn add_months(local: i64, months: i32) -> Option<i64> {
    let mut fields = timestamp_fields(local);
    let month = i64::from(fields.month) - 1 + i64::from(months);
    fields.year = i32::try_from(i64::from(fields.year) + month.div_euclid(12)).ok()?;
    fields.month = month.rem_euclid(12) as i32 + 1;
    fields.day = fields.day.min(days_in_month(fields.year, fields.month));
    timestamp_from_fields(&fields)
}

fn add_days(local: i64, days: i32) -> Option<i64> {
    let mut fields = timestamp_fields(local);
    let julian =
        julian_day(fields.year, fields.month, fields.day).checked_add(days).filter(|julian| *julian >= 0)?;
    (fields.year, fields.month, fields.day) = date_of_julian(julian);
    timestamp_from_fields(&fields)
}
