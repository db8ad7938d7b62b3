//! Entries that an index of the map finds.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hazelcast_client::{self as hz, Aggregator, Data, Predicate};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{EntryRead, Found, IndexSearch, RemoteScan, SMALL, quote};

use super::entries::{PAGE, entry_bytes};
use super::error::pg_error;
use super::reading::{Reading, Unread};
use super::{PageStream, Scope};
use crate::pages::parameter::argument;

/// How long an answer of the cluster's planner is believed.
const LASTS: Duration = Duration::from_secs(30);
/// The most answers that are kept.
const PROOFS_MAX: usize = 10_000;

/// Which indexes the cluster's own SQL uses for a column: by the relation, the column and the index.
#[derive(Clone, Debug, Default)]
pub(super) struct Proofs(Arc<Mutex<HashMap<Question, Answer>>>);

type Question = (Arc<str>, Arc<str>, usize, String);

#[derive(Clone, Copy, Debug)]
struct Answer {
    used: bool,
    at: Instant,
}

impl Proofs {
    fn known(&self, question: &Question) -> Option<bool> {
        let proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.get(question).filter(|answer| answer.at.elapsed() < LASTS).map(|answer| answer.used)
    }

    fn learn(&self, question: Question, used: bool) {
        let mut proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if proofs.len() >= PROOFS_MAX {
            proofs.clear();
        }
        proofs.insert(question, Answer { used, at: Instant::now() });
    }

    /// Maps may be others now.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Scope {
    /// The entries that an index finds; `None` when they are not to be read this way.
    pub(super) async fn open_search(
        &self,
        scan: &Arc<RemoteScan>,
        (read, search): (&EntryRead, &IndexSearch),
        reading: &Reading,
        args: &[(Value, SqlType)],
    ) -> Result<Option<PageStream>> {
        let values: Vec<Value> = args.iter().skip(scan.sql_args()).map(|(value, _)| value.clone()).collect();
        let predicate = match search.found(&values)? {
            Found::Nothing => return Ok(Some(PageStream::empty(scan))),
            found => predicate(search, found)?,
        };
        let Some(predicate) = predicate else { return Ok(None) };
        if !self.uses_index(read, search).await? || self.finds_too_much(read, reading, &predicate).await? {
            return Ok(None);
        }
        let entries = reading.map.entries_where(&predicate).await.map_err(|error| pg_error(&error))?;
        self.read_entries(scan, reading, &entries).await
    }

    /// The rows of entries that are here; `None` when SQL has to read them.
    pub(super) async fn read_entries(
        &self,
        scan: &Arc<RemoteScan>,
        reading: &Reading,
        entries: &[(Data, Data)],
    ) -> Result<Option<PageStream>> {
        let mut pages = VecDeque::with_capacity(entries.len().div_ceil(PAGE));
        for entries in entries.chunks(PAGE) {
            match reading.read(self, entries).await {
                Ok(mut page) => pages.push_back(page.finish(false)),
                Err(Unread::AskSql) => return Ok(None),
                Err(Unread::Failed(error)) => return Err(error),
            }
        }
        Ok(Some(PageStream::ready_with(scan, reading.columns.clone(), pages)))
    }

    /// Whether the cluster's SQL would use the index for the column: only if it holds values of the column's kind
    /// (`MapTableUtils.isCompatibleForIndexRequest`), which a value of the map decides, whichever was the first.
    async fn uses_index(&self, read: &EntryRead, search: &IndexSearch) -> Result<bool> {
        let relation = &read.relation;
        let question = (relation.schema.clone(), relation.name.clone(), search.column, search.index.clone());
        let proofs = &self.cluster().proofs;
        if let Some(used) = proofs.known(&question) {
            return Ok(used);
        }
        let column = relation.columns.get(search.column).map_or("", |column| &*column.name);
        let (schema, name) = (quote(&relation.schema), quote(&relation.name));
        let sql =
            format!("EXPLAIN PLAN FOR SELECT t.{} FROM {schema}.{name} AS t WHERE t.{0} = ?", quote(column));
        let index = format!("index=[{}], ", search.index);
        let mut used = false;
        for page in self.all_pages(&sql, &[], false).await? {
            used |= (0..page.rows()).any(|row| page.str(row, 0).is_some_and(|line| line.contains(&index)));
        }
        proofs.learn(question, used);
        Ok(used)
    }

    /// Whether there are more bytes among what is found than should come in one message, or be moved at all.
    async fn finds_too_much(
        &self,
        read: &EntryRead,
        reading: &Reading,
        predicate: &Predicate,
    ) -> Result<bool> {
        let most = read.max_pull.unwrap_or(u64::MAX).min(SMALL);
        let known = read.relation.mapping().and_then(|mapping| mapping.rows);
        let whole = known.filter(|_| self.cluster().knows_sizes());
        if whole.is_some_and(|rows| rows.saturating_mul(entry_bytes(read)) <= most) {
            return Ok(false);
        }
        let count = reading.map.aggregate_where(&Aggregator::count(), predicate).await;
        let count = count.map_err(|error| pg_error(&error))?.map(|data| data.to_value());
        let Some(Ok(hz::Value::BigInt(count))) = count else {
            return Err(Error::internal("the cluster did not count entries"));
        };
        let count = u64::try_from(count).unwrap_or_default();
        Ok(count.saturating_mul(entry_bytes(read)) > most)
    }
}

/// What members test; `None`: all entries may be meant.
fn predicate(search: &IndexSearch, found: Found) -> Result<Option<Predicate>> {
    let value = |value: &Value| argument(value, search.cluster_type);
    let attribute = search.attribute.as_str();
    Ok(Some(match found {
        Found::Nothing => Predicate::constant(false),
        Found::Everything => return Ok(None),
        Found::Values(values) => match values.as_slice() {
            [one] => Predicate::equal(attribute, value(one)?),
            many => Predicate::is_in(attribute, many.iter().map(value).collect::<Result<Vec<_>>>()?),
        },
        Found::Range(Some(from), Some(to)) => Predicate::between(attribute, value(&from)?, value(&to)?),
        Found::Range(Some(from), None) => Predicate::at_least(attribute, value(&from)?),
        Found::Range(None, Some(to)) => Predicate::at_most(attribute, value(&to)?),
        Found::Range(None, None) => return Ok(None),
    }))
}
