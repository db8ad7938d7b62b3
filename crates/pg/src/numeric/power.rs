//! `numeric_power`, with the cases of the SQL standard and of infinite operands, and PostgreSQL's result scales.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use super::arith::{divide, division_by_zero};
use super::math::{bits_for, exp_fixed, ln_fixed, ln_weight, round_fixed};
use super::{
    MAX_DISPLAY_SCALE, MAX_INTEGER_DIGITS, MIN_SIGNIFICANT, Numeric, checked, display_scale, leading,
    overflow, pow10, with_scale,
};
use crate::{Error, Result, SqlState};

fn power_error(message: &str) -> Error {
    Error::new(SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION, message)
}

impl Numeric {
    /// `numeric_power`
    pub fn power(&self, exponent: &Numeric) -> Result<Numeric> {
        let one = Numeric::one();
        let (Some(sign), Some(exponent_sign)) = (self.signum(), exponent.signum()) else {
            let is_one = (self.is_nan() && exponent.is_zero())
                || (exponent.is_nan() && self.compare(&one) == Ordering::Equal);
            return Ok(if is_one { one } else { Numeric::NaN });
        };
        if sign == 0 && exponent_sign < 0 {
            return Err(power_error("zero raised to a negative power is undefined"));
        }
        if sign < 0 && !exponent.is_integral() {
            return Err(power_error(
                "a negative number raised to a non-integer power yields a complex result",
            ));
        }
        match (self.finite(), exponent.finite()) {
            (Some((b, x)), Some((e, y))) => power_finite(b, x, e, y),
            _ => Ok(self.power_infinite(exponent, sign, exponent_sign)),
        }
    }

    /// One operand at least is infinite; none is `NaN`.
    fn power_infinite(&self, exponent: &Numeric, sign: i32, exponent_sign: i32) -> Numeric {
        let one = Numeric::one();
        if exponent_sign == 0 || self.compare(&one) == Ordering::Equal {
            return one;
        }
        if sign == 0 {
            return Numeric::zero();
        }
        if exponent.is_infinite() {
            return match self.abs().compare(&one) {
                Ordering::Equal => one,
                order if (order == Ordering::Greater) == (exponent_sign > 0) => Numeric::Infinity,
                _ => Numeric::zero(),
            };
        }
        if exponent_sign < 0 {
            return Numeric::zero();
        }
        let odd = exponent.finite().is_some_and(|(e, y)| with_scale(e, y, 0).bit(0));
        if sign < 0 && odd { Numeric::NegInfinity } else { Numeric::Infinity }
    }
}

/// `power_var`
fn power_finite(base: &BigInt, x: u32, exponent: &BigInt, y: u32) -> Result<Numeric> {
    let exponent_value = Numeric::new(exponent.clone(), y);
    if exponent_value.is_integral()
        && let Ok(whole) = i32::try_from(with_scale(exponent, y, 0))
    {
        return power_integer(base, x, whole);
    }
    if base.sign() == Sign::NoSign {
        return Ok(Numeric::new(BigInt::ZERO, MIN_SIGNIFICANT as u32));
    }
    // A whole exponent beyond an int leaves a negative base possible; only its parity matters then.
    let negative = base.sign() == Sign::Minus && with_scale(exponent, y, 0).bit(0);
    let base = BigInt::from(base.magnitude().clone());
    let value = estimate(&base, x, exponent, y);
    if value.abs() > 6020.0 {
        return if value > 0.0 {
            Err(overflow())
        } else {
            Ok(Numeric::new(BigInt::ZERO, MAX_DISPLAY_SCALE as u32))
        };
    }
    let weight = value * std::f64::consts::LOG10_E;
    let scale = display_scale(MIN_SIGNIFICANT - weight as i64, &[x, y]);
    let digits = i64::from(scale) + weight.max(0.0) as i64 + 8;
    let exponent_bits = exponent.bits().saturating_sub(pow10(y).bits()) + 8;
    let bits = bits_for(digits) + exponent_bits;
    let ln = ln_fixed(&base, x, bits);
    let product = ln * exponent / pow10(y);
    let result = round_fixed(&exp_fixed(&product, bits), bits, scale);
    checked(if negative { -result } else { result }, scale)
}

/// The logarithm of the result, as PostgreSQL estimates it: to about eight digits, rounded twice.
fn estimate(base: &BigInt, x: u32, exponent: &BigInt, y: u32) -> f64 {
    let scale = display_scale(8 - ln_weight(base, x), &[]);
    let bits = bits_for(i64::from(scale) + 8);
    let ln = round_fixed(&ln_fixed(base, x, bits), bits, scale);
    let product = with_scale(&(ln * exponent), scale + y, scale.into());
    Numeric::new(product, scale).to_f64_lossy()
}

/// `power_var_int`
fn power_integer(base: &BigInt, x: u32, exponent: i32) -> Result<Numeric> {
    let scale = display_scale(MIN_SIGNIFICANT, &[x]);
    let wanted = i64::from(scale);
    match exponent {
        0 => return checked(pow10(scale), scale),
        1 => return checked(with_scale(base, x, wanted), scale),
        2 => return checked(with_scale(&(base * base), x * 2, wanted), scale),
        _ if base.sign() == Sign::NoSign => {
            return if exponent < 0 {
                Err(division_by_zero())
            } else {
                Ok(Numeric::new(BigInt::ZERO, scale))
            };
        }
        -1 => return checked(divide(&BigInt::from(1), 0, base, x, scale), scale),
        _ => {}
    }
    let weight = f64::from(exponent) * log10_f64(base, x);
    if weight > MAX_INTEGER_DIGITS as f64 {
        return Err(overflow());
    }
    if weight + 1.0 < -f64::from(scale) {
        return Ok(Numeric::new(BigInt::ZERO, scale));
    }
    checked(power_rounded(base, x, exponent, scale, weight), scale)
}

/// The decimal logarithm, from the first 16 digits.
fn log10_f64(value: &BigInt, scale: u32) -> f64 {
    let lead = leading(value, scale);
    let magnitude = BigInt::from(value.magnitude().clone());
    let digits = super::with_scale_truncated(&magnitude, scale, 12 - lead.weight * 4);
    let first = i64::try_from(digits).unwrap_or(1).max(1);
    (first as f64).log10() + (lead.weight * 4 - 12) as f64
}

/// Square and multiply on a mantissa cut to the bits that the result needs.
fn power_rounded(base: &BigInt, x: u32, exponent: i32, scale: u32, weight: f64) -> BigInt {
    let digits = (i64::from(scale) + weight.abs() as i64 + 16).max(32);
    let precision = bits_for(digits) + 64;
    let mut float = (BigInt::from(base.magnitude().clone()), 0_i64);
    let ten = pow10(x);
    // base / 10^x as mantissa and binary exponent
    float.0 = (float.0 << (precision + ten.bits())) / &ten;
    float.1 = -((precision + ten.bits()) as i64);
    let mut result = (BigInt::from(1), 0_i64);
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            result = cut((result.0 * &float.0, result.1 + float.1), precision);
        }
        left >>= 1;
        if left > 0 {
            float = cut((&float.0 * &float.0, float.1 * 2), precision);
        }
    }
    if exponent < 0 {
        let shift = 2 * precision;
        result = ((BigInt::from(1) << shift) / &result.0, -(shift as i64) - result.1);
    }
    let scaled = result.0 * pow10(scale);
    let rounded = if result.1 >= 0 {
        scaled << result.1.unsigned_abs()
    } else {
        let down = result.1.unsigned_abs();
        // What was cut off may have left a value just under an exact half.
        let nearly = BigInt::from(1) << (down - 1);
        let slack = BigInt::from(1) << down.saturating_sub(48);
        (scaled + nearly + slack) >> down
    };
    let negative = base.sign() == Sign::Minus && exponent & 1 == 1;
    if negative { -rounded } else { rounded }
}

fn cut(value: (BigInt, i64), precision: u64) -> (BigInt, i64) {
    let extra = value.0.bits().saturating_sub(precision);
    (value.0 >> extra, value.1 + extra as i64)
}
