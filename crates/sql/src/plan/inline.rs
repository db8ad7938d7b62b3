//! Functions in SQL whose calls become their bodies (PostgreSQL's `inline_function`): those that take whole rows of
//! `information_schema`'s views. As calls they would need every column of two wide relations on every row.

use pg::catalog::{proc_by_oid, proc_by_signature};
use pg::{Value, oid};

use crate::query::{Call, CallForm, Expr, ExprKind};
use crate::walk::for_each_child_mut;

/// Replaces such calls in an expression.
pub(super) fn inline(expr: &mut Expr) {
    for_each_child_mut(expr, &mut inline);
    if let ExprKind::Call(call) = &expr.kind
        && let Some(body) = body(call)
    {
        expr.kind = body;
    }
}

/// `CASE WHEN $2.typtype = 'd' THEN $2.… ELSE $1.… END`
fn body(call: &Call) -> Option<ExprKind> {
    let [attribute, of_type] = call.args.as_slice() else { return None };
    let (base, own) = match proc_by_oid(call.proc)?.name {
        "_pg_truetypid" => ("typbasetype", "atttypid"),
        "_pg_truetypmod" => ("typtypmod", "atttypmod"),
        _ => return None,
    };
    let letter = Expr::constant(Value::Char(b'd'), oid::CHAR);
    let equal = Call {
        proc: proc_by_signature("chareq", &[oid::CHAR, oid::CHAR])?.oid,
        args: vec![field(of_type, "typtype")?, letter],
        form: CallForm::Function,
        retset: false,
        variadic: false,
    };
    let is_domain = Expr::new(ExprKind::Call(Box::new(equal)), oid::BOOL);
    let arms = vec![(is_domain, field(of_type, base)?)];
    Some(ExprKind::Case { operand: None, arms, otherwise: Some(Box::new(field(attribute, own)?)) })
}

/// A column of a whole-row reference.
fn field(row: &Expr, name: &str) -> Option<Expr> {
    let ExprKind::Row { fields, names, .. } = &row.kind else { return None };
    fields.get(names.iter().position(|known| &**known == name)?).cloned()
}
