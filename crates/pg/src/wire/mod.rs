//! The frontend/backend protocol, version 3 (manual, chapter "Frontend/Backend Protocol"): a guard that cuts messages
//! out of received bytes, checked decoding of what clients send, and encoding of what they get. Everything here is
//! pure: bytes in, bytes or errors out. A socket, a clock and a session are somebody else's.
//!
//! Bytes from outside pass through in this order: [`frame`] cuts, [`startup`] reads what comes before a session,
//! [`frontend`] reads what comes in it, [`backend`] writes the answers.

pub mod backend;
pub mod budget;
pub mod frame;
pub mod frontend;
pub mod reader;
pub mod startup;

pub use backend::{DataRow, Field, TransactionStatus};
pub use budget::{Budget, Grant};
pub use frame::{Cut, Frame, Phase};
pub use frontend::{Bind, Frontend, Parse, Target};
pub use startup::{Startup, StartupMessage};

/// How a value travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The type's text form (code 0).
    #[default]
    Text,
    /// The type's binary form (code 1).
    Binary,
    /// A code that nobody knows. PostgreSQL describes columns with it, and fails when it has a row to send.
    Other(i16),
}

impl Format {
    /// The code on the wire.
    pub fn code(self) -> i16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
            Format::Other(code) => code,
        }
    }

    /// The format of a code.
    pub fn of(code: i16) -> Format {
        match code {
            0 => Format::Text,
            1 => Format::Binary,
            other => Format::Other(other),
        }
    }

    /// 22023 unless it is text or binary.
    pub fn known(self) -> crate::Result<Format> {
        match self {
            Format::Other(code) => Err(crate::Error::new(
                crate::SqlState::INVALID_PARAMETER_VALUE,
                format!("unsupported format code: {code}"),
            )),
            known => Ok(known),
        }
    }
}
