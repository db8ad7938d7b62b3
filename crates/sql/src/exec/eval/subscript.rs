//! `array[i]`, `array[i:j]`, `jsonb['key']`.

use std::sync::Arc;

use pg::array::Dimension;
use pg::array::{MAX_DIMENSIONS, too_many_dimensions};
use pg::{Array, Error, Result, SqlState, Value, oid};

use super::call::Function;
use super::{Op, Scope};

/// A subscripted container.
pub(in crate::exec) struct SubscriptOp {
    pub(super) container: Op,
    pub(super) kind: SubscriptKind,
}

/// What is subscripted, and how.
pub(in crate::exec) enum SubscriptKind {
    /// `array[i]…`
    Element(Vec<Op>),
    /// `array[i:j]…`: with one slice among them all are slices, `[j]` meaning `[1:j]`.
    Slice(Vec<(Bound, Bound)>),
    /// `jsonb['key'][0]`, by `jsonb_extract_path`.
    Jsonb { extract: Function, path: Vec<Op> },
}

/// A side of a slice.
pub(in crate::exec) enum Bound {
    /// Left out.
    Open,
    /// 1, before a subscript that is no slice.
    One,
    /// Written.
    At(Op),
}

impl SubscriptOp {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let dimensions = match &self.kind {
            SubscriptKind::Element(indexes) => indexes.len(),
            SubscriptKind::Slice(bounds) => bounds.len(),
            SubscriptKind::Jsonb { .. } => 0,
        };
        if dimensions > MAX_DIMENSIONS {
            return Err(too_many_dimensions(dimensions));
        }
        let container = self.container.eval(scope)?;
        match (&self.kind, container) {
            (_, Value::Null) => Ok(Value::Null),
            (SubscriptKind::Element(indexes), Value::Array(array)) => element(&array, indexes, scope),
            (SubscriptKind::Slice(bounds), Value::Array(array)) => slice(&array, bounds, scope),
            (SubscriptKind::Jsonb { extract, path }, json) => {
                let Some(path) = json_path(path, scope)? else { return Ok(Value::Null) };
                extract.call(&[json, Value::Array(Arc::new(path))], scope)
            }
            (_, other) => Err(Error::internal(format!("a subscript of what has no elements: {other:?}"))),
        }
    }
}

fn json_path(path: &[Op], scope: &Scope<'_>) -> Result<Option<Array>> {
    let mut steps = Vec::with_capacity(path.len());
    for op in path {
        let step = op.eval(scope)?;
        match (&step, step.as_i64()) {
            (Value::Null, _) => return Ok(None),
            (_, Some(index)) => steps.push(Value::text(index.to_string())),
            _ => steps.push(step),
        }
    }
    Ok(Some(Array::one_dimensional(oid::TEXT, steps)))
}

fn integer(op: &Op, scope: &Scope<'_>) -> Result<Option<i64>> {
    match op.eval(scope)? {
        Value::Null => Ok(None),
        value => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| Error::new(SqlState::DATATYPE_MISMATCH, "array subscript must have type integer")),
    }
}

/// `array_get_element`: NULL outside, and for any other number of subscripts than dimensions.
fn element(array: &Array, indexes: &[Op], scope: &Scope<'_>) -> Result<Value> {
    let mut subscripts = Vec::with_capacity(indexes.len());
    for op in indexes {
        let Some(index) = integer(op, scope)? else { return Ok(Value::Null) };
        subscripts.push(index);
    }
    if subscripts.len() != array.dims.len() {
        return Ok(Value::Null);
    }
    let mut offset = 0_i64;
    for (index, dim) in subscripts.iter().zip(&array.dims) {
        let place = index - i64::from(dim.lower);
        if place < 0 || place >= i64::from(dim.length) {
            return Ok(Value::Null);
        }
        offset = offset * i64::from(dim.length) + place;
    }
    Ok(usize::try_from(offset).ok().and_then(|at| array.items.get(at)).cloned().unwrap_or_default())
}

/// `array_get_slice`: what is outside is cut off, what is left has subscripts from 1.
fn slice(array: &Array, bounds: &[(Bound, Bound)], scope: &Scope<'_>) -> Result<Value> {
    let mut ranges = Vec::with_capacity(bounds.len().max(array.dims.len()));
    for (at, (lower, upper)) in bounds.iter().enumerate() {
        let (first, last) = array.dims.get(at).map_or((1, 0), whole);
        let Some(from) = bound(lower, first, scope)? else { return Ok(Value::Null) };
        let Some(to) = bound(upper, last, scope)? else { return Ok(Value::Null) };
        ranges.push((from.max(first), to.min(last)));
    }
    ranges.extend(array.dims.iter().skip(bounds.len()).map(whole));
    let empty =
        bounds.len() > array.dims.len() || array.dims.is_empty() || ranges.iter().any(|(from, to)| from > to);
    let slice = if empty {
        Array { element: array.element, dims: Vec::new(), items: Vec::new() }
    } else {
        cut(array, &ranges)
    };
    Ok(Value::Array(Arc::new(slice)))
}

fn whole(dim: &Dimension) -> (i64, i64) {
    (dim.lower.into(), i64::from(dim.lower) + i64::from(dim.length) - 1)
}

fn bound(bound: &Bound, open: i64, scope: &Scope<'_>) -> Result<Option<i64>> {
    match bound {
        Bound::Open => Ok(Some(open)),
        Bound::One => Ok(Some(1)),
        Bound::At(op) => integer(op, scope),
    }
}

fn cut(array: &Array, ranges: &[(i64, i64)]) -> Array {
    let dims: Vec<Dimension> = ranges
        .iter()
        .map(|(from, to)| Dimension { length: i32::try_from(to - from + 1).unwrap_or(i32::MAX), lower: 1 })
        .collect();
    // The items whose every subscript lies in its range, in order.
    let inside = |mut at: usize| {
        ranges.iter().zip(&array.dims).rev().all(|((from, to), dim)| {
            let length = usize::try_from(dim.length).unwrap_or(1).max(1);
            let subscript = i64::from(dim.lower) + (at % length) as i64;
            at /= length;
            (*from..=*to).contains(&subscript)
        })
    };
    let items =
        array.items.iter().enumerate().filter(|(at, _)| inside(*at)).map(|(_, item)| item.clone()).collect();
    Array { element: array.element, dims, items }
}
