//! An interval while it is being read: parts with checks for overflow (`pg_itm_in` and `AdjustYears`, `AdjustDays` …).

use super::calendar::USECS_PER_DAY;
use super::failure::{Decoded, Failure};
use super::tokens::Unit;
use crate::Interval;

/// The parts of an interval.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    years: i32,
    months: i32,
    days: i32,
    pub(super) micros: i64,
}

fn checked<T>(value: Option<T>) -> Decoded<T> {
    value.ok_or(Failure::FieldOverflow)
}

fn to_int(value: i64) -> Decoded<i32> {
    i32::try_from(value).map_err(|_| Failure::FieldOverflow)
}

impl Parts {
    /// Adds a whole number and a fraction of a unit. A fraction of a year is rounded to months; one of a month or
    /// week becomes days and time; one of a day becomes time.
    pub(super) fn add(&mut self, unit: Unit, value: i64, fraction: f64) -> Decoded {
        match unit {
            Unit::Microsecond => self.time(value, fraction, 1),
            Unit::Millisecond => self.time(value, fraction, 1000),
            Unit::Second => self.time(value, fraction, 1_000_000),
            Unit::Minute => self.time(value, fraction, 60_000_000),
            Unit::Hour => self.time(value, fraction, 3_600_000_000),
            Unit::Day => {
                self.whole_days(value, 1)?;
                self.time(0, fraction, USECS_PER_DAY)
            }
            Unit::Week => {
                self.whole_days(value, 7)?;
                self.fraction_of_days(fraction, 7)
            }
            Unit::Month => {
                self.months = checked(self.months.checked_add(to_int(value)?))?;
                self.fraction_of_days(fraction, 30)
            }
            Unit::Year => self.years(value, fraction, 1),
            Unit::Decade => self.years(value, fraction, 10),
            Unit::Century => self.years(value, fraction, 100),
            Unit::Millennium => self.years(value, fraction, 1000),
            _ => Err(Failure::BadFormat),
        }
    }

    /// `AdjustMicroseconds`
    fn time(&mut self, value: i64, fraction: f64, scale: i64) -> Decoded {
        let whole = checked(value.checked_mul(scale))?;
        self.micros = checked(self.micros.checked_add(whole))?;
        if fraction == 0.0 {
            return Ok(());
        }
        let exact = fraction * scale as f64;
        let mut micros = exact as i64;
        let rest = exact - micros as f64;
        if rest > 0.5 {
            micros += 1;
        } else if rest < -0.5 {
            micros -= 1;
        }
        self.micros = checked(self.micros.checked_add(micros))?;
        Ok(())
    }

    fn whole_days(&mut self, value: i64, scale: i32) -> Decoded {
        let days = checked(to_int(value)?.checked_mul(scale))?;
        self.days = checked(self.days.checked_add(days))?;
        Ok(())
    }

    fn fraction_of_days(&mut self, fraction: f64, scale: i32) -> Decoded {
        if fraction == 0.0 {
            return Ok(());
        }
        let exact = fraction * f64::from(scale);
        let days = exact as i32;
        self.days = checked(self.days.checked_add(days))?;
        self.time(0, exact - f64::from(days), USECS_PER_DAY)
    }

    fn years(&mut self, value: i64, fraction: f64, scale: i32) -> Decoded {
        let years = checked(to_int(value)?.checked_mul(scale))?;
        self.years = checked(self.years.checked_add(years))?;
        let months = (fraction * f64::from(scale) * 12.0).round_ties_even() as i32;
        self.months = checked(self.months.checked_add(months))?;
        Ok(())
    }

    /// The opposite.
    pub(super) fn negate(&mut self) -> Decoded {
        self.years = checked(self.years.checked_neg())?;
        self.months = checked(self.months.checked_neg())?;
        self.days = checked(self.days.checked_neg())?;
        self.micros = checked(self.micros.checked_neg())?;
        Ok(())
    }

    /// The interval; `None` when the months don't fit.
    pub(super) fn interval(&self) -> Option<Interval> {
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        Some(Interval { months: i32::try_from(months).ok()?, days: self.days, micros: self.micros })
    }
}
