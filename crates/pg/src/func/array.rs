//! Functions of arrays (PostgreSQL's arrayfuncs.c, array_userfuncs.c).

use super::Call;
use super::args::mismatch;
use crate::array::{Dimension, MAX_DIMENSIONS, too_many_dimensions};
use crate::compare::{compare, equal};
use crate::{Array, Error, Oid, Result, SqlState, Value, catalog, oid};

kernels!(KERNELS(call) {
    "array_ndims" => |a: &Array| (!a.dims.is_empty()).then_some(a.dims.len() as i32);
    "array_length" => |a: &Array, dimension: i32| dimension_of(a, dimension).map(|dim| dim.length);
    "array_lower" => |a: &Array, dimension: i32| dimension_of(a, dimension).map(|dim| dim.lower);
    "array_upper" => |a: &Array, dimension: i32| dimension_of(a, dimension).map(|dim| dim.lower + dim.length - 1);
    "array_cardinality" => |a: &Array| a.items.len() as i32;
    "array_dims" => |a: &Array| dims_text(a);
    "array_append" => |a: Option<&Array>, item: &Value| append(call, a, item);
    "array_prepend" => |item: &Value, a: Option<&Array>| prepend(call, item, a);
    "array_cat" => |a: Option<&Array>, b: Option<&Array>| match (a, b) {
        (Some(a), Some(b)) => concatenate(a, b).map(Some),
        (a, b) => Ok(a.or(b).cloned()),
    };
    "array_position" => |a: Option<&Array>, item: &Value| position(a, item, Some(i32::MIN));
    "array_position_start" => |a: Option<&Array>, item: &Value, start: Option<i32>| position(a, item, start);
    "array_positions" => |a: Option<&Array>, item: &Value| positions(a, item);
    "array_remove" => |a: Option<&Array>, item: &Value| a.map(|a| remove(a, item)).transpose();
    "array_replace" => |a: Option<&Array>, from: &Value, to: &Value| a.map(|a| replace(a, from, to));
    "array_fill" => |item: &Value, dims: Option<&Array>| fill(call, item, dims, None);
    "array_fill_with_lower_bounds" => |item: &Value, dims: Option<&Array>, lower: Option<&Array>| match lower {
        Some(lower) => fill(call, item, dims, Some(lower)),
        None => Err(null_dims()),
    };
    "trim_array" => |a: &Array, count: i32| trim(a, count);
    "arraycontains" => |a: &Array, b: &Array| contains(a, b);
    "arraycontained" => |a: &Array, b: &Array| contains(b, a);
    "arrayoverlap" => |a: &Array, b: &Array| a.items.iter().any(|item| has(b, item));
    "width_bucket_array" => |operand: &Value, thresholds: &Array| width_bucket(operand, thresholds);
});

/// `MaxArraySize`
const MAX_ITEMS: i64 = 134_217_727;

fn dimension_of(a: &Array, dimension: i32) -> Option<Dimension> {
    usize::try_from(dimension).ok().and_then(|d| a.dims.get(d.checked_sub(1)?)).copied()
}

fn dims_text(a: &Array) -> Option<String> {
    let part = |dim: &Dimension| format!("[{}:{}]", dim.lower, dim.lower + dim.length - 1);
    (!a.dims.is_empty()).then(|| a.dims.iter().map(part).collect())
}

/// The element type of the call's result.
fn result_element(call: &Call<'_>) -> Oid {
    catalog::element_type(call.result).unwrap_or(Oid::INVALID)
}

fn not_one_dimensional() -> Error {
    Error::new(SqlState::DATA_EXCEPTION, "argument must be empty or one-dimensional array")
}

fn append(call: &Call<'_>, a: Option<&Array>, item: &Value) -> Result<Array> {
    let Some(a) = a else { return Ok(Array::one_dimensional(result_element(call), vec![item.clone()])) };
    let dims = match a.dims.as_slice() {
        [] => vec![Dimension { length: 1, lower: 1 }],
        [dim] => {
            // The new subscript has to be an int4.
            dim.lower.checked_add(dim.length).ok_or_else(|| super::int::out_of_range("integer"))?;
            vec![Dimension { length: dim.length + 1, ..*dim }]
        }
        _ => return Err(not_one_dimensional()),
    };
    let items = a.items.iter().chain([item]).cloned().collect();
    Ok(Array { element: a.element, dims, items })
}

fn prepend(call: &Call<'_>, item: &Value, a: Option<&Array>) -> Result<Array> {
    let Some(a) = a else { return Ok(Array::one_dimensional(result_element(call), vec![item.clone()])) };
    let dims = match a.dims.as_slice() {
        [] => vec![Dimension { length: 1, lower: 1 }],
        [dim] => {
            dim.lower.checked_sub(1).ok_or_else(|| super::int::out_of_range("integer"))?;
            vec![Dimension { length: dim.length + 1, ..*dim }]
        }
        _ => return Err(not_one_dimensional()),
    };
    let items = [item].into_iter().chain(&a.items).cloned().collect();
    Ok(Array { element: a.element, dims, items })
}

/// `array_cat`: arrays of as many dimensions, or one as an element of the other.
fn concatenate(a: &Array, b: &Array) -> Result<Array> {
    if a.dims.is_empty() && !b.dims.is_empty() {
        return Ok(b.clone());
    }
    if b.dims.is_empty() {
        return Ok(a.clone());
    }
    let refuse = |detail: String| {
        Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays")
            .detail(detail))
    };
    let (n, m) = (a.dims.len(), b.dims.len());
    let dims = if n == m {
        if a.dims[1..] != b.dims[1..] {
            return refuse(
                "Arrays with differing element dimensions are not compatible for concatenation.".into(),
            );
        }
        with_more(&a.dims, b.dims[0].length)
    } else if n + 1 == m {
        if a.dims[..] != b.dims[1..] {
            return refuse("Arrays with differing dimensions are not compatible for concatenation.".into());
        }
        with_more(&b.dims, 1)
    } else if m + 1 == n {
        if b.dims[..] != a.dims[1..] {
            return refuse("Arrays with differing dimensions are not compatible for concatenation.".into());
        }
        with_more(&a.dims, 1)
    } else {
        return refuse(format!("Arrays of {n} and {m} dimensions are not compatible for concatenation."));
    };
    let items = a.items.iter().chain(&b.items).cloned().collect();
    Ok(Array { element: a.element, dims, items })
}

fn with_more(dims: &[Dimension], more: i32) -> Vec<Dimension> {
    let mut dims = dims.to_vec();
    if let Some(first) = dims.first_mut() {
        first.length += more;
    }
    dims
}

/// Whether two elements are not distinct: NULLs are equal.
fn same(a: &Array, item: &Value, other: &Value) -> bool {
    item.is_null() == other.is_null() && (item.is_null() || equal(a.element, item, other))
}

/// More dimensions than one are refused, as PostgreSQL does.
fn flat(a: &Array, what: &str) -> Result<()> {
    if a.dims.len() > 1 {
        let message = format!("{what} multidimensional arrays is not supported");
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
    }
    Ok(())
}

/// The elements with their subscripts.
fn subscripted(a: &Array) -> impl Iterator<Item = (i32, &Value)> {
    let lower = a.dims.first().map_or(1, |dim| dim.lower);
    (lower..).zip(&a.items)
}

fn position(a: Option<&Array>, item: &Value, start: Option<i32>) -> Result<Option<i32>> {
    let Some(a) = a else { return Ok(None) };
    flat(a, "searching for elements in")?;
    if a.items.is_empty() {
        return Ok(None);
    }
    let start = start
        .ok_or_else(|| Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "initial position must not be null"))?;
    Ok(subscripted(a).find(|(at, candidate)| *at >= start && same(a, candidate, item)).map(|(at, _)| at))
}

fn positions(a: Option<&Array>, item: &Value) -> Result<Option<Array>> {
    let Some(a) = a else { return Ok(None) };
    flat(a, "searching for elements in")?;
    let found = subscripted(a).filter(|(_, candidate)| same(a, candidate, item));
    Ok(Some(Array::one_dimensional(oid::INT4, found.map(|(at, _)| Value::Int4(at)).collect())))
}

fn remove(a: &Array, item: &Value) -> Result<Array> {
    flat(a, "removing elements from")?;
    let items: Vec<Value> = a.items.iter().filter(|candidate| !same(a, candidate, item)).cloned().collect();
    if items.is_empty() {
        return Ok(Array::one_dimensional(a.element, items));
    }
    let dims = a.dims.iter().map(|dim| Dimension { length: items.len() as i32, ..*dim }).collect();
    Ok(Array { element: a.element, dims, items })
}

fn replace(a: &Array, from: &Value, to: &Value) -> Array {
    let items = a.items.iter().map(|item| if same(a, item, from) { to.clone() } else { item.clone() });
    Array { element: a.element, dims: a.dims.clone(), items: items.collect() }
}

fn null_dims() -> Error {
    Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "dimension array or low bound array cannot be null")
}

/// The numbers of a dimension or low bound array.
fn numbers(a: &Array, what: &str) -> Result<Vec<i32>> {
    if a.dims.len() > 1 {
        return Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts")
            .detail(format!("{what} array must be one dimensional.")));
    }
    let number = |item: &Value| match item {
        Value::Int4(number) => Ok(*number),
        Value::Null => Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null")),
        other => Err(mismatch(other)),
    };
    a.items.iter().map(number).collect()
}

/// `array_fill`
fn fill(call: &Call<'_>, item: &Value, dims: Option<&Array>, lower: Option<&Array>) -> Result<Array> {
    let element = result_element(call);
    let lengths = numbers(dims.ok_or_else(null_dims)?, "Dimension")?;
    let lowers = match lower {
        None => vec![1; lengths.len()],
        Some(lower) => numbers(lower, "Dimension")?,
    };
    if lengths.len() > MAX_DIMENSIONS {
        return Err(too_many_dimensions(lengths.len()));
    }
    if lowers.len() != lengths.len() {
        return Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts")
            .detail("Low bound array has different size than dimensions array."));
    }
    let too_large = || {
        Error::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("array size exceeds the maximum allowed ({MAX_ITEMS})"),
        )
    };
    let mut count: i64 = i64::from(!lengths.is_empty());
    for &length in &lengths {
        if length < 0 {
            return Err(too_large());
        }
        count = count.saturating_mul(length.into());
    }
    if count > MAX_ITEMS {
        return Err(too_large());
    }
    if count == 0 {
        return Ok(Array::one_dimensional(element, Vec::new()));
    }
    let dims: Vec<Dimension> =
        lengths.iter().zip(lowers).map(|(&length, lower)| Dimension { length, lower }).collect();
    if dims.iter().any(|dim| dim.lower.checked_add(dim.length).is_none()) {
        return Err(Error::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!(
                "array lower bound is too large: {}",
                dims.iter().map(|dim| dim.lower).max().unwrap_or_default()
            ),
        ));
    }
    Ok(Array { element, dims, items: vec![item.clone(); count as usize] })
}

/// `trim_array`: without the last elements of the first dimension.
fn trim(a: &Array, count: i32) -> Result<Array> {
    let length = a.dims.first().map_or(0, |dim| dim.length);
    if count < 0 || count > length {
        return Err(Error::new(
            SqlState::ARRAY_ELEMENT_ERROR,
            format!("number of elements to trim must be between 0 and {length}"),
        ));
    }
    let kept = length - count;
    if kept == 0 {
        return Ok(Array::one_dimensional(a.element, Vec::new()));
    }
    let each = a.items.len() / length as usize;
    let mut dims: Vec<Dimension> = a.dims.iter().map(|dim| Dimension { lower: 1, ..*dim }).collect();
    dims[0].length = kept;
    Ok(Array { element: a.element, dims, items: a.items[..each * kept as usize].to_vec() })
}

/// Whether an element is in an array; NULL is in none.
fn has(a: &Array, item: &Value) -> bool {
    !item.is_null() && a.items.iter().any(|other| !other.is_null() && equal(a.element, item, other))
}

fn contains(a: &Array, b: &Array) -> bool {
    b.items.iter().all(|item| has(a, item))
}

/// `width_bucket(anycompatible, anycompatiblearray)`: how many thresholds are not above the operand.
fn width_bucket(operand: &Value, thresholds: &Array) -> Result<i32> {
    if thresholds.dims.len() > 1 {
        return Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array"));
    }
    if thresholds.items.iter().any(Value::is_null) {
        return Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs"));
    }
    let above = |threshold: &Value| compare(thresholds.element, operand, threshold).is_lt();
    Ok(thresholds.items.partition_point(|threshold| !above(threshold)) as i32)
}
