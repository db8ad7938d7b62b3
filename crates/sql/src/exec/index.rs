//! A filter that is run again and again with other arguments: its input is read once and indexed by what the arguments
//! are compared with. Catalog queries have a correlated subquery in every second column.

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use pg::{Oid, Result, Value};

use super::batch::full;
use super::compile::{Compiler, Place, Subqueries};
use super::eval::{Op, eval_all, functions, hashable};
use super::frame::{Frame, Pace};
use super::hold::Held;
use super::key::{HashIndex, State, hash_row, same_row};
use super::memory::Reservation;
use super::scan::pick;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{CallForm, Expr, ExprKind, Operator as SqlOperator};
use crate::remote::Batch;
use crate::{catalog::Relation, walk};

/// An input that doesn't change, with an index.
struct IndexNode {
    source: Source,
    /// What the index is by, over a row of the source.
    keys: Vec<Op>,
    types: Vec<Oid>,
    /// What is looked up: over no row.
    probes: Vec<Op>,
    /// What else must hold, over a row of the source.
    rest: Option<Op>,
    /// The columns of the source that make the row.
    columns: Option<Vec<usize>>,
    subqueries: Subqueries,
    index: OnceLock<Arc<Index>>,
}

enum Source {
    Relation(Arc<Relation>),
    Held(Arc<Held>),
}

enum SourceRows {
    Relation(Arc<[Vec<Value>]>),
    Held(Arc<Batch>),
}

struct Index {
    rows: SourceRows,
    state: State,
    index: HashIndex,
    keys: Vec<Vec<Value>>,
    _reservation: Reservation,
}

/// The parts of a condition: equalities of something of the row with something of the arguments, and the others.
struct Parts<'a> {
    pairs: Vec<(&'a Expr, &'a Expr, Oid)>,
    rest: Vec<&'a Expr>,
}

/// Compiles a filter as look-ups, where that is worth it and possible.
pub(super) fn compile(compiler: &mut Compiler, input: &Plan, condition: &Expr) -> Result<Option<BoxNode>> {
    if compiler.place == Place::Once {
        return Ok(None);
    }
    let parts = split(condition);
    if parts.pairs.is_empty() {
        return Ok(None);
    }
    let (source, columns) = match input {
        Plan::Catalog { relation, columns } => (Source::Relation(relation.clone()), Some(columns.clone())),
        other => {
            let (node, facts) = compiler.apart(|c| c.plan(other))?;
            if !compiler.is_fixed(&facts) {
                // Compiled in vain: the facts are forgotten, and the caller compiles it as a filter.
                return Ok(None);
            }
            compiler.facts.merge(facts);
            (Source::Held(Held::new(node)), None)
        }
    };
    let outer = std::mem::replace(&mut compiler.slots, columns.clone());
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
    Ok(Some(Arc::new(IndexNode { source, keys, types, probes, rest, columns, subqueries, index })))
}

fn split(condition: &Expr) -> Parts<'_> {
    let mut parts = Parts { pairs: Vec::new(), rest: Vec::new() };
    let conjuncts = match &condition.kind {
        ExprKind::And(items) => items.as_slice(),
        _ => std::slice::from_ref(condition),
    };
    for conjunct in conjuncts {
        match pair(conjunct) {
            Some(pair) => parts.pairs.push(pair),
            None => parts.rest.push(conjunct),
        }
    }
    // A look-up by constants alone is no better than the filter.
    if !parts.pairs.iter().any(|(_, probe, _)| walk::any(probe, &|e| matches!(e.kind, ExprKind::Arg(_)))) {
        parts.pairs.clear();
    }
    parts
}

/// `row = argument` or `argument = row`, by an operator whose operands can be hashed. Evaluating the sides early must
/// not fail where the filter would not: only places and their relabelled selves are taken for the row's side.
fn pair(conjunct: &Expr) -> Option<(&Expr, &Expr, Oid)> {
    let ExprKind::Call(call) = &conjunct.kind else { return None };
    let CallForm::Operator(operator) = call.form else { return None };
    let ty = hashable(SqlOperator { oid: operator, proc: call.proc })?;
    let [left, right] = &*call.args else { return None };
    if is_row_side(left) && is_outer_side(right) {
        Some((left, right, ty))
    } else if is_row_side(right) && is_outer_side(left) {
        Some((right, left, ty))
    } else {
        None
    }
}

fn is_row_side(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Slot(_) => true,
        ExprKind::Coerce { expr, method: crate::query::Coercion::Relabel, .. } => is_row_side(expr),
        _ => false,
    }
}

fn is_outer_side(expr: &Expr) -> bool {
    !walk::any(expr, &|inner| match &inner.kind {
        ExprKind::Slot(_) | ExprKind::SubPlan(_) => true,
        ExprKind::Call(call) => functions::is_volatile(call.proc),
        _ => false,
    })
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
        let rows = match &self.source {
            Source::Relation(relation) => SourceRows::Relation(frame.run.snapshot()?.rows(relation.oid)),
            Source::Held(held) => SourceRows::Held(held.rows(frame).await?),
        };
        let (state, mut index) = (State::new(), HashIndex::default());
        let mut keys = Vec::with_capacity(rows.as_slice().len());
        for row in rows.as_slice() {
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

impl SourceRows {
    fn as_slice(&self) -> &[Vec<Value>] {
        match self {
            SourceRows::Relation(rows) => rows,
            SourceRows::Held(rows) => rows,
        }
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
                let (Some(key), Some(row)) = (index.keys.get(at), index.rows.as_slice().get(at)) else {
                    continue;
                };
                if !same_row(&node.types, key, probe) {
                    continue;
                }
                let scope = self.frame.scope(row);
                if node.rest.as_ref().map_or(Ok(true), |rest| rest.is_true(&scope))? {
                    batch.push(
                        node.columns.as_ref().map_or_else(|| row.clone(), |columns| pick(row, columns)),
                    );
                }
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
