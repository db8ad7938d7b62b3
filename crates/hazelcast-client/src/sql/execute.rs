//! The execution of a statement: a slot, a connection, the request, its answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::query::{GRACE, Limit, OpenQuery, Place, max_rows};
use super::result::{SqlResult, SqlRows};
use super::statement::{ExpectedResult, SqlStatement};
use crate::cluster::member::Member;
use crate::error::{Error, Result};
use crate::protocol::sql::{self, Outcome, QueryId};

/// How often a request is sent again that never left this process, because its connection was just lost.
const ATTEMPTS: u32 = 4;
/// How long a statement that only reads is begun again while the cluster is changing.
const READ_AGAIN_FOR: Duration = Duration::from_secs(5);

pub(super) async fn execute(statement: SqlStatement) -> Result<SqlResult> {
    if statement.cancel.is_cancelled() {
        return Err(Error::Cancelled { may_go_on: false });
    }
    let cluster = statement.client.cluster();
    let limit = Limit {
        started: Instant::now(),
        timeout: statement.timeout,
        grace: if statement.tell_member { GRACE } else { Duration::ZERO },
        invocation_timeout: cluster.settings.invocation_timeout,
    };
    let mut attempt = 1;
    loop {
        let result = tokio::select! {
            biased;
            result = run(&statement, limit) => result,
            // Dropping what runs closes the query.
            () = statement.cancel.cancelled() => {
                return Err(Error::Cancelled { may_go_on: statement.expected != ExpectedResult::Rows });
            }
        };
        let error = match result {
            Err(error) if again(&statement, &error, attempt) => error,
            result => return result,
        };
        let pause = Duration::from_millis(if attempt == 1 { 0 } else { 25 << attempt.min(5) });
        let left = statement.timeout.map(|timeout| timeout.saturating_sub(limit.started.elapsed()));
        if limit.started.elapsed() + pause > READ_AGAIN_FOR || left.is_some_and(|left| left <= pause) {
            return Err(error);
        }
        tracing::debug!(%error, attempt, "the statement is begun again");
        tokio::select! {
            () = tokio::time::sleep(pause) => attempt += 1,
            () = statement.cancel.cancelled() => return Err(Error::Cancelled { may_go_on: false }),
        }
    }
}

/// Whether a statement may be begun again, of which no row was handed out. Another member may take it, or the cluster be at
/// rest again. What may change data must never have left.
fn again(statement: &SqlStatement, error: &Error, attempt: u32) -> bool {
    let reads = statement.expected == ExpectedResult::Rows;
    match error {
        Error::ConnectionLost { sent: false, .. } => reads || attempt < ATTEMPTS,
        Error::Connect { .. } => {
            (reads || attempt < ATTEMPTS) && statement.client.cluster().routes().sql.len() > 1
        }
        Error::ConnectionLost { .. } => reads,
        // Who asks while nobody is connected is told so at once; who has lost his connection may find another.
        Error::NotConnected(_) => reads && attempt > 1,
        Error::Overloaded(_) => false,
        error => reads && error.is_retryable(),
    }
}

async fn run(statement: &SqlStatement, limit: Limit) -> Result<SqlResult> {
    let cluster = statement.client.cluster();
    let owner = cluster
        .owner_for_sql(&statement.sql, &statement.arguments)
        .filter(|owner| owner.slots(statement.lookup).available_permits() > 0);
    let member = owner.map_or_else(|| cluster.member_for_sql(statement.lookup), Ok)?;
    let (place, slot) = place(statement, member, limit).await?;
    let id = QueryId { member: place.connection().member, local: cluster.query_number() };
    let request = sql::execute(&sql::Execute {
        sql: &statement.sql,
        arguments: &statement.arguments,
        timeout_millis: if statement.tell_member { limit.member_millis() } else { -1 },
        cursor_buffer_size: statement.first_page,
        schema: statement.schema.as_deref(),
        expected: statement.expected,
        skip_update_statistics: false,
        query: id,
    })?;
    let outstanding = place.connection().invoke(request, Some(slot));
    let mut query = OpenQuery {
        client: statement.client.clone(),
        place: Some(place),
        id,
        lookup: statement.lookup,
        limit,
        changes_data: statement.expected == ExpectedResult::UpdateCount,
        outstanding: Some(outstanding),
    };
    let Some(outstanding) = &mut query.outstanding else { return Err(Error::ClientClosed) };
    let answer = match limit.answer(outstanding).await {
        Ok(answer) => answer,
        Err(error) => {
            match error {
                // After an exception there is no query; after anything else there may be one,
                Error::Member(_) => query.ended(),
                // and after a timeout its execution is still under way.
                Error::Timeout { .. } => {}
                _ => query.outstanding = None,
            }
            return Err(error);
        }
    };
    query.outstanding = None;
    let executed = sql::executed(&answer, max_rows(statement.first_page))?;
    cluster.remember_key_argument(&statement.sql, executed.partition_argument);
    match executed.outcome {
        Outcome::UpdateCount(count) => {
            query.ended();
            Ok(SqlResult::UpdateCount(count))
        }
        Outcome::Error(error) => {
            query.ended();
            Err(limit.interpret(error))
        }
        Outcome::Rows { columns, page, infinite } => {
            let cancel = statement.cancel.clone();
            Ok(SqlResult::Rows(SqlRows::new(
                Arc::from(columns),
                page,
                infinite,
                query,
                statement.next_pages,
                cancel,
            )))
        }
    }
}

/// Where the statement runs, and its slot there.
async fn place(
    statement: &SqlStatement,
    member: Arc<Member>,
    limit: Limit,
) -> Result<(Place, OwnedSemaphorePermit)> {
    if statement.lookup {
        let slot = limit.slot(&member, true).await?;
        let connection = member.shared(statement.client.cluster());
        return Ok((Place::Shared(member, connection), slot));
    }
    let cursor = member.cursor(limit.queue_until()).await?;
    let slot = limit.slot(&member, false).await?;
    let lease = member.lease(&statement.client.cluster().settings, cursor).await?;
    Ok((Place::Leased(lease), slot))
}
