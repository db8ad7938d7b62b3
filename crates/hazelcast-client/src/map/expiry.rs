//! How long entries live.

use std::time::{Duration, SystemTime};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::protocol::map::{Lifetime, RawEntryView};

/// How long an entry lives: the map's own settings unless given. `Some(Duration)` is one with a time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Expiry {
    ttl: Option<Duration>,
    max_idle: Option<Duration>,
}

impl Expiry {
    /// As the map is configured.
    pub fn of_map() -> Self {
        Self::default()
    }

    /// Never, whatever the map is configured to.
    pub fn never() -> Self {
        Self { ttl: Some(Duration::ZERO), max_idle: Some(Duration::ZERO) }
    }

    /// This long after it was written.
    pub fn after(ttl: Duration) -> Self {
        Self { ttl: Some(ttl), max_idle: None }
    }

    /// This long after it was last read or written. Hazelcast counts in seconds: a part of one is rounded.
    pub fn idle(self, max_idle: Duration) -> Self {
        Self { max_idle: Some(max_idle), ..self }
    }

    pub(super) fn lifetime(self) -> Result<Lifetime> {
        Ok(Lifetime {
            ttl: self.ttl.map(millis).transpose()?,
            max_idle: self.max_idle.map(millis).transpose()?,
        })
    }
}

impl From<Option<Duration>> for Expiry {
    fn from(ttl: Option<Duration>) -> Self {
        Self { ttl, max_idle: None }
    }
}

/// Whole milliseconds; what is shorter than one would mean "for ever".
pub(crate) fn millis(duration: Duration) -> Result<i64> {
    let millis = i64::try_from(duration.as_millis()).ok();
    let millis = millis.filter(|millis| *millis > 0 || duration.is_zero());
    millis.ok_or_else(|| Error::InvalidArgument("a time must be zero or at least 1 ms".to_string()))
}

/// What the cluster knows about an entry (`EntryView`). Statistics are only kept by maps that are configured to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryView {
    /// The key.
    pub key: Data,
    /// The value.
    pub value: Option<Data>,
    /// The memory that the entry takes on its member, in bytes.
    pub cost: u64,
    /// When the entry was made.
    pub created: Option<SystemTime>,
    /// When it will expire.
    pub expires: Option<SystemTime>,
    /// How often it was read.
    pub hits: u64,
    /// When it was last read.
    pub last_accessed: Option<SystemTime>,
    /// When it was last written to a map store.
    pub last_stored: Option<SystemTime>,
    /// When it was last changed.
    pub last_updated: Option<SystemTime>,
    /// How often it was changed.
    pub version: u64,
    /// How long it lives after it was written.
    pub ttl: Option<Duration>,
    /// How long it lives after it was last used.
    pub max_idle: Option<Duration>,
}

impl EntryView {
    pub(super) fn of(raw: RawEntryView) -> Self {
        let (numbers, key, value) = raw;
        let [cost, created, expires, hits, accessed, stored, updated, version, ttl, max_idle] = numbers;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        // What is not known is -1 or 0, what never comes `Long.MAX_VALUE`.
        let length =
            |millis: i64| (1..i64::MAX).contains(&millis).then(|| Duration::from_millis(count(millis)));
        let moment = |millis: i64| length(millis).and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
        Self {
            key,
            value,
            cost: count(cost),
            created: moment(created),
            expires: moment(expires),
            hits: count(hits),
            last_accessed: moment(accessed),
            last_stored: moment(stored),
            last_updated: moment(updated),
            version: count(version),
            ttl: length(ttl),
            max_idle: length(max_idle),
        }
    }
}
