//! Whole numbers from text (`pg_strtoint16`, `pg_strtoint32`, `pg_strtoint64`, `oidin`).

use super::{invalid_syntax, is_space};
use crate::{Error, Oid, Result, SqlState};

fn out_of_range(type_name: &str, text: &str) -> Error {
    Error::new(
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("value \"{text}\" is out of range for type {type_name}"),
    )
}

/// A sign and digits, with white space around.
fn parse<T: TryFrom<i64>>(text: &str, type_name: &str) -> Result<T> {
    let trimmed = text.trim_matches(is_space);
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that are too large come first in the text, and so does their error.
        return Err(match leading_overflow::<T>(trimmed, digits) {
            true => out_of_range(type_name, text),
            false => invalid_syntax(type_name, text),
        });
    }
    let value = trimmed.parse::<i64>().ok().and_then(|value| T::try_from(value).ok());
    value.ok_or_else(|| out_of_range(type_name, text))
}

/// Whether PostgreSQL, which reads from the left, overflows before it meets what is no digit.
fn leading_overflow<T: TryFrom<i64>>(trimmed: &str, digits: &str) -> bool {
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let sign = trimmed.len() - digits.len();
    match trimmed.get(..sign + count) {
        Some(number) if count > 0 => number.parse::<i64>().ok().and_then(|v| T::try_from(v).ok()).is_none(),
        _ => false,
    }
}

/// `int2in`
pub fn parse_int2(text: &str) -> Result<i16> {
    parse(text, "smallint")
}

/// `int4in`
pub fn parse_int4(text: &str) -> Result<i32> {
    parse(text, "integer")
}

/// `int8in`
pub fn parse_int8(text: &str) -> Result<i64> {
    parse(text, "bigint")
}

/// `oidin`: a negative number wraps around.
pub fn parse_oid(text: &str) -> Result<Oid> {
    let trimmed = text.trim_matches(is_space);
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid_syntax("oid", text));
    }
    let value = trimmed.parse::<i64>().ok();
    let value = value.filter(|v| (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(v));
    value.map(|v| Oid(v as u32)).ok_or_else(|| out_of_range("oid", text))
}

/// `xidin`: C's `strtoul`, whatever it makes of the text.
pub(super) fn parse_xid(text: &str) -> Oid {
    let trimmed = text.trim_start_matches(is_space);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => (16, hexadecimal),
        None if digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let value = match digits.get(..end).unwrap_or_default() {
        "" => 0,
        number => u64::from_str_radix(number, radix).unwrap_or(u64::MAX),
    };
    Oid(if negative { value.wrapping_neg() as u32 } else { value as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors() {
        assert_eq!(parse_int4(" -12 ").unwrap(), -12);
        assert_eq!(parse_int4("x").unwrap_err().message(), "invalid input syntax for type integer: \"x\"");
        let error = parse_int4("2147483648").unwrap_err();
        assert_eq!(error.message(), "value \"2147483648\" is out of range for type integer");
        assert_eq!(parse_oid("-1").unwrap(), Oid(u32::MAX));
    }
}
