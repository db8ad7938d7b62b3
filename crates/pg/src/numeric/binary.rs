//! The binary format: digits to base 10000 (`numeric_send`, `numeric_recv`).

use bytes::BufMut;
use num_bigint::{BigInt, Sign};

use super::{MAX_SCALE, Numeric, checked, pow10, rescale_up, with_scale_truncated};
use crate::{Error, Result, SqlState};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;
/// What PostgreSQL sends for the scale of an infinity; it means nothing.
const INFINITE_SCALE: u16 = 0x20;

impl Numeric {
    /// Appends the binary form.
    pub fn write_binary(&self, out: &mut impl BufMut) {
        let (sign, coefficient, scale) = match self {
            Numeric::NaN => return put_header(0, 0, NAN, 0, out),
            Numeric::Infinity => return put_header(0, 0, INFINITY, INFINITE_SCALE, out),
            Numeric::NegInfinity => return put_header(0, 0, NEG_INFINITY, INFINITE_SCALE, out),
            Numeric::Finite { coefficient, scale } => {
                (if coefficient.sign() == Sign::Minus { NEGATIVE } else { 0 }, coefficient, *scale)
            }
        };
        let padding = (4 - scale % 4) % 4;
        let fraction_digits = i64::from((scale + padding) / 4);
        let small = u128::try_from(coefficient.magnitude()).ok();
        let mut buffer = [0_u16; 10];
        let long;
        let digits = match small.and_then(|small| small.checked_mul(10_u128.pow(padding))) {
            Some(small) => small_digits(small, &mut buffer),
            None => {
                long = long_digits(coefficient, padding);
                long.as_slice()
            }
        };
        let weight = if digits.is_empty() { 0 } else { digits.len() as i64 - fraction_digits - 1 };
        let end = digits.iter().rposition(|digit| *digit != 0).map_or(0, |at| at + 1);
        let digits = digits.get(..end).unwrap_or_default();
        put_header(digits.len() as u16, weight as i16, sign, scale as u16, out);
        digits.iter().for_each(|digit| out.put_u16(*digit));
    }

    /// How many bytes it is stored in, with its length (`numeric.c`: a short header where scale and weight fit).
    pub(crate) fn stored_size(&self) -> usize {
        let mut binary = Vec::new();
        self.write_binary(&mut binary);
        let word = |at: usize| match binary.get(at..at + 2) {
            Some(&[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0,
        };
        let (digits, weight, scale) = (usize::from(word(0)), word(2) as i16, word(6));
        let header = if scale <= 63 && (-64..=63).contains(&weight) { 2 } else { 4 };
        4 + header + 2 * digits
    }

    /// Reads the binary form.
    pub fn read_binary(bytes: &[u8]) -> Result<Numeric> {
        let mut words = bytes.chunks_exact(2).map(|w| u16::from_be_bytes([w[0], w[1]]));
        let mut next = || words.next().ok_or_else(|| invalid("length"));
        let (count, weight, sign, scale) = (next()?, next()? as i16, next()?, next()?);
        if !matches!(sign, 0 | NEGATIVE | NAN | INFINITY | NEG_INFINITY) {
            return Err(invalid("sign"));
        }
        if u32::from(scale) > MAX_SCALE {
            return Err(invalid("scale"));
        }
        let mut value = BigInt::ZERO;
        let mut small: u128 = 0;
        for at in 0..count {
            let digit = next()?;
            if digit >= 10_000 {
                return Err(invalid("digit"));
            }
            // Nine digits to base 10000 fit in 128 bits.
            small = small * 10_000 + u128::from(digit);
            if at % 9 == 8 {
                value = value * pow10(36) + small;
                small = 0;
            }
        }
        value = value * pow10(u32::from(count % 9) * 4) + small;
        if bytes.len() != 8 + usize::from(count) * 2 {
            return Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"));
        }
        match sign {
            NAN => return Ok(Numeric::NaN),
            INFINITY => return Ok(Numeric::Infinity),
            NEG_INFINITY => return Ok(Numeric::NegInfinity),
            NEGATIVE => value = -value,
            _ => {}
        }
        // The last digit stands for 10000^(weight - count + 1).
        let exponent = (i64::from(weight) - i64::from(count) + 1) * 4;
        let value = match u32::try_from(exponent) {
            Ok(exponent) => rescale_up(&value, exponent + u32::from(scale)),
            Err(_) => with_scale_truncated(&value, exponent.unsigned_abs() as u32, scale.into()),
        };
        checked(value, scale.into())
    }
}

fn put_header(digits: u16, weight: i16, sign: u16, scale: u16, out: &mut impl BufMut) {
    out.put_u16(digits);
    out.put_i16(weight);
    out.put_u16(sign);
    out.put_u16(scale);
}

/// The digits to base 10000, first digit not zero.
fn small_digits(mut value: u128, buffer: &mut [u16; 10]) -> &[u16] {
    let mut at = buffer.len();
    for place in buffer.iter_mut().rev() {
        if value == 0 {
            break;
        }
        *place = (value % 10_000) as u16;
        value /= 10_000;
        at -= 1;
    }
    buffer.get(at..).unwrap_or_default()
}

fn long_digits(coefficient: &BigInt, padding: u32) -> Vec<u16> {
    let text = rescale_up(coefficient, padding).magnitude().to_string();
    let lead = (4 - text.len() % 4) % 4;
    // Not by a format's width, which is limited.
    let padded = "000".get(..lead).unwrap_or_default().to_string() + &text;
    let groups = padded.as_bytes().chunks_exact(4);
    groups.map(|group| group.iter().fold(0, |sum, d| sum * 10 + u16::from(d - b'0'))).collect()
}

fn invalid(what: &str) -> Error {
    let message = match what {
        "length" => "insufficient data left in message".to_string(),
        _ => format!("invalid {what} in external \"numeric\" value"),
    };
    let code =
        if what == "length" { SqlState::PROTOCOL_VIOLATION } else { SqlState::INVALID_BINARY_REPRESENTATION };
    Error::new(code, message)
}
