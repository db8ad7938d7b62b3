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
    "timestamp_izone" => |zone: Interval, a: Timestamp| east_of(call, zone).and_then(|east|
        shifted(a.0, -east)).map(TimestampTz);
    "timestamptz_izone" => |zone: Interval, a: TimestampTz| east_of(call, zone).and_then(|east|
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
        None => Zone::find(name).map(Named::Zone).ok_or_else(unknown),
    }
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
                let local = zone.to_local(moment)?;
                shifted(moment, zone.east_of_abbreviation(name, local).into())
            }
        }
    }

    fn east_at(&self, moment: i64) -> i32 {
        match self {
            Named::Zone(zone) => zone.east_at(moment),
            Named::Abbreviation(zone, name) => zone.east_of_abbreviation(name, moment),
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

fn interval_text(_: &Call<'_>, zone: &Interval) -> String {
    format!("{} months {} days", zone.months, zone.days)
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
