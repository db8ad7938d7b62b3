//! Between `numeric` and the other number types.

use num_bigint::BigInt;

use super::{Numeric, with_scale};
use crate::{Error, Result, SqlState};

macro_rules! from_integer {
    ($($int:ty),*) => {
        $(
            impl From<$int> for Numeric {
                fn from(value: $int) -> Numeric {
                    Numeric::new(BigInt::from(value), 0)
                }
            }
        )*
    };
}

from_integer!(i16, i32, i64, i128, u32, u64);

impl Numeric {
    /// `numeric_int2`: rounded.
    pub fn to_i16(&self) -> Result<i16> {
        self.to_integer("smallint")
    }

    /// `numeric_int4`: rounded.
    pub fn to_i32(&self) -> Result<i32> {
        self.to_integer("integer")
    }

    /// `numeric_int8`: rounded.
    pub fn to_i64(&self) -> Result<i64> {
        self.to_integer("bigint")
    }

    fn to_integer<T: TryFrom<BigInt>>(&self, name: &str) -> Result<T> {
        let Some((coefficient, scale)) = self.finite() else {
            let what = if self.is_nan() { "NaN" } else { "infinity" };
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("cannot convert {what} to {name}"),
            ));
        };
        T::try_from(with_scale(coefficient, scale, 0))
            .map_err(|_| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range")))
    }

    /// `numeric_float8`; 22003 when a `double precision` can't hold it.
    pub fn to_f64(&self) -> Result<f64> {
        match self {
            Numeric::NaN => Ok(f64::NAN),
            Numeric::Infinity => Ok(f64::INFINITY),
            Numeric::NegInfinity => Ok(f64::NEG_INFINITY),
            Numeric::Finite { .. } => crate::text::parse_float8(&self.to_string()),
        }
    }

    /// `numeric_float8_no_overflow`: what is too large becomes infinite.
    pub fn to_f64_lossy(&self) -> f64 {
        match self {
            Numeric::NaN => f64::NAN,
            Numeric::Infinity => f64::INFINITY,
            Numeric::NegInfinity => f64::NEG_INFINITY,
            Numeric::Finite { .. } => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// `numeric_float4`; 22003 when a `real` can't hold it.
    pub fn to_f32(&self) -> Result<f32> {
        match self {
            Numeric::NaN => Ok(f32::NAN),
            Numeric::Infinity => Ok(f32::INFINITY),
            Numeric::NegInfinity => Ok(f32::NEG_INFINITY),
            Numeric::Finite { .. } => crate::text::parse_float4(&self.to_string()),
        }
    }

    /// `float8_numeric`: 15 significant digits.
    pub fn from_f64(value: f64) -> Numeric {
        from_float(value, value.is_sign_negative(), format_args!("{value:.14e}"))
    }

    /// `float4_numeric`: 6 significant digits.
    pub fn from_f32(value: f32) -> Numeric {
        from_float(value.into(), value.is_sign_negative(), format_args!("{value:.5e}"))
    }
}

/// The digits of `%.15g` (or `%.6g`): trailing zeros don't count.
fn from_float(value: f64, negative: bool, scientific: std::fmt::Arguments<'_>) -> Numeric {
    if value.is_nan() {
        return Numeric::NaN;
    }
    if value.is_infinite() {
        return if negative { Numeric::NegInfinity } else { Numeric::Infinity };
    }
    let text = scientific.to_string();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.trim_end_matches('0').trim_end_matches('.');
    Numeric::parse(&format!("{digits}e{exponent}")).unwrap_or(Numeric::NaN)
}
