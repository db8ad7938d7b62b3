//! The one way in which rows come from outside this crate.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Result, Value};

use crate::catalog::Relation;
use crate::hazelcast::SqlType;
use crate::plan::RemoteScan;

/// Rows, a few hundred to a few thousand at a time.
pub type Batch = Vec<Vec<Value>>;

/// A cluster that answers Hazelcast SQL. One that is only read, as in tests, has to open scans.
pub trait Cluster: Send + Sync {
    /// Starts a scan that goes no way by key. The arguments are the values of `scan.args`.
    fn open<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        args: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>>;

    /// Starts a scan of the way [`crate::plan::Way::Keys`]: the rows of the entries of these keys, each of which has its
    /// parts in the order of the access and is there once. The rows come in no order; keys without an entry have none.
    fn look_up<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        keys: Vec<Vec<Value>>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        let _ = (scan, keys);
        no_entries()
    }

    /// Runs a statement that changes data and gives no rows. How many entries it changed Hazelcast does not tell.
    fn update<'a>(&'a self, sql: &'a str, args: Vec<(Value, SqlType)>) -> BoxFuture<'a, Result<()>> {
        let _ = (sql, args);
        no_entries()
    }

    /// The key of a mapping's entry as Hazelcast's SQL stores it, of the values of its key columns in their order. An
    /// error when keys of the mapping's format can't be written here.
    fn entry_key(&self, relation: &Relation, values: &[(Value, SqlType)]) -> Result<EntryKey> {
        let _ = (relation, values);
        Err(pg::Error::internal("this cluster has no entries"))
    }

    /// The key in the forms of others in which look-ups have found keys of the mapping.
    fn other_keys<'a>(
        &'a self,
        relation: &'a Relation,
        values: &'a [(Value, SqlType)],
    ) -> BoxFuture<'a, Result<Vec<EntryKey>>> {
        let _ = (relation, values);
        no_entries()
    }

    /// The value of an entry as it is stored; `None` when there is no such entry, or its key is stored in another form.
    fn entry<'a>(&'a self, map: &'a str, key: &'a EntryKey) -> BoxFuture<'a, Result<Option<StoredValue>>> {
        let _ = (map, key);
        no_entries()
    }

    /// Replaces the value of an entry, unless it is no longer `old`: says whether it was.
    fn replace_entry<'a>(
        &'a self,
        map: &'a str,
        old: &'a StoredValue,
        new: &'a NewValue,
    ) -> BoxFuture<'a, Result<bool>> {
        let _ = (map, old, new);
        no_entries()
    }

    /// Puts what `new` makes of the value of another entry under a key that has none: says whether it had none.
    fn add_entry<'a>(
        &'a self,
        map: &'a str,
        key: &'a EntryKey,
        old: &'a StoredValue,
        new: &'a NewValue,
    ) -> BoxFuture<'a, Result<bool>> {
        let _ = (map, key, old, new);
        no_entries()
    }

    /// Removes an entry, unless it is no longer `old`: says whether it was.
    fn remove_stored<'a>(&'a self, map: &'a str, old: &'a StoredValue) -> BoxFuture<'a, Result<bool>> {
        let _ = (map, old);
        no_entries()
    }

    /// Removes an entry: says whether there was one under this key.
    fn remove_entry<'a>(&'a self, map: &'a str, key: &'a EntryKey) -> BoxFuture<'a, Result<bool>> {
        let _ = (map, key);
        no_entries()
    }
}

fn no_entries<'a, T>() -> BoxFuture<'a, Result<T>> {
    Box::pin(async { Err(pg::Error::internal("this cluster has no entries")) })
}

/// The key of an entry in its serialized form: 1.0 and 1.00 are keys of different entries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey(pub bytes::Bytes);

/// A value to be stored.
#[derive(Clone, Debug, PartialEq)]
pub enum NewValue {
    /// The value that is there.
    Same,
    /// A value of a basic type, not NULL.
    Basic(Value, SqlType),
    /// A `HazelcastJsonValue`: its text.
    Json(String),
    /// The Compact or Portable record that is there, with other values for fields of these names.
    Fields(Vec<(String, Value, SqlType)>),
}

/// The value of an entry, as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredValue {
    /// The entry's key, in the form that it is stored in.
    pub key: EntryKey,
    /// Its serialized form.
    pub data: bytes::Bytes,
    /// Its text when it is a `HazelcastJsonValue`.
    pub json: Option<String>,
}

/// The rows of a scan. Dropping it ends the scan in the cluster.
pub trait Pages: Send {
    /// The next rows, each with `scan.columns` values; `None` when there are no more.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>>;

    /// The bytes in which the last rows came.
    fn last_bytes(&self) -> u64 {
        0
    }
}
