//! `float4`, `float8`: arithmetic, comparisons, casts (PostgreSQL's float.c, float.h).

use super::int::{division_by_zero, out_of_range};
use crate::compare::compare_f64;
use crate::{Error, Result, SqlState};

/// 22003 of a result beyond the type's range.
pub(super) fn overflow() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

/// 22003 of a result too close to zero.
pub(super) fn underflow() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow")
}

/// Both floating-point types.
pub(super) trait Float: Copy + PartialEq + PartialOrd {
    const ZERO: Self;
    fn nan(self) -> bool;
    fn infinite(self) -> bool;
}
impl Float for f32 {
    const ZERO: f32 = 0.0;
    fn nan(self) -> bool {
        self.is_nan()
    }
    fn infinite(self) -> bool {
        self.is_infinite()
    }
}
impl Float for f64 {
    const ZERO: f64 = 0.0;
    fn nan(self) -> bool {
        self.is_nan()
    }
    fn infinite(self) -> bool {
        self.is_infinite()
    }
}

/// The sum or difference, checked for overflow.
pub(super) fn checked_sum<T: Float>(a: T, b: T, result: T) -> Result<T> {
    if result.infinite() && !a.infinite() && !b.infinite() { Err(overflow()) } else { Ok(result) }
}

fn product<T: Float>(a: T, b: T, result: T) -> Result<T> {
    if result == T::ZERO && a != T::ZERO && b != T::ZERO {
        return Err(underflow());
    }
    checked_sum(a, b, result)
}

fn quotient<T: Float>(a: T, b: T, result: T) -> Result<T> {
    if b == T::ZERO && !a.nan() {
        return Err(division_by_zero());
    }
    if result.infinite() && !a.infinite() {
        return Err(overflow());
    }
    if result == T::ZERO && a != T::ZERO && !b.infinite() {
        return Err(underflow());
    }
    Ok(result)
}

/// `float8_mul`, for other kernels.
pub(super) fn multiply(a: f64, b: f64) -> Result<f64> {
    product(a, b, a * b)
}

/// `float8_div`, for other kernels.
pub(super) fn divide(a: f64, b: f64) -> Result<f64> {
    quotient(a, b, a / b)
}

macro_rules! arithmetic {
    ($($prefix:literal: $left:ty, $right:ty => $wide:ty;)*) => {
        pub(super) const ARITHMETIC: &[(&str, super::Kernel)] = &[$(
            (concat!($prefix, "pl"), kernel!(call; |a: $left, b: $right| {
                let (a, b) = (<$wide>::from(a), <$wide>::from(b));
                checked_sum(a, b, a + b)
            })),
            (concat!($prefix, "mi"), kernel!(call; |a: $left, b: $right| {
                let (a, b) = (<$wide>::from(a), <$wide>::from(b));
                checked_sum(a, b, a - b)
            })),
            (concat!($prefix, "mul"), kernel!(call; |a: $left, b: $right| {
                let (a, b) = (<$wide>::from(a), <$wide>::from(b));
                product(a, b, a * b)
            })),
            (concat!($prefix, "div"), kernel!(call; |a: $left, b: $right| {
                let (a, b) = (<$wide>::from(a), <$wide>::from(b));
                quotient(a, b, a / b)
            })),
        )*];
    };
}
arithmetic! {
    "float4": f32, f32 => f32; "float8": f64, f64 => f64; "float48": f32, f64 => f64; "float84": f64, f32 => f64;
}

comparisons!(COMPARISONS {
    "float4" "": f32, f32 => |a: f32, b: f32| compare_f64(a.into(), b.into());
    "float8" "": f64, f64 => compare_f64;
    "float48" "": f32, f64 => |a: f32, b: f64| compare_f64(a.into(), b);
    "float84" "": f64, f32 => |a: f64, b: f32| compare_f64(a, b.into());
});

orders!(ORDERS {
    "btfloat4cmp" "float4larger" "float4smaller": f32 => |a: f32, b: f32| compare_f64(a.into(), b.into());
    "btfloat8cmp" "float8larger" "float8smaller": f64 => compare_f64;
});

/// Rounds half to even and fits into an integer type, as C's `rint` and the range checks of `dtoi4` do.
fn to_integer(value: f64, min: f64, past_max: f64, name: &str) -> Result<i64> {
    let rounded = value.round_ties_even();
    if rounded >= min && rounded < past_max { Ok(rounded as i64) } else { Err(out_of_range(name)) }
}

fn to_int2(value: f64) -> Result<i16> {
    to_integer(value, -32768.0, 32768.0, "smallint").map(|i| i as i16)
}

fn to_int4(value: f64) -> Result<i32> {
    to_integer(value, -2147483648.0, 2147483648.0, "integer").map(|i| i as i32)
}

fn to_int8(value: f64) -> Result<i64> {
    to_integer(value, -9223372036854775808.0, 9223372036854775808.0, "bigint")
}

fn to_float4(value: f64) -> Result<f32> {
    let result = value as f32;
    if result.is_infinite() && !value.is_infinite() {
        return Err(overflow());
    }
    if result == 0.0 && value != 0.0 { Err(underflow()) } else { Ok(result) }
}

kernels!(CASTS(call) {
    "btfloat48cmp" => |a: f32, b: f64| compare_f64(a.into(), b) as i32;
    "btfloat84cmp" => |a: f64, b: f32| compare_f64(a, b.into()) as i32;
    "ftod" => |a: f32| f64::from(a);
    "dtof" => |a: f64| to_float4(a);
    "i2tod" => |a: i16| f64::from(a);
    "i2tof" => |a: i16| f32::from(a);
    "i4tod" => |a: i32| f64::from(a);
    "i4tof" => |a: i32| a as f32;
    "i8tod" => |a: i64| a as f64;
    "i8tof" => |a: i64| a as f32;
    "dtoi2" => |a: f64| to_int2(a);
    "dtoi4" => |a: f64| to_int4(a);
    "dtoi8" => |a: f64| to_int8(a);
    "ftoi2" => |a: f32| to_int2(a.into());
    "ftoi4" => |a: f32| to_int4(a.into());
    "ftoi8" => |a: f32| to_int8(a.into());
    "float4abs" => |a: f32| a.abs();
    "float8abs" => |a: f64| a.abs();
    "float4um" => |a: f32| -a;
    "float8um" => |a: f64| -a;
    "float4up" => |a: f32| a;
    "float8up" => |a: f64| a;
});
