//! `money` as the C locale writes it (`cash.c`): dollars, two digits, commas between thousands.

use crate::text::{invalid_syntax, is_space};
use crate::{Error, Result, SqlState};

/// `cash_out`
pub fn write(amount: i64) -> String {
    let cents = amount.unsigned_abs();
    let whole = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}${grouped}.{:02}", if amount < 0 { "-" } else { "" }, cents % 100)
}

/// `cash_in`
pub fn parse(text: &str) -> Result<i64> {
    let invalid = || invalid_syntax("money", text);
    let range = || {
        Error::new(
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            format!("value \"{text}\" is out of range for type money"),
        )
    };
    let mut rest = text.trim_start_matches(is_space);
    rest = rest.strip_prefix('$').unwrap_or(rest).trim_start_matches(is_space);
    let mut negative = false;
    for (sign, minus) in [("-", true), ("(", true), ("+", false)] {
        if let Some(after) = rest.strip_prefix(sign) {
            (rest, negative) = (after, minus);
            break;
        }
    }
    rest = rest.trim_start_matches(is_space);
    rest = rest.strip_prefix('$').unwrap_or(rest).trim_start_matches(is_space);
    // The value is built downwards, whose range is the larger one.
    let (mut value, mut decimals, mut point, mut any) = (0i64, 0, false, false);
    let mut chars = rest.char_indices();
    let mut end = rest.len();
    let mut round = false;
    for (at, c) in chars.by_ref() {
        match c {
            '0'..='9' if decimals == 2 => {
                // The first digit that is left out rounds.
                round |= decimals == 2 && c >= '5' && end == rest.len();
                end = end.min(at);
            }
            '0'..='9' => {
                let digit = i64::from(c as u8 - b'0');
                value = value.checked_mul(10).and_then(|v| v.checked_sub(digit)).ok_or_else(range)?;
                decimals += i32::from(point);
                any = true;
            }
            '.' if !point => point = true,
            ',' if !point => {}
            _ => {
                end = at;
                break;
            }
        }
    }
    let _ = any;
    let tail_at = rest[end..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |i| end + i);
    if round {
        value = value.checked_sub(1).ok_or_else(range)?;
    }
    for _ in decimals..2 {
        value = value.checked_mul(10).ok_or_else(range)?;
    }
    let mut tail = rest[tail_at..].trim_start_matches(is_space);
    while let Some(c) = tail.chars().next() {
        match c {
            ')' | ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '$' | '+' => {}
            '-' => negative = true,
            _ => return Err(invalid()),
        }
        tail = &tail[c.len_utf8()..];
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or_else(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, cents) in [
            ("1", 100),
            ("$1,000.00", 100_000),
            ("-5.5", -550),
            ("(3)", -300),
            ("12.345", 1235),
            ("12.344", 1234),
            ("0.01", 1),
            (" $ 7 ", 700),
        ] {
            assert_eq!(parse(text).unwrap(), cents, "{text}");
        }
        assert_eq!(write(123_456_789), "$1,234,567.89");
        assert_eq!(write(-5), "-$0.05");
        assert_eq!(write(i64::MIN), "-$92,233,720,368,547,758.08");
        assert!(parse("92233720368547758.08").is_err());
        assert!(parse("x").is_err());
    }
}
