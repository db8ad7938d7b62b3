//! The window functions themselves (`windowfuncs.c`), and aggregates over frames.

use pg::{Error, Result, SqlState, TypeRef, Value, catalog};

use super::Partition;
use super::bounds::{FrameOp, FrameRows};
use crate::exec::collect::{AggregateOp, State};
use crate::exec::compile::Compiler;
use crate::exec::eval::{Op, functions};
use crate::exec::frame::{Frame, Pace};
use crate::query::WindowCall;

/// A call, compiled.
pub(super) enum WindowOp {
    Ranking(Ranking),
    NTile(Op),
    /// `lag` and `lead`: a row so many before or behind in the partition.
    Offset {
        value: Op,
        offset: Option<Op>,
        default: Option<Op>,
        lead: bool,
    },
    FirstValue(Op),
    LastValue(Op),
    NthValue(Op, Op),
    Aggregate(Box<AggregateOp>, Repeat),
}

/// What depends on the place in the partition alone.
#[derive(Clone, Copy)]
pub(super) enum Ranking {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
}

/// What can be done with an accumulator whose value was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It takes more rows.
    GoOn,
    /// It does when it is given its value again.
    Restore,
    /// Nothing.
    Never,
}

/// What is known from the row before.
#[derive(Default)]
pub(super) struct Progress {
    state: Option<State>,
    /// The frame that `value` is of.
    frame: Option<FrameRows>,
    value: Value,
    /// Room for a row's arguments.
    args: Vec<Value>,
}

impl WindowOp {
    pub(super) fn compile(compiler: &mut Compiler, call: &WindowCall, ty: TypeRef) -> Result<WindowOp> {
        let row = catalog::proc_by_oid(call.proc);
        let types: Vec<_> = call.args.iter().map(|arg| arg.ty.oid).collect();
        let refuse = || functions::refuse(call.proc, &types);
        let row = row.ok_or_else(refuse)?;
        if row.kind != 'w' {
            let op = AggregateOp::plain(compiler, call.proc, &call.args, call.filter.as_ref(), ty)?;
            return Ok(WindowOp::Aggregate(Box::new(op), repeat(row.name)));
        }
        let mut args = compiler.exprs(&call.args)?.into_iter();
        let mut arg = || args.next().ok_or_else(|| Error::internal("a window function misses an argument"));
        Ok(match row.name {
            "row_number" => WindowOp::Ranking(Ranking::RowNumber),
            "rank" => WindowOp::Ranking(Ranking::Rank),
            "dense_rank" => WindowOp::Ranking(Ranking::DenseRank),
            "percent_rank" => WindowOp::Ranking(Ranking::PercentRank),
            "cume_dist" => WindowOp::Ranking(Ranking::CumeDist),
            "ntile" => WindowOp::NTile(arg()?),
            "first_value" => WindowOp::FirstValue(arg()?),
            "last_value" => WindowOp::LastValue(arg()?),
            "nth_value" => WindowOp::NthValue(arg()?, arg()?),
            "lag" | "lead" => {
                let (value, lead) = (arg()?, row.name == "lead");
                WindowOp::Offset { value, offset: args.next(), default: args.next(), lead }
            }
            _ => return Err(refuse()),
        })
    }

    /// Whether it never reads a row that stands before the current one.
    pub(super) fn looks_ahead_only(&self, bounds: &FrameOp) -> bool {
        match self {
            WindowOp::Ranking(_) | WindowOp::Offset { lead: true, offset: None, .. } => true,
            WindowOp::Aggregate(_, repeat) => *repeat != Repeat::Never && bounds.only_grows(),
            _ => false,
        }
    }

    /// The value of a row.
    pub(super) async fn value(
        &self,
        progress: &mut Progress,
        partition: &Partition,
        rows: &FrameRows,
        at: usize,
        frame: &Frame,
        pace: &mut Pace,
    ) -> Result<Value> {
        let on = |op: &Op, row: Option<usize>| match row.and_then(|row| partition.rows.get(row)) {
            Some(row) => op.eval(&frame.scope(row)),
            None => Ok(Value::Null),
        };
        match self {
            WindowOp::Ranking(ranking) => Ok(ranking.value(partition, at)),
            WindowOp::NTile(buckets) => ntile(&on(buckets, Some(0))?, partition.rows.len(), at),
            WindowOp::FirstValue(value) => on(value, rows.iter().next()),
            WindowOp::LastValue(value) => on(value, rows.iter().next_back()),
            WindowOp::NthValue(value, nth) => match on(nth, Some(at))?.as_i64() {
                None => Ok(Value::Null),
                Some(nth) if nth <= 0 => {
                    let message = "argument of nth_value must be greater than zero";
                    Err(Error::new(SqlState(*b"22016"), message))
                }
                Some(nth) => on(value, usize::try_from(nth - 1).ok().and_then(|nth| rows.iter().nth(nth))),
            },
            WindowOp::Offset { value, offset, default, lead } => {
                let by = match offset {
                    None => 1,
                    Some(offset) => match on(offset, Some(at))?.as_i64() {
                        None => return Ok(Value::Null),
                        Some(by) => by,
                    },
                };
                let by = if *lead { by } else { -by };
                let row = i64::try_from(at).ok().and_then(|at| usize::try_from(at.checked_add(by)?).ok());
                match (row.filter(|row| *row < partition.rows.len()), default) {
                    (Some(row), _) => on(value, Some(row)),
                    (None, Some(default)) => on(default, Some(at)),
                    (None, None) => Ok(Value::Null),
                }
            }
            WindowOp::Aggregate(op, repeat) => {
                progress.aggregate(op, *repeat, partition, rows, frame, pace).await
            }
        }
    }
}

fn repeat(name: &str) -> Repeat {
    match name {
        "count" | "sum" | "avg" | "variance" | "var_pop" | "var_samp" | "stddev" | "stddev_pop"
        | "stddev_samp" => Repeat::GoOn,
        "min" | "max" | "bool_and" | "bool_or" | "every" | "bit_and" | "bit_or" | "bit_xor" => {
            Repeat::Restore
        }
        _ => Repeat::Never,
    }
}

impl Ranking {
    fn value(self, partition: &Partition, at: usize) -> Value {
        let count = |n: usize| Value::Int8(i64::try_from(n).unwrap_or(i64::MAX));
        let peers = &partition.peers;
        let total = partition.rows.len();
        match self {
            Ranking::RowNumber => count(at + 1),
            Ranking::Rank => count(peers.around(at).0 + 1),
            Ranking::DenseRank => count(peers.group.get(at).copied().unwrap_or(0) + 1),
            Ranking::PercentRank if total <= 1 => Value::Float8(0.0),
            Ranking::PercentRank => Value::Float8(peers.around(at).0 as f64 / (total - 1) as f64),
            Ranking::CumeDist => Value::Float8(peers.around(at).1 as f64 / total as f64),
        }
    }
}

/// Buckets as equal as can be; the first ones have a row more.
fn ntile(buckets: &Value, total: usize, at: usize) -> Result<Value> {
    let Some(buckets) = buckets.as_i64() else { return Ok(Value::Null) };
    let Some(buckets) = usize::try_from(buckets).ok().filter(|buckets| *buckets > 0) else {
        return Err(Error::new(SqlState(*b"22014"), "argument of ntile must be greater than zero"));
    };
    let (size, larger) = (total / buckets, total % buckets);
    let in_larger = larger * (size + 1);
    let bucket = if at < in_larger { at / (size + 1) } else { larger + (at - in_larger) / size.max(1) };
    Ok(Value::Int4(i32::try_from(bucket + 1).unwrap_or(i32::MAX)))
}

impl Progress {
    /// An aggregate over the frame: goes on from the frame before when this one begins at the same row.
    async fn aggregate(
        &mut self,
        op: &AggregateOp,
        repeat: Repeat,
        partition: &Partition,
        rows: &FrameRows,
        frame: &Frame,
        pace: &mut Pace,
    ) -> Result<Value> {
        if self.frame.as_ref() == Some(rows) {
            return Ok(self.value.clone());
        }
        let before = self.frame.take().filter(|before| {
            let grows = before.rows.start == rows.rows.start && before.rows.end <= rows.rows.end;
            grows && before.is_whole() && rows.is_whole() && repeat != Repeat::Never
        });
        let (mut state, from) = match (before, self.state.take()) {
            (Some(before), Some(state)) => (state, before.rows.end),
            _ => (op.start(), 0),
        };
        let args = &mut self.args;
        for at in rows.iter_from(from) {
            pace.step().await?;
            let Some(row) = partition.rows.get(at) else { continue };
            if op.args(&frame.scope(row), args)? {
                state.step(op, args, frame)?;
            }
        }
        self.value = state.value(op, frame)?;
        if repeat == Repeat::Restore && !self.value.is_null() {
            state.step(op, std::slice::from_ref(&self.value), frame)?;
        }
        self.state = Some(state);
        self.frame = Some(rows.clone());
        Ok(self.value.clone())
    }
}
