//! Ranges (`rangetypes.c`).

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use bytes::BufMut;

use crate::text::is_space;
use crate::{Env, Error, Oid, Result, SqlState, TypeRef, Value, catalog, oid};

/// A range of values of a type.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The range type.
    pub ty: Oid,
    /// The type of the bounds.
    pub element: Oid,
    /// There is nothing in it.
    pub empty: bool,
    /// Where it begins.
    pub lower: Bound,
    /// Where it ends.
    pub upper: Bound,
}

/// An end of a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bound {
    /// The value; none is infinite.
    pub value: Option<Value>,
    /// The value belongs to the range.
    pub inclusive: bool,
}

impl Bound {
    /// A finite bound.
    pub fn new(value: Value, inclusive: bool) -> Bound {
        Bound { value: Some(value), inclusive }
    }
}

impl Range {
    /// The empty range of a type.
    pub fn empty(ty: Oid) -> Range {
        let element = catalog::range_type(ty).map_or(oid::INT4, |row| row.element);
        Range { ty, element, empty: true, lower: Bound::default(), upper: Bound::default() }
    }

    /// `make_range`: bounds in order, canonical, and empty when nothing lies between them.
    pub fn new(ty: Oid, lower: Bound, upper: Bound) -> Result<Range> {
        let row = catalog::range_type(ty).ok_or_else(|| Error::internal("a range of a type that is none"))?;
        let open = |bound: Bound| Bound { inclusive: bound.inclusive && bound.value.is_some(), ..bound };
        let (lower, upper) = (open(lower), open(upper));
        if let (Some(a), Some(b)) = (&lower.value, &upper.value) {
            match crate::compare(row.element, a, b) {
                Ordering::Greater => {
                    return Err(Error::new(
                        SqlState::DATA_EXCEPTION,
                        "range lower bound must be less than or equal to range upper bound",
                    ));
                }
                Ordering::Equal if !(lower.inclusive && upper.inclusive) => return Ok(Range::empty(ty)),
                _ => {}
            }
        }
        let range = Range { ty, element: row.element, empty: false, lower, upper };
        if row.discrete { range.canonical() } else { Ok(range) }
    }

    /// `int4range_canonical` and its relatives: `[` below and `)` above.
    fn canonical(mut self) -> Result<Range> {
        if let Some(value) = self.lower.value.as_mut().filter(|_| !self.lower.inclusive)
            && !is_infinite_date(value)
        {
            *value = successor(value)?;
            self.lower.inclusive = true;
        }
        if let Some(value) = self.upper.value.as_mut().filter(|_| self.upper.inclusive)
            && !is_infinite_date(value)
        {
            *value = successor(value)?;
            self.upper.inclusive = false;
        }
        if let (Some(a), Some(b)) = (&self.lower.value, &self.upper.value) {
            let order = crate::compare(self.element, a, b);
            if order.is_gt() || (order.is_eq() && !(self.lower.inclusive && self.upper.inclusive)) {
                return Ok(Range::empty(self.ty));
            }
        }
        Ok(self)
    }
}

fn is_infinite_date(value: &Value) -> bool {
    matches!(value, Value::Date(i32::MAX | i32::MIN))
}

fn successor(value: &Value) -> Result<Value> {
    let overflow =
        |name: &str| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range"));
    match value {
        Value::Int4(i) => i.checked_add(1).map(Value::Int4).ok_or_else(|| overflow("integer")),
        Value::Int8(i) => i.checked_add(1).map(Value::Int8).ok_or_else(|| overflow("bigint")),
        Value::Date(d) => match d.checked_add(1).filter(|d| crate::datetime::calendar::is_valid_date(*d)) {
            Some(date) => Ok(Value::Date(date)),
            None => Err(Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "date out of range")),
        },
        other => Ok(other.clone()),
    }
}

/// `range_cmp_bound_values`, and then which bound lies outside: two ends of ranges, each a lower or an upper one.
pub fn compare_bounds(element: Oid, a: &Bound, a_lower: bool, b: &Bound, b_lower: bool) -> Ordering {
    match (&a.value, &b.value) {
        (None, None) if a_lower == b_lower => Ordering::Equal,
        (None, _) => {
            if a_lower {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (_, None) => {
            if b_lower {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Some(x), Some(y)) => crate::compare(element, x, y).then_with(|| match (a.inclusive, b.inclusive) {
            (false, false) if a_lower == b_lower => Ordering::Equal,
            (false, false) => {
                if a_lower {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, true) => {
                if a_lower {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (true, false) => {
                if b_lower {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (true, true) => Ordering::Equal,
        }),
    }
}

/// The order of two lower bounds.
pub fn compare_lower(a: &Range, b: &Range) -> Ordering {
    compare_bounds(a.element, &a.lower, true, &b.lower, true)
}

/// The order of two upper bounds.
pub fn compare_upper(a: &Range, b: &Range) -> Ordering {
    compare_bounds(a.element, &a.upper, false, &b.upper, false)
}

/// `range_cmp`: the empty one first.
pub fn compare(a: &Range, b: &Range) -> Ordering {
    match (a.empty, b.empty) {
        (false, false) => compare_lower(a, b).then_with(|| compare_upper(a, b)),
        (a, b) => b.cmp(&a),
    }
}

pub(super) fn hash<H: Hasher>(range: &Range, state: &mut H) {
    range.empty.hash(state);
    for bound in [&range.lower, &range.upper] {
        bound.inclusive.hash(state);
        bound.value.is_some().hash(state);
        if let Some(value) = &bound.value {
            crate::hash(range.element, value, state);
        }
    }
}

fn malformed(text: &str, detail: &str) -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed range literal: \"{text}\""))
        .detail(detail)
}

/// `range_in`
pub(super) fn parse(text: &str, ty: Oid, env: &Env) -> Result<Range> {
    let (range, rest) = parse_prefix(text, text, ty, env)?;
    match rest.trim_start_matches(is_space) {
        "" => Ok(range),
        _ => Err(malformed(text, "Junk after right parenthesis or bracket.")),
    }
}

/// A range at the beginning of a text, and what follows it; `whole` is for messages.
pub(super) fn parse_prefix<'a>(whole: &str, text: &'a str, ty: Oid, env: &Env) -> Result<(Range, &'a str)> {
    let element = TypeRef::of(catalog::range_type(ty).map_or(oid::TEXT, |row| row.element));
    let rest = text.trim_start_matches(is_space);
    if rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("empty")) {
        return match rest[5..].trim_start_matches(is_space) {
            after if after.is_empty() || whole.len() != text.len() => Ok((Range::empty(ty), after)),
            _ => Err(malformed(whole, "Junk after \"empty\" key word.")),
        };
    }
    let lower_inclusive = match rest.chars().next() {
        Some('[') => true,
        Some('(') => false,
        _ => return Err(malformed(whole, "Missing left parenthesis or bracket.")),
    };
    let (lower, rest) = parse_bound(whole, &rest[1..])?;
    let Some(rest) = rest.strip_prefix(',') else {
        return Err(malformed(whole, "Missing comma after lower bound."));
    };
    let (upper, rest) = parse_bound(whole, rest)?;
    let upper_inclusive = match rest.chars().next() {
        Some(']') => true,
        Some(')') => false,
        _ => return Err(malformed(whole, "Too many commas.")),
    };
    let bound = |text: Option<String>, inclusive: bool| -> Result<Bound> {
        Ok(Bound { value: text.map(|t| crate::text::input(&t, element, env)).transpose()?, inclusive })
    };
    let range = Range::new(ty, bound(lower, lower_inclusive)?, bound(upper, upper_inclusive)?)?;
    Ok((range, &rest[1..]))
}

/// `range_parse_bound`: up to a comma or a closing bracket, with quotes and backslashes.
fn parse_bound<'a>(whole: &str, text: &'a str) -> Result<(Option<String>, &'a str)> {
    let end = || malformed(whole, "Unexpected end of input.");
    if text.starts_with([',', ')', ']']) {
        return Ok((None, text));
    }
    let mut out = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    loop {
        let (at, c) = chars.next().ok_or_else(end)?;
        match c {
            ',' | ')' | ']' if !quoted => return Ok((Some(out), &text[at..])),
            '\\' => out.push(chars.next().ok_or_else(end)?.1),
            '"' if !quoted => quoted = true,
            '"' if chars.next_if(|(_, next)| *next == '"').is_some() => out.push('"'),
            '"' => quoted = false,
            c => out.push(c),
        }
    }
}

/// `range_out`
pub(super) fn write(range: &Range, env: &Env) -> Result<String> {
    if range.empty {
        return Ok("empty".into());
    }
    let bound = |bound: &Bound| -> Result<String> {
        let Some(value) = &bound.value else { return Ok(String::new()) };
        let mut bytes = Vec::new();
        crate::text::output(value, range.element, env, &mut bytes)?;
        Ok(quote(&String::from_utf8_lossy(&bytes)))
    };
    let (open, close) =
        (if range.lower.inclusive { '[' } else { '(' }, if range.upper.inclusive { ']' } else { ')' });
    Ok(format!("{open}{},{}{close}", bound(&range.lower)?, bound(&range.upper)?))
}

/// `range_bound_escape`
fn quote(text: &str) -> String {
    let special = |c: char| matches!(c, '"' | '\\' | '(' | ')' | '[' | ']' | ',') || is_space(c);
    if !text.is_empty() && !text.contains(special) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
}

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// `range_send`
pub(super) fn send<B: BufMut>(range: &Range, env: &Env, out: &mut B) -> Result<()> {
    if range.empty {
        out.put_u8(EMPTY);
        return Ok(());
    }
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    out.put_u8(
        flag(range.lower.inclusive, LOWER_INCLUSIVE)
            | flag(range.upper.inclusive, UPPER_INCLUSIVE)
            | flag(range.lower.value.is_none(), LOWER_INFINITE)
            | flag(range.upper.value.is_none(), UPPER_INFINITE),
    );
    for value in [&range.lower.value, &range.upper.value].into_iter().flatten() {
        let mut bytes = Vec::new();
        crate::binary::send(value, range.element, env, &mut bytes)?;
        out.put_i32(bytes.len() as i32);
        out.put_slice(&bytes);
    }
    Ok(())
}

/// `range_recv`
pub(super) fn recv(bytes: &[u8], ty: Oid, env: &Env) -> Result<Range> {
    let (flags, mut rest) = bytes.split_first().ok_or_else(super::insufficient)?;
    if flags & EMPTY != 0 {
        return super::end(rest).map(|()| Range::empty(ty));
    }
    let element = TypeRef::of(catalog::range_type(ty).map_or(oid::TEXT, |row| row.element));
    let mut bound = |infinite: u8, inclusive: u8| -> Result<Bound> {
        if flags & infinite != 0 {
            return Ok(Bound::default());
        }
        let (length, after) = rest.split_first_chunk().ok_or_else(super::insufficient)?;
        let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| super::insufficient())?;
        let (value, after) = after.split_at_checked(length).ok_or_else(super::insufficient)?;
        rest = after;
        Ok(Bound::new(crate::binary::recv(value, element, env)?, flags & inclusive != 0))
    };
    let lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE)?;
    let upper = bound(UPPER_INFINITE, UPPER_INCLUSIVE)?;
    super::end(rest)?;
    Range::new(ty, lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_of_the_binary_form_are_used() {
        let env = Env::default();
        let code = |bytes: &[u8]| recv(bytes, Oid(3904), &env).map_err(|error| error.code());
        assert!(code(&[EMPTY]).is_ok_and(|range| range.empty));
        assert_eq!(code(&[EMPTY, 0]).err(), Some(SqlState::PROTOCOL_VIOLATION));
        let bounds = LOWER_INFINITE | UPPER_INFINITE;
        assert!(code(&[bounds]).is_ok());
        assert_eq!(code(&[bounds, 0]).err(), Some(SqlState::PROTOCOL_VIOLATION));
    }
}
