//! A cluster to connect to: where its members are, and how a stream to one of them is made.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::address;
use super::socket::Stream;
#[cfg(feature = "cloud")]
use crate::cloud::Discovery;
use crate::cluster_config::{ClusterConfig, PublicAddresses};
use crate::error::{Error, Result};
use crate::state::{Address, MemberInfo};
#[cfg(feature = "tls")]
use crate::tls::Connector;

/// A cluster to connect to.
pub(crate) struct Target {
    pub(crate) config: ClusterConfig,
    /// Addresses of the settings.
    seeds: Vec<Address>,
    /// Whether public addresses are used, once that is decided.
    public: OnceCell<bool>,
    #[cfg(feature = "tls")]
    tls: Option<Connector>,
    #[cfg(feature = "cloud")]
    cloud: Option<Discovery>,
}

impl Target {
    /// Reads certificates and keys, so that what is wrong with them is said at once.
    pub(crate) fn new(config: ClusterConfig) -> Result<Self> {
        Ok(Self {
            seeds: address::seeds(&config.addresses)?,
            public: match config.public_addresses {
                PublicAddresses::Auto => OnceCell::new(),
                decided => OnceCell::new_with(Some(decided == PublicAddresses::Always)),
            },
            #[cfg(feature = "tls")]
            tls: config.tls.as_ref().map(|tls| tls.connector(cloud_name(&config))).transpose()?,
            #[cfg(feature = "cloud")]
            cloud: config.cloud.as_ref().map(Discovery::new).transpose()?,
            config,
        })
    }

    /// Where to begin.
    pub(crate) async fn seeds(&self) -> Result<Vec<Address>> {
        #[cfg(feature = "cloud")]
        if let Some(cloud) = &self.cloud {
            return cloud.public_addresses().await;
        }
        Ok(self.seeds.clone())
    }

    /// Where a member is to be reached; `all` is the whole list of members.
    pub(crate) async fn address_of(&self, member: &MemberInfo, all: &[MemberInfo]) -> Result<Address> {
        #[cfg(feature = "cloud")]
        if let Some(cloud) = &self.cloud {
            return cloud.public_address(&member.address).await;
        }
        if let Some(translation) = &self.config.translation
            && let Some(address) = translation.0(&member.address)
        {
            return Ok(address);
        }
        match &member.public_address {
            Some(public) if *self.public.get_or_init(|| self.only_public(all)).await => Ok(public.clone()),
            _ => Ok(member.address.clone()),
        }
    }

    /// Java's decision (`TranslateToPublicAddressProvider`).
    async fn only_public(&self, members: &[MemberInfo]) -> bool {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return false;
        }
        if members.iter().any(|member| self.seeds.contains(&member.address)) {
            return false;
        }
        // Not always the same ones, when there are many.
        let from = Uuid::new_v4().as_fields().0 as usize;
        let count = members.len();
        for member in (0..count.min(MEMBERS_TO_TRY)).filter_map(|at| members.get((from + at) % count)) {
            let Some(public) = &member.public_address else { return false };
            if reachable(&member.address, PRIVATE_PATIENCE).await || !reachable(public, PUBLIC_PATIENCE).await
            {
                return false;
            }
        }
        true
    }

    /// A stream to a member, ready for the protocol.
    pub(crate) async fn connect(&self, address: &Address) -> Result<Stream> {
        let failed = |source| Error::Connect { address: address.to_string(), source: Arc::new(source) };
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let stream = tls.connect(stream, &address.host).await;
            return Ok(Stream::Tls(Box::new(stream.map_err(|error| self.explain(error, address))?)));
        }
        Ok(Stream::Plain(stream))
    }

    /// An error of a stream: of TLS with what can be done about it.
    pub(crate) fn explain(&self, error: std::io::Error, address: &Address) -> Error {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls
            && let Some(reason) = tls.explain(&error)
        {
            return Error::Tls { address: address.to_string(), reason };
        }
        Error::Connect { address: address.to_string(), source: Arc::new(error) }
    }
}

/// The name in the certificates of Hazelcast Cloud, whatever the addresses of its members are.
#[cfg(feature = "tls")]
fn cloud_name(_config: &ClusterConfig) -> Option<&'static str> {
    #[cfg(feature = "cloud")]
    if _config.cloud.is_some() {
        return Some("hazelcast.cloud");
    }
    None
}

const MEMBERS_TO_TRY: usize = 3;
const PRIVATE_PATIENCE: Duration = Duration::from_secs(1);
const PUBLIC_PATIENCE: Duration = Duration::from_secs(3);

async fn reachable(address: &Address, patience: Duration) -> bool {
    let connecting = TcpStream::connect((address.host.as_str(), address.port));
    matches!(tokio::time::timeout(patience, connecting).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Nobody listens there.
    const NOWHERE: &str = "127.0.0.1:1";

    fn parse(text: &str) -> Address {
        address::seeds(&[text.to_owned()]).unwrap().remove(0)
    }

    fn member(address: &str, public: Option<&str>) -> MemberInfo {
        MemberInfo {
            uuid: Uuid::new_v4(),
            address: parse(address),
            lite: false,
            version: (5, 7, 0),
            attributes: Vec::new(),
            public_address: public.map(parse),
        }
    }

    /// Whether the first of the members is reached at its public address.
    async fn is_public(setting: PublicAddresses, seed: &str, members: &[MemberInfo]) -> bool {
        let config = ClusterConfig::new("dev").address(seed).public_addresses(setting);
        let target = Target::new(config).unwrap();
        let found = target.address_of(&members[0], members).await.unwrap();
        assert!(found == members[0].address || Some(&found) == members[0].public_address.as_ref());
        found != members[0].address
    }

    #[tokio::test]
    async fn public_addresses_are_used_as_set_or_where_nothing_else_leads() {
        use PublicAddresses::{Always, Auto, Never};
        let listeners = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let open = listeners.0.local_addr().unwrap().to_string();
        let open_too = listeners.1.local_addr().unwrap().to_string();
        let seed = "127.0.0.1:2";
        let hidden = member(NOWHERE, Some(&open));
        let seen = member(&open, Some(NOWHERE));
        let both = member(&open, Some(&open_too));
        let without = member(NOWHERE, None);
        let cases = [
            (Always, seed, vec![seen.clone()], true),
            (Always, seed, vec![without.clone()], false),
            (Never, seed, vec![hidden.clone()], false),
            (Auto, seed, vec![hidden.clone()], true),
            // A member's own address is one of the settings'.
            (Auto, NOWHERE, vec![hidden.clone()], false),
            // It can be reached there, or at neither address.
            (Auto, seed, vec![seen], false),
            (Auto, seed, vec![both], false),
            (Auto, seed, vec![member(NOWHERE, Some("127.0.0.1:3"))], false),
            // One of the others has no public address.
            (Auto, seed, vec![hidden.clone(), without], false),
            (Auto, seed, vec![hidden.clone(), hidden], true),
        ];
        for (number, (setting, seed, members, public)) in cases.into_iter().enumerate() {
            assert_eq!(is_public(setting, seed, &members).await, public, "case {number}: {setting:?}");
        }
    }
}
