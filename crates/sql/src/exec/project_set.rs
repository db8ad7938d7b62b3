//! Set-returning functions in a select list: for each row as many rows as the longest set, NULL where another is
//! shorter (`nodeProjectSet.c`). Sets within arguments of sets are a level of their own below; all sets of one level
//! run side by side (`split_pathtarget_at_srfs`).

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Oid, Result, Value, catalog};

use super::batch::Rows;
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::later::Later;
use super::sets::{SetCall, SetRows, side_by_side};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Expr, ExprKind};
use crate::remote::Batch;
use crate::walk;

struct ProjectSetNode {
    input: BoxNode,
    /// The calls of each level, innermost first: over the input's row followed by the values of the levels below.
    levels: Vec<Vec<Set>>,
    /// The new row, over the input's row followed by the values of all levels.
    exprs: Vec<Op>,
    subqueries: Subqueries,
}

struct Set {
    call: SetCall,
    columns: Vec<(Arc<str>, Oid)>,
}

/// Compiles it.
pub(super) fn compile(compiler: &mut Compiler, input: &Plan, exprs: &[Expr]) -> Result<BoxNode> {
    let width = compiler.columns(input).len();
    let input = compiler.plan(input)?;
    let (exprs, levels) = split(width, exprs);
    let ((exprs, levels), subqueries) = compiler.over(|c| {
        let mut compiled = Vec::with_capacity(levels.len());
        for level in &levels {
            let level = level
                .iter()
                .map(|expr| Ok(Set { call: SetCall::compile(c, expr, 1)?, columns: output_columns(expr) }));
            compiled.push(level.collect::<Result<Vec<_>>>()?);
        }
        Ok((c.exprs(&exprs)?, compiled))
    })?;
    Ok(Arc::new(ProjectSetNode { input, levels, exprs, subqueries }))
}

fn output_columns(expr: &Expr) -> Vec<(Arc<str>, Oid)> {
    let ExprKind::Call(call) = &expr.kind else { return Vec::new() };
    let Some(row) = catalog::proc_by_oid(call.proc) else { return Vec::new() };
    row.outputs().into_iter().map(|(name, ty)| (name.into(), ty)).collect()
}

/// Takes the sets out of expressions: each becomes a slot behind the input's, level by level.
fn split(width: usize, exprs: &[Expr]) -> (Vec<Expr>, Vec<Vec<Expr>>) {
    let mut exprs = exprs.to_vec();
    let mut levels = Vec::new();
    let mut next = width;
    loop {
        let mut level = Vec::new();
        exprs.iter_mut().for_each(|expr| take_innermost(expr, &mut next, &mut level));
        if level.is_empty() {
            return (exprs, levels);
        }
        levels.push(level);
    }
}

fn take_innermost(expr: &mut Expr, next: &mut usize, level: &mut Vec<Expr>) {
    if is_set(expr) && !inner_set(expr) {
        let slot = Expr { kind: ExprKind::Slot(*next), ..expr.clone() };
        *next += 1;
        level.push(std::mem::replace(expr, slot));
        return;
    }
    walk::for_each_child_mut(expr, &mut |child| take_innermost(child, next, level));
}

fn is_set(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if call.retset)
}

fn inner_set(expr: &Expr) -> bool {
    let mut found = false;
    walk::for_each_child(expr, &mut |child| found = found || walk::any(child, &is_set));
    found
}

impl Node for ProjectSetNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = Rows::new(self.input.clone().open(frame));
        let stack = Vec::new();
        let (frame, pace) = (frame.clone(), frame.pace());
        let later = Later::new(&frame);
        Box::new(ProjectSet { node: self, frame, input, stack, pace, started: false, later })
    }
}

struct ProjectSet {
    node: Arc<ProjectSetNode>,
    frame: Frame,
    input: Rows,
    /// For each level under way, the row below it and its sets.
    stack: Vec<Level>,
    pace: Pace,
    started: bool,
    later: Later,
}

struct Level {
    row: Vec<Value>,
    sets: Vec<SetRows>,
}

impl Level {
    fn next(&mut self, calls: &[Set]) -> Result<Option<Vec<Value>>> {
        let Some(made) = side_by_side(&mut self.sets)? else { return Ok(None) };
        let mut row = self.row.clone();
        for (set, made) in calls.iter().zip(made) {
            row.push(made.map(|made| set.call.gather(made, &set.columns)).unwrap_or_default());
        }
        Ok(Some(row))
    }
}

/// The calls of the level under way, the `depth`th.
fn calls_below(node: &ProjectSetNode, depth: usize) -> &[Set] {
    node.levels.get(depth.wrapping_sub(1)).map(Vec::as_slice).unwrap_or_default()
}

impl ProjectSet {
    fn start_level(&mut self, row: Vec<Value>) -> Result<()> {
        let calls = self.node.levels.get(self.stack.len()).map(Vec::as_slice).unwrap_or_default();
        let scope = self.frame.scope(&row);
        let sets = calls.iter().map(|set| set.call.rows(&scope)).collect::<Result<Vec<_>>>()?;
        self.stack.push(Level { row, sets });
        Ok(())
    }

    /// The next row with the values of all levels.
    async fn row(&mut self) -> Result<Option<Vec<Value>>> {
        loop {
            self.pace.step().await?;
            let depth = self.stack.len();
            let row = match self.stack.last_mut() {
                None => match self.input.next().await? {
                    None => return Ok(None),
                    Some(row) => Some(row),
                },
                Some(level) => level.next(calls_below(&self.node, depth))?,
            };
            match row {
                None => {
                    self.stack.pop();
                }
                Some(row) if self.stack.len() == self.node.levels.len() => return Ok(Some(row)),
                Some(row) => self.start_level(row)?,
            }
        }
    }
}

impl ProjectSet {
    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        // What is there goes out before the next page is waited for.
        let waits = |this: &ProjectSet| this.stack.is_empty() && this.input.is_drained();
        while batch.len() < BATCH
            && (batch.is_empty() || !waits(self))
            && let Some(row) = self.row().await?
        {
            batch.push(eval_all(&self.node.exprs, &self.frame.scope(&row))?);
        }
        Ok(())
    }
}

impl Operator for ProjectSet {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            self.later.due()?;
            let mut batch = Batch::new();
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}
