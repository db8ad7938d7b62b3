//! Functions by their row of `pg_proc`: the kernel, whether it is strict, and how they are named when they are refused.

use pg::catalog::{self, Proc};
use pg::func::{self, Call, Kernel, SeriesKernel, SetKernel, Values};
use pg::{Error, Oid, Result, Value};

use crate::catalog::functions::{SystemFunction, SystemSetFunction, system_function, system_set_function};
use crate::exec::frame::Run;

/// The kernel of a scalar function.
#[derive(Clone, Copy)]
pub(in crate::exec) enum Scalar {
    /// One that depends on its arguments and the settings only.
    Pure(Kernel),
    /// One whose result may be as large as its arguments say: that is held against the statement's memory before.
    Large(Kernel, Measure),
    /// One that asks the catalog, the session or the server.
    System(SystemFunction),
}

/// How many bytes a call makes at most; 0 where that is more than a value may have, which is the function's own error.
type Measure = fn(&[Value]) -> usize;

/// Results up to this size are not held against the statement's memory.
const SMALL: usize = 1 << 20;

/// The functions that make texts of any length, by the name of the C function.
const LARGE: &[(&str, Measure)] = &[
    ("repeat", repeated),
    ("lpad", padded),
    ("rpad", padded),
    ("text_format", |args| possible(func::format_widths(args))),
    ("replace_text", replaced),
    ("array_fill", filled),
    ("array_fill_with_lower_bounds", filled),
];

fn possible(bytes: usize) -> usize {
    if bytes < func::MAX_ALLOCATION { bytes } else { 0 }
}

fn replaced(args: &[Value]) -> usize {
    match args {
        [Value::Text(text), Value::Text(from), Value::Text(to)]
            if !from.is_empty() && to.len() > from.len() =>
        {
            let longest = (text.len() / from.len()).saturating_mul(to.len());
            // Counted when it matters.
            match longest > SMALL {
                true => {
                    possible(text.len() + text.matches(&**from).count().saturating_mul(to.len() - from.len()))
                }
                false => longest,
            }
        }
        _ => 0,
    }
}

fn filled(args: &[Value]) -> usize {
    let [_, Value::Array(dims), ..] = args else { return 0 };
    let length = |value: &Value| value.as_i64().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let items = dims.items.iter().map(length).fold(1, usize::saturating_mul);
    // More than an array may have is the function's own error.
    if items > 134_217_727 { 0 } else { items.saturating_mul(size_of::<Value>()) }
}

fn repeated(args: &[Value]) -> usize {
    match args {
        [Value::Text(text), Value::Int4(times)] => {
            possible(text.len().saturating_mul(usize::try_from(*times).unwrap_or(0)))
        }
        _ => 0,
    }
}

fn padded(args: &[Value]) -> usize {
    match args {
        [Value::Text(text), Value::Int4(to), Value::Text(fill)] if !fill.is_empty() => {
            let widest = if fill.is_ascii() { 1 } else { 4 };
            possible(text.len() + usize::try_from(*to).unwrap_or(0).saturating_mul(widest))
        }
        _ => 0,
    }
}

/// The kernel of a set-returning function.
#[derive(Clone, Copy)]
pub(in crate::exec) enum Set {
    /// One that depends on its arguments and the settings only.
    Pure(SetKernel),
    /// One whose values are made one by one.
    Series(SeriesKernel),
    /// One that asks the catalog, the session or the server.
    System(SystemSetFunction),
}

impl Scalar {
    /// Calls it.
    #[inline]
    pub(in crate::exec) fn call(&self, call: &Call<'_>, args: &[Value], run: &Run) -> Result<Value> {
        match self {
            Scalar::Pure(kernel) => kernel(call, args),
            Scalar::Large(kernel, measure) => {
                let bytes = measure(args);
                let mut reservation = run.memory.reserve("a text that a function makes");
                if bytes > SMALL {
                    reservation.grow(bytes)?;
                }
                kernel(call, args)
            }
            Scalar::System(function) => function(&run.system_call(call)?, args),
        }
    }
}

/// What a set-returning function gives.
pub(in crate::exec) enum Made {
    /// All rows.
    Rows(Vec<Vec<Value>>),
    /// Values that are yet to be made.
    Series(Values),
}

impl Set {
    /// Calls it.
    pub(in crate::exec) fn call(&self, call: &Call<'_>, args: &[Value], run: &Run) -> Result<Made> {
        match self {
            Set::Pure(kernel) => kernel(call, args).map(Made::Rows),
            Set::Series(kernel) => kernel(call, args).map(Made::Series),
            Set::System(function) => function(&run.system_call(call)?, args).map(Made::Rows),
        }
    }
}

/// The kernel of a function.
pub(in crate::exec) fn scalar(proc: Oid) -> Option<Scalar> {
    let measure = |proc| {
        let row: &Proc = catalog::proc_by_oid(proc)?;
        LARGE.iter().find(|(source, _)| *source == row.source).map(|(_, measure)| *measure)
    };
    let pure = |kernel| measure(proc).map_or(Scalar::Pure(kernel), |measure| Scalar::Large(kernel, measure));
    func::kernel(proc).map(pure).or_else(|| system_function(proc).map(Scalar::System))
}

/// The kernel of a set-returning function.
pub(in crate::exec) fn set(proc: Oid) -> Option<Set> {
    func::set_kernel(proc).map(Set::Pure).or_else(|| system_set_function(proc).map(Set::System))
}

/// Whether a function of `pg_proc`, of whatever kind, is there.
pub fn answers(proc: Oid) -> bool {
    // Analysis knows the answer of `COLLATION FOR`.
    let here =
        catalog::proc_by_oid(proc).is_some_and(|row| row.kind == 'w' || row.name == "pg_collation_for");
    here || scalar(proc).is_some() || set(proc).is_some() || func::aggregate(proc).is_some()
}

/// `proisstrict`. A function that `pg_proc` doesn't have is none of PostgreSQL's, and takes what it gets.
pub(in crate::exec) fn is_strict(proc: Oid) -> bool {
    catalog::proc_by_oid(proc).is_some_and(|row| row.strict)
}

/// Whether a function asks the catalog, the session or the server.
pub(in crate::exec) fn asks_around(proc: Oid) -> bool {
    func::kernel(proc).is_none() && system_function(proc).is_some()
}

/// Whether a function's result may change within a statement.
pub(in crate::exec) fn is_volatile(proc: Oid) -> bool {
    catalog::proc_by_oid(proc).is_some_and(|row| row.volatility == 'v')
}

/// Whether a function always gives the same for the same arguments.
pub(in crate::exec) fn is_immutable(proc: Oid) -> bool {
    catalog::proc_by_oid(proc).is_some_and(|row| row.volatility == 'i')
}

/// That we don't have a function: `function foo(integer) is not supported`.
pub(in crate::exec) fn refuse(proc: Oid, args: &[Oid]) -> Error {
    let what = match catalog::proc_by_oid(proc) {
        Some(row) if row.kind == 'w' => "window function",
        Some(row) if row.kind == 'a' => "aggregate",
        _ => "function",
    };
    Error::refused(format_args!("{what} {}({})", name(proc), types(args)))
}

/// That we don't have the function of an operator: `operator integer ~~ text is not supported`.
pub(in crate::exec) fn refuse_operator(operator: Oid, args: &[Oid]) -> Error {
    let name = catalog::operator_by_oid(operator).map_or_else(|| operator.to_string(), |row| row.name.into());
    match args {
        [left, right] => {
            Error::refused(format_args!("operator {} {name} {}", type_name(*left), type_name(*right)))
        }
        args => Error::refused(format_args!("operator {name} {}", types(args))),
    }
}

fn name(proc: Oid) -> String {
    catalog::proc_by_oid(proc).map_or_else(|| proc.to_string(), |row: &Proc| row.name.into())
}

fn types(args: &[Oid]) -> String {
    args.iter().map(|oid| type_name(*oid)).collect::<Vec<_>>().join(", ")
}

fn type_name(oid: Oid) -> String {
    catalog::format_type(oid, None)
}
