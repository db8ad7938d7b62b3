//! `cargo xtask soak`: the long form of the client's test of faults (crates/hazelcast-client/tests/faults).

use crate::run::{cargo, say, watch};

/// How much is to be done.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Faults of all kinds
    #[arg(long, default_value_t = 10_000)]
    faults: usize,
    /// Of these, members that are killed and started again
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// End earlier after so long
    #[arg(long, default_value_t = 60)]
    minutes: usize,
    /// The members' version
    #[arg(long, default_value = member::HAZELCAST_VERSION)]
    members: String,
}

/// Whether all held.
pub fn soak(options: &Options) -> Result<bool, String> {
    let Options { faults, kills, minutes, members } = options;
    say(&format!(
        "Three members {members}, {faults} faults, {kills} of them kills, at most {minutes} minutes"
    ));
    let mut test = cargo();
    test.args(["test", "--package", "hazelcast-client", "--features", "member-tests", "--test", "faults"]);
    test.args(["--", "--nocapture"]).env("HAZELGRES_TEST_VERSION", members);
    for (name, value) in [("FAULTS", faults), ("KILLS", kills), ("MINUTES", minutes)] {
        test.env(format!("HAZELGRES_SOAK_{name}"), value.to_string());
    }
    watch(&mut test, |_| ())
}
