//! Maps within a transaction.

use std::time::Duration;

use super::Transaction;
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::error::{Error, Result};
use crate::protocol::map as read;
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::protocol::transaction as messages;
use crate::query::predicate::Predicate;

/// A map, as a transaction sees it. What it reads for update or writes is locked until the transaction ends.
#[derive(Debug, Clone)]
pub struct TransactionalMap<'a> {
    transaction: &'a Transaction,
    name: String,
}

impl<'a> TransactionalMap<'a> {
    pub(super) fn new(transaction: &'a Transaction, name: String) -> Self {
        Self { transaction, name }
    }

    /// The name of the map.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A key or a value, serialized, whose schemas the cluster has.
    async fn data(&self, item: &(impl ToData + ?Sized)) -> Result<Data> {
        self.transaction.client.to_data(item).await
    }

    async fn ask(&self, what: &'static str, message_type: i32, values: &[&Data]) -> Result<Message> {
        let request = messages::on_map(message_type, self.transaction.id, &self.name, None, values);
        self.transaction.invoke(what, request).await
    }

    /// The value of a key.
    pub async fn get(&self, key: &(impl ToData + ?Sized)) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let answer = self.ask("TransactionalMap.get", types::TRANSACTIONAL_MAP_GET, &[&key]).await?;
        Ok(read::nullable_data(&answer)?)
    }

    /// The value of a key, which is locked: nobody else changes it before the transaction ends.
    pub async fn get_for_update(&self, key: &(impl ToData + ?Sized)) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let message_type = types::TRANSACTIONAL_MAP_GET_FOR_UPDATE;
        let answer = self.ask("TransactionalMap.getForUpdate", message_type, &[&key]).await?;
        Ok(read::nullable_data(&answer)?)
    }

    /// Whether there is an entry for a key.
    pub async fn contains_key(&self, key: &(impl ToData + ?Sized)) -> Result<bool> {
        let key = self.data(key).await?;
        let message_type = types::TRANSACTIONAL_MAP_CONTAINS_KEY;
        Ok(read::bool(&self.ask("TransactionalMap.containsKey", message_type, &[&key]).await?)?)
    }

    /// The number of entries.
    pub async fn size(&self) -> Result<u64> {
        let answer = self.ask("TransactionalMap.size", types::TRANSACTIONAL_MAP_SIZE, &[]).await?;
        u64::try_from(read::i32(&answer)?).map_err(|_| Error::Protocol("negative size of a map".to_string()))
    }

    /// Whether there is no entry.
    pub async fn is_empty(&self) -> Result<bool> {
        let message_type = types::TRANSACTIONAL_MAP_IS_EMPTY;
        Ok(read::bool(&self.ask("TransactionalMap.isEmpty", message_type, &[]).await?)?)
    }

    /// Sets the value of a key, and answers the one before. `ttl`: how long the entry lives; the map's own setting unless given.
    pub async fn put(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
        ttl: Option<Duration>,
    ) -> Result<Option<Data>> {
        let (key, value) = (self.data(key).await?, self.data(value).await?);
        let ttl = ttl.map_or(Ok(-1), crate::map::millis)?;
        let message_type = types::TRANSACTIONAL_MAP_PUT;
        let request =
            messages::on_map(message_type, self.transaction.id, &self.name, Some(ttl), &[&key, &value]);
        let answer = self.transaction.invoke("TransactionalMap.put", request).await?;
        Ok(read::nullable_data(&answer)?)
    }

    /// Sets the value of a key.
    pub async fn set(&self, key: &(impl ToData + ?Sized), value: &(impl ToData + ?Sized)) -> Result<()> {
        let (key, value) = (self.data(key).await?, self.data(value).await?);
        self.ask("TransactionalMap.set", types::TRANSACTIONAL_MAP_SET, &[&key, &value]).await.map(drop)
    }

    /// Sets the value of a key that has none; else answers the value that is there.
    pub async fn put_if_absent(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
    ) -> Result<Option<Data>> {
        let (key, value) = (self.data(key).await?, self.data(value).await?);
        let message_type = types::TRANSACTIONAL_MAP_PUT_IF_ABSENT;
        let answer = self.ask("TransactionalMap.putIfAbsent", message_type, &[&key, &value]).await?;
        Ok(read::nullable_data(&answer)?)
    }

    /// Sets the value of a key that has one, and answers the one before; else does nothing.
    pub async fn replace(
        &self,
        key: &(impl ToData + ?Sized),
        value: &(impl ToData + ?Sized),
    ) -> Result<Option<Data>> {
        let (key, value) = (self.data(key).await?, self.data(value).await?);
        let message_type = types::TRANSACTIONAL_MAP_REPLACE;
        let answer = self.ask("TransactionalMap.replace", message_type, &[&key, &value]).await?;
        Ok(read::nullable_data(&answer)?)
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
        let message_type = types::TRANSACTIONAL_MAP_REPLACE_IF_SAME;
        let values = [&key, &expected, &value];
        Ok(read::bool(&self.ask("TransactionalMap.replaceIfSame", message_type, &values).await?)?)
    }

    /// Removes the entry of a key, and answers its value.
    pub async fn remove(&self, key: &(impl ToData + ?Sized)) -> Result<Option<Data>> {
        let key = self.data(key).await?;
        let answer = self.ask("TransactionalMap.remove", types::TRANSACTIONAL_MAP_REMOVE, &[&key]).await?;
        Ok(read::nullable_data(&answer)?)
    }

    /// Removes the entry of a key if its value is the expected one, by its bytes; answers whether it was.
    pub async fn remove_if_same(
        &self,
        key: &(impl ToData + ?Sized),
        expected: &(impl ToData + ?Sized),
    ) -> Result<bool> {
        let (key, expected) = (self.data(key).await?, self.data(expected).await?);
        let message_type = types::TRANSACTIONAL_MAP_REMOVE_IF_SAME;
        Ok(read::bool(&self.ask("TransactionalMap.removeIfSame", message_type, &[&key, &expected]).await?)?)
    }

    /// Removes the entry of a key.
    pub async fn delete(&self, key: &(impl ToData + ?Sized)) -> Result<()> {
        let key = self.data(key).await?;
        self.ask("TransactionalMap.delete", types::TRANSACTIONAL_MAP_DELETE, &[&key]).await.map(drop)
    }

    /// All keys.
    pub async fn key_set(&self) -> Result<Vec<Data>> {
        let answer = self.ask("TransactionalMap.keySet", types::TRANSACTIONAL_MAP_KEY_SET, &[]).await?;
        Ok(read::list_of_data(&answer)?)
    }

    /// The keys of the entries that a predicate holds for.
    pub async fn keys_where(&self, predicate: &Predicate) -> Result<Vec<Data>> {
        let predicate = predicate.condition_data()?;
        let message_type = types::TRANSACTIONAL_MAP_KEY_SET_WITH_PREDICATE;
        let answer = self.ask("TransactionalMap.keySetWithPredicate", message_type, &[&predicate]).await?;
        Ok(read::list_of_data(&answer)?)
    }

    /// All values.
    pub async fn values(&self) -> Result<Vec<Data>> {
        let answer = self.ask("TransactionalMap.values", types::TRANSACTIONAL_MAP_VALUES, &[]).await?;
        Ok(read::list_of_data(&answer)?)
    }

    /// The values of the entries that a predicate holds for.
    pub async fn values_where(&self, predicate: &Predicate) -> Result<Vec<Data>> {
        let predicate = predicate.condition_data()?;
        let message_type = types::TRANSACTIONAL_MAP_VALUES_WITH_PREDICATE;
        let answer = self.ask("TransactionalMap.valuesWithPredicate", message_type, &[&predicate]).await?;
        Ok(read::list_of_data(&answer)?)
    }
}
