//! `to_number`: what a template finds in a text (`NUM_processor`, `NUM_numpart_from_char`).

use super::template::{LocalSign, Node, Pattern, Shape, Template, parse};
use crate::numeric::{Numeric, numeric_typmod};
use crate::{Error, Result, SqlState};

/// `numeric_to_number`
pub(super) fn to_number(text: &str, template: &str) -> Result<Option<Numeric>> {
    if template.is_empty() {
        return Ok(None);
    }
    let template = parse(template)?;
    let shape = &template.shape;
    for (used, name) in [(shape.exponent, "EEEE"), (shape.roman, "RN")] {
        if used {
            let message = format!("\"{name}\" not supported for input");
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
        }
    }
    let mut reader = Reader::new(shape, text.as_bytes());
    reader.read(&template);
    let scale = reader.post;
    if reader.number.last() == Some(&b'.') {
        reader.number.pop();
    }
    let number = format!("{}{}", char::from(reader.sign), String::from_utf8_lossy(&reader.number));
    let precision = shape.pre + shape.multi + scale;
    let to_i32 = |digits: usize| i32::try_from(digits).unwrap_or(i32::MAX);
    let mut value = Numeric::parse(&number)?;
    // A modifier has no room for more.
    if precision <= 1000 {
        value = value.apply_typmod(numeric_typmod(to_i32(precision), to_i32(scale)))?;
    }
    if !shape.multiply {
        return Ok(Some(value));
    }
    let factor = Numeric::from(10).power(&Numeric::from(-to_i32(shape.multi)))?;
    value.mul(&factor).map(Some)
}

struct Reader<'a> {
    shape: &'a Shape,
    input: &'a [u8],
    /// The next byte of the input.
    at: usize,
    /// A space, or the sign that was found.
    sign: u8,
    number: Vec<u8>,
    /// Digits found before the point.
    pre: usize,
    /// Digits found after it.
    post: usize,
    point_read: bool,
}

impl<'a> Reader<'a> {
    fn new(shape: &'a Shape, input: &'a [u8]) -> Reader<'a> {
        let (number, at) = (Vec::new(), 0);
        Reader { shape, input, at, sign: b' ', number, pre: 0, post: 0, point_read: false }
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn read(&mut self, template: &Template) {
        for node in &template.nodes {
            if self.at >= self.input.len() {
                break;
            }
            match node {
                Node::Pattern(pattern) => self.pattern(*pattern),
                // Any character is skipped for it.
                Node::Char(_) => self.skip_char(),
            }
        }
    }

    fn pattern(&mut self, pattern: Pattern) {
        match pattern {
            Pattern::Nine | Pattern::Zero | Pattern::Point | Pattern::LocalPoint => {
                self.digit(matches!(pattern, Pattern::Nine | Pattern::Zero));
                self.at += 1;
            }
            // With FM PostgreSQL waits for a digit that it never notices on input.
            Pattern::Comma | Pattern::Group if !self.shape.fill && self.peek() == Some(b',') => self.at += 1,
            Pattern::Currency => self.skip_other(1),
            Pattern::Ordinal(_) if !self.shape.decimal => self.skip_other(2),
            Pattern::Minus => self.sign_of(b"-"),
            Pattern::Plus => self.sign_of(b"+"),
            Pattern::Sign => self.sign_of(b"-+"),
            _ => {}
        }
    }

    fn sign_of(&mut self, signs: &[u8]) {
        match self.peek().filter(|byte| signs.contains(byte)) {
            Some(sign) => {
                self.sign = sign;
                self.at += 1;
            }
            None => self.skip_other(1),
        }
    }

    fn skip_char(&mut self) {
        self.at += match self.peek().unwrap_or(0) {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
    }

    /// `NUM_eat_non_data_chars`
    fn skip_other(&mut self, count: usize) {
        for _ in 0..count {
            match self.peek() {
                Some(byte) if !b"0123456789.,+-".contains(&byte) => self.skip_char(),
                _ => break,
            }
        }
    }

    /// `NUM_numpart_from_char`; the byte it stops at is skipped by the caller.
    fn digit(&mut self, is_digit: bool) {
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        let Some(next) = self.peek() else { return };
        if self.sign == b' ' && is_digit && self.pre + self.post == 0 {
            self.sign_before(next);
        }
        let Some(next) = self.peek() else { return };
        let mut read = true;
        if next.is_ascii_digit() {
            if self.point_read && self.post == self.shape.post {
                return;
            }
            self.number.push(next);
            if self.point_read {
                self.post += 1;
            } else {
                self.pre += 1;
            }
        } else if self.shape.decimal && !self.point_read && next == b'.' {
            self.number.push(b'.');
            self.point_read = true;
        } else {
            read = false;
        }
        if self.sign == b' ' && self.pre + self.post > 0 {
            self.sign_after(next, read);
        }
    }

    fn sign_before(&mut self, next: u8) {
        let found = if self.shape.has_local_sign && self.shape.local_sign == LocalSign::Before {
            [b'-', b'+'].contains(&next).then_some(next)
        } else {
            match next {
                b'<' if self.shape.brackets => Some(b'-'),
                b'-' | b'+' => Some(next),
                _ => None,
            }
        };
        if let Some(sign) = found {
            self.sign = sign;
            self.at += 1;
        }
    }

    /// Where a sign behind the number stands is hard to tell from the template; it is taken where it is found.
    fn sign_after(&mut self, next: u8, read: bool) {
        let after = self.input.get(self.at + 1).copied();
        match after {
            Some(after) if self.shape.has_local_sign && read && !after.is_ascii_digit() => {
                if after == b'-' || after == b'+' {
                    self.sign = after;
                    self.at += 1;
                }
            }
            _ => {
                let patterns = self.shape.plus || self.shape.minus;
                if !read && !self.shape.has_local_sign && patterns && (next == b'-' || next == b'+') {
                    self.sign = next;
                }
            }
        }
    }
}
