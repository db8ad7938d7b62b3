//! Joins of two inputs: the right one is held in memory, by hash of the keys when there are any, and the left one
//! passes by.

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt, try_join};
use pg::{Oid, Result, Value};

use super::batch::{Rows, finish_left};
use super::compile::{Compiler, Place, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::{HashIndex, State, hash_row, same_row};
use super::later::Later;
use super::lookup;
use super::memory::Reservation;
use super::spill::{Part, Parts, can_spill};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator, drain};
use crate::plan::Plan;
use crate::query::{Expr, JoinKind};
use crate::remote::Batch;

struct JoinNode {
    kind: JoinKind,
    /// The sides stand the other way round than in the row.
    swapped: bool,
    left: BoxNode,
    right: BoxNode,
    left_keys: Vec<Op>,
    right_keys: Vec<Op>,
    types: Vec<Oid>,
    condition: Option<Op>,
    left_width: usize,
    right_width: usize,
    subqueries: Subqueries,
    /// The right side, when the join is run again and again over the same.
    kept: Option<OnceLock<Arc<Table>>>,
}

/// The right side.
pub(super) struct Table {
    pub(super) rows: Batch,
    /// By keys; none: all rows are candidates.
    index: Option<Keyed>,
    _reservation: Reservation,
}

/// The right side, as it was built.
enum Built {
    Held(Arc<Table>),
    /// In parts, by hashes of this state.
    Split(Vec<Option<Part>>, State),
}

struct Keyed {
    state: State,
    index: HashIndex,
    keys: Vec<Vec<Value>>,
}

/// Compiles a join.
pub(super) fn compile(
    compiler: &mut Compiler,
    kind: JoinKind,
    (left, right): (&Plan, &Plan),
    keys: &[(Expr, Expr)],
    condition: Option<&Expr>,
) -> Result<BoxNode> {
    if let Some(node) = lookup::join(compiler, kind, (left, right), keys, condition)? {
        return Ok(node);
    }
    let (left_width, right_width) = (compiler.columns(left).len(), compiler.columns(right).len());
    let (left, left_facts) = compiler.scoped(|c| c.plan(left))?;
    let (right, facts) = compiler.scoped(|c| c.plan(right))?;
    let kept = (compiler.place != Place::Once && compiler.is_fixed(&facts)).then(OnceLock::new);
    // When only the left side stays the same from one run to the next, that is the one to be kept.
    let swapped = kind == JoinKind::Inner
        && kept.is_none()
        && compiler.place != Place::Once
        && compiler.is_fixed(&left_facts)
        && !keys.is_empty();
    let ((left_keys, right_keys, condition), subqueries) = compiler.over(|c| {
        let left = c.exprs(keys.iter().map(|(left, _)| left))?;
        let right = c.exprs(keys.iter().map(|(_, right)| right))?;
        Ok((left, right, condition.map(|condition| c.expr(condition)).transpose()?))
    })?;
    // Keys of the right side that depend on arguments can't be kept.
    let kept = kept.filter(|_| !keys.iter().any(|(_, right)| depends_on_args(right)));
    let swapped = swapped && !keys.iter().any(|(left, _)| depends_on_args(left));
    let types = keys.iter().map(|(left, _)| left.ty.oid).collect();
    let node = JoinNode {
        kind,
        swapped,
        left,
        right,
        left_keys,
        right_keys,
        types,
        condition,
        left_width,
        right_width,
        subqueries,
        kept,
    };
    Ok(Arc::new(if swapped { node.swap() } else { node }))
}

fn depends_on_args(expr: &Expr) -> bool {
    use crate::query::ExprKind;
    crate::walk::any(expr, &|e| match &e.kind {
        ExprKind::Arg(_) | ExprKind::SubPlan(_) => true,
        ExprKind::Call(call) => super::eval::functions::is_volatile(call.proc),
        _ => false,
    })
}

impl Node for JoinNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let left = Rows::new(self.left.clone().open(frame));
        Box::new(Join {
            node: self,
            frame: frame.clone(),
            left,
            table: None,
            row: None,
            unmatched: None,
            matched: Vec::new(),
            pace: frame.pace(),
            parts: Vec::new(),
            later: Later::new(frame),
        })
    }
}

impl JoinNode {
    /// The same join, with the left side held.
    fn swap(self) -> JoinNode {
        JoinNode {
            left: self.right,
            right: self.left,
            left_keys: self.right_keys,
            right_keys: self.left_keys,
            left_width: self.right_width,
            right_width: self.left_width,
            kept: Some(OnceLock::new()),
            ..self
        }
    }

    /// The two rows as they stand in the joined one.
    fn in_order<'a>(&self, left: &'a [Value], right: &'a [Value]) -> (&'a [Value], &'a [Value]) {
        if self.swapped { (right, left) } else { (left, right) }
    }

    async fn table(&self, frame: &Frame) -> Result<Arc<Table>> {
        if let Some(table) = self.kept.as_ref().and_then(OnceLock::get) {
            return Ok(table.clone());
        }
        let built = Arc::new(self.build(frame).await?);
        Ok(match &self.kept {
            Some(kept) => kept.get_or_init(|| built).clone(),
            None => built,
        })
    }

    async fn build(&self, frame: &Frame) -> Result<Table> {
        let mut reservation = frame.reserve("a hash join");
        let mut right = self.right.clone().open(frame);
        let rows = drain(&mut right, &mut reservation).await?;
        self.index(rows, reservation, frame).await
    }

    /// Whether the sides may be split into parts that are joined one after the other.
    fn may_spill(&self, frame: &Frame) -> bool {
        self.kept.is_none() && !self.right_keys.is_empty() && !frame.sync
    }

    /// The right side, or its parts when it is too large to be held.
    async fn build_or_spill(&self, frame: &Frame) -> Result<Built> {
        if !self.may_spill(frame) {
            return self.table(frame).await.map(Built::Held);
        }
        let mut reservation = frame.reserve("a hash join");
        let mut right = self.right.clone().open(frame);
        let (mut rows, mut pace, state) = (Batch::new(), frame.pace(), State::new());
        let mut may_spill = true;
        while let Some(batch) = right.next().await? {
            pace.rest();
            for row in &batch {
                reservation.grow_by_row(row)?;
            }
            may_spill = may_spill && batch.iter().all(|row| can_spill(row));
            rows.extend(batch);
            if !(may_spill && reservation.is_full()) {
                continue;
            }
            let Some(mut parts) = Parts::new(&state, 0) else { continue };
            drop(reservation);
            loop {
                for row in std::mem::take(&mut rows) {
                    pace.step().await?;
                    let key = eval_all(&self.right_keys, &frame.scope(&row))?;
                    parts.write(&self.types, &key, &row, frame)?;
                }
                let Some(batch) = right.next().await? else { break };
                if !batch.iter().all(|row| can_spill(row)) {
                    return Err(mixed());
                }
                rows = batch;
            }
            return Ok(Built::Split(parts.finish()?, state));
        }
        self.index(rows, reservation, frame).await.map(|table| Built::Held(Arc::new(table)))
    }

    /// The rows of the right side by their keys.
    async fn index(&self, rows: Batch, reservation: Reservation, frame: &Frame) -> Result<Table> {
        Table::new(rows, (&self.right_keys, &self.types), reservation, frame).await
    }

    fn keeps_left(&self) -> bool {
        matches!(self.kind, JoinKind::Left | JoinKind::Full)
    }

    fn keeps_right(&self) -> bool {
        matches!(self.kind, JoinKind::Right | JoinKind::Full)
    }
}

impl Table {
    /// Rows by keys of these types.
    pub(super) async fn new(
        rows: Batch,
        (ops, types): (&[Op], &[Oid]),
        mut reservation: Reservation,
        frame: &Frame,
    ) -> Result<Table> {
        if ops.is_empty() {
            return Ok(Table { rows, index: None, _reservation: reservation });
        }
        let mut pace = frame.pace();
        let (state, mut index) = (State::new(), HashIndex::default());
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            pace.step().await?;
            let key = eval_all(ops, &frame.scope(row))?;
            reservation.grow(HashIndex::ENTRY_BYTES + key.len() * size_of::<Value>())?;
            if key.iter().any(Value::is_null) {
                // NULL equals nothing; RIGHT and FULL still yield the row.
                index.push_hidden();
            } else {
                index.push(hash_row(&state, types, &key));
            }
            keys.push(key);
        }
        Ok(Table { rows, index: Some(Keyed { state, index, keys }), _reservation: reservation })
    }

    /// The first row that may match these keys.
    pub(super) fn first(&self, types: &[Oid], key: &[Value]) -> Option<usize> {
        match &self.index {
            None => (!self.rows.is_empty()).then_some(0),
            Some(_) if key.iter().any(Value::is_null) => None,
            Some(keyed) => keyed.index.first(hash_row(&keyed.state, types, key)),
        }
    }

    /// The next row that may match the keys that this one may match.
    pub(super) fn after(&self, at: usize) -> Option<usize> {
        match &self.index {
            None => (at + 1 < self.rows.len()).then_some(at + 1),
            Some(keyed) => keyed.index.after(at),
        }
    }

    /// Whether a row has these keys.
    pub(super) fn has_key(&self, types: &[Oid], at: usize, key: &[Value]) -> bool {
        match &self.index {
            None => true,
            Some(keyed) => keyed.keys.get(at).is_some_and(|other| same_row(types, key, other)),
        }
    }
}

struct Join {
    node: Arc<JoinNode>,
    frame: Frame,
    left: Rows,
    table: Option<Arc<Table>>,
    /// The left row under way.
    row: Option<LeftRow>,
    /// The next right row to be looked at for not having matched.
    unmatched: Option<usize>,
    matched: Vec<bool>,
    pace: Pace,
    /// The parts of both sides that are still to be joined.
    parts: Vec<(Option<Part>, Option<Part>)>,
    later: Later,
}

struct LeftRow {
    row: Vec<Value>,
    key: Vec<Value>,
    candidate: Option<usize>,
    matched: bool,
}

impl Join {
    /// Builds the right side while the left one makes its first rows.
    async fn start(&mut self) -> Result<Arc<Table>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        self.node.subqueries.prepare(&self.frame).await?;
        let (built, ()) = try_join(self.node.build_or_spill(&self.frame), self.left.fetch()).await?;
        let table = match built {
            Built::Held(table) => table,
            Built::Split(right, state) => {
                let left = self.split_left(&state).await?;
                self.parts = left.into_iter().zip(right).collect();
                self.next_part().await?
            }
        };
        self.set_table(&table);
        Ok(table)
    }

    fn set_table(&mut self, table: &Arc<Table>) {
        self.matched = if self.node.keeps_right() { vec![false; table.rows.len()] } else { Vec::new() };
        self.table = Some(table.clone());
        self.unmatched = None;
        self.pace.rest();
    }

    /// Splits the left side as the right one is.
    async fn split_left(&mut self, state: &State) -> Result<Vec<Option<Part>>> {
        let Some(mut parts) = Parts::new(state, 0) else { return Ok(Vec::new()) };
        while let Some(row) = self.left.next().await? {
            self.pace.step().await?;
            if !can_spill(&row) {
                return Err(mixed());
            }
            let key = eval_all(&self.node.left_keys, &self.frame.scope(&row))?;
            parts.write(&self.node.types, &key, &row, &self.frame)?;
        }
        parts.finish()
    }

    /// Begins with the next part of both sides; without one, with nothing.
    async fn next_part(&mut self) -> Result<Arc<Table>> {
        let (left, right) = self.parts.pop().unwrap_or_default();
        self.table = None;
        let operator =
            |part: Option<Part>| part.map_or_else(|| Box::new(Nothing) as BoxOperator, Part::into_operator);
        self.left = Rows::new(operator(left));
        let mut reservation = self.frame.reserve("a hash join");
        let rows = drain(&mut operator(right), &mut reservation).await?;
        Ok(Arc::new(self.node.index(rows, reservation, &self.frame).await?))
    }

    fn begin(&self, table: &Table, row: Vec<Value>) -> Result<LeftRow> {
        let key = eval_all(&self.node.left_keys, &self.frame.scope(&row))?;
        let candidate = table.first(&self.node.types, &key);
        Ok(LeftRow { row, key, candidate, matched: false })
    }

    /// Goes on with the left row under way; whether it is finished.
    async fn advance(&mut self, table: &Table, left: &mut LeftRow, batch: &mut Batch) -> Result<()> {
        while let Some(at) = left.candidate
            && batch.len() < BATCH
        {
            self.pace.step().await?;
            left.candidate = table.after(at);
            let Some(right) = table.rows.get(at) else { continue };
            if !table.has_key(&self.node.types, at, &left.key) {
                continue;
            }
            let (first, second) = self.node.in_order(&left.row, right);
            if let Some(condition) = &self.node.condition
                && !condition.is_true(&self.frame.scope2(first, second))?
            {
                continue;
            }
            left.matched = true;
            match self.node.kind {
                JoinKind::Semi | JoinKind::Anti => left.candidate = None,
                _ => {
                    if let Some(matched) = self.matched.get_mut(at) {
                        *matched = true;
                    }
                    batch.push(joined(first, second));
                }
            }
        }
        Ok(())
    }

    async fn unmatched(&mut self, table: &Table, batch: &mut Batch) -> Result<()> {
        let mut at = self.unmatched.unwrap_or(0);
        while batch.len() < BATCH
            && let Some(right) = table.rows.get(at)
        {
            self.pace.step().await?;
            if self.matched.get(at) == Some(&false) {
                let nulls = vec![Value::Null; self.node.left_width];
                batch.push(joined(&nulls, right));
            }
            at += 1;
        }
        self.unmatched = Some(at);
        Ok(())
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        loop {
            let table = self.start().await?;
            self.fill_from(&table, batch).await?;
            if !batch.is_empty() || self.parts.is_empty() {
                return Ok(());
            }
            drop(table);
            let table = self.next_part().await?;
            self.set_table(&table);
        }
    }

    async fn fill_from(&mut self, table: &Arc<Table>, batch: &mut Batch) -> Result<()> {
        if table.rows.is_empty() && !self.node.keeps_left() && self.node.kind != JoinKind::Anti {
            return Ok(());
        }
        while batch.len() < BATCH && self.unmatched.is_none() {
            let mut left = match self.row.take() {
                Some(left) => left,
                // What is there goes out before the next page is waited for.
                None if self.left.is_drained() && !batch.is_empty() => return Ok(()),
                None => match self.left.next().await? {
                    Some(row) => self.begin(table, row)?,
                    None => break,
                },
            };
            self.pace.step().await?;
            self.advance(table, &mut left, batch).await?;
            if left.candidate.is_some() {
                self.row = Some(left);
            } else {
                finish_left(self.node.kind, left.row, left.matched, self.node.right_width, batch);
            }
        }
        if batch.len() < BATCH && self.node.keeps_right() {
            self.unmatched(table, batch).await?;
        }
        Ok(())
    }
}

/// Some rows are in files already, and this one can't be.
fn mixed() -> pg::Error {
    pg::Error::refused("a join of so many rows with arrays or composites")
}

/// No rows.
struct Nothing;

impl Operator for Nothing {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

fn joined(left: &[Value], right: &[Value]) -> Vec<Value> {
    let mut row = Vec::with_capacity(left.len() + right.len());
    row.extend_from_slice(left);
    row.extend_from_slice(right);
    row
}

impl Operator for Join {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            self.later.due()?;
            let mut batch = Batch::new();
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}
