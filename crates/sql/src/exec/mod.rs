//! The row executor: runs plans on PostgreSQL values, batch by batch, pulled by whoever wants the rows.
//!
//! A plan is first compiled ([`compile`]): every expression becomes an [`eval::Op`] whose functions are resolved, every
//! operator a [`stream::Node`]. Opening a node within a [`frame::Frame`] makes a [`stream::Operator`], which is pulled.
//! Correlated subqueries open their compiled plan again and again; what doesn't depend on the row outside is computed
//! once and kept in the nodes.

mod aggregate;
mod apply;
mod batch;
mod cancel;
mod chain;
mod collect;
mod compile;
mod cte;
mod eval;
mod frame;
mod hold;
mod index;
mod join;
mod key;
mod key_join;
mod later;
mod limit;
mod lookup;
mod memory;
mod observe;
mod prefix;
mod project;
mod project_set;
mod recursive;
mod scan;
mod setop;
mod sets;
mod sort;
mod spill;
mod stream;
mod subplan;
mod types;
mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use pg::{Env, Result, Value};

use crate::catalog::Snapshot;
use crate::plan::Plan;
use crate::query::Expr;
use crate::remote::Cluster;
use crate::session::Session;

pub use cancel::{CancelReason, CancelToken};
pub use eval::fold::fold;
pub use eval::functions::answers;
pub(crate) use key::Identity;
pub use memory::row_bytes;
pub use observe::{Observer, Seen};
pub use stream::RowStream;
pub(crate) use types::is_composite;

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
    /// Who asks.
    pub session: Arc<Session>,
    /// Bytes that the statement may hold in memory; beyond, 53200.
    pub memory_limit: usize,
    /// Ends the statement from outside.
    pub cancel: CancelToken,
    /// Watches the operators, for EXPLAIN ANALYZE.
    pub observer: Option<Arc<Observer>>,
    /// Rows that were made before an error are yielded before it, as far as PostgreSQL does that.
    pub rows_before_errors: bool,
}

/// Runs a plan. Nothing is asked of the cluster until the first [`RowStream::next`]; what can be refused is refused
/// here (0A000 for functions that we don't have).
pub fn run(plan: &Plan, context: Context) -> Result<RowStream> {
    let (run, node) = compile::compile(plan, context)?;
    Ok(RowStream::new(run, node))
}

/// The value of an expression without slots: LIMIT, arguments of scans, parameters of `EXECUTE`.
pub fn evaluate_constant(expr: &Expr, context: &Context) -> Result<Value> {
    let run = frame::Run::new(context.clone());
    let op = compile::compile_constant(expr, &run)?;
    op.eval(&frame::Frame::new(run).scope(&[]))
}
