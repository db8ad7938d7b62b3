//! `WITH`: common table expressions, computed once, as far as they are asked for.

use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use futures::lock::Mutex;
use pg::{Error, Result, SqlState};

use super::compile::{Compiler, Facts, Place};
use super::frame::Frame;
use super::hold::next_slice;
use super::memory::Reservation;
use super::recursive;
use super::stream::{BoxNode, BoxOperator, Node, Operator};
use crate::plan::{CtePlan, Plan};
use crate::remote::Batch;

/// The common table expressions in sight: one, and those around it.
pub(super) struct CteScope {
    id: usize,
    rows: CteRows,
    parent: Option<Arc<CteScope>>,
}

enum CteRows {
    Cell(Arc<CteCell>),
    /// The last round of a recursive one.
    Working(Arc<Batch>),
}

/// The rows of one, as far as they were made.
pub(super) struct CteCell {
    progress: Mutex<Progress>,
    /// All rows, once they are there: no lock is needed then.
    complete: OnceLock<Arc<Batch>>,
}

struct Progress {
    source: Option<BoxOperator>,
    rows: Batch,
    reservation: Reservation,
}

impl CteScope {
    /// One more in sight.
    fn push(id: usize, rows: CteRows, parent: Option<Arc<CteScope>>) -> Option<Arc<CteScope>> {
        Some(Arc::new(CteScope { id, rows, parent }))
    }

    /// A recursive one, seen from inside: the rows of the last round.
    pub(super) fn working(
        id: usize,
        rows: Arc<Batch>,
        parent: Option<Arc<CteScope>>,
    ) -> Option<Arc<CteScope>> {
        CteScope::push(id, CteRows::Working(rows), parent)
    }

    fn entry(mut scope: &Option<Arc<CteScope>>, id: usize) -> Option<&CteRows> {
        while let Some(here) = scope {
            if here.id == id {
                return Some(&here.rows);
            }
            scope = &here.parent;
        }
        None
    }

    /// The one of a number, if it is in sight and has rows to be made.
    pub(super) fn find(scope: &Option<Arc<CteScope>>, id: usize) -> Option<Arc<CteCell>> {
        match CteScope::entry(scope, id) {
            Some(CteRows::Cell(cell)) => Some(cell.clone()),
            _ => None,
        }
    }
}

impl CteCell {
    fn new(node: &BoxNode, frame: &Frame) -> Arc<CteCell> {
        let source = Some(node.clone().open(frame));
        let reservation = frame.reserve("WITH");
        let progress = Mutex::new(Progress { source, rows: Batch::new(), reservation });
        Arc::new(CteCell { progress, complete: OnceLock::new() })
    }

    /// Makes all rows.
    pub(super) async fn fill(&self) -> Result<()> {
        if self.complete.get().is_none() {
            let mut progress = self.progress.lock().await;
            while progress.pull().await? {}
            self.finish(&mut progress);
        }
        Ok(())
    }

    fn finish(&self, progress: &mut Progress) {
        if progress.source.is_none() {
            // Somebody else may have been faster.
            let _ = self.complete.set(Arc::new(std::mem::take(&mut progress.rows)));
        }
    }

    /// The rows from a place on, made now if need be.
    async fn read(&self, at: &mut usize) -> Result<Option<Batch>> {
        loop {
            if let Some(rows) = self.complete.get() {
                return Ok(next_slice(rows, at));
            }
            let mut progress = self.progress.lock().await;
            if let Some(batch) = next_slice(&progress.rows, at) {
                return Ok(Some(batch));
            }
            if !progress.pull().await? {
                self.finish(&mut progress);
            }
        }
    }
}

impl Progress {
    /// Makes some more rows; whether there were any.
    async fn pull(&mut self) -> Result<bool> {
        let Some(source) = &mut self.source else { return Ok(false) };
        match source.next().await? {
            None => {
                self.source = None;
                Ok(false)
            }
            Some(batch) => {
                for row in &batch {
                    self.reservation.grow_by_row(row)?;
                }
                self.rows.extend(batch);
                Ok(true)
            }
        }
    }
}

struct WithNode {
    /// Each sees those before it.
    ctes: Vec<(usize, BoxNode)>,
    input: BoxNode,
}

/// Compiles `WITH`.
pub(super) fn with(compiler: &mut Compiler, ctes: &[CtePlan], input: &Plan) -> Result<BoxNode> {
    // Twice, for those that refer to later ones.
    for _ in 0..2 {
        for cte in ctes {
            let types = compiler.columns(&cte.plan);
            compiler.cte_types.insert(cte.id, types);
        }
    }
    if compiler.place != Place::Once {
        compiler.changing_ctes.extend(ctes.iter().map(|cte| cte.id));
    }
    let mut compiled = Vec::with_capacity(ctes.len());
    for cte in ctes {
        let (node, facts) = compiler.scoped(|c| definition(c, cte))?;
        compiled.push((cte.id, node, facts));
    }
    let input = compiler.plan(input)?;
    for cte in ctes {
        compiler.facts.ctes.remove(&cte.id);
    }
    Ok(Arc::new(WithNode { ctes: in_order(compiled)?, input }))
}

fn definition(compiler: &mut Compiler, cte: &CtePlan) -> Result<BoxNode> {
    match &cte.recursive {
        None => compiler.plan(&cte.plan),
        Some((term, all)) => recursive::compile(compiler, cte.id, &cte.plan, term, *all),
    }
}

/// Each behind those that it refers to (`checkWellFormedRecursion` and `TopologicalSort`).
fn in_order(mut ctes: Vec<(usize, BoxNode, Facts)>) -> Result<Vec<(usize, BoxNode)>> {
    let mut ordered = Vec::with_capacity(ctes.len());
    while !ctes.is_empty() {
        let pending: Vec<usize> = ctes.iter().map(|(id, ..)| *id).collect();
        let ready = ctes.iter().position(|(_, _, facts)| !pending.iter().any(|id| facts.ctes.contains(id)));
        let Some(ready) = ready else {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "mutual recursion between WITH items is not implemented",
            ));
        };
        let (id, node, _) = ctes.remove(ready);
        ordered.push((id, node));
    }
    Ok(ordered)
}

impl Node for WithNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        // Each is opened within what is before it: no cell holds itself, and dropping the stream drops them all.
        let mut frame = frame.clone();
        for (id, node) in &self.ctes {
            let cell = CteCell::new(node, &frame);
            frame = frame.with_ctes(CteScope::push(*id, CteRows::Cell(cell), frame.ctes.clone()));
        }
        self.input.clone().open(&frame)
    }
}

/// A reference to a common table expression.
pub(super) fn scan(id: usize) -> BoxNode {
    Arc::new(CteScanNode(id))
}

struct CteScanNode(usize);

impl Node for CteScanNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(CteScan { id: self.0, frame: frame.clone(), at: 0 })
    }
}

struct CteScan {
    id: usize,
    frame: Frame,
    at: usize,
}

impl Operator for CteScan {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            match CteScope::entry(&self.frame.ctes, self.id) {
                None => Err(Error::internal(format!("WITH has no item {}", self.id))),
                Some(CteRows::Cell(cell)) => cell.read(&mut self.at).await,
                Some(CteRows::Working(rows)) => Ok(next_slice(rows, &mut self.at)),
            }
        }
        .boxed()
    }
}
