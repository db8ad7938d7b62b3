//! What an operator runs within: the statement, the arguments of the subquery it is in, the common table expressions
//! in sight; and the pace at which it lets others run.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context as Waker, Poll};
use std::time::{Duration, Instant};

use pg::func::Call;
use pg::{Env, Error, Result, Value};

use super::cte::CteScope;
use super::eval::Scope;
use super::memory::{Memory, Reservation};
use super::observe::Observer;
use super::{CancelToken, Context};
use crate::catalog::Snapshot;
use crate::catalog::functions::SystemCall;
use crate::remote::Cluster;
use crate::session::Session;

/// The most bytes that a constant part may need to be computed before the statement runs.
const FOLDED: usize = 1 << 24;

/// A running statement.
pub(super) struct Run {
    pub(super) env: Env,
    pub(super) params: Arc<[Value]>,
    pub(super) cancel: CancelToken,
    pub(super) memory: Arc<Memory>,
    pub(super) observer: Option<Arc<Observer>>,
    /// Rows that were made before an error are yielded before it.
    pub(super) rows_before_errors: bool,
    /// So many operators will fail when they are asked for more ([`super::later`]).
    pub(super) failing: AtomicUsize,
    /// Where rows come from, and who asks; nobody when constants are folded.
    sources: Option<Sources>,
}

struct Sources {
    snapshot: Arc<dyn Snapshot>,
    cluster: Arc<dyn Cluster>,
    session: Arc<Session>,
}

impl Run {
    pub(super) fn new(context: Context) -> Arc<Run> {
        let rows_before_errors = context.rows_before_errors;
        let Context { env, params, snapshot, cluster, session, memory_limit, cancel, observer, .. } = context;
        let memory = Memory::new(memory_limit);
        let sources = Some(Sources { snapshot, cluster, session });
        let failing = AtomicUsize::new(0);
        Arc::new(Run { env, params, cancel, memory, observer, rows_before_errors, failing, sources })
    }

    /// For what needs nothing but settings.
    pub(super) fn bare(env: Env) -> Arc<Run> {
        let (params, cancel) = (Arc::new([]), CancelToken::new());
        // What is larger is computed when it is reached, within the statement's memory.
        let memory = Memory::new(FOLDED);
        Arc::new(Run {
            env,
            params,
            cancel,
            memory,
            observer: None,
            rows_before_errors: true,
            failing: AtomicUsize::new(0),
            sources: None,
        })
    }

    fn sources(&self) -> Result<&Sources> {
        self.sources.as_ref().ok_or_else(|| Error::internal("a constant that is none"))
    }

    pub(super) fn snapshot(&self) -> Result<&Arc<dyn Snapshot>> {
        self.sources().map(|sources| &sources.snapshot)
    }

    pub(super) fn cluster(&self) -> Result<&Arc<dyn Cluster>> {
        self.sources().map(|sources| &sources.cluster)
    }

    /// Around a call of a function that asks the catalog or the session.
    pub(super) fn system_call<'a>(&'a self, call: &'a Call<'a>) -> Result<SystemCall<'a>> {
        let sources = self.sources()?;
        let catalog = sources.snapshot.catalog().ok_or_else(|| Error::internal("no catalog to be asked"))?;
        Ok(SystemCall { call, catalog, session: &sources.session, cancel: &self.cancel })
    }
}

/// The surroundings of an operator.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) run: Arc<Run>,
    /// What [`crate::query::ExprKind::Arg`] means.
    pub(super) args: Arc<[Value]>,
    /// The common table expressions, innermost first.
    pub(super) ctes: Option<Arc<CteScope>>,
    /// Within the evaluation of an expression: nothing may wait.
    pub(super) sync: bool,
}

impl Frame {
    pub(super) fn new(run: Arc<Run>) -> Frame {
        Frame { run, args: Arc::new([]), ctes: None, sync: false }
    }

    /// The same with other arguments.
    pub(super) fn with_args(&self, args: Arc<[Value]>) -> Frame {
        Frame { run: self.run.clone(), args, ctes: self.ctes.clone(), sync: self.sync }
    }

    /// The same with one more common table expression in sight.
    pub(super) fn with_ctes(&self, ctes: Option<Arc<CteScope>>) -> Frame {
        Frame { ctes, ..self.clone() }
    }

    /// Where an expression over this row is evaluated.
    pub(super) fn scope<'a>(&'a self, row: &'a [Value]) -> Scope<'a> {
        Scope { left: row, right: &[], parts: &[], case: None, frame: self }
    }

    /// Where an expression over a left and a right row is evaluated.
    pub(super) fn scope2<'a>(&'a self, left: &'a [Value], right: &'a [Value]) -> Scope<'a> {
        Scope { left, right, parts: &[], case: None, frame: self }
    }

    /// Where an expression over a row in parts is evaluated.
    pub(super) fn scope_of<'a>(&'a self, parts: &'a [&'a [Value]]) -> Scope<'a> {
        Scope { left: &[], right: &[], parts, case: None, frame: self }
    }

    pub(super) fn reserve(&self, operation: &'static str) -> Reservation {
        self.run.memory.reserve(operation)
    }

    pub(super) fn pace(&self) -> Pace {
        Pace { run: self.run.clone(), sync: self.sync, steps: 0, since: None }
    }
}

/// How long a loop may run before it lets others.
const SLICE: Duration = Duration::from_millis(2);
/// So many steps are taken between looks at the clock.
const STEPS: u32 = 32;

/// Keeps a long loop cancellable and polite.
pub(super) struct Pace {
    run: Arc<Run>,
    sync: bool,
    steps: u32,
    since: Option<Instant>,
}

impl Pace {
    /// To be called for each row or so.
    #[inline]
    pub(super) async fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps < STEPS {
            return Ok(());
        }
        self.steps = 0;
        self.run.cancel.check()?;
        if self.sync {
            return Ok(());
        }
        let now = Instant::now();
        match self.since {
            None => self.since = Some(now),
            Some(since) if now.duration_since(since) > SLICE => {
                yield_now().await;
                self.since = Some(Instant::now());
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// To be called when a wait is over: others have had their turn.
    pub(super) fn rest(&mut self) {
        self.since = None;
    }
}

/// Lets other tasks run, whatever the runtime.
fn yield_now() -> impl Future<Output = ()> {
    struct Yield(bool);
    impl Future for Yield {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, cx: &mut Waker<'_>) -> Poll<()> {
            if self.0 {
                return Poll::Ready(());
            }
            self.0 = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Yield(false)
}
