//! Rows that are computed once and read again and again.

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::compile::{Compiler, Facts, Place};
use super::frame::Frame;
use super::memory::Reservation;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator, drain};
use crate::remote::Batch;

/// A node whose rows are kept when it is first asked for them.
pub(super) struct Held {
    node: BoxNode,
    rows: OnceLock<Result<(Arc<Batch>, Reservation)>>,
}

impl Held {
    pub(super) fn new(node: BoxNode) -> Arc<Held> {
        Arc::new(Held { node, rows: OnceLock::new() })
    }

    /// The rows, computed now if they are not there.
    pub(super) async fn rows(&self, frame: &Frame) -> Result<Arc<Batch>> {
        self.fill(frame).await;
        match self.rows.get() {
            Some(Ok((rows, _))) => Ok(rows.clone()),
            Some(Err(error)) => Err(error.clone()),
            None => Err(Error::internal("rows that were to be held are not there")),
        }
    }

    /// Computes the rows; an error waits for who reads them.
    pub(super) async fn fill(&self, frame: &Frame) {
        if self.rows.get().is_none() {
            let filled = self.compute(frame).await;
            // Somebody else may have been faster.
            let _ = self.rows.set(filled);
        }
    }

    async fn compute(&self, frame: &Frame) -> Result<(Arc<Batch>, Reservation)> {
        let mut reservation = frame.reserve("rows that a subquery reads repeatedly");
        let mut operator = self.node.clone().open(frame);
        let rows = drain(&mut operator, &mut reservation).await?;
        Ok((Arc::new(rows), reservation))
    }
}

impl Node for Held {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(HeldScan { held: self, frame: frame.clone(), at: 0 })
    }
}

struct HeldScan {
    held: Arc<Held>,
    frame: Frame,
    at: usize,
}

impl Operator for HeldScan {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            let rows = self.held.rows(&self.frame).await?;
            Ok(next_slice(&rows, &mut self.at))
        }
        .boxed()
    }
}

/// The next batch of rows that are held.
fn next_slice(rows: &[Vec<Value>], at: &mut usize) -> Option<Batch> {
    let rest = rows.get(*at..).unwrap_or_default();
    let batch: Batch = rest.iter().take(BATCH).cloned().collect();
    *at += batch.len();
    super::batch::full(batch)
}

/// A scan of the cluster, held when it stands where it would be made again and again.
pub(super) fn remote(compiler: &mut Compiler, node: BoxNode, facts: &Facts) -> Result<BoxNode> {
    match compiler.place {
        Place::Once => Ok(node),
        Place::Again if facts.args => Ok(node),
        Place::Subquery if facts.args => {
            Err(Error::refused("a scan of the cluster that depends on the row outside a subquery"))
        }
        _ => {
            let held = Held::new(node);
            compiler.facts.leaves.push(held.clone());
            Ok(held)
        }
    }
}
