//! Why members could not be started, in words that say what to do.

use std::path::PathBuf;

/// One sentence about what is wrong, one about the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "Java {min} or newer is needed to run Hazelcast members, and there is no `java` in JAVA_HOME or PATH. \
         Install one (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk) or set JAVA_HOME."
    )]
    NoJava { min: u32 },

    #[error(
        "Java {min} or newer is needed to run Hazelcast members, and {path} is version {version}. \
         Install a newer one (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk) or set JAVA_HOME to it."
    )]
    OldJava { min: u32, path: PathBuf, version: u32 },

    #[error("{path} does not run as Java: {reason}. Set JAVA_HOME to a Java of version {min} or newer.")]
    BrokenJava { min: u32, path: PathBuf, reason: String },

    #[error(
        "Maven is needed to download {artifact}, and there is no `mvn` in PATH. \
         Install it (Debian, Ubuntu: apt-get install maven; macOS: brew install maven), or put the jar at {jar}."
    )]
    NoMaven { artifact: String, jar: PathBuf },

    #[error(
        "Maven could not download {artifact}: {reason}. \
         Check the network connection (behind a proxy or a mirror: ~/.m2/settings.xml) and try again."
    )]
    Download { artifact: String, reason: String },

    #[error(
        "the Hazelcast member on port {port} ended while it was starting ({status}). Its last words:\n{log}"
    )]
    Died { port: u16, status: String, log: String },

    #[error(
        "the Hazelcast member on port {port} was not ready after {seconds} seconds. Its last words:\n{log}"
    )]
    Slow { port: u16, seconds: u64, log: String },

    #[error("cancelled")]
    Cancelled,

    #[error("could not {what}: {source}")]
    Io { what: String, source: std::io::Error },
}

impl Error {
    /// An error of the operating system while doing `what` ("start …", "write …").
    pub fn io(what: impl Into<String>, source: std::io::Error) -> Error {
        Error::Io { what: what.into(), source }
    }
}
