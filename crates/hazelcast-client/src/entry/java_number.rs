//! Numbers out of text and of each other, as Java and Hazelcast's converters make them.

use super::refusal::Refusal;
use crate::data::decimal::{Decimal, DecimalRef, minimal};
use crate::sql::column::SqlColumnType;

/// Significant digits of a DECIMAL (`QueryDataType.MAX_DECIMAL_PRECISION`).
const PRECISION: usize = 76;

/// A text that is no number of this type. Digits beyond ASCII are digits to Java: the cluster may read it.
pub(super) fn unreadable(text: &str, target: SqlColumnType) -> Refusal {
    if text.is_ascii() {
        Refusal::Parse(target)
    } else {
        Refusal::NeedsSql("a text that only Java can read as a number")
    }
}

/// `Long.parseLong` and its like: a sign and digits, nothing else.
pub(super) fn integer<T: std::str::FromStr>(text: &str, target: SqlColumnType) -> Result<T, Refusal> {
    text.parse().map_err(|_| unreadable(text, target))
}

/// `Double.parseDouble` and `Float.parseFloat`: blanks around, a suffix `d` or `f`, `NaN`, `Infinity`.
pub(super) fn float<T: std::str::FromStr>(text: &str, target: SqlColumnType) -> Result<T, Refusal> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let wrong = || unreadable(text, target);
    if matches!(unsigned, "NaN" | "Infinity") {
        return trimmed.parse().map_err(|_| wrong());
    }
    if unsigned.starts_with("0x") || unsigned.starts_with("0X") {
        return Err(Refusal::NeedsSql("a hexadecimal floating-point number"));
    }
    // Rust takes `inf` and more, so the rest must begin as a number; what follows is the same to both.
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(wrong());
    }
    let number = trimmed.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(trimmed);
    number.parse().map_err(|_| wrong())
}

/// A decimal in as few bytes as there must be, without an allocation while it fits 128 bits.
#[derive(Debug, Clone)]
pub(super) enum Digits {
    Small([u8; 16], i32),
    Large(Decimal),
}

impl Digits {
    pub(super) fn small(unscaled: i128, scale: i32) -> Self {
        Self::Small(unscaled.to_be_bytes(), scale)
    }

    pub(super) fn as_ref(&self) -> DecimalRef<'_> {
        match self {
            Self::Small(bytes, scale) => DecimalRef { unscaled: minimal(bytes), scale: *scale },
            Self::Large(decimal) => decimal.as_ref(),
        }
    }
}

/// `new BigDecimal(text, DECIMAL_MATH_CONTEXT)`.
pub(super) fn decimal(text: &str) -> Result<Digits, Refusal> {
    parse_decimal(text).ok_or_else(|| unreadable(text, SqlColumnType::Decimal))
}

fn parse_decimal(text: &str) -> Option<Digits> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let scale = i32::try_from(i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?).ok()?;
    let mut unscaled = 0i128;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        match unscaled.checked_mul(10).and_then(|n| n.checked_add(i128::from(byte - b'0'))) {
            Some(next) => unscaled = next,
            None => return long_decimal(negative, whole, fraction, scale),
        }
    }
    Some(Digits::small(if negative { -unscaled } else { unscaled }, scale))
}

/// The part after `e`: an `int`, of any number of leading zeros.
fn parse_exponent(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let exponent = if digits.is_empty() { 0 } else { digits.parse::<i64>().ok()? };
    let exponent = if negative { -exponent } else { exponent };
    i32::try_from(exponent).is_ok().then_some(exponent)
}

fn long_decimal(negative: bool, whole: &str, fraction: &str, scale: i32) -> Option<Digits> {
    let digits = [whole, fraction].concat();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    rounded(negative, digits.trim_start_matches('0').to_owned(), i64::from(scale))
}

/// To 76 significant digits, half up.
fn rounded(negative: bool, mut digits: String, mut scale: i64) -> Option<Digits> {
    if digits.len() > PRECISION {
        scale -= i64::try_from(digits.len() - PRECISION).ok()?;
        let up = digits.as_bytes().get(PRECISION).is_some_and(|digit| *digit >= b'5');
        digits.truncate(PRECISION);
        if up {
            let nines = digits.bytes().rev().take_while(|digit| *digit == b'9').count();
            digits.truncate(PRECISION - nines);
            match digits.pop() {
                Some(digit) => {
                    digits.push(char::from(digit as u8 + 1));
                    digits.extend(std::iter::repeat_n('0', nines));
                }
                // 99…9 is 10…0 then, one digit longer, of which the last is dropped.
                None => {
                    digits.push('1');
                    digits.extend(std::iter::repeat_n('0', PRECISION - 1));
                    scale -= 1;
                }
            }
        }
    }
    let scale = i32::try_from(scale).ok()?;
    let text = format!("{}{digits}", if negative { "-" } else { "" });
    let unscaled: Decimal = text.parse().ok()?;
    Some(Digits::Large(Decimal::from_be_bytes(unscaled.unscaled(), scale)))
}

/// `new BigDecimal(double, DECIMAL_MATH_CONTEXT)`: the exact value of a finite number, rounded to 76 digits.
pub(super) fn exact(value: f64) -> Option<Digits> {
    let bits = value.to_bits();
    let negative = value.is_sign_negative();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let significand = if biased == 0 { fraction << 1 } else { fraction | 1 << 52 };
    if significand == 0 {
        return Some(Digits::small(0, 0));
    }
    let zeros = significand.trailing_zeros();
    let significand = significand >> zeros;
    let exponent = biased - 1075 + zeros as i32;
    let signed = |value: i128| if negative { -value } else { value };
    match exponent {
        0..=70 => Some(Digits::small(signed(i128::from(significand) << exponent), 0)),
        -31..0 => {
            let five = 5i128.pow(exponent.unsigned_abs());
            Some(Digits::small(signed(i128::from(significand) * five), -exponent))
        }
        71.. => rounded(negative, multiplied(significand, 2, exponent.unsigned_abs()), 0),
        _ => {
            let digits = multiplied(significand, 5, exponent.unsigned_abs());
            rounded(negative, digits, i64::from(-exponent))
        }
    }
}

/// The digits of `number × base ^ power`.
fn multiplied(number: u64, base: u64, power: u32) -> String {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs = vec![number % LIMB, number / LIMB % LIMB, number / LIMB / LIMB];
    // So many at once that a limb's product fits 64 bits.
    let step = if base == 2 { 29 } else { 12 };
    let mut left = power;
    while left > 0 {
        let times = left.min(step);
        let factor = base.pow(times);
        let mut carry = 0;
        for limb in &mut limbs {
            let product = *limb * factor + carry;
            *limb = product % LIMB;
            carry = product / LIMB;
        }
        while carry > 0 {
            limbs.push(carry % LIMB);
            carry /= LIMB;
        }
        left -= times;
    }
    let digits: String = limbs.iter().rev().map(|limb| format!("{limb:09}")).collect();
    digits.trim_start_matches('0').to_owned()
}

/// `DoubleConverter.asBigint`.
pub(super) fn to_i64(value: f64) -> Option<i64> {
    let truncated = value.trunc();
    let converted = truncated as i64;
    (converted as f64 == truncated).then_some(converted)
}

/// `DoubleConverter.asInt`: both casts saturate.
pub(super) fn to_i32(value: f64) -> Option<i32> {
    (i64::from(value as i32) == value as i64).then_some(value as i32)
}

/// `DoubleConverter.asSmallint` and `asTinyint`: by way of an `int`, which saturates.
pub(super) fn to_i16(value: f64) -> Option<i16> {
    i16::try_from(value as i32).ok()
}

/// See [`to_i16`].
pub(super) fn to_i8(value: f64) -> Option<i8> {
    i8::try_from(value as i32).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(digits: Result<Digits, Refusal>) -> Option<(String, i32)> {
        let digits = digits.ok()?;
        let decimal = digits.as_ref().to_decimal();
        Some((Decimal::from_be_bytes(decimal.unscaled(), 0).to_string(), decimal.scale()))
    }

    #[test]
    fn decimals_of_text() {
        for (text, unscaled, scale) in [
            ("0", "0", 0),
            ("-12.340", "-12340", 3),
            ("+5", "5", 0),
            (".5", "5", 1),
            ("5.", "5", 0),
            ("1E+30", "1", -30),
            ("1e-0000000000005", "1", 5),
            ("0E5", "0", -5),
            ("000000000000000000000000000000000000000000000000000012.5", "125", 1),
        ] {
            assert_eq!(shown(decimal(text)), Some((unscaled.to_string(), scale)), "{text}");
        }
        for text in
            ["", "-", ".", "1e", "1e+", "1 ", " 1", "1f", "0x1", "1e99999999999", "1E2147483648", "--1"]
        {
            assert!(matches!(decimal(text), Err(Refusal::Parse(_))), "{text}");
        }
        assert!(matches!(decimal("１"), Err(Refusal::NeedsSql(_))));
    }

    #[test]
    fn long_decimals_are_rounded_half_up() {
        let digits = "1234567890".repeat(8);
        let rounded_up = format!("{}8", digits.get(..75).unwrap());
        assert_eq!(shown(decimal(&format!("-{digits}"))), Some((format!("-{}7", &digits[..75]), -4)));
        assert_eq!(shown(decimal(&format!("0.{}75", &digits[..75]))), Some((rounded_up, 76)));
        let nines = "9".repeat(77);
        assert_eq!(shown(decimal(&nines)), Some((format!("1{}", "0".repeat(75)), -2)));
    }

    #[test]
    fn doubles_are_taken_exactly() {
        for (value, unscaled, scale) in [
            (0.0, "0", 0),
            (-0.0, "0", 0),
            (2.0, "2", 0),
            (-1.5, "-15", 1),
            (0.1, "1000000000000000055511151231257827021181583404541015625", 55),
            (1e22, "10000000000000000000000", 0),
            (1e23, "99999999999999991611392", 0),
        ] {
            assert_eq!(shown(exact(value).ok_or(Refusal::NeedsSql(""))), Some((unscaled.to_string(), scale)));
        }
        let (unscaled, scale) = shown(exact(1e300).ok_or(Refusal::NeedsSql(""))).unwrap();
        assert_eq!((unscaled.len(), scale), (76, -225));
        let (unscaled, scale) = shown(exact(f64::from_bits(1)).ok_or(Refusal::NeedsSql(""))).unwrap();
        assert!(unscaled.starts_with("4940656458412465441765687928682213"));
        assert_eq!((unscaled.len(), scale), (76, 399));
    }

    #[test]
    fn floats_of_text() {
        let read = |text| float::<f64>(text, SqlColumnType::Double).ok();
        for (text, value) in [
            ("1.5", 1.5),
            (" +1.5d ", 1.5),
            ("-.5F", -0.5),
            ("5.", 5.0),
            ("1e400", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1E-2", 0.01),
        ] {
            assert_eq!(read(text), Some(value), "{text}");
        }
        assert!(read("NaN").unwrap().is_nan());
        for text in ["", " ", ".", "inf", "nan", "infinity", "1e", "1 2", "1dd", "e5", "1_0", "d"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(matches!(float::<f64>("0x1p3", SqlColumnType::Double), Err(Refusal::NeedsSql(_))));
    }

    #[test]
    fn casts_saturate_as_in_java() {
        assert_eq!((to_i64(1.9), to_i64(-1.9), to_i64(1e19)), (Some(1), Some(-1), None));
        assert_eq!(to_i64(9_223_372_036_854_775_807.0), Some(i64::MAX));
        assert_eq!((to_i32(2_147_483_647.5), to_i32(2_147_483_648.0)), (Some(i32::MAX), None));
        assert_eq!((to_i16(32767.9), to_i16(32768.0), to_i8(-128.9)), (Some(32767), None, Some(-128)));
    }
}
