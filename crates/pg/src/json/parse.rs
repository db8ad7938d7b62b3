//! The grammar of JSON (`pg_parse_json`).

use super::Json;
use super::lex::{Lexer, Token, Wrong};
use crate::{Error, Numeric, Result};

/// How deep documents that become trees may be.
const MAX_DEPTH: usize = 1500;

/// What may come next.
enum State {
    Value,
    FirstElement,
    FirstKey,
    Key,
    AfterValue,
}

/// Checks a document as `json_in` does. Works for any depth: containers are kept in a list, not on the stack.
pub fn validate_json(text: &str) -> Result<()> {
    validate(text, false)
}

/// Checks that all strings of a valid document stand for texts, as whoever looks into it does.
pub fn validate_json_strings(text: &str) -> Result<()> {
    // Only what is written as code points may not be one.
    if text.contains("\\u") { validate(text, true) } else { Ok(()) }
}

fn validate(text: &str, decode: bool) -> Result<()> {
    let mut lexer = Lexer::new(text, decode);
    let mut open: Vec<bool> = Vec::new();
    let mut state = State::Value;
    lexer.advance()?;
    loop {
        state = match (state, lexer.token) {
            (State::FirstElement, Token::CloseArray) | (State::FirstKey, Token::CloseObject) => {
                open.pop();
                State::AfterValue
            }
            (State::Value | State::FirstElement, token) => match token {
                Token::OpenArray => {
                    open.push(false);
                    State::FirstElement
                }
                Token::OpenObject => {
                    open.push(true);
                    State::FirstKey
                }
                Token::String | Token::Number | Token::True | Token::False | Token::Null => State::AfterValue,
                _ => return Err(lexer.error(Wrong::ExpectedJson)),
            },
            (State::FirstKey | State::Key, Token::String) => {
                lexer.advance()?;
                if lexer.token != Token::Colon {
                    return Err(lexer.error(Wrong::ExpectedColon));
                }
                State::Value
            }
            (State::FirstKey, _) => return Err(lexer.error(Wrong::ExpectedObjectFirst)),
            (State::Key, _) => return Err(lexer.error(Wrong::ExpectedString)),
            (State::AfterValue, token) => match (open.last().copied(), token) {
                (None, Token::End) => return Ok(()),
                (None, _) => return Err(lexer.error(Wrong::ExpectedEnd)),
                (Some(false), Token::Comma) => State::Value,
                (Some(true), Token::Comma) => State::Key,
                (Some(false), Token::CloseArray) | (Some(true), Token::CloseObject) => {
                    open.pop();
                    State::AfterValue
                }
                (Some(false), _) => return Err(lexer.error(Wrong::ExpectedArrayNext)),
                (Some(true), _) => return Err(lexer.error(Wrong::ExpectedObjectNext)),
            },
        };
        lexer.advance()?;
    }
}

/// Reads a document as `jsonb_in` does.
pub fn parse_json(text: &str) -> Result<Json> {
    let mut lexer = Lexer::new(text, true);
    lexer.advance()?;
    let value = value(&mut lexer, 0)?;
    if lexer.token == Token::End { Ok(value) } else { Err(lexer.error(Wrong::ExpectedEnd)) }
}

fn value(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json> {
    if depth > MAX_DEPTH {
        return Err(Error::stack_depth());
    }
    let value = match lexer.token {
        Token::OpenArray => return array(lexer, depth),
        Token::OpenObject => return object(lexer, depth),
        Token::String => Json::String(std::mem::take(&mut lexer.string)),
        Token::Number => Json::Number(Numeric::parse(lexer.token_text())?),
        Token::True => Json::Bool(true),
        Token::False => Json::Bool(false),
        Token::Null => Json::Null,
        _ => return Err(lexer.error(Wrong::ExpectedJson)),
    };
    lexer.advance()?;
    Ok(value)
}

fn array(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json> {
    let mut items = Vec::new();
    lexer.advance()?;
    if lexer.token != Token::CloseArray {
        loop {
            items.push(value(lexer, depth + 1)?);
            match lexer.token {
                Token::Comma => lexer.advance()?,
                Token::CloseArray => break,
                _ => return Err(lexer.error(Wrong::ExpectedArrayNext)),
            }
        }
    }
    lexer.advance()?;
    Ok(Json::Array(items))
}

fn object(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json> {
    let mut pairs = Vec::new();
    lexer.advance()?;
    if lexer.token != Token::CloseObject {
        if lexer.token != Token::String {
            return Err(lexer.error(Wrong::ExpectedObjectFirst));
        }
        loop {
            if lexer.token != Token::String {
                return Err(lexer.error(Wrong::ExpectedString));
            }
            let key = std::mem::take(&mut lexer.string);
            lexer.advance()?;
            if lexer.token != Token::Colon {
                return Err(lexer.error(Wrong::ExpectedColon));
            }
            lexer.advance()?;
            pairs.push((key, value(lexer, depth + 1)?));
            match lexer.token {
                Token::Comma => lexer.advance()?,
                Token::CloseObject => break,
                _ => return Err(lexer.error(Wrong::ExpectedObjectNext)),
            }
        }
    }
    lexer.advance()?;
    Ok(Json::object(pairs))
}

#[cfg(test)]
mod tests {
    use super::super::jsonb_in;
    use super::*;

    #[test]
    fn depth() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(*jsonb_in(&nested(1400)).unwrap(), *nested(1400));
        assert_eq!(jsonb_in(&nested(100_000)).unwrap_err().code(), crate::SqlState::STATEMENT_TOO_COMPLEX);
        assert!(validate_json(&nested(100_000)).is_ok());
    }
}
