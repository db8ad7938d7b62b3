//! Functions of text: lengths, parts, padding, searching, replacing (PostgreSQL's varlena.c, oracle_compat.c).
//! Positions and lengths count characters.

use super::args::Char;
use super::{case, normalize};
use crate::compare::unpadded;
use crate::{Error, Oid, Result, SqlState};

kernels!(KERNELS(call) {
    "textlen" => |a: &str| length(a);
    "bpcharlen" => |a: &str| length(unpadded(a));
    "textoctetlen" => |a: &str| a.len() as i32;
    "bpcharoctetlen" => |a: &str| a.len() as i32;
    "lower" => |a: &str| case::lower(a);
    "upper" => |a: &str| case::upper(a);
    "initcap" => |a: &str| case::initcap(a);
    "textcat" => |a: &str, b: &str| [a, b].concat();
    "text_substr" => |a: &str, start: i32, count: i32| substring(a, start, Some(count));
    "text_substr_no_len" => |a: &str, start: i32| substring(a, start, None);
    "textpos" => |a: &str, b: &str| position(a, b);
    "replace_text" => |a: &str, from: &str, to: &str| replace(a, from, to);
    "translate" => |a: &str, from: &str, to: &str| translate(a, from, to);
    "btrim" => |a: &str, set: &str| a.trim_matches(|c| set.contains(c));
    "btrim1" => |a: &str| a.trim_matches(' ');
    "ltrim" => |a: &str, set: &str| a.trim_start_matches(|c| set.contains(c));
    "ltrim1" => |a: &str| a.trim_start_matches(' ');
    "rtrim" => |a: &str, set: &str| a.trim_end_matches(|c| set.contains(c));
    "rtrim1" => |a: &str| a.trim_end_matches(' ');
    "text_left" => |a: &str, count: i32| left(a, count);
    "text_right" => |a: &str, count: i32| right(a, count);
    "lpad" => |a: &str, to: i32, fill: &str| pad(a, to, fill, Side::Left);
    "rpad" => |a: &str, to: i32, fill: &str| pad(a, to, fill, Side::Right);
    "repeat" => |a: &str, times: i32| repeat(a, times);
    "text_reverse" => |a: &str| a.chars().rev().collect::<String>();
    "split_part" => |a: &str, by: &str, field: i32| split_part(a, by, field);
    "ascii" => |a: &str| a.chars().next().map_or(0, |c| c as i32);
    "chr" => |code: i32| chr(code);
    "text_starts_with" => |a: &str, prefix: &str| a.starts_with(prefix);
    "textoverlay" => |a: &str, by: &str, start: i32, count: i32| overlay(a, by, start, count);
    "textoverlay_no_len" => |a: &str, by: &str, start: i32| overlay(a, by, start, length(by));
    "text_name" => |a: &str| truncate_name(a);
    "nameconcatoid" => |name: &str, oid: Oid| {
        let suffix = format!("_{oid}");
        // As much of the name as leaves room for the suffix.
        let end = name.len().min(63 - suffix.len());
        [&name[..name.floor_char_boundary(end)], &suffix].concat()
    };
    "bpchar_name" => |a: &str| truncate_name(a).trim_end_matches(' ');
    "name_text" => |a: &str| a;
    "name_bpchar" => |a: &str| a;
    "char_bpchar" => |a: Char| if a.0 == 0 { String::new() } else { char::from(a.0).to_string() };
    "char_text" => |a: Char| char_text(a);
    "text_char" => |a: &str| Char(crate::text::char_in(a));
    "bpchar" => |a: &str, typmod: i32, explicit: bool| to_bpchar(a, typmod, explicit);
    "varchar" => |a: &str, typmod: i32, explicit: bool| to_varchar(a, typmod, explicit);
    "unistr" => |a: &str| unistr(a);
    "unicode_normalize_func" => |a: &str, form: &str| normalize::normalized(a, form);
    "unicode_is_normalized" => |a: &str, form: &str| normalize::normalized(a, form).map(|text| text == a);
});

/// Functions written in SQL.
pub(super) const SQL_FUNCTIONS: &[(u32, super::Kernel)] = &[
    (
        2074,
        kernel!(call; |a: &str, pattern: &str, escape: &str| super::regex::substring_similar(a, pattern, escape)),
    ), // substring(text, text, text)
    (879, kernel!(call; |a: &str, to: i32| pad(a, to, " ", Side::Left))), // lpad(text, int4)
    (880, kernel!(call; |a: &str, to: i32| pad(a, to, " ", Side::Right))), // rpad(text, int4)
    (1811, kernel!(call; |a: &str| super::int::bit_length(a.len()))),     // bit_length(text)
    (1810, kernel!(call; |a: &[u8]| super::int::bit_length(a.len()))),    // bit_length(bytea)
];

/// PostgreSQL's limit of one allocation (`MaxAllocSize`).
pub const MAX_ALLOCATION: usize = 0x3fff_ffff;
/// What a value's header takes of it.
const HEADER: usize = 4;

/// The number of characters.
pub(super) fn length(text: &str) -> i32 {
    i32::try_from(if text.is_ascii() { text.len() } else { text.chars().count() }).unwrap_or(i32::MAX)
}

/// The byte offset of a character; the end of the text for any beyond.
pub(super) fn offset(text: &str, chars: usize) -> usize {
    if text.is_ascii() {
        return chars.min(text.len());
    }
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

fn negative_length() -> Error {
    Error::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed")
}

/// `text_substring`: characters from `start` (1 is the first; before it they don't exist but count).
pub(super) fn substring(text: &str, start: i32, count: Option<i32>) -> Result<&str> {
    let first = start.max(1);
    let end = match count {
        None => None,
        Some(count) if count < 0 => return Err(negative_length()),
        // An end beyond int4 is the end of the text.
        Some(count) => start.checked_add(count),
    };
    let begin = offset(text, (first - 1) as usize);
    let rest = &text[begin..];
    Ok(match end {
        None => rest,
        Some(end) if end <= first => "",
        Some(end) => &rest[..offset(rest, (end - first) as usize)],
    })
}

/// The character position of a part, from 1; 0 when it isn't there.
pub(super) fn position(text: &str, part: &str) -> i32 {
    text.find(part).map_or(0, |at| length(&text[..at]) + 1)
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    let replaced = |c: char| match from.chars().position(|f| f == c) {
        Some(at) => to.get(at).copied(),
        None => Some(c),
    };
    text.chars().filter_map(replaced).collect()
}

fn left(text: &str, count: i32) -> &str {
    let count = if count < 0 { length(text).saturating_add(count).max(0) } else { count };
    &text[..offset(text, count as usize)]
}

fn right(text: &str, count: i32) -> &str {
    let skipped =
        if count < 0 { count.unsigned_abs() } else { length(text).saturating_sub(count).max(0) as u32 };
    &text[offset(text, skipped as usize)..]
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// 54000 where PostgreSQL can't allocate the result.
fn too_large() -> Error {
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "requested length too large")
}

fn pad(text: &str, to: i32, fill: &str, side: Side) -> Result<String> {
    let to = to.max(0) as usize;
    let present = length(text) as usize;
    let kept = &text[..offset(text, present.min(to))];
    // The room is that of the widest characters, whatever the text is made of.
    let wanted = if fill.is_empty() { present.min(to) } else { to };
    if wanted.saturating_mul(4) + HEADER > MAX_ALLOCATION {
        return Err(too_large());
    }
    if fill.is_empty() || present >= to {
        return Ok(kept.to_owned());
    }
    let mut result = String::with_capacity(kept.len() + to - present);
    if side == Side::Right {
        result.push_str(kept);
    }
    result.extend(fill.chars().cycle().take(to - present));
    if side == Side::Left {
        result.push_str(kept);
    }
    Ok(result)
}

/// `replace_text`
fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    if from.is_empty() {
        return Ok(text.to_owned());
    }
    // What would be too long fails before it is made.
    if to.len() > from.len() && (text.len() / from.len()).saturating_mul(to.len()) >= MAX_ALLOCATION {
        let (mut holds, mut begin) = (0, 0);
        for (at, _) in text.match_indices(from) {
            super::format::check_buffer(holds, at - begin)?;
            super::format::check_buffer(holds + at - begin, to.len())?;
            holds += at - begin + to.len();
            begin = at + from.len();
        }
        super::format::check_buffer(holds, text.len() - begin)?;
    }
    Ok(text.replace(from, to))
}

fn repeat(text: &str, times: i32) -> Result<String> {
    let times = times.max(0) as usize;
    match text.len().checked_mul(times) {
        Some(bytes) if bytes + HEADER <= MAX_ALLOCATION => Ok(text.repeat(times)),
        _ => Err(too_large()),
    }
}

fn split_part<'a>(text: &'a str, by: &str, field: i32) -> Result<&'a str> {
    if field == 0 {
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "field position must not be zero"));
    }
    if by.is_empty() {
        return Ok(if matches!(field, 1 | -1) { text } else { "" });
    }
    let index = field.unsigned_abs() as usize - 1;
    let found = if field > 0 {
        text.split(by).nth(index)
    } else {
        // Counted among the fields that a search from the left finds.
        let fields: Vec<&str> = text.split(by).collect();
        fields.len().checked_sub(index + 1).and_then(|at| fields.get(at).copied())
    };
    Ok(found.unwrap_or(""))
}

fn chr(code: i32) -> Result<String> {
    let refuse = |message: String| Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message));
    match u32::try_from(code) {
        Err(_) => Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "character number must be positive")),
        Ok(0) => refuse("null character not permitted".into()),
        Ok(code) if code > 0x10_FFFF => refuse(format!("requested character too large for encoding: {code}")),
        Ok(code) => match char::from_u32(code) {
            Some(c) => Ok(c.to_string()),
            None => refuse(format!("requested character not valid for encoding: {code}")),
        },
    }
}

fn overlay(text: &str, by: &str, start: i32, count: i32) -> Result<String> {
    if start <= 0 {
        return Err(negative_length());
    }
    let after = start.checked_add(count).ok_or_else(|| super::int::out_of_range("integer"))?;
    let head = substring(text, 1, Some(start - 1))?;
    let tail = substring(text, after, None)?;
    Ok([head, by, tail].concat())
}

/// A name has at most 63 bytes, cut before a character that doesn't fit.
pub(super) fn truncate_name(text: &str) -> &str {
    let mut end = text.len().min(63);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The error of a text that is longer than its type and has more than spaces there.
fn too_long(type_name: &str, length: usize) -> Error {
    Error::new(
        SqlState::STRING_DATA_RIGHT_TRUNCATION,
        format!("value too long for type {type_name}({length})"),
    )
}

/// `bpchar(character, typmod, explicit)`: cuts or pads to the declared length.
fn to_bpchar(text: &str, typmod: i32, explicit: bool) -> Result<String> {
    let Ok(wanted) = usize::try_from(typmod - HEADER as i32) else { return Ok(text.to_owned()) };
    let present = length(text) as usize;
    let kept = fitting(text, wanted, explicit).ok_or_else(|| too_long("character", wanted))?;
    let mut result = kept.to_owned();
    result.extend(std::iter::repeat_n(' ', wanted.saturating_sub(present)));
    Ok(result)
}

/// `varchar(character varying, typmod, explicit)`: cuts to the declared length.
fn to_varchar(text: &str, typmod: i32, explicit: bool) -> Result<&str> {
    let Ok(wanted) = usize::try_from(typmod - HEADER as i32) else { return Ok(text) };
    fitting(text, wanted, explicit).ok_or_else(|| too_long("character varying", wanted))
}

/// The part of a text that fits; `None` when an implicit cast would lose more than spaces.
fn fitting(text: &str, wanted: usize, explicit: bool) -> Option<&str> {
    let (kept, lost) = text.split_at(offset(text, wanted));
    (explicit || lost.bytes().all(|byte| byte == b' ')).then_some(kept)
}

/// Replaces `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX`.
fn unistr(text: &str) -> Result<String> {
    let mut result = String::with_capacity(text.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '\\' && !rest[1..].starts_with('\\') {
            let (code, used) = unicode_escape(rest).ok_or_else(invalid_escape)?;
            rest = &rest[used..];
            push_code(&mut result, &mut units, code)?;
            continue;
        }
        if !units.is_empty() {
            return Err(invalid_pair());
        }
        result.push(c);
        rest = &rest[if c == '\\' { 2 } else { c.len_utf8() }..];
    }
    if units.is_empty() { Ok(result) } else { Err(invalid_pair()) }
}

/// The code of an escape at the start of a text, and its length.
fn unicode_escape(text: &str) -> Option<(u32, usize)> {
    let (skip, digits) = match text.as_bytes().get(1)? {
        b'u' => (2, 4),
        b'U' => (2, 8),
        b'+' => (2, 6),
        _ => (1, 4),
    };
    let hex = text.get(skip..skip + digits).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(hex, 16).ok()?, skip + digits))
}

fn push_code(result: &mut String, units: &mut Vec<u16>, code: u32) -> Result<()> {
    match (units.pop(), code) {
        (None, 0xD800..=0xDBFF) => units.push(code as u16),
        (Some(high), 0xDC00..=0xDFFF) => {
            result.extend(char::decode_utf16([high, code as u16]).flatten());
        }
        (None, code) if !(0xDC00..=0xDFFF).contains(&code) => match char::from_u32(code) {
            Some('\0') | None => {
                return Err(Error::new(
                    SqlState::INVALID_PARAMETER_VALUE,
                    format!("invalid Unicode code point: {code:04X}"),
                ));
            }
            Some(c) => result.push(c),
        },
        _ => return Err(invalid_pair()),
    }
    Ok(())
}

fn invalid_pair() -> Error {
    Error::new(SqlState::SYNTAX_ERROR, "invalid Unicode surrogate pair")
}

fn invalid_escape() -> Error {
    Error::new(SqlState::SYNTAX_ERROR, "invalid Unicode escape")
        .hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
}

/// `char_text`: as `"char"` is shown, bytes above ASCII in octal.
fn char_text(Char(byte): Char) -> String {
    let mut out = Vec::new();
    crate::text::put_char(byte, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
