//! Strings and quoted identifiers, with their escapes.

use pg::{Error, SqlState};

use super::lexer::{Lexed, Lexer, is_ident_part, is_ident_start, is_space};
use super::token::{Token, TokenKind};

impl Lexer<'_> {
    pub(super) fn dollar(&mut self, start: Token) -> Lexed {
        self.bump();
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.bump_while(|c| c.is_ascii_digit());
            let number = self.since(&start).get(1..).and_then(|n| n.parse().ok());
            if self.peek().is_some_and(is_ident_start) {
                self.bump_while(is_ident_part);
                return Err(self.error(&start, "trailing junk after parameter"));
            }
            // PostgreSQL takes what atol() makes of a number that is too large; nobody has so many parameters.
            return Ok(self.make(start, TokenKind::Param(number.unwrap_or(u32::MAX))));
        }
        let rest = self.rest();
        let tag_end = rest.find(|c: char| !(is_ident_part(c) && c != '$')).unwrap_or(rest.len());
        let tag = rest.get(..tag_end).unwrap_or_default();
        if !rest.get(tag_end..).is_some_and(|r| r.starts_with('$'))
            || tag.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(self.error(&start, "syntax error"));
        }
        let delimiter = format!("${tag}$");
        let body = rest.get(tag_end + 1..).unwrap_or_default();
        let length = body.find(&delimiter);
        let value = body.get(..length.unwrap_or(body.len())).unwrap_or_default();
        let end = self.at + tag_end + 1 + value.len() + length.map_or(0, |_| delimiter.len());
        while self.at < end {
            self.bump();
        }
        match length {
            Some(_) => Ok(self.make(start, TokenKind::String(value.into()))),
            None => Err(self.error(&start, "unterminated dollar-quoted string")),
        }
    }

    /// The text between quotes; `''` is a quote, strings continue behind white space with a newline.
    pub(super) fn quoted_string(&mut self, start: Token, escapes: bool) -> Lexed {
        let value = self.string_body(&start, escapes)?;
        Ok(self.make(start, TokenKind::String(value.into())))
    }

    fn string_body(&mut self, start: &Token, escapes: bool) -> Result<String, Error> {
        let mut value = String::new();
        self.bump();
        loop {
            match self.bump() {
                None => return Err(self.error(start, "unterminated quoted string")),
                Some('\'') if self.peek() == Some('\'') => {
                    self.bump();
                    value.push('\'');
                }
                Some('\'') => {
                    if !self.continues() {
                        return Ok(value);
                    }
                }
                Some('\\') if escapes => self.escape(start, &mut value)?,
                Some(c) => value.push(c),
            }
        }
    }

    /// Whether a string goes on in another line, behind comments perhaps (`quotecontinue`); if so, its opening quote is
    /// consumed.
    fn continues(&mut self) -> bool {
        let rest = self.rest();
        let mut next = rest.trim_start_matches(is_space);
        while let Some(comment) = next.strip_prefix("--") {
            next = comment.trim_start_matches(|c| c != '\n' && c != '\r').trim_start_matches(is_space);
        }
        let gap = rest.get(..rest.len() - next.len()).unwrap_or_default();
        if !next.starts_with('\'') || !gap.contains(['\n', '\r']) {
            return false;
        }
        for _ in 0..=gap.chars().count() {
            self.bump();
        }
        true
    }

    fn escape(&mut self, start: &Token, value: &mut String) -> Result<(), Error> {
        let mut here = self.here();
        here.start -= 1;
        here.pos -= 1;
        let c = match self.bump() {
            None => return Err(self.error(start, "unterminated quoted string")),
            Some('b') => '\x08',
            Some('f') => '\x0c',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode_escape(4, here, value),
            Some('U') => return self.unicode_escape(8, here, value),
            Some('x') if self.peek().is_some_and(|c| c.is_ascii_hexdigit()) => {
                return self.byte_escape(16, 2, None, value);
            }
            Some(c @ '0'..='7') => return self.byte_escape(8, 2, c.to_digit(8), value),
            Some(c) => c,
        };
        value.push(c);
        Ok(())
    }

    /// `\101`, `\x41`: a byte. Bytes above 127 would have to make UTF-8 characters together.
    fn byte_escape(
        &mut self,
        radix: u32,
        digits: usize,
        first: Option<u32>,
        value: &mut String,
    ) -> Result<(), Error> {
        let mut bytes = Vec::new();
        let mut first = first;
        loop {
            let mut byte = first.take().unwrap_or(0);
            for _ in 0..digits {
                let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else { break };
                byte = byte * radix + digit;
                self.bump();
            }
            bytes.push((byte & 0xff) as u8);
            let next = (self.peek(), self.peek_at(1), self.peek_at(2));
            match next {
                (Some('\\'), Some('x'), Some(c)) if radix == 16 && c.is_ascii_hexdigit() && byte > 127 => {
                    self.skip(2);
                }
                (Some('\\'), Some(c), _) if radix == 8 && c.is_digit(8) && byte > 127 => {
                    self.bump();
                    first = self.bump().and_then(|c| c.to_digit(8));
                }
                _ => break,
            }
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) if !text.contains('\0') => {
                value.push_str(text);
                Ok(())
            }
            _ => {
                let hex: Vec<_> = bytes.iter().map(|b| format!("0x{b:02x}")).collect();
                Err(Error::new(
                    SqlState::CHARACTER_NOT_IN_REPERTOIRE,
                    format!("invalid byte sequence for encoding \"UTF8\": {}", hex.join(" ")),
                ))
            }
        }
    }

    /// The digits of `\uXXXX` or `\UXXXXXXXX`, whose backslash is at `at`.
    fn unicode_digits(&mut self, digits: usize, at: u32) -> Result<u32, Error> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.peek().and_then(|c| c.to_digit(16)).ok_or_else(|| {
                Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape")
                    .hint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX.")
                    .at(Some(at))
            })?;
            code = code.wrapping_mul(16).wrapping_add(digit);
            self.bump();
        }
        Ok(code)
    }

    /// `\uXXXX` and `\UXXXXXXXX`, surrogates in pairs. An error names the escape, or what stands where the second of a
    /// pair should (`yyerror` in the states `xe` and `xeu`).
    fn unicode_escape(&mut self, digits: usize, start: Token, value: &mut String) -> Result<(), Error> {
        let mut code = self.unicode_digits(digits, start.pos)?;
        if (0xd800..0xdc00).contains(&code) {
            let next = self.here();
            let digits = match (self.peek(), self.peek_at(1)) {
                (Some('\\'), Some('u')) => 4,
                (Some('\\'), Some('U')) => 8,
                (None, _) => {
                    let message = "invalid Unicode surrogate pair at end of input";
                    return Err(Error::new(SqlState::SYNTAX_ERROR, message).at(Some(next.pos)));
                }
                _ => {
                    self.bump();
                    return Err(self.error(&next, "invalid Unicode surrogate pair"));
                }
            };
            self.skip(2);
            let low = self.unicode_digits(digits, next.pos)?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.error(&next, "invalid Unicode surrogate pair"));
            }
            code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        } else if (0xdc00..0xe000).contains(&code) {
            return Err(self.error(&start, "invalid Unicode surrogate pair"));
        }
        match char::from_u32(code).filter(|c| *c != '\0') {
            Some(c) => value.push(c),
            None => return Err(self.error(&start, "invalid Unicode escape value")),
        }
        Ok(())
    }

    pub(super) fn bit_string(&mut self, start: Token) -> Lexed {
        let letter = self.bump().map_or('b', |c| c.to_ascii_lowercase());
        self.bump();
        let mut value = String::from(letter);
        loop {
            match self.bump() {
                None => {
                    let kind = if letter == 'b' { "bit string" } else { "hexadecimal string" };
                    return Err(self.error(&start, &format!("unterminated {kind} literal")));
                }
                Some('\'') if !self.continues() => break,
                Some('\'') => {}
                Some(c) => value.push(c),
            }
        }
        Ok(self.make(start, TokenKind::Bits(value.into())))
    }

    pub(super) fn quoted_identifier(&mut self, start: &Token) -> Result<String, Error> {
        let mut name = String::new();
        self.bump();
        loop {
            match self.bump() {
                None => return Err(self.error(start, "unterminated quoted identifier")),
                Some('"') if self.peek() == Some('"') => {
                    self.bump();
                    name.push('"');
                }
                Some('"') => break,
                Some(c) => name.push(c),
            }
        }
        if name.is_empty() {
            return Err(self.error(start, "zero-length delimited identifier"));
        }
        Ok(name)
    }

    pub(super) fn unicode_string(&mut self, start: Token) -> Lexed {
        self.skip(2);
        let raw = self.string_body(&start, false)?;
        let value = self.unescape(&start, &raw)?;
        Ok(self.make(start, TokenKind::String(value.into())))
    }

    pub(super) fn unicode_identifier(&mut self, start: Token) -> Lexed {
        self.skip(2);
        let raw = self.quoted_identifier(&start)?;
        let value = self.unescape(&start, &raw)?;
        Ok(self.make(start, TokenKind::Quoted(value.into())))
    }

    /// `\XXXX` and `\+XXXXXX` in `U&` strings, with `UESCAPE 'c'` behind (`str_udeescape`).
    fn unescape(&mut self, start: &Token, raw: &str) -> Result<String, Error> {
        let escape = self.uescape()?;
        let mut value = String::new();
        let mut chars = raw.chars().peekable();
        let mut high: Option<u32> = None;
        // The place of a character of what is between the quotes.
        let mut at = start.pos + 3;
        let wrong = |message: &str, at: u32| Error::new(SqlState::SYNTAX_ERROR, message).at(Some(at));
        const PAIR: &str = "invalid Unicode surrogate pair";
        while let Some(c) = chars.next() {
            let here = at;
            at += 1;
            let doubled = c == escape && chars.next_if_eq(&escape).is_some();
            if c != escape || doubled {
                if high.is_some() {
                    return Err(wrong(PAIR, here));
                }
                value.push(c);
                at += u32::from(doubled);
                continue;
            }
            let digits = if chars.next_if_eq(&'+').is_some() { 6 } else { 4 };
            at += if digits == 6 { 7 } else { 4 };
            let mut code = 0;
            for _ in 0..digits {
                let digit = chars.next().and_then(|c| c.to_digit(16)).ok_or_else(|| {
                    wrong("invalid Unicode escape", here).hint("Unicode escapes must be \\XXXX or \\+XXXXXX.")
                })?;
                code = code * 16 + digit;
            }
            match (high.take(), code) {
                (_, 0) | (_, 0x11_0000..) => return Err(wrong("invalid Unicode escape value", here)),
                (None, 0xd800..0xdc00) => high = Some(code),
                (Some(first), 0xdc00..0xe000) => {
                    value.extend(char::from_u32(0x10000 + ((first & 0x3ff) << 10) + (code & 0x3ff)));
                }
                (None, code) if char::from_u32(code).is_some() => value.extend(char::from_u32(code)),
                _ => return Err(wrong(PAIR, here)),
            }
        }
        if high.is_some() { Err(wrong(PAIR, at)) } else { Ok(value) }
    }

    fn uescape(&mut self) -> Result<char, Error> {
        let (at, pos) = (self.at, self.pos);
        self.skip_space()?;
        let word = self.here();
        self.bump_while(is_ident_part);
        if !self.since(&word).eq_ignore_ascii_case("uescape") {
            (self.at, self.pos) = (at, pos);
            return Ok('\\');
        }
        self.skip_space()?;
        let start = self.here();
        if self.peek() != Some('\'') {
            const MESSAGE: &str = "UESCAPE must be followed by a simple string literal";
            return Err(match self.bump() {
                None => Error::new(SqlState::SYNTAX_ERROR, format!("{MESSAGE} at end of input"))
                    .at(Some(start.pos)),
                Some(_) => {
                    self.bump_while(is_ident_part);
                    self.error(&start, MESSAGE)
                }
            });
        }
        let text = self.string_body(&start, false)?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None)
                if !(c.is_ascii_hexdigit() || c == '+' || c == '\'' || c == '"' || is_space(c)) =>
            {
                Ok(c)
            }
            _ => Err(self.error(&start, "invalid Unicode escape character")),
        }
    }
}
