//! `WITH RECURSIVE` (`nodeRecursiveunion.c`): the non-recursive term, then the recursive one over the rows of the
//! round before, until a round yields none.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Oid, Result, Value};

use super::compile::{Compiler, Place};
use super::cte::CteScope;
use super::frame::{Frame, Pace};
use super::key::{HashIndex, RowSet};
use super::memory::{Reservation, row_bytes};
use super::stream::{BoxNode, BoxOperator, Node, Operator};
use crate::plan::Plan;
use crate::remote::Batch;

struct RecursiveNode {
    id: usize,
    start: BoxNode,
    term: BoxNode,
    /// `UNION`: what was there is not yielded again.
    distinct: bool,
    types: Vec<Oid>,
}

/// Compiles a recursive common table expression.
pub(super) fn compile(
    compiler: &mut Compiler,
    id: usize,
    start: &Plan,
    term: &Plan,
    all: bool,
) -> Result<BoxNode> {
    let types = compiler.columns(start);
    let start = compiler.plan(start)?;
    let changing = compiler.changing_ctes.insert(id);
    let before = compiler.place;
    compiler.place = before.max(Place::Again);
    let term = compiler.scoped(|c| c.plan(term));
    compiler.place = before;
    if changing {
        compiler.changing_ctes.remove(&id);
    }
    let (term, _) = term?;
    compiler.facts.ctes.remove(&id);
    Ok(Arc::new(RecursiveNode { id, start, term, distinct: !all, types }))
}

impl Node for RecursiveNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Recursive {
            current: Some(self.start.clone().open(frame)),
            node: self,
            frame: frame.clone(),
            seen: RowSet::default(),
            seen_reservation: frame.reserve("WITH RECURSIVE"),
            round: Batch::new(),
            round_reservation: frame.reserve("a round of WITH RECURSIVE"),
            pace: frame.pace(),
        })
    }
}

struct Recursive {
    node: Arc<RecursiveNode>,
    frame: Frame,
    /// The term under way.
    current: Option<BoxOperator>,
    seen: RowSet,
    seen_reservation: Reservation,
    /// What this round has yielded so far.
    round: Batch,
    round_reservation: Reservation,
    pace: Pace,
}

impl Recursive {
    fn is_new(&mut self, row: &[Value]) -> Result<bool> {
        if !self.node.distinct {
            return Ok(true);
        }
        if self.seen.find(&self.node.types, row).is_some() {
            return Ok(false);
        }
        self.seen_reservation.grow(row_bytes(row) + HashIndex::ENTRY_BYTES)?;
        self.seen.insert(&self.node.types, row.to_vec());
        Ok(true)
    }

    /// Starts the next round over the rows of the last.
    fn turn(&mut self) {
        let rows = std::mem::take(&mut self.round);
        self.round_reservation = self.frame.reserve("a round of WITH RECURSIVE");
        self.current = (!rows.is_empty()).then(|| {
            let ctes = CteScope::working(self.node.id, Arc::new(rows), self.frame.ctes.clone());
            self.node.term.clone().open(&self.frame.with_ctes(ctes))
        });
    }
}

impl Operator for Recursive {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            loop {
                self.pace.step().await?;
                let Some(current) = &mut self.current else { return Ok(None) };
                let Some(batch) = current.next().await? else {
                    self.turn();
                    continue;
                };
                let mut new = Batch::new();
                for row in batch {
                    self.pace.step().await?;
                    if self.is_new(&row)? {
                        self.round_reservation.grow_by_row(&row)?;
                        self.round.push(row.clone());
                        new.push(row);
                    }
                }
                if !new.is_empty() {
                    return Ok(Some(new));
                }
            }
        }
        .boxed()
    }
}
