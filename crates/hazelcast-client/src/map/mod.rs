//! Distributed maps (`IMap`): operations on keys go to the owners of their partitions.

mod ask;
mod bulk;
mod entry;
mod expiry;
mod invoke;
mod listener;
pub(crate) mod lock;
pub(crate) mod pull;
pub(crate) mod pulls;
mod stream;

pub use ask::Pages;
pub(crate) use expiry::millis;
pub use expiry::{EntryView, Expiry};
pub use listener::{EntryEventKind, EntryListener, EntryListenerBuilder, MapEvent};
pub use lock::MapLock;
pub use stream::EntryStream;

use crate::client::Client;
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::error::Result;
use crate::protocol::map::{Entry, THREAD_ID};

/// A distributed map. Keys and values are what [`ToData`](crate::ToData) knows to serialize; what is answered is [`Data`],
/// to be read by [`Data::to_value`]. The map compares keys by their bytes, so a key must be of the type that the map's
/// keys have (an `int` is not found as a `long`).
///
/// Operations on one key go to the partition that Hazelcast's default strategy gives the key. A map that is configured
/// with another strategy must not be used by key: members don't check, and an entry in a wrong partition is not found again.
///
/// Reads are repeated when a member or a connection is lost; writes only when they can't have been done.
#[derive(Debug, Clone)]
pub struct Map {
    client: Client,
    name: String,
    /// Who asks, for locks.
    thread: i64,
}

impl Map {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name, thread: THREAD_ID }
    }

    /// The name of the map.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The partition of a key, under Hazelcast's default strategy.
    pub fn partition_of(&self, key: &Data) -> Result<u32> {
        match self.client.cluster().routes().partition_count {
            // A wrong partition would lose the entry.
            0 => Err(self.client.cluster().not_connected()),
            count => Ok(key.partition(count)),
        }
    }

    /// A key or a value, serialized, whose schemas the cluster has.
    async fn data(&self, item: &(impl ToData + ?Sized)) -> Result<Data> {
        self.client.to_data(item).await
    }

    fn entry<'a>(&'a self, key: &'a Data) -> Result<(u32, Entry<'a>)> {
        let partition = self.partition_of(key)?;
        Ok((partition, Entry { map: &self.name, partition: partition as i32, key, thread: self.thread }))
    }

    /// Listens to what happens to the map's entries. `include_values`: events bring old and new values.
    pub fn listen(&self, include_values: bool) -> EntryListener {
        self.entry_listener().include_values(include_values).start()
    }

    /// Begins the settings of a listener: to one key, to entries that a predicate holds for, to some kinds of events.
    pub fn entry_listener(&self) -> EntryListenerBuilder {
        EntryListenerBuilder::new(self.client.clone(), self.name.clone())
    }
}
