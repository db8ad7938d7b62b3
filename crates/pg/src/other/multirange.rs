//! Multiranges (`multirangetypes.c`).

use std::cmp::Ordering;

use bytes::BufMut;

use super::range::{self, Range};
use crate::text::is_space;
use crate::{Env, Error, Oid, Result, SqlState, catalog};

/// `multirange_canonicalize`: in order, joined where they touch, without empty ones.
pub fn canonical(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.retain(|range| !range.empty);
    ranges.sort_by(range::compare);
    let mut joined: Vec<Range> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut().filter(|last| touches(last, &range)) {
            Some(last) => {
                if range::compare_upper(last, &range).is_lt() {
                    last.upper = range.upper;
                }
            }
            None => joined.push(range),
        }
    }
    joined
}

/// Whether the second begins before the first has ended, or just where it ends.
fn touches(first: &Range, second: &Range) -> bool {
    match (&first.upper.value, &second.lower.value) {
        (Some(upper), Some(lower)) => match crate::compare(first.element, upper, lower) {
            Ordering::Greater => true,
            Ordering::Equal => first.upper.inclusive || second.lower.inclusive,
            Ordering::Less => false,
        },
        _ => true,
    }
}

/// `multirange_cmp`: range by range.
pub fn compare(a: &[Range], b: &[Range]) -> Ordering {
    let pairs = a.iter().zip(b).map(|(a, b)| range::compare(a, b));
    pairs.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn malformed(text: &str, detail: &str) -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed multirange literal: \"{text}\""))
        .detail(detail)
}

/// The range type of a multirange type.
pub fn range_of(ty: Oid) -> Oid {
    catalog::range_type(ty).map_or(Oid::INVALID, |row| row.range)
}

/// `multirange_in`
pub(super) fn parse(text: &str, ty: Oid, env: &Env) -> Result<Vec<Range>> {
    let mut rest = text.trim_start_matches(is_space);
    rest = rest.strip_prefix('{').ok_or_else(|| malformed(text, "Missing left brace."))?;
    let mut ranges = Vec::new();
    rest = rest.trim_start_matches(is_space);
    if !rest.starts_with('}') {
        loop {
            rest = rest.trim_start_matches(is_space);
            let empty = rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("empty"));
            if !empty && !rest.starts_with(['[', '(']) {
                return Err(match rest.is_empty() {
                    true => malformed(text, "Unexpected end of input."),
                    false => malformed(text, "Expected range start."),
                });
            }
            let (range, after) = range::parse_prefix(text, rest, range_of(ty), env)?;
            ranges.push(range);
            rest = after.trim_start_matches(is_space);
            match rest.chars().next() {
                Some(',') => rest = &rest[1..],
                Some('}') => break,
                None => return Err(malformed(text, "Unexpected end of input.")),
                Some(_) => return Err(malformed(text, "Expected comma or end of multirange.")),
            }
        }
    }
    match rest[1..].trim_start_matches(is_space) {
        "" => Ok(canonical(ranges)),
        _ => Err(malformed(text, "Junk after closing right brace.")),
    }
}

/// `multirange_out`
pub(super) fn write(ranges: &[Range], env: &Env) -> Result<String> {
    let texts = ranges.iter().map(|range| range::write(range, env)).collect::<Result<Vec<_>>>()?;
    Ok(format!("{{{}}}", texts.join(",")))
}

/// `multirange_send`
pub(super) fn send<B: BufMut>(ranges: &[Range], env: &Env, out: &mut B) -> Result<()> {
    out.put_i32(ranges.len() as i32);
    for range in ranges {
        let mut bytes = Vec::new();
        range::send(range, env, &mut bytes)?;
        out.put_i32(bytes.len() as i32);
        out.put_slice(&bytes);
    }
    Ok(())
}

/// `multirange_recv`
pub(super) fn recv(bytes: &[u8], ty: Oid, env: &Env) -> Result<Vec<Range>> {
    let (count, mut rest) = bytes.split_first_chunk().ok_or_else(super::insufficient)?;
    let mut ranges = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk().ok_or_else(super::insufficient)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (range, after) = after.split_at_checked(length).ok_or_else(super::insufficient)?;
        ranges.push(range::recv(range, range_of(ty), env)?);
        rest = after;
    }
    super::end(rest)?;
    Ok(canonical(ranges))
}
