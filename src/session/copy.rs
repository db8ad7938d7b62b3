//! `COPY TO STDOUT` and `COPY FROM STDIN` (protocol, "COPY Operations").

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use pg::copy::{Row, Writer};
use pg::wire::frame::Phase;
use pg::wire::frontend::{self, Frontend};
use pg::wire::reader::utf8;
use pg::wire::{Format, backend};
use pg::{Env, Error, Result, SqlState, TypeRef, Value};
use sql::session::{LockMode, RelationLock};
use sql::write::partly;

use super::engine::{Batch, Column, Copy, CopyFrom, Copying, Outcome, Prepared, RowOutput};
use super::rows::write_values;
use super::{Session, Step, Stop, Stream};
use crate::server::wire::OUTPUT_BYTES;

impl<S: Stream> Session<S> {
    /// Runs a COPY; its command tag.
    pub(super) async fn copy(&mut self, copy: &dyn Copy) -> Step<String> {
        let around = self.around.clone();
        match self.wait(copy.open(&around)).await?? {
            Copying::To { query, writer } => self.copy_to(query.as_ref(), &writer).await,
            Copying::From(from) => self.copy_from(*from).await,
        }
    }

    async fn copy_to(&mut self, query: &dyn Prepared, writer: &Writer) -> Step<String> {
        self.plan(query).await?;
        self.show_relations(query.relations());
        let around = self.around.clone();
        let columns = query.columns().unwrap_or_default();
        let format = if writer.is_binary() { Format::Binary } else { Format::Text };
        let formats: Arc<[Format]> = vec![format; columns.len()].into();
        let outcome = self.wait(query.execute(Arc::new([]), Some(formats.clone()), &around)).await??;
        let Outcome::Rows(mut rows) = outcome else {
            return Err(Error::internal("COPY of what has no rows").into());
        };
        backend::copy_out_response(self.wire.output(), format, &formats);
        let mut head = writer.begin().unwrap_or_default();
        if !head.is_empty() && !writer.is_binary() {
            backend::copy_data(self.wire.output(), &head);
            head.clear();
        }
        let mut count = 0;
        while let Some(batch) = super::wait(&mut self.wire, &self.interrupt, rows.next()).await?? {
            let mut from = 0;
            while from < batch.len() {
                let written = self.copy_rows(&batch, from, (columns, &formats), writer, &mut head)?;
                from += written;
                count += written as u64;
                self.wire.owe();
                if self.wire.is_full() {
                    self.drain().await?;
                }
                self.interrupt.check()?;
            }
        }
        if let Some(end) = writer.end() {
            head.extend_from_slice(end);
            backend::copy_data(self.wire.output(), &head);
        }
        backend::copy_done(self.wire.output());
        Ok(format!("COPY {count}"))
    }

    /// Appends some rows of a batch. They are made as DataRow messages, of which CopyData messages are made. What is in
    /// `head` comes in the first row's message, where PostgreSQL has the header of the binary format and ADBC wants it.
    fn copy_rows(
        &mut self,
        batch: &Batch,
        from: usize,
        (columns, formats): (&[Column], &[Format]),
        writer: &Writer,
        head: &mut Vec<u8>,
    ) -> Result<usize> {
        let mut made = BytesMut::new();
        let env = &self.around.env;
        let mut output = RowOutput { out: &mut made, full: OUTPUT_BYTES, columns, formats, env };
        let written = match batch {
            Batch::Encoded(rows) => rows.write(from, usize::MAX, &mut output)?,
            Batch::Values(rows) => write_values(rows, from, usize::MAX, &mut output)?,
        };
        let mut made = &made[..];
        let mut line = Vec::new();
        while let Some(row) = backend::data_row(&mut made) {
            if writer.is_binary() {
                // A row of the binary format is what a DataRow message holds.
                match head.is_empty() {
                    true => backend::copy_data(self.wire.output(), row),
                    false => {
                        head.extend_from_slice(row);
                        backend::copy_data(self.wire.output(), head);
                        head.clear();
                    }
                }
                continue;
            }
            line.clear();
            writer.line(&mut line, Fields::of(row));
            backend::copy_data(self.wire.output(), &line);
        }
        Ok(written)
    }

    async fn copy_from(&mut self, mut from: CopyFrom) -> Step<String> {
        self.refuse_read_only("COPY FROM")?;
        self.show_relations(&[RelationLock { relation: from.relation, mode: LockMode::RowExclusive }]);
        let format = if from.reader.is_binary() { Format::Binary } else { Format::Text };
        backend::copy_in_response(self.wire.output(), format, &vec![format; from.columns.len()]);
        let mut copied = Copied::default();
        let result = self.take_rows(&mut from, &mut copied).await;
        if copied.written > 0 && (result.is_ok() || self.transaction.in_block()) {
            self.transaction.wrote();
        }
        match result {
            Ok(()) => Ok(format!("COPY {}", copied.written)),
            Err(Stop::Error(error)) => {
                Err(Stop::Error(partly(error, copied.written, copied.under_way, "COPY")))
            }
            Err(gone) => Err(gone),
        }
    }

    async fn take_rows(&mut self, from: &mut CopyFrom, copied: &mut Copied) -> Step<()> {
        loop {
            let frame = self.copy_frame().await?;
            let last = match frontend::decode(&frame)? {
                Frontend::CopyData(data) => {
                    from.reader.feed(data);
                    false
                }
                Frontend::CopyDone => true,
                Frontend::CopyFail(reason) => {
                    let message = format!("COPY from stdin failed: {reason}");
                    return Err(in_line(Error::new(SqlState::QUERY_CANCELED, message), from, None).into());
                }
                // Clients of the extended protocol send these behind Execute, not knowing of the COPY.
                Frontend::Flush | Frontend::Sync => continue,
                _ => {
                    let message =
                        format!("unexpected message type 0x{:02X} during COPY from stdin", frame.tag);
                    return Err(Error::new(SqlState::PROTOCOL_VIOLATION, message).into());
                }
            };
            loop {
                let next = from.reader.next(last);
                let next = next.map_err(|(error, line)| in_line(error, from, line.as_deref()))?;
                let Some(row) = next else { break };
                copied.lines.push(row.line);
                copied.rows.push(values(&row, from, &self.around.env)?);
                if copied.rows.len() >= from.batch {
                    self.write_copied(from, copied).await?;
                }
            }
            self.wire.release();
            if last {
                return self.write_copied(from, copied).await;
            }
        }
    }

    async fn write_copied(&mut self, from: &CopyFrom, copied: &mut Copied) -> Step<()> {
        let (rows, lines) = (std::mem::take(&mut copied.rows), std::mem::take(&mut copied.lines));
        let (Some(&first), Some(&last)) = (lines.first(), lines.last()) else { return Ok(()) };
        let around = self.around.clone();
        from.target.check(&rows, &around).map_err(|(at, error)| {
            let line = lines.get(at).copied().unwrap_or(last);
            in_lines(error, from, (line, line), None)
        })?;
        let count = rows.len() as u64;
        // The cluster writes one after the other, up to the one that fails.
        copied.under_way = if count > 1 { count } else { 0 };
        let written = super::wait(&mut self.wire, &self.interrupt, from.target.write(rows, &around)).await?;
        written.map_err(|error| in_lines(error, from, (first, last), None))?;
        copied.under_way = 0;
        copied.written += count;
        Ok(())
    }

    /// The next message of a client that copies.
    async fn copy_frame(&mut self) -> Step<pg::wire::frame::Frame> {
        loop {
            if let Some(frame) = self.wire.frame(Phase::Ready)? {
                return Ok(frame);
            }
            self.drain().await?;
            tokio::select! {
                biased;
                received = self.wire.fill() => if received? == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                },
                error = self.interrupt.interrupted() => return Err(error.into()),
            }
        }
    }
}

/// Rows that have come, and how many were written.
#[derive(Default)]
struct Copied {
    rows: Vec<Vec<Value>>,
    /// In which lines they stand.
    lines: Vec<u64>,
    written: u64,
    /// How many more are being written.
    under_way: u64,
}

/// The fields of a DataRow message.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn of(row: &'a [u8]) -> Fields<'a> {
        Fields(row.get(2..).unwrap_or_default())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Option<&'a [u8]>> {
        let (length, rest) = self.0.split_at_checked(4)?;
        let length = length.try_into().ok().map(i32::from_be_bytes)?;
        let Ok(length) = usize::try_from(length) else {
            self.0 = rest;
            return Some(None);
        };
        let (field, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(field))
    }
}

/// The values of a row.
fn values(row: &Row, from: &CopyFrom, env: &Env) -> Result<Vec<Value>> {
    let binary = from.reader.is_binary();
    let fields = row.fields.iter().zip(&from.columns);
    let values = fields
        .map(|(field, (name, ty))| {
            let Some(bytes) = field else { return Ok(Value::Null) };
            value(bytes, *ty, binary, env).map_err(|error| in_field(error, (from, name), bytes, row.line))
        })
        .collect::<Result<Vec<_>>>()?;
    match &row.missing {
        Some((error, line)) => Err(in_line(error.clone(), from, Some(line))),
        None => Ok(values),
    }
}

fn value(bytes: &[u8], ty: TypeRef, binary: bool, env: &Env) -> Result<Value> {
    match binary {
        true => pg::binary::recv(bytes, ty, env),
        false => pg::text::input(utf8(bytes)?, ty, env),
    }
}

/// Says where in the data an error is (`CopyFromErrorCallback`).
fn in_line(error: Error, from: &CopyFrom, line: Option<&str>) -> Error {
    let at = from.reader.line();
    in_lines(error, from, (at, at), line)
}

/// The same of one of several lines: the cluster does not say which.
fn in_lines(mut error: Error, from: &CopyFrom, (first, last): (u64, u64), line: Option<&str>) -> Error {
    let mut context = match first == last {
        true => format!("COPY {}, line {first}", from.table),
        false => format!("COPY {}, lines {first} to {last}", from.table),
    };
    if let Some(line) = line {
        context.push_str(&format!(": \"{}\"", shortened(line)));
    }
    error.fields_mut().context = Some(context);
    error
}

fn in_field(mut error: Error, (from, column): (&CopyFrom, &str), bytes: &[u8], line: u64) -> Error {
    let mut context = format!("COPY {}, line {line}, column {column}", from.table);
    if !from.reader.is_binary() {
        context.push_str(&format!(": \"{}\"", shortened(&String::from_utf8_lossy(bytes))));
    }
    error.fields_mut().context = Some(context);
    error
}

/// `limit_printout_length`
fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
