//! Joins one after the other whose right sides are relations of the catalog, or made of them: each row is held in parts, one
//! of each relation, and nothing is copied before the last join has been passed. Views of the catalog join a dozen
//! relations.
//!
//! EXPLAIN ANALYZE, which wants to know what each join did, runs them as operators of their own.

mod compile;
mod group;
mod step;

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use pg::{Result, Value};

use super::compile::Subqueries;
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::later::Later;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::remote::Batch;

pub(super) use compile::compile;
use step::{Cursor, Step, Table};

struct ChainNode {
    /// Where the first part of each row comes from.
    source: BoxNode,
    steps: Vec<Step>,
    /// What must hold in the end.
    filter: Option<Op>,
    /// The row that is made of the parts.
    output: Vec<Op>,
    subqueries: Subqueries,
}

impl Node for ChainNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let source = self.source.clone().open(frame);
        Box::new(Chain {
            node: self,
            frame: frame.clone(),
            source,
            tables: Tables::new(),
            started: false,
            rows: Batch::new(),
            at: 0,
            levels: Vec::new(),
            pace: frame.pace(),
            later: Later::new(frame),
        })
    }
}

/// What steps find their rows in, made when the first row comes to them.
type Tables = Vec<OnceLock<Table>>;

struct Chain {
    node: Arc<ChainNode>,
    frame: Frame,
    source: BoxOperator,
    /// What the steps find their rows in.
    tables: Tables,
    started: bool,
    /// Rows of the source, and the one after the one under way.
    rows: Batch,
    at: usize,
    /// How far each join has come for the row under way; those behind the last one have not begun.
    levels: Vec<Cursor>,
    pace: Pace,
    later: Later,
}

impl Chain {
    async fn start(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.started, true) {
            return Ok(());
        }
        self.node.subqueries.prepare(&self.frame).await?;
        self.tables.resize_with(self.node.steps.len(), OnceLock::new);
        Ok(())
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        self.start().await?;
        while batch.len() < BATCH {
            if self.levels.is_empty() && self.at >= self.rows.len() {
                if !batch.is_empty() {
                    // What is there goes out before the next page is waited for.
                    return Ok(());
                }
                let Some(rows) = self.source.next().await? else { return Ok(()) };
                (self.rows, self.at) = (rows, 0);
                self.pace.rest();
            }
            let rows = std::mem::take(&mut self.rows);
            let done = self.join(&rows, batch).await;
            self.rows = rows;
            done?;
        }
        Ok(())
    }

    /// Goes on with the rows of the source until they or the batch are at an end.
    async fn join(&mut self, rows: &[Vec<Value>], batch: &mut Batch) -> Result<()> {
        let Chain { node, frame, tables, at, levels, pace, .. } = self;
        // The parts as they were.
        let mut parts: Vec<&[Value]> = Vec::with_capacity(node.steps.len() + 1);
        if !levels.is_empty() {
            parts.extend(rows.get(at.wrapping_sub(1)).map(Vec::as_slice));
            for (level, table) in levels.iter().zip(tables.iter()) {
                parts.push(table.get().map_or(&[], |table| level.part(table)));
            }
        }
        while batch.len() < BATCH {
            pace.step().await?;
            let Some(level) = levels.len().checked_sub(1) else {
                let Some(row) = rows.get(*at) else { return Ok(()) };
                *at += 1;
                parts.clear();
                parts.push(row);
                levels.extend(node.begin(0, tables, &parts, frame).await?);
                continue;
            };
            let (Some(step), Some(cursor)) = (node.steps.get(level), levels.last_mut()) else {
                return Ok(());
            };
            parts.truncate(level + 1);
            let table = tables.get(level).and_then(OnceLock::get);
            if let Some(table) = table
                && step.advance(cursor, table, &mut parts, frame, pace).await?
            {
                if let Some(first) = step.closes.and_then(|back| levels.get_mut(level - back)) {
                    first.filled = true;
                }
            } else if step.opens > 0 && !std::mem::replace(&mut cursor.filled, true) {
                parts.resize(parts.len() + step.opens, &[]);
                levels.resize_with(level + step.opens, Cursor::absent);
            } else {
                levels.pop();
                continue;
            }
            match node.begin(levels.len(), tables, &parts, frame).await? {
                Some(next) => levels.push(next),
                None => batch.extend(node.row(&parts, frame)?),
            }
        }
        Ok(())
    }
}

impl ChainNode {
    /// Begins with a join; nothing when there is none any more.
    async fn begin(
        &self,
        level: usize,
        tables: &[OnceLock<Table>],
        parts: &[&[Value]],
        frame: &Frame,
    ) -> Result<Option<Cursor>> {
        let (Some(step), Some(known)) = (self.steps.get(level), tables.get(level)) else { return Ok(None) };
        let table = match known.get() {
            Some(table) => table,
            None => {
                let table = step.table(frame).await?;
                known.get_or_init(|| table)
            }
        };
        step.begin(table, &frame.scope_of(parts)).map(Some)
    }

    /// The row, if it is wanted.
    fn row(&self, parts: &[&[Value]], frame: &Frame) -> Result<Option<Vec<Value>>> {
        let scope = frame.scope_of(parts);
        match &self.filter {
            Some(filter) if !filter.is_true(&scope)? => Ok(None),
            _ => eval_all(&self.output, &scope).map(Some),
        }
    }
}

impl Operator for Chain {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            let mut batch = Batch::new();
            self.later.due()?;
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}
