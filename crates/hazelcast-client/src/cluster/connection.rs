//! One connection to a member, shared by everyone who asks something of it.
//!
//! A writer task sends what has gathered in the outbox with as few writes as possible; a reader task cuts messages out of
//! what arrives and hands each to whoever waits for its correlation id. The writer also sees to the heartbeat.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use super::socket::{DirectWriter, SocketReader, SocketWriter, Stream};
use crate::error::{Error, Result};
use crate::protocol::cluster::ping;
use crate::protocol::message::Message;
use crate::protocol::request::Request;
use crate::protocol::stream::MessageCutter;

/// What a listener does with its events. Called by the reader task: it must not block.
pub(crate) type EventHandler = Box<dyn FnMut(Message) + Send>;

/// How much may wait in the outbox before requests are refused.
const MAX_OUTBOX: usize = 256 << 20;

/// A connection, authenticated.
pub(crate) struct Connection {
    /// Unlike any other connection of this process.
    pub(crate) id: u64,
    pub(crate) member: Uuid,
    pub(crate) address: String,
    /// From where it was made, and when.
    pub(crate) local_address: Option<SocketAddr>,
    pub(crate) connected_at: SystemTime,
    outbox: Mutex<Outbox>,
    wake: Notify,
    calls: Mutex<Calls>,
    /// Answers of the last read that were handed out, and not yet taken by who waits for them. About so many: who has not
    /// taken an answer before the next read is not waited for.
    untaken: AtomicUsize,
    started: Instant,
    /// Milliseconds from `started` to the last byte received.
    last_read: AtomicU64,
    closed: watch::Sender<bool>,
    tasks: OnceLock<[AbortHandle; 2]>,
}

#[derive(Default)]
struct Outbox {
    buffer: Vec<u8>,
    /// How many bytes were ever queued, and how many of them the writer has taken.
    queued: u64,
    taken: u64,
    /// The writer is sending what it took.
    busy: bool,
    /// The last of some answers that came together was taken: the next request need wait for no other.
    last_of_round: bool,
    /// To write without the writer; none when the connection has ended.
    direct: Option<DirectWriter>,
}

impl Outbox {
    /// Writes at once what would only make the writer wake up: when there is nothing more to come that could be sent
    /// together with it.
    fn write_direct(&mut self) {
        let Some(direct) = self.direct.as_ref().filter(|_| !self.busy) else { return };
        let written = direct.write(&self.buffer);
        self.taken += written as u64;
        self.buffer.drain(..written);
        self.buffer.shrink_to(WRITE_BUFFER);
    }
}

/// With fewer calls waiting than this, a request is written by its caller.
const DIRECT: usize = 2;

struct Calls {
    next_id: i64,
    waiting: HashMap<i64, Call, BuildHasherDefault<IdHasher>>,
    /// How many of them are listeners, which stay.
    listeners: usize,
    /// Why the connection ended.
    closed: Option<String>,
}

impl Calls {
    fn remove(&mut self, id: i64) {
        if self.waiting.remove(&id).is_some_and(|call| call.events.is_some()) {
            self.listeners -= 1;
        }
    }
}

/// Who waits for messages with a correlation id.
struct Call {
    /// Taken when the response has arrived.
    reply: Option<oneshot::Sender<Result<Message>>>,
    /// For listeners: what to do with events, until the connection ends.
    events: Option<EventHandler>,
    /// Where in the outbox's stream the request begins: before that point, the member can't have seen it.
    begins_at: u64,
    /// Held until the member has answered.
    _slot: Option<OwnedSemaphorePermit>,
}

/// Correlation ids are their own hash: they count up.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        // The table takes its tag from the upper bits.
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |all, byte| (all << 8) | u64::from(*byte));
    }

    fn write_i64(&mut self, id: i64) {
        self.0 = id as u64;
    }
}

/// The times of a connection's heartbeat, and its largest message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    pub(crate) heartbeat_interval: Duration,
    pub(crate) heartbeat_timeout: Duration,
    pub(crate) max_message_size: usize,
}

/// A lock whose holder can't have left it half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    /// Takes over an authenticated stream; `received` is what came after the answer to the authentication.
    pub(crate) fn start(
        member: Uuid,
        address: String,
        stream: Stream,
        received: BytesMut,
        limits: ConnectionLimits,
    ) -> Arc<Self> {
        let local_address = stream.local_address();
        let (reader, writer, direct) = stream.split();
        let calls = Calls { next_id: 1, waiting: HashMap::default(), listeners: 0, closed: None };
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let connection = Arc::new(Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            member,
            address,
            local_address,
            connected_at: SystemTime::now(),
            outbox: Mutex::new(Outbox { direct, ..Outbox::default() }),
            wake: Notify::new(),
            calls: Mutex::new(calls),
            untaken: AtomicUsize::new(0),
            started: Instant::now(),
            last_read: AtomicU64::new(0),
            closed: watch::Sender::new(false),
            tasks: OnceLock::new(),
        });
        let read = tokio::spawn(Arc::clone(&connection).read(reader, received, limits.max_message_size));
        let write = tokio::spawn(Arc::clone(&connection).write(writer, limits));
        let _ = connection.tasks.set([read.abort_handle(), write.abort_handle()]);
        // A connection that ended before its tasks were known.
        if connection.is_closed() {
            connection.abort();
        }
        connection
    }

    /// Sends a request. `slot` is held until the answer is here, even if nobody waits for it any more.
    pub(crate) fn invoke(
        self: &Arc<Self>,
        request: Request,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Invocation {
        self.send(request, None, slot)
    }

    /// Sends the registration of a listener: its events may come before its answer, and go on until the connection ends.
    pub(crate) fn listen(self: &Arc<Self>, request: Request, events: EventHandler) -> Invocation {
        self.send(request, Some(events), None)
    }

    fn send(
        self: &Arc<Self>,
        mut request: Request,
        events: Option<EventHandler>,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Invocation {
        let (reply, receiver) = oneshot::channel();
        let keep = slot.is_some() || events.is_some();
        let mut calls = lock(&self.calls);
        let id = calls.next_id;
        let refused = match &calls.closed {
            Some(reason) => Some(self.lost(reason, false)),
            None => {
                calls.next_id += 1;
                request.set_correlation_id(id);
                match self.queue(request.as_bytes(), calls.waiting.len() - calls.listeners) {
                    Ok(begins_at) => {
                        calls.listeners += usize::from(events.is_some());
                        calls.waiting.insert(id, Call { reply: Some(reply), events, begins_at, _slot: slot });
                        None
                    }
                    Err(error) => Some(error),
                }
            }
        };
        drop(calls);
        let keep = keep || refused.is_some();
        Invocation { connection: Arc::clone(self), id, receiver, refused, keep }
    }

    /// Writes or puts into the outbox, and answers where the bytes begin in all that was ever queued.
    fn queue(&self, bytes: &[u8], waiting: usize) -> Result<u64> {
        let mut outbox = lock(&self.outbox);
        if outbox.buffer.len() + bytes.len() > MAX_OUTBOX {
            return Err(Error::Overloaded("too much waits to be sent to a member"));
        }
        let begins_at = outbox.queued;
        outbox.queued += bytes.len() as u64;
        let first = outbox.buffer.is_empty();
        outbox.buffer.extend_from_slice(bytes);
        let last = std::mem::take(&mut outbox.last_of_round);
        if last || first && waiting < DIRECT && self.untaken.load(Ordering::Relaxed) == 0 {
            outbox.write_direct();
        }
        let wake = first && !outbox.buffer.is_empty();
        drop(outbox);
        if wake {
            self.wake.notify_one();
        }
        Ok(begins_at)
    }

    /// Hands an answer to who waits for it.
    fn answer(&self, reply: oneshot::Sender<Result<Message>>, answer: Result<Message>) {
        self.untaken.fetch_add(1, Ordering::Relaxed);
        if reply.send(answer).is_err() {
            self.taken();
        }
    }

    /// An answer was taken. Who has it is likely to ask the next thing, and so are those whose answers came with it: the
    /// last of them sends what all of them ask.
    fn taken(&self) {
        let fewer = |untaken: usize| untaken.checked_sub(1);
        if self.untaken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer) == Ok(1) {
            lock(&self.outbox).last_of_round = true;
        }
    }

    /// Forgets a listener that the member has been told to forget.
    pub(crate) fn forget(&self, listener: i64) {
        lock(&self.calls).remove(listener);
    }

    fn lost(&self, reason: &str, sent: bool) -> Error {
        Error::ConnectionLost { address: self.address.clone(), reason: reason.to_string(), sent }
    }

    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Waits until the connection has ended.
    pub(crate) async fn closed(&self) {
        // The sender lives as long as `self`.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Why the connection ended.
    pub(crate) fn why_closed(&self) -> String {
        let reason = lock(&self.calls).closed.clone();
        format!("connection to {}: {}", self.address, reason.as_deref().unwrap_or("open"))
    }

    /// How many answers are awaited.
    pub(crate) fn outstanding(&self) -> usize {
        lock(&self.calls).waiting.len()
    }

    /// Ends the connection: everyone who waits gets an error.
    pub(crate) fn close(&self, reason: &str) {
        let mut calls = lock(&self.calls);
        if calls.closed.is_some() {
            return;
        }
        calls.closed = Some(reason.to_string());
        let waiting = std::mem::take(&mut calls.waiting);
        calls.listeners = 0;
        let mut outbox = lock(&self.outbox);
        // The socket closes with its last user.
        outbox.direct = None;
        let taken = outbox.taken;
        drop(outbox);
        drop(calls);
        tracing::debug!(address = self.address, reason, "connection closed");
        for call in waiting.into_values() {
            if let Some(reply) = call.reply {
                self.answer(reply, Err(self.lost(reason, call.begins_at < taken)));
            }
        }
        self.closed.send_replace(true);
        self.abort();
    }

    fn abort(&self) {
        for task in self.tasks.get().into_iter().flatten() {
            task.abort();
        }
    }

    async fn read(self: Arc<Self>, mut reader: SocketReader, mut buffer: BytesMut, max_size: usize) {
        let mut cutter = MessageCutter::new(max_size);
        // When its runtime ends, nobody receives any more.
        let _reading = Reading(&self);
        loop {
            loop {
                match cutter.next(&mut buffer) {
                    Ok(Some(message)) => self.dispatch(message),
                    Ok(None) => break,
                    Err(malformed) => return self.close(&format!("unreadable message: {}", malformed.0)),
                }
            }
            // Room for the rest of a long message doubles; short ones share a buffer.
            let room = buffer.len().max(READ_BUFFER);
            if buffer.capacity() - buffer.len() < room / 4 {
                buffer.reserve(room);
            }
            match reader.read(&mut buffer).await {
                Ok(0) => return self.close("closed by the member"),
                Ok(_) => {
                    self.last_read.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
                    self.untaken.store(0, Ordering::Relaxed);
                }
                Err(error) => return self.close(&error.to_string()),
            }
        }
    }

    fn dispatch(&self, message: Message) {
        let id = message.correlation_id();
        let mut calls = lock(&self.calls);
        let Some(call) = calls.waiting.get_mut(&id) else {
            // Whoever asked has given up.
            return;
        };
        if message.is_event() {
            if let Some(events) = &mut call.events {
                events(message);
            }
            return;
        }
        let reply = call.reply.take();
        let response = message.into_response();
        if call.events.is_none() || response.is_err() {
            calls.remove(id);
        }
        drop(calls);
        if let Some(reply) = reply {
            self.answer(reply, response);
        }
    }

    async fn write(self: Arc<Self>, mut writer: SocketWriter, limits: ConnectionLimits) {
        let mut ticks = tokio::time::interval(limits.heartbeat_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut written = false;
        let mut sending = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = self.wake.notified() => {
                    // Others that are about to run may have something to send, too: one write will do for all.
                    if !lock(&self.outbox).buffer.is_empty() {
                        tokio::task::yield_now().await;
                    }
                }
                _ = ticks.tick() => {
                    let last_read = self.last_read.load(Ordering::Relaxed);
                    let silence = (self.started.elapsed().as_millis() as u64).saturating_sub(last_read);
                    if u128::from(silence) > limits.heartbeat_timeout.as_millis() {
                        return self.close("no sign of life from the member");
                    }
                    if !std::mem::take(&mut written) {
                        self.ping();
                    }
                }
            }
            {
                let mut outbox = lock(&self.outbox);
                std::mem::swap(&mut outbox.buffer, &mut sending);
                outbox.taken = outbox.queued;
                outbox.busy = !sending.is_empty();
            }
            if sending.is_empty() {
                continue;
            }
            // A member that doesn't read any more doesn't answer either.
            let sent = tokio::time::timeout(limits.heartbeat_timeout, writer.write_all(&sending)).await;
            match sent {
                Ok(Ok(())) => written = true,
                Ok(Err(error)) => return self.close(&error.to_string()),
                Err(_) => return self.close("the member takes no more data"),
            }
            sending.clear();
            sending.shrink_to(WRITE_BUFFER);
            lock(&self.outbox).busy = false;
        }
    }

    /// Its answer is a sign of life, whoever waits for it.
    fn ping(self: &Arc<Self>) {
        drop(self.send(ping(), None, None));
    }
}

/// Closes the connection when nobody reads from it any more.
struct Reading<'a>(&'a Connection);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.close("nobody reads from it any more");
    }
}

/// The room of a read, unless a long message needs more.
const READ_BUFFER: usize = 64 << 10;
/// What the writer keeps of its buffer.
const WRITE_BUFFER: usize = 256 << 10;

/// An answer that will come.
pub(crate) struct Invocation {
    connection: Arc<Connection>,
    id: i64,
    receiver: oneshot::Receiver<Result<Message>>,
    /// The request was not sent.
    refused: Option<Error>,
    /// Whether the call stays registered when nobody waits any more: it holds a slot, or receives events.
    keep: bool,
}

impl Invocation {
    /// By what the connection knows it ([`Connection::forget`]).
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// The answer, within a time.
    pub(crate) async fn within(self, limit: Duration, what: &'static str) -> Result<Message> {
        match tokio::time::timeout(limit, self).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::Timeout { what, limit }),
        }
    }
}

impl Future for Invocation {
    type Output = Result<Message>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(error) = self.refused.take() {
            return Poll::Ready(Err(error));
        }
        // Whoever has had the answer, and asks again what became of the request, must not be a bug that ends a task.
        if self.receiver.is_terminated() {
            return Poll::Ready(Err(self.connection.lost("answered already", true)));
        }
        match std::task::ready!(Pin::new(&mut self.receiver).poll(context)) {
            Ok(answer) => {
                self.connection.taken();
                Poll::Ready(answer)
            }
            Err(_) => Poll::Ready(Err(self.connection.lost("closed", true))),
        }
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        if self.receiver.is_terminated() {
            return;
        }
        if !self.keep {
            lock(&self.connection.calls).remove(self.id);
        }
        // The answer may have come meanwhile.
        self.receiver.close();
        if self.receiver.try_recv().is_ok() {
            self.connection.taken();
        }
    }
}
