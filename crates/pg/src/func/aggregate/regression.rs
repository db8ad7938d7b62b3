//! Linear regression and correlation (float.c: `float8_regr_accum` and its finals).

use crate::func::args::{arity, mismatch};
use crate::func::float::overflow;
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Result, Value};

macro_rules! regressions {
    ($($oid:literal $final:ident)*) => {
        pub(super) const AGGREGATES: &[(u32, NewAccumulator)] =
            &[$(($oid, || Box::new(Regression { result: $final, ..Regression::EMPTY }))),*];
    };
}
regressions! {
    2829 corr 2827 covar_pop 2828 covar_samp 2822 regr_avgx 2823 regr_avgy 2826 regr_intercept 2824 regr_r2
    2825 regr_slope 2819 regr_sxx 2821 regr_sxy 2820 regr_syy
}

/// Counts, sums, and sums of squares and products about the means.
struct Regression {
    n: f64,
    sx: f64,
    sxx: f64,
    sy: f64,
    syy: f64,
    sxy: f64,
    result: fn(&Regression) -> Option<f64>,
}

impl Regression {
    const EMPTY: Regression =
        Regression { n: 0.0, sx: 0.0, sxx: 0.0, sy: 0.0, syy: 0.0, sxy: 0.0, result: regr_sxx };

    /// Infinite sums of finite values are an overflow; those of infinite ones are NaN.
    fn check(&mut self, before: (f64, f64), x: f64, y: f64) -> Result<()> {
        let finite_x = !before.0.is_infinite() && !x.is_infinite();
        let finite_y = !before.1.is_infinite() && !y.is_infinite();
        let overflown = (self.sx.is_infinite() || self.sxx.is_infinite()) && finite_x
            || (self.sy.is_infinite() || self.syy.is_infinite()) && finite_y
            || self.sxy.is_infinite() && finite_x && finite_y;
        if overflown {
            return Err(overflow());
        }
        for sum in [&mut self.sxx, &mut self.syy, &mut self.sxy] {
            if sum.is_infinite() {
                *sum = f64::NAN;
            }
        }
        Ok(())
    }
}

impl Accumulator for Regression {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let (y, x) = match args {
            [Value::Null, _] | [_, Value::Null] => return Ok(()),
            [Value::Float8(y), Value::Float8(x)] => (*y, *x),
            [other, _] => return Err(mismatch(other)),
            _ => return Err(arity(args)),
        };
        let (before, sums) = (self.n, (self.sx, self.sy));
        self.n += 1.0;
        self.sx += x;
        self.sy += y;
        if before > 0.0 {
            let (dx, dy) = (x * self.n - self.sx, y * self.n - self.sy);
            let scale = 1.0 / (self.n * before);
            self.sxx += dx * dx * scale;
            self.syy += dy * dy * scale;
            self.sxy += dx * dy * scale;
            return self.check(sums, x, y);
        }
        if !x.is_finite() {
            (self.sxx, self.sxy) = (f64::NAN, f64::NAN);
        }
        if !y.is_finite() {
            (self.syy, self.sxy) = (f64::NAN, f64::NAN);
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        if self.n < 1.0 {
            return Ok(Value::Null);
        }
        Ok((self.result)(self).map_or(Value::Null, Value::Float8))
    }
}

fn regr_sxx(r: &Regression) -> Option<f64> {
    Some(r.sxx)
}

fn regr_syy(r: &Regression) -> Option<f64> {
    Some(r.syy)
}

fn regr_sxy(r: &Regression) -> Option<f64> {
    Some(r.sxy)
}

fn regr_avgx(r: &Regression) -> Option<f64> {
    Some(r.sx / r.n)
}

fn regr_avgy(r: &Regression) -> Option<f64> {
    Some(r.sy / r.n)
}

fn covar_pop(r: &Regression) -> Option<f64> {
    Some(r.sxy / r.n)
}

fn covar_samp(r: &Regression) -> Option<f64> {
    (r.n >= 2.0).then(|| r.sxy / (r.n - 1.0))
}

fn corr(r: &Regression) -> Option<f64> {
    (r.sxx != 0.0 && r.syy != 0.0).then(|| r.sxy / (r.sxx * r.syy).sqrt())
}

fn regr_r2(r: &Regression) -> Option<f64> {
    if r.sxx == 0.0 {
        return None;
    }
    Some(if r.syy == 0.0 { 1.0 } else { (r.sxy * r.sxy) / (r.sxx * r.syy) })
}

fn regr_slope(r: &Regression) -> Option<f64> {
    (r.sxx != 0.0).then(|| r.sxy / r.sxx)
}

fn regr_intercept(r: &Regression) -> Option<f64> {
    (r.sxx != 0.0).then(|| (r.sy - r.sx * r.sxy / r.sxx) / r.n)
}
