//! Aggregates of `float4` and `float8` (float.c: `float8_accum` and its finals). Variances by Youngs and Cramer.

use crate::func::args::{arity, mismatch};
use crate::func::float::{checked_sum, overflow};
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Result, Value};

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (2111, || Box::new(SumFloat8(None))),                    // sum(float8)
    (2110, || Box::new(SumFloat4(None))),                    // sum(float4)
    (2105, || Box::new(Moments::new(Final::Average))),       // avg(float8)
    (2104, || Box::new(Moments::new(Final::Average))),       // avg(float4)
    (2722, || Box::new(Moments::new(Final::VariancePop))),   // var_pop(float8)
    (2721, || Box::new(Moments::new(Final::VariancePop))),   // var_pop(float4)
    (2645, || Box::new(Moments::new(Final::VarianceSamp))),  // var_samp(float8)
    (2644, || Box::new(Moments::new(Final::VarianceSamp))),  // var_samp(float4)
    (2152, || Box::new(Moments::new(Final::VarianceSamp))),  // variance(float8)
    (2151, || Box::new(Moments::new(Final::VarianceSamp))),  // variance(float4)
    (2728, || Box::new(Moments::new(Final::DeviationPop))),  // stddev_pop(float8)
    (2727, || Box::new(Moments::new(Final::DeviationPop))),  // stddev_pop(float4)
    (2716, || Box::new(Moments::new(Final::DeviationSamp))), // stddev_samp(float8)
    (2715, || Box::new(Moments::new(Final::DeviationSamp))), // stddev_samp(float4)
    (2158, || Box::new(Moments::new(Final::DeviationSamp))), // stddev(float8)
    (2157, || Box::new(Moments::new(Final::DeviationSamp))), // stddev(float4)
];

struct SumFloat8(Option<f64>);

impl Accumulator for SumFloat8 {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        if let Some(Value::Float8(value)) = args.first() {
            self.0 = Some(match self.0 {
                None => *value,
                Some(sum) => checked_sum(sum, *value, sum + value)?,
            });
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.map_or(Value::Null, Value::Float8))
    }
}

struct SumFloat4(Option<f32>);

impl Accumulator for SumFloat4 {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        if let Some(Value::Float4(value)) = args.first() {
            self.0 = Some(match self.0 {
                None => *value,
                Some(sum) => checked_sum(sum, *value, sum + value)?,
            });
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.map_or(Value::Null, Value::Float4))
    }
}

#[derive(Clone, Copy)]
enum Final {
    Average,
    VariancePop,
    VarianceSamp,
    DeviationPop,
    DeviationSamp,
}

/// Count, sum, and sum of squared distances from the mean.
struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
    result: Final,
}

impl Moments {
    fn new(result: Final) -> Moments {
        Moments { n: 0.0, sum: 0.0, squares: 0.0, result }
    }
}

impl Accumulator for Moments {
    /// `float8_accum`
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = match args.first().ok_or_else(|| arity(args))? {
            Value::Null => return Ok(()),
            Value::Float8(value) => *value,
            Value::Float4(value) => f64::from(*value),
            other => return Err(mismatch(other)),
        };
        let (before, sum_before) = (self.n, self.sum);
        self.n += 1.0;
        self.sum += value;
        if before > 0.0 {
            let distance = value * self.n - self.sum;
            self.squares += distance * distance / (self.n * before);
            if self.sum.is_infinite() || self.squares.is_infinite() {
                if !sum_before.is_infinite() && !value.is_infinite() {
                    return Err(overflow());
                }
                self.squares = f64::NAN;
            }
        } else if !value.is_finite() {
            self.squares = f64::NAN;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        let least = match self.result {
            Final::Average | Final::VariancePop | Final::DeviationPop => 1.0,
            Final::VarianceSamp | Final::DeviationSamp => 2.0,
        };
        if self.n < least {
            return Ok(Value::Null);
        }
        Ok(Value::Float8(match self.result {
            Final::Average => self.sum / self.n,
            Final::VariancePop => self.squares / self.n,
            Final::VarianceSamp => self.squares / (self.n - 1.0),
            Final::DeviationPop => (self.squares / self.n).sqrt(),
            Final::DeviationSamp => (self.squares / (self.n - 1.0)).sqrt(),
        }))
    }
}
