//! `AT TIME ZONE`.

use super::is_infinite;
use super::units::folded;
use crate::datetime::{Meaning, USECS_PER_DAY, Zone, abbreviation};
use crate::func::Call;
use crate::func::args::{TimeTz, Timestamp, TimestampTz};
use crate::{Error, Interval, Result, SqlState};

kernels!(KERNELS(call) {
    "timestamp_zone" => |zone: &str, a: Timestamp| to_utc(zone, a.0).map(TimestampTz);
    "timestamptz_zone" => |zone: &str, a: TimestampTz| to_local(zone, a.0).map(Timestamp);
    "timetz_zone" => |zone: &str, a: TimeTz| find_zone(zone).map(|zone|
        moved(a, -zone.east_at(call.env.transaction_timestamp)));
    "timestamp_izone" => |zone: Interval, a: Timestamp| east_unless_infinite(call, zone, a.0).and_then(|east|
        shifted(a.0, -east)).map(TimestampTz);
    "timestamptz_izone" => |zone: Interval, a: TimestampTz| east_unless_infinite(call, zone, a.0).and_then(|east|
        shifted(a.0, east)).map(Timestamp);
    "timetz_izone" => |zone: Interval, a: TimeTz| east_of(call, zone).map(|east| moved(a, -east as i32));
});

/// What a name stands for: abbreviations go before names.
pub(super) enum Named {
    Zone(Zone),
    /// An abbreviation whose offset changed over time, in the zone that says when.
    Abbreviation(Zone, String),
}

/// The zone of a name or an abbreviation.
pub(super) fn find_zone(name: &str) -> Result<Named> {
    let unknown =
        || Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"));
    match abbreviation(&folded(name)) {
        Some(Meaning::Fixed(east, _)) => Ok(Named::Zone(Zone::fixed(east))),
        Some(Meaning::Of(zone)) => {
            Ok(Named::Abbreviation(Zone::find(zone).ok_or_else(unknown)?, name.to_ascii_uppercase()))
        }
        // An offset alone is a POSIX zone without name: positive is west.
        None if name.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) => {
            Zone::find(&format!("XXX{name}")).map(Named::Zone).ok_or_else(unknown)
        }
        None => Zone::find(name).map(Named::Zone).ok_or_else(unknown),
    }
}

/// `parse_sane_timezone`: an offset with the sign of ISO 8601 (positive is east), or a name.
pub(super) fn offset_or_zone(name: &str) -> Result<Named> {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("invalid input syntax for type numeric time zone: \"{name}\""),
        )
        .hint("Numeric time zones must have \"-\" or \"+\" as first character."));
    }
    match numeric_offset(name) {
        Some(east) if east.abs() > 15 * 3600 + 59 * 60 + 59 => Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("numeric time zone \"{name}\" out of range"),
        )),
        Some(east) => Ok(Named::Zone(Zone::fixed(east))),
        None => find_zone(name),
    }
}

/// `DecodeTimezone`: `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss` as seconds east.
fn numeric_offset(text: &str) -> Option<i32> {
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-'])?;
    let parts: Vec<&str> = digits.split(':').collect();
    let number = |text: &str| {
        // Nothing is 0, as for `strtoint`.
        Some(if text.is_empty() { "0" } else { text })
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse::<i32>().ok())
    };
    let (hours, minutes, seconds) = match parts.as_slice() {
        [all] if all.len() > 2 => (number(all)? / 100, number(all)? % 100, 0),
        [hours] => (number(hours)?, 0, 0),
        [hours, minutes] => (number(hours)?, number(minutes)?, 0),
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, number(seconds)?),
        _ => return None,
    };
    if minutes > 59 || seconds > 59 || hours > 10_000 {
        return None;
    }
    let magnitude = (hours * 60 + minutes) * 60 + seconds;
    Some(if negative { -magnitude } else { magnitude })
}

impl Named {
    pub(super) fn to_utc(&self, local: i64) -> Result<i64> {
        match self {
            Named::Zone(zone) => zone.to_utc(local),
            Named::Abbreviation(zone, name) => {
                shifted(local, -i64::from(zone.east_of_abbreviation(name, local)))
            }
        }
    }

    pub(super) fn to_local(&self, moment: i64) -> Result<i64> {
        match self {
            Named::Zone(zone) => zone.to_local(moment),
            Named::Abbreviation(zone, name) => {
                shifted(moment, zone.east_of_abbreviation_at(name, moment).into())
            }
        }
    }

    fn east_at(&self, moment: i64) -> i32 {
        match self {
            Named::Zone(zone) => zone.east_at(moment),
            Named::Abbreviation(zone, name) => zone.east_of_abbreviation_at(name, moment),
        }
    }
}

fn to_utc(zone: &str, local: i64) -> Result<i64> {
    if is_infinite(local) {
        return Ok(local);
    }
    find_zone(zone)?.to_utc(local)
}

fn to_local(zone: &str, moment: i64) -> Result<i64> {
    if is_infinite(moment) {
        return Ok(moment);
    }
    find_zone(zone)?.to_local(moment)
}

fn interval_text(call: &Call<'_>, zone: &Interval) -> String {
    let mut text = Vec::new();
    crate::datetime::write_interval(zone, call.env.interval_style, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// An interval as a zone: seconds east.
fn east_of(call: &Call<'_>, zone: Interval) -> Result<i64> {
    if zone.months != 0 || zone.days != 0 {
        let text = interval_text(call, &zone);
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("interval time zone \"{text}\" must not include months or days"),
        ));
    }
    Ok(zone.micros / 1_000_000)
}

/// The infinities are the same everywhere, even where there is no such place.
fn east_unless_infinite(call: &Call<'_>, zone: Interval, timestamp: i64) -> Result<i64> {
    if is_infinite(timestamp) { Ok(0) } else { east_of(call, zone) }
}

fn shifted(timestamp: i64, seconds: i64) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    seconds
        .checked_mul(1_000_000)
        .and_then(|micros| timestamp.checked_add(micros))
        .filter(|moved| crate::datetime::calendar::is_valid_timestamp(*moved))
        .ok_or_else(|| super::out_of_range("timestamp"))
}

/// The same moment of a day elsewhere; the zone is in seconds west.
fn moved(a: TimeTz, west: i32) -> TimeTz {
    let time = a.0 + (i64::from(a.1) - i64::from(west)) * 1_000_000;
    TimeTz(time.rem_euclid(USECS_PER_DAY), west)
}
