//! The row executor: runs plans on PostgreSQL values, batch by batch, pulled by whoever wants the rows.

use std::sync::Arc;

use pg::{Env, Value};

use crate::catalog::Snapshot;
use crate::remote::Cluster;

/// What a running statement has around it.
#[derive(Clone)]
pub struct Context {
    /// Settings, clock, names.
    pub env: Env,
    /// The parameters' values, of the types that analysis found.
    pub params: Arc<[Value]>,
    /// The catalog.
    pub snapshot: Arc<dyn Snapshot>,
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// Bytes that the statement may hold in memory; beyond, 53200.
    pub memory_limit: usize,
}
