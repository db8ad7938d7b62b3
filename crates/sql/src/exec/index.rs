//! A filter that is run again and again with other arguments: its input is read once and indexed by what the arguments
//! are compared with.

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use pg::{Oid, Result, Value};

use super::batch::full;
use super::compile::{Compiler, Place, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::hold::Held;
use super::key::{HashIndex, State, hash_row, same_row};
use super::lookup::split;
use super::memory::Reservation;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Expr, ExprKind};
use crate::remote::Batch;
use crate::walk;

/// An input that doesn't change, with an index.
struct IndexNode {
    held: Arc<Held>,
    /// What the index is by, over a row of the input.
    keys: Vec<Op>,
    types: Vec<Oid>,
    /// What is looked up: over no row.
    probes: Vec<Op>,
    /// What else must hold, over a row of the input.
    rest: Option<Op>,
    subqueries: Subqueries,
    index: OnceLock<Arc<Index>>,
}

struct Index {
    rows: Arc<Batch>,
    state: State,
    index: HashIndex,
    keys: Vec<Vec<Value>>,
    _reservation: Reservation,
}

/// Compiles a filter as look-ups, where that is worth it and possible.
pub(super) fn compile(compiler: &mut Compiler, input: &Plan, condition: &Expr) -> Result<Option<BoxNode>> {
    if compiler.place == Place::Once {
        return Ok(None);
    }
    let parts = split(condition);
    // A look-up by constants alone is no better than the filter; the catalog has its own (super::lookup).
    let by_args = |probe: &Expr| walk::any(probe, &|e| matches!(e.kind, ExprKind::Arg(_)));
    if matches!(input, Plan::Catalog { .. }) || !parts.pairs.iter().any(|(_, probe, _)| by_args(probe)) {
        return Ok(None);
    }
    let (node, facts) = compiler.apart(|c| c.plan(input))?;
    if !compiler.is_fixed(&facts) {
        // Compiled in vain: the facts are forgotten, and the caller compiles it as a filter.
        return Ok(None);
    }
    compiler.facts.merge(facts);
    let held = Held::new(node);
    let outer = compiler.slots.take();
    let compiled = compiler.over(|c| {
        let keys = c.exprs(parts.pairs.iter().map(|(key, ..)| *key))?;
        let probes = c.exprs(parts.pairs.iter().map(|(_, probe, _)| *probe))?;
        let rest = c.exprs(parts.rest.iter().copied())?;
        Ok((keys, probes, (!rest.is_empty()).then_some(Op::And(rest))))
    });
    compiler.slots = outer;
    let ((keys, probes, rest), subqueries) = compiled?;
    let types = parts.pairs.iter().map(|(_, _, ty)| *ty).collect();
    let index = OnceLock::new();
    Ok(Some(Arc::new(IndexNode { held, keys, types, probes, rest, subqueries, index })))
}

impl Node for IndexNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Lookup { node: self, frame: frame.clone(), state: LookupState::Start, pace: frame.pace() })
    }
}

impl IndexNode {
    async fn index(&self, frame: &Frame) -> Result<Arc<Index>> {
        if let Some(index) = self.index.get() {
            return Ok(index.clone());
        }
        let built = Arc::new(self.build(frame).await?);
        Ok(self.index.get_or_init(|| built).clone())
    }

    async fn build(&self, frame: &Frame) -> Result<Index> {
        let mut pace = frame.pace();
        let mut reservation = frame.reserve("the index of a subquery");
        let rows = self.held.rows(frame).await?;
        let (state, mut index) = (State::new(), HashIndex::default());
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            pace.step().await?;
            let key = eval_all(&self.keys, &frame.scope(row))?;
            reservation.grow(HashIndex::ENTRY_BYTES + key.len() * size_of::<Value>())?;
            if key.iter().any(Value::is_null) {
                index.push_hidden();
            } else {
                index.push(hash_row(&state, &self.types, &key));
            }
            keys.push(key);
        }
        Ok(Index { rows, state, index, keys, _reservation: reservation })
    }
}

struct Lookup {
    node: Arc<IndexNode>,
    frame: Frame,
    state: LookupState,
    pace: Pace,
}

enum LookupState {
    Start,
    At { index: Arc<Index>, probe: Vec<Value>, entry: Option<usize> },
    Done,
}

impl Lookup {
    async fn start(&mut self) -> Result<LookupState> {
        self.node.subqueries.prepare(&self.frame).await?;
        let index = self.node.index(&self.frame).await?;
        if index.keys.is_empty() {
            return Ok(LookupState::Done);
        }
        let probe = eval_all(&self.node.probes, &self.frame.scope(&[]))?;
        if probe.iter().any(Value::is_null) {
            return Ok(LookupState::Done);
        }
        let entry = index.index.first(hash_row(&index.state, &self.node.types, &probe));
        Ok(LookupState::At { index, probe, entry })
    }
}

impl Operator for Lookup {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if let LookupState::Start = self.state {
                self.state = self.start().await?;
            }
            let LookupState::At { index, probe, entry } = &mut self.state else { return Ok(None) };
            let node = &self.node;
            let mut batch = Batch::new();
            while let Some(at) = *entry
                && batch.len() < BATCH
            {
                self.pace.step().await?;
                *entry = index.index.after(at);
                let (Some(key), Some(row)) = (index.keys.get(at), index.rows.get(at)) else {
                    continue;
                };
                if !same_row(&node.types, key, probe) {
                    continue;
                }
                let scope = self.frame.scope(row);
                if node.rest.as_ref().map_or(Ok(true), |rest| rest.is_true(&scope))? {
                    batch.push(row.clone());
                }
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
