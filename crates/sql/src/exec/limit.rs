//! `LIMIT`, `OFFSET`, `WITH TIES` (`nodeLimit.c`).

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, SqlState, Value};

use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::compare_keys;
use super::sort::SortKeys;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::{Plan, SortBy};
use crate::query::Expr;
use crate::remote::Batch;

struct LimitNode {
    input: BoxNode,
    limit: Option<Op>,
    offset: Option<Op>,
    ties: Option<SortKeys>,
    subqueries: Subqueries,
}

/// Compiles it.
pub(super) fn compile(
    compiler: &mut Compiler,
    input: &Plan,
    limit: Option<&Expr>,
    offset: Option<&Expr>,
    ties: Option<&[SortBy]>,
) -> Result<BoxNode> {
    let input = compiler.plan(input)?;
    let ((limit, offset, ties), subqueries) = compiler.over(|c| {
        let limit = limit.map(|limit| c.expr(limit)).transpose()?;
        let offset = offset.map(|offset| c.expr(offset)).transpose()?;
        Ok((limit, offset, ties.map(|keys| SortKeys::compile(c, keys)).transpose()?))
    })?;
    Ok(Arc::new(LimitNode { input, limit, offset, ties, subqueries }))
}

impl Node for LimitNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = Some(Rows::new(self.input.clone().open(frame)));
        let (frame, pace) = (frame.clone(), frame.pace());
        Box::new(Limit { node: self, frame, input, left: None, started: false, tie: None, pace })
    }
}

struct Limit {
    node: Arc<LimitNode>,
    frame: Frame,
    /// None as soon as no more is wanted: what is below stops.
    input: Option<Rows>,
    /// So many rows are still wanted; `None`: all.
    left: Option<u64>,
    started: bool,
    /// The keys of the last row within the limit.
    tie: Option<Vec<Value>>,
    pace: Pace,
}

fn count(op: Option<&Op>, frame: &Frame, negative: impl FnOnce() -> Error) -> Result<Option<u64>> {
    let Some(op) = op else { return Ok(None) };
    match op.eval(&frame.scope(&[]))? {
        Value::Null => Ok(None),
        value => match value.as_i64() {
            Some(count) => u64::try_from(count).map(Some).map_err(|_| negative()),
            None => Err(Error::internal("a limit that is no number")),
        },
    }
}

impl Limit {
    async fn start(&mut self) -> Result<()> {
        self.node.subqueries.prepare(&self.frame).await?;
        // PostgreSQL looks at the offset first.
        let offset = count(self.node.offset.as_ref(), &self.frame, || {
            Error::new(SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative")
        })?;
        self.left = count(self.node.limit.as_ref(), &self.frame, || {
            Error::new(SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative")
        })?;
        if self.left == Some(0) {
            self.input = None;
            return Ok(());
        }
        let Some(input) = &mut self.input else { return Ok(()) };
        for _ in 0..offset.unwrap_or(0) {
            self.pace.step().await?;
            if input.next().await?.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn row(&mut self) -> Result<Option<Vec<Value>>> {
        let Some(input) = &mut self.input else { return Ok(None) };
        let Some(row) = input.next().await? else {
            self.input = None;
            return Ok(None);
        };
        let keys = |ties: &SortKeys| eval_all(&ties.ops, &self.frame.scope(&row));
        match (&mut self.left, &self.node.ties) {
            (None, _) => {}
            (Some(0), Some(ties)) => {
                let keys = keys(ties)?;
                let same =
                    self.tie.as_ref().is_some_and(|tie| compare_keys(&ties.orders, tie, &keys).is_eq());
                if !same {
                    self.input = None;
                    return Ok(None);
                }
            }
            (Some(left), ties) => {
                *left = left.saturating_sub(1);
                match ties {
                    Some(ties) if *left == 0 => self.tie = Some(keys(ties)?),
                    None if *left == 0 => self.input = None,
                    _ => {}
                }
            }
        }
        Ok(Some(row))
    }
}

impl Operator for Limit {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.start().await?;
            }
            let mut batch = Batch::new();
            while batch.len() < BATCH
                && let Some(row) = self.row().await?
            {
                self.pace.step().await?;
                batch.push(row);
                // What is there goes out before the next page is waited for.
                if self.input.as_ref().is_some_and(Rows::is_drained) {
                    break;
                }
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
