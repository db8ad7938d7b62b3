//! `WITH`: common table expressions, computed once, as far as they are asked for, by whoever is the first to want the next
//! rows. These are kept for the others, in a file when there are too many.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use futures::lock::Mutex;
use pg::{Error, Result, SqlState, Value};

use super::compile::{self, Compiler, Facts, Subqueries};
use super::eval::Op;
use super::frame::{Frame, Pace};
use super::later::Later;
use super::memory::Reservation;
use super::recursive;
use super::scan::pick;
use super::spill::{Archive, Stretch, can_spill};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
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
    complete: OnceLock<Vec<Part>>,
}

struct Progress {
    /// Where more rows come from, until they end; once it has failed, whoever asks hears that.
    source: Result<Option<BoxOperator>>,
    parts: Vec<Part>,
    /// Where what there is no room for is written.
    archive: Option<Archive>,
    reservation: Reservation,
    frame: Frame,
}

/// Rows that came together.
#[derive(Clone)]
enum Part {
    Held(Arc<Batch>),
    Written(Stretch),
}

/// How far somebody has read.
#[derive(Default)]
struct Place {
    part: usize,
    row: usize,
}

/// Some rows of a batch.
struct Slice {
    batch: Arc<Batch>,
    rows: Range<usize>,
}

impl Place {
    /// The next rows: a batch at most of those that are held, what was written together of the others.
    fn next(&mut self, parts: &[Part]) -> Result<Option<Slice>> {
        while let Some(part) = parts.get(self.part) {
            match part {
                Part::Held(batch) => {
                    if let Some(slice) = Slice::of(batch, &mut self.row) {
                        return Ok(Some(slice));
                    }
                    *self = Place { part: self.part + 1, row: 0 };
                }
                Part::Written(stretch) => {
                    self.part += 1;
                    let batch = Arc::new(stretch.read()?);
                    return Ok(Some(Slice { rows: 0..batch.len(), batch }));
                }
            }
        }
        Ok(None)
    }
}

impl Slice {
    /// The next rows of a batch.
    fn of(batch: &Arc<Batch>, at: &mut usize) -> Option<Slice> {
        let rows = *at..batch.len().min(*at + BATCH);
        *at = rows.end;
        (!rows.is_empty()).then(|| Slice { batch: batch.clone(), rows })
    }

    fn rows(&self) -> &[Vec<Value>] {
        self.batch.get(self.rows.clone()).unwrap_or_default()
    }
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
        let progress = Progress {
            source: Ok(Some(node.clone().open(frame))),
            parts: Vec::new(),
            archive: None,
            reservation: frame.reserve("WITH"),
            frame: frame.clone(),
        };
        Arc::new(CteCell { progress: Mutex::new(progress), complete: OnceLock::new() })
    }

    /// Makes all rows.
    pub(super) async fn fill(&self) -> Result<()> {
        if self.complete.get().is_none() {
            let mut progress = self.progress.lock().await;
            while progress.pull().await? {}
            self.finish(&progress);
        }
        Ok(())
    }

    fn finish(&self, progress: &Progress) {
        if let Ok(None) = progress.source {
            // Somebody else may have been faster.
            let _ = self.complete.set(progress.parts.clone());
        }
    }

    /// The rows from a place on, made now if need be.
    async fn read(&self, at: &mut Place) -> Result<Option<Slice>> {
        loop {
            if let Some(parts) = self.complete.get() {
                return at.next(parts);
            }
            let mut progress = self.progress.lock().await;
            if let Some(slice) = at.next(&progress.parts)? {
                return Ok(Some(slice));
            }
            if !progress.pull().await? {
                self.finish(&progress);
            }
        }
    }
}

impl Progress {
    /// Makes some more rows; whether there were any.
    async fn pull(&mut self) -> Result<bool> {
        let source = match &mut self.source {
            Ok(Some(source)) => source,
            Ok(None) => return Ok(false),
            Err(error) => return Err(error.clone()),
        };
        let kept = match source.next().await {
            Ok(Some(batch)) => self.keep(batch),
            Ok(None) => {
                self.source = Ok(None);
                return Ok(false);
            }
            Err(error) => Err(error),
        };
        match kept {
            Ok(part) => self.parts.push(part),
            Err(error) => {
                self.source = Err(error.clone());
                return Err(error);
            }
        }
        Ok(true)
    }

    fn keep(&mut self, batch: Batch) -> Result<Part> {
        if self.reservation.is_full() && batch.iter().all(|row| can_spill(row)) {
            let archive = match &mut self.archive {
                Some(archive) => archive,
                none => none.insert(Archive::new(&self.frame)?),
            };
            return archive.add(&batch).map(Part::Written);
        }
        batch.iter().try_for_each(|row| self.reservation.grow_by_row(row))?;
        Ok(Part::Held(Arc::new(batch)))
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
    if compiler.place != compile::Place::Once {
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

/// A reference to a common table expression: some of its columns, of the rows for which a condition over all is true.
pub(super) struct CteScanNode {
    id: usize,
    columns: Option<Vec<usize>>,
    filter: Option<(Op, Subqueries)>,
}

impl CteScanNode {
    pub(super) fn compile(id: usize, columns: Option<&[usize]>, filter: Option<(Op, Subqueries)>) -> BoxNode {
        Arc::new(CteScanNode { id, columns: columns.map(<[usize]>::to_vec), filter })
    }
}

impl Node for CteScanNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(CteScan {
            node: self,
            frame: frame.clone(),
            at: Place::default(),
            started: false,
            pace: frame.pace(),
            later: Later::new(frame),
        })
    }
}

struct CteScan {
    node: Arc<CteScanNode>,
    frame: Frame,
    at: Place,
    started: bool,
    pace: Pace,
    later: Later,
}

impl CteScan {
    async fn slice(&mut self) -> Result<Option<Slice>> {
        match CteScope::entry(&self.frame.ctes, self.node.id) {
            None => Err(Error::internal(format!("WITH has no item {}", self.node.id))),
            Some(CteRows::Cell(cell)) => cell.read(&mut self.at).await,
            Some(CteRows::Working(rows)) => Ok(Slice::of(rows, &mut self.at.row)),
        }
    }

    /// Adds what is wanted of the next rows of which any is.
    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        while batch.is_empty()
            && let Some(slice) = self.slice().await?
        {
            self.pace.rest();
            for row in slice.rows() {
                self.pace.step().await?;
                let wanted = match &self.node.filter {
                    Some((condition, _)) => condition.is_true(&self.frame.scope(row))?,
                    None => true,
                };
                if wanted {
                    batch.push(match &self.node.columns {
                        Some(columns) => pick(row, columns),
                        None => row.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Operator for CteScan {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true)
                && let Some((_, subqueries)) = &self.node.filter
            {
                subqueries.prepare(&self.frame).await?;
            }
            self.later.due()?;
            let mut batch = Batch::new();
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}
