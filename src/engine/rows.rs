//! Rows that the gateway has made.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use pg::{Error, Result, SqlState, Value};
use sql::exec::{self, CancelToken, Context, RowStream};
use sql::plan::Plan;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::session::engine::{Batch, Outcome, Rows};

/// How often a statement that blocks its worker looks whether it was cancelled while it waits for the cluster.
const LOOK_UP: Duration = Duration::from_millis(100);

/// Rows of the executor.
pub(super) struct Computed {
    stream: RowStream,
    /// Correlated subqueries are evaluated without yielding: the worker gives its other tasks away first.
    blocking: bool,
    cancel: CancelToken,
}

impl Computed {
    pub(super) fn new(stream: RowStream, plan: &Plan, cancel: CancelToken) -> Computed {
        let many_workers =
            Handle::try_current().is_ok_and(|h| h.runtime_flavor() == RuntimeFlavor::MultiThread);
        Computed { stream, blocking: many_workers && plan.holds(), cancel }
    }

    /// The next rows, or the error of a cancellation, which nobody else can deliver meanwhile.
    async fn next_or_cancelled(&mut self) -> Result<Option<sql::remote::Batch>> {
        let cancelled = async {
            loop {
                tokio::time::sleep(LOOK_UP).await;
                if let Err(error) = self.cancel.check() {
                    return error;
                }
            }
        };
        tokio::select! {
            rows = self.stream.next() => rows,
            error = cancelled => Err(error),
        }
    }
}

impl Rows for Computed {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let rows = match self.blocking {
                true => tokio::task::block_in_place(|| Handle::current().block_on(self.next_or_cancelled()))?,
                false => self.stream.next().await?,
            };
            Ok(rows.map(Batch::Values))
        })
    }
}

/// Rows of a plan in which the cluster may fail because of what it meets. When it does, before anything was sent, they
/// are computed by another plan: that has the answer, or the error in PostgreSQL's words.
pub(super) struct Guarded {
    rows: Computed,
    /// What is left to be tried.
    other: Option<(Arc<(Plan, Plan)>, Context)>,
    cancel: CancelToken,
}

impl Guarded {
    pub(super) fn new(plans: &Arc<(Plan, Plan)>, context: Context, cancel: CancelToken) -> Result<Guarded> {
        let stream = exec::run(&plans.0, context.clone())?;
        let rows = Computed::new(stream, &plans.0, cancel.clone());
        Ok(Guarded { rows, other: Some((plans.clone(), context)), cancel })
    }
}

/// Whether the cluster's failure is about what it met in the rows.
fn is_about_values(error: &Error) -> bool {
    let code = error.code();
    code.0.starts_with(b"22") || code == SqlState::INTERNAL_ERROR
}

impl Rows for Guarded {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let rows = self.rows.next().await;
            match (rows, self.other.take()) {
                (Err(error), Some((plans, context))) if is_about_values(&error) => {
                    tracing::debug!(%error, "the cluster refuses; computed here");
                    let stream = exec::run(&plans.1, context)?;
                    self.rows = Computed::new(stream, &plans.1, self.cancel.clone());
                    self.rows.next().await
                }
                (rows, _) => rows,
            }
        })
    }
}

/// Rows that are there already, with the tag that they have whatever their number.
pub(super) fn ready(tag: &'static str, rows: Vec<Vec<Value>>) -> Outcome {
    Outcome::Rows(Box::new(Ready { rows: Some(rows), tag }))
}

struct Ready {
    rows: Option<Vec<Vec<Value>>>,
    tag: &'static str,
}

impl Rows for Ready {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let rows = self.rows.take().filter(|rows| !rows.is_empty());
        Box::pin(std::future::ready(Ok(rows.map(Batch::Values))))
    }

    fn tag(&self, _: u64) -> String {
        self.tag.to_owned()
    }
}
