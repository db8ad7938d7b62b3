//! Pages of a scan, whatever the way in which they come.

use std::collections::VecDeque;
use std::sync::Arc;

use hazelcast_client::{Page, SqlRows};
use pg::Result;
use sql::plan::{RemoteColumn, RemoteScan};

use super::entries::Entries;
use super::error::pg_error;
use super::remote::about;

/// Pages of a scan. Dropping it ends what the cluster does for it.
#[derive(Debug)]
pub struct PageStream {
    source: Source,
    columns: Arc<[RemoteColumn]>,
    sql: Arc<str>,
}

/// Where pages come from.
#[derive(Debug)]
enum Source {
    /// From a statement.
    Rows(SqlRows),
    /// They are here.
    Ready(VecDeque<Page>),
    /// From the entries of a map.
    Entries(Box<Entries>),
}

impl PageStream {
    /// The rows of a statement.
    pub(super) fn rows(scan: &RemoteScan, rows: SqlRows) -> PageStream {
        PageStream::new(scan, Source::Rows(rows))
    }

    /// Pages that are here, with the columns of the scan.
    pub(super) fn ready_with(
        scan: &RemoteScan,
        columns: Arc<[RemoteColumn]>,
        pages: impl Into<VecDeque<Page>>,
    ) -> PageStream {
        PageStream { source: Source::Ready(pages.into()), columns, sql: scan.sql.clone() }
    }

    /// The entries of a map.
    pub(super) fn entries(scan: &RemoteScan, columns: Arc<[RemoteColumn]>, entries: Entries) -> PageStream {
        PageStream { source: Source::Entries(Box::new(entries)), columns, sql: scan.sql.clone() }
    }

    /// Pages that are here.
    pub(super) fn ready(scan: &RemoteScan, pages: impl Into<VecDeque<Page>>) -> PageStream {
        PageStream::new(scan, Source::Ready(pages.into()))
    }

    /// No rows.
    pub(super) fn empty(scan: &RemoteScan) -> PageStream {
        PageStream::ready(scan, VecDeque::new())
    }

    fn new(scan: &RemoteScan, source: Source) -> PageStream {
        PageStream { source, columns: scan.columns.as_slice().into(), sql: scan.sql.clone() }
    }

    /// The next page that has rows.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        match &mut self.source {
            Source::Rows(rows) => rows.next_page().await.map_err(|error| about(pg_error(&error), &self.sql)),
            Source::Ready(pages) => Ok(pages.pop_front()),
            Source::Entries(entries) => entries.next().await,
        }
    }

    /// What the columns are to be.
    pub fn columns(&self) -> &Arc<[RemoteColumn]> {
        &self.columns
    }
}
