//! Entry listeners: what happens to a map, as a stream that outlives the connection it comes over.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::client::Client;
use crate::cluster::connection::Connection;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::protocol::map as messages;
use crate::protocol::message::Message;
use crate::protocol::message_type::MAP_ENTRY_EVENT;

/// Events that may wait to be read.
const BUFFER: usize = 4096;
/// All kinds of events.
const ALL_FLAGS: i32 = 1 | 2 | 4 | 8 | 16 | 32 | 64 | 128 | 256 | 512;
/// How long to wait before a listener is registered again.
const PAUSE: Duration = Duration::from_millis(200);

/// What happened to a map.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MapEvent {
    /// An entry was added, changed or removed.
    Entry {
        /// What happened.
        kind: EntryEventKind,
        /// The key.
        key: Data,
        /// The new value, if values are included and there is one.
        value: Option<Data>,
        /// The value before, if values are included and there was one.
        old_value: Option<Data>,
    },
    /// All entries were removed or evicted.
    Cleared {
        /// How many there were.
        entries: u64,
    },
    /// Events begin here, or begin again: what happened before, while no connection was there or more came than was read,
    /// is not known. Every listener begins with one.
    Gap,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryEventKind {
    /// A new key.
    Added,
    /// The entry was removed.
    Removed,
    /// The value was changed.
    Updated,
    /// The entry was evicted to save memory.
    Evicted,
    /// The entry's time to live was over.
    Expired,
    /// Two values were merged after the cluster had been split.
    Merged,
    /// The value was loaded by a map store.
    Loaded,
    /// The value changed in a way that isn't told.
    Invalidated,
}

/// A stream of events. Dropping it ends the listener in the cluster.
#[derive(Debug)]
pub struct EntryListener {
    events: mpsc::Receiver<MapEvent>,
    overflow: Arc<AtomicBool>,
    task: AbortHandle,
}

impl EntryListener {
    /// The next event; nothing after the client was shut down.
    pub async fn next_event(&mut self) -> Option<MapEvent> {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<MapEvent>> {
        if self.events.is_empty() && self.overflow.swap(false, Ordering::AcqRel) {
            return Poll::Ready(Some(MapEvent::Gap));
        }
        self.events.poll_recv(context)
    }
}

impl Stream for EntryListener {
    type Item = MapEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<MapEvent>> {
        self.get_mut().poll_event(context)
    }
}

impl Drop for EntryListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn start(client: Client, map: String, include_values: bool) -> EntryListener {
    let (sender, events) = mpsc::channel(BUFFER);
    let overflow = Arc::new(AtomicBool::new(false));
    let sink = Sink { sender, overflow: Arc::clone(&overflow) };
    let runtime = client.cluster().runtime.clone();
    let task = runtime.spawn(keep_registered(client, map, include_values, sink)).abort_handle();
    EntryListener { events, overflow, task }
}

/// Where events go. What doesn't fit leaves a gap.
#[derive(Clone)]
struct Sink {
    sender: mpsc::Sender<MapEvent>,
    overflow: Arc<AtomicBool>,
}

impl Sink {
    fn put(&self, event: MapEvent) {
        if self.sender.try_send(event).is_err() {
            self.overflow.store(true, Ordering::Release);
        }
    }
}

/// Registers the listener on some member, and on another when the connection to that one is lost.
async fn keep_registered(client: Client, map: String, include_values: bool, sink: Sink) {
    loop {
        match register(&client, &map, include_values, &sink).await {
            Ok(registered) => registered.connection.closed().await,
            Err(Error::ClientClosed) => return,
            Err(error) => {
                tracing::debug!(map, %error, "cannot listen");
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Fails only when the client has given up.
        if client.wait_until_connected(Duration::MAX).await.is_err() {
            return;
        }
    }
}

async fn register(client: &Client, map: &str, include_values: bool, sink: &Sink) -> Result<Registered> {
    let cluster = client.cluster();
    let connection = Arc::clone(&cluster.any_member()?.connection);
    let events = sink.clone();
    let handler = Box::new(move |message: Message| match read(&message) {
        Ok(event) => event.into_iter().for_each(|event| events.put(event)),
        Err(error) => {
            tracing::warn!(%error, "unreadable event of a map");
            events.overflow.store(true, Ordering::Release);
        }
    });
    let request = messages::add_entry_listener(map, include_values, ALL_FLAGS, false);
    let registration = connection.listen(request, handler);
    let answer = registration.within(cluster.settings.invocation_timeout, "Map.addEntryListener").await?;
    let id = messages::registration(&answer)?;
    sink.put(MapEvent::Gap);
    Ok(Registered { client: client.clone(), connection, map: map.to_string(), id })
}

/// A registration in the cluster; dropping it takes it back.
struct Registered {
    client: Client,
    connection: Arc<Connection>,
    map: String,
    id: Uuid,
}

impl Drop for Registered {
    fn drop(&mut self) {
        if !self.connection.is_closed() {
            let request = messages::remove_entry_listener(&self.map, self.id);
            self.client.cluster().runtime.spawn(self.connection.invoke(request, None));
        }
    }
}

fn read(message: &Message) -> Result<Option<MapEvent>> {
    if message.message_type() != MAP_ENTRY_EVENT {
        return Ok(None);
    }
    let event = messages::entry_event(message)?;
    let kind = match event.kind {
        1 => EntryEventKind::Added,
        2 => EntryEventKind::Removed,
        4 => EntryEventKind::Updated,
        8 => EntryEventKind::Evicted,
        16 => EntryEventKind::Expired,
        32 | 64 => {
            return Ok(Some(MapEvent::Cleared { entries: u64::try_from(event.affected).unwrap_or(0) }));
        }
        128 => EntryEventKind::Merged,
        256 => EntryEventKind::Invalidated,
        512 => EntryEventKind::Loaded,
        _ => return Ok(None),
    };
    let Some(key) = event.key else { return Ok(None) };
    Ok(Some(MapEvent::Entry { kind, key, value: event.value, old_value: event.old_value }))
}
