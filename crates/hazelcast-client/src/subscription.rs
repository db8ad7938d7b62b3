//! Listeners: streams of events that outlive the connections they come over.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::client::Client;
use crate::cluster::connection::Connection;
use crate::error::{Error, Result};
use crate::protocol::map::registration;
use crate::protocol::message::Message;
use crate::protocol::request::Request;

/// Events that may wait to be read.
const BUFFER: usize = 4096;
/// How long to wait before a listener is registered again.
const PAUSE: Duration = Duration::from_millis(200);

/// How a listener is registered and taken back, and what its events mean.
pub(crate) struct Topic<E> {
    pub(crate) what: &'static str,
    pub(crate) add: Box<dyn Fn() -> Request + Send + Sync>,
    pub(crate) remove: Box<dyn Fn(Uuid) -> Request + Send + Sync>,
    /// Nothing for events that are to be passed over.
    pub(crate) read: fn(&Message) -> Result<Option<E>>,
    /// What says that events may be missing here.
    pub(crate) gap: fn() -> E,
}

/// Events to come. Dropping it ends the listener in the cluster.
pub(crate) struct Subscription<E> {
    events: mpsc::Receiver<E>,
    overflow: Arc<AtomicBool>,
    gap: fn() -> E,
    task: AbortHandle,
}

impl<E: Send + 'static> Subscription<E> {
    pub(crate) fn start(client: Client, topic: Topic<E>) -> Self {
        let (sender, events) = mpsc::channel(BUFFER);
        let overflow = Arc::new(AtomicBool::new(false));
        let sink = Sink { sender, overflow: Arc::clone(&overflow) };
        let gap = topic.gap;
        let runtime = client.cluster().runtime.clone();
        let task = runtime.spawn(keep_registered(client, Arc::new(topic), sink)).abort_handle();
        Self { events, overflow, gap, task }
    }

    pub(crate) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<E>> {
        if self.events.is_empty() && self.overflow.swap(false, Ordering::AcqRel) {
            return Poll::Ready(Some((self.gap)()));
        }
        self.events.poll_recv(context)
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("waiting", &self.events.len()).finish()
    }
}

/// Where events go. What doesn't fit leaves a gap.
struct Sink<E> {
    sender: mpsc::Sender<E>,
    overflow: Arc<AtomicBool>,
}

impl<E> Clone for Sink<E> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), overflow: Arc::clone(&self.overflow) }
    }
}

impl<E> Sink<E> {
    fn put(&self, event: E) {
        if self.sender.try_send(event).is_err() {
            self.overflow.store(true, Ordering::Release);
        }
    }
}

/// Registers the listener on some member, and on another when the connection to that one is lost.
async fn keep_registered<E: Send + 'static>(client: Client, topic: Arc<Topic<E>>, sink: Sink<E>) {
    loop {
        // A registration that is under way when the listener is dropped goes on, and is taken back then.
        let registering = register(client.clone(), Arc::clone(&topic), sink.clone());
        let Ok(registered) = client.cluster().runtime.spawn(registering).await else { return };
        match registered {
            Ok(registered) => registered.connection.closed().await,
            Err(Error::ClientClosed) => return,
            Err(error) => {
                tracing::debug!(what = topic.what, %error, "cannot listen");
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Fails only when the client has given up.
        if client.wait_until_connected(Duration::MAX).await.is_err() {
            return;
        }
    }
}

async fn register<E: Send + 'static>(
    client: Client,
    topic: Arc<Topic<E>>,
    sink: Sink<E>,
) -> Result<Registered<E>> {
    let cluster = client.cluster();
    let connection = Arc::clone(&cluster.any_member()?.connection);
    let (events, read) = (sink.clone(), topic.read);
    let handler = Box::new(move |message: Message| match read(&message) {
        Ok(event) => event.into_iter().for_each(|event| events.put(event)),
        Err(error) => {
            tracing::warn!(%error, "unreadable event");
            events.overflow.store(true, Ordering::Release);
        }
    });
    let registering = connection.listen((topic.add)(), handler);
    let call = registering.id();
    let answer = registering.within(cluster.settings.invocation_timeout, topic.what).await?;
    let id = registration(&answer)?;
    sink.put((topic.gap)());
    Ok(Registered { client: client.clone(), connection, topic, id, call })
}

/// A registration in the cluster; dropping it takes it back.
struct Registered<E> {
    client: Client,
    connection: Arc<Connection>,
    topic: Arc<Topic<E>>,
    id: Uuid,
    /// By what the connection knows it.
    call: i64,
}

impl<E> Drop for Registered<E> {
    fn drop(&mut self) {
        if !self.connection.is_closed() {
            let request = (self.topic.remove)(self.id);
            let (removing, connection, call) =
                (self.connection.invoke(request, None), Arc::clone(&self.connection), self.call);
            self.client.cluster().runtime.spawn(async move {
                let _ = removing.await;
                connection.forget(call);
            });
        }
    }
}
