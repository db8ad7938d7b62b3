//! Square root, exponential and logarithms, with PostgreSQL's result scales (`numeric_sqrt`, `numeric_exp`,
//! `numeric_ln`, `numeric_log`). The values are computed in binary fixed point with guard bits and rounded once.

use std::f64::consts::LOG10_E;

use num_bigint::{BigInt, Sign};

use super::{
    Leading, MIN_SIGNIFICANT, Numeric, checked, compare_finite, decimal_digits, display_scale, leading,
    overflow, pow10, rescale_up,
};
use crate::{Error, Result, SqlState};

impl Numeric {
    /// `numeric_sqrt`
    pub fn sqrt(&self) -> Result<Numeric> {
        if self.signum().is_some_and(|sign| sign < 0) {
            return Err(Error::new(
                SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                "cannot take square root of a negative number",
            ));
        }
        let Some((coefficient, scale)) = self.finite() else { return Ok(self.clone()) };
        let weight = leading(coefficient, scale).weight;
        let result_weight = if weight >= 0 { weight * 4 / 2 + 1 } else { 1 - (1 - weight * 4) / 2 };
        let result_scale = display_scale(MIN_SIGNIFICANT - result_weight, &[scale]);
        checked(sqrt_to_scale(coefficient, scale, result_scale), result_scale)
    }

    /// `numeric_exp`
    pub fn exp(&self) -> Result<Numeric> {
        let (coefficient, scale) = match self {
            Numeric::NegInfinity => return Ok(Numeric::zero()),
            Numeric::NaN | Numeric::Infinity => return Ok(self.clone()),
            Numeric::Finite { coefficient, scale } => (coefficient, *scale),
        };
        let value = self.to_f64_lossy();
        let weight = (value * LOG10_E).clamp(-2000.0, 2000.0);
        let result_scale = display_scale(MIN_SIGNIFICANT - weight as i64, &[scale]);
        if value.abs() >= 6000.0 {
            return if value > 0.0 { Err(overflow()) } else { Ok(Numeric::new(BigInt::ZERO, result_scale)) };
        }
        // The digits before the point need theirs too, all of them.
        let bits = bits_for(i64::from(result_scale) + (value * LOG10_E).max(0.0) as i64 + 8);
        let x = to_fixed(coefficient, scale, bits);
        checked(round_fixed(&exp_fixed(&x, bits), bits, result_scale), result_scale)
    }

    /// `numeric_ln`
    pub fn ln(&self) -> Result<Numeric> {
        self.check_logarithm()?;
        let Some((coefficient, scale)) = self.finite() else { return Ok(self.clone()) };
        let result_scale = display_scale(MIN_SIGNIFICANT - ln_weight(coefficient, scale), &[scale]);
        let bits = bits_for(i64::from(result_scale) + 8);
        checked(round_fixed(&ln_fixed(coefficient, scale, bits), bits, result_scale), result_scale)
    }

    /// `numeric_log`: the logarithm of `self` to a base.
    pub fn log(&self, base: &Numeric) -> Result<Numeric> {
        if self.is_nan() || base.is_nan() {
            return Ok(Numeric::NaN);
        }
        let (Some((b, y)), Some((a, x))) = (base.finite(), self.finite()) else {
            // With an infinity in it, a negative operand is told before a zero.
            let negative = |n: &Numeric| n.signum() == Some(-1);
            if negative(self) || negative(base) {
                return Err(negative_logarithm());
            }
            base.check_logarithm()?;
            self.check_logarithm()?;
            return Ok(match (base.is_infinite(), self.is_infinite()) {
                (true, true) => Numeric::NaN,
                (true, false) => Numeric::zero(),
                _ => Numeric::Infinity,
            });
        };
        base.check_logarithm()?;
        self.check_logarithm()?;
        let (base_weight, weight) = (ln_weight(b, y), ln_weight(a, x));
        let result_scale = display_scale(MIN_SIGNIFICANT - (weight - base_weight), &[x, y]);
        let bits = bits_for(i64::from(result_scale) + weight.abs() + 2 * base_weight.abs() + 8);
        let divisor = ln_fixed(b, y, bits);
        if divisor.sign() == Sign::NoSign {
            return Err(super::arith::division_by_zero());
        }
        let quotient = (ln_fixed(a, x, bits) << bits) / divisor;
        checked(round_fixed(&quotient, bits, result_scale), result_scale)
    }

    /// `log(numeric)`: to base 10.
    pub fn log10(&self) -> Result<Numeric> {
        self.log(&Numeric::from(10_i64))
    }

    fn check_logarithm(&self) -> Result<()> {
        match self.signum() {
            Some(0) => Err(logarithm_error("cannot take logarithm of zero")),
            Some(-1) => Err(negative_logarithm()),
            _ => Ok(()),
        }
    }
}

fn negative_logarithm() -> Error {
    logarithm_error("cannot take logarithm of a negative number")
}

fn logarithm_error(message: &str) -> Error {
    Error::new(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, message)
}

/// The square root to a scale, rounded half away from zero.
pub(super) fn sqrt_to_scale(coefficient: &BigInt, scale: u32, result_scale: u32) -> BigInt {
    // floor(sqrt(4v)) = floor(2 sqrt(v)): its last bit says whether to round up.
    let shift = 2 * i64::from(result_scale) - i64::from(scale);
    let radicand: BigInt = match u32::try_from(shift) {
        Ok(shift) => rescale_up(coefficient, shift) * 4,
        Err(_) => coefficient * 4 / pow10(shift.unsigned_abs() as u32),
    };
    (radicand.sqrt() + 1) / 2
}

/// The decimal weight of a natural logarithm (`estimate_ln_dweight`).
pub(super) fn ln_weight(coefficient: &BigInt, scale: u32) -> i64 {
    use std::cmp::Ordering::*;
    let one = pow10(scale);
    let near_one = compare_finite(coefficient, scale, &BigInt::from(9), 1) != Less
        && compare_finite(coefficient, scale, &BigInt::from(11), 1) != Greater;
    if near_one {
        let difference = coefficient - &one;
        if difference.sign() == Sign::NoSign {
            return 0;
        }
        return decimal_digits(&difference) - i64::from(scale) - 1;
    }
    let Leading { weight, first, second } = leading(coefficient, scale);
    let (digits, weight) = match second {
        Some(second) => (first * 10_000 + second, weight * 4 - 4),
        None => (first, weight * 4),
    };
    if digits == 0 {
        return 0;
    }
    let estimate = (digits as f64).ln() + weight as f64 * std::f64::consts::LN_10;
    estimate.abs().log10() as i64
}

/// Bits for that many decimals, with guard bits.
pub(super) fn bits_for(decimals: i64) -> u64 {
    (decimals.max(0) as u64) * 3322 / 1000 + 64
}

/// `coefficient / 10^scale` in fixed point.
pub(super) fn to_fixed(coefficient: &BigInt, scale: u32, bits: u64) -> BigInt {
    (coefficient << bits) / pow10(scale)
}

/// Fixed point to a scale, rounded half away from zero.
pub(super) fn round_fixed(value: &BigInt, bits: u64, scale: u32) -> BigInt {
    let scaled = value * pow10(scale);
    let half = BigInt::from(1) << (bits - 1);
    if scaled.sign() == Sign::Minus { -((-scaled + half) >> bits) } else { (scaled + half) >> bits }
}

/// e^x in fixed point: x is halved until it is small, the series summed, the result squared back.
pub(super) fn exp_fixed(x: &BigInt, bits: u64) -> BigInt {
    let halvings = (bits as f64).sqrt() as u64 / 2 + 4;
    let magnitude = x.bits().saturating_sub(bits);
    let halvings = halvings + magnitude;
    // Squaring doubles the relative error each time, and large results need their whole part too.
    let guard = halvings + 16 + if x.sign() == Sign::Plus { 2 * (1_u64 << magnitude.min(13)) } else { 0 };
    let work = bits + guard;
    let one = BigInt::from(1) << work;
    let small = (x << guard) >> halvings;
    let mut term = one.clone();
    let mut sum = one;
    let mut n = 1_u32;
    loop {
        term = ((term * &small) >> work) / n;
        // A negative term shifts down to -1 and never to zero.
        if term.bits() <= 1 {
            break;
        }
        sum += &term;
        n += 1;
    }
    for _ in 0..halvings {
        sum = (&sum * &sum) >> work;
    }
    sum >> guard
}

/// ln(coefficient / 10^scale) in fixed point; the value is positive.
pub(super) fn ln_fixed(coefficient: &BigInt, scale: u32, bits: u64) -> BigInt {
    let roots = (bits as f64).sqrt() as u64 / 2 + 4;
    let work = bits + 2 * roots + 32;
    // value = mantissa * 2^exponent with a mantissa in about [0.7, 1.5)
    let denominator = pow10(scale);
    let mut exponent = coefficient.bits() as i64 - denominator.bits() as i64;
    let mut mantissa = shift(coefficient, work as i64 - exponent) / &denominator;
    let one = BigInt::from(1) << work;
    if mantissa > &one + (&one >> 1) {
        mantissa >>= 1;
        exponent += 1;
        mantissa = shift(coefficient, work as i64 - exponent) / &denominator;
    } else if mantissa < &one - (&one >> 2) {
        exponent -= 1;
        mantissa = shift(coefficient, work as i64 - exponent) / &denominator;
    }
    let mut result = ln_near_one(mantissa, work, roots);
    if exponent != 0 {
        result += ln_two(work) * exponent;
    }
    result >> (work - bits)
}

fn shift(value: &BigInt, by: i64) -> BigInt {
    if by >= 0 { value << by.unsigned_abs() } else { value >> by.unsigned_abs() }
}

/// ln of a mantissa: square roots bring it to 1, then 2 artanh((m-1)/(m+1)).
fn ln_near_one(mantissa: BigInt, work: u64, roots: u64) -> BigInt {
    let extra = 2 * roots + 8;
    let one = BigInt::from(1) << (work + extra);
    let mut m = mantissa << extra;
    for _ in 0..roots {
        m = (m << (work + extra)).sqrt();
    }
    let z = ((&m - &one) << (work + extra)) / (&m + &one);
    artanh(&z, work + extra) >> extra << (roots + 1)
}

/// ln 2 = 2 artanh(1/3).
fn ln_two(work: u64) -> BigInt {
    let guard = 32;
    let third = (BigInt::from(1) << (work + guard)) / 3;
    (artanh(&third, work + guard) * 2) >> guard
}

fn artanh(z: &BigInt, work: u64) -> BigInt {
    let square = (z * z) >> work;
    let mut power = z.clone();
    let mut sum = z.clone();
    let mut n = 3_u32;
    loop {
        power = (power * &square) >> work;
        let term = &power / n;
        if term.bits() <= 1 {
            return sum;
        }
        sum += term;
        n += 2;
    }
}
