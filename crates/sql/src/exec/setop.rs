//! `DISTINCT`, `UNION ALL`, `INTERSECT` and `EXCEPT`.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt, try_join};
use pg::{Oid, Result, Value};

use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::{HashIndex, RowSet};
use super::memory::{Reservation, row_bytes};
use super::spill::Spill;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Expr, SetOperationKind};
use crate::remote::Batch;

struct DistinctNode {
    input: BoxNode,
    /// All columns when there are none.
    keys: Option<Vec<Op>>,
    types: Vec<Oid>,
    subqueries: Subqueries,
}

/// Compiles `DISTINCT` or `DISTINCT ON`.
pub(super) fn distinct(compiler: &mut Compiler, input: &Plan, keys: Option<&[Expr]>) -> Result<BoxNode> {
    let types = match keys {
        Some(keys) => keys.iter().map(|key| key.ty.oid).collect(),
        None => compiler.columns(input),
    };
    let input = compiler.plan(input)?;
    let (keys, subqueries) = compiler.over(|c| keys.map(|keys| c.exprs(keys)).transpose())?;
    Ok(Arc::new(DistinctNode { input, keys, types, subqueries }))
}

impl Node for DistinctNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Distinct {
            input: self.input.clone().open(frame),
            node: self,
            frame: frame.clone(),
            seen: RowSet::default(),
            reservation: frame.reserve("DISTINCT"),
            pace: frame.pace(),
            started: false,
            spill: Spill::default(),
            kept: Batch::new(),
        })
    }
}

struct Distinct {
    node: Arc<DistinctNode>,
    frame: Frame,
    input: BoxOperator,
    seen: RowSet,
    reservation: Reservation,
    pace: Pace,
    started: bool,
    spill: Spill,
    /// New rows that are not to be yielded yet.
    kept: Batch,
}

impl Distinct {
    /// Takes a row that may be new; whether it is.
    fn is_new(&mut self, key: Vec<Value>, row: &[Value]) -> Result<bool> {
        let types = &self.node.types;
        // The rows of DISTINCT ON are in an order that must stay.
        if self.reservation.is_full()
            && self.node.keys.is_none()
            && self.seen.find(types, &key).is_none()
            && self.spill.take(types, &key, row, &self.frame)?
        {
            return Ok(false);
        }
        let bytes = row_bytes(&key) + HashIndex::ENTRY_BYTES;
        let new = self.seen.insert(types, key).1;
        if new {
            self.reservation.grow(bytes)?;
        }
        Ok(new)
    }

    /// Goes on with rows that were put aside.
    fn next_part(&mut self) -> Result<bool> {
        self.spill.close()?;
        let Some(input) = self.spill.next() else { return Ok(false) };
        self.seen = RowSet::default();
        self.reservation = self.frame.reserve("DISTINCT");
        self.input = input;
        Ok(true)
    }
}

impl Operator for Distinct {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            loop {
                let Some(batch) = self.input.next().await? else {
                    if self.next_part()? {
                        continue;
                    }
                    return Ok(full(std::mem::take(&mut self.kept)));
                };
                self.pace.rest();
                let mut kept = Batch::new();
                for row in batch {
                    self.pace.step().await?;
                    let key = match &self.node.keys {
                        Some(keys) => eval_all(keys, &self.frame.scope(&row))?,
                        None => row.clone(),
                    };
                    if self.is_new(key, &row)? {
                        kept.push(row);
                    }
                }
                let any = !kept.is_empty();
                self.kept.append(&mut kept);
                // PostgreSQL takes all rows before it yields one.
                if !any || self.frame.run.is_failing() {
                    continue;
                }
                return Ok(Some(std::mem::take(&mut self.kept)));
            }
        }
        .boxed()
    }
}

struct AppendNode(Vec<BoxNode>);

/// Compiles `UNION ALL`.
pub(super) fn append(compiler: &mut Compiler, inputs: &[Plan]) -> Result<BoxNode> {
    let inputs = inputs.iter().map(|input| compiler.plan(input)).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(AppendNode(inputs)))
}

impl Node for AppendNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Append { node: self, frame: frame.clone(), at: 0, current: None })
    }
}

struct Append {
    node: Arc<AppendNode>,
    frame: Frame,
    at: usize,
    current: Option<BoxOperator>,
}

impl Operator for Append {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            loop {
                if let Some(current) = &mut self.current {
                    if let Some(batch) = current.next().await? {
                        return Ok(Some(batch));
                    }
                    self.current = None;
                }
                let Some(node) = self.node.0.get(self.at) else { return Ok(None) };
                self.at += 1;
                self.current = Some(node.clone().open(&self.frame));
            }
        }
        .boxed()
    }
}

struct SetOperationNode {
    kind: SetOperationKind,
    all: bool,
    left: BoxNode,
    right: BoxNode,
    types: Vec<Oid>,
}

/// Compiles `INTERSECT` or `EXCEPT`.
pub(super) fn set_operation(
    compiler: &mut Compiler,
    kind: SetOperationKind,
    all: bool,
    left: &Plan,
    right: &Plan,
) -> Result<BoxNode> {
    let types = compiler.columns(left);
    let (left, right) = (compiler.plan(left)?, compiler.plan(right)?);
    if kind == SetOperationKind::Union {
        let append: BoxNode = Arc::new(AppendNode(vec![left, right]));
        let (keys, subqueries) = (None, Subqueries(Vec::new()));
        return Ok(match all {
            true => append,
            false => Arc::new(DistinctNode { input: append, keys, types, subqueries }),
        });
    }
    Ok(Arc::new(SetOperationNode { kind, all, left, right, types }))
}

impl Node for SetOperationNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(SetOperation {
            left: Rows::new(self.left.clone().open(frame)),
            right: Rows::new(self.right.clone().open(frame)),
            node: self,
            seen: None,
            reservation: frame.reserve("INTERSECT or EXCEPT"),
            pace: frame.pace(),
            pace_right: frame.pace(),
        })
    }
}

struct SetOperation {
    node: Arc<SetOperationNode>,
    left: Rows,
    right: Rows,
    seen: Option<Counted>,
    reservation: Reservation,
    pace: Pace,
    pace_right: Pace,
}

/// The rows of the right side, how often each was there, and whether it was yielded.
#[derive(Default)]
struct Counted {
    rows: RowSet,
    counts: Vec<u64>,
}

impl Counted {
    /// Counts a row; where it is.
    fn add(&mut self, types: &[Oid], row: Vec<Value>, reservation: &mut Reservation) -> Result<usize> {
        let bytes = row_bytes(&row) + HashIndex::ENTRY_BYTES + 8;
        let (at, new) = self.rows.insert(types, row);
        if new {
            reservation.grow(bytes)?;
            self.counts.push(0);
        }
        Ok(at)
    }
}

impl SetOperation {
    async fn count_right(
        right: &mut Rows,
        types: &[Oid],
        reservation: &mut Reservation,
        pace: &mut Pace,
    ) -> Result<Counted> {
        let mut counted = Counted::default();
        while let Some(row) = right.next().await? {
            pace.step().await?;
            let at = counted.add(types, row, reservation)?;
            if let Some(count) = counted.counts.get_mut(at) {
                *count += 1;
            }
        }
        Ok(counted)
    }

    /// Whether a left row is in the result. With ALL, m rows on the left and n on the right give min(m, n) of
    /// INTERSECT and max(m - n, 0) of EXCEPT; without, one if any.
    fn keeps(
        node: &SetOperationNode,
        seen: &mut Counted,
        row: &[Value],
        reservation: &mut Reservation,
    ) -> Result<bool> {
        let found = seen.rows.find(&node.types, row);
        let count = found.and_then(|at| seen.counts.get_mut(at));
        Ok(match (node.kind, node.all, count) {
            (SetOperationKind::Intersect, _, Some(count)) if *count > 0 => {
                *count = if node.all { *count - 1 } else { 0 };
                true
            }
            (SetOperationKind::Intersect, ..) => false,
            (_, true, Some(count)) if *count > 0 => {
                *count -= 1;
                false
            }
            (_, true, _) => true,
            (_, false, Some(_)) => false,
            (_, false, None) => {
                // Yielded once: from now on it counts as excepted.
                seen.add(&node.types, row.to_vec(), reservation)?;
                true
            }
        })
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        if self.seen.is_none() {
            let counted = SetOperation::count_right(
                &mut self.right,
                &self.node.types,
                &mut self.reservation,
                &mut self.pace_right,
            );
            let (counted, ()) = try_join(counted, self.left.fetch()).await?;
            self.seen = Some(counted);
        }
        let Some(seen) = &mut self.seen else { return Ok(()) };
        while batch.len() < BATCH
            && let Some(row) = self.left.next().await?
        {
            self.pace.step().await?;
            if SetOperation::keeps(&self.node, seen, &row, &mut self.reservation)? {
                batch.push(row);
            }
        }
        Ok(())
    }
}

impl Operator for SetOperation {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            let mut batch = Batch::new();
            self.fill(&mut batch).await?;
            Ok(full(batch))
        }
        .boxed()
    }
}
