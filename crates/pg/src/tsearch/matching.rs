//! Whether a query finds a document (`TS_execute`). Phrases are found by positions, and the answer may be that nobody
//! knows, when a document has none.

use super::deeper;
use super::query::{Item, Operator, TsQuery};
use super::vector::{Lexeme, TsVector};

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    No,
    Yes,
    Maybe,
}

impl Answer {
    fn of(is: bool) -> Answer {
        if is { Answer::Yes } else { Answer::No }
    }

    fn not(self) -> Answer {
        match self {
            Answer::No => Answer::Yes,
            Answer::Yes => Answer::No,
            Answer::Maybe => Answer::Maybe,
        }
    }
}

/// Where a part of a query matches: its last words' places.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) places: Vec<u16>,
    /// It matches everywhere but there.
    negated: bool,
    /// How many places the match spans, less one.
    width: i32,
}

/// What a query's words are looked up in.
pub(super) trait Source {
    /// Whether a word is there, and where, if that is asked.
    fn find(&self, word: Word<'_>, found: Option<&mut Found>) -> Answer;
}

/// A word of a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    /// Which item of the query it is.
    pub(super) item: usize,
    pub(super) text: &'a str,
    pub(super) weights: u8,
    pub(super) prefix: bool,
}

/// Whether a query finds what its words are looked up in.
pub(super) fn execute(query: &TsQuery, source: &impl Source) -> bool {
    !query.is_empty() && answer(query, 0, source) != Answer::No
}

/// `tsvector @@ tsquery`
pub fn matches(vector: &TsVector, query: &TsQuery) -> bool {
    execute(query, vector)
}

/// `TS_execute_recurse`
fn answer(query: &TsQuery, at: usize, source: &impl Source) -> Answer {
    let (operator, left) = match query.item(at) {
        None => return Answer::No,
        Some(Item::Word { text, weights, prefix }) => {
            let word = Word { item: at, text, weights: *weights, prefix: *prefix };
            return source.find(word, None);
        }
        Some(Item::Operator { operator, left }) => (*operator, at + left),
    };
    deeper(|| match operator {
        Operator::Not => answer(query, at + 1, source).not(),
        Operator::And => match answer(query, left, source) {
            Answer::No => Answer::No,
            first => match answer(query, at + 1, source) {
                Answer::Yes => first,
                second => second,
            },
        },
        Operator::Or => match answer(query, left, source) {
            Answer::Yes => Answer::Yes,
            first => match answer(query, at + 1, source) {
                Answer::No => first,
                second => second,
            },
        },
        // Without positions a phrase is not found.
        Operator::Phrase(_) => Answer::of(phrase(query, at, source).0 == Answer::Yes),
    })
}

/// `TS_phrase_execute`: where a part of a phrase matches.
fn phrase(query: &TsQuery, at: usize, source: &impl Source) -> (Answer, Found) {
    let mut found = Found::default();
    let (operator, left) = match query.item(at) {
        None => return (Answer::No, found),
        Some(Item::Word { text, weights, prefix }) => {
            let word = Word { item: at, text, weights: *weights, prefix: *prefix };
            let answer = source.find(word, Some(&mut found));
            return (answer, found);
        }
        Some(Item::Operator { operator, left }) => (*operator, at + left),
    };
    if operator == Operator::Not {
        let (answer, found) = deeper(|| phrase(query, at + 1, source));
        return negate(answer, found);
    }
    let (first, a) = deeper(|| phrase(query, left, source));
    if first == Answer::No && operator != Operator::Or {
        return (Answer::No, found);
    }
    let (second, b) = deeper(|| phrase(query, at + 1, source));
    match operator {
        Operator::Or if first == Answer::No && second == Answer::No => return (Answer::No, found),
        Operator::Or => {}
        _ if second == Answer::No => return (Answer::No, found),
        _ => {}
    }
    if first == Answer::Maybe || second == Answer::Maybe {
        return (Answer::Maybe, found);
    }
    match operator {
        Operator::Or => either(first, a, second, b),
        Operator::Phrase(distance) => {
            let distance = i32::from(distance);
            found.width = distance + a.width + b.width;
            let offsets = (distance + b.width, 0);
            both(a, b, offsets, found)
        }
        _ => {
            found.width = a.width.max(b.width);
            let offsets = (found.width - a.width, found.width - b.width);
            both(a, b, offsets, found)
        }
    }
}

fn negate(answer: Answer, mut found: Found) -> (Answer, Found) {
    match answer {
        // Nowhere becomes everywhere.
        Answer::No => {
            found.negated = true;
            (Answer::Yes, found)
        }
        Answer::Yes if found.places.is_empty() => {
            found.negated = false;
            (Answer::No, found)
        }
        Answer::Yes => {
            found.negated = !found.negated;
            (Answer::Yes, found)
        }
        Answer::Maybe => (Answer::Maybe, found),
    }
}

/// Which places of two lists are wanted: those in both, in the first alone, in the second alone.
#[derive(Clone, Copy)]
struct Wanted(bool, bool, bool);

/// What both operands match, at places that are as far apart as they shall be.
fn both(a: Found, b: Found, offsets: (i32, i32), mut found: Found) -> (Answer, Found) {
    match (a.negated, b.negated) {
        // Neither: not either.
        (true, true) => {
            merge(&mut found, &a, &b, offsets, Wanted(true, true, true));
            found.negated = true;
            return (Answer::Yes, found);
        }
        (true, false) => merge(&mut found, &a, &b, offsets, Wanted(false, false, true)),
        (false, true) => merge(&mut found, &a, &b, offsets, Wanted(false, true, false)),
        (false, false) => merge(&mut found, &a, &b, offsets, Wanted(true, false, false)),
    }
    (Answer::of(!found.places.is_empty()), found)
}

/// What one of the operands matches.
fn either(first: Answer, mut a: Found, second: Answer, mut b: Found) -> (Answer, Found) {
    for (answer, operand) in [(first, &mut a), (second, &mut b)] {
        if answer == Answer::No {
            operand.width = 0;
        }
    }
    let width = a.width.max(b.width);
    let mut found = Found { width, ..Found::default() };
    let offsets = (width - a.width, width - b.width);
    let wanted = match (a.negated, b.negated) {
        (true, true) => Wanted(true, false, false),
        (true, false) => Wanted(false, true, false),
        (false, true) => Wanted(false, false, true),
        (false, false) => Wanted(true, true, true),
    };
    merge(&mut found, &a, &b, offsets, wanted);
    if a.negated || b.negated {
        found.negated = true;
        return (Answer::Yes, found);
    }
    (Answer::of(!found.places.is_empty()), found)
}

/// `TS_phrase_output`
fn merge(found: &mut Found, a: &Found, b: &Found, offsets: (i32, i32), wanted: Wanted) {
    let (mut left, mut right) = (a.places.iter().peekable(), b.places.iter().peekable());
    loop {
        let x = left.peek().map(|place| i32::from(**place) + offsets.0);
        let y = right.peek().map(|place| i32::from(**place) + offsets.1);
        let (place, is_wanted) = match (x, y) {
            (None, None) => return,
            (Some(x), Some(y)) if x == y => {
                left.next();
                right.next();
                (y, wanted.0)
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                left.next();
                (x, wanted.1)
            }
            (_, y) => {
                right.next();
                (y.unwrap_or(0), wanted.2)
            }
        };
        if is_wanted && place > 0 {
            // Places are kept in 14 bits.
            found.places.push(place as u16 & 0x3FFF);
        }
    }
}

impl Source for TsVector {
    /// `checkcondition_str`
    fn find(&self, word: Word<'_>, found: Option<&mut Found>) -> Answer {
        let start = self.lexemes.partition_point(|lexeme| *lexeme.word < *word.text);
        let rest = self.lexemes.get(start..).unwrap_or(&[]);
        let matching = rest.iter().take_while(|lexeme| match word.prefix {
            true => lexeme.word.as_bytes().starts_with(word.text.as_bytes()),
            false => *lexeme.word == *word.text,
        });
        let Some(found) = found else {
            return Answer::of(matching.into_iter().any(|lexeme| has_weight(lexeme, word.weights)));
        };
        for lexeme in matching {
            if lexeme.positions.is_empty() {
                found.places.clear();
                return Answer::Maybe;
            }
            let weighed =
                lexeme.positions.iter().filter(|position| is_among(position.weight(), word.weights));
            found.places.extend(weighed.map(|position| position.place()));
        }
        if word.prefix {
            found.places.sort_unstable();
            found.places.dedup();
        }
        Answer::of(!found.places.is_empty())
    }
}

fn is_among(weight: u8, weights: u8) -> bool {
    weights == 0 || weights & (1 << weight) != 0
}

/// Whether a lexeme stands somewhere with one of the weights; one without positions has them all.
fn has_weight(lexeme: &Lexeme, weights: u8) -> bool {
    let mut positions = lexeme.positions.iter();
    lexeme.positions.is_empty() || positions.any(|position| is_among(position.weight(), weights))
}
