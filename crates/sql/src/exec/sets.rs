//! Calls that yield rows: set-returning functions, in FROM and in select lists.

use std::sync::Arc;

use pg::func::Call;
use pg::{Error, Oid, Record, Result, SqlState, Value, catalog};

use super::compile::Compiler;
use super::eval::functions::{self, Set};
use super::eval::{Op, Scope, eval_all};
use super::memory::{Reservation, row_bytes};
use super::types::is_composite;
use crate::query::{Expr, ExprKind};
use crate::remote::Batch;

/// A call of a set-returning function, or any other expression, which yields one row.
pub(super) struct SetCall {
    kind: SetKind,
    pub(super) width: usize,
    /// The value is a row, whose fields are the columns.
    composite: bool,
    /// What a column definition list says of the rows of a function that makes `record`.
    declared: Option<Vec<Oid>>,
}

enum SetKind {
    Set { kernel: Set, series: bool, strict: bool, args: Vec<Op>, arg_types: Vec<Oid>, result: Oid },
    Single(Op),
}

/// `unnest(anyarray)`
const UNNEST: Oid = Oid(2331);

/// `generate_series` of `int4` and `int8`: counted instead of made, for it may be long.
const SERIES: [u32; 4] = [1066, 1067, 1068, 1069];

impl SetCall {
    pub(super) fn compile(compiler: &mut Compiler, expr: &Expr, width: usize) -> Result<SetCall> {
        let composite = width != 1 || is_composite(expr.ty.oid);
        let mut declared = None;
        let kind = match &expr.kind {
            ExprKind::Call(call) if call.retset => {
                let mut call = call.clone();
                declared = declared_types(&mut call);
                let arg_types: Vec<Oid> = call.args.iter().map(|arg| arg.ty.oid).collect();
                let kernel = functions::set(call.proc)
                    .ok_or_else(|| functions::refuse(call.proc, &arg_types).at(expr.position))?;
                compiler.facts.volatile |= functions::is_volatile(call.proc);
                let args = compiler.exprs(&call.args)?;
                // A function of one row has one for NULL too, of NULLs.
                let returns_set = pg::catalog::proc_by_oid(call.proc).is_some_and(|row| row.returns_set);
                let strict = functions::is_strict(call.proc) && returns_set;
                let series = SERIES.contains(&call.proc.0);
                SetKind::Set { kernel, series, strict, args, arg_types, result: expr.ty.oid }
            }
            _ => SetKind::Single(compiler.expr(expr)?),
        };
        Ok(SetCall { kind, width, composite, declared })
    }

    /// The rows for this scope; a strict function yields none for NULL.
    pub(super) fn rows(&self, scope: &Scope<'_>) -> Result<SetRows> {
        let rows = match &self.kind {
            SetKind::Single(op) => vec![self.spread(op.eval(scope)?)],
            SetKind::Set { kernel, series, strict, args, arg_types, result } => {
                let args = eval_all(args, scope)?;
                if *strict && args.iter().any(Value::is_null) {
                    return Ok(SetRows::none());
                }
                if let (true, Some(series)) = (*series, Series::new(&args)) {
                    return Ok(SetRows::Series(series));
                }
                let run = &scope.frame.run;
                let rows = kernel.call(&Call { env: &run.env, arg_types, result: *result }, &args, run)?;
                match &self.declared {
                    Some(declared) => {
                        rows.into_iter().map(|row| fields_of(row, declared)).collect::<Result<_>>()?
                    }
                    None => rows,
                }
            }
        };
        let mut reservation = scope.frame.reserve("the rows of a function");
        reservation.grow(rows.iter().map(|row| row_bytes(row)).sum())?;
        Ok(SetRows::Made { rows, _reservation: Some(reservation) })
    }

    /// A row as one value.
    pub(super) fn gather(&self, mut row: Vec<Value>, names: &[Arc<str>]) -> Value {
        if !self.composite || matches!(&*row, [Value::Record(_)]) {
            return row.pop().unwrap_or_default();
        }
        let types = vec![Oid::INVALID; row.len()];
        let names = (0..row.len())
            .map(|at| names.get(at).cloned().unwrap_or_else(|| format!("f{}", at + 1).into()))
            .collect();
        Value::Record(Arc::new(Record { types, names, fields: row }))
    }

    fn spread(&self, value: Value) -> Vec<Value> {
        match value {
            Value::Record(record) if self.composite => record.fields.clone(),
            Value::Null if self.composite => vec![Value::Null; self.width],
            value => vec![value],
        }
    }
}

/// What analysis has put behind the arguments of `unnest(record[])`: a row of the types of the column definition list.
fn declared_types(call: &mut crate::query::Call) -> Option<Vec<Oid>> {
    if call.proc != UNNEST || call.args.len() < 2 {
        return None;
    }
    match call.args.pop()?.kind {
        ExprKind::Row { fields, .. } => Some(fields.iter().map(|field| field.ty.oid).collect()),
        _ => None,
    }
}

/// The fields of a record, which must be of the types that the column definition list says (`tupledesc_match`).
fn fields_of(mut row: Vec<Value>, declared: &[Oid]) -> Result<Vec<Value>> {
    let record = match row.pop() {
        Some(Value::Record(record)) => record,
        _ => return Ok(vec![Value::Null; declared.len()]),
    };
    let wrong = |detail: String| {
        let message = "function return row and query-specified return row do not match";
        Error::new(SqlState::DATATYPE_MISMATCH, message).detail(detail)
    };
    let count = record.fields.len();
    if count != declared.len() {
        let plural = if count == 1 { "" } else { "s" };
        return Err(wrong(format!(
            "Returned row contains {count} attribute{plural}, but query expects {}.",
            declared.len()
        )));
    }
    for (at, (own, declared)) in record.types.iter().zip(declared).enumerate() {
        if !catalog::is_binary_coercible(*own, *declared) {
            return Err(wrong(format!(
                "Returned type {} at ordinal position {}, but query expects {}.",
                catalog::format_type(*own, None),
                at + 1,
                catalog::format_type(*declared, None)
            )));
        }
    }
    Ok(record.fields.clone())
}

/// The rows of a call.
pub(super) enum SetRows {
    /// They are there.
    Made { rows: Batch, _reservation: Option<Reservation> },
    /// They are made one by one.
    Series(Series),
}

impl SetRows {
    fn none() -> SetRows {
        SetRows::Made { rows: Batch::new(), _reservation: None }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            SetRows::Made { rows, .. } => rows.len(),
            SetRows::Series(series) => series.count,
        }
    }

    /// Takes the row at a place out.
    pub(super) fn take(&mut self, at: usize) -> Option<Vec<Value>> {
        match self {
            SetRows::Made { rows, .. } => rows.get_mut(at).map(std::mem::take),
            SetRows::Series(series) => series.get(at).map(|value| vec![value]),
        }
    }
}

/// An arithmetic progression.
pub(super) struct Series {
    start: i64,
    step: i64,
    count: usize,
    int8: bool,
}

impl Series {
    /// From, to, and perhaps by how much; a step of zero is for the function itself to refuse.
    fn new(args: &[Value]) -> Option<Series> {
        let int8 = matches!(args.first(), Some(Value::Int8(_)));
        let number = |at: usize| args.get(at).and_then(Value::as_i64);
        let (start, stop, step) = (number(0)?, number(1)?, number(2).unwrap_or(1));
        if step == 0 {
            return None;
        }
        let distance = (i128::from(stop) - i128::from(start)) / i128::from(step);
        let backwards = (stop < start) == (step > 0) && stop != start;
        let count = if backwards { 0 } else { usize::try_from(distance + 1).ok()? };
        Some(Series { start, step, count, int8 })
    }

    fn get(&self, at: usize) -> Option<Value> {
        if at >= self.count {
            return None;
        }
        let value = i128::from(self.start) + i128::try_from(at).ok()? * i128::from(self.step);
        match self.int8 {
            true => i64::try_from(value).ok().map(Value::Int8),
            false => i32::try_from(value).ok().map(Value::Int4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(args: [i64; 3]) -> Option<Vec<i64>> {
        let series = Series::new(&args.map(Value::Int8))?;
        Some((0..=series.count).filter_map(|at| series.get(at)?.as_i64()).collect())
    }

    #[test]
    fn progressions() {
        assert_eq!(all([1, 5, 2]), Some(vec![1, 3, 5]));
        assert_eq!(all([1, 6, 2]), Some(vec![1, 3, 5]));
        assert_eq!(all([1, 1, 9]), Some(vec![1]));
        assert_eq!(all([5, 1, -2]), Some(vec![5, 3, 1]));
        assert_eq!(all([1, 5, -1]), Some(vec![]));
        assert_eq!(all([5, 1, 1]), Some(vec![]));
        assert_eq!(all([1, 2, 0]), None);
        assert_eq!(all([1, 2, 5]), Some(vec![1]));
        assert_eq!(all([i64::MAX - 1, i64::MAX, 1]), Some(vec![i64::MAX - 1, i64::MAX]));
        assert_eq!(all([i64::MIN, i64::MAX, i64::MAX]), Some(vec![i64::MIN, -1, i64::MAX - 1]));
    }
}
