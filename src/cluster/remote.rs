//! The executor's [`sql::remote::Cluster`] over the client.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use hazelcast_client::{self as hz, Data, ExpectedResult, Page, SqlResult, SqlRows, SqlStatement, ToData};
use pg::{Env, Error, Result, SqlState, Value};
use sql::catalog::Relation;
use sql::hazelcast::SqlType;
use sql::plan::{RemoteScan, Way};
use sql::remote::{self, Batch, EntryKey, NewValue, Pages, StoredValue};

use super::error::{is_timeout, pg_error};
use super::reading::{entry_key, other_keys};
use super::records::with_fields;
use super::{Cluster, PageStream};
use crate::pages::parameter::argument;
use crate::pages::value;

/// The cluster as one statement sees it. How long a read may take the session says (`statement_timeout` counts anew for
/// each Execute of a portal), and ends it by dropping it; what writes is not ended by that, and travels with its limit.
#[derive(Clone, Debug)]
pub struct Scope {
    cluster: Cluster,
    env: Env,
    /// How long a statement that writes may take: nothing else can end it.
    dml_timeout: Duration,
}

impl Scope {
    /// The cluster for a statement.
    pub fn new(cluster: Cluster, env: Env, dml_timeout: Duration) -> Scope {
        Scope { cluster, env, dml_timeout }
    }

    /// Starts a scan whose pages are wanted as they are.
    pub async fn open_pages(&self, scan: &Arc<RemoteScan>, args: &[(Value, SqlType)]) -> Result<PageStream> {
        match &scan.way {
            Way::Entries(read) => self.open_entries(scan, read, args).await,
            Way::Size(map) => self.open_size(scan, map).await,
            Way::Sql | Way::Keys(_) => self.open_sql(scan, args).await,
        }
    }

    /// Runs the statement of a scan.
    pub(super) async fn open_sql(&self, scan: &RemoteScan, args: &[(Value, SqlType)]) -> Result<PageStream> {
        let arguments = arguments(pairs(args.get(..scan.sql_args()).unwrap_or(args)))?;
        if scan.lookup && arguments.contains(&hz::Value::Null) {
            return Ok(PageStream::empty(scan));
        }
        let rows = self.rows(&scan.sql, &arguments, scan.lookup).await?;
        Ok(PageStream::rows(scan, rows))
    }

    /// Runs a statement that gives rows. `lookup`: at most one, by its key.
    pub(super) async fn rows(&self, sql: &str, arguments: &[hz::Value], lookup: bool) -> Result<SqlRows> {
        // The client begins it again when the cluster changes before the first row.
        let statement = self.statement(sql, arguments).lookup(lookup);
        match statement.expected_result(ExpectedResult::Rows).execute().await {
            Ok(SqlResult::Rows(rows)) => Ok(rows),
            Ok(SqlResult::UpdateCount(_)) => Err(Error::internal("the cluster sent a count instead of rows")),
            Err(error) => Err(about(pg_error(&error), sql)),
        }
    }

    /// All pages of a statement: for few rows.
    pub(super) async fn all_pages(
        &self,
        sql: &str,
        arguments: &[hz::Value],
        lookup: bool,
    ) -> Result<Vec<Page>> {
        let mut rows = self.rows(sql, arguments, lookup).await?;
        let mut pages = Vec::new();
        while let Some(page) = rows.next_page().await.map_err(|error| about(pg_error(&error), sql))? {
            pages.push(page);
        }
        Ok(pages)
    }

    /// The cluster.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn statement(&self, sql: &str, arguments: &[hz::Value]) -> SqlStatement {
        self.cluster.client().sql(sql).args(arguments.iter().cloned())
    }

    async fn run_update(&self, sql: &str, args: &[(Value, SqlType)]) -> Result<()> {
        let statement = self.statement(sql, &arguments(pairs(args))?);
        let statement = statement.timeout(self.dml_timeout);
        match statement.expected_result(ExpectedResult::UpdateCount).execute().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.about_time(pg_error(&error))),
        }
    }

    /// Says which limit it was: who has set no statement_timeout does not know that there is one.
    fn about_time(&self, error: Error) -> Error {
        if !is_timeout(&error) {
            return error;
        }
        let limit = self.dml_timeout.as_secs_f64();
        error
            .detail(format!(
                "The cluster did not finish a part of it that writes within {limit} s; that part may still be \
                 written."
            ))
            .hint("The limit is statement_timeout, or the gateway's dml_timeout when that is not set.")
    }
}

/// Says in which statement of ours the cluster met something that the client has to know its place of: an entry that
/// can't be read, or a failure.
pub(super) fn about(mut error: Error, sql: &str) -> Error {
    if matches!(error.code(), SqlState::DATA_EXCEPTION | SqlState::INTERNAL_ERROR | SqlState::UNDEFINED_TABLE)
    {
        error.fields_mut().context = Some(format!("Hazelcast SQL: {sql}"));
    }
    error
}

fn pairs(args: &[(Value, SqlType)]) -> impl Iterator<Item = (&Value, SqlType)> {
    args.iter().map(|(value, sql_type)| (value, *sql_type))
}

/// The Java values of arguments.
pub(super) fn arguments<'a>(args: impl Iterator<Item = (&'a Value, SqlType)>) -> Result<Vec<hz::Value>> {
    args.map(|(value, sql_type)| argument(value, sql_type)).collect()
}

/// Pages as values.
struct ValuePages {
    pages: PageStream,
    env: Env,
    last_bytes: u64,
}

impl Pages for ValuePages {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            match self.pages.next().await? {
                Some(page) => {
                    self.last_bytes = page.byte_len() as u64;
                    value::rows(&page, self.pages.columns(), &self.env).map(Some)
                }
                None => Ok(None),
            }
        })
    }

    fn last_bytes(&self) -> u64 {
        self.last_bytes
    }
}

impl Scope {
    /// What is put in the place of a value of a map.
    async fn new_value(&self, map: &str, old: &Data, new: &NewValue) -> Result<Box<dyn ToData + Send>> {
        Ok(match new {
            NewValue::Same => Box::new(old.clone()),
            NewValue::Basic(value, sql_type) => Box::new(argument(value, *sql_type)?),
            NewValue::Json(text) => Box::new(hz::Value::Json(text.clone())),
            NewValue::Fields(fields) => Box::new(with_fields(self.cluster.client(), old, map, fields).await?),
        })
    }
}

impl remote::Cluster for Scope {
    fn open<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        args: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        Box::pin(async move {
            let pages = self.open_pages(scan, &args).await?;
            let pages: Box<dyn Pages> = Box::new(ValuePages { pages, env: self.env.clone(), last_bytes: 0 });
            Ok(pages)
        })
    }

    fn look_up<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        keys: Vec<Vec<Value>>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        Box::pin(async move {
            let pages = self.look_up_pages(scan, &keys).await?;
            let pages: Box<dyn Pages> = Box::new(ValuePages { pages, env: self.env.clone(), last_bytes: 0 });
            Ok(pages)
        })
    }

    fn update<'a>(&'a self, sql: &'a str, args: Vec<(Value, SqlType)>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.run_update(sql, &args).await })
    }

    fn entry_key(&self, relation: &Relation, values: &[(Value, SqlType)]) -> Result<EntryKey> {
        Ok(stored_key(&entry_key(relation, values)?))
    }

    fn other_keys<'a>(
        &'a self,
        relation: &'a Relation,
        values: &'a [(Value, SqlType)],
    ) -> BoxFuture<'a, Result<Vec<EntryKey>>> {
        Box::pin(async move {
            let others = other_keys(&self.cluster, relation, values).await?;
            Ok(others.iter().map(stored_key).collect())
        })
    }

    fn entry<'a>(&'a self, map: &'a str, key: &'a EntryKey) -> BoxFuture<'a, Result<Option<StoredValue>>> {
        Box::pin(async move {
            let key = data_of_key(key)?;
            let value = self.cluster.client().map(map).get(&key).await.map_err(|error| pg_error(&error))?;
            let Some(value) = value else { return Ok(None) };
            let json = match value.to_value() {
                Ok(hz::Value::Json(text)) => Some(text),
                _ => None,
            };
            Ok(Some(StoredValue { key: stored_key(&key), data: value.as_bytes().to_vec().into(), json }))
        })
    }

    fn replace_entry<'a>(
        &'a self,
        map: &'a str,
        old: &'a StoredValue,
        new: &'a NewValue,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let (key, stored) = (data_of_key(&old.key)?, data_of_value(old)?);
            let new = self.new_value(map, &stored, new).await?;
            let map = self.cluster.client().map(map);
            map.replace_if_same(&key, &stored, &*new).await.map_err(|error| pg_error(&error))
        })
    }

    fn add_entry<'a>(
        &'a self,
        map: &'a str,
        key: &'a EntryKey,
        old: &'a StoredValue,
        new: &'a NewValue,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = data_of_key(key)?;
            let new = self.new_value(map, &data_of_value(old)?, new).await?;
            let map = self.cluster.client().map(map);
            let there = map.put_if_absent(&key, &*new, hz::Expiry::of_map()).await;
            there.map(|value| value.is_none()).map_err(|error| pg_error(&error))
        })
    }

    fn remove_stored<'a>(&'a self, map: &'a str, old: &'a StoredValue) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let (key, stored) = (data_of_key(&old.key)?, data_of_value(old)?);
            let map = self.cluster.client().map(map);
            map.remove_if_same(&key, &stored).await.map_err(|error| pg_error(&error))
        })
    }

    fn remove_entry<'a>(&'a self, map: &'a str, key: &'a EntryKey) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = data_of_key(key)?;
            let removed = self.cluster.client().map(map).remove(&key).await;
            removed.map(|value| value.is_some()).map_err(|error| pg_error(&error))
        })
    }
}

fn data_of_value(stored: &StoredValue) -> Result<Data> {
    Data::new(stored.data.clone()).ok_or_else(|| Error::internal("a stored value lost its header"))
}

fn stored_key(key: &Data) -> EntryKey {
    EntryKey(key.as_bytes().to_vec().into())
}

fn data_of_key(key: &EntryKey) -> Result<Data> {
    Data::new(key.0.clone()).ok_or_else(|| Error::internal("a key lost its header"))
}
