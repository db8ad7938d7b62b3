//! A PostgreSQL of our own, whose answers are the right ones.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use member::guard::{Guard, Guarded};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server: user `postgres`, database `postgres`, no password, on 127.0.0.1 only.
#[derive(Debug)]
pub struct PostgreSql {
    server: Guarded,
    /// Where it listens.
    pub port: u16,
}

impl PostgreSql {
    /// Starts a server with an empty database from the programs in `bin`. Its text is ordered as our database's, by
    /// code units (`C`), and its case functions are Unicode's (`C.UTF-8`).
    ///
    /// PostgreSQL refuses to run as root: then it runs as the package's user, or as nobody.
    pub fn start(bin: &Path) -> Result<PostgreSql, String> {
        let port = member::free_ports(1).map_err(|e| e.to_string())?.first().copied().unwrap_or_default();
        let other = somebody_else()?;
        let program = if other.is_empty() { bin.join("postgres") } else { "setpriv".into() };
        let mut guard = Guard::new(program).map_err(|e| e.to_string())?;
        let folder = guard.folder().to_owned();
        initdb(bin, &folder, &other)?;
        if let Some((_, rest)) = other.split_first() {
            guard.args(rest).arg(bin.join("postgres"));
        }
        guard.args(["-D", "data", "-p", &port.to_string(), "-k", ""]);
        let settings =
            ["listen_addresses=127.0.0.1", "fsync=off", "jit=off", "timezone=UTC", "max_connections=50"];
        for setting in settings {
            guard.args(["-c", setting]);
        }
        guard.ends_with("INT", Duration::from_secs(10));
        let mut server = guard.spawn().map_err(|e| e.to_string())?;
        let begun = Instant::now();
        while !server.text().contains("ready to accept connections") {
            if server.exited().is_some() || begun.elapsed() > PATIENCE {
                return Err(format!("PostgreSQL did not start:\n{}", server.tail(10)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(PostgreSql { server, port })
    }

    /// The process id of the server's first process.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }
}

fn initdb(bin: &Path, folder: &Path, other: &[String]) -> Result<(), String> {
    let mut command = match other.split_first() {
        None => Command::new(bin.join("initdb")),
        Some((program, rest)) => {
            let user = user();
            let id = |flag: &str| -> Result<u32, String> {
                let text = output(Command::new("id").args([flag, user]))?;
                text.trim().parse().map_err(|_| format!("`id {flag} {user}` printed {text:?}"))
            };
            let owner = chown(folder, Some(id("-u")?), Some(id("-g")?));
            owner.map_err(|e| format!("could not give {} to {user}: {e}", folder.display()))?;
            let mut command = Command::new(program);
            command.args(rest).arg(bin.join("initdb"));
            command
        }
    };
    command.current_dir(folder).args(["-D", "data", "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"]);
    output(command.args(["--lc-collate=C", "--lc-ctype=C.UTF-8"])).map(|_| ())
}

/// The words that run a program as another user, when we are root.
fn somebody_else() -> Result<Vec<String>, String> {
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(Vec::new());
    }
    let user = user();
    let group = output(Command::new("id").args(["-g", user]))?;
    let words = ["setpriv", "--reuid", user, "--regid", group.trim(), "--clear-groups"];
    Ok(words.map(str::to_owned).to_vec())
}

/// The package's own user, or the one that owns nothing.
fn user() -> &'static str {
    if output(Command::new("id").args(["-u", "postgres"])).is_ok() { "postgres" } else { "nobody" }
}

/// What a command prints, when it ends well.
fn output(command: &mut Command) -> Result<String, String> {
    let result = command.stdin(Stdio::null()).output();
    let output = result.map_err(|e| format!("{command:?} could not be run: {e}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} ended with {}: {}", output.status, words.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
