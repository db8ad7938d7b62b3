//! Functions of ranges (`rangetypes.c`).

use std::cmp::Ordering;

use crate::func::{Call, Kernel};
use crate::other::range::{Bound, Range, compare, compare_bounds, compare_lower, compare_upper};
use crate::{Error, Result, SqlState, Value};

kernels!(BASIC(call) {
    "range_lower" => |a: Range| bound(&a, &a.lower);
    "range_upper" => |a: Range| bound(&a, &a.upper);
    "range_empty" => |a: Range| a.empty;
    "range_lower_inc" => |a: Range| a.lower.inclusive;
    "range_upper_inc" => |a: Range| a.upper.inclusive;
    "range_lower_inf" => |a: Range| !a.empty && a.lower.value.is_none();
    "range_upper_inf" => |a: Range| !a.empty && a.upper.value.is_none();
    "range_eq" => |a: Range, b: Range| compare(&a, &b).is_eq();
    "range_ne" => |a: Range, b: Range| compare(&a, &b).is_ne();
    "range_lt" => |a: Range, b: Range| compare(&a, &b).is_lt();
    "range_le" => |a: Range, b: Range| compare(&a, &b).is_le();
    "range_gt" => |a: Range, b: Range| compare(&a, &b).is_gt();
    "range_ge" => |a: Range, b: Range| compare(&a, &b).is_ge();
    "range_cmp" => |a: Range, b: Range| compare(&a, &b) as i32;
    "range_contains_elem" => |a: Range, value: &Value| has(&a, value);
    "elem_contained_by_range" => |value: &Value, a: Range| has(&a, value);
    "range_contains" => |a: Range, b: Range| contains(&a, &b);
    "range_contained_by" => |a: Range, b: Range| contains(&b, &a);
    "range_overlaps" => |a: Range, b: Range| overlaps(&a, &b);
    "range_before" => |a: Range, b: Range| before(&a, &b);
    "range_after" => |a: Range, b: Range| before(&b, &a);
    "range_overleft" => |a: Range, b: Range| !a.empty && !b.empty && compare_upper(&a, &b).is_le();
    "range_overright" => |a: Range, b: Range| !a.empty && !b.empty && compare_lower(&a, &b).is_ge();
    "range_adjacent" => |a: Range, b: Range| adjacent(&a, &b);
    "range_union" => |a: Range, b: Range| union(&a, &b, true);
    "range_merge" => |a: Range, b: Range| union(&a, &b, false);
    "range_intersect" => |a: Range, b: Range| intersect(&a, &b);
    "range_minus" => |a: Range, b: Range| minus(&a, &b);
    "int4range_canonical" => |a: Range| a;
    "int8range_canonical" => |a: Range| a;
    "daterange_canonical" => |a: Range| a;
    "int4range_subdiff" => |a: i32, b: i32| f64::from(a) - f64::from(b);
    "int8range_subdiff" => |a: i64, b: i64| a as f64 - b as f64;
    "numrange_subdiff" => |a: &crate::Numeric, b: &crate::Numeric| a.sub(b).map(|d| d.to_f64_lossy());
    "daterange_subdiff" => |a: &Value, b: &Value| match (a, b) {
        (Value::Date(a), Value::Date(b)) => Ok(f64::from(*a) - f64::from(*b)),
        _ => Err(crate::func::args::mismatch(a)),
    };
    "tsrange_subdiff" => |a: &Value, b: &Value| seconds(a, b);
    "tstzrange_subdiff" => |a: &Value, b: &Value| seconds(a, b);
});

const CONSTRUCTORS: [(&str, Kernel); 2] =
    [("range_constructor2", construct), ("range_constructor3", construct)];

/// The functions of this file.
pub(super) const KERNELS: &[(&str, Kernel)] = &joined();

const fn joined() -> [(&'static str, Kernel); BASIC.len() + 2] {
    let mut all = [CONSTRUCTORS[0]; BASIC.len() + 2];
    all[1] = CONSTRUCTORS[1];
    let mut at = 0;
    while at < BASIC.len() {
        all[at + 2] = BASIC[at];
        at += 1;
    }
    all
}

fn seconds(a: &Value, b: &Value) -> Result<f64> {
    match (a, b) {
        (Value::Timestamp(a), Value::Timestamp(b)) | (Value::TimestampTz(a), Value::TimestampTz(b)) => {
            Ok((*a as f64 - *b as f64) / 1_000_000.0)
        }
        _ => Err(crate::func::args::mismatch(a)),
    }
}

fn bound(range: &Range, bound: &Bound) -> Value {
    if range.empty { Value::Null } else { bound.value.clone().unwrap_or_default() }
}

/// `int4range(1, 2, '[]')`
fn construct(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let flags = match args.get(2) {
        None => "[)",
        Some(Value::Text(flags)) => flags,
        Some(_) => {
            return Err(Error::new(
                SqlState::DATA_EXCEPTION,
                "range constructor flags argument must not be null",
            ));
        }
    };
    let (lower, upper) = match flags.as_bytes() {
        [a @ (b'[' | b'('), b @ (b']' | b')')] => (*a == b'[', *b == b']'),
        _ => {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "invalid range bound flags")
                .hint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\"."));
        }
    };
    let bound = |at: usize, inclusive: bool| Bound {
        value: args.get(at).filter(|value| !value.is_null()).cloned(),
        inclusive,
    };
    let range = Range::new(call.result, bound(0, lower), bound(1, upper))?;
    Ok(crate::Other::Range(range).into())
}

/// Whether a value lies in a range.
pub(super) fn has(range: &Range, value: &Value) -> bool {
    let compare = |bound: &Value| crate::compare(range.element, bound, value);
    !range.empty
        && range.lower.value.as_ref().is_none_or(|lower| match compare(lower) {
            Ordering::Greater => false,
            Ordering::Equal => range.lower.inclusive,
            Ordering::Less => true,
        })
        && range.upper.value.as_ref().is_none_or(|upper| match compare(upper) {
            Ordering::Less => false,
            Ordering::Equal => range.upper.inclusive,
            Ordering::Greater => true,
        })
}

/// Whether the second lies in the first.
pub(super) fn contains(a: &Range, b: &Range) -> bool {
    b.empty || (!a.empty && compare_lower(a, b).is_le() && compare_upper(a, b).is_ge())
}

/// Whether they have a value in common.
pub(super) fn overlaps(a: &Range, b: &Range) -> bool {
    if a.empty || b.empty {
        return false;
    }
    let starts_in = |a: &Range, b: &Range| {
        compare_lower(a, b).is_ge() && compare_bounds(a.element, &a.lower, true, &b.upper, false).is_le()
    };
    starts_in(a, b) || starts_in(b, a)
}

/// Whether the first ends before the second begins.
pub(super) fn before(a: &Range, b: &Range) -> bool {
    !a.empty && !b.empty && compare_bounds(a.element, &a.upper, false, &b.lower, true).is_lt()
}

/// `bounds_adjacent`: nothing lies between an upper and a lower bound, and they don't overlap.
fn bounds_adjacent(ty: crate::Oid, element: crate::Oid, upper: &Bound, lower: &Bound) -> bool {
    match compare_bounds(element, upper, false, lower, true) {
        Ordering::Less => {
            // What lies between is empty, if the type's values can be counted.
            let discrete = crate::catalog::range_type(ty).is_some_and(|row| row.discrete);
            if !discrete {
                let same = match (&upper.value, &lower.value) {
                    (Some(a), Some(b)) => crate::compare(element, a, b).is_eq(),
                    _ => false,
                };
                return same && upper.inclusive != lower.inclusive;
            }
            let flip = |bound: &Bound| Bound { value: bound.value.clone(), inclusive: !bound.inclusive };
            Range::new(ty, flip(upper), flip(lower)).is_ok_and(|between| between.empty)
        }
        Ordering::Equal => upper.inclusive != lower.inclusive,
        Ordering::Greater => false,
    }
}

/// Whether they touch and don't overlap.
pub(super) fn adjacent(a: &Range, b: &Range) -> bool {
    let touch = |a: &Range, b: &Range| match (&a.upper.value, &b.lower.value) {
        (Some(x), Some(y)) if crate::compare(a.element, x, y).is_eq() => {
            a.upper.inclusive != b.lower.inclusive
        }
        (Some(_), Some(_)) => bounds_adjacent(a.ty, a.element, &a.upper, &b.lower),
        _ => false,
    };
    !a.empty && !b.empty && (touch(a, b) || touch(b, a))
}

/// `range_union`, and `range_merge` where they need not touch.
fn union(a: &Range, b: &Range, strict: bool) -> Result<Range> {
    if a.empty {
        return Ok(b.clone());
    }
    if b.empty {
        return Ok(a.clone());
    }
    if strict && !overlaps(a, b) && !adjacent(a, b) {
        let message = "result of range union would not be contiguous";
        return Err(Error::new(SqlState::DATA_EXCEPTION, message));
    }
    let lower = if compare_lower(a, b).is_lt() { &a.lower } else { &b.lower };
    let upper = if compare_upper(a, b).is_gt() { &a.upper } else { &b.upper };
    Range::new(a.ty, lower.clone(), upper.clone())
}

/// What they have in common.
pub(super) fn intersect(a: &Range, b: &Range) -> Range {
    if !overlaps(a, b) {
        return Range::empty(a.ty);
    }
    let lower = if compare_lower(a, b).is_ge() { &a.lower } else { &b.lower };
    let upper = if compare_upper(a, b).is_le() { &a.upper } else { &b.upper };
    Range::new(a.ty, lower.clone(), upper.clone()).unwrap_or_else(|_| Range::empty(a.ty))
}

fn flip(bound: &Bound) -> Bound {
    Bound { value: bound.value.clone(), inclusive: !bound.inclusive }
}

/// The first without the second, in no, one or two parts.
pub(super) fn parts_without(a: &Range, b: &Range) -> Result<Vec<Range>> {
    if a.empty || b.empty || !overlaps(a, b) {
        return Ok(if a.empty { Vec::new() } else { vec![a.clone()] });
    }
    let mut parts = Vec::new();
    if compare_lower(a, b).is_lt() {
        parts.push(Range::new(a.ty, a.lower.clone(), flip(&b.lower))?);
    }
    if compare_upper(a, b).is_gt() {
        parts.push(Range::new(a.ty, flip(&b.upper), a.upper.clone())?);
    }
    parts.retain(|part| !part.empty);
    Ok(parts)
}

fn minus(a: &Range, b: &Range) -> Result<Range> {
    if a.empty || b.empty {
        return Ok(a.clone());
    }
    let below = compare_lower(a, b).is_lt();
    let above = compare_upper(a, b).is_gt();
    if below && above && overlaps(a, b) {
        let message = "result of range difference would not be contiguous";
        return Err(Error::new(SqlState::DATA_EXCEPTION, message));
    }
    Ok(parts_without(a, b)?.pop().unwrap_or_else(|| Range::empty(a.ty)))
}
