//! The answers with the entries of all partitions of a map, a few of them asked for at a time.

use std::task::{Context, Poll};

use tokio::task::JoinSet;
use uuid::Uuid;

use super::Map;
use super::pull::PartitionKeys;
use crate::error::{Error, Result};
use crate::protocol::message::Message;

/// Partitions that are asked for at the same time, unless somebody says otherwise.
const PARTITIONS: usize = 4;
/// Bytes of answers under way, unless somebody says otherwise.
const MAX_BYTES: usize = 32 << 20;

/// What is asked of the partitions of a map. Dropping it ends that.
#[derive(Debug)]
pub(crate) struct Pulls {
    map: Map,
    keys: Option<PartitionKeys>,
    /// Tasks, because whoever reads may do something else between answers: what waits its turn on a member must be
    /// polled when that comes, or it keeps the turn from everybody.
    running: JoinSet<Result<Message>>,
    /// How many partitions are asked for at the same time, at most.
    pub(crate) partitions: usize,
    /// How many bytes of answers may be under way, as far as can be told from the largest one so far.
    pub(crate) max_bytes: usize,
    /// The largest answer so far.
    pub(crate) largest: usize,
    /// The cluster that the reading began on.
    cluster: Option<Uuid>,
}

impl Pulls {
    pub(crate) fn new(map: Map) -> Self {
        Self {
            map,
            keys: None,
            running: JoinSet::new(),
            partitions: PARTITIONS,
            max_bytes: MAX_BYTES,
            largest: 0,
            cluster: None,
        }
    }

    pub(crate) fn map(&self) -> &Map {
        &self.map
    }

    /// Asks for as many partitions as may be under way. `waiting`: an answer is still being read.
    pub(crate) fn start(&mut self, waiting: bool) -> Result<()> {
        if self.keys.is_none() {
            self.keys = Some(self.map.partition_keys()?);
            self.cluster = self.map.client.state().borrow().cluster_id;
        }
        let most = (self.max_bytes / self.largest.max(1)).clamp(1, self.partitions.max(1));
        while self.running.len() + usize::from(waiting) < most {
            let Some((partition, key)) = self.keys.as_mut().and_then(Iterator::next) else { break };
            let map = self.map.clone();
            self.running.spawn(async move { map.pull_partition(partition, &key).await });
        }
        Ok(())
    }

    /// The next answer, of some partition; nothing when all have answered.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        self.running.poll_join_next(context).map(|answer| {
            let answer = answer?.map_err(|_| Error::ClientClosed).and_then(|answer| answer);
            Some(answer.and_then(|answer| {
                self.same_cluster()?;
                self.largest = self.largest.max(answer.bytes().len());
                Ok(answer)
            }))
        })
    }

    /// Ends what is under way.
    pub(crate) fn stop(&mut self) {
        self.running.abort_all();
    }

    /// Another cluster at the same addresses has other entries.
    fn same_cluster(&self) -> Result<()> {
        if self.map.client.state().borrow().cluster_id == self.cluster {
            return Ok(());
        }
        Err(Error::NotConnected("the cluster was restarted while a map was read".to_string()))
    }
}
