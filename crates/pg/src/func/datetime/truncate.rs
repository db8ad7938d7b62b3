//! `date_trunc` and `date_bin`.

use super::units::{Unit, not_recognized, not_supported, trunc_unit};
use super::zone::{Named, find_zone};
use super::{is_infinite, out_of_range};
use crate::datetime::calendar::{date_of_julian, julian_day};
use crate::datetime::{DateTime, USECS_PER_DAY, session_zone, timestamp_fields, timestamp_from_fields};
use crate::func::Call;
use crate::func::args::{Timestamp, TimestampTz};
use crate::{Error, Interval, Result, SqlState};

kernels!(KERNELS(call) {
    "timestamp_trunc" => |name: &str, a: Timestamp| truncate(call, name, a.0, None).map(Timestamp);
    "timestamptz_trunc" => |name: &str, a: TimestampTz| session_zone(call.env)
        .and_then(|zone| truncate(call, name, a.0, Some(&Named::Zone(zone)))).map(TimestampTz);
    "timestamptz_trunc_zone" => |name: &str, a: TimestampTz, zone: &str| if is_infinite(a.0) {
        Ok(a)
    } else {
        find_zone(zone).and_then(|zone| truncate(call, name, a.0, Some(&zone))).map(TimestampTz)
    };
    "interval_trunc" => |name: &str, a: Interval| truncate_interval(call, name, a);
    "timestamp_bin" => |stride: Interval, a: Timestamp, origin: Timestamp| bin(stride, a.0, origin.0).map(Timestamp);
    "timestamptz_bin" => |stride: Interval, a: TimestampTz, origin: TimestampTz| bin(stride, a.0, origin.0).map(TimestampTz);
});

fn truncate(call: &Call<'_>, name: &str, timestamp: i64, zone: Option<&Named>) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    let wanted = trunc_unit(name).ok_or_else(|| not_recognized(call, name))?;
    let local = zone.map_or(Ok(timestamp), |zone| zone.to_local(timestamp))?;
    let mut fields = timestamp_fields(local);
    let clock = truncate_clock(&mut fields, wanted);
    if !clock && !truncate_day(&mut fields, wanted) {
        return Err(not_supported(call, name));
    }
    let truncated = timestamp_from_fields(&fields).ok_or_else(|| out_of_range("timestamp"))?;
    match zone {
        None => Ok(truncated),
        // Below a day the offset stays what it was, even where clocks go back.
        Some(_) if clock => Ok(truncated - (local - timestamp)),
        Some(zone) => zone.to_utc(truncated),
    }
}

/// Units below a day; false for others.
fn truncate_clock(fields: &mut DateTime, unit: Unit) -> bool {
    match unit {
        Unit::Microsecond => {}
        Unit::Millisecond => fields.micros = fields.micros / 1000 * 1000,
        Unit::Second => fields.micros = 0,
        Unit::Minute => (fields.second, fields.micros) = (0, 0),
        Unit::Hour => (fields.minute, fields.second, fields.micros) = (0, 0, 0),
        _ => return false,
    }
    true
}

/// The first year of a group of years.
fn first_year(year: i32, size: i32) -> i32 {
    if year > 0 {
        (year + size - 1) / size * size - (size - 1)
    } else {
        -((size - 1 - (year - 1)) / size) * size + 1
    }
}

/// Units of days and more; false for others.
fn truncate_day(fields: &mut DateTime, unit: Unit) -> bool {
    (fields.hour, fields.minute, fields.second, fields.micros) = (0, 0, 0, 0);
    let year = fields.year;
    let first = |fields: &mut DateTime, year: i32, month: i32| {
        (fields.year, fields.month, fields.day) = (year, month, 1);
    };
    match unit {
        Unit::Day => {}
        Unit::Week => {
            let julian = julian_day(year, fields.month, fields.day);
            (fields.year, fields.month, fields.day) = date_of_julian(julian - julian.rem_euclid(7));
        }
        Unit::Month => fields.day = 1,
        Unit::Quarter => {
            let month = (fields.month - 1) / 3 * 3 + 1;
            first(fields, year, month);
        }
        Unit::Year => first(fields, year, 1),
        Unit::Decade => {
            first(fields, if year > 0 { year / 10 * 10 } else { -((8 - (year - 1)) / 10) * 10 }, 1);
        }
        Unit::Century => first(fields, first_year(year, 100), 1),
        Unit::Millennium => first(fields, first_year(year, 1000), 1),
        _ => return false,
    }
    true
}

fn truncate_interval(call: &Call<'_>, name: &str, a: Interval) -> Result<Interval> {
    const MINUTE: i64 = 60_000_000;
    let months = |size: i32| Interval { months: a.months / size * size, days: 0, micros: 0 };
    let micros = |size: i64| Interval { micros: a.micros / size * size, ..a };
    Ok(match trunc_unit(name).ok_or_else(|| not_recognized(call, name))? {
        Unit::Microsecond => a,
        Unit::Millisecond => micros(1000),
        Unit::Second => micros(1_000_000),
        Unit::Minute => micros(MINUTE),
        Unit::Hour => micros(60 * MINUTE),
        Unit::Day => Interval { micros: 0, ..a },
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
        Unit::Decade => months(120),
        Unit::Century => months(1200),
        Unit::Millennium => months(12_000),
        Unit::Week => {
            return Err(not_supported(call, name).detail("Months usually have fractional weeks."));
        }
        _ => return Err(not_supported(call, name)),
    })
}

/// `date_bin`
fn bin(stride: Interval, timestamp: i64, origin: i64) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    if is_infinite(origin) {
        return Err(out_of_range("origin"));
    }
    if stride.months != 0 {
        return Err(Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            "timestamps cannot be binned into intervals containing months or years",
        ));
    }
    let overflow = || out_of_range("interval");
    let days = i64::from(stride.days).checked_mul(USECS_PER_DAY).ok_or_else(overflow)?;
    let stride = days.checked_add(stride.micros).ok_or_else(overflow)?;
    if stride <= 0 {
        return Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "stride must be greater than zero"));
    }
    let distance = timestamp.checked_sub(origin).ok_or_else(overflow)?;
    let start = i128::from(origin) + i128::from(distance.div_euclid(stride)) * i128::from(stride);
    i64::try_from(start)
        .ok()
        .filter(|start| crate::datetime::calendar::is_valid_timestamp(*start))
        .ok_or_else(|| out_of_range("timestamp"))
}
