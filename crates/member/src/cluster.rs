//! One or more members that form a cluster on the loopback interface.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::guard::{Guard, Guarded};
use crate::maven::{self, Artifact};
use crate::{Env, Error, HAZELCAST_VERSION, Watch, free_ports, java};

/// How long a member may take to start. Four seconds are usual; a busy machine takes ten times that.
const PATIENCE: Duration = Duration::from_secs(120);

/// What kind of cluster is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cluster's name.
    pub name: String,
    /// How many members.
    pub members: usize,
    /// Heap of each member, as `-Xmx` wants it.
    pub heap: String,
    /// The version of `com.hazelcast:hazelcast` and `hazelcast-sql`.
    pub version: String,
    /// On how many other members each entry is kept, too.
    pub backups: u8,
    /// More options for Java.
    pub java_options: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            name: "dev".into(),
            members: 1,
            heap: "1g".into(),
            version: HAZELCAST_VERSION.into(),
            backups: 1,
            java_options: Vec::new(),
        }
    }
}

/// A running cluster. Dropping it ends its members.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    launch: Launch,
    ports: Vec<u16>,
    members: Vec<Option<Guarded>>,
}

/// Everything a member's command line needs.
#[derive(Debug)]
struct Launch {
    java: PathBuf,
    jars: Vec<PathBuf>,
    heap: String,
    backups: u8,
    java_options: Vec<String>,
}

impl Cluster {
    /// Finds Java and the jars, starts the members, and waits until they are one cluster.
    pub fn start(env: &Env, options: &Options, watch: &dyn Watch) -> Result<Cluster, Error> {
        let java = java::find(env)?;
        let mut jars = Vec::new();
        for name in ["hazelcast", "hazelcast-sql"] {
            jars.push(maven::resolve(env, &Artifact::new("com.hazelcast", name, &options.version), watch)?);
        }
        let launch = Launch {
            java,
            jars,
            heap: options.heap.clone(),
            backups: options.backups,
            java_options: options.java_options.clone(),
        };
        let ports = free_ports(options.members)?;
        let mut cluster = Cluster { name: options.name.clone(), launch, ports, members: Vec::new() };
        watch.step(&match options.members {
            1 => format!("Starting a Hazelcast {} member", options.version),
            n => format!("Starting {n} Hazelcast {} members", options.version),
        });
        for i in 0..options.members {
            cluster.members.push(None);
            cluster.launch(i)?;
        }
        for i in 0..options.members {
            cluster.wait_ready(i, watch)?;
        }
        Ok(cluster)
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The members' ports on 127.0.0.1.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// `NAME@HOST:PORT,…`, as `hazelgres serve --cluster` wants it.
    pub fn address(&self) -> String {
        let addresses: Vec<String> = self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        format!("{}@{}", self.name, addresses.join(","))
    }

    /// A member's process, if it runs.
    pub fn member(&mut self, i: usize) -> Option<&mut Guarded> {
        self.members.get_mut(i).and_then(Option::as_mut)
    }

    /// What a member that ended unasked said last, if there is one.
    pub fn casualty(&mut self) -> Option<String> {
        self.members.iter_mut().flatten().find_map(|m| {
            let status = m.exited()?;
            Some(format!("a Hazelcast member ended unasked ({status}). Its last words:\n{}", m.tail(20)))
        })
    }

    /// Ends one member at once, as a crash would.
    pub fn kill(&mut self, i: usize) -> Result<(), Error> {
        if let Some(Some(mut member)) = self.members.get_mut(i).map(Option::take) {
            member.signal("KILL").map_err(|e| Error::io("kill a member", e))?;
            member.wait(Duration::from_secs(10));
        }
        Ok(())
    }

    /// Starts a member that was killed again, on the same port.
    pub fn restart(&mut self, i: usize) -> Result<(), Error> {
        self.launch(i)?;
        self.wait_ready(i, &|_: &str| ())
    }

    /// Ends all members, side by side.
    pub fn stop(&mut self) {
        std::thread::scope(|scope| {
            for mut member in self.members.iter_mut().filter_map(Option::take) {
                scope.spawn(move || member.stop());
            }
        });
    }

    fn launch(&mut self, i: usize) -> Result<(), Error> {
        let mut guard = Guard::new(&self.launch.java)?;
        let config = guard.folder().join("hazelcast.yaml");
        std::fs::write(&config, yaml(&self.name, self.ports[i], &self.ports, self.launch.backups))
            .map_err(|e| Error::io(format!("write {}", config.display()), e))?;
        guard.args(java_args(&self.launch, &config));
        self.members[i] = Some(guard.spawn()?);
        Ok(())
    }

    fn wait_ready(&mut self, i: usize, watch: &dyn Watch) -> Result<(), Error> {
        let (port, wanted) = (self.ports[i], self.members.iter().flatten().count());
        let until = Instant::now() + PATIENCE;
        while let Some(member) = self.member(i) {
            let text = member.text();
            // A single member that joins nobody does not tell a size.
            if text.contains("is STARTED") && (wanted == 1 || size(&text) >= wanted) {
                break;
            }
            if let Some(status) = member.exited() {
                return Err(Error::Died {
                    port,
                    status: status.to_string(),
                    log: last_words(&member.text()),
                });
            }
            if watch.cancelled() {
                return Err(Error::Cancelled);
            }
            if Instant::now() > until {
                return Err(Error::Slow { port, seconds: PATIENCE.as_secs(), log: last_words(&text) });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// The cluster's size as a member's log tells it last ("Members {size:3, ver:3} […").
fn size(log: &str) -> usize {
    let after = log.rsplit("Members {size:").next().filter(|rest| rest.len() < log.len());
    let digits: String = after.unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The end of a member's log, without stack frames, which help nobody who has no source open.
fn last_words(log: &str) -> String {
    let lines: Vec<&str> = log
        .lines()
        .filter(|l| !l.starts_with("\tat ") && !l.starts_with("\t... ") && !l.trim().is_empty())
        .collect();
    crate::guard::tail(&lines.join("\n"), 12)
}

fn java_args(launch: &Launch, config: &Path) -> Vec<String> {
    let class_path: Vec<String> = launch.jars.iter().map(|jar| jar.display().to_string()).collect();
    let mut args = vec![
        format!("-Xmx{}", launch.heap),
        // On one or two cores look-ups cost a member eight times as much without it.
        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2".into(),
        "-Dhazelcast.phone.home.enabled=false".into(),
        // A busy machine is no news, and its figures would drown a member's last words.
        "-Dhazelcast.health.monitoring.level=OFF".into(),
        // A member listens on every address unless told so.
        "-Dhazelcast.socket.bind.any=false".into(),
        "-Dhazelcast.local.localAddress=127.0.0.1".into(),
        "-Djava.net.preferIPv4Stack=true".into(),
        format!("-Dhazelcast.config={}", config.display()),
        "--add-modules=java.se".into(),
        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED".into(),
    ];
    for package in [
        "java.base/java.lang",
        "java.base/sun.nio.ch",
        "java.management/sun.management",
        "jdk.management/com.sun.management.internal",
    ] {
        args.push(format!("--add-opens={package}=ALL-UNNAMED"));
    }
    args.extend(launch.java_options.iter().cloned());
    args.extend([
        "-cp".into(),
        class_path.join(":"),
        "com.hazelcast.core.server.HazelcastMemberStarter".into(),
    ]);
    args
}

/// A member's configuration: loopback only, members known by address.
fn yaml(name: &str, port: u16, ports: &[u16], backups: u8) -> String {
    let members: Vec<String> = ports.iter().map(|p| format!("'127.0.0.1:{p}'")).collect();
    format!(
        "hazelcast:
  cluster-name: '{name}'
  network:
    port:
      port: {port}
      auto-increment: false
    interfaces:
      enabled: true
      interfaces: ['127.0.0.1']
    join:
      auto-detection:
        enabled: false
      multicast:
        enabled: false
      tcp-ip:
        enabled: {several}
        member-list: [{members}]
  jet:
    enabled: true
  map:
    default:
      backup-count: {backups}
",
        name = name.replace('\'', "''"),
        several = ports.len() > 1,
        members = members.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::tests::script;

    #[test]
    fn the_size_is_the_last_one_told() {
        assert_eq!(size("x"), 0);
        assert_eq!(size("Members {size:1, ver:1} [\n]\nMembers {size:12, ver:2} ["), 12);
    }

    #[test]
    fn a_member_that_dies_is_reported_with_its_last_words() {
        let home = tempfile::tempdir().unwrap();
        script(
            home.path(),
            "java",
            "case $1 in -version) echo 'openjdk version \"21.0.1\"' >&2; exit;; esac\n\
             echo 'Exception in thread \"main\" java.net.BindException: Address already in use'\n\
             printf '\\tat com.example.Frame\\n'; exit 1",
        );
        for name in ["hazelcast", "hazelcast-sql"] {
            let folder = home.path().join(format!(".m2/repository/com/hazelcast/{name}/{HAZELCAST_VERSION}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}-{HAZELCAST_VERSION}.jar")), "").unwrap();
        }
        let env = Env { path: home.path().into(), home: Some(home.path().into()), ..Env::default() };
        let error = Cluster::start(&env, &Options::default(), &|_: &str| ()).unwrap_err().to_string();
        assert!(error.contains("ended while it was starting (exit status: 1)"), "{error}");
        assert!(error.ends_with("java.net.BindException: Address already in use"), "{error}");
    }
}
