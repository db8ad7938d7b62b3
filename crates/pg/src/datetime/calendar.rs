//! The proleptic Gregorian calendar, by Julian days, and the fields of dates and timestamps. Years are astronomical:
//! 0 is 1 BC.

/// Microseconds in a day.
pub const USECS_PER_DAY: i64 = 86_400_000_000;
/// `date`'s `infinity`.
pub const DATE_INFINITY: i32 = i32::MAX;
/// `date`'s `-infinity`.
pub const DATE_NEG_INFINITY: i32 = i32::MIN;
/// `timestamp`'s and `timestamptz`'s `infinity`.
pub const TIMESTAMP_INFINITY: i64 = i64::MAX;
/// `timestamp`'s and `timestamptz`'s `-infinity`.
pub const TIMESTAMP_NEG_INFINITY: i64 = i64::MIN;

/// The Julian day of 2000-01-01.
pub const POSTGRES_EPOCH_JDATE: i32 = 2_451_545;
/// The Julian day of 1970-01-01.
pub const UNIX_EPOCH_JDATE: i32 = 2_440_588;
/// 2000-01-01 in seconds of Unix time.
pub const POSTGRES_EPOCH_UNIX: i64 = 946_684_800;
/// The first timestamp: 4714-11-24 BC.
pub const MIN_TIMESTAMP: i64 = -211_813_488_000_000_000;
/// One beyond the last timestamp: 294277-01-01.
pub const END_TIMESTAMP: i64 = 9_223_371_331_200_000_000;
/// The first date, in days since 2000-01-01.
pub const MIN_DATE: i32 = -POSTGRES_EPOCH_JDATE;
/// One beyond the last date: 5874898-01-01.
pub const END_DATE: i32 = 2_145_031_949;

/// A date and time, taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateTime {
    /// Astronomical year: 0 is 1 BC.
    pub year: i32,
    /// 1 to 12
    pub month: i32,
    /// 1 to 31
    pub day: i32,
    /// 0 to 23
    pub hour: i32,
    /// 0 to 59
    pub minute: i32,
    /// 0 to 59
    pub second: i32,
    /// 0 to 999999
    pub micros: i32,
}

/// The Julian day of a date (`date2j`).
pub fn julian_day(year: i32, month: i32, day: i32) -> i32 {
    // The Fliegel and Van Flandern formula, with years that begin in March.
    let (year, month) = if month > 2 {
        (i64::from(year) + 4800, i64::from(month) + 1)
    } else {
        (i64::from(year) + 4799, i64::from(month) + 13)
    };
    let century = year.div_euclid(100);
    let days = year * 365 - 32_167 + year.div_euclid(4) - century
        + century.div_euclid(4)
        + 7834 * month / 256
        + i64::from(day);
    days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// The date of a Julian day (`j2date`): year, month, day.
pub fn date_of_julian(julian: i32) -> (i32, i32, i32) {
    // Days since 0000-03-01, in eras of 400 years (146097 days).
    let days = i64::from(julian) - 1_721_120;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as i32, day as i32)
}

/// Whether a year has a 29th of February.
pub fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days of a month, 1 to 12.
pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The weekday of a Julian day, Sunday = 0 (`j2day`).
pub fn weekday_of_julian(julian: i32) -> i32 {
    (i64::from(julian) + 1).rem_euclid(7) as i32
}

/// The weekday of a date (days since 2000-01-01), Sunday = 0.
pub fn day_of_week(date: i32) -> i32 {
    (i64::from(date) + 6).rem_euclid(7) as i32
}

/// Year, month and day of a `date` that is finite.
pub fn date_fields(date: i32) -> (i32, i32, i32) {
    date_of_julian(date.saturating_add(POSTGRES_EPOCH_JDATE))
}

/// The `date` of year, month and day; `None` when there is no such day or it is out of range.
pub fn date_from_fields(year: i32, month: i32, day: i32) -> Option<i32> {
    let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    if !exists || !is_valid_julian(year, month) {
        return None;
    }
    let date = julian_day(year, month, day).checked_sub(POSTGRES_EPOCH_JDATE)?;
    is_valid_date(date).then_some(date)
}

/// Whether a finite date is in PostgreSQL's range (`IS_VALID_DATE`).
pub fn is_valid_date(date: i32) -> bool {
    (MIN_DATE..END_DATE).contains(&date)
}

/// Whether a finite timestamp is in PostgreSQL's range (`IS_VALID_TIMESTAMP`).
pub fn is_valid_timestamp(timestamp: i64) -> bool {
    (MIN_TIMESTAMP..END_TIMESTAMP).contains(&timestamp)
}

/// Whether the Julian day of a month can be computed (`IS_VALID_JULIAN`).
pub fn is_valid_julian(year: i32, month: i32) -> bool {
    (year > -4713 || (year == -4713 && month >= 11)) && (year < 5_874_898 || (year == 5_874_898 && month < 6))
}

/// Hour, minute, second and microsecond of a `time`.
pub fn time_fields(time: i64) -> (i32, i32, i32, i32) {
    let seconds = time / 1_000_000;
    ((seconds / 3600) as i32, (seconds / 60 % 60) as i32, (seconds % 60) as i32, (time % 1_000_000) as i32)
}

/// The `time` of its fields, which are not checked.
pub fn time_from_fields(hour: i32, minute: i32, second: i32, micros: i32) -> i64 {
    (((i64::from(hour) * 60 + i64::from(minute)) * 60) + i64::from(second)) * 1_000_000 + i64::from(micros)
}

/// The fields of a finite `timestamp` (or of a `timestamptz` at UTC).
pub fn timestamp_fields(timestamp: i64) -> DateTime {
    let date = timestamp.div_euclid(USECS_PER_DAY);
    let (hour, minute, second, micros) = time_fields(timestamp.rem_euclid(USECS_PER_DAY));
    let (year, month, day) = date_fields(date as i32);
    DateTime { year, month, day, hour, minute, second, micros }
}

/// Microseconds since 2000-01-01, also where that is just beyond the range of timestamps.
pub fn local_micros(fields: &DateTime) -> Option<i64> {
    if !is_valid_julian(fields.year, fields.month) {
        return None;
    }
    let date = i64::from(julian_day(fields.year, fields.month, fields.day)) - i64::from(POSTGRES_EPOCH_JDATE);
    let time = time_from_fields(fields.hour, fields.minute, fields.second, fields.micros);
    // The product may be too large where the sum is not.
    i64::try_from(i128::from(date) * i128::from(USECS_PER_DAY) + i128::from(time)).ok()
}

/// The `timestamp` of its fields; `None` when it is out of range. The fields themselves are not checked: hour 24 is
/// the next day.
pub fn timestamp_from_fields(fields: &DateTime) -> Option<i64> {
    local_micros(fields).filter(|timestamp| is_valid_timestamp(*timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn julian_days_and_back() {
        assert_eq!(julian_day(2000, 1, 1), POSTGRES_EPOCH_JDATE);
        assert_eq!(julian_day(-4713, 11, 24), 0);
        assert_eq!(date_of_julian(0), (-4713, 11, 24));
        for julian in (0..2_147_483_000).step_by(99_991) {
            let (year, month, day) = date_of_julian(julian);
            assert_eq!(julian_day(year, month, day), julian, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn limits() {
        assert_eq!(date_from_fields(5_874_897, 12, 31), Some(END_DATE - 1));
        assert_eq!(date_from_fields(5_874_898, 1, 1), None);
        assert_eq!(date_from_fields(-4713, 11, 23), None);
        assert_eq!(date_from_fields(2023, 2, 29), None);
        let last =
            DateTime { year: 294_276, month: 12, day: 31, hour: 23, minute: 59, second: 59, micros: 999_999 };
        assert_eq!(timestamp_from_fields(&last), Some(END_TIMESTAMP - 1));
        assert_eq!(timestamp_fields(END_TIMESTAMP - 1), last);
        assert_eq!(timestamp_fields(MIN_TIMESTAMP).year, -4713);
        assert_eq!(day_of_week(0), 6);
    }
}
