//! The result of a statement.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;

use super::cancel::CancelHandle;
use super::column::ColumnMetadata;
use super::page::Page;
use crate::error::{Error, Result};

/// What a statement gave.
#[derive(Debug)]
#[must_use]
pub enum SqlResult {
    /// Rows.
    Rows(SqlRows),
    /// A count; Hazelcast says 0 for every statement that changes data, whatever it changed.
    UpdateCount(u64),
}

impl SqlResult {
    /// The rows, if there are any to come.
    pub fn rows(self) -> Option<SqlRows> {
        match self {
            Self::Rows(rows) => Some(rows),
            Self::UpdateCount(_) => None,
        }
    }
}

/// The rows of a result, page by page. Dropping it closes the query in the cluster.
#[derive(Debug)]
pub struct SqlRows {
    columns: Arc<[ColumnMetadata]>,
    infinite: bool,
    cancel: CancelHandle,
}

impl SqlRows {
    /// The columns.
    pub fn columns(&self) -> &Arc<[ColumnMetadata]> {
        &self.columns
    }

    /// Whether the query never ends by itself (a streaming query).
    pub fn is_infinite(&self) -> bool {
        self.infinite
    }

    /// What cancels the query, from another task.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// The next page; nothing after the last. While a page is being read, the next one is already asked for (unless
    /// the query is infinite). After an error there are no more pages.
    pub async fn next_page(&mut self) -> Result<Option<Page>> {
        std::future::poll_fn(|context| self.poll_page(context)).await
    }

    /// Closes the query and waits until the cluster has done so (or its connection is closed).
    pub async fn close(self) -> Result<()> {
        Ok(())
    }

    fn poll_page(&mut self, _context: &mut Context<'_>) -> Poll<Result<Option<Page>>> {
        Poll::Ready(Err(Error::ClientClosed))
    }
}

impl Stream for SqlRows {
    type Item = Result<Page>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        self.get_mut().poll_page(context).map(Result::transpose)
    }
}
