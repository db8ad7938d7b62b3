//! Calls of functions and operators.

use pg::func::Call;
use pg::{Array, Oid, Result, Value};

use super::functions::Scalar;
use super::{Op, Scope};

/// A function with all that its calls need.
#[derive(Clone)]
pub(in crate::exec) struct Function {
    pub(super) kernel: Scalar,
    pub(super) strict: bool,
    pub(super) arg_types: Box<[Oid]>,
    pub(super) result: Oid,
}

impl Function {
    /// The result for these arguments.
    #[inline]
    pub(in crate::exec) fn call(&self, args: &[Value], scope: &Scope<'_>) -> Result<Value> {
        self.call_typed(args, &self.arg_types, scope)
    }

    fn call_typed(&self, args: &[Value], arg_types: &[Oid], scope: &Scope<'_>) -> Result<Value> {
        if self.strict && args.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        let run = &scope.frame.run;
        self.kernel.call(&Call { env: &run.env, arg_types, result: self.result }, args, run)
    }
}

/// A call.
pub(in crate::exec) struct CallOp {
    pub(super) function: Function,
    pub(super) args: Vec<Op>,
    /// `VARIADIC array` for a function of `VARIADIC "any"`.
    pub(super) variadic: bool,
    /// It takes a NULL after VARIADIC for no arguments (`format`).
    pub(super) variadic_null_is_empty: bool,
}

impl CallOp {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        // The usual numbers of arguments need no allocation.
        match &*self.args {
            _ if self.variadic => self.eval_variadic(scope),
            [] => self.function.call(&[], scope),
            [a] => self.function.call(&[a.eval(scope)?], scope),
            [a, b] => self.function.call(&[a.eval(scope)?, b.eval(scope)?], scope),
            [a, b, c] => self.function.call(&[a.eval(scope)?, b.eval(scope)?, c.eval(scope)?], scope),
            many => self.function.call(&super::eval_all(many, scope)?, scope),
        }
    }

    /// The elements of the last argument are arguments each.
    fn eval_variadic(&self, scope: &Scope<'_>) -> Result<Value> {
        let mut args = super::eval_all(&self.args, scope)?;
        let mut types = self.function.arg_types.to_vec();
        types.pop();
        match args.pop() {
            Some(Value::Array(array)) => {
                let Array { element, items, .. } = &*array;
                types.extend(items.iter().map(|_| *element));
                args.extend(items.iter().cloned());
            }
            _ if self.variadic_null_is_empty => {}
            _ => return Ok(Value::Null),
        }
        self.function.call_typed(&args, &types, scope)
    }
}

/// A call of a function of two arguments: an operator.
pub(in crate::exec) struct Binary {
    pub(super) function: Function,
    pub(super) left: Op,
    pub(super) right: Op,
}

impl Binary {
    #[inline]
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        // Both sides are evaluated, for their errors, before NULL decides, as PostgreSQL does.
        let args = [self.left.eval(scope)?, self.right.eval(scope)?];
        self.function.call(&args, scope)
    }
}
