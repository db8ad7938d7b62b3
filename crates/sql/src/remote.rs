//! The one way in which rows come from outside this crate.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Result, Value};

use crate::hazelcast::SqlType;
use crate::plan::RemoteScan;

/// Rows, a few hundred to a few thousand at a time.
pub type Batch = Vec<Vec<Value>>;

/// A cluster that answers Hazelcast SQL.
pub trait Cluster: Send + Sync {
    /// Starts a scan. The arguments are the values of `scan.args`.
    fn open<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        args: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>>;
}

/// The rows of a scan. Dropping it ends the scan in the cluster.
pub trait Pages: Send {
    /// The next rows, each with `scan.columns` values; `None` when there are no more.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>>;
}
