//! `numeric`: arithmetic, mathematical functions, casts. The arithmetic itself is [`crate::Numeric`]'s.

use crate::numeric::Numeric;
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "numeric_add" => |a: &Numeric, b: &Numeric| a.add(b);
    "numeric_sub" => |a: &Numeric, b: &Numeric| a.sub(b);
    "numeric_mul" => |a: &Numeric, b: &Numeric| a.mul(b);
    "numeric_div" => |a: &Numeric, b: &Numeric| a.div(b);
    "numeric_div_trunc" => |a: &Numeric, b: &Numeric| a.div_trunc(b);
    "numeric_mod" => |a: &Numeric, b: &Numeric| a.modulo(b);
    "numeric_uminus" => |a: &Numeric| a.neg();
    "numeric_uplus" => |a: &Numeric| a.clone();
    "numeric_abs" => |a: &Numeric| a.abs();
    "numeric_sign" => |a: &Numeric| a.sign();
    "numeric_inc" => |a: &Numeric| a.inc();
    "numeric_ceil" => |a: &Numeric| a.ceil();
    "numeric_floor" => |a: &Numeric| a.floor();
    "numeric_round" => |a: &Numeric, decimals: i32| a.round(decimals);
    "numeric_trunc" => |a: &Numeric, decimals: i32| a.trunc(decimals);
    "numeric_sqrt" => |a: &Numeric| a.sqrt();
    "numeric_exp" => |a: &Numeric| a.exp();
    "numeric_ln" => |a: &Numeric| a.ln();
    "numeric_log" => |base: &Numeric, a: &Numeric| a.log(base);
    "numeric_power" => |a: &Numeric, b: &Numeric| a.power(b);
    "numeric_gcd" => |a: &Numeric, b: &Numeric| a.gcd(b);
    "numeric_lcm" => |a: &Numeric, b: &Numeric| a.lcm(b);
    "numeric_scale" => |a: &Numeric| a.scale();
    "numeric_min_scale" => |a: &Numeric| a.min_scale();
    "numeric_trim_scale" => |a: &Numeric| a.trim_scale();
    "numeric_fac" => |a: i64| factorial(a);
    "numeric" => |a: &Numeric, typmod: i32| a.apply_typmod(typmod);
    "numeric_int2" => |a: &Numeric| a.to_i16();
    "numeric_int4" => |a: &Numeric| a.to_i32();
    "numeric_int8" => |a: &Numeric| a.to_i64();
    "numeric_float4" => |a: &Numeric| a.to_f32();
    "numeric_float8" => |a: &Numeric| a.to_f64();
    "int2_numeric" => |a: i16| Numeric::from(a);
    "int4_numeric" => |a: i32| Numeric::from(a);
    "int8_numeric" => |a: i64| Numeric::from(a);
    "float4_numeric" => |a: f32| Numeric::from_f32(a);
    "float8_numeric" => |a: f64| Numeric::from_f64(a);
    "width_bucket_numeric" => |a: &Numeric, low: &Numeric, high: &Numeric, count: i32| width_bucket(a, low, high, count);
});

/// Functions written in SQL.
pub(super) const SQL_FUNCTIONS: &[(u32, super::Kernel)] = &[
    (1708, kernel!(call; |a: &Numeric| a.round(0))), // round(numeric)
    (1710, kernel!(call; |a: &Numeric| a.trunc(0))), // trunc(numeric)
    (1741, kernel!(call; |a: &Numeric| a.log10())),  // log(numeric)
    (1481, kernel!(call; |a: &Numeric| a.log10())),  // log10(numeric)
];

/// `numeric_fac`
fn factorial(n: i64) -> Result<Numeric> {
    if n < 0 {
        return Err(Error::new(
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            "factorial of a negative number is undefined",
        ));
    }
    if n > 32177 {
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format"));
    }
    let product = (2..=n).fold(num_bigint::BigInt::from(1), |product, factor| product * factor);
    Ok(Numeric::new(product, 0))
}

/// `width_bucket_numeric`
fn width_bucket(operand: &Numeric, low: &Numeric, high: &Numeric, count: i32) -> Result<i32> {
    let refuse =
        |message: &str| Err(Error::new(SqlState::INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, message));
    if count <= 0 {
        return refuse("count must be greater than zero");
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return refuse("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return refuse("lower and upper bounds must be finite");
    }
    let ascending = low.compare(high);
    if ascending.is_eq() {
        return refuse("lower bound cannot equal upper bound");
    }
    let (before, past) = if ascending.is_lt() {
        (operand.compare(low).is_lt(), operand.compare(high).is_ge())
    } else {
        (operand.compare(low).is_gt(), operand.compare(high).is_le())
    };
    if before {
        return Ok(0);
    }
    if past {
        return count.checked_add(1).ok_or_else(|| super::int::out_of_range("integer"));
    }
    // A quotient that is rounded up to `count` is one bucket too far: so it is in PostgreSQL 15 (`compute_bucket`).
    let (above, width) = if ascending.is_lt() {
        (operand.sub(low)?, high.sub(low)?)
    } else {
        (low.sub(operand)?, low.sub(high)?)
    };
    let bucket = above.mul(&Numeric::from(count))?.div(&width)?.add(&Numeric::one())?;
    bucket.floor().to_i32()
}
