//! Running a portal, and sending its rows at the pace at which the client takes them.

use std::sync::Arc;
use std::time::Instant;

use pg::wire::{DataRow, Field, Format, backend};
use pg::{Env, Error, Result, SqlState, Value};
use sql::parse::session::FetchDirection;

use super::command::{Command, Done};
use super::engine::{Batch, Column, Outcome, RowOutput};
use super::portal::{Body, Cursor, Portal, Progress, Source};
use super::spent::is_at_end;
use super::{Session, Step, Stop, Stream, values};
use crate::server::wire::OUTPUT_BYTES;

/// How many rows to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Most {
    /// All.
    All,
    /// So many.
    Rows(u64),
}

/// What the client is told at the end of an execution.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completion {
    /// CommandComplete
    Tag(String),
    /// PortalSuspended
    Suspended,
    /// EmptyQueryResponse
    Empty,
}

impl<S: Stream> Session<S> {
    /// Runs a portal from where it stands (`PortalRun`): to its end, or until so many rows were sent. The simple
    /// protocol wants the rows described before they come.
    pub(super) async fn run_portal(
        &mut self,
        name: &str,
        portal: &mut Portal,
        most: Most,
        describe: bool,
    ) -> Step<Completion> {
        if is_at_end(portal) {
            return self.run_on(name, portal, most, describe).await;
        }
        let begun = Instant::now();
        let ended = self.run_on(name, portal, most, describe).await;
        self.count(portal, begun.elapsed(), most, &ended);
        ended
    }

    /// Starts a portal, or goes on with it.
    async fn run_on(
        &mut self,
        name: &str,
        portal: &mut Portal,
        most: Most,
        describe: bool,
    ) -> Step<Completion> {
        if let (Progress::Bound, Most::Rows(_)) = (&portal.progress, most) {
            self.refuse_more_running()?;
        }
        match &portal.progress {
            Progress::Bound => match self.start_of(portal, settled(name, portal, most), describe).await? {
                Started::Rows(cursor) => {
                    if describe {
                        self.row_description(&cursor.columns, &portal.formats);
                    }
                    portal.progress = Progress::Running(cursor);
                }
                Started::Exhausted(tag) => {
                    portal.progress = Progress::Exhausted(String::new());
                    return Ok(Completion::Tag(tag));
                }
                Started::Done(tag) => {
                    portal.progress = Progress::Done;
                    return Ok(Completion::Tag(tag));
                }
                Started::Empty => return Ok(Completion::Empty),
            },
            Progress::Running(_) => (),
            Progress::Exhausted(tag) => return Ok(Completion::Tag(tag.clone())),
            Progress::Done => return Err(cannot_run(name).into()),
        }
        let Progress::Running(cursor) = &mut portal.progress else {
            return Err(Error::internal("a portal lost its rows").into());
        };
        let (rows, finished) = self.send_rows(cursor, &portal.formats, most, false).await?;
        if !finished {
            return Ok(Completion::Suspended);
        }
        let tag = cursor.rows.tag(rows);
        portal.progress = Progress::Exhausted(cursor.rows.tag(0));
        Ok(Completion::Tag(tag))
    }

    fn start_of(
        &mut self,
        portal: &Portal,
        settled: Option<Arc<[Format]>>,
        describe: bool,
    ) -> impl Future<Output = Step<Started>> + use<'_, S> {
        let formats = (portal.formats.clone(), settled);
        self.start(portal.source.clone(), portal.parameters.clone(), formats, describe)
    }

    async fn start(
        &mut self,
        source: Arc<Source>,
        parameters: Arc<[Value]>,
        (formats, settled): (Arc<[Format]>, Option<Arc<[Format]>>),
        describe: bool,
    ) -> Step<Started> {
        match &source.body {
            Body::Empty => Ok(Started::Empty),
            Body::Query(prepared) => {
                self.transaction.query();
                if let Some(command) = prepared.writes() {
                    self.refuse_read_only(command)?;
                }
                if let Some(strength) = prepared.locks() {
                    self.refuse_read_only(&format!("SELECT FOR {strength}"))?;
                    self.notice(self.transaction.lock(strength));
                }
                self.plan(&**prepared).await?;
                self.show_relations(prepared.relations());
                let execution = prepared.execute(parameters, settled, &self.around);
                let outcome = match prepared.writes() {
                    Some(_) => super::wait_for_writing(&mut self.wire, &self.interrupt, execution).await,
                    None => super::wait(&mut self.wire, &self.interrupt, execution).await,
                };
                // One that fails may have written some of its rows. Outside a block its own error says enough.
                if prepared.writes().is_some()
                    && (matches!(outcome, Ok(Ok(_))) || self.transaction.in_block())
                {
                    self.transaction.wrote();
                }
                let outcome = outcome.map_err(|stop| about_writing(stop, prepared.writes().is_some()))??;
                Ok(self.started(outcome, &source)?)
            }
            Body::Command(command) => match self.run_command(command).await? {
                Done::Tag(tag) => Ok(Started::Done(tag)),
                Done::Rows(outcome) => Ok(self.started(outcome, &source)?),
                Done::Portal(portal) => {
                    let tag = self.run_inner(command, *portal, &formats, describe).await?;
                    Ok(Started::Exhausted(tag))
                }
            },
        }
    }

    fn started(&self, outcome: Outcome, source: &Source) -> Result<Started> {
        match outcome {
            Outcome::Done(tag) => Ok(Started::Done(tag)),
            Outcome::Rows(rows) => {
                let columns = self.columns_of_body(&source.body)?.unwrap_or_default();
                Ok(Started::Rows(Cursor::new(rows, columns)))
            }
        }
    }

    /// Runs FETCH or MOVE of a cursor.
    async fn run_fetch(
        &mut self,
        cursor: &str,
        portal: &mut Portal,
        (direction, skip): (FetchDirection, bool),
        formats: &Arc<[Format]>,
        describe: bool,
    ) -> Step<String> {
        match portal.progress {
            Progress::Bound => {
                self.refuse_more_running()?;
                // A later FETCH may want other formats.
                if let Some(tag) = self.begin_inner(portal, None).await? {
                    return Ok(tag);
                }
            }
            Progress::Done => return Err(cannot_run(cursor).into()),
            Progress::Running(_) | Progress::Exhausted(_) => (),
        }
        if let Some(declared) = &portal.declared {
            declared.may_go(direction)?;
        }
        self.describe_inner(portal, formats, describe && !skip)?;
        let rows = self.fetch(portal, direction, skip, formats).await?;
        Ok(format!("{} {rows}", if skip { "MOVE" } else { "FETCH" }))
    }

    /// Runs what `FETCH` or `EXECUTE` refers to.
    async fn run_inner(
        &mut self,
        command: &Command,
        mut portal: Portal,
        formats: &Arc<[Format]>,
        describe: bool,
    ) -> Step<String> {
        if let Command::Fetch { cursor, direction, skip } = command {
            let how = (*direction, *skip);
            let fetched = self.run_fetch(cursor, &mut portal, how, formats, describe).await;
            if fetched.is_err() {
                // It is there until it is closed, but can't be run (`MarkPortalFailed`).
                portal.give_up();
            }
            self.portals.insert(cursor, portal);
            return fetched;
        }
        let begun = Instant::now();
        let ended = self.run_named(&mut portal, formats, describe).await.map(Completion::Tag);
        self.count(&mut portal, begun.elapsed(), Most::All, &ended);
        ended.map(|completion| if let Completion::Tag(tag) = completion { tag } else { String::new() })
    }

    /// Runs what `EXECUTE` names.
    async fn run_named(
        &mut self,
        portal: &mut Portal,
        formats: &Arc<[Format]>,
        describe: bool,
    ) -> Step<String> {
        if let Some(tag) = self.begin_inner(portal, Some(formats.clone())).await? {
            return Ok(tag);
        }
        self.describe_inner(portal, formats, describe)?;
        let Progress::Running(cursor) = &mut portal.progress else { return Ok(String::new()) };
        let (rows, _) = self.send_rows(cursor, formats, Most::All, false).await?;
        Ok(cursor.rows.tag(rows))
    }

    /// Begins with a portal; its tag when it has no rows. Statements prepared by SQL don't execute each other, so this
    /// recursion is one step deep.
    async fn begin_inner(
        &mut self,
        portal: &mut Portal,
        settled: Option<Arc<[Format]>>,
    ) -> Step<Option<String>> {
        match Box::pin(self.start_of(portal, settled, false)).await? {
            Started::Rows(cursor) => {
                portal.progress = Progress::Running(cursor);
                Ok(None)
            }
            Started::Exhausted(tag) | Started::Done(tag) => Ok(Some(tag)),
            Started::Empty => Ok(Some(String::new())),
        }
    }

    fn describe_inner(&mut self, portal: &Portal, formats: &[Format], describe: bool) -> Result<()> {
        if describe && let Some(columns) = self.columns_of_body(&portal.source.body)? {
            self.row_description(&columns, formats);
        }
        Ok(())
    }

    /// Sends rows; says how many, and whether there are no more. The output never holds much more than what is sent
    /// at a time: then the client's pace is the cluster's.
    pub(super) async fn send_rows(
        &mut self,
        cursor: &mut Cursor,
        formats: &Arc<[Format]>,
        most: Most,
        skip: bool,
    ) -> Step<(u64, bool)> {
        let mut left = match most {
            Most::All => u64::MAX,
            Most::Rows(rows) => rows,
        };
        let mut sent = 0;
        while left > 0 {
            let Some((batch, from)) = &mut cursor.batch else {
                let next = super::wait(&mut self.wire, &self.interrupt, cursor.rows.next()).await??;
                match next {
                    Some(batch) => cursor.batch = Some((batch, 0)),
                    None => return Ok((sent, true)),
                }
                continue;
            };
            let written = if skip {
                left.min((batch.len() - *from) as u64)
            } else {
                self.write_rows(batch, *from, left, &cursor.columns, formats)?
            };
            *from += written as usize;
            sent += written;
            left -= written;
            if *from >= batch.len() {
                cursor.batch = None;
            }
            self.wire.owe();
            if self.wire.is_full() {
                self.drain().await?;
            }
            self.interrupt.check()?;
        }
        Ok((sent, false))
    }

    /// Appends rows until the output is full.
    pub(super) fn write_rows(
        &mut self,
        batch: &Batch,
        from: usize,
        most: u64,
        columns: &Arc<[Column]>,
        formats: &[Format],
    ) -> Result<u64> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        // `printtup_prepare_info`
        formats.iter().try_for_each(|format| format.known().map(|_| ()))?;
        let out = self.wire.output();
        self.whole = Some(out.len());
        let env = &self.around.env;
        let mut output = RowOutput { out, full: OUTPUT_BYTES, columns, formats, env };
        let written = match batch {
            Batch::Encoded(rows) => rows.write(from, most, &mut output),
            Batch::Values(rows) => write_values(rows, from, most, &mut output),
        };
        self.whole = None;
        written.map(|rows| rows as u64)
    }

    pub(super) fn refuse_read_only(&self, command: &str) -> Result<()> {
        if !self.around.variables.is_read_only() {
            return Ok(());
        }
        let message = format!("cannot execute {command} in a read-only transaction");
        Err(Error::new(SqlState(*b"25006"), message))
    }

    /// The formats in which the simple protocol sends: text, but for binary cursors.
    pub(super) fn formats_of(&self, source: &Source, columns: Option<&[Column]>) -> Arc<[Format]> {
        if let Body::Command(Command::Fetch { cursor, .. }) = &source.body
            && let Some(portal) = self.portals.get(cursor)
        {
            return portal.formats.clone();
        }
        vec![Format::Text; columns.map_or(0, <[Column]>::len)].into()
    }

    /// `RowDescription`
    pub(super) fn row_description(&mut self, columns: &[Column], formats: &[Format]) {
        let fields = columns.iter().enumerate().map(|(index, column)| Field {
            name: &column.name,
            table: column.origin.0,
            attribute: column.origin.1,
            type_oid: column.ty.oid,
            type_len: values::type_len(column.ty.oid),
            typmod: column.ty.typmod,
            format: formats.get(index).copied().unwrap_or_default(),
        });
        backend::row_description(self.wire.output(), fields);
    }
}

/// The cluster can't stop a statement that writes: whoever stops waiting for it must know.
fn about_writing(stop: Stop, writes: bool) -> Stop {
    match stop {
        Stop::Error(error) if writes && error.code() == SqlState::QUERY_CANCELED => {
            Stop::Error(error.detail(
                "The cluster can not stop a statement that writes: what was sent may still be written.",
            ))
        }
        stop => stop,
    }
}

/// The formats in which all rows of a portal will be written: what FETCH takes from it may have others.
fn settled(name: &str, portal: &Portal, most: Most) -> Option<Arc<[Format]>> {
    (name.is_empty() || most == Most::All).then(|| portal.formats.clone())
}

/// What starting a portal gave.
enum Started {
    Rows(Cursor),
    /// The rows were sent already.
    Exhausted(String),
    /// A statement without rows; its tag.
    Done(String),
    Empty,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        match self {
            Batch::Values(rows) => rows.len(),
            Batch::Encoded(rows) => rows.len(),
        }
    }
}

/// Appends rows of values.
pub(crate) fn write_values(
    rows: &[Vec<Value>],
    from: usize,
    most: usize,
    output: &mut RowOutput<'_>,
) -> Result<usize> {
    let mut written = 0;
    for row in rows.iter().skip(from).take(most) {
        if output.out.len() >= output.full {
            break;
        }
        let mut data = DataRow::start(output.out, output.columns.len());
        if let Err(error) = write_row(&mut data, row, output) {
            data.abandon(output.out);
            return Err(error);
        }
        data.finish(output.out)?;
        written += 1;
    }
    Ok(written)
}

fn write_row(data: &mut DataRow, row: &[Value], output: &mut RowOutput<'_>) -> Result<()> {
    let env: &Env = output.env;
    for (index, column) in output.columns.iter().enumerate() {
        let format = output.formats.get(index).copied().unwrap_or_default();
        match row.get(index) {
            Some(Value::Null) => data.null(output.out),
            Some(value) => {
                data.field_with(output.out, |out| values::write(value, column.ty.oid, format, out, env))?
            }
            None => return Err(Error::internal("a row has too few columns")),
        }
    }
    Ok(())
}

fn cannot_run(name: &str) -> Error {
    Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("portal \"{name}\" cannot be run"))
}
