//! Dates and times out of text, by the formats of Hazelcast's `AbstractStringConverter` and the rules of
//! `java.time.format.DateTimeFormatter` (strict parsing, smart resolution).

use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};

/// `LocalDate.parse(text, STANDARD_DATE_FORMAT)`.
pub(super) fn date(text: &str) -> Option<Date> {
    let mut reader = Reader { rest: text.as_bytes() };
    let date = reader.date()?;
    reader.rest.is_empty().then_some(date)
}

/// `LocalTime.parse(text, STANDARD_TIME_FORMAT)`.
pub(super) fn time(text: &str) -> Option<Time> {
    let mut reader = Reader { rest: text.as_bytes() };
    let (time, _) = reader.time()?;
    reader.rest.is_empty().then_some(time)
}

/// `LocalDateTime.parse(text, STANDARD_DATE_TIME_FORMAT)`.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let mut reader = Reader { rest: text.as_bytes() };
    let timestamp = reader.timestamp()?;
    reader.rest.is_empty().then_some(timestamp)
}

/// `OffsetDateTime.parse(text, STANDARD_OFFSET_DATE_TIME_FORMAT)`.
pub(super) fn timestamp_tz(text: &str) -> Option<TimestampTz> {
    let mut reader = Reader { rest: text.as_bytes() };
    let value = TimestampTz { local: reader.timestamp()?, offset_seconds: reader.offset()? };
    (reader.rest.is_empty() && value.is_valid()).then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// At least `least` digits, at most `most`; as many as there are.
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count).filter(|_| count >= least)?;
        self.rest = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// Years of four digits have no sign but minus, longer ones must have one (`SignStyle.EXCEEDS_PAD`).
    fn year(&mut self) -> Option<i32> {
        let plus = self.take(b'+');
        let minus = !plus && self.take(b'-');
        let before = self.rest.len();
        let year = self.digits(4, 10)?;
        let long = before - self.rest.len() > 4;
        if (plus && !long) || (!plus && !minus && long) || (minus && year == 0) {
            return None;
        }
        i32::try_from(if minus { -year } else { year }).ok()
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.year()?;
        let month = self.take(b'-').then(|| self.digits(1, 2))??;
        let day = self.take(b'-').then(|| self.digits(1, 2))??;
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // A day that the month doesn't reach is its last one.
        (28..=day).rev().chain([day]).find_map(|day| Date::new(year, month, day))
    }

    /// A time of day, and whether it is the end of the day, 24:00.
    fn time(&mut self) -> Option<(Time, bool)> {
        let hour = u8::try_from(self.digits(1, 2)?).ok()?;
        let minute = u8::try_from(self.take(b':').then(|| self.digits(1, 2))??).ok()?;
        let (mut second, mut nano) = (0, 0);
        // What does not go on as seconds is left to be complained about.
        let before = self.rest;
        if self.take(b':') {
            match self.digits(1, 2) {
                Some(digits) => {
                    second = u8::try_from(digits).ok()?;
                    nano = self.fraction();
                }
                None => self.rest = before,
            }
        }
        if (hour, minute, second, nano) == (24, 0, 0, 0) {
            return Time::new(0, 0, 0, 0).map(|time| (time, true));
        }
        Time::new(hour, minute, second, nano).map(|time| (time, false))
    }

    /// A point and up to nine digits, of which there may be none.
    fn fraction(&mut self) -> u32 {
        if !self.take(b'.') {
            return 0;
        }
        let before = self.rest.len();
        let digits = self.digits(0, 9).unwrap_or(0);
        let places = before - self.rest.len();
        u32::try_from(digits).unwrap_or(0) * 10u32.pow(9 - places as u32)
    }

    /// Between date and time a `T`, a blank, both, or nothing.
    fn timestamp(&mut self) -> Option<Timestamp> {
        let date = self.date()?;
        let _ = self.take(b'T') || self.take(b't');
        self.take(b' ');
        let (time, ends) = self.time()?;
        let date = if ends { next_day(date)? } else { date };
        Some(Timestamp { date, time })
    }

    /// `Z`, or hours, minutes and perhaps seconds, of two digits each (`appendOffsetId`).
    fn offset(&mut self) -> Option<i32> {
        if self.take(b'Z') || self.take(b'z') {
            return Some(0);
        }
        let negative = self.take(b'-');
        if !negative && !self.take(b'+') {
            return None;
        }
        let hours = self.digits(2, 2)?;
        let minutes = self.take(b':').then(|| self.digits(2, 2))??;
        let before = self.rest;
        // Seconds are optional; what looks like them but isn't is left over.
        let seconds = match self.take(b':').then(|| self.digits(2, 2)).flatten() {
            Some(seconds @ 0..60) => seconds,
            _ => {
                self.rest = before;
                0
            }
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        let offset = i32::try_from(hours * 3600 + minutes * 60 + seconds).ok()?;
        Some(if negative { -offset } else { offset })
    }
}

fn next_day(date: Date) -> Option<Date> {
    let Date { year, month, day } = date;
    Date::new(year, month, day + 1).or_else(|| {
        if month == 12 { Date::new(year.checked_add(1)?, 1, 1) } else { Date::new(year, month + 1, 1) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u8, day: u8) -> Option<Date> {
        Date::new(year, month, day)
    }

    #[test]
    fn dates() {
        for (text, expected) in [
            ("2024-02-29", day(2024, 2, 29)),
            ("2024-2-9", day(2024, 2, 9)),
            ("2023-02-31", day(2023, 2, 28)),
            ("2024-04-31", day(2024, 4, 30)),
            ("+12024-01-01", day(12024, 1, 1)),
            ("-0044-03-15", day(-44, 3, 15)),
            ("0000-01-01", day(0, 1, 1)),
            ("+999999999-12-31", day(999_999_999, 12, 31)),
        ] {
            assert_eq!(date(text), expected, "{text}");
            assert!(expected.is_some());
        }
        for text in [
            "",
            "2024",
            "2024-01",
            "24-01-01",
            "12024-01-01",
            "+2024-01-01",
            "-0000-01-01",
            "2024-13-01",
            "2024-00-01",
            "2024-01-32",
            "2024-01-00",
            " 2024-01-01",
            "2024-01-01 ",
            "2024-01-001",
            "2024/01/01",
            "+9999999999-01-01",
            "2024-+1-01",
            "2024-01-01T00:00",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn times() {
        let at = Time::new;
        for (text, expected) in [
            ("12:34", at(12, 34, 0, 0)),
            ("1:2:3", at(1, 2, 3, 0)),
            ("12:34:56.", at(12, 34, 56, 0)),
            ("12:34:56.5", at(12, 34, 56, 500_000_000)),
            ("23:59:59.123456789", at(23, 59, 59, 123_456_789)),
            ("24:00", at(0, 0, 0, 0)),
            ("24:00:00.000", at(0, 0, 0, 0)),
        ] {
            assert_eq!(time(text), expected, "{text}");
            assert!(expected.is_some());
        }
        for text in [
            "",
            "12",
            "12:",
            "12:34:",
            "12:60",
            "12:34:60",
            "24:01",
            "25:00",
            "12:34:56.1234567890",
            "12:34:56,5",
            "012:00",
            "12:34Z",
            "-1:00",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn timestamps() {
        let shown = |text| timestamp(text).map(|ts| (ts.date.year, ts.date.month, ts.date.day, ts.time.hour));
        for text in [
            "2024-02-29T10:00",
            "2024-02-29t10:00",
            "2024-02-29 10:00:00.0",
            "2024-02-29T 10:00",
            "2024-02-2910:00",
        ] {
            assert_eq!(shown(text), Some((2024, 2, 29, 10)), "{text}");
        }
        assert_eq!(shown("2023-12-31T24:00"), Some((2024, 1, 1, 0)));
        for text in
            ["2024-02-29", "2024-02-29T", "2024-02-29  10:00", "2024-02-29 T10:00", "2024-02-29T10:00Z"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
        let offset = |text| timestamp_tz(text).map(|value| value.offset_seconds);
        for (text, expected) in [
            ("2024-02-29T10:00Z", 0),
            ("2024-02-29 10:00z", 0),
            ("2024-02-29T10:00+02:00", 7200),
            ("2024-02-29T10:00-18:00", -64800),
            ("2024-02-29T10:00+01:02:03", 3723),
            ("2024-02-29T10:00:00.5-00:30", -1800),
        ] {
            assert_eq!(offset(text), Some(expected), "{text}");
        }
        for text in [
            "2024-02-29T10:00",
            "2024-02-29T10:00+02",
            "2024-02-29T10:00+0200",
            "2024-02-29T10:00+2:00",
            "2024-02-29T10:00+18:01",
            "2024-02-29T10:00+02:60",
            "2024-02-29T10:00+02:00:60",
            "2024-02-29T10:00 Z",
        ] {
            assert_eq!(offset(text), None, "{text}");
        }
    }
}
