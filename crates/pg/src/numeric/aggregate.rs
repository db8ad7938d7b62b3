//! Exact states for `sum`, `avg`, `variance` and `stddev` of numerics and integers (`NumericAggState`).

use num_bigint::{BigInt, Sign};

use super::arith::{divide, select_div_scale};
use super::math::sqrt_to_scale;
use super::{Numeric, checked, rescale_up, with_scale};
use crate::Result;

/// The state of `sum` and `avg`: exact, in whatever order the rows come.
#[derive(Clone, Debug, Default)]
pub struct NumericSum {
    count: u64,
    nans: u64,
    infinities: u64,
    negative_infinities: u64,
    /// The largest scale seen, which is the scale of `total`.
    scale: u32,
    total: BigInt,
    /// What has not been added to `total` yet.
    small: i128,
}

impl NumericSum {
    /// Takes a value.
    pub fn add(&mut self, value: &Numeric) {
        self.count += 1;
        match value {
            Numeric::NaN => self.nans += 1,
            Numeric::Infinity => self.infinities += 1,
            Numeric::NegInfinity => self.negative_infinities += 1,
            Numeric::Finite { coefficient, scale } => self.add_finite(coefficient, *scale),
        }
    }

    fn add_finite(&mut self, coefficient: &BigInt, scale: u32) {
        if scale > self.scale {
            self.flush();
            self.total = rescale_up(&self.total, scale - self.scale);
            self.scale = scale;
        }
        if scale == self.scale
            && let Ok(small) = i128::try_from(coefficient)
            && let Some(sum) = self.small.checked_add(small)
        {
            self.small = sum;
        } else {
            self.total += rescale_up(coefficient, self.scale - scale);
        }
    }

    /// Takes an integer.
    pub fn add_i64(&mut self, value: i64) {
        self.count += 1;
        if self.scale == 0
            && let Some(sum) = self.small.checked_add(value.into())
        {
            self.small = sum;
        } else {
            self.add_finite(&BigInt::from(value), 0);
        }
    }

    fn flush(&mut self) {
        self.total += self.small;
        self.small = 0;
    }

    /// How many values were taken.
    pub fn count(&self) -> u64 {
        self.count
    }

    fn finite(&self) -> BigInt {
        &self.total + self.small
    }

    fn special(&self) -> Option<Numeric> {
        match (self.nans, self.infinities, self.negative_infinities) {
            (0, 0, 0) => None,
            (0, _, 0) => Some(Numeric::Infinity),
            (0, 0, _) => Some(Numeric::NegInfinity),
            _ => Some(Numeric::NaN),
        }
    }

    /// `numeric_sum`; `None` (NULL) when there was no value.
    pub fn sum(&self) -> Result<Option<Numeric>> {
        if self.count == 0 {
            return Ok(None);
        }
        match self.special() {
            Some(special) => Ok(Some(special)),
            None => checked(self.finite(), self.scale).map(Some),
        }
    }

    /// `numeric_avg`: the sum divided by the count, as `/` divides.
    pub fn avg(&self) -> Result<Option<Numeric>> {
        match self.sum()? {
            Some(sum) => sum.div(&Numeric::from(self.count)).map(Some),
            None => Ok(None),
        }
    }
}

/// The state of `var_pop`, `var_samp`, `stddev_pop` and `stddev_samp`.
#[derive(Clone, Debug, Default)]
pub struct NumericVariance {
    sum: NumericSum,
    squares: NumericSum,
}

impl NumericVariance {
    /// Takes a value.
    pub fn add(&mut self, value: &Numeric) {
        self.sum.add(value);
        match value.finite() {
            Some((coefficient, scale)) => self.squares.add_finite(&(coefficient * coefficient), scale * 2),
            None => self.squares.add(value),
        }
    }

    /// How many values were taken.
    pub fn count(&self) -> u64 {
        self.sum.count
    }

    /// The variance, of a sample or of the whole population; `None` where PostgreSQL gives NULL.
    pub fn variance(&self, sample: bool) -> Result<Option<Numeric>> {
        self.result(sample, false)
    }

    /// The standard deviation.
    pub fn stddev(&self, sample: bool) -> Result<Option<Numeric>> {
        self.result(sample, true)
    }

    /// `numeric_stddev_internal`
    fn result(&self, sample: bool, root: bool) -> Result<Option<Numeric>> {
        let count = self.sum.count;
        if count == 0 || (sample && count == 1) {
            return Ok(None);
        }
        if self.sum.special().is_some() {
            return Ok(Some(Numeric::NaN));
        }
        let scale = self.sum.scale * 2;
        let sum = self.sum.finite();
        let squares = with_scale(&self.squares.finite(), self.squares.scale, scale.into());
        let numerator = squares * count - &sum * &sum;
        if numerator.sign() != Sign::Plus {
            return Ok(Some(Numeric::zero()));
        }
        let denominator = BigInt::from(count) * BigInt::from(if sample { count - 1 } else { count });
        let quotient_scale = select_div_scale(&numerator, scale, &denominator, 0);
        let variance = divide(&numerator, scale, &denominator, 0, quotient_scale);
        let value = if root { sqrt_to_scale(&variance, quotient_scale, quotient_scale) } else { variance };
        checked(value, quotient_scale).map(Some)
    }
}
