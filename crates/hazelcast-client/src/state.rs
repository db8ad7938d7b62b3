//! What the client knows of its cluster, for everyone to watch.

use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;

/// The state of a client: whether it is connected, and to whom.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ClientState {
    /// Connected, connecting, or given up.
    pub status: ClientStatus,
    /// The id of the cluster; another one after the whole cluster was restarted.
    pub cluster_id: Option<Uuid>,
    /// The members of the cluster, oldest first.
    pub members: Arc<[MemberInfo]>,
    /// The uuids of the members that the client has a connection to.
    pub connected: Arc<[Uuid]>,
    /// The number of partitions; 0 while unknown.
    pub partition_count: u32,
}

/// Whether the client is connected.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum ClientStatus {
    /// No connection yet, or none any more; the reason is what the last attempt met.
    #[default]
    Starting,
    /// No connection at the moment; attempts go on.
    Disconnected(Arc<Error>),
    /// At least one member is connected.
    Connected,
    /// Given up: wrong cluster name or credentials at the start, or shut down.
    Failed(Arc<Error>),
}

/// A member of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberInfo {
    /// The uuid; a restarted member has another.
    pub uuid: Uuid,
    /// Where it listens.
    pub address: Address,
    /// Whether it holds no data; lite members refuse SQL.
    pub lite: bool,
    /// Its version: major, minor, patch.
    pub version: (u8, u8, u8),
    /// Attributes that its configuration gives it.
    pub attributes: Vec<(String, String)>,
    /// Its address for clients outside its network, if it publishes one.
    pub public_address: Option<Address>,
}

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or an IP address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl ClientState {
    /// Whether at least one member is connected.
    pub fn is_connected(&self) -> bool {
        matches!(self.status, ClientStatus::Connected)
    }

    /// Why the client is not connected, if it isn't.
    pub fn reason(&self) -> Option<String> {
        match &self.status {
            ClientStatus::Connected => None,
            ClientStatus::Starting => Some("connecting to the cluster".to_string()),
            ClientStatus::Disconnected(error) | ClientStatus::Failed(error) => Some(match &**error {
                Error::NotConnected(reason) => reason.clone(),
                error => error.to_string(),
            }),
        }
    }
}
