//! A program with a time limit, and what it printed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How a program ended, and what it printed on both of its outputs.
pub struct Printed {
    pub well: bool,
    pub text: String,
}

/// Runs a program; what it prints goes through `file`, so that no pipe can be left full or open.
pub fn run(command: &mut Command, file: &Path, patience: Duration) -> Result<Printed, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", file.display());
    let out = fs::File::create(file).map_err(failed)?;
    command.stderr(out.try_clone().map_err(failed)?).stdout(out);
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().map_err(|e| format!("{name} could not be run: {e}"))?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break Some(status);
        }
        if begun.elapsed() > patience {
            // It may have ended just now.
            let _ = child.kill().and_then(|()| child.wait());
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut text = String::from_utf8_lossy(&fs::read(file).map_err(failed)?).into_owned();
    if status.is_none() {
        text.push_str(&format!("\nerror: stopped after {} s\n", patience.as_secs()));
    }
    Ok(Printed { well: status.is_some_and(|s| s.success()), text })
}
