//! `cargo xtask fuzz`: libFuzzer on everything that reads bytes of others (crates/hazelcast-client/fuzz). It needs no
//! nightly: what it asks of the compiler are options of its stable form. Sanitizers, which this code without `unsafe` has
//! little need of, are all that cargo-fuzz has beyond that.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{built, cargo, command, output, root, run, say};

const FUZZED: &str = "crates/hazelcast-client/fuzz";
const TARGETS: [&str; 4] = ["stream", "message", "value", "compact"];

/// Edges are counted, and comparisons seen, as `cargo fuzz` has it.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
                     --cfg fuzzing -Cdebug-assertions -Copt-level=1 -Ccodegen-units=16";

/// How long, and what.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only this target
    target: Option<String>,
}

impl Options {
    /// What is part of the tests.
    pub fn short() -> Options {
        Options { seconds: 3, target: None }
    }
}

/// Whether nothing was found.
pub fn fuzz(options: &Options) -> Result<bool, String> {
    let host = output(command("rustc").arg("-vV"))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?;
    let folder = built("fuzz");
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--target", host, "--manifest-path"]);
    build.arg(root().join(FUZZED).join("Cargo.toml")).arg("--target-dir").arg(&folder);
    run(build.env("RUSTFLAGS", FLAGS))?;
    let corpus = folder.join("seeds");
    let seeds = write_seeds(&corpus)?;
    let mut well = true;
    for target in
        TARGETS.iter().filter(|target| options.target.as_deref().is_none_or(|only| only == **target))
    {
        well &= one(&folder, host, target, options.seconds, seeds)?;
    }
    Ok(well)
}

/// Runs one target; whether it found nothing.
fn one(folder: &Path, host: &str, target: &str, seconds: u64, seeds: usize) -> Result<bool, String> {
    // What it finds of interest goes into the first folder, which the next run begins with.
    let found = folder.join("corpus").join(target);
    let faults = folder.join("faults");
    for folder in [&found, &faults] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut fuzzer = command(folder.join(host).join("debug").join(target));
    fuzzer.arg(&found).arg(folder.join("seeds"));
    fuzzer.arg(format!("-artifact_prefix={}/", faults.display()));
    fuzzer.args([format!("-max_total_time={seconds}"), "-max_len=8192".into(), "-timeout=10".into()]);
    fuzzer.args(["-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    let runs = |words: &str| -> u64 {
        let number = words.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    let result = fuzzer.output().map_err(|e| format!("{target} could not be run: {e}"))?;
    let words = String::from_utf8_lossy(&result.stderr);
    let runs = runs(&words);
    if !result.status.success() || runs == 0 {
        say(&words);
        say(&format!("{target}: ended with {}, see {}", result.status, faults.display()));
        return Ok(false);
    }
    say(&format!("{target}: {runs} inputs, {seeds} of them recorded, nothing found"));
    Ok(true)
}

/// The recorded messages and values as files; how many there are.
fn write_seeds(folder: &Path) -> Result<usize, String> {
    let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    let path = root().join("crates/hazelcast-client/tests/vectors.json");
    let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
    let all: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let mut count = 0;
    for (section, key) in [("reference_messages", "hex"), ("live", "response_hex"), ("data", "hex")] {
        let vectors = all.get(section).and_then(Value::as_array).into_iter().flatten();
        for bytes in vectors.filter_map(|vector| from_hex(vector.get(key)?.as_str()?)) {
            let file: PathBuf = folder.join(format!("{section}-{count}"));
            std::fs::write(&file, bytes).map_err(|e| failed(&file, e))?;
            count += 1;
        }
    }
    Ok(count)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
