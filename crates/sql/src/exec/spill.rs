//! Rows on disk, when they are more than a statement may hold in memory. The files have no names (they are unlinked when
//! they are made), so that nothing is left of them whatever ends the process.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use pg::{Error, Interval, Numeric, Oid, Result, SqlState, Value};

use super::batch::full;
use super::frame::Frame;
use super::key::{State, hash_row};
use super::stream::{BATCH, BoxOperator, Operator};
use crate::remote::Batch;

/// Rows that are being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    rows: u64,
    frame: Frame,
    bytes: Vec<u8>,
}

/// Rows that have been written, read one after the other in their order.
pub(super) struct Reader<R = BufReader<File>> {
    file: R,
    left: u64,
    bytes: Vec<u8>,
}

fn failed(error: &io::Error) -> Error {
    let state = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SqlState(*b"53100"),
        _ => SqlState(*b"58030"),
    };
    Error::new(state, format!("could not write to or read from a temporary file: {error}"))
}

impl Writer {
    pub(super) fn new(frame: &Frame) -> Result<Writer> {
        let file = tempfile::tempfile().map_err(|error| failed(&error))?;
        Ok(Writer { file: BufWriter::new(file), rows: 0, frame: frame.clone(), bytes: Vec::new() })
    }

    /// Writes a row whose values all [can be](can_spill) written.
    pub(super) fn write<'a>(&mut self, row: impl IntoIterator<Item = &'a Value>) -> Result<()> {
        self.bytes.clear();
        put_row(&mut self.bytes, row)?;
        self.frame.run.memory.spill(self.bytes.len())?;
        self.file.write_all(&self.bytes).map_err(|error| failed(&error))?;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Reader> {
        let mut file = self.file.into_inner().map_err(|error| failed(error.error()))?;
        file.rewind().map_err(|error| failed(&error))?;
        Ok(Reader { file: BufReader::new(file), left: self.rows, bytes: Vec::new() })
    }
}

impl<R: Read> Reader<R> {
    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Value>>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let mut head = [0; 8];
        self.file.read_exact(&mut head).map_err(|error| failed(&error))?;
        let head = u64::from_le_bytes(head);
        let (count, length) = ((head >> 32) as usize, (head & u64::from(u32::MAX)) as usize);
        self.bytes.resize(length, 0);
        self.file.read_exact(&mut self.bytes).map_err(|error| failed(&error))?;
        let mut bytes = Bytes(&self.bytes);
        let mut row = Vec::with_capacity(count);
        for _ in 0..count {
            row.push(take(&mut bytes).ok_or_else(|| Error::internal("a temporary file is damaged"))?);
        }
        Ok(Some(row))
    }
}

/// As an operator.
pub(super) struct Scan(pub(super) Reader);

impl Operator for Scan {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let mut batch = Batch::new();
        while batch.len() < BATCH {
            match self.0.next() {
                Ok(Some(row)) => batch.push(row),
                Ok(None) => break,
                Err(error) => return Box::pin(std::future::ready(Err(error))),
            }
        }
        Box::pin(std::future::ready(Ok(full(batch))))
    }
}

/// Rows that are read while others are still being written, from any place and by several.
pub(super) struct Archive {
    file: Arc<Mutex<File>>,
    end: u64,
    frame: Frame,
}

/// Some rows of an archive.
#[derive(Clone)]
pub(super) struct Stretch {
    file: Arc<Mutex<File>>,
    from: u64,
    bytes: usize,
    rows: u64,
}

impl Archive {
    pub(super) fn new(frame: &Frame) -> Result<Archive> {
        let file = tempfile::tempfile().map_err(|error| failed(&error))?;
        Ok(Archive { file: Arc::new(Mutex::new(file)), end: 0, frame: frame.clone() })
    }

    /// Writes rows whose values all [can be](can_spill) written.
    pub(super) fn add(&mut self, rows: &[Vec<Value>]) -> Result<Stretch> {
        let mut bytes = Vec::new();
        rows.iter().try_for_each(|row| put_row(&mut bytes, row))?;
        self.frame.run.memory.spill(bytes.len())?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.seek(SeekFrom::Start(self.end)).and_then(|_| file.write_all(&bytes));
        written.map_err(|error| failed(&error))?;
        let (from, rows) = (self.end, rows.len() as u64);
        self.end += bytes.len() as u64;
        Ok(Stretch { file: self.file.clone(), from, bytes: bytes.len(), rows })
    }
}

impl Stretch {
    /// The rows.
    pub(super) fn read(&self) -> Result<Batch> {
        let mut bytes = vec![0; self.bytes];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(self.from)).and_then(|_| file.read_exact(&mut bytes));
        drop(file);
        read.map_err(|error| failed(&error))?;
        let mut reader = Reader { file: bytes.as_slice(), left: self.rows, bytes: Vec::new() };
        let mut rows = Batch::new();
        while let Some(row) = reader.next()? {
            rows.push(row);
        }
        Ok(rows)
    }
}

/// How many parts rows are split into.
const PARTS: u64 = 16;
/// How often what is left over is split again: more than 16⁶ parts are of one key.
const DEPTH: u32 = 6;

/// Rows split by their keys, so that equal ones are in one part: each part is worked on by itself, later.
pub(super) struct Parts {
    state: State,
    depth: u32,
    writers: Vec<Option<Writer>>,
}

/// A part, and how often its rows have been split.
pub(super) struct Part {
    pub(super) reader: Reader,
    pub(super) depth: u32,
}

impl Part {
    pub(super) fn into_operator(self) -> BoxOperator {
        Box::new(Scan(self.reader))
    }
}

impl Parts {
    /// `state`: two sides that are split by the same are split alike. `None` when rows have been split often enough.
    pub(super) fn new(state: &State, depth: u32) -> Option<Parts> {
        let writers = (0..PARTS).map(|_| None).collect();
        (depth < DEPTH).then(|| Parts { state: state.clone(), depth, writers })
    }

    pub(super) fn write(
        &mut self,
        types: &[Oid],
        keys: &[Value],
        row: &[Value],
        frame: &Frame,
    ) -> Result<()> {
        let hash = hash_row(&self.state, types, keys);
        let part = (hash >> (4 * self.depth)) % PARTS;
        let place = usize::try_from(part).ok().and_then(|part| self.writers.get_mut(part));
        let Some(place) = place else { return Ok(()) };
        if place.is_none() {
            *place = Some(Writer::new(frame)?);
        }
        place.iter_mut().try_for_each(|writer| writer.write(row))
    }

    /// All parts in their order; those without rows are `None`.
    pub(super) fn finish(self) -> Result<Vec<Option<Part>>> {
        let depth = self.depth + 1;
        let part = |writer: Option<Writer>| {
            let reader = writer.map(Writer::finish).transpose()?;
            Ok(reader.map(|reader| Part { reader, depth }))
        };
        self.writers.into_iter().map(part).collect()
    }
}

/// Rows with keys for which there was no room: their turn comes when those that were there have been yielded.
#[derive(Default)]
pub(super) struct Spill {
    state: State,
    parts: Option<Parts>,
    waiting: Vec<Part>,
    /// How often the rows under way have been split.
    depth: u32,
}

impl Spill {
    /// Puts a row aside; false when that can't be.
    pub(super) fn take(
        &mut self,
        types: &[Oid],
        keys: &[Value],
        row: &[Value],
        frame: &Frame,
    ) -> Result<bool> {
        if !can_spill(row) {
            return Ok(false);
        }
        if self.parts.is_none() {
            self.parts = Parts::new(&self.state, self.depth);
        }
        let Some(parts) = &mut self.parts else { return Ok(false) };
        parts.write(types, keys, row, frame).map(|()| true)
    }

    /// The input is at its end.
    pub(super) fn close(&mut self) -> Result<()> {
        if let Some(parts) = self.parts.take() {
            self.waiting.extend(parts.finish()?.into_iter().flatten());
        }
        Ok(())
    }

    /// The next rows that were put aside; what of them has no room either is split further.
    pub(super) fn next(&mut self) -> Option<BoxOperator> {
        let part = self.waiting.pop()?;
        self.depth = part.depth;
        Some(part.into_operator())
    }
}

/// Whether all values of a row can be written: arrays, composites and some rare types stay in memory.
pub(super) fn can_spill(row: &[Value]) -> bool {
    const LONG: usize = (1 << 28) - 1;
    row.iter().all(|value| match value {
        Value::Array(_) | Value::Record(_) | Value::Other(_) => false,
        Value::Text(text) | Value::Jsonb(text) => text.len() < LONG,
        Value::Bytea(bytes) => bytes.len() < LONG,
        _ => true,
    })
}

fn too_long() -> Error {
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "a row is too long to be written to a temporary file")
}

/// A row, behind how many values it has and how many bytes they take.
fn put_row<'a>(out: &mut Vec<u8>, row: impl IntoIterator<Item = &'a Value>) -> Result<()> {
    let start = out.len();
    out.extend([0; 8]);
    let mut count = 0_u32;
    for value in row {
        put(out, value);
        count += 1;
    }
    let length = u32::try_from(out.len() - start - 8).map_err(|_| too_long())?;
    if let Some(head) = out.get_mut(start..start + 8) {
        head.copy_from_slice(&(u64::from(count) << 32 | u64::from(length)).to_le_bytes());
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, value: &Value) {
    fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
        out.push(tag);
        out.extend_from_slice(bytes);
    }
    fn counted(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
        tagged(out, tag, &(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    }
    match value {
        Value::Null | Value::Array(_) | Value::Record(_) | Value::Other(_) => out.push(0),
        Value::Bool(value) => tagged(out, 1, &[u8::from(*value)]),
        Value::Char(value) => tagged(out, 2, &[*value]),
        Value::Int2(value) => tagged(out, 3, &value.to_le_bytes()),
        Value::Int4(value) => tagged(out, 4, &value.to_le_bytes()),
        Value::Int8(value) => tagged(out, 5, &value.to_le_bytes()),
        Value::Oid(value) => tagged(out, 6, &value.0.to_le_bytes()),
        Value::Float4(value) => tagged(out, 7, &value.to_bits().to_le_bytes()),
        Value::Float8(value) => tagged(out, 8, &value.to_bits().to_le_bytes()),
        Value::Numeric(value) => counted(out, 9, value.to_string().as_bytes()),
        Value::Text(value) => counted(out, 10, value.as_bytes()),
        Value::Bytea(value) => counted(out, 11, value),
        Value::Date(value) => tagged(out, 12, &value.to_le_bytes()),
        Value::Time(value) => tagged(out, 13, &value.to_le_bytes()),
        Value::TimeTz(time, zone) => {
            tagged(out, 14, &time.to_le_bytes());
            out.extend(zone.to_le_bytes());
        }
        Value::Timestamp(value) => tagged(out, 15, &value.to_le_bytes()),
        Value::TimestampTz(value) => tagged(out, 16, &value.to_le_bytes()),
        Value::Interval(value) => {
            tagged(out, 17, &value.months.to_le_bytes());
            out.extend(value.days.to_le_bytes());
            out.extend(value.micros.to_le_bytes());
        }
        Value::Uuid(value) => tagged(out, 18, value),
        Value::Jsonb(value) => counted(out, 19, value.as_bytes()),
        Value::Void => out.push(20),
    }
}

/// What is left to be read of a row.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u64::from_le_bytes(self.array()?)).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.counted()?).ok()
    }
}

fn take(bytes: &mut Bytes<'_>) -> Option<Value> {
    let [tag] = bytes.array()?;
    Some(match tag {
        0 => Value::Null,
        1 => Value::Bool(bytes.array::<1>()? == [1]),
        2 => Value::Char(bytes.array::<1>()?[0]),
        3 => Value::Int2(i16::from_le_bytes(bytes.array()?)),
        4 => Value::Int4(i32::from_le_bytes(bytes.array()?)),
        5 => Value::Int8(i64::from_le_bytes(bytes.array()?)),
        6 => Value::Oid(Oid(u32::from_le_bytes(bytes.array()?))),
        7 => Value::Float4(f32::from_bits(u32::from_le_bytes(bytes.array()?))),
        8 => Value::Float8(f64::from_bits(u64::from_le_bytes(bytes.array()?))),
        9 => Value::Numeric(Arc::new(Numeric::parse(bytes.text()?).ok()?)),
        10 => Value::Text(bytes.text()?.into()),
        11 => Value::Bytea(bytes.counted()?.into()),
        12 => Value::Date(i32::from_le_bytes(bytes.array()?)),
        13 => Value::Time(i64::from_le_bytes(bytes.array()?)),
        14 => Value::TimeTz(i64::from_le_bytes(bytes.array()?), i32::from_le_bytes(bytes.array()?)),
        15 => Value::Timestamp(i64::from_le_bytes(bytes.array()?)),
        16 => Value::TimestampTz(i64::from_le_bytes(bytes.array()?)),
        17 => Value::Interval(Interval {
            months: i32::from_le_bytes(bytes.array()?),
            days: i32::from_le_bytes(bytes.array()?),
            micros: i64::from_le_bytes(bytes.array()?),
        }),
        18 => Value::Uuid(bytes.array()?),
        19 => Value::Jsonb(bytes.text()?.into()),
        20 => Value::Void,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let numeric = |text: &str| Value::Numeric(Arc::new(Numeric::parse(text).unwrap()));
        let row = vec![
            Value::Null,
            Value::Bool(true),
            Value::Bool(false),
            Value::Char(200),
            Value::Int2(i16::MIN),
            Value::Int4(-7),
            Value::Int8(i64::MAX),
            Value::Oid(Oid(u32::MAX)),
            Value::Float4(-0.0),
            Value::Float8(f64::NEG_INFINITY),
            numeric("1.500"),
            numeric("NaN"),
            numeric("-Infinity"),
            numeric("0.00"),
            Value::text(""),
            Value::text("žluťoučký 🐎"),
            Value::Bytea(vec![0, 255].into()),
            Value::Date(i32::MAX),
            Value::Time(86_400_000_000),
            Value::TimeTz(5, -3600),
            Value::Timestamp(i64::MIN),
            Value::TimestampTz(1),
            Value::Interval(Interval { months: -1, days: 2, micros: -3 }),
            Value::Uuid([7; 16]),
            Value::Jsonb("{\"a\": 1}".into()),
            Value::Void,
        ];
        let mut bytes = Vec::new();
        row.iter().for_each(|value| put(&mut bytes, value));
        let mut rest = Bytes(&bytes);
        for value in &row {
            let back = take(&mut rest).unwrap();
            assert_eq!(format!("{back:?}"), format!("{value:?}"));
        }
        assert!(rest.0.is_empty());
        // A file that is cut off is an error, no panic.
        for cut in 0..bytes.len() {
            let mut rest = Bytes(bytes.get(..cut).unwrap());
            let read = row.iter().filter(|_| take(&mut rest).is_some()).count();
            assert!(read < row.len());
        }
    }
}
