//! One client's conversation: the state machine of the frontend/backend protocol (PostgreSQL's `PostgresMain`).
//!
//! Messages come in through [`Session::run`], one at a time. `simple` answers Query, `extended` Parse, Bind, Describe,
//! Execute and Close; both make a [`portal::Portal`] and run it by the one path in `rows`. Statements that
//! concern the session itself are [`command`]s; all others belong to an [`engine::Engine`].

pub mod command;
mod copy;
pub mod cursor;
pub mod engine;
mod extended;
mod function;
pub mod portal;
pub(crate) mod rows;
mod simple;
pub mod spent;
#[cfg(test)]
mod tests;
pub mod transaction;
mod values;
pub mod variables;

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use pg::error::Severity;
use pg::wire::frontend::{self, Frontend};
use pg::wire::{Frame, Phase, TransactionStatus, backend};
use pg::{Error, Result, SqlState};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::server::admin_shutdown;
use crate::server::cancel::{Controls, Interrupt};
pub use crate::server::wire::Stream;
use crate::server::wire::Wire;
use engine::{Engine, Prepared, Surroundings};
use portal::{Named, Portal, Progress, Source};
use sql::session::{PreparedStatement, RelationLock};
use sql::settings::Settings;
use transaction::Transaction;

/// Statements and portals with names that one session may keep.
const NAMED_MAX: usize = 10_000;
/// Parameters of portals that one session may keep; a single portal may have more.
const PORTAL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Text of prepared statements that one session may keep.
const STATEMENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Portals of one session that may have rows to come. Each may hold a cursor in the cluster, of which a member has a few
/// hundred for all sessions.
const RUNNING_MAX: usize = 64;

/// What others see of a statement's text: `track_activity_query_size`, less its end.
const ACTIVITY_BYTES: usize = 1023;

/// A client's conversation.
pub struct Session<S> {
    wire: Wire<S>,
    engine: Arc<dyn Engine>,
    interrupt: Arc<Interrupt>,
    controls: Controls,
    stop: watch::Receiver<bool>,
    around: Surroundings,
    transaction: Transaction,
    statements: Named<Arc<Source>>,
    portals: Named<Portal>,
    mode: Mode,
    /// Interrupts statements that take too long, once there is a limit.
    clock: Option<Clock>,
    /// The output's length before rows of which not all may be whole yet.
    whole: Option<usize>,
    /// What the names of objects were made of: the versions of catalog and settings.
    names_version: Option<(u64, u64)>,
    /// Settings may have changed that the client is told of.
    report: bool,
    /// `pg_cursors` has rows of this session.
    cursors_shown: bool,
}

/// Whether messages are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// They are.
    Normal,
    /// After an error in an extended-protocol message: nothing counts before Sync.
    SkipToSync,
}

/// Why a message was not answered as it was meant.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The client is told.
    Error(Error),
    /// There is no client any more.
    Gone(io::Error),
}

/// What a step of a session gives.
pub(crate) type Step<T> = Result<T, Stop>;

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Error(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Gone(error)
    }
}

/// How a session ends.
#[derive(Debug)]
enum End {
    /// The client said so, or is gone.
    Left,
    /// We say so.
    Fatal(Error),
}

impl<S: Stream> Session<S> {
    /// A session of a client that is let in.
    pub fn new(
        wire: Wire<S>,
        engine: Arc<dyn Engine>,
        controls: Controls,
        around: Surroundings,
    ) -> Session<S> {
        Session {
            wire,
            engine,
            interrupt: controls.interrupt.clone(),
            stop: controls.stop.subscribe(),
            controls,
            around,
            transaction: Transaction::default(),
            statements: Named::default(),
            portals: Named::default(),
            mode: Mode::Normal,
            clock: None,
            whole: None,
            names_version: None,
            report: false,
            cursors_shown: false,
        }
    }

    /// Talks until the client leaves, is gone, or has to go.
    pub async fn run(mut self) {
        self.ready_for_query();
        let end = self.converse().await;
        // Cursors in the cluster end before the client hears of it, or does not.
        self.portals.clear();
        match end {
            End::Left => self.wire.close().await,
            End::Fatal(error) => {
                backend::error_response(self.wire.output(), &error.severity(Severity::Fatal));
                self.wire.close_after_error().await;
            }
        }
    }

    async fn converse(&mut self) -> End {
        loop {
            let frame = match self.next_frame().await {
                Ok(frame) => frame,
                Err(end) => return end,
            };
            if frame.tag == b'X' {
                return End::Left;
            }
            if self.mode == Mode::SkipToSync && frame.tag != b'S' {
                self.wire.release();
                continue;
            }
            let step = AssertUnwindSafe(self.message(&frame)).catch_unwind().await;
            self.interrupt.end();
            let step = step.unwrap_or_else(|panic| Err(Stop::Error(self.after_panic(panic.as_ref()))));
            if let Err(end) = self.settle(frame.tag, step) {
                return end;
            }
            self.wire.release();
        }
    }

    /// The next message. Answers are sent when there is nothing left to work on.
    async fn next_frame(&mut self) -> Result<Frame, End> {
        loop {
            match self.wire.frame(Phase::Ready) {
                Ok(Some(frame)) => return Ok(frame),
                Ok(None) => (),
                Err(error) => return Err(End::Fatal(error)),
            }
            tokio::select! {
                biased;
                sent = self.wire.flush() => if sent.is_err() { return Err(End::Left) },
                // A client that reads nothing has to go like any other.
                _ = self.stop.wait_for(|stop| *stop) => return Err(End::Fatal(admin_shutdown())),
            }
            self.wire.rest();
            let idle = self.idle_deadline();
            tokio::select! {
                biased;
                received = self.wire.fill() => match received {
                    Ok(0) | Err(_) => return Err(End::Left),
                    Ok(_) => (),
                },
                _ = self.stop.wait_for(|stop| *stop) => return Err(End::Fatal(admin_shutdown())),
                error = expired(idle) => return Err(End::Fatal(error)),
            }
        }
    }

    /// When a silent client must go, and what it is told.
    fn idle_deadline(&self) -> Option<(Instant, Error)> {
        let variables = &self.around.variables;
        let (limit, code, what) = if self.transaction.in_block() {
            (variables.idle_in_transaction_timeout(), *b"25P03", "idle-in-transaction timeout")
        } else {
            (variables.idle_session_timeout(), *b"57P05", "idle-session timeout")
        };
        let error = || Error::new(SqlState(code), format!("terminating connection due to {what}"));
        limit.map(|limit| (Instant::now() + limit, error()))
    }

    /// Works on one message.
    async fn message(&mut self, frame: &Frame) -> Step<()> {
        match frontend::decode(frame)? {
            Frontend::Query(text) => self.query(text).await?,
            Frontend::Parse(parse) => self.parse(parse).await?,
            Frontend::Bind(bind) => self.bind(bind).await?,
            Frontend::Describe(target) => self.describe(target)?,
            Frontend::Execute { portal, max_rows } => self.execute(portal, max_rows).await?,
            Frontend::Close(target) => self.close(target),
            Frontend::Flush => self.wire.flush().await?,
            Frontend::Sync => self.sync()?,
            Frontend::FunctionCall(call) => self.call_function(call).await?,
            // Left over from a copy that failed (`PostgresMain`).
            Frontend::CopyData(_) | Frontend::CopyDone | Frontend::CopyFail(_) => (),
            Frontend::Password(_) | Frontend::Terminate => (),
        }
        Ok(())
    }

    /// Tells the client how a message ended when that is not said yet.
    fn settle(&mut self, tag: u8, step: Step<()>) -> Result<(), End> {
        // Errors of these, and of Sync itself, end with ReadyForQuery at once.
        let simple = matches!(tag, b'Q' | b'F') || tag == b'S' && step.is_err();
        match step {
            Ok(()) => {
                self.send_notices();
            }
            Err(Stop::Gone(error)) => {
                tracing::debug!(%error, "the client is gone");
                return Err(End::Left);
            }
            Err(Stop::Error(error)) if error.fields().severity <= Severity::Fatal => {
                return Err(End::Fatal(error));
            }
            Err(Stop::Error(error)) => {
                self.send_notices();
                backend::error_response(self.wire.output(), &error);
                self.fail();
                if matches!(tag, b'P' | b'B' | b'D' | b'E' | b'C' | b'H') {
                    self.mode = Mode::SkipToSync;
                }
            }
        }
        if simple {
            self.ready_for_query();
        }
        Ok(())
    }

    /// An error ends the transaction, or makes its block a failed one.
    fn fail(&mut self) {
        match self.transaction.fail() {
            // Ending never fails when nothing is chained.
            Some(ended) => drop(self.end_transaction(ended, false)),
            // They are there until the block ends, but have nothing any more (`AtAbort_Portals`).
            None => self.portals.for_each(|portal| {
                if !portal.hold || portal.is_fresh() {
                    portal.give_up();
                }
            }),
        }
        self.send_notices();
    }

    /// `Sync`: the end of an implicit transaction, and of a series of messages.
    fn sync(&mut self) -> Result<()> {
        self.mode = Mode::Normal;
        self.end_implicit()?;
        self.ready_for_query();
        Ok(())
    }

    /// Ends the implicit transaction, if there is one; its portals end with it.
    fn end_implicit(&mut self) -> Result<()> {
        if self.transaction.end_implicit() {
            self.portals.retain(|portal| portal.hold);
            self.portals.for_each(Portal::settle);
            self.change_settings(Settings::commit);
        }
        Ok(())
    }

    fn ready_for_query(&mut self) {
        self.send_notices();
        // A statement may have called set_config().
        self.change_settings(|_| ());
        if self.report {
            self.report = false;
            let (reports, _) = self.around.variables.change(Settings::take_reports);
            for (name, value) in reports {
                backend::parameter_status(self.wire.output(), name, &value);
            }
        }
        backend::ready_for_query(self.wire.output(), self.transaction.status());
        self.wire.owe();
        self.show_state(match self.transaction.status() {
            TransactionStatus::Idle => "idle",
            TransactionStatus::InBlock => "idle in transaction",
            TransactionStatus::Failed => "idle in transaction (aborted)",
        });
    }

    /// What others see this session do (`pg_stat_activity`).
    fn show_state(&self, state: &'static str) {
        let mut activity = self.controls.activity();
        activity.state = state;
        activity.state_change = Some(variables::now());
        activity.transaction_start =
            self.transaction.in_block().then_some(self.around.env.transaction_timestamp);
        if activity.transaction_start.is_none() {
            activity.forget_relations();
        }
    }

    /// The same, of what a statement reads and changes (`pg_locks`).
    fn show_relations(&self, relations: &[RelationLock]) {
        self.controls.activity().want(relations);
    }

    /// The same, of a statement that begins.
    fn show_statement(&self, text: &str) {
        let mut activity = self.controls.activity();
        activity.state = "active";
        activity.state_change = Some(self.around.env.statement_timestamp);
        activity.query_start = Some(self.around.env.statement_timestamp);
        activity.transaction_start = Some(self.around.env.transaction_timestamp);
        activity.query_cut = text.len() > ACTIVITY_BYTES;
        activity.query.clear();
        activity.query.push_str(text.get(..text.floor_char_boundary(ACTIVITY_BYTES)).unwrap_or_default());
    }

    /// The same, of a function that is called by its oid.
    fn show_function_call(&self) {
        self.show_statement("");
        self.controls.activity().state = "fastpath function call";
    }

    /// A statement begins: it can be cancelled, has a time limit, and a moment.
    fn begin_statement(&mut self) {
        let limit = self.around.variables.statement_timeout();
        self.around.cancel = self.interrupt.begin(limit);
        if limit.is_some() && self.interrupt.needs_clock() {
            self.clock = self.controls.start_clock().map(Clock);
        }
        let now = variables::now();
        self.around.env.statement_timestamp = now;
        if self.transaction.is_idle() {
            self.around.env.transaction_timestamp = now;
            self.transaction.begin_implicit();
            self.controls.activity().begin_transaction();
            self.change_settings(Settings::begin);
        }
        self.show_cursors();
        let version = (self.engine.version(), self.around.variables.version());
        if self.names_version != Some(version) {
            self.names_version = Some(version);
            self.around.env.names = self.engine.names(&self.around);
        }
    }

    /// Waits for something that is worked on elsewhere, while the client may cancel it, vanish, or send ahead.
    async fn wait<T>(&mut self, future: impl Future<Output = T>) -> Step<T> {
        wait(&mut self.wire, &self.interrupt, future).await
    }

    /// Gets a statement ready, if it is not yet.
    async fn plan(&mut self, prepared: &dyn Prepared) -> Step<()> {
        if let Some(planning) = prepared.plan(&self.around) {
            wait(&mut self.wire, &self.interrupt, planning).await??;
        }
        Ok(())
    }

    /// Sends the output, however slowly the client takes it.
    async fn drain(&mut self) -> Step<()> {
        tokio::select! {
            biased;
            sent = self.wire.flush() => Ok(sent?),
            error = self.interrupt.interrupted() => Err(error.into()),
        }
    }

    /// Changes settings. The client is told before the next ReadyForQuery.
    fn change_settings<T>(&mut self, change: impl FnOnce(&mut Settings) -> T) -> T {
        let (result, changed) = self.around.variables.change(change);
        if changed {
            let env = &self.around.env;
            let (transaction, statement) = (env.transaction_timestamp, env.statement_timestamp);
            self.around.env = self.around.variables.env(transaction, statement, env.names.clone());
            self.report = true;
        }
        result
    }

    /// Tells the client something besides its answer, if it wants to know.
    fn notice(&mut self, notice: Option<Error>) {
        if let Some(notice) = notice {
            self.around.notices.push(notice);
            self.send_notices();
        }
    }

    fn send_notices(&mut self) {
        for notice in self.around.notices.take() {
            if self.around.variables.wants_notice(notice.fields().severity) {
                backend::notice_response(self.wire.output(), &notice);
            }
        }
    }

    /// An error if so many portals have rows to come that there can't be one more.
    fn refuse_more_running(&self) -> Result<()> {
        let running = self.portals.values().filter(|portal| matches!(portal.progress, Progress::Running(_)));
        match running.count() {
            ..RUNNING_MAX => Ok(()),
            _ => {
                Err(too_many("cursors that have rows to come")
                    .hint("Close cursors, or read them to their end."))
            }
        }
    }

    fn statement(&self, name: &str) -> Result<&Arc<Source>> {
        self.statements.get(name).ok_or_else(|| no_statement(name))
    }

    /// Keeps a prepared statement, within the session's limits.
    fn keep_statement(&mut self, name: &str, source: Source, from_sql: bool) -> Result<()> {
        let bytes: usize = self.statements.values().map(|statement| statement.text.len()).sum();
        let full = !name.is_empty() && self.statements.named_count() >= NAMED_MAX;
        if full || bytes + source.text.len() > STATEMENT_BYTES_MAX {
            return Err(too_many("prepared statements"));
        }
        if !name.is_empty() {
            self.controls.prepared().push(PreparedStatement {
                name: name.to_owned(),
                statement: source.text.to_string(),
                prepared_at: self.around.env.statement_timestamp,
                parameter_types: source.parameter_types.clone(),
                from_sql,
            });
        }
        self.statements.insert(name, Arc::new(source));
        Ok(())
    }

    /// Forgets a prepared statement; says whether there was one.
    fn forget_statement(&mut self, name: &str) -> bool {
        let found = self.statements.remove(name).is_some();
        if found && !name.is_empty() {
            self.controls.prepared().retain(|statement| statement.name != name);
        }
        found
    }

    /// Forgets the prepared statements that have names.
    fn forget_named_statements(&mut self) {
        self.statements.retain_unnamed();
        self.controls.prepared().clear();
    }

    /// Keeps a portal, within the session's limits.
    fn keep_portal(&mut self, name: &str, portal: Portal) -> Result<()> {
        let others: usize = self.portals.values().map(|portal| portal.parameter_bytes).sum();
        let too_large = others > 0 && others + portal.parameter_bytes > PORTAL_BYTES_MAX;
        if too_large || !name.is_empty() && self.portals.named_count() >= NAMED_MAX {
            return Err(too_many("portals"));
        }
        self.portals.insert(name, portal);
        Ok(())
    }

    /// Makes an error of a panic, and takes back the row that was being written.
    fn after_panic(&mut self, panic: &(dyn std::any::Any + Send)) -> Error {
        if let Some(whole) = self.whole.take() {
            self.wire.output().truncate(whole);
        }
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        tracing::error!(panic = text.unwrap_or("(no text)"), "a statement panicked");
        Error::internal("internal error in the gateway").hint("This is a bug; the server's log says where.")
    }
}

/// A task that ends with its session.
struct Clock(AbortHandle);

impl Drop for Clock {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// See [`Session::wait`].
async fn wait<S: Stream, T>(
    wire: &mut Wire<S>,
    interrupt: &Interrupt,
    future: impl Future<Output = T>,
) -> Step<T> {
    let mut future = pin!(future);
    // Most of what is waited for is there at once.
    if let std::task::Poll::Ready(output) = futures::poll!(&mut future) {
        return Ok(output);
    }
    tokio::select! {
        biased;
        output = &mut future => Ok(output),
        error = interrupt.interrupted() => Err(error.into()),
        error = wire.attend() => Err(error.into()),
    }
}

/// As [`wait`], for a statement that writes: told to stop it does so soon, and says what it has written.
async fn wait_for_writing<S: Stream, T>(
    wire: &mut Wire<S>,
    interrupt: &Interrupt,
    future: impl Future<Output = T>,
) -> Step<T> {
    const SOON: Duration = Duration::from_millis(500);
    let mut future = pin!(future);
    match wait(wire, interrupt, future.as_mut()).await {
        Err(Stop::Error(error)) if error.code() == SqlState::QUERY_CANCELED => {
            timeout(SOON, future).await.map_err(|_| error.into())
        }
        ended => ended,
    }
}

/// Waits for a deadline; for ever when there is none.
async fn expired(deadline: Option<(Instant, Error)>) -> Error {
    match deadline {
        Some((deadline, error)) => {
            sleep_until(deadline).await;
            error
        }
        None => std::future::pending().await,
    }
}

fn no_statement(name: &str) -> Error {
    let message = match name {
        "" => "unnamed prepared statement does not exist".to_owned(),
        name => format!("prepared statement \"{name}\" does not exist"),
    };
    Error::new(SqlState::INVALID_SQL_STATEMENT_NAME, message)
}

fn too_many(what: &str) -> Error {
    Error::new(SqlState::CONFIGURATION_LIMIT_EXCEEDED, format!("too many {what} in this session"))
        .hint("Close those that are no longer needed.")
}
