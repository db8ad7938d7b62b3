//! Calls that yield rows: set-returning functions, in FROM and in select lists.

use std::sync::Arc;
use std::vec;

use pg::func::{self, Call, Values};
use pg::{Oid, Record, Result, Value};

use super::compile::Compiler;
use super::eval::functions::{self, Made, Set};
use super::eval::{Op, Scope, eval_all};
use super::frame::Pace;
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
    Set { kernel: Set, strict: bool, args: Vec<Op>, arg_types: Vec<Oid>, result: Oid },
    Single(Op),
}

/// `unnest(anyarray)`
const UNNEST: Oid = Oid(2331);

impl SetCall {
    pub(super) fn compile(compiler: &mut Compiler, expr: &Expr, width: usize) -> Result<SetCall> {
        let composite = width != 1 || is_composite(expr.ty.oid);
        let mut declared = None;
        let kind = match &expr.kind {
            ExprKind::Call(call) if call.retset => {
                let mut call = call.clone();
                declared = declared_types(&mut call);
                let arg_types: Vec<Oid> = call.args.iter().map(|arg| arg.ty.oid).collect();
                // Composite values are spread over columns, which needs them whole.
                let series = if composite { None } else { func::series_kernel(call.proc).map(Set::Series) };
                let kernel = series
                    .or_else(|| functions::set(call.proc))
                    .ok_or_else(|| functions::refuse(call.proc, &arg_types).at(expr.position))?;
                compiler.facts.volatile |= functions::is_volatile(call.proc);
                let args = compiler.exprs(&call.args)?;
                // A function of one row has one for NULL too, of NULLs.
                let returns_set = pg::catalog::proc_by_oid(call.proc).is_some_and(|row| row.returns_set);
                let strict = functions::is_strict(call.proc) && returns_set;
                SetKind::Set { kernel, strict, args, arg_types, result: expr.ty.oid }
            }
            _ => SetKind::Single(compiler.expr(expr)?),
        };
        Ok(SetCall { kind, width, composite, declared })
    }

    /// The rows for this scope; a strict function yields none for NULL.
    pub(super) fn rows(&self, scope: &Scope<'_>) -> Result<SetRows> {
        let rows = match &self.kind {
            SetKind::Single(op) => vec![self.spread(op.eval(scope)?)],
            SetKind::Set { kernel, strict, args, arg_types, result } => {
                let args = eval_all(args, scope)?;
                if *strict && args.iter().any(Value::is_null) {
                    return Ok(SetRows::none());
                }
                let run = &scope.frame.run;
                let call = Call { env: &run.env, arg_types, result: *result };
                let rows = match kernel.call(&call, &args, run)? {
                    Made::Rows(rows) => rows,
                    Made::Series(values) => return Ok(SetRows::Series(values)),
                };
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
        Ok(SetRows::Made { rows: rows.into_iter(), _reservation: Some(reservation) })
    }

    /// A row as one value. `columns`: their names and types, as far as the function tells them.
    pub(super) fn gather(&self, mut row: Vec<Value>, columns: &[(Arc<str>, Oid)]) -> Value {
        if !self.composite || matches!(&*row, [Value::Record(_)]) {
            return row.pop().unwrap_or_default();
        }
        let column =
            |at| columns.get(at).cloned().unwrap_or_else(|| (format!("f{}", at + 1).into(), Oid::INVALID));
        let (names, types) = (0..row.len()).map(column).unzip();
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
    func::check_row(&record.types, declared)?;
    Ok(record.fields.clone())
}

/// The rows of a call.
pub(super) enum SetRows {
    /// They are there.
    Made { rows: vec::IntoIter<Vec<Value>>, _reservation: Option<Reservation> },
    /// They are made one by one.
    Series(Values),
}

impl SetRows {
    fn none() -> SetRows {
        SetRows::Made { rows: Batch::new().into_iter(), _reservation: None }
    }

    /// In FROM, PostgreSQL makes all of a set before its first row (`ExecMakeTableFunctionResult`). Other errors than
    /// that of a set which has no end may come later here.
    pub(super) async fn meet_error(&mut self, pace: &mut Pace) -> Result<()> {
        let SetRows::Series(values) = self else { return Ok(()) };
        if values.size_hint().0 < usize::MAX {
            return Ok(());
        }
        while values.next().transpose()?.is_some() {
            pace.step().await?;
        }
        Ok(())
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Value>>> {
        match self {
            SetRows::Made { rows, .. } => Ok(rows.next()),
            SetRows::Series(values) => Ok(values.next().transpose()?.map(|value| vec![value])),
        }
    }
}

/// The next row of each set; `None` when all are at their end.
pub(super) fn side_by_side(sets: &mut [SetRows]) -> Result<Option<Vec<Option<Vec<Value>>>>> {
    let rows = sets.iter_mut().map(SetRows::next).collect::<Result<Vec<_>>>()?;
    Ok(rows.iter().any(Option::is_some).then_some(rows))
}
