//! Documents and queries of text (`to_tsany.c`, `ts_parse.c`).

use super::clean::{Part, Postfix};
use super::configuration::Configuration;
use super::grammar::{Grammar, Parts, Words, parse};
use super::parser::tokens;
use super::query::{Operator, TsQuery};
use super::vector::{Lexeme, Position, TsVector};
use super::{MAX_POSITIONS, MAX_WORD};
use crate::Result;

/// The words of a document that is being read.
#[derive(Debug, Default)]
pub struct Document {
    words: Vec<(String, Position)>,
    /// The place of the last token that counts, stop words included.
    place: u32,
}

impl Document {
    /// `parsetext`
    pub fn add(&mut self, configuration: &Configuration, text: &str) -> Result<()> {
        for token in tokens(text) {
            if token.text.len() >= MAX_WORD {
                continue;
            }
            let Some(lexeme) = configuration.lexeme(token.kind, token.text)? else { continue };
            self.place = self.place.saturating_add(1);
            if let Some(word) = lexeme {
                self.words.push((word, Position::new(self.place, 0)));
            }
        }
        Ok(())
    }

    /// The same of a part of a JSON document: the words of two parts are not neighbours.
    pub fn add_part(&mut self, configuration: &Configuration, text: &str) -> Result<()> {
        let before = self.words.len();
        self.add(configuration, text)?;
        if self.words.len() > before {
            self.place = self.place.saturating_add(1);
        }
        Ok(())
    }

    /// `make_tsvector`
    pub fn into_vector(mut self) -> Result<TsVector> {
        self.words.sort_by(|(a, x), (b, y)| a.cmp(b).then(x.place().cmp(&y.place())));
        let mut lexemes: Vec<Lexeme> = Vec::new();
        for (word, position) in self.words {
            match lexemes.last_mut() {
                Some(last) if *last.word == *word => {
                    let full = last.positions.len() >= MAX_POSITIONS - 1;
                    if !full && last.positions.last() != Some(&position) {
                        last.positions.push(position);
                    }
                }
                _ => lexemes.push(Lexeme { word: word.into(), positions: vec![position] }),
            }
        }
        TsVector { lexemes }.checked()
    }
}

/// `tsqueryin`: the words as they are.
struct AsWritten;

impl Words for AsWritten {
    fn word(&self, text: &str, weights: u8, prefix: bool, parts: &mut Parts<'_>) -> Result<()> {
        parts.push_word(text, weights, prefix)
    }
}

/// `pushval_morph`: the lexemes of a word's tokens.
struct OfText {
    configuration: &'static Configuration,
    /// What the tokens of one word are joined by.
    operator: Operator,
}

impl Words for OfText {
    fn word(&self, text: &str, weights: u8, prefix: bool, parts: &mut Parts<'_>) -> Result<()> {
        let mut document = Document::default();
        document.add(self.configuration, text)?;
        let (mut place, mut count) = (0, 0);
        let join = |parts: &mut Parts<'_>, count: &mut usize| {
            if *count > 0 {
                parts.all.push(Postfix::Operator(self.operator));
            }
            *count += 1;
        };
        if document.words.is_empty() {
            parts.all.push(Postfix::Stop);
        }
        // Only beyond the highest place there are several words at one.
        for words in document.words.chunk_by(|(_, a), (_, b)| a == b) {
            let own = words.first().map_or(0, |(_, position)| position.place());
            // What is left out between two words keeps its place.
            while place > 0 && place + 1 < own {
                parts.all.push(Postfix::Stop);
                join(parts, &mut count);
                place += 1;
            }
            place = own;
            for (nth, (word, _)) in words.iter().enumerate() {
                parts.push_word(word, weights, prefix)?;
                if nth > 0 {
                    parts.all.push(Postfix::Operator(Operator::And));
                }
            }
            join(parts, &mut count);
        }
        Ok(())
    }
}

/// What a query's words are joined by when one of them has several tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// All of them are found.
    All,
    /// One behind the other.
    Phrase,
}

/// `to_tsquery` and its relatives.
pub fn to_tsquery(
    configuration: &'static Configuration,
    text: &str,
    grammar: Grammar,
    operands: Operands,
) -> Result<TsQuery> {
    let operator = match operands {
        Operands::All => Operator::And,
        Operands::Phrase => Operator::Phrase(1),
    };
    of_parts(parse(text, grammar, OfText { configuration, operator })?)
}

/// `tsqueryin`
pub(crate) fn query_in(text: &str) -> Result<TsQuery> {
    of_parts(parse(text, Grammar::Operators, AsWritten)?)
}

fn of_parts(parts: Vec<Postfix>) -> Result<TsQuery> {
    let mut items = Vec::new();
    if let Some(part) = Part::tree(parts)?.and_then(Part::without_stops) {
        part.into_items(&mut items);
    }
    Ok(TsQuery { items })
}
