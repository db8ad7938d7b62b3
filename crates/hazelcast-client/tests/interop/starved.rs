//! A member runs executes, fetches and closes of SQL on as many threads as it has cores, and an execute whose first page
//! does not come holds its thread: when all are held, not even a close is looked at (protocol document, 4.8). What remains
//! is the connection: the member ends the queries of a client whose last connection is closed, on a thread of its own. So
//! every cursor has a connection, and a client uuid, of its own; a close that is not answered within a second is followed
//! by the end of that connection.

use std::time::{Duration, Instant};

use hazelcast_client::{Client, Error, SqlResult};

use crate::LIMIT;
use crate::java::Java;

/// The first page of a batch query is sent when it is full: this one never is.
const BLOCKED: &str = "SELECT v FROM TABLE(generate_stream(1)) WHERE v < 0 LIMIT 5";
/// After being cancelled: what this side waits for a close, and some time for a busy machine.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);

pub async fn queries_of_a_starved_member_can_be_stopped(java: &Java) {
    // More than a client lets run on a member unless it is told to: so that all threads can be taken.
    let client = java.builder().max_queries_per_member(64).connect_within(LIMIT).await.unwrap();
    let mut open =
        client.sql("SELECT v FROM TABLE(generate_stream(50))").execute().await.unwrap().rows().unwrap();
    assert!(open.next_page().await.unwrap().is_some());
    let mut blocked = Vec::new();
    while answers_within(&client, Duration::from_secs(1)).await {
        assert!(blocked.len() < 60, "the member's threads can't be taken");
        let statement = client.sql(BLOCKED);
        let handle = statement.cancel_handle();
        let executing = tokio::spawn(async move {
            match statement.execute().await {
                Ok(SqlResult::Rows(mut rows)) => rows.next_page().await.map(drop),
                other => other.map(drop),
            }
        });
        blocked.push((handle, executing));
    }

    // A cursor that was open before: nobody looks at its close, yet its rows end.
    let cancelled = Instant::now();
    open.cancel_handle().cancel();
    let ended = async {
        while open.next_page().await?.is_some() {}
        Ok::<_, Error>(())
    };
    let ended = tokio::time::timeout(STOPPED_WITHIN, ended).await.expect("it doesn't hang");
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");

    for (handle, executing) in blocked {
        handle.cancel();
        let ended = tokio::time::timeout(STOPPED_WITHIN, executing).await.expect("it doesn't hang").unwrap();
        assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    }
    // The threads are free again: the queries have ended in the cluster, too.
    while !answers_within(&client, Duration::from_secs(2)).await {
        assert!(cancelled.elapsed() < LIMIT, "the member has not stopped them");
    }
}

async fn answers_within(client: &Client, limit: Duration) -> bool {
    let asking = client.sql("SELECT 1").lookup(true).execute();
    tokio::time::timeout(limit, asking).await.is_ok_and(|answer| answer.is_ok())
}
