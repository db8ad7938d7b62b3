//! `ts_rank`, `ts_rank_cd`.

use super::arg;
use crate::func::{Call, Kernel};
use crate::tsearch::{DEFAULT_WEIGHTS, TsQuery, TsVector, rank, rank_cd};
use crate::{Array, Error, Result, SqlState, Value};

pub(in crate::func) const KERNELS: &[(&str, Kernel)] = &[
    ("ts_rank_wttf", by_distance),
    ("ts_rank_wtt", by_distance),
    ("ts_rank_ttf", by_distance),
    ("ts_rank_tt", by_distance),
    ("ts_rankcd_wttf", by_covers),
    ("ts_rankcd_wtt", by_covers),
    ("ts_rankcd_ttf", by_covers),
    ("ts_rankcd_tt", by_covers),
    ("ts_lexize", super::documents::ts_lexize),
];

fn by_distance(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    ranked(args, rank)
}

fn by_covers(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    ranked(args, rank_cd)
}

type Rank = fn(&[f32; 4], &TsVector, &TsQuery, i32) -> f32;

/// Weights before, and how to normalize behind, are optional.
fn ranked(args: &[Value], rank: Rank) -> Result<Value> {
    let (weights, args) = match args {
        [Value::Array(array), rest @ ..] => (weights(array)?, rest),
        rest => (DEFAULT_WEIGHTS, rest),
    };
    let method = if args.len() > 2 { arg(args, 2)? } else { 0 };
    Ok(Value::Float4(rank(&weights, arg(args, 0)?, arg(args, 1)?, method)))
}

/// `getWeights`: for a negative one the usual weight.
fn weights(array: &Array) -> Result<[f32; 4]> {
    let wrong = |code, what: &str| Err(Error::new(code, format!("array of weight {what}")));
    if array.dims.len() != 1 {
        return wrong(SqlState::ARRAY_SUBSCRIPT_ERROR, "must be one-dimensional");
    }
    if array.items.len() < 4 {
        return wrong(SqlState::ARRAY_SUBSCRIPT_ERROR, "is too short");
    }
    if array.items.iter().any(Value::is_null) {
        return wrong(SqlState::NULL_VALUE_NOT_ALLOWED, "must not contain nulls");
    }
    let mut weights = DEFAULT_WEIGHTS;
    for (weight, item) in weights.iter_mut().zip(&array.items) {
        match item {
            Value::Float4(own) if *own >= 0.0 => *weight = *own,
            _ => {}
        }
        if *weight > 1.0 {
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "weight out of range"));
        }
    }
    Ok(weights)
}
