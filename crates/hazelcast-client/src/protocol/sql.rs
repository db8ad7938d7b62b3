//! Messages of the SQL service (protocol 4).

use uuid::Uuid;

use super::frame::{Fixed, Frames};
use super::message::Message;
use super::message_type::{SQL_CLOSE, SQL_EXECUTE, SQL_FETCH, SQL_MAPPING_DDL};
use super::page::page;
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::value::Value;
use crate::error::{Malformed, Result, SqlError};
use crate::sql::column::{ColumnMetadata, SqlColumnType};
use crate::sql::page::Page;
use crate::sql::statement::ExpectedResult;

/// The id of a query: the member that runs it, and a number that the client makes, fresh for each execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QueryId {
    pub(crate) member: Uuid,
    pub(crate) local: Uuid,
}

/// What SqlExecute asks.
#[derive(Debug)]
pub(crate) struct Execute<'a> {
    pub(crate) sql: &'a str,
    pub(crate) arguments: &'a [Value],
    /// -1 for the member's default, 0 for none.
    pub(crate) timeout_millis: i64,
    pub(crate) cursor_buffer_size: i32,
    pub(crate) schema: Option<&'a str>,
    pub(crate) expected: ExpectedResult,
    pub(crate) skip_update_statistics: bool,
    pub(crate) query: QueryId,
}

pub(crate) fn execute(execute: &Execute<'_>) -> Result<Request> {
    let capacity = 160 + execute.sql.len() + 32 * execute.arguments.len();
    let mut request = RequestBuilder::with_capacity(SQL_EXECUTE, NO_PARTITION, capacity);
    request.i64(execute.timeout_millis);
    request.i32(execute.cursor_buffer_size);
    request.u8(execute.expected as u8);
    request.bool(execute.skip_update_statistics);
    request.str(execute.sql);
    request.begin();
    for argument in execute.arguments {
        request.value(argument)?;
    }
    request.end();
    request.nullable_str(execute.schema);
    query_id(&mut request, execute.query);
    Ok(request.finish())
}

pub(crate) fn fetch(query: QueryId, cursor_buffer_size: i32) -> Request {
    let mut request = RequestBuilder::new(SQL_FETCH, NO_PARTITION);
    request.i32(cursor_buffer_size);
    query_id(&mut request, query);
    request.finish()
}

pub(crate) fn close(query: QueryId) -> Request {
    let mut request = RequestBuilder::new(SQL_CLOSE, NO_PARTITION);
    query_id(&mut request, query);
    request.finish()
}

pub(crate) fn mapping_ddl(map: &str) -> Request {
    let mut request = RequestBuilder::new(SQL_MAPPING_DDL, NO_PARTITION);
    request.str(map);
    request.finish()
}

pub(crate) fn mapping_ddl_response(message: &Message) -> std::result::Result<Option<String>, Malformed> {
    message.read()?.1.nullable_string()
}

fn query_id(request: &mut RequestBuilder, query: QueryId) {
    request.begin();
    let mut content = [0; 32];
    let halves = [query.member.as_u64_pair(), query.local.as_u64_pair()];
    let parts = halves.iter().flat_map(|(high, low)| [high.to_le_bytes(), low.to_le_bytes()]);
    for (place, part) in content.as_chunks_mut::<8>().0.iter_mut().zip(parts) {
        *place = part;
    }
    request.frame(&content);
    request.end();
}

/// The answer to SqlExecute.
#[derive(Debug)]
pub(crate) struct Executed {
    /// For `__key = ?`: which argument is the key.
    pub(crate) partition_argument: Option<usize>,
    pub(crate) outcome: Outcome,
}

/// One of three.
#[derive(Debug)]
pub(crate) enum Outcome {
    UpdateCount(u64),
    Rows { columns: Vec<ColumnMetadata>, page: Page, infinite: bool },
    Error(SqlError),
}

pub(crate) fn executed(message: &Message, max_rows: usize) -> std::result::Result<Executed, Malformed> {
    let (fixed, mut frames) = message.read()?;
    let count = fixed.i64(13)?;
    let infinite = fixed.has(22) && fixed.bool(21)?;
    let partition_argument = if fixed.has(26) { usize::try_from(fixed.i32(22)?).ok() } else { None };
    let columns = frames.nullable(|frames| frames.list(column))?;
    let page = frames.nullable(|frames| page(frames, message.bytes(), max_rows))?;
    let error = frames.nullable(sql_error)?;
    let outcome = match (error, columns, page, u64::try_from(count)) {
        (Some(error), ..) => Outcome::Error(error),
        (None, Some(columns), Some(page), _) => {
            let types = page.columns.iter().map(|column| column.column_type);
            if !types.eq(columns.iter().map(|column| column.column_type)) {
                return Err(Malformed("the page's columns are not those of the metadata"));
            }
            Outcome::Rows { columns, page, infinite }
        }
        (None, _, _, Ok(count)) => Outcome::UpdateCount(count),
        _ => return Err(Malformed("result without rows, update count or error")),
    };
    Ok(Executed { partition_argument, outcome })
}

/// The answer to SqlFetch.
pub(crate) fn fetched(
    message: &Message,
    max_rows: usize,
) -> std::result::Result<std::result::Result<Page, SqlError>, Malformed> {
    let (_, mut frames) = message.read()?;
    let page = frames.nullable(|frames| page(frames, message.bytes(), max_rows))?;
    match (frames.nullable(sql_error)?, page) {
        (Some(error), _) => Ok(Err(error)),
        (None, Some(page)) => Ok(Ok(page)),
        (None, None) => Err(Malformed("fetch without a page or an error")),
    }
}

fn column(frames: &mut Frames<'_>) -> std::result::Result<ColumnMetadata, Malformed> {
    frames.begin()?;
    let fixed = Fixed(frames.value()?.content);
    let column_type = SqlColumnType::from_id(fixed.i32(0)?).ok_or(Malformed("unknown column type"))?;
    let nullable = !fixed.has(5) || fixed.bool(4)?;
    let name = frames.string()?;
    frames.finish()?;
    Ok(ColumnMetadata { name, column_type, nullable })
}

/// Without the stack trace.
fn sql_error(frames: &mut Frames<'_>) -> std::result::Result<SqlError, Malformed> {
    frames.begin()?;
    let fixed = Fixed(frames.value()?.content);
    let code = fixed.i32(0)?;
    let origin = fixed.uuid(4)?;
    let message = frames.nullable_string()?;
    let suggestion = if frames.at_end()? { None } else { frames.nullable_string()? };
    frames.finish()?;
    Ok(SqlError { code, message, suggestion, origin })
}
