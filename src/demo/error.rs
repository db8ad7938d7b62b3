//! Why the demo ended.

/// One message that says what to do, where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The members could not be started.
    #[error("{0}")]
    Member(member::Error),

    /// The port that was asked for is not free.
    #[error("port {port} of 127.0.0.1 cannot be used ({source}); choose another one with --port")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },

    /// None of the ports that are tried is free.
    #[error("the ports from {first} to {last} of 127.0.0.1 are all taken; choose another one with --port")]
    NoPort {
        /// The first port tried.
        first: u16,
        /// The last port tried.
        last: u16,
    },

    /// The gateway ended by itself.
    #[error("the gateway ended: {0}")]
    Gateway(String),

    /// A member ended by itself.
    #[error("{0}")]
    Casualty(String),

    /// The gateway refused a statement of the demo.
    #[error("{what} failed: {reason}")]
    Statement {
        /// What was tried.
        what: String,
        /// What the gateway said.
        reason: String,
    },

    /// A question had no rows for an answer.
    #[error("no answer to: {0}")]
    NoAnswer(String),

    /// The data that comes with the program is damaged.
    #[error("{table}.tsv, line {line}: {reason}")]
    Data {
        /// The table.
        table: &'static str,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },

    /// Ctrl-C or SIGTERM before everything was ready.
    #[error("interrupted")]
    Interrupted,

    /// Signals can't be received.
    #[error("could not listen for signals: {0}")]
    Signal(std::io::Error),

    /// Nothing can be printed.
    #[error("could not print: {0}")]
    Print(std::io::Error),
}

impl Error {
    /// A statement that the gateway refused.
    pub(super) fn statement(what: impl Into<String>, error: &tokio_postgres::Error) -> Error {
        Error::Statement { what: what.into(), reason: reason(error) }
    }
}

/// The server's own words, where there are some: message, SQLSTATE, detail and hint.
fn reason(error: &tokio_postgres::Error) -> String {
    let Some(db) = error.as_db_error() else {
        return match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
    };
    let mut text = format!("{} (SQLSTATE {})", db.message(), db.code().code());
    for (name, more) in [("DETAIL", db.detail()), ("HINT", db.hint())] {
        if let Some(more) = more {
            text.push_str(&format!("\n{name}: {more}"));
        }
    }
    text
}
