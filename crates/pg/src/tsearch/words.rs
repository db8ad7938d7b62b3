//! Words as `tsvector` and `tsquery` are written: bare, with backslashes, or quoted; a document's with positions behind
//! them (`tsvector_parser.c`).

use super::{Position, syntax_error};
use crate::func::is_wide_space;
use crate::{Error, Result};

/// Where the words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In a `tsvector`.
    Vector,
    /// In a `tsquery`: operators end a word, and so does a colon, which is left to the caller.
    Query,
    /// In what people write into search boxes: there is neither quote nor backslash.
    Web,
}

/// A word that was read.
#[derive(Debug, Default)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) positions: Vec<Position>,
}

/// Reads words.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    /// Where it is, in bytes.
    pub(super) at: usize,
    style: Style,
}

/// Whether a character ends a word of a query.
pub(super) fn is_operator(c: char) -> bool {
    matches!(c, '!' | '&' | '|' | '(' | ')' | '<')
}

/// A word in quotes.
pub(super) fn quote(word: &str, out: &mut String) {
    out.push('\'');
    for c in word.chars() {
        if matches!(c, '\'' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, style: Style) -> Reader<'a> {
        Reader { text, at: 0, style }
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Takes the next character.
    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn wrong(&self) -> Error {
        let kind = if self.style == Style::Vector { "tsvector" } else { "tsquery" };
        syntax_error(format!("syntax error in {kind}: \"{}\"", self.text))
    }

    /// The next word; none at the end. It stops before what ends the word.
    pub(super) fn next(&mut self) -> Result<Option<Word>> {
        while self.peek().is_some_and(is_wide_space) {
            self.bump();
        }
        let mut word = Word::default();
        let quoted = match self.peek() {
            None => return Ok(None),
            Some('\'') if self.style != Style::Web => true,
            Some(c) if self.style != Style::Vector && is_operator(c) => return Err(self.wrong()),
            Some(_) => false,
        };
        if quoted {
            self.bump();
            self.quoted(&mut word.text)?;
        } else {
            self.bare(&mut word.text)?;
        }
        if self.style == Style::Vector && self.peek() == Some(':') {
            self.bump();
            self.positions(&mut word.positions)?;
        }
        Ok(Some(word))
    }

    /// The character after a backslash.
    fn escaped(&mut self, word: &mut String) -> Result<()> {
        let missing = || syntax_error(format!("there is no escaped character: \"{}\"", self.text));
        let c = self.peek().ok_or_else(missing)?;
        self.at += c.len_utf8();
        word.push(c);
        Ok(())
    }

    fn bare(&mut self, word: &mut String) -> Result<()> {
        let start = self.at;
        loop {
            match self.peek() {
                Some('\\') if self.style != Style::Web => {
                    self.bump();
                    self.escaped(word)?;
                }
                None => break,
                // Whatever is first belongs to the word.
                Some(':') if self.at > start => break,
                Some(c) if self.at > start && self.ends_bare(c) => break,
                Some(c) => {
                    word.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if word.is_empty() { Err(self.wrong()) } else { Ok(()) }
    }

    fn ends_bare(&self, c: char) -> bool {
        is_wide_space(c)
            || self.style != Style::Vector && is_operator(c)
            || self.style == Style::Web && c == '"'
    }

    fn quoted(&mut self, word: &mut String) -> Result<()> {
        loop {
            match self.bump() {
                None => return Err(self.wrong()),
                Some('\\') => self.escaped(word)?,
                Some('\'') if self.peek() == Some('\'') => {
                    self.bump();
                    word.push('\'');
                }
                Some('\'') if word.is_empty() => return Err(self.wrong()),
                Some('\'') => return Ok(()),
                Some(c) => word.push(c),
            }
        }
    }

    /// `1,2A,3`
    fn positions(&mut self, positions: &mut Vec<Position>) -> Result<()> {
        loop {
            let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
            let number = self.rest().get(..digits).unwrap_or("");
            if number.is_empty() {
                return Err(self.wrong());
            }
            // As C's atoi reads it: what a long can't hold is the highest one, of which an int is a part.
            let place = number.parse::<i64>().unwrap_or(i64::MAX) as i32;
            let position = Position::new(u32::try_from(place).unwrap_or(u32::MAX), 0);
            if position.place() == 0 {
                return Err(syntax_error(format!("wrong position info in tsvector: \"{}\"", self.text)));
            }
            self.at += digits;
            positions.push(self.weight(position)?);
            match self.peek() {
                Some(',') => self.bump(),
                _ => return Ok(()),
            };
        }
    }

    /// The letter behind a position, up to what ends the position.
    fn weight(&mut self, mut position: Position) -> Result<Position> {
        loop {
            let weight = match self.peek() {
                None | Some(',') => return Ok(position),
                Some('a' | 'A' | '*') => 3,
                Some('b' | 'B') => 2,
                Some('c' | 'C') => 1,
                Some('d' | 'D') => 0,
                Some(c) if is_wide_space(c) => return Ok(position),
                Some('0'..='9') => {
                    self.bump();
                    continue;
                }
                Some(_) => return Err(self.wrong()),
            };
            if position.weight() > 0 {
                return Err(self.wrong());
            }
            position = position.with_weight(weight);
            self.bump();
        }
    }
}
