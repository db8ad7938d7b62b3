//! Plans that are nothing but one statement of the cluster's: its pages are the result, as they are.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Result, Value};
use sql::exec::{self, evaluate_constant};
use sql::hazelcast::SqlType;
use sql::plan::{Plan, RemoteScan};
use sql::query::ExprKind;

use crate::cluster::{PageStream, Scope};
use crate::pages::rows::PageRows;
use crate::session::engine::{Batch, Outcome, Rows};

/// A statement of the cluster's that answers a query by itself.
#[derive(Debug)]
pub(super) struct Direct {
    scan: Arc<RemoteScan>,
}

impl Direct {
    /// The statement that a plan is, if it is nothing else.
    pub(super) fn of(plan: &Plan) -> Option<Direct> {
        match plan {
            Plan::Remote(scan) => Some(Direct { scan: scan.clone() }),
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
        let args = self.args(parameters, context)?;
        let pages = scope.open_pages(&self.scan, &args).await?;
        Ok(Outcome::Rows(Box::new(Pages(pages))))
    }

    fn args(
        &self,
        parameters: &[Value],
        context: impl FnOnce() -> exec::Context,
    ) -> Result<Vec<(Value, SqlType)>> {
        let mut made = None;
        let mut context = Some(context);
        let mut args = Vec::with_capacity(self.scan.args.len());
        for arg in &self.scan.args {
            let value = match &arg.expr.kind {
                ExprKind::Param(index) => parameters.get(*index).cloned().unwrap_or_default(),
                ExprKind::Const(value) => value.clone(),
                _ => {
                    if let Some(make) = context.take() {
                        made = Some(make());
                    }
                    let made =
                        made.as_ref().ok_or_else(|| pg::Error::internal("an argument has no context"))?;
                    evaluate_constant(&arg.expr, made)?
                }
            };
            args.push((arg.bind(value)?, arg.cluster_type));
        }
        Ok(args)
    }
}

/// The pages as the session pulls them.
struct Pages(PageStream);

impl Rows for Pages {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            let page = self.0.next().await?;
            Ok(page.map(|page| Batch::Encoded(Box::new(PageRows::new(page, self.0.columns().clone())))))
        })
    }
}
