//! What running operators did, for EXPLAIN ANALYZE (PostgreSQL's `instrument.c`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, FutureExt};
use pg::Result;

use super::frame::Frame;
use super::stream::{BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::remote::Batch;

/// Watches the operators of one run. They are known by the places of their plans in memory, so the plan that is run
/// must be the plan that is asked about.
#[derive(Debug, Default)]
pub struct Observer(Mutex<HashMap<usize, Arc<Seen>>>);

/// What one operator did.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often it was started.
    pub loops: AtomicU64,
    /// Rows, over all loops.
    pub rows: AtomicU64,
    /// Nanoseconds until the first row, over all loops.
    first: AtomicU64,
    /// Nanoseconds in it and below it, over all loops.
    total: AtomicU64,
    /// Bytes that came from the cluster.
    pub bytes: AtomicU64,
}

impl Seen {
    /// Time until the first row, and in all; over all loops.
    pub fn times(&self) -> (Duration, Duration) {
        let of = |nanos: &AtomicU64| Duration::from_nanos(nanos.load(Relaxed));
        (of(&self.first), of(&self.total))
    }
}

impl Observer {
    /// What the operator of a plan did, if it was started.
    pub fn of(&self, plan: &Plan) -> Option<Arc<Seen>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place(plan)).cloned();
        seen.filter(|seen| seen.loops.load(Relaxed) > 0)
    }

    pub(super) fn watch(&self, plan: &Plan) -> Arc<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(place(plan)).or_default().clone()
    }
}

fn place(plan: &Plan) -> usize {
    std::ptr::from_ref(plan).addr()
}

/// An operator that is watched.
pub(super) struct Watched {
    pub(super) node: BoxNode,
    pub(super) seen: Arc<Seen>,
}

impl Node for Watched {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        self.seen.loops.fetch_add(1, Relaxed);
        let operator = self.node.clone().open(frame);
        Box::new(Watching { operator, seen: self.seen.clone(), began: false })
    }
}

struct Watching {
    operator: BoxOperator,
    seen: Arc<Seen>,
    began: bool,
}

impl Operator for Watching {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            let begun = Instant::now();
            let batch = self.operator.next().await;
            let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.seen.total.fetch_add(nanos, Relaxed);
            if !std::mem::replace(&mut self.began, true) {
                self.seen.first.fetch_add(nanos, Relaxed);
            }
            if let Ok(Some(batch)) = &batch {
                self.seen.rows.fetch_add(batch.len() as u64, Relaxed);
            }
            batch
        }
        .boxed()
    }
}
