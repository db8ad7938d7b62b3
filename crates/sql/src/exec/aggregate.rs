//! Groups by hash of their keys, with grouping sets.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Oid, Result, TypeRef, Value};

use super::batch::full;
use super::collect::{AggregateOp, State};
use super::compile::{Compiler, Subqueries};
use super::eval::Op;
use super::frame::{Frame, Pace};
use super::key::{HashIndex, RowSet};
use super::memory::{Reservation, row_bytes};
use super::spill::Spill;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Aggregate, Expr, ExprKind};
use crate::remote::Batch;
use crate::walk;

struct AggregateNode {
    input: BoxNode,
    keys: Vec<Op>,
    types: Vec<Oid>,
    sets: Vec<GroupingSet>,
    /// The number of the set is a column.
    numbered: bool,
    aggregates: Vec<AggregateOp>,
    subqueries: Subqueries,
}

/// Which keys make a group.
struct GroupingSet {
    members: Vec<bool>,
    /// No keys: one row, even without input.
    is_empty: bool,
}

/// Compiles it.
pub(super) fn compile(
    compiler: &mut Compiler,
    input: &Plan,
    keys: &[Expr],
    sets: Option<&[Vec<usize>]>,
    aggregates: &[(Aggregate, TypeRef)],
) -> Result<BoxNode> {
    // In the rows of a set, the keys of other sets are NULL; direct arguments are computed from the input.
    let direct = aggregates.iter().filter(|(aggregate, _)| aggregate.within_group);
    if sets.is_some() && direct.flat_map(|(aggregate, _)| &aggregate.args).any(|arg| !is_constant(arg)) {
        return Err(Error::refused(
            "an ordered-set aggregate whose direct arguments depend on grouping sets",
        ));
    }
    let input = compiler.plan(input)?;
    let types = keys.iter().map(|key| key.ty.oid).collect();
    let ((keys, aggregates), subqueries) = compiler.over(|c| {
        let keys = c.exprs(keys)?;
        let aggregates = aggregates.iter().map(|(aggregate, ty)| AggregateOp::compile(c, aggregate, *ty));
        Ok((keys, aggregates.collect::<Result<Vec<_>>>()?))
    })?;
    let all: Vec<usize> = (0..keys.len()).collect();
    let grouping = |set: &Vec<usize>| GroupingSet {
        members: (0..keys.len()).map(|at| set.contains(&at)).collect(),
        is_empty: set.is_empty(),
    };
    let numbered = sets.is_some();
    let sets = sets.map_or_else(|| vec![grouping(&all)], |sets| sets.iter().map(grouping).collect());
    Ok(Arc::new(AggregateNode { input, keys, types, sets, numbered, aggregates, subqueries }))
}

/// Whether an expression looks at no row.
fn is_constant(expr: &Expr) -> bool {
    !walk::any(expr, &|inner| matches!(inner.kind, ExprKind::Slot(_) | ExprKind::Subquery(_)))
}

impl Node for AggregateNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Grouped {
            input: self.input.clone().open(frame),
            groups: self.sets.iter().map(|_| Groups::default()).collect(),
            node: self,
            frame: frame.clone(),
            reservation: frame.reserve("GROUP BY"),
            output: None,
            pace: frame.pace(),
            spill: Spill::default(),
        })
    }
}

/// The groups of one set, by number.
#[derive(Default)]
struct Groups {
    keys: RowSet,
    states: Vec<Vec<State>>,
}

struct Grouped {
    node: Arc<AggregateNode>,
    frame: Frame,
    input: BoxOperator,
    groups: Vec<Groups>,
    reservation: Reservation,
    output: Option<Output>,
    pace: Pace,
    spill: Spill,
}

/// What is left to be yielded.
struct Output {
    sets: std::vec::IntoIter<Groups>,
    number: i32,
    /// The groups of the set under way: keys, and states.
    keys: std::vec::IntoIter<Vec<Value>>,
    states: std::vec::IntoIter<Vec<State>>,
}

impl AggregateNode {
    fn new_group(&self) -> Vec<State> {
        self.aggregates.iter().map(AggregateOp::start).collect()
    }

    /// Takes a row into its group of each set.
    fn add(
        &self,
        row: &[Value],
        groups: &mut [Groups],
        scratch: &mut Scratch,
        frame: &Frame,
        (reservation, spill): (&mut Reservation, &mut Spill),
    ) -> Result<()> {
        let scope = frame.scope(row);
        scratch.keys.clear();
        for key in &self.keys {
            scratch.keys.push(key.eval(&scope)?);
        }
        for (set, groups) in self.sets.iter().zip(groups) {
            let masked;
            let keys = if set.members.iter().all(|member| *member) {
                &scratch.keys
            } else {
                let mask = |(key, member): (&Value, &bool)| if *member { key.clone() } else { Value::Null };
                masked = scratch.keys.iter().zip(&set.members).map(mask).collect();
                &masked
            };
            let at = match groups.keys.find(&self.types, keys) {
                Some(at) => at,
                None if reservation.is_full()
                    && self.sets.len() == 1
                    && spill.take(&self.types, keys, row, frame)? =>
                {
                    continue;
                }
                None => {
                    let bytes = self.aggregates.len() * State::BYTES + HashIndex::ENTRY_BYTES;
                    reservation.grow(row_bytes(keys) + bytes)?;
                    groups.states.push(self.new_group());
                    groups.keys.insert(&self.types, keys.clone()).0
                }
            };
            let states = groups.states.get_mut(at).into_iter().flatten();
            for (op, state) in self.aggregates.iter().zip(states) {
                state.add(op, &scope, &mut scratch.args, reservation)?;
            }
        }
        Ok(())
    }
}

/// Room for a row's keys and arguments, used again for each row.
#[derive(Default)]
struct Scratch {
    keys: Vec<Value>,
    args: Vec<Value>,
}

impl Grouped {
    async fn gather(&mut self) -> Result<Output> {
        self.node.subqueries.prepare(&self.frame).await?;
        let mut scratch = Scratch::default();
        while let Some(batch) = self.input.next().await? {
            self.pace.rest();
            for row in batch {
                self.pace.step().await?;
                let room = (&mut self.reservation, &mut self.spill);
                self.node.add(&row, &mut self.groups, &mut scratch, &self.frame, room)?;
            }
        }
        self.spill.close()?;
        for (set, groups) in self.node.sets.iter().zip(&mut self.groups) {
            if set.is_empty && groups.states.is_empty() {
                groups.keys.insert(&self.node.types, vec![Value::Null; self.node.keys.len()]);
                groups.states.push(self.node.new_group());
            }
        }
        let sets = std::mem::take(&mut self.groups).into_iter();
        let (keys, states) = (Vec::new().into_iter(), Vec::new().into_iter());
        Ok(Output { sets, number: -1, keys, states })
    }

    async fn row(&mut self) -> Result<Option<Vec<Value>>> {
        loop {
            let Some(output) = &mut self.output else { return Ok(None) };
            if let (Some(mut row), Some(states)) = (output.keys.next(), output.states.next()) {
                for (op, state) in self.node.aggregates.iter().zip(states) {
                    row.push(state.finish(op, &self.frame).await?);
                }
                if self.node.numbered {
                    row.push(Value::Int4(output.number));
                }
                return Ok(Some(row));
            }
            if let Some(groups) = output.sets.next() {
                output.number += 1;
                output.keys = groups.keys.into_rows().into_iter();
                output.states = groups.states.into_iter();
                continue;
            }
            let Some(input) = self.spill.next() else { return Ok(None) };
            self.output = None;
            self.reservation = self.frame.reserve("GROUP BY");
            self.input = input;
            self.groups = self.node.sets.iter().map(|_| Groups::default()).collect();
            self.output = Some(self.gather().await?);
        }
    }
}

impl Operator for Grouped {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.output.is_none() {
                self.output = Some(self.gather().await?);
            }
            let mut batch = Batch::new();
            while batch.len() < BATCH
                && let Some(row) = self.row().await?
            {
                self.pace.step().await?;
                batch.push(row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
