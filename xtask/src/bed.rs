//! What is compared: the gateway in front of a cluster of its own, and a real PostgreSQL.

use std::path::Path;

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
        Bed::start_with(Members { name: name.into(), ..Members::default() }, None, &[])
    }

    /// The same with other members, another gateway than the one that is built here, and variables of its environment.
    pub fn start_with(
        members: Members,
        program: Option<&Path>,
        environment: &[(&str, &str)],
    ) -> Result<Bed, String> {
        setup::setup(&root())?;
        let program = match program {
            Some(program) => program.to_owned(),
            None => {
                say("Building the gateway");
                run(cargo().args(["build", "--quiet", "--bin", "hazelgres"]))?;
                built("debug/hazelgres")
            }
        };
        let cluster = Cluster::start(&Env::current(), &members, &|what: &str| say(what));
        let cluster = cluster.map_err(|e| e.to_string())?;
        let gateway = Gateway::start_with(&program, &cluster.address(), environment)?;
        let oracle = PostgreSql::start(&setup::tool("postgresql")?)?;
        let address = cluster.address();
        Ok(Bed { _cluster: cluster, address, gateway, oracle })
    }

    /// Says where the servers are, and leaves them running until this process is ended.
    pub fn stay(&self) -> ! {
        let (gateway, oracle) = (self.gateway.port, self.oracle.port);
        say(&format!("gateway on {gateway}, PostgreSQL on {oracle}, cluster at {}", self.address));
        loop {
            std::thread::park();
        }
    }
}
