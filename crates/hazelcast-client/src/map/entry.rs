//! Operations on one key: they go to the owner of its partition.

use std::time::Duration;

use super::Map;
use super::expiry::{EntryView, Expiry, millis};
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::error::Result;
use crate::protocol::map as messages;

impl Map {
    /// The value of a key.
    pub async fn get(&self, key: &(impl ToData + ?Sized)) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.read(Some(partition), "Map.get", || entry.get()).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Whether there is an entry for a key.
    pub async fn contains_key(&self, key: &(impl ToData + ?Sized)) -> Result<bool> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.read(Some(partition), "Map.containsKey", || entry.contains_key()).await?;
        Ok(messages::bool(&answer)?)
    }

    /// What the cluster knows about an entry: its times, its version, how often it was read.
    pub async fn entry_view(&self, key: &(impl ToData + ?Sized)) -> Result<Option<EntryView>> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.read(Some(partition), "Map.getEntryView", || entry.entry_view()).await?;
        Ok(messages::entry_view(&answer)?.map(EntryView::of))
    }

    /// Sets the value of a key, and answers the one before.
    pub async fn put(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        expiry: impl Into<Expiry>,
    ) -> Result<Option<Data>> {
        let (key, value, lifetime) =
            (self.data(key).await?, self.data(value).await?, expiry.into().lifetime()?);
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.put", || entry.put(&value, lifetime)).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key: cheaper than [`put`](Self::put).
    pub async fn set(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        expiry: impl Into<Expiry>,
    ) -> Result<()> {
        let (key, value, lifetime) =
            (self.data(key).await?, self.data(value).await?, expiry.into().lifetime()?);
        let (partition, entry) = self.entry(&key)?;
        self.write(Some(partition), "Map.set", || entry.set(&value, lifetime)).await.map(drop)
    }

    /// Sets the value of a key that has none; else answers the value that is there.
    pub async fn put_if_absent(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        expiry: impl Into<Expiry>,
    ) -> Result<Option<Data>> {
        let (key, value, lifetime) =
            (self.data(key).await?, self.data(value).await?, expiry.into().lifetime()?);
        let (partition, entry) = self.entry(&key)?;
        let request = || entry.put_if_absent(&value, lifetime);
        let answer = self.write_once(Some(partition), "Map.putIfAbsent", request).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key in the map, but not in its map store.
    pub async fn put_transient(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        expiry: impl Into<Expiry>,
    ) -> Result<()> {
        let (key, value, lifetime) =
            (self.data(key).await?, self.data(value).await?, expiry.into().lifetime()?);
        let (partition, entry) = self.entry(&key)?;
        let request = || entry.put_transient(&value, lifetime);
        self.write(Some(partition), "Map.putTransient", request).await.map(drop)
    }

    /// Sets the value of a key unless another thread holds its lock for longer than `wait`; answers whether it did.
    pub async fn try_put(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        wait: Duration,
    ) -> Result<bool> {
        let (key, value, wait) = (self.data(key).await?, self.data(value).await?, millis(wait)?);
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.tryPut", || entry.try_put(&value, wait)).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Removes the entry of a key unless another thread holds its lock for longer than `wait`; answers whether it did.
    pub async fn try_remove(&self, key: &(impl ToData + ?Sized), wait: Duration) -> Result<bool> {
        let (key, wait) = (self.data(key).await?, millis(wait)?);
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.tryRemove", || entry.try_remove(wait)).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Changes how long an entry lives, from now on; zero for ever, nothing for the map's own setting. Answers whether
    /// there is such an entry.
    pub async fn set_ttl(&self, key: &(impl ToData + ?Sized), ttl: Option<Duration>) -> Result<bool> {
        let key = self.data(key).await?;
        let ttl = ttl.map_or(Ok(-1), millis)?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write(Some(partition), "Map.setTtl", || entry.set_ttl(ttl)).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Sets the value of a key that has one, and answers the one before; else does nothing.
    pub async fn replace(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
    ) -> Result<Option<Data>> {
        let (key, value) = (self.data(key).await?, self.data(value).await?);
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.replace", || entry.replace(&value)).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Sets the value of a key if its value is the expected one, by its bytes; answers whether it was.
    pub async fn replace_if_same(
        &self,
        key: &(impl ToData + ?Sized),
        expected: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
    ) -> Result<bool> {
        let (key, expected, value) =
            (self.data(key).await?, self.data(expected).await?, self.data(value).await?);
        let (partition, entry) = self.entry(&key)?;
        let request = || entry.replace_if_same(&expected, &value);
        let answer = self.write_once(Some(partition), "Map.replaceIfSame", request).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Removes the entry of a key, and answers its value.
    pub async fn remove(&self, key: &(impl ToData + ?Sized)) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.remove", || entry.remove()).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// Removes the entry of a key if its value is the expected one, by its bytes; answers whether it was.
    pub async fn remove_if_same(
        &self,
        key: &(impl ToData + ?Sized),
        expected: &(impl ToData + ?Sized),
    ) -> Result<bool> {
        let (key, expected) = (self.data(key).await?, self.data(expected).await?);
        let (partition, entry) = self.entry(&key)?;
        let request = || entry.remove_if_same(&expected);
        let answer = self.write_once(Some(partition), "Map.removeIfSame", request).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Removes the entry of a key: cheaper than [`remove`](Self::remove).
    pub async fn delete(&self, key: &(impl ToData + ?Sized)) -> Result<()> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        self.write(Some(partition), "Map.delete", || entry.delete()).await.map(drop)
    }

    /// Removes an entry from memory, but not from the map store, unless it is locked; answers whether it did.
    pub async fn evict(&self, key: &(impl ToData + ?Sized)) -> Result<bool> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let answer = self.write_once(Some(partition), "Map.evict", || entry.evict()).await?;
        Ok(messages::bool(&answer)?)
    }

    /// Runs an entry processor on a key, and answers its result. The processor is serialized already: it is of a class
    /// of your own, which the members must have.
    pub async fn execute_on_key(
        &self,
        key: &(impl ToData + ?Sized),
        processor: &Data,
    ) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let (partition, entry) = self.entry(&key)?;
        let request = || entry.execute(processor);
        let answer = self.write_once(Some(partition), "Map.executeOnKey", request).await?;
        Ok(messages::nullable_data(&answer)?)
    }
}
