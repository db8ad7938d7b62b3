//! Aggregates of these types.

use super::Money;
use crate::func::args::{Arg, arity};
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::other::range::Range;
use crate::other::{Bits, Other, multirange};
use crate::{Error, Result, SqlState, Value};

const SUM: NewAccumulator = || Box::new(Sum(None));
const RANGES: NewAccumulator = || Box::new(Ranges(None));
const COMMON: NewAccumulator = || Box::new(Common(None));
const AND: NewAccumulator = || Box::new(BitFold { bits: None, fold: |a, b| a & b });
const OR: NewAccumulator = || Box::new(BitFold { bits: None, fold: |a, b| a | b });
const XOR: NewAccumulator = || Box::new(BitFold { bits: None, fold: |a, b| a ^ b });

/// By the oid of the aggregate.
pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (2112, SUM),
    (2242, AND),
    (2243, OR),
    (6167, XOR),
    (4301, RANGES),
    (6227, RANGES),
    (4389, COMMON),
    (4450, COMMON),
];

/// `sum(money)`
struct Sum(Option<i64>);

impl Accumulator for Sum {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        self.0 = Some(self.0.unwrap_or(0).wrapping_add(Money::arg(value)?.0));
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.map_or(Value::Null, |sum| Other::Money(sum).into()))
    }
}

/// `bit_and`, `bit_or`, `bit_xor`
struct BitFold {
    bits: Option<Bits>,
    fold: fn(u8, u8) -> u8,
}

impl Accumulator for BitFold {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        let value = Bits::arg(value)?;
        self.bits = Some(match &self.bits {
            None => value,
            Some(bits) if bits.len != value.len => {
                let what = match (self.fold)(1, 1) {
                    0 => "XOR",
                    _ if (self.fold)(0, 1) == 0 => "AND",
                    _ => "OR",
                };
                return Err(Error::new(
                    SqlState(*b"22026"),
                    format!("cannot {what} bit strings of different sizes"),
                ));
            }
            Some(bits) => Bits {
                len: bits.len,
                bytes: bits.bytes.iter().zip(&value.bytes).map(|(a, b)| (self.fold)(*a, *b)).collect(),
            },
        });
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.bits.take().map_or(Value::Null, |bits| Other::Bits(bits).into()))
    }
}

/// `range_agg`: all ranges as one multirange; NULLs don't count, but rows of NULLs alone make NULL.
struct Ranges(Option<Vec<Range>>);

impl Accumulator for Ranges {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        if let Value::Other(other) = value {
            let ranges = self.0.get_or_insert_default();
            match &**other {
                Other::Range(range) => ranges.push(range.clone()),
                Other::Multirange(more) => ranges.extend(more.iter().cloned()),
                _ => return Err(crate::func::args::mismatch(value)),
            }
        } else {
            self.0.get_or_insert_default();
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        let ranges = self.0.take().map(multirange::canonical);
        Ok(ranges.map_or(Value::Null, |ranges| Other::Multirange(ranges).into()))
    }
}

/// `range_intersect_agg`
struct Common(Option<Other>);

impl Accumulator for Common {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value] = args else { return Err(arity(args)) };
        let Value::Other(value) = value else { return Ok(()) };
        self.0 = Some(match (self.0.take(), &**value) {
            (None, first) => first.clone(),
            (Some(Other::Range(a)), Other::Range(b)) => Other::Range(super::range::intersect(&a, b)),
            (Some(Other::Multirange(a)), Other::Multirange(b)) => {
                Other::Multirange(super::multirange::intersect(&a, b))
            }
            (Some(other), _) => other,
        });
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, Value::from))
    }
}
