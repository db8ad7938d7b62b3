//! Resolves jars by their Maven coordinates.
//!
//! The local repository is looked at first: what is there needs neither Maven nor a network. Maven itself is told the same
//! local repository, so that what it downloads is where we look.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::guard::Guard;
use crate::{Env, Error, Watch};

/// How long a download may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// An artifact, as Maven names it: `group:name:version`, always a jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    pub group: String,
    pub name: String,
    pub version: String,
}

impl Artifact {
    pub fn new(group: &str, name: &str, version: &str) -> Artifact {
        Artifact { group: group.into(), name: name.into(), version: version.into() }
    }

    /// Where the jar lies in a local repository.
    fn jar(&self, repository: &Path) -> PathBuf {
        let folder = repository.join(self.group.replace('.', "/")).join(&self.name).join(&self.version);
        folder.join(format!("{}-{}.jar", self.name, self.version))
    }
}

impl std::fmt::Display for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.group, self.name, self.version)
    }
}

/// The jar of an artifact, downloaded by Maven if it is not there yet.
pub fn resolve(env: &Env, artifact: &Artifact, watch: &dyn Watch) -> Result<PathBuf, Error> {
    let repository = local_repository(env);
    let jar = artifact.jar(&repository);
    if jar.is_file() {
        return Ok(jar);
    }
    let Some(maven) = env.find("mvn") else {
        return Err(Error::NoMaven { artifact: artifact.to_string(), jar });
    };
    watch.step(&format!("Downloading {artifact} with Maven"));
    let mut guard = Guard::new(maven)?;
    guard.args(["-B", "dependency:get", "-Dtransitive=false"]);
    guard.arg(format!("-Dartifact={artifact}")).arg(format!("-Dmaven.repo.local={}", repository.display()));
    let mut run = guard.spawn()?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = run.wait(Duration::from_millis(200)) {
            break Some(status);
        }
        if watch.cancelled() {
            return Err(Error::Cancelled);
        }
        if Instant::now() > until {
            break None;
        }
    };
    if status.is_some_and(|s| s.success()) && jar.is_file() {
        return Ok(jar);
    }
    let reason = match status {
        None => "it took longer than 10 minutes".to_owned(),
        Some(status) => reason(&run.text()).unwrap_or_else(|| format!("it ended with {status}")),
    };
    Err(Error::Download { artifact: artifact.to_string(), reason })
}

/// Maven's own explanation: its first error line, without the advice that follows.
fn reason(output: &str) -> Option<String> {
    let line =
        output.lines().find_map(|l| l.trim().strip_prefix("[ERROR] ").filter(|l| !l.trim().is_empty()))?;
    let line = line.split(" -> [Help").next().unwrap_or(line);
    Some(line.trim().trim_end_matches('.').to_owned())
}

/// The local repository: `-Dmaven.repo.local`, else the user's settings, else `~/.m2/repository`.
fn local_repository(env: &Env) -> PathBuf {
    let home = env.home.clone().unwrap_or_else(|| PathBuf::from("."));
    let option = env.maven_options.iter().find_map(|o| o.strip_prefix("-Dmaven.repo.local="));
    if let Some(path) = option {
        return PathBuf::from(path);
    }
    let settings = std::fs::read_to_string(home.join(".m2").join("settings.xml")).unwrap_or_default();
    match setting(&settings, "localRepository") {
        Some(path) => PathBuf::from(path.replace("${user.home}", &home.to_string_lossy())),
        None => home.join(".m2").join("repository"),
    }
}

/// The text of an element of settings.xml that stands outside comments.
fn setting(xml: &str, element: &str) -> Option<String> {
    let mut text = String::new();
    for (i, part) in xml.split("<!--").enumerate() {
        text.push_str(if i == 0 { part } else { part.split_once("-->").map_or("", |(_, rest)| rest) });
    }
    let (_, rest) = text.split_once(&format!("<{element}>"))?;
    let (value, _) = rest.split_once(&format!("</{element}>"))?;
    Some(value.trim().to_owned()).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::tests::script;

    fn artifact() -> Artifact {
        Artifact::new("com.example.some", "thing", "1.2")
    }

    fn env(path: &Path, home: &Path) -> Env {
        Env { path: path.into(), home: Some(home.to_owned()), ..Env::default() }
    }

    #[test]
    fn the_local_repository_is_where_maven_would_look() {
        let home = tempfile::tempdir().unwrap();
        let mut env = env(home.path(), home.path());
        assert_eq!(local_repository(&env), home.path().join(".m2/repository"));
        std::fs::create_dir(home.path().join(".m2")).unwrap();
        let xml = "<settings><!-- <localRepository>/no</localRepository> -->\
                   <localRepository> ${user.home}/jars </localRepository></settings>";
        std::fs::write(home.path().join(".m2/settings.xml"), xml).unwrap();
        assert_eq!(local_repository(&env), home.path().join("jars"));
        env.maven_options = vec!["-Xmx1g".into(), "-Dmaven.repo.local=/elsewhere".into()];
        assert_eq!(local_repository(&env), Path::new("/elsewhere"));
    }

    #[test]
    fn a_jar_that_is_there_needs_no_maven() {
        let home = tempfile::tempdir().unwrap();
        let jar = home.path().join(".m2/repository/com/example/some/thing/1.2/thing-1.2.jar");
        std::fs::create_dir_all(jar.parent().unwrap()).unwrap();
        std::fs::write(&jar, "jar").unwrap();
        let found =
            resolve(&env(home.path(), home.path()), &artifact(), &|_: &str| panic!("nothing to do")).unwrap();
        assert_eq!(found, jar);
    }

    #[test]
    fn no_maven_says_how_to_get_one_and_where_the_jar_would_go() {
        let home = tempfile::tempdir().unwrap();
        let error =
            resolve(&env(home.path(), home.path()), &artifact(), &|_: &str| ()).unwrap_err().to_string();
        assert!(error.contains("no `mvn` in PATH") && error.contains("apt-get install maven"), "{error}");
        assert!(error.contains("/com/example/some/thing/1.2/thing-1.2.jar"), "{error}");
    }

    #[test]
    fn no_network_gives_mavens_reason_in_one_line() {
        let home = tempfile::tempdir().unwrap();
        let words = "[INFO] Scanning\n[ERROR] Failed to execute goal x:get: Couldn't download artifact: \
                     Could not transfer artifact from/to central: Unknown host -> [Help 1]\n[ERROR] \n[ERROR] To see the full stack";
        std::fs::write(home.path().join("words"), words).unwrap();
        script(home.path(), "mvn", &format!("cat {}/words; exit 1", home.path().display()));
        // `cat` comes from the real search path, which child processes keep.
        let error =
            resolve(&env(home.path(), home.path()), &artifact(), &|_: &str| ()).unwrap_err().to_string();
        assert!(
            error.contains("com.example.some:thing:1.2") && error.contains("Unknown host. Check the network"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }

    #[test]
    fn maven_downloads_into_the_repository_where_we_look() {
        let home = tempfile::tempdir().unwrap();
        script(
            home.path(),
            "mvn",
            "for a in \"$@\"; do case $a in -Dmaven.repo.local=*) r=${a#*=};; esac; done\n\
             mkdir -p \"$r/com/example/some/thing/1.2\"; : > \"$r/com/example/some/thing/1.2/thing-1.2.jar\"",
        );
        let jar = resolve(&env(home.path(), home.path()), &artifact(), &|_: &str| ()).unwrap();
        assert!(jar.starts_with(home.path()) && jar.is_file());
    }
}
