//! Digits into a template (`NUM_processor`, `NUM_numpart_to_char`). The locale is C: point, comma, no currency.

use super::template::{LocalSign, Node, Pattern, Shape, Template};
use crate::{Error, Result, SqlState};

/// A number ready for the template.
#[derive(Default)]
pub(super) struct Digits {
    /// Its digits without a sign, and what else stands for a number.
    pub text: Vec<u8>,
    /// Spaces before it, up to the digits of the template.
    pub spaces: usize,
    /// `+`, `-`; zero when the text is all.
    pub sign: u8,
}

struct Writer {
    shape: Shape,
    digits: Digits,
    /// The next of the digits.
    at: usize,
    /// The last digit after the point that is not a zero, or the point; with `FM`.
    last_relevant: Option<usize>,
    sign_written: bool,
    /// The digits of the template, with that of the sign.
    count: i64,
    /// The place in the template.
    current: usize,
    /// A digit was written at this place.
    in_number: bool,
    out: Vec<u8>,
}

/// The text.
pub(super) fn write(template: &Template, digits: Digits) -> Result<String> {
    let mut shape = template.shape.clone();
    shape.zero_start = shape.zero_start.saturating_sub(1);
    if shape.exponent {
        return finish(digits.text);
    }
    if shape.roman {
        shape = Shape { roman: true, fill: shape.fill, ..Shape::default() };
    }
    let mut writer = Writer::new(shape, digits);
    for node in &template.nodes {
        match node {
            Node::Pattern(pattern) => writer.pattern(*pattern)?,
            Node::Char(c) => writer.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    finish(writer.out)
}

/// What C sees of the text: a sign that is not there ends it.
fn finish(mut text: Vec<u8>) -> Result<String> {
    text.truncate(text.iter().position(|byte| *byte == 0).unwrap_or(text.len()));
    String::from_utf8(text).map_err(|_| Error::internal("a template was cut within a character"))
}

impl Writer {
    fn new(mut shape: Shape, digits: Digits) -> Writer {
        let mut sign_written = false;
        if shape.plus || shape.minus {
            sign_written = shape.minus;
        } else {
            if digits.sign != b'-' && shape.fill {
                shape.brackets = false;
            }
            sign_written |= digits.sign == b'+' && shape.fill && !shape.has_local_sign;
            if shape.local_sign == LocalSign::Before && shape.pre == shape.pre_sign {
                shape.local_sign = LocalSign::After;
            }
        }
        let last_relevant = if shape.fill && shape.decimal { last_relevant(&shape, &digits) } else { None };
        let mut count = (shape.pre + shape.post) as i64 - 1;
        if !sign_written && digits.spaces == 0 {
            count += 1;
        }
        Writer {
            shape,
            digits,
            at: 0,
            last_relevant,
            sign_written,
            count,
            current: 0,
            in_number: false,
            out: Vec::new(),
        }
    }

    fn pattern(&mut self, pattern: Pattern) -> Result<()> {
        let (fill, sign) = (self.shape.fill, self.digits.sign);
        match pattern {
            Pattern::Nine | Pattern::Zero | Pattern::Point | Pattern::LocalPoint if !self.shape.roman => {
                self.digit(pattern);
            }
            Pattern::Comma | Pattern::Group if self.in_number => self.out.push(b','),
            Pattern::Minus if sign == b'-' => self.out.push(b'-'),
            Pattern::Plus if sign == b'+' => self.out.push(b'+'),
            Pattern::Comma | Pattern::Group | Pattern::Minus | Pattern::Plus if fill => {}
            Pattern::Comma | Pattern::Group | Pattern::Minus | Pattern::Plus | Pattern::Currency => {
                self.out.push(b' ');
            }
            Pattern::Sign => self.out.push(sign),
            Pattern::Roman(upper) => {
                let rest = self.digits.text.get(self.at..).unwrap_or_default();
                let rest = if upper { rest.to_vec() } else { rest.to_ascii_lowercase() };
                if !fill {
                    self.out.resize(self.out.len() + 15_usize.saturating_sub(rest.len()), b' ');
                }
                self.out.extend(rest);
            }
            Pattern::Ordinal(upper) => {
                let overflow = self.digits.text.first() == Some(&b'#');
                if !self.shape.roman && !overflow && sign != b'-' && !self.shape.decimal {
                    self.out.extend_from_slice(ordinal(&self.digits.text, upper)?.as_bytes());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `'0.1'` in `9.9` is `' .1'` (`IS_PREDEC_SPACE`).
    fn is_space_before_point(&self) -> bool {
        !self.shape.zero && self.at == 0 && self.digits.text.first() == Some(&b'0') && self.shape.post != 0
    }

    /// FM leaves nothing behind the point.
    fn ends_at_point(&self) -> bool {
        self.last_relevant.is_some_and(|at| self.digits.text.get(at) == Some(&b'.'))
    }

    /// `NUM_numpart_to_char`
    fn digit(&mut self, pattern: Pattern) {
        self.in_number = false;
        let starts =
            self.current >= self.digits.spaces || (self.shape.zero && self.shape.zero_start == self.current);
        if !self.sign_written && starts && (!self.is_space_before_point() || self.ends_at_point()) {
            self.sign_before();
        }
        let blank = self.current < self.digits.spaces;
        if blank && (self.shape.zero_start > self.current || !self.shape.zero) {
            if !self.shape.fill {
                self.out.push(b' ');
            }
        } else if blank {
            self.out.push(b'0');
            self.in_number = true;
        } else {
            self.next_digit(pattern);
            if self.at < self.digits.text.len() {
                self.at += 1;
            }
        }
        let mut end = self.count + i64::from(self.digits.spaces > 0) + i64::from(self.shape.decimal);
        if self.last_relevant == Some(self.at) {
            end = self.current as i64;
        }
        if self.current as i64 + 1 == end {
            self.sign_after();
        }
        self.current += 1;
    }

    fn next_digit(&mut self, pattern: Pattern) {
        let digit = self.digits.text.get(self.at).copied().unwrap_or(0);
        if digit == b'.' {
            self.out.push(b'.');
        } else if self.last_relevant.is_some_and(|last| self.at > last) && pattern != Pattern::Zero {
            // A zero that FM leaves out.
        } else if self.is_space_before_point() {
            if !self.shape.fill {
                self.out.push(b' ');
            } else if self.ends_at_point() {
                self.out.push(b'0');
            }
        } else {
            self.out.push(digit);
            self.in_number = true;
        }
    }

    fn sign_before(&mut self) {
        let negative = self.digits.sign == b'-';
        if self.shape.has_local_sign {
            if self.shape.local_sign == LocalSign::Before {
                self.out.push(if negative { b'-' } else { b'+' });
                self.sign_written = true;
            }
            return;
        }
        if self.shape.brackets {
            self.out.push(if self.digits.sign == b'+' { b' ' } else { b'<' });
        } else if negative {
            self.out.push(b'-');
        } else if !self.shape.fill {
            self.out.push(b' ');
        }
        self.sign_written = true;
    }

    fn sign_after(&mut self) {
        if self.sign_written && self.shape.brackets {
            self.out.push(if self.digits.sign == b'+' { b' ' } else { b'>' });
        } else if self.shape.has_local_sign && self.shape.local_sign == LocalSign::After {
            self.out.push(if self.digits.sign == b'-' { b'-' } else { b'+' });
        }
    }
}

/// `get_last_relevant_decnum`, and no less than the last `0` of the template.
fn last_relevant(shape: &Shape, digits: &Digits) -> Option<usize> {
    let text = &digits.text;
    let point = text.iter().position(|byte| *byte == b'.')?;
    let last = text.iter().rposition(|byte| *byte != b'0').map_or(point, |last| last.max(point));
    if shape.zero_end > digits.spaces {
        let last_zero = (text.len() - 1).min(shape.zero_end - digits.spaces);
        return Some(last.max(last_zero));
    }
    Some(last)
}

/// `get_th`
fn ordinal(digits: &[u8], upper: bool) -> Result<&'static str> {
    let last = digits.last().copied().unwrap_or(0);
    if !last.is_ascii_digit() {
        return Err(Error::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("\"{}\" is not a number", String::from_utf8_lossy(digits)),
        ));
    }
    let teens = digits.len() > 1 && digits.get(digits.len() - 2) == Some(&b'1');
    let (capital, small) = match last {
        b'1' if !teens => ("ST", "st"),
        b'2' if !teens => ("ND", "nd"),
        b'3' if !teens => ("RD", "rd"),
        _ => ("TH", "th"),
    };
    Ok(if upper { capital } else { small })
}
