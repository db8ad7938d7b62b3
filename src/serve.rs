//! `hazelgres serve`: a gateway from its start to its end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sql::settings::Defaults;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::cluster::{self, Cluster};
use crate::config::Config;
use crate::engine::SqlEngine;
use crate::server::{Options, PRODUCT, Server};

/// After so long without a cluster, the log says what is being waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before the catalog is read again when that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// Versions of members that statements are tested with.
const TESTED_VERSIONS: std::ops::RangeInclusive<(u8, u8)> = (5, 5)..=(5, 7);

/// Serves until `stop` is there, then lets running statements finish. An error is one line that says why there is
/// nothing to serve.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), String> {
    let listener = listen(&config).await?;
    serve_on(listener, config, stop).await
}

/// PostgreSQL's defaults, but for what is otherwise here.
fn own_defaults(listener: &TcpListener, config: &Config) -> Result<Defaults, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let mut defaults = Defaults::new(PRODUCT);
    for (name, value) in [
        ("listen_addresses", address.ip().to_string()),
        ("max_connections", config.limits.max_connections.to_string()),
        ("port", address.port().to_string()),
    ] {
        defaults.configure(name, &value).map_err(|error| error.message().to_owned())?;
    }
    Ok(defaults)
}

/// The same, with a socket that listens already.
pub async fn serve_on(
    listener: TcpListener,
    config: Config,
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let cluster = Cluster::start(&config)?;
    let settings = Arc::new(config.defaults.settings(own_defaults(&listener, &config)?)?);
    let engine = Arc::new(SqlEngine::new(cluster.clone(), &config.limits));
    let options = Options {
        max_connections: config.limits.max_connections,
        drain_timeout: config.limits.drain_timeout,
        settings,
        workers: config.limits.workers,
        ..Options::default()
    };
    let server = Server::on(listener, engine.clone(), options).map_err(|error| error.to_string())?;
    let address = server.local_addr().map_err(|error| error.to_string())?;
    let (fail, failed) = oneshot::channel();
    let start = tokio::spawn(async move {
        let started = become_ready(&engine, &config).await;
        match started {
            Ok(()) => tracing::info!(
                "listening on {address}, cluster {}: {}",
                engine.cluster().name(),
                engine.cluster().members()
            ),
            // Nobody listens any more when the server has stopped meanwhile.
            Err(reason) => drop(fail.send(reason)),
        }
        tokio::join!(cluster::watch(engine.cluster().clone()), engine.catalog().follow());
    });
    let mut failure = None;
    server
        .run(async {
            tokio::select! {
                () = stop => (),
                Ok(reason) = failed => failure = Some(reason),
            }
        })
        .await;
    start.abort();
    cluster.shutdown().await;
    failure.map_or(Ok(()), Err)
}

async fn listen(config: &Config) -> Result<TcpListener, String> {
    let error = |error: std::io::Error| format!("cannot listen on {}: {error}", config.listen);
    if !config.listen.ip().is_loopback() {
        return Err(crate::server::not_loopback(config.listen));
    }
    TcpListener::bind(config.listen).await.map_err(error)
}

/// Waits for the cluster and its catalog. Fails when there will never be one.
async fn become_ready(engine: &SqlEngine, config: &Config) -> Result<(), String> {
    let cluster = engine.cluster();
    let connected = cluster.wait_until_connected();
    tokio::pin!(connected);
    let outcome = tokio::select! {
        outcome = &mut connected => outcome,
        () = tokio::time::sleep(PATIENCE) => {
            let reason = cluster.client().state().borrow().reason().unwrap_or_default();
            tracing::warn!("waiting for cluster {}: {reason}", config.cluster);
            connected.await
        }
    };
    outcome.map_err(|reason| format!("cluster {}: {reason}", config.cluster))?;
    warn_of_versions(cluster);
    while let Err(error) = engine.catalog().refresh().await {
        tracing::warn!("the cluster's catalog can not be read: {error}");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

fn warn_of_versions(cluster: &Cluster) {
    let state = cluster.client().state();
    for member in state.borrow().members.iter() {
        let (major, minor, patch) = member.version;
        if !TESTED_VERSIONS.contains(&(major, minor)) {
            tracing::warn!(
                "member {} has version {major}.{minor}.{patch}, which is not tested",
                member.address
            );
        }
    }
}

/// Waits for SIGTERM or Ctrl-C.
pub async fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}
