//! Whole maps by their entries: a small one in one message, a larger one partition by partition.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hazelcast_client::{
    self as hz, Data, EntryColumn, EntryFormat, EntryLayout, EntryScan, Page, SqlColumnType, ValueRef,
};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{EntryRead, KeyPart, PARTITIONS_AT_A_TIME, RemoteScan, SMALL, key_parts};

use super::error::pg_error;
use super::keys::any_of;
use super::reading::{Reading, Unread};
use super::remote::arguments;
use super::{PageStream, Scope};

/// The rows of a page.
pub(super) const PAGE: usize = 1024;
/// A partition of more bytes is too big for one message: it would be held whole, here and there.
const PARTITION_MAX: u64 = 48 << 20;
/// Bytes of an entry when nobody knows.
const ENTRY_BYTES: u64 = 256;
/// Bytes of answers that one reading may have under way.
const BYTES_UNDER_WAY: usize = 8 << 20;

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
        let of_entries = |entries: u64| entries.saturating_mul(entry_bytes(read));
        let known = mapping.and_then(|mapping| mapping.rows).filter(|_| self.cluster().knows_sizes());
        if let Some(search) = &read.search {
            if let Some(pages) = self.open_search(scan, (read, search), &reading, args).await? {
                return Ok(pages);
            }
            if !search.or_whole {
                return self.open_sql(scan, args).await;
            }
        }
        let bytes = match known.map(of_entries) {
            Some(bytes) if bytes > SMALL => bytes,
            // What is known may be older than what was loaded since, and the whole map would come in one message.
            _ => of_entries(reading.map.size().await.map_err(|error| pg_error(&error))?),
        };
        if self.is_too_much(read, bytes) {
            return self.open_sql(scan, args).await;
        }
        if bytes > SMALL {
            return self.open_partitions(scan, read, reading, known, args).await;
        }
        let entries = reading.map.entry_set().await.map_err(|error| pg_error(&error))?;
        match self.read_entries(scan, &reading, &entries).await? {
            Some(pages) => Ok(pages),
            None => self.open_sql(scan, args).await,
        }
    }

    /// Whether SQL is to read a map of so many bytes.
    fn is_too_much(&self, read: &EntryRead, bytes: u64) -> bool {
        let partitions = u64::from(self.cluster().client().state().borrow().partition_count.max(1));
        read.max_pull.is_some_and(|max| bytes > max) || bytes / partitions > PARTITION_MAX
    }

    /// Partition by partition. The first rows are read before anything is given, so that a map that can't be read here
    /// is read by SQL.
    async fn open_partitions(
        &self,
        scan: &Arc<RemoteScan>,
        read: &EntryRead,
        reading: Arc<Reading>,
        known: Option<u64>,
        args: &[(Value, SqlType)],
    ) -> Result<PageStream> {
        // Entries that can't be read here are asked for by their keys.
        let Some(parts) = key_parts(&read.relation) else { return self.open_sql(scan, args).await };
        let running = Running::new(self);
        let reader = match reading.reader(self.cluster()) {
            Ok(reader) => reader,
            Err(Unread::AskSql) => return self.open_sql(scan, args).await,
            Err(Unread::Failed(error)) => return Err(error),
        };
        let entries = reader.scan(self.cluster().client()).partitions(running.partitions(self));
        let mut entries = Entries {
            scope: self.clone(),
            scan: scan.clone(),
            args: args.get(..scan.sql_args()).unwrap_or(args).to_vec(),
            entries: entries.max_bytes(BYTES_UNDER_WAY).skip_unread(),
            parts,
            reading: reading.clone(),
            ready: VecDeque::new(),
            running,
        };
        let Some(first) = entries.pull().await? else { return Ok(PageStream::empty(scan)) };
        if let Some(known) = known {
            reading.trust.weigh(known, entries.entries.expected_bytes());
        }
        let unread = entries.entries.take_unread();
        // Now the size is known, and not only guessed.
        if self.is_too_much(read, entries.entries.expected_bytes()) {
            tracing::info!(
                map = reading.map.name(),
                "the map has more bytes than are read here: SQL reads it"
            );
            reading.give_up();
            return self.open_sql(scan, args).await;
        }
        if first.rows() == 0 && !unread.is_empty() {
            reading.give_up();
            return self.open_sql(scan, args).await;
        }
        entries.ready.push_back(first);
        entries.ask(unread).await?;
        Ok(PageStream::entries(scan, reading.columns.clone(), entries))
    }

    /// The number of a map's entries, as the one row of a page.
    pub(super) async fn open_size(&self, scan: &RemoteScan, map: &str) -> Result<PageStream> {
        let size = self.cluster().client().map(map).size().await.map_err(|error| pg_error(&error))?;
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

/// About how many bytes an entry has.
pub(super) fn entry_bytes(read: &EntryRead) -> u64 {
    read.relation.mapping().and_then(|mapping| mapping.entry_bytes).unwrap_or(ENTRY_BYTES)
}

/// A map that is being read.
#[derive(Debug)]
pub(super) struct Entries {
    scope: Scope,
    scan: Arc<RemoteScan>,
    args: Vec<(Value, SqlType)>,
    entries: EntryScan,
    parts: Vec<KeyPart>,
    reading: Arc<Reading>,
    ready: VecDeque<Page>,
    running: Running,
}

impl Entries {
    /// The next rows.
    pub(super) async fn next(&mut self) -> Result<Option<Page>> {
        loop {
            if let Some(page) = self.ready.pop_front() {
                return Ok(Some(page));
            }
            let Some(page) = self.pull().await? else { return Ok(None) };
            self.ready.extend((page.rows() > 0).then_some(page));
            let unread = self.entries.take_unread();
            self.ask(unread).await?;
        }
    }

    async fn pull(&mut self) -> Result<Option<Page>> {
        self.entries.set_partitions(self.running.partitions(&self.scope));
        let page = self.entries.next_page().await;
        page.map_err(|error| pg_error(&hz::Error::from(error)))
    }

    /// Asks SQL for the entries of these keys: for those that the conditions leave.
    async fn ask(&mut self, keys: Vec<Data>) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let keys = self.values(&keys)?;
        let relation = self.reading.relation();
        let key = RemoteScan::key_condition(relation, &self.parts);
        let (conditions, of_keys) = any_of(&key, &keys);
        let connective = if self.scan.sql.contains(" AS t WHERE ") { "AND" } else { "WHERE" };
        let sql = format!("{} {connective} ({conditions})", self.scan.sql);
        let mut args = arguments(self.args.iter().map(|(value, ty)| (value, *ty)))?;
        args.extend(of_keys);
        self.ready.extend(self.scope.all_pages(&sql, &args, false).await?);
        Ok(())
    }

    /// The parts of keys, as arguments.
    fn values(&self, keys: &[Data]) -> Result<Vec<Vec<hz::Value>>> {
        let columns: Vec<usize> = self.parts.iter().map(|part| part.column).collect();
        let unreadable = || {
            Error::new(pg::SqlState::DATA_EXCEPTION, "an entry of the map is not what its mapping says")
                .detail(format!(
                    "Neither its key nor its value can be read: map \"{}\".",
                    self.reading.map.name()
                ))
        };
        let client = self.scope.cluster().client();
        let mut reader = self.reading.layout().reader(client, &columns).map_err(|_| unreadable())?;
        let mut page = reader.page();
        for key in keys {
            reader.read(key.as_bytes(), key.as_bytes(), &mut page).map_err(|_| unreadable())?;
        }
        let page = page.finish(true);
        let value = |row, column| key_argument(page.value(row, column)).ok_or_else(unreadable);
        (0..page.rows()).map(|row| (0..columns.len()).map(|column| value(row, column)).collect()).collect()
    }
}

/// A part of a key as an argument.
fn key_argument(value: ValueRef<'_>) -> Option<hz::Value> {
    Some(match value {
        ValueRef::Varchar(text) => hz::Value::Varchar(text.to_owned()),
        ValueRef::Boolean(value) => hz::Value::Boolean(value),
        ValueRef::TinyInt(value) => hz::Value::TinyInt(value),
        ValueRef::SmallInt(value) => hz::Value::SmallInt(value),
        ValueRef::Integer(value) => hz::Value::Integer(value),
        ValueRef::BigInt(value) => hz::Value::BigInt(value),
        ValueRef::Date(value) => hz::Value::Date(value),
        _ => return None,
    })
}

/// Counts the maps that are being read.
#[derive(Debug)]
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(scope: &Scope) -> Running {
        let running = scope.cluster().readings.clone();
        running.fetch_add(1, Ordering::Relaxed);
        Running(running)
    }

    /// How many partitions each of them may ask for at a time: one while entries are looked up.
    fn partitions(&self, scope: &Scope) -> usize {
        if scope.cluster().looked_up.is_lately() {
            return 1;
        }
        (PARTITIONS_AT_A_TIME / self.0.load(Ordering::Relaxed).max(1)).max(1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
