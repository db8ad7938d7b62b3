//! Running programs, and saying what is going on.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// One line for whoever watches.
pub fn say(line: &str) {
    // Nobody watches any more: nothing to be done about it.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A command that works in the project's folder and reads nothing.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where cargo has put what it built: `path` is like `release/hazelgres`.
pub fn built(path: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(path)
}

/// Runs a command to its end; an error when it fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = name(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(e) => Err(format!("{name} could not be run: {e}")),
    }
}

/// What a command prints on standard output, if it ends well.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = name(command);
    let output = command.output().map_err(|e| format!("{name} could not be run: {e}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} ended with {}: {}", output.status, words.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, shows each line of its standard output and gives it to `look`. Whether it ended well.
pub fn watch(command: &mut Command, mut look: impl FnMut(&str)) -> Result<bool, String> {
    let name = name(command);
    let failed = |e: std::io::Error| format!("{name} could not be run: {e}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches('\n');
            say(text);
            look(text);
            line.clear();
        }
    }
    Ok(child.wait().map_err(failed)?.success())
}

fn name(command: &Command) -> String {
    let args: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    format!("`{} {}`", program, args.join(" ")).replace(" `", "`")
}
