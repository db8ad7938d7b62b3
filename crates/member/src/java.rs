//! Finds a Java that is new enough for Hazelcast members.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env::is_executable;
use crate::{Env, Error};

/// Hazelcast 5.5 and later run on Java 17 and newer.
pub const MIN_VERSION: u32 = 17;

/// The first `java` of `JAVA_HOME` and PATH that is new enough.
pub fn find(env: &Env) -> Result<PathBuf, Error> {
    let home = env.java_home.as_ref().map(|home| home.join("bin").join("java")).filter(|f| is_executable(f));
    let mut refused = None;
    for java in home.into_iter().chain(env.find("java")) {
        match version(&java) {
            Ok(found) if found >= MIN_VERSION => return Ok(java),
            Ok(found) => {
                refused.get_or_insert(Error::OldJava { min: MIN_VERSION, path: java, version: found });
            }
            Err(reason) => {
                refused.get_or_insert(Error::BrokenJava { min: MIN_VERSION, path: java, reason });
            }
        }
    }
    Err(refused.unwrap_or(Error::NoJava { min: MIN_VERSION }))
}

/// The feature version that `java -version` tells: 17 of "17.0.15", 8 of "1.8.0_352".
fn version(java: &Path) -> Result<u32, String> {
    let output = Command::new(java).arg("-version").output().map_err(|e| e.to_string())?;
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    parse_version(&text).ok_or_else(|| {
        let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("it printed nothing");
        format!("`java -version` ended with {} and said \"{}\"", output.status, line.trim())
    })
}

fn parse_version(text: &str) -> Option<u32> {
    let quoted = text.split("version \"").nth(1)?;
    let mut numbers = quoted.split(|c: char| !c.is_ascii_digit());
    match numbers.next()?.parse().ok()? {
        1 => numbers.next()?.parse().ok(),
        feature => Some(feature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::tests::script;

    fn fake(version: &str) -> (tempfile::TempDir, Env) {
        let folder = tempfile::tempdir().unwrap();
        script(folder.path(), "java", &format!("echo 'openjdk version \"{version}\" 2020-01-01' >&2"));
        let env = Env { path: folder.path().into(), ..Env::default() };
        (folder, env)
    }

    #[test]
    fn reads_old_and_new_version_numbers() {
        assert_eq!(parse_version("openjdk version \"17.0.15\" 2025-04-15"), Some(17));
        assert_eq!(parse_version("java version \"1.8.0_352\""), Some(8));
        assert_eq!(parse_version("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(parse_version("openjdk version \"26-ea\" 2026-03-17"), Some(26));
        assert_eq!(parse_version("command not found"), None);
    }

    #[test]
    fn no_java_at_all_says_how_to_get_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(&Env { path: folder.path().into(), ..Env::default() }).unwrap_err();
        assert!(matches!(error, Error::NoJava { .. }));
        assert!(error.to_string().contains("openjdk-17-jre-headless"), "{error}");
    }

    #[test]
    fn an_old_java_is_named_with_its_version() {
        let (folder, env) = fake("11.0.2");
        let error = find(&env).unwrap_err().to_string();
        assert!(error.contains(&format!("{}/java is version 11", folder.path().display())), "{error}");
    }

    #[test]
    fn an_old_java_home_does_not_hide_a_new_java_in_the_path() {
        let (home, _) = fake("1.8.0_352");
        std::fs::create_dir(home.path().join("bin")).unwrap();
        std::fs::rename(home.path().join("java"), home.path().join("bin/java")).unwrap();
        let (folder, mut env) = fake("17.0.1");
        env.java_home = Some(home.path().to_owned());
        assert_eq!(find(&env).unwrap(), folder.path().join("java"));
    }

    #[test]
    fn a_java_that_does_not_run_is_reported_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        script(folder.path(), "java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1");
        let error = find(&Env { path: folder.path().into(), ..Env::default() }).unwrap_err().to_string();
        assert!(error.contains("Unable to locate a Java Runtime."), "{error}");
    }
}
