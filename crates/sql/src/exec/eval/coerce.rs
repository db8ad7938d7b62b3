//! Conversions that are no call of a function of `pg_cast`.

use std::sync::Arc;

use pg::{Array, Error, Oid, Result, TypeRef, Value};

use super::call::Function;
use super::convert;
use super::{Op, Scope};

/// A conversion.
pub(in crate::exec) struct CoerceOp {
    pub(super) op: Op,
    pub(super) method: CoerceMethod,
}

/// How it is made.
pub(in crate::exec) enum CoerceMethod {
    /// Through text.
    InputOutput { from: Oid, to: TypeRef },
    /// Element by element.
    Elements { method: Box<CoerceMethod>, element: Oid },
    /// A function of a value, a type modifier, and whether the cast was explicit; it may take fewer.
    Function { function: Function, args: usize, typmod: i32, explicit: bool },
    /// One after the other.
    Then(Box<CoerceMethod>, Box<CoerceMethod>),
    /// As it is: the elements of an array are of another type now.
    Relabel,
    /// `int4` to an oid of some kind, bit by bit.
    ToOid,
    /// An oid of some kind to `int4`, bit by bit.
    FromOid,
}

impl CoerceOp {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let value = self.op.eval(scope)?;
        self.method.apply(value, scope)
    }
}

impl CoerceMethod {
    fn apply(&self, value: Value, scope: &Scope<'_>) -> Result<Value> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        match self {
            CoerceMethod::Relabel => Ok(value),
            CoerceMethod::ToOid => Ok(match value {
                Value::Int4(number) => Value::Oid(Oid(number.cast_unsigned())),
                other => other,
            }),
            CoerceMethod::FromOid => Ok(match value {
                Value::Oid(oid) => Value::Int4(oid.0.cast_signed()),
                other => other,
            }),
            CoerceMethod::InputOutput { from, to } => {
                convert::through_text(*from, *to, value, &scope.frame.run.env)
            }

            CoerceMethod::Function { function, args, typmod, explicit } => {
                let all = [value, Value::Int4(*typmod), Value::Bool(*explicit)];
                function.call(all.get(..*args).unwrap_or(&all), scope)
            }
            CoerceMethod::Then(first, second) => second.apply(first.apply(value, scope)?, scope),
            CoerceMethod::Elements { method, element } => {
                let Value::Array(array) = value else {
                    return Err(Error::internal(format!("elements of what is no array: {value:?}")));
                };
                let items = array.items.iter().map(|item| method.apply(item.clone(), scope));
                let items = items.collect::<Result<Vec<_>>>()?;
                Ok(Value::Array(Arc::new(Array { element: *element, dims: array.dims.clone(), items })))
            }
        }
    }
}
