//! `OVERLAPS`.

use super::arithmetic::add;
use crate::compare::compare;
use crate::datetime::session_zone;
use crate::func::args::arity;
use crate::func::{Call, Kernel};
use crate::{Result, Value, oid};

pub(super) const KERNELS: &[(&str, Kernel)] =
    &[("overlaps_time", overlaps), ("overlaps_timetz", overlaps), ("overlaps_timestamp", overlaps)];

/// With lengths for ends, written in SQL.
pub(super) const SQL_FUNCTIONS: &[(u32, Kernel)] = &[
    (1305, with_lengths), // timestamptz, interval, timestamptz, interval
    (1306, with_lengths), // timestamptz, timestamptz, timestamptz, interval
    (1307, with_lengths), // timestamptz, interval, timestamptz, timestamptz
    (1309, with_lengths), // time, interval, time, interval
    (1310, with_lengths), // time, time, time, interval
    (1311, with_lengths), // time, interval, time, time
    (2042, with_lengths), // timestamp, interval, timestamp, interval
    (2043, with_lengths), // timestamp, timestamp, timestamp, interval
    (2044, with_lengths), // timestamp, interval, timestamp, timestamp
];

/// Replaces the lengths by ends.
fn with_lengths(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [start1, end1, start2, end2] = args else { return Err(arity(args)) };
    let ends = [start1.clone(), end_of(call, start1, end1)?, start2.clone(), end_of(call, start2, end2)?];
    let ty = call.arg_types.first().copied().unwrap_or(oid::TIMESTAMP);
    overlaps(&Call { arg_types: &[ty; 4], ..*call }, &ends)
}

fn end_of(call: &Call<'_>, start: &Value, end: &Value) -> Result<Value> {
    let Value::Interval(length) = end else {
        return Ok(end.clone());
    };
    Ok(match start {
        Value::Time(time) => {
            let day = i128::from(crate::datetime::USECS_PER_DAY);
            Value::Time((i128::from(*time) + i128::from(length.micros)).rem_euclid(day) as i64)
        }
        Value::Timestamp(t) => Value::Timestamp(add(*t, *length, None)?),
        Value::TimestampTz(t) => Value::TimestampTz(add(*t, *length, Some(&session_zone(call.env)?))?),
        _ => Value::Null,
    })
}

/// `overlaps_timestamp`: whether two spans share a moment, as far as it is known.
fn overlaps(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [start1, end1, start2, end2] = args else { return Err(arity(args)) };
    let ty = call.arg_types.first().copied().unwrap_or(oid::TIMESTAMP);
    let order = |a: &Value, b: &Value| compare(ty, a, b);
    let ordered = |a: &Value, b: &Value| {
        if a.is_null() || !b.is_null() && order(a, b).is_gt() {
            (b.clone(), a.clone())
        } else {
            (a.clone(), b.clone())
        }
    };
    let (start1, end1) = ordered(start1, end1);
    let (start2, end2) = ordered(start2, end2);
    if start1.is_null() || start2.is_null() {
        return Ok(Value::Null);
    }
    let starts = order(&start1, &start2);
    if starts.is_eq() {
        return Ok(if end1.is_null() || end2.is_null() { Value::Null } else { Value::Bool(true) });
    }
    // The later start must come before the end of the earlier span.
    let (later, own_end, other_end) =
        if starts.is_gt() { (&start1, &end1, &end2) } else { (&start2, &end2, &end1) };
    Ok(if other_end.is_null() {
        Value::Null
    } else if order(later, other_end).is_lt() {
        Value::Bool(true)
    } else if own_end.is_null() {
        Value::Null
    } else {
        Value::Bool(false)
    })
}
