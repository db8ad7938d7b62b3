//! Entries by their keys.

use std::sync::Arc;

use futures::future::try_join_all;
use futures::stream::{StreamExt, TryStreamExt, iter};
use hazelcast_client::{self as hz, Data, EntryFormat, Page, ValueRef};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{KeyAccess, RemoteScan, Way};

use super::error::pg_error;
use super::reading::{Reading, Unread, in_schemas};
use super::remote::arguments;
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

/// A key, as it may be stored.
struct Stored<'a> {
    key: &'a [Value],
    /// First the form in which SQL writes it, then those of other schemas that keys of the map were seen in.
    forms: Vec<Data>,
    /// Whether there is no other form.
    sure: bool,
}

impl LookUp<'_> {
    async fn one(&self, key: &[Value]) -> Result<Vec<Page>> {
        let Some(stored) = self.stored(key).await? else { return self.by_sql(&[key.to_vec()]).await };
        let found = self.get(&stored.forms).await?;
        if found.is_empty() {
            let believed = stored.sure && self.reading.trust.believes_miss();
            return if believed { Ok(Vec::new()) } else { self.missing(vec![stored]).await };
        }
        match self.reading.read(self.scope, &found).await {
            Ok(mut page) => Ok(vec![page.finish(true)]),
            Err(Unread::AskSql) => self.by_sql(&[key.to_vec()]).await,
            Err(Unread::Failed(error)) => Err(error),
        }
    }

    /// The forms of a key; nothing when it can't be written here.
    async fn stored<'k>(&self, key: &'k [Value]) -> Result<Option<Stored<'k>>> {
        let types = self.access.parts.iter().map(|part| part.cluster_type);
        let values = arguments(key.iter().zip(types))?;
        let layout = self.reading.layout();
        let encoded = match layout.key(&values) {
            Ok(encoded) => encoded,
            Err(reason) => {
                tracing::debug!(%reason, "a key is looked up by SQL");
                return Ok(None);
            }
        };
        let mut forms = vec![encoded.data];
        if matches!(layout.key_format(), EntryFormat::Compact { .. }) {
            let schemas = self.reading.trust.key_schemas();
            let mut others = in_schemas(self.scope.cluster(), layout, &values, &schemas).await?;
            others.retain(|form| forms.first() != Some(form));
            forms.extend(others);
        }
        Ok(Some(Stored { key, forms, sure: encoded.sure }))
    }

    /// The entries that there are under the forms of a key.
    async fn get(&self, forms: &[Data]) -> Result<Vec<(Data, Data)>> {
        let get = |key: &'_ Data| {
            let key = key.clone();
            async move { Ok::<_, Error>((self.get_one(&key).await?, key)) }
        };
        let found = match forms {
            [key] => vec![get(key).await?],
            forms => try_join_all(forms.iter().map(get)).await?,
        };
        Ok(found.into_iter().filter_map(|(value, key)| Some((key, value?))).collect())
    }

    async fn get_one(&self, key: &Data) -> Result<Option<Data>> {
        let found = self.reading.map.get(key).await.map_err(|error| pg_error(&error))?;
        if found.is_some() {
            self.reading.trust.hit(|| self.reading.map.partition_of(key).ok());
        }
        Ok(found)
    }

    async fn many(&self, keys: &[Vec<Value>]) -> Result<Vec<Page>> {
        let mut stored = Vec::with_capacity(keys.len());
        let mut unwritten = Vec::new();
        for key in keys {
            match self.stored(key).await? {
                Some(key) => stored.push(key),
                None => unwritten.push(key.clone()),
            }
        }
        let gets: Vec<_> = stored.iter().map(|key| self.get(&key.forms)).collect();
        let found: Vec<Vec<(Data, Data)>> = iter(gets).buffered(GETS).try_collect().await?;
        let (mut entries, mut missing) = (Vec::new(), Vec::new());
        for (stored, found) in stored.into_iter().zip(found) {
            if found.is_empty() && !(stored.sure && self.reading.trust.believes_miss()) {
                missing.push(stored);
                continue;
            }
            entries.extend(found);
        }
        let mut pages = Vec::new();
        for entries in entries.chunks(PAGE) {
            match self.reading.read(self.scope, entries).await {
                Ok(mut page) => pages.push(page.finish(false)),
                // Some of a key's entries may be in another chunk.
                Err(Unread::AskSql) => return self.by_sql(keys).await,
                Err(Unread::Failed(error)) => return Err(error),
            }
        }
        if !unwritten.is_empty() {
            pages.extend(self.by_sql(&unwritten).await?);
        }
        pages.extend(self.missing(missing).await?);
        Ok(pages)
    }

    /// Asks SQL for keys that were not found. If it finds one that still is not, keys are no way to this map, unless they
    /// are stored in a form that was not known.
    async fn missing(&self, missing: Vec<Stored<'_>>) -> Result<Vec<Page>> {
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Vec<Value>> = missing.iter().map(|stored| stored.key.to_vec()).collect();
        let pages = self.by_sql(&keys).await?;
        let rows: usize = pages.iter().map(Page::rows).sum();
        if rows == 0 || self.learn_schema(&keys).await? || self.access.parts.len() > 1 {
            return Ok(pages);
        }
        let mut found_now = 0;
        for stored in &missing {
            found_now += self.get(&stored.forms).await?.len();
        }
        if found_now < rows {
            tracing::info!(
                map = self.reading.map.name(),
                "keys are not where their hashes say: they are looked up by SQL"
            );
            self.reading.trust.break_it();
        }
        Ok(pages)
    }

    /// Looks at one of these keys, which SQL has found and gets have not: whether it is a record of a schema that was not
    /// known, and is now.
    async fn learn_schema(&self, keys: &[Vec<Value>]) -> Result<bool> {
        let (relation, trust) = (self.reading.relation(), &self.reading.trust);
        let compact = matches!(self.reading.layout().key_format(), EntryFormat::Compact { .. });
        let whole =
            relation.key_columns().find(|(_, column)| column.external_name.as_deref() == Some("__key"));
        let Some((whole, _)) = whole.filter(|_| compact && trust.may_learn()) else { return Ok(false) };
        let types = self.access.parts.iter().map(|part| part.cluster_type);
        let argument = |key: &Vec<Value>| arguments(key.iter().zip(types.clone()));
        let some = keys.get(..KEYS_OF_STATEMENT).unwrap_or(keys);
        let some: Vec<Vec<hz::Value>> = some.iter().map(argument).collect::<Result<_>>()?;
        let (conditions, args) = any_of(&RemoteScan::key_condition(relation, &self.access.parts), &some);
        let sql = format!("{} WHERE {conditions}", RemoteScan::select(relation, &[whole]));
        let mut learned = false;
        for page in self.scope.all_pages(&sql, &args, false).await? {
            for row in 0..page.rows() {
                let ValueRef::Object(key) = page.value(row, 0) else { continue };
                let id = Data::new(key.to_vec().into()).and_then(|key| key.compact_schema_id());
                learned |= id.is_some_and(|id| trust.learn_schema(id));
            }
        }
        Ok(learned)
    }

    /// What SQL says of some keys.
    async fn by_sql(&self, keys: &[Vec<Value>]) -> Result<Vec<Page>> {
        let types: Vec<SqlType> = self.access.parts.iter().map(|part| part.cluster_type).collect();
        let argument = |key: &Vec<Value>| arguments(key.iter().zip(types.iter().copied()));
        let keys: Vec<Vec<hz::Value>> = keys.iter().map(argument).collect::<Result<_>>()?;
        // The whole key is looked up without a job; parts of one take one, so that many are asked for at once.
        let at_once = if self.access.is_whole() { 1 } else { KEYS_OF_STATEMENT };
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
