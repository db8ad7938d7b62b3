//! The scanner: PostgreSQL's lexical rules (`scan.l`; manual, chapter "Lexical Structure").

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use pg::catalog::{keyword_category, keywords};
use pg::{Error, SqlState};

use super::token::{Token, TokenKind};

/// The longest text, in tokens: every token becomes a hundred times as much when it is parsed and analysed.
const TOKENS_MAX: usize = 4_000_000;

fn too_long() -> Error {
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "statement is too long")
        .detail(format!("It consists of more than {TOKENS_MAX} words and symbols."))
        .hint("Send it in parts, or large values as parameters.")
}

/// Cuts a text into tokens; the last one is [`TokenKind::End`] or [`TokenKind::Error`].
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, pos: 1 };
    // Not on the word of the length alone: a text may be one large literal.
    let mut tokens = Vec::with_capacity((text.len() / 4 + 2).min(1 << 16));
    loop {
        let token = match lexer.next() {
            Ok(token) if tokens.len() < TOKENS_MAX || matches!(token.kind, TokenKind::End) => token,
            Ok(token) => Token { kind: TokenKind::Error(Box::new(too_long())), ..token },
            Err(error) => Token { kind: TokenKind::Error(Box::new(error)), ..lexer.here() },
        };
        let last = matches!(token.kind, TokenKind::End | TokenKind::Error(_));
        tokens.push(token);
        if last {
            return tokens;
        }
    }
}

/// Keywords that need `AS` before them when they name an output column.
static NEED_AS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    keywords()
        .rows()
        .filter_map(|mut row| {
            let word = row.next()??.into_owned();
            (row.nth(1)?? == "f").then_some(word)
        })
        .collect()
});

/// Whether a word may name an output column without `AS` (`BareColLabel`).
pub fn is_bare_label(word: &str) -> bool {
    !NEED_AS.contains(word)
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Byte offset of the next character.
    pub(super) at: usize,
    /// Its number, from 1.
    pub(super) pos: u32,
}

pub(super) type Lexed = Result<Token, Error>;

pub(super) fn is_ident_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

pub(super) fn is_ident_part(c: char) -> bool {
    is_ident_start(c) || c.is_ascii_digit() || c == '$'
}

fn is_operator(c: char) -> bool {
    "~!@#^&|`?+-*/%<>=".contains(c)
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

impl<'a> Lexer<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn peek_at(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        self.pos += 1;
        Some(c)
    }

    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    pub(super) fn bump_while(&mut self, test: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&test) {
            self.bump();
        }
    }

    pub(super) fn here(&self) -> Token {
        Token { kind: TokenKind::End, start: self.at, end: self.at, pos: self.pos }
    }

    pub(super) fn since(&self, start: &Token) -> &'a str {
        self.text.get(start.start..self.at).unwrap_or_default()
    }

    pub(super) fn make(&self, start: Token, kind: TokenKind) -> Token {
        Token { kind, end: self.at, ..start }
    }

    /// An error about everything from a token's start to here (`yyerror`).
    pub(super) fn error(&self, start: &Token, message: &str) -> Error {
        let text = self.since(start);
        Error::new(SqlState::SYNTAX_ERROR, format!("{message} at or near \"{text}\"")).at(Some(start.pos))
    }

    pub(super) fn skip_space(&mut self) -> Result<(), Error> {
        loop {
            self.bump_while(is_space);
            if self.rest().starts_with("--") {
                self.bump_while(|c| c != '\n' && c != '\r');
            } else if self.rest().starts_with("/*") {
                self.skip_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Comments nest.
    fn skip_comment(&mut self) -> Result<(), Error> {
        let start = self.here();
        let mut depth = 0usize;
        loop {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.skip(2);
                if depth == 0 {
                    return Ok(());
                }
            } else if self.bump().is_none() {
                return Err(self.error(&start, "unterminated /* comment"));
            }
        }
    }

    fn next(&mut self) -> Lexed {
        self.skip_space()?;
        let start = self.here();
        let Some(c) = self.peek() else { return Ok(start) };
        let second = self.peek_at(1);
        match c {
            '\'' => self.quoted_string(start, false),
            'e' | 'E' if second == Some('\'') => {
                self.bump();
                self.quoted_string(start, true)
            }
            'n' | 'N' if second == Some('\'') => {
                self.bump();
                self.quoted_string(start, false)
            }
            'b' | 'B' | 'x' | 'X' if second == Some('\'') => self.bit_string(start),
            'u' | 'U' if second == Some('&') && self.peek_at(2) == Some('\'') => self.unicode_string(start),
            'u' | 'U' if second == Some('&') && self.peek_at(2) == Some('"') => {
                self.unicode_identifier(start)
            }
            '"' => {
                let name = self.quoted_identifier(&start)?;
                Ok(self.make(start, TokenKind::Quoted(name.into())))
            }
            '$' => self.dollar(start),
            _ if is_ident_start(c) => Ok(self.word(start)),
            '0'..='9' => self.number(start),
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(start),
            _ => self.symbol(start, c),
        }
    }

    fn word(&mut self, start: Token) -> Token {
        self.bump_while(is_ident_part);
        let text = self.since(&start);
        let folded = text.to_ascii_lowercase();
        let category = keyword_category(&folded);
        let (text, folded): (Arc<str>, Arc<str>) =
            if folded == text { (Arc::from(text), Arc::from(text)) } else { (text.into(), folded.into()) };
        self.make(start, TokenKind::Word { text, folded, category })
    }

    fn symbol(&mut self, start: Token, c: char) -> Lexed {
        for (text, kind) in
            [("::", TokenKind::TypeCast), ("..", TokenKind::DotDot), (":=", TokenKind::ColonEquals)]
        {
            if self.rest().starts_with(text) {
                self.skip(2);
                return Ok(self.make(start, kind));
            }
        }
        if is_operator(c) {
            return Ok(self.operator(start));
        }
        self.bump();
        if ",()[].;:".contains(c) {
            return Ok(self.make(start, TokenKind::Symbol(c)));
        }
        Err(self.error(&start, "syntax error"))
    }

    /// The longest run of operator characters, less a comment that begins in it, less trailing `+` and `-` unless a
    /// character stands before them that SQL's own operators lack.
    fn operator(&mut self, start: Token) -> Token {
        let run: &str = {
            let rest = self.rest();
            let end = rest.find(|c| !is_operator(c)).unwrap_or(rest.len());
            let run = rest.get(..end).unwrap_or_default();
            let comment = [run.find("/*"), run.find("--")].into_iter().flatten().min();
            run.get(..comment.unwrap_or(run.len())).unwrap_or_default()
        };
        let mut length = run.len();
        if length > 1 && run.ends_with(['+', '-']) && !run.contains(|c| "~!@#^&|`?%".contains(c)) {
            length = run.trim_end_matches(['+', '-']).len().max(1);
        }
        for _ in 0..length {
            self.bump();
        }
        let text = self.since(&start);
        let mut chars = text.chars();
        let kind = match (chars.next(), chars.next(), text) {
            (_, _, "=>") => TokenKind::EqualsGreater,
            (_, _, "!=") => TokenKind::Operator("<>".into()),
            (Some(c), None, _) if "+-*/%^<>=".contains(c) => TokenKind::Symbol(c),
            _ => TokenKind::Operator(text.into()),
        };
        self.make(start, kind)
    }

    fn number(&mut self, start: Token) -> Lexed {
        self.bump_while(|c| c.is_ascii_digit());
        let mut decimal = false;
        if self.peek() == Some('.') && self.peek_at(1) != Some('.') {
            decimal = true;
            self.bump();
            self.bump_while(|c| c.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let digit = if matches!(self.peek_at(1), Some('+' | '-')) { 2 } else { 1 };
            if self.peek_at(digit).is_some_and(|c| c.is_ascii_digit()) {
                decimal = true;
                for _ in 0..digit {
                    self.bump();
                }
                self.bump_while(|c| c.is_ascii_digit());
            } else if digit == 2 {
                // `realfail2`
                self.skip(2);
                return Err(self.error(&start, "trailing junk after numeric literal"));
            }
        }
        if self.peek().is_some_and(is_ident_start) {
            self.bump_while(is_ident_part);
            return Err(self.error(&start, "trailing junk after numeric literal"));
        }
        let text = self.since(&start);
        let kind = match text.parse::<i32>() {
            Ok(integer) if !decimal => TokenKind::Integer(integer),
            _ => TokenKind::Number(text.into()),
        };
        Ok(self.make(start, kind))
    }
}
