//! What is compared: the gateway in front of a cluster of its own, and a real PostgreSQL.

use member::{Cluster, Env, Options as Members};
use testbed::{Gateway, PostgreSql};

use crate::run::{built, cargo, root, run, say};
use crate::setup;

/// Both servers, which end when this value does.
pub struct Bed {
    _cluster: Cluster,
    /// Where a member listens.
    pub address: String,
    /// The gateway.
    pub gateway: Gateway,
    /// PostgreSQL, which is right.
    pub oracle: PostgreSql,
}

impl Bed {
    /// Sees to what is needed, builds the gateway, and starts everything, without any data. `name` is the cluster's.
    pub fn start(name: &str) -> Result<Bed, String> {
        setup::setup(&root())?;
        say("Building the gateway");
        run(cargo().args(["build", "--quiet", "--bin", "hazelgres"]))?;
        let members = Members { name: name.into(), ..Members::default() };
        let cluster = Cluster::start(&Env::current(), &members, &|what: &str| say(what));
        let cluster = cluster.map_err(|e| e.to_string())?;
        let gateway = Gateway::start(&built("debug/hazelgres"), &cluster.address())?;
        let oracle = PostgreSql::start(&setup::tool("postgresql")?)?;
        let address = cluster.address();
        Ok(Bed { _cluster: cluster, address, gateway, oracle })
    }
}
