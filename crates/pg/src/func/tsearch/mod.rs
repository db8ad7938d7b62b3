//! Functions of full text search.

mod documents;
mod headlines;
mod queries;
mod ranks;
mod sets;
mod vectors;

use super::args::{Arg, Ret, mismatch};
use super::{Call, Kernel, SetKernel};
use crate::other::Other;
use crate::tsearch::{Configuration, TsQuery, TsVector};
use crate::{Oid, Result, Value, oid};

/// The tables of this folder.
pub(super) const TABLES: [&[(&str, Kernel)]; 8] = [
    documents::KERNELS,
    documents::OF_JSON,
    headlines::KERNELS,
    queries::KERNELS,
    queries::OF_TEXT,
    ranks::KERNELS,
    vectors::KERNELS,
    vectors::COMPARISONS,
];

/// Its set-returning functions.
pub(super) const SET_KERNELS: &[(&str, SetKernel)] = sets::KERNELS;

/// Those that PostgreSQL writes in SQL, by name.
pub(super) const SETS_BY_NAME: &[(&str, SetKernel)] = sets::BY_NAME;

macro_rules! of_other {
    ($($rust:ident)*) => {$(
        impl<'a> Arg<'a> for &'a $rust {
            fn arg(value: &'a Value) -> Result<&'a $rust> {
                match value {
                    Value::Other(other) => match &**other {
                        Other::$rust(own) => Ok(own),
                        _ => Err(mismatch(value)),
                    },
                    _ => Err(mismatch(value)),
                }
            }
        }
        impl Ret for $rust {
            fn ret(self) -> Result<Value> {
                Ok(Other::$rust(self).into())
            }
        }
    )*};
}
of_other! { TsVector TsQuery }

/// `default_text_search_config`
fn default_configuration(call: &Call<'_>) -> Result<&'static Configuration> {
    let name = &call.env.text_search_configuration;
    Configuration::by_oid(call.env.names.reg_in(oid::REGCONFIG, name)?)
}

/// The configuration of a call, before its other arguments: the first one, or the session's.
fn configuration<'a>(call: &Call<'_>, args: &'a [Value]) -> Result<(&'static Configuration, &'a [Value])> {
    match args {
        [Value::Oid(oid), rest @ ..] => Ok((Configuration::by_oid(*oid)?, rest)),
        rest => Ok((default_configuration(call)?, rest)),
    }
}

/// A `"char"` as a weight: `A` to `D` in either case.
fn weight(letter: u8) -> Result<u8> {
    match letter {
        b'A' | b'a' => Ok(3),
        b'B' | b'b' => Ok(2),
        b'C' | b'c' => Ok(1),
        b'D' | b'd' => Ok(0),
        other => {
            let shown = if other.is_ascii_graphic() || other == b' ' {
                char::from(other).to_string()
            } else {
                format!("\\{other:03o}")
            };
            let message = format!("unrecognized weight: \"{shown}\"");
            Err(crate::Error::new(crate::SqlState::INVALID_PARAMETER_VALUE, message))
        }
    }
}

/// An argument of a kernel that is not made by a macro.
fn arg<'a, T: Arg<'a>>(args: &'a [Value], at: usize) -> Result<T> {
    T::arg(args.get(at).ok_or_else(|| super::args::arity(args))?)
}

/// The elements of an array of texts, NULLs left out.
fn texts(array: &crate::Array) -> impl Iterator<Item = &str> {
    array.items.iter().filter_map(Value::as_str)
}

/// A row's oid for what is not a configuration.
fn oid_of(value: &Value) -> Result<Oid> {
    Oid::arg(value)
}
