//! What all tests share: one member, one gateway, one PostgreSQL, and the same data on both sides. Each is started when
//! the first test asks for it. They end with this process, whatever ends it.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use member::{Cluster, Env, Options};
use testbed::{Gateway, PostgreSql, data};

use crate::tools::{root, tool};
use crate::wire::Client;

/// A cluster with a name of its own.
pub fn cluster(members: usize) -> Cluster {
    let name = format!("it-{}-{:?}", std::process::id(), Instant::now())
        .replace(|c: char| !c.is_alphanumeric(), "-");
    let options = Options { name, members, ..Options::default() };
    Cluster::start(&Env::current(), &options, &|_: &str| ()).unwrap_or_else(|error| panic!("{error}"))
}

/// Starts a gateway in front of a cluster and waits until it says that it is ready.
pub fn gateway(cluster: &str) -> Gateway {
    Gateway::start(Path::new(env!("CARGO_BIN_EXE_hazelgres")), cluster)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Starts a gateway and waits for nothing.
pub fn spawn_gateway(cluster: &str) -> Gateway {
    Gateway::spawn(Path::new(env!("CARGO_BIN_EXE_hazelgres")), cluster)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The cluster that most tests share.
pub fn shared_cluster() -> &'static str {
    static CLUSTER: OnceLock<(Cluster, String)> = OnceLock::new();
    &CLUSTER
        .get_or_init(|| {
            let cluster = cluster(1);
            let address = cluster.address();
            (cluster, address)
        })
        .1
}

/// The gateway that most tests share.
pub fn shared_gateway() -> &'static Gateway {
    static GATEWAY: OnceLock<Gateway> = OnceLock::new();
    GATEWAY.get_or_init(|| gateway(shared_cluster()))
}

/// The PostgreSQL that all tests share.
pub fn oracle() -> &'static PostgreSql {
    static ORACLE: OnceLock<PostgreSql> = OnceLock::new();
    ORACLE.get_or_init(|| PostgreSql::start(&tool("postgresql")).unwrap_or_else(|error| panic!("{error}")))
}

/// A connection to each side.
#[derive(Debug)]
pub struct Both {
    pub gateway: Client,
    pub oracle: Client,
}

/// Connections to the gateway and to PostgreSQL, with the movies on both, and the table of all types where its values are
/// at hand.
pub fn both() -> Both {
    static LOADED: OnceLock<()> = OnceLock::new();
    let mut both =
        Both { gateway: Client::connect(shared_gateway().port), oracle: Client::connect(oracle().port) };
    LOADED.get_or_init(|| {
        data::load_movies(root(), &mut both.gateway, &mut both.oracle);
        crate::types::load(&mut both.gateway, &mut both.oracle);
    });
    both
}
