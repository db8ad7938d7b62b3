//! Counts, and sums, averages and variances of integers, numerics and intervals: exact.

use crate::func::args::{arity, mismatch};
use crate::func::datetime::{divide_interval, sum_intervals};
use crate::func::int::out_of_range;
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::numeric::{NumericSum, NumericVariance};
use crate::{Interval, Numeric, Result, Value};

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (2803, || Box::new(Count(0))),      // count(*)
    (2147, || Box::new(Count(0))),      // count("any")
    (2818, || Box::new(Count(0))),      // regr_count(float8, float8)
    (2108, || Box::new(SumInt8(None))), // sum(int4)
    (2109, || Box::new(SumInt8(None))), // sum(int2)
    (2107, || Box::new(Sum { sum: NumericSum::default(), average: false })), // sum(int8)
    (2114, || Box::new(Sum { sum: NumericSum::default(), average: false })), // sum(numeric)
    (2100, || Box::new(Sum { sum: NumericSum::default(), average: true })), // avg(int8)
    (2101, || Box::new(Sum { sum: NumericSum::default(), average: true })), // avg(int4)
    (2102, || Box::new(Sum { sum: NumericSum::default(), average: true })), // avg(int2)
    (2103, || Box::new(Sum { sum: NumericSum::default(), average: true })), // avg(numeric)
    (2113, || Box::new(Intervals { sum: None, count: 0, average: false })), // sum(interval)
    (2106, || Box::new(Intervals { sum: None, count: 0, average: true })), // avg(interval)
    (2718, || Box::new(Variance::new(false, false))), // var_pop(int8)
    (2719, || Box::new(Variance::new(false, false))), // var_pop(int4)
    (2720, || Box::new(Variance::new(false, false))), // var_pop(int2)
    (2723, || Box::new(Variance::new(false, false))), // var_pop(numeric)
    (2641, || Box::new(Variance::new(true, false))), // var_samp(int8)
    (2642, || Box::new(Variance::new(true, false))), // var_samp(int4)
    (2643, || Box::new(Variance::new(true, false))), // var_samp(int2)
    (2646, || Box::new(Variance::new(true, false))), // var_samp(numeric)
    (2148, || Box::new(Variance::new(true, false))), // variance(int8)
    (2149, || Box::new(Variance::new(true, false))), // variance(int4)
    (2150, || Box::new(Variance::new(true, false))), // variance(int2)
    (2153, || Box::new(Variance::new(true, false))), // variance(numeric)
    (2724, || Box::new(Variance::new(false, true))), // stddev_pop(int8)
    (2725, || Box::new(Variance::new(false, true))), // stddev_pop(int4)
    (2726, || Box::new(Variance::new(false, true))), // stddev_pop(int2)
    (2729, || Box::new(Variance::new(false, true))), // stddev_pop(numeric)
    (2712, || Box::new(Variance::new(true, true))), // stddev_samp(int8)
    (2713, || Box::new(Variance::new(true, true))), // stddev_samp(int4)
    (2714, || Box::new(Variance::new(true, true))), // stddev_samp(int2)
    (2717, || Box::new(Variance::new(true, true))), // stddev_samp(numeric)
    (2154, || Box::new(Variance::new(true, true))), // stddev(int8)
    (2155, || Box::new(Variance::new(true, true))), // stddev(int4)
    (2156, || Box::new(Variance::new(true, true))), // stddev(int2)
    (2159, || Box::new(Variance::new(true, true))), // stddev(numeric)
];

fn one(args: &[Value]) -> Result<&Value> {
    args.first().ok_or_else(|| arity(args))
}

/// `count(*)` and `count(x)`.
struct Count(i64);

impl Accumulator for Count {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        if !args.iter().any(Value::is_null) {
            self.0 = self.0.checked_add(1).ok_or_else(|| out_of_range("bigint"))?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(Value::Int8(self.0))
    }
}

/// `sum` of `int2` and `int4`: an `int8`, which PostgreSQL doesn't check.
struct SumInt8(Option<i64>);

impl Accumulator for SumInt8 {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        if let Some(value) = one(args)?.as_i64() {
            self.0 = Some(self.0.unwrap_or(0).wrapping_add(value));
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.map_or(Value::Null, Value::Int8))
    }
}

/// Sums and averages that are `numeric`.
struct Sum {
    sum: NumericSum,
    average: bool,
}

impl Accumulator for Sum {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        match one(args)? {
            Value::Null => {}
            Value::Numeric(value) => self.sum.add(value),
            other => self.sum.add_i64(other.as_i64().ok_or_else(|| mismatch(other))?),
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        let result = if self.average { self.sum.avg() } else { self.sum.sum() };
        Ok(result?.map_or(Value::Null, |value| Value::Numeric(value.into())))
    }
}

/// Variances and standard deviations that are `numeric`.
struct Variance {
    state: NumericVariance,
    sample: bool,
    root: bool,
}

impl Variance {
    fn new(sample: bool, root: bool) -> Variance {
        Variance { state: NumericVariance::default(), sample, root }
    }
}

impl Accumulator for Variance {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        match one(args)? {
            Value::Null => {}
            Value::Numeric(value) => self.state.add(value),
            other => self.state.add(&Numeric::from(other.as_i64().ok_or_else(|| mismatch(other))?)),
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        let result =
            if self.root { self.state.stddev(self.sample) } else { self.state.variance(self.sample) };
        Ok(result?.map_or(Value::Null, |value| Value::Numeric(value.into())))
    }
}

/// `sum` and `avg` of intervals.
struct Intervals {
    sum: Option<Interval>,
    count: i64,
    average: bool,
}

impl Accumulator for Intervals {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        if let Value::Interval(value) = one(args)? {
            self.count += 1;
            self.sum = Some(match self.sum {
                None => *value,
                Some(sum) => sum_intervals(sum, *value)?,
            });
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(match self.sum {
            None => Value::Null,
            Some(sum) if self.average => Value::Interval(divide_interval(sum, self.count as f64)?),
            Some(sum) => Value::Interval(sum),
        })
    }
}
