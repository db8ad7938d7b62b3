//! Work that may take long, on threads of its own: the thread of a session has other sessions, which must not wait.

use std::future::Future;
use std::time::Duration;

use pg::{Error, Result};
use sql::exec::CancelToken;
use sql::plan::Plan;
use sql::query::{Expr, ExprKind};
use sql::walk::any;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How often work that waits for the cluster looks whether it was cancelled.
const LOOK_UP: Duration = Duration::from_millis(100);
/// Rows of VALUES that are computed at once.
const ROWS_MAX: usize = 64;

/// Runs something on a thread of its own, in the runtime that is given. It ends early when the token is cancelled, or
/// when this future is dropped: then whatever computes hears of it by the token, which must be for this work alone.
pub(super) async fn run<T: Send + 'static>(
    runtime: &Handle,
    cancel: CancelToken,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let (wanted, unwanted) = oneshot::channel::<()>();
    let mut wanted = Wanted { _ends: wanted, cancel: cancel.clone(), done: false };
    let inside = runtime.clone();
    let thread = runtime.spawn_blocking(move || {
        inside.block_on(async {
            tokio::select! {
                biased;
                result = work => result,
                error = cancelled(&cancel) => Err(error),
                // Nobody waits for the result.
                _ = unwanted => Err(Error::internal("given up")),
            }
        })
    });
    let ended = thread.await;
    // What goes on with the same token (the next rows) is still wanted.
    wanted.done = true;
    match ended {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(crate::server::admin_shutdown()),
    }
}

async fn cancelled(cancel: &CancelToken) -> Error {
    loop {
        tokio::time::sleep(LOOK_UP).await;
        if let Err(error) = cancel.check() {
            return error;
        }
    }
}

/// Dropped, it stops the work.
struct Wanted {
    _ends: oneshot::Sender<()>,
    cancel: CancelToken,
    /// The work has ended by itself.
    done: bool,
}

impl Drop for Wanted {
    fn drop(&mut self) {
        if !self.done {
            self.cancel.give_up();
        }
    }
}

/// Whether a plan is soon computed, but for the waiting: at most a few rows, and nothing that makes much of little.
pub(super) fn is_short(plan: &Plan) -> bool {
    let few = match plan {
        Plan::Remote(scan) => scan.lookup,
        Plan::Values { rows } => rows.len() <= ROWS_MAX,
        Plan::Project { input, .. } | Plan::Filter { input, .. } | Plan::Limit { input, .. } => {
            is_short(input)
        }
        _ => false,
    };
    few && !plan.holds() && !plan.exprs().into_iter().any(|expr| any(expr, &may_be_long))
}

/// What a call may take is bounded by what it is given, except for these.
fn may_be_long(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => pg::catalog::proc_by_oid(call.proc).is_none_or(|proc| {
            matches!(
                proc.name,
                "repeat" | "lpad" | "rpad" | "factorial" | "numeric_power" | "pow" | "power" | "array_fill"
            ) || proc.name.starts_with("regexp")
                || call.retset
        }),
        _ => false,
    }
}
