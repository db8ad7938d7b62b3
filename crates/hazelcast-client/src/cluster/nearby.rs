//! Shared connections of a member beside its first one: one for each runtime that asks something of it, made when that
//! is first wanted. A request and its answer then stay on the threads of the runtime that waits for them: on a
//! single-threaded runtime, the thread that asked is the one that the answer wakes.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

use super::Cluster;
use super::connection::Connection;
use super::member::Member;

/// How long to do without a connection that could not be made.
const PAUSE: Duration = Duration::from_secs(1);

/// The connections of a member, by runtime.
#[derive(Default)]
pub(super) struct Nearby(RwLock<Vec<(Id, State)>>);

/// What there is for a runtime.
enum State {
    Opening,
    Open(Arc<Connection>),
    /// Not to be tried before this moment.
    Failed(Instant),
}

impl Nearby {
    fn set(&self, runtime: Id, state: State) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(id, _)| *id != runtime);
        all.push((runtime, state));
    }

    /// Whether a connection is to be made for a runtime; then that is noted.
    fn begin(&self, runtime: Id, most: usize) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Those that ended make room: their runtimes may be gone.
        all.retain(|(_, state)| !matches!(state, State::Open(connection) if connection.is_closed()));
        let now = Instant::now();
        all.retain(|(_, state)| !matches!(state, State::Failed(until) if *until <= now));
        let begins = all.len() < most && all.iter().all(|(id, _)| *id != runtime);
        if begins {
            all.push((runtime, State::Opening));
        }
        begins
    }

    /// A connection that was to be made for a runtime is not made any more.
    fn give_up(&self, runtime: Id) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(id, state)| *id != runtime || !matches!(state, State::Opening));
    }

    /// Ends them.
    pub(super) fn close(&self, reason: &str) {
        let all = std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        for (_, state) in all {
            if let State::Open(connection) = state {
                connection.close(reason);
            }
        }
    }
}

impl Member {
    /// The shared connection for whoever asks now: that of the runtime we are on, or the member's first one.
    pub(crate) fn shared(self: &Arc<Self>, cluster: &Arc<Cluster>) -> Arc<Connection> {
        let most = cluster.settings.shared_connections_per_member.saturating_sub(1);
        if most == 0 {
            return Arc::clone(&self.connection);
        }
        let Ok(runtime) = Handle::try_current() else { return Arc::clone(&self.connection) };
        let id = runtime.id();
        if id == cluster.runtime.id() {
            return Arc::clone(&self.connection);
        }
        let open = self.nearby.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = open.iter().find(|(known, _)| *known == id);
        if let Some((_, State::Open(connection))) = found
            && !connection.is_closed()
        {
            return Arc::clone(connection);
        }
        drop(open);
        if self.nearby.begin(id, most) {
            let attempt =
                Attempt { member: Arc::downgrade(self), cluster: Arc::downgrade(cluster), runtime: id };
            runtime.spawn(attempt.run());
        }
        Arc::clone(&self.connection)
    }
}

/// A connection that is being made for a runtime. When that ends first, its place goes to another.
struct Attempt {
    // Neither is kept alive by this alone.
    member: Weak<Member>,
    cluster: Weak<Cluster>,
    runtime: Id,
}

impl Attempt {
    async fn run(self) {
        let (Some(member), Some(cluster)) = (self.member.upgrade(), self.cluster.upgrade()) else { return };
        let state = match member.connect(&cluster.settings, "shared").await {
            Ok(connection) => State::Open(connection),
            Err(error) => {
                tracing::debug!(%error, "no connection for this runtime");
                State::Failed(Instant::now() + PAUSE)
            }
        };
        member.nearby.set(self.runtime, state);
        // The member may have been given up meanwhile.
        if member.connection.is_closed() {
            member.nearby.close("the connection to the member was lost");
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(member) = self.member.upgrade() {
            member.nearby.give_up(self.runtime);
        }
    }
}
