//! Pages of a scan, whatever the way in which they come.

use std::collections::VecDeque;
use std::sync::Arc;

use hazelcast_client::{Page, SqlRows};
use pg::Result;
use sql::plan::{RemoteColumn, RemoteScan, Way};

use super::entries::Entries;
use super::error::pg_error;
use super::remote::about;

/// Pages of a scan. Dropping it ends what the cluster does for it.
#[derive(Debug)]
pub struct PageStream {
    source: Source,
    columns: Arc<[RemoteColumn]>,
    moved: Moved,
}

/// What came from the cluster; logged when the scan ends.
#[derive(Debug)]
struct Moved {
    rows: usize,
    bytes: usize,
    /// The bytes of a row, when it is a whole entry that comes.
    entry: Option<usize>,
    way: &'static str,
    sql: Arc<str>,
}

impl Moved {
    fn of(scan: &RemoteScan) -> Moved {
        let read = match &scan.way {
            Way::Entries(read) => Some(read),
            Way::Keys(access) => Some(&access.read),
            Way::Sql | Way::Size(_) => None,
        };
        let entry = read.and_then(|read| read.relation.mapping()?.entry_bytes);
        let entry = entry.and_then(|bytes| usize::try_from(bytes).ok());
        Moved { rows: 0, bytes: 0, entry, way: scan.way.name(), sql: scan.sql.clone() }
    }

    fn add(&mut self, page: &Page) {
        self.rows += page.rows();
        self.bytes += self.entry.map_or_else(|| page.size_in_bytes(), |bytes| bytes * page.rows());
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        let Moved { rows, bytes, way, sql, .. } = self;
        tracing::debug!(target: "hazelgres::moved", "moved rows={rows} bytes={bytes} way={way} sql={sql}");
    }
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
        PageStream { columns, ..PageStream::new(scan, Source::Ready(pages.into())) }
    }

    /// The entries of a map.
    pub(super) fn entries(scan: &RemoteScan, columns: Arc<[RemoteColumn]>, entries: Entries) -> PageStream {
        PageStream { columns, ..PageStream::new(scan, Source::Entries(Box::new(entries))) }
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
        let columns = scan.columns.as_slice().into();
        PageStream { source, columns, moved: Moved::of(scan) }
    }

    /// The next page that has rows.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        let page = match &mut self.source {
            Source::Rows(rows) => {
                rows.next_page().await.map_err(|error| about(pg_error(&error), &self.moved.sql))?
            }
            Source::Ready(pages) => pages.pop_front(),
            Source::Entries(entries) => entries.next().await?,
        };
        page.iter().for_each(|page| self.moved.add(page));
        Ok(page)
    }

    /// What the columns are to be.
    pub fn columns(&self) -> &Arc<[RemoteColumn]> {
        &self.columns
    }
}
