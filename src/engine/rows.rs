//! Rows that the gateway has made.

use futures::future::BoxFuture;
use pg::{Result, Value};
use sql::exec::RowStream;

use crate::session::engine::{Batch, Outcome, Rows};

/// Rows of the executor.
pub(super) struct Computed(RowStream);

impl Computed {
    pub(super) fn new(stream: RowStream) -> Computed {
        Computed(stream)
    }
}

impl Rows for Computed {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async { Ok(self.0.next().await?.map(Batch::Values)) })
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
