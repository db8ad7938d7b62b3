//! The words of dates, times and intervals (`datetktbl`, `deltatktbl`).

/// A unit of a date, a time or an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unit {
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
    Julian,
    Dow,
    IsoDow,
    Doy,
    IsoYear,
    Zone,
    ZoneHour,
    ZoneMinute,
    /// A time follows (ISO 8601's `T`).
    Time,
}

/// The meaning of a word in a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Month(i32),
    Weekday,
    /// The next number is of that unit: `y2001m02d04`.
    Unit(Unit),
    IsoTime,
    Am,
    Pm,
    Ad,
    Bc,
    Ignore,
    /// `DST` after the abbreviation of a zone.
    DstModifier,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    AllBalls,
    Epoch,
    Infinity,
    NegInfinity,
}

/// The meaning of a word in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IntervalToken {
    Unit(Unit),
    Ago,
    Ignore,
}

/// Words are told apart by their first ten letters (`TOKMAXLEN`).
pub(super) fn significant(word: &str) -> &str {
    word.get(..10).unwrap_or(word)
}

/// A word of a date or time, in lower case.
pub(super) fn date_token(word: &str) -> Option<Token> {
    use Token::*;
    Some(match significant(word) {
        "-infinity" => NegInfinity,
        "ad" => Ad,
        "allballs" => AllBalls,
        "am" => Am,
        "at" | "on" => Ignore,
        "bc" => Bc,
        "d" => Unit(self::Unit::Day),
        "dow" => Unit(self::Unit::Dow),
        "doy" => Unit(self::Unit::Doy),
        "dst" => DstModifier,
        "epoch" => Epoch,
        "h" => Unit(self::Unit::Hour),
        "infinity" => Infinity,
        "isodow" => Unit(self::Unit::IsoDow),
        "isoyear" => Unit(self::Unit::IsoYear),
        "j" | "jd" | "julian" => Unit(self::Unit::Julian),
        "m" => Unit(self::Unit::Month),
        "mm" => Unit(self::Unit::Minute),
        "now" => Now,
        "pm" => Pm,
        "s" => Unit(self::Unit::Second),
        "t" => IsoTime,
        "today" => Today,
        "tomorrow" => Tomorrow,
        "y" => Unit(self::Unit::Year),
        "yesterday" => Yesterday,
        name => return month(name).map(Month).or_else(|| is_weekday(name).then_some(Weekday)),
    })
}

fn month(name: &str) -> Option<i32> {
    Some(match name {
        "jan" | "january" => 1,
        "feb" | "february" => 2,
        "mar" | "march" => 3,
        "apr" | "april" => 4,
        "may" => 5,
        "jun" | "june" => 6,
        "jul" | "july" => 7,
        "aug" | "august" => 8,
        "sep" | "sept" | "september" => 9,
        "oct" | "october" => 10,
        "nov" | "november" => 11,
        "dec" | "december" => 12,
        _ => return None,
    })
}

fn is_weekday(name: &str) -> bool {
    matches!(
        name,
        "sun"
            | "sunday"
            | "mon"
            | "monday"
            | "tue"
            | "tues"
            | "tuesday"
            | "wed"
            | "weds"
            | "wednesday"
            | "thu"
            | "thur"
            | "thurs"
            | "thursday"
            | "fri"
            | "friday"
            | "sat"
            | "saturday"
    )
}

/// A word of an interval, or of the field of `extract` and `date_trunc` (`DecodeUnits`), in lower case.
pub(super) fn interval_token(word: &str) -> Option<IntervalToken> {
    match significant(word) {
        "ago" => Some(IntervalToken::Ago),
        "@" => Some(IntervalToken::Ignore),
        name => interval_unit(name).map(IntervalToken::Unit),
    }
}

/// The unit of an interval by any of its names, in lower case.
pub fn interval_unit(name: &str) -> Option<Unit> {
    Some(match significant(name) {
        "c" | "cent" | "centuries" | "century" => Unit::Century,
        "d" | "day" | "days" => Unit::Day,
        "dec" | "decade" | "decades" | "decs" => Unit::Decade,
        "h" | "hour" | "hours" | "hr" | "hrs" => Unit::Hour,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "microsecon" | "us" | "usec" | "usecond" | "useconds" | "usecs" => Unit::Microsecond,
        "mil" | "millennia" | "millennium" | "mils" => Unit::Millennium,
        "millisecon" | "ms" | "msec" | "msecond" | "mseconds" | "msecs" => Unit::Millisecond,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "qtr" | "quarter" => Unit::Quarter,
        "s" | "sec" | "second" | "seconds" | "secs" => Unit::Second,
        "timezone" => Unit::Zone,
        "timezone_h" => Unit::ZoneHour,
        "timezone_m" => Unit::ZoneMinute,
        "w" | "week" | "weeks" => Unit::Week,
        "y" | "year" | "years" | "yr" | "yrs" => Unit::Year,
        _ => return None,
    })
}
