//! One cluster and how to reach it.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "cloud")]
use crate::cloud::Cloud;
use crate::config::Credentials;
use crate::state::Address;
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// One cluster and how to reach it. A client has one, or several of which it uses one at a time: see
/// [`ClientBuilder::failover`](crate::ClientBuilder::failover).
#[derive(Clone, Debug)]
#[must_use]
pub struct ClusterConfig {
    pub(crate) name: String,
    pub(crate) addresses: Vec<String>,
    pub(crate) credentials: Credentials,
    pub(crate) public_addresses: PublicAddresses,
    pub(crate) translation: Option<Translation>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
    #[cfg(feature = "cloud")]
    pub(crate) cloud: Option<Cloud>,
}

/// Whether members are reached at the public addresses that they publish (`hazelcast.discovery.public.ip.enabled`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PublicAddresses {
    /// As Java's client decides: not over TLS, nor when a member's own address is among those of the settings; else
    /// when of some members that are tried all can be reached at their public address only.
    #[default]
    Auto,
    /// Always, for members that have one.
    Always,
    /// Never.
    Never,
}

/// Where a member is that says it is somewhere else.
#[derive(Clone)]
pub(crate) struct Translation(pub(crate) Arc<Translate>);

type Translate = dyn Fn(&Address) -> Option<Address> + Send + Sync;

impl fmt::Debug for Translation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Translation")
    }
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self::new("dev")
    }
}

impl ClusterConfig {
    /// A cluster by its name, on this machine unless addresses are added.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            addresses: Vec::new(),
            credentials: Credentials::None,
            public_addresses: PublicAddresses::Auto,
            translation: None,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "cloud")]
            cloud: None,
        }
    }

    /// Adds the address of a member, `host:port` or `host` (then ports 5701, 5702 and 5703 are tried).
    /// Without any, 127.0.0.1 is tried.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self
    }

    /// Who the client is; nobody unless set.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Whether members are reached at the public addresses that they publish.
    pub fn public_addresses(mut self, use_them: PublicAddresses) -> Self {
        self.public_addresses = use_them;
        self
    }

    /// Where members really are: asked for every address that members tell, before it is connected to. Nothing: there.
    pub fn translate_addresses(
        mut self,
        translate: impl Fn(&Address) -> Option<Address> + Send + Sync + 'static,
    ) -> Self {
        self.translation = Some(Translation(Arc::new(translate)));
        self
    }

    /// Speaks TLS with the members.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Finds the members by Hazelcast Cloud's discovery service, instead of by addresses.
    #[cfg(feature = "cloud")]
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = Some(cloud);
        self
    }
}
