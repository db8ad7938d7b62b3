//! Arithmetic with PostgreSQL's result scales (`add_var`, `mul_var`, `select_div_scale` and so on in `numeric.c`).

use num_bigint::{BigInt, Sign};

use super::{
    MAX_RESULT_SCALE, MAX_SCALE, MIN_SIGNIFICANT, Numeric, checked, display_scale, div_round, leading,
    rescale_up, trimmed, with_scale, with_scale_truncated,
};
use crate::{Error, Result, SqlState};

pub(super) fn division_by_zero() -> Error {
    Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")
}

fn infinity(negative: bool) -> Numeric {
    if negative { Numeric::NegInfinity } else { Numeric::Infinity }
}

/// Both operands at the larger of their scales.
fn aligned(a: &BigInt, x: u32, b: &BigInt, y: u32) -> (BigInt, BigInt, u32) {
    let scale = x.max(y);
    (rescale_up(a, scale - x), rescale_up(b, scale - y), scale)
}

impl Numeric {
    /// `numeric_add`
    pub fn add(&self, other: &Numeric) -> Result<Numeric> {
        use Numeric::*;
        match (self, other) {
            (Finite { coefficient: a, scale: x }, Finite { coefficient: b, scale: y }) => {
                if x == y
                    && let (Ok(a), Ok(b)) = (i128::try_from(a), i128::try_from(b))
                    && let Some(sum) = a.checked_add(b)
                {
                    return Ok(Numeric::new(BigInt::from(sum), *x));
                }
                let (a, b, scale) = aligned(a, *x, b, *y);
                checked(a + b, scale)
            }
            (NaN, _) | (_, NaN) | (Infinity, NegInfinity) | (NegInfinity, Infinity) => Ok(NaN),
            (Infinity, _) | (_, Infinity) => Ok(Infinity),
            (NegInfinity, _) | (_, NegInfinity) => Ok(NegInfinity),
        }
    }

    /// `numeric_sub`
    pub fn sub(&self, other: &Numeric) -> Result<Numeric> {
        self.add(&other.neg())
    }

    /// `numeric_mul`
    pub fn mul(&self, other: &Numeric) -> Result<Numeric> {
        use Numeric::*;
        match (self, other) {
            (Finite { coefficient: a, scale: x }, Finite { coefficient: b, scale: y }) => {
                let product = match (i64::try_from(a), i64::try_from(b)) {
                    (Ok(a), Ok(b)) => BigInt::from(i128::from(a) * i128::from(b)),
                    _ => a * b,
                };
                let scale = x + y;
                if scale > MAX_SCALE {
                    return checked(with_scale(&product, scale, i64::from(MAX_SCALE)), MAX_SCALE);
                }
                checked(product, scale)
            }
            _ => Ok(match (self.signum(), other.signum()) {
                (Some(a), Some(b)) if a * b != 0 => infinity(a * b < 0),
                _ => NaN,
            }),
        }
    }

    /// `numeric_div`: at least 16 significant digits, and not fewer decimals than either operand.
    pub fn div(&self, other: &Numeric) -> Result<Numeric> {
        if let Some(special) = self.special_quotient(other)? {
            return Ok(special);
        }
        match (self.finite(), other.finite()) {
            (Some((a, x)), Some((b, y))) => {
                let scale = select_div_scale(a, x, b, y);
                checked(divide(a, x, b, y, scale), scale)
            }
            _ => Ok(Numeric::NaN),
        }
    }

    /// `numeric_div_trunc`: the whole part of the quotient.
    pub fn div_trunc(&self, other: &Numeric) -> Result<Numeric> {
        if let Some(special) = self.special_quotient(other)? {
            return Ok(special);
        }
        match (self.finite(), other.finite()) {
            (Some((a, x)), Some((b, y))) => {
                let (a, b, _) = aligned(a, x, b, y);
                checked(a / b, 0)
            }
            _ => Ok(Numeric::NaN),
        }
    }

    /// What is to be said about a quotient before dividing: division by zero, and the infinite cases.
    fn special_quotient(&self, other: &Numeric) -> Result<Option<Numeric>> {
        use Numeric::*;
        Ok(match (self, other) {
            (NaN, _) | (_, NaN) => Some(NaN),
            (Infinity | NegInfinity, Infinity | NegInfinity) => Some(NaN),
            (Finite { .. }, Infinity | NegInfinity) => Some(Numeric::zero()),
            _ if other.is_zero() => return Err(division_by_zero()),
            (Infinity | NegInfinity, Finite { .. }) => {
                Some(infinity((self.signum() < Some(0)) != (other.signum() < Some(0))))
            }
            (Finite { .. }, Finite { .. }) => None,
        })
    }

    /// `numeric_mod`: the remainder of a division cut towards zero; it has the sign of the dividend.
    pub fn modulo(&self, other: &Numeric) -> Result<Numeric> {
        use Numeric::*;
        match (self, other) {
            (NaN, _) | (_, NaN) => Ok(NaN),
            (Finite { coefficient: a, scale: x }, Finite { coefficient: b, scale: y }) => {
                if b.sign() == Sign::NoSign {
                    return Err(division_by_zero());
                }
                let (a, b, scale) = aligned(a, *x, b, *y);
                checked(a % b, scale)
            }
            (Finite { .. }, _) => Ok(self.clone()),
            _ if other.is_zero() => Err(division_by_zero()),
            _ => Ok(NaN),
        }
    }

    /// `numeric_uminus`
    pub fn neg(&self) -> Numeric {
        match self {
            Numeric::NaN => Numeric::NaN,
            Numeric::Infinity => Numeric::NegInfinity,
            Numeric::NegInfinity => Numeric::Infinity,
            Numeric::Finite { coefficient, scale } => Numeric::new(-coefficient, *scale),
        }
    }

    /// `numeric_abs`
    pub fn abs(&self) -> Numeric {
        if self.signum() < Some(0) && !self.is_nan() { self.neg() } else { self.clone() }
    }

    /// `numeric_sign`: -1, 0, 1, or `NaN`.
    pub fn sign(&self) -> Numeric {
        self.signum().map_or(Numeric::NaN, |sign| Numeric::from(i64::from(sign)))
    }

    /// `numeric_inc`: adds one.
    pub fn inc(&self) -> Result<Numeric> {
        self.add(&Numeric::one())
    }

    /// `numeric_round`: to a number of decimals, which may be negative; halves away from zero.
    pub fn round(&self, decimals: i32) -> Result<Numeric> {
        self.at_decimals(decimals, with_scale)
    }

    /// `numeric_trunc`
    pub fn trunc(&self, decimals: i32) -> Result<Numeric> {
        self.at_decimals(decimals, with_scale_truncated)
    }

    fn at_decimals(&self, decimals: i32, cut: fn(&BigInt, u32, i64) -> BigInt) -> Result<Numeric> {
        let Some((coefficient, scale)) = self.finite() else { return Ok(self.clone()) };
        let decimals = decimals.clamp(-MAX_RESULT_SCALE, MAX_RESULT_SCALE);
        let value = cut(coefficient, scale, decimals.into());
        match u32::try_from(decimals) {
            Ok(decimals) => checked(value, decimals),
            Err(_) => checked(rescale_up(&value, decimals.unsigned_abs()), 0),
        }
    }

    /// `numeric_ceil`
    pub fn ceil(&self) -> Numeric {
        self.towards(1)
    }

    /// `numeric_floor`
    pub fn floor(&self) -> Numeric {
        self.towards(-1)
    }

    /// The next whole number in a direction (1 or -1).
    fn towards(&self, direction: i32) -> Numeric {
        let Some((coefficient, scale)) = self.finite() else { return self.clone() };
        let whole = with_scale_truncated(coefficient, scale, 0);
        let exact = rescale_up(&whole, scale) == *coefficient;
        let same_side = (coefficient.sign() == Sign::Minus) == (direction < 0);
        Numeric::new(if !exact && same_side { whole + direction } else { whole }, 0)
    }

    /// `scale(numeric)`; `None` for `NaN` and the infinities.
    pub fn scale(&self) -> Option<i32> {
        self.finite().map(|(_, scale)| i32::try_from(scale).unwrap_or(i32::MAX))
    }

    /// `min_scale(numeric)`: the decimals needed to show the value exactly.
    pub fn min_scale(&self) -> Option<i32> {
        self.finite().map(|(c, scale)| i32::try_from(trimmed(c, scale).1).unwrap_or(i32::MAX))
    }

    /// `trim_scale(numeric)`: without trailing zeros.
    pub fn trim_scale(&self) -> Numeric {
        match self.finite() {
            Some((coefficient, scale)) => {
                let (coefficient, scale) = trimmed(coefficient, scale);
                Numeric::new(coefficient, scale)
            }
            None => self.clone(),
        }
    }

    /// `numeric_gcd`
    pub fn gcd(&self, other: &Numeric) -> Result<Numeric> {
        let (Some((a, x)), Some((b, y))) = (self.finite(), other.finite()) else { return Ok(Numeric::NaN) };
        let (mut a, mut b, scale) = aligned(a, x, b, y);
        while b.sign() != Sign::NoSign {
            (a, b) = (b.clone(), a % b);
        }
        checked(BigInt::from(a.magnitude().clone()), scale)
    }

    /// `numeric_lcm`
    pub fn lcm(&self, other: &Numeric) -> Result<Numeric> {
        let (Some((a, x)), Some((b, y))) = (self.finite(), other.finite()) else { return Ok(Numeric::NaN) };
        if self.is_zero() || other.is_zero() {
            return Ok(Numeric::new(BigInt::ZERO, x.max(y)));
        }
        let (a, b, scale) = aligned(a, x, b, y);
        let Numeric::Finite { coefficient: gcd, .. } = self.gcd(other)? else { return Ok(Numeric::NaN) };
        let multiple = a / gcd * b;
        checked(BigInt::from(multiple.magnitude().clone()), scale)
    }
}

/// The scale of a quotient (`select_div_scale`). It looks at the first base-10000 digits, as PostgreSQL stores them.
pub(super) fn select_div_scale(a: &BigInt, x: u32, b: &BigInt, y: u32) -> u32 {
    let (dividend, divisor) = (leading(a, x), leading(b, y));
    let mut weight = dividend.weight - divisor.weight;
    if dividend.first <= divisor.first {
        weight -= 1;
    }
    display_scale(MIN_SIGNIFICANT - weight * 4, &[x, y])
}

/// `a / b` to the given scale, rounded. `b` is not zero.
pub(super) fn divide(a: &BigInt, x: u32, b: &BigInt, y: u32, scale: u32) -> BigInt {
    // a/10^x / (b/10^y) * 10^scale
    let shift = i64::from(scale) + i64::from(y) - i64::from(x);
    match u32::try_from(shift) {
        Ok(shift) => div_round(&rescale_up(a, shift), b),
        Err(_) => div_round(a, &rescale_up(b, shift.unsigned_abs() as u32)),
    }
}
