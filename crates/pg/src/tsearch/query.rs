//! `tsquery`: words, and operators on them (`tsquery.c`, `tsquery_op.c`).

use std::cmp::Ordering;

use super::tree::Node;
use super::{check_depth, deeper, words};
use crate::{Error, Result, SqlState};

/// A query: its operators and words, each operator before its operands, the right one before the left one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TsQuery {
    /// None when it has no words, and so finds nothing.
    pub items: Vec<Item>,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A word.
    Word {
        /// The lexeme.
        text: Box<str>,
        /// The weights that it must have, bits 0 to 3 for `D` to `A`; 0 for any.
        weights: u8,
        /// Whether it is the beginning of a lexeme.
        prefix: bool,
    },
    /// An operator. The right operand is the next item.
    Operator {
        /// Which one.
        operator: Operator,
        /// How many items further on the left operand is; 1 for the one operand of `Not`.
        left: usize,
    },
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Operator {
    Not,
    And,
    Or,
    /// Followed by, at this distance.
    Phrase(i16),
}

impl Operator {
    /// How strongly it binds.
    pub(super) fn priority(self) -> i32 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Phrase(_) => 3,
            Operator::Not => 4,
        }
    }

    /// The number that PostgreSQL has for it.
    pub(super) fn code(self) -> u8 {
        match self {
            Operator::Not => 1,
            Operator::And => 2,
            Operator::Or => 3,
            Operator::Phrase(_) => 4,
        }
    }

    /// `<N>`
    pub fn phrase(distance: i32) -> Result<Operator> {
        match i16::try_from(distance) {
            Ok(distance @ 0..=16384) => Ok(Operator::Phrase(distance)),
            _ => Err(wrong_distance()),
        }
    }
}

/// 22023
pub(super) fn wrong_distance() -> Error {
    let message = "distance in phrase operator must be an integer value between zero and 16384 inclusive";
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

impl TsQuery {
    /// Whether it finds nothing, having no words.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item at a place, for a walk from the first one; none behind the last.
    pub(super) fn item(&self, at: usize) -> Option<&Item> {
        self.items.get(at)
    }

    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| match item {
            Item::Word { text, .. } => Some(&**text),
            Item::Operator { .. } => None,
        })
    }

    /// `tsqueryout`
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        if !self.is_empty() {
            self.write(0, -1, false, &mut out);
        }
        out
    }

    /// `infix`: writes the items from one on; gives the place behind them.
    fn write(&self, at: usize, parent: i32, right_of_phrase: bool, out: &mut String) -> usize {
        match self.item(at) {
            None => at,
            Some(Item::Word { text, weights, prefix }) => {
                write_word(text, *weights, *prefix, out);
                at + 1
            }
            Some(Item::Operator { operator, .. }) => {
                let priority = operator.priority();
                let phrase = matches!(operator, Operator::Phrase(_));
                // What a phrase means depends on its order.
                let parentheses = priority < parent || phrase && right_of_phrase;
                if parentheses {
                    out.push_str("( ");
                }
                let end = deeper(|| self.write_operands(*operator, at + 1, out));
                if parentheses {
                    out.push_str(" )");
                }
                end
            }
        }
    }

    fn write_operands(&self, operator: Operator, at: usize, out: &mut String) -> usize {
        let priority = operator.priority();
        let sign = match operator {
            Operator::Not => {
                out.push('!');
                return self.write(at, priority, false, out);
            }
            Operator::And => " & ".to_owned(),
            Operator::Or => " | ".to_owned(),
            Operator::Phrase(1) => " <-> ".to_owned(),
            Operator::Phrase(distance) => format!(" <{distance}> "),
        };
        let mut right = String::new();
        let left = self.write(at, priority, matches!(operator, Operator::Phrase(_)), &mut right);
        let end = self.write(left, priority, false, out);
        out.push_str(&sign);
        out.push_str(&right);
        end
    }

    /// `CompareTSQ`: by size first.
    pub fn compare(&self, other: &TsQuery) -> Ordering {
        let bytes = |query: &TsQuery| query.words().map(|word| word.len() + 1).sum::<usize>();
        let sizes = self.items.len().cmp(&other.items.len()).then_with(|| bytes(self).cmp(&bytes(other)));
        sizes.then_with(|| match (Node::of(self), Node::of(other)) {
            (Some(a), Some(b)) => a.compare(&b),
            _ => Ordering::Equal,
        })
    }

    /// Of items in their order, not nested too deep.
    pub(super) fn of(items: Vec<Item>) -> Result<TsQuery> {
        // How many operands of each operator around are still to come.
        let mut open: Vec<u8> = Vec::new();
        for item in &items {
            match item {
                Item::Operator { operator, .. } => {
                    open.push(if *operator == Operator::Not { 1 } else { 2 });
                    check_depth(open.len())?;
                }
                Item::Word { .. } => {
                    while let Some(left) = open.last_mut() {
                        *left -= 1;
                        if *left > 0 {
                            break;
                        }
                        open.pop();
                    }
                }
            }
        }
        Ok(TsQuery { items })
    }

    /// `join_tsqueries`; one that is empty leaves the other.
    pub fn join(&self, other: &TsQuery, operator: Operator) -> Result<TsQuery> {
        if self.is_empty() {
            return Ok(other.clone());
        }
        if other.is_empty() {
            return Ok(self.clone());
        }
        let mut items = Vec::with_capacity(1 + self.items.len() + other.items.len());
        items.push(Item::Operator { operator, left: 1 + other.items.len() });
        items.extend_from_slice(&other.items);
        items.extend_from_slice(&self.items);
        TsQuery::of(items)
    }

    /// `!!`
    pub fn negate(&self) -> Result<TsQuery> {
        let mut items = self.items.clone();
        if !items.is_empty() {
            items.insert(0, Item::Operator { operator: Operator::Not, left: 1 });
        }
        TsQuery::of(items)
    }

    /// `tsq_mcontains`: whether all words of the other are among its own.
    pub fn contains(&self, other: &TsQuery) -> bool {
        let own: std::collections::HashSet<&str> = self.words().collect();
        other.words().all(|word| own.contains(word))
    }
}

fn write_word(text: &str, weights: u8, prefix: bool, out: &mut String) {
    words::quote(text, out);
    if weights == 0 && !prefix {
        return;
    }
    out.push(':');
    if prefix {
        out.push('*');
    }
    out.extend(
        "ABCD".chars().zip([8, 4, 2, 1]).filter(|(_, bit)| weights & bit != 0).map(|(letter, _)| letter),
    );
}
