//! Where programs and folders of this machine are, read once from the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The part of the environment that matters here. Tests make their own.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// The search path for programs.
    pub path: OsString,
    /// `JAVA_HOME`.
    pub java_home: Option<PathBuf>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The words of `MAVEN_OPTS` and `MAVEN_ARGS`.
    pub maven_options: Vec<String>,
}

impl Env {
    /// The environment of this process.
    pub fn current() -> Env {
        let words = |name: &str| std::env::var(name).unwrap_or_default();
        Env {
            path: std::env::var_os("PATH").unwrap_or_default(),
            java_home: std::env::var_os("JAVA_HOME").filter(|v| !v.is_empty()).map(PathBuf::from),
            home: std::env::home_dir(),
            maven_options: format!("{} {}", words("MAVEN_OPTS"), words("MAVEN_ARGS"))
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        }
    }

    /// The first executable file of that name in the search path.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|folder| folder.join(program)).find(|file| is_executable(file))
    }
}

/// Whether this is a file that may be run.
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// Writes an executable shell script and says where.
    pub(crate) fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
        let file = folder.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    #[test]
    fn finds_only_executable_files_in_path_order() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(one.path().join("tool"), "not executable").unwrap();
        let tool = script(two.path(), "tool", "exit 0");
        let env = Env { path: std::env::join_paths([one.path(), two.path()]).unwrap(), ..Env::default() };
        assert_eq!(env.find("tool"), Some(tool));
        assert_eq!(env.find("other"), None);
    }
}
