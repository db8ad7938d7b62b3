//! `bool` and `uuid`.

use bytes::BufMut;

use super::{invalid_syntax, is_space};
use crate::Result;

/// `boolin`: any beginning of true, false, yes, no that is unique, on, off, 1, 0.
pub fn parse_bool(text: &str) -> Result<bool> {
    let word = text.trim_matches(is_space).to_ascii_lowercase();
    let begins = |whole: &str| !word.is_empty() && whole.starts_with(&word);
    if begins("true") || begins("yes") || word == "on" || word == "1" {
        Ok(true)
    } else if begins("false") || begins("no") || word == "of" || word == "off" || word == "0" {
        Ok(false)
    } else {
        Err(invalid_syntax("boolean", text))
    }
}

/// `uuid_in`: hexadecimal digits, with hyphens after any group of four, in braces or not.
pub fn parse_uuid(text: &str) -> Result<[u8; 16]> {
    read_uuid(text.as_bytes()).ok_or_else(|| invalid_syntax("uuid", text))
}

fn read_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let body = match text.strip_prefix(b"{") {
        Some(rest) => rest.strip_suffix(b"}")?,
        None => text,
    };
    let mut uuid = [0; 16];
    let mut rest = body;
    for (at, byte) in uuid.iter_mut().enumerate() {
        let (high, low) = (*rest.first()?, *rest.get(1)?);
        let digit = |b: u8| char::from(b).to_digit(16);
        *byte = (digit(high)? * 16 + digit(low)?) as u8;
        rest = rest.get(2..)?;
        if at % 2 == 1 && at < 15 {
            rest = rest.strip_prefix(b"-").unwrap_or(rest);
        }
    }
    rest.is_empty().then_some(uuid)
}

/// `uuid_out`
pub fn write_uuid(uuid: &[u8; 16], out: &mut impl BufMut) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS[usize::from(nibble & 15)];
    for (at, byte) in uuid.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.put_u8(b'-');
        }
        out.put_slice(&[digit(byte >> 4), digit(*byte)]);
    }
}
