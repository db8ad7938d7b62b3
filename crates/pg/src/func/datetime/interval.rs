//! Arithmetic of intervals, justification, precision.

use super::{USECS_PER_SEC, out_of_range};
use crate::datetime::USECS_PER_DAY;
use crate::func::int::division_by_zero;
use crate::{Interval, Result};

kernels!(KERNELS(call) {
    "interval_pl" => |a: Interval, b: Interval| add(a, b);
    "interval_mi" => |a: Interval, b: Interval| subtract(a, b);
    "interval_um" => |a: Interval| negate(a);
    "interval_mul" => |a: Interval, factor: f64| multiply(a, factor);
    "mul_d_interval" => |factor: f64, a: Interval| multiply(a, factor);
    "interval_div" => |a: Interval, divisor: f64| divide(a, divisor);
    "interval_scale" => |a: Interval, typmod: i32| crate::datetime::apply_interval_typmod(a, typmod);
    "interval_justify_hours" => |a: Interval| justify_hours(a);
    "interval_justify_days" => |a: Interval| justify_days(a);
    "interval_justify_interval" => |a: Interval| justify_interval(a);
});

fn checked(months: Option<i32>, days: Option<i32>, micros: Option<i64>) -> Result<Interval> {
    match (months, days, micros) {
        (Some(months), Some(days), Some(micros)) => Ok(Interval { months, days, micros }),
        _ => Err(out_of_range("interval")),
    }
}

/// `interval_pl`
pub(in crate::func) fn add(a: Interval, b: Interval) -> Result<Interval> {
    checked(a.months.checked_add(b.months), a.days.checked_add(b.days), a.micros.checked_add(b.micros))
}

/// `interval_mi`
pub(in crate::func) fn subtract(a: Interval, b: Interval) -> Result<Interval> {
    checked(a.months.checked_sub(b.months), a.days.checked_sub(b.days), a.micros.checked_sub(b.micros))
}

/// `interval_um`
pub(in crate::func) fn negate(a: Interval) -> Result<Interval> {
    checked(a.months.checked_neg(), a.days.checked_neg(), a.micros.checked_neg())
}

const DAYS_PER_MONTH: f64 = 30.0;
const SECS_PER_DAY: f64 = 86_400.0;

/// `TSROUND`: to microseconds.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1_000_000.0).round_ties_even() / 1_000_000.0
}

fn to_i32(value: f64) -> Result<i32> {
    if (-2_147_483_648.0..2_147_483_648.0).contains(&value) {
        Ok(value as i32)
    } else {
        Err(out_of_range("interval"))
    }
}

fn to_i64(value: f64) -> Result<i64> {
    // The largest double below 2^63 fits, 2^63 doesn't.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        Ok(value as i64)
    } else {
        Err(out_of_range("interval"))
    }
}

/// `interval_mul`
pub(in crate::func) fn multiply(a: Interval, factor: f64) -> Result<Interval> {
    scale(a, f64::from(a.months) * factor, f64::from(a.days) * factor, a.micros as f64 * factor)
}

/// `interval_div`
pub(in crate::func) fn divide(a: Interval, divisor: f64) -> Result<Interval> {
    if divisor == 0.0 {
        return Err(division_by_zero());
    }
    scale(a, f64::from(a.months) / divisor, f64::from(a.days) / divisor, a.micros as f64 / divisor)
}

/// The fractions of months and days cascade down to days and time, never up.
fn scale(_: Interval, exact_months: f64, exact_days: f64, exact_micros: f64) -> Result<Interval> {
    let months = to_i32(exact_months)?;
    let mut days = to_i32(exact_days)?;
    let month_days = rounded((exact_months - f64::from(months)) * DAYS_PER_MONTH);
    let mut seconds =
        rounded((exact_days - f64::from(days) + month_days - month_days.trunc()) * SECS_PER_DAY);
    let carry = |days: i32, more: f64| days.checked_add(more as i32).ok_or_else(|| out_of_range("interval"));
    if seconds.abs() >= SECS_PER_DAY {
        let whole = (seconds / SECS_PER_DAY).trunc();
        days = carry(days, whole)?;
        seconds -= whole * SECS_PER_DAY;
    }
    days = carry(days, month_days)?;
    let micros = to_i64((exact_micros + seconds * USECS_PER_SEC as f64).round_ties_even())?;
    Ok(Interval { months, days, micros })
}

/// `interval_justify_hours`
pub(super) fn justify_hours(a: Interval) -> Result<Interval> {
    let mut micros = a.micros % USECS_PER_DAY;
    // A time never holds more days than an int4.
    let whole = (a.micros / USECS_PER_DAY) as i32;
    let mut days = a.days.checked_add(whole).ok_or_else(|| out_of_range("interval"))?;
    balance_time(&mut days, &mut micros);
    Ok(Interval { months: a.months, days, micros })
}

fn balance_time(days: &mut i32, micros: &mut i64) {
    if *days > 0 && *micros < 0 {
        *micros += USECS_PER_DAY;
        *days -= 1;
    } else if *days < 0 && *micros > 0 {
        *micros -= USECS_PER_DAY;
        *days += 1;
    }
}

/// `interval_justify_days`
fn justify_days(a: Interval) -> Result<Interval> {
    let mut days = a.days % 30;
    let mut months = a.months.checked_add(a.days / 30).ok_or_else(|| out_of_range("interval"))?;
    if months > 0 && days < 0 {
        days += 30;
        months -= 1;
    } else if months < 0 && days > 0 {
        days -= 30;
        months += 1;
    }
    Ok(Interval { months, days, micros: a.micros })
}

/// `interval_justify_interval`
fn justify_interval(a: Interval) -> Result<Interval> {
    let overflow = || out_of_range("interval");
    let (mut months, mut days) = (a.months, a.days);
    // Days first where the sum with the time's could overflow.
    if days > 0 && a.micros > 0 || days < 0 && a.micros < 0 {
        months = months.checked_add(days / 30).ok_or_else(overflow)?;
        days %= 30;
    }
    let mut micros = a.micros % USECS_PER_DAY;
    days = days.checked_add((a.micros / USECS_PER_DAY) as i32).ok_or_else(overflow)?;
    months = months.checked_add(days / 30).ok_or_else(overflow)?;
    days %= 30;
    if months > 0 && (days < 0 || days == 0 && micros < 0) {
        days += 30;
        months -= 1;
    } else if months < 0 && (days > 0 || days == 0 && micros > 0) {
        days -= 30;
        months += 1;
    }
    balance_time(&mut days, &mut micros);
    Ok(Interval { months, days, micros })
}
