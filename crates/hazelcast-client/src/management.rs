//! What a cluster tells about itself: how maps are set up, what members count, which jobs there are.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::error::Result;
use crate::protocol::cluster::ping;
use crate::protocol::management as messages;
use crate::protocol::message::Message;
use crate::protocol::request::Request;
use crate::query::index::IndexConfig;
use crate::statistics::collected::{self, Metric};
use crate::{MemberInfo, Uuid};

/// How a map is set up on the members (`MapConfig`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapConfiguration {
    /// `BINARY`, `OBJECT` or `NATIVE`.
    pub in_memory_format: String,
    /// Backups that a write waits for.
    pub backup_count: i32,
    /// Backups that a write doesn't wait for.
    pub async_backup_count: i32,
    /// Seconds after which entries expire; 0: never.
    pub time_to_live_seconds: i32,
    /// Seconds after which entries that nobody touches expire; 0: never.
    pub max_idle_seconds: i32,
    /// The size at which entries are evicted, by the meaning of the policy.
    pub max_size: i32,
    /// What the size is measured in: `PER_NODE`, `USED_HEAP_PERCENTAGE` …
    pub max_size_policy: String,
    /// Whether backups may be read.
    pub read_backup_data: bool,
    /// `NONE`, `LRU`, `LFU` or `RANDOM`.
    pub eviction_policy: String,
    /// The merge policy's class.
    pub merge_policy: String,
    /// The indexes that the map has, whoever added them; `None` when the member is too old to tell (before 5.4).
    pub indexes: Option<Vec<IndexConfig>>,
}

/// A job of the cluster's: a stream, a batch, or the execution of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobSummary {
    /// Its id.
    pub id: i64,
    /// Its name, or its id in words when it has none.
    pub name: String,
    /// Light jobs are of the member that they were submitted to, and nothing of them stays behind.
    pub light: bool,
    /// Where it is.
    pub status: JobStatus,
    /// When it was submitted, milliseconds since 1970.
    pub submitted: i64,
    /// When it ended, milliseconds since 1970.
    pub completed: Option<i64>,
    /// Whether a user ended it.
    pub user_cancelled: bool,
    /// Why it failed.
    pub failure: Option<String>,
    /// Why it was suspended.
    pub suspension_cause: Option<String>,
    /// The statement that it executes.
    pub query: Option<String>,
    /// Whether the statement never ends by itself.
    pub unbounded: bool,
}

impl JobSummary {
    /// The id as Hazelcast writes it (`Util.idToString`).
    pub fn id_text(&self) -> String {
        let digits = format!("{:016x}", self.id);
        let parts: Vec<&str> =
            [0..4, 4..8, 8..12, 12..16].into_iter().filter_map(|at| digits.get(at)).collect();
        parts.join("-")
    }
}

/// Where a job is (`JobStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum JobStatus {
    NotRunning,
    Starting,
    Running,
    Suspended,
    SuspendedExportingSnapshot,
    Completing,
    Failed,
    Completed,
    /// One that this client doesn't know.
    Unknown,
}

impl JobStatus {
    pub(crate) fn of(id: i32) -> Self {
        match id {
            0 => Self::NotRunning,
            1 => Self::Starting,
            2 => Self::Running,
            3 => Self::Suspended,
            4 => Self::SuspendedExportingSnapshot,
            5 => Self::Completing,
            6 => Self::Failed,
            7 => Self::Completed,
            _ => Self::Unknown,
        }
    }

    /// Hazelcast's name for it; `None` for one that this client doesn't know.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NotRunning => "NOT_RUNNING",
            Self::Starting => "STARTING",
            Self::Running => "RUNNING",
            Self::Suspended => "SUSPENDED",
            Self::SuspendedExportingSnapshot => "SUSPENDED_EXPORTING_SNAPSHOT",
            Self::Completing => "COMPLETING",
            Self::Failed => "FAILED",
            Self::Completed => "COMPLETED",
            Self::Unknown => return None,
        })
    }
}

impl Client {
    /// How a map is set up, and which indexes it has. Members refuse this to clients whose addresses they don't trust
    /// with management tasks.
    pub async fn map_configuration(&self, map: &str) -> Result<MapConfiguration> {
        let cluster = self.cluster();
        let request = cluster.any_member()?.connection.invoke(messages::get_map_config(map), None);
        let answer = request.within(cluster.settings.invocation_timeout, "MC.getMapConfig").await?;
        Ok(messages::map_config(&answer)?)
    }

    /// What each connected member tells of itself, as the JSON that Management Center reads (`TimedMemberState`):
    /// its clients, the statistics of its maps, its memory. `None` from a member that has nothing to tell yet.
    pub async fn member_states(&self) -> Vec<(Uuid, Result<Option<String>>)> {
        let request = |_| messages::get_timed_member_state();
        let told = |answer: &Message| Ok(messages::timed_member_state(answer)?);
        self.ask_members("MC.getTimedMemberState", request, told).await
    }

    /// The metrics of each connected member that have one of these prefixes (`map`, `map.index` …), as it collected them
    /// last: every five seconds, unless it is told otherwise. A member that has just started is waited for.
    pub async fn member_metrics(&self, prefixes: &[&str]) -> Vec<(Uuid, Result<Vec<Metric>>)> {
        let told = |answer: &Message| {
            let newest = messages::newest_metrics(answer)?;
            Ok(newest.map_or(Ok(Vec::new()), |blob| collected::read(blob, prefixes))?)
        };
        self.ask_members("MC.readMetrics", messages::read_metrics, told).await
    }

    /// What each connected member answers, all asked at the same time.
    async fn ask_members<T>(
        &self,
        what: &'static str,
        request: impl Fn(Uuid) -> Request,
        told: impl Fn(&Message) -> Result<T>,
    ) -> Vec<(Uuid, Result<T>)> {
        let cluster = self.cluster();
        let limit = cluster.settings.invocation_timeout;
        let routes = cluster.routes();
        let asked = routes.members.iter().map(|member| {
            let connection = &member.connection;
            let invocation = connection.invoke(request(connection.member), None);
            let told = &told;
            async move {
                let answer = invocation.within(limit, what).await;
                (connection.member, answer.and_then(|answer| told(&answer)))
            }
        });
        futures::future::join_all(asked).await
    }

    /// The jobs of the cluster, statements that are being executed among them.
    pub async fn jobs(&self) -> Result<Vec<JobSummary>> {
        let cluster = self.cluster();
        let request = cluster.any_member()?.connection.invoke(messages::get_jobs(), None);
        let answer = request.within(cluster.settings.invocation_timeout, "listing jobs").await?;
        Ok(messages::jobs(&answer)?)
    }

    /// How long a member takes to answer a question that costs it nothing: the shortest of three times.
    pub async fn round_trip(&self) -> Result<Duration> {
        let cluster = self.cluster();
        let mut shortest = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            let request = cluster.any_member()?.connection.invoke(ping(), None);
            request.within(cluster.settings.invocation_timeout, "Client.ping").await?;
            shortest = shortest.min(begun.elapsed());
        }
        Ok(shortest)
    }

    /// The owner of each partition as this client knows it; `None` for one that no connected member owns, nothing
    /// at all while the partitions are not known.
    pub fn partition_owners(&self) -> Vec<Option<Uuid>> {
        let routes = self.cluster().routes();
        routes.owners.iter().map(|owner| owner.as_ref().map(|member| member.connection.member)).collect()
    }

    /// The members of the cluster, oldest first.
    pub fn members(&self) -> std::sync::Arc<[MemberInfo]> {
        self.cluster().state.borrow().members.clone()
    }
}
