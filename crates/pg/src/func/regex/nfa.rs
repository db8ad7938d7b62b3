//! Nondeterministic automata: which parts of a text an expression matches.

use std::cell::Cell;

use super::ast::{CharSet, Constraint};
use super::parse::invalid;
use crate::Result;
use crate::func::ctype::Class;

/// How many states an automaton may have.
const MAX_STATES: usize = 50_000;

/// How many steps the building of one automaton may take: repetitions of nothing make no states.
const MAX_WORK: usize = 1_000_000;
/// How many steps one search may take before it is given up: seconds, not minutes.
const MAX_STEPS: u64 = 400_000_000;

thread_local! {
    /// The steps of the search under way.
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Begins to count the steps of a search.
pub(super) fn begin_search() {
    STEPS.set(0);
}

/// An error if the search was given up; what it found then means nothing.
pub(super) fn check_search() -> Result<()> {
    if STEPS.get() > MAX_STEPS { Err(invalid("regular expression is too complex")) } else { Ok(()) }
}

/// What an automaton is made of: an expression without captures and back references.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Set(CharSet),
    Check(Check),
    Sequence(Vec<Expr>),
    Either(Vec<Expr>),
    Repeat(Box<Expr>, u32, Option<u32>),
}

/// A condition on a place.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Simple(Constraint),
    Look { ahead: bool, negative: bool, inner: Box<Automaton> },
}

#[derive(Clone, Debug)]
enum State {
    Set(CharSet, usize),
    Check(Check, usize),
    Fork(Vec<usize>),
    Accept,
}

/// An automaton.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    states: Vec<State>,
    start: usize,
    /// The steps of its building.
    work: usize,
}

impl Automaton {
    /// The automaton of an expression.
    pub(super) fn new(expr: &Expr) -> Result<Automaton> {
        let mut automaton = Automaton { states: vec![State::Accept], start: 0, work: 0 };
        automaton.start = automaton.build(expr, 0)?;
        Ok(automaton)
    }

    fn add(&mut self, state: State) -> Result<usize> {
        if self.states.len() >= MAX_STATES {
            return Err(invalid("regular expression is too complex"));
        }
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    /// The state from which an expression leads to `next`.
    fn build(&mut self, expr: &Expr, next: usize) -> Result<usize> {
        self.work += 1;
        if self.work > MAX_WORK {
            return Err(invalid("regular expression is too complex"));
        }
        match expr {
            Expr::Set(set) => self.add(State::Set(set.clone(), next)),
            Expr::Check(check) => self.add(State::Check(check.clone(), next)),
            Expr::Sequence(parts) => parts.iter().rev().try_fold(next, |next, part| self.build(part, next)),
            Expr::Either(parts) => {
                let starts = parts.iter().map(|part| self.build(part, next)).collect::<Result<_>>()?;
                self.add(State::Fork(starts))
            }
            Expr::Repeat(inner, min, max) => self.build_repeat(inner, *min, *max, next),
        }
    }

    fn build_repeat(&mut self, inner: &Expr, min: u32, max: Option<u32>, next: usize) -> Result<usize> {
        let mut at = match max {
            None => {
                let again = self.add(State::Fork(vec![next]))?;
                let body = self.build(inner, again)?;
                if let Some(State::Fork(to)) = self.states.get_mut(again) {
                    to.push(body);
                }
                again
            }
            Some(max) => {
                let mut at = next;
                for _ in min..max {
                    let body = self.build(inner, at)?;
                    at = self.add(State::Fork(vec![body, next]))?;
                }
                at
            }
        };
        for _ in 0..min {
            at = self.build(inner, at)?;
        }
        Ok(at)
    }

    /// Calls `accept` with each end of a match that starts at `from` and ends at `to` at most, in ascending order,
    /// until it returns true.
    pub(super) fn ends(&self, text: &[char], from: usize, to: usize, mut accept: impl FnMut(usize) -> bool) {
        let mut current = Marks::new(self.states.len());
        let mut following = Marks::new(self.states.len());
        self.enter(&mut current, self.start, text, from);
        for at in from..=to {
            if current.has(0) && accept(at) {
                return;
            }
            let steps = STEPS.get() + current.list.len() as u64 + 1;
            STEPS.set(steps);
            if current.list.is_empty() || at == to || steps > MAX_STEPS {
                return;
            }
            let c = text[at];
            for &state in &current.list {
                if let State::Set(set, next) = &self.states[state]
                    && set.contains(c)
                {
                    self.enter(&mut following, *next, text, at + 1);
                }
            }
            std::mem::swap(&mut current, &mut following);
            following.clear();
        }
    }

    /// Marks a state and all that can be reached from it without reading.
    fn enter(&self, marks: &mut Marks, state: usize, text: &[char], at: usize) {
        let mut stack = vec![state];
        while let Some(state) = stack.pop() {
            if !marks.mark(state) {
                continue;
            }
            match &self.states[state] {
                State::Fork(to) => stack.extend(to.iter().rev()),
                State::Check(check, next) if check.holds(text, at) => stack.push(*next),
                _ => {}
            }
        }
    }

    /// Whether exactly this part matches.
    pub(super) fn matches(&self, text: &[char], from: usize, to: usize) -> bool {
        let mut found = false;
        self.ends(text, from, to, |end| {
            found = end == to;
            found
        });
        found
    }
}

impl Check {
    fn holds(&self, text: &[char], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let after = text.get(at).copied();
        let word = |c: Option<char>| c.is_some_and(|c| Class::Word.contains(c));
        match self {
            Check::Simple(constraint) => match constraint {
                Constraint::TextStart => before.is_none(),
                Constraint::TextEnd => after.is_none(),
                Constraint::LineStart => before.is_none_or(|c| c == '\n'),
                Constraint::LineEnd => after.is_none_or(|c| c == '\n'),
                Constraint::WordStart => !word(before) && word(after),
                Constraint::WordEnd => word(before) && !word(after),
                Constraint::WordBoundary => word(before) != word(after),
                Constraint::NoWordBoundary => word(before) == word(after),
                // Compiled to `Check::Look`.
                Constraint::Look { .. } => false,
            },
            Check::Look { ahead: true, negative, inner } => {
                let mut found = false;
                inner.ends(text, at, text.len(), |_| {
                    found = true;
                    true
                });
                found != *negative
            }
            Check::Look { ahead: false, negative, inner } => {
                (0..=at).rev().any(|from| inner.matches(text, from, at)) != *negative
            }
        }
    }
}

/// A set of states that remembers the order of arrival.
struct Marks {
    marked: Vec<bool>,
    list: Vec<usize>,
}

impl Marks {
    fn new(states: usize) -> Marks {
        Marks { marked: vec![false; states], list: Vec::new() }
    }

    fn mark(&mut self, state: usize) -> bool {
        let new = !self.marked[state];
        if new {
            self.marked[state] = true;
            self.list.push(state);
        }
        new
    }

    fn has(&self, state: usize) -> bool {
        self.marked[state]
    }

    fn clear(&mut self) {
        for state in self.list.drain(..) {
            self.marked[state] = false;
        }
    }
}
