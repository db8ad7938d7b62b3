//! What a client sends before a session exists: requests for encryption, cancel requests, and the startup message.

use bytes::Bytes;

use super::reader::Reader;
use crate::error::Severity;
use crate::{Error, Result, SqlState};

/// The newest minor version of protocol 3 that we speak: 3.2 has cancel keys of up to 256 bytes.
pub const MINOR_VERSION_MAX: u16 = 2;

const CANCEL_REQUEST: u32 = 1234 << 16 | 5678;
const SSL_REQUEST: u32 = 1234 << 16 | 5679;
const GSSENC_REQUEST: u32 = 1234 << 16 | 5680;

/// The first packet of a connection, or one after a refused request for encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startup {
    /// The client would like TLS.
    SslRequest,
    /// The client would like GSSAPI encryption.
    GssEncRequest,
    /// Somebody wants the running statement of another connection cancelled.
    CancelRequest {
        /// The process id that the connection was given.
        process_id: u32,
        /// Its secret key.
        secret: Bytes,
    },
    /// A session is to begin.
    Message(StartupMessage),
}

/// `StartupMessage`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartupMessage {
    /// The minor version of protocol 3 that the client asks for.
    pub minor_version: u16,
    /// The parameters as they came: settings, `user`, `database`, `options`, `replication`.
    pub parameters: Vec<(String, String)>,
    /// Names of protocol options (`_pq_.…`), none of which we know.
    pub protocol_options: Vec<String>,
}

/// Reads a startup packet (`ProcessStartupPacket`). Every error is fatal.
pub fn decode(body: &Bytes) -> Result<Startup> {
    let mut reader = Reader::new(body);
    let version = reader.u32()?;
    match version {
        CANCEL_REQUEST => {
            let process_id = reader.u32()?;
            let secret = body.slice(8..);
            if secret.is_empty() || secret.len() > 256 {
                return Err(fatal(SqlState::PROTOCOL_VIOLATION, "invalid length of cancel request packet"));
            }
            Ok(Startup::CancelRequest { process_id, secret })
        }
        SSL_REQUEST => Ok(Startup::SslRequest),
        GSSENC_REQUEST => Ok(Startup::GssEncRequest),
        _ if version >> 16 == 3 => message(version as u16, &mut reader).map(Startup::Message),
        _ => Err(fatal(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!(
                "unsupported frontend protocol {}.{}: server supports 3.0 to 3.{MINOR_VERSION_MAX}",
                version >> 16,
                version & 0xffff
            ),
        )),
    }
}

fn message(minor_version: u16, reader: &mut Reader<'_>) -> Result<StartupMessage> {
    let mut message = StartupMessage { minor_version, ..StartupMessage::default() };
    let invalid = |error: Error| match error.code() {
        SqlState::PROTOCOL_VIOLATION => expected_terminator(),
        _ => error.severity(Severity::Fatal),
    };
    loop {
        let name = reader.str().map_err(invalid)?;
        if name.is_empty() {
            break;
        }
        let value = reader.str().map_err(invalid)?;
        if name.starts_with("_pq_.") {
            message.protocol_options.push(name.to_owned());
        } else {
            message.parameters.push((name.to_owned(), value.to_owned()));
        }
    }
    reader.end().map_err(|_| expected_terminator())?;
    Ok(message)
}

impl StartupMessage {
    /// The last value given for a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client must be told what we don't speak (NegotiateProtocolVersion).
    pub fn needs_negotiation(&self) -> bool {
        self.minor_version > MINOR_VERSION_MAX || !self.protocol_options.is_empty()
    }

    /// The settings in `options`, in the form of a server's command line (`pg_split_opts`, `process_postgres_switches`):
    /// `-c name=value` and `--name=value`, with backslashes before spaces.
    pub fn option_settings(&self) -> Result<Vec<(String, String)>> {
        let mut words = split_options(self.parameter("options").unwrap_or_default()).into_iter();
        let mut settings = Vec::new();
        while let Some(word) = words.next() {
            let assignment = match word.strip_prefix("--") {
                Some(rest) => rest.to_owned(),
                None => match word.strip_prefix("-c") {
                    Some("") => words.next().unwrap_or_default(),
                    Some(rest) => rest.to_owned(),
                    None => return Err(invalid_switch(&word)),
                },
            };
            let (name, value) = assignment
                .split_once('=')
                .ok_or_else(|| fatal(SqlState::SYNTAX_ERROR, format!("-c {assignment} requires a value")))?;
            settings.push((name.replace('-', "_"), value.to_owned()));
        }
        Ok(settings)
    }
}

/// Splits at white space; a backslash keeps the character after it.
fn split_options(options: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = options.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn invalid_switch(word: &str) -> Error {
    fatal(SqlState::SYNTAX_ERROR, format!("invalid command-line argument for server process: {word}"))
        .hint("Settings are given as -c name=value.")
}

fn expected_terminator() -> Error {
    fatal(SqlState::PROTOCOL_VIOLATION, "invalid startup packet layout: expected terminator as last byte")
}

fn fatal(code: SqlState, message: impl Into<String>) -> Error {
    Error::new(code, message).severity(Severity::Fatal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start(rest: &str) -> Result<StartupMessage> {
        let body = Bytes::from([&[0, 3, 0, 0], rest.as_bytes()].concat());
        decode(&body).map(|startup| match startup {
            Startup::Message(message) => message,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn parameters_in_order() {
        let message = start("user\0ann\0database\0movies\0_pq_.x\0y\0\0").unwrap();
        assert_eq!(message.parameter("user"), Some("ann"));
        assert_eq!(message.parameter("database"), Some("movies"));
        assert_eq!(message.protocol_options, ["_pq_.x"]);
        assert!(message.needs_negotiation());
        assert!(!start("user\0ann\0\0").unwrap().needs_negotiation());
    }

    #[test]
    fn layout_errors_are_fatal() {
        for rest in ["user\0ann\0", "user\0ann", "user\0", "", "user\0ann\0\0x"] {
            let error = start(rest).unwrap_err();
            assert_eq!(error.fields().severity, Severity::Fatal, "{rest:?}");
            assert_eq!(error.message(), "invalid startup packet layout: expected terminator as last byte");
        }
    }

    #[test]
    fn special_codes() {
        assert_eq!(decode(&Bytes::from_static(b"\x04\xd2\x16\x2f")).unwrap(), Startup::SslRequest);
        assert_eq!(decode(&Bytes::from_static(b"\x04\xd2\x16\x30")).unwrap(), Startup::GssEncRequest);
        let cancel = decode(&Bytes::from_static(b"\x04\xd2\x16\x2e\0\0\0\x07abcd")).unwrap();
        assert_eq!(cancel, Startup::CancelRequest { process_id: 7, secret: Bytes::from_static(b"abcd") });
        assert!(decode(&Bytes::from_static(b"\x04\xd2\x16\x2e\0\0\0\x07")).is_err());
        let error = decode(&Bytes::from_static(b"\0\x02\0\0")).unwrap_err();
        assert_eq!(error.message(), "unsupported frontend protocol 2.0: server supports 3.0 to 3.2");
    }

    #[test]
    fn options_are_split_as_the_server_does() {
        let message = start("options\0-c geqo=off  --search-path=a\\ b -cx=y\\\\\0\0").unwrap();
        let expected = [("geqo", "off"), ("search_path", "a b"), ("x", "y\\")];
        assert_eq!(message.option_settings().unwrap(), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert!(start("options\0-B 12\0\0").unwrap().option_settings().is_err());
        assert!(start("options\0-c geqo\0\0").unwrap().option_settings().is_err());
        assert!(start("options\0-c\0\0").unwrap().option_settings().is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_packets_never_panic(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&body.clone().into());
            if let Ok(Startup::Message(message)) = decode(&[&[0, 3, 0, 0], &body[..]].concat().into()) {
                let _ = message.option_settings();
            }
        }
    }
}
