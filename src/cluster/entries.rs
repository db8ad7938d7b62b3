//! Whole maps by their entries: a small one in one message, a larger one partition by partition.

use std::collections::VecDeque;
use std::sync::Arc;

use hazelcast_client::{self as hz, Data, EntryColumn, EntryFormat, EntryLayout, SqlColumnType};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{EntryRead, RemoteScan};

use super::reading::{Reading, Unread};
use super::{PageStream, Scope};

/// A map of so many bytes is read in one message.
const SMALL: u64 = 4 << 20;
/// The rows of a page.
const PAGE: usize = 1024;
/// Bytes of an entry when nobody knows.
const ENTRY_BYTES: u64 = 256;

impl Scope {
    /// Starts to read all entries of a map.
    pub(super) async fn open_entries(
        &self,
        scan: &Arc<RemoteScan>,
        read: &EntryRead,
        args: &[(Value, SqlType)],
    ) -> Result<PageStream> {
        let reading = Reading::of(read, &scan.columns, self.cluster())?;
        if !reading.is_readable() {
            return self.open_sql(scan, args).await;
        }
        let mapping = read.relation.mapping();
        let rows = mapping.and_then(|mapping| mapping.rows).unwrap_or(u64::MAX);
        let bytes = mapping.and_then(|mapping| mapping.entry_bytes).unwrap_or(ENTRY_BYTES);
        if rows.saturating_mul(bytes) > SMALL {
            return self.open_sql(scan, args).await;
        }
        let entries = self.in_time(reading.map.entry_set()).await?;
        let mut pages = VecDeque::with_capacity(entries.len().div_ceil(PAGE));
        for entries in entries.chunks(PAGE) {
            match reading.read(self, entries).await {
                Ok(mut page) => pages.push_back(page.finish(false)),
                Err(Unread::AskSql) => return self.open_sql(scan, args).await,
                Err(Unread::Failed(error)) => return Err(error),
            }
        }
        Ok(PageStream::ready_with(scan, reading.columns.clone(), pages))
    }

    /// The number of a map's entries, as the one row of a page.
    pub(super) async fn open_size(&self, scan: &RemoteScan, map: &str) -> Result<PageStream> {
        let size = self.in_time(self.cluster().client().map(map).size()).await?;
        let number = hz::Value::BigInt(i64::try_from(size).unwrap_or(i64::MAX));
        let bigint = SqlColumnType::BigInt;
        let column = EntryColumn { name: "count".into(), external_name: "__key".into(), column_type: bigint };
        let layout = EntryLayout::new(map, EntryFormat::Basic(bigint), EntryFormat::Opaque, [column]);
        let lost = || Error::internal("a number can't be read");
        let mut reader = layout.reader(self.cluster().client(), &[0]).map_err(|_| lost())?;
        let data = Data::from_value(&number).ok().flatten().ok_or_else(lost)?;
        let mut page = reader.page();
        reader.read(data.as_bytes(), data.as_bytes(), &mut page).map_err(|_| lost())?;
        Ok(PageStream::ready(scan, [page.finish(true)]))
    }
}
