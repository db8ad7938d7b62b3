//! Rows as COPY TO writes them.

use super::{CopyFormat, Header, Options, csv, text};

/// The signature, no flags, no extension.
pub(super) const BINARY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Writes the rows of one COPY TO.
#[derive(Debug)]
pub struct Writer {
    options: Options,
    /// The columns' names, and whether their values are put in quotes whatever they are.
    columns: Vec<(String, bool)>,
}

impl Writer {
    /// A writer of rows of these columns.
    pub fn new(options: Options, names: impl IntoIterator<Item = String>) -> Writer {
        let force = |name: &String| options.force_quote.has(name);
        let columns = names.into_iter().map(|name| (force(&name), name)).map(|(f, name)| (name, f)).collect();
        Writer { options, columns }
    }

    /// Whether values have to be in their binary format.
    pub fn is_binary(&self) -> bool {
        self.options.format == CopyFormat::Binary
    }

    /// What stands before the rows.
    pub fn begin(&self) -> Option<Vec<u8>> {
        if self.is_binary() {
            return Some(BINARY_HEADER.to_vec());
        }
        if self.options.header == Header::No {
            return None;
        }
        let mut line = Vec::new();
        for (at, (name, _)) in self.columns.iter().enumerate() {
            if at > 0 {
                line.push(self.options.delimiter);
            }
            match self.options.format {
                CopyFormat::Csv => {
                    csv::write(&mut line, name.as_bytes(), &self.options, false, self.columns.len() == 1);
                }
                _ => text::write(&mut line, name.as_bytes(), self.options.delimiter),
            }
        }
        line.push(b'\n');
        Some(line)
    }

    /// What stands behind them.
    pub fn end(&self) -> Option<&'static [u8]> {
        self.is_binary().then_some(&[0xff, 0xff])
    }

    /// A row as lines have it, of fields in their text format.
    pub fn line<'a>(&self, out: &mut Vec<u8>, fields: impl Iterator<Item = Option<&'a [u8]>>) {
        for (at, field) in fields.enumerate() {
            if at > 0 {
                out.push(self.options.delimiter);
            }
            let Some(field) = field else {
                out.extend_from_slice(self.options.null.as_bytes());
                continue;
            };
            match self.options.format {
                CopyFormat::Csv => {
                    let force = self.columns.get(at).is_some_and(|(_, force)| *force);
                    csv::write(out, field, &self.options, force, self.columns.len() == 1);
                }
                _ => text::write(out, field, self.options.delimiter),
            }
        }
        out.push(b'\n');
    }
}
