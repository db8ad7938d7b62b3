//! Text to `numeric` (`numeric_in`, `set_var_from_str`).

use num_bigint::BigInt;

use super::{MAX_INTEGER_DIGITS, MAX_SCALE, Numeric, checked, overflow, rescale_up};
use crate::{Error, Result, SqlState};

fn syntax_error(text: &str) -> Error {
    Error::new(
        SqlState::INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type numeric: \"{text}\""),
    )
}

impl Numeric {
    /// `numeric_in` without a type modifier.
    pub fn parse(text: &str) -> Result<Numeric> {
        let trimmed = trim(text);
        let bytes = trimmed.as_bytes();
        let (negative, body) = match bytes.split_first() {
            Some((b'-', rest)) => (true, rest),
            Some((b'+', rest)) => (false, rest),
            _ => (false, bytes),
        };
        if !body.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.') {
            return special(trimmed).ok_or_else(|| syntax_error(text));
        }
        finite(negative, body).unwrap_or_else(|| Err(syntax_error(text)))
    }
}

/// White space as C's `isspace` has it.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r'))
}

fn special(text: &str) -> Option<Numeric> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "nan" => Some(Numeric::NaN),
        "infinity" | "+infinity" | "inf" | "+inf" => Some(Numeric::Infinity),
        "-infinity" | "-inf" => Some(Numeric::NegInfinity),
        _ => None,
    }
}

/// Digits with an optional point and exponent; `None` for a syntax error.
fn finite(negative: bool, body: &[u8]) -> Option<Result<Numeric>> {
    let mut digits = Vec::with_capacity(body.len());
    let mut scale: i64 = 0;
    let mut point = false;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        match byte {
            b'0'..=b'9' => {
                digits.push(byte);
                scale += i64::from(point);
            }
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    if digits.is_empty() {
        return None;
    }
    let exponent = match body.get(at) {
        None => Some(0),
        Some(b'e' | b'E') => exponent(body.get(at + 1..)?)?,
        Some(_) => return None,
    };
    Some(match exponent {
        Some(exponent) => assemble(negative, &digits, scale, exponent),
        None => Err(overflow()),
    })
}

/// The exponent: `None` for a syntax error, `Some(None)` for one beyond half of an int, which overflows whatever the
/// digits are.
fn exponent(text: &[u8]) -> Option<Option<i64>> {
    let digits = match text.split_first() {
        Some((b'+' | b'-', rest)) => rest,
        _ => text,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
    Some(value.filter(|value| value.abs() < i64::from(i32::MAX / 2)))
}

fn assemble(negative: bool, digits: &[u8], scale: i64, exponent: i64) -> Result<Numeric> {
    let scale = scale - exponent;
    let display = scale.max(0);
    let significant = digits.iter().position(|d| *d != b'0').map_or(0, |first| digits.len() - first);
    if display > i64::from(MAX_SCALE) || (significant as i64 - scale > MAX_INTEGER_DIGITS && significant > 0)
    {
        return Err(overflow());
    }
    let digits = &digits[digits.len() - significant..];
    let value = if digits.len() <= 38 {
        let magnitude = digits.iter().fold(0_i128, |sum, d| sum * 10 + i128::from(d - b'0'));
        BigInt::from(if negative { -magnitude } else { magnitude })
    } else {
        let value = BigInt::parse_bytes(digits, 10).unwrap_or_default();
        if negative { -value } else { value }
    };
    let missing = u32::try_from(display - scale).unwrap_or(0);
    let missing = if significant == 0 { 0 } else { missing };
    checked(rescale_up(&value, missing), u32::try_from(display).unwrap_or(0))
}
