//! `cargo xtask fuzz message`: see `hazelcast_client::fuzz::message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hazelcast_client::fuzz::message(bytes));
