//! Errors that come after the rows before them. PostgreSQL makes one row after the other: what was made before one that
//! fails has been sent, or was all that a LIMIT wanted. Here rows are made by batches, so an operator that fails within
//! one yields what it has, and fails when it is asked again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use pg::{Error, Result};

use super::batch::full;
use super::frame::{Frame, Run};
use crate::remote::Batch;

/// The error of an operator that has yet to be told.
pub(super) struct Later {
    run: Arc<Run>,
    error: Option<Error>,
}

impl Later {
    /// Of an operator that has not failed.
    pub(super) fn new(frame: &Frame) -> Later {
        Later { run: frame.run.clone(), error: None }
    }

    /// The error, if it is its turn.
    pub(super) fn due(&mut self) -> Result<()> {
        match self.error.take() {
            Some(error) => {
                self.run.failing.fetch_sub(1, Ordering::Relaxed);
                Err(error)
            }
            None => Ok(()),
        }
    }

    /// What an operator yields that made these rows and came to this end.
    pub(super) fn rows(&mut self, batch: Batch, end: Result<()>) -> Result<Option<Batch>> {
        match end {
            Err(error) if batch.is_empty() || !self.run.rows_before_errors => Err(error),
            Err(error) => {
                self.error = Some(error);
                self.run.failing.fetch_add(1, Ordering::Relaxed);
                Ok(Some(batch))
            }
            Ok(()) => Ok(full(batch)),
        }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        if self.error.is_some() {
            self.run.failing.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Run {
    /// Whether an operator will fail as soon as it is asked again. One that in PostgreSQL takes all its input before it
    /// yields anything, and here does not, asks again first.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed) > 0
    }
}
