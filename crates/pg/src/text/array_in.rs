//! Text to arrays (`array_in`): dimensions first, then the structure as a whole, then the elements.

use super::array::{MAX_SIZE, delimiter_of};
use super::array_structure;
use super::{input, is_space};
use crate::array::Dimension;
use crate::array::{MAX_DIMENSIONS, too_many_dimensions};
use crate::{Array, Env, Error, Result, SqlState, TypeRef, Value};

/// 22P02 about an array text, with its detail.
pub(super) fn malformed(text: &str, detail: &str) -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed array literal: \"{text}\""))
        .detail(detail)
}

/// Reads an array of elements of a type.
pub fn parse_array(text: &str, element: TypeRef, env: &Env) -> Result<Array> {
    let delimiter = delimiter_of(element.oid);
    let mut rest = text.trim_start_matches(is_space);
    let bounds = bounds(text, &mut rest)?;
    if !rest.starts_with('{') {
        let detail = match bounds.is_empty() {
            true => "Array value must start with \"{\" or dimension information.",
            false => "Array contents must start with \"{\".",
        };
        return Err(malformed(text, detail));
    }
    let lengths = array_structure::lengths(rest, delimiter)?;
    let dims: Vec<Dimension> = if bounds.is_empty() {
        lengths.iter().map(|length| Dimension { length: *length, lower: 1 }).collect()
    } else {
        if !bounds.iter().map(|dim| dim.length).eq(lengths.iter().copied()) {
            return Err(malformed(text, "Specified array dimensions do not match array contents."));
        }
        bounds
    };
    let size = dims.iter().try_fold(1_i64, |size, dim| size.checked_mul(dim.length.into()));
    let size =
        if dims.is_empty() { 0 } else { size.filter(|size| *size <= MAX_SIZE).ok_or_else(too_large)? };
    let mut reader = Reader { rest, delimiter, items: Vec::new() };
    reader.elements(element, env)?;
    if reader.items.len() as i64 != size {
        let detail = "Multidimensional arrays must have sub-arrays with matching dimensions.";
        return Err(malformed(text, detail));
    }
    Ok(Array { element: element.oid, dims, items: reader.items })
}

fn too_large() -> Error {
    let message = format!("array size exceeds the maximum allowed ({MAX_SIZE})");
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
}

/// `[1:2][3:4]=`; nothing when there are no dimensions.
fn bounds(text: &str, rest: &mut &str) -> Result<Vec<Dimension>> {
    let mut dims = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        if dims.len() >= MAX_DIMENSIONS {
            return Err(too_many_dimensions(dims.len() + 1));
        }
        let no_dimension = "\"[\" must introduce explicitly-specified array dimensions.";
        let (first, mut after) = bound(text, inner, no_dimension)?;
        let (lower, upper) = match after.strip_prefix(':') {
            Some(second) => {
                let (upper, tail) = bound(text, second, "Missing array dimension value.")?;
                after = tail;
                (first, upper)
            }
            None => (1, first),
        };
        after = after
            .strip_prefix(']')
            .ok_or_else(|| malformed(text, "Missing \"]\" after array dimensions."))?;
        if upper < lower {
            return Err(Error::new(
                SqlState::ARRAY_SUBSCRIPT_ERROR,
                "upper bound cannot be less than lower bound",
            ));
        }
        let length = i64::from(upper) - i64::from(lower) + 1;
        let length = i32::try_from(length).ok().filter(|length| i64::from(*length) <= MAX_SIZE);
        dims.push(Dimension { length: length.ok_or_else(too_large)?, lower });
        *rest = after.trim_start_matches(is_space);
    }
    if !dims.is_empty() {
        let after = rest.strip_prefix('=');
        let after = after.ok_or_else(|| malformed(text, "Missing \"=\" after array dimensions."))?;
        *rest = after.trim_start_matches(is_space);
    }
    Ok(dims)
}

/// A number of the dimensions, and what follows it.
fn bound<'a>(text: &str, rest: &'a str, missing: &str) -> Result<(i32, &'a str)> {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-' && c != '+').unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    if number.is_empty() {
        return Err(malformed(text, missing));
    }
    let value = number.parse().map_err(|_| {
        Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "array bound is out of integer range")
    })?;
    Ok((value, after))
}

/// Reads the elements of a text whose structure is known to be right.
struct Reader<'a> {
    rest: &'a str,
    delimiter: u8,
    items: Vec<Value>,
}

impl Reader<'_> {
    fn elements(&mut self, element: TypeRef, env: &Env) -> Result<()> {
        let delimiter = char::from(self.delimiter);
        while let Some(next) = self.rest.chars().next() {
            if next == delimiter || matches!(next, '{' | '}') || is_space(next) {
                self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
                continue;
            }
            let item = match self.element() {
                Some(text) => input(&text, element, env)?,
                None => Value::Null,
            };
            self.items.push(item);
        }
        Ok(())
    }

    /// The text of an element, quotes and escapes resolved; `None` for NULL.
    fn element(&mut self) -> Option<String> {
        let delimiter = char::from(self.delimiter);
        let mut text = String::new();
        // What is quoted or escaped is taken as it is: blanks count, and NULL is a word.
        let (mut literal, mut quoted) = (false, false);
        let mut significant = 0;
        let mut characters = self.rest.chars();
        let mut rest = self.rest;
        while let Some(c) = characters.next() {
            match c {
                '\\' => {
                    text.extend(characters.next());
                    literal = true;
                    significant = text.len();
                }
                '"' => {
                    quoted = !quoted;
                    literal = true;
                    significant = text.len();
                }
                c if quoted => text.push(c),
                c if c == delimiter || c == '}' => break,
                c => {
                    text.push(c);
                    if !is_space(c) {
                        significant = text.len();
                    }
                }
            }
            rest = characters.as_str();
        }
        self.rest = rest;
        text.truncate(significant);
        if !literal && text.eq_ignore_ascii_case("NULL") { None } else { Some(text) }
    }
}
