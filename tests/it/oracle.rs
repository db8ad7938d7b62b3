//! A PostgreSQL of our own, whose answers are the right ones.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use member::guard::{Guard, Guarded};

use crate::tools::{succeed, tool};
use crate::wire::Client;

/// A running server.
#[derive(Debug)]
pub struct Oracle {
    _server: Guarded,
    pub port: u16,
}

/// Starts a server with an empty database. PostgreSQL refuses to run as root: then it runs as somebody else.
pub fn start() -> Oracle {
    let bin = tool("postgresql");
    let port = member::free_ports(1).unwrap()[0];
    let other = somebody_else();
    let program = if other.is_empty() { bin.join("postgres") } else { "setpriv".into() };
    let mut guard = Guard::new(program).unwrap();
    let folder = guard.folder().to_owned();
    initdb(&bin, &folder, &other);
    if let Some((_, rest)) = other.split_first() {
        guard.args(rest).arg(bin.join("postgres"));
    }
    guard.args(["-D", "data", "-p", &port.to_string(), "-k", ""]);
    for setting in
        ["listen_addresses=127.0.0.1", "fsync=off", "jit=off", "timezone=UTC", "max_connections=50"]
    {
        guard.args(["-c", setting]);
    }
    guard.ends_with("INT", Duration::from_secs(10));
    let mut server = guard.spawn().unwrap();
    let begun = Instant::now();
    while !server.text().contains("ready to accept connections") {
        assert!(server.exited().is_none() && begun.elapsed() < Duration::from_secs(60), "{}", server.text());
        std::thread::sleep(Duration::from_millis(20));
    }
    Oracle { _server: server, port }
}

fn initdb(bin: &Path, folder: &Path, other: &[String]) {
    let mut command = match other.split_first() {
        None => Command::new(bin.join("initdb")),
        Some((program, rest)) => {
            let id = |flag: &str| -> u32 {
                succeed(Command::new("id").args([flag, &user()])).trim().parse().unwrap()
            };
            chown(folder, Some(id("-u")), Some(id("-g"))).unwrap();
            let mut command = Command::new(program);
            command.args(rest).arg(bin.join("initdb"));
            command
        }
    };
    command.current_dir(folder).args(["-D", "data", "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"]);
    // What our own database says of itself: text in the order of its code units, case functions of Unicode.
    succeed(command.args(["--lc-collate=C", "--lc-ctype=C.UTF-8"]));
}

/// The words that run a program as another user, when we are root.
fn somebody_else() -> Vec<String> {
    if succeed(Command::new("id").arg("-u")).trim() != "0" {
        return Vec::new();
    }
    let user = user();
    let group = succeed(Command::new("id").args(["-g", &user]));
    let words = ["setpriv", "--reuid", &user, "--regid", group.trim(), "--clear-groups"];
    words.map(str::to_owned).to_vec()
}

/// The package's own user, or the one that owns nothing.
fn user() -> String {
    let postgres = crate::tools::run(Command::new("id").args(["-u", "postgres"]));
    if postgres.status.success() { "postgres".into() } else { "nobody".into() }
}

#[test]
fn the_oracle_is_the_postgresql_that_we_say_we_are() {
    let bed = crate::bed::oracle();
    let mut client = Client::connect(bed.port);
    assert!(client.settings["server_version"].starts_with("15."), "{:?}", client.settings);
    assert_eq!(client.query("SHOW lc_collate").value(), "C");
    assert_eq!(client.query("SHOW lc_ctype").value(), "C.UTF-8");
}
