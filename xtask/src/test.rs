//! `cargo xtask test`: everything that must hold before a change is taken.

use std::process::Command;
use std::time::Instant;

use member::{Cluster, Env, HAZELCAST_VERSION, Options as Members};

use crate::run::{cargo, root, say, watch};
use crate::{clients, differential, fuzz, setup, tpch};

/// What is to be tested.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only the integration tests whose names contain this.
    filter: Option<String>,
}

/// How many checks held and how many did not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

/// Runs everything, also after something failed, and ends with one line. Whether all held.
pub fn test(options: &Options) -> Result<bool, String> {
    let begun = Instant::now();
    let mut count = Count::default();
    if options.filter.is_none() {
        step(&mut count, "format", &["fmt", "--all", "--check"])?;
        let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
        step(&mut count, "lints", &clippy)?;
        client_features(&mut count)?;
        // The program's own tests of whole processes come last, when what they need is there.
        let crates = ["test", "--workspace", "--exclude", "hazelgres", "--tests", "--no-fail-fast"];
        suite(&mut count, "unit tests and recorded vectors", &crates)?;
        let program = ["test", "--package", "hazelgres", "--lib", "--bins", "--no-fail-fast"];
        suite(&mut count, "unit tests of the program", &program)?;
        suite(&mut count, "examples in documentation", &["test", "--workspace", "--doc", "--no-fail-fast"])?;
        check(&mut count, "fuzzers of what reads bytes of others", || fuzz::fuzz(&fuzz::Options::short()));
    }
    say("\n== what the tests need");
    match setup::setup(&root()) {
        Ok(()) => {
            if options.filter.is_none()
                && let Err(reason) = client_suite(&mut count)
            {
                say(&format!("error: {reason}"));
                count.failed += 1;
            }
            let filter = options.filter.as_deref().unwrap_or("");
            let name = "tests against real members, PostgreSQL and clients";
            suite(&mut count, name, &["test", "--test", "it", filter])?;
            if options.filter.is_none() {
                let statements = || differential::differential(&differential::Options::short());
                check(&mut count, "random statements, compared with PostgreSQL", statements);
                let writes = || differential::differential(&differential::Options::short_writes());
                check(&mut count, "random changes, compared with PostgreSQL", writes);
                check(&mut count, "TPC-H, compared with PostgreSQL", || tpch::tpch(&tpch::Options::short()));
                real_clients(&mut count);
            }
        }
        Err(reason) => {
            say(&format!("error: {reason}"));
            count.failed += 1;
        }
    }
    say(&format!("\n{} s", begun.elapsed().as_secs()));
    say(&format!("{} passed, {} failed", count.passed, count.failed));
    Ok(count.failed == 0 && count.passed > 0)
}

/// A command that holds or does not.
fn step(count: &mut Count, name: &str, args: &[&str]) -> Result<(), String> {
    say(&format!("\n== {name}"));
    match watch(cargo().args(args), |_| ())? {
        true => count.passed += 1,
        false => count.failed += 1,
    }
    Ok(())
}

/// Something that holds or does not.
fn check(count: &mut Count, what: &str, check: impl FnOnce() -> Result<bool, String>) {
    say(&format!("\n== {what}"));
    match check() {
        Ok(true) => count.passed += 1,
        Ok(false) => count.failed += 1,
        Err(reason) => {
            say(&format!("error: {reason}"));
            count.failed += 1;
        }
    }
}

/// The most used clients: each is a check that holds or does not.
fn real_clients(count: &mut Count) {
    say("\n== the most used clients, compared with what they print in front of PostgreSQL");
    match clients::clients(&clients::Options::most_used()) {
        Ok(report) => {
            let (same, other) = report.count();
            count.passed += same;
            count.failed += other;
        }
        Err(reason) => {
            say(&format!("error: {reason}"));
            count.failed += 1;
        }
    }
}

/// A run of tests, counted by the lines that close each binary of it.
fn suite(count: &mut Count, name: &str, args: &[&str]) -> Result<(), String> {
    say(&format!("\n== {name}"));
    count_tests(count, cargo().args(args))
}

fn count_tests(count: &mut Count, tests: &mut Command) -> Result<(), String> {
    let mut here = Count::default();
    let well = watch(tests, |line| add(&mut here, line))?;
    if !well && here.failed == 0 {
        // It did not compile, or ended before its tests did.
        here.failed = 1;
    }
    count.passed += here.passed;
    count.failed += here.failed;
    Ok(())
}

/// What the client crate's tests need beside their defaults.
const CLIENT_FEATURES: &str = "member-tests,cloud,compact,fuzzing";
/// Members before the one that everything else is tested with; the client knows them, too.
const OLDER_MEMBERS: [&str; 2] = ["5.3.8", "5.5.0"];

/// The client crate's tests against real members.
fn client_suite(count: &mut Count) -> Result<(), String> {
    let all = ["member", "entries", "cloud", "tls", "reading", "entry_reading", "fuzz"];
    client_tests(count, HAZELCAST_VERSION, &all)?;
    for version in OLDER_MEMBERS {
        client_tests(count, version, &["member", "entries"])?;
    }
    say("\n== the client's examples, those of its features, too");
    let examples = ["test", "--package", "hazelcast-client", "--features", CLIENT_FEATURES, "--doc"];
    count_tests(count, cargo().args(examples))?;
    say("\n== the client beside Java");
    let interop =
        ["test", "--package", "hazelcast-client", "--features", CLIENT_FEATURES, "--test", "interop"];
    count_tests(count, cargo().args(interop))?;
    say("\n== the client under faults");
    count_tests(count, &mut faults())?;
    // Each needs half a minute: of the others, `cargo xtask soak --members VERSION`.
    let oldest = OLDER_MEMBERS[0];
    say(&format!("\n== the client under a few faults of members {oldest}"));
    let few = [("TEST_VERSION", oldest), ("SOAK_FAULTS", "12"), ("SOAK_KILLS", "1")];
    let mut faults = faults();
    faults.envs(few.map(|(name, value)| (format!("HAZELGRES_{name}"), value)));
    count_tests(count, &mut faults)
}

/// The client crate's test of faults.
fn faults() -> Command {
    let mut faults = cargo();
    faults.args(["test", "--package", "hazelcast-client", "--features", CLIENT_FEATURES, "--test", "faults"]);
    faults
}

/// Everything of the client crate's that can be left out, each alone, and none of it.
fn client_features(count: &mut Count) -> Result<(), String> {
    for feature in ["", "tls", "cloud", "compact"] {
        let check = ["check", "--quiet", "--package", "hazelcast-client", "--no-default-features"];
        let name = format!("the client with {}", if feature.is_empty() { "no feature" } else { feature });
        step(count, &name, &[&check[..], &["--features", feature]].concat())?;
    }
    Ok(())
}

/// Some of the client crate's tests, with a member of a version.
fn client_tests(count: &mut Count, version: &str, names: &[&str]) -> Result<(), String> {
    let members = Members { name: "client".into(), version: version.into(), ..Members::default() };
    let cluster = Cluster::start(&Env::current(), &members, &|what: &str| say(what));
    let cluster = cluster.map_err(|error| error.to_string())?;
    let address = cluster.ports().first().map(|port| format!("127.0.0.1:{port}")).unwrap_or_default();
    let mut tests = cargo();
    tests.args(["test", "--package", "hazelcast-client", "--features", CLIENT_FEATURES, "--no-fail-fast"]);
    tests.args(names.iter().flat_map(|name| ["--test", name]));
    tests.env("HAZELGRES_TEST_MEMBER", &address).env("HAZELGRES_TEST_CLUSTER", "client");
    say(&format!("\n== the client against a real member {version}"));
    count_tests(count, &mut tests)?;
    if version == HAZELCAST_VERSION {
        let member = format!("client@{address}");
        let movies = ["--example", "movies", "--", &member];
        let package = ["run", "--quiet", "--package", "hazelcast-client", "--features", CLIENT_FEATURES];
        step(count, "the client's example of films", &[&package[..], &movies[..]].concat())?;
    }
    Ok(())
}

/// Adds "test result: ok. 3 passed; 0 failed; …".
fn add(count: &mut Count, line: &str) {
    let Some(rest) = line.strip_prefix("test result: ") else { return };
    let number = |word: &str| {
        let before = rest.split(word).next().unwrap_or("");
        before.split_whitespace().next_back().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    count.passed += number(" passed;");
    count.failed += number(" failed;");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up() {
        let mut count = Count::default();
        add(&mut count, "running 3 tests");
        add(
            &mut count,
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.05s",
        );
        add(
            &mut count,
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0s",
        );
        assert_eq!(count, Count { passed: 13, failed: 2 });
    }
}
