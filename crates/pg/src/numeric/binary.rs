//! The binary format: digits to base 10000 (`numeric_send`, `numeric_recv`).

use num_bigint::{BigInt, Sign};

use super::{MAX_SCALE, Numeric, checked, leading, pow10, rescale_up, with_scale_truncated};
use crate::{Error, Result, SqlState};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;

impl Numeric {
    /// Appends the binary form.
    pub fn write_binary(&self, out: &mut Vec<u8>) {
        let (sign, coefficient, scale) = match self {
            Numeric::NaN => (NAN, &BigInt::ZERO, 0),
            Numeric::Infinity => (INFINITY, &BigInt::ZERO, 0),
            Numeric::NegInfinity => (NEG_INFINITY, &BigInt::ZERO, 0),
            Numeric::Finite { coefficient, scale } => {
                (if coefficient.sign() == Sign::Minus { NEGATIVE } else { 0 }, coefficient, *scale)
            }
        };
        let start = out.len();
        out.extend_from_slice(&[0; 8]);
        let weight = leading(coefficient, scale).weight;
        push_digits(coefficient, scale, out);
        let digits = ((out.len() - start - 8) / 2) as u16;
        let header = [digits, weight as i16 as u16, sign, scale as u16];
        for (word, place) in header.iter().zip(out[start..start + 8].chunks_exact_mut(2)) {
            place.copy_from_slice(&word.to_be_bytes());
        }
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

/// The digits to base 10000, without trailing zero digits.
fn push_digits(coefficient: &BigInt, scale: u32, out: &mut Vec<u8>) {
    let padding = (4 - scale % 4) % 4;
    let first = out.len();
    match u128::try_from(coefficient.magnitude())
        .ok()
        .and_then(|small| small.checked_mul(10_u128.pow(padding)))
    {
        Some(mut small) => {
            let mut digits = [0_u16; 10];
            let mut at = digits.len();
            while small > 0 {
                at -= 1;
                digits[at] = (small % 10_000) as u16;
                small /= 10_000;
            }
            out.extend(digits[at..].iter().flat_map(|digit| digit.to_be_bytes()));
        }
        None => {
            let text = rescale_up(coefficient, padding).magnitude().to_string();
            let lead = (4 - text.len() % 4) % 4;
            let padded = format!("{:0>1$}", text, text.len() + lead);
            for group in padded.as_bytes().chunks_exact(4) {
                let digit = group.iter().fold(0_u16, |sum, d| sum * 10 + u16::from(d - b'0'));
                out.extend_from_slice(&digit.to_be_bytes());
            }
        }
    }
    while out.len() > first && out.ends_with(&[0, 0]) {
        out.truncate(out.len() - 2);
    }
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
