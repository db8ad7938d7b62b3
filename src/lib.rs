//! hazelgres: a PostgreSQL server in front of a Hazelcast cluster.

pub mod demo;
pub mod server;
pub mod session;
#[cfg(test)]
mod testing;
