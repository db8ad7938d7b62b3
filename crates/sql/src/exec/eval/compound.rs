//! Arrays and rows.

use std::sync::Arc;

use pg::array::Dimension;
use pg::{Array, Error, Oid, Record, Result, SqlState, Value};

use super::{Op, Scope, eval_all};

/// `ARRAY[…]`.
pub(in crate::exec) struct ArrayOp {
    pub(super) element: Oid,
    pub(super) items: Vec<Op>,
    pub(super) nested: bool,
}

impl ArrayOp {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let items = eval_all(&self.items, scope)?;
        let array = if self.nested {
            nest(self.element, &items)?
        } else {
            Array::one_dimensional(self.element, items)
        };
        Ok(Value::Array(Arc::new(array)))
    }
}

/// Arrays as the elements of one with a dimension more (`ExecEvalArrayExpr`): all of the same dimensions, or all empty;
/// NULL ones count as empty.
fn nest(element: Oid, items: &[Value]) -> Result<Array> {
    let mismatch = || {
        Error::new(
            SqlState::ARRAY_SUBSCRIPT_ERROR,
            "multidimensional arrays must have array expressions with matching dimensions",
        )
    };
    let count = i32::try_from(items.len()).map_err(|_| mismatch())?;
    let mut dims: Option<Vec<Dimension>> = None;
    let mut values = Vec::new();
    let mut empty = false;
    for item in items {
        let array = match item {
            Value::Array(array) if !array.dims.is_empty() => array,
            _ => {
                empty = true;
                continue;
            }
        };
        match &dims {
            None => dims = Some(array.dims.clone()),
            Some(dims) if *dims == array.dims => {}
            Some(_) => return Err(mismatch()),
        }
        values.extend(array.items.iter().cloned());
    }
    match dims {
        None => Ok(Array { element, dims: Vec::new(), items: Vec::new() }),
        Some(_) if empty => Err(mismatch()),
        Some(inner) => {
            let dims = std::iter::once(Dimension { length: count, lower: 1 }).chain(inner).collect();
            Ok(Array { element, dims, items: values })
        }
    }
}

/// `ARRAY(SELECT array …)`: as [`nest`], but for what is refused (`accumArrayResultArr`).
pub(in crate::exec) fn accumulate(element: Oid, items: &[Value]) -> Result<Array> {
    let dims: Vec<&[Dimension]> = items
        .iter()
        .map(|item| match item {
            Value::Array(array) => Ok(&*array.dims),
            _ => Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays")),
        })
        .collect::<Result<_>>()?;
    let wrong = |message| Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message));
    if dims.windows(2).any(|pair| pair.first() != pair.last()) {
        return wrong("cannot accumulate arrays of different dimensionality");
    }
    if dims.first().is_some_and(|dims| dims.is_empty()) {
        return wrong("cannot accumulate empty arrays");
    }
    nest(element, items)
}

/// `ROW(…)`.
pub(in crate::exec) struct RowOp {
    pub(super) types: Vec<Oid>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) fields: Vec<Op>,
    pub(super) present: Option<Op>,
}

impl RowOp {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        if let Some(present) = &self.present
            && present.eval(scope)? == Value::Null
        {
            return Ok(Value::Null);
        }
        let fields = eval_all(&self.fields, scope)?;
        let (types, names) = (self.types.clone(), self.names.clone());
        Ok(Value::Record(Arc::new(Record { types, names, fields })))
    }
}

/// `(composite).field`.
pub(super) fn field(op: &Op, index: usize, scope: &Scope<'_>) -> Result<Value> {
    match op.eval(scope)? {
        Value::Null => Ok(Value::Null),
        Value::Record(record) => {
            record.fields.get(index).cloned().ok_or_else(|| {
                Error::internal(format!("a row of {} has no field {index}", record.fields.len()))
            })
        }
        other => Err(Error::internal(format!("a field of what is no row: {other:?}"))),
    }
}
