//! hazelgres: a PostgreSQL server in front of a Hazelcast cluster.

pub mod demo;
