//! Prepared statements and portals, by name.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pg::wire::Format;
use pg::{Oid, Value};

use super::command::Command;
use super::cursor::Declared;
use super::engine::{Batch, Column, Prepared, Rows};
use super::spent::Spent;

/// A statement that can be bound: what Parse makes, and what every statement of a Query message becomes.
#[derive(Debug)]
pub struct Source {
    /// What it is.
    pub body: Body,
    /// The types of its parameters.
    pub parameter_types: Vec<Oid>,
    /// Its text; of a Query message with several statements, the whole.
    pub text: Arc<str>,
    /// Where it stands in the text, when there are others beside it.
    pub part: Option<Range<usize>>,
}

/// What a statement is.
#[derive(Debug)]
pub enum Body {
    /// Nothing but white space and comments.
    Empty,
    /// For the session.
    Command(Command),
    /// For the engine.
    Query(Arc<dyn Prepared>),
}

/// A statement with its parameters, before, while and after it runs.
pub struct Portal {
    /// The statement.
    pub source: Arc<Source>,
    /// Its parameters.
    pub parameters: Arc<[Value]>,
    /// What the parameters take in memory, roughly.
    pub parameter_bytes: usize,
    /// The format of each result column.
    pub formats: Arc<[Format]>,
    /// How far it has come.
    pub progress: Progress,
    /// Declared WITH HOLD: survives the transaction.
    pub hold: bool,
    /// What DECLARE said, and where FETCH stands.
    pub declared: Option<Declared>,
    /// What running it has taken.
    pub spent: Spent,
}

impl Portal {
    /// A statement with its parameters, which has not run yet.
    pub fn bound(source: Arc<Source>, parameters: Arc<[Value]>, formats: Arc<[Format]>) -> Portal {
        let progress = Progress::Bound;
        let spent = Spent::default();
        Portal {
            source,
            parameters,
            parameter_bytes: 0,
            formats,
            progress,
            hold: false,
            declared: None,
            spent,
        }
    }

    /// Whether the transaction that declared it goes on.
    pub fn is_fresh(&self) -> bool {
        self.declared.as_ref().is_some_and(|declared| declared.fresh)
    }

    /// The transaction that declared it was committed.
    pub fn settle(&mut self) {
        if let Some(declared) = &mut self.declared {
            declared.fresh = false;
        }
    }

    /// The portal can't be run any more: what it held is let go, in the cluster too.
    pub fn give_up(&mut self) {
        self.progress = Progress::Done;
        self.parameters = Arc::new([]);
        self.parameter_bytes = 0;
        if let Some(declared) = &mut self.declared {
            declared.forget();
        }
    }
}

/// How far a portal has come.
pub enum Progress {
    /// Not yet executed.
    Bound,
    /// Rows are being fetched.
    Running(Cursor),
    /// All rows were sent: further executions find none.
    Exhausted(String),
    /// A statement without rows has been run: it can't be again.
    Done,
}

/// Rows under way.
pub struct Cursor {
    /// Where they come from.
    pub rows: Box<dyn Rows>,
    /// What was fetched, and how much of it was sent.
    pub batch: Option<(Batch, usize)>,
    /// The columns.
    pub columns: Arc<[Column]>,
}

/// Things by name; the empty name is that of the unnamed one.
#[derive(Debug)]
pub struct Named<T> {
    unnamed: Option<T>,
    named: HashMap<String, T>,
}

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named { unnamed: None, named: HashMap::new() }
    }
}

impl<T> Named<T> {
    /// The one with this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        if name.is_empty() { self.unnamed.as_ref() } else { self.named.get(name) }
    }

    /// Sets the one with this name.
    pub fn insert(&mut self, name: &str, value: T) {
        if name.is_empty() {
            self.unnamed = Some(value);
        } else {
            self.named.insert(name.to_owned(), value);
        }
    }

    /// Takes the one with this name out.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        if name.is_empty() { self.unnamed.take() } else { self.named.remove(name) }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.unnamed = None;
        self.named.clear();
    }

    /// Forgets those for which this is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        if self.unnamed.as_ref().is_some_and(|value| !keep(value)) {
            self.unnamed = None;
        }
        self.named.retain(|_, value| keep(value));
    }

    /// Forgets those that have names.
    pub fn retain_unnamed(&mut self) {
        self.named.clear();
    }

    /// Changes all of them.
    pub fn for_each(&mut self, mut change: impl FnMut(&mut T)) {
        self.unnamed.iter_mut().chain(self.named.values_mut()).for_each(&mut change);
    }

    /// Those that have names.
    pub fn iter_named(&self) -> impl Iterator<Item = (&str, &T)> {
        self.named.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many have names.
    pub fn named_count(&self) -> usize {
        self.named.len()
    }

    /// All of them.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.unnamed.iter().chain(self.named.values())
    }
}
