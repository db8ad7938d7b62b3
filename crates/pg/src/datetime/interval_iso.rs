//! Intervals of ISO 8601: `P1Y2M3DT4H5M6S` and the alternative form `P0001-02-03T04:05:06`
//! (`DecodeISO8601Interval`).

use super::failure::{Decoded, Failure};
use super::interval_parts::Parts;
use super::tokens::Unit;

struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
}

/// A number: its whole part, its fraction, and the digits before the point.
struct Number {
    whole: i64,
    fraction: f64,
    width: usize,
}

pub(super) fn decode(text: &str) -> Decoded<Parts> {
    let rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Failure::BadFormat)?;
    let mut reader = Reader { rest, parts: Parts::default() };
    reader.read()?;
    Ok(reader.parts)
}

impl Reader<'_> {
    fn read(&mut self) -> Decoded {
        let mut date = true;
        let mut have_field = false;
        while !self.rest.is_empty() {
            if let Some(rest) = self.rest.strip_prefix('T') {
                self.rest = rest;
                date = false;
                have_field = false;
                continue;
            }
            let number = self.number()?;
            let designator = self.take();
            let unit = match (date, designator) {
                (true, Some('Y')) => Unit::Year,
                (true, Some('M')) => Unit::Month,
                (true, Some('W')) => Unit::Week,
                (true, Some('D')) => Unit::Day,
                (false, Some('H')) => Unit::Hour,
                (false, Some('M')) => Unit::Minute,
                (false, Some('S')) => Unit::Second,
                (true, None | Some('T' | '-')) => {
                    if self.alternative_date(&number, designator, have_field)? {
                        return Ok(());
                    }
                    date = false;
                    have_field = false;
                    continue;
                }
                (false, None | Some(':')) => return self.alternative_time(&number, designator, have_field),
                _ => return Err(Failure::BadFormat),
            };
            self.parts.add(unit, number.whole, number.fraction)?;
            have_field = true;
        }
        Ok(())
    }

    fn take(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let first = characters.next();
        self.rest = characters.as_str();
        first
    }

    /// `yyyymmdd` or `yyyy-mm-dd`. Gives whether that was all; otherwise a time follows.
    fn alternative_date(
        &mut self,
        first: &Number,
        designator: Option<char>,
        have_field: bool,
    ) -> Decoded<bool> {
        if designator != Some('-') && first.width == 8 && !have_field {
            self.parts.add(Unit::Year, first.whole / 10_000, 0.0)?;
            self.parts.add(Unit::Month, first.whole / 100 % 100, 0.0)?;
            self.parts.add(Unit::Day, first.whole % 100, first.fraction)?;
            return Ok(designator.is_none());
        }
        if have_field {
            return Err(Failure::BadFormat);
        }
        self.parts.add(Unit::Year, first.whole, first.fraction)?;
        if designator != Some('-') {
            return Ok(designator.is_none());
        }
        let month = self.number()?;
        self.parts.add(Unit::Month, month.whole, month.fraction)?;
        match self.take() {
            None => return Ok(true),
            Some('T') => return Ok(false),
            Some('-') => {}
            _ => return Err(Failure::BadFormat),
        }
        let day = self.number()?;
        self.parts.add(Unit::Day, day.whole, day.fraction)?;
        match self.take() {
            None => Ok(true),
            Some('T') => Ok(false),
            _ => Err(Failure::BadFormat),
        }
    }

    /// `hhmmss` or `hh:mm:ss`.
    fn alternative_time(&mut self, first: &Number, designator: Option<char>, have_field: bool) -> Decoded {
        if designator.is_none() && first.width == 6 && !have_field {
            self.parts.add(Unit::Hour, first.whole / 10_000, 0.0)?;
            self.parts.add(Unit::Minute, first.whole / 100 % 100, 0.0)?;
            self.parts.add(Unit::Second, first.whole % 100, 0.0)?;
            return self.parts.add(Unit::Microsecond, 0, first.fraction);
        }
        if have_field {
            return Err(Failure::BadFormat);
        }
        self.parts.add(Unit::Hour, first.whole, first.fraction)?;
        if designator.is_none() {
            return Ok(());
        }
        let minute = self.number()?;
        self.parts.add(Unit::Minute, minute.whole, minute.fraction)?;
        match self.take() {
            None => return Ok(()),
            Some(':') => {}
            _ => return Err(Failure::BadFormat),
        }
        let second = self.number()?;
        self.parts.add(Unit::Second, second.whole, second.fraction)?;
        if self.rest.is_empty() { Ok(()) } else { Err(Failure::BadFormat) }
    }

    /// `ParseISO8601Number`
    fn number(&mut self) -> Decoded<Number> {
        let bytes = self.rest.as_bytes();
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
        let width = digits(sign);
        let mut end = sign + width;
        let mut decimals = 0;
        if bytes.get(end) == Some(&b'.') {
            decimals = digits(end + 1);
            end += 1 + decimals;
        }
        if width + decimals == 0 {
            return Err(Failure::BadFormat);
        }
        // C's strtod takes an exponent.
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
            }
        }
        let (number, rest) = self.rest.split_at(end);
        let value: f64 = number.parse().map_err(|_| Failure::BadFormat)?;
        if !(-1.0e15..=1.0e15).contains(&value) {
            return Err(Failure::FieldOverflow);
        }
        self.rest = rest;
        Ok(Number { whole: value.trunc() as i64, fraction: value - value.trunc(), width: width + sign })
    }
}
