//! Starts Hazelcast members on this machine, for the demo, the tests and the benchmarks.
//!
//! [`Env`] says where programs are, [`java::find`] picks a Java that is new enough, [`maven::resolve`] sees to the jars,
//! [`Cluster::start`] runs members as [`Guarded`] processes, which end with us whatever ends us.

pub mod cluster;
pub mod env;
pub mod error;
pub mod guard;
pub mod java;
pub mod maven;

pub use cluster::{Cluster, Options};
pub use env::Env;
pub use error::Error;
pub use guard::Guarded;

/// The Hazelcast version that is started when nothing else is asked for.
pub const HAZELCAST_VERSION: &str = "5.7.0";

/// Told in a few words what is being done now, so that nobody waits in the dark.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// A TCP port of the loopback interface that nobody listens on at this moment.
pub fn free_port() -> Result<u16, Error> {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| Error::io("find a free port on 127.0.0.1", e))
}
