//! Reading stored entries as Hazelcast's SQL does: keys and values as bytes, columns as a mapping describes them.

mod cell;
mod fetch;
mod format;
mod java_number;
mod java_text;
mod java_time;
mod json;
mod key;
mod layout;
mod names;
mod page;
mod portables;
mod reader;
mod refusal;
mod scalar;
mod scan;
mod shapes;

pub use format::EntryFormat;
pub use key::EncodedKey;
pub use layout::{EntryColumn, EntryLayout, NeedsSql};
pub use page::PageBuilder;
pub use reader::{EntryError, EntryReader};
pub use scan::EntryScan;
