//! The targets of `fuzz/`, driven on stable for a short while: mutations of recorded messages, of one seed, so that a
//! failure comes again. `FUZZ_SECONDS` makes it longer, `FUZZ_SEED` another; `cargo xtask fuzz` looks deeper.

use std::time::{Duration, Instant};

use hazelcast_client::fuzz;

/// xorshift64*: enough to mutate by.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Recorded messages and values.
fn seeds() -> Vec<Vec<u8>> {
    let all: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let of = |section: &str, key: &str| -> Vec<Vec<u8>> {
        let vectors = all[section].as_array().unwrap();
        vectors.iter().filter_map(|vector| vector.get(key)?.as_str().map(hex)).collect()
    };
    [of("reference_messages", "hex"), of("live", "response_hex"), of("data", "hex")].concat()
}

/// Changes, cuts, repeats or joins, as fuzzers do.
fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.next() as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.below(40)).min(bytes.len());
                bytes.extend_from_within(at..end);
            }
            4 => bytes.extend_from_slice(&seeds[random.below(seeds.len())]),
            _ => {
                let number = [i32::MAX, i32::MIN, -1, 0, 1 << 24][random.below(5)].to_le_bytes();
                let end = (at + 4).min(bytes.len());
                bytes.splice(at..end, number);
            }
        }
    }
    bytes
}

#[test]
fn targets_hold_for_a_while() {
    let number =
        |name, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let end = Instant::now() + Duration::from_secs(number("FUZZ_SECONDS", 5));
    let mut random = Random(number("FUZZ_SEED", 0x1234_5678_9abc_def1) | 1);
    let seeds = seeds();
    let mut rounds = 0;
    while Instant::now() < end {
        let bytes = mutate(&mut random, &seeds);
        fuzz::stream(&bytes);
        fuzz::message(&bytes);
        fuzz::value(&bytes);
        fuzz::compact(&bytes);
        rounds += 1;
    }
    assert!(rounds > 100, "only {rounds} rounds");
}
