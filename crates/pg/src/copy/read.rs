//! Rows as COPY FROM reads them, from data that comes in pieces.

use super::write::BINARY_HEADER;
use super::{CopyFormat, Header, Options, bad_format, csv, text};
use crate::{Error, Result};

/// A row: its fields, and how errors name it.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The fields in the order of the columns: in text format, or in binary.
    pub fields: Vec<Option<Vec<u8>>>,
    /// The number of the line, from 1; of binary data that of the row.
    pub line: u64,
    /// Fields that the line should have behind these, and its text: said when there is nothing wrong with those that it has.
    pub missing: Option<(Error, String)>,
}

/// How lines end: the first one says it for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Eol {
    Unknown,
    Nl,
    Cr,
    CrNl,
}

/// Reads the rows of one COPY FROM.
#[derive(Debug)]
pub struct Reader {
    options: Options,
    columns: Vec<String>,
    /// What has come and was not read yet.
    buffer: Vec<u8>,
    from: usize,
    /// How much of the line in front has been looked at, and within quotes.
    scanned: usize,
    quoted: bool,
    eol: Eol,
    line: u64,
    begun: bool,
    ended: bool,
}

impl Reader {
    /// A reader of rows of these columns.
    pub fn new(options: Options, columns: Vec<String>) -> Reader {
        Reader {
            options,
            columns,
            buffer: Vec::new(),
            from: 0,
            scanned: 0,
            quoted: false,
            eol: Eol::Unknown,
            line: 0,
            begun: false,
            ended: false,
        }
    }

    /// Whether fields are in binary format.
    pub fn is_binary(&self) -> bool {
        self.options.format == CopyFormat::Binary
    }

    /// The number of the line that was read last.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// More data.
    pub fn feed(&mut self, data: &[u8]) {
        if self.ended && !self.is_binary() {
            return;
        }
        self.buffer.drain(..self.from);
        self.from = 0;
        self.buffer.extend_from_slice(data);
    }

    /// The next row that is whole. `last`: nothing more will come. The error's second part is the line, where there is
    /// one to be shown.
    pub fn next(&mut self, last: bool) -> Result<Option<Row>, (Error, Option<String>)> {
        if self.is_binary() {
            return self.next_binary(last).map_err(|error| (error, None));
        }
        loop {
            if self.ended {
                return Ok(None);
            }
            let Some(line) = self.next_line(last).map_err(|error| (error, None))? else { return Ok(None) };
            let shown = |error| {
                let (error, line) = shown_with(error, &line);
                (error, Some(line))
            };
            if !std::mem::replace(&mut self.begun, true) && self.options.header != Header::No {
                self.header(&line).map_err(shown)?;
                continue;
            }
            let fields = self.fields(&line).map_err(shown)?;
            let missing = self.columns.get(fields.len()).map(|missing| {
                shown_with(bad_format(format!("missing data for column \"{missing}\"")), &line)
            });
            return Ok(Some(Row { fields, line: self.line, missing }));
        }
    }

    fn fields(&self, line: &[u8]) -> Result<Vec<Option<Vec<u8>>>> {
        let fields = match self.options.format {
            CopyFormat::Csv => self.csv_fields(line)?,
            _ => text::split(line, self.options.delimiter, &self.options.null),
        };
        if fields.len() > self.columns.len() {
            return Err(bad_format("extra data after last expected column"));
        }
        Ok(fields)
    }

    fn csv_fields(&self, line: &[u8]) -> Result<Vec<Option<Vec<u8>>>> {
        let fields = csv::split(line, &self.options)?.into_iter().enumerate();
        Ok(fields
            .map(|(at, field)| {
                let name = self.columns.get(at).map_or("", String::as_str);
                let is_null = field.bytes == self.options.null.as_bytes()
                    && match field.quoted {
                        true => self.options.force_null.has(name),
                        false => !self.options.force_not_null.has(name),
                    };
                (!is_null).then_some(field.bytes)
            })
            .collect())
    }

    fn header(&self, line: &[u8]) -> Result<()> {
        if self.options.header != Header::Match {
            return Ok(());
        }
        let fields = match self.options.format {
            CopyFormat::Csv => self.csv_fields(line)?,
            _ => text::split(line, self.options.delimiter, &self.options.null),
        };
        let (got, expected) = (fields.len(), self.columns.len());
        if got != expected {
            let message = format!("wrong number of fields in header line: got {got}, expected {expected}");
            return Err(bad_format(message));
        }
        for (number, (field, column)) in (1..).zip(fields.iter().zip(&self.columns)) {
            let mismatch = format!("column name mismatch in header line field {number}: got ");
            match field {
                None => {
                    let null = &self.options.null;
                    let rest = format!("null value (\"{null}\"), expected \"{column}\"");
                    return Err(bad_format(mismatch + &rest));
                }
                Some(name) if name != column.as_bytes() => {
                    let name = String::from_utf8_lossy(name);
                    return Err(bad_format(mismatch + &format!("\"{name}\", expected \"{column}\"")));
                }
                Some(_) => (),
            }
        }
        Ok(())
    }

    /// The next line, without its end.
    fn next_line(&mut self, last: bool) -> Result<Option<Vec<u8>>> {
        let Some((length, end)) = self.find_end(last)? else { return Ok(None) };
        let line = self.buffer.get(self.from..self.from + length).unwrap_or_default().to_vec();
        self.from += length + end;
        (self.scanned, self.quoted) = (0, false);
        self.line += 1;
        if self.ended && line.is_empty() {
            return Ok(None);
        }
        if line == b"\\." {
            self.ended = true;
            return Ok(None);
        }
        if !self.is_binary() && std::str::from_utf8(&line).is_err() {
            return Err(invalid_utf8(&line));
        }
        Ok(Some(line))
    }

    /// Where the line in front ends, and how many bytes its end has.
    fn find_end(&mut self, last: bool) -> Result<Option<(usize, usize)>> {
        let csv = self.options.format == CopyFormat::Csv;
        let data = self.buffer.get(self.from..).unwrap_or_default();
        while let Some(byte) = data.get(self.scanned).copied() {
            let at = self.scanned;
            let next = data.get(at + 1).copied();
            if !csv && byte == b'\\' {
                if next.is_none() && !last {
                    return Ok(None);
                }
                if next == Some(b'.') {
                    let Some(end) = self.end_of_marker(last)? else { return Ok(None) };
                    self.ended = true;
                    return Ok(Some((at, end)));
                }
                self.scanned += 2;
                continue;
            }
            if csv && self.quoted && byte == self.options.escape && next.is_none() && !last {
                return Ok(None);
            }
            if csv && let Some(past) = in_quotes(&mut self.quoted, &self.options, byte, next) {
                self.scanned += past;
                continue;
            }
            match (byte, self.eol) {
                (b'\r', Eol::Unknown | Eol::CrNl) if next.is_none() && !last => return Ok(None),
                (b'\r', Eol::Unknown | Eol::CrNl) if next == Some(b'\n') => {
                    self.eol = Eol::CrNl;
                    return Ok(Some((at, 2)));
                }
                (b'\r', Eol::Unknown | Eol::Cr) => {
                    self.eol = Eol::Cr;
                    return Ok(Some((at, 1)));
                }
                (b'\r', _) => return Err(stray(csv, "carriage return", "\\r")),
                (b'\n', Eol::Unknown | Eol::Nl) => {
                    self.eol = Eol::Nl;
                    return Ok(Some((at, 1)));
                }
                (b'\n', _) => return Err(stray(csv, "newline", "\\n")),
                _ => self.scanned += 1,
            }
        }
        self.scanned = self.scanned.min(data.len());
        Ok((last && !data.is_empty()).then_some((data.len(), 0)))
    }

    /// How many bytes the `\\.` that stands where it was looked last has with the end of its line. Nothing may stand
    /// behind it; what stands before it is the last line.
    fn end_of_marker(&self, last: bool) -> Result<Option<usize>> {
        let data = self.buffer.get(self.from + self.scanned + 2..).unwrap_or_default();
        let mismatch = || bad_format("end-of-copy marker does not match previous newline style");
        match (data, self.eol) {
            ([], _) | ([b'\r'], Eol::CrNl) => Ok(last.then_some(2 + data.len())),
            ([b'\n', ..], Eol::Cr | Eol::CrNl) | ([b'\r', ..], Eol::Nl) => Err(mismatch()),
            ([b'\r', b'\n', ..], Eol::CrNl) => Ok(Some(4)),
            ([b'\n', ..], _) | ([b'\r', ..], Eol::Unknown | Eol::Cr) => Ok(Some(3)),
            _ => Err(bad_format("end-of-copy marker corrupt")),
        }
    }

    fn next_binary(&mut self, last: bool) -> Result<Option<Row>> {
        let mut data = self.buffer.get(self.from..).unwrap_or_default();
        let all = data.len();
        if !self.begun {
            let Some(rest) = binary_header(data)? else {
                return if last { Err(bad_format("COPY file signature not recognized")) } else { Ok(None) };
            };
            self.begun = true;
            self.from += all - rest.len();
            return self.next_binary(last);
        }
        if self.ended {
            return if data.is_empty() {
                Ok(None)
            } else {
                Err(bad_format("received copy data after EOF marker"))
            };
        }
        let row = binary_row(&mut data, self.columns.len())?;
        let used = all - data.len();
        match row {
            None if last && all > 0 => Err(bad_format("unexpected EOF in COPY data")),
            None => Ok(None),
            Some(Fields::End) => {
                self.from += used;
                self.ended = true;
                self.next_binary(last)
            }
            Some(Fields::Row(fields)) => {
                self.from += used;
                self.line += 1;
                Ok(Some(Row { fields, line: self.line, missing: None }))
            }
        }
    }
}

fn shown_with(error: Error, line: &[u8]) -> (Error, String) {
    (error, String::from_utf8_lossy(line).into_owned())
}

/// How many bytes to go on when the one in front stands within quotes, or is one.
fn in_quotes(quoted: &mut bool, options: &Options, byte: u8, next: Option<u8>) -> Option<usize> {
    let (quote, escape) = (options.quote, options.escape);
    if !*quoted {
        *quoted = byte == quote;
        return quoted.then_some(1);
    }
    if byte == escape && next.is_some_and(|next| next == escape || next == quote) {
        return Some(2);
    }
    *quoted = byte != quote;
    Some(1)
}

fn stray(csv: bool, what: &str, escaped: &str) -> Error {
    if csv {
        return bad_format(format!("unquoted {what} found in data"))
            .hint(format!("Use quoted CSV field to represent {what}."));
    }
    bad_format(format!("literal {what} found in data"))
        .hint(format!("Use \"{escaped}\" to represent {what}."))
}

fn invalid_utf8(line: &[u8]) -> Error {
    match crate::wire::reader::utf8(line) {
        Err(error) => error,
        Ok(_) => bad_format("invalid data"),
    }
}

/// What follows the header, when all of it is there.
fn binary_header(data: &[u8]) -> Result<Option<&[u8]>> {
    let signature = BINARY_HEADER.get(..11).unwrap_or_default();
    let known = data.len().min(signature.len());
    if data.get(..known) != signature.get(..known) {
        return Err(bad_format("COPY file signature not recognized"));
    }
    let Some((head, rest)) = data.get(11..).and_then(|data| data.split_at_checked(8)) else {
        return Ok(None);
    };
    let number =
        |at: usize| head.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
    let (flags, extension) = (number(0), number(4));
    if flags & (1 << 16) != 0 {
        return Err(bad_format("invalid COPY file header (WITH OIDS)"));
    }
    if flags >> 17 != 0 {
        return Err(bad_format("unrecognized critical flags in COPY file header"));
    }
    Ok(rest.get(extension as usize..))
}

enum Fields {
    Row(Vec<Option<Vec<u8>>>),
    End,
}

/// Takes a row off the front, when all of it is there.
fn binary_row(data: &mut &[u8], columns: usize) -> Result<Option<Fields>> {
    let mut rest = *data;
    let Some(count) = take(&mut rest, 2).and_then(|b| b.try_into().ok()).map(i16::from_be_bytes) else {
        return Ok(None);
    };
    if count == -1 {
        *data = rest;
        return Ok(Some(Fields::End));
    }
    if usize::try_from(count) != Ok(columns) {
        return Err(bad_format(format!("row field count is {count}, expected {columns}")));
    }
    let mut fields = Vec::with_capacity(columns);
    for _ in 0..columns {
        let Some(length) = take(&mut rest, 4).and_then(|b| b.try_into().ok()).map(i32::from_be_bytes) else {
            return Ok(None);
        };
        match usize::try_from(length) {
            Ok(length) => match take(&mut rest, length) {
                Some(field) => fields.push(Some(field.to_vec())),
                None => return Ok(None),
            },
            Err(_) if length == -1 => fields.push(None),
            Err(_) => return Err(bad_format("invalid field size")),
        }
    }
    *data = rest;
    Ok(Some(Fields::Row(fields)))
}

fn take<'a>(data: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = data.split_at_checked(count)?;
    *data = rest;
    Some(taken)
}
