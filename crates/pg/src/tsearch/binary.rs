//! The binary forms (`tsvectorsend`, `tsqueryrecv` …).

use bytes::BufMut;

use super::query::{Item, Operator, TsQuery};
use super::vector::{Lexeme, Position, TsVector};
use super::{MAX_POSITIONS, MAX_WORD, MAX_WORDS};
use crate::{Error, Result, SqlState};

/// What is left of a binary form.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk().ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(*front)
    }

    fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    /// A text that ends with a zero byte (`pq_getmsgstring`).
    fn text(&mut self) -> Result<&'a str> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let invalid = || Error::new(SqlState::PROTOCOL_VIOLATION, "invalid string in message");
        let (text, rest) = self.0.split_at_checked(end.ok_or_else(invalid)?).ok_or_else(invalid)?;
        self.0 = rest.get(1..).unwrap_or(&[]);
        crate::wire::reader::utf8(text)
    }

    fn end(&self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"))
    }
}

fn insufficient() -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, "insufficient data left in message")
}

/// The most items or lexemes: what PostgreSQL may allocate for them.
fn check_count(count: u32, size: usize, what: &str) -> Result<()> {
    if count as usize > 0x3FFF_FFFF / size {
        return Err(Error::internal(format!("invalid size of {what}")));
    }
    Ok(())
}

impl TsVector {
    /// `tsvectorsend`
    pub fn send(&self, out: &mut impl BufMut) {
        out.put_u32(self.lexemes.len() as u32);
        for lexeme in &self.lexemes {
            out.put_slice(lexeme.word.as_bytes());
            out.put_u8(0);
            out.put_u16(lexeme.positions.len() as u16);
            lexeme.positions.iter().for_each(|position| out.put_u16(position.0));
        }
    }

    /// `tsvectorrecv`
    pub fn recv(bytes: &[u8]) -> Result<TsVector> {
        let mut bytes = Bytes(bytes);
        let count = bytes.array().map(u32::from_be_bytes)?;
        check_count(count, 4, "tsvector")?;
        let (mut lexemes, mut size) = (Vec::new(), 0);
        for _ in 0..count {
            let word = bytes.text()?;
            let places = bytes.array().map(u16::from_be_bytes)?;
            let wrong = |message: &str| Err(Error::internal(message));
            if word.len() > MAX_WORD {
                return wrong("invalid tsvector: lexeme too long");
            }
            if size > MAX_WORDS {
                return wrong("invalid tsvector: maximum total lexeme length exceeded");
            }
            if usize::from(places) > MAX_POSITIONS {
                return wrong("unexpected number of tsvector positions");
            }
            size += word.len() + 2 * usize::from(places);
            let mut lexeme = Lexeme::new(word);
            for _ in 0..places {
                let position = Position(bytes.array().map(u16::from_be_bytes)?);
                if lexeme.positions.last().is_some_and(|last| position.place() <= last.place()) {
                    return wrong("position information is misordered");
                }
                lexeme.positions.push(position);
            }
            lexemes.push(lexeme);
        }
        bytes.end()?;
        lexemes.sort_by(|a, b| a.word.cmp(&b.word));
        Ok(TsVector { lexemes })
    }
}

impl TsQuery {
    /// `tsquerysend`
    pub fn send(&self, out: &mut impl BufMut) {
        out.put_u32(self.items.len() as u32);
        for item in &self.items {
            match item {
                Item::Word { text, weights, prefix } => {
                    out.put_slice(&[1, *weights, u8::from(*prefix)]);
                    out.put_slice(text.as_bytes());
                    out.put_u8(0);
                }
                Item::Operator { operator, .. } => {
                    out.put_slice(&[2, operator.code()]);
                    if let Operator::Phrase(distance) = operator {
                        out.put_i16(*distance);
                    }
                }
            }
        }
    }

    /// `tsqueryrecv`
    pub fn recv(bytes: &[u8]) -> Result<TsQuery> {
        let mut bytes = Bytes(bytes);
        let count = bytes.array().map(u32::from_be_bytes)?;
        check_count(count, 12, "tsquery")?;
        let (mut items, mut size) = (Vec::new(), 0);
        for nth in 0..count {
            items.push(match bytes.byte()? {
                1 => recv_word(&mut bytes, &mut size)?,
                2 => recv_operator(&mut bytes, nth + 1 == count)?,
                other => {
                    return Err(Error::internal(format!("unrecognized tsquery node type: {}", other as i8)));
                }
            });
        }
        set_operands(&mut items)?;
        bytes.end()?;
        TsQuery::of(items)
    }
}

fn recv_word(bytes: &mut Bytes<'_>, size: &mut usize) -> Result<Item> {
    let (weights, prefix, text) = (bytes.byte()?, bytes.byte()?, bytes.text()?);
    let wrong = |message: &str| Err(Error::internal(message));
    if weights > 0xF {
        return wrong("invalid tsquery: invalid weight bitmap");
    }
    if text.len() > MAX_WORD {
        return wrong("invalid tsquery: operand too long");
    }
    if *size > MAX_WORDS {
        return wrong("invalid tsquery: total operand length exceeded");
    }
    *size += text.len() + 1;
    Ok(Item::Word { text: text.into(), weights, prefix: prefix != 0 })
}

fn recv_operator(bytes: &mut Bytes<'_>, last: bool) -> Result<Item> {
    let operator = match bytes.byte()? {
        1 => Operator::Not,
        2 => Operator::And,
        3 => Operator::Or,
        4 => Operator::Phrase(0),
        other => {
            let other = other as i8;
            return Err(Error::internal(format!("invalid tsquery: unrecognized operator type {other}")));
        }
    };
    if last {
        return Err(Error::internal("invalid pointer to right operand"));
    }
    let operator = match operator {
        Operator::Phrase(_) => Operator::Phrase(bytes.array().map(i16::from_be_bytes)?),
        other => other,
    };
    Ok(Item::Operator { operator, left: 1 })
}

/// `findoprnd`: where the left operands are; from the last item to the first, each with how many items it spans.
fn set_operands(items: &mut [Item]) -> Result<()> {
    let mut spans: Vec<usize> = Vec::new();
    let missing = || Error::internal("malformed tsquery: operand not found");
    for item in items.iter_mut().rev() {
        let span = match item {
            Item::Word { .. } => 1,
            Item::Operator { operator, left } => {
                let right = spans.pop().ok_or_else(missing)?;
                match operator {
                    Operator::Not => right + 1,
                    _ => {
                        *left = right + 1;
                        right + 1 + spans.pop().ok_or_else(missing)?
                    }
                }
            }
        };
        spans.push(span);
    }
    if spans.len() > 1 { Err(Error::internal("malformed tsquery: extra nodes")) } else { Ok(()) }
}
