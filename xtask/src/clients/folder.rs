//! A folder of clients: what it needs, how it is prepared, and its programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use member::Env;
use member::maven::{self, Artifact};
use regex::Regex;
use serde::Deserialize;

use super::report::Outcome;
use crate::bed::Bed;
use crate::run::{output, root, say};
use crate::setup;

/// How long one client may take on one side.
const PATIENCE: Duration = Duration::from_secs(180);

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
    /// A regular expression: what it matches becomes a star on both sides.
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

    /// Sees to what the clients need. Installing is left out when nothing in the folder has changed since.
    pub fn prepare(&self) -> Result<(), String> {
        let env = Env::current();
        let missing: Vec<&Need> = self.needs.iter().filter(|need| !need.there(&env)).collect();
        if !missing.is_empty() {
            let packages: Vec<&str> =
                missing.iter().flat_map(|need| need.packages.iter().map(String::as_str)).collect();
            setup::install_packages(&env, &packages)?;
        }
        let home = self.home();
        let (stamp, now) = (home.join("prepared"), self.fingerprint()?);
        if fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
            return Ok(());
        }
        say(&format!("Installing the clients of {}", self.name));
        fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
        for words in &self.prepare {
            output(&mut self.command(words)?)?;
        }
        fs::write(&stamp, now).map_err(|e| format!("{}: {e}", stamp.display()))
    }

    /// All files of the folder, so that a change makes its clients be prepared anew.
    fn fingerprint(&self) -> Result<String, String> {
        let entries = fs::read_dir(&self.path).map_err(|e| format!("{}: {e}", self.path.display()))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let files = paths.iter().filter(|path| path.is_file());
        Ok(files.map(|path| fs::read_to_string(path).unwrap_or_default()).collect())
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
        command.env("PSQLODBC", setup::tool("psqlodbc")?);
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

/// How a client ended, and what it printed.
struct Printed {
    well: bool,
    text: String,
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

    /// What it prints, with stars for what may differ.
    fn judged(&self, text: &str) -> Result<String, String> {
        let mut text = text.to_owned();
        for differs in &self.differs {
            let pattern = Regex::new(&format!("(?m-u){}", differs.text));
            let pattern = pattern.map_err(|e| format!("{}: {e}", self.name))?;
            text = pattern.replace_all(&text, "*").into_owned();
        }
        Ok(text)
    }

    fn run(&self, folder: &Folder, bed: &Bed, side: Side) -> Result<Printed, String> {
        let file = folder.home().join(format!("{}.{side:?}.out", self.name).to_lowercase());
        let failed = |e: std::io::Error| format!("{}: {e}", file.display());
        let out = fs::File::create(&file).map_err(failed)?;
        let mut command = folder.command(&self.run)?;
        command.envs([("PGHOST", "127.0.0.1"), ("PGUSER", "postgres"), ("PGDATABASE", "postgres")]);
        command.env("PGPORT", side.port(bed).to_string()).env("PGTZ", "UTC").env("TZ", "UTC");
        // For clients that are PostgreSQL servers.
        command.env("ORACLE_PORT", Side::Oracle.port(bed).to_string());
        command.stderr(out.try_clone().map_err(failed)?).stdout(out);
        let name = format!("{command:?}");
        let mut child = command.spawn().map_err(|e| format!("{name} could not be run: {e}"))?;
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                break Some(status);
            }
            if begun.elapsed() > PATIENCE {
                // It may have ended just now.
                let _ = child.kill().and_then(|()| child.wait());
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut text = String::from_utf8_lossy(&fs::read(&file).map_err(failed)?).into_owned();
        if status.is_none() {
            text.push_str(&format!("\nstopped after {} s\n", PATIENCE.as_secs()));
        }
        Ok(Printed { well: status.is_some_and(|s| s.success()), text })
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
