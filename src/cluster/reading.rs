//! How the entries of a scan are read: made once for each scan, and kept with it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hazelcast_client::{
    self as hz, Data, EntryColumn, EntryError, EntryFormat, EntryLayout, EntryReader, PageBuilder,
};
use pg::{Error, Result, SqlState, Value};
use sql::catalog::{Column, Relation};
use sql::hazelcast::SqlType;
use sql::plan::{EntryRead, RemoteColumn};

use super::error::pg_error;
use super::remote::arguments;
use super::{Cluster, Scope};
use crate::pages::value::column_type;

/// Readers that are kept for later.
const READERS_MAX: usize = 32;
/// Schemas that are fetched for one entry at most.
const SCHEMAS_MAX: usize = 4;

/// How the entries of a scan are read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) map: hz::Map,
    pub(super) columns: Arc<[RemoteColumn]>,
    relation: Arc<Relation>,
    layout: EntryLayout,
    wanted: Vec<usize>,
    /// Readers that nobody uses now.
    idle: Mutex<Vec<EntryReader>>,
    /// What is read is not in a form that can be read here: it is not tried again.
    unreadable: AtomicBool,
    /// What is known of the map's keys, whatever the scan.
    pub(super) trust: Arc<Trust>,
}

/// Why entries were not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// By SQL they may be, or their error is said there.
    AskSql,
    /// The cluster can't be asked.
    Failed(Error),
}

impl Reading {
    /// The one of a scan.
    pub(super) fn of(read: &EntryRead, columns: &[RemoteColumn], cluster: &Cluster) -> Result<Arc<Reading>> {
        let kept = read.kept.get_or_init(|| Arc::new(Reading::new(read, columns, cluster)));
        let kept = kept.clone().downcast::<Reading>();
        kept.map_err(|_| Error::internal("a scan keeps something else"))
    }

    fn new(read: &EntryRead, columns: &[RemoteColumn], cluster: &Cluster) -> Reading {
        let layout = layout_of(&read.relation, read.relation.columns.iter());
        Reading {
            map: cluster.client().map(read.map()),
            columns: columns.into(),
            relation: read.relation.clone(),
            layout,
            wanted: read.columns.clone(),
            idle: Mutex::default(),
            unreadable: AtomicBool::new(false),
            trust: cluster.trust(read.map()),
        }
    }

    /// Whether it is worth trying.
    pub(super) fn is_readable(&self) -> bool {
        !self.unreadable.load(Ordering::Relaxed)
    }

    /// Entries are read by SQL from now on.
    pub(super) fn give_up(&self) {
        self.unreadable.store(true, Ordering::Relaxed);
    }

    /// Where the columns of the mapping are.
    pub(super) fn layout(&self) -> &EntryLayout {
        &self.layout
    }

    /// The mapping.
    pub(super) fn relation(&self) -> &Relation {
        &self.relation
    }

    /// A reader; it should be given back.
    pub(super) fn reader(&self, cluster: &Cluster) -> Result<EntryReader, Unread> {
        if let Some(reader) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(reader);
        }
        self.layout.reader(cluster.client(), &self.wanted).map_err(|reason| {
            tracing::debug!(%reason, "entries are read by SQL");
            self.give_up();
            Unread::AskSql
        })
    }

    fn give_back(&self, reader: EntryReader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS_MAX {
            idle.push(reader);
        }
    }

    /// Reads entries into the rows of a page.
    pub(super) async fn read(&self, scope: &Scope, entries: &[(Data, Data)]) -> Result<PageBuilder, Unread> {
        let mut reader = self.reader(scope.cluster())?;
        let mut page = reader.page();
        let bytes: usize =
            entries.iter().map(|(key, value)| key.as_bytes().len() + value.as_bytes().len()).sum();
        self.trust.weigh(entries.len() as u64, bytes as u64);
        for (key, value) in entries {
            read_one(scope, &mut reader, key, value, &mut page).await?;
        }
        self.give_back(reader);
        Ok(page)
    }
}

/// Where these columns of a mapping are in its entries.
fn layout_of<'a>(relation: &Relation, columns: impl Iterator<Item = &'a Column>) -> EntryLayout {
    let mapping = relation.mapping();
    let option = |name: &str| mapping.and_then(|mapping| mapping.option(name));
    let columns = columns.map(|column| EntryColumn {
        name: column.name.to_string(),
        external_name: column.external_name.as_deref().unwrap_or(&column.name).to_string(),
        column_type: column_type(column.cluster_type.unwrap_or(SqlType::Object)),
    });
    let (key, value) = (EntryFormat::of_mapping(true, option), EntryFormat::of_mapping(false, option));
    let map = mapping.map_or(&*relation.name, |mapping| mapping.external_name.as_str());
    EntryLayout::new(map, key, value, columns)
}

/// The key of a mapping's entry, of the values of its key columns; an error when keys of its format can't be written.
pub(super) fn entry_key(relation: &Relation, values: &[(Value, SqlType)]) -> Result<Data> {
    let layout = layout_of(relation, relation.key_columns().map(|(_, column)| column));
    let values = arguments(values.iter().map(|(value, ty)| (value, *ty)))?;
    layout.key(&values).map(|key| key.data).map_err(|reason| {
        let message = format!("entries of \"{}\" can't be addressed by their keys", relation.name);
        let format = relation.mapping().and_then(|mapping| mapping.option("keyFormat")).unwrap_or_default();
        let detail = format!("Keys of format \"{format}\" can't be written here: {}.", reason.what);
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail)
    })
}

/// The same key as records of the schemas in which others than SQL were seen to write the map's keys.
pub(super) async fn other_keys(
    cluster: &Cluster,
    relation: &Relation,
    values: &[(Value, SqlType)],
) -> Result<Vec<Data>> {
    let map = relation.mapping().map_or("", |mapping| mapping.external_name.as_str());
    let schemas = cluster.trust(map).key_schemas();
    if schemas.is_empty() {
        return Ok(Vec::new());
    }
    let layout = layout_of(relation, relation.key_columns().map(|(_, column)| column));
    let values = arguments(values.iter().map(|(value, ty)| (value, *ty)))?;
    in_schemas(cluster, &layout, &values, &schemas).await
}

/// A key as records of these schemas, as far as they have its parts.
pub(super) async fn in_schemas(
    cluster: &Cluster,
    layout: &EntryLayout,
    values: &[hazelcast_client::Value],
    schemas: &[i64],
) -> Result<Vec<Data>> {
    let mut forms = Vec::with_capacity(schemas.len());
    for id in schemas {
        let schema = cluster.client().compact_schema(*id).await.map_err(|error| pg_error(&error))?;
        forms.extend(schema.and_then(|schema| layout.key_of_schema(values, &schema)));
    }
    Ok(forms)
}

/// Reads an entry into a new row of the page; schemas that are not known here yet are fetched.
async fn read_one(
    scope: &Scope,
    reader: &mut EntryReader,
    key: &Data,
    value: &Data,
    page: &mut PageBuilder,
) -> Result<(), Unread> {
    for _ in 0..=SCHEMAS_MAX {
        match reader.read(key.as_bytes(), value.as_bytes(), page) {
            Ok(()) => return Ok(()),
            Err(EntryError::UnknownSchema(id)) => {
                let fetched = scope.cluster().client().compact_schema(id).await;
                match fetched.map_err(|error| Unread::Failed(pg_error(&error)))? {
                    Some(_) => {}
                    None => return Err(Unread::AskSql),
                }
            }
            Err(reason) => {
                tracing::debug!(%reason, "an entry is read by SQL");
                return Err(Unread::AskSql);
            }
        }
    }
    Err(Unread::AskSql)
}

/// Whether an entry that a get does not find is not there.
#[derive(Debug, Default)]
pub(super) struct Trust {
    /// Partitions in which entries were found, by their number modulo 64.
    found_in: AtomicU64,
    misses: AtomicU32,
    /// SQL has found what a get did not.
    broken: AtomicBool,
    /// About how many bytes an entry has; 0: nobody knows.
    entry_bytes: AtomicU64,
    /// Schemas of Compact keys that are not SQL's own.
    key_schemas: Mutex<Vec<i64>>,
    learnings: AtomicU32,
}

impl Trust {
    /// Hits in so many partitions show that the map is partitioned by the hash of its keys: by chance, one hit has the
    /// probability of 1 to the number of partitions, 271.
    const PARTITIONS: u32 = 3;
    /// Of so many misses one is asked again nevertheless.
    const CHECK_EVERY: u32 = 256;
    /// Each is one more get for each key.
    const SCHEMAS: usize = 3;
    /// Statements that look for schemas.
    const LEARNINGS: u32 = 16;

    /// So many entries have so many bytes together.
    pub(super) fn weigh(&self, entries: u64, bytes: u64) {
        let Some(mean) = bytes.checked_div(entries) else { return };
        let known = self.entry_bytes.load(Ordering::Relaxed);
        // What came before counts, so that one odd entry doesn't make other plans.
        let mean = if known == 0 { mean } else { (known.saturating_mul(7) + mean) / 8 };
        self.entry_bytes.store(mean.max(1), Ordering::Relaxed);
    }

    /// About how many bytes an entry has, if that is known: a number of two binary digits, so that it changes seldom.
    pub(super) fn entry_bytes(&self) -> Option<u64> {
        let bytes = self.entry_bytes.load(Ordering::Relaxed);
        let shift = bytes.checked_ilog2()?.saturating_sub(1);
        Some((bytes >> shift) << shift)
    }

    /// The schemas in which others than SQL write the map's keys, as far as they were seen.
    pub(super) fn key_schemas(&self) -> Vec<i64> {
        self.key_schemas.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether another schema is worth a statement to find it: more than a few are not.
    pub(super) fn may_learn(&self) -> bool {
        self.key_schemas().len() < Trust::SCHEMAS
            && self.learnings.fetch_add(1, Ordering::Relaxed) < Trust::LEARNINGS
    }

    /// A key is of this schema: says whether that is new.
    pub(super) fn learn_schema(&self, id: i64) -> bool {
        let mut schemas = self.key_schemas.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !schemas.contains(&id) && schemas.len() < Trust::SCHEMAS;
        schemas.extend(new.then_some(id));
        new
    }

    /// Whether gets are of use.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// SQL found a key that a get did not.
    pub(super) fn break_it(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    fn is_proven(&self) -> bool {
        self.found_in.load(Ordering::Relaxed).count_ones() >= Trust::PARTITIONS
    }

    /// An entry was found where it should be.
    pub(super) fn hit(&self, partition: impl FnOnce() -> Option<u32>) {
        if !self.is_proven()
            && let Some(partition) = partition()
        {
            self.found_in.fetch_or(1 << (partition % 64), Ordering::Relaxed);
        }
    }

    /// Whether a miss may be believed.
    pub(super) fn believes_miss(&self) -> bool {
        self.is_proven() && !self.misses.fetch_add(1, Ordering::Relaxed).is_multiple_of(Trust::CHECK_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_weighed() {
        let trust = Trust::default();
        assert_eq!(trust.entry_bytes(), None);
        trust.weigh(0, 0);
        assert_eq!(trust.entry_bytes(), None);
        trust.weigh(10, 1_050);
        assert_eq!(trust.entry_bytes(), Some(96));
        trust.weigh(1, 106);
        assert_eq!(trust.entry_bytes(), Some(96));
        (0..40).for_each(|_| trust.weigh(1, 1_000));
        assert_eq!(trust.entry_bytes(), Some(768));
    }

    #[test]
    fn misses_are_believed_after_hits_in_several_partitions() {
        let trust = Trust::default();
        (0..10).for_each(|_| trust.hit(|| Some(7)));
        assert!(!trust.believes_miss());
        trust.hit(|| Some(8));
        trust.hit(|| Some(201));
        // The first of many is checked.
        assert!(!trust.believes_miss());
        assert!((1..Trust::CHECK_EVERY).all(|_| trust.believes_miss()));
        assert!(!trust.believes_miss());
    }
}
