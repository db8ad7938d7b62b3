//! From an accepted socket to a session (`ProcessStartupPacket`, `PerformAuthentication`).

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use pg::env::NoNames;
use pg::error::Severity;
use pg::wire::startup::{MINOR_VERSION_MAX, decode};
use pg::wire::{Startup, StartupMessage, backend};
use pg::{Error, Result, SqlState};
use sql::exec::CancelToken;
use sql::session::{Activity, Session as SqlSession};
use sql::settings::{Defaults, Settings};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::cancel::Registration;
use super::wire::Wire;
use super::{Shared, admin_shutdown};
use crate::session::engine::{Engine, Notices, Surroundings};
use crate::session::variables::{Variables, now};
use crate::session::{Session, Step, Stop, Stream};

/// The secret of protocol 3.0, whose length is fixed.
const SECRET_BYTES: usize = 4;
/// The secret of protocol 3.2: 256 bits.
const LONG_SECRET_BYTES: usize = 32;

/// Serves one connection to its end.
pub(super) async fn serve<S: Stream + 'static>(stream: S, peers: Peers, shared: &Shared) {
    let mut wire = Wire::new(stream, shared.budget.clone());
    // Boxed: the room that this takes is not kept for as long as the session lives.
    let negotiation = Box::pin(negotiate(&mut wire, peers, shared));
    let let_in = timeout(shared.options.authentication_timeout, negotiation).await;
    match let_in {
        Ok(Ok(Some(client))) => {
            let session = converse(wire, client, shared.engine.clone());
            shared.workers.spawn(session).ended().await;
        }
        Ok(Ok(None)) => wire.close().await,
        Ok(Err(Stop::Error(error))) => {
            backend::error_response(wire.output(), &error.severity(Severity::Fatal));
            wire.close_after_error().await;
        }
        // As PostgreSQL: a client that is silent for so long hears nothing either.
        Ok(Err(Stop::Gone(_))) | Err(_) => (),
    }
}

/// The session of a client that is let in, on the thread where it is to stay.
async fn converse<S: Stream>(mut wire: Wire<S>, client: Client, engine: Arc<dyn Engine>) {
    // The slot and the registration live as long as the session.
    let Client { around, registration, slot } = client;
    match wire.stay_here() {
        Ok(()) => Session::new(wire, engine, registration.controls(), around).run().await,
        Err(error) => tracing::warn!(%error, "a connection could not be taken to its thread"),
    }
    drop((registration, slot));
}

/// Both ends of a connection, when they have addresses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peers {
    /// The client's.
    pub(super) client: Option<SocketAddr>,
    /// Ours.
    pub(super) server: Option<SocketAddr>,
}

/// A client that is let in.
struct Client {
    around: Surroundings,
    registration: Registration,
    slot: OwnedSemaphorePermit,
}

/// Reads startup packets until one begins a session. `None`: the connection was for something else, and that is done.
async fn negotiate<S: Stream>(wire: &mut Wire<S>, peers: Peers, shared: &Shared) -> Step<Option<Client>> {
    loop {
        let Some(packet) = read_packet(wire, shared).await? else { return Ok(None) };
        match decode(&packet)? {
            Startup::SslRequest => refuse_encryption(wire, "SSL").await?,
            Startup::GssEncRequest => refuse_encryption(wire, "GSSAPI encryption").await?,
            Startup::CancelRequest { process_id, secret } => {
                shared.sessions.cancel(process_id, &secret);
                return Ok(None);
            }
            Startup::Message(message) => return let_in(wire, peers, shared, message).map(Some),
        }
    }
}

async fn read_packet<S: Stream>(wire: &mut Wire<S>, shared: &Shared) -> Step<Option<bytes::Bytes>> {
    let mut shutdown = shared.shutdown.clone();
    loop {
        if let Some(packet) = wire.startup_packet()? {
            return Ok(Some(packet));
        }
        tokio::select! {
            received = wire.fill() => if received? == 0 {
                return Ok(None);
            },
            _ = shutdown.wait_for(|stop| *stop) => return Err(admin_shutdown().into()),
        }
    }
}

/// Answers a request for encryption with "no". Nothing may follow it before the answer: whoever can slip bytes in
/// front of a handshake would have them taken for the client's (CVE-2021-23214).
async fn refuse_encryption<S: Stream>(wire: &mut Wire<S>, what: &str) -> Step<()> {
    if wire.has_input() {
        let message = format!("received unencrypted data after {what} request");
        return Err(Error::new(SqlState::PROTOCOL_VIOLATION, message)
            .severity(Severity::Fatal)
            .detail("This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.")
            .into());
    }
    wire.output().extend_from_slice(b"N");
    wire.flush().await?;
    Ok(())
}

/// Lets a client in, and tells it what it must know.
fn let_in<S: Stream>(
    wire: &mut Wire<S>,
    peers: Peers,
    shared: &Shared,
    message: StartupMessage,
) -> Step<Client> {
    let client = admit(shared, peers, &message)?;
    let out = wire.output();
    if message.needs_negotiation() {
        backend::negotiate_protocol_version(
            out,
            message.minor_version.min(MINOR_VERSION_MAX),
            &message.protocol_options,
        );
    }
    backend::authentication_ok(out);
    greet(out, client)
}

fn admit(shared: &Shared, peers: Peers, message: &StartupMessage) -> Result<Client> {
    let user = message.parameter("user").filter(|user| !user.is_empty()).ok_or_else(|| {
        let text = "no PostgreSQL user name specified in startup packet";
        Error::new(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, text)
    })?;
    let database = message.parameter("database").filter(|name| !name.is_empty()).unwrap_or(user);
    if wants_replication(message) {
        return Err(Error::refused("the replication protocol"));
    }
    shared.engine.ready()?;
    let slot = shared
        .slots
        .clone()
        .try_acquire_owned()
        .map_err(|_| Error::new(SqlState::TOO_MANY_CONNECTIONS, "sorry, too many clients already"))?;
    let secret_bytes = if message.minor_version >= 2 { LONG_SECRET_BYTES } else { SECRET_BYTES };
    let activity = Activity {
        user: user.into(),
        database: database.into(),
        client: peers.client,
        backend_start: now(),
        ..Activity::default()
    };
    let registration = shared.sessions.register(secret_bytes, activity)?;
    let around = surroundings(message, user, database, shared, peers, registration.process_id)?;
    Ok(Client { around, registration, slot })
}

/// The settings that a client starts with: its options, then the parameters that are not about the connection.
fn start_settings(message: &StartupMessage) -> Result<Vec<(String, String)>> {
    let mut settings = message.option_settings()?;
    let about_connection = |name: &str| matches!(name, "user" | "database" | "options" | "replication");
    settings.extend(message.parameters.iter().filter(|(name, _)| !about_connection(name)).cloned());
    Ok(settings)
}

fn wants_replication(message: &StartupMessage) -> bool {
    let value = message.parameter("replication").unwrap_or("off").to_ascii_lowercase();
    !matches!(value.as_str(), "off" | "false" | "no" | "0" | "f" | "n")
}

fn surroundings(
    message: &StartupMessage,
    user: &str,
    database: &str,
    shared: &Shared,
    peers: Peers,
    process_id: u32,
) -> Result<Surroundings> {
    let mut settings = Settings::new(Defaults::of_role(&shared.options.settings, user), user);
    for (name, value) in start_settings(message)? {
        settings.startup(&name, &value)?;
    }
    let now = now();
    let mut session = SqlSession::new(settings);
    session.backend_pid = process_id as i32;
    session.backend_start = now;
    session.server_start = shared.started;
    session.client = peers.client;
    session.server = peers.server;
    session.instance = shared.sessions.clone();
    let variables = Variables::new(Arc::new(session));
    Ok(Surroundings {
        env: variables.env(now, now, Arc::new(NoNames)),
        variables,
        user: user.into(),
        database: database.into(),
        notices: Notices::default(),
        cancel: CancelToken::new(),
    })
}

fn greet(out: &mut BytesMut, mut client: Client) -> Step<Client> {
    for (name, value) in client.around.variables.change(Settings::take_reports).0 {
        backend::parameter_status(out, name, &value);
    }
    backend::backend_key_data(out, client.registration.process_id, &client.registration.secret);
    Ok(client)
}
