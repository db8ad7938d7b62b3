//! The server: accepts connections, lets clients in, and ends everything in good order.

pub mod cancel;
mod startup;
pub mod statements;
#[cfg(test)]
mod tests;
pub mod wire;
mod workers;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pg::error::Severity;
use pg::wire::Budget;
use pg::{Error, SqlState};
use socket2::SockRef;
use sql::settings::Defaults;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::session::engine::Engine;
use crate::session::variables::now;
use cancel::Sessions;
pub use workers::STACK_BYTES;
use workers::Workers;

/// What a server may be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sessions at a time; the next client gets 53300.
    pub max_connections: usize,
    /// How long a client may take to get in.
    pub authentication_timeout: Duration,
    /// How long running statements may go on once the server is to stop.
    pub drain_timeout: Duration,
    /// Bytes that all clients together may have in messages of more than 64 KiB.
    pub large_message_bytes: usize,
    /// The settings that sessions start with.
    pub settings: Arc<Defaults>,
    /// Threads for sessions; none: they run where the server does.
    pub workers: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_connections: 1000,
            authentication_timeout: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(30),
            large_message_bytes: 1 << 30,
            settings: Arc::new(Defaults::new(PRODUCT)),
            workers: 0,
        }
    }
}

/// What `server_version` names beside PostgreSQL's number.
pub const PRODUCT: &str = concat!("hazelgres ", env!("CARGO_PKG_VERSION"));
/// Sockets that have no session yet, beside those that have: more are closed without a word.
const CONNECTING_MAX: usize = 200;
/// After an error of accept (no file descriptors left): the pause before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Shared {
    engine: Arc<dyn Engine>,
    sessions: Arc<Sessions>,
    slots: Arc<Semaphore>,
    budget: Budget,
    options: Arc<Options>,
    shutdown: watch::Receiver<bool>,
    workers: Workers,
    /// `pg_postmaster_start_time()`
    started: i64,
}

/// A server that listens and does not accept yet.
pub struct Server {
    listener: TcpListener,
    engine: Arc<dyn Engine>,
    options: Options,
    workers: Workers,
}

impl Server {
    /// Listens.
    pub async fn bind(address: SocketAddr, engine: Arc<dyn Engine>, options: Options) -> io::Result<Server> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, not_loopback(address)));
        }
        Server::on(TcpListener::bind(address).await?, engine, options)
    }

    /// A server on a socket that listens already. Everybody is trusted, so nobody outside this machine may reach it.
    pub fn on(listener: TcpListener, engine: Arc<dyn Engine>, options: Options) -> io::Result<Server> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, not_loopback(address)));
        }
        let workers = Workers::start(options.workers)?;
        Ok(Server { listener, engine, options, workers })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is there; then lets running statements finish.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, shutdown) = watch::channel(false);
        let shared = Shared {
            engine: self.engine,
            sessions: Arc::default(),
            slots: Arc::new(Semaphore::new(self.options.max_connections)),
            budget: Budget::new(self.options.large_message_bytes),
            options: Arc::new(self.options),
            shutdown,
            workers: self.workers,
            started: now(),
        };
        let mut connections = JoinSet::new();
        tokio::select! {
            () = accept(&self.listener, &shared, &mut connections) => (),
            () = stop => (),
        }
        drop(self.listener);
        stopping.send_replace(true);
        shared.sessions.stop_all();
        drain(connections, &shared).await;
    }
}

async fn accept(listener: &TcpListener, shared: &Shared, connections: &mut JoinSet<()>) {
    let sockets_max = shared.options.max_connections + CONNECTING_MAX;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Finished tasks are taken out as they finish.
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) if connections.len() < sockets_max => {
                connections.spawn(connection(stream, peer, shared.clone()));
            }
            Ok((_, peer)) => tracing::warn!(%peer, "too many connections: closed"),
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, shared: Shared) {
    if let Err(error) = prepare(&stream) {
        tracing::debug!(%peer, %error, "connection lost at once");
        return;
    }
    let peers = startup::Peers { client: Some(peer), server: stream.local_addr().ok() };
    startup::serve(stream, peers, &shared).await;
}

/// Answers are written whole: waiting to fill a segment only costs time. A client whose machine is gone says nothing:
/// the system asks after it (`tcp_keepalives_idle` and its relatives, with the system's values).
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_keepalive(true)
}

/// Waits for running statements, then stops them, then stops waiting.
async fn drain(mut connections: JoinSet<()>, shared: &Shared) {
    let all_gone = async |connections: &mut JoinSet<()>| while connections.join_next().await.is_some() {};
    if timeout(shared.options.drain_timeout, all_gone(&mut connections)).await.is_ok() {
        return;
    }
    tracing::warn!(sessions = shared.sessions.count(), "statements still running: stopping them");
    shared.sessions.interrupt_all();
    if timeout(Duration::from_secs(2), all_gone(&mut connections)).await.is_err() {
        connections.abort_all();
    }
}

/// Why there is no server on an address that others can reach.
pub(crate) fn not_loopback(address: SocketAddr) -> String {
    format!(
        "refusing to listen on {address}: there is no authentication yet, so only loopback addresses are allowed"
    )
}

/// What sessions are told when the server stops.
pub(crate) fn admin_shutdown() -> Error {
    Error::new(SqlState::ADMIN_SHUTDOWN, "terminating connection due to administrator command")
        .severity(Severity::Fatal)
}
