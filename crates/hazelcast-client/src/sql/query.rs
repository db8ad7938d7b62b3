//! A query that may be open in the cluster: what runs it, and how it is closed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::page::Page;
use crate::client::Client;
use crate::cluster::connection::{Connection, Invocation};
use crate::cluster::member::{Lease, Member};
use crate::deadline::{after, within};
use crate::error::{Error, Result, SqlError, sql_error_code};
use crate::protocol::message::Message;
use crate::protocol::sql::{self, QueryId};

/// How long a close may take before the query's connection is closed instead.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// How late the member may be with what it should have stopped itself.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Where a query runs.
pub(super) enum Place {
    /// On a connection of its own.
    Leased(Lease),
    /// On one of the member's shared connections.
    Shared(Arc<Member>, Arc<Connection>),
}

impl Place {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        match self {
            Self::Leased(lease) => &lease.connection,
            Self::Shared(_, connection) => connection,
        }
    }

    pub(super) fn member(&self) -> &Arc<Member> {
        match self {
            Self::Leased(lease) => &lease.member,
            Self::Shared(member, _) => member,
        }
    }
}

/// The time limit of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) started: Instant,
    /// As the caller set it.
    pub(super) timeout: Option<Duration>,
    /// How late the member's answer may be: nothing when the member doesn't know of the limit.
    pub(super) grace: Duration,
    /// For waiting in a queue, and for statements without a timeout.
    pub(super) invocation_timeout: Duration,
}

impl Limit {
    /// Until when a free slot is waited for.
    pub(super) fn queue_until(&self) -> Instant {
        match self.timeout {
            Some(timeout) => after(self.started, timeout),
            None => within(self.invocation_timeout),
        }
    }

    /// Until when the member's answer is waited for: it has its own timer, but may be stuck. Without a timeout a statement may
    /// take as long as its connection shows signs of life.
    fn answer_until(&self) -> Option<Instant> {
        self.timeout.map(|timeout| after(self.started, timeout).max(Instant::now()) + self.grace)
    }

    /// What the member is told.
    pub(super) fn member_millis(&self) -> i64 {
        let Some(timeout) = self.timeout else { return -1 };
        let left = timeout.saturating_sub(self.started.elapsed());
        i64::try_from(left.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    fn exceeded(&self) -> Error {
        Error::Timeout { what: "statement", limit: self.timeout.unwrap_or_default() }
    }

    /// The error of the member, or that the timeout was the reason for it: the member has no code for that (protocol 4.7).
    pub(super) fn interpret(&self, error: SqlError) -> Error {
        let over =
            self.timeout.is_some_and(|timeout| self.started.elapsed() + Duration::from_millis(20) >= timeout);
        let typical = error.message.as_deref().is_none_or(|message| {
            message.contains("CANCEL_FORCEFUL") || message.starts_with("Timeout occurred")
        });
        if over && typical && error.code == sql_error_code::GENERIC {
            return self.exceeded();
        }
        Error::Sql(Box::new(error))
    }

    /// Waits for an answer.
    pub(super) async fn answer(&self, invocation: &mut Invocation) -> Result<Message> {
        match self.answer_until() {
            Some(until) => match tokio::time::timeout_at(until, invocation).await {
                Ok(answer) => answer,
                Err(_) => Err(self.exceeded()),
            },
            None => invocation.await,
        }
    }

    /// Waits for a slot on the member.
    pub(super) async fn slot(&self, member: &Member, lookup: bool) -> Result<OwnedSemaphorePermit> {
        let slots = Arc::clone(member.slots(lookup));
        // A member that is lost leaves nobody in its queue: what held its slots has failed.
        tokio::select! {
            biased;
            slot = slots.acquire_owned() => slot.map_err(|_| Error::Overloaded("no slot on the member")),
            () = tokio::time::sleep_until(self.queue_until()) => Err(match self.timeout {
                Some(_) => self.exceeded(),
                None => Error::Overloaded("too many queries are waiting"),
            }),
        }
    }
}

/// A query that was sent, or is about to be. Unless it [ended](Self::ended), dropping it closes it in the cluster.
pub(super) struct OpenQuery {
    pub(super) client: Client,
    pub(super) place: Option<Place>,
    pub(super) id: QueryId,
    pub(super) lookup: bool,
    pub(super) limit: Limit,
    /// A statement that changes data can't be closed: its connection is kept until it is answered.
    pub(super) changes_data: bool,
    /// What was asked last, and not answered yet.
    pub(super) outstanding: Option<Invocation>,
}

impl OpenQuery {
    /// The cluster has nothing left of this query.
    pub(super) fn ended(&mut self) {
        self.outstanding = None;
        self.place = None;
    }

    /// Sends a fetch.
    pub(super) fn send_fetch(&mut self, slot: OwnedSemaphorePermit, rows: i32) {
        if let Some(place) = &self.place {
            self.outstanding = Some(place.connection().invoke(sql::fetch(self.id, rows), Some(slot)));
        }
    }

    /// Sends a fetch if there is a slot for it now.
    pub(super) fn prefetch(&mut self, rows: i32) {
        let slot = self
            .place
            .as_ref()
            .and_then(|place| Arc::clone(place.member().slots(self.lookup)).try_acquire_owned().ok());
        if let Some(slot) = slot {
            self.send_fetch(slot, rows);
        }
    }

    /// The next page: of the fetch that is under way, else of a new one.
    pub(super) async fn fetch(&mut self, rows: i32) -> Result<Page> {
        if self.outstanding.is_none() {
            let member = match &self.place {
                Some(place) => Arc::clone(place.member()),
                None => return Err(Error::ClientClosed),
            };
            let slot = self.limit.slot(&member, self.lookup).await?;
            self.send_fetch(slot, rows);
        }
        let Some(outstanding) = &mut self.outstanding else { return Err(Error::ClientClosed) };
        let answer = self.limit.answer(outstanding).await;
        // After a timeout it is still under way.
        if !matches!(answer, Err(Error::Timeout { .. })) {
            self.outstanding = None;
        }
        let answer = answer?;
        match sql::fetched(&answer, max_rows(rows))? {
            Ok(page) => Ok(page),
            Err(error) => {
                // The cursor went with its error.
                self.ended();
                Err(self.limit.interpret(error))
            }
        }
    }

    /// Closes the query in the cluster, or at least its connection. That goes on when nobody waits for it.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        let closing = close(self.place.take()?, self.id, self.outstanding.take(), self.changes_data);
        let client = self.client.clone();
        Some(self.client.cluster().runtime.spawn(async move {
            closing.await;
            drop(client);
        }))
    }
}

/// How many rows a page may have: what was asked for; members are given some room.
pub(super) fn max_rows(asked: i32) -> usize {
    usize::try_from(asked).unwrap_or(0).max(1 << 16)
}

impl Drop for OpenQuery {
    fn drop(&mut self) {
        drop(self.close());
    }
}

/// SqlClose; if the member doesn't answer, or leaves the query's request unanswered, its threads are all taken: closing
/// the query's own connection is what stops it then (protocol 4.8).
async fn close(place: Place, id: QueryId, outstanding: Option<Invocation>, changes_data: bool) {
    let connection = Arc::clone(place.connection());
    if connection.is_closed() {
        return;
    }
    let closed = connection.invoke(sql::close(id), None).within(CLOSE_LIMIT, "closing a query").await;
    let answered = match outstanding {
        Some(outstanding) if changes_data => outstanding.await.is_ok(),
        Some(outstanding) => outstanding.within(CLOSE_LIMIT, "a closed query").await.is_ok(),
        None => true,
    };
    if matches!(place, Place::Leased(_)) && (closed.is_err() || !answered) {
        connection.close("a query on it could not be closed");
    }
}
