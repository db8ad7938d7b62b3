//! Locks of keys. The cluster gives a lock to a thread of a client; here each lock has a thread number of its own, so
//! that tasks exclude each other, wherever they run.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Map;
use super::expiry::millis;
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::deadline::within;
use crate::error::{Error, Result};
use crate::protocol::map as messages;

/// Numbers of threads and of attempts to lock; 1 is the thread of everyone who holds no lock.
static NEXT: AtomicI64 = AtomicI64::new(messages::THREAD_ID + 1);

/// A number that no other thread of this process has, and no other attempt.
pub(crate) fn next_number() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Until it is unlocked.
const NO_LEASE: i64 = -1;

impl Map {
    /// A view of the map whose operations are those of another thread. Operations on a locked key wait until it is
    /// unlocked, unless they are of the thread that holds the lock; a thread may lock a key more than once.
    pub fn with_thread_id(&self, thread: i64) -> Self {
        Self { thread, ..self.clone() }
    }

    /// The number of a thread for a lock: what was set, else one of its own.
    fn lock_owner(&self) -> Self {
        if self.thread == messages::THREAD_ID { self.with_thread_id(next_number()) } else { self.clone() }
    }

    /// Locks a key, which needn't exist, and waits until the lock is free. `lease`: after what time the cluster unlocks
    /// it by itself; never unless given.
    ///
    /// Dropping the future gives the lock back when it comes.
    pub async fn lock(&self, key: &(impl ToData + ?Sized), lease: Option<Duration>) -> Result<MapLock> {
        match self.acquire(self.data(key).await?, lease, None).await? {
            Some(lock) => Ok(lock),
            None => Err(Error::Protocol("neither locked nor refused".to_string())),
        }
    }

    /// Locks a key if its lock is free within `wait`.
    pub async fn try_lock(
        &self,
        key: &(impl ToData + ?Sized),
        wait: Duration,
        lease: Option<Duration>,
    ) -> Result<Option<MapLock>> {
        self.acquire(self.data(key).await?, lease, Some(wait)).await
    }

    async fn acquire(
        &self,
        key: Data,
        lease: Option<Duration>,
        wait: Option<Duration>,
    ) -> Result<Option<MapLock>> {
        let lease = lease.map_or(Ok(NO_LEASE), millis)?;
        let lock = MapLock { map: self.lock_owner(), key, held: false };
        let (sender, receiver) = oneshot::channel();
        // It goes on when nobody waits any more: then the lock is unlocked at once.
        self.client.cluster().runtime.spawn(async move {
            let _ = sender.send(lock.acquire(lease, wait).await);
        });
        receiver.await.unwrap_or(Err(Error::ClientClosed))
    }

    /// Whether anyone holds the lock of a key.
    pub async fn is_locked(&self, key: &(impl ToData + ?Sized)) -> Result<bool> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        Ok(messages::bool(&self.read(Some(partition), "Map.isLocked", || entry.is_locked()).await?)?)
    }

    /// Unlocks a key that this view's thread has locked. An error if it hasn't.
    pub async fn unlock(&self, key: &(impl ToData + ?Sized)) -> Result<()> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let reference = next_number();
        self.read(Some(partition), "Map.unlock", || entry.unlock(reference)).await.map(drop)
    }

    /// Unlocks a key, whoever holds its lock.
    pub async fn force_unlock(&self, key: &(impl ToData + ?Sized)) -> Result<()> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let reference = next_number();
        self.read(Some(partition), "Map.forceUnlock", || entry.force_unlock(reference)).await.map(drop)
    }
}

/// The lock of a key. Dropping it unlocks the key, soon; [`unlock`](Self::unlock) waits until that is done.
///
/// The cluster frees the locks of a client whose connections are lost.
#[derive(Debug)]
#[must_use = "the key is unlocked when this is dropped"]
pub struct MapLock {
    map: Map,
    key: Data,
    held: bool,
}

impl MapLock {
    /// The map as the thread that holds the lock: its operations on the key don't wait.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The key.
    pub fn key(&self) -> &Data {
        &self.key
    }

    /// Keeps the lock when this is dropped: it is then unlocked by [`Map::unlock`], by its lease, or by the end of the client.
    pub fn keep(mut self) -> i64 {
        self.held = false;
        self.map.thread
    }

    /// Unlocks the key. An error if the lock was lost meanwhile: its lease was over, or the connection was lost.
    ///
    /// When the future is dropped, the key is unlocked all the same.
    pub async fn unlock(mut self) -> Result<()> {
        self.held = false;
        let runtime = self.map.client.cluster().runtime.clone();
        let unlocking = runtime.spawn(async move { self.map.unlock(&self.key).await });
        unlocking.await.unwrap_or(Err(Error::ClientClosed))
    }

    async fn acquire(mut self, lease: i64, wait: Option<Duration>) -> Result<Option<Self>> {
        let (partition, entry) = self.map.entry(&self.key)?;
        let reference = next_number();
        let limit = self.map.client.cluster().settings.invocation_timeout;
        let held = match wait {
            None => {
                // As long as it takes: Hazelcast's own clients have no limit there either.
                let until = within(Duration::MAX);
                let request = || entry.lock(lease, reference);
                self.map.read_until(until, Some(partition), "Map.lock", request).await?;
                true
            }
            Some(wait) => {
                let until = within(wait.saturating_add(limit));
                let wait = millis(wait)?;
                let request = || entry.try_lock(lease, wait, reference);
                let answer = self.map.read_until(until, Some(partition), "Map.tryLock", request).await?;
                messages::bool(&answer)?
            }
        };
        self.held = held;
        Ok(held.then_some(self))
    }
}

impl Drop for MapLock {
    fn drop(&mut self) {
        if self.held {
            let (map, key) = (self.map.clone(), self.key.clone());
            self.map.client.cluster().runtime.spawn(async move {
                if let Err(error) = map.unlock(&key).await {
                    tracing::debug!(map = map.name, %error, "cannot unlock a key");
                }
            });
        }
    }
}
