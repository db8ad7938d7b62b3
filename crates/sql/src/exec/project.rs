//! Rows made anew, and rows left out.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Result, Value};

use super::compile::{Compiler, Subqueries, rows_of};
use super::cte::CteScanNode;
use super::eval::Op;
use super::frame::{Frame, Pace};
use super::later::Later;
use super::scan::CatalogNode;
use super::stream::{BoxNode, BoxOperator, Node, Operator};
use super::{index, lookup};
use crate::plan::Plan;
use crate::query::{Expr, ExprKind};
use crate::remote::Batch;
use crate::walk;

/// Compiles a filter: into the scan of the catalog or of a common table expression below it, into look-ups when
/// it runs again and again, or as one.
pub(super) fn filter(compiler: &mut Compiler, input: &Plan, condition: &Expr) -> Result<BoxNode> {
    if let Plan::Catalog { relation, columns } = input
        && let Some(node) = lookup::filter(compiler, (relation, columns), condition)?
    {
        return Ok(node);
    }
    if let Some(node) = index::compile(compiler, input, condition)? {
        return Ok(node);
    }
    if let Plan::Catalog { relation, columns } = input {
        let outer = compiler.slots.replace(rows_of(columns));
        let condition = compiler.over(|c| c.expr(condition));
        compiler.slots = outer;
        return Ok(CatalogNode::compile(relation, columns, Some(condition?)));
    }
    // Operators that are watched stay apart.
    if let Plan::CteScan { id, columns: Some(columns) } = input
        && compiler.run.observer.is_none()
    {
        compiler.facts.ctes.insert(*id);
        let outer = compiler.slots.replace(rows_of(columns));
        let condition = compiler.over(|c| c.expr(condition));
        compiler.slots = outer;
        return Ok(CteScanNode::compile(*id, Some(columns), Some(condition?)));
    }
    let input = compiler.plan(input)?;
    let (condition, subqueries) = compiler.over(|c| c.expr(condition))?;
    Ok(Arc::new(FilterNode { input, condition, subqueries }))
}

struct FilterNode {
    input: BoxNode,
    condition: Op,
    subqueries: Subqueries,
}

impl Node for FilterNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = self.input.clone().open(frame);
        let later = Later::new(frame);
        Box::new(Filter {
            node: self,
            frame: frame.clone(),
            input,
            pace: frame.pace(),
            started: false,
            later,
        })
    }
}

struct Filter {
    node: Arc<FilterNode>,
    frame: Frame,
    input: BoxOperator,
    pace: Pace,
    started: bool,
    later: Later,
}

impl Filter {
    /// Adds the rows that stay.
    async fn sift(&mut self, batch: Batch, kept: &mut Batch) -> Result<()> {
        for row in batch {
            self.pace.step().await?;
            if self.node.condition.is_true(&self.frame.scope(&row))? {
                kept.push(row);
            }
        }
        Ok(())
    }
}

impl Operator for Filter {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            self.later.due()?;
            while let Some(batch) = self.input.next().await? {
                self.pace.rest();
                let mut kept = Batch::new();
                let end = self.sift(batch, &mut kept).await;
                if end.is_err() || !kept.is_empty() {
                    return self.later.rows(kept, end);
                }
            }
            Ok(None)
        }
        .boxed()
    }
}

/// Each row made anew.
pub(super) struct ProjectNode {
    input: BoxNode,
    columns: Vec<Column>,
    subqueries: Subqueries,
}

/// A column of the new row.
enum Column {
    /// A place of the old row that nothing else needs: moved.
    Take(usize),
    /// Anything else, evaluated before places are moved.
    Compute(Op),
}

impl ProjectNode {
    pub(super) fn compile(compiler: &mut Compiler, input: &Plan, exprs: &[Expr]) -> Result<BoxNode> {
        let input = compiler.plan(input)?;
        let (ops, subqueries) = compiler.over(|c| c.exprs(exprs))?;
        let uses = uses(exprs);
        let alone = |op: &Op| match op {
            Op::Slot(at) => uses.get(*at).is_some_and(|count| *count == 1).then_some(*at),
            _ => None,
        };
        let columns =
            ops.into_iter().map(|op| alone(&op).map_or(Column::Compute(op), Column::Take)).collect();
        Ok(Arc::new(ProjectNode { input, columns, subqueries }))
    }

    fn row(&self, mut row: Vec<Value>, frame: &Frame) -> Result<Vec<Value>> {
        let mut new = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            new.push(match column {
                Column::Take(_) => Value::Null,
                Column::Compute(op) => op.eval(&frame.scope(&row))?,
            });
        }
        for (column, value) in self.columns.iter().zip(&mut new) {
            if let Column::Take(at) = column {
                *value = row.get_mut(*at).map(std::mem::take).unwrap_or_default();
            }
        }
        Ok(new)
    }
}

/// How often each place of the row is used.
fn uses(exprs: &[Expr]) -> Vec<usize> {
    let mut uses = Vec::new();
    for expr in exprs {
        walk::visit(expr, &mut |inner| {
            if let ExprKind::Slot(at) = inner.kind {
                if uses.len() <= at {
                    uses.resize(at + 1, 0);
                }
                if let Some(count) = uses.get_mut(at) {
                    *count += 1;
                }
            }
            true
        });
    }
    uses
}

impl Node for ProjectNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = self.input.clone().open(frame);
        let later = Later::new(frame);
        Box::new(Project {
            node: self,
            frame: frame.clone(),
            input,
            pace: frame.pace(),
            started: false,
            later,
        })
    }
}

struct Project {
    node: Arc<ProjectNode>,
    frame: Frame,
    input: BoxOperator,
    pace: Pace,
    started: bool,
    later: Later,
}

impl Project {
    /// Makes the rows of a batch anew; says how many it has made.
    async fn make(&mut self, batch: &mut Batch, made: &mut usize) -> Result<()> {
        for row in batch {
            self.pace.step().await?;
            *row = self.node.row(std::mem::take(row), &self.frame)?;
            *made += 1;
        }
        Ok(())
    }
}

impl Operator for Project {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            self.later.due()?;
            let Some(mut batch) = self.input.next().await? else { return Ok(None) };
            self.pace.rest();
            let mut made = 0;
            let end = self.make(&mut batch, &mut made).await;
            batch.truncate(made);
            self.later.rows(batch, end)
        }
        .boxed()
    }
}
