//! The process of `Interop.java`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hazelcast_client::{Client, ClientBuilder};
use member::maven::{self, Artifact};
use member::{Env, HAZELCAST_VERSION};

const CLUSTER: &str = "interop";
const OPTIONS: [&str; 8] = [
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
    "-Dhazelcast.phone.home.enabled=false",
    "-Dhazelcast.socket.bind.any=false",
    "-Dhazelcast.local.localAddress=127.0.0.1",
    "-Djava.net.preferIPv4Stack=true",
    "-Dhazelcast.logging.type=none",
];

/// A member and a Java client. Dropping it ends them.
pub struct Java {
    port: u16,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Java {
    pub fn start() -> Self {
        let env = Env::current();
        let jars = ["hazelcast", "hazelcast-sql"].map(|name| {
            let artifact = Artifact::new("com.hazelcast", name, HAZELCAST_VERSION);
            maven::resolve(&env, &artifact, &|_: &str| ()).expect("the jars of Hazelcast")
        });
        let port = member::free_ports(1).unwrap()[0];
        let mut java = Command::new(member::java::find(&env).expect("Java"));
        java.args(OPTIONS).arg("-cp").arg(std::env::join_paths(jars).unwrap());
        java.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/Interop.java"));
        java.args([CLUSTER, &port.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = java.spawn().expect("Java runs");
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut java = Self { port, child, input, output };
        assert_eq!(java.until("ready"), [] as [String; 0]);
        java
    }

    pub fn builder(&self) -> ClientBuilder {
        Client::builder().cluster_name(CLUSTER).address(format!("127.0.0.1:{}", self.port))
    }

    /// What it answers to a command, a line each.
    pub fn ask(&mut self, command: &str) -> Vec<String> {
        writeln!(self.input, "{command}").unwrap();
        self.until("done")
    }

    fn until(&mut self, end: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "Java ended: {lines:?}");
            match line.trim_end().strip_prefix('@') {
                Some(word) if word == end => return lines,
                Some(line) => lines.push(line.to_owned()),
                None => {}
            }
        }
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
