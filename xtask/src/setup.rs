//! Everything that the tests need beside Rust: found, or installed where that is possible, or said exactly.
//!
//! What was found is written to `.cache/tools`, one `name=path` a line, for the tests to read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use member::maven::{self, Artifact};
use member::{Env, HAZELCAST_VERSION};

use crate::run::{command, output, run, say};

/// The PostgreSQL whose answers are ours.
const POSTGRESQL: u32 = 15;
/// The first minor release that has all functions and settings of our catalog (crates/pg/data).
const MINOR: u32 = 20;
const PGJDBC: &str = "42.7.11";

/// Something from outside that the tests need.
struct Need {
    /// Its name in `.cache/tools`.
    name: &'static str,
    what: &'static str,
    /// Debian's packages that bring it.
    packages: &'static [&'static str],
    find: fn(&Env) -> Option<PathBuf>,
}

const NEEDS: &[Need] = &[
    Need {
        name: "postgresql",
        what: "the programs of a PostgreSQL 15 server, 15.20 or later",
        packages: &["postgresql-15"],
        find: postgresql,
    },
    Need { name: "psql", what: "psql", packages: &["postgresql-client-15"], find: |env| env.find("psql") },
    Need {
        name: "java",
        what: "Java 17 or newer",
        packages: &["openjdk-17-jdk-headless"],
        find: |env| member::java::find(env).ok(),
    },
    Need {
        name: "javac",
        what: "a Java compiler (javac)",
        packages: &["openjdk-17-jdk-headless"],
        find: |env| env.find("javac"),
    },
    Need { name: "maven", what: "Maven (mvn)", packages: &["maven"], find: |env| env.find("mvn") },
    Need { name: "isql", what: "unixODBC's isql", packages: &["unixodbc"], find: |env| env.find("isql") },
    Need {
        name: "psqlodbc",
        what: "PostgreSQL's ODBC driver (psqlodbcw.so)",
        packages: &["odbc-postgresql"],
        find: |_| psqlodbc(),
    },
    Need { name: "python", what: "Python 3 with venv", packages: &["python3-venv"], find: python },
];

/// Sees to everything and writes down where it is.
pub fn setup(root: &Path) -> Result<(), String> {
    let env = Env::current();
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| (need.find)(&env).is_none()).collect();
    if !missing.is_empty() {
        install(&env, &missing)?;
    }
    let cache = root.join(".cache");
    fs::create_dir_all(&cache).map_err(|e| format!("could not make {}: {e}", cache.display()))?;
    let mut tools = Vec::new();
    for need in NEEDS.iter().filter(|need| need.name != "python") {
        let path = (need.find)(&env).ok_or_else(|| missing_message(&[need]))?;
        tools.push((need.name, path));
    }
    let base = python(&env).ok_or_else(|| "Python 3 with venv is missing".to_owned())?;
    tools.push(("python", environment(root, &cache, &base)?));
    for (name, artifact) in [
        ("hazelcast", Artifact::new("com.hazelcast", "hazelcast", HAZELCAST_VERSION)),
        ("hazelcast-sql", Artifact::new("com.hazelcast", "hazelcast-sql", HAZELCAST_VERSION)),
        ("pgjdbc", Artifact::new("org.postgresql", "postgresql", PGJDBC)),
    ] {
        let jar = maven::resolve(&env, &artifact, &|what: &str| say(what)).map_err(|e| e.to_string())?;
        tools.push((name, jar));
    }
    let lines: String = tools.iter().map(|(name, path)| format!("{name}={}\n", path.display())).collect();
    let file = cache.join("tools");
    // At once: others may be reading it.
    let new = cache.join(format!("tools.{}", std::process::id()));
    let written = fs::write(&new, lines).and_then(|()| fs::rename(&new, &file));
    written.map_err(|e| format!("could not write {}: {e}", file.display()))
}

/// Where setup found a tool.
pub fn tool(name: &str) -> Result<PathBuf, String> {
    let text = fs::read_to_string(crate::run::root().join(".cache/tools")).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    found.map(PathBuf::from).ok_or_else(|| format!("{name} is not known; run `cargo xtask setup`"))
}

/// Installs what is missing, when we may.
fn install(env: &Env, missing: &[&Need]) -> Result<(), String> {
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    install_packages(env, &packages).map_err(|reason| match reason.as_str() {
        NOT_ALLOWED => missing_message(missing),
        // A package that this system does not have, or no network.
        _ => format!("{reason}\n{}", missing_message(missing)),
    })
}

/// Why nothing can be installed.
const NOT_ALLOWED: &str = "packages can only be installed by root, with apt-get";

/// Installs Debian's packages, when we may.
pub fn install_packages(env: &Env, packages: &[&str]) -> Result<(), String> {
    let root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let Some(apt) = env.find("apt-get").filter(|_| root) else {
        return Err(NOT_ALLOWED.to_owned());
    };
    let mut packages = packages.to_vec();
    packages.dedup();
    say(&format!("Installing {}", packages.join(" ")));
    let get = |args: &[&str]| -> Result<(), String> {
        let mut command: Command = command(&apt);
        run(command.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-y"]).args(args))
    };
    get(&["update"])?;
    if packages.contains(&"postgresql-15") {
        // The package would start a server of its own on port 5432.
        get(&["install", "--no-install-recommends", "postgresql-common"])?;
        let file = "/etc/postgresql-common/createcluster.conf";
        let text = fs::read_to_string(file).unwrap_or_default();
        fs::write(file, format!("{text}\ncreate_main_cluster = false\n"))
            .map_err(|e| format!("{file}: {e}"))?;
    }
    get(&[&["install", "--no-install-recommends"], packages.as_slice()].concat())
}

fn missing_message(missing: &[&Need]) -> String {
    let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let mut packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    packages.dedup();
    format!(
        "missing: {}. On Debian or Ubuntu: apt-get install {} (as root, this command does it itself)",
        what.join("; "),
        packages.join(" ")
    )
}

/// The folder with `postgres` and `initdb` of the right version.
fn postgresql(env: &Env) -> Option<PathBuf> {
    let usual = PathBuf::from(format!("/usr/lib/postgresql/{POSTGRESQL}/bin"));
    let in_path = env.find("postgres").and_then(|p| p.canonicalize().ok()?.parent().map(Path::to_owned));
    [usual].into_iter().chain(in_path).find(|bin| {
        let version = output(Command::new(bin.join("postgres")).arg("--version"));
        bin.join("initdb").is_file() && version.is_ok_and(|version| is_late_enough(&version))
    })
}

/// Of what `postgres --version` prints: `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`.
fn is_late_enough(version: &str) -> bool {
    let minor = version.split_once(&format!(") {POSTGRESQL}.")).map(|(_, minor)| minor);
    let digits = minor.and_then(|minor| minor.split(|c: char| !c.is_ascii_digit()).next());
    digits.and_then(|digits| digits.parse().ok()).is_some_and(|minor: u32| minor >= MINOR)
}

fn psqlodbc() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let more = ["/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib"].map(PathBuf::from);
    folders
        .chain(more)
        .flat_map(|folder| [folder.join("odbc/psqlodbcw.so"), folder.join("psqlodbcw.so")])
        .find(|file| file.is_file())
}

/// A Python that can make an environment.
fn python(env: &Env) -> Option<PathBuf> {
    let system = PathBuf::from("/usr/bin/python3");
    env.find("python3").into_iter().chain([system]).find(|python| {
        let try_it = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
        Command::new(python).args(["-c", try_it]).output().is_ok_and(|o| o.status.success())
    })
}

/// A Python environment with the clients of `requirements.txt`, made anew when those change.
fn environment(root: &Path, cache: &Path, base: &Path) -> Result<PathBuf, String> {
    let requirements = root.join("tests/clients/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(|e| format!("{}: {e}", requirements.display()))?;
    let folder = cache.join("python");
    let (stamp, python) = (folder.join("requirements.txt"), folder.join("bin/python"));
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    say("Making a Python environment with psycopg, pyodbc and Hazelcast's client");
    run(command(base).args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(command(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements))?;
    fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_releases_are_told_apart() {
        assert!(is_late_enough("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"));
        assert!(is_late_enough("postgres (PostgreSQL) 15.21"));
        assert!(!is_late_enough("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"));
        assert!(!is_late_enough("postgres (PostgreSQL) 16.20"));
    }
}
