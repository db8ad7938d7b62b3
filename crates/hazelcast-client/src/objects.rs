//! Distributed objects: which there are, their end, and a listener to both.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::protocol::cluster as messages;
use crate::protocol::message::Message;
use crate::protocol::message_type::DISTRIBUTED_OBJECT_EVENT;
use crate::protocol::request::Request;
use crate::subscription::{Subscription, Topic};

/// The service of maps.
pub(crate) const MAP_SERVICE: &str = "hz:impl:mapService";

/// An object was made or destroyed somewhere in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectEvent {
    /// An object was made.
    Created {
        /// Its service, `hz:impl:mapService` for maps.
        service: String,
        /// Its name.
        name: String,
    },
    /// An object was destroyed.
    Destroyed {
        /// Its service.
        service: String,
        /// Its name.
        name: String,
    },
    /// Events begin here, or begin again: what happened before is not known. Every listener begins with one.
    Gap,
}

/// A stream of events. Dropping it ends the listener in the cluster.
#[derive(Debug)]
pub struct ObjectListener {
    events: Subscription<ObjectEvent>,
}

impl ObjectListener {
    /// The next event; nothing after the client was shut down.
    pub async fn next_event(&mut self) -> Option<ObjectEvent> {
        std::future::poll_fn(|context| self.events.poll_event(context)).await
    }
}

impl Stream for ObjectListener {
    type Item = ObjectEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ObjectEvent>> {
        self.get_mut().events.poll_event(context)
    }
}

impl Client {
    /// The objects that exist in the cluster: the service of each (`hz:impl:mapService` for maps) and its name.
    pub async fn distributed_objects(&self) -> Result<Vec<(String, String)>> {
        let cluster = self.cluster();
        let request = cluster.any_member()?.connection.invoke(messages::get_distributed_objects(), None);
        let answer =
            request.within(cluster.settings.invocation_timeout, "listing distributed objects").await?;
        Ok(messages::distributed_objects(&answer)?)
    }

    /// Makes an object known to the cluster, so that [`distributed_objects`](Self::distributed_objects) lists it and
    /// listeners hear of it. Nothing else needs it: a map is there when its first entry is.
    pub async fn create_object(&self, service: &str, name: &str) -> Result<()> {
        self.about_object("Client.createProxy", name, messages::create_proxy(service, name)).await
    }

    /// Destroys an object of the cluster with all that is in it. One that doesn't exist is no error.
    pub async fn destroy_object(&self, service: &str, name: &str) -> Result<()> {
        self.about_object("Client.destroyProxy", name, messages::destroy_proxy(service, name)).await
    }

    async fn about_object(&self, what: &'static str, name: &str, request: Request) -> Result<()> {
        if name.is_empty() {
            return Err(Error::InvalidArgument("an object has a name".to_string()));
        }
        let cluster = self.cluster();
        let answer = cluster.any_member()?.connection.invoke(request, None);
        answer.within(cluster.settings.invocation_timeout, what).await.map(drop)
    }

    /// Listens to objects being made and destroyed.
    pub fn object_listener(&self) -> ObjectListener {
        let topic = Topic {
            what: "Client.addDistributedObjectListener",
            add: Box::new(messages::add_distributed_object_listener),
            remove: Box::new(messages::remove_distributed_object_listener),
            read,
            gap: || ObjectEvent::Gap,
        };
        ObjectListener { events: Subscription::start(self.clone(), topic) }
    }
}

fn read(message: &Message) -> Result<Option<ObjectEvent>> {
    if message.message_type() != DISTRIBUTED_OBJECT_EVENT {
        return Ok(None);
    }
    let (name, service, kind) = messages::distributed_object_event(message)?;
    Ok(match kind.as_str() {
        "CREATED" => Some(ObjectEvent::Created { service, name }),
        "DESTROYED" => Some(ObjectEvent::Destroyed { service, name }),
        _ => None,
    })
}
