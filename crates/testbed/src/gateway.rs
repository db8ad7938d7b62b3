//! The gateway as a process.

use std::path::Path;
use std::time::{Duration, Instant};

use member::guard::{Guard, Guarded};

/// How long the gateway may take to find the cluster.
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway process, on 127.0.0.1.
#[derive(Debug)]
pub struct Gateway {
    /// The process.
    pub process: Guarded,
    /// Where it listens.
    pub port: u16,
}

impl Gateway {
    /// Starts `program` in front of `cluster` (`NAME@HOST:PORT,…`) and waits for nothing.
    pub fn spawn(program: &Path, cluster: &str) -> Result<Gateway, String> {
        Gateway::spawn_with(program, cluster, &[])
    }

    /// The same with variables of the environment.
    fn spawn_with(program: &Path, cluster: &str, environment: &[(&str, &str)]) -> Result<Gateway, String> {
        let port = member::free_ports(1).map_err(|e| e.to_string())?.first().copied().unwrap_or_default();
        let mut guard = Guard::new(program).map_err(|e| e.to_string())?;
        guard.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--cluster", cluster]);
        for (name, value) in environment {
            guard.env(name, value);
        }
        Ok(Gateway { process: guard.spawn().map_err(|e| e.to_string())?, port })
    }

    /// Starts `program` in front of `cluster` and waits until it says that it is ready.
    pub fn start(program: &Path, cluster: &str) -> Result<Gateway, String> {
        Gateway::start_with(program, cluster, &[])
    }

    /// The same with variables of the environment.
    pub fn start_with(
        program: &Path,
        cluster: &str,
        environment: &[(&str, &str)],
    ) -> Result<Gateway, String> {
        let mut gateway = Gateway::spawn_with(program, cluster, environment)?;
        let begun = Instant::now();
        while !gateway.process.text().contains("listening on") {
            if gateway.process.exited().is_some() || begun.elapsed() > PATIENCE {
                return Err(format!("the gateway did not start:\n{}", gateway.process.tail(10)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(gateway)
    }
}
