//! Three-valued logic.

use pg::{Result, Value};

use super::call::Binary;
use super::{Op, Scope};

/// `AND`: false if any is, else NULL if any is.
pub(super) fn and(ops: &[Op], scope: &Scope<'_>) -> Result<Value> {
    let mut null = false;
    for op in ops {
        match op.eval(scope)? {
            Value::Bool(true) => {}
            Value::Null => null = true,
            _ => return Ok(Value::Bool(false)),
        }
    }
    Ok(if null { Value::Null } else { Value::Bool(true) })
}

/// `OR`: true if any is, else NULL if any is.
pub(super) fn or(ops: &[Op], scope: &Scope<'_>) -> Result<Value> {
    let mut null = false;
    for op in ops {
        match op.eval(scope)? {
            Value::Bool(true) => return Ok(Value::Bool(true)),
            Value::Null => null = true,
            _ => {}
        }
    }
    Ok(if null { Value::Null } else { Value::Bool(false) })
}

/// `NOT`.
pub(super) fn not(op: &Op, scope: &Scope<'_>) -> Result<Value> {
    Ok(negate(op.eval(scope)?))
}

/// `NOT` of a value.
pub(in crate::exec) fn negate(value: Value) -> Value {
    match value {
        Value::Bool(b) => Value::Bool(!b),
        other => other,
    }
}

/// `IS [NOT] NULL`. A row is NULL when all its fields are, and not NULL when none is (`ExecEvalRowNullInt`): the two
/// are no opposites. Fields that are rows themselves are looked at from outside only.
pub(super) fn is_null(op: &Op, negated: bool, scope: &Scope<'_>) -> Result<Value> {
    let answer = match op {
        Op::Slot(index) => test_null(scope.slot(*index)?, negated),
        Op::Part(part, at) => test_null(scope.part(*part, *at), negated),
        op => test_null(&op.eval(scope)?, negated),
    };
    Ok(Value::Bool(answer))
}

fn test_null(value: &Value, negated: bool) -> bool {
    match value {
        Value::Record(record) => record.fields.iter().all(|field| field.is_null() != negated),
        value => value.is_null() != negated,
    }
}

/// `IS [NOT] TRUE`, `FALSE`, `UNKNOWN`.
pub(in crate::exec) struct BooleanTest {
    pub(super) op: Op,
    pub(super) value: Option<bool>,
    pub(super) negated: bool,
}

impl BooleanTest {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let is = match (self.op.eval(scope)?, self.value) {
            (Value::Bool(b), Some(wanted)) => b == wanted,
            (Value::Null, None) => true,
            _ => false,
        };
        Ok(Value::Bool(is != self.negated))
    }
}

/// `IS [NOT] DISTINCT FROM`.
pub(super) fn distinct_from(equal: &Binary, negated: bool, scope: &Scope<'_>) -> Result<Value> {
    let left = equal.left.eval(scope)?;
    let right = equal.right.eval(scope)?;
    let distinct = match (left.is_null(), right.is_null()) {
        (true, true) => false,
        (false, false) => !equal.function.call(&[left, right], scope)?.is_true(),
        _ => true,
    };
    Ok(Value::Bool(distinct != negated))
}
