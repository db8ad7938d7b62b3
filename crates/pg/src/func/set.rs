//! Set-returning functions.

use super::args::{Arg, arity};
use super::datetime::{add_interval, interval_sign};
use super::{Call, SeriesKernel, SetKernel, Values, regex};
use crate::catalog;
use crate::datetime::session_zone;
use crate::{Array, Error, Interval, Numeric, Result, SqlState, Value};

/// Rows of one or more columns.
type Rows = Result<Vec<Vec<Value>>>;

/// By the name of the C function.
pub(super) const KERNELS: &[(&str, SetKernel)] = &[
    ("generate_series_int4", whole_int4),
    ("generate_series_step_int4", whole_int4),
    ("generate_series_int8", whole_int8),
    ("generate_series_step_int8", whole_int8),
    ("generate_series_numeric", whole_numeric),
    ("generate_series_step_numeric", whole_numeric),
    ("generate_series_timestamp", whole_timestamp),
    ("generate_series_timestamptz", whole_timestamp),
    ("generate_subscripts", whole_subscripts),
    ("generate_subscripts_nodir", whole_subscripts),
    ("array_unnest", whole_unnest),
    ("regexp_matches", regexp_matches),
    ("regexp_matches_no_flags", regexp_matches),
    ("regexp_split_to_table", regexp_split),
    ("regexp_split_to_table_no_flags", regexp_split),
    ("text_to_table", string_to_table),
    ("text_to_table_null", string_to_table),
    ("pg_get_keywords", keywords),
];

/// Those that may have many values.
pub(super) const SERIES: &[(&str, SeriesKernel)] = &[
    ("generate_series_int4", series_int4),
    ("generate_series_step_int4", series_int4),
    ("generate_series_int8", series_int8),
    ("generate_series_step_int8", series_int8),
    ("generate_series_numeric", series_numeric),
    ("generate_series_step_numeric", series_numeric),
    ("generate_series_timestamp", series_timestamp),
    ("generate_series_timestamptz", series_timestamp),
    ("generate_subscripts", subscripts),
    ("generate_subscripts_nodir", subscripts),
    ("array_unnest", unnest),
];

/// All rows of a series at once.
macro_rules! whole {
    ($($name:ident = $series:ident;)*) => {
        $(fn $name(call: &Call<'_>, args: &[Value]) -> Rows {
            $series(call, args)?.map(|value| value.map(|value| vec![value])).collect()
        })*
    };
}

whole! {
    whole_int4 = series_int4;
    whole_int8 = series_int8;
    whole_numeric = series_numeric;
    whole_timestamp = series_timestamp;
    whole_subscripts = subscripts;
    whole_unnest = unnest;
}

/// Functions of the information schema, written in SQL, by name.
pub(super) const BY_NAME: &[(&str, SetKernel)] = &[("_pg_expandarray", expand_array)];

fn column(values: impl IntoIterator<Item = Value>) -> Rows {
    Ok(values.into_iter().map(|value| vec![value]).collect())
}

fn arg<'a, T: Arg<'a>>(args: &'a [Value], at: usize) -> Result<T> {
    T::arg(args.get(at).ok_or_else(|| arity(args))?)
}

/// An optional last argument.
fn optional<'a, T: Arg<'a>>(args: &'a [Value], at: usize, default: T) -> Result<T> {
    args.get(at).map_or(Ok(default), T::arg)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn zero_step() -> Error {
    invalid("step size cannot equal zero")
}

/// Counts on until the end is passed or a value doesn't fit.
fn series(start: i64, stop: i64, step: i64, make: fn(i64) -> Option<Value>) -> Result<Values> {
    if step == 0 {
        return Err(zero_step());
    }
    let within = move |value: &i64| if step > 0 { *value <= stop } else { *value >= stop };
    let all = std::iter::successors(Some(start), move |value| value.checked_add(step));
    Ok(Box::new(all.take_while(within).map_while(make).map(Ok)))
}

fn series_int4(_: &Call<'_>, args: &[Value]) -> Result<Values> {
    let (start, stop): (i32, i32) = (arg(args, 0)?, arg(args, 1)?);
    let step: i32 = optional(args, 2, 1)?;
    series(start.into(), stop.into(), step.into(), |i| i32::try_from(i).ok().map(Value::Int4))
}

fn series_int8(_: &Call<'_>, args: &[Value]) -> Result<Values> {
    series(arg(args, 0)?, arg(args, 1)?, optional(args, 2, 1)?, |i| Some(Value::Int8(i)))
}

/// A series in which each value is made of the one before, until `within` is false, there is none, or that fails. As in
/// PostgreSQL, the value after the last one is made too, and its error is one.
struct Chain<W, N, T> {
    /// The next value; none after an error.
    value: Option<T>,
    within: W,
    next: N,
    make: fn(T) -> Value,
    /// No value is the last: it ends with an error, if it ends.
    endless: bool,
}

impl<T, W: Fn(&T) -> bool, N: Fn(&T) -> Result<Option<T>>> Iterator for Chain<W, N, T> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Result<Value>> {
        let value = self.value.take().filter(&self.within)?;
        Some((self.next)(&value).map(|after| {
            self.value = after;
            (self.make)(value)
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (if self.endless { usize::MAX } else { 0 }, None)
    }
}

fn series_numeric(_: &Call<'_>, args: &[Value]) -> Result<Values> {
    let one = Numeric::one();
    let (start, stop): (&Numeric, &Numeric) = (arg(args, 0)?, arg(args, 1)?);
    let step: &Numeric = optional(args, 2, &one)?;
    for (value, name) in [(start, "start value"), (stop, "stop value"), (step, "step size")] {
        if value.is_nan() {
            return Err(invalid(format!("{name} cannot be NaN")));
        }
        if value.is_infinite() {
            return Err(invalid(format!("{name} cannot be infinity")));
        }
    }
    if step.is_zero() {
        return Err(zero_step());
    }
    let up = step.compare(&Numeric::zero()).is_gt();
    let (start, stop, step) = (start.clone(), stop.clone(), step.clone());
    let within = move |value: &Numeric| {
        if up { value.compare(&stop).is_le() } else { value.compare(&stop).is_ge() }
    };
    // What is too large for a numeric is behind the end, since that is none.
    let next = move |value: &Numeric| Ok(value.add(&step).ok());
    let make = |value: Numeric| Value::Numeric(value.into());
    Ok(Box::new(Chain { value: Some(start), within, next, make, endless: false }))
}

/// `generate_series` of both kinds of timestamps; days and months go by the session's calendar.
fn series_timestamp(call: &Call<'_>, args: &[Value]) -> Result<Values> {
    let step: Interval = arg(args, 2)?;
    let (start, stop, zone) = match args {
        [Value::Timestamp(start), Value::Timestamp(stop), _] => (*start, *stop, None),
        [Value::TimestampTz(start), Value::TimestampTz(stop), _] => {
            (*start, *stop, Some(session_zone(call.env)?))
        }
        _ => return Err(arity(args)),
    };
    let sign = interval_sign(step);
    if sign.is_eq() {
        return Err(zero_step());
    }
    let within = move |value: &i64| if sign.is_gt() { *value <= stop } else { *value >= stop };
    let make = if zone.is_some() { Value::TimestampTz } else { Value::Timestamp };
    let next = move |value: &i64| add_interval(*value, step, zone.as_ref()).map(Some);
    let endless = within(&start) && stop == if sign.is_gt() { i64::MAX } else { i64::MIN };
    Ok(Box::new(Chain { value: Some(start), within, next, make, endless }))
}

fn subscripts(_: &Call<'_>, args: &[Value]) -> Result<Values> {
    let (array, dimension): (&Array, i32) = (arg(args, 0)?, arg(args, 1)?);
    let reverse: bool = optional(args, 2, false)?;
    let Some(dim) = usize::try_from(dimension).ok().and_then(|d| array.dims.get(d.checked_sub(1)?)) else {
        return Ok(Box::new(std::iter::empty()));
    };
    let all = dim.lower..dim.lower.saturating_add(dim.length);
    let value = |at| Ok(Value::Int4(at));
    Ok(if reverse { Box::new(all.rev().map(value)) } else { Box::new(all.map(value)) })
}

fn unnest(_: &Call<'_>, args: &[Value]) -> Result<Values> {
    let Some(Value::Array(array)) = args.first() else { return Err(arity(args)) };
    let (array, mut at) = (array.clone(), 0);
    Ok(Box::new(std::iter::from_fn(move || {
        let item = array.items.get(at).cloned();
        at += 1;
        item.map(Ok)
    })))
}

/// `information_schema._pg_expandarray`: elements with their place, from 1.
fn expand_array(_: &Call<'_>, args: &[Value]) -> Rows {
    let array: &Array = arg(args, 0)?;
    if array.dims.len() != 1 {
        // Of more dimensions the SQL function takes elements by one subscript: NULL.
        let length = array.dims.first().map_or(0, |dim| dim.length);
        return Ok((1..=length).map(|n| vec![Value::Null, Value::Int4(n)]).collect());
    }
    Ok(array.items.iter().zip(1..).map(|(item, n)| vec![item.clone(), Value::Int4(n)]).collect())
}

fn regexp_matches(_: &Call<'_>, args: &[Value]) -> Rows {
    column(regex::matches_rows(arg(args, 0)?, arg(args, 1)?, optional(args, 2, "")?)?)
}

fn regexp_split(_: &Call<'_>, args: &[Value]) -> Rows {
    let flags = optional(args, 2, "")?;
    column(regex::split_parts(arg(args, 0)?, arg(args, 1)?, flags, "regexp_split_to_table()")?)
}

fn string_to_table(_: &Call<'_>, args: &[Value]) -> Rows {
    let Some(text) = arg::<Option<&str>>(args, 0)? else { return Ok(Vec::new()) };
    column(super::array_text::split(text, arg(args, 1)?, optional(args, 2, None)?))
}

/// `pg_get_keywords()`
fn keywords(_: &Call<'_>, _: &[Value]) -> Rows {
    let value = |at: usize, text: &str| match at {
        1 => Value::Char(text.bytes().next().unwrap_or(0)),
        2 => Value::Bool(text == "t"),
        _ => Value::text(text),
    };
    let rows = catalog::keywords().rows();
    Ok(rows
        .map(|row| row.enumerate().map(|(at, text)| value(at, &text.unwrap_or_default())).collect())
        .collect())
}
