//! The formats of COPY: text, CSV and binary (manual, COPY, "File Formats"; `copyto.c`, `copyfromparse.c`).

mod csv;
mod options;
mod read;
mod text;
mod write;

pub use options::{Columns, CopyFormat, Given, Header, OptionValue, Options};
pub use read::{Reader, Row};
pub use write::Writer;

use crate::{Error, SqlState};

fn bad_format(message: impl Into<String>) -> Error {
    Error::new(SqlState(*b"22P04"), message)
}

#[cfg(test)]
mod tests;
