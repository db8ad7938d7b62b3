//! Casts among the date and time types, to their precisions, and comparisons across types.

use std::cmp::Ordering;

use super::is_infinite;
use crate::datetime::calendar::is_valid_timestamp;
use crate::datetime::convert::{
    date_time_to_timestamp, date_to_timestamp, date_to_timestamptz, round_micros, time_to_timetz,
    timestamp_to_date, timestamp_to_time, timestamp_to_timestamptz, timestamptz_to_date, timestamptz_to_time,
    timestamptz_to_timestamp, timestamptz_to_timetz,
};
use crate::datetime::{DATE_INFINITY, DATE_NEG_INFINITY, USECS_PER_DAY};
use crate::func::args::{Date, Time, TimeTz, Timestamp, TimestampTz};
use crate::{Env, Error, Interval, Result, SqlState};

kernels!(KERNELS(call) {
    "date_timestamp" => |a: Date| date_to_timestamp(a.0).map(Timestamp);
    "date_timestamptz" => |a: Date| date_to_timestamptz(call.env, a.0).map(TimestampTz);
    "timestamp_date" => |a: Timestamp| Date(timestamp_to_date(a.0));
    "timestamptz_date" => |a: TimestampTz| timestamptz_to_date(call.env, a.0).map(Date);
    "timestamp_timestamptz" => |a: Timestamp| timestamp_to_timestamptz(call.env, a.0).map(TimestampTz);
    "timestamptz_timestamp" => |a: TimestampTz| timestamptz_to_timestamp(call.env, a.0).map(Timestamp);
    "timestamp_time" => |a: Timestamp| timestamp_to_time(a.0).map(Time);
    "timestamptz_time" => |a: TimestampTz| timestamptz_to_time(call.env, a.0).map(|time| time.map(Time));
    "timestamptz_timetz" => |a: TimestampTz|
        timestamptz_to_timetz(call.env, a.0).map(|time| time.map(|(time, zone)| TimeTz(time, zone)));
    "time_timetz" => |a: Time| time_to_timetz(call.env, a.0).map(|(time, zone)| TimeTz(time, zone));
    "timetz_time" => |a: TimeTz| Time(a.0);
    "time_interval" => |a: Time| Interval { months: 0, days: 0, micros: a.0 };
    "interval_time" => |a: Interval| Time(a.micros.rem_euclid(USECS_PER_DAY));
    "datetime_timestamp" => |date: Date, time: Time| date_time_to_timestamp(date.0, time.0).map(Timestamp);
    "datetimetz_timestamptz" => |date: Date, time: TimeTz| date_timetz(date, time);
    "timestamp_scale" => |a: Timestamp, typmod: i32| rounded(a.0, typmod).map(Timestamp);
    "timestamptz_scale" => |a: TimestampTz, typmod: i32| rounded(a.0, typmod).map(TimestampTz);
    "time_scale" => |a: Time, typmod: i32| Time(rounded_time(a.0, typmod));
    "timetz_scale" => |a: TimeTz, typmod: i32| TimeTz(rounded_time(a.0, typmod), a.1);
    "date_finite" => |a: Date| !matches!(a.0, DATE_INFINITY | DATE_NEG_INFINITY);
    "timestamp_finite" => |a: &crate::Value| finite(a);
    "interval_finite" => |a: Interval| { let _ = a; true };
    "date_cmp_timestamp" => |a: Date, b: Timestamp| date_timestamp(a, b) as i32;
    "timestamp_cmp_date" => |a: Timestamp, b: Date| date_timestamp(b, a).reverse() as i32;
    "date_cmp_timestamptz" => |a: Date, b: TimestampTz| date_timestamptz(call.env, a, b).map(|order| order as i32);
    "timestamptz_cmp_date" => |a: TimestampTz, b: Date|
        date_timestamptz(call.env, b, a).map(|order| order.reverse() as i32);
    "timestamp_cmp_timestamptz" => |a: Timestamp, b: TimestampTz| mixed(call.env, a, b).map(|order| order as i32);
    "timestamptz_cmp_timestamp" => |a: TimestampTz, b: Timestamp|
        mixed(call.env, b, a).map(|order| order.reverse() as i32);
});

/// Functions written in SQL.
pub(super) const SQL_FUNCTIONS: &[(u32, crate::func::Kernel)] = &[
    // timestamptz(date, time)
    (
        1176,
        kernel!(call; |date: Date, time: Time| date_time_to_timestamp(date.0, time.0)
        .and_then(|local| timestamp_to_timestamptz(call.env, local)).map(TimestampTz)),
    ),
    // (time + date), (timetz + date)
    (1296, kernel!(call; |time: Time, date: Date| date_time_to_timestamp(date.0, time.0).map(Timestamp))),
    (1298, kernel!(call; |time: TimeTz, date: Date| date_timetz(date, time))),
];

macro_rules! across {
    ($($left:literal $right:literal: |$call:ident, $a:ident: $lt:ty, $b:ident: $rt:ty| $order:expr;)*) => {
        pub(super) const COMPARISONS: &[(&str, crate::func::Kernel)] = &[$(
            (concat!($left, "_eq_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_eq))),
            (concat!($left, "_ne_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_ne))),
            (concat!($left, "_lt_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_lt))),
            (concat!($left, "_le_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_le))),
            (concat!($left, "_gt_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_gt))),
            (concat!($left, "_ge_", $right), kernel!($call; |$a: $lt, $b: $rt| $order.map(Ordering::is_ge))),
        )*];
    };
}
across! {
    "date" "timestamp": |call, a: Date, b: Timestamp| crate::Result::Ok(date_timestamp(a, b));
    "timestamp" "date": |call, a: Timestamp, b: Date| crate::Result::Ok(date_timestamp(b, a).reverse());
    "date" "timestamptz": |call, a: Date, b: TimestampTz| date_timestamptz(call.env, a, b);
    "timestamptz" "date": |call, a: TimestampTz, b: Date| date_timestamptz(call.env, b, a).map(Ordering::reverse);
    "timestamp" "timestamptz": |call, a: Timestamp, b: TimestampTz| mixed(call.env, a, b);
    "timestamptz" "timestamp": |call, a: TimestampTz, b: Timestamp| mixed(call.env, b, a).map(Ordering::reverse);
}

/// Midnight of a date, without limit: dates go further than timestamps.
fn midnight(date: i32) -> i128 {
    match date {
        DATE_INFINITY => i64::MAX.into(),
        DATE_NEG_INFINITY => i64::MIN.into(),
        // Beyond the last timestamp, but before infinity.
        _ => i128::from(date) * i128::from(USECS_PER_DAY),
    }
}

/// The order of two moments of which one may be beyond what timestamps can be, but not infinite.
fn compare_wide(a: i128, finite: bool, b: i64) -> Ordering {
    match (finite, b) {
        (true, i64::MAX) => Ordering::Less,
        (true, i64::MIN) => Ordering::Greater,
        _ => a.cmp(&b.into()),
    }
}

fn date_timestamp(a: Date, b: Timestamp) -> Ordering {
    let finite = !matches!(a.0, DATE_INFINITY | DATE_NEG_INFINITY);
    compare_wide(midnight(a.0), finite, b.0)
}

fn date_timestamptz(env: &Env, a: Date, b: TimestampTz) -> Result<Ordering> {
    match date_to_timestamptz(env, a.0) {
        Ok(moment) => Ok(moment.cmp(&b.0)),
        Err(_) => Ok(compare_wide(midnight(a.0), true, b.0)),
    }
}

/// `timestamp_cmp_timestamptz_internal`
fn mixed(env: &Env, a: Timestamp, b: TimestampTz) -> Result<Ordering> {
    match timestamp_to_timestamptz(env, a.0) {
        Ok(moment) => Ok(moment.cmp(&b.0)),
        // A local time whose moment is out of range: beyond all others, but not infinite.
        Err(_) if a.0 > 0 => Ok(if b.0 == i64::MAX { Ordering::Less } else { Ordering::Greater }),
        Err(_) => Ok(if b.0 == i64::MIN { Ordering::Greater } else { Ordering::Less }),
    }
}

fn finite(value: &crate::Value) -> Result<bool> {
    match value {
        crate::Value::Timestamp(t) | crate::Value::TimestampTz(t) => Ok(!is_infinite(*t)),
        other => Err(crate::func::args::mismatch(other)),
    }
}

/// `datetimetz_timestamptz`
fn date_timetz(date: Date, time: TimeTz) -> Result<TimestampTz> {
    let local = date_to_timestamp(date.0)?;
    if is_infinite(local) {
        return Ok(TimestampTz(local));
    }
    local
        .checked_add(time.0)
        .and_then(|moment| moment.checked_add(i64::from(time.1) * 1_000_000))
        .filter(|moment| is_valid_timestamp(*moment))
        .map(TimestampTz)
        .ok_or_else(|| Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "date out of range for timestamp"))
}

/// `AdjustTimestampForTypmod`
fn rounded(timestamp: i64, typmod: i32) -> Result<i64> {
    // AdjustTimestampForTypmodError
    if is_infinite(timestamp) || typmod == -1 || typmod == 6 {
        return Ok(timestamp);
    }
    if !(0..6).contains(&typmod) {
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("timestamp({typmod}) precision must be between 0 and 6"),
        ));
    }
    Ok(round_micros(timestamp, typmod))
}

fn rounded_time(time: i64, typmod: i32) -> i64 {
    if (0..6).contains(&typmod) { round_micros(time, typmod) } else { time }
}
