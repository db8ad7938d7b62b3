//! Fields of the CSV format (`CopyAttributeOutCSV`, `CopyReadAttributesCSV`).

use super::{Options, bad_format};
use crate::Result;

/// Appends a field, in quotes where it must have them, or where they are forced. `alone`: it is the only one of its
/// line.
pub(super) fn write(out: &mut Vec<u8>, field: &[u8], options: &Options, force: bool, alone: bool) {
    let special =
        |byte: &u8| matches!(byte, b'\n' | b'\r') || *byte == options.delimiter || *byte == options.quote;
    let quoted =
        force || field == options.null.as_bytes() || (alone && field == b"\\.") || field.iter().any(special);
    if !quoted {
        out.extend_from_slice(field);
        return;
    }
    out.push(options.quote);
    for byte in field {
        if *byte == options.quote || *byte == options.escape {
            out.push(options.escape);
        }
        out.push(*byte);
    }
    out.push(options.quote);
}

/// A field, and whether it had quotes.
pub(super) struct Field {
    pub(super) bytes: Vec<u8>,
    pub(super) quoted: bool,
}

/// The fields of a line.
pub(super) fn split(line: &[u8], options: &Options) -> Result<Vec<Field>> {
    let (quote, escape) = (options.quote, options.escape);
    let mut fields = Vec::new();
    let mut field = Field { bytes: Vec::new(), quoted: false };
    let mut inside = false;
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if inside {
            if byte == escape && bytes.peek().is_some_and(|next| *next == escape || *next == quote) {
                field.bytes.extend(bytes.next());
            } else if byte == quote {
                inside = false;
            } else {
                field.bytes.push(byte);
            }
        } else if byte == options.delimiter {
            fields.push(std::mem::replace(&mut field, Field { bytes: Vec::new(), quoted: false }));
        } else if byte == quote {
            (inside, field.quoted) = (true, true);
        } else {
            field.bytes.push(byte);
        }
    }
    if inside {
        return Err(bad_format("unterminated CSV quoted field"));
    }
    fields.push(field);
    Ok(fields)
}
