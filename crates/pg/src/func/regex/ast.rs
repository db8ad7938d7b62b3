//! Regular expressions as parsed.

use crate::func::case::{lower_char, upper_char};
use crate::func::ctype::Class;

/// Branches, of which one must match.
pub(super) type Alternatives = Vec<Branch>;
/// Quantified atoms and constraints, one after the other.
pub(super) type Branch = Vec<Item>;

/// An atom or constraint with its quantifier.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub atom: Atom,
    pub min: u32,
    /// No limit if `None`.
    pub max: Option<u32>,
    pub prefer: Prefer,
}

/// What a quantifier prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefer {
    /// Nothing: no quantifier, or `{m}`.
    Nothing,
    Longer,
    Shorter,
}

#[derive(Clone, Debug)]
pub(super) enum Atom {
    Set(CharSet),
    Capture(usize, Alternatives),
    Group(Alternatives),
    Backref(usize),
    Constraint(Constraint),
}

/// Matches the empty string where a condition holds.
#[derive(Clone, Debug)]
pub(super) enum Constraint {
    /// `\A`, and `^` if not newline-sensitive
    TextStart,
    /// `\Z`, and `$` if not newline-sensitive
    TextEnd,
    LineStart,
    LineEnd,
    /// `\m`, `[[:<:]]`
    WordStart,
    /// `\M`, `[[:>:]]`
    WordEnd,
    /// `\y`
    WordBoundary,
    /// `\Y`
    NoWordBoundary,
    Look {
        ahead: bool,
        negative: bool,
        inner: Alternatives,
    },
}

/// A set of characters.
#[derive(Clone, Debug, Default)]
pub(super) struct CharSet {
    pub ranges: Vec<(char, char)>,
    /// Classes, and whether the class is complemented (`\D`).
    pub classes: Vec<(Class, bool)>,
    pub negated: bool,
    pub ignore_case: bool,
}

impl CharSet {
    /// The set of one character.
    pub(super) fn one(c: char, ignore_case: bool) -> CharSet {
        CharSet { ranges: vec![(c, c)], ignore_case, ..CharSet::default() }
    }

    /// Whether a character is in the set.
    pub(super) fn contains(&self, c: char) -> bool {
        let mut inside = self.has(c);
        if !inside && self.ignore_case {
            inside = self.has(lower_char(c)) || self.has(upper_char(c));
        }
        inside != self.negated
    }

    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|&(first, last)| first <= c && c <= last)
            || self.classes.iter().any(|&(class, complement)| class.contains(c) != complement)
    }
}
