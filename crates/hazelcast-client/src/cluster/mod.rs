//! The cluster as the client knows it: members, connections, partitions.
//!
//! [`manager`] keeps all of it up to date; everyone else reads [`Cluster`].

pub(crate) mod address;
pub(crate) mod connection;
pub(crate) mod manager;
pub(crate) mod member;
mod nearby;
pub(crate) mod open;
pub(crate) mod socket;
pub(crate) mod target;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::Handle;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::config::ClientBuilder;
use crate::data::Data;
use crate::data::value::Value;
use crate::error::{Error, Result};
use crate::schemas::Schemas;
use crate::state::{ClientState, ClientStatus};
use manager::Event;
use member::Member;
use target::Target;

/// Statements whose key argument is remembered.
const MAX_KEY_ARGUMENTS: usize = 1024;

/// What all clones of a client share.
pub(crate) struct Cluster {
    pub(crate) settings: ClientBuilder,
    pub(crate) state: watch::Sender<ClientState>,
    pub(crate) runtime: Handle,
    routes: RwLock<Arc<Routes>>,
    events: mpsc::UnboundedSender<Event>,
    next_member: AtomicUsize,
    /// For statements that look up one key: which argument is the key, as the cluster told.
    key_arguments: RwLock<HashMap<String, usize>>,
    /// What is known of the schemas of Compact records.
    pub(crate) schemas: Arc<Schemas>,
    query_prefix: u64,
    next_query: AtomicU64,
}

/// Where requests can go: a snapshot, replaced when something changes.
#[derive(Default)]
pub(crate) struct Routes {
    /// All connected members.
    pub(crate) members: Vec<Arc<Member>>,
    /// Of these, the ones to run SQL: data members of the version that most members have.
    pub(crate) sql: Vec<Arc<Member>>,
    /// For each partition the connected member that owns it. Empty while unknown.
    pub(crate) owners: Vec<Option<Arc<Member>>>,
    /// Partitions of the cluster, 0 while unknown.
    pub(crate) partition_count: u32,
}

impl Cluster {
    /// Starts the manager; must be called within a runtime.
    pub(crate) fn start(settings: ClientBuilder) -> Result<Arc<Self>> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::InvalidArgument("the client must be started within a Tokio runtime".to_string())
        })?;
        let targets = std::iter::once(&settings.cluster).chain(&settings.failover);
        let targets =
            targets.map(|config| Target::new(config.clone()).map(Arc::new)).collect::<Result<_>>()?;
        let (events, receiver) = mpsc::unbounded_channel();
        let cluster = Arc::new(Self {
            settings,
            state: watch::Sender::new(ClientState::default()),
            runtime: runtime.clone(),
            routes: RwLock::default(),
            events,
            next_member: AtomicUsize::new(0),
            key_arguments: RwLock::default(),
            schemas: Arc::default(),
            query_prefix: Uuid::new_v4().as_u64_pair().0,
            next_query: AtomicU64::new(Uuid::new_v4().as_u64_pair().1),
        });
        runtime.spawn(manager::run(Arc::clone(&cluster), targets, receiver));
        Ok(cluster)
    }

    pub(crate) fn routes(&self) -> Arc<Routes> {
        Arc::clone(&self.routes.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_routes(&self, routes: Routes) {
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }

    pub(crate) fn tell(&self, event: Event) {
        // The manager is gone only after a shutdown: nobody would close the connection then.
        if let Err(SendError(Event::Opened { result: Ok((connection, ..)), .. })) = self.events.send(event) {
            connection.close("no longer needed");
        }
    }

    /// Why nothing can be asked at the moment.
    pub(crate) fn not_connected(&self) -> Error {
        let state = self.state.borrow();
        match &state.status {
            ClientStatus::Failed(error) => Error::clone(error),
            _ => Error::NotConnected(state.reason().unwrap_or_else(|| "no member can be asked".to_string())),
        }
    }

    /// A member to run a query: the next one in turn, or better one with a free slot.
    pub(crate) fn member_for_sql(&self, lookup: bool) -> Result<Arc<Member>> {
        let routes = self.routes();
        let turn = self.next_member.fetch_add(1, Ordering::Relaxed);
        let count = routes.sql.len();
        let candidates = (0..count)
            .filter_map(|offset| routes.sql.get(turn.wrapping_add(offset) % count))
            .filter(|member| !member.connection.is_closed());
        let first = candidates.clone().next().ok_or_else(|| self.not_connected())?;
        let free = candidates.clone().find(|member| member.slots(lookup).available_permits() > 0);
        Ok(Arc::clone(free.unwrap_or(first)))
    }

    /// For a statement that looks up one key, the owner of that key, if that is known.
    pub(crate) fn owner_for_sql(&self, sql: &str, arguments: &[Value]) -> Option<Arc<Member>> {
        let routes = self.routes();
        if routes.sql.len() < 2 {
            return None;
        }
        let known = self.key_arguments.read().unwrap_or_else(PoisonError::into_inner).get(sql).copied();
        let key = Data::from_value(arguments.get(known?)?).ok()??;
        let owner = routes.owners.get(key.partition(routes.partition_count) as usize)?.as_ref()?;
        let able =
            !owner.connection.is_closed() && routes.sql.iter().any(|member| Arc::ptr_eq(member, owner));
        able.then(|| Arc::clone(owner))
    }

    /// Remembers which argument of a statement is the key. A wrong guess costs a hop in the cluster, nothing else.
    pub(crate) fn remember_key_argument(&self, sql: &str, index: Option<usize>) {
        let Some(index) = index else { return };
        if self.routes().sql.len() < 2 {
            return;
        }
        let known = self.key_arguments.read().unwrap_or_else(PoisonError::into_inner).get(sql).copied();
        if known == Some(index) {
            return;
        }
        let mut all = self.key_arguments.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_KEY_ARGUMENTS {
            all.clear();
        }
        all.insert(sql.to_string(), index);
    }

    /// The owner of a partition, else any member: members forward.
    pub(crate) fn member_for_partition(&self, partition: u32) -> Result<Arc<Member>> {
        let routes = self.routes();
        match routes.owners.get(partition as usize) {
            Some(Some(owner)) if !owner.connection.is_closed() => Ok(Arc::clone(owner)),
            _ => self.any_member(),
        }
    }

    /// Any connected member, each in turn.
    pub(crate) fn any_member(&self) -> Result<Arc<Member>> {
        let routes = self.routes();
        let turn = self.next_member.fetch_add(1, Ordering::Relaxed);
        let count = routes.members.len();
        let mut candidates =
            (0..count).filter_map(|offset| routes.members.get(turn.wrapping_add(offset) % count));
        candidates.find(|member| !member.connection.is_closed()).cloned().ok_or_else(|| self.not_connected())
    }

    /// A number that no query has had.
    pub(crate) fn query_number(&self) -> Uuid {
        Uuid::from_u64_pair(self.query_prefix, self.next_query.fetch_add(1, Ordering::Relaxed))
    }

    /// Ends everything.
    pub(crate) fn shutdown(&self) {
        self.tell(Event::Shutdown);
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("name", &self.settings.cluster.name)
            .field("state", &*self.state.borrow())
            .finish()
    }
}
