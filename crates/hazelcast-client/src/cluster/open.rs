//! Making a connection: TCP, TLS, authentication, and what to call it when that fails.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use uuid::Uuid;

use super::connection::{Connection, ConnectionLimits};
use super::socket::Stream;
use super::target::Target;
use crate::config::ClientBuilder;
use crate::error::{Error, Result};
use crate::protocol::auth::{self, Authenticated, Identity};
use crate::protocol::message::Message;
use crate::protocol::stream::MessageCutter;
use crate::state::Address;

/// What every client sends first.
const PREAMBLE: &[u8] = b"CP2";
/// The longest answer to an authentication: it can list all members and partitions.
const MAX_AUTHENTICATION_ANSWER: usize = 16 << 20;
/// The generation of the protocol that this client speaks.
pub(super) const CLIENT_VERSION: &str = "5.7.0";
pub(super) const CLIENT_TYPE: &str = "RST";

/// Connects to a member and authenticates.
pub(crate) async fn open(
    settings: &ClientBuilder,
    target: &Target,
    address: &Address,
    client_uuid: Uuid,
) -> Result<(Arc<Connection>, Authenticated)> {
    let limit = settings.connect_timeout;
    match tokio::time::timeout(limit, connect(settings, target, address, client_uuid)).await {
        Ok(result) => result,
        Err(_) => Err(Error::Connect {
            address: address.to_string(),
            source: Arc::new(std::io::Error::new(
                std::io::ErrorKind::TimedOut,
                format!("no answer within {limit:?}"),
            )),
        }),
    }
}

async fn connect(
    settings: &ClientBuilder,
    target: &Target,
    address: &Address,
    client_uuid: Uuid,
) -> Result<(Arc<Connection>, Authenticated)> {
    let mut stream = target.connect(address).await?;
    let mut request = PREAMBLE.to_vec();
    request.extend_from_slice(auth::request(&identity(settings, target, client_uuid)).as_bytes());
    stream.write_all(&request).await.map_err(|error| target.explain(error, address))?;
    let mut buffer = BytesMut::with_capacity(8 << 10);
    let answer = answer(&mut stream, &mut buffer, target, address).await?;
    let authenticated = match auth::response(&answer.into_response()?)? {
        Ok(authenticated) => authenticated,
        // The member leaves a refused connection open: dropping the stream closes it.
        Err(status) => return Err(Error::Authentication { address: address.to_string(), status }),
    };
    let limits = ConnectionLimits {
        heartbeat_interval: settings.heartbeat_interval,
        heartbeat_timeout: settings.heartbeat_timeout,
        max_message_size: settings.max_message_size,
    };
    let connection = Connection::start(authenticated.member, address.to_string(), stream, buffer, limits);
    Ok((connection, authenticated))
}

fn identity<'a>(settings: &'a ClientBuilder, target: &'a Target, client_uuid: Uuid) -> Identity<'a> {
    Identity {
        client_uuid,
        cluster_name: &target.config.name,
        credentials: &target.config.credentials,
        client_type: CLIENT_TYPE,
        client_version: CLIENT_VERSION,
        client_name: &settings.client_name,
        labels: &settings.labels,
        routing: settings.routing,
    }
}

/// Reads the first message; what comes after it stays in the buffer.
async fn answer(
    stream: &mut Stream,
    buffer: &mut BytesMut,
    target: &Target,
    address: &Address,
) -> Result<Message> {
    let mut cutter = MessageCutter::new(MAX_AUTHENTICATION_ANSWER);
    let failed = |kind, text: &str| {
        let source = Arc::new(std::io::Error::new(kind, text.to_string()));
        Error::Connect { address: address.to_string(), source }
    };
    loop {
        if let Some(message) = cutter.next(buffer)? {
            return Ok(message);
        }
        let received = stream.read(buffer).await.map_err(|error| target.explain(error, address))?;
        // Other protocols answer with a few bytes, and close.
        if buffer.chunk().starts_with(b"HZX") {
            return Err(failed(std::io::ErrorKind::InvalidData, "this port is not for clients"));
        }
        if buffer.chunk().starts_with(&[0x15, 0x03]) {
            return Err(failed(std::io::ErrorKind::InvalidData, "this port expects TLS: set it up"));
        }
        if received == 0 {
            let text = "closed by the peer before it answered the authentication";
            return Err(failed(std::io::ErrorKind::UnexpectedEof, text));
        }
    }
}
