//! Constant folding for the planner (`eval_const_expressions`): immutable functions of constants are computed, and what
//! constants decide is left out. As in PostgreSQL an error is raised at once, unless a constant before it decides.

use std::sync::Arc;

use pg::{Env, Result, SqlState, Value};

use super::functions;
use crate::exec::compile;
use crate::exec::frame::{Frame, Run};
use crate::query::{Coercion, Expr, ExprKind};
use crate::walk;

/// Folds an expression. Parameters and subqueries stay.
pub fn fold(expr: Expr, env: &Env) -> Result<Expr> {
    Folder { run: Run::bare(env.clone()) }.fold(expr)
}

struct Folder {
    run: Arc<Run>,
}

impl Folder {
    fn fold(&self, expr: Expr) -> Result<Expr> {
        crate::stack::grown(|| self.fold_kind(expr))
    }

    fn fold_kind(&self, mut expr: Expr) -> Result<Expr> {
        match expr.kind {
            ExprKind::And(items) => self.connect(items, false, &expr.ty),
            ExprKind::Or(items) => self.connect(items, true, &expr.ty),
            ExprKind::Coalesce(items) => self.coalesce(items, expr.ty, expr.position),
            ExprKind::Case { operand: None, arms, otherwise } => {
                self.case(arms, otherwise, expr.ty, expr.position)
            }
            // To which query it belongs is told by the columns that it names: all of them stay.
            ExprKind::Aggregate(_) if walk::aggregate_level(&expr) > 0 => Ok(expr),
            _ => {
                self.fold_children(&mut expr)?;
                if is_null_call(&expr) {
                    Ok(Expr { kind: ExprKind::Const(Value::Null), ..expr })
                } else if is_foldable(&expr) {
                    self.compute(expr)
                } else {
                    Ok(expr)
                }
            }
        }
    }

    fn fold_children(&self, expr: &mut Expr) -> Result<()> {
        // Of a CASE with an operand only the operand is folded: a constant one may leave no arm to be reached.
        if let ExprKind::Case { operand: Some(operand), .. } = &mut expr.kind {
            let folded = self.fold((**operand).clone())?;
            **operand = folded;
            return Ok(());
        }
        let mut answer = Ok(());
        walk::for_each_child_mut(expr, &mut |child| {
            if answer.is_ok() {
                let taken = std::mem::replace(child, Expr::constant(Value::Null, child.ty));
                match self.fold(taken) {
                    Ok(folded) => *child = folded,
                    Err(error) => answer = Err(error),
                }
            }
        });
        answer
    }

    fn compute(&self, expr: Expr) -> Result<Expr> {
        let Ok(op) = compile::compile_constant(&expr, &self.run) else {
            // What we can't compute is refused when the plan is compiled, if it is still there.
            return Ok(expr);
        };
        match op.eval(&Frame::new(self.run.clone()).scope(&[])) {
            Ok(value) => Ok(Expr { kind: ExprKind::Const(value), ..expr }),
            // Too much to hold with a plan: it is computed when it is reached.
            Err(error) if error.code() == SqlState::OUT_OF_MEMORY => Ok(expr),
            Err(error) => Err(error),
        }
    }

    /// `AND` (`decisive` false) and `OR` (`decisive` true): a constant that decides ends it, others are left out.
    fn connect(&self, items: Vec<Expr>, decisive: bool, ty: &pg::TypeRef) -> Result<Expr> {
        let mut left = Vec::new();
        let mut null = false;
        for item in items {
            let item = self.fold(item)?;
            match &item.kind {
                ExprKind::Const(Value::Bool(b)) if *b == decisive => return Ok(item),
                ExprKind::Const(Value::Bool(_)) => {}
                ExprKind::Const(Value::Null) => null = true,
                _ => left.push(item),
            }
        }
        if null {
            left.push(Expr::constant(Value::Null, *ty));
        }
        let both = match decisive {
            false => ExprKind::And,
            true => ExprKind::Or,
        };
        Ok(match left.len() {
            0 => Expr::constant(Value::Bool(!decisive), *ty),
            1 => left.remove(0),
            _ => Expr::new(both(left), *ty),
        })
    }

    fn coalesce(&self, items: Vec<Expr>, ty: pg::TypeRef, position: Option<u32>) -> Result<Expr> {
        let mut left = Vec::new();
        for item in items {
            let item = self.fold(item)?;
            match &item.kind {
                ExprKind::Const(Value::Null) => {}
                ExprKind::Const(_) => {
                    left.push(item);
                    break;
                }
                _ => left.push(item),
            }
        }
        Ok(match left.len() {
            0 => Expr::constant(Value::Null, ty).at(position),
            1 => left.remove(0),
            _ => Expr::new(ExprKind::Coalesce(left), ty).at(position),
        })
    }

    fn case(
        &self,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
        ty: pg::TypeRef,
        position: Option<u32>,
    ) -> Result<Expr> {
        let mut left = Vec::new();
        for (condition, result) in arms {
            let condition = self.fold(condition)?;
            match &condition.kind {
                ExprKind::Const(value) if value.is_true() => {
                    return self.end_case(left, Some(self.fold(result)?), ty, position);
                }
                ExprKind::Const(_) => {}
                _ => left.push((condition, self.fold(result)?)),
            }
        }
        let otherwise = otherwise.map(|otherwise| self.fold(*otherwise)).transpose()?;
        self.end_case(left, otherwise, ty, position)
    }

    fn end_case(
        &self,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Expr>,
        ty: pg::TypeRef,
        position: Option<u32>,
    ) -> Result<Expr> {
        if arms.is_empty() {
            return Ok(otherwise.unwrap_or_else(|| Expr::constant(Value::Null, ty).at(position)));
        }
        let kind = ExprKind::Case { operand: None, arms, otherwise: otherwise.map(Box::new) };
        Ok(Expr::new(kind, ty).at(position))
    }
}

/// A strict function of a NULL is NULL, whatever its other arguments are (`evaluate_function`).
fn is_null_call(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else { return false };
    let null = |arg: &Expr| matches!(&arg.kind, ExprKind::Const(value) if value.is_null());
    !call.retset && !call.variadic && functions::is_strict(call.proc) && call.args.iter().any(null)
}

/// Whether an expression whose children are folded can be computed now.
fn is_foldable(expr: &Expr) -> bool {
    let mut constant = true;
    walk::for_each_child(expr, &mut |child| constant &= matches!(child.kind, ExprKind::Const(_)));
    match &expr.kind {
        ExprKind::Call(call) => {
            constant
                && !call.retset
                && functions::is_immutable(call.proc)
                && !functions::asks_around(call.proc)
        }
        ExprKind::AnyList { operator, .. } | ExprKind::AnyArray { operator, .. } => {
            constant && functions::is_immutable(operator.proc)
        }
        ExprKind::DistinctFrom { equal, .. } => constant && functions::is_immutable(equal.proc),
        ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::BooleanTest { .. }
        | ExprKind::Array { .. }
        | ExprKind::MinMax { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::Field { .. } => constant,
        // The formats of dates and the like depend on settings: only what can't is computed.
        ExprKind::Coerce { method, .. } => constant && matches!(method, Coercion::Relabel | Coercion::Typmod),
        _ => false,
    }
}
