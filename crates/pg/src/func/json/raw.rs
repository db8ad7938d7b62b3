//! The parts of a JSON text, as text.

use crate::json::{Json, parse_json};
use crate::{Error, Result, Value};

/// What kind of value a text is, by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// The kind of a valid JSON text.
pub(super) fn kind(text: &str) -> Kind {
    match text.trim_start_matches(is_space).bytes().next() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn broken() -> Error {
    Error::internal("a json value that is not valid")
}

/// The value of a JSON string.
pub(super) fn decoded(text: &str) -> Result<String> {
    match parse_json(text)? {
        Json::String(text) => Ok(text),
        _ => Err(broken()),
    }
}

/// The members of an object: names and texts of values, in the order of the text.
pub(super) fn members(text: &str) -> Result<Vec<(String, &str)>> {
    let mut members = Vec::new();
    let mut rest = text.trim_start_matches(is_space).strip_prefix('{').ok_or_else(broken)?;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        if rest.starts_with('}') {
            return Ok(members);
        }
        let (name, after) = rest.split_at(value_end(rest)?);
        let after = after.trim_start_matches(is_space).strip_prefix(':').ok_or_else(broken)?;
        let after = after.trim_start_matches(is_space);
        let (value, after) = after.split_at(value_end(after)?);
        members.push((decoded(name)?, value));
        rest = after;
    }
}

/// The texts of an array's elements.
pub(super) fn elements(text: &str) -> Result<Vec<&str>> {
    let mut elements = Vec::new();
    let mut rest = text.trim_start_matches(is_space).strip_prefix('[').ok_or_else(broken)?;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        if rest.starts_with(']') {
            return Ok(elements);
        }
        let (value, after) = rest.split_at(value_end(rest)?);
        elements.push(value);
        rest = after;
    }
}

/// Where the value at the start of a text ends.
fn value_end(text: &str) -> Result<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at).ok_or_else(broken)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                if depth == 0 {
                    return Ok(at);
                }
                depth -= 1;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Ok(at),
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Ok(at);
        }
    }
    if depth == 0 && at > 0 { Ok(at) } else { Err(broken()) }
}

/// The place after a string that begins at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// What `->>` shows of a part.
pub(super) fn as_text(text: &str) -> Result<Value> {
    match kind(text) {
        Kind::Null => Ok(Value::Null),
        Kind::String => decoded(text).map(Value::text),
        _ => Ok(Value::text(text)),
    }
}
