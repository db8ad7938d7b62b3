//! `cargo xtask fuzz value`: see `hazelcast_client::fuzz::value`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hazelcast_client::fuzz::value(bytes));
