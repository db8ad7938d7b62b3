//! `bytea`: hexadecimal and escape form (`byteain`, `byteaout`).

use bytes::BufMut;

use crate::env::ByteaOutput;
use crate::{Error, Result, SqlState};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `byteaout`
pub fn write_bytea(bytes: &[u8], form: ByteaOutput, out: &mut impl BufMut) {
    match form {
        ByteaOutput::Hex => {
            out.put_slice(b"\\x");
            for byte in bytes {
                let digit = |nibble: u8| DIGITS[usize::from(nibble & 15)];
                out.put_slice(&[digit(byte >> 4), digit(*byte)]);
            }
        }
        ByteaOutput::Escape => {
            for &byte in bytes {
                match byte {
                    b'\\' => out.put_slice(b"\\\\"),
                    0x20..=0x7e => out.put_u8(byte),
                    _ => {
                        let octal = |shift: u8| b'0' + ((byte >> shift) & 7);
                        out.put_slice(&[b'\\', octal(6), octal(3), octal(0)]);
                    }
                }
            }
        }
    }
}

/// `byteain`
pub fn parse_bytea(text: &str) -> Result<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => hexadecimal(digits),
        None => escape(text.as_bytes()).ok_or_else(|| {
            Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea")
        }),
    }
}

/// `hex_decode`: white space between the pairs doesn't count.
pub fn hexadecimal(text: &str) -> Result<Vec<u8>> {
    let invalid = |message: String| Error::new(SqlState::INVALID_PARAMETER_VALUE, message);
    let digit =
        |c: char| c.to_digit(16).ok_or_else(|| invalid(format!("invalid hexadecimal digit: \"{c}\"")));
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut characters = text.chars();
    while let Some(first) = characters.next() {
        if matches!(first, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = digit(first)?;
        let Some(second) = characters.next() else {
            return Err(invalid("invalid hexadecimal data: odd number of digits".into()));
        };
        bytes.push((high * 16 + digit(second)?) as u8);
    }
    Ok(bytes)
}

fn escape(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'\\' {
            bytes.push(first);
            rest = tail;
            continue;
        }
        rest = match tail {
            [b'\\', tail @ ..] => {
                bytes.push(b'\\');
                tail
            }
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                bytes.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
                tail
            }
            _ => return None,
        };
    }
    Some(bytes)
}
