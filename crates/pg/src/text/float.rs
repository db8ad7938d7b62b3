//! `float4` and `float8`: text in both directions (`float8in_internal`, `float8out_internal`).

use std::fmt::Write as _;

use bytes::BufMut;

use crate::{Error, Result, SqlState};

/// White space as C's `isspace` has it.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// `float8in`
pub fn parse_float8(text: &str) -> Result<f64> {
    parse(text, "double precision", |digits| digits.parse::<f64>().ok(), f64::is_infinite, |v| *v == 0.0)
}

/// `float4in`
pub fn parse_float4(text: &str) -> Result<f32> {
    parse(text, "real", |digits| digits.parse::<f32>().ok(), f32::is_infinite, |v| *v == 0.0)
}

fn parse<T: Copy + FromF32>(
    text: &str,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
    infinite: impl Fn(T) -> bool,
    zero: impl Fn(&T) -> bool,
) -> Result<T> {
    let trimmed = text.trim_matches(is_space);
    if let Some(special) = special(trimmed) {
        return Ok(T::from_f32(special));
    }
    let wrong = || {
        Error::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type {name}: \"{text}\""),
        )
    };
    if !is_decimal(trimmed.as_bytes()) {
        return hexadecimal(trimmed).map(T::from_f64).ok_or_else(wrong);
    }
    let value = read(trimmed).ok_or_else(wrong)?;
    let mantissa = trimmed.split(['e', 'E']).next().unwrap_or_default();
    let underflow = zero(&value) && mantissa.bytes().any(|b| matches!(b, b'1'..=b'9'));
    if infinite(value) || underflow {
        let message = format!("\"{trimmed}\" is out of range for type {name}");
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message));
    }
    Ok(value)
}

trait FromF32 {
    fn from_f32(value: f32) -> Self;
    fn from_f64(value: f64) -> Self;
}

impl FromF32 for f32 {
    fn from_f32(value: f32) -> f32 {
        value
    }
    fn from_f64(value: f64) -> f32 {
        value as f32
    }
}

impl FromF32 for f64 {
    fn from_f32(value: f32) -> f64 {
        value.into()
    }
    fn from_f64(value: f64) -> f64 {
        value
    }
}

fn special(text: &str) -> Option<f32> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        // C's strtod takes a sign before NaN.
        "nan" | "+nan" => Some(f32::NAN),
        "-nan" => Some(-f32::NAN),
        "infinity" | "+infinity" | "inf" | "+inf" => Some(f32::INFINITY),
        "-infinity" | "-inf" => Some(f32::NEG_INFINITY),
        _ => None,
    }
}

/// What both C's `strtod` and PostgreSQL take for a decimal number.
fn is_decimal(text: &[u8]) -> bool {
    let digits = |from: usize| text.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if text.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        return false;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return false;
        }
        at += 1 + sign + exponent;
    }
    at == text.len()
}

/// `0x1.8p3`: C's `strtod` takes it, so PostgreSQL does.
fn hexadecimal(text: &str) -> Option<f64> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let body = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X"))?;
    let (mantissa, exponent) = match body.split_once(['p', 'P']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (body, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 13 {
        return None;
    }
    let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let value = digits as f64 * 2_f64.powi(exponent - 4 * fraction.len() as i32);
    Some(if negative { -value } else { value })
}

/// `float8out`
pub fn write_float8(value: f64, extra_float_digits: i32, out: &mut impl BufMut) {
    if write_special(value, out) {
        return;
    }
    if extra_float_digits > 0 {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        match off_midpoint(text, value) {
            Some(text) => shortest(&text, 15, out),
            None => shortest(text, 15, out),
        }
    } else {
        // %.*g with DBL_DIG + extra_float_digits
        let digits = (15 + extra_float_digits).max(1) as usize;
        general(value, digits, out);
    }
}

/// `float4out`
pub fn write_float4(value: f32, extra_float_digits: i32, out: &mut impl BufMut) {
    if write_special(value.into(), out) {
        return;
    }
    if extra_float_digits > 0 {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        match off_midpoint(text, value) {
            Some(text) => shortest(&text, 6, out),
            None => shortest(text, 6, out),
        }
    } else {
        let digits = (6 + extra_float_digits).max(1) as usize;
        general(value.into(), digits, out);
    }
}

fn write_special(value: f64, out: &mut impl BufMut) -> bool {
    let text: &[u8] = if value.is_nan() {
        b"NaN"
    } else if value.is_infinite() {
        if value > 0.0 { b"Infinity" } else { b"-Infinity" }
    } else if value == 0.0 {
        if value.is_sign_negative() { b"-0" } else { b"0" }
    } else {
        return false;
    };
    out.put_slice(text);
    true
}

/// What the two float types need for [`off_midpoint`].
trait Binary: Copy + PartialEq + std::str::FromStr + std::fmt::LowerExp {
    /// The most digits that a shortest representation has.
    const DIGITS: usize;
    /// The bits of the mantissa, the leading one included.
    const PRECISION: u32;
    /// Mantissa and binary exponent of a finite value's magnitude.
    fn parts(self) -> (u64, i32);
}

impl Binary for f64 {
    const DIGITS: usize = 17;
    const PRECISION: u32 = 53;
    fn parts(self) -> (u64, i32) {
        let bits = self.to_bits();
        let (exponent, mantissa) = ((bits >> 52 & 0x7FF) as i32, bits & ((1 << 52) - 1));
        if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) }
    }
}

impl Binary for f32 {
    const DIGITS: usize = 9;
    const PRECISION: u32 = 24;
    fn parts(self) -> (u64, i32) {
        let bits = self.to_bits();
        let (exponent, mantissa) = ((bits >> 23 & 0xFF) as i32, u64::from(bits & ((1 << 23) - 1)));
        if exponent == 0 { (mantissa, -149) } else { (mantissa | 1 << 23, exponent - 150) }
    }
}

/// PostgreSQL does not accept a shortest representation that lies exactly between two floats, although it reads
/// back right (`acceptBounds` in its `d2s.c`): 1e23 is shown as 9.999999999999999e+22. Gives the longer text where
/// that is so. Only whole numbers beyond the precision can lie there.
fn off_midpoint<F: Binary>(text: &str, value: F) -> Option<String> {
    let (mantissa, exponent) = value.parts();
    if exponent < 1 || !is_midpoint(text, mantissa, exponent, F::PRECISION) {
        return None;
    }
    (1..F::DIGITS).map(|decimals| format!("{value:.decimals$e}")).find(|longer| {
        longer.parse::<F>().is_ok_and(|read| read == value)
            && !is_midpoint(longer, mantissa, exponent, F::PRECISION)
    })
}

/// Whether a decimal text is a midpoint between `mantissa * 2^exponent` and a neighbour.
fn is_midpoint(text: &str, mantissa: u64, exponent: i32, precision: u32) -> bool {
    let (digits, mut power) = match text.split_once('e') {
        Some((digits, power)) => (digits, power.parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let digits = digits.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    power -= fraction.len() as i32;
    let Ok(mut decimal) = format!("{whole}{fraction}").parse::<u128>() else { return false };
    // decimal * 10^power as an odd number times a power of two
    let Some(fives) = u32::try_from(power).ok().and_then(|power| 5_u128.checked_pow(power)) else {
        return false;
    };
    let twos = decimal.trailing_zeros() as i32 + power;
    decimal >>= decimal.trailing_zeros();
    let Some(odd) = decimal.checked_mul(fives) else { return false };
    let mantissa = u128::from(mantissa);
    // Below a power of two the floats lie twice as close.
    let below = if mantissa == 1 << (precision - 1) {
        twos == exponent - 2 && odd == mantissa * 4 - 1
    } else {
        twos == exponent - 1 && odd == mantissa * 2 - 1
    };
    below || (twos == exponent - 1 && odd == mantissa * 2 + 1)
}

/// Rewrites a shortest representation (`1.5`, `1e300`, `0.001`) as PostgreSQL shows it: fixed when the decimal
/// exponent is at least -4 and less than `limit` (`double_to_shortest_decimal_buf`).
fn shortest(text: &str, limit: i32, out: &mut impl BufMut) {
    let bytes = text.as_bytes();
    let (bytes, negative) = match bytes.split_first() {
        Some((b'-', rest)) => (rest, true),
        _ => (bytes, false),
    };
    if negative {
        out.put_u8(b'-');
    }
    let mut digits = [0_u8; 32];
    let mut count = 0;
    let mut point: Option<i32> = None;
    let mut exponent = 0_i32;
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'.' => point = Some(count as i32),
            b'e' | b'E' => {
                exponent =
                    std::str::from_utf8(rest.as_slice()).ok().and_then(|e| e.parse().ok()).unwrap_or(0);
                break;
            }
            _ => {
                if let Some(place) = digits.get_mut(count) {
                    *place = byte;
                    count += 1;
                }
            }
        }
    }
    // value = 0.d1d2d3… * 10^magnitude
    let mut magnitude = point.unwrap_or(count as i32) + exponent;
    let mut digits = digits.get(..count).unwrap_or_default();
    while let Some((b'0', rest)) = digits.split_first() {
        digits = rest;
        magnitude -= 1;
    }
    while let Some((b'0', rest)) = digits.split_last() {
        digits = rest;
    }
    write_decimal(digits, magnitude - 1, limit, out);
}

/// Digits d1.d2d3… with a decimal exponent, in fixed or scientific form.
fn write_decimal(digits: &[u8], exponent: i32, limit: i32, out: &mut impl BufMut) {
    if (-4..limit).contains(&exponent) {
        let whole = exponent + 1;
        if whole <= 0 {
            out.put_slice(b"0.");
            out.put_bytes(b'0', whole.unsigned_abs() as usize);
            out.put_slice(digits);
        } else {
            let whole = whole as usize;
            match digits.split_at_checked(whole) {
                Some((head, tail)) => {
                    out.put_slice(head);
                    if !tail.is_empty() {
                        out.put_u8(b'.');
                        out.put_slice(tail);
                    }
                }
                None => {
                    out.put_slice(digits);
                    out.put_bytes(b'0', whole - digits.len());
                }
            }
        }
        return;
    }
    let (first, tail) = digits.split_at_checked(1).unwrap_or((digits, &[]));
    out.put_slice(first);
    if !tail.is_empty() {
        out.put_u8(b'.');
        out.put_slice(tail);
    }
    out.put_u8(b'e');
    out.put_u8(if exponent < 0 { b'-' } else { b'+' });
    let magnitude = exponent.unsigned_abs();
    if magnitude < 10 {
        out.put_u8(b'0');
    }
    out.put_slice(itoa::Buffer::new().format(magnitude).as_bytes());
}

/// C's `%.{digits}g`.
fn general(value: f64, digits: usize, out: &mut impl BufMut) {
    let mut text = String::new();
    // Writing to a String cannot fail.
    write!(text, "{:.1$e}", value.abs(), digits - 1).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let plain: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let end = plain.iter().rposition(|d| *d != b'0').map_or(1, |at| at + 1);
    if value < 0.0 {
        out.put_u8(b'-');
    }
    let exponent = exponent.parse().unwrap_or(0);
    write_decimal(plain.get(..end).unwrap_or_default(), exponent, digits as i32, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64) -> String {
        let mut out = Vec::new();
        write_float8(value, 1, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn output() {
        for (value, text) in [
            (1e20, "1e+20"),
            (1.5, "1.5"),
            (-0.0, "-0"),
            (123456789012345.0, "123456789012345"),
            (1234567890123456.0, "1.234567890123456e+15"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-300, "1e-300"),
            (100.0, "100"),
            (1e23, "9.999999999999999e+22"),
            (9007199254740993.0, "9.007199254740992e+15"),
        ] {
            assert_eq!(shown(value), text);
        }
    }
}
