//! Between the date and time types, in the session's time zone (`date_timestamp`, `timestamptz_date` …).

use super::calendar::{self, is_valid_timestamp};
use super::{
    DATE_INFINITY, DATE_NEG_INFINITY, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, USECS_PER_DAY,
    session_zone, timestamp_out_of_range,
};
use crate::{Env, Error, Result, SqlState};

fn is_infinite(timestamp: i64) -> bool {
    timestamp == TIMESTAMP_INFINITY || timestamp == TIMESTAMP_NEG_INFINITY
}

/// `date` to `timestamp`: midnight.
pub fn date_to_timestamp(date: i32) -> Result<i64> {
    match date {
        DATE_INFINITY => Ok(TIMESTAMP_INFINITY),
        DATE_NEG_INFINITY => Ok(TIMESTAMP_NEG_INFINITY),
        _ => {
            let timestamp = i64::from(date).checked_mul(USECS_PER_DAY).filter(|t| is_valid_timestamp(*t));
            timestamp.ok_or_else(|| {
                Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "date out of range for timestamp")
            })
        }
    }
}

/// `date` to `timestamptz`: midnight in the session's zone.
pub fn date_to_timestamptz(env: &Env, date: i32) -> Result<i64> {
    let local = date_to_timestamp(date)?;
    if is_infinite(local) {
        return Ok(local);
    }
    session_zone(env)?
        .to_utc(local)
        .map_err(|_| Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "date out of range for timestamp"))
}

/// `timestamp` to `date`.
pub fn timestamp_to_date(timestamp: i64) -> i32 {
    match timestamp {
        TIMESTAMP_INFINITY => DATE_INFINITY,
        TIMESTAMP_NEG_INFINITY => DATE_NEG_INFINITY,
        _ => timestamp.div_euclid(USECS_PER_DAY) as i32,
    }
}

/// `timestamptz` to `date`.
pub fn timestamptz_to_date(env: &Env, moment: i64) -> Result<i32> {
    timestamptz_to_timestamp(env, moment).map(timestamp_to_date)
}

/// `timestamp` to `timestamptz`.
pub fn timestamp_to_timestamptz(env: &Env, timestamp: i64) -> Result<i64> {
    if is_infinite(timestamp) { Ok(timestamp) } else { session_zone(env)?.to_utc(timestamp) }
}

/// `timestamptz` to `timestamp`.
pub fn timestamptz_to_timestamp(env: &Env, moment: i64) -> Result<i64> {
    if is_infinite(moment) { Ok(moment) } else { session_zone(env)?.to_local(moment) }
}

/// `timestamp` to `time`; NULL (`None`) for the infinities.
pub fn timestamp_to_time(timestamp: i64) -> Option<i64> {
    (!is_infinite(timestamp)).then(|| timestamp.rem_euclid(USECS_PER_DAY))
}

/// `timestamptz` to `time`.
pub fn timestamptz_to_time(env: &Env, moment: i64) -> Result<Option<i64>> {
    timestamptz_to_timestamp(env, moment).map(timestamp_to_time)
}

/// `timestamptz` to `timetz`: the time, and the zone in seconds west.
pub fn timestamptz_to_timetz(env: &Env, moment: i64) -> Result<Option<(i64, i32)>> {
    if is_infinite(moment) {
        return Ok(None);
    }
    let zone = session_zone(env)?;
    Ok(timestamp_to_time(zone.to_local(moment)?).map(|time| (time, -zone.east_at(moment))))
}

/// `time` to `timetz`: with the session's offset at the start of the transaction, on that day (`time_timetz`).
pub fn time_to_timetz(env: &Env, time: i64) -> Result<(i64, i32)> {
    let zone = session_zone(env)?;
    let today = zone.to_local(env.transaction_timestamp)?.div_euclid(USECS_PER_DAY);
    let local = today.checked_mul(USECS_PER_DAY).and_then(|day| day.checked_add(time));
    Ok((time, -zone.east_of_local(local.ok_or_else(timestamp_out_of_range)?)))
}

/// `date` and `time` to `timestamp` (`datetime_timestamp`).
pub fn date_time_to_timestamp(date: i32, time: i64) -> Result<i64> {
    let timestamp = date_to_timestamp(date)?;
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    let sum = timestamp.checked_add(time).filter(|t| calendar::is_valid_timestamp(*t));
    sum.ok_or_else(timestamp_out_of_range)
}

/// Rounds microseconds to a precision of 0 to 6, halves away from zero (`AdjustTimestampForTypmod`,
/// `AdjustTimeForTypmod`).
pub fn round_micros(micros: i64, precision: i32) -> i64 {
    let Ok(drop) = u32::try_from(6 - precision) else { return micros };
    let unit = 10_i64.pow(drop.min(6));
    let half = unit / 2;
    let rounded = |value: i64| value.saturating_add(half) / unit * unit;
    if unit == 1 {
        micros
    } else if micros >= 0 {
        rounded(micros)
    } else {
        -rounded(micros.saturating_neg())
    }
}
