//! What a session needs of whatever understands SQL. The session knows messages, portals and transactions; the engine
//! knows statements and rows. A test's engine is a page of code.

use std::any::Any;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use futures::future::BoxFuture;
use pg::env::ObjectNames;
use pg::wire::Format;
use pg::{Env, Error, Oid, Result, TypeRef, Value};
use sql::exec::CancelToken;
use sql::session::RelationLock;

use super::command::Command;
use super::variables::Variables;

/// Understands SQL.
pub trait Engine: Send + Sync {
    /// Whether statements can be answered: 57P03 with the reason until they can.
    fn ready(&self) -> Result<()>;

    /// Changes whenever names may have changed.
    fn version(&self) -> u64;

    /// Where object identifiers get their names from.
    fn names(&self, around: &Surroundings) -> Arc<dyn ObjectNames>;

    /// How many bytes a statement may hold.
    fn memory_limit(&self) -> usize {
        usize::MAX
    }

    /// Cuts a text into statements and reads them. Positions in errors count in the whole text. With `placeholders`, a
    /// `?` is a parameter in a statement without `$n`.
    fn parse(&self, text: &str, placeholders: bool) -> Result<Vec<Parsed>>;

    /// The call of a function by its oid: one row of one column, the parameters being its arguments.
    fn function(&self, function: Oid, around: &Surroundings) -> Result<Arc<dyn Prepared>>;
}

/// A statement that was read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// Where it stands in the text, without what is around it.
    pub text: Range<usize>,
    /// What it is.
    pub kind: ParsedKind,
}

/// What a statement that was read is.
#[derive(Clone, Debug)]
pub enum ParsedKind {
    /// One that concerns the session.
    Command(Command),
    /// One for the engine.
    Sql(Arc<dyn Statement>),
}

/// A statement of SQL, read and not yet given a meaning.
pub trait Statement: fmt::Debug + Send + Sync {
    /// Gives it its meaning. `declared` are the parameter types that the client fixed (0: left open); `None` means that
    /// there can be no parameters (42P02).
    fn analyze<'a>(
        &'a self,
        declared: Option<&'a [Oid]>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>>;
}

/// A statement with its meaning: it can be described, and executed any number of times.
pub trait Prepared: fmt::Debug + Send + Sync {
    /// The types of the parameters.
    fn parameter_types(&self) -> &[Oid];

    /// The columns of the result; `None` when it gives no rows.
    fn columns(&self) -> Option<&[Column]>;

    /// The name of the command when it changes data: read-only transactions refuse it, and ROLLBACK must warn.
    fn writes(&self) -> Option<&'static str>;

    /// The words behind FOR when rows are to be locked (`UPDATE`, `SHARE` …).
    fn locks(&self) -> Option<&'static str> {
        None
    }

    /// The relations that it names, and what for.
    fn relations(&self) -> &[RelationLock] {
        &[]
    }

    /// Gets ready to be executed: what can be refused without running anything is refused here (PostgreSQL plans when a
    /// statement is bound). `None` when it is ready.
    fn plan<'a>(&'a self, around: &'a Surroundings) -> Option<BoxFuture<'a, Result<()>>> {
        let _ = around;
        None
    }

    /// What it is to the engine that made it.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }

    /// Runs it. Dropping the future, or the rows, stops it. `formats` are those of the columns, when all rows will be
    /// written in them, whoever writes them.
    fn execute<'a>(
        &'a self,
        parameters: Arc<[Value]>,
        formats: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>>;
}

/// `EXPLAIN` of a statement that was prepared.
pub trait Explaining: fmt::Debug + Send + Sync {
    /// The columns of what is shown.
    fn columns(&self) -> Arc<[Column]>;

    /// The explanation of a statement, which takes the statement's parameters.
    fn of<'a>(
        &'a self,
        prepared: &'a Arc<dyn Prepared>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>>;
}

/// `COPY`, read and not yet given a meaning.
pub trait Copy: fmt::Debug + Send + Sync {
    /// Gives it its meaning.
    fn open<'a>(&'a self, around: &'a Surroundings) -> BoxFuture<'a, Result<Copying>>;
}

/// What a `COPY` does.
pub enum Copying {
    /// Sends the rows of a query.
    To {
        /// The query.
        query: Arc<dyn Prepared>,
        /// How they are written.
        writer: pg::copy::Writer,
    },
    /// Takes rows.
    From(Box<CopyFrom>),
}

/// Where the rows of `COPY FROM` go.
pub struct CopyFrom {
    /// The table's name, for errors.
    pub table: String,
    /// The table.
    pub relation: Oid,
    /// The columns that are given.
    pub columns: Vec<(String, TypeRef)>,
    /// How rows are read.
    pub reader: pg::copy::Reader,
    /// The most rows that are written at a time.
    pub batch: usize,
    /// Takes them.
    pub target: Box<dyn CopyTarget>,
}

/// Takes rows.
pub trait CopyTarget: Send + Sync {
    /// That rows can be written, as far as they tell by themselves; else which can't, and why.
    fn check(&self, rows: &[Vec<Value>], around: &Surroundings) -> Result<(), (usize, Error)>;

    /// Writes rows that were checked, for good.
    fn write<'a>(&'a self, rows: Vec<Vec<Value>>, around: &'a Surroundings) -> BoxFuture<'a, Result<()>>;
}

/// The arguments of `EXECUTE name (…)`.
pub trait Arguments: fmt::Debug + Send + Sync {
    /// Their values, as the parameter types of the named statement want them.
    fn evaluate<'a>(
        &'a self,
        statement: &'a str,
        types: &'a [Oid],
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<[Value]>>>;
}

/// A column of a result (RowDescription).
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: TypeRef,
    /// The relation and attribute it comes from, or invalid and 0.
    pub origin: (Oid, i16),
}

/// What a statement gave.
pub enum Outcome {
    /// Rows.
    Rows(Box<dyn Rows>),
    /// None; the command tag.
    Done(String),
}

/// Rows, pulled by the session.
pub trait Rows: Send {
    /// The next rows; `None` when there are no more.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>>;

    /// The command tag after so many rows.
    fn tag(&self, rows: u64) -> String {
        format!("SELECT {rows}")
    }
}

/// Some rows.
pub enum Batch {
    /// As values, one per column.
    Values(Vec<Vec<Value>>),
    /// As something that writes its rows itself.
    Encoded(Box<dyn WriteRows>),
}

/// Rows that write themselves as DataRow messages: pages of the cluster.
pub trait WriteRows: Send + Sync {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends rows from `from` on, at most `most` of them, until the output has `full` bytes; says how many. After an
    /// error the output holds whole rows only.
    fn write(&self, from: usize, most: usize, out: &mut RowOutput<'_>) -> Result<usize>;
}

/// Where and how rows are written.
pub struct RowOutput<'a> {
    /// Where DataRow messages are appended.
    pub out: &'a mut BytesMut,
    /// The size at which the output should be sent.
    pub full: usize,
    /// The columns.
    pub columns: &'a [Column],
    /// The format of each column.
    pub formats: &'a [Format],
    /// What text forms depend on.
    pub env: &'a Env,
}

/// What a statement has around it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The settings of the session.
    pub variables: Variables,
    /// What values depend on: settings, clock, names.
    pub env: Env,
    /// Who the client says it is.
    pub user: Arc<str>,
    /// The database it asked for.
    pub database: Arc<str>,
    /// What the client is told besides its answer.
    pub notices: Notices,
    /// Ends what computes here.
    pub cancel: CancelToken,
}

/// Notices that a statement leaves for the client.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<Vec<Error>>>);

impl Notices {
    /// Leaves one.
    pub fn push(&self, notice: Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    /// Takes all that were left.
    pub fn take(&self) -> Vec<Error> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
