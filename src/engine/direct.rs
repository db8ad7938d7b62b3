//! Plans that are nothing but one statement of the cluster's, with its columns in another order at most: its pages are
//! the result, as they are.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Error, Result, Value};
use sql::exec::{self, evaluate_constant};
use sql::hazelcast::SqlType;
use sql::plan::{KeyAccess, Keys, Plan, RemoteArg, RemoteScan, Way};
use sql::query::{Expr, ExprKind};

use crate::cluster::{PageStream, Scope};
use crate::pages::rows::PageRows;
use crate::session::engine::{Batch, Outcome, Rows};

/// A statement of the cluster's that answers a query by itself.
#[derive(Debug)]
pub(super) struct Direct {
    scan: Arc<RemoteScan>,
    /// Which of the scan's columns make the result, in order.
    picks: Arc<[usize]>,
}

impl Direct {
    /// The statement that a plan is, if it is nothing else.
    pub(super) fn of(plan: &Plan) -> Option<Direct> {
        match plan {
            // Its keys are found by subqueries.
            _ if plan.holds() => None,
            Plan::Remote(scan) => {
                Some(Direct { scan: scan.clone(), picks: (0..scan.columns.len()).collect() })
            }
            Plan::Project { input, exprs } => {
                let Plan::Remote(scan) = &**input else { return None };
                let pick = |expr: &Expr| match expr.kind {
                    ExprKind::Slot(slot) if slot < scan.columns.len() => Some(slot),
                    _ => None,
                };
                Some(Direct { scan: scan.clone(), picks: exprs.iter().map(pick).collect::<Option<_>>()? })
            }
            _ => None,
        }
    }

    /// Runs it. Arguments that are not plain parameters or constants are computed in a context, which is made for
    /// them alone.
    pub(super) async fn run(
        &self,
        scope: &Scope,
        parameters: &Arc<[Value]>,
        context: impl FnOnce() -> exec::Context,
    ) -> Result<Outcome> {
        let mut evaluate = Evaluator { parameters, make: Some(context), made: None };
        let pages = match &self.scan.way {
            Way::Keys(access) => {
                let keys = keys(access, &mut evaluate)?;
                scope.look_up_pages(&self.scan, &keys).await?
            }
            _ => scope.open_pages(&self.scan, &self.args(&mut evaluate)?).await?,
        };
        Ok(Outcome::Rows(Box::new(Pages { pages, picks: self.picks.clone() })))
    }

    fn args<F: FnOnce() -> exec::Context>(
        &self,
        evaluate: &mut Evaluator<'_, F>,
    ) -> Result<Vec<(Value, SqlType)>> {
        let arg = |arg: &RemoteArg| Ok((arg.bind(evaluate.value(&arg.expr)?)?, arg.cluster_type));
        self.scan.args.iter().map(arg).collect()
    }
}

/// The keys of an access, as map operations want them.
fn keys<F: FnOnce() -> exec::Context>(
    access: &KeyAccess,
    evaluate: &mut Evaluator<'_, F>,
) -> Result<Vec<Vec<Value>>> {
    match &access.keys {
        Keys::List(keys) => {
            let key = |key: &Vec<Expr>| key.iter().map(|part| evaluate.value(part)).collect();
            Ok(access.distinct(&keys.iter().map(key).collect::<Result<Vec<Vec<Value>>>>()?))
        }
        Keys::Array(array) => access.elements(&evaluate.value(array)?),
        Keys::Given => Err(Error::internal("keys that are to be given are not there")),
    }
}

/// Values of arguments: of parameters and constants at once, of others in a context that is made when it is needed.
struct Evaluator<'a, F> {
    parameters: &'a [Value],
    make: Option<F>,
    made: Option<exec::Context>,
}

impl<F: FnOnce() -> exec::Context> Evaluator<'_, F> {
    fn value(&mut self, expr: &Expr) -> Result<Value> {
        match &expr.kind {
            ExprKind::Param(index) => Ok(self.parameters.get(*index).cloned().unwrap_or_default()),
            ExprKind::Const(value) => Ok(value.clone()),
            _ => {
                if let Some(make) = self.make.take() {
                    self.made = Some(make());
                }
                let made = self.made.as_ref().ok_or_else(|| Error::internal("an argument has no context"))?;
                evaluate_constant(expr, made)
            }
        }
    }
}

/// The pages as the session pulls them.
struct Pages {
    pages: PageStream,
    picks: Arc<[usize]>,
}

impl Rows for Pages {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let page = self.pages.next().await?;
            let rows = |page| PageRows::new(page, self.pages.columns().clone(), self.picks.clone());
            Ok(page.map(|page| Batch::Encoded(Box::new(rows(page)))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pg::oid;
    use sql::plan::RemoteColumn;

    fn remote(columns: usize) -> Plan {
        let column = RemoteColumn { cluster_type: SqlType::Integer, ty: oid::INT4.into() };
        Plan::Remote(Arc::new(RemoteScan {
            sql: "SELECT".into(),
            args: Vec::new(),
            columns: vec![column; columns],
            lookup: false,
            streaming: false,
            way: sql::plan::Way::Sql,
            reason: None,
            notes: Default::default(),
            guarded: false,
        }))
    }

    fn project(input: Plan, exprs: Vec<Expr>) -> Plan {
        Plan::Project { input: Box::new(input), exprs }
    }

    #[test]
    fn a_scan_and_its_columns_in_another_order_are_direct() {
        assert_eq!(*Direct::of(&remote(2)).unwrap().picks, [0, 1]);
        let slots = [1, 0, 1].map(|slot| Expr::slot(slot, oid::INT4)).to_vec();
        assert_eq!(*Direct::of(&project(remote(2), slots)).unwrap().picks, [1, 0, 1]);
    }

    #[test]
    fn what_has_to_be_computed_is_not() {
        let constant = Expr::constant(Value::Int4(1), oid::INT4);
        assert!(Direct::of(&project(remote(1), vec![Expr::slot(0, oid::INT4), constant])).is_none());
        let slots = vec![Expr::slot(0, oid::INT4)];
        assert!(Direct::of(&project(project(remote(1), slots.clone()), slots)).is_none());
        assert!(Direct::of(&Plan::Values { rows: Vec::new() }).is_none());
    }
}
