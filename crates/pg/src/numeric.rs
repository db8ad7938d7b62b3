//! `numeric`: numbers of any precision, with the display scale that PostgreSQL keeps beside the value. The rules for
//! the scales of results are those of PostgreSQL's `numeric.c`; the arithmetic itself is on whole numbers.

mod aggregate;
mod arith;
mod binary;
mod convert;
mod math;
mod parse;
mod power;
mod print;
mod typmod;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use num_bigint::{BigInt, Sign};

pub use aggregate::{NumericSum, NumericVariance};
pub use typmod::{NumericTypmod, numeric_typmod};

use crate::{Error, Result, SqlState};

/// A `numeric`. Equality here is structural (`1.0` is not `1.00`); SQL's is [`Numeric::compare`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numeric {
    /// `NaN`
    NaN,
    /// `Infinity`
    Infinity,
    /// `-Infinity`
    NegInfinity,
    /// `coefficient / 10^scale`
    Finite {
        /// The unscaled value.
        coefficient: BigInt,
        /// The display scale: digits after the decimal point, 0 to 16383.
        scale: u32,
    },
}

/// The most digits after the decimal point a value can have (`NUMERIC_DSCALE_MAX`).
pub(crate) const MAX_SCALE: u32 = 0x3FFF;
/// The most digits before the decimal point (`(NUMERIC_WEIGHT_MAX + 1) * DEC_DIGITS`).
pub(crate) const MAX_INTEGER_DIGITS: i64 = 131_072;
/// `NUMERIC_MIN_SIG_DIGITS`: significant digits that a quotient or a logarithm has at least.
const MIN_SIGNIFICANT: i64 = 16;
/// `NUMERIC_MAX_DISPLAY_SCALE`: the largest scale that is chosen for a quotient or a logarithm.
const MAX_DISPLAY_SCALE: i64 = 1000;
/// `NUMERIC_MAX_RESULT_SCALE`.
const MAX_RESULT_SCALE: i32 = 2000;

impl Numeric {
    /// A finite value: `coefficient / 10^scale`.
    pub fn new(coefficient: BigInt, scale: u32) -> Numeric {
        Numeric::Finite { coefficient, scale }
    }

    /// Zero with scale 0.
    pub fn zero() -> Numeric {
        Numeric::new(BigInt::ZERO, 0)
    }

    /// One with scale 0.
    pub fn one() -> Numeric {
        Numeric::from(1_i64)
    }

    /// Whether this is `NaN`.
    pub fn is_nan(&self) -> bool {
        matches!(self, Numeric::NaN)
    }

    /// Whether this is an infinity.
    pub fn is_infinite(&self) -> bool {
        matches!(self, Numeric::Infinity | Numeric::NegInfinity)
    }

    /// Whether this is finite and zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Numeric::Finite { coefficient, .. } if coefficient.sign() == Sign::NoSign)
    }

    /// The sign: -1, 0 or 1; `None` for `NaN`.
    pub fn signum(&self) -> Option<i32> {
        match self {
            Numeric::NaN => None,
            Numeric::Infinity => Some(1),
            Numeric::NegInfinity => Some(-1),
            Numeric::Finite { coefficient, .. } => Some(sign_of(coefficient)),
        }
    }

    /// The parts of a finite value.
    pub fn finite(&self) -> Option<(&BigInt, u32)> {
        match self {
            Numeric::Finite { coefficient, scale } => Some((coefficient, *scale)),
            _ => None,
        }
    }

    /// Whether this is a whole number (an infinity is).
    pub fn is_integral(&self) -> bool {
        match self {
            Numeric::NaN => false,
            Numeric::Infinity | Numeric::NegInfinity => true,
            Numeric::Finite { coefficient, scale } => {
                *scale == 0 || (coefficient % pow10(*scale)).sign() == Sign::NoSign
            }
        }
    }

    /// PostgreSQL's order: by value, `NaN` equal to itself and above everything (`cmp_numerics`).
    pub fn compare(&self, other: &Numeric) -> Ordering {
        let rank = |n: &Numeric| match n {
            Numeric::NegInfinity => 0,
            Numeric::Finite { .. } => 1,
            Numeric::Infinity => 2,
            Numeric::NaN => 3,
        };
        match (self, other) {
            (Numeric::Finite { coefficient: a, scale: x }, Numeric::Finite { coefficient: b, scale: y }) => {
                compare_finite(a, *x, b, *y)
            }
            _ => rank(self).cmp(&rank(other)),
        }
    }

    /// A hash consistent with [`Numeric::compare`]: `1.0` and `1.00` hash alike.
    pub fn hash_value<H: Hasher>(&self, state: &mut H) {
        match self {
            Numeric::NaN => 3_u8.hash(state),
            Numeric::Infinity => 2_u8.hash(state),
            Numeric::NegInfinity => 0_u8.hash(state),
            Numeric::Finite { coefficient, scale } => {
                1_u8.hash(state);
                let (coefficient, scale) = trimmed(coefficient, *scale);
                coefficient.hash(state);
                scale.hash(state);
            }
        }
    }
}

/// Checks what `make_result` checks: 22003 when the value doesn't fit PostgreSQL's format.
fn checked(coefficient: BigInt, scale: u32) -> Result<Numeric> {
    let fits = scale <= MAX_SCALE
        && (coefficient.bits() < 400_000 || integer_digits(&coefficient, scale) <= MAX_INTEGER_DIGITS);
    if fits { Ok(Numeric::new(coefficient, scale)) } else { Err(overflow()) }
}

fn overflow() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

fn sign_of(value: &BigInt) -> i32 {
    match value.sign() {
        Sign::Minus => -1,
        Sign::NoSign => 0,
        Sign::Plus => 1,
    }
}

fn compare_finite(a: &BigInt, x: u32, b: &BigInt, y: u32) -> Ordering {
    match x.cmp(&y) {
        Ordering::Equal => a.cmp(b),
        _ if a.sign() != b.sign() => a.sign().cmp(&b.sign()),
        Ordering::Less => rescale_up(a, y - x).cmp(b),
        Ordering::Greater => a.cmp(&rescale_up(b, x - y)),
    }
}

/// 10 to the `n`.
pub(crate) fn pow10(n: u32) -> BigInt {
    match 10_u128.checked_pow(n) {
        Some(power) => BigInt::from(power),
        None => BigInt::from(10_u32).pow(n),
    }
}

/// `value * 10^by`.
fn rescale_up(value: &BigInt, by: u32) -> BigInt {
    if by == 0 || value.sign() == Sign::NoSign {
        return value.clone();
    }
    if let (Ok(small), Some(power)) = (i128::try_from(value), 10_i128.checked_pow(by))
        && let Some(product) = small.checked_mul(power)
    {
        return BigInt::from(product);
    }
    value * pow10(by)
}

/// `numerator / denominator`, rounded to the nearest whole number, halves away from zero. The denominator is not zero.
fn div_round(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    if let (Ok(n), Ok(d)) = (i128::try_from(numerator), i128::try_from(denominator))
        && let (Some(quotient), Some(rest)) = (n.checked_div(d), n.checked_rem(d))
    {
        let up = rest != 0 && rest.unsigned_abs() >= d.unsigned_abs() - rest.unsigned_abs();
        let step = if (n < 0) == (d < 0) { 1 } else { -1 };
        return BigInt::from(if up { quotient + step } else { quotient });
    }
    let quotient = numerator / denominator;
    let rest = numerator - &quotient * denominator;
    if rest.magnitude() * 2_u32 >= *denominator.magnitude() {
        if (numerator.sign() == Sign::Minus) == (denominator.sign() == Sign::Minus) {
            quotient + 1
        } else {
            quotient - 1
        }
    } else {
        quotient
    }
}

/// The same value with another scale, rounded half away from zero where digits are lost. `to` may be negative: the
/// coefficient then counts tens, hundreds and so on.
fn with_scale(value: &BigInt, from: u32, to: i64) -> BigInt {
    let by = to - i64::from(from);
    match u32::try_from(by) {
        Ok(by) => rescale_up(value, by),
        // Beyond that many digits nothing is left of any value we can hold.
        Err(_) if by < -300_000 => BigInt::ZERO,
        Err(_) => div_round(value, &pow10(by.unsigned_abs() as u32)),
    }
}

/// As [`with_scale`], cutting digits off.
fn with_scale_truncated(value: &BigInt, from: u32, to: i64) -> BigInt {
    let by = to - i64::from(from);
    match u32::try_from(by) {
        Ok(by) => rescale_up(value, by),
        Err(_) if by < -300_000 => BigInt::ZERO,
        Err(_) => value / pow10(by.unsigned_abs() as u32),
    }
}

/// The number of decimal digits of the coefficient; 0 for zero.
fn decimal_digits(value: &BigInt) -> i64 {
    if let Ok(small) = u128::try_from(value.magnitude()) {
        return small.checked_ilog10().map_or(0, |log| i64::from(log) + 1);
    }
    // floor(bits * log10(2)) is the number of digits, or one less.
    let estimate = ((value.bits() - 1) as f64 * std::f64::consts::LOG10_2) as u32;
    if *value.magnitude() >= *pow10(estimate).magnitude() {
        // The power of ten is at most the value; look one further to be sure.
        let next = pow10(estimate + 1);
        if *value.magnitude() >= *next.magnitude() {
            i64::from(estimate) + 2
        } else {
            i64::from(estimate) + 1
        }
    } else {
        i64::from(estimate)
    }
}

/// Digits before the decimal point; negative when zeros follow it.
fn integer_digits(coefficient: &BigInt, scale: u32) -> i64 {
    decimal_digits(coefficient) - i64::from(scale)
}

/// PostgreSQL's view of a value: the weight of its first base-10000 digit, that digit, and the second one.
/// Zero has weight 0 and digit 0.
struct Leading {
    weight: i64,
    first: i64,
    second: Option<i64>,
}

fn leading(coefficient: &BigInt, scale: u32) -> Leading {
    if coefficient.sign() == Sign::NoSign {
        return Leading { weight: 0, first: 0, second: None };
    }
    let weight = (integer_digits(coefficient, scale) - 1).div_euclid(4);
    let magnitude = BigInt::from(coefficient.magnitude().clone());
    let two = i64::try_from(with_scale_truncated(&magnitude, scale, 4 - weight * 4)).unwrap_or(0);
    let (stripped, stripped_scale) = trimmed(coefficient, scale);
    // Whether PostgreSQL stores a second base-10000 digit at all.
    let lowest =
        if stripped_scale > 0 { -i64::from(stripped_scale.div_ceil(4)) } else { lowest_weight(&stripped) };
    Leading { weight, first: two / 10_000, second: (lowest < weight).then_some(two % 10_000) }
}

/// The weight of the last non-zero base-10000 digit of a whole number.
fn lowest_weight(value: &BigInt) -> i64 {
    let base = BigInt::from(10_000);
    let mut rest = value.clone();
    let mut weight = 0;
    while rest.sign() != Sign::NoSign && (&rest % &base).sign() == Sign::NoSign {
        rest /= &base;
        weight += 1;
    }
    weight
}

/// Without trailing zeros after the decimal point.
fn trimmed(coefficient: &BigInt, scale: u32) -> (BigInt, u32) {
    if scale == 0 {
        return (coefficient.clone(), 0);
    }
    if coefficient.sign() == Sign::NoSign {
        return (BigInt::ZERO, 0);
    }
    if let Ok(mut small) = i128::try_from(coefficient) {
        let mut scale = scale;
        while scale > 0 && small % 10 == 0 {
            small /= 10;
            scale -= 1;
        }
        return (BigInt::from(small), scale);
    }
    let digits = coefficient.magnitude().to_string();
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let cut = u32::try_from(zeros).unwrap_or(u32::MAX).min(scale);
    (coefficient / pow10(cut), scale - cut)
}

/// Clamps a scale that was chosen by significant digits.
fn display_scale(scale: i64, at_least: &[u32]) -> u32 {
    let least = at_least.iter().copied().max().unwrap_or(0);
    let scale = scale.max(i64::from(least)).clamp(0, MAX_DISPLAY_SCALE);
    u32::try_from(scale).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Numeric {
        Numeric::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_with_scales() {
        assert_eq!(n("1.50").add(&n("2.5")).unwrap().to_string(), "4.00");
        assert_eq!(n("1.50").mul(&n("2.5")).unwrap().to_string(), "3.750");
        assert_eq!(n("1").div(&n("3")).unwrap().to_string(), "0.33333333333333333333");
        assert_eq!(n("10").div(&n("4")).unwrap().to_string(), "2.5000000000000000");
        assert_eq!(n("-7.5").modulo(&n("2")).unwrap().to_string(), "-1.5");
        assert_eq!(n("2.5").round(0).unwrap().to_string(), "3");
        assert_eq!(n("-2.5").round(0).unwrap().to_string(), "-3");
        assert_eq!(n("-1.5").floor().to_string(), "-2");
        assert_eq!(n("-1.5").ceil().to_string(), "-1");
        assert_eq!(n("1234.5").round(-2).unwrap().to_string(), "1200");
    }

    #[test]
    fn functions_with_scales() {
        assert_eq!(n("2").sqrt().unwrap().to_string(), "1.414213562373095");
        assert_eq!(n("1").exp().unwrap().to_string(), "2.7182818284590452");
        assert_eq!(n("2").ln().unwrap().to_string(), "0.6931471805599453");
        assert_eq!(n("100").log10().unwrap().to_string(), "2.0000000000000000");
        assert_eq!(n("2").power(&n("0.5")).unwrap().to_string(), "1.4142135623730950");
        assert_eq!(n("2").power(&n("10")).unwrap().to_string(), "1024.0000000000000000");
    }
}
