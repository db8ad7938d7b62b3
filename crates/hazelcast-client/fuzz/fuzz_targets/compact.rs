//! `cargo xtask fuzz compact`: see `hazelcast_client::fuzz::compact`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hazelcast_client::fuzz::compact(bytes));
