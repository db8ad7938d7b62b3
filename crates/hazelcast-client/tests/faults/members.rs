//! Three members, each behind a proxy of this process.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use hazelcast_client::{Address, Client, ClientBuilder};
use member::{Cluster, Env, Options};

use crate::proxy::Proxy;

pub const COUNT: usize = 3;
const NAME: &str = "faults";

pub struct Members {
    cluster: Option<Cluster>,
    ports: Vec<u16>,
}

/// The ways to the members.
pub struct Proxies {
    pub all: Vec<Proxy>,
    ports: Vec<u16>,
}

impl Members {
    pub fn start() -> Self {
        let version = std::env::var("HAZELGRES_TEST_VERSION").unwrap_or_else(|_| Options::default().version);
        // Members that are killed all the time shall be there soon, not work fast later.
        // Without the last, a member that forwards an operation does it again by itself when the owner dies, which may have
        // done it: of 136,000 conditional writes under 200 kills five were done twice.
        let options = [
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dhazelcast.wait.seconds.before.join=1",
            "-Dhazelcast.operation.fail.on.indeterminate.state=true",
        ];
        let options = Options {
            name: NAME.into(),
            members: COUNT,
            heap: "512m".into(),
            version,
            backups: 2,
            java_options: options.map(str::to_owned).to_vec(),
        };
        let cluster = Cluster::start(&Env::current(), &options, &|what: &str| eprintln!("{what}"));
        let cluster = cluster.expect("members start");
        Self { ports: cluster.ports().to_vec(), cluster: Some(cluster) }
    }

    pub async fn proxies(&self) -> Proxies {
        let mut all = Vec::new();
        for port in &self.ports {
            all.push(Proxy::start(*port).await);
        }
        Proxies { all, ports: self.ports.clone() }
    }

    /// Does what blocks on the members' processes.
    pub async fn with<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Cluster) -> T + Send + 'static,
    ) -> T {
        let mut cluster = self.cluster.take().expect("nobody else has it");
        let (cluster, result) = tokio::task::spawn_blocking(move || {
            let result = act(&mut cluster);
            (cluster, result)
        })
        .await
        .expect("no panic");
        self.cluster = Some(cluster);
        result
    }

    /// How many queries and jobs are alive in the heaps of all members, by `jcmd`: nothing, when there is none. Members
    /// remember closed queries for half a minute: `patient` waits for that.
    pub async fn open_queries(&mut self, patient: bool) -> Option<usize> {
        if patient {
            tokio::time::sleep(Duration::from_secs(35)).await;
        }
        self.with(move |cluster| {
            let jcmd = Env::current().find("jcmd")?;
            let mut count = 0;
            for member in 0..COUNT {
                let process = cluster.member(member)?.pid().to_string();
                let output =
                    Command::new(&jcmd).args([process.as_str(), "GC.class_histogram"]).output().ok()?;
                let mut classes = vec!["com.hazelcast.jet.impl.LightMasterContext"];
                if patient {
                    classes.push("com.hazelcast.sql.impl.state.QueryClientState");
                }
                count += instances(&String::from_utf8_lossy(&output.stdout), &classes);
            }
            Some(count)
        })
        .await
    }
}

/// `   5:   12   384  com.example.Class (…)`
fn instances(histogram: &str, classes: &[&str]) -> usize {
    let of = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (count, class) = (words.next()?, words.nth(1)?);
        classes.contains(&class).then(|| count.parse::<usize>().ok()).flatten()
    };
    histogram.lines().filter_map(of).sum()
}

impl Proxies {
    /// Settings of a client that reaches the members through the proxies only.
    pub fn builder(&self) -> ClientBuilder {
        let address = |port: u16| Address { host: "127.0.0.1".to_owned(), port };
        let ways: Arc<[(u16, u16)]> =
            self.ports.iter().copied().zip(self.all.iter().map(|proxy| proxy.port)).collect();
        Client::builder()
            .cluster_name(NAME)
            .client_name("faults")
            .addresses(self.all.iter().map(|proxy| address(proxy.port).to_string()))
            .translate_addresses(move |told| {
                ways.iter().find(|(port, _)| *port == told.port).map(|(_, proxy)| address(*proxy))
            })
    }
}
