//! Entry listeners: what happens to a map, as a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

use crate::client::Client;
use crate::data::Data;
use crate::data::to_data::ToData;
use crate::error::Result;
use crate::protocol::map as messages;
use crate::protocol::map::Listening;
use crate::protocol::message::Message;
use crate::query::predicate::Predicate;
use crate::subscription::{Subscription, Topic};

/// All kinds of events.
const ALL_FLAGS: i32 = 1 | 2 | 4 | 8 | 16 | CLEARED | 128 | 256 | 512;
/// All entries were evicted, or removed.
const CLEARED: i32 = 32 | 64;

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
    events: Subscription<MapEvent>,
}

impl EntryListener {
    /// The next event; nothing after the client was shut down.
    pub async fn next_event(&mut self) -> Option<MapEvent> {
        std::future::poll_fn(|context| self.events.poll_event(context)).await
    }
}

impl Stream for EntryListener {
    type Item = MapEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<MapEvent>> {
        self.get_mut().events.poll_event(context)
    }
}

/// The settings of a listener. Made by [`Map::entry_listener`](crate::Map::entry_listener).
#[derive(Debug, Clone)]
#[must_use = "nothing is listened to before start"]
pub struct EntryListenerBuilder {
    client: Client,
    map: String,
    listening: Listening,
}

impl EntryListenerBuilder {
    pub(super) fn new(client: Client, map: String) -> Self {
        let listening = Listening { flags: ALL_FLAGS, ..Listening::default() };
        Self { client, map, listening }
    }

    /// Whether events bring old and new values; not unless set.
    pub fn include_values(mut self, include: bool) -> Self {
        self.listening.include_values = include;
        self
    }

    /// Only what happens to this key.
    pub fn key(mut self, key: &(impl ToData + ?Sized)) -> Result<Self> {
        self.listening.key = Some(key.to_data()?);
        Ok(self)
    }

    /// Only what happens to entries that a predicate holds for. An entry that changes so that it holds, or no longer
    /// holds, may be told as added or removed.
    pub fn filter(mut self, predicate: &Predicate) -> Result<Self> {
        self.listening.predicate = Some(predicate.condition_data()?);
        Ok(self)
    }

    /// Only these kinds of events, besides gaps.
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = EntryEventKind>) -> Self {
        self.listening.flags = kinds.into_iter().fold(0, |flags, kind| flags | flag(kind));
        self
    }

    /// Begins to listen. Events begin with a [`MapEvent::Gap`] when the cluster has been told.
    pub fn start(self) -> EntryListener {
        let (map, removed_from, listening) = (self.map.clone(), self.map, self.listening);
        let topic = Topic {
            what: "Map.addEntryListener",
            add: Box::new(move || messages::add_entry_listener(&map, &listening)),
            remove: Box::new(move |id| messages::remove_entry_listener(&removed_from, id)),
            read,
            gap: || MapEvent::Gap,
        };
        EntryListener { events: Subscription::start(self.client, topic) }
    }
}

/// The bit of a kind of event (`EntryEventType`).
fn flag(kind: EntryEventKind) -> i32 {
    match kind {
        EntryEventKind::Added => 1,
        EntryEventKind::Removed => 2,
        EntryEventKind::Updated => 4,
        EntryEventKind::Evicted => 8,
        EntryEventKind::Expired => 16,
        EntryEventKind::Merged => 128,
        EntryEventKind::Invalidated => 256,
        EntryEventKind::Loaded => 512,
    }
}

fn read(message: &Message) -> Result<Option<MapEvent>> {
    if !messages::is_entry_event(message) {
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
