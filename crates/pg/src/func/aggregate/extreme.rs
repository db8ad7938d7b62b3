//! `min` and `max` of every type, `bool_and` and `bool_or`, `bit_and`, `bit_or` and `bit_xor`.

use crate::compare::compare;
use crate::func::args::{arity, mismatch};
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Oid, Result, Value};

const MAX: NewAccumulator = || Box::new(Extreme { best: None, greatest: true });
const MIN: NewAccumulator = || Box::new(Extreme { best: None, greatest: false });
const AND: NewAccumulator = || Box::new(Fold { value: Value::Null, fold: and });
const OR: NewAccumulator = || Box::new(Fold { value: Value::Null, fold: or });
const XOR: NewAccumulator = || Box::new(Fold { value: Value::Null, fold: xor });

/// Of int8, int4, int2, oid, float4, float8, date, time, timetz, timestamp, timestamptz, interval, text, numericarrays and
/// bpchar, in the order of the oids.
pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (2050, MAX),
    (2115, MAX),
    (2116, MAX),
    (2117, MAX),
    (2118, MAX),
    (2119, MAX),
    (2120, MAX),
    (2122, MAX),
    (2123, MAX),
    (2124, MAX),
    (2126, MAX),
    (2127, MAX),
    (2128, MAX),
    (2129, MAX),
    (2130, MAX),
    (2244, MAX),
    (2125, MAX), // money, tid, inet, pg_lsn, xid8
    (2797, MAX),
    (3564, MAX),
    (4189, MAX),
    (5099, MAX),
    (2141, MIN),
    (2798, MIN),
    (3565, MIN),
    (4190, MIN),
    (5100, MIN),
    (2051, MIN),
    (2131, MIN),
    (2132, MIN),
    (2133, MIN),
    (2134, MIN),
    (2135, MIN),
    (2136, MIN),
    (2138, MIN),
    (2139, MIN),
    (2140, MIN),
    (2142, MIN),
    (2143, MIN),
    (2144, MIN),
    (2145, MIN),
    (2146, MIN),
    (2245, MIN),
    (2517, AND),
    (2519, AND), // bool_and, every
    (2518, OR),  // bool_or
    (2236, AND),
    (2238, AND),
    (2240, AND), // bit_and of int2, int4, int8
    (2237, OR),
    (2239, OR),
    (2241, OR), // bit_or
    (6164, XOR),
    (6165, XOR),
    (6166, XOR), // bit_xor
];

/// `min` and `max`: of equal values the later one stays, as with PostgreSQL's transition functions.
struct Extreme {
    best: Option<Value>,
    greatest: bool,
}

impl Accumulator for Extreme {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = args.first().ok_or_else(|| arity(args))?;
        if value.is_null() {
            return Ok(());
        }
        let ty = call.arg_types.first().copied().unwrap_or(Oid::INVALID);
        let stays = self.best.as_ref().is_some_and(|best| {
            let order = compare(ty, best, value);
            if self.greatest { order.is_gt() } else { order.is_lt() }
        });
        if !stays {
            self.best = Some(value.clone());
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.best.take().unwrap_or_default())
    }
}

/// A fold of all values by a function of two.
struct Fold {
    value: Value,
    fold: fn(&Value, &Value) -> Result<Value>,
}

impl Accumulator for Fold {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = args.first().ok_or_else(|| arity(args))?;
        if self.value.is_null() {
            self.value = value.clone();
        } else if !value.is_null() {
            self.value = (self.fold)(&self.value, value)?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(std::mem::take(&mut self.value))
    }
}

macro_rules! bitwise {
    ($($name:ident $op:tt;)*) => {$(
        fn $name(a: &Value, b: &Value) -> Result<Value> {
            Ok(match (a, b) {
                (Value::Bool(a), Value::Bool(b)) => Value::Bool(a $op b),
                (Value::Int2(a), Value::Int2(b)) => Value::Int2(a $op b),
                (Value::Int4(a), Value::Int4(b)) => Value::Int4(a $op b),
                (Value::Int8(a), Value::Int8(b)) => Value::Int8(a $op b),
                (other, _) => return Err(mismatch(other)),
            })
        }
    )*};
}
bitwise! { and &; or |; xor ^; }
