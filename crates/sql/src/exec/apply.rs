//! LATERAL: the right side is opened for each left row, with values of it as arguments.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::{Rows, finish_left};
use super::compile::{Compiler, Place, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::later::Later;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::query::{Expr, JoinKind};
use crate::remote::Batch;

struct ApplyNode {
    kind: JoinKind,
    left: BoxNode,
    right: BoxNode,
    args: Vec<Op>,
    condition: Option<Op>,
    right_width: usize,
    subqueries: Subqueries,
}

/// Compiles an apply.
pub(super) fn compile(
    compiler: &mut Compiler,
    kind: JoinKind,
    (left, right): (&Plan, &Plan),
    args: &[Expr],
    condition: Option<&Expr>,
) -> Result<BoxNode> {
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        return Err(Error::internal("the right side of an apply can't be kept"));
    }
    let right_width = compiler.columns(right).len();
    let left = compiler.plan(left)?;
    let ((args, condition), subqueries) =
        compiler.over(|c| Ok((c.exprs(args)?, condition.map(|condition| c.expr(condition)).transpose()?)))?;
    let (right, _) = compiler.framed(Place::Again, |c| c.plan(right))?;
    Ok(Arc::new(ApplyNode { kind, left, right, args, condition, right_width, subqueries }))
}

impl Node for ApplyNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let left = Rows::new(self.left.clone().open(frame));
        let (frame, pace) = (frame.clone(), frame.pace());
        let later = Later::new(&frame);
        Box::new(Apply { node: self, frame, left, current: None, pace, started: false, later })
    }
}

struct Apply {
    node: Arc<ApplyNode>,
    frame: Frame,
    left: Rows,
    current: Option<Current>,
    pace: Pace,
    started: bool,
    later: Later,
}

struct Current {
    row: Vec<Value>,
    right: Rows,
    matched: bool,
}

impl Apply {
    fn begin(&self, row: Vec<Value>) -> Result<Current> {
        let args = eval_all(&self.node.args, &self.frame.scope(&row))?;
        let right = Rows::new(self.node.right.clone().open(&self.frame.with_args(args.into())));
        Ok(Current { row, right, matched: false })
    }

    /// Takes the next right row; none when the left row is finished.
    async fn advance(&mut self, current: &mut Current, batch: &mut Batch) -> Result<bool> {
        let Some(right) = current.right.next().await? else { return Ok(false) };
        if let Some(condition) = &self.node.condition
            && !condition.is_true(&self.frame.scope2(&current.row, &right))?
        {
            return Ok(true);
        }
        current.matched = true;
        match self.node.kind {
            JoinKind::Semi | JoinKind::Anti => Ok(false),
            _ => {
                let mut row = Vec::with_capacity(current.row.len() + right.len());
                row.extend_from_slice(&current.row);
                row.extend(right);
                batch.push(row);
                Ok(true)
            }
        }
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        if !std::mem::replace(&mut self.started, true) {
            self.node.subqueries.prepare(&self.frame).await?;
        }
        while batch.len() < BATCH {
            self.pace.step().await?;
            let mut current = match self.current.take() {
                Some(current) => current,
                // What is there goes out before the next page is waited for.
                None if self.left.is_drained() && !batch.is_empty() => return Ok(()),
                None => match self.left.next().await? {
                    Some(row) => self.begin(row)?,
                    None => break,
                },
            };
            if self.advance(&mut current, batch).await? {
                self.current = Some(current);
            } else {
                finish_left(self.node.kind, current.row, current.matched, self.node.right_width, batch);
            }
        }
        Ok(())
    }
}

impl Operator for Apply {
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
