//! Comparisons of the types whose order is in [`crate::compare`]: the kernels ask it with the type of the arguments.

use std::cmp::Ordering;

use super::args::arity;
use super::{Call, Kernel};
use crate::catalog::format_type;
use crate::compare::compare;
use crate::{Error, Record, Result, SqlState, Value};

fn order(call: &Call<'_>, args: &[Value]) -> Result<Ordering> {
    match (args, call.arg_types) {
        ([Value::Record(a), Value::Record(b)], _) => order_of_records(a, b),
        ([a, b], [ty, ..]) => Ok(compare(*ty, a, b)),
        _ => Err(arity(args)),
    }
}

/// `record_cmp`: the columns must be of the same types, as far as they are looked at.
fn order_of_records(a: &Record, b: &Record) -> Result<Ordering> {
    let wrong = |message: String| Err(Error::new(SqlState::DATATYPE_MISMATCH, message));
    let types = a.types.iter().zip(&b.types);
    for (at, ((x, y), (of_x, of_y))) in a.fields.iter().zip(&b.fields).zip(types).enumerate() {
        if of_x != of_y && of_x.is_valid() && of_y.is_valid() {
            let (of_x, of_y) = (format_type(*of_x, None), format_type(*of_y, None));
            let column = at + 1;
            return wrong(format!(
                "cannot compare dissimilar column types {of_x} and {of_y} at record column {column}"
            ));
        }
        let order = compare(*of_x, x, y);
        if order.is_ne() {
            return Ok(order);
        }
    }
    if a.fields.len() != b.fields.len() {
        return wrong("cannot compare record types with different numbers of columns".into());
    }
    Ok(Ordering::Equal)
}

fn eq(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_eq()))
}

fn ne(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_ne()))
}

fn lt(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_lt()))
}

fn le(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_le()))
}

fn gt(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_gt()))
}

fn ge(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Bool(order(call, args)?.is_ge()))
}

fn cmp(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Int4(order(call, args)? as i32))
}

fn larger(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let greater = order(call, args)?.is_gt();
    Ok(args[usize::from(!greater)].clone())
}

fn smaller(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let less = order(call, args)?.is_lt();
    Ok(args[usize::from(!less)].clone())
}

macro_rules! ordered {
    ($($prefix:literal)*) => {
        pub(super) const KERNELS: &[(&str, Kernel)] = &[$(
            (concat!($prefix, "eq"), eq as Kernel),
            (concat!($prefix, "ne"), ne),
            (concat!($prefix, "lt"), lt),
            (concat!($prefix, "le"), le),
            (concat!($prefix, "gt"), gt),
            (concat!($prefix, "ge"), ge),
            (concat!($prefix, "cmp"), cmp),
            (concat!($prefix, "larger"), larger),
            (concat!($prefix, "smaller"), smaller),
        )*
            ("btarraycmp", cmp),
            ("btrecordcmp", cmp),
            ("btoidvectorcmp", cmp),
        ];
    };
}
ordered! {
    "date_" "time_" "timetz_" "timestamp_" "interval_" "numeric_" "array_" "record_" "jsonb_" "oidvector"
}

/// `xid` and `cid` have only equality; `xid` also with an `int4` of the same bits.
pub(super) const EQUALITIES: &[(&str, Kernel)] = &[
    ("xideq", kernel!(call; |a: &Value, b: &Value| bits(a) == bits(b))),
    ("xidneq", kernel!(call; |a: &Value, b: &Value| bits(a) != bits(b))),
    ("cideq", kernel!(call; |a: &Value, b: &Value| bits(a) == bits(b))),
];

fn bits(value: &Value) -> Option<u32> {
    value.as_i64().map(|bits| bits as u32)
}
