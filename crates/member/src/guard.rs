//! Child processes that cannot be orphaned.
//!
//! A shell stands between: it holds the read end of a pipe whose write end is ours alone. However we end (return, panic,
//! Ctrl-C, SIGTERM, SIGKILL), the kernel closes the pipe, and the shell ends the program. Nothing here needs a signal
//! handler or `unsafe`.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Error;

const SCRIPT: &str = include_str!("guard.sh");

/// How a program is to be run and ended.
#[derive(Debug)]
pub struct Guard {
    command: Command,
    folder: tempfile::TempDir,
    program: PathBuf,
    signal: &'static str,
    grace: Duration,
    args: Vec<std::ffi::OsString>,
}

impl Guard {
    /// Prepares `program`, with an empty private folder of its own as the working directory.
    pub fn new(program: impl Into<PathBuf>) -> Result<Guard, Error> {
        let folder = tempfile::Builder::new()
            .prefix("hazelgres-")
            .tempdir()
            .map_err(|e| Error::io("make a temporary folder", e))?;
        let mut command = Command::new("/bin/sh");
        command.current_dir(folder.path());
        let grace = Duration::from_secs(10);
        Ok(Guard { command, folder, program: program.into(), signal: "TERM", grace, args: Vec::new() })
    }

    /// The private folder, for files that the program shall find. It is removed when the program has ended.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Guard {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub fn args<A: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = A>) -> &mut Guard {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    pub fn env(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Guard {
        self.command.env(name, value);
        self
    }

    /// The signal that asks the program to end (TERM when nothing is said) and how long it may take.
    pub fn ends_with(&mut self, signal: &'static str, grace: Duration) -> &mut Guard {
        self.signal = signal;
        self.grace = grace;
        self
    }

    /// Runs the program.
    pub fn spawn(mut self) -> Result<Guarded, Error> {
        let what = || format!("start {}", self.program.display());
        let grace = self.grace.as_secs().max(1).to_string();
        self.command.args(["-c", SCRIPT, "hazelgres-guard"]).arg(self.folder.path());
        self.command.args([self.signal, &grace]).arg(&self.program).args(&self.args);
        // A process group of its own: Ctrl-C on the terminal reaches us alone, and we end things in order.
        self.command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = self.command.spawn().map_err(|e| Error::io(what(), e))?;
        let pipe = shell.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = shell.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|e| Error::io(what(), e))?;
        }
        let pid =
            line.trim().parse().map_err(|_| Error::io(what(), std::io::Error::other("no process id")))?;
        Ok(Guarded { shell, pipe, folder: self.folder, pid, grace: self.grace, status: None })
    }
}

/// A running program that ends when this value is dropped, or when we end without dropping it.
#[derive(Debug)]
pub struct Guarded {
    shell: Child,
    pipe: Option<ChildStdin>,
    folder: tempfile::TempDir,
    pid: u32,
    grace: Duration,
    status: Option<ExitStatus>,
}

impl Guarded {
    /// The program's own process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The file that holds what the program wrote.
    pub fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// What the program has written so far.
    pub fn text(&self) -> String {
        std::fs::read(self.output()).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    /// The last `lines` lines that the program wrote.
    pub fn tail(&self, lines: usize) -> String {
        tail(&self.text(), lines)
    }

    /// How the program ended, if it has.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.shell.try_wait().ok().flatten();
        }
        self.status
    }

    /// Waits until the program ends by itself, at most `patience`.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        while self.exited().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.status
    }

    /// Asks the program to end, and sees to it that it does.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.pipe = None;
        self.wait(self.grace + Duration::from_secs(5))
    }

    /// Sends the program a signal by name ("KILL", "STOP", "CONT", "TERM").
    pub fn signal(&self, name: &str) -> std::io::Result<()> {
        let sent = Command::new("/bin/sh")
            .args(["-c", "kill -s \"$1\" \"$2\"", "kill", name])
            .arg(self.pid.to_string())
            .status()?;
        if sent.success() { Ok(()) } else { Err(std::io::Error::other(format!("kill {} failed", self.pid))) }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(pid: u32) -> bool {
        // A zombie has ended, too.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|s| !s.contains(") Z "))
    }

    fn gone_within(pid: u32, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while alive(pid) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        !alive(pid)
    }

    fn sh(script: &str) -> Guard {
        let mut guard = Guard::new("/bin/sh").unwrap();
        guard.args(["-c", script]);
        guard
    }

    #[test]
    fn tells_output_and_exit_code() {
        let mut guarded = sh("echo one; echo two >&2; exit 3").spawn().unwrap();
        assert_eq!(guarded.wait(Duration::from_secs(10)).and_then(|s| s.code()), Some(3));
        assert_eq!(guarded.text(), "one\ntwo\n");
        assert_eq!(guarded.tail(1), "two");
    }

    #[test]
    fn dropping_ends_the_program_and_removes_its_folder() {
        let guarded = sh("exec sleep 60").spawn().unwrap();
        let (pid, folder) = (guarded.pid(), guarded.folder.path().to_owned());
        assert!(alive(pid) && folder.exists());
        drop(guarded);
        assert!(!alive(pid) && !folder.exists());
    }

    #[test]
    fn a_program_that_will_not_end_is_killed() {
        let mut guard = sh("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        guard.ends_with("TERM", Duration::from_secs(1));
        let mut guarded = guard.spawn().unwrap();
        while !guarded.text().contains("ready") {
            std::thread::sleep(Duration::from_millis(10));
        }
        guarded.stop();
        assert!(!alive(guarded.pid()));
    }

    #[test]
    fn killing_the_one_who_started_it_ends_the_program_too() {
        // The starter is a process of its own: the shell that runs the same guard script, holding the pipe.
        let folder = tempfile::tempdir().unwrap();
        let private = folder.path().join("private");
        std::fs::create_dir(&private).unwrap();
        let script = folder.path().join("guard.sh");
        std::fs::write(&script, SCRIPT).unwrap();
        let mut starter = Command::new("/bin/sh")
            .args(["-c", "mkfifo f; sh \"$0\" \"$1\" TERM 5 sleep 60 <f >pid & exec 9>f; wait"])
            .arg(&script)
            .arg(&private)
            .current_dir(folder.path())
            .spawn()
            .unwrap();
        let pid = loop {
            let text = std::fs::read_to_string(folder.path().join("pid")).unwrap_or_default();
            if let Ok(pid) = text.trim().parse::<u32>() {
                break pid;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(alive(pid));
        starter.kill().unwrap();
        starter.wait().unwrap();
        assert!(gone_within(pid, Duration::from_secs(5)));
        let until = Instant::now() + Duration::from_secs(5);
        while private.exists() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!private.exists(), "nobody is left to remove the folder but the guard");
    }
}
