//! `hazelgres demo`: a real cluster, the movie data and the gateway in front of it, in one command.
//!
//! [`run`] starts the members, then the gateway, then loads the data *through* the gateway's own port, as any client would.

mod data;
mod error;
mod load;
mod port;
mod questions;
mod screen;
mod signs;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use member::{Cluster, Env};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use error::Error;
use screen::Screen;

/// What kind of demo is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many Hazelcast members.
    pub members: usize,
    /// The port to listen on; `None` is 5432 or the next free one.
    pub port: Option<u16>,
    /// Run the questions, print their answers, and end.
    pub check: bool,
}

/// What the gateway is started with.
#[derive(Debug)]
pub struct Gateway {
    /// Where it listens.
    pub listener: TcpListener,
    /// The cluster, as `serve --cluster` takes it.
    pub cluster: String,
    /// Becomes true when the gateway shall end.
    pub stop: watch::Receiver<bool>,
}

/// Runs the demo until it is told to end. `serve` runs the gateway and returns when that has ended.
pub async fn run<S, F>(options: Options, serve: S) -> Result<(), Error>
where
    S: FnOnce(Gateway) -> F,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let begun = Instant::now();
    let mut ended = ended()?;
    let screen = Arc::new(Screen::new());
    let (listener, port) = port::bind(options.port, &screen).await?;
    let mut cluster = start_cluster(options.members, &screen, &mut ended).await?;
    let (stop, stopped) = watch::channel(false);
    let gateway = Gateway { listener, cluster: cluster.address(), stop: stopped };
    let mut gateway = tokio::spawn(serve(gateway));
    let work = work(&options, port, &screen, begun);
    let result = tokio::select! {
        result = work => result,
        _ = ended.changed() => Err(Error::Interrupted),
        result = &mut gateway => Err(gateway_ended(result)),
    };
    let result = match result {
        Ok(()) if !options.check => rest(&mut cluster, &mut gateway, &mut ended).await,
        other => other,
    };
    screen.step("Ending the gateway and the cluster");
    let _ = stop.send(true);
    if !gateway.is_finished() {
        let _ = tokio::time::timeout(Duration::from_secs(10), &mut gateway).await;
    }
    let _ = tokio::task::spawn_blocking(move || cluster.stop()).await;
    screen.done();
    result
}

/// Becomes true when Ctrl-C or SIGTERM comes.
fn ended() -> Result<watch::Receiver<bool>, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signal)?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        let _ = sender.send(true);
        // The channel stays open: a closed one would look like another signal.
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}

/// Starts the members on a thread of its own, which gives up when a signal comes.
async fn start_cluster(
    members: usize,
    screen: &Arc<Screen>,
    ended: &mut watch::Receiver<bool>,
) -> Result<Cluster, Error> {
    let watch = Starting { screen: Arc::clone(screen), ended: ended.clone() };
    let options = member::Options { members, ..member::Options::default() };
    let start = move || Cluster::start(&Env::current(), &options, &watch);
    match tokio::task::spawn_blocking(start).await {
        Ok(Ok(cluster)) => Ok(cluster),
        Ok(Err(member::Error::Cancelled)) => Err(Error::Interrupted),
        Ok(Err(error)) => Err(Error::Member(error)),
        Err(panic) => Err(Error::Gateway(panic.to_string())),
    }
}

/// Shows what the members' start is doing and passes on that it shall end.
struct Starting {
    screen: Arc<Screen>,
    ended: watch::Receiver<bool>,
}

impl member::Watch for Starting {
    fn step(&self, what: &str) {
        self.screen.step(what);
    }

    fn cancelled(&self) -> bool {
        *self.ended.borrow()
    }
}

/// Everything that is done through the gateway's port.
async fn work(options: &Options, port: u16, screen: &Screen, begun: Instant) -> Result<(), Error> {
    screen.step("Waiting for the gateway");
    let client = load::connect(port).await?;
    screen.step("Creating the mappings");
    load::create_mappings(&client).await?;
    screen.done();
    for table in data::TABLES {
        load::load(&client, table, screen).await?;
    }
    if options.check {
        return questions::check(&client).await;
    }
    signs::print(port, begun.elapsed())
}

/// Waits for the end: ours, the gateway's or a member's.
async fn rest(
    cluster: &mut Cluster,
    gateway: &mut JoinHandle<Result<(), String>>,
    ended: &mut watch::Receiver<bool>,
) -> Result<(), Error> {
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = ended.changed() => return Ok(()),
            result = &mut *gateway => return Err(gateway_ended(result)),
            _ = look.tick() => if let Some(words) = cluster.casualty() {
                return Err(Error::Casualty(words));
            },
        }
    }
}

fn gateway_ended(result: Result<Result<(), String>, tokio::task::JoinError>) -> Error {
    match result {
        Ok(Ok(())) => Error::Gateway("it ended without a reason".into()),
        Ok(Err(reason)) => Error::Gateway(reason),
        Err(panic) => Error::Gateway(panic.to_string()),
    }
}
