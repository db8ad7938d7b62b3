//! Comparisons of rows, field by field.

use pg::{Result, Value};

use super::call::Function;
use super::{Op, Scope};
use crate::query::Comparison;

/// `(a, b) op (c, d)`.
pub(in crate::exec) struct RowCompare {
    pub(in crate::exec) compare: FieldCompare,
    pub(in crate::exec) left: Vec<Op>,
    pub(in crate::exec) right: Vec<Op>,
}

impl RowCompare {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let left = super::eval_all(&self.left, scope)?;
        let right = super::eval_all(&self.right, scope)?;
        self.compare.compare(&left, &right, scope)
    }
}

/// How two rows are compared.
pub(in crate::exec) enum FieldCompare {
    /// Every field must be equal (three-valued); negated for `<>`.
    Equality { equals: Vec<Function>, negated: bool },
    /// The first field that is not equal decides.
    Order { fields: Vec<FieldOrder>, or_equal: bool },
    /// One field by any operator.
    Single(Function),
}

/// How one field of an ordering comparison is compared.
pub(in crate::exec) struct FieldOrder {
    /// `=`
    pub(in crate::exec) equal: Function,
    /// `<` or `>`, perhaps with `=`.
    pub(in crate::exec) order: Function,
}

impl FieldCompare {
    /// Whether a comparison says that equal rows satisfy it.
    pub(in crate::exec) fn or_equal(comparison: Comparison) -> bool {
        matches!(comparison, Comparison::LessOrEqual | Comparison::GreaterOrEqual)
    }

    /// Compares two rows.
    pub(in crate::exec) fn compare(
        &self,
        left: &[Value],
        right: &[Value],
        scope: &Scope<'_>,
    ) -> Result<Value> {
        let pairs = left.iter().zip(right);
        match self {
            FieldCompare::Single(function) => match (left, right) {
                ([left], [right]) => function.call(&[left.clone(), right.clone()], scope),
                _ => Ok(Value::Null),
            },
            FieldCompare::Equality { equals, negated } => {
                let mut null = false;
                for (equal, (left, right)) in equals.iter().zip(pairs) {
                    match equal.call(&[left.clone(), right.clone()], scope)? {
                        Value::Bool(true) => {}
                        Value::Null => null = true,
                        _ => return Ok(Value::Bool(*negated)),
                    }
                }
                Ok(if null { Value::Null } else { Value::Bool(!negated) })
            }
            FieldCompare::Order { fields, or_equal } => {
                for (field, (left, right)) in fields.iter().zip(pairs) {
                    let args = [left.clone(), right.clone()];
                    match field.equal.call(&args, scope)? {
                        Value::Bool(true) => {}
                        Value::Null => return Ok(Value::Null),
                        _ => return field.order.call(&args, scope),
                    }
                }
                Ok(Value::Bool(*or_equal))
            }
        }
    }
}
