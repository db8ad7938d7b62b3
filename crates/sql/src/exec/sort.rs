//! Rows in order. Runs are sorted in short stretches, so that the loop stays cancellable, and merged as they are pulled;
//! with a limit only the best rows are kept.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::{Order, compare_keys};
use super::memory::{Reservation, row_bytes};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::{Plan, SortBy};
use crate::query::Expr;
use crate::remote::Batch;

/// The keys of a sort.
pub(super) struct SortKeys {
    pub(super) ops: Vec<Op>,
    pub(super) orders: Arc<[Order]>,
}

impl SortKeys {
    pub(super) fn compile(compiler: &mut Compiler, keys: &[SortBy]) -> Result<SortKeys> {
        let ops = compiler.exprs(keys.iter().map(|key| &key.expr))?;
        let orders = keys
            .iter()
            .map(|key| Order {
                ty: key.expr.ty.oid,
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
            .collect();
        Ok(SortKeys { ops, orders })
    }
}

struct SortNode {
    input: BoxNode,
    keys: SortKeys,
    limit: Option<Op>,
    subqueries: Subqueries,
}

/// Compiles a sort.
pub(super) fn compile(
    compiler: &mut Compiler,
    input: &Plan,
    keys: &[SortBy],
    limit: Option<&Expr>,
) -> Result<BoxNode> {
    let input = compiler.plan(input)?;
    let ((keys, limit), subqueries) = compiler
        .over(|c| Ok((SortKeys::compile(c, keys)?, limit.map(|limit| c.expr(limit)).transpose()?)))?;
    Ok(Arc::new(SortNode { input, keys, limit, subqueries }))
}

impl Node for SortNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = Rows::new(self.input.clone().open(frame));
        let reservation = frame.reserve("a sort");
        let (frame, pace) = (frame.clone(), frame.pace());
        Box::new(Sort { node: self, frame, input, sorted: None, reservation, pace })
    }
}

struct Sort {
    node: Arc<SortNode>,
    frame: Frame,
    input: Rows,
    sorted: Option<Merge>,
    reservation: Reservation,
    pace: Pace,
}

/// A row with its keys, and its number for a stable order.
pub(super) struct Entry {
    pub(super) keys: Vec<Value>,
    pub(super) row: Vec<Value>,
    number: u64,
    orders: Arc<[Order]>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        compare_keys(&self.orders, &self.keys, &other.keys).then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl Entry {
    fn bytes(&self) -> usize {
        row_bytes(&self.row) + row_bytes(&self.keys) + size_of::<Entry>()
    }
}

/// The length of a run.
const RUN: usize = 4096;

/// Gathers entries into sorted runs.
pub(super) struct Runs {
    orders: Arc<[Order]>,
    runs: Vec<std::vec::IntoIter<Entry>>,
    open: Vec<Entry>,
    count: u64,
}

impl Runs {
    pub(super) fn new(orders: Arc<[Order]>) -> Runs {
        Runs { orders, runs: Vec::new(), open: Vec::new(), count: 0 }
    }

    pub(super) fn entry(&mut self, keys: Vec<Value>, row: Vec<Value>) -> Entry {
        self.count += 1;
        Entry { keys, row, number: self.count, orders: self.orders.clone() }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.open.push(entry);
        if self.open.len() >= RUN {
            self.close();
        }
    }

    fn close(&mut self) {
        let mut run = std::mem::take(&mut self.open);
        run.sort_unstable();
        self.runs.push(run.into_iter());
    }

    pub(super) fn merge(mut self) -> Merge {
        if !self.open.is_empty() {
            self.close();
        }
        let mut merge = Merge { heap: BinaryHeap::new(), runs: self.runs };
        for at in 0..merge.runs.len() {
            merge.refill(at);
        }
        merge
    }
}

/// Sorted runs as one.
pub(super) struct Merge {
    heap: BinaryHeap<Head>,
    runs: Vec<std::vec::IntoIter<Entry>>,
}

/// The first entry of a run; the least is the greatest, as the heap gives the greatest.
struct Head(Entry, usize);

impl Ord for Head {
    fn cmp(&self, other: &Head) -> Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Head) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

impl Merge {
    fn refill(&mut self, run: usize) {
        if let Some(entry) = self.runs.get_mut(run).and_then(Iterator::next) {
            self.heap.push(Head(entry, run));
        }
    }

    /// The next entry in order.
    pub(super) fn next(&mut self) -> Option<Entry> {
        if let [run] = &mut *self.runs {
            // The usual case needs no heap.
            return self.heap.pop().map(|head| head.0).or_else(|| run.next());
        }
        let Head(entry, run) = self.heap.pop()?;
        self.refill(run);
        Some(entry)
    }
}

impl Sort {
    async fn sort(&mut self) -> Result<Merge> {
        self.node.subqueries.prepare(&self.frame).await?;
        let limit = self.limit()?;
        let mut runs = Runs::new(self.node.keys.orders.clone());
        let mut best = BinaryHeap::new();
        while let Some(row) = self.input.next().await? {
            self.pace.step().await?;
            let keys = eval_all(&self.node.keys.ops, &self.frame.scope(&row))?;
            let entry = runs.entry(keys, row);
            match limit {
                None => {
                    self.reservation.grow(entry.bytes())?;
                    runs.push(entry);
                }
                Some(0) => {}
                Some(limit) => {
                    if best.len() >= limit {
                        if best.peek().is_some_and(|worst| entry >= *worst) {
                            continue;
                        }
                        if let Some(worst) = best.pop() {
                            self.reservation.shrink(worst.bytes());
                        }
                    }
                    self.reservation.grow(entry.bytes())?;
                    best.push(entry);
                }
            }
        }
        for entry in best {
            self.pace.step().await?;
            runs.push(entry);
        }
        Ok(runs.merge())
    }

    /// So many rows are wanted; what is no count is for the Limit above to refuse.
    fn limit(&self) -> Result<Option<usize>> {
        let Some(limit) = &self.node.limit else { return Ok(None) };
        let value = limit.eval(&self.frame.scope(&[]))?;
        match value {
            Value::Null => Ok(None),
            value => match value.as_i64() {
                Some(count) => Ok(usize::try_from(count).ok()),
                None => Err(Error::internal("a limit that is no number")),
            },
        }
    }
}

impl Operator for Sort {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.sorted.is_none() {
                self.sorted = Some(self.sort().await?);
            }
            let Some(sorted) = &mut self.sorted else { return Ok(None) };
            let mut batch = Batch::new();
            while batch.len() < BATCH
                && let Some(entry) = sorted.next()
            {
                self.pace.step().await?;
                batch.push(entry.row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
