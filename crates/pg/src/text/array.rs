//! Arrays to text and back (`array_out`, `array_in`).

use bytes::BufMut;

use super::output::output as output_value;
use super::{input, is_space};
use crate::array::Dimension;
use crate::{Array, Env, Error, Oid, Result, SqlState, TypeRef, Value, catalog, oid};

/// The most dimensions (`MAXDIM`).
pub(crate) const MAX_DIMENSIONS: usize = 6;
/// The most elements (`MaxArraySize`).
pub(crate) const MAX_SIZE: i64 = 134_217_727;

pub(super) fn output<B: BufMut>(array: &Array, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    if matches!(ty, oid::INT2VECTOR | oid::OIDVECTOR) {
        for (at, item) in array.items.iter().enumerate() {
            if at > 0 {
                out.put_u8(b' ');
            }
            output_value(item, array.element, env, out)?;
        }
        return Ok(());
    }
    write_array(array, env, out)
}

fn delimiter_of(element: Oid) -> u8 {
    // Only `box` has another one; the look-up is for the rest of eternity.
    match element {
        oid::INT4 | oid::INT8 | oid::TEXT | oid::VARCHAR | oid::NAME | oid::OID => b',',
        _ => catalog::type_by_oid(element).and_then(|ty| u8::try_from(ty.delimiter).ok()).unwrap_or(b','),
    }
}

/// `array_out`
pub fn write_array<B: BufMut>(array: &Array, env: &Env, out: &mut B) -> Result<()> {
    if array.items.is_empty() {
        out.put_slice(b"{}");
        return Ok(());
    }
    if array.dims.iter().any(|dim| dim.lower != 1) {
        for dim in &array.dims {
            let upper = i64::from(dim.lower) + i64::from(dim.length) - 1;
            out.put_slice(format!("[{}:{upper}]", dim.lower).as_bytes());
        }
        out.put_u8(b'=');
    }
    let delimiter = delimiter_of(array.element);
    let lengths: Vec<usize> =
        array.dims.iter().map(|dim| usize::try_from(dim.length).unwrap_or(1).max(1)).collect();
    let mut scratch = Vec::new();
    for (at, item) in array.items.iter().enumerate() {
        // How many of the inner dimensions begin, and how many end, at this element.
        let mut size = 1;
        let begins = lengths
            .iter()
            .rev()
            .take_while(|length| {
                size *= **length;
                at.is_multiple_of(size)
            })
            .count();
        size = 1;
        let ends = lengths
            .iter()
            .rev()
            .take_while(|length| {
                size *= **length;
                (at + 1).is_multiple_of(size)
            })
            .count();
        if at > 0 {
            out.put_u8(delimiter);
        }
        out.put_bytes(b'{', begins);
        if item.is_null() {
            out.put_slice(b"NULL");
        } else {
            scratch.clear();
            output_value(item, array.element, env, &mut scratch)?;
            put_item(&scratch, delimiter, out);
        }
        out.put_bytes(b'}', ends);
    }
    Ok(())
}

/// An element, in quotes where it needs them.
fn put_item(text: &[u8], delimiter: u8, out: &mut impl BufMut) {
    let special = |b: &u8| {
        *b == delimiter
            || matches!(b, b'"' | b'\\' | b'{' | b'}' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
    };
    let plain = !text.is_empty() && !text.eq_ignore_ascii_case(b"NULL") && !text.iter().any(special);
    if plain {
        return out.put_slice(text);
    }
    out.put_u8(b'"');
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}

/// 22P02 about an array text, with its detail.
fn malformed(text: &str, detail: &str) -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed array literal: \"{text}\""))
        .detail(detail)
}

/// 54000: too many dimensions.
pub(crate) fn too_many_dimensions(count: usize) -> Error {
    Error::new(
        SqlState::PROGRAM_LIMIT_EXCEEDED,
        format!("number of array dimensions ({count}) exceeds the maximum allowed ({MAX_DIMENSIONS})"),
    )
}

/// `array_in`: reads an array of elements of a type.
pub fn parse_array(text: &str, element: TypeRef, env: &Env) -> Result<Array> {
    let mut reader = Reader {
        text,
        at: 0,
        element,
        env,
        delimiter: delimiter_of(element.oid),
        items: Vec::new(),
        lengths: Vec::new(),
    };
    reader.skip_space();
    let bounds = reader.bounds()?;
    if reader.peek() != Some(b'{') {
        let detail = if bounds.is_some() {
            "Array contents must start with \"{\"."
        } else {
            "Array value must start with \"{\" or dimension information."
        };
        return Err(malformed(text, detail));
    }
    reader.level(0)?;
    reader.skip_space();
    if reader.peek().is_some() {
        return Err(malformed(text, "Junk after closing right brace."));
    }
    let (items, lengths) = (reader.items, reader.lengths);
    finish(text, element.oid, items, &lengths, bounds)
}

fn finish(
    text: &str,
    element: Oid,
    items: Vec<Value>,
    lengths: &[Option<i32>],
    bounds: Option<Vec<Dimension>>,
) -> Result<Array> {
    if items.is_empty() {
        return Ok(Array { element, dims: Vec::new(), items });
    }
    let lengths: Vec<i32> = lengths.iter().map(|length| length.unwrap_or(0)).collect();
    let dims = match bounds {
        None => lengths.iter().map(|length| Dimension { length: *length, lower: 1 }).collect(),
        Some(bounds) => {
            if bounds.len() != lengths.len() || bounds.iter().zip(&lengths).any(|(b, l)| b.length != *l) {
                return Err(malformed(text, "Specified array dimensions do not match array contents."));
            }
            bounds
        }
    };
    Ok(Array { element, dims, items })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    element: TypeRef,
    env: &'a Env,
    delimiter: u8,
    items: Vec<Value>,
    /// The length of each level, once known.
    lengths: Vec<Option<i32>>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| is_space(b.into())) {
            self.at += 1;
        }
    }

    fn wrong(&self, detail: &str) -> Error {
        malformed(self.text, detail)
    }

    fn unexpected(&self, byte: u8) -> Error {
        self.wrong(&format!("Unexpected \"{}\" character.", char::from(byte)))
    }

    fn end_of_input(&self) -> Error {
        self.wrong("Unexpected end of input.")
    }

    /// `[1:2][3:4]=`
    fn bounds(&mut self) -> Result<Option<Vec<Dimension>>> {
        let mut dims = Vec::new();
        while self.peek() == Some(b'[') {
            self.at += 1;
            if dims.len() >= MAX_DIMENSIONS {
                return Err(too_many_dimensions(dims.len() + 1));
            }
            let first = self.bound()?;
            let (lower, upper) = if self.peek() == Some(b':') {
                self.at += 1;
                (first, self.bound()?)
            } else {
                (1, first)
            };
            if self.peek() != Some(b']') {
                return Err(self.wrong("Missing \"]\" after array dimensions."));
            }
            self.at += 1;
            if upper < lower {
                return Err(Error::new(
                    SqlState::ARRAY_SUBSCRIPT_ERROR,
                    "upper bound cannot be less than lower bound",
                ));
            }
            let length = i64::from(upper) - i64::from(lower) + 1;
            if length > MAX_SIZE {
                return Err(Error::new(
                    SqlState::PROGRAM_LIMIT_EXCEEDED,
                    format!("array size exceeds the maximum allowed ({MAX_SIZE})"),
                ));
            }
            dims.push(Dimension { length: length as i32, lower });
            self.skip_space();
        }
        if dims.is_empty() {
            return Ok(None);
        }
        if self.peek() != Some(b'=') {
            return Err(self.wrong("Missing \"=\" after array dimensions."));
        }
        self.at += 1;
        self.skip_space();
        Ok(Some(dims))
    }

    fn bound(&mut self) -> Result<i32> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let sign = usize::from(rest.starts_with(['-', '+']));
        let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(self.wrong("\"[\" must introduce explicitly-specified array dimensions."));
        }
        let number = rest.get(..sign + digits).unwrap_or_default();
        self.at += number.len();
        number.parse().map_err(|_| {
            Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "array bound is out of range for type integer")
        })
    }

    /// A level: from its opening brace to its closing one.
    fn level(&mut self, depth: usize) -> Result<()> {
        if depth >= MAX_DIMENSIONS {
            return Err(too_many_dimensions(depth + 1));
        }
        if self.lengths.len() <= depth {
            if !self.items.is_empty() {
                // Elements stood where a level stands now.
                return Err(self.unexpected(b'{'));
            }
            self.lengths.push(None);
        }
        self.at += 1;
        let mut count = 0;
        self.skip_space();
        // Only the whole array can be empty.
        if depth == 0 && self.peek() == Some(b'}') {
            self.at += 1;
            return self.close(depth, 0);
        }
        loop {
            self.skip_space();
            match self.peek() {
                None => return Err(self.end_of_input()),
                Some(b'{') => self.level(depth + 1)?,
                Some(b'}') => return Err(self.unexpected(b'}')),
                Some(byte) if byte == self.delimiter => return Err(self.unexpected(byte)),
                Some(_) => {
                    if self.lengths.len() > depth + 1 {
                        return Err(self.wrong("Unexpected array element."));
                    }
                    self.item()?;
                }
            }
            count += 1;
            self.skip_space();
            match self.peek() {
                None => return Err(self.end_of_input()),
                Some(b'}') => {
                    self.at += 1;
                    return self.close(depth, count);
                }
                Some(byte) if byte == self.delimiter => self.at += 1,
                Some(b'{') => return Err(self.unexpected(b'{')),
                Some(_) => return Err(self.wrong("Unexpected array element.")),
            }
        }
    }

    /// Every sub-array of a level must be as long as the first.
    fn close(&mut self, depth: usize, count: i32) -> Result<()> {
        let wrong = self.wrong("Multidimensional arrays must have sub-arrays with matching dimensions.");
        match self.lengths.get_mut(depth) {
            Some(Some(length)) if *length != count => Err(wrong),
            Some(length) => {
                *length = Some(count);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// An element, quoted or not.
    fn item(&mut self) -> Result<()> {
        let mut text = String::new();
        let mut quoted = false;
        let mut escaped = false;
        // Trailing blanks count only when they are quoted or escaped.
        let mut significant = 0;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(character) = rest.chars().next() else { return Err(self.end_of_input()) };
            match character {
                '"' if quoted || !text.is_empty() => {
                    return Err(self.wrong("Unexpected array element."));
                }
                '"' => {
                    quoted = true;
                    self.quoted(&mut text)?;
                    significant = text.len();
                    continue;
                }
                '\\' => {
                    let Some(next) = rest.chars().nth(1) else { return Err(self.end_of_input()) };
                    if quoted {
                        return Err(self.unexpected(b'\\'));
                    }
                    escaped = true;
                    text.push(next);
                    significant = text.len();
                    self.at += 1 + next.len_utf8();
                    continue;
                }
                '}' => break,
                '{' => return Err(self.unexpected(b'{')),
                c if c == char::from(self.delimiter) => break,
                c if is_space(c) => {
                    if !quoted {
                        text.push(c);
                    }
                }
                c => {
                    if quoted {
                        return Err(self.wrong("Unexpected array element."));
                    }
                    text.push(c);
                    significant = text.len();
                }
            }
            self.at += character.len_utf8();
        }
        text.truncate(significant);
        let null = !quoted && !escaped && text.eq_ignore_ascii_case("NULL");
        let value = if null { Value::Null } else { input(&text, self.element, self.env)? };
        self.items.push(value);
        Ok(())
    }

    fn quoted(&mut self, text: &mut String) -> Result<()> {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let mut characters = rest.chars();
            let Some(character) = characters.next() else { return Err(self.end_of_input()) };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(()),
                '\\' => {
                    let Some(next) = characters.next() else { return Err(self.end_of_input()) };
                    self.at += next.len_utf8();
                    text.push(next);
                }
                c => text.push(c),
            }
        }
    }
}
