//! hazelgres: a PostgreSQL server in front of a Hazelcast cluster.

pub mod cli;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod engine;
pub mod pages;
pub mod serve;
pub mod server;
pub mod session;
#[cfg(test)]
mod testing;
