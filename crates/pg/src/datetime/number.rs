//! The parts of dates and times that are made of digits (`DecodeDate`, `DecodeNumber`, `DecodeNumberField`,
//! `DecodeTime`, `DecodeTimezone`).

use super::calendar::{self, DateTime};
use super::failure::{Decoded, Failure};
use super::tokens::{Token, date_token};
use crate::env::DateOrder;

/// Sets of fields, as bits.
pub(super) mod mask {
    pub(in super::super) const RESERVED: u32 = 1;
    pub(in super::super) const MONTH: u32 = 1 << 1;
    pub(in super::super) const YEAR: u32 = 1 << 2;
    pub(in super::super) const DAY: u32 = 1 << 3;
    pub(in super::super) const ZONE: u32 = 1 << 5;
    pub(in super::super) const DST_ZONE: u32 = 1 << 6;
    pub(in super::super) const AMPM: u32 = 1 << 9;
    pub(in super::super) const HOUR: u32 = 1 << 10;
    pub(in super::super) const MINUTE: u32 = 1 << 11;
    pub(in super::super) const SECOND: u32 = 1 << 12;
    pub(in super::super) const MILLISECOND: u32 = 1 << 13;
    pub(in super::super) const MICROSECOND: u32 = 1 << 14;
    pub(in super::super) const DOY: u32 = 1 << 15;
    pub(in super::super) const DOW: u32 = 1 << 16;
    pub(in super::super) const ADBC: u32 = 1 << 18;
    pub(in super::super) const WEEK: u32 = 1 << 24;
    pub(in super::super) const DECADE: u32 = 1 << 25;
    pub(in super::super) const CENTURY: u32 = 1 << 26;
    pub(in super::super) const MILLENNIUM: u32 = 1 << 27;
    pub(in super::super) const DST_MODIFIER: u32 = 1 << 28;
    pub(in super::super) const DATE: u32 = YEAR | MONTH | DAY;
    pub(in super::super) const ALL_SECONDS: u32 = SECOND | MILLISECOND | MICROSECOND;
    pub(in super::super) const TIME: u32 = HOUR | MINUTE | ALL_SECONDS;
}

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) fields: DateTime,
    /// The fields that are there.
    pub(super) have: u32,
    pub(super) day_of_year: i32,
    pub(super) two_digit_year: bool,
    pub(super) julian: bool,
    pub(super) bc: bool,
    pub(super) order: DateOrder,
}

impl Reading {
    pub(super) fn new(order: DateOrder) -> Reading {
        Reading {
            fields: DateTime::default(),
            have: 0,
            day_of_year: 0,
            two_digit_year: false,
            julian: false,
            bc: false,
            order,
        }
    }

    pub(super) fn has_all(&self, fields: u32) -> bool {
        self.have & fields == fields
    }

    /// Notes fields as read; each can be there only once.
    pub(super) fn note(&mut self, fields: u32) -> Decoded {
        if self.have & fields != 0 {
            return Err(Failure::BadFormat);
        }
        self.have |= fields;
        Ok(())
    }

    /// `DecodeDate`: parts joined by punctuation. Gives the fields that were read.
    pub(super) fn date(&mut self, text: &str, have: u32) -> Decoded<u32> {
        let mut have = have;
        let mut read = 0;
        let parts = date_parts(text)?;
        let mut numbers = Vec::new();
        let mut text_month = false;
        for part in parts {
            if !part.starts_with(|c: char| c.is_ascii_alphabetic()) {
                numbers.push(part);
                continue;
            }
            match date_token(part) {
                Some(Token::Ignore) => {}
                Some(Token::Month(month)) if have & mask::MONTH == 0 => {
                    self.fields.month = month;
                    text_month = true;
                    have |= mask::MONTH;
                    read |= mask::MONTH;
                }
                _ => return Err(Failure::BadFormat),
            }
        }
        for number in numbers {
            let fields = self.number(number, text_month, have)?;
            if have & fields != 0 {
                return Err(Failure::BadFormat);
            }
            have |= fields;
            read |= fields;
        }
        if have & !(mask::DOY | mask::ZONE) == mask::DATE { Ok(read) } else { Err(Failure::BadFormat) }
    }

    /// `DecodeNumber`: one number, whose meaning depends on what is there already. Gives the fields that it was.
    pub(super) fn number(&mut self, text: &str, text_month: bool, have: u32) -> Decoded<u32> {
        let (value, rest) = leading_int(text)?;
        if rest.starts_with('.') {
            // More than two digits before the point: a date or a run-together time.
            if text.len() - rest.len() > 2 {
                return self.run_together(text, have | mask::DATE);
            }
            self.fields.micros = fraction_micros(rest)?;
        } else if !rest.is_empty() {
            return Err(Failure::BadFormat);
        }
        let dates = have & mask::DATE;
        if text.len() == 3 && dates == mask::YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(mask::DOY | mask::MONTH | mask::DAY);
        }
        let long = text.len() >= 3;
        const YEAR_MONTH: u32 = mask::YEAR | mask::MONTH;
        const MONTH_DAY: u32 = mask::MONTH | mask::DAY;
        let field = match dates {
            0 if long || self.order == DateOrder::Ymd => mask::YEAR,
            0 if self.order == DateOrder::Dmy => mask::DAY,
            0 | mask::YEAR | mask::DAY => mask::MONTH,
            mask::MONTH if text_month && (long || self.order == DateOrder::Ymd) => mask::YEAR,
            mask::MONTH => mask::DAY,
            YEAR_MONTH if text_month && long && self.two_digit_year => {
                // The first number was the day after all.
                self.fields.day = self.fields.year;
                self.fields.year = value;
                self.two_digit_year = false;
                return Ok(mask::DAY);
            }
            YEAR_MONTH => mask::DAY,
            MONTH_DAY => mask::YEAR,
            mask::DATE => return self.run_together(text, have),
            _ => return Err(Failure::BadFormat),
        };
        match field {
            mask::YEAR => {
                self.fields.year = value;
                self.two_digit_year = text.len() <= 2;
            }
            mask::MONTH => self.fields.month = value,
            _ => self.fields.day = value,
        }
        Ok(field)
    }

    /// `DecodeNumberField`: `20011225`, `040506`, `040506.789`. Gives the fields that it was.
    pub(super) fn run_together(&mut self, text: &str, have: u32) -> Decoded<u32> {
        let digits = match text.find('.') {
            Some(point) => {
                let (digits, fraction) = text.split_at(point);
                self.fields.micros = fraction_micros_lenient(fraction);
                digits
            }
            None => text,
        };
        let length = digits.len();
        let part = |from: usize, to: usize| {
            // Like C's atoi: what is no number is zero.
            digits.get(from..to).map_or(0, |part| part.parse::<i32>().unwrap_or(0))
        };
        if digits.len() == text.len() && have & mask::DATE != mask::DATE && length >= 6 {
            self.fields.day = part(length - 2, length);
            self.fields.month = part(length - 4, length - 2);
            self.fields.year = part(0, length - 4);
            if length == 6 {
                self.two_digit_year = true;
            }
            return Ok(mask::DATE);
        }
        if have & mask::TIME != mask::TIME && matches!(length, 4 | 6) {
            self.fields.hour = part(0, 2);
            self.fields.minute = part(2, 4);
            self.fields.second = if length == 6 { part(4, 6) } else { 0 };
            return Ok(mask::TIME);
        }
        Err(Failure::BadFormat)
    }

    /// `DecodeTime`: `hh:mm[:ss[.fff]]`, or `mm:ss.fff`.
    pub(super) fn time(&mut self, text: &str) -> Decoded<u32> {
        let time = clock(text, false)?;
        self.fields.hour = i32::try_from(time.hour).map_err(|_| Failure::FieldOverflow)?;
        self.fields.minute = time.minute;
        self.fields.second = time.second;
        self.fields.micros = time.micros;
        Ok(mask::TIME)
    }

    /// `ValidateDate`: the year in full, and month and day in range.
    pub(super) fn validate(&mut self) -> Decoded {
        let fields = &mut self.fields;
        if self.have & mask::YEAR != 0 && !self.julian {
            if self.bc {
                if fields.year <= 0 {
                    return Err(Failure::FieldOverflow);
                }
                fields.year = 1 - fields.year;
            } else if self.two_digit_year {
                match fields.year {
                    ..0 => return Err(Failure::FieldOverflow),
                    0..70 => fields.year += 2000,
                    70..100 => fields.year += 1900,
                    _ => {}
                }
            } else if fields.year <= 0 {
                return Err(Failure::FieldOverflow);
            }
        }
        if self.have & mask::DOY != 0 {
            let julian = calendar::julian_day(fields.year, 1, 1).saturating_add(self.day_of_year - 1);
            (fields.year, fields.month, fields.day) = calendar::date_of_julian(julian);
        }
        let wrong_month = self.have & mask::MONTH != 0 && !(1..=12).contains(&fields.month);
        let wrong_day = self.have & mask::DAY != 0 && !(1..=31).contains(&fields.day);
        if wrong_month || wrong_day {
            return Err(Failure::MonthDayOverflow);
        }
        if self.has_all(mask::DATE)
            && self.fields.day > calendar::days_in_month(self.fields.year, self.fields.month)
        {
            return Err(Failure::FieldOverflow);
        }
        Ok(())
    }

    /// Twelve-hour clock.
    pub(super) fn apply_meridiem(&mut self, pm: Option<bool>) -> Decoded {
        match pm {
            Some(_) if self.fields.hour > 12 => return Err(Failure::FieldOverflow),
            Some(false) if self.fields.hour == 12 => self.fields.hour = 0,
            Some(true) if self.fields.hour != 12 => self.fields.hour += 12,
            _ => {}
        }
        Ok(())
    }

    /// `time_overflows`: 24:00:00 is the last time.
    pub(super) fn check_time(&self) -> Decoded {
        let f = &self.fields;
        let in_range = (0..=24).contains(&f.hour)
            && (0..60).contains(&f.minute)
            && (0..=60).contains(&f.second)
            && (0..=1_000_000).contains(&f.micros)
            && calendar::time_from_fields(f.hour, f.minute, f.second, f.micros) <= calendar::USECS_PER_DAY;
        if in_range { Ok(()) } else { Err(Failure::FieldOverflow) }
    }
}

/// The parts of a date. Between two parts there is one character that doesn't count.
fn date_parts(text: &str) -> Decoded<Vec<&str>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let Some(first) = rest.chars().next() else { return Err(Failure::BadFormat) };
        let same = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { c.is_ascii_alphabetic() }
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (part, tail) = rest.split_at(end);
        parts.push(part);
        let mut tail = tail.chars();
        tail.next();
        rest = tail.as_str();
    }
    Ok(parts)
}

/// A clock time as it stands in the text.
pub(super) struct Clock {
    pub(super) hour: i64,
    pub(super) minute: i32,
    pub(super) second: i32,
    pub(super) micros: i32,
}

/// `DecodeTimeCommon`; `minutes_to_seconds`: two fields are minutes and seconds.
pub(super) fn clock(text: &str, minutes_to_seconds: bool) -> Decoded<Clock> {
    let (hour, rest) = leading_i64(text)?;
    let rest = rest.strip_prefix(':').ok_or(Failure::BadFormat)?;
    let (minute, rest) = leading_int_or_zero(rest)?;
    let mut time = Clock { hour, minute, second: 0, micros: 0 };
    let shift = |time: &mut Clock| -> Decoded {
        time.second = time.minute;
        time.minute = i32::try_from(time.hour).map_err(|_| Failure::FieldOverflow)?;
        time.hour = 0;
        Ok(())
    };
    if rest.is_empty() {
        if minutes_to_seconds {
            shift(&mut time)?;
        }
    } else if rest.starts_with('.') {
        time.micros = fraction_micros(rest)?;
        shift(&mut time)?;
    } else {
        let rest = rest.strip_prefix(':').ok_or(Failure::BadFormat)?;
        let (second, rest) = leading_int_or_zero(rest)?;
        time.second = second;
        if rest.starts_with('.') {
            time.micros = fraction_micros(rest)?;
        } else if !rest.is_empty() {
            return Err(Failure::BadFormat);
        }
    }
    let in_range = time.hour >= 0
        && (0..60).contains(&time.minute)
        && (0..=60).contains(&time.second)
        && (0..=1_000_000).contains(&time.micros);
    if in_range { Ok(time) } else { Err(Failure::FieldOverflow) }
}

/// `DecodeTimezone`: a sign, then `hh`, `hhmm`, `hh:mm` or `hh:mm:ss`. Gives seconds west.
pub(super) fn numeric_zone(text: &str) -> Decoded<i32> {
    let (negative, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => (true, digits),
        (_, Some(digits)) => (false, digits),
        _ => return Err(Failure::BadFormat),
    };
    let overflow = |_| Failure::ZoneOverflow;
    let (mut hour, mut rest) = leading_int_or_zero(digits).map_err(overflow)?;
    let (mut minute, mut second) = (0, 0);
    if let Some(tail) = rest.strip_prefix(':') {
        (minute, rest) = leading_int_or_zero(tail).map_err(overflow)?;
        if let Some(tail) = rest.strip_prefix(':') {
            (second, rest) = leading_int_or_zero(tail).map_err(overflow)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        minute = hour % 100;
        hour /= 100;
    }
    if !(0..=15).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
        return Err(Failure::ZoneOverflow);
    }
    if !rest.is_empty() {
        return Err(Failure::BadFormat);
    }
    let east = (hour * 60 + minute) * 60 + second;
    Ok(if negative { east } else { -east })
}

/// C's `strtol` to an `int`: at least one digit.
pub(super) fn leading_int(text: &str) -> Decoded<(i32, &str)> {
    let (value, rest) = leading_i64(text)?;
    if rest.len() == text.len() {
        return Err(Failure::BadFormat);
    }
    i32::try_from(value).map(|value| (value, rest)).map_err(|_| Failure::FieldOverflow)
}

/// C's `strtol` to an `int`: no digits are zero.
pub(super) fn leading_int_or_zero(text: &str) -> Decoded<(i32, &str)> {
    let (value, rest) = leading_i64(text)?;
    i32::try_from(value).map(|value| (value, rest)).map_err(|_| Failure::FieldOverflow)
}

/// C's `strtoll`: no digits are zero.
pub(super) fn leading_i64(text: &str) -> Decoded<(i64, &str)> {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((0, text));
    }
    let (number, rest) = text.split_at(sign + digits);
    number.parse().map(|value| (value, rest)).map_err(|_| Failure::FieldOverflow)
}

/// A fraction with its point (`ParseFraction`).
pub(super) fn fraction(text: &str) -> Decoded<f64> {
    let digits = text.get(1..).unwrap_or_default();
    if digits.is_empty() {
        return Ok(0.0);
    }
    // C's strtod would take an exponent too.
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'e' | b'E' | b'+' | b'-'));
    if !plain {
        return Err(Failure::BadFormat);
    }
    text.parse().map_err(|_| Failure::BadFormat)
}

/// A fraction of a second in microseconds (`ParseFractionalSecond`).
fn fraction_micros(text: &str) -> Decoded<i32> {
    Ok((fraction(text)? * 1_000_000.0).round_ties_even() as i32)
}

/// The same, with whatever follows ignored.
fn fraction_micros_lenient(text: &str) -> i32 {
    let digits = 1 + text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
    fraction_micros(text.get(..digits).unwrap_or_default()).unwrap_or(0)
}
