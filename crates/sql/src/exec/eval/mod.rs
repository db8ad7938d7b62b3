//! Expressions, compiled: functions are resolved, constants are values, and a row's evaluation looks nothing up.

mod any;
mod boolean;
mod call;
mod coerce;
mod compile;
mod compound;
mod condition;
mod convert;
pub(super) mod fold;
pub(super) mod functions;
mod row_compare;
mod sql_value;
mod subscript;

use std::sync::Arc;

use pg::{Error, Result, Value};

pub(super) use any::Fold;
pub(super) use any::hashable;
use any::{AnyArray, AnyList};
use boolean::BooleanTest;
pub(super) use call::Function;
use call::{Binary, CallOp};
use coerce::CoerceOp;
pub(super) use compound::accumulate;
use compound::{ArrayOp, RowOp};
use condition::{Case, MinMax, NullIf};
pub(super) use row_compare::{FieldCompare, RowCompare};
use subscript::SubscriptOp;

use super::frame::Frame;
use super::subplan::SubPlanNode;
use crate::stack::grown;

/// Where an expression is evaluated: on a row, on a left and a right row as if they were one, or on a row in parts.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) left: &'a [Value],
    pub(super) right: &'a [Value],
    pub(super) parts: &'a [&'a [Value]],
    /// The operand of the innermost CASE.
    pub(super) case: Option<&'a Value>,
    pub(super) frame: &'a Frame,
}

impl<'a> Scope<'a> {
    /// A value of a part. Hidden columns that the part doesn't have are NULL.
    fn part(&self, part: usize, at: usize) -> &'a Value {
        self.parts.get(part).and_then(|row| row.get(at)).unwrap_or(&Value::Null)
    }

    fn slot(&self, index: usize) -> Result<&'a Value> {
        match self.left.get(index) {
            Some(value) => Ok(value),
            None => self.right.get(index.wrapping_sub(self.left.len())).ok_or_else(|| {
                Error::internal(format!(
                    "an expression names place {index} of a row of {}",
                    self.left.len() + self.right.len()
                ))
            }),
        }
    }
}

/// An expression, compiled.
pub(super) enum Op {
    Const(Value),
    Slot(usize),
    /// A part of the row, and the place in it.
    Part(usize, usize),
    Arg(usize),
    CaseTest,
    Call(Box<CallOp>),
    Binary(Box<Binary>),
    And(Vec<Op>),
    Or(Vec<Op>),
    Not(Box<Op>),
    IsNull {
        op: Box<Op>,
        negated: bool,
    },
    BooleanTest(Box<BooleanTest>),
    DistinctFrom {
        equal: Box<Binary>,
        negated: bool,
    },
    Case(Box<Case>),
    Coalesce(Vec<Op>),
    NullIf(Box<NullIf>),
    MinMax(Box<MinMax>),
    AnyList(Box<AnyList>),
    AnyArray(Box<AnyArray>),
    Coerce(Box<CoerceOp>),
    Array(Box<ArrayOp>),
    Row(Box<RowOp>),
    RowCompare(Box<RowCompare>),
    Field(Box<Op>, usize),
    Subscript(Box<SubscriptOp>),
    SubPlan(Arc<SubPlanNode>),
    /// Deep inside others: there may be too little stack left.
    Deep(Box<Op>),
}

/// After so many levels it is looked whether enough stack is left.
const DEEP: usize = 8;

impl Op {
    /// The value on a row.
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        match self {
            Op::Const(value) => Ok(value.clone()),
            Op::Slot(index) => scope.slot(*index).cloned(),
            Op::Part(part, at) => Ok(scope.part(*part, *at).clone()),
            Op::Call(call) => call.eval(scope),
            Op::Binary(binary) => binary.eval(scope),
            Op::And(ops) => boolean::and(ops, scope),
            Op::Or(ops) => boolean::or(ops, scope),
            Op::Not(op) => boolean::not(op, scope),
            Op::IsNull { op, negated } => boolean::is_null(op, *negated, scope),
            Op::BooleanTest(test) => test.eval(scope),
            Op::DistinctFrom { equal, negated } => boolean::distinct_from(equal, *negated, scope),
            Op::Case(case) => case.eval(scope),
            Op::Coalesce(ops) => condition::coalesce(ops, scope),
            Op::Arg(index) => scope
                .frame
                .args
                .get(*index)
                .cloned()
                .ok_or_else(|| Error::internal(format!("a subquery has no argument {index}"))),
            Op::CaseTest => scope.case.cloned().ok_or_else(|| Error::internal("no CASE around its operand")),
            other => other.eval_rare(scope),
        }
    }

    /// The kinds that need not be fast to get to.
    fn eval_rare(&self, scope: &Scope<'_>) -> Result<Value> {
        match self {
            Op::NullIf(null_if) => null_if.eval(scope),
            Op::MinMax(min_max) => min_max.eval(scope),
            Op::AnyList(any) => any.eval(scope),
            Op::AnyArray(any) => any.eval(scope),
            Op::Coerce(coerce) => coerce.eval(scope),
            Op::Array(array) => array.eval(scope),
            Op::Row(row) => row.eval(scope),
            Op::RowCompare(compare) => compare.eval(scope),
            Op::Field(op, index) => compound::field(op, *index, scope),
            Op::Subscript(subscript) => subscript.eval(scope),
            Op::SubPlan(subplan) => subplan.evaluate(scope),
            Op::Deep(op) => grown(|| op.eval(scope)),
            _ => Err(Error::internal("an expression of no kind")),
        }
    }

    /// Whether the condition is true on a row.
    pub(super) fn is_true(&self, scope: &Scope<'_>) -> Result<bool> {
        match self {
            // Each conjunct stops the evaluation, NULL as well as false.
            Op::And(ops) => {
                for op in ops {
                    if !op.is_true(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Op::Slot(index) => scope.slot(*index).map(Value::is_true),
            Op::Part(part, at) => Ok(scope.part(*part, *at).is_true()),
            other => Ok(other.eval(scope)?.is_true()),
        }
    }
}

/// The values of several expressions.
pub(super) fn eval_all(ops: &[Op], scope: &Scope<'_>) -> Result<Vec<Value>> {
    // Not collected: of what may fail nobody knows how many there will be, so that the row would be moved as it grows.
    let mut values = Vec::with_capacity(ops.len());
    for op in ops {
        values.push(op.eval(scope)?);
    }
    Ok(values)
}
