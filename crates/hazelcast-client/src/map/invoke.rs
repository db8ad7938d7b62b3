//! Requests of maps: to the owner, again when that makes sense, never beyond the time limit.

use std::time::Duration;

use tokio::time::Instant;

use super::Map;
use crate::deadline::within;
use crate::error::{Error, Result};
use crate::protocol::message::Message;
use crate::protocol::request::Request;

impl Map {
    /// A request that changes nothing.
    pub(super) async fn read(
        &self,
        partition: Option<u32>,
        what: &'static str,
        request: impl Fn() -> Request,
    ) -> Result<Message> {
        self.invoke(self.deadline(), partition, what, request, read_again).await
    }

    /// As [`Map::read`], with another limit.
    pub(super) async fn read_until(
        &self,
        until: Instant,
        partition: Option<u32>,
        what: &'static str,
        request: impl Fn() -> Request,
    ) -> Result<Message> {
        self.invoke(until, partition, what, request, read_again).await
    }

    fn deadline(&self) -> Instant {
        within(self.client.cluster().settings.invocation_timeout)
    }

    /// A request that is sent again only if it can't have been done.
    pub(super) async fn write(
        &self,
        partition: Option<u32>,
        what: &'static str,
        request: impl Fn() -> Request,
    ) -> Result<Message> {
        self.invoke(self.deadline(), partition, what, request, Error::is_retryable).await
    }

    /// As [`Map::write`], for a request whose second try would answer otherwise if the first was done (`replaceIfSame`
    /// finds another value then): a member that left, or is ending, may have done it.
    pub(super) async fn write_once(
        &self,
        partition: Option<u32>,
        what: &'static str,
        request: impl Fn() -> Request,
    ) -> Result<Message> {
        let again = |error: &Error| error.is_retryable() && !error.may_have_been_done();
        self.invoke(self.deadline(), partition, what, request, again).await
    }

    async fn invoke(
        &self,
        until: Instant,
        partition: Option<u32>,
        what: &'static str,
        request: impl Fn() -> Request,
        again: impl Fn(&Error) -> bool,
    ) -> Result<Message> {
        let cluster = self.client.cluster();
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            let member = match partition {
                Some(partition) => cluster.member_for_partition(partition),
                None => cluster.any_member(),
            };
            let error = match member {
                Ok(member) => {
                    let invocation = member.shared(cluster).invoke(request(), None);
                    match tokio::time::timeout_at(until, invocation).await {
                        Ok(Ok(answer)) => return Ok(answer),
                        Ok(Err(error)) => error,
                        Err(_) => return Err(Error::Timeout { what, limit: until.duration_since(begun) }),
                    }
                }
                // Who asks while nobody is connected is told so at once; who has lost his connection may find another.
                Err(error) if attempt == 0 || begun.elapsed() > CONNECTED_AGAIN => return Err(error),
                Err(error) => error,
            };
            let pause = pause(attempt);
            if !again(&error) || Instant::now() + pause >= until {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
        }
    }
}

pub(super) fn read_again(error: &Error) -> bool {
    error.is_retryable() || matches!(error, Error::ConnectionLost { .. })
}

/// How long a request that was under way waits for another connection when there is none.
const CONNECTED_AGAIN: Duration = Duration::from_secs(5);

/// As other clients: a few attempts at once, then pauses that double up to a second.
pub(super) fn pause(attempt: u32) -> Duration {
    match attempt.checked_sub(5) {
        None => Duration::from_millis(u64::from(attempt)),
        Some(doubled) => Duration::from_millis(1 << doubled.min(10)).min(Duration::from_secs(1)),
    }
}
