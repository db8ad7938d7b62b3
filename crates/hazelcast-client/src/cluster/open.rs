//! Making a connection: TCP, authentication, and what to call it when that fails.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::connection::{Connection, ConnectionLimits};
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
const CLIENT_VERSION: &str = "5.7.0";
const CLIENT_TYPE: &str = "RST";

/// Connects to a member and authenticates.
pub(crate) async fn open(
    settings: &ClientBuilder,
    address: &Address,
    client_uuid: Uuid,
) -> Result<(Arc<Connection>, Authenticated)> {
    let limit = settings.connect_timeout;
    match tokio::time::timeout(limit, connect(settings, address, client_uuid)).await {
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
    address: &Address,
    client_uuid: Uuid,
) -> Result<(Arc<Connection>, Authenticated)> {
    let failed = |source| Error::Connect { address: address.to_string(), source: Arc::new(source) };
    let mut stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut request = PREAMBLE.to_vec();
    request.extend_from_slice(auth::request(&identity(settings, client_uuid)).as_bytes());
    stream.write_all(&request).await.map_err(failed)?;
    let mut buffer = BytesMut::with_capacity(8 << 10);
    let answer = answer(&mut stream, &mut buffer, address).await?;
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

fn identity(settings: &ClientBuilder, client_uuid: Uuid) -> Identity<'_> {
    Identity {
        client_uuid,
        cluster_name: &settings.cluster_name,
        credentials: &settings.credentials,
        client_type: CLIENT_TYPE,
        client_version: CLIENT_VERSION,
        client_name: &settings.client_name,
        labels: &settings.labels,
        routing: settings.routing,
    }
}

/// Reads the first message; what comes after it stays in the buffer.
async fn answer(stream: &mut TcpStream, buffer: &mut BytesMut, address: &Address) -> Result<Message> {
    let mut cutter = MessageCutter::new(MAX_AUTHENTICATION_ANSWER);
    let failed = |kind, text: &str| {
        let source = Arc::new(std::io::Error::new(kind, text.to_string()));
        Error::Connect { address: address.to_string(), source }
    };
    loop {
        if let Some(message) = cutter.next(buffer)? {
            return Ok(message);
        }
        let received = stream
            .read_buf(buffer)
            .await
            .map_err(|source| Error::Connect { address: address.to_string(), source: Arc::new(source) })?;
        // Other protocols answer with a few bytes, and close.
        if buffer.chunk().starts_with(b"HZX") {
            return Err(failed(std::io::ErrorKind::InvalidData, "this port is not for clients"));
        }
        if buffer.chunk().starts_with(&[0x15, 0x03]) {
            return Err(failed(std::io::ErrorKind::InvalidData, "this port expects TLS"));
        }
        if received == 0 {
            let text = "closed by the peer before it answered the authentication";
            return Err(failed(std::io::ErrorKind::UnexpectedEof, text));
        }
    }
}
