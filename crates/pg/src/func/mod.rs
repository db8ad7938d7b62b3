//! Functions as kernels on values. Which function a call means is decided elsewhere, by `pg_proc`; here is what each
//! does. A kernel is found by the oid of its `pg_proc` row. Strictness is the caller's business: a kernel of a strict
//! function never sees NULL.

use crate::env::Env;
use crate::{Oid, Result, Value};

/// What a kernel may ask about its call, besides the arguments.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Settings, clock, names.
    pub env: &'a Env,
    /// The types of the arguments, after coercion, polymorphic ones made concrete.
    pub arg_types: &'a [Oid],
    /// The type of the result, made concrete.
    pub result: Oid,
}

/// A scalar function.
pub type Kernel = fn(&Call<'_>, &[Value]) -> Result<Value>;

/// A set-returning function: rows of one or more columns.
pub type SetKernel = fn(&Call<'_>, &[Value]) -> Result<Vec<Vec<Value>>>;

/// One group of an aggregate. The caller applies strictness, FILTER, DISTINCT and ORDER BY.
pub trait Accumulator: Send {
    /// Takes one row's arguments.
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()>;
    /// The aggregate's value.
    fn finish(&mut self, call: &Call<'_>) -> Result<Value>;
}

/// Makes the empty state of an aggregate.
pub type NewAccumulator = fn() -> Box<dyn Accumulator>;

/// The kernel of a function, by its row in `pg_proc`; `None` when we don't have it yet.
pub fn kernel(_proc: Oid) -> Option<Kernel> {
    None
}

/// The kernel of a set-returning function.
pub fn set_kernel(_proc: Oid) -> Option<SetKernel> {
    None
}

/// The accumulator of an aggregate.
pub fn aggregate(_proc: Oid) -> Option<NewAccumulator> {
    None
}
