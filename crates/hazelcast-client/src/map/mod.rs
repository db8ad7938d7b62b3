//! Distributed maps (`IMap`): operations on keys go to the owners of their partitions.

mod invoke;
mod listener;

pub use listener::{EntryEventKind, EntryListener, MapEvent};

use std::collections::HashMap;
use std::time::Duration;

use futures::stream::{FuturesUnordered, TryStreamExt};

use crate::client::Client;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::protocol::map as messages;
use messages::Entry;

/// How many requests of one `get_all` or `put_all` may be under way at a time.
const CONCURRENT_PARTITIONS: usize = 32;

/// A distributed map. Keys and values are serialized ([`Data`]): the map compares keys by their bytes, so a key must be of the
/// type that the map's keys have (an `int` is not found as a `long`).
///
/// Operations on one key go to the partition that Hazelcast's default strategy gives the key. A map that is configured
/// with another strategy must not be used by key: members don't check, and an entry in a wrong partition is not found again.
///
/// Reads are repeated when a member or a connection is lost; writes only when they can't have been done.
#[derive(Debug, Clone)]
pub struct Map {
    client: Client,
    name: String,
}

impl Map {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
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

    fn entry<'a>(&'a self, key: &'a Data) -> Result<(u32, Entry<'a>)> {
        let partition = self.partition_of(key)?;
        Ok((partition, Entry { map: &self.name, partition: partition as i32, key }))
    }

    /// The value of a key.
    pub async fn get(&self, key: &Data) -> Result<Option<Data>> {
        let (partition, entry) = self.entry(key)?;
        let answer = self.read(Some(partition), "Map.get", || entry.get()).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Whether there is an entry for a key.
    pub async fn contains_key(&self, key: &Data) -> Result<bool> {
        let (partition, entry) = self.entry(key)?;
        let answer = self.read(Some(partition), "Map.containsKey", || entry.contains_key()).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Sets the value of a key, and answers the one before. `ttl`: how long the entry lives; the map's own setting unless given.
    pub async fn put(&self, key: &Data, value: &Data, ttl: Option<Duration>) -> Result<Option<Data>> {
        let (partition, entry) = self.entry(key)?;
        let ttl = ttl.map(millis).transpose()?;
        let answer = self.write(Some(partition), "Map.put", || entry.put(value, ttl)).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key: cheaper than [`put`](Self::put).
    pub async fn set(&self, key: &Data, value: &Data, ttl: Option<Duration>) -> Result<()> {
        let (partition, entry) = self.entry(key)?;
        let ttl = ttl.map(millis).transpose()?;
        self.write(Some(partition), "Map.set", || entry.set(value, ttl)).await.map(drop)
    }

    /// Sets the value of a key that has none; else answers the value that is there.
    pub async fn put_if_absent(
        &self,
        key: &Data,
        value: &Data,
        ttl: Option<Duration>,
    ) -> Result<Option<Data>> {
        let (partition, entry) = self.entry(key)?;
        let ttl = ttl.map(millis).transpose()?;
        let answer =
            self.write(Some(partition), "Map.putIfAbsent", || entry.put_if_absent(value, ttl)).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key that has one, and answers the one before; else does nothing.
    pub async fn replace(&self, key: &Data, value: &Data) -> Result<Option<Data>> {
        let (partition, entry) = self.entry(key)?;
        let answer = self.write(Some(partition), "Map.replace", || entry.replace(value)).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key if its value is the expected one, by its bytes; answers whether it was.
    pub async fn replace_if_same(&self, key: &Data, expected: &Data, value: &Data) -> Result<bool> {
        let (partition, entry) = self.entry(key)?;
        let request = || entry.replace_if_same(expected, value);
        let answer = self.write_once(Some(partition), "Map.replaceIfSame", request).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Removes the entry of a key, and answers its value.
    pub async fn remove(&self, key: &Data) -> Result<Option<Data>> {
        let (partition, entry) = self.entry(key)?;
        let answer = self.write(Some(partition), "Map.remove", || entry.remove()).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Removes the entry of a key if its value is the expected one, by its bytes; answers whether it was.
    pub async fn remove_if_same(&self, key: &Data, expected: &Data) -> Result<bool> {
        let (partition, entry) = self.entry(key)?;
        let answer =
            self.write_once(Some(partition), "Map.removeIfSame", || entry.remove_if_same(expected)).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Removes the entry of a key: cheaper than [`remove`](Self::remove).
    pub async fn delete(&self, key: &Data) -> Result<()> {
        let (partition, entry) = self.entry(key)?;
        self.write(Some(partition), "Map.delete", || entry.delete()).await.map(drop)
    }

    /// The number of entries.
    pub async fn size(&self) -> Result<u64> {
        let answer = self.read(None, "Map.size", || messages::size(&self.name)).await?;
        u64::try_from(messages::i32(&answer)?)
            .map_err(|_| Error::Protocol("negative size of a map".to_string()))
    }

    /// Removes all entries.
    pub async fn clear(&self) -> Result<()> {
        self.write(None, "Map.clear", || messages::clear(&self.name)).await.map(drop)
    }

    /// All entries, in one message: for small maps.
    pub async fn entry_set(&self) -> Result<Vec<(Data, Data)>> {
        let answer = self.read(None, "Map.entrySet", || messages::entry_set(&self.name)).await?;
        Ok(messages::entries(&answer)?)
    }

    /// The entries of the keys that have one, in no order. Each partition that is touched is asked once.
    pub async fn get_all(&self, keys: &[Data]) -> Result<Vec<(Data, Data)>> {
        let mut partitions: HashMap<u32, Vec<&Data>> = HashMap::new();
        for key in keys {
            partitions.entry(self.partition_of(key)?).or_default().push(key);
        }
        let mut found = Vec::with_capacity(keys.len());
        let mut waiting = partitions.into_iter().map(|(partition, keys)| async move {
            let request = || messages::get_all(&self.name, partition as i32, &keys);
            let answer = self.read(Some(partition), "Map.getAll", request).await?;
            Ok::<_, Error>(messages::entries(&answer)?)
        });
        let mut running: FuturesUnordered<_> = waiting.by_ref().take(CONCURRENT_PARTITIONS).collect();
        while let Some(mut entries) = running.try_next().await? {
            found.append(&mut entries);
            running.extend(waiting.next());
        }
        Ok(found)
    }

    /// Sets many entries. Each partition is set on its own: after an error, some may have been.
    pub async fn put_all(&self, entries: &[(Data, Data)]) -> Result<()> {
        let mut partitions: HashMap<u32, Vec<(&Data, &Data)>> = HashMap::new();
        for (key, value) in entries {
            partitions.entry(self.partition_of(key)?).or_default().push((key, value));
        }
        let mut waiting = partitions.into_iter().map(|(partition, entries)| async move {
            let request = || messages::put_all(&self.name, partition as i32, &entries);
            self.write(Some(partition), "Map.putAll", request).await.map(drop)
        });
        let mut running: FuturesUnordered<_> = waiting.by_ref().take(CONCURRENT_PARTITIONS).collect();
        while running.try_next().await?.is_some() {
            running.extend(waiting.next());
        }
        Ok(())
    }

    /// Listens to what happens to the map's entries. `include_values`: events bring old and new values.
    pub fn listen(&self, include_values: bool) -> EntryListener {
        listener::start(self.client.clone(), self.name.clone(), include_values)
    }
}

fn millis(duration: Duration) -> Result<i64> {
    let millis = i64::try_from(duration.as_millis()).ok().filter(|millis| *millis > 0);
    millis.ok_or_else(|| Error::InvalidArgument("a time to live must be at least 1 ms".to_string()))
}
