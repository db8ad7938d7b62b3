//! For tests: an engine that understands a handful of words, and a client that speaks in messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::future::{BoxFuture, ready};
use pg::env::{NoNames, ObjectNames};
use pg::wire::frame;
use pg::wire::{Cut, DataRow, Format};
use pg::{Error, Oid, Result, SqlState, TypeRef, Value, oid};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::session::command::{Command, TransactionModes};
use crate::session::engine::{
    Batch, Column, Engine, Outcome, Parsed, ParsedKind, Prepared, RowOutput, Rows, Statement, Surroundings,
    WriteRows,
};
use sql::parse::session::FetchDirection;

/// Understands, separated by semicolons: `rows N`, `pages N` (rows that write themselves), `echo` (its int4 parameter),
/// `write`, `fail`, `fail after N` (rows), `panic`, `panic in row N`, `wait`, `hold` (its thread, until it is cancelled), `begin`, `commit`, `rollback`, `show x`,
/// `savepoint x`, `rollback to x`, `fetch N name`, `declare name N`.
#[derive(Debug, Default)]
pub(crate) struct FakeEngine {
    /// Not ready, for this reason.
    pub(crate) starting: Option<&'static str>,
    /// Rows that were pulled so far.
    pub(crate) pulled: Arc<AtomicU64>,
    /// Statements that were dropped while they waited.
    pub(crate) dropped: Arc<AtomicU64>,
}

impl Engine for FakeEngine {
    fn ready(&self) -> Result<()> {
        match self.starting {
            None => Ok(()),
            Some(reason) => Err(Error::new(SqlState::CANNOT_CONNECT_NOW, "not yet").detail(reason)),
        }
    }

    fn version(&self) -> u64 {
        0
    }

    fn names(&self, _: &Surroundings) -> Arc<dyn ObjectNames> {
        Arc::new(NoNames)
    }

    fn parse(&self, text: &str, _: bool) -> Result<Vec<Parsed>> {
        let statements = text.split(';').map(str::trim).filter(|statement| !statement.is_empty());
        let parsed = |statement: &str| {
            let start = statement.as_ptr() as usize - text.as_ptr() as usize;
            Ok(Parsed { text: start..start + statement.len(), kind: self.parse_one(statement)? })
        };
        statements.map(parsed).collect()
    }

    /// Function 177 is `echo`; every other is unknown.
    fn function(&self, function: Oid, _: &Surroundings) -> Result<Arc<dyn Prepared>> {
        match function {
            Oid(177) => {
                let fake =
                    Fake { act: Act::Echo, pulled: self.pulled.clone(), dropped: self.dropped.clone() };
                Ok(Arc::new(FakePrepared(fake, vec![oid::INT4], columns())))
            }
            _ => Err(Error::new(SqlState::UNDEFINED_FUNCTION, format!("function with OID {function}"))),
        }
    }
}

impl FakeEngine {
    fn parse_one(&self, text: &str) -> Result<ParsedKind> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |word: &str| word.parse::<u64>().unwrap_or(0);
        let act =
            |act: Act| Arc::new(Fake { act, pulled: self.pulled.clone(), dropped: self.dropped.clone() });
        let command = match words[..] {
            ["begin"] => Command::Begin(TransactionModes::default(), "BEGIN"),
            ["begin", "read", "only"] => {
                Command::Begin(TransactionModes { read_only: Some(true), ..Default::default() }, "BEGIN")
            }
            ["commit"] => Command::Commit { chain: false },
            ["rollback"] => Command::Rollback { chain: false },
            ["savepoint", name] => Command::Savepoint(name.into()),
            ["rollback", "to", name] => Command::RollbackTo(name.into()),
            ["show", name] => Command::Show(name.into()),
            ["set", name, value] => {
                Command::Set { name: name.into(), values: Some(vec![value.into()]), local: false }
            }
            ["fetch", count, cursor] => Command::Fetch {
                cursor: cursor.into(),
                direction: FetchDirection::Forward(i64::try_from(number(count)).ok()),
                skip: false,
            },
            ["declare", name, rows] => {
                let query = act(Act::Rows { rows: number(rows), encoded: false, end: End::Done });
                Command::Declare { name: name.into(), query, hold: false, binary: false, scroll: false }
            }
            ["rows", rows] => return Ok(sql(act(Act::rows(rows, false, End::Done)))),
            ["pages", rows] => return Ok(sql(act(Act::rows(rows, true, End::Done)))),
            ["fail", "after", rows] => return Ok(sql(act(Act::rows(rows, true, End::Error)))),
            ["panic", "in", "row", rows] => return Ok(sql(act(Act::rows(rows, true, End::Panic)))),
            ["echo"] => return Ok(sql(act(Act::Echo))),
            ["write"] => return Ok(sql(act(Act::Write))),
            ["write", "until", "told"] => return Ok(sql(act(Act::WriteOn))),
            ["fail"] => return Ok(sql(act(Act::Fail))),
            ["panic"] => return Ok(sql(act(Act::Panic))),
            ["hold"] => return Ok(sql(act(Act::Hold))),
            ["wait"] => return Ok(sql(act(Act::Wait))),
            _ => return Err(Error::new(SqlState::SYNTAX_ERROR, format!("syntax error at \"{text}\""))),
        };
        Ok(ParsedKind::Command(command))
    }
}

fn sql(fake: Arc<Fake>) -> ParsedKind {
    ParsedKind::Sql(fake)
}

#[derive(Clone, Debug)]
struct Fake {
    act: Act,
    pulled: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
}

#[derive(Clone, Debug)]
enum Act {
    Rows {
        rows: u64,
        encoded: bool,
        end: End,
    },
    Echo,
    Write,
    /// Writes on until it is told to stop, and says so.
    WriteOn,
    Fail,
    Panic,
    Wait,
    Hold,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Done,
    Error,
    Panic,
}

impl Act {
    fn rows(rows: &str, encoded: bool, end: End) -> Act {
        Act::Rows { rows: rows.parse().unwrap_or(0), encoded, end }
    }
}

impl Statement for Fake {
    fn analyze<'a>(
        &'a self,
        _: Option<&'a [Oid]>,
        _: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>> {
        let prepared: Arc<dyn Prepared> = match self.act {
            Act::Echo => Arc::new(FakePrepared(self.clone(), vec![oid::INT4], columns())),
            Act::Write | Act::WriteOn => Arc::new(FakePrepared(self.clone(), vec![], None)),
            _ => Arc::new(FakePrepared(self.clone(), vec![], columns())),
        };
        Box::pin(ready(Ok(prepared)))
    }
}

fn columns() -> Option<Vec<Column>> {
    Some(vec![Column { name: "n".into(), ty: TypeRef::of(oid::INT4), origin: Default::default() }])
}

#[derive(Debug)]
struct FakePrepared(Fake, Vec<Oid>, Option<Vec<Column>>);

impl Prepared for FakePrepared {
    fn parameter_types(&self) -> &[Oid] {
        &self.1
    }

    fn columns(&self) -> Option<&[Column]> {
        self.2.as_deref()
    }

    fn writes(&self) -> Option<&'static str> {
        matches!(self.0.act, Act::Write | Act::WriteOn).then_some("INSERT")
    }

    fn execute<'a>(
        &'a self,
        parameters: Arc<[Value]>,
        _: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>> {
        let fake = self.0.clone();
        Box::pin(async move {
            match fake.act {
                Act::Rows { rows, encoded, end } => {
                    let rows = FakeRows { next: 0, rows, encoded, end, pulled: fake.pulled };
                    Ok(Outcome::Rows(Box::new(rows)))
                }
                Act::Echo => {
                    let value = parameters.first().and_then(Value::as_i64).unwrap_or(-1) as u64;
                    let rows = FakeRows {
                        next: value,
                        rows: value + 1,
                        encoded: false,
                        end: End::Done,
                        pulled: fake.pulled,
                    };
                    Ok(Outcome::Rows(Box::new(rows)))
                }
                Act::Write => Ok(Outcome::Done("INSERT 0 1".into())),
                Act::WriteOn => loop {
                    around.cancel.check().map_err(|_| Error::new(SqlState::QUERY_CANCELED, "3 rows stay"))?;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                },
                Act::Fail => Err(Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")),
                Act::Panic => panic!("as asked"),
                Act::Hold => loop {
                    around.cancel.check()?;
                    std::thread::sleep(Duration::from_millis(1));
                },
                Act::Wait => {
                    let _dropped = OnDrop(fake.dropped);
                    std::future::pending().await
                }
            }
        })
    }
}

struct OnDrop(Arc<AtomicU64>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct FakeRows {
    next: u64,
    rows: u64,
    encoded: bool,
    end: End,
    pulled: Arc<AtomicU64>,
}

impl Rows for FakeRows {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        let from = self.next;
        let until = self.rows.min(from + 1000);
        self.next = until;
        self.pulled.fetch_add(until - from, Ordering::SeqCst);
        let batch = match self.end {
            End::Error if from == until => Err(Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")),
            _ if from == until && self.end == End::Done => Ok(None),
            end if self.encoded => Ok(Some(Batch::Encoded(Box::new(FakePage { from, until, end })))),
            _ => Ok(Some(Batch::Values((from..until).map(|n| vec![Value::Int4(n as i32)]).collect()))),
        };
        Box::pin(ready(batch))
    }
}

struct FakePage {
    from: u64,
    until: u64,
    end: End,
}

impl WriteRows for FakePage {
    fn len(&self) -> usize {
        // A page that will panic pretends to have one row more.
        (self.until - self.from) as usize + usize::from(self.end == End::Panic)
    }

    fn write(&self, from: usize, most: usize, output: &mut RowOutput<'_>) -> Result<usize> {
        let mut written = 0;
        while written < most && from + written < self.len() && output.out.len() < output.full {
            let number = self.from + (from + written) as u64;
            let mut row = DataRow::start(output.out, 1);
            assert!(number < self.until, "as asked");
            row.field(output.out, number.to_string().as_bytes());
            row.finish(output.out)?;
            written += 1;
        }
        Ok(written)
    }
}

/// A client that speaks in messages.
pub(crate) struct TestClient<S> {
    pub(crate) stream: S,
    input: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> TestClient<S> {
    pub(crate) fn new(stream: S) -> TestClient<S> {
        TestClient { stream, input: BytesMut::new() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server takes it");
    }

    /// The next message; `None` at the end of the stream.
    pub(crate) async fn message(&mut self) -> Option<(u8, Bytes)> {
        loop {
            if self.input.len() >= 5 {
                let length = u32::from_be_bytes([self.input[1], self.input[2], self.input[3], self.input[4]]);
                if self.input.len() > length as usize {
                    let message = self.input.split_to(length as usize + 1).freeze();
                    return Some((message[0], message.slice(5..)));
                }
            }
            let received =
                tokio::time::timeout(Duration::from_secs(60), self.stream.read_buf(&mut self.input));
            match received.await.expect("an answer in time") {
                Ok(0) | Err(_) => return None,
                Ok(_) => (),
            }
        }
    }

    /// Messages until one of this type, in words; `end` at the end of the stream.
    pub(crate) async fn until(&mut self, last: u8) -> Vec<String> {
        let mut messages = Vec::new();
        loop {
            match self.message().await {
                None => {
                    messages.push("end".to_owned());
                    return messages;
                }
                Some((tag, body)) => {
                    messages.push(in_words(tag, &body));
                    if tag == last {
                        return messages;
                    }
                }
            }
        }
    }

    /// Sends, and gives the messages until ReadyForQuery.
    pub(crate) async fn ask(&mut self, bytes: &[u8]) -> Vec<String> {
        self.send(bytes).await;
        self.until(b'Z').await
    }
}

/// A backend message in words that are easy to compare.
fn in_words(tag: u8, body: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
    match tag {
        b'D' => {
            let length = i32::from_be_bytes([body[2], body[3], body[4], body[5]]);
            match body.len() - 6 {
                4 if !body[6..].iter().all(u8::is_ascii_digit) => format!("row {:02x?}", &body[6..]),
                _ if length < 0 => "row NULL".to_owned(),
                _ => format!("row {}", text(&body[6..])),
            }
        }
        b'C' => format!("complete {}", text(body)),
        b'Z' => format!("ready {}", text(body)),
        b'E' | b'N' => {
            let field = |code: u8| {
                let fields = body.split(|byte| *byte == 0);
                fields.filter(|field| field.first() == Some(&code)).map(|field| text(&field[1..])).next()
            };
            let severity = field(b'S').unwrap_or_default();
            format!("{severity} {} {}", field(b'C').unwrap_or_default(), field(b'M').unwrap_or_default())
        }
        b'T' => format!("columns {}", body[1]),
        b't' => format!("parameters {}", body[1]),
        b'1' => "parsed".into(),
        b'2' => "bound".into(),
        b'3' => "closed".into(),
        b'n' => "no data".into(),
        b'I' => "empty".into(),
        b's' => "suspended".into(),
        b'S' => format!("parameter {}", text(body).replace('\0', "=")),
        b'K' => "key".into(),
        b'R' => "authentication".into(),
        b'v' => "negotiate".into(),
        _ => format!("{} {body:?}", tag as char),
    }
}

/// A message of the client's.
pub(crate) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![tag];
    message.extend((body.len() as u32 + 4).to_be_bytes());
    message.extend(body);
    let mut check = BytesMut::from(&message[..]);
    assert!(!matches!(frame::cut(&mut check, frame::Phase::Ready), Ok(Cut::More { .. })));
    message
}

pub(crate) fn query(text: &str) -> Vec<u8> {
    message(b'Q', format!("{text}\0").as_bytes())
}

pub(crate) fn parse(name: &str, text: &str) -> Vec<u8> {
    message(b'P', format!("{name}\0{text}\0\0\0").as_bytes())
}

pub(crate) fn bind(portal: &str, statement: &str, parameters: &[&str]) -> Vec<u8> {
    bind_in(portal, statement, parameters, &[])
}

/// Bind with text parameters and result formats.
pub(crate) fn bind_in(portal: &str, statement: &str, parameters: &[&str], formats: &[i16]) -> Vec<u8> {
    let mut body = format!("{portal}\0{statement}\0\0\0").into_bytes();
    body.put_u16(parameters.len() as u16);
    for parameter in parameters {
        body.put_u32(parameter.len() as u32);
        body.put_slice(parameter.as_bytes());
    }
    body.put_u16(formats.len() as u16);
    formats.iter().for_each(|format| body.put_i16(*format));
    message(b'B', &body)
}

pub(crate) fn describe(kind: char, name: &str) -> Vec<u8> {
    message(b'D', format!("{kind}{name}\0").as_bytes())
}

pub(crate) fn execute(portal: &str, max_rows: i32) -> Vec<u8> {
    let mut body = format!("{portal}\0").into_bytes();
    body.put_i32(max_rows);
    message(b'E', &body)
}

pub(crate) fn close(kind: char, name: &str) -> Vec<u8> {
    message(b'C', format!("{kind}{name}\0").as_bytes())
}

pub(crate) fn sync() -> Vec<u8> {
    message(b'S', b"")
}

pub(crate) fn startup(parameters: &str) -> Vec<u8> {
    startup_with(3 << 16, parameters)
}

pub(crate) fn startup_with(version: u32, parameters: &str) -> Vec<u8> {
    let mut packet = (parameters.len() as u32 + 9).to_be_bytes().to_vec();
    packet.extend(version.to_be_bytes());
    packet.extend(parameters.as_bytes());
    packet.push(0);
    packet
}
