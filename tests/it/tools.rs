//! Programs and jars from outside, where `cargo xtask setup` found them; and the project's folders.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A tool by the name that setup gave it.
pub fn tool(name: &str) -> PathBuf {
    let text = std::fs::read_to_string(root().join(".cache/tools")).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    match found {
        Some(path) => PathBuf::from(path),
        None => panic!("{name} is not known: run `cargo xtask setup` first"),
    }
}

/// The folder of corpora and benchmarks that lies beside the project at its makers' place. Tests that need it say that
/// they were skipped where it is missing.
pub fn shared() -> Option<PathBuf> {
    let folder = root().join("../shared");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

/// What a command printed, when it ended well.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that reads nothing.
pub fn run(command: &mut Command) -> Output {
    command.stdin(std::process::Stdio::null());
    command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}
