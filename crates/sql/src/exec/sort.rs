//! Rows in order. Runs are sorted in short stretches, so that the loop stays cancellable, and merged as they are pulled;
//! with a limit only the best rows are kept.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::{Rows, full};
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::key::Order;
use super::memory::{Reservation, row_bytes};
use super::prefix::prefix;
use super::spill::{Reader, Writer, can_spill};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::plan::{Plan, SortBy};
use crate::query::Expr;
use crate::remote::Batch;

/// The keys of rows that come in their order.
pub(super) struct SortKeys {
    pub(super) ops: Vec<Op>,
    pub(super) orders: Vec<Order>,
}

impl SortKeys {
    pub(super) fn compile(compiler: &mut Compiler, keys: &[SortBy]) -> Result<SortKeys> {
        let ops = compiler.exprs(keys.iter().map(|key| &key.expr))?;
        let orders = keys
            .iter()
            .map(|key| Order {
                ty: key.expr.ty.oid,
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
            .collect();
        Ok(SortKeys { ops, orders })
    }
}

struct SortNode {
    input: BoxNode,
    order: Arc<RowOrder>,
    limit: Option<Op>,
    subqueries: Subqueries,
}

/// Compiles a sort.
pub(super) fn compile(
    compiler: &mut Compiler,
    input: &Plan,
    keys: &[SortBy],
    limit: Option<&Expr>,
) -> Result<BoxNode> {
    let input = compiler.plan(input)?;
    let ((keys, limit), subqueries) = compiler
        .over(|c| Ok((SortKeys::compile(c, keys)?, limit.map(|limit| c.expr(limit)).transpose()?)))?;
    let order = Arc::new(RowOrder::new(keys.ops, keys.orders));
    Ok(Arc::new(SortNode { input, order, limit, subqueries }))
}

impl Node for SortNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let input = Rows::new(self.input.clone().open(frame));
        let reservation = frame.reserve("a sort");
        let (frame, pace) = (frame.clone(), frame.pace());
        Box::new(Sort { node: self, frame, input, sorted: None, reservation, pace })
    }
}

struct Sort {
    node: Arc<SortNode>,
    frame: Frame,
    input: Rows,
    sorted: Option<Merge>,
    reservation: Reservation,
    pace: Pace,
}

/// The keys of a sort, and where rows have them.
pub(super) struct RowOrder {
    orders: Vec<Order>,
    places: Vec<Place>,
    /// What is computed for each row, and put behind it.
    computed: Vec<Op>,
    /// So many values stand behind a row.
    behind: usize,
}

/// Where a row has a key.
#[derive(Clone, Copy)]
enum Place {
    /// It is one of its values.
    Column(usize),
    /// It stands so far from the end.
    Behind(usize),
}

impl RowOrder {
    /// Keys that are columns are looked at where they are.
    pub(super) fn new(keys: Vec<Op>, orders: Vec<Order>) -> RowOrder {
        let behind = keys.iter().filter(|key| !matches!(key, Op::Slot(_))).count();
        let (mut places, mut computed) = (Vec::new(), Vec::new());
        for key in keys {
            match key {
                Op::Slot(at) => places.push(Place::Column(at)),
                key => {
                    places.push(Place::Behind(behind - computed.len()));
                    computed.push(key);
                }
            }
        }
        RowOrder { orders, places, computed, behind }
    }

    /// All keys stand behind the rows already.
    pub(super) fn behind(orders: &[Order]) -> RowOrder {
        let behind = orders.len();
        let places = (0..behind).map(|at| Place::Behind(behind - at)).collect();
        RowOrder { orders: orders.to_vec(), places, computed: Vec::new(), behind }
    }

    /// Puts the keys behind a row that are not in it.
    pub(super) fn extend(&self, frame: &Frame, row: &mut Vec<Value>) -> Result<()> {
        if self.computed.is_empty() {
            return Ok(());
        }
        let mut keys = eval_all(&self.computed, &frame.scope(row))?;
        row.append(&mut keys);
        Ok(())
    }

    /// The row without the keys behind it.
    pub(super) fn cut(&self, row: &mut Vec<Value>) {
        row.truncate(row.len().saturating_sub(self.behind));
    }

    /// A key of a row; NULL where it has none, which no row is.
    pub(super) fn key<'a>(&self, row: &'a [Value], at: usize) -> &'a Value {
        const NONE: &Value = &Value::Null;
        let place = match self.places.get(at) {
            Some(Place::Column(column)) => *column,
            Some(Place::Behind(from_end)) => row.len().wrapping_sub(*from_end),
            None => return NONE,
        };
        row.get(place).unwrap_or(NONE)
    }

    /// Compares some of the keys of two rows.
    pub(super) fn compare(&self, keys: Range<usize>, a: &[Value], b: &[Value]) -> Ordering {
        for at in keys {
            let Some(order) = self.orders.get(at) else { break };
            let found = order.compare(self.key(a, at), self.key(b, at));
            if found.is_ne() {
                return found;
            }
        }
        Ordering::Equal
    }

    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }

    fn prefix(&self, row: &[Value]) -> u128 {
        prefix(self.orders.iter().enumerate().map(|(at, order)| (order, self.key(row, at))))
    }

    fn cmp(&self, a: &Entry, b: &Entry) -> Ordering {
        a.prefix
            .cmp(&b.prefix)
            .then_with(|| self.compare(0..self.orders.len(), &a.row, &b.row).then(a.number.cmp(&b.number)))
    }
}

/// A row with its keys, and its number for a stable order.
pub(super) struct Entry {
    /// What is compared first.
    prefix: u128,
    pub(super) row: Vec<Value>,
    number: u64,
}

impl Entry {
    /// What it takes besides its row.
    pub(super) const BYTES: usize = size_of::<Entry>() - size_of::<Vec<Value>>();

    pub(super) fn bytes(&self) -> usize {
        row_bytes(&self.row) + Entry::BYTES
    }
}

/// The length of a run: what is sorted without a break.
const RUN: usize = 16_384;

/// Gathers rows into sorted runs.
pub(super) struct Runs {
    order: Arc<RowOrder>,
    runs: Vec<std::vec::IntoIter<Entry>>,
    open: Vec<Entry>,
    count: u64,
    /// What the entries in memory take.
    bytes: usize,
    /// Some entries can't be written: all that comes from then on stays in memory.
    mixed: bool,
    /// Sorted runs on disk.
    files: Vec<Reader>,
}

impl Runs {
    pub(super) fn new(order: Arc<RowOrder>) -> Runs {
        let (runs, open, files) = (Vec::new(), Vec::new(), Vec::new());
        Runs { order, runs, open, count: 0, bytes: 0, mixed: false, files }
    }

    /// An entry of a row that has all its keys.
    fn entry(&mut self, row: Vec<Value>) -> Entry {
        self.count += 1;
        Entry { prefix: self.order.prefix(&row), row, number: self.count }
    }

    /// Takes a row that has all its keys.
    pub(super) fn push(&mut self, row: Vec<Value>) {
        let entry = self.entry(row);
        self.push_entry(entry);
    }

    fn push_entry(&mut self, entry: Entry) {
        self.open.push(entry);
        if self.open.len() >= RUN {
            self.close();
        }
    }

    /// Takes a row that has all its keys, in memory or, when that is full, all of them to disk.
    pub(super) fn push_within(
        &mut self,
        row: Vec<Value>,
        reservation: &mut Reservation,
        frame: &Frame,
    ) -> Result<()> {
        let entry = self.entry(row);
        let bytes = entry.bytes();
        self.mixed |= !can_spill(&entry.row);
        reservation.grow(bytes)?;
        self.bytes += bytes;
        self.push_entry(entry);
        if !self.mixed && reservation.is_full() { self.spill(reservation, frame) } else { Ok(()) }
    }

    /// Writes what is in memory to disk, in order: each row with its keys, and its number.
    fn spill(&mut self, reservation: &mut Reservation, frame: &Frame) -> Result<()> {
        let (runs, open) = (std::mem::take(&mut self.runs), std::mem::take(&mut self.open));
        let mut sorted = Runs { runs, open, ..Runs::new(self.order.clone()) }.merge()?;
        let mut writer = Writer::new(frame)?;
        while let Some(entry) = sorted.next()? {
            let number = Value::Int8(entry.number.cast_signed());
            writer.write(entry.row.iter().chain([&number]))?;
        }
        self.files.push(writer.finish()?);
        reservation.shrink(std::mem::take(&mut self.bytes));
        Ok(())
    }

    fn close(&mut self) {
        let mut run = std::mem::take(&mut self.open);
        run.sort_unstable_by(|a, b| self.order.cmp(a, b));
        self.runs.push(run.into_iter());
    }

    pub(super) fn merge(mut self) -> Result<Merge> {
        if !self.open.is_empty() {
            self.close();
        }
        let spilled = !self.files.is_empty();
        let runs = self.runs.into_iter().map(Run::Held).chain(self.files.into_iter().map(Run::Spilled));
        Merge::new(runs.collect(), self.order, spilled)
    }
}

/// A sorted run.
enum Run {
    Held(std::vec::IntoIter<Entry>),
    Spilled(Reader),
}

impl Run {
    fn next(&mut self, order: &RowOrder) -> Result<Option<Entry>> {
        let reader = match self {
            Run::Held(entries) => return Ok(entries.next()),
            Run::Spilled(reader) => reader,
        };
        let Some(mut row) = reader.next()? else { return Ok(None) };
        let number = row.pop().and_then(|number| number.as_i64()).unwrap_or_default().cast_unsigned();
        Ok(Some(Entry { prefix: order.prefix(&row), row, number }))
    }
}

/// Sorted runs as one: a tree of losers (Knuth 5.4.1), in which a new entry is compared once on each level.
pub(super) struct Merge {
    runs: Vec<Run>,
    /// The first entry of each run.
    heads: Vec<Option<Entry>>,
    /// The run that lost at each inner node; at 0 the one with the first entry of all.
    tree: Vec<usize>,
    order: Arc<RowOrder>,
    /// Some of it comes from disk.
    pub(super) spilled: bool,
}

/// Nobody has come to this node yet.
const NOBODY: usize = usize::MAX;

impl Merge {
    fn new(mut runs: Vec<Run>, order: Arc<RowOrder>, spilled: bool) -> Result<Merge> {
        let heads = runs.iter_mut().map(|run| run.next(&order)).collect::<Result<Vec<_>>>()?;
        let tree = vec![NOBODY; runs.len()];
        let mut merge = Merge { runs, heads, tree, order, spilled };
        for run in 0..merge.runs.len() {
            merge.play(run);
        }
        Ok(merge)
    }

    /// Lets a run whose head is new play on its way to the root.
    fn play(&mut self, run: usize) {
        let Merge { heads, tree, order, .. } = self;
        let (mut winner, mut node) = (run, (run + heads.len()) / 2);
        while node > 0 {
            let Some(loser) = tree.get_mut(node) else { return };
            if *loser == NOBODY {
                *loser = winner;
                return;
            }
            if Merge::is_less(heads, order, *loser, winner) {
                std::mem::swap(loser, &mut winner);
            }
            node /= 2;
        }
        if let Some(root) = tree.first_mut() {
            *root = winner;
        }
    }

    #[inline]
    fn is_less(heads: &[Option<Entry>], order: &RowOrder, a: usize, b: usize) -> bool {
        match (heads.get(a), heads.get(b)) {
            (Some(Some(a)), Some(Some(b))) => order.cmp(a, b).is_lt(),
            (Some(Some(_)), _) => true,
            _ => false,
        }
    }

    /// The next entry in order.
    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        let Some(&run) = self.tree.first() else { return Ok(None) };
        let (Some(head), Some(source)) = (self.heads.get_mut(run), self.runs.get_mut(run)) else {
            return Ok(None);
        };
        let next = match head {
            None => return Ok(None),
            Some(_) => source.next(&self.order)?,
        };
        let first = std::mem::replace(head, next);
        self.play(run);
        Ok(first)
    }
}

/// One of the best entries; the worst of them is the greatest.
struct Ranked(Entry, Arc<RowOrder>);

impl Ord for Ranked {
    fn cmp(&self, other: &Ranked) -> Ordering {
        self.1.cmp(&self.0, &other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Ranked) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Ranked) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

impl Sort {
    async fn sort(&mut self) -> Result<Merge> {
        self.node.subqueries.prepare(&self.frame).await?;
        if let Some(limit) = self.limit()? {
            return self.best(limit).await;
        }
        let mut runs = Runs::new(self.node.order.clone());
        while let Some(mut row) = self.input.next().await? {
            self.pace.step().await?;
            self.node.order.extend(&self.frame, &mut row)?;
            runs.push_within(row, &mut self.reservation, &self.frame)?;
        }
        runs.merge()
    }

    /// Only the first rows.
    async fn best(&mut self, limit: usize) -> Result<Merge> {
        let order = &self.node.order;
        let mut runs = Runs::new(order.clone());
        let mut best: BinaryHeap<Ranked> = BinaryHeap::new();
        while let Some(mut row) = self.input.next().await? {
            self.pace.step().await?;
            order.extend(&self.frame, &mut row)?;
            let entry = runs.entry(row);
            if best.len() < limit {
                self.reservation.grow(entry.bytes())?;
                best.push(Ranked(entry, order.clone()));
            } else if let Some(mut worst) = best.peek_mut()
                && order.cmp(&entry, &worst.0).is_lt()
            {
                self.reservation.shrink(worst.0.bytes());
                self.reservation.grow(entry.bytes())?;
                worst.0 = entry;
            }
        }
        for Ranked(entry, _) in best {
            self.pace.step().await?;
            runs.push_entry(entry);
        }
        runs.merge()
    }

    /// So many rows are wanted; what is no count is for the Limit above to refuse.
    fn limit(&self) -> Result<Option<usize>> {
        let Some(limit) = &self.node.limit else { return Ok(None) };
        let value = limit.eval(&self.frame.scope(&[]))?;
        match value {
            Value::Null => Ok(None),
            value => match value.as_i64() {
                Some(count) => Ok(usize::try_from(count).ok()),
                None => Err(Error::internal("a limit that is no number")),
            },
        }
    }
}

impl Operator for Sort {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.sorted.is_none() {
                self.sorted = Some(self.sort().await?);
            }
            let Some(sorted) = &mut self.sorted else { return Ok(None) };
            let mut batch = Batch::new();
            while batch.len() < BATCH
                && let Some(entry) = sorted.next()?
            {
                self.pace.step().await?;
                let mut row = entry.row;
                self.node.order.cut(&mut row);
                batch.push(row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
