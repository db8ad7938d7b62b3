//! The task that keeps the client connected: it makes and replaces connections, follows the lists of members and partitions,
//! and publishes what it knows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use super::connection::Connection;
use super::member::Member;
use super::target::Target;
use super::{Cluster, Routes, open};
use crate::config::{Backoff, Credentials, Routing};
use crate::deadline::within;
use crate::error::{Error, Result};
use crate::protocol::auth::Authenticated;
use crate::protocol::cluster::{Owner, Versioned};
use crate::protocol::message::Message;
use crate::protocol::{cluster as messages, message_type as types};
use crate::state::{Address, ClientState, ClientStatus, MemberInfo};
use crate::statistics::{self, Report};

/// What the manager is told.
pub(crate) enum Event {
    /// The listener of the cluster's view has news.
    View { connection: u64, from: Uuid, message: Message },
    /// A shared connection ended.
    Closed(Arc<Connection>),
    /// An attempt to connect to a member of the list is over.
    Opened { member: Uuid, result: Result<Opened> },
    /// The client is no longer needed.
    Shutdown,
}

/// A new connection, what the member said, and where it was reached.
pub(crate) type Opened = (Arc<Connection>, Box<Authenticated>, Address);

/// How often missing members are tried again, and idle connections looked at.
const TICK: Duration = Duration::from_secs(1);

/// Lives as long as the client.
pub(crate) async fn run(
    cluster: Arc<Cluster>,
    targets: Vec<Arc<Target>>,
    mut events: UnboundedReceiver<Event>,
) {
    let mut manager = Manager::new(cluster, targets);
    loop {
        if let Err(error) = manager.connect(&mut events).await {
            return manager.end(error);
        }
        match manager.serve(&mut events).await {
            Error::ClientClosed => return manager.end(Error::ClientClosed),
            lost => manager.disconnected(lost),
        }
    }
}

struct Manager {
    cluster: Arc<Cluster>,
    /// The clusters to connect to, of which one at a time is used.
    targets: Vec<Arc<Target>>,
    current: usize,
    client_uuid: Uuid,
    cluster_id: Option<Uuid>,
    members: Versioned<MemberInfo>,
    /// Version of the partition table, and the member that it came from.
    partitions_from: Option<(i32, Uuid)>,
    owners: Vec<Option<Uuid>>,
    partition_count: u32,
    connected: Vec<Arc<Member>>,
    /// The connection that has the listener of the cluster's view.
    view: Option<u64>,
    connecting: HashSet<Uuid>,
    /// Members that couldn't be connected: when to try again, after how many attempts.
    failed: HashMap<Uuid, (Instant, u32)>,
    ever_connected: bool,
}

impl Manager {
    fn new(cluster: Arc<Cluster>, targets: Vec<Arc<Target>>) -> Self {
        Self {
            cluster,
            targets,
            current: 0,
            client_uuid: Uuid::new_v4(),
            cluster_id: None,
            members: (-1, Vec::new()),
            partitions_from: None,
            owners: Vec::new(),
            partition_count: 0,
            connected: Vec::new(),
            view: None,
            connecting: HashSet::new(),
            failed: HashMap::new(),
            ever_connected: false,
        }
    }

    /// Tries all addresses, again and again, until one member is connected. An error is final.
    async fn connect(&mut self, events: &mut UnboundedReceiver<Event>) -> Result<()> {
        let (mut attempt, mut refused) = (0, 0);
        let mut since = Instant::now();
        loop {
            let round = first_of(&self.cluster, self.target(), &self.members.1, self.client_uuid);
            let result = tokio::select! {
                result = round => result,
                () = shutdown(events) => return Err(Error::ClientClosed),
            };
            let adopted =
                result.and_then(|(connection, answer, address)| self.adopt(connection, *answer, address));
            let Err(error) = adopted else { return Ok(()) };
            let refusal = matches!(error, Error::Authentication { .. } | Error::Tls { .. });
            refused = if refusal { refused + 1 } else { 0 };
            // Wrong from the beginning: waiting doesn't help.
            if refused >= self.targets.len() && !self.ever_connected {
                return Err(error);
            }
            self.disconnected(error);
            if self.targets.len() > 1 && (refusal || since.elapsed() >= self.cluster.settings.failover_after)
            {
                self.fail_over();
                (attempt, since) = (0, Instant::now());
            }
            let pause = pause(&self.cluster.settings.backoff, attempt);
            attempt += 1;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown(events) => return Err(Error::ClientClosed),
            }
        }
    }

    fn target(&self) -> Arc<Target> {
        // There is always a current one.
        Arc::clone(&self.targets[self.current])
    }

    /// Goes on with the next cluster, of which nothing is known.
    fn fail_over(&mut self) {
        self.current = (self.current + 1) % self.targets.len();
        tracing::info!(cluster = self.target().config.name, "trying the next cluster");
        self.members = (-1, Vec::new());
        self.cluster_id = None;
    }

    /// Follows the cluster until no connection is left, and tells why.
    async fn serve(&mut self, events: &mut UnboundedReceiver<Event>) -> Error {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let statistics = self.cluster.settings.statistics_period;
        let mut reports = tokio::time::interval(statistics.unwrap_or(TICK));
        reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                event = events.recv() => event.unwrap_or(Event::Shutdown),
                _ = reports.tick(), if statistics.is_some() => {
                    self.report();
                    continue;
                }
                _ = ticks.tick() => {
                    self.tick();
                    continue;
                }
            };
            match event {
                Event::Shutdown => return Error::ClientClosed,
                // What an earlier connection told may be of an earlier cluster.
                Event::View { connection, from, message } if self.view == Some(connection) => {
                    self.view_event(from, &message);
                }
                Event::View { .. } => {}
                Event::Opened { member, result } => self.opened(member, result),
                Event::Closed(connection) => {
                    self.connected.retain(|member| !Arc::ptr_eq(&member.connection, &connection));
                    if self.view == Some(connection.id) {
                        self.view = None;
                    }
                    if self.connected.is_empty() {
                        return Error::NotConnected(connection.why_closed());
                    }
                    self.watch_view();
                    self.publish();
                }
            }
        }
    }

    /// Takes a new connection in, unless it is one too many or to another cluster.
    fn adopt(&mut self, connection: Arc<Connection>, answer: Authenticated, address: Address) -> Result<()> {
        let refuse = |reason: &str| {
            connection.close(reason);
            Err(Error::NotConnected(format!("{}: {reason}", connection.address)))
        };
        if self.connected.iter().any(|member| member.uuid == connection.member) {
            connection.close("this member is connected already");
            return Ok(());
        }
        let Some(count) =
            u32::try_from(answer.partition_count).ok().filter(|count| (1..=1 << 20).contains(count))
        else {
            return refuse("impossible number of partitions");
        };
        if self.cluster_id != Some(answer.cluster_id) {
            if !self.connected.is_empty() {
                return refuse("another cluster answers at this address");
            }
            self.forget_cluster(answer.cluster_id, count);
        } else if self.partition_count != count {
            return refuse("the number of partitions differs");
        }
        let (cluster, ended) = (Arc::clone(&self.cluster), Arc::clone(&connection));
        self.cluster.runtime.spawn(async move {
            ended.closed().await;
            cluster.tell(Event::Closed(ended));
        });
        tracing::debug!(address = %address, member = %connection.member, version = answer.server_version, "connected");
        let settings = &self.cluster.settings;
        let member =
            Member::new(self.target(), answer.cluster_id, address, Arc::clone(&connection), settings);
        self.connected.push(Arc::new(member));
        self.ever_connected = true;
        if let Some(members) = answer.members {
            self.apply_members(members);
        }
        match answer.partitions {
            Some(partitions) => self.apply_partitions(connection.member, partitions),
            None => drop(
                self.cluster.runtime.spawn(connection.invoke(messages::trigger_partition_assignment(), None)),
            ),
        }
        self.watch_view();
        self.publish();
        Ok(())
    }

    /// Another cluster, or the same one restarted: versions begin anew.
    fn forget_cluster(&mut self, id: Uuid, partition_count: u32) {
        self.cluster_id = Some(id);
        self.members = (-1, Vec::new());
        self.partitions_from = None;
        self.owners = Vec::new();
        self.partition_count = partition_count;
        self.failed.clear();
    }

    /// Registers the listener of the cluster's view on one connection.
    fn watch_view(&mut self) {
        if self.view.is_some() {
            return;
        }
        let Some(member) = self.connected.iter().find(|member| !member.connection.is_closed()) else {
            return;
        };
        let (cluster, from) = (Arc::clone(&self.cluster), member.uuid);
        let id = member.connection.id;
        self.view = Some(id);
        let handler = Box::new(move |message| cluster.tell(Event::View { connection: id, from, message }));
        let registration = member.connection.listen(messages::add_cluster_view_listener(), handler);
        let connection = Arc::clone(&member.connection);
        let limit = self.cluster.settings.invocation_timeout;
        self.cluster.runtime.spawn(async move {
            if let Err(error) = registration.within(limit, "registration of the cluster view listener").await
            {
                // Without its view the cluster can't be followed: another connection may do better.
                connection.close(&format!("cannot follow the cluster: {error}"));
            }
        });
    }

    fn view_event(&mut self, from: Uuid, message: &Message) {
        let read = match message.message_type() {
            types::MEMBERS_VIEW_EVENT => messages::members_view(message).map(|view| self.apply_members(view)),
            types::PARTITIONS_VIEW_EVENT => {
                messages::partitions_view(message).map(|view| self.apply_partitions(from, view))
            }
            // Member groups, the cluster's version, and what later versions may add.
            _ => return,
        };
        match read {
            Ok(()) => self.publish(),
            Err(malformed) => {
                tracing::warn!(member = %from, reason = malformed.0, "unreadable view of the cluster")
            }
        }
    }

    fn apply_members(&mut self, (version, members): Versioned<MemberInfo>) {
        if version <= self.members.0 || members.is_empty() {
            return;
        }
        let left = |member: &Arc<Member>| !members.iter().any(|listed| listed.uuid == member.uuid);
        for member in self.connected.iter().filter(|member| left(member)) {
            member.close("the member left the cluster");
        }
        self.failed.retain(|uuid, _| members.iter().any(|listed| listed.uuid == *uuid));
        self.members = (version, members);
        self.connect_missing();
    }

    fn apply_partitions(&mut self, from: Uuid, (version, owners): Versioned<Owner>) {
        let newer = self.partitions_from.is_none_or(|(known, source)| source != from || version > known);
        if !newer || owners.is_empty() {
            return;
        }
        self.partitions_from = Some((version, from));
        let mut table = vec![None; self.partition_count as usize];
        for (owner, partitions) in owners {
            for partition in partitions {
                if let Some(place) =
                    usize::try_from(partition).ok().and_then(|partition| table.get_mut(partition))
                {
                    *place = Some(owner);
                }
            }
        }
        self.owners = table;
    }

    fn tick(&mut self) {
        self.connect_missing();
        for member in &self.connected {
            member.close_idle(self.cluster.settings.idle_connection_timeout);
        }
    }

    /// Sends statistics to a member, each in turn. Nobody waits for the answer: the next report is better than a repetition.
    fn report(&self) {
        let Ok(member) = self.cluster.any_member() else { return };
        let settings = &self.cluster.settings;
        let target = self.target();
        let report = Report {
            client_type: open::CLIENT_TYPE,
            client_version: open::CLIENT_VERSION,
            client_name: &settings.client_name,
            principal: match &target.config.credentials {
                Credentials::UsernamePassword { username, .. } => Some(username),
                Credentials::None | Credentials::Token(_) => None,
            },
            connected_at: member.connection.connected_at,
            local_address: member.connection.local_address,
        };
        drop(member.connection.invoke(statistics::request(&report), None));
    }

    /// Begins to connect to listed members that have no connection.
    fn connect_missing(&mut self) {
        if self.cluster.settings.routing == Routing::SingleMember {
            return;
        }
        let now = Instant::now();
        for member in &self.members.1 {
            let known = self.connected.iter().any(|connected| connected.uuid == member.uuid);
            let waits = self.failed.get(&member.uuid).is_some_and(|(until, _)| *until > now);
            if known || waits || !self.connecting.insert(member.uuid) {
                continue;
            }
            let (cluster, target, client_uuid) = (Arc::clone(&self.cluster), self.target(), self.client_uuid);
            let (member, all) = (member.clone(), self.members.1.clone());
            self.cluster.runtime.spawn(async move {
                let opening = async {
                    let address = target.address_of(&member, &all).await?;
                    let (connection, answer) =
                        open::open(&cluster.settings, &target, &address, client_uuid).await?;
                    Ok((connection, Box::new(answer), address))
                };
                let result = opening.await;
                cluster.tell(Event::Opened { member: member.uuid, result });
            });
        }
    }

    fn opened(&mut self, member: Uuid, result: Result<Opened>) {
        self.connecting.remove(&member);
        let adopted = result.and_then(|(connection, answer, address)| {
            let found = connection.member;
            if !self.members.1.iter().any(|listed| listed.uuid == found) {
                connection.close("not in the member list");
                return Err(Error::NotConnected(format!("the member at {address} left the cluster")));
            }
            self.adopt(connection, *answer, address).map(|()| found)
        });
        match adopted {
            Ok(found) if found == member => drop(self.failed.remove(&member)),
            other => {
                let attempt = self.failed.get(&member).map_or(0, |(_, attempt)| *attempt);
                let pause = pause(&self.cluster.settings.backoff, attempt).max(TICK);
                self.failed.insert(member, (within(pause), attempt.saturating_add(1)));
                if let Err(error) = other {
                    tracing::debug!(%member, %error, "cannot connect");
                }
            }
        }
    }

    /// Makes what is known visible to everyone.
    fn publish(&self) {
        let live: Vec<_> =
            self.connected.iter().filter(|member| !member.connection.is_closed()).cloned().collect();
        let by_uuid: HashMap<Uuid, &Arc<Member>> = live.iter().map(|member| (member.uuid, member)).collect();
        let owner =
            |uuid: &Option<Uuid>| uuid.and_then(|uuid| by_uuid.get(&uuid).map(|member| Arc::clone(member)));
        let sql = self.sql_members(&live);
        self.cluster.set_routes(Routes {
            // Without any data member, a lite member says that it can't.
            sql: if sql.is_empty() { live.clone() } else { sql },
            owners: self.owners.iter().map(owner).collect(),
            partition_count: self.partition_count,
            members: live.clone(),
        });
        let state = ClientState {
            status: ClientStatus::Connected,
            cluster_id: self.cluster_id,
            members: self.members.1.clone().into(),
            connected: live.iter().map(|member| member.uuid).collect(),
            partition_count: self.partition_count,
        };
        self.cluster.state.send_if_modified(|known| {
            let changed = !known.is_connected()
                || known.cluster_id != state.cluster_id
                || known.members != state.members
                || known.connected != state.connected;
            if changed {
                *known = state;
            }
            changed
        });
    }

    /// Of the connected members, data members of the version that most of them have (during an upgrade there are two; of two
    /// equal groups the newer).
    fn sql_members(&self, live: &[Arc<Member>]) -> Vec<Arc<Member>> {
        let listed = |member: &Member| self.members.1.iter().find(|listed| listed.uuid == member.uuid);
        let data: Vec<_> = live
            .iter()
            .filter(|member| listed(member).is_none_or(|listed| !listed.lite))
            .map(|member| (listed(member).map(|listed| (listed.version.0, listed.version.1)), member))
            .collect();
        let size = |version| data.iter().filter(|(other, _)| *other == version).count();
        let best = data.iter().map(|(version, _)| (size(*version), *version)).max();
        data.iter()
            .filter(|(version, _)| Some((size(*version), *version)) == best)
            .map(|(_, member)| Arc::clone(member))
            .collect()
    }

    fn disconnected(&mut self, error: Error) {
        tracing::debug!(%error, "not connected");
        self.clear();
        self.set_status(ClientStatus::Disconnected(Arc::new(error)));
    }

    fn end(&mut self, error: Error) {
        for member in &self.connected {
            member.close("the client was shut down");
        }
        self.clear();
        self.set_status(ClientStatus::Failed(Arc::new(error)));
    }

    fn clear(&mut self) {
        self.cluster.set_routes(Routes::default());
        self.view = None;
        self.connecting.clear();
        for member in self.connected.drain(..) {
            member.close_pool();
            member.connection.close("the client is closing its connections");
        }
    }

    fn set_status(&self, status: ClientStatus) {
        self.cluster.state.send_modify(|state| {
            state.status = status;
            state.connected = Arc::default();
        });
    }
}

/// The first address that takes the client: of the members that were known last, then of the settings. An error tells the
/// most that was learnt: a refusal before an unreachable address.
async fn first_of(
    cluster: &Cluster,
    target: Arc<Target>,
    members: &[MemberInfo],
    client_uuid: Uuid,
) -> Result<Opened> {
    let mut candidates = Vec::new();
    if cluster.settings.routing == Routing::AllMembers {
        for member in members {
            candidates.extend(target.address_of(member, members).await.ok());
        }
    }
    let mut worst = None;
    match target.seeds().await {
        Ok(seeds) => candidates.extend(seeds),
        Err(error) => worst = Some(error),
    }
    let mut seen = HashSet::new();
    candidates.retain(|address| seen.insert(address.clone()));
    for address in candidates {
        match open::open(&cluster.settings, &target, &address, client_uuid).await {
            Ok((connection, answer)) => return Ok((connection, Box::new(answer), address)),
            Err(error) => {
                tracing::debug!(%address, %error, "cannot connect");
                let refusal = matches!(error, Error::Authentication { .. } | Error::Tls { .. });
                if worst.is_none() || refusal {
                    worst = Some(error);
                }
            }
        }
    }
    Err(worst.unwrap_or_else(|| Error::NotConnected("no address to connect to".to_string())))
}

/// Waits for the order to end. News of earlier connections has no meaning any more.
async fn shutdown(events: &mut UnboundedReceiver<Event>) {
    loop {
        match events.recv().await {
            None | Some(Event::Shutdown) => return,
            Some(Event::Opened { result: Ok((connection, ..)), .. }) => connection.close("no longer needed"),
            Some(_) => {}
        }
    }
}

/// The pause after an attempt: exponential, with a random share so that many clients don't come back at once.
fn pause(backoff: &Backoff, attempt: u32) -> Duration {
    let exponent = i32::try_from(attempt.min(1000)).unwrap_or(1000);
    let seconds = backoff.initial.as_secs_f64() * backoff.multiplier.max(1.0).powi(exponent);
    let seconds = seconds.min(backoff.max.as_secs_f64());
    let random = (Uuid::new_v4().as_u64_pair().0 >> 11) as f64 / (1u64 << 53) as f64;
    Duration::try_from_secs_f64(seconds * (1.0 - backoff.jitter * random)).unwrap_or(backoff.max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit() {
        let backoff = Backoff {
            initial: Duration::from_millis(100),
            max: Duration::from_secs(2),
            multiplier: 2.0,
            jitter: 0.0,
        };
        assert_eq!(pause(&backoff, 0), Duration::from_millis(100));
        assert_eq!(pause(&backoff, 3), Duration::from_millis(800));
        assert_eq!(pause(&backoff, 50), Duration::from_secs(2));
        assert_eq!(pause(&backoff, u32::MAX), Duration::from_secs(2));
        let jittered = pause(&Backoff { jitter: 0.5, ..backoff }, 50);
        assert!((Duration::from_secs(1)..=Duration::from_secs(2)).contains(&jittered));
    }
}
