//! Compact: records whose schema travels apart from them, and is named by its fingerprint.

pub(crate) mod generic;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod schema;
pub(crate) mod types;
pub(crate) mod write;

#[cfg(test)]
mod tests;
