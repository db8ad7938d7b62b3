//! Answers about the catalog that are kept: tools ask the same for each of their connections, and a picture of the catalog
//! stays the same until something in the cluster changes.
//!
//! They are kept as they are sent. That takes a fifth of what the rows take, and nothing but to be copied when it is asked
//! again; so a statement that is to be fetched in forms that nobody knows yet has no answer here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use pg::wire::Format;
use pg::wire::backend::data_row;
use pg::{Result, Value};
use sql::exec::row_bytes;

use super::Shared;
use super::rows::Computed;
use super::statement::Place;
use crate::session::engine::{Batch, Outcome, RowOutput, Rows, Surroundings, WriteRows};
use crate::session::rows::write_values;

/// The most bytes that answers may take.
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
    formats: Arc<[Format]>,
}

impl Asked {
    /// What it takes to keep it, roughly, with an answer of no rows.
    fn bytes(&self) -> usize {
        const PLACE: usize = 512;
        PLACE + row_bytes(&self.parameters)
    }
}

/// A statement's meaning in a version of the catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of {
    pub(super) version: u64,
    pub(super) meaning: u64,
}

/// Rows that were sent, batch by batch.
type Kept = Vec<Messages>;

/// DataRow messages, and how many they are.
#[derive(Clone, Debug, PartialEq)]
struct Messages {
    rows: usize,
    bytes: Bytes,
}

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

    /// Keeps an answer, whose rows take so many bytes. Those about older versions of the catalog are forgotten, and all
    /// when there are too many.
    fn put(&self, of: Of, asked: Asked, rows: Kept, bytes: usize) {
        let bytes = bytes + asked.bytes();
        let mut state = self.lock();
        if state.version > of.version || bytes > MOST_OF_ONE {
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

/// The answer that is kept, or that of `compute`, which is kept when all of it has been sent.
pub(super) fn answer(
    shared: &Arc<Shared>,
    of: Of,
    (parameters, formats): (&Arc<[Value]>, &Arc<[Format]>),
    around: &Surroundings,
    compute: impl FnOnce() -> Result<Computed>,
) -> Result<Outcome> {
    let users = {
        let settings = around.variables.settings();
        [settings.session_user(), settings.current_user()]
    };
    let place = Place::of(None, around);
    let asked = Asked { place, users, parameters: parameters.clone(), formats: formats.clone() };
    if let Some(kept) = shared.answers.get(of, &asked) {
        return Ok(Outcome::Rows(Box::new(Again { kept, at: 0 })));
    }
    let keeping = Keeping {
        shared: shared.clone(),
        of,
        rows: compute()?,
        asked: Some(asked),
        sent: Sent::default(),
        given: 0,
    };
    Ok(Outcome::Rows(Box::new(keeping)))
}

/// Rows that are kept when they have all been sent.
struct Keeping {
    shared: Arc<Shared>,
    of: Of,
    rows: Computed,
    /// What was asked, until that is known to be too much or to be kept.
    asked: Option<Asked>,
    sent: Sent,
    /// How many batches were given to be sent.
    given: usize,
}

/// What has been sent of the batches so far. Those whose rows were not all sent, because the client wanted no more of them,
/// are missing.
type Sent = Arc<Mutex<Kept>>;

impl Rows for Keeping {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let rows = self.rows.next_rows().await?;
            self.look(rows.is_none());
            let Some(rows) = rows else { return Ok(None) };
            if self.asked.is_none() {
                return Ok(Some(Batch::Values(rows)));
            }
            self.given += 1;
            let batch = Sending { rows, made: Mutex::default(), sent: self.sent.clone() };
            Ok(Some(Batch::Encoded(Box::new(batch))))
        })
    }
}

impl Keeping {
    /// Looks at what has been sent, before there is more, or at the end.
    fn look(&mut self, at_end: bool) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = sent.iter().map(|messages| messages.bytes.len()).sum();
        if sent.len() != self.given || bytes > MOST_OF_ONE {
            self.asked = None;
            sent.clear();
        }
        if at_end && let Some(asked) = self.asked.take() {
            self.shared.answers.put(self.of, asked, std::mem::take(&mut *sent), bytes);
        }
    }
}

/// Rows whose messages are kept.
struct Sending {
    rows: sql::remote::Batch,
    /// The messages so far, and how many.
    made: Mutex<(usize, BytesMut)>,
    sent: Sent,
}

impl WriteRows for Sending {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn write(&self, from: usize, most: usize, output: &mut RowOutput<'_>) -> Result<usize> {
        let start = output.out.len();
        let written = write_values(&self.rows, from, most, output)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 == from {
            made.0 += written;
            made.1.extend_from_slice(output.out.get(start..).unwrap_or_default());
            if made.0 == self.rows.len() {
                let bytes = std::mem::take(&mut made.1).freeze();
                self.sent
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Messages { rows: made.0, bytes });
            }
        }
        Ok(written)
    }
}

/// Rows that were kept.
struct Again {
    kept: Arc<Kept>,
    at: usize,
}

impl Rows for Again {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let batch = self.kept.get(self.at).map(|messages| Batch::Encoded(Box::new(messages.clone())));
        self.at += 1;
        Box::pin(std::future::ready(Ok(batch)))
    }
}

impl WriteRows for Messages {
    fn len(&self) -> usize {
        self.rows
    }

    fn write(&self, from: usize, most: usize, output: &mut RowOutput<'_>) -> Result<usize> {
        let mut rest = &self.bytes[..];
        for _ in 0..from {
            data_row(&mut rest);
        }
        let (all, room) = (rest, output.full.saturating_sub(output.out.len()));
        let mut written = 0;
        while written < most && all.len() - rest.len() < room && data_row(&mut rest).is_some() {
            written += 1;
        }
        output.out.extend_from_slice(all.get(..all.len() - rest.len()).unwrap_or_default());
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::engine::Column;

    fn asked(user: &str, parameter: &str) -> Asked {
        let place = Place::somewhere();
        let (users, parameters) = ([user.into(), user.into()], [Value::text(parameter)].into());
        Asked { place, users, parameters, formats: [Format::Text].into() }
    }

    fn rows(text: &str) -> Kept {
        vec![Messages { rows: 1, bytes: Bytes::copy_from_slice(text.as_bytes()) }]
    }

    #[test]
    fn an_answer_is_for_who_asked_what_of_which_catalog() {
        let answers = Answers::default();
        let of = Of { version: 1, meaning: 7 };
        answers.put(of, asked("a", "x"), rows("ax"), 10);
        let get =
            |of, user, parameter| answers.get(of, &asked(user, parameter)).map(|kept| kept[0].bytes.clone());
        assert_eq!(get(of, "a", "x").unwrap(), "ax");
        assert_eq!(get(of, "b", "x"), None);
        assert_eq!(get(of, "a", "y"), None);
        let binary = Asked { formats: [Format::Binary].into(), ..asked("a", "x") };
        assert!(answers.get(of, &binary).is_none());
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
        for meaning in [0, 1] {
            answers.put(of(meaning), asked("a", "x"), rows("1"), MOST_OF_ONE - 2048);
        }
        assert!(answers.get(of(1), &asked("a", "x")).is_some());
        answers.put(of(2), asked("a", "x"), rows("2"), 4096);
        assert!(answers.get(of(1), &asked("a", "x")).is_none());
        assert!(answers.get(of(2), &asked("a", "x")).is_some());
        for n in 0..2 * MOST_OF_STATEMENT {
            answers.put(of(3), asked("a", &n.to_string()), rows("3"), 1);
        }
        assert!(answers.get(of(3), &asked("a", "0")).is_some());
        assert!(answers.get(of(3), &asked("a", &MOST_OF_STATEMENT.to_string())).is_none());
    }

    /// Writes rows until there are no more, a few at a time.
    fn written(rows: &dyn WriteRows, most: usize, full: usize) -> (Vec<usize>, BytesMut) {
        let column =
            Column { name: "n".into(), ty: pg::TypeRef::of(pg::oid::TEXT), origin: Default::default() };
        let (columns, formats, env) = ([column], [Format::Text], pg::Env::default());
        let (mut from, mut pieces, mut all) = (0, Vec::new(), BytesMut::new());
        while from < rows.len() {
            let mut out = BytesMut::new();
            let mut output =
                RowOutput { out: &mut out, full, columns: &columns, formats: &formats, env: &env };
            pieces.push(rows.write(from, most, &mut output).unwrap());
            from += pieces.last().unwrap();
            all.extend_from_slice(&out);
        }
        (pieces, all)
    }

    #[test]
    fn what_is_sent_again_is_what_was_sent() {
        let rows: sql::remote::Batch = (0..5).map(|n| vec![Value::text("x".repeat(n))]).collect();
        let sent = Sent::default();
        let sending = Sending { rows, made: Mutex::default(), sent: sent.clone() };
        let (pieces, first) = written(&sending, 2, 1000);
        assert_eq!(pieces, [2, 2, 1]);
        let kept = sent.lock().unwrap().pop().unwrap();
        assert_eq!(kept.len(), 5);
        // 11 bytes and what the text has.
        for (most, full, expected) in
            [(5, 1000, vec![5]), (2, 1000, vec![2, 2, 1]), (5, 12, vec![2, 1, 1, 1])]
        {
            assert_eq!(written(&kept, most, full), (expected, first.clone()));
        }
    }

    #[test]
    fn rows_that_are_skipped_are_not_kept() {
        let sent = Sent::default();
        let rows = vec![vec![Value::text("a")], vec![Value::text("b")]];
        let sending = Sending { rows, made: Mutex::default(), sent: sent.clone() };
        let mut out = BytesMut::new();
        let env = pg::Env::default();
        let mut output = RowOutput { out: &mut out, full: 1000, columns: &[], formats: &[], env: &env };
        sending.write(1, 1, &mut output).unwrap();
        assert!(sent.lock().unwrap().is_empty());
    }

    #[test]
    fn what_was_asked_takes_room_too() {
        let answers = Answers::default();
        let of = |meaning| Of { version: 1, meaning };
        let long = "x".repeat(MOST_BYTES / 8);
        for meaning in 0..9 {
            answers.put(of(meaning), asked("a", &long), Kept::new(), 0);
        }
        assert!(answers.get(of(0), &asked("a", &long)).is_none());
        assert!(answers.get(of(8), &asked("a", &long)).is_some());
        let longer = "x".repeat(MOST_OF_ONE);
        answers.put(of(9), asked("a", &longer), Kept::new(), 0);
        assert!(answers.get(of(9), &asked("a", &longer)).is_none());
        // Answers without rows, to statements that never come again.
        let some = MOST_BYTES / 512;
        for meaning in 10..10 + some as u64 {
            answers.put(of(meaning), asked("a", "x"), Kept::new(), 0);
        }
        assert!(answers.lock().kept.len() < some);
    }
}
