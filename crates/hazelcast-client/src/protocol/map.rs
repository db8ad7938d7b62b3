//! Messages of maps (protocol 7.1).

use bytes::Bytes;
use uuid::Uuid;

use super::frame::{Frame, Frames};
use super::message::Message;
use super::message_type as types;
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::Data;
use crate::error::Malformed;

/// Locks are held by threads; this client has one.
const THREAD_ID: i64 = 1;
/// The map's own time to live.
const DEFAULT_TTL: i64 = -1;

/// Map, partition of the key, key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) map: &'a str,
    pub(crate) partition: i32,
    pub(crate) key: &'a Data,
}

impl Entry<'_> {
    /// A request of a thread about one key, with more values after it.
    fn request(&self, message_type: i32, ttl: Option<i64>, values: &[&Data]) -> Request {
        let size: usize = values.iter().map(|value| value.as_bytes().len() + 6).sum();
        let capacity = 96 + self.map.len() + self.key.as_bytes().len() + size;
        let mut request = RequestBuilder::with_capacity(message_type, self.partition, capacity);
        request.i64(THREAD_ID);
        if let Some(ttl) = ttl {
            request.i64(ttl);
        }
        request.str(self.map);
        request.data(self.key);
        for value in values {
            request.data(value);
        }
        request.finish()
    }

    pub(crate) fn get(&self) -> Request {
        self.request(types::MAP_GET, None, &[])
    }

    pub(crate) fn contains_key(&self) -> Request {
        self.request(types::MAP_CONTAINS_KEY, None, &[])
    }

    pub(crate) fn put(&self, value: &Data, ttl_millis: Option<i64>) -> Request {
        self.request(types::MAP_PUT, ttl_millis.or(Some(DEFAULT_TTL)), &[value])
    }

    pub(crate) fn set(&self, value: &Data, ttl_millis: Option<i64>) -> Request {
        self.request(types::MAP_SET, ttl_millis.or(Some(DEFAULT_TTL)), &[value])
    }

    pub(crate) fn put_if_absent(&self, value: &Data, ttl_millis: Option<i64>) -> Request {
        self.request(types::MAP_PUT_IF_ABSENT, ttl_millis.or(Some(DEFAULT_TTL)), &[value])
    }

    pub(crate) fn replace(&self, value: &Data) -> Request {
        self.request(types::MAP_REPLACE, None, &[value])
    }

    pub(crate) fn replace_if_same(&self, expected: &Data, value: &Data) -> Request {
        self.request(types::MAP_REPLACE_IF_SAME, None, &[expected, value])
    }

    pub(crate) fn remove(&self) -> Request {
        self.request(types::MAP_REMOVE, None, &[])
    }

    pub(crate) fn remove_if_same(&self, expected: &Data) -> Request {
        self.request(types::MAP_REMOVE_IF_SAME, None, &[expected])
    }

    pub(crate) fn delete(&self) -> Request {
        self.request(types::MAP_DELETE, None, &[])
    }
}

/// A request that has only the name of the map.
fn named(message_type: i32, map: &str) -> Request {
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.str(map);
    request.finish()
}

pub(crate) fn size(map: &str) -> Request {
    named(types::MAP_SIZE, map)
}

pub(crate) fn clear(map: &str) -> Request {
    named(types::MAP_CLEAR, map)
}

pub(crate) fn entry_set(map: &str) -> Request {
    named(types::MAP_ENTRY_SET, map)
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

pub(crate) fn add_entry_listener(map: &str, include_value: bool, flags: i32, local_only: bool) -> Request {
    let mut request = RequestBuilder::new(types::MAP_ADD_ENTRY_LISTENER, NO_PARTITION);
    request.bool(include_value);
    request.i32(flags);
    request.bool(local_only);
    request.str(map);
    request.finish()
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

/// A list of keys and values.
pub(crate) fn entries(message: &Message) -> Result<Vec<(Data, Data)>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames
        .list(|frames| Ok((data(frames.value()?, message.bytes())?, data(frames.value()?, message.bytes())?)))
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

fn next_nullable_data(frames: &mut Frames<'_>, bytes: &Bytes) -> Result<Option<Data>, Malformed> {
    let frame = frames.nullable(Frames::value)?;
    let data = frame.map(|frame| data(frame, bytes)).transpose()?;
    // A Data of type 0 is a null.
    Ok(data.filter(|data| data.type_id() != 0))
}

/// Data without a copy: it keeps the whole message alive.
fn data(frame: Frame<'_>, bytes: &Bytes) -> Result<Data, Malformed> {
    Data::new(bytes.slice(frame.at..frame.at + frame.content.len()))
        .ok_or(Malformed("serialized value without its header"))
}
