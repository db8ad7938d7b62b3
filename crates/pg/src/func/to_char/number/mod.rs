//! `to_char` of numbers and `to_number` (the `NUM` half of PostgreSQL's formatting.c).

mod read;
mod template;
mod write;

use num_bigint::{BigInt, Sign};

use self::template::{Shape, Template, parse};
use self::write::{Digits, write};
use crate::func::int::out_of_range;
use crate::numeric::Numeric;
use crate::{Error, Result};

kernels!(KERNELS(call) {
    "int4_to_char" => |a: i32, template: &str| shown(template, |shape| of_int4(a, shape));
    "int8_to_char" => |a: i64, template: &str| shown(template, |shape| of_int8(a, shape));
    "float4_to_char" => |a: f32, template: &str| shown(template, |shape| of_float4(a, shape));
    "float8_to_char" => |a: f64, template: &str| shown(template, |shape| of_float8(a, shape));
    "numeric_to_char" => |a: &Numeric, template: &str| shown(template, |shape| of_numeric(a, shape));
    "numeric_to_number" => |text: &str, template: &str| read::to_number(text, template);
});

/// More digits in a template than a number can have are refused: the powers of ten would take their time.
const MAX_DIGITS: usize = 16_383;

fn shown(template: &str, digits: impl FnOnce(&mut Shape) -> Result<Digits>) -> Result<String> {
    let Template { nodes, mut shape } = parse(template)?;
    if shape.pre.max(shape.post).max(shape.multi) > MAX_DIGITS {
        return Err(Error::refused("a template of so many digits"));
    }
    let digits = digits(&mut shape)?;
    write(&Template { nodes, shape }, digits)
}

/// What is shown as it is.
fn whole(text: impl Into<String>) -> Digits {
    Digits { text: text.into().into_bytes(), ..Digits::default() }
}

/// A number as text, put before the template's point.
fn fitted(text: &str, shape: &Shape) -> Digits {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (b'-', text),
        None => (b'+', text),
    };
    let before = text.find('.').unwrap_or(text.len());
    if before > shape.pre {
        let text = format!("{}.{}", "#".repeat(shape.pre), "#".repeat(shape.post));
        return Digits { text: text.into_bytes(), spaces: 0, sign };
    }
    Digits { text: text.as_bytes().to_vec(), spaces: shape.pre - before, sign }
}

/// `int4out`, with the zeros of the template behind it.
fn fitted_integer(text: String, shape: &Shape) -> Digits {
    if shape.post == 0 {
        return fitted(&text, shape);
    }
    fitted(&format!("{text}.{}", "0".repeat(shape.post)), shape)
}

fn of_int4(value: i32, shape: &mut Shape) -> Result<Digits> {
    if shape.roman {
        return Ok(whole(roman(value.into())));
    }
    if shape.exponent {
        return Ok(scientific(value.into(), shape));
    }
    let mut value = value;
    if shape.multiply {
        let power = u32::try_from(shape.multi).ok().and_then(|digits| 10_i32.checked_pow(digits));
        let product = power.and_then(|power| value.checked_mul(power));
        value = product.ok_or_else(|| out_of_range("integer"))?;
        shape.pre += shape.multi;
    }
    Ok(fitted_integer(value.to_string(), shape))
}

fn of_int8(value: i64, shape: &mut Shape) -> Result<Digits> {
    if shape.roman {
        let value = i32::try_from(value).map_err(|_| out_of_range("integer"))?;
        return Ok(whole(roman(value.into())));
    }
    if shape.exponent {
        return Ok(scientific_numeric(&Numeric::from(value), shape));
    }
    let mut value = value;
    if shape.multiply {
        let power = u32::try_from(shape.multi).ok().and_then(|digits| 10_i64.checked_pow(digits));
        let product = power.and_then(|power| value.checked_mul(power));
        value = product.ok_or_else(|| out_of_range("bigint"))?;
        shape.pre += shape.multi;
    }
    Ok(fitted_integer(value.to_string(), shape))
}

fn of_float4(value: f32, shape: &mut Shape) -> Result<Digits> {
    let product = if shape.multiply { value * power_of_ten(shape.multi) as f32 } else { value };
    Ok(of_float(value.into(), product.into(), 6, shape))
}

fn of_float8(value: f64, shape: &mut Shape) -> Result<Digits> {
    let product = if shape.multiply { value * power_of_ten(shape.multi) } else { value };
    Ok(of_float(value, product, 15, shape))
}

fn power_of_ten(digits: usize) -> f64 {
    10_f64.powf(digits as f64)
}

/// A float, of which so many digits are shown.
fn of_float(value: f64, product: f64, digits: usize, shape: &mut Shape) -> Digits {
    if shape.roman {
        return whole(roman(value.round_ties_even()));
    }
    if shape.exponent {
        return scientific(value, shape);
    }
    shape.pre += shape.multi;
    let before = fixed(product.abs(), 0).len();
    shape.post = shape.post.min(digits.saturating_sub(before));
    fitted(&fixed(product, shape.post), shape)
}

/// C's `%.*f`.
fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        format!("{value:.decimals$}")
    }
}

/// As many `#` as a number in scientific notation would have.
fn no_number(shape: &Shape) -> Digits {
    whole(format!(" {}.{}", "#".repeat(shape.pre), "#".repeat(shape.post + 4)))
}

/// More digits than these are zeros in PostgreSQL's own `printf`.
const MAX_PRECISION: usize = 350;

/// C's `%+.*e`, with a space for the plus.
fn scientific(value: f64, shape: &Shape) -> Digits {
    if !value.is_finite() {
        return no_number(shape);
    }
    let text = format!("{value:.*e}", shape.post.min(MAX_PRECISION));
    let zeros = "0".repeat(shape.post.saturating_sub(MAX_PRECISION));
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let space = if digits.starts_with('-') { "" } else { " " };
    whole(format!("{space}{digits}{zeros}e{exponent:+03}"))
}

fn of_numeric(value: &Numeric, shape: &mut Shape) -> Result<Digits> {
    if shape.roman {
        return Ok(whole(roman(value.round(0)?.to_i32()?.into())));
    }
    if shape.exponent {
        return Ok(scientific_numeric(value, shape));
    }
    let mut value = value.clone();
    if shape.multiply {
        let multi = i32::try_from(shape.multi).unwrap_or(i32::MAX);
        value = value.mul(&Numeric::from(10).power(&Numeric::from(multi))?)?;
        shape.pre += shape.multi;
    }
    let rounded = value.round(i32::try_from(shape.post).unwrap_or(i32::MAX))?;
    Ok(fitted(&rounded.to_string(), shape))
}

/// `numeric_out_sci`: the exponent is that of the value before it is rounded.
fn scientific_numeric(value: &Numeric, shape: &Shape) -> Digits {
    let Some((coefficient, scale)) = value.finite() else { return no_number(shape) };
    let digits = if value.is_zero() { 0 } else { coefficient.magnitude().to_string().len() as i64 };
    let exponent = if value.is_zero() { 0 } else { digits - i64::from(scale) - 1 };
    // The digits that go: what the significand has behind the point beyond those of the template.
    let dropped = i64::from(scale) + exponent - shape.post as i64;
    let power = |n: i64| BigInt::from(10).pow(u32::try_from(n).unwrap_or(u32::MAX));
    let scaled = if dropped > 0 {
        let unit = power(dropped);
        let half = BigInt::from(coefficient.magnitude().clone()) * 2 + &unit;
        half / (unit * 2)
    } else {
        BigInt::from(coefficient.magnitude().clone()) * power(-dropped)
    };
    let significand = Numeric::new(scaled, u32::try_from(shape.post).unwrap_or(u32::MAX));
    let sign = if coefficient.sign() == Sign::Minus { '-' } else { ' ' };
    whole(format!("{sign}{significand}e{exponent:+03}"))
}

/// `int_to_roman`
fn roman(number: f64) -> String {
    const LETTERS: [(u16, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1.0..=3999.0).contains(&number) {
        return "#".repeat(15);
    }
    let mut rest = number as u16;
    let mut text = String::new();
    for (value, letters) in LETTERS {
        while rest >= value {
            text.push_str(letters);
            rest -= value;
        }
    }
    text
}
