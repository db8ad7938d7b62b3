//! Which part of a match each capture is (PostgreSQL's regexec.c: `cdissect` and its relatives).

use super::parse::invalid;
use super::tree::{Kind, Sub};
use crate::Result;
use crate::func::case::lower_char;

/// The places of the captures; the whole match is the first.
pub(super) type Captures = Vec<Option<(usize, usize)>>;

/// How many trials one match may cost before it is given up.
const BUDGET: u64 = 20_000_000;

/// One search for captures.
pub(super) struct Dissection<'a> {
    pub text: &'a [char],
    pub ignore_case: bool,
    pub captures: Captures,
    spent: u64,
}

impl<'a> Dissection<'a> {
    pub(super) fn new(text: &'a [char], ignore_case: bool, captures: usize) -> Dissection<'a> {
        Dissection { text, ignore_case, captures: vec![None; captures + 1], spent: 0 }
    }

    fn spend(&mut self, cost: usize) -> Result<()> {
        self.spent += cost as u64 + 1;
        if self.spent > BUDGET { Err(invalid("regular expression is too complex")) } else { Ok(()) }
    }

    /// Finds the captures of a part that the automaton of `sub` matches; false if back references don't.
    pub(super) fn dissect(&mut self, sub: &Sub, from: usize, to: usize) -> Result<bool> {
        let matched = match &sub.kind {
            Kind::Leaf => true,
            Kind::Concat(left, right) => self.concat(left, right, from, to)?,
            Kind::Either(subs) => self.either(subs, from, to)?,
            Kind::Repeat(inner, min, max) => {
                let max = max.map_or(usize::MAX, |max| max as usize);
                if inner.prefers_shorter() {
                    self.repeat_shorter(inner, *min as usize, max, from, to)?
                } else {
                    self.repeat_longer(inner, *min as usize, max, from, to)?
                }
            }
            Kind::Backref(number, min, max) => self.backref(*number, *min, *max, from, to),
        };
        if matched {
            for &capture in &sub.captures {
                if let Some(place) = self.captures.get_mut(capture) {
                    *place = Some((from, to));
                }
            }
        }
        Ok(matched)
    }

    fn concat(&mut self, left: &Sub, right: &Sub, from: usize, to: usize) -> Result<bool> {
        let mut middles = Vec::new();
        left.automaton.ends(self.text, from, to, |end| {
            middles.push(end);
            false
        });
        if !left.prefers_shorter() {
            middles.reverse();
        }
        for middle in middles {
            self.spend(to - middle)?;
            if !right.automaton.matches(self.text, middle, to) {
                continue;
            }
            let before = self.captures.clone();
            if self.dissect(left, from, middle)? && self.dissect(right, middle, to)? {
                return Ok(true);
            }
            self.captures = before;
        }
        Ok(false)
    }

    fn either(&mut self, subs: &[Sub], from: usize, to: usize) -> Result<bool> {
        for sub in subs {
            self.spend(to - from)?;
            if sub.automaton.matches(self.text, from, to) {
                let before = self.captures.clone();
                if self.dissect(sub, from, to)? {
                    return Ok(true);
                }
                self.captures = before;
            }
        }
        Ok(false)
    }

    fn backref(&self, number: usize, min: u32, max: Option<u32>, from: usize, to: usize) -> bool {
        let Some((start, end)) = self.captures.get(number).copied().flatten() else { return false };
        if start == end {
            return from == to;
        }
        if from == to {
            return min == 0;
        }
        let times = (to - from) / (end - start);
        let same = |a: char, b: char| a == b || self.ignore_case && lower_char(a) == lower_char(b);
        (to - from).is_multiple_of(end - start)
            && times >= min as usize
            && max.is_none_or(|max| times <= max as usize)
            && self.text[from..to]
                .chunks(end - start)
                .all(|part| part.iter().zip(&self.text[start..end]).all(|(&a, &b)| same(a, b)))
    }

    /// Whether each of the parts dissects; if not, the number of the first that doesn't.
    fn verify(&mut self, sub: &Sub, ends: &[usize]) -> Result<Option<usize>> {
        for (number, pair) in ends.windows(2).enumerate() {
            if let [from, to] = *pair {
                for &capture in &inner_captures(sub) {
                    if let Some(place) = self.captures.get_mut(capture) {
                        *place = None;
                    }
                }
                if !self.dissect(sub, from, to)? {
                    return Ok(Some(number + 1));
                }
            }
        }
        Ok(None)
    }

    /// The longest match of a part that ends at `limit` at most.
    fn longest(&mut self, sub: &Sub, from: usize, limit: usize) -> Result<Option<usize>> {
        self.spend(limit.saturating_sub(from))?;
        let mut last = None;
        sub.automaton.ends(self.text, from, limit, |end| {
            last = Some(end);
            false
        });
        Ok(last)
    }

    /// The shortest match of a part that ends between `least` and `most`.
    fn shortest(&mut self, sub: &Sub, from: usize, least: usize, most: usize) -> Result<Option<usize>> {
        self.spend(most.saturating_sub(from))?;
        let mut first = None;
        sub.automaton.ends(self.text, from, most, |end| {
            first = (end >= least).then_some(end);
            first.is_some()
        });
        Ok(first)
    }

    /// `citerdissect`: each iteration takes as much as it can.
    fn repeat_longer(&mut self, sub: &Sub, min: usize, max: usize, from: usize, to: usize) -> Result<bool> {
        let Some((min, max)) = counts(min, max, from, to) else { return Ok(true) };
        let mut ends = vec![from];
        let mut limit = to;
        let before = self.captures.clone();
        loop {
            // The number of this iteration is the number of ends so far.
            let k = ends.len();
            let start = ends[k - 1];
            let mut shorten = k - 1;
            if let Some(end) = self.longest(sub, start, limit)? {
                ends.push(end);
                shorten = k;
                if end != to {
                    let needless = end == start && (k >= min || min - k < to - end);
                    if k >= max {
                        shorten = k - 1;
                    } else if !needless {
                        limit = to;
                        continue;
                    }
                } else if k >= min {
                    match self.verify(sub, &ends)? {
                        None => return Ok(true),
                        Some(failed) => shorten = failed,
                    }
                    self.captures.clone_from(&before);
                }
            }
            // Backtrack: a shorter match of that iteration, or of one before it.
            loop {
                if shorten == 0 {
                    return Ok(false);
                }
                let (start, end) = (ends[shorten - 1], ends[shorten]);
                ends.truncate(shorten);
                if end > start {
                    limit = end - 1;
                    if limit > start || shorten < min && min - shorten >= to - start {
                        break;
                    }
                }
                shorten -= 1;
            }
        }
    }

    /// `creviterdissect`: each iteration takes as little as it can.
    fn repeat_shorter(&mut self, sub: &Sub, min: usize, max: usize, from: usize, to: usize) -> Result<bool> {
        let Some((min, max)) = counts(min, max, from, to) else { return Ok(true) };
        let mut ends = vec![from];
        let mut least = from;
        let before = self.captures.clone();
        loop {
            let k = ends.len();
            let start = ends[k - 1];
            if least == start && least != to && (k >= min || min - k < to - least) {
                least += 1;
            }
            if k >= max {
                least = to;
            }
            let mut lengthen = k - 1;
            if let Some(end) = self.shortest(sub, start, least, to)? {
                ends.push(end);
                lengthen = k;
                if end != to {
                    if k < max {
                        least = end;
                        continue;
                    }
                    lengthen = k - 1;
                } else if k >= min {
                    match self.verify(sub, &ends)? {
                        None => return Ok(true),
                        Some(failed) => lengthen = failed,
                    }
                    self.captures.clone_from(&before);
                }
            }
            loop {
                if lengthen == 0 {
                    return Ok(false);
                }
                let end = ends[lengthen];
                ends.truncate(lengthen);
                if end < to {
                    least = end + 1;
                    break;
                }
                lengthen -= 1;
            }
        }
    }
}

/// How many iterations there may be; `None` if none does.
fn counts(min: usize, max: usize, from: usize, to: usize) -> Option<(usize, usize)> {
    if min == 0 && from == to {
        return None;
    }
    let min = min.max(1);
    Some((min, (to - from).min(max).max(min)))
}

fn inner_captures(sub: &Sub) -> Vec<usize> {
    let mut all = sub.captures.clone();
    match &sub.kind {
        Kind::Leaf | Kind::Backref(..) => {}
        Kind::Concat(left, right) => {
            all.extend(inner_captures(left));
            all.extend(inner_captures(right));
        }
        Kind::Either(subs) => all.extend(subs.iter().flat_map(inner_captures)),
        Kind::Repeat(inner, ..) => all.extend(inner_captures(inner)),
    }
    all
}
