//! `tsvector`: lexemes in the order of their bytes, each with the positions where it stands (`tsvector.c`,
//! `tsvector_op.c`).

use std::cmp::Ordering;

use super::words::{Reader, Style};
use super::{MAX_POSITION, MAX_POSITIONS, MAX_WORD, MAX_WORDS, limit_exceeded};
use crate::Result;
use crate::func::byte_difference;

/// A document: its lexemes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TsVector {
    /// In the order of their bytes, each once.
    pub lexemes: Vec<Lexeme>,
}

/// A word of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lexeme {
    /// The word.
    pub word: Box<str>,
    /// Where it stands, in order; empty when that is not known.
    pub positions: Vec<Position>,
}

/// A place in a document: 1 to 16383, and a weight: 0 to 3 for `D` to `A`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position(pub u16);

impl Position {
    /// A place, at most the highest that there is, and a weight.
    pub fn new(place: u32, weight: u8) -> Position {
        Position(place.min(u32::from(MAX_POSITION) - 1) as u16 | u16::from(weight) << 14)
    }

    /// The place.
    pub fn place(self) -> u16 {
        self.0 & (MAX_POSITION - 1)
    }

    /// The weight.
    pub fn weight(self) -> u8 {
        (self.0 >> 14) as u8
    }

    /// The same place with another weight.
    pub fn with_weight(self, weight: u8) -> Position {
        Position(self.place() | u16::from(weight) << 14)
    }

    /// The weight's letter.
    pub fn letter(self) -> &'static str {
        ["D", "C", "B", "A"][usize::from(self.weight())]
    }
}

impl Lexeme {
    /// A word without positions.
    pub fn new(word: impl Into<Box<str>>) -> Lexeme {
        Lexeme { word: word.into(), positions: Vec::new() }
    }
}

impl TsVector {
    /// `tsvectorin`
    pub fn parse(text: &str) -> Result<TsVector> {
        let mut reader = Reader::new(text, Style::Vector);
        let (mut lexemes, mut bytes) = (Vec::new(), 0);
        while let Some(word) = reader.next()? {
            if word.text.len() >= MAX_WORD {
                return Err(limit_exceeded(format!(
                    "word is too long ({} bytes, max {} bytes)",
                    word.text.len(),
                    MAX_WORD - 1
                )));
            }
            if bytes > MAX_WORDS {
                return Err(too_long(bytes));
            }
            bytes += word.text.len();
            lexemes.push(Lexeme { word: word.text.into(), positions: word.positions });
        }
        TsVector::of(lexemes).checked()
    }

    /// Of lexemes in any order, the same word more than once (`uniqueentry`).
    pub fn of(mut lexemes: Vec<Lexeme>) -> TsVector {
        lexemes.sort_by(|a, b| a.word.cmp(&b.word));
        lexemes.dedup_by(|next, kept| {
            let same = next.word == kept.word;
            if same {
                kept.positions.append(&mut next.positions);
            }
            same
        });
        lexemes.iter_mut().for_each(|lexeme| unique_positions(&mut lexeme.positions));
        TsVector { lexemes }
    }

    /// That it is not larger than a value may be.
    pub fn checked(self) -> Result<TsVector> {
        let bytes = self.bytes();
        if bytes > MAX_WORDS {
            return Err(too_long(bytes));
        }
        Ok(self)
    }

    /// The bytes of words and positions, as PostgreSQL lays them out: positions are aligned to two bytes, with their
    /// number before them.
    pub fn bytes(&self) -> usize {
        self.lexemes.iter().fold(0, |bytes, lexeme| match lexeme.positions.len() {
            0 => bytes + lexeme.word.len(),
            count => (bytes + lexeme.word.len()).next_multiple_of(2) + 2 + 2 * count,
        })
    }

    /// `tsvectorout`
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(self.bytes() + 4 * self.lexemes.len());
        for (at, lexeme) in self.lexemes.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            super::words::quote(&lexeme.word, &mut out);
            for (at, position) in lexeme.positions.iter().enumerate() {
                out.push(if at == 0 { ':' } else { ',' });
                out.push_str(&position.place().to_string());
                if position.weight() > 0 {
                    out.push_str(position.letter());
                }
            }
        }
        out
    }

    /// The order of btrees.
    pub fn compare(&self, other: &TsVector) -> Ordering {
        self.difference(other).cmp(&0)
    }

    /// `silly_cmp_tsvector`: by size first; of different words the difference of their bytes.
    pub fn difference(&self, other: &TsVector) -> i32 {
        let size = |vector: &TsVector| (vector.bytes() + 4 * vector.lexemes.len(), vector.lexemes.len());
        let mut pairs = self.lexemes.iter().zip(&other.lexemes);
        match size(self).cmp(&size(other)) {
            Ordering::Equal => {
                pairs.find_map(|(a, b)| Some(lexeme_difference(a, b)).filter(|d| *d != 0)).unwrap_or(0)
            }
            order => order as i32,
        }
    }

    /// A lexeme.
    pub fn find(&self, word: &str) -> Option<usize> {
        self.lexemes.binary_search_by(|lexeme| (*lexeme.word).cmp(word)).ok()
    }

    /// How many positions there are, a lexeme without any counted as one (`cnt_length`).
    pub fn length(&self) -> usize {
        self.lexemes.iter().map(|lexeme| lexeme.positions.len().max(1)).sum()
    }

    /// One document behind another: the positions of the second count on from the first's (`tsvector_concat`).
    pub fn concat(&self, other: &TsVector) -> Result<TsVector> {
        let all = self.lexemes.iter().flat_map(|lexeme| &lexeme.positions);
        let last = all.map(|position| position.place()).max().unwrap_or(0);
        let (mut out, mut left, mut right) =
            (Vec::new(), self.lexemes.iter().peekable(), other.lexemes.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => a.word.cmp(&b.word),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let a = if order.is_le() { left.next() } else { None };
            let b = if order.is_ge() { right.next() } else { None };
            let mut lexeme = a.cloned().unwrap_or_default();
            if let Some(b) = b {
                lexeme.word = b.word.clone();
                add_positions(&mut lexeme.positions, &b.positions, last);
            }
            out.push(lexeme);
        }
        TsVector { lexemes: out }.checked()
    }
}

/// `add_pos`: as many as there is room for, up to the highest place.
fn add_positions(to: &mut Vec<Position>, from: &[Position], offset: u16) {
    for position in from {
        let full = to.last().is_some_and(|last| last.place() == MAX_POSITION - 1);
        if full || to.len() >= MAX_POSITIONS {
            return;
        }
        to.push(Position::new(u32::from(position.place()) + u32::from(offset), position.weight()));
    }
}

/// `uniquePos`: in order, each place once with the highest of its weights; but the highest place, unless it is the only
/// one, has the weight that was written first.
fn unique_positions(positions: &mut Vec<Position>) {
    positions.sort_by_key(|position| position.place());
    let first = positions.first().map(|position| position.place());
    positions.dedup_by(|next, kept| {
        let same = next.place() == kept.place();
        let weighed = kept.place() < MAX_POSITION - 1 || first == Some(kept.place());
        if same && weighed && next.weight() > kept.weight() {
            *kept = *next;
        }
        same
    });
    positions.truncate(MAX_POSITIONS);
}

/// What has positions comes first, then by words, then who has more positions, then by their places and weights, the
/// higher first.
fn lexeme_difference(a: &Lexeme, b: &Lexeme) -> i32 {
    let order = a.positions.is_empty().cmp(&b.positions.is_empty());
    let bytes = byte_difference(a.word.as_bytes(), b.word.as_bytes());
    if order.is_ne() || bytes != 0 {
        return if order.is_ne() { order as i32 } else { bytes };
    }
    let key = |position: &Position| (position.place(), position.weight());
    let mut places = a.positions.iter().zip(&b.positions).map(|(x, y)| key(y).cmp(&key(x)));
    let counts = b.positions.len().cmp(&a.positions.len());
    counts.then_with(|| places.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)) as i32
}

fn too_long(bytes: usize) -> crate::Error {
    limit_exceeded(format!("string is too long for tsvector ({bytes} bytes, max {MAX_WORDS} bytes)"))
}
