//! A function that is called by its oid (fastpath.c), as a query of one row.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::catalog::{Proc, proc_by_oid};
use pg::wire::Format;
use pg::{Error, Oid, Result, SqlState, TypeRef, Value};
use sql::plan::{Plan, plan_with};
use sql::query::{Body, Call, CallForm, Expr, ExprKind, OutputColumn, Query};

use super::Shared;
use super::elsewhere;
use super::rows::Computed;
use crate::session::engine::{Column, Outcome, Prepared, Surroundings};

/// A function that can be called.
#[derive(Debug)]
struct Function {
    shared: Arc<Shared>,
    plan: Plan,
    arguments: Vec<Oid>,
    columns: [Column; 1],
}

/// A function by its oid (`fetch_fp_info`).
pub(super) fn prepare(
    shared: &Arc<Shared>,
    function: Oid,
    around: &Surroundings,
) -> Result<Arc<dyn Prepared>> {
    let unknown =
        || Error::new(SqlState::UNDEFINED_FUNCTION, format!("function with OID {function} does not exist"));
    let row = proc_by_oid(function).ok_or_else(unknown)?;
    if row.kind != 'f' || row.returns_set {
        let message = format!("cannot call function \"{}\" via fastpath interface", row.name);
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
    }
    let plan = plan_with(&call(row), &around.env, around.variables.options())?;
    let columns = [Column { name: row.name.into(), ty: TypeRef::of(row.result), origin: (Oid::INVALID, 0) }];
    Ok(Arc::new(Function { shared: shared.clone(), plan, arguments: row.args.to_vec(), columns }))
}

/// `VALUES (function($1, …))`
fn call(row: &Proc) -> Query {
    let args = row.args.iter().enumerate().map(|(at, ty)| Expr::new(ExprKind::Param(at), *ty)).collect();
    let form = CallForm::Function;
    let call = Call { proc: row.oid, args, form, retset: false, variadic: false };
    let value = Expr::new(ExprKind::Call(Box::new(call)), row.result);
    let column =
        OutputColumn { name: row.name.into(), ty: TypeRef::of(row.result), origin: (Oid::INVALID, 0) };
    Query::plain(Body::Values(vec![vec![value]]), vec![column])
}

impl Prepared for Function {
    fn parameter_types(&self) -> &[Oid] {
        &self.arguments
    }

    fn columns(&self) -> Option<&[Column]> {
        Some(&self.columns)
    }

    fn writes(&self) -> Option<&'static str> {
        None
    }

    fn execute<'a>(
        &'a self,
        parameters: Arc<[Value]>,
        _: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            let view = self.shared.gathered(&self.plan.gathered(), around).await?;
            let context = self.shared.context(view, parameters, around);
            let short = elsewhere::is_short(&self.plan);
            let rows = Computed::start(&self.plan, short, context, &self.shared.elsewhere)?;
            Ok(Outcome::Rows(Box::new(rows)))
        })
    }
}
