//! Functions as kernels on values. Which function a call means is decided elsewhere, by `pg_proc`; here is what each
//! does. A kernel is found by the oid of its `pg_proc` row. Strictness is the caller's business: a kernel of a strict
//! function never sees NULL.
//!
//! Each file is a subject and exports tables of kernels by the name of PostgreSQL's C function (`pg_proc.prosrc`), which
//! all SQL names of a function share. Functions that PostgreSQL writes in SQL are listed by oid.

#[macro_use]
#[allow(dead_code)]
mod args;
mod aggregate;
mod array;
mod array_text;
mod bool;
mod bytea;
mod case;
mod collate;
mod ctype;
mod datetime;
mod encoding;
mod float;
mod float_math;
mod format;
mod ident;
mod int;
mod json;
mod like;
mod misc;
mod normalize;
mod numeric;
mod order;
mod other;
mod output;
mod printf;
mod regex;
mod send;
mod set;
mod text;
mod to_char;
mod tsearch;

pub(crate) use case::lower;
pub(crate) use collate::byte_difference;
pub(crate) use ctype::{Ranges, is_alpha as is_wide_alpha, is_space as is_wide_space};
pub use format::format_widths;
pub use json::check_row;
use json::parts as json_parts;
pub use misc::relabel;
pub(crate) use other::coerce_bits;
pub(crate) use printf::general;
pub(crate) use regex::check_like_regex;
pub use text::MAX_ALLOCATION;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalog;
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

/// The values of a set of one column, made one by one. A lower bound of `usize::MAX` says that it has no last one: it
/// ends with an error, if it ends.
pub type Values = Box<dyn Iterator<Item = Result<Value>> + Send>;

/// A set-returning function whose values are made when they are asked for, since there may be many.
pub type SeriesKernel = fn(&Call<'_>, &[Value]) -> Result<Values>;

/// One group of an aggregate. The caller applies strictness, FILTER, DISTINCT and ORDER BY.
///
/// An ordered-set aggregate gets its direct arguments first, then the rows of `WITHIN GROUP` in their order, those with
/// NULLs left out. A hypothetical-set aggregate gets all rows, and behind each row's values how it compares with the
/// hypothetical row: an `int4` below, at or above zero.
pub trait Accumulator: Send {
    /// Takes the direct arguments of an ordered-set aggregate, before any row.
    fn direct(&mut self, _call: &Call<'_>, _args: Vec<Value>) -> Result<()> {
        Ok(())
    }
    /// Takes one row's arguments.
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()>;
    /// The aggregate's value.
    fn finish(&mut self, call: &Call<'_>) -> Result<Value>;
}

/// Makes the empty state of an aggregate.
pub type NewAccumulator = fn() -> Box<dyn Accumulator>;

/// The kernel of a function, by its row in `pg_proc`; `None` when we don't have it yet.
pub fn kernel(proc: Oid) -> Option<Kernel> {
    REGISTRY.kernels.get(&proc.0).copied()
}

/// The kernel of a set-returning function.
pub fn set_kernel(proc: Oid) -> Option<SetKernel> {
    REGISTRY.set_kernels.get(&proc.0).copied()
}

/// The same for sets that may be long.
pub fn series_kernel(proc: Oid) -> Option<SeriesKernel> {
    REGISTRY.series.get(&proc.0).copied()
}

/// The accumulator of an aggregate.
pub fn aggregate(proc: Oid) -> Option<NewAccumulator> {
    REGISTRY.aggregates.get(&proc.0).copied()
}

/// The tables of the files, by the name of the C function.
const BY_SOURCE: &[&[(&str, Kernel)]] = &[
    int::ARITHMETIC,
    int::BITS,
    int::UNARY,
    int::CASTS,
    int::COMPARISONS,
    int::ORDERS,
    int::CROSS_ORDERS,
    float::ARITHMETIC,
    float::COMPARISONS,
    float::ORDERS,
    float::CASTS,
    float_math::KERNELS,
    bool::KERNELS,
    bool::COMPARISONS,
    collate::COMPARISONS,
    collate::ORDERS,
    collate::DIFFERENCES,
    text::KERNELS,
    order::KERNELS,
    order::EQUALITIES,
    numeric::KERNELS,
    like::KERNELS,
    regex::KERNELS,
    array_text::KERNELS,
    array::KERNELS,
    bytea::KERNELS,
    encoding::KERNELS,
    format::KERNELS,
    format::VARIADIC,
    misc::KERNELS,
    to_char::INPUT,
    to_char::NUMBERS,
    to_char::OUTPUT,
];

/// Functions that PostgreSQL defines in SQL, by oid.
const BY_OID: &[&[(u32, Kernel)]] =
    &[text::SQL_FUNCTIONS, numeric::SQL_FUNCTIONS, format::SQL_FUNCTIONS, other::SQL_FUNCTIONS];

/// All kernels by oid.
struct Registry {
    kernels: HashMap<u32, Kernel>,
    set_kernels: HashMap<u32, SetKernel>,
    series: HashMap<u32, SeriesKernel>,
    aggregates: HashMap<u32, NewAccumulator>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let by_source: HashMap<&str, Kernel> = BY_SOURCE
        .iter()
        .chain(&datetime::TABLES)
        .chain(&json::TABLES)
        .chain(&other::TABLES)
        .chain(&tsearch::TABLES)
        .chain([&send::KERNELS])
        .flat_map(|table| table.iter().copied())
        .collect();
    let mut kernels: HashMap<u32, Kernel> =
        BY_OID.iter().chain(&datetime::SQL_TABLES).flat_map(|table| table.iter().copied()).collect();
    let sets_by_source: HashMap<&str, SetKernel> = set::KERNELS
        .iter()
        .chain(json::SET_KERNELS)
        .chain(json::PATH_SETS)
        .chain(json::RECORD_SETS)
        .chain(other::SET_KERNELS)
        .chain(tsearch::SET_KERNELS)
        .copied()
        .collect();
    let sets_by_name: HashMap<&str, SetKernel> =
        set::BY_NAME.iter().chain(tsearch::SETS_BY_NAME).copied().collect();
    let series_by_source: HashMap<&str, SeriesKernel> = set::SERIES.iter().copied().collect();
    let (mut set_kernels, mut series) = (HashMap::new(), HashMap::new());
    for proc in catalog::procs() {
        // A function with a body in SQL has no C function's name at all.
        if let Some(&kernel) = by_source.get(proc.source).filter(|_| !proc.source.is_empty()) {
            kernels.insert(proc.oid.0, kernel);
        }
        // `json_to_record` gives one row, of the columns that it is told.
        let named = || sets_by_name.get(proc.name).filter(|_| proc.returns_set);
        let set = sets_by_source.get(proc.source).or_else(named);
        if let Some(&kernel) = set {
            set_kernels.insert(proc.oid.0, kernel);
        }
        if let Some(&kernel) = series_by_source.get(proc.source) {
            series.insert(proc.oid.0, kernel);
        }
    }
    let aggregates = aggregate::TABLES
        .iter()
        .chain([&json::AGGREGATES, &other::AGGREGATES])
        .flat_map(|table| table.iter().copied())
        .collect();
    Registry { kernels, set_kernels, series, aggregates }
});
