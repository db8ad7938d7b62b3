//! Compact: records whose schema travels apart from them, and is named by its fingerprint.

pub(crate) mod record;
pub(crate) mod schema;
