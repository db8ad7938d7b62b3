//! The result of a statement.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;

use super::cancel::CancelHandle;
use super::column::{ColumnMetadata, SqlColumnType};
use super::page::Page;
use super::query::OpenQuery;
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
pub struct SqlRows {
    columns: Arc<[ColumnMetadata]>,
    infinite: bool,
    page_size: i32,
    cancel: CancelHandle,
    /// Made when a page is waited for.
    cancelled: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The page that came with the answer.
    first: Option<Page>,
    source: Source,
}

/// A fetch under way, which gives its query back.
type Fetching = Pin<Box<dyn Future<Output = (Result<Page>, Box<OpenQuery>)> + Send>>;

/// Where the next page comes from.
enum Source {
    /// Nothing is being waited for (a page may have been asked for already).
    Idle(Box<OpenQuery>),
    /// A page is being waited for.
    Waiting(Fetching),
    /// There are no more pages.
    Ended,
}

impl SqlRows {
    pub(super) fn new(
        columns: Arc<[ColumnMetadata]>,
        first: Page,
        infinite: bool,
        query: OpenQuery,
        page_size: i32,
        cancel: CancelHandle,
    ) -> Self {
        let mut rows = Self {
            columns,
            infinite,
            page_size,
            cancel,
            cancelled: None,
            first: None,
            source: Source::Ended,
        };
        rows.first = Some(rows.received(first, Box::new(query)));
        rows
    }

    /// The columns.
    pub fn columns(&self) -> &Arc<[ColumnMetadata]> {
        &self.columns
    }

    /// Whether the query never ends by itself (a streaming query).
    pub fn is_infinite(&self) -> bool {
        self.infinite
    }

    /// Whether no page will have to be fetched: all rows are here.
    pub fn is_complete(&self) -> bool {
        matches!(self.source, Source::Ended)
    }

    /// What cancels the query, from another task.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// The next page; nothing after the last. Pages without rows are passed over. While a page is being read, the
    /// next one is already asked for (unless the query is infinite). After an error there are no more pages.
    ///
    /// It is safe to drop the future: no page is lost.
    pub async fn next_page(&mut self) -> Result<Option<Page>> {
        std::future::poll_fn(|context| self.poll_page(context)).await
    }

    /// Closes the query and waits until the cluster has done so (or its connection is closed). When the future is dropped,
    /// the query is closed all the same.
    pub async fn close(mut self) {
        match std::mem::replace(&mut self.source, Source::Ended) {
            Source::Idle(mut query) => {
                if let Some(closing) = query.close() {
                    let _ = closing.await;
                }
            }
            // Its request is under way: dropping it closes the query.
            Source::Waiting(waiting) => drop(waiting),
            Source::Ended => {}
        }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Page>>> {
        if let Some(page) = self.first.take().filter(|page| page.rows() > 0) {
            return Poll::Ready(Ok(Some(page)));
        }
        loop {
            if matches!(self.source, Source::Ended) {
                return Poll::Ready(Ok(None));
            }
            let cancel = &self.cancel;
            let cancelled = self.cancelled.get_or_insert_with(|| {
                let cancel = cancel.clone();
                Box::pin(async move { cancel.cancelled().await })
            });
            if cancelled.as_mut().poll(context).is_ready() {
                self.source = Source::Ended;
                return Poll::Ready(Err(Error::Cancelled { may_go_on: false }));
            }
            let mut waiting = match std::mem::replace(&mut self.source, Source::Ended) {
                Source::Idle(query) => fetch(query, self.page_size),
                Source::Waiting(waiting) => waiting,
                Source::Ended => continue,
            };
            match waiting.as_mut().poll(context) {
                Poll::Pending => {
                    self.source = Source::Waiting(waiting);
                    return Poll::Pending;
                }
                // Dropping the query closes it, unless it ended with its error.
                Poll::Ready((Err(error), _)) => return Poll::Ready(Err(error)),
                Poll::Ready((Ok(page), query)) => {
                    if let Err(error) = self.check(&page) {
                        return Poll::Ready(Err(error));
                    }
                    let page = self.received(page, query);
                    if page.rows() > 0 {
                        return Poll::Ready(Ok(Some(page)));
                    }
                }
            }
        }
    }

    /// Every page must have the columns that were announced.
    fn check(&self, page: &Page) -> Result<()> {
        let announced = self.columns.iter().map(|column| column.column_type);
        let types: &mut dyn Iterator<Item = SqlColumnType> =
            &mut page.columns.iter().map(|column| column.column_type);
        if announced.eq(types) { Ok(()) } else { Err(Error::Protocol("page with other columns".to_string())) }
    }

    /// A page has arrived: after the last the query is over; else the next one is asked for, while this one is read. A
    /// streaming query would hold a thread of the member for a fetch that nobody may be waiting for.
    fn received(&mut self, page: Page, mut query: Box<OpenQuery>) -> Page {
        if page.is_last() {
            query.ended();
            self.source = Source::Ended;
        } else {
            if !self.infinite {
                query.prefetch(self.page_size);
            }
            self.source = Source::Idle(query);
        }
        page
    }
}

fn fetch(mut query: Box<OpenQuery>, rows: i32) -> Fetching {
    Box::pin(async move {
        let page = query.fetch(rows).await;
        (page, query)
    })
}

impl Stream for SqlRows {
    type Item = Result<Page>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        self.get_mut().poll_page(context).map(Result::transpose)
    }
}

impl fmt::Debug for SqlRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlRows")
            .field("columns", &self.columns)
            .field("infinite", &self.infinite)
            .field("complete", &self.is_complete())
            .finish()
    }
}
