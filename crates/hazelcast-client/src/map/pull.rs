//! All entries of a partition in one answer, on a connection of the pool: an answer may be large, and must not stand in the
//! way of look-ups. It takes a query thread of the member for some milliseconds; how many may is limited.

use std::sync::Arc;

use tokio::time::Instant;

use super::Map;
use super::invoke::{pause, read_again};
use crate::data::Data;
use crate::deadline::within;
use crate::error::{Error, Result};
use crate::protocol::map as messages;
use crate::protocol::message::Message;
use crate::protocol::message_type::MAP_ENTRIES_WITH_PREDICATE;
use crate::query::predicate::Predicate;

const WHAT: &str = "reading a partition of a map";

impl Map {
    /// The answer with the entries of a partition, of which `key` is any key. It is asked again when the partition moves
    /// or its member is lost: what comes is one answer, so no entry comes twice.
    pub(crate) async fn pull_partition(&self, partition: u32, key: &Data) -> Result<Message> {
        let predicate = Predicate::constant(true).in_partition_of(key)?.to_data()?;
        let cluster = self.client.cluster();
        let limit = cluster.settings.invocation_timeout;
        let until = within(limit);
        let mut attempt = 0;
        loop {
            let error =
                match tokio::time::timeout_at(until, self.pull_once(partition, &predicate, until)).await {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(error)) => error,
                    Err(_) => return Err(Error::Timeout { what: WHAT, limit }),
                };
            let pause = pause(attempt);
            if !read_again(&error) || Instant::now() + pause >= until {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
        }
    }

    async fn pull_once(&self, partition: u32, predicate: &Data, until: Instant) -> Result<Message> {
        let cluster = self.client.cluster();
        let member = cluster.member_for_partition(partition)?;
        let cursor = member.cursor(until).await?;
        let lease = member.lease(&cluster.settings, cursor).await?;
        let slot = Arc::clone(member.pulls()).acquire_owned().await;
        let slot = slot.map_err(|_| Error::ClientClosed)?;
        let mut request = messages::about(MAP_ENTRIES_WITH_PREDICATE, &self.name, &[predicate]);
        request.set_partition(partition as i32);
        lease.connection.invoke(request, Some(slot)).await
    }

    /// A key of each partition, and the cluster that they are of.
    pub(crate) fn partition_keys(&self) -> Result<PartitionKeys> {
        let cluster = self.client.cluster();
        let count = match cluster.routes().partition_count {
            0 => return Err(cluster.not_connected()),
            count => count,
        };
        Ok(PartitionKeys { count, next: 0, waiting: Vec::new() })
    }
}

/// Finds a key for each partition, by trying numbers.
#[derive(Debug)]
pub(crate) struct PartitionKeys {
    count: u32,
    next: i32,
    /// Which partitions have been given out.
    waiting: Vec<bool>,
}

impl Iterator for PartitionKeys {
    type Item = (u32, Data);

    fn next(&mut self) -> Option<Self::Item> {
        self.waiting.resize(self.count as usize, true);
        if !self.waiting.contains(&true) {
            return None;
        }
        loop {
            let key = int_key(self.next)?;
            self.next = self.next.checked_add(1)?;
            let partition = key.partition(self.count);
            if let Some(waits) = self.waiting.get_mut(partition as usize).filter(|waits| **waits) {
                *waits = false;
                return Some((partition, key));
            }
        }
    }
}

fn int_key(number: i32) -> Option<Data> {
    Data::from_value(&number.into()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_gets_a_key() {
        for count in [1, 2, 271, 5000] {
            let keys = PartitionKeys { count, next: 0, waiting: Vec::new() };
            let mut partitions: Vec<u32> = keys
                .map(|(partition, key)| {
                    assert_eq!(key.partition(count), partition);
                    partition
                })
                .collect();
            partitions.sort_unstable();
            assert!(partitions.into_iter().eq(0..count));
        }
    }
}
