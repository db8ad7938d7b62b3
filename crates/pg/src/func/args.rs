//! How kernels take values apart and make them: arguments and results as Rust types, and the macros that turn an
//! expression on them into a [`Kernel`](super::Kernel).

use std::sync::Arc;

use crate::{Array, Error, Interval, Numeric, Oid, Record, Result, Value};

/// A Rust type that an argument is read as.
pub(super) trait Arg<'a>: Sized {
    /// The argument; another type than `pg_proc` promises is an internal error.
    fn arg(value: &'a Value) -> Result<Self>;
}

/// A Rust type that becomes a result.
pub(super) trait Ret {
    /// The result as a value.
    fn ret(self) -> Result<Value>;
}

/// A `"char"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Char(pub u8);
/// A `date`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date(pub i32);
/// A `time`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub i64);
/// A `timetz`: time, and zone west of UTC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeTz(pub i64, pub i32);
/// A `timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp(pub i64);
/// A `timestamptz`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimestampTz(pub i64);
/// A `uuid`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uuid(pub [u8; 16]);
/// A `jsonb` in its text form.
pub(super) struct Jsonb<'a>(pub &'a str);

/// A value of a type that the function doesn't take: the analysis went wrong.
pub(super) fn mismatch(value: &Value) -> Error {
    Error::internal(format!("a function met an argument of an unexpected kind: {value:?}"))
}

/// A wrong number of arguments: the analysis went wrong.
pub(super) fn arity(args: &[Value]) -> Error {
    Error::internal(format!("a function met {} arguments", args.len()))
}

macro_rules! copied {
    ($($variant:ident $rust:ty;)*) => {$(
        impl<'a> Arg<'a> for $rust {
            fn arg(value: &'a Value) -> Result<$rust> {
                match value {
                    Value::$variant(x) => Ok(*x),
                    other => Err(mismatch(other)),
                }
            }
        }
        impl Ret for $rust {
            fn ret(self) -> Result<Value> {
                Ok(Value::$variant(self))
            }
        }
    )*};
}
copied! {
    Bool bool; Int2 i16; Int4 i32; Int8 i64; Oid Oid; Float4 f32; Float8 f64; Interval Interval;
}

macro_rules! wrapped {
    ($($name:ident)*) => {$(
        impl<'a> Arg<'a> for $name {
            fn arg(value: &'a Value) -> Result<$name> {
                match value {
                    Value::$name(x) => Ok($name(*x)),
                    other => Err(mismatch(other)),
                }
            }
        }
        impl Ret for $name {
            fn ret(self) -> Result<Value> {
                Ok(Value::$name(self.0))
            }
        }
    )*};
}
wrapped! { Char Date Time Timestamp TimestampTz Uuid }

impl<'a> Arg<'a> for TimeTz {
    fn arg(value: &'a Value) -> Result<TimeTz> {
        match value {
            Value::TimeTz(time, zone) => Ok(TimeTz(*time, *zone)),
            other => Err(mismatch(other)),
        }
    }
}

impl Ret for TimeTz {
    fn ret(self) -> Result<Value> {
        Ok(Value::TimeTz(self.0, self.1))
    }
}

macro_rules! borrowed {
    ($($variant:ident $rust:ty;)*) => {$(
        impl<'a> Arg<'a> for &'a $rust {
            fn arg(value: &'a Value) -> Result<&'a $rust> {
                match value {
                    Value::$variant(x) => Ok(x),
                    other => Err(mismatch(other)),
                }
            }
        }
    )*};
}
borrowed! { Text str; Bytea [u8]; Numeric Numeric; Array Array; Record Record; }

impl<'a> Arg<'a> for Jsonb<'a> {
    fn arg(value: &'a Value) -> Result<Jsonb<'a>> {
        match value {
            Value::Jsonb(text) => Ok(Jsonb(text)),
            other => Err(mismatch(other)),
        }
    }
}

impl<'a> Arg<'a> for &'a Value {
    fn arg(value: &'a Value) -> Result<&'a Value> {
        Ok(value)
    }
}

impl<'a, T: Arg<'a>> Arg<'a> for Option<T> {
    fn arg(value: &'a Value) -> Result<Option<T>> {
        if value.is_null() { Ok(None) } else { T::arg(value).map(Some) }
    }
}

impl Ret for Value {
    fn ret(self) -> Result<Value> {
        Ok(self)
    }
}

impl Ret for &Value {
    fn ret(self) -> Result<Value> {
        Ok(self.clone())
    }
}

impl Ret for &str {
    fn ret(self) -> Result<Value> {
        Ok(Value::text(self))
    }
}

impl Ret for String {
    fn ret(self) -> Result<Value> {
        Ok(Value::text(self))
    }
}

impl Ret for Vec<u8> {
    fn ret(self) -> Result<Value> {
        Ok(Value::Bytea(self.into()))
    }
}

impl Ret for &[u8] {
    fn ret(self) -> Result<Value> {
        Ok(Value::Bytea(self.into()))
    }
}

impl Ret for Numeric {
    fn ret(self) -> Result<Value> {
        Ok(Value::Numeric(Arc::new(self)))
    }
}

impl Ret for Array {
    fn ret(self) -> Result<Value> {
        Ok(Value::Array(Arc::new(self)))
    }
}

impl<T: Ret> Ret for Option<T> {
    fn ret(self) -> Result<Value> {
        self.map_or(Ok(Value::Null), T::ret)
    }
}

impl<T: Ret> Ret for Result<T> {
    fn ret(self) -> Result<Value> {
        self.and_then(T::ret)
    }
}

/// One kernel: `kernel!(call; |a: i32, b: i32| a.max(b))`. `call` names the [`Call`](super::Call) inside.
macro_rules! kernel {
    ($call:ident; |$($arg:ident: $rust:ty),*| $body:expr) => {{
        fn kernel($call: &$crate::func::Call<'_>, args: &[$crate::Value]) -> $crate::Result<$crate::Value> {
            let _ = $call;
            let [$($arg),*] = args else { return Err($crate::func::args::arity(args)) };
            $(let $arg = <$rust as $crate::func::args::Arg<'_>>::arg($arg)?;)*
            $crate::func::args::Ret::ret($body)
        }
        kernel as $crate::func::Kernel
    }};
}

/// The table of a file: PostgreSQL's name of the C function (`pg_proc.prosrc`), arguments, result.
macro_rules! kernels {
    ($table:ident($call:ident) { $($name:expr => |$($arg:ident: $rust:ty),*| $body:expr;)* }) => {
        pub(in crate::func) const $table: &[(&str, $crate::func::Kernel)] = &[
            $(($name, kernel!($call; |$($arg: $rust),*| $body)),)*
        ];
    };
}

/// The six comparisons of each pair of types: `"int4" eq ne lt le gt ge`.
macro_rules! comparisons {
    ($table:ident { $($prefix:literal $suffix:literal: $left:ty, $right:ty => $compare:expr;)* }) => {
        pub(in crate::func) const $table: &[(&str, $crate::func::Kernel)] = &[$(
            (concat!($prefix, "eq", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_eq())),
            (concat!($prefix, "ne", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_ne())),
            (concat!($prefix, "lt", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_lt())),
            (concat!($prefix, "le", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_le())),
            (concat!($prefix, "gt", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_gt())),
            (concat!($prefix, "ge", $suffix), kernel!(call; |a: $left, b: $right| ($compare)(a, b).is_ge())),
        )*];
    };
}

/// Comparison support (`btint4cmp`), and the greater and the smaller of two.
macro_rules! orders {
    ($table:ident { $($cmp:literal $larger:literal $smaller:literal: $rust:ty => $compare:expr;)* }) => {
        pub(in crate::func) const $table: &[(&str, $crate::func::Kernel)] = &[$(
            ($cmp, kernel!(call; |a: $rust, b: $rust| ($compare)(a, b) as i32)),
            ($larger, {
                fn kernel(_: &$crate::func::Call<'_>, args: &[$crate::Value]) -> $crate::Result<$crate::Value> {
                    let [a, b] = args else { return Err($crate::func::args::arity(args)) };
                    let order = ($compare)(<$rust as $crate::func::args::Arg<'_>>::arg(a)?, <$rust as $crate::func::args::Arg<'_>>::arg(b)?);
                    Ok(if order.is_gt() { a.clone() } else { b.clone() })
                }
                kernel as $crate::func::Kernel
            }),
            ($smaller, {
                fn kernel(_: &$crate::func::Call<'_>, args: &[$crate::Value]) -> $crate::Result<$crate::Value> {
                    let [a, b] = args else { return Err($crate::func::args::arity(args)) };
                    let order = ($compare)(<$rust as $crate::func::args::Arg<'_>>::arg(a)?, <$rust as $crate::func::args::Arg<'_>>::arg(b)?);
                    Ok(if order.is_lt() { a.clone() } else { b.clone() })
                }
                kernel as $crate::func::Kernel
            }),
        )*];
    };
}
