//! Whether the braces, delimiters and quotes of an array text fit together, and how long its dimensions are
//! (`ArrayCount`).

use super::array_in::malformed;
use super::is_space;
use crate::Result;
use crate::array::{MAX_DIMENSIONS, too_many_dimensions};

/// What came last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    NoLevel,
    LevelStarted,
    ElementStarted,
    QuotedStarted,
    QuotedCompleted,
    ElementDelimited,
    LevelCompleted,
    LevelDelimited,
}

struct Counter<'a> {
    text: &'a str,
    state: State,
    depth: usize,
    /// The number of dimensions so far.
    dims: usize,
    in_quotes: bool,
    empty: bool,
    /// The length of each dimension, as counted last.
    counts: [i32; MAX_DIMENSIONS],
    /// The number of elements of the level under way, and of the one before, by depth.
    here: [i32; MAX_DIMENSIONS],
    before: [i32; MAX_DIMENSIONS],
}

/// The lengths of the dimensions; none for an empty array.
pub(super) fn lengths(text: &str, delimiter: u8) -> Result<Vec<i32>> {
    let mut counter = Counter {
        text,
        state: State::NoLevel,
        depth: 0,
        dims: 1,
        in_quotes: false,
        empty: true,
        counts: [0; MAX_DIMENSIONS],
        here: [1; MAX_DIMENSIONS],
        before: [0; MAX_DIMENSIONS],
    };
    let mut bytes = text.bytes();
    loop {
        if matches!(counter.state, State::ElementStarted | State::QuotedStarted) {
            counter.empty = false;
        }
        let Some(byte) = bytes.next() else { return Err(malformed(text, "Unexpected end of input.")) };
        match byte {
            b'\\' => {
                counter.escape()?;
                if bytes.next().is_none() {
                    return Err(malformed(text, "Unexpected end of input."));
                }
            }
            b'"' => counter.quote()?,
            _ if counter.in_quotes => {}
            b'{' => counter.open()?,
            b'}' => {
                counter.close()?;
                if counter.depth == 0 {
                    break;
                }
            }
            _ if byte == delimiter => counter.delimit(delimiter)?,
            _ if is_space(byte.into()) => {}
            _ => counter.plain()?,
        }
    }
    counter.count_item();
    if !bytes.all(|byte| is_space(byte.into())) {
        return Err(malformed(text, "Junk after closing right brace."));
    }
    let dims = if counter.empty { 0 } else { counter.dims };
    Ok(counter.counts.into_iter().take(dims).collect())
}

impl Counter<'_> {
    fn check(&self, allowed: &[State], detail: &str) -> Result<()> {
        if allowed.contains(&self.state) { Ok(()) } else { Err(malformed(self.text, detail)) }
    }

    fn escape(&mut self) -> Result<()> {
        use State::*;
        let allowed = [LevelStarted, ElementStarted, QuotedStarted, ElementDelimited];
        self.check(&allowed, "Unexpected \"\\\" character.")?;
        if self.state != QuotedStarted {
            self.state = ElementStarted;
        }
        Ok(())
    }

    fn quote(&mut self) -> Result<()> {
        use State::*;
        self.check(&[LevelStarted, QuotedStarted, ElementDelimited], "Unexpected array element.")?;
        self.in_quotes = !self.in_quotes;
        self.state = if self.in_quotes { QuotedStarted } else { QuotedCompleted };
        Ok(())
    }

    fn open(&mut self) -> Result<()> {
        use State::*;
        self.check(&[NoLevel, LevelStarted, LevelDelimited], "Unexpected \"{\" character.")?;
        self.state = LevelStarted;
        let Some(count) = self.counts.get_mut(self.depth) else {
            return Err(too_many_dimensions(self.depth + 1));
        };
        *count = 0;
        self.depth += 1;
        self.dims = self.dims.max(self.depth);
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        use State::*;
        let empty_array = self.depth == 1 && self.state == LevelStarted;
        if !empty_array {
            let allowed = [ElementStarted, QuotedCompleted, LevelCompleted];
            self.check(&allowed, "Unexpected \"}\" character.")?;
        }
        self.state = LevelCompleted;
        self.depth = self.depth.saturating_sub(1);
        if let (Some(here), Some(before)) = (self.here.get_mut(self.depth), self.before.get_mut(self.depth)) {
            if *before != 0 && here != before {
                let detail = "Multidimensional arrays must have sub-arrays with matching dimensions.";
                return Err(malformed(self.text, detail));
            }
            *before = *here;
            *here = 1;
        }
        if let Some(count) = self.depth.checked_sub(1).and_then(|outer| self.counts.get_mut(outer)) {
            *count += 1;
        }
        Ok(())
    }

    fn delimit(&mut self, delimiter: u8) -> Result<()> {
        use State::*;
        let detail = format!("Unexpected \"{}\" character.", char::from(delimiter));
        self.check(&[ElementStarted, QuotedCompleted, LevelCompleted], &detail)?;
        self.state = if self.state == LevelCompleted { LevelDelimited } else { ElementDelimited };
        if let Some(here) = self.depth.checked_sub(1).and_then(|level| self.here.get_mut(level)) {
            *here += 1;
        }
        self.count_item();
        Ok(())
    }

    fn plain(&mut self) -> Result<()> {
        use State::*;
        self.check(&[LevelStarted, ElementStarted, ElementDelimited], "Unexpected array element.")?;
        self.state = ElementStarted;
        Ok(())
    }

    /// An element, or a level, of the innermost dimension is complete.
    fn count_item(&mut self) {
        if let Some(count) = self.counts.get_mut(self.dims - 1) {
            *count += 1;
        }
    }
}
