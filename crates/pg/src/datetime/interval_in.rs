//! Text to `interval` (`interval_in`, `DecodeInterval`, `DecodeISO8601Interval`), and `interval`'s type modifier.

use super::convert::round_micros;
use super::failure::{Decoded, Failure};
use super::interval_parts::Parts;
use super::number::{clock, fraction, leading_i64, leading_int_or_zero, mask};
use super::split::{Field, Kind, split};
use super::tokens::{IntervalToken, Unit, interval_token};
use crate::env::IntervalStyle;
use crate::{Env, Error, Interval, Result, SqlState};

/// The fields of a modifier such as `YEAR TO MONTH`, as bits (`INTERVAL_MASK`).
mod range {
    pub(super) const MONTH: i32 = 1 << 1;
    pub(super) const YEAR: i32 = 1 << 2;
    pub(super) const DAY: i32 = 1 << 3;
    pub(super) const HOUR: i32 = 1 << 10;
    pub(super) const MINUTE: i32 = 1 << 11;
    pub(super) const SECOND: i32 = 1 << 12;
    pub(super) const FULL: i32 = 0x7FFF;
}

fn range_of(typmod: i32) -> i32 {
    if typmod < 0 { range::FULL } else { (typmod >> 16) & 0x7FFF }
}

pub(crate) fn interval_out_of_range() -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range")
}

/// `interval_in`
pub fn parse_interval(text: &str, typmod: i32, env: &Env) -> Result<Interval> {
    let parts = match decode(text, range_of(typmod), env.interval_style) {
        Err(Failure::BadFormat) => super::interval_iso::decode(text),
        other => other,
    };
    let parts = parts.map_err(|failure| match failure {
        Failure::FieldOverflow => Failure::IntervalOverflow.error(text, "interval"),
        other => other.error(text, "interval"),
    })?;
    let interval = parts.interval().ok_or_else(interval_out_of_range)?;
    Ok(apply_interval_typmod(interval, typmod))
}

/// Cuts off the fields that the modifier does not have, and rounds seconds (`AdjustIntervalForTypmod`).
pub fn apply_interval_typmod(mut interval: Interval, typmod: i32) -> Interval {
    use range::*;
    if typmod < 0 {
        return interval;
    }
    const YEAR_MONTH: i32 = YEAR | MONTH;
    const DAY_HOUR: i32 = DAY | HOUR;
    const HOUR_MINUTE: i32 = HOUR | MINUTE;
    const DAY_MINUTE: i32 = DAY | HOUR | MINUTE;
    let unit = match range_of(typmod) {
        YEAR => {
            interval.months = interval.months / 12 * 12;
            interval.days = 0;
            0
        }
        MONTH | YEAR_MONTH => {
            interval.days = 0;
            0
        }
        DAY => 0,
        HOUR | DAY_HOUR => 3_600_000_000,
        MINUTE | HOUR_MINUTE | DAY_MINUTE => 60_000_000,
        _ => 1,
    };
    interval.micros = if unit == 0 { 0 } else { interval.micros / unit * unit };
    let precision = typmod & 0xFFFF;
    if precision < 6 {
        interval.micros = round_micros(interval.micros, precision);
    }
    interval
}

/// The unit of a number that has none: the last one of the modifier's range, or seconds.
fn default_unit(bits: i32) -> Unit {
    use range::*;
    const YEAR_MONTH: i32 = YEAR | MONTH;
    const DAY_HOUR: i32 = DAY | HOUR;
    const HOUR_MINUTE: i32 = HOUR | MINUTE;
    const DAY_MINUTE: i32 = DAY | HOUR | MINUTE;
    match bits {
        YEAR => Unit::Year,
        MONTH | YEAR_MONTH => Unit::Month,
        DAY => Unit::Day,
        HOUR | DAY_HOUR => Unit::Hour,
        MINUTE | HOUR_MINUTE | DAY_MINUTE => Unit::Minute,
        _ => Unit::Second,
    }
}

struct Decoder {
    parts: Parts,
    have: u32,
    bits: i32,
    /// The unit of the number to the left.
    unit: Option<Unit>,
    force_negative: bool,
    ago: bool,
}

/// `DecodeInterval`: from right to left, to know a number's unit before the number.
fn decode(text: &str, bits: i32, style: IntervalStyle) -> Decoded<Parts> {
    let fields = split(text)?;
    // The standard's '-1 1:00:00' is negative as a whole.
    let signed = |field: &Field| field.text.starts_with(['-', '+']);
    let force_negative = style == IntervalStyle::SqlStandard
        && fields.first().is_some_and(|first| first.text.starts_with('-'))
        && !fields.iter().skip(1).any(signed);
    let mut decoder =
        Decoder { parts: Parts::default(), have: 0, bits, unit: None, force_negative, ago: false };
    for field in fields.iter().rev() {
        let read = decoder.field(field)?;
        if decoder.have & read != 0 {
            return Err(Failure::BadFormat);
        }
        decoder.have |= read;
    }
    if decoder.have == 0 {
        return Err(Failure::BadFormat);
    }
    if decoder.ago {
        decoder.parts.negate()?;
    }
    Ok(decoder.parts)
}

impl Decoder {
    fn field(&mut self, field: &Field) -> Decoded<u32> {
        let text = field.text.as_str();
        match field.kind {
            Kind::Time => self.time(text, false),
            Kind::Zone if text.contains(':') => {
                // What is no time is no number either, whatever is wrong with it.
                let time = self.time(text.get(1..).unwrap_or_default(), text.starts_with('-'));
                time.map_err(|_| Failure::BadFormat)
            }
            Kind::Zone | Kind::Date | Kind::Number => self.number(text),
            Kind::Word | Kind::Special => {
                match interval_token(text).ok_or(Failure::BadFormat)? {
                    IntervalToken::Unit(unit) => self.unit = Some(unit),
                    IntervalToken::Ago => {
                        self.ago = true;
                        // A number to the left must name its unit: this one fits none.
                        self.unit = Some(Unit::Time);
                    }
                    IntervalToken::Ignore => {}
                }
                Ok(0)
            }
        }
    }

    fn time(&mut self, text: &str, negative: bool) -> Decoded<u32> {
        let time = clock(text, self.bits == range::MINUTE | range::SECOND)?;
        let rest =
            i64::from(time.minute) * 60_000_000 + i64::from(time.second) * 1_000_000 + i64::from(time.micros);
        let micros = time.hour.checked_mul(3_600_000_000).and_then(|hours| hours.checked_add(rest));
        let micros = micros.ok_or(Failure::FieldOverflow)?;
        self.parts.micros = if negative || self.force_negative { -micros } else { micros };
        self.unit = Some(Unit::Day);
        Ok(mask::TIME)
    }

    fn number(&mut self, text: &str) -> Decoded<u32> {
        let negative = text.starts_with('-');
        let mut unit = self.unit.unwrap_or_else(|| default_unit(self.bits));
        let (mut value, rest) = leading_i64(text)?;
        let mut part = 0.0;
        if let Some(months) = rest.strip_prefix('-') {
            // The standard's years-months.
            let (months, rest) = leading_int_or_zero(months)?;
            if !(0..12).contains(&months) {
                return Err(Failure::FieldOverflow);
            }
            if !rest.is_empty() {
                return Err(Failure::BadFormat);
            }
            unit = Unit::Month;
            let months = i64::from(if negative { -months } else { months });
            let whole = value.checked_mul(12).and_then(|v| v.checked_add(months));
            value = whole.ok_or(Failure::FieldOverflow)?;
        } else if rest.starts_with('.') {
            part = fraction(rest)?;
            if negative {
                part = -part;
            }
        } else if !rest.is_empty() {
            return Err(Failure::BadFormat);
        }
        if self.force_negative {
            value = -value.abs();
            part = -part.abs();
        }
        self.parts.add(unit, value, part)?;
        self.unit = Some(if unit == Unit::Hour { Unit::Day } else { unit });
        Ok(unit_mask(unit, part))
    }
}

/// The fields that a number of a unit stands for: each can be there once.
fn unit_mask(unit: Unit, part: f64) -> u32 {
    match unit {
        Unit::Microsecond => mask::MICROSECOND,
        Unit::Millisecond => mask::MILLISECOND,
        Unit::Second if part == 0.0 => mask::SECOND,
        Unit::Second => mask::ALL_SECONDS,
        Unit::Minute => mask::MINUTE,
        Unit::Hour => mask::HOUR,
        Unit::Day => mask::DAY,
        Unit::Week => mask::WEEK,
        Unit::Month => mask::MONTH,
        Unit::Year => mask::YEAR,
        Unit::Decade => mask::DECADE,
        Unit::Century => mask::CENTURY,
        _ => mask::MILLENNIUM,
    }
}
