//! The names of fields and units, as `extract` and `date_trunc` take them (datetime.c: `deltatktbl`, `datetktbl`).

use crate::func::Call;
use crate::{Error, Oid, SqlState, catalog};

/// A field or unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Julian,
    Epoch,
}

/// The unit of a name; names count to their tenth character.
pub(super) fn unit(name: &str) -> Option<Unit> {
    let name = folded(name);
    let key = name.get(..10).unwrap_or(&name);
    Some(match key {
        "microsecon" | "us" | "usec" | "usecs" | "usecond" | "useconds" => Unit::Microsecond,
        "millisecon" | "ms" | "msec" | "msecs" | "msecond" | "mseconds" => Unit::Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "week" | "weeks" => Unit::Week,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "qtr" | "quarter" => Unit::Quarter,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        "dec" | "decs" | "decade" | "decades" => Unit::Decade,
        "c" | "cent" | "century" | "centuries" => Unit::Century,
        "mil" | "mils" | "millennia" | "millennium" => Unit::Millennium,
        "timezone" => Unit::Timezone,
        "timezone_h" => Unit::TimezoneHour,
        "timezone_m" => Unit::TimezoneMinute,
        "dow" => Unit::DayOfWeek,
        "isodow" => Unit::IsoDayOfWeek,
        "doy" => Unit::DayOfYear,
        "isoyear" => Unit::IsoYear,
        "j" | "jd" | "julian" => Unit::Julian,
        "epoch" => Unit::Epoch,
        _ => return None,
    })
}

/// The unit of a name that `date_trunc` knows: it asks only one of PostgreSQL's two tables.
pub(super) fn trunc_unit(name: &str) -> Option<Unit> {
    unit(name).filter(|unit| {
        !matches!(
            unit,
            Unit::DayOfWeek
                | Unit::IsoDayOfWeek
                | Unit::DayOfYear
                | Unit::IsoYear
                | Unit::Julian
                | Unit::Epoch
        )
    })
}

/// A name as PostgreSQL folds it (`downcase_truncate_identifier`).
pub(super) fn folded(name: &str) -> String {
    crate::func::text::truncate_name(name).to_ascii_lowercase()
}

/// 0A000: a unit that the type doesn't have.
pub(super) fn not_supported(call: &Call<'_>, name: &str) -> Error {
    let message = format!("unit \"{}\" not supported for type {}", folded(name), type_name(call));
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, message)
}

/// 22023: no unit at all.
pub(super) fn not_recognized(call: &Call<'_>, name: &str) -> Error {
    let message = format!("unit \"{}\" not recognized for type {}", folded(name), type_name(call));
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// The type that has fields: the last argument that isn't text.
fn type_name(call: &Call<'_>) -> String {
    catalog::format_type(call.arg_types.get(1).copied().unwrap_or(Oid::INVALID), None)
}
