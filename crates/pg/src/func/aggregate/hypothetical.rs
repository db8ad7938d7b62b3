//! Hypothetical-set aggregates: where a row would stand among the sorted ones (PostgreSQL's orderedsetaggs.c).

use std::cmp::Ordering;

use crate::compare::equal;
use crate::func::args::{arity, mismatch};
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Oid, Result, Value};

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (3986, || Box::new(Standing::new(Standing::rank))),
    (3988, || Box::new(Standing::new(Standing::percent_rank))),
    (3990, || Box::new(Standing::new(Standing::cume_dist))),
    (3992, || Box::new(Standing::new(Standing::dense_rank))),
];

/// The rows around the hypothetical one, counted.
struct Standing {
    result: fn(&Standing) -> Value,
    all: i64,
    before: i64,
    /// Those before, equal ones counted once.
    distinct_before: i64,
    peers: i64,
    last: Option<Vec<Value>>,
}

impl Standing {
    fn new(result: fn(&Standing) -> Value) -> Standing {
        Standing { result, all: 0, before: 0, distinct_before: 0, peers: 0, last: None }
    }

    fn rank(&self) -> Value {
        Value::Int8(self.before + 1)
    }

    fn dense_rank(&self) -> Value {
        Value::Int8(self.distinct_before + 1)
    }

    fn percent_rank(&self) -> Value {
        Value::Float8(if self.all == 0 { 0.0 } else { self.before as f64 / self.all as f64 })
    }

    fn cume_dist(&self) -> Value {
        Value::Float8((self.before + self.peers + 1) as f64 / (self.all + 1) as f64)
    }
}

impl Accumulator for Standing {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let [values @ .., order] = args else { return Err(arity(args)) };
        let Value::Int4(order) = order else { return Err(mismatch(order)) };
        self.all += 1;
        match order.cmp(&0) {
            Ordering::Less => {
                self.before += 1;
                // The types of the direct arguments are those of the sorted ones.
                let same = |(at, (a, b)): (usize, (&Value, &Value))| {
                    equal(call.arg_types.get(at).copied().unwrap_or(Oid::INVALID), a, b)
                };
                let again =
                    self.last.as_ref().is_some_and(|last| last.iter().zip(values).enumerate().all(same));
                if !again {
                    self.distinct_before += 1;
                    self.last = Some(values.to_vec());
                }
            }
            Ordering::Equal => self.peers += 1,
            Ordering::Greater => {}
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok((self.result)(self))
    }
}
