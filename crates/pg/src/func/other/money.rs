//! Functions of `money` (`cash.c`).

use super::Money;
use crate::func::args::Ret;
use crate::func::float::overflow;
use crate::{Error, Numeric, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "cash_eq" => |a: Money, b: Money| a.0 == b.0;
    "cash_ne" => |a: Money, b: Money| a.0 != b.0;
    "cash_lt" => |a: Money, b: Money| a.0 < b.0;
    "cash_le" => |a: Money, b: Money| a.0 <= b.0;
    "cash_gt" => |a: Money, b: Money| a.0 > b.0;
    "cash_ge" => |a: Money, b: Money| a.0 >= b.0;
    "cash_cmp" => |a: Money, b: Money| a.0.cmp(&b.0) as i32;
    "cash_pl" => |a: Money, b: Money| checked(a.0.checked_add(b.0));
    "cash_mi" => |a: Money, b: Money| checked(a.0.checked_sub(b.0));
    "cashlarger" => |a: Money, b: Money| Money(a.0.max(b.0));
    "cashsmaller" => |a: Money, b: Money| Money(a.0.min(b.0));
    "cash_div_cash" => |a: Money, b: Money| match b.0 {
        0 => Err(division_by_zero()),
        _ => Ok(a.0 as f64 / b.0 as f64),
    };
    "cash_words" => |a: Money| words(a.0);
    "cash_numeric" => |a: Money| Numeric::new(a.0.into(), 2);
    "numeric_cash" => |a: &Numeric| from_numeric(a);
    "int4_cash" => |a: i32| scaled(a.into());
    "int8_cash" => |a: i64| scaled(a);
});

fn division_by_zero() -> Error {
    Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")
}

fn from_numeric(number: &Numeric) -> Result<Money> {
    if number.is_nan() || number.is_infinite() {
        // The message is that of numeric_int8.
        return number.to_i64().map(Money);
    }
    number.mul(&Numeric::new(100.into(), 0))?.to_i64().map(Money)
}

fn scaled(value: i64) -> Result<Money> {
    value
        .checked_mul(100)
        .map(Money)
        .ok_or_else(|| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range"))
}

fn out_of_range() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "money out of range")
}

fn checked(amount: Option<i64>) -> Result<Money> {
    amount.map(Money).ok_or_else(out_of_range)
}

/// A float as an amount.
fn rounded(value: f64) -> Result<Money> {
    let value = value.round_ties_even();
    let fits = (i64::MIN as f64..-(i64::MIN as f64)).contains(&value);
    if fits { Ok(Money(value as i64)) } else { Err(out_of_range()) }
}

fn over_float(a: Money, b: f64) -> Result<Money> {
    if b == 0.0 {
        return Err(division_by_zero());
    }
    let result = a.0 as f64 / b;
    if result.is_infinite() { Err(overflow()) } else { rounded(result) }
}

/// `float8_mul` comes first, and has an error of its own.
fn times_float(a: Money, b: f64) -> Result<Money> {
    let result = a.0 as f64 * b;
    if result.is_infinite() && !b.is_infinite() { Err(overflow()) } else { rounded(result) }
}

/// Floats of four bytes are divided by as they are.
fn over_float4(a: Money, b: f32) -> Result<Money> {
    if b == 0.0 { Err(division_by_zero()) } else { rounded(f64::from((a.0 as f32) / b)) }
}

fn over_integer(a: Money, b: i64) -> Result<Money> {
    if b == 0 { Err(division_by_zero()) } else { checked(a.0.checked_div(b)) }
}

kernels!(PRODUCTS(call) {
    "cash_mul_flt8" => |a: Money, b: f64| times_float(a, b);
    "flt8_mul_cash" => |a: f64, b: Money| times_float(b, a);
    "cash_div_flt8" => |a: Money, b: f64| over_float(a, b);
    "cash_mul_flt4" => |a: Money, b: f32| rounded(f64::from((a.0 as f32) * b));
    "flt4_mul_cash" => |a: f32, b: Money| rounded(f64::from(a * (b.0 as f32)));
    "cash_div_flt4" => |a: Money, b: f32| over_float4(a, b);
    "cash_mul_int8" => |a: Money, b: i64| checked(a.0.checked_mul(b));
    "int8_mul_cash" => |a: i64, b: Money| checked(a.checked_mul(b.0));
    "cash_div_int8" => |a: Money, b: i64| over_integer(a, b);
    "cash_mul_int4" => |a: Money, b: i32| checked(a.0.checked_mul(b.into()));
    "int4_mul_cash" => |a: i32, b: Money| checked(i64::from(a).checked_mul(b.0));
    "cash_div_int4" => |a: Money, b: i32| over_integer(a, b.into());
    "cash_mul_int2" => |a: Money, b: i16| checked(a.0.checked_mul(b.into()));
    "int2_mul_cash" => |a: i16, b: Money| checked(i64::from(a).checked_mul(b.0));
    "cash_div_int2" => |a: Money, b: i16| over_integer(a, b.into());
});

/// `num_word`: a number below a thousand.
fn number_words(value: u64) -> String {
    const SMALL: [&str; 28] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
    ];
    let small = |n: u64| SMALL.get(n as usize).copied().unwrap_or("");
    let tens = |n: u64| small(18 + n / 10);
    let rest = value % 100;
    if value <= 20 {
        return small(value).into();
    }
    if rest == 0 {
        return format!("{} hundred", small(value / 100));
    }
    if value > 99 {
        let hundreds = small(value / 100);
        return if value.is_multiple_of(10) && rest > 10 {
            format!("{hundreds} hundred {}", tens(rest))
        } else if rest < 20 {
            format!("{hundreds} hundred and {}", small(rest))
        } else {
            format!("{hundreds} hundred {} {}", tens(rest), small(rest % 10))
        };
    }
    if value.is_multiple_of(10) {
        tens(value).into()
    } else if value < 20 {
        small(value).into()
    } else {
        format!("{} {}", tens(value), small(value % 10))
    }
}

/// `cash_words`
fn words(amount: i64) -> Result<Value> {
    let cents = amount.unsigned_abs();
    let parts = [
        (cents / 100_000_000_000_000_000 % 1000, " quadrillion "),
        (cents / 100_000_000_000_000 % 1000, " trillion "),
        (cents / 100_000_000_000 % 1000, " billion "),
        (cents / 100_000_000 % 1000, " million "),
        (cents / 100_000 % 1000, " thousand "),
    ];
    let mut text = String::from(if amount < 0 { "minus " } else { "" });
    for (part, name) in parts {
        if part > 0 {
            text.push_str(&number_words(part));
            text.push_str(name);
        }
    }
    let dollars = cents / 100 % 1000;
    if dollars > 0 {
        text.push_str(&number_words(dollars));
    }
    if cents / 100 == 0 {
        text.push_str("zero");
    }
    text.push_str(if cents / 100 == 1 { " dollar and " } else { " dollars and " });
    text.push_str(&number_words(cents % 100));
    text.push_str(if cents % 100 == 1 { " cent" } else { " cents" });
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase()).into_iter();
    first.chain(chars).collect::<String>().ret()
}
