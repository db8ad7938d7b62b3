//! The cluster behind the gateway: the client, what it answers to the executor, and what is said about its comings and
//! goings.

pub mod catalog;
mod entries;
pub mod error;
mod keys;
mod pages;
pub mod passed;
mod reading;
mod records;
mod remote;
mod search;
mod sizes;
mod suggest;
mod tables;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hazelcast_client::{Client, ClientBuilder, ClientStatus};
use pg::error::Severity;
use pg::{Error, Result, SqlState};

use reading::Trust;
use search::Proofs;

use crate::config::Config;
pub use pages::PageStream;

pub use remote::Scope;
pub use watch::watch;

/// Where a cluster is and who we say we are.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its name.
    pub name: String,
    /// Its members, `host:port`.
    pub members: Vec<String>,
}

impl std::str::FromStr for Address {
    type Err = String;

    /// `NAME@HOST:PORT,…`
    fn from_str(text: &str) -> Result<Address, String> {
        let wrong = || format!("\"{text}\" is not NAME@HOST:PORT[,HOST:PORT…]");
        let (name, members) = text.rsplit_once('@').ok_or_else(wrong)?;
        let members: Vec<String> = members.split(',').map(|member| member.trim().to_owned()).collect();
        if name.is_empty() || members.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Address { name: name.to_owned(), members })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.name, self.members.join(","))
    }
}

/// A cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    client: Client,
    name: Arc<str>,
    /// What is known of the keys of maps, by name.
    trusts: Arc<Mutex<HashMap<String, Arc<Trust>>>>,
    /// Which indexes the cluster uses.
    proofs: Proofs,
    /// How many maps are being read whole.
    readings: Arc<AtomicUsize>,
    /// When an entry was looked up last.
    looked_up: LookedUp,
    /// When the sizes of maps were asked for last.
    sized: Arc<Mutex<Option<Instant>>>,
    /// What maps take, as members told last.
    memory: Arc<Mutex<tables::Memory>>,
}

impl Cluster {
    /// Begins to connect, and goes on doing so.
    pub fn start(config: &Config) -> Result<Cluster, String> {
        let builder: ClientBuilder = Client::builder()
            .cluster(config.access.clone())
            .routing(config.routing)
            .client_name("hazelgres")
            .shared_connections_per_member(config.limits.workers + 1)
            .max_queries_per_member(queries_per_member());
        let builder = config.labels.iter().fold(builder, ClientBuilder::label);
        let client = builder.start().map_err(|error| error.to_string())?;
        Ok(Cluster {
            client,
            name: config.cluster.name.as_str().into(),
            trusts: Arc::default(),
            proofs: Proofs::default(),
            readings: Arc::default(),
            looked_up: LookedUp::default(),
            sized: Arc::default(),
            memory: Arc::default(),
        })
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What is known of the keys of a map.
    fn trust(&self, map: &str) -> Arc<Trust> {
        let mut trusts = self.trusts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trust) = trusts.get(map) {
            return trust.clone();
        }
        if trusts.len() >= MAPS_MAX {
            trusts.clear();
        }
        trusts.entry(map.to_owned()).or_default().clone()
    }

    /// Whether the sizes of maps in the picture of the catalog are new.
    fn knows_sizes(&self) -> bool {
        let sized = self.sized.lock().unwrap_or_else(PoisonError::into_inner);
        sized.is_some_and(|sized| sized.elapsed() < SIZES_LAST)
    }

    /// The sizes of maps were asked for now.
    fn sizes_are_new(&self) {
        *self.sized.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Forgets what was learned of maps: they may be others now.
    fn forget_maps(&self) {
        self.trusts.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.proofs.forget();
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether statements can be sent: 57P03 with the reason until they can.
    pub fn ready(&self) -> Result<()> {
        let state = self.client.state();
        let state = state.borrow();
        match state.reason() {
            None => Ok(()),
            Some(reason) => Err(not_there(&self.name, &reason)),
        }
    }

    /// Waits until the cluster is there; fails at once when it will never be.
    pub async fn wait_until_connected(&self) -> Result<(), String> {
        let mut state = self.client.state();
        loop {
            match &state.borrow_and_update().status {
                ClientStatus::Connected => return Ok(()),
                ClientStatus::Failed(error) => return Err(error.to_string()),
                _ => (),
            }
            if state.changed().await.is_err() {
                return Err("the client ended".to_owned());
            }
        }
    }

    /// The members and how many there are, in words.
    pub fn members(&self) -> String {
        match self.client.state().borrow().members.len() {
            1 => "1 member".to_owned(),
            members => format!("{members} members"),
        }
    }

    /// Ends all connections.
    pub async fn shutdown(&self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.client.shutdown()).await;
    }
}

/// When an entry was looked up last: who reads whole maps gives way to those who look up.
#[derive(Clone, Debug)]
struct LookedUp {
    since: Instant,
    /// Milliseconds since then; 0: never.
    last: Arc<AtomicU64>,
}

impl Default for LookedUp {
    fn default() -> LookedUp {
        LookedUp { since: Instant::now(), last: Arc::default() }
    }
}

impl LookedUp {
    /// So long after a look-up another one is likely.
    const LATELY: Duration = Duration::from_millis(100);

    fn millis(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn now(&self) {
        let now = self.millis();
        // Written by all threads, so only when it changes.
        if self.last.load(Ordering::Relaxed) != now {
            self.last.store(now, Ordering::Relaxed);
        }
    }

    fn is_lately(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && u128::from(self.millis().saturating_sub(last)) < LookedUp::LATELY.as_millis()
    }
}

/// How long sizes are believed before a map is read in one message.
const SIZES_LAST: Duration = Duration::from_secs(30);
/// Maps of which something is remembered.
const MAPS_MAX: usize = 10_000;

/// What is running on a member at a time: each statement may hold one of its query threads, of which it has as many as
/// cores. We don't know the member's; our own are the best guess.
fn queries_per_member() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    cores.saturating_sub(1).max(1)
}

/// 57P03: there is no cluster.
fn not_there(name: &str, reason: &str) -> Error {
    Error::new(SqlState::CANNOT_CONNECT_NOW, format!("cluster \"{name}\" is not available"))
        .severity(Severity::Fatal)
        .detail(reason)
}

/// What statements are told when the gateway ends.
fn shutting_down() -> Error {
    crate::server::admin_shutdown()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_is_remembered_for_a_moment() {
        let mut looked_up = LookedUp::default();
        assert!(!looked_up.is_lately());
        looked_up.now();
        assert!(looked_up.is_lately());
        looked_up.since -= 2 * LookedUp::LATELY;
        assert!(!looked_up.is_lately());
    }

    #[test]
    fn addresses_are_read() {
        let address: Address = "dev@127.0.0.1:5701, [::1]:5702".parse().unwrap();
        assert_eq!(address.name, "dev");
        assert_eq!(address.members, ["127.0.0.1:5701", "[::1]:5702"]);
        assert_eq!("a@b@h".parse::<Address>().unwrap().name, "a@b");
        for wrong in ["dev", "@h:1", "dev@", "dev@h:1,"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
