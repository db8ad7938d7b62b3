//! `extract` (numeric) and `date_part` (double precision).

use num_bigint::BigInt;

use super::units::{Unit, not_recognized, not_supported, unit};
use super::{USECS_PER_SEC, is_infinite};
use crate::datetime::calendar::{POSTGRES_EPOCH_JDATE, POSTGRES_EPOCH_UNIX, julian_day};
use crate::datetime::convert::date_to_timestamp;
use crate::datetime::{
    DATE_INFINITY, DATE_NEG_INFINITY, DateTime, date_fields, day_of_week, session_zone, timestamp_fields,
};
use crate::func::Call;
use crate::func::args::{Date, Time, TimeTz, Timestamp, TimestampTz};
use crate::{Interval, Numeric, Result};

kernels!(KERNELS(call) {
    "extract_date" => |name: &str, a: Date| of_date(call, name, a).map(Part::numeric);
    "extract_time" => |name: &str, a: Time| of_time(call, name, a.0, None).map(Part::numeric);
    "extract_timetz" => |name: &str, a: TimeTz| of_time(call, name, a.0, Some(a.1)).map(Part::numeric);
    "extract_timestamp" => |name: &str, a: Timestamp| of_timestamp(call, name, a.0, None).map(Part::numeric);
    "extract_timestamptz" => |name: &str, a: TimestampTz| of_timestamptz(call, name, a).map(Part::numeric);
    "extract_interval" => |name: &str, a: Interval| of_interval(call, name, a).map(Part::numeric);
    "time_part" => |name: &str, a: Time| of_time(call, name, a.0, None).map(Part::float8);
    "timetz_part" => |name: &str, a: TimeTz| of_time(call, name, a.0, Some(a.1)).map(Part::float8);
    "timestamp_part" => |name: &str, a: Timestamp| of_timestamp(call, name, a.0, None).map(Part::float8);
    "timestamptz_part" => |name: &str, a: TimestampTz| of_timestamptz(call, name, a).map(Part::float8);
    "interval_part" => |name: &str, a: Interval| of_interval(call, name, a).map(Part::float8);
});

/// `date_part(text, date)`, written in SQL: by way of a timestamp.
pub(super) const SQL_FUNCTIONS: &[(u32, crate::func::Kernel)] = &[(
    1384,
    kernel!(call; |name: &str, a: Date| {
        let types = [crate::oid::TEXT, crate::oid::TIMESTAMP];
        let call = Call { arg_types: &types, ..*call };
        date_to_timestamp(a.0).and_then(|t| of_timestamp(&call, name, t, None)).map(Part::float8)
    }),
)];

/// A field's value.
enum Part {
    Null,
    Infinity(bool),
    Int(i64),
    /// Seconds and microseconds
    Seconds(i64, i64),
    /// Milliseconds, from seconds and microseconds
    Millis(i64, i64),
    /// Seconds, from microseconds
    Micros(i128),
    /// Day and microseconds of it
    Julian(i64, i64),
    /// Seconds of months and days, and microseconds: an interval's epoch
    IntervalEpoch(Interval),
}

fn scaled(value: i128, scale: u32) -> Numeric {
    Numeric::new(BigInt::from(value), scale)
}

impl Part {
    fn numeric(self) -> Option<Numeric> {
        Some(match self {
            Part::Null => return None,
            Part::Infinity(negative) => {
                if negative {
                    Numeric::NegInfinity
                } else {
                    Numeric::Infinity
                }
            }
            Part::Int(value) => Numeric::from(value),
            Part::Seconds(seconds, micros) => scaled(i128::from(seconds) * 1_000_000 + i128::from(micros), 6),
            Part::Millis(seconds, micros) => scaled(i128::from(seconds) * 1_000_000 + i128::from(micros), 3),
            // So far in the future PostgreSQL divides, with sixteen digits.
            Part::Micros(micros) if micros > i128::from(i64::MAX) => {
                let quotient = Numeric::new(BigInt::from(micros), 0).div(&Numeric::from(USECS_PER_SEC));
                quotient.and_then(|seconds| seconds.round(6)).ok()?
            }
            Part::Micros(micros) => scaled(micros, 6),
            Part::Julian(day, micros) => {
                let fraction = Numeric::from(micros).div(&Numeric::from(86_400 * USECS_PER_SEC));
                fraction.and_then(|fraction| Numeric::from(day).add(&fraction)).ok()?
            }
            Part::IntervalEpoch(a) => {
                // Four times, because a year has a quarter of a day.
                let quarters = 1461 * i128::from(a.months / 12)
                    + 120 * i128::from(a.months % 12)
                    + 4 * i128::from(a.days);
                scaled(quarters * 21_600 * 1_000_000 + i128::from(a.micros), 6)
            }
        })
    }

    fn float8(self) -> Option<f64> {
        Some(match self {
            Part::Null => return None,
            Part::Infinity(negative) => {
                if negative {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            Part::Int(value) => value as f64,
            Part::Seconds(seconds, micros) => seconds as f64 + micros as f64 / 1_000_000.0,
            Part::Millis(seconds, micros) => seconds as f64 * 1000.0 + micros as f64 / 1000.0,
            Part::Micros(micros) => micros as f64 / 1_000_000.0,
            Part::Julian(day, micros) => {
                let seconds = (micros / USECS_PER_SEC) as f64 + (micros % USECS_PER_SEC) as f64 / 1_000_000.0;
                day as f64 + seconds / 86_400.0
            }
            Part::IntervalEpoch(a) => {
                let mut result = a.micros as f64 / 1_000_000.0;
                result += 365.25 * 86_400.0 * f64::from(a.months / 12);
                result += 30.0 * 86_400.0 * f64::from(a.months % 12);
                result + 86_400.0 * f64::from(a.days)
            }
        })
    }
}

/// What a unit that goes back and forth, or on and on, is at infinity (`NonFiniteTimestampTzPart`).
fn infinite(call: &Call<'_>, name: &str, negative: bool, has_time: bool) -> Result<Part> {
    match unit(name).ok_or_else(|| not_recognized(call, name))? {
        Unit::Year
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::IsoYear
        | Unit::Epoch => Ok(Part::Infinity(negative)),
        Unit::Day
        | Unit::Month
        | Unit::Quarter
        | Unit::Week
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear => Ok(Part::Null),
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour if has_time => {
            Ok(Part::Null)
        }
        Unit::Timezone | Unit::TimezoneHour | Unit::TimezoneMinute if has_time => Ok(Part::Null),
        _ => Err(not_supported(call, name)),
    }
}

/// Years as people count them: there is none of number 0.
fn year_number(year: i32) -> i64 {
    i64::from(if year > 0 { year } else { year - 1 })
}

/// Groups of years that begin with the year 1.
fn group_number(year: i32, size: i32) -> i64 {
    i64::from(if year > 0 { (year + size - 1) / size } else { -((size - 1 - (year - 1)) / size) })
}

/// The ISO year and week of a day (`date2isoyear`, `date2isoweek`).
pub(in crate::func) fn iso_week(year: i32, month: i32, day: i32) -> (i32, i32) {
    let julian = julian_day(year, month, day);
    // The first week is that of January 4th.
    let first_monday = |year: i32| {
        let fourth = julian_day(year, 1, 4);
        fourth - fourth.rem_euclid(7)
    };
    let iso_year = if julian >= first_monday(year + 1) {
        year + 1
    } else if julian >= first_monday(year) {
        year
    } else {
        year - 1
    };
    (iso_year, (julian - first_monday(iso_year)) / 7 + 1)
}

/// The fields that a day has.
fn of_day(unit: Unit, year: i32, month: i32, day: i32) -> Option<i64> {
    let julian = julian_day(year, month, day);
    let weekday = i64::from(day_of_week(julian - POSTGRES_EPOCH_JDATE));
    Some(match unit {
        Unit::Day => day.into(),
        Unit::Month => month.into(),
        Unit::Quarter => i64::from((month - 1) / 3 + 1),
        Unit::Week => iso_week(year, month, day).1.into(),
        Unit::Year => year_number(year),
        Unit::Decade => i64::from(if year >= 0 { year / 10 } else { -((8 - (year - 1)) / 10) }),
        Unit::Century => group_number(year, 100),
        Unit::Millennium => group_number(year, 1000),
        Unit::IsoYear => year_number(iso_week(year, month, day).0),
        Unit::DayOfWeek => weekday,
        Unit::IsoDayOfWeek => {
            if weekday == 0 {
                7
            } else {
                weekday
            }
        }
        Unit::DayOfYear => i64::from(julian - julian_day(year, 1, 1) + 1),
        _ => return None,
    })
}

fn of_date(call: &Call<'_>, name: &str, a: Date) -> Result<Part> {
    if matches!(a.0, DATE_INFINITY | DATE_NEG_INFINITY) {
        return infinite(call, name, a.0 == DATE_NEG_INFINITY, false);
    }
    let wanted = unit(name).ok_or_else(|| not_recognized(call, name))?;
    let (year, month, day) = date_fields(a.0);
    match wanted {
        Unit::Julian => Ok(Part::Int(i64::from(a.0) + i64::from(POSTGRES_EPOCH_JDATE))),
        Unit::Epoch => Ok(Part::Int(i64::from(a.0) * 86_400 + POSTGRES_EPOCH_UNIX)),
        _ => of_day(wanted, year, month, day).map(Part::Int).ok_or_else(|| not_supported(call, name)),
    }
}

/// The fields that a time of day has.
fn of_clock(unit: Unit, fields: &DateTime) -> Option<Part> {
    let (seconds, micros) = (i64::from(fields.second), i64::from(fields.micros));
    Some(match unit {
        Unit::Microsecond => Part::Int(seconds * USECS_PER_SEC + micros),
        Unit::Millisecond => Part::Millis(seconds, micros),
        Unit::Second => Part::Seconds(seconds, micros),
        Unit::Minute => Part::Int(fields.minute.into()),
        Unit::Hour => Part::Int(fields.hour.into()),
        _ => return None,
    })
}

/// The fields of a zone, given in seconds east.
fn of_zone(unit: Unit, east: i32) -> Option<Part> {
    Some(Part::Int(match unit {
        Unit::Timezone => east.into(),
        Unit::TimezoneHour => i64::from(east / 3600),
        Unit::TimezoneMinute => i64::from(east / 60 % 60),
        _ => return None,
    }))
}

/// `timetz_part_common`; a zone is in seconds west.
fn of_time(call: &Call<'_>, name: &str, time: i64, zone: Option<i32>) -> Result<Part> {
    let wanted = unit(name).ok_or_else(|| not_recognized(call, name))?;
    let (hour, minute, second, micros) = crate::datetime::time_fields(time);
    let fields = DateTime { year: 0, month: 0, day: 0, hour, minute, second, micros };
    if wanted == Unit::Epoch {
        return Ok(Part::Micros(i128::from(time) + i128::from(zone.unwrap_or(0)) * 1_000_000));
    }
    of_clock(wanted, &fields)
        .or_else(|| zone.and_then(|west| of_zone(wanted, -west)))
        .ok_or_else(|| not_supported(call, name))
}

/// `timestamp_part_common`; with the offset east for a `timestamptz`, whose local time `timestamp` is.
fn of_timestamp(call: &Call<'_>, name: &str, timestamp: i64, east: Option<i32>) -> Result<Part> {
    if is_infinite(timestamp) {
        return infinite(call, name, timestamp < 0, true);
    }
    let wanted = unit(name).ok_or_else(|| not_recognized(call, name))?;
    let fields = timestamp_fields(timestamp);
    match wanted {
        Unit::Julian => {
            let day = julian_day(fields.year, fields.month, fields.day);
            let micros = timestamp.rem_euclid(86_400 * USECS_PER_SEC);
            Ok(Part::Julian(day.into(), micros))
        }
        Unit::Epoch => {
            let moment = i128::from(timestamp) - i128::from(east.unwrap_or(0)) * 1_000_000;
            Ok(Part::Micros(moment + i128::from(POSTGRES_EPOCH_UNIX) * 1_000_000))
        }
        _ => of_clock(wanted, &fields)
            .or_else(|| of_day(wanted, fields.year, fields.month, fields.day).map(Part::Int))
            .or_else(|| east.and_then(|east| of_zone(wanted, east)))
            .ok_or_else(|| not_supported(call, name)),
    }
}

fn of_timestamptz(call: &Call<'_>, name: &str, a: TimestampTz) -> Result<Part> {
    if is_infinite(a.0) {
        return of_timestamp(call, name, a.0, Some(0));
    }
    let zone = session_zone(call.env)?;
    of_timestamp(call, name, zone.to_local(a.0)?, Some(zone.east_at(a.0)))
}

/// `interval_part_common`
fn of_interval(call: &Call<'_>, name: &str, a: Interval) -> Result<Part> {
    let wanted = unit(name).ok_or_else(|| not_recognized(call, name))?;
    let (seconds, micros) = (a.micros / USECS_PER_SEC % 60, a.micros % USECS_PER_SEC);
    let year = a.months / 12;
    Ok(match wanted {
        Unit::Microsecond => Part::Int(seconds * USECS_PER_SEC + micros),
        Unit::Millisecond => Part::Millis(seconds, micros),
        Unit::Second => Part::Seconds(seconds, micros),
        Unit::Minute => Part::Int(a.micros / (60 * USECS_PER_SEC) % 60),
        Unit::Hour => Part::Int(a.micros / (3600 * USECS_PER_SEC)),
        Unit::Day => Part::Int(a.days.into()),
        Unit::Month => Part::Int(i64::from(a.months % 12)),
        Unit::Quarter => Part::Int(i64::from(a.months % 12 / 3 + 1)),
        Unit::Year => Part::Int(year.into()),
        Unit::Decade => Part::Int(i64::from(year / 10)),
        Unit::Century => Part::Int(i64::from(year / 100)),
        Unit::Millennium => Part::Int(i64::from(year / 1000)),
        Unit::Epoch => Part::IntervalEpoch(a),
        _ => return Err(not_supported(call, name)),
    })
}
