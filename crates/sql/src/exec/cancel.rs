//! How a running statement is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use pg::{Error, Result, SqlState};

/// Shared between a running statement and whoever may stop it. Loops look at it; a wait for the cluster ends only by
/// dropping the stream.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    state: Arc<AtomicU8>,
    /// Of a part of a statement: given up by itself.
    own: Option<Arc<AtomicU8>>,
}

/// Why a statement is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// A cancel request, or `pg_cancel_backend`.
    UserRequest,
    /// `statement_timeout`.
    StatementTimeout,
    /// The server ends, or `pg_terminate_backend`.
    Shutdown,
}

impl CancelToken {
    /// A token that nobody has used yet.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// A token for a part of what this one is for, which can be given up alone.
    pub fn part(&self) -> CancelToken {
        CancelToken { state: self.state.clone(), own: Some(Arc::default()) }
    }

    /// Stops a part of a statement: nobody wants it any more.
    pub fn give_up(&self) {
        if let Some(own) = &self.own {
            own.store(1, Ordering::Release);
        }
    }

    fn code(&self) -> u8 {
        match self.state.load(Ordering::Acquire) {
            0 => self.own.as_ref().map_or(0, |own| own.load(Ordering::Acquire)),
            code => code,
        }
    }

    /// Stops the statement; the first reason stays.
    pub fn cancel(&self, reason: CancelReason) {
        let code = match reason {
            CancelReason::UserRequest => 1,
            CancelReason::StatementTimeout => 2,
            CancelReason::Shutdown => 3,
        };
        // A second reason comes too late.
        let _ = self.state.compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
    }

    /// For the next statement of the same session: what it goes on with (a cursor) may have been begun by an earlier one.
    pub fn reset(&self) {
        self.state.store(0, Ordering::Release);
    }

    /// Whether the statement shall stop.
    pub fn is_cancelled(&self) -> bool {
        self.code() != 0
    }

    /// The error with which a stopped statement ends (`ProcessInterrupts`).
    pub fn check(&self) -> Result<()> {
        match self.code() {
            0 => Ok(()),
            2 => Err(Error::new(SqlState::QUERY_CANCELED, "canceling statement due to statement timeout")),
            3 => Err(Error::new(
                SqlState::ADMIN_SHUTDOWN,
                "terminating connection due to administrator command",
            )),
            _ => Err(Error::new(SqlState::QUERY_CANCELED, "canceling statement due to user request")),
        }
    }
}
