//! `parse_ident` (PostgreSQL's misc.c).

use crate::{Array, Error, Result, SqlState, Value, oid};

fn invalid(text: &str) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("string is not a valid identifier: \"{text}\""))
}

fn is_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || !c.is_ascii()
}

fn is_part(c: char) -> bool {
    is_start(c) || c.is_ascii_digit() || c == '$'
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// The parts of a qualified name; unquoted ones are folded to lower case.
pub(super) fn parse_ident(text: &str, strict: bool) -> Result<Array> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    let mut after_dot = false;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (part, after) = quoted_part(quoted)
                .ok_or_else(|| invalid(text).detail("String has unclosed double quotes."))?;
            if part.is_empty() {
                return Err(invalid(text).detail("Quoted identifier must not be empty."));
            }
            parts.push(part);
            rest = after;
        } else if rest.starts_with(is_start) {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            parts.push(rest[..end].to_ascii_lowercase());
            rest = &rest[end..];
        } else {
            return Err(if rest.starts_with('.') {
                invalid(text).detail("No valid identifier before \".\".")
            } else if after_dot {
                invalid(text).detail("No valid identifier after \".\".")
            } else {
                invalid(text)
            });
        }
        rest = rest.trim_start_matches(is_space);
        match rest.strip_prefix('.') {
            Some(after) => {
                after_dot = true;
                rest = after.trim_start_matches(is_space);
            }
            None if rest.is_empty() || !strict => break,
            None => return Err(invalid(text)),
        }
    }
    Ok(Array::one_dimensional(oid::TEXT, parts.into_iter().map(Value::text).collect()))
}

/// A part in quotes, after the opening one, and what follows it.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        part.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                part.push('"');
                rest = after;
            }
            None => return Some((part, rest)),
        }
    }
}
