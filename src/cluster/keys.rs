//! Entries by their keys.

use std::sync::Arc;

use futures::stream::{StreamExt, TryStreamExt, iter};
use hazelcast_client::{self as hz, Data, Page};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{KeyAccess, RemoteScan, Way};
use sql::remote::EntryKey;

use super::error::pg_error;
use super::reading::{Reading, Unread};
use super::remote::{arguments, data_of_key};
use super::{PageStream, Scope};

/// Gets under way at a time for one look-up.
const GETS: usize = 64;
/// How many statements for one key each are under way at a time.
const STATEMENTS: usize = 16;
/// The most keys that one statement asks for.
const KEYS_OF_STATEMENT: usize = 64;
/// The rows of a page.
const PAGE: usize = 1024;

impl Scope {
    /// Looks up the entries of some keys, each of which has the parts of the scan's access and is there once.
    pub async fn look_up_pages(&self, scan: &Arc<RemoteScan>, keys: &[Vec<Value>]) -> Result<PageStream> {
        let Way::Keys(access) = &scan.way else { return Err(Error::internal("a scan is not by keys")) };
        self.cluster().looked_up.now();
        let reading = Reading::of(&access.read, &scan.columns, self.cluster())?;
        let columns = &reading.columns;
        let lookup = LookUp { scope: self, scan, access, reading: &reading };
        let pages = match keys {
            [] => Vec::new(),
            _ if !reading.is_readable() || reading.trust.is_broken() => lookup.by_sql(keys).await?,
            [key] => lookup.one(key).await?,
            keys => lookup.many(keys).await?,
        };
        Ok(PageStream::ready_with(scan, columns.clone(), pages))
    }
}

/// A look-up under way.
struct LookUp<'a> {
    scope: &'a Scope,
    scan: &'a RemoteScan,
    access: &'a KeyAccess,
    reading: &'a Reading,
}

impl LookUp<'_> {
    async fn one(&self, key: &[Value]) -> Result<Vec<Page>> {
        let stored = self.access.entry_key(key)?;
        let data = data_of_key(&stored)?;
        match self.get(&data).await? {
            Some(value) => match self.reading.read(self.scope, &[(data, value)]).await {
                Ok(mut page) => Ok(vec![page.finish(true)]),
                Err(Unread::AskSql) => self.by_sql(&[key.to_vec()]).await,
                Err(Unread::Failed(error)) => Err(error),
            },
            None if self.believes_miss(&stored) => Ok(Vec::new()),
            None => self.missing(vec![(key.to_vec(), data)]).await,
        }
    }

    async fn get(&self, key: &Data) -> Result<Option<Data>> {
        let found = self.reading.map.get(key).await.map_err(|error| pg_error(&error))?;
        if found.is_some() {
            self.reading.trust.hit(|| self.reading.map.partition_of(key).ok());
        }
        Ok(found)
    }

    async fn many(&self, keys: &[Vec<Value>]) -> Result<Vec<Page>> {
        let stored: Vec<EntryKey> =
            keys.iter().map(|key| self.access.entry_key(key)).collect::<Result<_>>()?;
        let data: Vec<Data> = stored.iter().map(data_of_key).collect::<Result<_>>()?;
        let gets: Vec<_> = data.iter().map(|key| self.get(key)).collect();
        let found: Vec<Option<Data>> = iter(gets).buffered(GETS).try_collect().await?;
        let (mut entries, mut missing, mut keyed) = (Vec::new(), Vec::new(), Vec::new());
        for (((key, stored), data), value) in keys.iter().zip(&stored).zip(data).zip(found) {
            match value {
                Some(value) => {
                    entries.push((data, value));
                    keyed.push(key);
                }
                None if self.believes_miss(stored) => {}
                None => missing.push((key.clone(), data)),
            }
        }
        let mut pages = Vec::new();
        for (entries, keys) in entries.chunks(PAGE).zip(keyed.chunks(PAGE)) {
            match self.reading.read(self.scope, entries).await {
                Ok(mut page) => pages.push(page.finish(false)),
                Err(Unread::AskSql) => {
                    let keys: Vec<Vec<Value>> = keys.iter().map(|key| key.to_vec()).collect();
                    pages.extend(self.by_sql(&keys).await?);
                }
                Err(Unread::Failed(error)) => return Err(error),
            }
        }
        pages.extend(self.missing(missing).await?);
        Ok(pages)
    }

    /// Whether a key that was not found has no entry. Keys that can be stored in several forms are never sure.
    fn believes_miss(&self, key: &EntryKey) -> bool {
        match key {
            EntryKey::Json(_) => false,
            // `StringPartitioningStrategy` places such a text by what follows the sign.
            EntryKey::Basic(Value::Text(text), _) if text.contains('@') => false,
            EntryKey::Basic(..) => self.reading.trust.believes_miss(),
        }
    }

    /// Asks SQL for keys that were not found. If it finds one that still is not, keys are no way to this map.
    async fn missing(&self, missing: Vec<(Vec<Value>, Data)>) -> Result<Vec<Page>> {
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Vec<Value>> = missing.iter().map(|(key, _)| key.clone()).collect();
        let pages = self.by_sql(&keys).await?;
        let rows: usize = pages.iter().map(Page::rows).sum();
        if rows > 0 && self.access.parts.len() == 1 {
            let mut found_now = 0;
            for (_, key) in &missing {
                found_now += usize::from(self.get(key).await?.is_some());
            }
            if found_now < rows {
                tracing::info!(
                    map = self.reading.map.name(),
                    "keys are not where their hashes say: they are looked up by SQL"
                );
                self.reading.trust.break_it();
            }
        }
        Ok(pages)
    }

    /// What SQL says of some keys.
    async fn by_sql(&self, keys: &[Vec<Value>]) -> Result<Vec<Page>> {
        let types: Vec<SqlType> = self.access.parts.iter().map(|part| part.cluster_type).collect();
        let argument = |key: &Vec<Value>| arguments(key.iter().zip(types.iter().copied()));
        let keys: Vec<Vec<hz::Value>> = keys.iter().map(argument).collect::<Result<_>>()?;
        // A key of one part is looked up without a job; of several it takes one, so that many are asked for at once.
        let at_once = if types.len() == 1 { 1 } else { KEYS_OF_STATEMENT };
        let questions: Vec<(String, Vec<hz::Value>)> =
            keys.chunks(at_once).map(|keys| question(&self.scan.sql, keys)).collect();
        let asked: Vec<_> =
            questions.iter().map(|(sql, args)| self.scope.all_pages(sql, args, args.len() == 1)).collect();
        let pages: Vec<Vec<Page>> = iter(asked).buffered(STATEMENTS).try_collect().await?;
        Ok(pages.into_iter().flatten().collect())
    }
}

/// The statement for some keys, out of that for one.
fn question(one: &str, keys: &[Vec<hz::Value>]) -> (String, Vec<hz::Value>) {
    match (one.split_once(" WHERE "), keys) {
        (None, _) | (_, []) => (one.to_owned(), Vec::new()),
        (_, [key]) => (one.to_owned(), key.clone()),
        (Some((select, condition)), keys) => {
            let (conditions, args) = any_of(&format!("({condition})"), keys);
            (format!("{select} WHERE {conditions}"), args)
        }
    }
}

/// A condition on a key, for any of some keys. Their number is a power of two, since each number is a text that the
/// cluster has to plan; the last key fills it up.
pub(super) fn any_of(condition: &str, keys: &[Vec<hz::Value>]) -> (String, Vec<hz::Value>) {
    let number = keys.len().next_power_of_two();
    let last = keys.last().into_iter().cycle();
    let filled = keys.iter().chain(last).take(number);
    (vec![condition; number].join(" OR "), filled.flatten().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_keys_are_asked_for_at_once() {
        let key = |n: i32| vec![hz::Value::Integer(n), hz::Value::Integer(-n)];
        let one = "SELECT x FROM t WHERE (a = ?) AND (b = ?)";
        assert_eq!(question(one, &[key(1)]), (one.to_owned(), key(1)));
        let (sql, args) = question(one, &[key(1), key(2), key(3)]);
        assert_eq!(sql.matches("((a = ?) AND (b = ?))").count(), 4);
        assert_eq!(args, [key(1), key(2), key(3), key(3)].concat());
    }
}
