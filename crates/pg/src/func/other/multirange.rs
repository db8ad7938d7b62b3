//! Functions of multiranges (`multirangetypes.c`).

use super::Multirange;
use super::range::{adjacent, before, contains, has, overlaps, parts_without};
use crate::func::args::Arg;
use crate::func::{Call, Kernel, SetKernel};
use crate::other::range::{Bound, Range, compare_lower, compare_upper};
use crate::other::{Other, multirange};
use crate::{Error, Result, SqlState, Value};

type Ranges = Multirange;

kernels!(BASIC(call) {
    "multirange_lower" => |a: Ranges| a.0.first().and_then(|r| r.lower.value.clone()).unwrap_or_default();
    "multirange_upper" => |a: Ranges| a.0.last().and_then(|r| r.upper.value.clone()).unwrap_or_default();
    "multirange_empty" => |a: Ranges| a.0.is_empty();
    "multirange_lower_inc" => |a: Ranges| a.0.first().is_some_and(|r| r.lower.inclusive);
    "multirange_upper_inc" => |a: Ranges| a.0.last().is_some_and(|r| r.upper.inclusive);
    "multirange_lower_inf" => |a: Ranges| a.0.first().is_some_and(|r| r.lower.value.is_none());
    "multirange_upper_inf" => |a: Ranges| a.0.last().is_some_and(|r| r.upper.value.is_none());
    "multirange_eq" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_eq();
    "multirange_ne" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_ne();
    "multirange_lt" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_lt();
    "multirange_le" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_le();
    "multirange_gt" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_gt();
    "multirange_ge" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0).is_ge();
    "multirange_cmp" => |a: Ranges, b: Ranges| multirange::compare(&a.0, &b.0) as i32;
    "multirange_contains_elem" => |a: Ranges, value: &Value| a.0.iter().any(|r| has(r, value));
    "elem_contained_by_multirange" => |value: &Value, a: Ranges| a.0.iter().any(|r| has(r, value));
    "multirange_contains_range" => |a: Ranges, b: Range| holds(&a.0, &[b]);
    "range_contained_by_multirange" => |b: Range, a: Ranges| holds(&a.0, &[b]);
    "range_contains_multirange" => |a: Range, b: Ranges| within(&a, &b.0);
    "multirange_contained_by_range" => |b: Ranges, a: Range| within(&a, &b.0);
    "multirange_contains_multirange" => |a: Ranges, b: Ranges| holds(&a.0, &b.0);
    "multirange_contained_by_multirange" => |a: Ranges, b: Ranges| holds(&b.0, &a.0);
    "range_overlaps_multirange" => |a: Range, b: Ranges| meet(&[a], &b.0);
    "multirange_overlaps_range" => |a: Ranges, b: Range| meet(&a.0, &[b]);
    "multirange_overlaps_multirange" => |a: Ranges, b: Ranges| meet(&a.0, &b.0);
    "range_before_multirange" => |a: Range, b: Ranges| all_before(&[a], &b.0);
    "multirange_before_range" => |a: Ranges, b: Range| all_before(&a.0, &[b]);
    "multirange_before_multirange" => |a: Ranges, b: Ranges| all_before(&a.0, &b.0);
    "range_after_multirange" => |a: Range, b: Ranges| all_before(&b.0, &[a]);
    "multirange_after_range" => |a: Ranges, b: Range| all_before(&[b], &a.0);
    "multirange_after_multirange" => |a: Ranges, b: Ranges| all_before(&b.0, &a.0);
    "range_overleft_multirange" => |a: Range, b: Ranges| over_left(&[a], &b.0);
    "multirange_overleft_range" => |a: Ranges, b: Range| over_left(&a.0, &[b]);
    "multirange_overleft_multirange" => |a: Ranges, b: Ranges| over_left(&a.0, &b.0);
    "range_overright_multirange" => |a: Range, b: Ranges| over_right(&[a], &b.0);
    "multirange_overright_range" => |a: Ranges, b: Range| over_right(&a.0, &[b]);
    "multirange_overright_multirange" => |a: Ranges, b: Ranges| over_right(&a.0, &b.0);
    "range_adjacent_multirange" => |a: Range, b: Ranges| all_adjacent(&[a], &b.0);
    "multirange_adjacent_range" => |a: Ranges, b: Range| all_adjacent(&[b], &a.0);
    "multirange_adjacent_multirange" => |a: Ranges, b: Ranges| all_adjacent(&a.0, &b.0);
    "multirange_union" => |a: Ranges, b: Ranges| Multirange(multirange::canonical([a.0, b.0].concat()));
    "multirange_minus" => |a: Ranges, b: Ranges| minus(a.0, &b.0).map(Multirange);
    "multirange_intersect" => |a: Ranges, b: Ranges| Multirange(intersect(&a.0, &b.0));
    "multirange_constructor1" => |a: Range| Multirange(multirange::canonical(vec![a]));
});

const OWN: [(&str, Kernel); 3] = [
    ("multirange_constructor0", empty),
    ("multirange_constructor2", from_array),
    ("range_merge_from_multirange", merge),
];

/// The functions of this file.
pub(super) const KERNELS: &[(&str, Kernel)] = &joined();

const fn joined() -> [(&'static str, Kernel); BASIC.len() + 3] {
    let mut all = [OWN[0]; BASIC.len() + 3];
    (all[1], all[2]) = (OWN[1], OWN[2]);
    let mut at = 0;
    while at < BASIC.len() {
        all[at + 3] = BASIC[at];
        at += 1;
    }
    all
}

/// `unnest(multirange)`
pub(super) const SETS: &[(&str, SetKernel)] = &[("multirange_unnest", unnest)];

fn empty(_: &Call<'_>, _: &[Value]) -> Result<Value> {
    Ok(Other::Multirange(Vec::new()).into())
}

fn from_array(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [Value::Array(array)] = args else { return Err(crate::func::args::arity(args)) };
    if array.dims.len() > 1 {
        return Err(Error::new(
            SqlState(*b"21000"),
            "multiranges cannot be constructed from multidimensional arrays",
        ));
    }
    let null =
        || Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "multirange values cannot contain null members");
    let ranges = array.items.iter().map(|item| if item.is_null() { Err(null()) } else { Range::arg(item) });
    Ok(Other::Multirange(multirange::canonical(ranges.collect::<Result<_>>()?)).into())
}

fn merge(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [ranges] = args else { return Err(crate::func::args::arity(args)) };
    let ranges = Multirange::arg(ranges)?.0;
    let range = match (ranges.first(), ranges.last()) {
        (Some(first), Some(last)) => Range::new(first.ty, first.lower.clone(), last.upper.clone())?,
        _ => Range::empty(call.result),
    };
    Ok(Other::Range(range).into())
}

fn unnest(_: &Call<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    let [ranges] = args else { return Err(crate::func::args::arity(args)) };
    let ranges = Multirange::arg(ranges)?.0;
    Ok(ranges.into_iter().map(|range| vec![Other::Range(range).into()]).collect())
}

/// Whether each of the second lies in one of the first.
fn holds(a: &[Range], b: &[Range]) -> bool {
    b.iter().all(|b| b.empty || a.iter().any(|a| contains(a, b)))
}

fn within(a: &Range, b: &[Range]) -> bool {
    b.iter().all(|b| contains(a, b))
}

fn meet(a: &[Range], b: &[Range]) -> bool {
    a.iter().any(|a| b.iter().any(|b| overlaps(a, b)))
}

fn all_before(a: &[Range], b: &[Range]) -> bool {
    matches!((a.last(), b.first()), (Some(a), Some(b)) if before(a, b))
}

fn over_left(a: &[Range], b: &[Range]) -> bool {
    matches!((a.last(), b.last()), (Some(a), Some(b)) if !a.empty && !b.empty && compare_upper(a, b).is_le())
}

fn over_right(a: &[Range], b: &[Range]) -> bool {
    matches!((a.first(), b.first()), (Some(a), Some(b)) if !a.empty && !b.empty && compare_lower(a, b).is_ge())
}

/// The one ends where the other begins.
fn all_adjacent(a: &[Range], b: &[Range]) -> bool {
    let (Some(a_first), Some(a_last), Some(b_first), Some(b_last)) =
        (a.first(), a.last(), b.first(), b.last())
    else {
        return false;
    };
    let touch = |left: &Range, right: &Range| {
        // Only the facing ends matter.
        let left = Range { lower: Bound::default(), ..left.clone() };
        let right = Range { upper: Bound::default(), ..right.clone() };
        !left.empty && !right.empty && adjacent(&left, &right)
    };
    touch(a_last, b_first) || touch(b_last, a_first)
}

fn minus(a: Vec<Range>, b: &[Range]) -> Result<Vec<Range>> {
    let mut left = a;
    for b in b {
        let mut next = Vec::with_capacity(left.len() + 1);
        for a in &left {
            next.extend(parts_without(a, b)?);
        }
        left = next;
    }
    Ok(multirange::canonical(left))
}

/// What they have in common.
pub(super) fn intersect(a: &[Range], b: &[Range]) -> Vec<Range> {
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| super::range::intersect(a, b)));
    multirange::canonical(pairs.collect())
}
