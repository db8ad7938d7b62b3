//! `cargo xtask fuzz stream`: see `hazelcast_client::fuzz::stream`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hazelcast_client::fuzz::stream(bytes));
