//! Ordered-set aggregates: `percentile_cont`, `percentile_disc`, `mode` (PostgreSQL's orderedsetaggs.c).

use crate::compare::compare;
use crate::func::args::{arity, mismatch};
use crate::func::datetime::{multiply_interval, subtract_intervals, sum_intervals};
use crate::func::printf::general;
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Array, Error, Oid, Result, SqlState, Value, catalog};

const DISCRETE: NewAccumulator = || Box::new(Percentile::new(false));
const CONTINUOUS: NewAccumulator = || Box::new(Percentile::new(true));

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (3972, DISCRETE),                     // percentile_disc(float8, anyelement)
    (3978, DISCRETE),                     // percentile_disc(float8[], anyelement)
    (3974, CONTINUOUS),                   // percentile_cont(float8, float8)
    (3976, CONTINUOUS),                   // percentile_cont(float8, interval)
    (3980, CONTINUOUS),                   // percentile_cont(float8[], float8)
    (3982, CONTINUOUS),                   // percentile_cont(float8[], interval)
    (3984, || Box::new(Mode::default())), // mode()
];

/// One or several percentiles; which, the direct argument says.
struct Percentile {
    continuous: bool,
    wanted: Value,
    values: Vec<Value>,
}

impl Percentile {
    fn new(continuous: bool) -> Percentile {
        Percentile { continuous, wanted: Value::Null, values: Vec::new() }
    }

    /// The value at a fraction of the sorted values, of which there is at least one.
    fn at(&self, fraction: f64) -> Result<Value> {
        let value = |row: f64| self.values.get(row as usize).cloned().unwrap_or_default();
        let count = self.values.len() as f64;
        if !self.continuous {
            return Ok(value((fraction * count).ceil().max(1.0) - 1.0));
        }
        let exact = fraction * (count - 1.0);
        let (first, second) = (exact.floor(), exact.ceil());
        if first == second {
            return Ok(value(first));
        }
        between(&value(first), &value(second), exact - first)
    }

    /// `percentile_cont_multi_final_common`: an array of the shape of the direct argument.
    fn several(&self, call: &Call<'_>, wanted: &Array) -> Result<Value> {
        let element = catalog::element_type(call.result).unwrap_or(Oid::INVALID);
        let checked = |item: &Value| match item {
            Value::Null => Ok(None),
            Value::Float8(fraction) => in_range(*fraction).map(Some),
            other => Err(mismatch(other)),
        };
        let fractions: Vec<Option<f64>> = wanted.items.iter().map(checked).collect::<Result<_>>()?;
        let item = |fraction: Option<f64>| fraction.map_or(Ok(Value::Null), |fraction| self.at(fraction));
        let items = fractions.into_iter().map(item).collect::<Result<_>>()?;
        Ok(Value::Array(Array { element, dims: wanted.dims.clone(), items }.into()))
    }
}

impl Accumulator for Percentile {
    fn direct(&mut self, _: &Call<'_>, args: Vec<Value>) -> Result<()> {
        self.wanted = args.into_iter().next().unwrap_or_default();
        Ok(())
    }

    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        self.values.push(value.clone());
        Ok(())
    }

    fn finish(&mut self, call: &Call<'_>) -> Result<Value> {
        match &self.wanted {
            Value::Null => Ok(Value::Null),
            // A single fraction is checked even when there is no row.
            Value::Float8(fraction) => {
                let fraction = in_range(*fraction)?;
                if self.values.is_empty() { Ok(Value::Null) } else { self.at(fraction) }
            }
            Value::Array(_) if self.values.is_empty() => Ok(Value::Null),
            Value::Array(wanted) => self.several(call, wanted),
            other => Err(mismatch(other)),
        }
    }
}

fn in_range(fraction: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&fraction) {
        return Ok(fraction);
    }
    Err(Error::new(
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("percentile value {} is not between 0 and 1", general(fraction, 0, false)),
    ))
}

/// `float8_lerp`, `interval_lerp`
fn between(low: &Value, high: &Value, part: f64) -> Result<Value> {
    match (low, high) {
        (Value::Float8(low), Value::Float8(high)) => Ok(Value::Float8(low + part * (high - low))),
        (Value::Interval(low), Value::Interval(high)) => {
            let difference = multiply_interval(subtract_intervals(*high, *low)?, part)?;
            sum_intervals(difference, *low).map(Value::Interval)
        }
        (other, _) => Err(mismatch(other)),
    }
}

/// `mode`: the most frequent value, the first one of several (`mode_final`).
#[derive(Default)]
struct Mode {
    best: Value,
    best_count: u64,
    last: Value,
    last_count: u64,
}

impl Accumulator for Mode {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        let ty = call.arg_types.first().copied().unwrap_or(Oid::INVALID);
        if self.last_count > 0 && compare(ty, &self.last, value).is_eq() {
            self.last_count += 1;
        } else {
            self.last = value.clone();
            self.last_count = 1;
        }
        if self.last_count > self.best_count {
            self.best = self.last.clone();
            self.best_count = self.last_count;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(std::mem::take(&mut self.best))
    }
}
