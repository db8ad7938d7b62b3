//! What is left of a query when parts of it are taken out: words that are none (`cleanup_tsquery_stopwords`), or what an
//! index can't be asked for (`clean_NOT`).

use super::query::{Item, Operator, TsQuery};
use super::{check_depth, deeper};
use crate::Result;

/// A part of a query that is being read.
#[derive(Debug)]
pub(super) enum Part {
    /// A word.
    Word(Item),
    /// What stands for a word that a configuration leaves out.
    Stop,
    /// An operator, and its operands: the left one, none for `Not`, and the right one.
    Operator(Operator, Option<Box<Part>>, Box<Part>),
}

/// A query without its stop words, and by how much it is narrower than it was, on its left and on its right.
struct Cleaned {
    part: Option<Part>,
    left: i32,
    right: i32,
}

impl Part {
    /// Of a query's parts in the order in which they are computed, an operator behind its operands.
    pub(super) fn tree(parts: Vec<Postfix>) -> Result<Option<Part>> {
        let mut stack: Vec<(Part, usize)> = Vec::new();
        let missing = || crate::Error::internal("malformed tsquery: operand not found");
        for part in parts {
            let made = match part {
                Postfix::Word(item) => (Part::Word(item), 0),
                Postfix::Stop => (Part::Stop, 0),
                Postfix::Operator(operator) => {
                    let (right, deep) = stack.pop().ok_or_else(missing)?;
                    let (left, left_deep) = match operator {
                        Operator::Not => (None, 0),
                        _ => stack
                            .pop()
                            .map(|(left, deep)| (Some(Box::new(left)), deep))
                            .ok_or_else(missing)?,
                    };
                    let depth = deep.max(left_deep) + 1;
                    check_depth(depth)?;
                    (Part::Operator(operator, left, Box::new(right)), depth)
                }
            };
            stack.push(made);
        }
        let whole = stack.pop().map(|(whole, _)| whole);
        if stack.is_empty() {
            Ok(whole)
        } else {
            Err(crate::Error::internal("malformed tsquery: extra nodes"))
        }
    }

    /// The query without what stands for stop words; phrases are as wide as before.
    pub(super) fn without_stops(self) -> Option<Part> {
        self.clean().part
    }

    fn clean(self) -> Cleaned {
        let unchanged = |part| Cleaned { part, left: 0, right: 0 };
        match self {
            Part::Word(_) => unchanged(Some(self)),
            Part::Stop => unchanged(None),
            Part::Operator(operator, None, right) => {
                let cleaned = deeper(|| right.clean());
                let part = cleaned.part.map(|right| Part::Operator(operator, None, Box::new(right)));
                Cleaned { part, ..cleaned }
            }
            Part::Operator(operator, Some(left), right) => {
                let (left, right) = deeper(|| (left.clean(), right.clean()));
                rejoin(operator, left, right)
            }
        }
    }

    /// `clean_NOT`: what must be found for the whole to be found; none when that is anything.
    fn positive(self) -> Option<Part> {
        match self {
            Part::Word(_) | Part::Stop => Some(self),
            Part::Operator(_, None, _) => None,
            Part::Operator(Operator::Or, Some(left), right) => {
                let (left, right) = deeper(|| (left.positive(), right.positive()));
                Some(Part::Operator(Operator::Or, Some(Box::new(left?)), Box::new(right?)))
            }
            Part::Operator(operator, Some(left), right) => {
                match deeper(|| (left.positive(), right.positive())) {
                    (Some(left), Some(right)) => {
                        Some(Part::Operator(operator, Some(Box::new(left)), Box::new(right)))
                    }
                    (one, other) => one.or(other),
                }
            }
        }
    }

    /// Its items, an operator before its operands.
    pub(super) fn into_items(self, items: &mut Vec<Item>) {
        match self {
            Part::Word(item) => items.push(item),
            Part::Stop => {}
            Part::Operator(operator, left, right) => {
                let at = items.len();
                items.push(Item::Operator { operator, left: 1 });
                deeper(|| right.into_items(items));
                let Some(operand) = left else { return };
                let place = items.len() - at;
                if let Some(Item::Operator { left, .. }) = items.get_mut(at) {
                    *left = place;
                }
                deeper(|| operand.into_items(items));
            }
        }
    }

    fn of(query: &TsQuery, at: usize) -> Option<Part> {
        Some(match query.item(at)? {
            word @ Item::Word { .. } => Part::Word(word.clone()),
            Item::Operator { operator, left } => {
                let right = Box::new(deeper(|| Part::of(query, at + 1))?);
                let left = match operator {
                    Operator::Not => None,
                    _ => Some(Box::new(deeper(|| Part::of(query, at + left))?)),
                };
                Part::Operator(*operator, left, right)
            }
        })
    }
}

/// An operator whose operands were cleaned: the distances that its phrase has lost stay in what is left of it.
fn rejoin(operator: Operator, left: Cleaned, right: Cleaned) -> Cleaned {
    let phrase = match operator {
        Operator::Phrase(distance) => Some(i32::from(distance)),
        _ => None,
    };
    match (left.part, right.part) {
        (None, None) => {
            // What is gone as a whole has lost the same on both sides.
            let lost = phrase.map_or(left.left.max(right.left), |distance| left.left + distance + right.left);
            Cleaned { part: None, left: lost, right: lost }
        }
        (None, part) => {
            let lost = phrase.map_or(right.left, |distance| left.left + distance + right.left);
            Cleaned { part, left: lost, right: right.right }
        }
        (part, None) => {
            let lost = phrase.map_or(left.right, |distance| left.right + distance + right.right);
            Cleaned { part, left: left.left, right: lost }
        }
        (Some(a), Some(b)) => {
            let operator = match phrase {
                Some(distance) => Operator::Phrase((distance + left.right + right.left) as i16),
                None => operator,
            };
            let (lost_left, lost_right) = if phrase.is_some() { (left.left, right.right) } else { (0, 0) };
            let part = Part::Operator(operator, Some(Box::new(a)), Box::new(b));
            Cleaned { part: Some(part), left: lost_left, right: lost_right }
        }
    }
}

/// A part of a query in the order in which it is computed.
#[derive(Debug)]
pub(super) enum Postfix {
    Word(Item),
    Stop,
    Operator(Operator),
}

impl TsQuery {
    /// `querytree`: what an index is asked for.
    pub fn indexable(&self) -> String {
        let Some(whole) = Part::of(self, 0) else { return String::new() };
        match whole.positive() {
            None => "T".to_owned(),
            Some(part) => {
                let mut items = Vec::new();
                part.into_items(&mut items);
                TsQuery { items }.to_text()
            }
        }
    }
}
