//! Asking a map by predicates.

use super::Map;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::protocol::map as messages;
use crate::protocol::map_query::{self, Anchors, Iterate, PageOf, Paging};
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::protocol::request::Request;
use crate::query::aggregator::Aggregator;
use crate::query::predicate::Predicate;
use crate::query::projection::Projection;

impl Map {
    /// The partition that a predicate is about, if it is about one.
    fn partition_in(&self, predicate: &Predicate) -> Result<Option<u32>> {
        predicate.partition_key().map(|key| self.partition_of(key)).transpose()
    }

    async fn ask_where(
        &self,
        what: &'static str,
        message_type: i32,
        predicate: &Predicate,
    ) -> Result<Message> {
        let data = predicate.to_data()?;
        let partition = self.partition_in(predicate)?;
        let request = || at(partition, messages::about(message_type, &self.name, &[&data]));
        self.read(partition, what, request).await
    }

    /// The keys of the entries that a predicate holds for.
    pub async fn keys_where(&self, predicate: &Predicate) -> Result<Vec<Data>> {
        let message_type = types::MAP_KEY_SET_WITH_PREDICATE;
        let answer = self.ask_where("Map.keySetWithPredicate", message_type, predicate).await?;
        Ok(messages::list_of_data(&answer)?)
    }

    /// The values of the entries that a predicate holds for.
    pub async fn values_where(&self, predicate: &Predicate) -> Result<Vec<Data>> {
        let message_type = types::MAP_VALUES_WITH_PREDICATE;
        let answer = self.ask_where("Map.valuesWithPredicate", message_type, predicate).await?;
        Ok(messages::list_of_data(&answer)?)
    }

    /// The entries that a predicate holds for.
    pub async fn entries_where(&self, predicate: &Predicate) -> Result<Vec<(Data, Data)>> {
        let message_type = types::MAP_ENTRIES_WITH_PREDICATE;
        let answer = self.ask_where("Map.entriesWithPredicate", message_type, predicate).await?;
        Ok(messages::entries(&answer)?)
    }

    /// Removes the entries that a predicate holds for.
    pub async fn remove_where(&self, predicate: &Predicate) -> Result<()> {
        let data = predicate.to_data()?;
        let request = || messages::about(types::MAP_REMOVE_ALL, &self.name, &[&data]);
        self.write(None, "Map.removeAll", request).await.map(drop)
    }

    /// Runs an entry processor (serialized, of a class that the members have) on the entries that a predicate holds
    /// for; answers its results that are not null.
    pub async fn execute_where(&self, predicate: &Predicate, processor: &Data) -> Result<Vec<(Data, Data)>> {
        let data = predicate.to_data()?;
        let message_type = types::MAP_EXECUTE_WITH_PREDICATE;
        let request = || messages::about(message_type, &self.name, &[processor, &data]);
        Ok(messages::entries(&self.write_once(None, "Map.executeWithPredicate", request).await?)?)
    }

    /// What an aggregator makes of all entries; null when it has seen none, for some.
    pub async fn aggregate(&self, aggregator: &Aggregator) -> Result<Option<Data>> {
        let aggregator = aggregator.to_data()?;
        let request = || messages::about(types::MAP_AGGREGATE, &self.name, &[&aggregator]);
        Ok(messages::nullable_data(&self.read(None, "Map.aggregate", request).await?)?)
    }

    /// What an aggregator makes of the entries that a predicate holds for.
    pub async fn aggregate_where(
        &self,
        aggregator: &Aggregator,
        predicate: &Predicate,
    ) -> Result<Option<Data>> {
        let (aggregator, condition) = (aggregator.to_data()?, predicate.to_data()?);
        let partition = self.partition_in(predicate)?;
        let message_type = types::MAP_AGGREGATE_WITH_PREDICATE;
        let request = || at(partition, messages::about(message_type, &self.name, &[&aggregator, &condition]));
        let answer = self.read(partition, "Map.aggregateWithPredicate", request).await?;
        Ok(messages::nullable_data(&answer)?)
    }

    /// What a projection makes of each entry, in no order.
    pub async fn project(&self, projection: &Projection) -> Result<Vec<Option<Data>>> {
        let projection = projection.to_data()?;
        let request = || messages::about(types::MAP_PROJECT, &self.name, &[&projection]);
        Ok(messages::list_of_nullable(&self.read(None, "Map.project", request).await?)?)
    }

    /// What a projection makes of the entries that a predicate holds for.
    pub async fn project_where(
        &self,
        projection: &Projection,
        predicate: &Predicate,
    ) -> Result<Vec<Option<Data>>> {
        let (projection, condition) = (projection.to_data()?, predicate.to_data()?);
        let partition = self.partition_in(predicate)?;
        let message_type = types::MAP_PROJECT_WITH_PREDICATE;
        let request = || at(partition, messages::about(message_type, &self.name, &[&projection, &condition]));
        let answer = self.read(partition, "Map.projectWithPredicate", request).await?;
        Ok(messages::list_of_nullable(&answer)?)
    }

    /// The entries in order, page by page: by their keys, unless a comparator is given.
    pub fn pages(&self, page_size: u32) -> Pages {
        Pages {
            map: self.clone(),
            page_size: page_size.clamp(1, i32::MAX as u32) as i32,
            next: 0,
            anchors: Anchors::default(),
            predicate: None,
            comparator: None,
        }
    }
}

/// The same request to a partition.
fn at(partition: Option<u32>, mut request: Request) -> Request {
    if let Some(partition) = partition {
        request.set_partition(partition as i32);
    }
    request
}

/// Pages of a map in order (`PagingPredicate`). Members sort all entries that match for each page, and send only what
/// is on it. Keys must be comparable for pages of entries or keys, values for pages of values.
#[derive(Debug, Clone)]
#[must_use]
pub struct Pages {
    map: Map,
    page_size: i32,
    next: i32,
    anchors: Anchors,
    predicate: Option<Predicate>,
    comparator: Option<Data>,
}

impl Pages {
    /// Only the entries that a predicate holds for.
    pub fn filter(mut self, predicate: Predicate) -> Self {
        self.predicate = Some(predicate);
        self
    }

    /// Another order: a comparator of entries, serialized, of a class that the members have.
    pub fn order_by(mut self, comparator: Data) -> Self {
        self.comparator = Some(comparator);
        self
    }

    /// Goes to a page, the first being 0.
    pub fn go_to(&mut self, page: u32) {
        self.next = i32::try_from(page).unwrap_or(i32::MAX);
    }

    /// The next page of entries; an empty one after the last.
    pub async fn next_entries(&mut self) -> Result<Vec<(Data, Data)>> {
        match self.read(Iterate::Entries).await? {
            PageOf::Entries(entries) => Ok(entries),
            PageOf::Items(_) => Err(Error::Protocol("keys where entries were asked for".to_string())),
        }
    }

    /// The next page of keys; an empty one after the last.
    pub async fn next_keys(&mut self) -> Result<Vec<Data>> {
        self.items(Iterate::Keys).await
    }

    /// The next page of values, ordered by value; an empty one after the last.
    pub async fn next_values(&mut self) -> Result<Vec<Data>> {
        self.items(Iterate::Values).await
    }

    async fn items(&mut self, iterate: Iterate) -> Result<Vec<Data>> {
        match self.read(iterate).await? {
            PageOf::Items(items) => Ok(items),
            PageOf::Entries(_) => Err(Error::Protocol("entries where keys were asked for".to_string())),
        }
    }

    async fn read(&mut self, iterate: Iterate) -> Result<PageOf> {
        let map = &self.map;
        let partition = self.predicate.as_ref().map(|predicate| map.partition_in(predicate)).transpose()?;
        let partition = partition.flatten();
        let condition = self.predicate.as_ref().map(Predicate::condition_data).transpose()?;
        let paging = Paging {
            page_size: self.page_size,
            page: self.next,
            iterate,
            anchors: &self.anchors,
            predicate: condition.as_ref(),
            comparator: self.comparator.as_ref(),
            partition_key: self.predicate.as_ref().and_then(Predicate::partition_key),
        };
        let request = || map_query::page(&map.name, partition, &paging);
        let answer = map.read(partition, "Map.entriesWithPagingPredicate", request).await?;
        let (page, anchors) = map_query::page_response(&answer, iterate)?;
        self.anchors = anchors;
        self.next = self.next.saturating_add(1);
        Ok(page)
    }
}
