//! Text to dates and times (`date_in`, `time_in`, `timetz_in`, `timestamp_in`, `timestamptz_in`).

use super::calendar::{
    self, DATE_INFINITY, DATE_NEG_INFINITY, DateTime, POSTGRES_EPOCH_JDATE, POSTGRES_EPOCH_UNIX,
    TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, UNIX_EPOCH_JDATE,
};
use super::convert::round_micros;
use super::decode::{Decoding, decode_date_time, decode_time};
use crate::{Env, Error, Result, SqlState};

/// The moment that `epoch` means.
const EPOCH: i64 = -POSTGRES_EPOCH_UNIX * 1_000_000;

fn out_of_range(what: &str, text: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range: \"{text}\""))
}

/// `date_in`
pub fn parse_date(text: &str, env: &Env) -> Result<i32> {
    let decoded = decode_date_time(text, env).map_err(|failure| failure.error(text, "date"))?;
    match decoded {
        Decoding::Fields(DateTime { year, month, day, .. }, _) => {
            calendar::date_from_fields(year, month, day).ok_or_else(|| out_of_range("date", text))
        }
        Decoding::Epoch => Ok(UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE),
        Decoding::Infinity => Ok(DATE_INFINITY),
        Decoding::NegInfinity => Ok(DATE_NEG_INFINITY),
    }
}

/// `time_in`
pub fn parse_time(text: &str, typmod: i32, env: &Env) -> Result<i64> {
    let (fields, _) = decode_time(text, env).map_err(|failure| failure.error(text, "time"))?;
    Ok(apply_time_typmod(time_of(&fields), typmod))
}

/// `timetz_in`: the time, and the zone in seconds west.
pub fn parse_timetz(text: &str, typmod: i32, env: &Env) -> Result<(i64, i32)> {
    let (fields, west) =
        decode_time(text, env).map_err(|failure| failure.error(text, "time with time zone"))?;
    Ok((apply_time_typmod(time_of(&fields), typmod), west))
}

fn time_of(fields: &DateTime) -> i64 {
    calendar::time_from_fields(fields.hour, fields.minute, fields.second, fields.micros)
}

/// `timestamp_in`
pub fn parse_timestamp(text: &str, typmod: i32, env: &Env) -> Result<i64> {
    let decoded = decode_date_time(text, env).map_err(|failure| failure.error(text, "timestamp"))?;
    let timestamp = match decoded {
        Decoding::Fields(fields, _) => {
            calendar::timestamp_from_fields(&fields).ok_or_else(|| out_of_range("timestamp", text))?
        }
        special => special_moment(&special),
    };
    apply_timestamp_typmod(timestamp, typmod)
}

/// `timestamptz_in`
pub fn parse_timestamptz(text: &str, typmod: i32, env: &Env) -> Result<i64> {
    let decoded =
        decode_date_time(text, env).map_err(|failure| failure.error(text, "timestamp with time zone"))?;
    let moment = match decoded {
        Decoding::Fields(fields, west) => {
            moment_of(&fields, west).ok_or_else(|| out_of_range("timestamp", text))?
        }
        special => special_moment(&special),
    };
    apply_timestamp_typmod(moment, typmod)
}

/// The local time may be out of range where the moment is not.
fn moment_of(fields: &DateTime, west: i32) -> Option<i64> {
    let moment = calendar::local_micros(fields)?.checked_add(i64::from(west) * 1_000_000)?;
    calendar::is_valid_timestamp(moment).then_some(moment)
}

fn special_moment(special: &Decoding) -> i64 {
    match special {
        Decoding::Infinity => TIMESTAMP_INFINITY,
        Decoding::NegInfinity => TIMESTAMP_NEG_INFINITY,
        _ => EPOCH,
    }
}

/// `time(p)` and `timetz(p)`: rounds.
pub fn apply_time_typmod(time: i64, typmod: i32) -> i64 {
    if (0..6).contains(&typmod) { round_micros(time, typmod) } else { time }
}

/// `timestamp(p)` and `timestamptz(p)`: rounds.
pub fn apply_timestamp_typmod(timestamp: i64, typmod: i32) -> Result<i64> {
    let infinite = timestamp == TIMESTAMP_INFINITY || timestamp == TIMESTAMP_NEG_INFINITY;
    if infinite || !(0..6).contains(&typmod) {
        return Ok(timestamp);
    }
    let rounded = round_micros(timestamp, typmod);
    if calendar::is_valid_timestamp(rounded) { Ok(rounded) } else { Err(super::timestamp_out_of_range()) }
}
