//! Frames: which rows of the partition a row's functions see.

use std::ops::Range;

use pg::{Error, Numeric, Oid, Result, SqlState, Value, catalog};

use super::Partition;
use crate::exec::compile::Compiler;
use crate::exec::eval::{Function, Op};
use crate::exec::frame::Frame as Surroundings;
use crate::exec::key::Order;
use crate::query::{Expr, Frame, FrameBound, FrameExclude, FrameUnit};

/// A frame, compiled.
pub(super) struct FrameOp {
    unit: FrameUnit,
    start: BoundOp,
    end: BoundOp,
    exclude: FrameExclude,
    /// The only key of the order, which RANGE with an offset has.
    order: Option<Order>,
}

enum BoundOp {
    /// Of the partition: its start or its end.
    Unbounded,
    CurrentRow,
    /// So far before or behind; with RANGE as a value.
    Offset {
        offset: Op,
        following: bool,
        range: Option<RangeOffset>,
    },
}

/// How a value is moved by an offset, and the order's key made comparable with the outcome.
struct RangeOffset {
    moved: Function,
    outcome: Oid,
    cast: Option<Function>,
}

/// The frame's offsets, evaluated once per partition.
pub(super) struct Bounds {
    start: Value,
    end: Value,
}

/// The rows that a row's functions see.
#[derive(Clone, PartialEq)]
pub(super) struct FrameRows {
    /// From here to there,
    pub(super) rows: Range<usize>,
    /// without these,
    without: Range<usize>,
    /// but with this one.
    but: Option<usize>,
}

impl FrameRows {
    /// All rows, in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.iter_from(0)
    }

    /// Those from a row on.
    pub(super) fn iter_from(&self, from: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (self.rows.start.max(from)..self.rows.end)
            .filter(|at| !self.without.contains(at) || self.but == Some(*at))
    }

    /// Whether no row within is left out.
    pub(super) fn is_whole(&self) -> bool {
        self.without.is_empty()
    }
}

impl FrameOp {
    pub(super) fn compile(compiler: &mut Compiler, frame: &Frame, orders: &[Order]) -> Result<FrameOp> {
        let order = match orders {
            [order] => Some(*order),
            _ => None,
        };
        let mut bound = |bound: &FrameBound| {
            Ok(match bound {
                FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => BoundOp::Unbounded,
                FrameBound::CurrentRow => BoundOp::CurrentRow,
                FrameBound::Preceding(offset) => offset_op(compiler, frame.unit, offset, false, order)?,
                FrameBound::Following(offset) => offset_op(compiler, frame.unit, offset, true, order)?,
            })
        };
        let (start, end) = (bound(&frame.start)?, bound(&frame.end)?);
        Ok(FrameOp { unit: frame.unit, start, end, exclude: frame.exclude, order })
    }

    /// Whether the frames of rows in their order only ever have more rows, none of which stands before the current one
    /// when it comes. (What is so far away as a value is looked for among all rows.)
    pub(super) fn only_grows(&self) -> bool {
        let from_start = matches!(self.start, BoundOp::Unbounded);
        let to_here = !matches!(
            self.end,
            BoundOp::Offset { following: false, .. } | BoundOp::Offset { range: Some(_), .. }
        );
        from_start && to_here && matches!(self.exclude, FrameExclude::NoOthers)
    }

    /// Evaluates the offsets.
    pub(super) fn start(&self, partition: &Partition, frame: &Surroundings) -> Result<Bounds> {
        let row = partition.rows.first().map(Vec::as_slice).unwrap_or_default();
        let value = |bound: &BoundOp, side: &str| match bound {
            BoundOp::Offset { offset, .. } => {
                let value = offset.eval(&frame.scope(row))?;
                self.check(&value, side)?;
                Ok(value)
            }
            _ => Ok(Value::Null),
        };
        Ok(Bounds { start: value(&self.start, "starting")?, end: value(&self.end, "ending")? })
    }

    fn check(&self, offset: &Value, side: &str) -> Result<()> {
        if offset.is_null() {
            let message = format!("frame {side} offset must not be null");
            return Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, message));
        }
        let code = SqlState(*b"22013");
        match self.unit {
            FrameUnit::Range if is_negative(offset) => {
                Err(Error::new(code, "invalid preceding or following size in window function"))
            }
            FrameUnit::Rows | FrameUnit::Groups if is_negative(offset) => {
                Err(Error::new(code, format!("frame {side} offset must not be negative")))
            }
            _ => Ok(()),
        }
    }
}

fn is_negative(value: &Value) -> bool {
    match value {
        Value::Float4(f) => f.is_nan() || *f < 0.0,
        Value::Float8(f) => f.is_nan() || *f < 0.0,
        Value::Interval(i) => pg::compare::interval_span(i) < 0,
        Value::Numeric(n) => n.is_nan() || n.to_string().starts_with('-'),
        value => value.as_i64().is_some_and(|n| n < 0),
    }
}

fn offset_op(
    compiler: &mut Compiler,
    unit: FrameUnit,
    offset: &Expr,
    following: bool,
    order: Option<Order>,
) -> Result<BoundOp> {
    let range = match (unit, order) {
        (FrameUnit::Range, Some(order)) => Some(range_offset(compiler, order, offset.ty.oid, following)?),
        (FrameUnit::Range, None) => {
            return Err(Error::new(
                SqlState::WINDOWING_ERROR,
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
            ));
        }
        _ => None,
    };
    Ok(BoundOp::Offset { offset: compiler.expr(offset)?, following, range })
}

fn range_offset(compiler: &mut Compiler, order: Order, offset: Oid, following: bool) -> Result<RangeOffset> {
    let name = if following != order.descending { "+" } else { "-" };
    let refused = || {
        Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!(
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                catalog::format_type(order.ty, None),
                catalog::format_type(offset, None)
            ),
        )
    };
    let operator = catalog::operator_exact(name, order.ty, offset).ok_or_else(refused)?;
    let types = Box::new([order.ty, offset]);
    let moved = compiler.function(operator.code, Some(operator.oid), types, operator.result)?;
    let integers = [pg::oid::INT2, pg::oid::INT4, pg::oid::INT8];
    let same =
        operator.result == order.ty || (integers.contains(&operator.result) && integers.contains(&order.ty));
    let cast = match same {
        true => None,
        false => {
            let cast = catalog::cast(order.ty, operator.result).filter(|cast| cast.func.is_valid());
            let cast = cast.ok_or_else(refused)?;
            Some(compiler.function(cast.func, None, Box::new([order.ty]), operator.result)?)
        }
    };
    Ok(RangeOffset { moved, outcome: operator.result, cast })
}

impl Bounds {
    /// The rows of a row's frame.
    pub(super) fn rows(
        &self,
        op: &FrameOp,
        partition: &Partition,
        at: usize,
        frame: &Surroundings,
    ) -> Result<FrameRows> {
        let count = partition.rows.len();
        let side = Side { op, partition, at, frame };
        let start = side.start(&self.start)?.min(count);
        let end = side.end(&self.end)?.min(count).max(start);
        let (first, last) = partition.peers.around(at);
        let (without, but) = match op.exclude {
            FrameExclude::NoOthers => (0..0, None),
            FrameExclude::CurrentRow => (at..at + 1, None),
            FrameExclude::Group => (first..last, None),
            FrameExclude::Ties => (first..last, Some(at)),
        };
        Ok(FrameRows { rows: start..end, without, but })
    }
}

/// A row whose frame is looked for.
struct Side<'a> {
    op: &'a FrameOp,
    partition: &'a Partition,
    at: usize,
    frame: &'a Surroundings,
}

impl Side<'_> {
    fn start(&self, offset: &Value) -> Result<usize> {
        let peers = &self.partition.peers;
        match (&self.op.start, self.op.unit) {
            (BoundOp::Unbounded, _) => Ok(0),
            (BoundOp::CurrentRow, FrameUnit::Rows) => Ok(self.at),
            (BoundOp::CurrentRow, _) => Ok(peers.around(self.at).0),
            (BoundOp::Offset { following, .. }, FrameUnit::Rows) => {
                Ok(moved(self.at, offset, *following).map_or(0, |at| at))
            }
            (BoundOp::Offset { following, .. }, FrameUnit::Groups) => {
                let group = peers.group.get(self.at).copied().unwrap_or(0);
                Ok(moved(group, offset, *following).map_or(0, |group| peers.start(group)))
            }
            (BoundOp::Offset { range, following, .. }, FrameUnit::Range) => {
                self.range(range.as_ref(), offset, *following, true)
            }
        }
    }

    fn end(&self, offset: &Value) -> Result<usize> {
        let peers = &self.partition.peers;
        match (&self.op.end, self.op.unit) {
            (BoundOp::Unbounded, _) => Ok(self.partition.rows.len()),
            (BoundOp::CurrentRow, FrameUnit::Rows) => Ok(self.at + 1),
            (BoundOp::CurrentRow, _) => Ok(peers.around(self.at).1),
            (BoundOp::Offset { following, .. }, FrameUnit::Rows) => {
                Ok(moved(self.at, offset, *following).map_or(0, |at| at.saturating_add(1)))
            }
            (BoundOp::Offset { following, .. }, FrameUnit::Groups) => {
                let group = peers.group.get(self.at).copied().unwrap_or(0);
                let group = moved(group, offset, *following).map(|group| group.saturating_add(1));
                Ok(group.map_or(0, |group| peers.start(group)))
            }
            (BoundOp::Offset { range, following, .. }, FrameUnit::Range) => {
                self.range(range.as_ref(), offset, *following, false)
            }
        }
    }

    /// The first row at (`start`) or behind the row's value moved by an offset. NULLs are peers of each other and in
    /// no other row's range.
    fn range(
        &self,
        range: Option<&RangeOffset>,
        offset: &Value,
        following: bool,
        start: bool,
    ) -> Result<usize> {
        let (Some(range), Some(order)) = (range, self.op.order) else {
            return Err(Error::internal("RANGE without a key"));
        };
        let (rows, partition) = (&self.partition.rows, self.partition);
        let is_null = |row: &Vec<Value>| partition.key(row).is_null();
        let value = rows.get(self.at).map(|row| partition.key(row));
        let Some(value) = value.filter(|value| !value.is_null()) else {
            let (first, last) = self.partition.peers.around(self.at);
            return Ok(if start { first } else { last });
        };
        let nulls_before = rows.partition_point(|row| order.nulls_first && is_null(row));
        let nulls_behind = rows.partition_point(|row| order.nulls_first || !is_null(row));
        let inside = rows.get(nulls_before..nulls_behind).unwrap_or_default();
        let row = self.partition.rows.get(self.at).map(Vec::as_slice).unwrap_or_default();
        let scope = self.frame.scope(row);
        let forwards = following != order.descending;
        let bound = match time_moved(value, offset, forwards)
            .map_or_else(|| range.moved.call(&[value.clone(), offset.clone()], &scope), Ok)
        {
            Ok(bound) => bound,
            // Beyond the type's range is beyond all rows.
            Err(error) if is_overflow(&error) => {
                return Ok(if following { nulls_behind } else { nulls_before });
            }
            Err(error) => return Err(error),
        };
        // Infinity moved by infinity: all that is a number is in its range (`in_range_float8_float8`).
        let bound = match is_nan(&bound) && !is_nan(value) {
            true => infinite(bound, start == order.descending),
            false => bound,
        };
        let order = Order { ty: range.outcome, ..order };
        let mut failed = None;
        let count = inside.partition_point(|row| {
            let key = partition.key(row).clone();
            let key = match range.cast.as_ref().map(|cast| cast.call(std::slice::from_ref(&key), &scope)) {
                None => key,
                Some(Ok(key)) => key,
                Some(Err(error)) => {
                    failed = Some(error);
                    return false;
                }
            };
            let found = order.compare(&key, &bound);
            if start { found.is_lt() } else { found.is_le() }
        });
        failed.map_or(Ok(nulls_before + count), Err)
    }
}

/// A time of day moved by an interval's time part, which does not begin anew at midnight (`in_range_time_interval`).
fn time_moved(value: &Value, offset: &Value, forwards: bool) -> Option<Value> {
    let Value::Interval(interval) = offset else { return None };
    let by = if forwards { interval.micros } else { interval.micros.checked_neg()? };
    match value {
        Value::Time(time) => Some(Value::Time(time.saturating_add(by))),
        Value::TimeTz(time, zone) => Some(Value::TimeTz(time.saturating_add(by), *zone)),
        _ => None,
    }
}

fn is_nan(value: &Value) -> bool {
    match value {
        Value::Float4(f) => f.is_nan(),
        Value::Float8(f) => f.is_nan(),
        Value::Numeric(n) => n.is_nan(),
        _ => false,
    }
}

/// An infinity of a value's type.
fn infinite(value: Value, positive: bool) -> Value {
    let sign = if positive { 1.0 } else { -1.0 };
    match value {
        Value::Float4(_) => Value::Float4(f32::INFINITY * sign as f32),
        Value::Float8(_) => Value::Float8(f64::INFINITY * sign),
        Value::Numeric(_) if positive => Value::Numeric(Numeric::Infinity.into()),
        Value::Numeric(_) => Value::Numeric(Numeric::NegInfinity.into()),
        other => other,
    }
}

fn is_overflow(error: &Error) -> bool {
    [SqlState::NUMERIC_VALUE_OUT_OF_RANGE, SqlState::DATETIME_FIELD_OVERFLOW].contains(&error.code())
}

/// A place moved by a number that isn't negative; none before the start.
fn moved(at: usize, by: &Value, following: bool) -> Option<usize> {
    let by = usize::try_from(by.as_i64().unwrap_or(0)).unwrap_or(usize::MAX);
    if following { Some(at.saturating_add(by)) } else { at.checked_sub(by) }
}
