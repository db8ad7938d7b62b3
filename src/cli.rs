//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Settings};

/// A PostgreSQL server in front of a Hazelcast cluster.
#[derive(Debug, Parser)]
#[command(name = "hazelgres", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve an existing cluster
    Serve(Serve),
    /// Start a cluster with films in it and a gateway in front, to try things out
    Demo(Demo),
}

/// `hazelgres serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// A file with settings (TOML)
    #[arg(long, value_name = "FILE", env = "HAZELGRES_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen; 127.0.0.1:5432 unless set
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The cluster's name, and members of it
    #[arg(long, value_name = "NAME@HOST:PORT,…")]
    pub cluster: Option<String>,
}

/// `hazelgres demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// How many Hazelcast members
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub members: u8,
    /// The port to listen on; 5432 or the next free one unless set
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Ask the four questions, print the answers, and end
    #[arg(long)]
    pub check: bool,
}

impl Serve {
    /// The settings of file, environment and flags together.
    pub fn settings(self) -> Result<Config, String> {
        let file = self.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
        let environment = Settings::from_environment(|name| std::env::var(name).ok())?;
        let flags = Settings { listen: self.listen, cluster: self.cluster, ..Settings::default() };
        file.with(environment).with(flags).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["hazelgres", "demo", "--members", "3", "--check"]).unwrap();
        assert!(matches!(cli.command, Command::Demo(Demo { members: 3, port: None, check: true })));
        assert!(Cli::try_parse_from(["hazelgres", "demo", "--members", "0"]).is_err());
        assert!(Cli::try_parse_from(["hazelgres", "demo", "--port", "0"]).is_err());
    }
}
