//! `CASE`, `COALESCE`, `NULLIF`, `GREATEST` and `LEAST`.

use std::cmp::Ordering;

use pg::{Oid, Result, Value};

use super::call::Function;
use super::{Op, Scope};
use crate::exec::key;

/// `CASE`.
pub(in crate::exec) struct Case {
    pub(super) operand: Option<Op>,
    pub(super) arms: Vec<(Op, Op)>,
    pub(super) otherwise: Option<Op>,
}

impl Case {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let operand = self.operand.as_ref().map(|op| op.eval(scope)).transpose()?;
        // Only the conditions see this operand: a result belongs to the CASE further out.
        let inner = Scope { case: operand.as_ref().or(scope.case), ..*scope };
        for (condition, result) in &self.arms {
            if condition.is_true(&inner)? {
                return result.eval(scope);
            }
        }
        self.otherwise.as_ref().map_or(Ok(Value::Null), |op| op.eval(scope))
    }
}

/// `COALESCE`.
pub(super) fn coalesce(ops: &[Op], scope: &Scope<'_>) -> Result<Value> {
    for op in ops {
        let value = op.eval(scope)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

/// `NULLIF`.
pub(in crate::exec) struct NullIf {
    pub(super) equal: Function,
    pub(super) left: Op,
    pub(super) right: Op,
}

impl NullIf {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let left = self.left.eval(scope)?;
        let right = self.right.eval(scope)?;
        if left.is_null() || right.is_null() {
            return Ok(left);
        }
        let equal = self.equal.call(&[left.clone(), right], scope)?.is_true();
        Ok(if equal { Value::Null } else { left })
    }
}

/// `GREATEST`, `LEAST`.
pub(in crate::exec) struct MinMax {
    pub(super) greatest: bool,
    pub(super) ty: Oid,
    pub(super) args: Vec<Op>,
}

impl MinMax {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let wanted = if self.greatest { Ordering::Greater } else { Ordering::Less };
        let mut best = Value::Null;
        for op in &self.args {
            let value = op.eval(scope)?;
            if value.is_null() {
                continue;
            }
            if best.is_null() || key::compare(self.ty, &value, &best) == wanted {
                best = value;
            }
        }
        Ok(best)
    }
}
