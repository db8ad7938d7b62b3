//! Rows taken one by one out of batches.

use std::vec;

use pg::{Result, Value};

use super::stream::BoxOperator;
use crate::query::JoinKind;
use crate::remote::Batch;

/// The rows of an operator, one by one.
pub(super) struct Rows {
    input: BoxOperator,
    batch: vec::IntoIter<Vec<Value>>,
    done: bool,
}

impl Rows {
    pub(super) fn new(input: BoxOperator) -> Rows {
        Rows { input, batch: Vec::new().into_iter(), done: false }
    }

    /// The next row.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Value>>> {
        if let Some(row) = self.batch.next() {
            return Ok(Some(row));
        }
        self.fetch().await?;
        Ok(self.batch.next())
    }

    /// Whether the next row has yet to be made.
    pub(super) fn is_drained(&self) -> bool {
        self.batch.len() == 0
    }

    /// Sees to it that a row is there if any is left.
    pub(super) async fn fetch(&mut self) -> Result<()> {
        while self.batch.len() == 0 && !self.done {
            match self.input.next().await? {
                Some(batch) => self.batch = batch.into_iter(),
                None => self.done = true,
            }
        }
        Ok(())
    }
}

/// A batch, or the end when it is empty.
pub(super) fn full(batch: Batch) -> Option<Batch> {
    (!batch.is_empty()).then_some(batch)
}

/// What a left row of a join yields by itself when all its matches are known.
pub(super) fn finish_left(
    kind: JoinKind,
    mut left: Vec<Value>,
    matched: bool,
    right_width: usize,
    batch: &mut Batch,
) {
    match (kind, matched) {
        (JoinKind::Semi, true) | (JoinKind::Anti, false) => batch.push(left),
        (JoinKind::Left | JoinKind::Full, false) => {
            left.resize(left.len() + right_width, Value::Null);
            batch.push(left);
        }
        _ => {}
    }
}
