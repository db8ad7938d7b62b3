//! The settings of a client.

use std::fmt;
use std::time::Duration;

use crate::client::Client;
#[cfg(feature = "cloud")]
use crate::cloud::Cloud;
use crate::cluster_config::{ClusterConfig, PublicAddresses};
use crate::error::{Error, Result};
use crate::state::Address;
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// Who the client says it is.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nobody: what members without security expect.
    #[default]
    None,
    /// A user name and a password.
    UsernamePassword {
        /// The name of the user.
        username: String,
        /// The password.
        password: String,
    },
    /// A token, or credentials of a kind of your own: these bytes are sent as they are (a token that is kept as base64 must
    /// be decoded first).
    Token(Vec<u8>),
}

impl fmt::Debug for Credentials {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::UsernamePassword { username, .. } => write!(f, "UsernamePassword({username:?})"),
            Self::Token(_) => f.write_str("Token"),
        }
    }
}

/// Which members the client connects to (`RoutingMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Routing {
    /// Every member; operations on a key go to its owner.
    #[default]
    AllMembers,
    /// One member, which forwards: for clusters behind a load balancer or a port forward.
    SingleMember,
}

/// How long to wait between attempts to connect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The first pause.
    pub initial: Duration,
    /// The longest pause.
    pub max: Duration,
    /// By how much each pause is longer than the one before.
    pub multiplier: f64,
    /// The share of a pause that is random, 0 to 1.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial: Duration::from_millis(200),
            max: Duration::from_secs(5),
            multiplier: 1.5,
            jitter: 0.2,
        }
    }
}

/// Makes a [`Client`]. Every setting has a default.
#[derive(Debug, Clone)]
#[must_use]
pub struct ClientBuilder {
    pub(crate) cluster: ClusterConfig,
    pub(crate) failover: Vec<ClusterConfig>,
    pub(crate) failover_after: Duration,
    pub(crate) client_name: String,
    pub(crate) labels: Vec<String>,
    pub(crate) routing: Routing,
    pub(crate) backoff: Backoff,
    pub(crate) connect_timeout: Duration,
    pub(crate) invocation_timeout: Duration,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) heartbeat_timeout: Duration,
    pub(crate) max_message_size: usize,
    pub(crate) max_queries_per_member: usize,
    pub(crate) max_lookups_per_member: usize,
    pub(crate) max_cursors_per_member: usize,
    pub(crate) shared_connections_per_member: usize,
    pub(crate) idle_connection_timeout: Duration,
    pub(crate) statistics_period: Option<Duration>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            cluster: ClusterConfig::default(),
            failover: Vec::new(),
            failover_after: Duration::from_secs(120),
            client_name: "hazelcast-client-rust".to_string(),
            labels: Vec::new(),
            routing: Routing::AllMembers,
            backoff: Backoff::default(),
            connect_timeout: Duration::from_secs(5),
            invocation_timeout: Duration::from_secs(120),
            heartbeat_interval: Duration::from_secs(5),
            heartbeat_timeout: Duration::from_secs(60),
            max_message_size: 256 << 20,
            max_queries_per_member: 3,
            max_lookups_per_member: 64,
            max_cursors_per_member: 256,
            shared_connections_per_member: 1,
            idle_connection_timeout: Duration::from_secs(30),
            statistics_period: None,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $($(#[$doc])* pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        })*
    };
}

impl ClientBuilder {
    /// The name of the cluster; `dev` unless set.
    pub fn cluster_name(mut self, name: impl Into<String>) -> Self {
        self.cluster.name = name.into();
        self
    }

    /// Adds the address of a member, `host:port` or `host` (then ports 5701, 5702 and 5703 are tried).
    /// Without any, 127.0.0.1 is tried.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.cluster.addresses.push(address.into());
        self
    }

    /// Adds several addresses.
    pub fn addresses<S: Into<String>>(mut self, addresses: impl IntoIterator<Item = S>) -> Self {
        self.cluster.addresses.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// Who the client is; nobody unless set.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.cluster.credentials = credentials;
        self
    }

    /// Whether members are reached at the public addresses that they publish.
    pub fn public_addresses(mut self, use_them: PublicAddresses) -> Self {
        self.cluster.public_addresses = use_them;
        self
    }

    /// See [`ClusterConfig::translate_addresses`].
    pub fn translate_addresses(
        mut self,
        translate: impl Fn(&Address) -> Option<Address> + Send + Sync + 'static,
    ) -> Self {
        self.cluster = self.cluster.translate_addresses(translate);
        self
    }

    /// Speaks TLS with the members.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.cluster.tls = Some(tls);
        self
    }

    /// Finds the members by Hazelcast Cloud's discovery service, instead of by addresses.
    #[cfg(feature = "cloud")]
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cluster.cloud = Some(cloud);
        self
    }

    /// Sets everything about the cluster at once.
    pub fn cluster(mut self, cluster: ClusterConfig) -> Self {
        self.cluster = cluster;
        self
    }

    /// Adds a cluster to be used when the one before it can't be reached, or excludes this client ("blue/green"); after
    /// the last the first is tried again. Unlike other clients, this one does not ask whether the cluster supports
    /// failover (only Hazelcast Enterprise says so).
    pub fn failover(mut self, cluster: ClusterConfig) -> Self {
        self.failover.push(cluster);
        self
    }

    /// The name that Management Center shows.
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = name.into();
        self
    }

    /// Adds a label that Management Center shows.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    setters! {
        /// For how long one cluster is tried before the next one of [`failover`](Self::failover); 120 s unless set.
        failover_after: Duration;
        /// Which members to connect to; all unless set.
        routing: Routing;
        /// The pauses between attempts to connect.
        backoff: Backoff;
        /// How long making one connection may take, authentication included; 5 s unless set.
        connect_timeout: Duration;
        /// How long a request that isn't a statement may take, retries included, and how long a statement without
        /// a timeout of its own may wait for its turn; 120 s unless set.
        invocation_timeout: Duration;
        /// After what silence a connection is asked for a sign of life; 5 s unless set.
        heartbeat_interval: Duration;
        /// After what silence a connection is given up; 60 s unless set.
        heartbeat_timeout: Duration;
        /// The longest message that is accepted from a member, in bytes; 256 MiB unless set.
        max_message_size: usize;
        /// How many executes and fetches may be under way on one member at a time; others queue, first come first
        /// served. A blocked one holds one of the member's query threads (as many as it has cores); 3 unless set.
        max_queries_per_member: usize;
        /// The same for statements with the [`lookup`](crate::SqlStatement::lookup) hint, which have slots of their own; 64 unless set.
        max_lookups_per_member: usize;
        /// How many cursors, each with a connection of its own, may be open on one member; 256 unless set.
        max_cursors_per_member: usize;
        /// How many connections to one member may be shared by look-ups and map operations: one for each runtime that
        /// uses the client, up to this number; 1 unless set. The more of them, the less is sent and received together.
        shared_connections_per_member: usize;
        /// How long a connection of the pool is kept without use; 30 s unless set.
        idle_connection_timeout: Duration;
        /// How often statistics of this client and its process are sent to the cluster, for Management Center to show; never
        /// unless set. Java's client sends them every 5 s (`hazelcast.client.statistics.enabled` and
        /// `hazelcast.client.statistics.period.seconds`, now its configuration of metrics).
        statistics_period: Option<Duration>;
    }

    /// Starts the client without waiting for the cluster: [`Client::state`] tells when it is connected.
    /// Must be called within a Tokio runtime.
    pub fn start(self) -> Result<Client> {
        self.check()?;
        Client::start(self)
    }

    /// Starts the client and waits until it is connected to one member. Fails at once when the cluster name or the
    /// credentials are wrong, else when `limit` is over.
    pub async fn connect_within(self, limit: Duration) -> Result<Client> {
        let client = self.start()?;
        client.wait_until_connected(limit).await?;
        Ok(client)
    }

    /// [`connect_within`](Self::connect_within) the invocation timeout.
    pub async fn connect(self) -> Result<Client> {
        let limit = self.invocation_timeout;
        self.connect_within(limit).await
    }

    fn check(&self) -> Result<()> {
        let refuse = |text: &str| Err(Error::InvalidArgument(text.to_string()));
        if self.max_queries_per_member == 0
            || self.max_lookups_per_member == 0
            || self.max_cursors_per_member == 0
        {
            return refuse("the limits per member must be at least 1");
        }
        if !(1 << 16..=1 << 30).contains(&self.max_message_size) {
            return refuse("max_message_size must be between 64 KiB and 1 GiB");
        }
        if self.heartbeat_interval.is_zero() || self.heartbeat_timeout < self.heartbeat_interval {
            return refuse("heartbeat_timeout must be at least heartbeat_interval, which must not be zero");
        }
        if self.statistics_period.is_some_and(|period| period < Duration::from_millis(100)) {
            return refuse("statistics_period must be at least 100 ms");
        }
        if self.backoff.multiplier.is_nan() || !(0.0..=1.0).contains(&self.backoff.jitter) {
            return refuse("the multiplier of the backoff must be a number, its jitter between 0 and 1");
        }
        Ok(())
    }
}
