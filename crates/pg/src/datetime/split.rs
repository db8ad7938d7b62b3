//! A date, time or interval text into fields (`ParseDateTime`).

use super::failure::{Decoded, Failure};
use super::tokens;

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, perhaps with a fraction.
    Number,
    /// Digits with colons.
    Time,
    /// Parts joined by `-`, `/` or `.`; also names of time zones.
    Date,
    /// A sign and digits: a time zone, or a signed number.
    Zone,
    /// A word.
    Word,
    /// A sign and a word: `-infinity`.
    Special,
}

/// A field of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) kind: Kind,
    /// Letters are in lower case.
    pub(super) text: String,
}

/// `MAXDATEFIELDS`
const MAX_FIELDS: usize = 25;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    field: String,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn is(&self, accept: impl Fn(u8) -> bool) -> bool {
        self.peek().is_some_and(accept)
    }

    /// Takes the next byte into the field.
    fn take(&mut self) {
        if let Some(byte) = self.peek() {
            self.field.push(char::from(byte.to_ascii_lowercase()));
            self.at += 1;
        }
    }

    fn take_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.is(&accept) {
            self.take();
        }
    }
}

/// Splits a text.
pub(super) fn split(text: &str) -> Decoded<Vec<Field>> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0, field: String::new() };
    let mut fields = Vec::new();
    while let Some(byte) = cursor.peek() {
        if is_space(byte) {
            cursor.at += 1;
            continue;
        }
        if fields.len() >= MAX_FIELDS {
            return Err(Failure::BadFormat);
        }
        let kind = match byte {
            b'0'..=b'9' => number_first(&mut cursor),
            b'.' => {
                cursor.take();
                cursor.take_while(|b| b.is_ascii_digit());
                Kind::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' => word(&mut cursor),
            b'+' | b'-' => signed(&mut cursor)?,
            _ if byte.is_ascii_punctuation() => {
                cursor.at += 1;
                continue;
            }
            _ => return Err(Failure::BadFormat),
        };
        fields.push(Field { kind, text: std::mem::take(&mut cursor.field) });
    }
    // `MAXDATELEN` and a terminator for each field: more than that is no date.
    if fields.iter().map(|field| field.text.len() + 1).sum::<usize>() > 128 + MAX_FIELDS {
        return Err(Failure::BadFormat);
    }
    Ok(fields)
}

/// A field that begins with a digit.
fn number_first(cursor: &mut Cursor<'_>) -> Kind {
    cursor.take_while(|b| b.is_ascii_digit());
    match cursor.peek() {
        Some(b':') => {
            cursor.take_while(|b| b.is_ascii_digit() || b == b':' || b == b'.');
            Kind::Time
        }
        Some(delimiter @ (b'-' | b'/' | b'.')) => {
            cursor.take();
            if !cursor.is(|b| b.is_ascii_digit()) {
                cursor.take_while(|b| b.is_ascii_alphanumeric() || b == delimiter);
                return Kind::Date;
            }
            cursor.take_while(|b| b.is_ascii_digit());
            // The delimiters must match to make it a date of three parts.
            if cursor.is(|b| b == delimiter) {
                cursor.take_while(|b| b.is_ascii_digit() || b == delimiter);
                return Kind::Date;
            }
            if delimiter == b'.' { Kind::Number } else { Kind::Date }
        }
        _ => Kind::Number,
    }
}

/// A field that begins with a letter.
fn word(cursor: &mut Cursor<'_>) -> Kind {
    cursor.take_while(|b| b.is_ascii_alphabetic());
    let is_date = match cursor.peek() {
        Some(b'-' | b'/' | b'.') => true,
        // The name of a time zone goes on; a keyword does not.
        Some(b'+' | b'0'..=b'9') => tokens::date_token(&cursor.field).is_none(),
        _ => false,
    };
    if !is_date {
        return Kind::Word;
    }
    cursor.take_while(|b| matches!(b, b'+' | b'-' | b'/' | b'_' | b'.' | b':') || b.is_ascii_alphanumeric());
    Kind::Date
}

/// A field that begins with a sign.
fn signed(cursor: &mut Cursor<'_>) -> Decoded<Kind> {
    cursor.take();
    while cursor.is(is_space) {
        cursor.at += 1;
    }
    match cursor.peek() {
        Some(b'0'..=b'9') => {
            cursor.take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'-'));
            Ok(Kind::Zone)
        }
        Some(b'a'..=b'z' | b'A'..=b'Z') => {
            cursor.take_while(|b| b.is_ascii_alphabetic());
            Ok(Kind::Special)
        }
        _ => Err(Failure::BadFormat),
    }
}
