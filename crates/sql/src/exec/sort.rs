//! Rows in order. Runs are sorted in short stretches, so that the loop stays cancellable, and merged as they are pulled;
//! with a limit only the best rows are kept.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::{Order, compare_keys};
use super::memory::{Reservation, row_bytes};
use super::prefix::prefix;
use super::spill::{Reader, Writer, can_spill};
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
    /// What is compared first.
    prefix: u128,
    pub(super) keys: Vec<Value>,
    pub(super) row: Vec<Value>,
    number: u64,
    orders: Arc<[Order]>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| {
            compare_keys(&self.orders, &self.keys, &other.keys).then(self.number.cmp(&other.number))
        })
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
    fn new(keys: Vec<Value>, row: Vec<Value>, number: u64, orders: &Arc<[Order]>) -> Entry {
        Entry { prefix: prefix(orders, &keys), keys, row, number, orders: orders.clone() }
    }

    pub(super) fn bytes(&self) -> usize {
        row_bytes(&self.row) + row_bytes(&self.keys) + size_of::<Entry>()
    }
}

/// The length of a run.
const RUN: usize = 8192;

/// Gathers entries into sorted runs.
pub(super) struct Runs {
    orders: Arc<[Order]>,
    runs: Vec<std::vec::IntoIter<Entry>>,
    open: Vec<Entry>,
    count: u64,
    /// What the entries in memory take.
    bytes: usize,
    /// Some entries can't be written: all that comes from then on stays in memory.
    mixed: bool,
    /// Sorted runs on disk.
    files: Vec<Reader>,
}

impl Runs {
    pub(super) fn new(orders: Arc<[Order]>) -> Runs {
        let (runs, open, files) = (Vec::new(), Vec::new(), Vec::new());
        Runs { orders, runs, open, count: 0, bytes: 0, mixed: false, files }
    }

    pub(super) fn entry(&mut self, keys: Vec<Value>, row: Vec<Value>) -> Entry {
        self.count += 1;
        Entry::new(keys, row, self.count, &self.orders)
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.open.push(entry);
        if self.open.len() >= RUN {
            self.close();
        }
    }

    /// Takes an entry, in memory or, when that is full, all of them to disk.
    pub(super) fn push_within(
        &mut self,
        entry: Entry,
        reservation: &mut Reservation,
        frame: &Frame,
    ) -> Result<()> {
        let bytes = entry.bytes();
        self.mixed |= !(can_spill(&entry.row) && can_spill(&entry.keys));
        reservation.grow(bytes)?;
        self.bytes += bytes;
        self.push(entry);
        if !self.mixed && reservation.is_full() { self.spill(reservation, frame) } else { Ok(()) }
    }

    /// Writes what is in memory to disk, in order: its keys, its row, its number.
    fn spill(&mut self, reservation: &mut Reservation, frame: &Frame) -> Result<()> {
        let (runs, open) = (std::mem::take(&mut self.runs), std::mem::take(&mut self.open));
        let mut sorted = Runs { runs, open, ..Runs::new(self.orders.clone()) }.merge()?;
        let mut writer = Writer::new(frame)?;
        while let Some(entry) = sorted.next()? {
            let number = Value::Int8(entry.number.cast_signed());
            writer.write(entry.keys.iter().chain(&entry.row).chain([&number]))?;
        }
        self.files.push(writer.finish()?);
        reservation.shrink(std::mem::take(&mut self.bytes));
        Ok(())
    }

    fn close(&mut self) {
        let mut run = std::mem::take(&mut self.open);
        run.sort_unstable();
        self.runs.push(run.into_iter());
    }

    pub(super) fn merge(mut self) -> Result<Merge> {
        if !self.open.is_empty() {
            self.close();
        }
        let spilled = !self.files.is_empty();
        let runs = self.runs.into_iter().map(Run::Held).chain(self.files.into_iter().map(Run::Spilled));
        let mut merge = Merge { heap: BinaryHeap::new(), runs: runs.collect(), orders: self.orders, spilled };
        for at in 0..merge.runs.len() {
            merge.refill(at)?;
        }
        Ok(merge)
    }
}

/// A sorted run.
enum Run {
    Held(std::vec::IntoIter<Entry>),
    Spilled(Reader),
}

impl Run {
    fn next(&mut self, orders: &Arc<[Order]>) -> Result<Option<Entry>> {
        let reader = match self {
            Run::Held(entries) => return Ok(entries.next()),
            Run::Spilled(reader) => reader,
        };
        let Some(mut keys) = reader.next()? else { return Ok(None) };
        let number = keys.pop().and_then(|number| number.as_i64()).unwrap_or_default().cast_unsigned();
        let row = keys.split_off(orders.len().min(keys.len()));
        Ok(Some(Entry::new(keys, row, number, orders)))
    }
}

/// Sorted runs as one.
pub(super) struct Merge {
    heap: BinaryHeap<Head>,
    runs: Vec<Run>,
    orders: Arc<[Order]>,
    /// Some of it comes from disk.
    pub(super) spilled: bool,
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
    fn refill(&mut self, at: usize) -> Result<()> {
        let Some(run) = self.runs.get_mut(at) else { return Ok(()) };
        if let Some(entry) = run.next(&self.orders)? {
            self.heap.push(Head(entry, at));
        }
        Ok(())
    }

    /// The next entry in order.
    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        if let [run] = &mut *self.runs {
            // The usual case needs no heap.
            return match self.heap.pop() {
                Some(Head(entry, _)) => Ok(Some(entry)),
                None => run.next(&self.orders),
            };
        }
        let Some(mut head) = self.heap.peek_mut() else { return Ok(None) };
        let next = match self.runs.get_mut(head.1) {
            Some(run) => run.next(&self.orders)?,
            None => None,
        };
        Ok(Some(match next {
            // The one that follows takes its place, and sinks from there.
            Some(next) => std::mem::replace(&mut head.0, next),
            None => PeekMut::pop(head).0,
        }))
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
                None => runs.push_within(entry, &mut self.reservation, &self.frame)?,
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
        runs.merge()
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
                && let Some(entry) = sorted.next()?
            {
                self.pace.step().await?;
                batch.push(entry.row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
