//! A client for Hazelcast clusters: SQL and maps.
