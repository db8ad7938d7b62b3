//! Messages of maps (protocol 7.1).

use bytes::Bytes;
use uuid::Uuid;

use super::frame::{Fixed, Frame, Frames};
use super::message::Message;
use super::message_type as types;
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::Data;
use crate::error::Malformed;

/// Who asks when it doesn't matter: locks are held by threads.
pub(crate) const THREAD_ID: i64 = 1;
/// The map's own setting.
const DEFAULT: i64 = -1;

/// How long an entry lives, in milliseconds: 0 for ever, nothing for the map's own setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lifetime {
    pub(crate) ttl: Option<i64>,
    pub(crate) max_idle: Option<i64>,
}

/// Map, partition of the key, key, and the thread that asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) map: &'a str,
    pub(crate) partition: i32,
    pub(crate) key: &'a Data,
    pub(crate) thread: i64,
}

impl Entry<'_> {
    /// A request about one key: its numbers, then the name, the key, and more values.
    fn request(&self, message_type: i32, numbers: &[i64], values: &[&Data]) -> Request {
        let size: usize = values.iter().map(|value| value.as_bytes().len() + 6).sum();
        let capacity = 96 + self.map.len() + self.key.as_bytes().len() + size;
        let mut request = RequestBuilder::with_capacity(message_type, self.partition, capacity);
        for number in numbers {
            request.i64(*number);
        }
        request.str(self.map);
        request.data(self.key);
        for value in values {
            request.data(value);
        }
        request.finish()
    }

    /// A message with a time to live, or its other form, which has a longest idle time, too.
    fn write(&self, message_type: i32, with_max_idle: i32, value: &Data, lifetime: Lifetime) -> Request {
        let ttl = lifetime.ttl.unwrap_or(DEFAULT);
        match lifetime.max_idle {
            None => self.request(message_type, &[self.thread, ttl], &[value]),
            Some(max_idle) => self.request(with_max_idle, &[self.thread, ttl, max_idle], &[value]),
        }
    }

    pub(crate) fn get(&self) -> Request {
        self.request(types::MAP_GET, &[self.thread], &[])
    }

    pub(crate) fn contains_key(&self) -> Request {
        self.request(types::MAP_CONTAINS_KEY, &[self.thread], &[])
    }

    pub(crate) fn entry_view(&self) -> Request {
        self.request(types::MAP_GET_ENTRY_VIEW, &[self.thread], &[])
    }

    pub(crate) fn put(&self, value: &Data, lifetime: Lifetime) -> Request {
        self.write(types::MAP_PUT, types::MAP_PUT_WITH_MAX_IDLE, value, lifetime)
    }

    pub(crate) fn set(&self, value: &Data, lifetime: Lifetime) -> Request {
        self.write(types::MAP_SET, types::MAP_SET_WITH_MAX_IDLE, value, lifetime)
    }

    pub(crate) fn put_if_absent(&self, value: &Data, lifetime: Lifetime) -> Request {
        self.write(types::MAP_PUT_IF_ABSENT, types::MAP_PUT_IF_ABSENT_WITH_MAX_IDLE, value, lifetime)
    }

    pub(crate) fn put_transient(&self, value: &Data, lifetime: Lifetime) -> Request {
        self.write(types::MAP_PUT_TRANSIENT, types::MAP_PUT_TRANSIENT_WITH_MAX_IDLE, value, lifetime)
    }

    pub(crate) fn try_put(&self, value: &Data, wait_millis: i64) -> Request {
        self.request(types::MAP_TRY_PUT, &[self.thread, wait_millis], &[value])
    }

    pub(crate) fn try_remove(&self, wait_millis: i64) -> Request {
        self.request(types::MAP_TRY_REMOVE, &[self.thread, wait_millis], &[])
    }

    pub(crate) fn set_ttl(&self, millis: i64) -> Request {
        self.request(types::MAP_SET_TTL, &[millis], &[])
    }

    pub(crate) fn replace(&self, value: &Data) -> Request {
        self.request(types::MAP_REPLACE, &[self.thread], &[value])
    }

    pub(crate) fn replace_if_same(&self, expected: &Data, value: &Data) -> Request {
        self.request(types::MAP_REPLACE_IF_SAME, &[self.thread], &[expected, value])
    }

    pub(crate) fn remove(&self) -> Request {
        self.request(types::MAP_REMOVE, &[self.thread], &[])
    }

    pub(crate) fn remove_if_same(&self, expected: &Data) -> Request {
        self.request(types::MAP_REMOVE_IF_SAME, &[self.thread], &[expected])
    }

    pub(crate) fn delete(&self) -> Request {
        self.request(types::MAP_DELETE, &[self.thread], &[])
    }

    pub(crate) fn evict(&self) -> Request {
        self.request(types::MAP_EVICT, &[self.thread], &[])
    }

    /// `lease`: when the member unlocks by itself, in milliseconds; never for -1. `reference`: the number of this
    /// attempt, by which the member knows it when it comes again.
    pub(crate) fn lock(&self, lease: i64, reference: i64) -> Request {
        self.request(types::MAP_LOCK, &[self.thread, lease, reference], &[])
    }

    pub(crate) fn try_lock(&self, lease: i64, wait: i64, reference: i64) -> Request {
        self.request(types::MAP_TRY_LOCK, &[self.thread, lease, wait, reference], &[])
    }

    pub(crate) fn unlock(&self, reference: i64) -> Request {
        self.request(types::MAP_UNLOCK, &[self.thread, reference], &[])
    }

    pub(crate) fn force_unlock(&self, reference: i64) -> Request {
        self.request(types::MAP_FORCE_UNLOCK, &[reference], &[])
    }

    pub(crate) fn is_locked(&self) -> Request {
        self.request(types::MAP_IS_LOCKED, &[], &[])
    }

    /// The processor stands before the key.
    pub(crate) fn execute(&self, processor: &Data) -> Request {
        let mut request = RequestBuilder::new(types::MAP_EXECUTE_ON_KEY, self.partition);
        request.i64(self.thread);
        request.str(self.map);
        request.data(processor);
        request.data(self.key);
        request.finish()
    }
}

/// A request about a whole map: its name, then these.
pub(crate) fn about(message_type: i32, map: &str, arguments: &[&Data]) -> Request {
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.str(map);
    for argument in arguments {
        request.data(argument);
    }
    request.finish()
}

/// Map.loadAll, or Map.loadGivenKeys.
pub(crate) fn load(map: &str, keys: Option<&[Data]>, replace_existing: bool) -> Request {
    let message_type = if keys.is_some() { types::MAP_LOAD_GIVEN_KEYS } else { types::MAP_LOAD_ALL };
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.bool(replace_existing);
    request.str(map);
    if let Some(keys) = keys {
        list(&mut request, keys);
    }
    request.finish()
}

fn list(request: &mut RequestBuilder, items: &[Data]) {
    request.begin();
    for item in items {
        request.data(item);
    }
    request.end();
}

pub(crate) fn execute_on_keys(map: &str, processor: &Data, keys: &[Data]) -> Request {
    let mut request = RequestBuilder::new(types::MAP_EXECUTE_ON_KEYS, NO_PARTITION);
    request.str(map);
    request.data(processor);
    list(&mut request, keys);
    request.finish()
}

pub(crate) fn remove_interceptor(map: &str, id: &str) -> Request {
    let mut request = RequestBuilder::new(types::MAP_REMOVE_INTERCEPTOR, NO_PARTITION);
    request.str(map);
    request.str(id);
    request.finish()
}

/// The keys must all be of one partition: members don't check.
pub(crate) fn get_all(map: &str, partition: i32, keys: &[&Data]) -> Request {
    let mut request = RequestBuilder::new(types::MAP_GET_ALL, partition);
    request.str(map);
    request.begin();
    for key in keys {
        request.data(key);
    }
    request.end();
    request.finish()
}

/// The keys must all be of one partition: members don't check.
pub(crate) fn put_all(map: &str, partition: i32, entries: &[(&Data, &Data)]) -> Request {
    let size: usize =
        entries.iter().map(|(key, value)| key.as_bytes().len() + value.as_bytes().len() + 12).sum();
    let mut request = RequestBuilder::with_capacity(types::MAP_PUT_ALL, partition, 64 + map.len() + size);
    request.bool(true); // an incomplete load by a map store is completed first
    request.str(map);
    request.begin();
    for (key, value) in entries {
        request.data(key);
        request.data(value);
    }
    request.end();
    request.finish()
}

/// What an entry listener wants to hear.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listening {
    pub(crate) include_values: bool,
    /// The kinds of events, a bit each.
    pub(crate) flags: i32,
    pub(crate) key: Option<Data>,
    pub(crate) predicate: Option<Data>,
}

/// On one member, for the events of all.
pub(crate) fn add_entry_listener(map: &str, listening: &Listening) -> Request {
    let message_type = match (&listening.key, &listening.predicate) {
        (None, None) => types::MAP_ADD_ENTRY_LISTENER,
        (Some(_), None) => types::MAP_ADD_ENTRY_LISTENER_TO_KEY,
        (None, Some(_)) => types::MAP_ADD_ENTRY_LISTENER_WITH_PREDICATE,
        (Some(_), Some(_)) => types::MAP_ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE,
    };
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.bool(listening.include_values);
    request.i32(listening.flags);
    request.bool(false);
    request.str(map);
    for data in listening.key.iter().chain(&listening.predicate) {
        request.data(data);
    }
    request.finish()
}

/// Whether this is an event of an entry listener: each registration has a message type of its own for them.
pub(crate) fn is_entry_event(message: &Message) -> bool {
    /// The first event after a request and its response.
    const EVENT: i32 = 2;
    matches!(
        message.message_type() - EVENT,
        types::MAP_ADD_ENTRY_LISTENER
            | types::MAP_ADD_ENTRY_LISTENER_TO_KEY
            | types::MAP_ADD_ENTRY_LISTENER_WITH_PREDICATE
            | types::MAP_ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE
    )
}

pub(crate) fn remove_entry_listener(map: &str, registration: Uuid) -> Request {
    let mut request = RequestBuilder::new(types::MAP_REMOVE_ENTRY_LISTENER, NO_PARTITION);
    request.uuid(registration);
    request.str(map);
    request.finish()
}

/// The registration that a listener got.
pub(crate) fn registration(message: &Message) -> Result<Uuid, Malformed> {
    message.read()?.0.uuid(13)?.ok_or(Malformed("listener without a registration"))
}

pub(crate) fn bool(message: &Message) -> Result<bool, Malformed> {
    message.read()?.0.bool(13)
}

pub(crate) fn i32(message: &Message) -> Result<i32, Malformed> {
    message.read()?.0.i32(13)
}

/// A nullable value.
pub(crate) fn nullable_data(message: &Message) -> Result<Option<Data>, Malformed> {
    next_nullable_data(&mut message.read()?.1, message.bytes())
}

pub(crate) fn string(message: &Message) -> Result<String, Malformed> {
    message.read()?.1.string()
}

/// A list of keys, or of values.
pub(crate) fn list_of_data(message: &Message) -> Result<Vec<Data>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames.list(|frames| data(frames.value()?, message.bytes()))
}

/// The same with nulls in between.
pub(crate) fn list_of_nullable(message: &Message) -> Result<Vec<Option<Data>>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames.list(|frames| next_nullable_data(frames, message.bytes()))
}

/// A list of keys and values.
pub(crate) fn entries(message: &Message) -> Result<Vec<(Data, Data)>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames
        .list(|frames| Ok((data(frames.value()?, message.bytes())?, data(frames.value()?, message.bytes())?)))
}

/// What a member knows about an entry (`SimpleEntryView`): numbers in the order of the protocol, key, value.
pub(crate) type RawEntryView = ([i64; 10], Data, Option<Data>);

pub(crate) fn entry_view(message: &Message) -> Result<Option<RawEntryView>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames.nullable(|frames| {
        frames.begin()?;
        let fixed = Fixed(frames.value()?.content);
        let mut numbers = [0; 10];
        for (number, at) in numbers.iter_mut().zip((0..).step_by(8)) {
            *number = fixed.i64(at)?;
        }
        let key = data(frames.value()?, message.bytes())?;
        let value = next_nullable_data(frames, message.bytes())?;
        frames.finish()?;
        Ok((numbers, key, value))
    })
}

/// What happened to an entry, or to the whole map.
#[derive(Debug, Clone)]
pub(crate) struct RawEntryEvent {
    pub(crate) kind: i32,
    pub(crate) affected: i32,
    pub(crate) key: Option<Data>,
    pub(crate) value: Option<Data>,
    pub(crate) old_value: Option<Data>,
}

pub(crate) fn entry_event(message: &Message) -> Result<RawEntryEvent, Malformed> {
    let (fixed, mut frames) = message.read()?;
    let mut next = || next_nullable_data(&mut frames, message.bytes());
    let (key, value, old_value) = (next()?, next()?, next()?);
    Ok(RawEntryEvent { kind: fixed.i32(16)?, affected: fixed.i32(37)?, key, value, old_value })
}

pub(super) fn next_nullable_data(frames: &mut Frames<'_>, bytes: &Bytes) -> Result<Option<Data>, Malformed> {
    let frame = frames.nullable(Frames::value)?;
    let data = frame.map(|frame| data(frame, bytes)).transpose()?;
    // A Data of type 0 is a null.
    Ok(data.filter(|data| data.type_id() != 0))
}

/// Data without a copy: it keeps the whole message alive.
pub(crate) fn data(frame: Frame<'_>, bytes: &Bytes) -> Result<Data, Malformed> {
    Data::new(bytes.slice(frame.at..frame.at + frame.content.len()))
        .ok_or(Malformed("serialized value without its header"))
}
