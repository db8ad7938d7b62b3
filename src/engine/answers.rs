//! Answers about the catalog that are kept: tools ask the same for each of their connections, and a picture of the catalog
//! stays the same until something in the cluster changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use pg::{Result, Value};
use sql::exec::row_bytes;

use super::Shared;
use super::rows::Computed;
use super::statement::Place;
use crate::session::engine::{Batch, Outcome, RowOutput, Rows, Surroundings, WriteRows};
use crate::session::rows::write_values;

/// The most bytes that answers may take, roughly.
const MOST_BYTES: usize = 32 << 20;
/// And one of them.
const MOST_OF_ONE: usize = 16 << 20;
/// Answers to one statement, with other parameters or for others.
const MOST_OF_STATEMENT: usize = 16;

/// What an answer depends on besides the statement and the catalog.
#[derive(Debug, PartialEq)]
struct Asked {
    place: Place,
    /// `session_user`, `current_user`.
    users: [Arc<str>; 2],
    parameters: Arc<[Value]>,
}

/// A statement's meaning in a version of the catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of {
    pub(super) version: u64,
    pub(super) meaning: u64,
}

/// Rows that were computed, batch by batch.
type Kept = Vec<Arc<Vec<Vec<Value>>>>;

/// What was asked of a meaning, and the answers.
type Known = Vec<(Asked, Arc<Kept>)>;

/// Answers.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The version of the catalog that they are about.
    version: u64,
    bytes: usize,
    /// By the number of the statement's meaning.
    kept: HashMap<u64, Known>,
}

impl Answers {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, of: Of, asked: &Asked) -> Option<Arc<Kept>> {
        let state = self.lock();
        if state.version != of.version {
            return None;
        }
        let known = state.kept.get(&of.meaning)?.iter().find(|(known, _)| known == asked)?;
        Some(known.1.clone())
    }

    /// Keeps an answer. Those about older versions of the catalog are forgotten, and all when there are too many.
    fn put(&self, of: Of, asked: Asked, rows: Kept, bytes: usize) {
        let mut state = self.lock();
        if state.version > of.version {
            return;
        }
        if state.version < of.version || state.bytes + bytes > MOST_BYTES {
            *state = State { version: of.version, ..State::default() };
        }
        let answers = state.kept.entry(of.meaning).or_default();
        if answers.len() < MOST_OF_STATEMENT && !answers.iter().any(|(known, _)| *known == asked) {
            answers.push((asked, Arc::new(rows)));
            state.bytes += bytes;
        }
    }
}

/// The answer that is kept, or that of `compute`, which is kept when all of it has been computed.
pub(super) fn answer(
    shared: &Arc<Shared>,
    of: Of,
    parameters: &Arc<[Value]>,
    around: &Surroundings,
    compute: impl FnOnce() -> Result<Computed>,
) -> Result<Outcome> {
    let users = {
        let settings = around.variables.settings();
        [settings.session_user(), settings.current_user()]
    };
    let asked = Asked { place: Place::of(None, around), users, parameters: parameters.clone() };
    if let Some(kept) = shared.answers.get(of, &asked) {
        return Ok(Outcome::Rows(Box::new(Again { kept, at: 0 })));
    }
    let keep = Some((asked, Kept::new(), 0));
    Ok(Outcome::Rows(Box::new(Keeping { shared: shared.clone(), of, rows: compute()?, keep })))
}

/// Rows that are kept when they have all been computed.
struct Keeping {
    shared: Arc<Shared>,
    of: Of,
    rows: Computed,
    /// What is asked, the rows so far, and their bytes; nothing when there are too many.
    keep: Option<(Asked, Kept, usize)>,
}

impl Rows for Keeping {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let Some(rows) = self.rows.next_rows().await? else {
                if let Some((asked, rows, bytes)) = self.keep.take() {
                    self.shared.answers.put(self.of, asked, rows, bytes);
                }
                return Ok(None);
            };
            let rows = Arc::new(rows);
            if let Some((_, kept, bytes)) = &mut self.keep {
                *bytes += rows.iter().map(|row| row_bytes(row)).sum::<usize>();
                kept.push(rows.clone());
                if *bytes > MOST_OF_ONE {
                    self.keep = None;
                }
            }
            Ok(Some(Batch::Encoded(Box::new(Held(rows)))))
        })
    }
}

/// Rows that were kept.
struct Again {
    kept: Arc<Kept>,
    at: usize,
}

impl Rows for Again {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let batch = self.kept.get(self.at).map(|rows| Batch::Encoded(Box::new(Held(rows.clone()))));
        self.at += 1;
        Box::pin(std::future::ready(Ok(batch)))
    }
}

/// Rows that somebody else may be reading too.
struct Held(Arc<Vec<Vec<Value>>>);

impl WriteRows for Held {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn write(&self, from: usize, most: usize, out: &mut RowOutput<'_>) -> Result<usize> {
        write_values(&self.0, from, most, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(user: &str, parameter: &str) -> Asked {
        let place = Place::somewhere();
        Asked { place, users: [user.into(), user.into()], parameters: [Value::text(parameter)].into() }
    }

    fn rows(text: &str) -> Kept {
        vec![Arc::new(vec![vec![Value::text(text)]])]
    }

    #[test]
    fn an_answer_is_for_who_asked_what_of_which_catalog() {
        let answers = Answers::default();
        let of = Of { version: 1, meaning: 7 };
        answers.put(of, asked("a", "x"), rows("ax"), 10);
        let get = |of, user, parameter| answers.get(of, &asked(user, parameter)).map(|kept| kept[0].clone());
        assert_eq!(*get(of, "a", "x").unwrap(), [[Value::text("ax")]]);
        assert_eq!(get(of, "b", "x"), None);
        assert_eq!(get(of, "a", "y"), None);
        assert_eq!(get(Of { meaning: 8, ..of }, "a", "x"), None);
        assert_eq!(get(Of { version: 2, ..of }, "a", "x"), None);
        // The catalog has changed: what was known of the older one goes, and does not come again.
        let newer = Of { version: 2, ..of };
        answers.put(newer, asked("b", "x"), rows("bx"), 10);
        answers.put(of, asked("a", "x"), rows("ax"), 10);
        assert_eq!(get(of, "a", "x"), None);
        assert!(get(newer, "b", "x").is_some());
    }

    #[test]
    fn too_much_is_forgotten() {
        let answers = Answers::default();
        let of = |meaning| Of { version: 1, meaning };
        answers.put(of(1), asked("a", "x"), rows("1"), MOST_BYTES - 1);
        assert!(answers.get(of(1), &asked("a", "x")).is_some());
        answers.put(of(2), asked("a", "x"), rows("2"), 2);
        assert!(answers.get(of(1), &asked("a", "x")).is_none());
        assert!(answers.get(of(2), &asked("a", "x")).is_some());
        for n in 0..2 * MOST_OF_STATEMENT {
            answers.put(of(3), asked("a", &n.to_string()), rows("3"), 1);
        }
        assert!(answers.get(of(3), &asked("a", "0")).is_some());
        assert!(answers.get(of(3), &asked("a", &MOST_OF_STATEMENT.to_string())).is_none());
    }
}
