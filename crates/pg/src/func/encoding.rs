//! `encode` and `decode`: hexadecimal, base64, escape (PostgreSQL's encode.c); conversions of character sets.

use super::text::length;
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "binary_encode" => |a: &[u8], name: &str| encode(a, name);
    "binary_decode" => |a: &str, name: &str| decode(a, name);
    "pg_convert_from" => |a: &[u8], name: &str| convert_from(a, name);
    "pg_convert_to" => |a: &str, name: &str| convert_to(a, name);
    "length_in_encoding" => |a: &[u8], name: &str| decoded(a, charset(name, "")?).map(|text| length(&text));
});

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn encode(a: &[u8], name: &str) -> Result<String> {
    match name.to_ascii_lowercase().as_str() {
        "hex" => Ok(hex(a)),
        "base64" => Ok(base64(a)),
        "escape" => Ok(escape(a)),
        _ => Err(invalid(format!("unrecognized encoding: \"{name}\""))),
    }
}

fn decode(a: &str, name: &str) -> Result<Vec<u8>> {
    match name.to_ascii_lowercase().as_str() {
        "hex" => unhex(a),
        "base64" => unbase64(a),
        "escape" => unescape(a.as_bytes()),
        _ => Err(invalid(format!("unrecognized encoding: \"{name}\""))),
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let digit = |c: char| {
        c.to_digit(16)
            .map(|digit| digit as u8)
            .ok_or_else(|| invalid(format!("invalid hexadecimal digit: \"{c}\"")))
    };
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = digit(c)?;
        let low = chars.next().ok_or_else(|| invalid("invalid hexadecimal data: odd number of digits"))?;
        bytes.push(high << 4 | digit(low)?);
    }
    Ok(bytes)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 in lines of 76 characters.
fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + bytes.len() / 57 + 4);
    let mut column = 0;
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let sextet = BASE64[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(sextet) } else { '=' });
        }
        column += 4;
        // A line is ended once it is full, even if nothing follows a complete group.
        if column == 76 && group.len() == 3 {
            out.push('\n');
            column = 0;
        }
    }
    out
}

/// `pg_base64_decode`
fn unbase64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count, mut end) = (0u32, 0, 0);
    for c in text.chars() {
        let sextet = match c {
            ' ' | '\t' | '\n' | '\r' => continue,
            '=' => {
                if end == 0 {
                    end = match count {
                        2 => 1,
                        3 => 2,
                        _ => return Err(invalid("unexpected \"=\" while decoding base64 sequence")),
                    };
                }
                0
            }
            c => BASE64.iter().position(|&b| char::from(b) == c).ok_or_else(|| {
                invalid(format!("invalid symbol \"{c}\" found while decoding base64 sequence"))
            })? as u32,
        };
        bits = bits << 6 | sextet;
        count += 1;
        if count == 4 {
            let kept = if end == 0 { 3 } else { end };
            bytes.extend_from_slice(&bits.to_be_bytes()[1..1 + kept]);
            (bits, count) = (0, 0);
        }
    }
    if count == 0 {
        return Ok(bytes);
    }
    Err(invalid("invalid base64 end sequence")
        .hint("Input data is missing padding, is truncated, or is otherwise corrupted."))
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            0 | 0x80.. => out.push_str(&format!("\\{byte:03o}")),
            b'\\' => out.push_str("\\\\"),
            byte => out.push(byte.into()),
        }
    }
    out
}

fn unescape(text: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        (rest, _) = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                (after, bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')))
            }
            (b'\\', [b'\\', after @ ..]) => (after, bytes.push(b'\\')),
            (b'\\', _) => {
                return Err(Error::new(
                    SqlState::INVALID_TEXT_REPRESENTATION,
                    "invalid input syntax for type bytea",
                ));
            }
            (byte, after) => (after, bytes.push(*byte)),
        };
    }
    Ok(bytes)
}

/// A character set that we convert: names as PostgreSQL compares them, without punctuation.
fn charset(name: &str, role: &str) -> Result<&'static str> {
    let folded: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match folded.as_str() {
        "utf8" | "unicode" => Ok("UTF8"),
        "latin1" | "iso88591" => Ok("LATIN1"),
        "sqlascii" => Ok("SQL_ASCII"),
        _ if KNOWN.contains(&folded.as_str()) => {
            Err(Error::refused(format!("conversion of the character set \"{name}\"")))
        }
        _ => Err(invalid(format!("invalid {role}encoding name \"{name}\""))),
    }
}

/// Character sets that PostgreSQL converts and we don't.
const KNOWN: &[&str] = &[
    "abc",
    "alt",
    "big5",
    "euccn",
    "eucjis2004",
    "eucjp",
    "euckr",
    "euctw",
    "gb18030",
    "gbk",
    "iso885910",
    "iso885913",
    "iso885914",
    "iso885915",
    "iso885916",
    "iso88592",
    "iso88593",
    "iso88594",
    "iso88595",
    "iso88596",
    "iso88597",
    "iso88598",
    "iso88599",
    "johab",
    "koi8",
    "koi8r",
    "koi8u",
    "latin10",
    "latin2",
    "latin3",
    "latin4",
    "latin5",
    "latin6",
    "latin7",
    "latin8",
    "latin9",
    "mskanji",
    "muleinternal",
    "shiftjis",
    "shiftjis2004",
    "sjis",
    "tcvn",
    "tcvn5712",
    "uhc",
    "vscii",
    "win",
    "win1250",
    "win1251",
    "win1252",
    "win1253",
    "win1254",
    "win1255",
    "win1256",
    "win1257",
    "win1258",
    "win866",
    "win874",
    "win932",
    "win936",
    "win949",
    "win950",
    "windows1250",
    "windows1251",
    "windows1252",
    "windows1253",
    "windows1254",
    "windows1255",
    "windows1256",
    "windows1257",
    "windows1258",
    "windows866",
    "windows874",
    "windows932",
    "windows936",
    "windows949",
    "windows950",
];

fn convert_from(a: &[u8], name: &str) -> Result<String> {
    decoded(a, charset(name, "source ")?)
}

fn decoded(a: &[u8], source: &str) -> Result<String> {
    let zero = a.iter().position(|&byte| byte == 0);
    if source != "UTF8"
        && let Some(zero) = zero
    {
        return Err(invalid_bytes(&a[zero..=zero], source));
    }
    if source == "LATIN1" {
        return Ok(a.iter().map(|&byte| char::from(byte)).collect());
    }
    let valid = std::str::from_utf8(a).map_or_else(|error| error.valid_up_to(), str::len);
    if let Some(zero) = zero.filter(|zero| *zero < valid) {
        return Err(invalid_bytes(&a[zero..=zero], "UTF8"));
    }
    String::from_utf8(a.to_vec()).map_err(|_| {
        // As many bytes as the first one announces are shown.
        let announced = match a[valid] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
        invalid_bytes(&a[valid..(valid + announced).min(a.len())], "UTF8")
    })
}

fn invalid_bytes(bytes: &[u8], encoding: &str) -> Error {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    Error::new(
        SqlState::CHARACTER_NOT_IN_REPERTOIRE,
        format!("invalid byte sequence for encoding \"{encoding}\": {}", shown.join(" ")),
    )
}

fn convert_to(a: &str, name: &str) -> Result<Vec<u8>> {
    if charset(name, "destination ")? != "LATIN1" {
        return Ok(a.as_bytes().to_vec());
    }
    a.chars()
        .map(|c| {
            u8::try_from(c as u32).map_err(|_| {
                let mut buffer = [0; 4];
                let shown: Vec<String> =
                    c.encode_utf8(&mut buffer).bytes().map(|byte| format!("0x{byte:02x}")).collect();
                Error::new(
                    SqlState::UNTRANSLATABLE_CHARACTER,
                    format!(
                        "character with byte sequence {} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"",
                        shown.join(" ")
                    ),
                )
            })
        })
        .collect()
}
