//! Cancel requests: who may interrupt whom, and how an interrupt never hits the statement after the one it meant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pg::{Error, SqlState};
use tokio::sync::Notify;

/// Why a running statement is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A cancel request.
    Request,
    /// The server stops and has waited long enough.
    Shutdown,
}

/// The interrupt of one session. It can only be set while a statement runs and is gone when that statement ends.
#[derive(Debug, Default)]
pub struct Interrupt {
    state: Mutex<State>,
    set: Notify,
}

#[derive(Debug, Default)]
struct State {
    running: bool,
    reason: Option<Reason>,
}

impl Interrupt {
    /// A statement begins: from now on it can be interrupted.
    pub fn begin(&self) {
        *lock(&self.state) = State { running: true, reason: None };
    }

    /// The statement has ended. What comes later comes too late (`ProcessInterrupts`, `DoingCommandRead`).
    pub fn end(&self) {
        *lock(&self.state) = State::default();
    }

    /// Interrupts the running statement, if one runs.
    pub fn interrupt(&self, reason: Reason) {
        let mut state = lock(&self.state);
        if state.running {
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

impl Reason {
    fn error(self) -> Error {
        match self {
            Reason::Request => {
                Error::new(SqlState::QUERY_CANCELED, "canceling statement due to user request")
            }
            Reason::Shutdown => super::admin_shutdown(),
        }
    }
}

/// All sessions that can be cancelled, by process id.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<u32, Entry>>);

#[derive(Debug)]
struct Entry {
    secret: Vec<u8>,
    interrupt: Arc<Interrupt>,
}

/// A session's place among [`Sessions`]; given up when dropped.
#[derive(Debug)]
pub struct Registration {
    sessions: Arc<Sessions>,
    /// The process id that the client is told.
    pub process_id: u32,
    /// The secret that the client is told. Never logged.
    pub secret: Vec<u8>,
    /// What a cancel request sets.
    pub interrupt: Arc<Interrupt>,
}

impl Sessions {
    /// Registers a session under a random process id, with a random secret of so many bytes.
    pub fn register(self: &Arc<Self>, secret_bytes: usize) -> Result<Registration, Error> {
        let random = |bytes: &mut [u8]| {
            getrandom::fill(bytes).map_err(|error| Error::internal(format!("no random numbers: {error}")))
        };
        let mut secret = vec![0; secret_bytes];
        random(&mut secret)?;
        let interrupt = Arc::new(Interrupt::default());
        let mut sessions = lock(&self.0);
        let process_id = loop {
            let mut bytes = [0; 4];
            random(&mut bytes)?;
            // A positive int4, as pg_backend_pid() must tell it.
            let process_id = u32::from_be_bytes(bytes) >> 1;
            if process_id != 0 && !sessions.contains_key(&process_id) {
                break process_id;
            }
        };
        sessions.insert(process_id, Entry { secret: secret.clone(), interrupt: interrupt.clone() });
        drop(sessions);
        Ok(Registration { sessions: self.clone(), process_id, secret, interrupt })
    }

    /// Interrupts the session whose process id and secret these are. Nobody is told whether there was one.
    pub fn cancel(&self, process_id: u32, secret: &[u8]) {
        if let Some(entry) = lock(&self.0).get(&process_id)
            && equal_in_constant_time(&entry.secret, secret)
        {
            entry.interrupt.interrupt(Reason::Request);
        }
    }

    /// Interrupts every running statement.
    pub fn interrupt_all(&self) {
        for entry in lock(&self.0).values() {
            entry.interrupt.interrupt(Reason::Shutdown);
        }
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        lock(&self.0).len()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.sessions.0).remove(&self.process_id);
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
        let (one, two) = (sessions.register(4).unwrap(), sessions.register(32).unwrap());
        one.interrupt.begin();
        two.interrupt.begin();
        sessions.cancel(one.process_id, &two.secret);
        sessions.cancel(two.process_id, &one.secret);
        assert!(one.interrupt.check().is_ok() && two.interrupt.check().is_ok());
        sessions.cancel(two.process_id, &two.secret);
        assert!(one.interrupt.check().is_ok());
        assert_eq!(two.interrupt.check().unwrap_err().code(), SqlState::QUERY_CANCELED);
        let (process_id, secret) = (two.process_id, two.secret.clone());
        drop(two);
        sessions.cancel(process_id, &secret);
        assert_eq!(sessions.count(), 1);
    }

    #[test]
    fn an_interrupt_does_not_outlive_its_statement() {
        let interrupt = Interrupt::default();
        interrupt.interrupt(Reason::Request);
        interrupt.begin();
        assert!(interrupt.check().is_ok(), "came before the statement");
        interrupt.interrupt(Reason::Request);
        assert!(interrupt.interrupted().now_or_never().is_some());
        interrupt.interrupt(Reason::Request);
        interrupt.end();
        interrupt.begin();
        // The permit of the last interrupt is still there; the statement must not see it.
        assert!(interrupt.interrupted().now_or_never().is_none());
    }
}
