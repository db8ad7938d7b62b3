//! What this client reads out of stored entries is what the cluster's SQL reads: the same entries both ways, against a real
//! member (`HAZELGRES_TEST_MEMBER=host:port cargo test -p hazelcast-client --features member-tests --test entries`).

mod as_keys;
mod basic;
mod both;
mod compact;
mod json;
mod keys;
mod portable;
mod values;
mod whole;
