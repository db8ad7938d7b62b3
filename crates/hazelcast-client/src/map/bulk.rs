//! Operations on many entries, or on all.

use std::collections::HashMap;

use futures::stream::{FuturesUnordered, TryStreamExt};

use super::Map;
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::error::{Error, Result};
use crate::protocol::map as messages;
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::query::index::IndexConfig;

/// How many requests of one `get_all` or `put_all` may be under way at a time.
const CONCURRENT_PARTITIONS: usize = 32;

impl Map {
    /// A request about the whole map that changes nothing.
    pub(super) async fn ask(&self, what: &'static str, message_type: i32) -> Result<Message> {
        self.read(None, what, || messages::about(message_type, &self.name, &[])).await
    }

    /// A request about the whole map that may come twice.
    async fn tell(&self, what: &'static str, message_type: i32) -> Result<Message> {
        self.write(None, what, || messages::about(message_type, &self.name, &[])).await
    }

    /// The number of entries.
    pub async fn size(&self) -> Result<u64> {
        let size = messages::i32(&self.ask("Map.size", types::MAP_SIZE).await?)?;
        u64::try_from(size).map_err(|_| Error::Protocol("negative size of a map".to_string()))
    }

    /// Whether there is no entry.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(messages::bool(&self.ask("Map.isEmpty", types::MAP_IS_EMPTY).await?)?)
    }

    /// Whether some entry has this value. Every entry is looked at.
    pub async fn contains_value(&self, value: &(impl ToData + ?Sized)) -> Result<bool> {
        let value = self.data(value).await?;
        let request = || messages::about(types::MAP_CONTAINS_VALUE, &self.name, &[&value]);
        Ok(messages::bool(&self.read(None, "Map.containsValue", request).await?)?)
    }

    /// Removes all entries.
    pub async fn clear(&self) -> Result<()> {
        self.tell("Map.clear", types::MAP_CLEAR).await.map(drop)
    }

    /// Removes all entries that are not locked from memory, but not from the map store.
    pub async fn evict_all(&self) -> Result<()> {
        self.tell("Map.evictAll", types::MAP_EVICT_ALL).await.map(drop)
    }

    /// Has the map store write what waits to be written.
    pub async fn flush(&self) -> Result<()> {
        self.tell("Map.flush", types::MAP_FLUSH).await.map(drop)
    }

    /// Has the map store load its entries, or those of these keys. `replace_existing`: also where there is a value.
    pub async fn load_all(&self, keys: Option<&[Data]>, replace_existing: bool) -> Result<()> {
        let request = || messages::load(&self.name, keys, replace_existing);
        self.write(None, "Map.loadAll", request).await.map(drop)
    }

    /// All keys, in one message: for small maps.
    pub async fn key_set(&self) -> Result<Vec<Data>> {
        Ok(messages::list_of_data(&self.ask("Map.keySet", types::MAP_KEY_SET).await?)?)
    }

    /// All values, in one message: for small maps.
    pub async fn values(&self) -> Result<Vec<Data>> {
        Ok(messages::list_of_data(&self.ask("Map.values", types::MAP_VALUES).await?)?)
    }

    /// All entries, in one message: for small maps.
    pub async fn entry_set(&self) -> Result<Vec<(Data, Data)>> {
        Ok(messages::entries(&self.ask("Map.entrySet", types::MAP_ENTRY_SET).await?)?)
    }

    /// Keys or values, serialized, whose schemas the cluster has.
    async fn all<'a, T: ToData + 'a>(&self, items: impl Iterator<Item = &'a T> + Clone) -> Result<Vec<Data>> {
        let mut schemas = Vec::new();
        items.clone().for_each(|item| item.schemas(&mut schemas));
        for schema in &schemas {
            self.client.send_compact_schema(schema).await?;
        }
        items.map(ToData::to_data).collect()
    }

    /// The entries of the keys that have one, in no order. Each partition that is touched is asked once.
    pub async fn get_all(&self, keys: &[impl ToData]) -> Result<Vec<(Data, Data)>> {
        let keys = self.all(keys.iter()).await?;
        let mut partitions: HashMap<u32, Vec<&Data>> = HashMap::new();
        for key in &keys {
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
    pub async fn put_all(&self, entries: &[(impl ToData, impl ToData)]) -> Result<()> {
        let keys = self.all(entries.iter().map(|(key, _)| key)).await?;
        let values = self.all(entries.iter().map(|(_, value)| value)).await?;
        let mut partitions: HashMap<u32, Vec<(&Data, &Data)>> = HashMap::new();
        for (key, value) in keys.iter().zip(&values) {
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

    /// Adds an index, made of all entries before this returns. One that is there already is no error.
    pub async fn add_index(&self, index: &IndexConfig) -> Result<()> {
        let index = index.message()?;
        let request = || crate::protocol::map_query::add_index(&self.name, &index);
        self.write(None, "Map.addIndex", request).await.map(drop)
    }

    /// Runs an entry processor (serialized, of a class that the members have) on these keys; answers its results that
    /// are not null.
    pub async fn execute_on_keys(&self, keys: &[impl ToData], processor: &Data) -> Result<Vec<(Data, Data)>> {
        let keys = &self.all(keys.iter()).await?;
        let request = || messages::execute_on_keys(&self.name, processor, keys);
        Ok(messages::entries(&self.write_once(None, "Map.executeOnKeys", request).await?)?)
    }

    /// The same on all entries.
    pub async fn execute_on_all(&self, processor: &Data) -> Result<Vec<(Data, Data)>> {
        let request = || messages::about(types::MAP_EXECUTE_ON_ALL_KEYS, &self.name, &[processor]);
        Ok(messages::entries(&self.write_once(None, "Map.executeOnAllKeys", request).await?)?)
    }

    /// Has an interceptor (serialized, of a class that the members have) see the map's operations; answers its id.
    pub async fn add_interceptor(&self, interceptor: &Data) -> Result<String> {
        let request = || messages::about(types::MAP_ADD_INTERCEPTOR, &self.name, &[interceptor]);
        let answer = self.write_once(None, "Map.addInterceptor", request).await?;
        Ok(messages::string(&answer)?)
    }

    /// Takes an interceptor away; answers whether it was there.
    pub async fn remove_interceptor(&self, id: &str) -> Result<bool> {
        let request = || messages::remove_interceptor(&self.name, id);
        Ok(messages::bool(&self.write(None, "Map.removeInterceptor", request).await?)?)
    }

    /// Destroys the map: its entries, indexes, listeners. The next use makes it anew.
    pub async fn destroy(&self) -> Result<()> {
        self.client.destroy_object(crate::objects::MAP_SERVICE, &self.name).await
    }
}
