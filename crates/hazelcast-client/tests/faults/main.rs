//! Three real members under load, while they are killed, paused, cut off, slowed and made to talk nonsense: nothing hangs,
//! nothing leaks, no answer is wrong, nothing is written twice.
//!
//! `HAZELGRES_SOAK_FAULTS`, `HAZELGRES_SOAK_KILLS` and `HAZELGRES_SOAK_MINUTES` make the long form (`cargo xtask soak`).

mod injection;
mod load;
mod measure;
mod members;
mod proxy;
mod stats;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hazelcast_client::{Backoff, Client, ClientBuilder};

use load::Load;
use measure::Figures;
use members::Members;
use stats::Stats;

/// How much is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Faults of all kinds.
    pub faults: usize,
    /// Of these, members that are killed and started again.
    pub kills: usize,
    /// Ends earlier when this is over.
    pub limit: Duration,
}

impl Plan {
    fn from_environment() -> Self {
        let number = |name: &str, usual: usize| {
            std::env::var(format!("HAZELGRES_SOAK_{name}")).map_or(usual, |text| text.parse().expect(name))
        };
        let limit = Duration::from_secs(60 * number("MINUTES", 5) as u64);
        Self { faults: number("FAULTS", 40), kills: number("KILLS", 2), limit }
    }

    fn is_long(self) -> bool {
        self.faults > 1000
    }
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn nothing_hangs_and_nothing_leaks() {
    // A panic of a task would end nothing but the task.
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
    let mut members = Members::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(soak(&mut members, Plan::from_environment()));
}

async fn soak(members: &mut Members, plan: Plan) {
    let proxies = Arc::new(members.proxies().await);
    let before = Figures::now();
    let client = connect(proxies.builder()).await;
    let stats = Arc::new(Stats::default());
    let load = Load::prepare(&client, Arc::clone(&stats)).await;

    // Everything that is made once is made now.
    load.run_for(Duration::from_secs(2)).await;
    settle(&client).await;
    let idle = Figures::now();
    stats.clear();

    let begun = Instant::now();
    let running = load.start();
    let injected = injection::run(members, &proxies, plan).await;
    all_connected(&client).await;
    running.stop().await;
    let took = begun.elapsed();

    settle(&client).await;
    let after = Figures::shaped_like(&idle, Duration::from_secs(10)).await;
    let queries = members.open_queries(plan.is_long()).await;
    load.verify().await;
    client.shutdown().await;
    let ended = Figures::shaped_like(&before, Duration::from_secs(10)).await;

    eprintln!("{injected} in {} s", took.as_secs());
    eprintln!("{stats}");
    eprintln!("before the client: {before}\nidle, before faults: {idle}\nidle, after faults: {after}");
    eprintln!("after the client: {ended}\nopen queries in the cluster: {queries:?}");
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "tasks panicked");
    stats.check();
    assert_eq!((after.tasks, after.sockets), (idle.tasks, idle.sockets), "tasks and sockets leak");
    assert_eq!((ended.tasks, ended.sockets), (before.tasks, before.sockets), "the client leaves something");
    assert!(after.memory < idle.memory + 48, "memory leaks: {idle}, then {after}");
    assert!(queries.unwrap_or(0) == 0, "queries are left open in the cluster");
    assert!(injected.kills >= plan.kills.min(1), "nothing was killed");
}

async fn connect(builder: ClientBuilder) -> Client {
    let backoff =
        Backoff { initial: Duration::from_millis(50), max: Duration::from_secs(1), ..Backoff::default() };
    let client = builder
        .backoff(backoff)
        .connect_timeout(Duration::from_secs(2))
        .invocation_timeout(load::DEADLINE)
        .heartbeat_interval(Duration::from_millis(500))
        .heartbeat_timeout(Duration::from_secs(3))
        .idle_connection_timeout(Duration::from_millis(500))
        .connect_within(Duration::from_secs(30))
        .await
        .unwrap();
    all_connected(&client).await;
    client
}

async fn all_connected(client: &Client) {
    let mut state = client.state();
    let all = state.wait_for(|state| state.connected.len() == members::COUNT);
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("all members are connected").unwrap();
}

/// Brings the client into the same shape each time: every member has one connection for cursors, and nothing is under way.
async fn settle(client: &Client) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    for _ in 0..members::COUNT * 3 {
        let result = client.sql("SELECT 1").timeout(load::DEADLINE).execute().await;
        drop(result.expect("a cluster without faults answers"));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
}
