//! `BigDecimal`: an integer of any size and a power of ten.

use std::fmt;
use std::str::FromStr;

/// `unscaled × 10^-scale`, as Java's `BigDecimal` has it. The scale may be negative.
/// Equality is that of the representation: 1.0 and 1.00 differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: Vec<u8>,
    scale: i32,
}

/// A [`Decimal`] that lies in the bytes of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DecimalRef<'a> {
    /// The unscaled value: two's complement, big endian, at least one byte.
    pub unscaled: &'a [u8],
    /// The number of decimal places; negative for trailing zeros before the point.
    pub scale: i32,
}

impl DecimalRef<'_> {
    /// The unscaled value, if it fits.
    pub fn unscaled_i128(&self) -> Option<i128> {
        i128_from_be(self.unscaled)
    }

    /// An owned copy.
    pub fn to_decimal(&self) -> Decimal {
        Decimal::from_be_bytes(self.unscaled, self.scale)
    }
}

impl Decimal {
    /// A decimal of an unscaled value that fits 128 bits.
    pub fn from_i128(unscaled: i128, scale: i32) -> Self {
        Self::from_be_bytes(&unscaled.to_be_bytes(), scale)
    }

    /// A decimal of an unscaled value in two's complement, big endian; no bytes mean zero.
    pub fn from_be_bytes(unscaled: &[u8], scale: i32) -> Self {
        Self { unscaled: minimal(unscaled).to_vec(), scale }
    }

    /// The unscaled value: two's complement, big endian, as few bytes as possible, at least one.
    pub fn unscaled(&self) -> &[u8] {
        &self.unscaled
    }

    /// The number of decimal places; negative for trailing zeros before the point.
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// The unscaled value, if it fits.
    pub fn unscaled_i128(&self) -> Option<i128> {
        i128_from_be(&self.unscaled)
    }

    /// A view of this decimal.
    pub fn as_ref(&self) -> DecimalRef<'_> {
        DecimalRef { unscaled: &self.unscaled, scale: self.scale }
    }
}

/// Without the leading bytes that only repeat the sign; zero is one byte.
pub(crate) fn minimal(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        let Some(second) = rest.first() else { break };
        let redundant = (*first == 0 && second & 0x80 == 0) || (*first == 0xff && second & 0x80 != 0);
        if !redundant {
            break;
        }
        bytes = rest;
    }
    if bytes.is_empty() { &[0] } else { bytes }
}

fn i128_from_be(bytes: &[u8]) -> Option<i128> {
    let bytes = minimal(bytes);
    let sign = if bytes.first().is_some_and(|b| b & 0x80 != 0) { 0xff } else { 0 };
    let mut wide = [sign; 16];
    let start = wide.len().checked_sub(bytes.len())?;
    wide.get_mut(start..)?.copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide))
}

/// The decimal digits of an unsigned big-endian integer, by repeated division by 10^9.
fn digits(magnitude: &[u8]) -> String {
    let mut words: Vec<u32> = magnitude
        .rchunks(4)
        .rev()
        .map(|chunk| chunk.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte)))
        .collect();
    let mut groups = Vec::new();
    while !words.is_empty() {
        let mut remainder = 0u64;
        for word in &mut words {
            let dividend = (remainder << 32) | u64::from(*word);
            *word = (dividend / 1_000_000_000) as u32;
            remainder = dividend % 1_000_000_000;
        }
        groups.push(remainder);
        let zeros = words.iter().take_while(|word| **word == 0).count();
        words.drain(..zeros);
    }
    let mut text: String = groups.iter().rev().map(|group| format!("{group:09}")).collect();
    let zeros = text.bytes().take_while(|b| *b == b'0').count().min(text.len().saturating_sub(1));
    text.drain(..zeros);
    text
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes.iter_mut().rev() {
        let (sum, overflow) = (!*byte).overflowing_add(u8::from(carry));
        *byte = sum;
        carry = overflow;
    }
}

impl fmt::Display for DecimalRef<'_> {
    /// Without exponent when that needs at most 1000 zeros, else as `unscaledE-scale`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let negative = self.unscaled.first().is_some_and(|byte| byte & 0x80 != 0);
        let text = if negative {
            let mut magnitude = self.unscaled.to_vec();
            negate(&mut magnitude);
            digits(&magnitude)
        } else {
            digits(self.unscaled)
        };
        let sign = if negative { "-" } else { "" };
        let length = text.len() as i64;
        let scale = i64::from(self.scale);
        if !(-1000..=length + 1000).contains(&scale) {
            return write!(f, "{sign}{text}E{}", -scale);
        }
        if scale <= 0 {
            let zeros = if text == "0" { 0 } else { -scale as usize };
            return write!(f, "{sign}{text}{}", "0".repeat(zeros));
        }
        let places = scale as usize;
        let text = format!("{text:0>width$}", width = places + 1);
        let (whole, fraction) = text.split_at(text.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// Text that is no decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number")]
pub struct ParseDecimalError;

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// `-12.345`, `1E+30`; every digit is kept, so `1.00` has scale 2.
    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| ParseDecimalError)?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.as_bytes().first() {
            Some(b'-') => (true, &mantissa[1..]),
            Some(b'+') => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(ParseDecimalError);
        }
        let places = i32::try_from(fraction.len()).map_err(|_| ParseDecimalError)?;
        let scale = places.checked_sub(exponent).ok_or(ParseDecimalError)?;
        let mut unscaled = from_digits(whole.bytes().chain(fraction.bytes()))?;
        if negative {
            negate(&mut unscaled);
        }
        Ok(Self::from_be_bytes(&unscaled, scale))
    }
}

/// The big-endian bytes of decimal digits, with a leading zero byte for the sign.
fn from_digits(text: impl Iterator<Item = u8>) -> Result<Vec<u8>, ParseDecimalError> {
    let mut words: Vec<u32> = Vec::new();
    for digit in text {
        if !digit.is_ascii_digit() {
            return Err(ParseDecimalError);
        }
        let mut carry = u64::from(digit - b'0');
        for word in &mut words {
            let product = u64::from(*word) * 10 + carry;
            *word = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            words.push(carry as u32);
        }
    }
    let mut bytes = vec![0];
    bytes.extend(words.iter().rev().flat_map(|word| word.to_be_bytes()));
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_decimals() {
        let cases = [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (12345, 2, "123.45"),
            (-1, 2, "-0.01"),
            (-1, -5, "-100000"),
            (0, -5, "0"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ];
        for (unscaled, scale, text) in cases {
            let decimal = Decimal::from_i128(unscaled, scale);
            assert_eq!(decimal.to_string(), text);
            assert_eq!(decimal.unscaled_i128(), Some(unscaled));
        }
        assert_eq!(Decimal::from_i128(7, i32::MIN).to_string(), "7E2147483648");
    }

    #[test]
    fn decimals_of_text() {
        for text in [
            "0",
            "0.00",
            "123.45",
            "-0.01",
            "99999999999999999999999999999999999999999999999999.5",
            "-1000000000",
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
        assert_eq!("1E+30".parse::<Decimal>().unwrap(), Decimal::from_i128(1, -30));
        assert_eq!(".5".parse::<Decimal>().unwrap(), Decimal::from_i128(5, 1));
        for text in ["", "-", ".", "1e", "1x", "0x1", "1.2.3", "NaN", "1E99999999999"] {
            assert_eq!(text.parse::<Decimal>(), Err(ParseDecimalError), "{text}");
        }
    }

    #[test]
    fn bytes_are_as_few_as_possible() {
        assert_eq!(Decimal::from_i128(127, 0).unscaled(), [0x7f]);
        assert_eq!(Decimal::from_i128(128, 0).unscaled(), [0, 0x80]);
        assert_eq!(Decimal::from_i128(-128, 0).unscaled(), [0x80]);
        assert_eq!(Decimal::from_be_bytes(&[], 3).unscaled(), [0]);
    }
}
