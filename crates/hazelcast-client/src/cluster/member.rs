//! A connected member: its shared connection, its pool of connections for cursors, its slots.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use uuid::Uuid;

use super::connection::Connection;
use super::nearby::Nearby;
use super::open;
use super::target::Target;
use crate::config::{ClientBuilder, Routing};
use crate::error::{Error, Result};
use crate::state::Address;

/// Partitions that may be read from a member at a time, at least.
const MIN_PULLS: usize = 2;

/// A member that the client is connected to.
pub(crate) struct Member {
    pub(crate) uuid: Uuid,
    /// Where it is reached.
    pub(crate) address: Address,
    target: Arc<Target>,
    cluster_id: Uuid,
    /// The first shared connection: the member is connected as long as this one lives.
    pub(crate) connection: Arc<Connection>,
    /// Shared connections for other runtimes than the client's own.
    pub(super) nearby: Nearby,
    /// How many executes and fetches may be under way; first come, first served.
    queries: Arc<Semaphore>,
    /// The same for look-ups.
    lookups: Arc<Semaphore>,
    /// How many cursors may be open.
    cursors: Arc<Semaphore>,
    /// Partitions of maps that are being read. They have places of their own: each takes a query thread for some
    /// milliseconds only, and one alone would leave the member idle while its answer is read.
    pulls: Arc<Semaphore>,
    idle: Mutex<Vec<(Arc<Connection>, Instant)>>,
    /// Connections of the pool, idle or leased.
    pool: Mutex<Vec<Weak<Connection>>>,
    /// Connections of the pool that were ever made.
    opened: AtomicUsize,
}

impl Member {
    pub(crate) fn new(
        target: Arc<Target>,
        cluster_id: Uuid,
        address: Address,
        connection: Arc<Connection>,
        settings: &ClientBuilder,
    ) -> Self {
        Self {
            uuid: connection.member,
            address,
            target,
            cluster_id,
            connection,
            nearby: Nearby::default(),
            queries: places(settings.max_queries_per_member),
            lookups: places(settings.max_lookups_per_member),
            cursors: places(settings.max_cursors_per_member),
            pulls: places(settings.max_queries_per_member.max(MIN_PULLS)),
            idle: Mutex::default(),
            pool: Mutex::default(),
            opened: AtomicUsize::new(0),
        }
    }

    pub(crate) fn slots(&self, lookup: bool) -> &Arc<Semaphore> {
        if lookup { &self.lookups } else { &self.queries }
    }

    /// Leave to read a partition of a map.
    pub(crate) fn pulls(&self) -> &Arc<Semaphore> {
        &self.pulls
    }

    /// Leave to open a cursor. To be had before a slot: who waits for this one must not hold what the open cursors need to go on.
    pub(crate) async fn cursor(&self, deadline: Instant) -> Result<OwnedSemaphorePermit> {
        match tokio::time::timeout_at(deadline, Arc::clone(&self.cursors).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::Overloaded("too many cursors are open on the member")),
        }
    }

    /// A connection of its own for a statement that may leave a cursor: only closing it stops a query for sure, and the
    /// member ties cursors to the client uuid, so each has its own.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        settings: &ClientBuilder,
        cursor: OwnedSemaphorePermit,
    ) -> Result<Lease> {
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connect(settings, "cursor").await?,
        };
        Ok(Lease { member: Arc::clone(self), connection, _cursor: cursor })
    }

    /// One more connection, which has an identity of its own.
    pub(super) async fn connect(&self, settings: &ClientBuilder, purpose: &str) -> Result<Arc<Connection>> {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let mut settings = settings.clone();
        settings.client_name = format!("{}-{purpose}-{number}", settings.client_name);
        let (connection, authenticated) =
            open::open(&settings, &self.target, &self.address, Uuid::new_v4()).await?;
        // Behind one address there may be many members, when the client wants no more than one of them.
        let same = match settings.routing {
            Routing::AllMembers => authenticated.member == self.uuid,
            Routing::SingleMember => authenticated.cluster_id == self.cluster_id,
        };
        if !same {
            connection.close("another member answers at this address");
            let source = Arc::new(std::io::Error::other("another member answers at this address"));
            return Err(Error::Connect { address: self.address.to_string(), source });
        }
        let mut pool = lock(&self.pool);
        pool.retain(|known| known.upgrade().is_some_and(|known| !known.is_closed()));
        pool.push(Arc::downgrade(&connection));
        drop(pool);
        // The member may have been given up meanwhile.
        if self.connection.is_closed() {
            connection.close("the connection to the member was lost");
        }
        Ok(connection)
    }

    /// The connection that was used last: the others may then be closed.
    fn take_idle(&self) -> Option<Arc<Connection>> {
        let mut idle = lock(&self.idle);
        while let Some((connection, _)) = idle.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    /// Closes what has been idle for longer than `limit`, but for the connection that was used last: the next query finds it ready.
    pub(crate) fn close_idle(&self, limit: Duration) {
        let mut idle = lock(&self.idle);
        let spare = idle.len().saturating_sub(1);
        // They lie in the order of their last use.
        let old = idle.iter().take(spare).take_while(|(_, since)| since.elapsed() >= limit).count();
        let closing: Vec<_> = idle.drain(..old).collect();
        drop(idle);
        for (connection, _) in closing {
            connection.close("idle");
        }
    }
}

impl Member {
    /// Closes the connections of the pool that nobody uses, and the shared ones beside the first.
    pub(crate) fn close_pool(&self) {
        self.nearby.close("no longer needed");
        let idle = std::mem::take(&mut *lock(&self.idle));
        for (connection, _) in idle {
            connection.close("no longer needed");
        }
    }

    /// Closes all connections to this member, whatever is under way on them.
    pub(crate) fn close(&self, reason: &str) {
        self.connection.close(reason);
        self.nearby.close(reason);
        let pool = std::mem::take(&mut *lock(&self.pool));
        for connection in pool.iter().filter_map(Weak::upgrade) {
            connection.close(reason);
        }
    }
}

impl Drop for Member {
    /// Nothing is leased any more: a lease keeps its member.
    fn drop(&mut self) {
        self.close("no longer needed");
    }
}

/// So many places; more than there can be are as many as there can be.
fn places(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection of the pool, for one cursor. Dropping it gives the connection back, if it can be used again.
pub(crate) struct Lease {
    pub(crate) member: Arc<Member>,
    pub(crate) connection: Arc<Connection>,
    _cursor: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.connection.is_closed() {
            return;
        }
        if self.connection.outstanding() == 0 && !self.member.connection.is_closed() {
            lock(&self.member.idle).push((Arc::clone(&self.connection), Instant::now()));
        } else {
            self.connection.close("given up with a request under way");
        }
    }
}
