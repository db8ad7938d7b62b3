//! A folder of clients: what it needs, how it is prepared, and its programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use member::Env;
use member::maven::{self, Artifact};
use regex::Regex;
use serde::Deserialize;

use super::process::{self, Printed};
use super::report::Outcome;
use super::tables;
use crate::bed::Bed;
use crate::run::{root, say};
use crate::setup;

/// How long one client may take on one side.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long one command that installs something may take.
const INSTALLING: Duration = Duration::from_secs(900);

/// A folder of `tests/clients`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    path: PathBuf,
    /// Programs that must be there, and the Debian packages that bring them.
    #[serde(default)]
    needs: Vec<Need>,
    /// Jars, as `group:name:version`: their paths are in the variable CLASSPATH.
    #[serde(default)]
    jars: Vec<String>,
    /// Commands that install what the clients need, in order. `{home}` is the folder that they install into, `{here}`
    /// the folder with the clients' sources.
    #[serde(default)]
    prepare: Vec<Vec<String>>,
    /// A command that prints which versions were installed.
    #[serde(default)]
    versions: Vec<String>,
    /// The clients.
    #[serde(default, rename = "client")]
    pub clients: Vec<Client>,
}

/// A program or a file that must be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Need {
    /// A program in the PATH, or an absolute path.
    find: String,
    packages: Vec<String>,
}

/// A client program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub name: String,
    /// How the output of the folder's `versions` names it; its version follows.
    package: String,
    /// What it is, and what it does here.
    pub what: String,
    /// The command, with `{home}` and `{here}`. It finds its server in PGHOST, PGPORT, PGUSER and PGDATABASE.
    run: Vec<String>,
    /// Whether it is one of the most used.
    #[serde(default)]
    pub ci: bool,
    /// What may differ.
    #[serde(default)]
    differs: Vec<Differs>,
}

/// What may differ, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Differs {
    /// A regular expression: what it matches is left out on both sides.
    text: String,
    /// The reason, for the reader.
    #[serde(rename = "because")]
    _because: String,
}

/// All folders with a `client.toml`, in the order of their names.
pub fn all(clients: &Path) -> Result<Vec<Folder>, String> {
    let entries = fs::read_dir(clients).map_err(|e| format!("{}: {e}", clients.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.join("client.toml").is_file());
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Result<Folder, String> {
    let file = path.join("client.toml");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut folder: Folder = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    folder.name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    folder.path = path;
    Ok(folder)
}

impl Folder {
    /// Where its clients are installed.
    fn home(&self) -> PathBuf {
        root().join(".cache/clients").join(&self.name)
    }

    /// The Debian packages of what is not there.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let env = Env::current();
        let missing = self.needs.iter().filter(move |need| !need.there(&env));
        missing.flat_map(|need| need.packages.iter().map(String::as_str))
    }

    /// Installs the clients. Nothing is done when nothing in the folder has changed since.
    pub fn prepare(&self) -> Result<(), String> {
        let missing: Vec<&str> = self.missing().collect();
        if !missing.is_empty() {
            return Err(format!("{}: Debian's {} could not be installed", self.name, missing.join(", ")));
        }
        let home = self.home();
        let (stamp, now) = (home.join("prepared"), self.fingerprint()?);
        if fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
            return Ok(());
        }
        say(&format!("Installing the clients of {}", self.name));
        fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
        for words in &self.prepare {
            // Registries have their moments: a second try is all that one gets.
            self.install(words).or_else(|_| self.install(words))?;
        }
        fs::write(&stamp, now).map_err(|e| format!("{}: {e}", stamp.display()))
    }

    /// Runs one command of `prepare`; what went wrong is one line.
    fn install(&self, words: &[String]) -> Result<(), String> {
        let said = process::run(&mut self.command(words)?, &self.home().join("prepare.out"), INSTALLING)?;
        if said.well {
            return Ok(());
        }
        let lines = || said.text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines().find(|line| line.to_lowercase().contains("error")).or_else(|| lines().next_back());
        Err(format!(
            "{} can't be installed: `{}`: {}",
            self.name,
            words.join(" "),
            line.unwrap_or("it failed")
        ))
    }

    /// What `versions` prints; nothing when it can't be run, for want of it only a table has gaps.
    pub fn versions(&self) -> String {
        let file = self.home().join("versions.out");
        let said = self.command(&self.versions).and_then(|mut c| process::run(&mut c, &file, INSTALLING));
        said.map_or_else(|_| String::new(), |said| said.text)
    }

    /// What is installed: `client.toml`, and the files that its commands name.
    fn fingerprint(&self) -> Result<String, String> {
        let named = self.prepare.iter().flatten().filter_map(|word| word.strip_prefix("{here}/"));
        let mut all = String::new();
        for file in ["client.toml"].into_iter().chain(named) {
            let path = self.path.join(file);
            all.push_str(&fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?);
        }
        Ok(all)
    }

    /// A command of the folder, in its home, with places filled in.
    fn command(&self, words: &[String]) -> Result<Command, String> {
        let home = self.home();
        let fill = |word: &String| {
            word.replace("{home}", &home.to_string_lossy()).replace("{here}", &self.path.to_string_lossy())
        };
        let (program, rest) =
            words.split_first().ok_or_else(|| format!("{}: an empty command", self.name))?;
        let mut command = Command::new(fill(program));
        command.args(rest.iter().map(fill)).current_dir(&home).stdin(std::process::Stdio::null());
        let mut jars = vec![home.to_string_lossy().into_owned()];
        for jar in &self.jars {
            let parts: Vec<&str> = jar.split(':').collect();
            let [group, name, version] = parts.as_slice() else {
                return Err(format!("{jar} is no artifact"));
            };
            let artifact = Artifact::new(group, name, version);
            let path = maven::resolve(&Env::current(), &artifact, &|what: &str| say(what));
            jars.push(path.map_err(|e| e.to_string())?.to_string_lossy().into_owned());
        }
        if !self.jars.is_empty() {
            command.env("CLASSPATH", jars.join(":"));
        }
        command.env("PSQLODBC", setup::tool("psqlodbc")?).env("POSTGRESQL", setup::tool("postgresql")?);
        Ok(command)
    }
}

impl Need {
    fn there(&self, env: &Env) -> bool {
        Path::new(&self.find).is_absolute() && Path::new(&self.find).exists()
            || env.find(&self.find).is_some()
    }
}

/// The server that a client is run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Oracle,
    Gateway,
}

impl Side {
    fn port(self, bed: &Bed) -> u16 {
        match self {
            Side::Oracle => bed.oracle.port,
            Side::Gateway => bed.gateway.port,
        }
    }
}

impl Client {
    /// Runs the client against both servers and compares.
    pub fn compare(&self, folder: &Folder, bed: &Bed, show: bool) -> Outcome {
        let run =
            |side| self.run(folder, bed, side).and_then(|printed| Ok((self.judged(&printed.text)?, printed)));
        let (theirs, oracle) = match run(Side::Oracle) {
            Ok((text, printed)) if printed.well => (text, printed),
            Ok((_, printed)) => return Outcome::NotRun(format!("it fails on PostgreSQL:\n{}", printed.text)),
            Err(reason) => return Outcome::NotRun(reason),
        };
        let (ours, printed) = match run(Side::Gateway) {
            Ok(both) => both,
            Err(reason) => return Outcome::NotRun(reason),
        };
        if show {
            say(&printed.text);
        }
        if printed.well && ours == theirs {
            return Outcome::Same { lines: oracle.text.lines().count() };
        }
        Outcome::Differs { difference: self.difference(folder, &theirs, &ours) }
    }

    /// What it prints, without what may differ.
    fn judged(&self, text: &str) -> Result<String, String> {
        let mut text = text.to_owned();
        for differs in &self.differs {
            let pattern = Regex::new(&format!("(?m){}", differs.text));
            let pattern = pattern.map_err(|e| format!("{}: {e}", self.name))?;
            text = pattern.replace_all(&text, "").into_owned();
        }
        Ok(text)
    }

    /// Its version, as `versions` tells it.
    pub fn version(&self, versions: &str) -> Option<String> {
        let pattern = format!(r"(?m){}[^0-9\n]*([0-9]+(?:\.[0-9]+)+)", regex::escape(&self.package));
        let found = Regex::new(&pattern).ok()?.captures(versions)?;
        found.get(1).map(|version| version.as_str().to_owned())
    }

    fn run(&self, folder: &Folder, bed: &Bed, side: Side) -> Result<Printed, String> {
        let file = folder.home().join(format!("{}.{side:?}.out", self.name).to_lowercase());
        let mut command = folder.command(&self.run)?;
        command.envs([("PGHOST", "127.0.0.1"), ("PGUSER", "postgres"), ("PGDATABASE", "postgres")]);
        command.env("PGPORT", side.port(bed).to_string()).env("PGTZ", "UTC").env("TZ", "UTC");
        // For clients that are PostgreSQL servers.
        command.env("ORACLE_PORT", Side::Oracle.port(bed).to_string());
        tables::clear(side.port(bed))?;
        process::run(&mut command, &file, PATIENCE)
    }

    /// The lines that differ, as `diff` shows them.
    fn difference(&self, folder: &Folder, theirs: &str, ours: &str) -> String {
        let home = folder.home();
        let files = [("postgresql", theirs), ("gateway", ours)].map(|(name, text)| {
            let file = home.join(format!("{}.{name}", self.name));
            // A file that can't be written shows as a difference.
            let _ = fs::write(&file, text);
            file
        });
        let diff = Command::new("diff").arg("-u").args(&files).output();
        diff.map_or_else(|e| e.to_string(), |o| String::from_utf8_lossy(&o.stdout).into_owned())
    }
}
