//! A statement that is being prepared for execution.

use std::time::Duration;

use super::cancel::CancelHandle;
use super::execute;
use super::result::SqlResult;
use crate::client::Client;
use crate::data::value::Value;
use crate::error::Result;

/// What kind of result a statement must have (`SqlExpectedResultType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum ExpectedResult {
    /// Either kind.
    #[default]
    Any = 0,
    /// Rows: another statement is refused before it runs.
    Rows = 1,
    /// An update count: another statement is refused before it runs.
    UpdateCount = 2,
}

/// A statement of SQL with its arguments and options. Made by [`Client::sql`].
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is executed"]
pub struct SqlStatement {
    pub(crate) client: Client,
    pub(crate) sql: String,
    pub(crate) arguments: Vec<Value>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tell_member: bool,
    pub(crate) first_page: i32,
    pub(crate) next_pages: i32,
    pub(crate) expected: ExpectedResult,
    pub(crate) schema: Option<String>,
    pub(crate) lookup: bool,
    pub(crate) cancel: CancelHandle,
}

impl SqlStatement {
    pub(crate) fn new(client: Client, sql: String) -> Self {
        Self {
            client,
            sql,
            arguments: Vec::new(),
            timeout: None,
            tell_member: true,
            first_page: 1024,
            next_pages: 4096,
            expected: ExpectedResult::Any,
            schema: None,
            lookup: false,
            cancel: CancelHandle::new(),
        }
    }

    /// Adds the value of the next placeholder (`?`).
    pub fn arg(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Adds values for the next placeholders.
    pub fn args(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.arguments.extend(values);
        self
    }

    /// How long the statement may take in all, waiting for its turn and fetching included. Without it the member's own
    /// setting counts. A statement that changes data can be stopped by nothing else.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self.tell_member = true;
        self
    }

    /// A timeout of which the member isn't told: members refuse one for statements such as `CREATE MAPPING`. When it is over, the
    /// statement may still be running.
    pub fn local_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self.tell_member = false;
        self
    }

    /// The number of rows in the first page and in the following ones; 1024 and 4096 unless set.
    /// The member allocates room for that many rows.
    pub fn cursor_buffer_size(mut self, first_page: u32, next_pages: u32) -> Self {
        let clamp = |rows: u32| i32::try_from(rows.clamp(1, 1 << 20)).unwrap_or(4096);
        self.first_page = clamp(first_page);
        self.next_pages = clamp(next_pages);
        self
    }

    /// What kind of result is expected; another kind is an error, and the statement doesn't run.
    pub fn expected_result(mut self, expected: ExpectedResult) -> Self {
        self.expected = expected;
        self
    }

    /// The schema to look first for names without one.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Says that the statement is quick and its result fits the first page, for instance a look-up by key: it then shares
    /// a connection with others, and needn't wait for long queries. Any statement works; but only connections of their own can be
    /// closed to stop a query on a member whose threads are all taken.
    pub fn lookup(mut self, lookup: bool) -> Self {
        self.lookup = lookup;
        self
    }

    /// What cancels this statement, also while it is being executed.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// Runs the statement, and answers when the first page or the update count is here.
    ///
    /// Dropping the future stops the statement as [`CancelHandle::cancel`] does.
    pub async fn execute(self) -> Result<SqlResult> {
        execute::execute(self).await
    }
}
