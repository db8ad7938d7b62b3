//! Joins on the key of a map: for each batch of left rows, the entries that they ask for are looked up. When there are
//! more different keys than that is worth, or many of them are not there and cost a search, the right side is read as a
//! whole after all.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::{finish_left, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::{HashIndex, State, hash_row, same_row};
use super::memory::Reservation;
use super::stream::{BoxNode, BoxOperator, Node, Operator, drain};
use crate::plan::{KeyAccess, LookUps, Plan, RemoteScan, Way};
use crate::query::{Expr, JoinKind};
use crate::remote::Batch;

/// How many keys of parts ([`KeyAccess::is_whole`]) are looked up at a time, and the most of them that may be absent: each so
/// many cost the cluster a scan of the map, as reading it once does.
const SEARCHED: usize = 64;

struct KeyJoinNode {
    kind: JoinKind,
    left: BoxNode,
    /// The right side as a whole.
    right: BoxNode,
    scan: Arc<RemoteScan>,
    /// The places of the key's parts in a right row.
    parts: Vec<usize>,
    most: usize,
    left_first: bool,
    keys: Vec<Op>,
    condition: Option<Op>,
    right_width: usize,
    subqueries: Subqueries,
}

/// Compiles a join whose right side can be looked up.
pub(super) fn compile(
    compiler: &mut Compiler,
    kind: JoinKind,
    (left, right): (&Plan, &Plan),
    keys: &[(Expr, Expr)],
    condition: Option<&Expr>,
    look_ups: &LookUps,
) -> Result<BoxNode> {
    let right_width = compiler.columns(right).len();
    let left = compiler.plan(left)?;
    let right = compiler.plan(right)?;
    let ((keys, condition), subqueries) = compiler.over(|c| {
        let keys = c.exprs(keys.iter().map(|(left, _)| left))?;
        Ok((keys, condition.map(|condition| c.expr(condition)).transpose()?))
    })?;
    let LookUps { scan, parts, most, left_first } = look_ups;
    Ok(Arc::new(KeyJoinNode {
        kind,
        left,
        right,
        scan: scan.clone(),
        parts: parts.clone(),
        most: *most,
        left_first: *left_first,
        keys,
        condition,
        right_width,
        subqueries,
    }))
}

impl Node for KeyJoinNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let left = self.left.clone().open(frame);
        let known = Known::new(frame.reserve("a join by keys"));
        Box::new(KeyJoin {
            node: self,
            frame: frame.clone(),
            left,
            waiting: VecDeque::new(),
            known,
            absent: 0,
            pace: frame.pace(),
            started: false,
        })
    }
}

struct KeyJoin {
    node: Arc<KeyJoinNode>,
    frame: Frame,
    left: BoxOperator,
    /// Left rows that were taken before their turn.
    waiting: VecDeque<Batch>,
    known: Known,
    /// How many keys were looked up in vain.
    absent: usize,
    pace: Pace,
    started: bool,
}

/// The right rows by their keys, as far as they were asked for.
struct Known {
    state: State,
    index: HashIndex,
    keys: Vec<Vec<Value>>,
    rows: Vec<Vec<Vec<Value>>>,
    /// All right rows are here.
    complete: bool,
    reservation: Reservation,
}

impl Known {
    fn new(reservation: Reservation) -> Known {
        let (index, keys, rows) = (HashIndex::default(), Vec::new(), Vec::new());
        Known { state: State::new(), index, keys, rows, complete: false, reservation }
    }

    fn hash(&self, key: &[Value]) -> u64 {
        hash_row(&self.state, &[], key)
    }

    fn find(&self, key: &[Value]) -> Option<usize> {
        let same = |at: usize| self.keys.get(at).is_some_and(|known| same_row(&[], key, known));
        self.index.find(self.hash(key), same)
    }

    /// The place of a key; it gets one if it has none.
    fn place(&mut self, key: Vec<Value>) -> Result<usize> {
        if let Some(at) = self.find(&key) {
            return Ok(at);
        }
        self.reservation.grow(HashIndex::ENTRY_BYTES + super::memory::row_bytes(&key))?;
        self.index.push(self.hash(&key));
        self.keys.push(key);
        self.rows.push(Vec::new());
        Ok(self.keys.len() - 1)
    }

    fn add(&mut self, rows: Batch, parts: &[usize]) -> Result<()> {
        for row in rows {
            self.reservation.grow_by_row(&row)?;
            let at = self.place(super::scan::pick(&row, parts))?;
            if let Some(rows) = self.rows.get_mut(at) {
                rows.push(row);
            }
        }
        Ok(())
    }
}

impl KeyJoin {
    fn access(&self) -> Result<&KeyAccess> {
        match &self.node.scan.way {
            Way::Keys(access) => Ok(access),
            _ => Err(Error::internal("a join by keys without keys")),
        }
    }

    /// The keys that left rows ask for.
    fn keys(&self, rows: &Batch) -> Result<Vec<Option<Vec<Value>>>> {
        let access = self.access()?;
        let key = |row: &Vec<Value>| {
            let values = eval_all(&self.node.keys, &self.frame.scope(row))?;
            Ok(access.key(&values))
        };
        rows.iter().map(key).collect()
    }

    /// Sees to it that the right rows of these keys are here.
    async fn learn(&mut self, keys: &[Option<Vec<Value>>]) -> Result<()> {
        if self.known.complete {
            return Ok(());
        }
        let before = self.known.keys.len();
        for key in keys.iter().flatten() {
            self.known.place(key.clone())?;
        }
        if self.known.keys.len() > self.node.most {
            return self.read_all().await;
        }
        let searched = !self.access()?.is_whole();
        let at_once = if searched { SEARCHED } else { usize::MAX };
        let places = before..self.known.keys.len();
        for start in places.clone().step_by(at_once) {
            self.look_up(start..places.end.min(start.saturating_add(at_once))).await?;
            if searched && self.absent > SEARCHED {
                return self.read_all().await;
            }
        }
        Ok(())
    }

    /// Looks up the keys of these places.
    async fn look_up(&mut self, places: Range<usize>) -> Result<()> {
        let keys = self.known.keys.get(places.clone()).unwrap_or_default().to_vec();
        let mut pages = self.frame.run.cluster()?.look_up(&self.node.scan, keys).await?;
        while let Some(rows) = pages.next().await? {
            self.frame.run.cancel.check()?;
            self.known.add(rows, &self.node.parts)?;
        }
        let found = self.known.rows.get(places).unwrap_or_default();
        self.absent += found.iter().filter(|rows| rows.is_empty()).count();
        self.pace.rest();
        Ok(())
    }

    /// Reads the right side as a whole.
    async fn read_all(&mut self) -> Result<()> {
        if self.node.left_first {
            return self.read_what_is_asked_for().await;
        }
        let mut reservation = self.frame.reserve("a join by keys");
        self.known = Known::new(self.frame.reserve("a join by keys"));
        let mut right = self.node.right.clone().open(&self.frame);
        let rows = drain(&mut right, &mut reservation).await?;
        drop(reservation);
        self.known.add(rows, &self.node.parts)?;
        self.known.complete = true;
        self.pace.rest();
        Ok(())
    }

    /// The same, once all keys are here.
    async fn read_what_is_asked_for(&mut self) -> Result<()> {
        while let Some(rows) = self.left.next().await? {
            for key in self.keys(&rows)?.into_iter().flatten() {
                self.known.place(key)?;
            }
            for row in &rows {
                self.known.reservation.grow_by_row(row)?;
            }
            self.waiting.push_back(rows);
        }
        self.known.rows.iter_mut().for_each(Vec::clear);
        let mut right = self.node.right.clone().open(&self.frame);
        while let Some(mut rows) = right.next().await? {
            self.frame.run.cancel.check()?;
            rows.retain(|row| self.known.find(&super::scan::pick(row, &self.node.parts)).is_some());
            self.known.add(rows, &self.node.parts)?;
            self.pace.rest();
        }
        self.known.complete = true;
        Ok(())
    }

    async fn join(&mut self, rows: Batch) -> Result<Batch> {
        let keys = self.keys(&rows)?;
        self.learn(&keys).await?;
        let mut batch = Batch::with_capacity(rows.len());
        for (left, key) in rows.into_iter().zip(keys) {
            self.pace.step().await?;
            let found = key.and_then(|key| self.known.find(&key)).and_then(|at| self.known.rows.get(at));
            let mut matched = false;
            for right in found.into_iter().flatten() {
                if let Some(condition) = &self.node.condition
                    && !condition.is_true(&self.frame.scope2(&left, right))?
                {
                    continue;
                }
                matched = true;
                if matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti) {
                    break;
                }
                batch.push(left.iter().chain(right).cloned().collect());
            }
            finish_left(self.node.kind, left, matched, self.node.right_width, &mut batch);
        }
        Ok(batch)
    }
}

impl Operator for KeyJoin {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            loop {
                let rows = match self.waiting.pop_front() {
                    Some(rows) => rows,
                    None => match self.left.next().await? {
                        Some(rows) => rows,
                        None => return Ok(None),
                    },
                };
                let batch = self.join(rows).await?;
                if !batch.is_empty() {
                    return Ok(full(batch));
                }
            }
        }
        .boxed()
    }
}
