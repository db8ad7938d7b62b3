//! Rows that the gateway has made.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Error, Result, SqlState, Value};
use sql::exec::{self, CancelToken, Context, RowStream};
use sql::plan::Plan;
use tokio::runtime::Handle;

use super::elsewhere;
use crate::session::engine::{Batch, Outcome, Rows};

/// Rows of the executor.
pub(super) struct Computed {
    /// Not here while rows are computed elsewhere.
    stream: Option<RowStream>,
    /// Where to compute; none: here.
    elsewhere: Option<Handle>,
    cancel: CancelToken,
}

impl Computed {
    /// The rows of a plan; unless it is [short](elsewhere::is_short), they are computed in the runtime that is given.
    pub(super) fn start(
        plan: &Plan,
        short: bool,
        mut context: Context,
        elsewhere: &Handle,
    ) -> Result<Computed> {
        let cancel = context.cancel.part();
        context.cancel = cancel.clone();
        let elsewhere = (!short).then(|| elsewhere.clone());
        Ok(Computed { stream: Some(exec::run(plan, context)?), elsewhere, cancel })
    }

    pub(super) async fn next_rows(&mut self) -> Result<Option<sql::remote::Batch>> {
        let Some(runtime) = &self.elsewhere else {
            return match &mut self.stream {
                Some(stream) => stream.next().await,
                None => Ok(None),
            };
        };
        // After an error there is no stream, and there are no more rows.
        let Some(mut stream) = self.stream.take() else { return Ok(None) };
        let work = async move { Ok((stream.next().await?, stream)) };
        let (rows, stream) = elsewhere::run(runtime, self.cancel.clone(), work).await?;
        self.stream = Some(stream);
        Ok(rows)
    }
}

impl Rows for Computed {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async { Ok(self.next_rows().await?.map(Batch::Values)) })
    }
}

/// Rows of a plan in which the cluster may fail because of what it meets. When it does, before anything was sent, they
/// are computed by another plan: that has the answer, or the error in PostgreSQL's words.
pub(super) struct Guarded {
    rows: Computed,
    /// What is left to be tried.
    other: Option<(Arc<(Plan, Plan)>, Context)>,
    elsewhere: Handle,
}

impl Guarded {
    pub(super) fn start(plans: &Arc<(Plan, Plan)>, context: Context, elsewhere: &Handle) -> Result<Guarded> {
        // A failure after the first rows would be final.
        let first = Context { rows_before_errors: false, ..context.clone() };
        let rows = Computed::start(&plans.0, false, first, elsewhere)?;
        Ok(Guarded { rows, other: Some((plans.clone(), context)), elsewhere: elsewhere.clone() })
    }
}

/// Whether the cluster's failure is about what it met in the rows.
pub(super) fn is_about_values(error: &Error) -> bool {
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
                    self.rows = Computed::start(&plans.1, false, context, &self.elsewhere)?;
                    self.rows.next().await
                }
                (rows, _) => rows,
            }
        })
    }
}

/// Rows that are there already, with the tag that they have whatever their number.
pub(super) fn ready(tag: String, rows: Vec<Vec<Value>>) -> Outcome {
    Outcome::Rows(Box::new(Ready { rows: Some(rows), tag }))
}

struct Ready {
    rows: Option<Vec<Vec<Value>>>,
    tag: String,
}

impl Rows for Ready {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let rows = self.rows.take().filter(|rows| !rows.is_empty());
        Box::pin(std::future::ready(Ok(rows.map(Batch::Values))))
    }

    fn tag(&self, _: u64) -> String {
        self.tag.clone()
    }
}
