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

/// Whoever waits: told in a few words what is being done now, and asked now and then whether to go on.
pub trait Watch: Sync {
    /// Something that may take more than a moment begins.
    fn step(&self, what: &str);

    /// Whether to give up: everything that was started is ended, and [`Error::Cancelled`] returned.
    fn cancelled(&self) -> bool {
        false
    }
}

impl<F: Fn(&str) + Sync> Watch for F {
    fn step(&self, what: &str) {
        self(what);
    }
}

/// TCP ports of the loopback interface that nobody listens on at this moment, all different.
pub fn free_ports(count: usize) -> Result<Vec<u16>, Error> {
    let taken = |e| Error::io("find a free port on 127.0.0.1", e);
    // All are held before the first is let go.
    let held = (0..count)
        .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(taken)?;
    held.iter().map(|listener| Ok(listener.local_addr().map_err(taken)?.port())).collect()
}
