//! `java.time` values as Hazelcast sends them: fields, not instants.

/// `LocalDate`: a day of the proleptic Gregorian calendar. Year 0 is 1 BC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Year; 0 is 1 BC, −1 is 2 BC.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// `LocalTime`: a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time {
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Nanosecond, 0 to 999 999 999.
    pub nano: u32,
}

/// `LocalDateTime`: a date and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// The day.
    pub date: Date,
    /// The time of day.
    pub time: Time,
}

/// `OffsetDateTime`: a date and a time of day as a clock shows them at a known offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimestampTz {
    /// The local date and time of day.
    pub local: Timestamp,
    /// Seconds east of UTC, within ±18 hours.
    pub offset_seconds: i32,
}

impl Date {
    /// A date, or nothing if the calendar has no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = Self { year, month, day };
        date.is_valid().then_some(date)
    }

    /// Whether the calendar has this day, and Java's `LocalDate` this year.
    pub fn is_valid(self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        (-999_999_999..=999_999_999).contains(&self.year) && (1..=days).contains(&self.day)
    }
}

impl Time {
    /// A time of day, or nothing if a field is out of range.
    pub fn new(hour: u8, minute: u8, second: u8, nano: u32) -> Option<Self> {
        let time = Self { hour, minute, second, nano };
        time.is_valid().then_some(time)
    }

    /// Whether every field is in its range.
    pub fn is_valid(self) -> bool {
        self.hour < 24 && self.minute < 60 && self.second < 60 && self.nano < 1_000_000_000
    }
}

impl Timestamp {
    /// Whether date and time of day are valid.
    pub fn is_valid(self) -> bool {
        self.date.is_valid() && self.time.is_valid()
    }
}

impl TimestampTz {
    /// Whether date, time of day and offset are valid.
    pub fn is_valid(self) -> bool {
        self.local.is_valid() && self.offset_seconds.unsigned_abs() <= 18 * 3600
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_knows_leap_years() {
        assert!(Date::new(2024, 2, 29).is_some());
        assert!(Date::new(1900, 2, 29).is_none());
        assert!(Date::new(0, 2, 29).is_some(), "1 BC is a leap year of the proleptic calendar");
        assert!(Date::new(2023, 13, 1).is_none());
        assert!(Date::new(2023, 1, 0).is_none());
        assert!(Date::new(1_000_000_000, 1, 1).is_none());
    }

    #[test]
    fn a_day_has_24_hours() {
        assert!(Time::new(23, 59, 59, 999_999_999).is_some());
        assert!(Time::new(24, 0, 0, 0).is_none());
    }
}
