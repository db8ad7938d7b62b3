//! Window functions (`nodeWindowAgg.c`): the rows are sorted by partition and order, then each partition is held while
//! its rows get their values.

mod bounds;
mod function;

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Result, TypeRef, Value};

use self::bounds::{Bounds, FrameOp};
use self::function::{Progress, WindowOp};
use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::frame::{Frame, Pace};
use super::key::Order;
use super::memory::Reservation;
use super::sort::{Entry, Merge, RowOrder, Runs};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Window, WindowCall};
use crate::remote::Batch;

struct WindowNode {
    input: BoxNode,
    /// The partition's keys, then those of the order.
    order: Arc<RowOrder>,
    /// So many of them are the partition's.
    partition: usize,
    frame: FrameOp,
    calls: Vec<WindowOp>,
    /// Rows that have their values are not needed any more.
    looks_ahead_only: bool,
    subqueries: Subqueries,
}

/// Compiles it.
pub(super) fn compile(
    compiler: &mut Compiler,
    input: &Plan,
    window: &Window,
    calls: &[(WindowCall, TypeRef)],
) -> Result<BoxNode> {
    let input = compiler.plan(input)?;
    let by_partition = window.partition_by.iter().map(|expr| Order::ascending(expr.ty.oid));
    let by_order = window.order_by.iter().map(|key| Order {
        ty: key.expr.ty.oid,
        descending: key.descending,
        nulls_first: key.nulls_first,
    });
    let orders: Vec<Order> = by_partition.chain(by_order).collect();
    let partition = window.partition_by.len();
    let ((keys, frame, calls), subqueries) = compiler.over(|c| {
        let order_by = window.order_by.iter().map(|key| &key.expr);
        let keys = c.exprs(window.partition_by.iter().chain(order_by))?;
        let frame = FrameOp::compile(c, &window.frame, orders.get(partition..).unwrap_or_default())?;
        let calls = calls.iter().map(|(call, ty)| WindowOp::compile(c, call, *ty));
        Ok((keys, frame, calls.collect::<Result<Vec<_>>>()?))
    })?;
    let looks_ahead_only = calls.iter().all(|call| call.looks_ahead_only(&frame));
    let order = Arc::new(RowOrder::new(keys, orders));
    let node = WindowNode { input, order, partition, frame, calls, looks_ahead_only, subqueries };
    Ok(Arc::new(node))
}

impl Node for WindowNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = Rows::new(self.input.clone().open(frame));
        let reservation = frame.reserve("a window");
        let (frame, pace) = (frame.clone(), frame.pace());
        Box::new(Windowed {
            node: self,
            frame,
            input,
            sorted: None,
            ahead: None,
            current: None,
            partition_bytes: 0,
            reservation,
            pace,
        })
    }
}

/// The rows of a partition, in order, with their keys.
struct Partition {
    rows: Vec<Vec<Value>>,
    order: Arc<RowOrder>,
    /// So many keys are the partition's; the others are the order's.
    keys: usize,
    peers: Peers,
}

impl Partition {
    /// The first key of the order of a row.
    fn key<'a>(&self, row: &'a [Value]) -> &'a Value {
        self.order.key(row, self.keys)
    }
}

/// Rows that the order doesn't tell apart.
#[derive(Default)]
struct Peers {
    /// The number of each row's group.
    group: Vec<usize>,
    /// Where each group starts, and the end.
    starts: Vec<usize>,
}

impl Peers {
    /// Those among some rows; what is there is dropped, its room is used again.
    fn of(mut self, rows: &[Vec<Value>], order: &RowOrder, keys: usize) -> Peers {
        let peers = &mut self;
        peers.group.clear();
        peers.starts.clear();
        let mut last: Option<&Vec<Value>> = None;
        for (at, row) in rows.iter().enumerate() {
            if last.is_none_or(|last| order.compare(keys..order.len(), last, row).is_ne()) {
                peers.starts.push(at);
            }
            peers.group.push(peers.starts.len() - 1);
            last = Some(row);
        }
        peers.starts.push(rows.len());
        self
    }

    /// The first row of a row's group, and the one behind its last.
    fn around(&self, at: usize) -> (usize, usize) {
        let group = self.group.get(at).copied().unwrap_or(0);
        (self.start(group), self.start(group + 1))
    }

    /// Where a group starts; one behind the last, where all end.
    fn start(&self, group: usize) -> usize {
        self.starts.get(group).or(self.starts.last()).copied().unwrap_or(0)
    }
}

/// The partition under way.
struct Current {
    partition: Partition,
    bounds: Bounds,
    progress: Vec<Progress>,
    at: usize,
    /// Room for the values of a row.
    values: Vec<Value>,
}

struct Windowed {
    node: Arc<WindowNode>,
    frame: Frame,
    input: Rows,
    sorted: Option<Merge>,
    /// The first row of the next partition.
    ahead: Option<Entry>,
    current: Option<Current>,
    /// What the partition under way takes, when it comes from disk.
    partition_bytes: usize,
    reservation: Reservation,
    pace: Pace,
}

impl Windowed {
    async fn sort(&mut self) -> Result<()> {
        self.node.subqueries.prepare(&self.frame).await?;
        let mut runs = Runs::new(self.node.order.clone());
        while let Some(mut row) = self.input.next().await? {
            self.pace.step().await?;
            self.node.order.extend(&self.frame, &mut row)?;
            runs.push_within(row, &mut self.reservation, &self.frame)?;
        }
        let mut sorted = runs.merge()?;
        self.ahead = sorted.next()?;
        self.sorted = Some(sorted);
        Ok(())
    }

    /// The next partition; the one before leaves its room to it.
    async fn next_partition(&mut self) -> Result<Option<Current>> {
        let before = self.current.take().map(Current::emptied).unwrap_or_default();
        let (Some(first), Some(sorted)) = (self.ahead.take(), &mut self.sorted) else { return Ok(None) };
        let (order, keys) = (&self.node.order, self.node.partition);
        let Room { mut rows, peers, mut progress, values } = before;
        self.reservation.shrink(std::mem::take(&mut self.partition_bytes));
        let mut next = Some(first);
        while let Some(entry) = next {
            self.pace.step().await?;
            if rows.first().is_some_and(|first| order.compare(0..keys, first, &entry.row).is_ne()) {
                self.ahead = Some(entry);
                break;
            }
            if sorted.spilled {
                // What comes from disk is held for the first time.
                self.reservation.grow(entry.bytes())?;
                self.partition_bytes += entry.bytes();
            }
            rows.push(entry.row);
            next = sorted.next()?;
        }
        let peers = peers.of(&rows, order, keys);
        let partition = Partition { rows, order: order.clone(), keys, peers };
        let bounds = self.node.frame.start(&partition, &self.frame)?;
        progress.extend(self.node.calls.iter().map(|_| Progress::default()));
        Ok(Some(Current { partition, bounds, progress, at: 0, values }))
    }

    /// The next row with its values.
    async fn row(&mut self) -> Result<Option<Vec<Value>>> {
        loop {
            if let Some(current) = &mut self.current
                && current.at < current.partition.rows.len()
            {
                return current.row(&self.node, &self.frame, &mut self.pace).await.map(Some);
            }
            self.current = self.next_partition().await?;
            if self.current.is_none() {
                return Ok(None);
            }
        }
    }
}

/// What a partition leaves to the next: vectors that are empty, and need not be allocated again.
#[derive(Default)]
struct Room {
    rows: Vec<Vec<Value>>,
    peers: Peers,
    progress: Vec<Progress>,
    values: Vec<Value>,
}

impl Current {
    fn emptied(self) -> Room {
        let Current { partition: Partition { mut rows, peers, .. }, mut progress, values, .. } = self;
        rows.clear();
        progress.clear();
        Room { rows, peers, progress, values }
    }

    async fn row(&mut self, node: &WindowNode, frame: &Frame, pace: &mut Pace) -> Result<Vec<Value>> {
        let at = self.at;
        self.at += 1;
        let rows = self.bounds.rows(&node.frame, &self.partition, at, frame)?;
        let mut values = std::mem::take(&mut self.values);
        for (call, progress) in node.calls.iter().zip(&mut self.progress) {
            values.push(call.value(progress, &self.partition, &rows, at, frame, pace).await?);
        }
        let mut row = match self.partition.rows.get_mut(at) {
            Some(row) if node.looks_ahead_only => std::mem::take(row),
            Some(row) => row.clone(),
            None => Vec::new(),
        };
        node.order.cut(&mut row);
        row.append(&mut values);
        self.values = values;
        Ok(row)
    }
}

impl Operator for Windowed {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.sorted.is_none() {
                self.sort().await?;
            }
            let mut batch = Batch::new();
            while batch.len() < BATCH {
                self.pace.step().await?;
                let Some(row) = self.row().await? else { break };
                batch.push(row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
