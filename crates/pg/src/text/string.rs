//! The text types with a length: `varchar(n)`, `char(n)`, `name`, `"char"`.

use std::borrow::Cow;

use crate::{Error, Result, SqlState};

/// The length in a modifier: characters; `None` for no limit.
fn limit(typmod: i32) -> Option<usize> {
    usize::try_from(typmod).ok()?.checked_sub(4)
}

/// Where the first `length` characters end; `None` when there are not more.
fn end_of(text: &str, length: usize) -> Option<usize> {
    if text.len() <= length {
        return None;
    }
    text.char_indices().nth(length).map(|(at, _)| at)
}

/// Cuts a text to a length: what is cut off must be blanks, unless the cast is explicit.
fn cut<'a>(text: &'a str, length: usize, explicit: bool, type_name: &str) -> Result<&'a str> {
    let Some(end) = end_of(text, length) else { return Ok(text) };
    let (kept, rest) = text.split_at(end);
    if explicit || rest.bytes().all(|b| b == b' ') {
        return Ok(kept);
    }
    Err(Error::new(
        SqlState::STRING_DATA_RIGHT_TRUNCATION,
        format!("value too long for type {type_name}({length})"),
    ))
}

/// `varchar_input`
pub(crate) fn varchar(text: &str, typmod: i32) -> Result<&str> {
    varchar_cast(text, typmod, false)
}

/// `varchar(varchar, int4, bool)`
pub(crate) fn varchar_cast(text: &str, typmod: i32, explicit: bool) -> Result<&str> {
    match limit(typmod) {
        Some(length) => cut(text, length, explicit, "character varying"),
        None => Ok(text),
    }
}

/// `bpchar_input`: padded to its length.
pub(crate) fn bpchar(text: &str, typmod: i32) -> Result<Cow<'_, str>> {
    bpchar_cast(text, typmod, false)
}

/// `bpchar(bpchar, int4, bool)`
pub(crate) fn bpchar_cast(text: &str, typmod: i32, explicit: bool) -> Result<Cow<'_, str>> {
    let Some(length) = limit(typmod) else { return Ok(text.into()) };
    let text = cut(text, length, explicit, "character")?;
    let missing = length - text.chars().count();
    if missing == 0 {
        return Ok(text.into());
    }
    let mut padded = String::with_capacity(text.len() + missing);
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(' ', missing));
    Ok(padded.into())
}

/// `namein`: at most 63 bytes.
pub(crate) fn name(text: &str) -> &str {
    text.get(..text.floor_char_boundary(63)).unwrap_or(text)
}

/// `charin`: the first byte, or `\ooo`.
pub(crate) fn char_in(text: &str) -> u8 {
    let octal = |b: u8| (b'0'..=b'7').contains(&b);
    match text.as_bytes() {
        &[b'\\', a, b, c] if octal(a) && octal(b) && octal(c) => {
            ((a - b'0') << 6).wrapping_add((b - b'0') << 3).wrapping_add(c - b'0')
        }
        bytes => bytes.first().copied().unwrap_or(0),
    }
}
