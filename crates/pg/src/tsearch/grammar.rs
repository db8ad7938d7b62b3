//! The three ways of writing a query (`parse_tsquery`): with operators, as plain text, and as in a search box. Words go to
//! whoever makes lexemes of them; operators are put behind their operands by how strongly they bind.

use super::clean::Postfix;
use super::query::{Operator, wrong_distance};
use super::words::{Reader, Style, is_operator};
use super::{MAX_WORD, MAX_WORDS, limit_exceeded, syntax_error};
use crate::func::{is_wide_alpha, is_wide_space};
use crate::{Error, Result};

/// How a query is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// `a & !b <-> c:*A`
    Operators,
    /// All of it is text.
    Plain,
    /// `a "b c" or -d`
    Web,
}

/// What makes lexemes of a word of a query, and puts them at the end of the parts.
pub(super) trait Words {
    fn word(&self, text: &str, weights: u8, prefix: bool, parts: &mut Parts<'_>) -> Result<()>;
}

/// The parts of a query, as they are computed.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) all: Vec<Postfix>,
    /// The whole query.
    text: &'a str,
    bytes: usize,
}

impl Parts<'_> {
    /// `pushValue`
    pub(super) fn push_word(&mut self, word: &str, weights: u8, prefix: bool) -> Result<()> {
        let too_long = |what: &str| limit_exceeded(format!("{what} in tsquery: \"{}\"", self.text));
        if word.len() >= MAX_WORD {
            return Err(too_long("word is too long"));
        }
        if self.bytes >= MAX_WORDS {
            return Err(too_long("value is too big"));
        }
        self.bytes += word.len() + 1;
        self.all.push(Postfix::Word(super::Item::Word { text: word.into(), weights, prefix }));
        Ok(())
    }
}

/// The operators that wait for their right operand may be as many (`STACKDEPTH`).
const MOST_WAITING: usize = 32;

enum Token {
    Word {
        text: String,
        weights: u8,
        prefix: bool,
    },
    Operator(Operator),
    Open,
    Close,
    /// What stands where a word is missing.
    Stop,
    End,
}

struct Parser<'a, W> {
    text: &'a str,
    reader: Reader<'a>,
    grammar: Grammar,
    words: W,
    wants_operand: bool,
    /// Nothing was read yet.
    first: bool,
    open: usize,
}

/// The parts of a query in the order in which they are computed.
pub(super) fn parse(text: &str, grammar: Grammar, words: impl Words) -> Result<Vec<Postfix>> {
    let style = if grammar == Grammar::Web { Style::Web } else { Style::Query };
    let mut parser = Parser {
        text,
        reader: Reader::new(text, style),
        grammar,
        words,
        wants_operand: true,
        first: true,
        open: 0,
    };
    let mut parts = Parts { all: Vec::new(), text, bytes: 0 };
    parser.expression(&mut parts)?;
    // `TSQUERY_TOO_BIG`
    if parts.bytes + 12 * parts.all.len() > (1 << 30) {
        return Err(limit_exceeded("tsquery is too large".into()));
    }
    Ok(parts.all)
}

impl<'a, W: Words> Parser<'a, W> {
    /// `makepol`
    fn expression(&mut self, parts: &mut Parts<'a>) -> Result<()> {
        let mut waiting: Vec<Operator> = Vec::new();
        loop {
            match self.token()? {
                Token::Word { text, weights, prefix } => self.words.word(&text, weights, prefix, parts)?,
                Token::Stop => {
                    parts.all.push(Postfix::Stop);
                    break;
                }
                Token::Operator(operator) => {
                    settle(&mut waiting, operator, parts);
                    if waiting.len() == MOST_WAITING {
                        return Err(Error::internal("tsquery stack too small"));
                    }
                    waiting.push(operator);
                }
                Token::Open => super::deeper(|| self.expression(parts))?,
                Token::Close | Token::End => break,
            }
        }
        settle(&mut waiting, Operator::Or, parts);
        Ok(())
    }

    fn token(&mut self) -> Result<Token> {
        match self.grammar {
            Grammar::Plain => {
                let text = self.reader.rest().to_owned();
                self.reader.at = self.text.len();
                let word = Token::Word { text, weights: 0, prefix: false };
                Ok(if matches!(&word, Token::Word { text, .. } if text.is_empty()) {
                    Token::End
                } else {
                    word
                })
            }
            Grammar::Operators if self.wants_operand => self.operand(),
            Grammar::Operators => self.operator(),
            Grammar::Web => self.web_token(),
        }
    }

    fn wrong(&self) -> Error {
        syntax_error(format!("syntax error in tsquery: \"{}\"", self.text))
    }

    fn skip_space(&mut self) {
        while self.reader.peek().is_some_and(is_wide_space) {
            self.reader.bump();
        }
    }

    /// `gettoken_query_standard`, where an operand is expected.
    fn operand(&mut self) -> Result<Token> {
        self.skip_space();
        match self.reader.peek() {
            Some('!') => {
                self.reader.bump();
                self.first = false;
                Ok(Token::Operator(Operator::Not))
            }
            Some('(') => {
                self.reader.bump();
                self.first = false;
                self.open += 1;
                super::check_depth(self.open)?;
                Ok(Token::Open)
            }
            Some(':') => Err(self.wrong()),
            _ => match self.reader.next()? {
                Some(word) => {
                    let (weights, prefix) = self.modifiers();
                    (self.wants_operand, self.first) = (false, false);
                    Ok(Token::Word { text: word.text, weights, prefix })
                }
                None if self.first => Ok(Token::End),
                None => Err(syntax_error(format!("no operand in tsquery: \"{}\"", self.text))),
            },
        }
    }

    /// `get_modifiers`: `:AB*`
    fn modifiers(&mut self) -> (u8, bool) {
        let (mut weights, mut prefix) = (0, false);
        if self.reader.peek() != Some(':') {
            return (0, false);
        }
        loop {
            self.reader.bump();
            match self.reader.peek() {
                Some('a' | 'A') => weights |= 8,
                Some('b' | 'B') => weights |= 4,
                Some('c' | 'C') => weights |= 2,
                Some('d' | 'D') => weights |= 1,
                Some('*') => prefix = true,
                _ => return (weights, prefix),
            }
        }
    }

    /// The same, behind an operand.
    fn operator(&mut self) -> Result<Token> {
        self.skip_space();
        let operator = match self.reader.peek() {
            Some('&') => Operator::And,
            Some('|') => Operator::Or,
            Some(')') => {
                self.reader.bump();
                self.open = self.open.checked_sub(1).ok_or_else(|| self.wrong())?;
                return Ok(Token::Close);
            }
            None if self.open == 0 => return Ok(Token::End),
            _ => {
                let operator = self.phrase_operator()?.ok_or_else(|| self.wrong())?;
                self.wants_operand = true;
                return Ok(Token::Operator(operator));
            }
        };
        self.reader.bump();
        self.wants_operand = true;
        Ok(Token::Operator(operator))
    }

    /// `parse_phrase_operator`: `<->`, `<2>`; something comes behind it.
    fn phrase_operator(&mut self) -> Result<Option<Operator>> {
        let Some(rest) = self.reader.rest().strip_prefix('<') else { return Ok(None) };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (distance, rest) = match rest.strip_prefix('-') {
            Some(rest) => (1, rest),
            None if digits == 0 => return Ok(None),
            None => {
                let number = rest.get(..digits).unwrap_or("");
                (number.parse().map_err(|_| wrong_distance())?, rest.get(digits..).unwrap_or(""))
            }
        };
        let operator = Operator::phrase(distance)?;
        match rest.strip_prefix('>') {
            Some(rest) if !rest.is_empty() => {
                self.reader.at = self.text.len() - rest.len();
                Ok(Some(operator))
            }
            _ => Ok(None),
        }
    }

    /// `gettoken_query_websearch`
    fn web_token(&mut self) -> Result<Token> {
        loop {
            self.skip_space();
            if !self.wants_operand {
                let or = self.web_or();
                match self.reader.peek() {
                    None => return Ok(Token::End),
                    Some(c) if !or && is_operator(c) => {
                        self.reader.bump();
                        continue;
                    }
                    Some(_) => {}
                }
                self.wants_operand = true;
                return Ok(Token::Operator(if or { Operator::Or } else { Operator::And }));
            }
            match self.reader.peek() {
                Some('-') => {
                    self.reader.bump();
                    self.first = false;
                    return Ok(Token::Operator(Operator::Not));
                }
                Some('"') => {
                    self.reader.bump();
                    let rest = self.reader.rest();
                    let end = rest.find('"');
                    let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or("").to_owned();
                    self.reader.at += text.len() + usize::from(end.is_some());
                    return Ok(self.web_word(text));
                }
                Some(c) if is_operator(c) => {
                    self.reader.bump();
                    self.first = false;
                }
                Some(_) => {
                    let word = self.reader.next()?.unwrap_or_default();
                    return Ok(self.web_word(word.text));
                }
                None if self.first => return Ok(Token::End),
                None => return Ok(Token::Stop),
            }
        }
    }

    fn web_word(&mut self, text: String) -> Token {
        (self.wants_operand, self.first) = (false, false);
        // What it says of weights is text like all of it.
        Token::Word { text, weights: 0, prefix: false }
    }

    /// `parse_or_operator`: the word `or`, with something behind it.
    fn web_or(&mut self) -> bool {
        let rest = self.reader.rest();
        let Some((_, behind)) = rest.split_at_checked(2).filter(|(or, _)| or.eq_ignore_ascii_case("or"))
        else {
            return false;
        };
        let mut chars = behind.chars();
        let joined = |c: char| matches!(c, '-' | '_' | '0'..='9') || is_wide_alpha(c);
        let ends = chars.next().is_some_and(|c| !joined(c));
        let operator = ends && chars.any(|c| !is_wide_space(c));
        if operator {
            self.reader.at += 2;
        }
        operator
    }
}

/// `cleanOpStack`: operators that bind as strongly as the next one have their operands; `!` waits for its own.
fn settle(waiting: &mut Vec<Operator>, next: Operator, parts: &mut Parts<'_>) {
    while let Some(operator) = waiting.last() {
        let (own, next_own) = (operator.priority(), next.priority());
        if next_own > own || next == Operator::Not && next_own == own {
            return;
        }
        parts.all.push(Postfix::Operator(*operator));
        waiting.pop();
    }
}
