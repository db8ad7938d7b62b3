//! `java.time` values as PostgreSQL counts: days and microseconds since 2000.

use hazelcast_client as hz;
use pg::datetime::calendar::{DateTime, date_fields, date_from_fields, time_fields, time_from_fields};
use pg::datetime::calendar::{timestamp_fields, timestamp_from_fields};
use pg::{Error, Result, SqlState};

const USECS_PER_SEC: i64 = 1_000_000;

/// `date`
pub fn date(value: hz::Date) -> Result<i32> {
    date_from_fields(value.year, value.month.into(), value.day.into()).ok_or_else(|| out_of_range("date"))
}

/// `time`: nanoseconds are cut.
pub fn time(value: hz::Time) -> i64 {
    let micros = (value.nano / 1000) as i32;
    time_from_fields(value.hour.into(), value.minute.into(), value.second.into(), micros)
}

/// `timestamp`
pub fn timestamp(value: hz::Timestamp) -> Result<i64> {
    timestamp_from_fields(&fields(value)).ok_or_else(|| out_of_range("timestamp"))
}

/// `timestamptz`: the instant; the offset is not part of the value in PostgreSQL.
pub fn timestamp_tz(value: hz::TimestampTz) -> Result<i64> {
    let utc = timestamp(value.local)? - i64::from(value.offset_seconds) * USECS_PER_SEC;
    if pg::datetime::calendar::is_valid_timestamp(utc) { Ok(utc) } else { Err(out_of_range("timestamp")) }
}

fn fields(value: hz::Timestamp) -> DateTime {
    DateTime {
        year: value.date.year,
        month: value.date.month.into(),
        day: value.date.day.into(),
        hour: value.time.hour.into(),
        minute: value.time.minute.into(),
        second: value.time.second.into(),
        micros: (value.time.nano / 1000) as i32,
    }
}

/// A finite `date` as the cluster has it.
pub fn to_date(date: i32) -> Result<hz::Date> {
    if matches!(date, i32::MIN | i32::MAX) {
        return Err(no_infinity("date"));
    }
    let (year, month, day) = date_fields(date);
    Ok(hz::Date { year, month: month as u8, day: day as u8 })
}

/// A `time` as the cluster has it, which knows no 24:00:00.
pub fn to_time(time: i64) -> Result<hz::Time> {
    let (hour, minute, second, micros) = time_fields(time);
    hz::Time::new(hour as u8, minute as u8, second as u8, micros as u32 * 1000)
        .ok_or_else(|| Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "the cluster has no time 24:00:00"))
}

/// A finite `timestamp` as the cluster has it.
pub fn to_timestamp(timestamp: i64) -> Result<hz::Timestamp> {
    if matches!(timestamp, i64::MIN | i64::MAX) {
        return Err(no_infinity("timestamp"));
    }
    let fields = timestamp_fields(timestamp);
    Ok(hz::Timestamp {
        date: hz::Date { year: fields.year, month: fields.month as u8, day: fields.day as u8 },
        time: hz::Time {
            hour: fields.hour as u8,
            minute: fields.minute as u8,
            second: fields.second as u8,
            nano: fields.micros as u32 * 1000,
        },
    })
}

/// A finite `timestamptz` as the cluster has it: at UTC.
pub fn to_timestamp_tz(timestamp: i64) -> Result<hz::TimestampTz> {
    Ok(hz::TimestampTz { local: to_timestamp(timestamp)?, offset_seconds: 0 })
}

fn out_of_range(what: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range"))
        .detail("The cluster holds a value that PostgreSQL's type can not.")
}

fn no_infinity(what: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("the cluster has no infinite {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp_of(year: i32, month: u8, day: u8, nano: u32) -> hz::Timestamp {
        let time = hz::Time::new(23, 59, 59, nano).unwrap();
        hz::Timestamp { date: hz::Date::new(year, month, day).unwrap(), time }
    }

    #[test]
    fn days_since_2000() {
        assert_eq!(date(hz::Date::new(2000, 1, 1).unwrap()).unwrap(), 0);
        assert_eq!(date(hz::Date::new(1999, 12, 31).unwrap()).unwrap(), -1);
        for year in [-4714, 5_874_898, 999_999_999, -999_999_999] {
            let error = date(hz::Date::new(year, 1, 1).unwrap()).unwrap_err();
            assert_eq!(error.code(), SqlState::DATETIME_FIELD_OVERFLOW, "{year}");
        }
        assert_eq!(to_date(date(hz::Date::new(-4712, 1, 1).unwrap()).unwrap()).unwrap().year, -4712);
    }

    #[test]
    fn nanoseconds_are_cut() {
        assert_eq!(time(hz::Time::new(0, 0, 1, 1_999).unwrap()), 1_000_001);
        let before_2000 = timestamp(timestamp_of(1999, 12, 31, 999_999_999)).unwrap();
        assert_eq!(before_2000, -1);
        assert!(timestamp(timestamp_of(294_277, 1, 1, 0)).is_err());
    }

    #[test]
    fn instants_lose_their_offset() {
        let value = hz::TimestampTz { local: timestamp_of(2000, 1, 1, 0), offset_seconds: 7200 };
        assert_eq!(timestamp_tz(value).unwrap(), (86_400 - 1 - 7200) * USECS_PER_SEC);
        assert_eq!(to_timestamp_tz(0).unwrap().local.date.year, 2000);
        // The last microsecond, east of UTC, is in range; west of it no more.
        let last = timestamp_of(294_276, 12, 31, 999_999_000);
        assert!(timestamp_tz(hz::TimestampTz { local: last, offset_seconds: 1 }).is_ok());
        assert!(timestamp_tz(hz::TimestampTz { local: last, offset_seconds: -1 }).is_err());
    }

    #[test]
    fn what_the_cluster_can_not_hold() {
        assert!(to_date(i32::MAX).is_err() && to_timestamp(i64::MIN).is_err());
        assert!(to_time(86_400_000_000).is_err());
        assert_eq!(to_time(86_399_999_999).unwrap().nano, 999_999_000);
    }
}
