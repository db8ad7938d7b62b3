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
}

impl Format {
    /// The code on the wire.
    pub fn code(self) -> i16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
        }
    }
}
