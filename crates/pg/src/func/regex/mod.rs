//! PostgreSQL's advanced regular expressions: longest or shortest matches by its rules, not first ones as Perl's.
//! The `regex` crate finds where a match begins and whether there is one (that is the same under any preference);
//! ends and captures are found here.

mod ast;
mod dissect;
mod fast;
mod functions;
mod nfa;
mod parse;
mod similar;
mod tree;

use dissect::Captures;
pub(crate) use functions::check_like_regex;
pub(super) use functions::{KERNELS, like_regex, matches_rows, split_parts, substring_similar};

use std::cell::RefCell;
use std::sync::Arc;

use crate::{Error, Result, SqlState};
use dissect::Dissection;
use tree::{Builder, Sub};

/// The options of a regular expression (manual, "ARE Embedded-Option Letters").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Flags {
    pub ignore_case: bool,
    /// `.` and complements don't match a newline.
    pub newline_stops: bool,
    /// `^` and `$` match at newlines.
    pub newline_anchors: bool,
    pub expanded: bool,
    pub literal: bool,
    /// Basic or extended expressions of POSIX: refused.
    pub posix: bool,
    /// Not of the expression: all matches are meant (`g`).
    pub global: bool,
}

impl Flags {
    /// Sets an option by its letter; false if there is no such.
    fn set(&mut self, letter: char) -> bool {
        match letter {
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'm' | 'n' => (self.newline_stops, self.newline_anchors) = (true, true),
            'p' => (self.newline_stops, self.newline_anchors) = (true, false),
            'w' => (self.newline_stops, self.newline_anchors) = (false, true),
            's' => (self.newline_stops, self.newline_anchors) = (false, false),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            'q' => self.literal = true,
            'b' | 'e' => self.posix = true,
            _ => return false,
        }
        true
    }

    /// `parse_re_flags`: the options of a function's flags argument.
    pub(super) fn parse(text: &str) -> Result<Flags> {
        let mut flags = Flags::default();
        for letter in text.chars() {
            if letter == 'g' {
                flags.global = true;
            } else if !flags.set(letter) {
                return Err(Error::new(
                    SqlState::INVALID_PARAMETER_VALUE,
                    format!("invalid regular expression option: \"{letter}\""),
                ));
            }
        }
        Ok(flags)
    }
}

/// A compiled expression.
pub(super) struct Regex {
    tree: Sub,
    fast: Option<regex::Regex>,
    captures: usize,
    ignore_case: bool,
}

/// How many compiled expressions a thread keeps (`MAX_CACHED_RES`).
const CACHED: usize = 32;

/// A compiled expression with what it was made of.
type CacheEntry = (Arc<str>, Flags, Arc<Regex>);

thread_local! {
    static CACHE: RefCell<Vec<CacheEntry>> = const { RefCell::new(Vec::new()) };
}

impl Regex {
    /// The compiled expression of a pattern; the last ones are remembered.
    pub(super) fn cached(pattern: &str, mut flags: Flags) -> Result<Arc<Regex>> {
        flags.global = false;
        let found = CACHE.with_borrow_mut(|cache| {
            let at = cache.iter().position(|(text, with, _)| **text == *pattern && *with == flags)?;
            // The most recent is first.
            cache[..=at].rotate_right(1);
            Some(Arc::clone(&cache[0].2))
        });
        if let Some(regex) = found {
            return Ok(regex);
        }
        let regex = Arc::new(Regex::new(pattern, flags)?);
        CACHE.with_borrow_mut(|cache| {
            cache.truncate(CACHED - 1);
            cache.insert(0, (pattern.into(), flags, Arc::clone(&regex)));
        });
        Ok(regex)
    }

    fn new(pattern: &str, flags: Flags) -> Result<Regex> {
        if flags.posix {
            return Err(Error::refused("a regular expression of POSIX's basic or extended form"));
        }
        let parsed = parse::parse(pattern, flags)?;
        let tree = Builder::new(parsed.captures).alternatives(&parsed.alternatives)?;
        let fast = fast::translate(&parsed.alternatives).and_then(|pattern| {
            regex::RegexBuilder::new(&pattern).size_limit(4 << 20).dfa_size_limit(4 << 20).build().ok()
        });
        Ok(Regex { tree, fast, captures: parsed.captures, ignore_case: parsed.flags.ignore_case })
    }

    /// How many capturing parentheses there are.
    pub(super) fn capture_count(&self) -> usize {
        self.captures
    }

    /// Whether there is a match anywhere.
    pub(super) fn is_match(&self, text: &str) -> Result<bool> {
        match &self.fast {
            Some(fast) => Ok(fast.is_match(text)),
            None => Ok(self.find(&Subject::new(text), 0)?.is_some()),
        }
    }

    /// The first match that begins at a place or after it, and its captures, in characters.
    pub(super) fn find(&self, subject: &Subject<'_>, from: usize) -> Result<Option<Captures>> {
        nfa::begin_search();
        let found = self.search(subject, from)?;
        nfa::check_search()?;
        Ok(found)
    }

    fn search(&self, subject: &Subject<'_>, from: usize) -> Result<Option<Captures>> {
        let chars = &subject.chars;
        if let Some(fast) = &self.fast {
            let Some(found) = fast.find_at(subject.text, subject.byte_of(from)) else { return Ok(None) };
            let start = subject.char_of(found.start());
            return self.match_at(chars, start);
        }
        for start in from..=chars.len() {
            if let Some(captures) = self.match_at(chars, start)? {
                return Ok(Some(captures));
            }
        }
        Ok(None)
    }

    /// The match that begins exactly there.
    fn match_at(&self, text: &[char], start: usize) -> Result<Option<Captures>> {
        let shorter = self.tree.prefers_shorter();
        let mut ends = Vec::new();
        self.tree.automaton.ends(text, start, text.len(), |end| {
            if !self.tree.has_backrefs() && !shorter {
                ends.clear();
            }
            ends.push(end);
            !self.tree.has_backrefs() && shorter
        });
        if !shorter {
            ends.reverse();
        }
        for end in ends {
            let mut dissection = Dissection::new(text, self.ignore_case, self.captures);
            let nothing_inside = self.captures == 0 && !self.tree.has_backrefs();
            if nothing_inside || dissection.dissect(&self.tree, start, end)? {
                let mut captures = dissection.captures;
                captures[0] = Some((start, end));
                return Ok(Some(captures));
            }
        }
        Ok(None)
    }
}

/// A text that is searched: its characters, and where they are.
pub(super) struct Subject<'a> {
    pub text: &'a str,
    pub chars: Vec<char>,
    /// The byte offsets of the characters and of the end; empty if all are ASCII.
    offsets: Vec<usize>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(text: &'a str) -> Subject<'a> {
        let offsets = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
        };
        Subject { text, chars: text.chars().collect(), offsets }
    }

    fn byte_of(&self, char: usize) -> usize {
        if self.offsets.is_empty() {
            char.min(self.text.len())
        } else {
            self.offsets.get(char).copied().unwrap_or(self.text.len())
        }
    }

    fn char_of(&self, byte: usize) -> usize {
        if self.offsets.is_empty() { byte } else { self.offsets.partition_point(|&at| at < byte) }
    }

    /// The text of a part given in characters.
    pub(super) fn part(&self, from: usize, to: usize) -> &'a str {
        self.text.get(self.byte_of(from)..self.byte_of(to)).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(pattern: &str, text: &str) -> Option<SqlState> {
        let regex = Regex::cached(pattern, Flags::default());
        regex.and_then(|regex| regex.is_match(text)).err().map(|error| error.code())
    }

    #[test]
    fn hostile_expressions_are_refused() {
        let too_complex = Some(SqlState::INVALID_REGULAR_EXPRESSION);
        assert_eq!(code(&"()".repeat(20_000), ""), too_complex);
        assert_eq!(code(&"(".repeat(20_000), ""), too_complex);
        assert_eq!(code("(((((){255}){255}){255}){255}){255}", ""), too_complex);
        assert_eq!(code("(((((a{255}){255}){255}){255}){255})", ""), too_complex);
        assert_eq!(code("(a)(b)(c)", "abc"), None);
    }
}
