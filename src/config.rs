//! What the gateway is told: a TOML file, then the environment (`HAZELGRES_…`), then flags; the last one counts.
//! Secrets are never flags, which everybody on the machine can read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hazelcast_client::{ClusterConfig, Credentials, Routing};
use serde::Deserialize;
use sql::plan::Costs;
use sql::settings::Defaults;

use crate::access::{AccessSettings, secret};
use crate::cluster::Address;

/// Where the gateway listens unless told otherwise.
const LISTEN: &str = "127.0.0.1:5432";

const NO_CLUSTER: &str =
    "no cluster is named: use --cluster NAME@HOST:PORT, HAZELGRES_CLUSTER or the configuration file";

/// The settings of a gateway.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The cluster.
    pub cluster: Address,
    /// How it is reached, and who we are to it.
    pub access: ClusterConfig,
    /// What Management Center shows beside our name.
    pub labels: Vec<String>,
    /// Which members to connect to.
    pub routing: Routing,
    /// The server's limits.
    pub limits: Limits,
    /// What sessions start with.
    pub defaults: SessionDefaults,
}

/// What sessions start with, beyond PostgreSQL's defaults.
#[derive(Clone, Debug, Default)]
pub struct SessionDefaults {
    /// Settings as SET has them, by name.
    pub all: BTreeMap<String, String>,
    /// Those of roles, by role.
    pub roles: BTreeMap<String, BTreeMap<String, String>>,
    /// Constants of the planner (`cargo xtask bench cost` prints them).
    pub costs: BTreeMap<String, f64>,
}

impl SessionDefaults {
    /// Puts them into a server's defaults.
    pub fn settings(&self, mut defaults: Defaults) -> Result<Defaults, String> {
        let mut costs = Costs::default();
        self.costs.iter().try_for_each(|(name, micros)| costs.set(name, *micros))?;
        defaults.set_costs(costs);
        let said = |error: pg::Error| match error.fields().detail.as_deref() {
            Some(detail) => format!("{}: {detail}", error.message()),
            None => error.message().to_owned(),
        };
        for (name, value) in &self.all {
            defaults.configure(name, value).map_err(said)?;
        }
        for (role, settings) in &self.roles {
            for (name, value) in settings {
                defaults
                    .configure_role(role, name, value)
                    .map_err(|e| format!("roles.{role}: {}", said(e)))?;
            }
        }
        Ok(defaults)
    }
}

/// What the gateway allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Sessions at a time.
    pub max_connections: usize,
    /// How long running statements may go on once the gateway is to stop.
    pub drain_timeout: Duration,
    /// How long a statement that writes may take when `statement_timeout` is off: the cluster can't cancel it.
    pub dml_timeout: Duration,
    /// Bytes that one statement may hold in the gateway's memory.
    pub statement_memory: usize,
    /// Threads that sessions run on.
    pub workers: usize,
}

/// A source of settings: the file, the environment, or flags. What it does not say is left to the one before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `127.0.0.1:5432`
    pub listen: Option<String>,
    /// `NAME@HOST:PORT,…`
    pub cluster: Option<String>,
    /// The user name for the cluster.
    pub cluster_user: Option<String>,
    /// The password for the cluster.
    pub cluster_password: Option<String>,
    /// A file with the password for the cluster.
    pub cluster_password_file: Option<PathBuf>,
    /// `true`: only connect to the members named, which forward to the others.
    pub single_member: Option<bool>,
    /// See [`Limits`].
    pub max_connections: Option<usize>,
    /// See [`Limits`]; seconds.
    pub drain_timeout: Option<u64>,
    /// See [`Limits`]; seconds.
    pub dml_timeout: Option<u64>,
    /// See [`Limits`]; mebibytes.
    pub statement_memory: Option<usize>,
    /// See [`Limits`].
    pub workers: Option<usize>,
    /// Token, TLS, Hazelcast Cloud.
    #[serde(default)]
    pub access: AccessSettings,
    /// `[settings]`: what SET may set, for all sessions.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// `[roles.NAME]`: the same for the sessions of a role.
    #[serde(default)]
    pub roles: BTreeMap<String, BTreeMap<String, String>>,
    /// `[costs]`: what the ways to rows cost, in microseconds.
    #[serde(default)]
    pub costs: BTreeMap<String, f64>,
}

/// A thread for every second core: the more there are, the less is sent and received together, and what is computed
/// elsewhere, the system's part of the network, and perhaps a member want cores too.
fn half_the_cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).div_ceil(2)
}

impl Settings {
    /// Reads a file.
    pub fn from_file(path: &Path) -> Result<Settings, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {}", path.display(), error.to_string().trim_end()))
    }

    /// Reads the environment, through a function that looks variables up.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let text = |name: &str| variable(&format!("HAZELGRES_{name}"));
        fn number<T: std::str::FromStr>(name: &str, text: Option<String>) -> Result<Option<T>, String> {
            let parse = |text: String| {
                text.parse().map_err(|_| format!("HAZELGRES_{name}: \"{text}\" is not a valid value"))
            };
            text.map(parse).transpose()
        }
        Ok(Settings {
            listen: text("LISTEN"),
            cluster: text("CLUSTER"),
            cluster_user: text("CLUSTER_USER"),
            cluster_password: text("CLUSTER_PASSWORD"),
            cluster_password_file: text("CLUSTER_PASSWORD_FILE").map(PathBuf::from),
            single_member: number("SINGLE_MEMBER", text("SINGLE_MEMBER"))?,
            max_connections: number("MAX_CONNECTIONS", text("MAX_CONNECTIONS"))?,
            drain_timeout: number("DRAIN_TIMEOUT", text("DRAIN_TIMEOUT"))?,
            dml_timeout: number("DML_TIMEOUT", text("DML_TIMEOUT"))?,
            statement_memory: number("STATEMENT_MEMORY", text("STATEMENT_MEMORY"))?,
            workers: number("WORKERS", text("WORKERS"))?,
            access: AccessSettings::from_environment(&variable)?,
            ..Settings::default()
        })
    }

    /// What `over` says, and for the rest what this says.
    pub fn with(self, over: Settings) -> Settings {
        Settings {
            listen: over.listen.or(self.listen),
            cluster: over.cluster.or(self.cluster),
            cluster_user: over.cluster_user.or(self.cluster_user),
            cluster_password: over.cluster_password.or(self.cluster_password),
            cluster_password_file: over.cluster_password_file.or(self.cluster_password_file),
            single_member: over.single_member.or(self.single_member),
            max_connections: over.max_connections.or(self.max_connections),
            drain_timeout: over.drain_timeout.or(self.drain_timeout),
            dml_timeout: over.dml_timeout.or(self.dml_timeout),
            statement_memory: over.statement_memory.or(self.statement_memory),
            workers: over.workers.or(self.workers),
            access: self.access.with(over.access),
            settings: self.settings.into_iter().chain(over.settings).collect(),
            roles: self.roles.into_iter().chain(over.roles).collect(),
            costs: self.costs.into_iter().chain(over.costs).collect(),
        }
    }

    /// Everything together, checked.
    pub fn finish(self) -> Result<Config, String> {
        let listen = self.listen.as_deref().unwrap_or(LISTEN);
        let listen = listen.parse().map_err(|_| format!("\"{listen}\" is not ADDRESS:PORT"))?;
        let cluster = self.cluster.as_deref().ok_or(NO_CLUSTER)?;
        let cluster = match self.access.is_cloud() && !cluster.contains('@') {
            true => Address { name: cluster.to_owned(), members: Vec::new() },
            false => cluster.parse()?,
        };
        let access = cluster.members.iter().fold(ClusterConfig::new(&cluster.name), ClusterConfig::address);
        let defaults = SessionDefaults {
            all: self.settings.clone(),
            roles: self.roles.clone(),
            costs: self.costs.clone(),
        };
        // What is wrong is said now.
        defaults.settings(Defaults::new("hazelgres"))?;
        Ok(Config {
            defaults,
            listen,
            access: self.access.finish(access, self.credentials()?)?,
            labels: self.access.labels(),
            cluster,
            routing: match self.single_member {
                Some(true) => Routing::SingleMember,
                _ => Routing::AllMembers,
            },
            limits: Limits {
                max_connections: self.max_connections.unwrap_or(1000).max(1),
                drain_timeout: Duration::from_secs(self.drain_timeout.unwrap_or(30)),
                dml_timeout: Duration::from_secs(self.dml_timeout.unwrap_or(60).max(1)),
                statement_memory: self.statement_memory.unwrap_or(256).max(1) << 20,
                workers: self.workers.unwrap_or_else(half_the_cores).max(1),
            },
        })
    }

    fn credentials(&self) -> Result<Credentials, String> {
        let password = secret(self.cluster_password.as_ref(), self.cluster_password_file.as_ref())?;
        match (&self.cluster_user, password) {
            (Some(user), Some(password)) => {
                Ok(Credentials::UsernamePassword { username: user.clone(), password })
            }
            (None, None) => Ok(Credentials::None),
            (Some(_), None) => Err("cluster_user is given, but no password".to_owned()),
            (None, Some(_)) => Err("a password for the cluster is given, but no cluster_user".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn later_sources_count() {
        let file: Settings =
            toml::from_str("listen = \"127.0.0.1:1\"\ncluster = \"a@h:1\"\ndml_timeout = 5").unwrap();
        let environment = Settings::from_environment(|name| match name {
            "HAZELGRES_LISTEN" => Some("127.0.0.1:2".into()),
            "HAZELGRES_MAX_CONNECTIONS" => Some("7".into()),
            _ => None,
        });
        let flags = Settings { cluster: Some("b@h:2".into()), ..Settings::default() };
        let config = file.with(environment.unwrap()).with(flags).finish().unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.cluster.name, "b");
        let cloud = AccessSettings { cloud_token: Some("t".into()), ..AccessSettings::default() };
        let flags = Settings { cluster: Some("c".into()), access: cloud, ..Settings::default() };
        assert_eq!(flags.finish().unwrap().cluster.to_string(), "c@");
        assert_eq!(config.limits.max_connections, 7);
        assert_eq!(config.limits.dml_timeout, Duration::from_secs(5));
    }

    #[test]
    fn settings_of_all_and_of_roles_and_costs() {
        let text = "cluster = \"a@h:1\"\n[settings]\n\"hazelgres.max_pull\" = \"64MB\"\n[roles.ann]\n\
                    \"hazelgres.enable_entries\" = \"off\"\n\"hazelgres.map_ways\" = \"big: sql\"\n\
                    [costs]\nget = 99.5\nentries = 1";
        let config = toml::from_str::<Settings>(text).unwrap().finish().unwrap();
        let defaults = Arc::new(config.defaults.settings(Defaults::new("test")).unwrap());
        let options =
            |role: &str| sql::settings::Settings::new(Defaults::of_role(&defaults, role), role).options();
        let (ann, bob) = (options("ann"), options("bob"));
        assert!(!ann.ways.entries && ann.map_ways.is_some() && bob.ways.entries && bob.map_ways.is_none());
        assert_eq!((ann.max_pull, bob.max_pull), (Some(64 << 20), Some(64 << 20)));
        assert_eq!((ann.costs.get, bob.costs.entries), (99.5, 1.0));
        for (wrong, named) in [
            ("[settings]\nnothing = \"1\"", "nothing"),
            ("[roles.ann]\n\"hazelgres.map_ways\" = \"big: seq\"", "roles.ann"),
            ("[costs]\ngot = 1.0", "costs.got"),
        ] {
            let text = format!("cluster = \"a@h:1\"\n{wrong}");
            let error = toml::from_str::<Settings>(&text).unwrap().finish().unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(toml::from_str::<Settings>("liste = 1").unwrap_err().to_string().contains("liste"));
        let wrong =
            Settings::from_environment(|name| (name == "HAZELGRES_DML_TIMEOUT").then(|| "soon".into()));
        assert!(wrong.unwrap_err().contains("HAZELGRES_DML_TIMEOUT"));
        assert!(Settings::default().finish().unwrap_err().contains("--cluster"));
        let half =
            Settings { cluster: Some("a@h:1".into()), cluster_user: Some("u".into()), ..Settings::default() };
        assert!(half.finish().unwrap_err().contains("password"));
    }
}
