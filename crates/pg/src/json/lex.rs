//! The tokens of JSON and the errors of a bad one (`jsonapi.c`).

use crate::{Error, SqlState};

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    OpenObject,
    CloseObject,
    OpenArray,
    CloseArray,
    Comma,
    Colon,
    String,
    Number,
    True,
    False,
    Null,
    End,
}

/// What can be wrong (`JsonParseErrorType`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrong {
    EscapingInvalid,
    EscapingRequired,
    ExpectedEnd,
    ExpectedArrayNext,
    ExpectedColon,
    ExpectedJson,
    ExpectedObjectFirst,
    ExpectedObjectNext,
    ExpectedString,
    InvalidToken,
    CodePointZero,
    UnicodeEscape,
    HighSurrogate,
    LowSurrogate,
}

/// Reads tokens one by one.
pub(super) struct Lexer<'a> {
    text: &'a str,
    line_start: usize,
    line: usize,
    /// The current token.
    pub(super) token: Token,
    start: usize,
    end: usize,
    /// Whether strings are decoded (`jsonb`) or only checked (`json`).
    decode: bool,
    /// The current string, decoded.
    pub(super) string: String,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, decode: bool) -> Lexer<'a> {
        Lexer {
            text,
            line_start: 0,
            line: 1,
            token: Token::End,
            start: 0,
            end: 0,
            decode,
            string: String::new(),
        }
    }

    /// The text of the current token.
    pub(super) fn token_text(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Moves to the next token.
    pub(super) fn advance(&mut self) -> Result<(), Error> {
        let mut at = self.end;
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.byte(at) {
            at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = at;
            }
        }
        self.start = at;
        self.end = at + 1;
        self.token = match self.byte(at) {
            None => {
                self.end = at;
                Token::End
            }
            Some(b'{') => Token::OpenObject,
            Some(b'}') => Token::CloseObject,
            Some(b'[') => Token::OpenArray,
            Some(b']') => Token::CloseArray,
            Some(b',') => Token::Comma,
            Some(b':') => Token::Colon,
            Some(b'"') => return self.string_token(),
            Some(b'-' | b'0'..=b'9') => return self.number_token(),
            Some(_) => return self.word_token(),
        };
        Ok(())
    }

    fn word_token(&mut self) -> Result<(), Error> {
        let mut end = self.start;
        while self.byte(end).is_some_and(is_word) {
            end += 1;
        }
        self.end = end.max(self.start + 1);
        self.token = match self.token_text() {
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => return Err(self.error(Wrong::InvalidToken)),
        };
        Ok(())
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|b| b.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    /// `json_lex_number`
    fn number_token(&mut self) -> Result<(), Error> {
        let mut at = self.start + usize::from(self.byte(self.start) == Some(b'-'));
        let whole = if self.byte(at) == Some(b'0') { at + 1 } else { self.digits(at) };
        let mut wrong = whole == at;
        at = whole;
        if self.byte(at) == Some(b'.') {
            let fraction = self.digits(at + 1);
            wrong |= fraction == at + 1;
            at = fraction;
        }
        if matches!(self.byte(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
            let exponent = self.digits(at + 1 + sign);
            wrong |= exponent == at + 1 + sign;
            at = exponent;
        }
        while self.byte(at).is_some_and(is_word) {
            wrong = true;
            at += 1;
        }
        self.end = at;
        self.token = Token::Number;
        if wrong { Err(self.error(Wrong::InvalidToken)) } else { Ok(()) }
    }

    /// `json_lex_string`
    fn string_token(&mut self) -> Result<(), Error> {
        self.string.clear();
        self.token = Token::String;
        let mut high: Option<u32> = None;
        let mut at = self.start + 1;
        loop {
            // Everything up to the next byte that means something.
            let run = self.text.as_bytes().get(at..).unwrap_or_default();
            let length = run.iter().position(|b| *b == b'"' || *b == b'\\' || *b < 32).unwrap_or(run.len());
            if length > 0 && self.decode {
                if high.is_some() {
                    return Err(self.error_at(at, Wrong::LowSurrogate));
                }
                self.string.push_str(self.text.get(at..at + length).unwrap_or_default());
            }
            at += length;
            match self.byte(at) {
                None => return Err(self.error_at(at, Wrong::InvalidToken)),
                Some(b'"') => break,
                Some(b'\\') => at = self.escape(at + 1, &mut high)?,
                Some(_) => return Err(self.error_at(at, Wrong::EscapingRequired)),
            }
        }
        if high.is_some() {
            return Err(self.error_at(at, Wrong::LowSurrogate));
        }
        self.end = at + 1;
        Ok(())
    }

    /// An escape whose backslash is before `at`; gives the place after it.
    fn escape(&mut self, at: usize, high: &mut Option<u32>) -> Result<usize, Error> {
        // Half a surrogate pair is told before a wrong escape.
        if self.decode && high.is_some() && !matches!(self.byte(at), None | Some(b'u')) {
            return Err(self.error_at(at, Wrong::LowSurrogate));
        }
        let character = match self.byte(at) {
            None => return Err(self.error_at(at, Wrong::InvalidToken)),
            Some(b'u') => return self.unicode_escape(at + 1, high),
            Some(byte @ (b'"' | b'\\' | b'/')) => byte.into(),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => {
                self.start = at;
                return Err(self.error_at(self.next_character(at), Wrong::EscapingInvalid));
            }
        };
        if self.decode {
            self.string.push(character);
        }
        Ok(at + 1)
    }

    fn unicode_escape(&mut self, at: usize, high: &mut Option<u32>) -> Result<usize, Error> {
        let mut code = 0;
        for place in at..at + 4 {
            let Some(byte) = self.byte(place) else { return Err(self.error_at(place, Wrong::InvalidToken)) };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.error_at(self.next_character(place), Wrong::UnicodeEscape));
            };
            code = code * 16 + digit;
        }
        let end = at + 4;
        if !self.decode {
            return Ok(end);
        }
        match (code, *high) {
            (0xD800..=0xDBFF, Some(_)) => return Err(self.error_at(end, Wrong::HighSurrogate)),
            (0xD800..=0xDBFF, None) => {
                *high = Some(code);
                return Ok(end);
            }
            (0xDC00..=0xDFFF, Some(first)) => {
                *high = None;
                code = 0x10000 + ((first & 0x3FF) << 10) + (code & 0x3FF);
            }
            (0xDC00..=0xDFFF, None) | (_, Some(_)) => return Err(self.error_at(end, Wrong::LowSurrogate)),
            (0, None) => return Err(self.error_at(end, Wrong::CodePointZero)),
            _ => {}
        }
        self.string.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(end)
    }

    fn next_character(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.chars().next().map_or(1, char::len_utf8)
    }

    fn error_at(&mut self, end: usize, wrong: Wrong) -> Error {
        self.end = end;
        self.error(wrong)
    }

    /// The error about the current token (`report_parse_error`).
    pub(super) fn error(&self, wrong: Wrong) -> Error {
        let token = self.token_text();
        let at_end = self.token == Token::End;
        let expected = |what: &str| {
            if at_end {
                "The input string ended unexpectedly.".to_string()
            } else {
                format!("Expected {what}, but found \"{token}\".")
            }
        };
        let detail = match wrong {
            Wrong::EscapingInvalid => format!("Escape sequence \"\\{token}\" is invalid."),
            Wrong::EscapingRequired => {
                let byte = self.byte(self.end).unwrap_or_default();
                format!("Character with value 0x{byte:02x} must be escaped.")
            }
            Wrong::ExpectedEnd => expected("end of input"),
            Wrong::ExpectedArrayNext => expected("\",\" or \"]\""),
            Wrong::ExpectedColon => expected("\":\""),
            Wrong::ExpectedJson => expected("JSON value"),
            Wrong::ExpectedObjectFirst => expected("string or \"}\""),
            Wrong::ExpectedObjectNext => expected("\",\" or \"}\""),
            Wrong::ExpectedString => expected("string"),
            Wrong::InvalidToken => format!("Token \"{token}\" is invalid."),
            Wrong::CodePointZero => "\\u0000 cannot be converted to text.".into(),
            Wrong::UnicodeEscape => "\"\\u\" must be followed by four hexadecimal digits.".into(),
            Wrong::HighSurrogate => "Unicode high surrogate must not follow a high surrogate.".into(),
            Wrong::LowSurrogate => "Unicode low surrogate must follow a high surrogate.".into(),
        };
        let mut error = match wrong {
            Wrong::CodePointZero => {
                Error::new(SqlState::UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
            }
            _ => Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json"),
        };
        error.fields_mut().context = Some(self.context());
        error.detail(detail)
    }

    /// The line up to the error (`report_json_context`).
    fn context(&self) -> String {
        let mut start = self.line_start;
        while self.end.saturating_sub(start) >= 50 {
            start = self.next_character(start);
        }
        if start - self.line_start <= 3 {
            start = self.line_start;
        }
        let before = if start > self.line_start { "..." } else { "" };
        let more = self.token != Token::End && !matches!(self.byte(self.end), None | Some(b'\n' | b'\r'));
        let after = if more { "..." } else { "" };
        let text = self.text.get(start..self.end).unwrap_or_default();
        format!("JSON data, line {}: {before}{text}{after}", self.line)
    }
}
