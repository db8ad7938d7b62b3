//! The mathematical functions on `float8` (PostgreSQL's float.c).

use super::float::{divide, multiply, overflow, underflow};
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "dround" => |a: f64| a.round_ties_even();
    "dceil" => |a: f64| a.ceil();
    "dfloor" => |a: f64| a.floor();
    "dtrunc" => |a: f64| a.trunc();
    "dsign" => |a: f64| if a > 0.0 { 1.0 } else if a < 0.0 { -1.0 } else { 0.0 };
    "dsqrt" => |a: f64| square_root(a);
    "dcbrt" => |a: f64| in_range(a.cbrt(), a.is_infinite(), a == 0.0);
    "dpow" => |a: f64, b: f64| power(a, b);
    "dexp" => |a: f64| exponential(a);
    "dlog1" => |a: f64| logarithm(a, f64::ln);
    "dlog10" => |a: f64| logarithm(a, f64::log10);
    "dpi" => |  | std::f64::consts::PI;
    "degrees" => |a: f64| divide(a, RADIANS_PER_DEGREE);
    "radians" => |a: f64| multiply(a, RADIANS_PER_DEGREE);
    "dacos" => |a: f64| arc(a, f64::acos);
    "dasin" => |a: f64| arc(a, f64::asin);
    "datan" => |a: f64| in_range(a.atan(), false, true);
    "datan2" => |a: f64, b: f64| in_range(a.atan2(b), false, true);
    "dcos" => |a: f64| circular(a, f64::cos);
    "dsin" => |a: f64| circular(a, f64::sin);
    "dtan" => |a: f64| circular(a, f64::tan);
    "dcot" => |a: f64| circular(a, |a| 1.0 / a.tan());
    "dsinh" => |a: f64| a.sinh();
    "dcosh" => |a: f64| a.cosh();
    "dtanh" => |a: f64| a.tanh();
    "dasinh" => |a: f64| asinh(a);
    "dacosh" => |a: f64| if a < 1.0 { Err(input_out_of_range()) } else { Ok(acosh(a)) };
    "datanh" => |a: f64| if !(a.is_nan() || (-1.0..=1.0).contains(&a)) { Err(input_out_of_range()) } else { Ok(atanh(a)) };
    "dacosd" => |a: f64| arc(a, acosd);
    "dasind" => |a: f64| arc(a, asind);
    "datand" => |a: f64| in_range(a.atan() / ATAN_1 * 45.0, false, true);
    "datan2d" => |a: f64, b: f64| in_range(a.atan2(b) / ATAN_1 * 45.0, false, true);
    "dcosd" => |a: f64| circular(a, cosd);
    "dsind" => |a: f64| circular(a, sind);
    "dtand" => |a: f64| circular(a, tand);
    "dcotd" => |a: f64| circular(a, cotd);
    "width_bucket_float8" => |a: f64, low: f64, high: f64, count: i32| width_bucket(a, low, high, count);
});

const RADIANS_PER_DEGREE: f64 = 0.017_453_292_519_943_295;
/// atan(1)
const ATAN_1: f64 = std::f64::consts::FRAC_PI_4;

/// `CHECKFLOATVAL` of older float.c: infinite or zero results are errors unless the arguments explain them.
fn in_range(result: f64, infinite_is_right: bool, zero_is_right: bool) -> Result<f64> {
    if result.is_infinite() && !infinite_is_right {
        return Err(overflow());
    }
    if result == 0.0 && !zero_is_right { Err(underflow()) } else { Ok(result) }
}

fn input_out_of_range() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")
}

fn square_root(a: f64) -> Result<f64> {
    if a < 0.0 {
        return Err(Error::new(
            SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "cannot take square root of a negative number",
        ));
    }
    in_range(a.sqrt(), a.is_infinite(), a == 0.0)
}

fn logarithm(a: f64, log: fn(f64) -> f64) -> Result<f64> {
    let refuse = |of: &str| {
        Error::new(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, format!("cannot take logarithm of {of}"))
    };
    if a == 0.0 {
        return Err(refuse("zero"));
    }
    if a < 0.0 {
        return Err(refuse("a negative number"));
    }
    in_range(log(a), a.is_infinite(), a == 1.0)
}

fn exponential(a: f64) -> Result<f64> {
    if a.is_nan() || a == f64::INFINITY {
        return Ok(a);
    }
    if a == f64::NEG_INFINITY {
        return Ok(0.0);
    }
    in_range(a.exp(), false, false)
}

/// `dpow`: POSIX `pow`, with errors where the result isn't real.
fn power(a: f64, b: f64) -> Result<f64> {
    let refuse = |message: &str| Err(Error::new(SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION, message));
    if a.is_nan() {
        return Ok(if b == 0.0 { 1.0 } else { f64::NAN });
    }
    if b.is_nan() {
        return Ok(if a == 1.0 { 1.0 } else { f64::NAN });
    }
    if a == 0.0 && b < 0.0 {
        return refuse("zero raised to a negative power is undefined");
    }
    if a < 0.0 && b.floor() != b {
        return refuse("a negative number raised to a non-integer power yields a complex result");
    }
    let result = a.powf(b);
    if a.is_infinite() || b.is_infinite() {
        return Ok(result);
    }
    in_range(result, false, a == 0.0)
}

/// The inverse circular functions: NaN stays, beyond ±1 is an error.
fn arc(a: f64, f: fn(f64) -> f64) -> Result<f64> {
    if a.is_nan() {
        return Ok(a);
    }
    if !(-1.0..=1.0).contains(&a) { Err(input_out_of_range()) } else { Ok(f(a)) }
}

/// The circular functions: NaN stays, infinities are errors.
fn circular(a: f64, f: fn(f64) -> f64) -> Result<f64> {
    if a.is_infinite() { Err(input_out_of_range()) } else { Ok(f(a)) }
}

// The inverse hyperbolic functions as the C library (fdlibm) computes them: Rust's own differ in the last digit.

fn asinh(x: f64) -> f64 {
    let a = x.abs();
    let magnitude = if a < 3.725_290_298_461_914e-9 || !a.is_finite() {
        a
    } else if a > 268_435_456.0 {
        a.ln() + std::f64::consts::LN_2
    } else if a > 2.0 {
        (2.0 * a + 1.0 / ((a * a + 1.0).sqrt() + a)).ln()
    } else {
        let t = a * a;
        (a + t / (1.0 + (1.0 + t).sqrt())).ln_1p()
    };
    magnitude.copysign(x)
}

fn acosh(x: f64) -> f64 {
    if x > 268_435_456.0 {
        x.ln() + std::f64::consts::LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let t = x - 1.0;
        (t + (2.0 * t + t * t).sqrt()).ln_1p()
    }
}

fn atanh(x: f64) -> f64 {
    let a = x.abs();
    let magnitude = if a < 3.725_290_298_461_914e-9 {
        a
    } else if a < 0.5 {
        let t = a + a;
        0.5 * (t + t * a / (1.0 - a)).ln_1p()
    } else {
        0.5 * ((a + a) / (1.0 - a)).ln_1p()
    };
    magnitude.copysign(x)
}

// The functions in degrees are exact at multiples of 30 and 45 (float.c, "sind_0_to_30" and its neighbours).

fn sind_0_to_30(x: f64) -> f64 {
    let sin_30 = (30.0 * RADIANS_PER_DEGREE).sin();
    ((x * RADIANS_PER_DEGREE).sin() / sin_30) / 2.0
}

fn cosd_0_to_60(x: f64) -> f64 {
    let one_minus_cos_60 = 1.0 - (60.0 * RADIANS_PER_DEGREE).cos();
    1.0 - ((1.0 - (x * RADIANS_PER_DEGREE).cos()) / one_minus_cos_60) / 2.0
}

fn sind_q1(x: f64) -> f64 {
    if x <= 30.0 { sind_0_to_30(x) } else { cosd_0_to_60(90.0 - x) }
}

fn cosd_q1(x: f64) -> f64 {
    if x <= 60.0 { cosd_0_to_60(x) } else { sind_0_to_30(90.0 - x) }
}

/// The argument in the first quadrant, and the signs that sine and cosine take there.
fn first_quadrant(x: f64) -> (f64, f64, f64) {
    let mut x = x % 360.0;
    let (mut sine, mut cosine) = (1.0, 1.0);
    if x < 0.0 {
        x = -x;
        sine = -sine;
    }
    if x > 180.0 {
        x = 360.0 - x;
        sine = -sine;
    }
    if x > 90.0 {
        x = 180.0 - x;
        cosine = -cosine;
    }
    (x, sine, cosine)
}

fn sind(x: f64) -> f64 {
    let (x, sine, _) = first_quadrant(x);
    sine * sind_q1(x)
}

fn cosd(x: f64) -> f64 {
    let (x, _, cosine) = first_quadrant(x);
    cosine * cosd_q1(x)
}

fn tand(x: f64) -> f64 {
    let (x, sine, cosine) = first_quadrant(x);
    let tan_45 = sind_q1(45.0) / cosd_q1(45.0);
    no_negative_zero(sine * cosine * ((sind_q1(x) / cosd_q1(x)) / tan_45))
}

fn cotd(x: f64) -> f64 {
    let (x, sine, cosine) = first_quadrant(x);
    let cot_45 = cosd_q1(45.0) / sind_q1(45.0);
    no_negative_zero(sine * cosine * ((cosd_q1(x) / sind_q1(x)) / cot_45))
}

fn no_negative_zero(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x }
}

fn asind_q1(x: f64) -> f64 {
    if x <= 0.5 { (x.asin() / 0.5f64.asin()) * 30.0 } else { 90.0 - (x.acos() / 0.5f64.acos()) * 60.0 }
}

fn acosd_q1(x: f64) -> f64 {
    if x <= 0.5 { 90.0 - (x.asin() / 0.5f64.asin()) * 30.0 } else { (x.acos() / 0.5f64.acos()) * 60.0 }
}

fn asind(x: f64) -> f64 {
    if x >= 0.0 { asind_q1(x) } else { -asind_q1(-x) }
}

fn acosd(x: f64) -> f64 {
    if x >= 0.0 { acosd_q1(x) } else { 90.0 + asind_q1(-x) }
}

fn width_bucket(operand: f64, low: f64, high: f64, count: i32) -> Result<i32> {
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
    if low == high {
        return refuse("lower bound cannot equal upper bound");
    }
    let (before, past) =
        if low < high { (operand < low, operand >= high) } else { (operand > low, operand <= high) };
    if before {
        return Ok(0);
    }
    if past {
        return count.checked_add(1).ok_or_else(|| super::int::out_of_range("integer"));
    }
    // In PostgreSQL 15 nothing keeps rounding and overflow within the buckets; what is no integer becomes the least one.
    let bucket = if low < high {
        f64::from(count) * (operand - low) / (high - low)
    } else {
        f64::from(count) * (low - operand) / (low - high)
    } + 1.0;
    let fits = bucket > f64::from(i32::MIN) - 1.0 && bucket < f64::from(i32::MAX) + 1.0;
    #[expect(clippy::cast_possible_truncation, reason = "within the type")]
    Ok(if fits { bucket as i32 } else { i32::MIN })
}
