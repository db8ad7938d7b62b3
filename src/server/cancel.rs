//! Cancel requests: who may interrupt whom, and how an interrupt never hits the statement after the one it meant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pg::{Error, SqlState};
use sql::exec::{CancelReason, CancelToken};
use sql::session::{Activity, Cursor, Execution, Instance, PreparedStatement, StatementStatistics};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::statements::Statements;

/// Why a running statement is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A cancel request.
    Request,
    /// `statement_timeout`.
    Timeout,
    /// The server stops and has waited long enough.
    Shutdown,
}

/// The interrupt of one session. It can only be set while a statement runs and is gone when that statement ends.
#[derive(Debug, Default)]
pub struct Interrupt {
    state: Mutex<State>,
    set: Notify,
    /// The clock must look at the deadline.
    wind: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// A statement runs.
    running: bool,
    /// Tells loops to stop: one for all statements, since a cursor's rows are computed by several of them.
    token: CancelToken,
    reason: Option<Reason>,
    /// When the running statement has taken too long.
    deadline: Option<Instant>,
    clock: Clock,
}

/// What the task that looks at the clock for a session is doing.
#[derive(Debug, Default)]
enum Clock {
    /// There is none: no statement had a time limit yet.
    #[default]
    Absent,
    /// Waits for a statement with a time limit.
    Waiting,
    /// Sleeps until then.
    Until(Instant),
}

impl Interrupt {
    /// A statement begins: from now on it can be interrupted, and it will be when `limit` is over. Gives what loops look
    /// at.
    pub fn begin(&self, limit: Option<Duration>) -> CancelToken {
        let mut state = lock(&self.state);
        // Of several statements in one message, an interrupt that came to one also ends the next.
        if !state.running || state.reason.is_none() {
            state.reason = None;
            state.token.reset();
        }
        state.running = true;
        state.deadline = limit.map(|limit| Instant::now() + limit);
        // A clock that wakes too early looks again: statements that end in time cost it nothing.
        let late = |deadline| match state.clock {
            Clock::Absent => false,
            Clock::Waiting => true,
            Clock::Until(moment) => deadline < moment,
        };
        if state.deadline.is_some_and(late) {
            self.wind.notify_one();
        }
        state.token.clone()
    }

    /// Whether a clock is needed that there is not: then [`Interrupt::watch_clock`] is to be run.
    pub fn needs_clock(&self) -> bool {
        let mut state = lock(&self.state);
        let needed = state.deadline.is_some() && matches!(state.clock, Clock::Absent);
        if needed {
            state.clock = Clock::Waiting;
        }
        needed
    }

    /// Interrupts statements that take too long. Runs where no statement computes: those do not look at clocks.
    pub async fn watch_clock(self: Arc<Self>) {
        loop {
            let until = self.look_at_clock();
            let late = async {
                match until {
                    Some(moment) => sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = late => (),
                () = self.wind.notified() => (),
            }
        }
    }

    /// Interrupts the running statement if it has taken too long; says when to look again.
    fn look_at_clock(&self) -> Option<Instant> {
        let mut state = lock(&self.state);
        if state.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            state.deadline = None;
            self.stop(&mut state, Reason::Timeout);
        }
        state.clock = state.deadline.map_or(Clock::Waiting, Clock::Until);
        state.deadline
    }

    /// The statement has ended. What comes later comes too late (`ProcessInterrupts`, `DoingCommandRead`).
    pub fn end(&self) {
        let mut state = lock(&self.state);
        state.running = false;
        state.reason = None;
        state.deadline = None;
    }

    /// Interrupts the running statement, if one runs.
    pub fn interrupt(&self, reason: Reason) {
        self.stop(&mut lock(&self.state), reason);
    }

    fn stop(&self, state: &mut State, reason: Reason) {
        if state.running {
            state.token.cancel(reason.into());
            state.reason.get_or_insert(reason);
            self.set.notify_one();
        }
    }

    /// Whether the running statement is to stop.
    pub fn check(&self) -> Result<(), Error> {
        lock(&self.state).reason.map_or(Ok(()), |reason| Err(reason.error()))
    }

    /// Waits until the running statement is to stop.
    pub async fn interrupted(&self) -> Error {
        loop {
            // A permit may be left from a statement that ended before it was looked at: the state decides.
            if let Err(error) = self.check() {
                return error;
            }
            self.set.notified().await;
        }
    }
}

impl From<Reason> for CancelReason {
    fn from(reason: Reason) -> CancelReason {
        match reason {
            Reason::Request => CancelReason::UserRequest,
            Reason::Timeout => CancelReason::StatementTimeout,
            Reason::Shutdown => CancelReason::Shutdown,
        }
    }
}

impl Reason {
    fn error(self) -> Error {
        match self {
            Reason::Request => {
                Error::new(SqlState::QUERY_CANCELED, "canceling statement due to user request")
            }
            Reason::Timeout => {
                Error::new(SqlState::QUERY_CANCELED, "canceling statement due to statement timeout")
            }
            Reason::Shutdown => super::admin_shutdown(),
        }
    }
}

/// All sessions, by process id, and what they have executed.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Table>, Statements);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<u32, Entry>,
    /// The server stops: nobody is let in any more.
    stopping: bool,
}

#[derive(Debug)]
struct Entry {
    secret: Vec<u8>,
    controls: Controls,
}

/// What others may do to a session, and see of it.
#[derive(Clone, Debug)]
pub struct Controls {
    /// Interrupts its statement.
    pub interrupt: Arc<Interrupt>,
    /// Becomes true when it is to end.
    pub stop: Arc<watch::Sender<bool>>,
    /// What it is doing.
    pub activity: Arc<Mutex<Activity>>,
    /// Its prepared statements that have names.
    pub prepared: Arc<Mutex<Vec<PreparedStatement>>>,
    /// Its cursors.
    pub cursors: Arc<Mutex<Vec<Cursor>>>,
    /// Where its clock runs: where it was let in.
    runtime: Option<Handle>,
}

/// A session's place among [`Sessions`]; given up when dropped.
#[derive(Debug)]
pub struct Registration {
    sessions: Arc<Sessions>,
    controls: Controls,
    /// The process id that the client is told.
    pub process_id: u32,
    /// The secret that the client is told. Never logged.
    pub secret: Vec<u8>,
}

impl Controls {
    /// The controls of a session that does nothing yet.
    pub fn new(activity: Activity) -> Controls {
        Controls {
            interrupt: Arc::default(),
            stop: Arc::new(watch::Sender::new(false)),
            activity: Arc::new(Mutex::new(activity)),
            prepared: Arc::default(),
            cursors: Arc::default(),
            runtime: Handle::try_current().ok(),
        }
    }

    /// Sees to it that statements which take too long are interrupted.
    pub fn start_clock(&self) -> Option<AbortHandle> {
        let clock = self.interrupt.clone().watch_clock();
        self.runtime.as_ref().map(|runtime| runtime.spawn(clock).abort_handle())
    }

    /// Its prepared statements, to be changed.
    pub fn prepared(&self) -> MutexGuard<'_, Vec<PreparedStatement>> {
        lock(&self.prepared)
    }

    /// Its cursors, to be changed.
    pub fn cursors(&self) -> MutexGuard<'_, Vec<Cursor>> {
        lock(&self.cursors)
    }

    /// What the session is doing, to be changed.
    pub fn activity(&self) -> MutexGuard<'_, Activity> {
        lock(&self.activity)
    }

    fn end(&self) {
        self.stop.send_replace(true);
        self.interrupt.interrupt(Reason::Shutdown);
    }
}

impl Registration {
    /// What the session looks at.
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }
}

impl Sessions {
    /// Registers a session under a random process id, with a random secret of so many bytes.
    pub fn register(
        self: &Arc<Self>,
        secret_bytes: usize,
        activity: Activity,
    ) -> Result<Registration, Error> {
        let random = |bytes: &mut [u8]| {
            getrandom::fill(bytes).map_err(|error| Error::internal(format!("no random numbers: {error}")))
        };
        let mut secret = vec![0; secret_bytes];
        random(&mut secret)?;
        let controls = Controls::new(activity);
        let mut table = lock(&self.0);
        if table.stopping {
            return Err(Error::new(SqlState::CANNOT_CONNECT_NOW, "the database system is shutting down"));
        }
        let process_id = loop {
            let mut bytes = [0; 4];
            random(&mut bytes)?;
            // A positive int4, as pg_backend_pid() must tell it.
            let process_id = u32::from_be_bytes(bytes) >> 1;
            if process_id != 0 && !table.entries.contains_key(&process_id) {
                break process_id;
            }
        };
        lock(&controls.activity).pid = process_id as i32;
        table.entries.insert(process_id, Entry { secret: secret.clone(), controls: controls.clone() });
        drop(table);
        Ok(Registration { sessions: self.clone(), controls, process_id, secret })
    }

    /// Interrupts the session whose process id and secret these are. Nobody is told whether there was one.
    pub fn cancel(&self, process_id: u32, secret: &[u8]) {
        if let Some(entry) = lock(&self.0).entries.get(&process_id)
            && equal_in_constant_time(&entry.secret, secret)
        {
            entry.controls.interrupt.interrupt(Reason::Request);
        }
    }

    /// Ends sessions as soon as they have nothing under way, and lets no more in.
    pub fn stop_all(&self) {
        let mut table = lock(&self.0);
        table.stopping = true;
        for entry in table.entries.values() {
            entry.controls.stop.send_replace(true);
        }
    }

    /// Interrupts every running statement.
    pub fn interrupt_all(&self) {
        for entry in lock(&self.0).entries.values() {
            entry.controls.interrupt.interrupt(Reason::Shutdown);
        }
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        lock(&self.0).entries.len()
    }

    /// The controls of a session.
    fn controls(&self, backend_pid: i32) -> Option<Controls> {
        let process_id = u32::try_from(backend_pid).ok()?;
        lock(&self.0).entries.get(&process_id).map(|entry| entry.controls.clone())
    }
}

/// What functions are told of the sessions around theirs.
impl Instance for Sessions {
    fn executed(&self, execution: &Execution<'_>) {
        self.1.count(execution);
    }

    fn statements(&self) -> Vec<StatementStatistics> {
        self.1.all()
    }

    fn statements_info(&self) -> (i64, i64) {
        self.1.info()
    }

    fn reset_statements(&self, which: &dyn Fn(&StatementStatistics) -> bool) {
        self.1.forget(which);
    }

    fn activity(&self) -> Vec<Activity> {
        let controls: Vec<Controls> =
            lock(&self.0).entries.values().map(|entry| entry.controls.clone()).collect();
        let mut all: Vec<Activity> = controls.iter().map(|controls| controls.activity().clone()).collect();
        all.sort_by_key(|activity| activity.backend_start);
        all
    }

    fn cancel(&self, backend_pid: i32) -> bool {
        let found = self.controls(backend_pid);
        found.inspect(|controls| controls.interrupt.interrupt(Reason::Request)).is_some()
    }

    fn prepared_statements(&self, backend_pid: i32) -> Vec<PreparedStatement> {
        self.controls(backend_pid).map(|controls| controls.prepared().clone()).unwrap_or_default()
    }

    fn cursors(&self, backend_pid: i32) -> Vec<Cursor> {
        self.controls(backend_pid).map(|controls| controls.cursors().clone()).unwrap_or_default()
    }

    fn terminate(&self, backend_pid: i32) -> bool {
        self.controls(backend_pid).inspect(Controls::end).is_some()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.sessions.0).entries.remove(&self.process_id);
    }
}

/// Compares without stopping at the first difference, which would tell how much of a guess was right.
fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |all, (l, r)| std::hint::black_box(all | (l ^ r)));
    left.len() == right.len() && differences == 0
}

/// A panic elsewhere leaves these small states whole: the lock stays usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(equal_in_constant_time(b"abcd", b"abcd"));
        assert!(!equal_in_constant_time(b"abcd", b"abce"));
        assert!(!equal_in_constant_time(b"abcd", b"abc"));
        assert!(!equal_in_constant_time(b"abcd", b""));
    }

    #[test]
    fn only_the_right_secret_reaches_only_its_session() {
        let sessions = Arc::new(Sessions::default());
        let register = |bytes| sessions.register(bytes, Activity::default()).unwrap();
        let (one, two) = (register(4), register(32));
        let interrupted = |of: &Registration| of.controls.interrupt.check();
        one.controls.interrupt.begin(None);
        two.controls.interrupt.begin(None);
        sessions.cancel(one.process_id, &two.secret);
        sessions.cancel(two.process_id, &one.secret);
        assert!(interrupted(&one).is_ok() && interrupted(&two).is_ok());
        sessions.cancel(two.process_id, &two.secret);
        assert!(interrupted(&one).is_ok());
        assert_eq!(interrupted(&two).unwrap_err().code(), SqlState::QUERY_CANCELED);
        let (process_id, secret) = (two.process_id, two.secret.clone());
        drop(two);
        sessions.cancel(process_id, &secret);
        assert_eq!(sessions.count(), 1);
    }

    #[test]
    fn sessions_see_and_signal_each_other() {
        let sessions = Arc::new(Sessions::default());
        let one = sessions.register(4, Activity { user: "ann".into(), ..Activity::default() }).unwrap();
        let pid = one.process_id as i32;
        assert_eq!(sessions.activity().iter().map(|a| (a.pid, &*a.user)).collect::<Vec<_>>(), [(pid, "ann")]);
        one.controls.interrupt.begin(None);
        assert!(Instance::cancel(&*sessions, pid) && !Instance::cancel(&*sessions, pid.wrapping_add(1)));
        assert!(one.controls.interrupt.check().is_err());
        assert!(!*one.controls.stop.borrow());
        assert!(sessions.terminate(pid) && *one.controls.stop.borrow());
        sessions.stop_all();
        assert_eq!(
            sessions.register(4, Activity::default()).unwrap_err().code(),
            SqlState::CANNOT_CONNECT_NOW
        );
    }

    #[test]
    fn an_interrupt_does_not_outlive_its_statement() {
        let interrupt = Interrupt::default();
        interrupt.interrupt(Reason::Request);
        let token = interrupt.begin(None);
        assert!(interrupt.check().is_ok() && token.check().is_ok(), "came before the statement");
        interrupt.interrupt(Reason::Request);
        assert!(interrupt.interrupted().now_or_never().is_some() && token.is_cancelled());
        interrupt.interrupt(Reason::Request);
        interrupt.end();
        let token = interrupt.begin(None);
        assert!(!token.is_cancelled());
        // The permit of the last interrupt is still there; the statement must not see it.
        assert!(interrupt.interrupted().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_statement_that_takes_too_long_is_interrupted_and_no_other() {
        let interrupt = Arc::<Interrupt>::default();
        let limit = |millis| Some(Duration::from_millis(millis));
        interrupt.begin(limit(20));
        assert!(interrupt.needs_clock() && !interrupt.needs_clock());
        let clock = tokio::spawn(interrupt.clone().watch_clock());
        let error = interrupt.interrupted().await;
        assert!(error.message().contains("statement timeout"), "{error}");
        interrupt.end();
        // A limit that was never met is not the next one's.
        interrupt.begin(limit(30));
        interrupt.end();
        let token = interrupt.begin(None);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert!(!token.is_cancelled());
        interrupt.end();
        // The clock sleeps for long, and hears of the shorter limit.
        interrupt.begin(limit(60_000));
        tokio::time::sleep(Duration::from_millis(5)).await;
        interrupt.end();
        interrupt.begin(limit(20));
        let soon = tokio::time::timeout(Duration::from_secs(10), interrupt.interrupted());
        assert!(soon.await.is_ok());
        clock.abort();
    }

    #[test]
    fn an_interrupt_lasts_for_all_statements_of_a_message() {
        let interrupt = Interrupt::default();
        interrupt.begin(None);
        interrupt.interrupt(Reason::Request);
        let token = interrupt.begin(None);
        assert!(interrupt.check().is_err() && token.is_cancelled());
        interrupt.end();
        assert!(interrupt.check().is_ok());
    }

    #[test]
    fn what_an_earlier_statement_began_is_stopped_by_an_interrupt_of_this_one() {
        let interrupt = Interrupt::default();
        let of_cursor = interrupt.begin(None);
        interrupt.interrupt(Reason::Request);
        interrupt.end();
        interrupt.begin(None);
        assert!(of_cursor.check().is_ok(), "that was the statement before");
        interrupt.interrupt(Reason::Request);
        assert!(of_cursor.is_cancelled());
    }
}
