//! Futures that are dropped before they are ready: what they have begun in the cluster is taken back, or goes on to its end.

use std::sync::atomic::AtomicUsize;
use std::task::Poll;
use std::time::Instant;

use super::*;
use crate::error::Error;
use crate::{Backoff, Result};

/// Polls a future once, and drops it.
async fn give_up(future: impl Future) {
    let mut future = std::pin::pin!(future);
    let pending = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending()));
    assert!(pending.await, "it was ready");
}

/// The response of nothing, or of a uuid.
fn done(message_type: i32, uuid: Option<u128>) -> Vec<u8> {
    let mut answer = RequestBuilder::new(message_type + 1, 0);
    if let Some(uuid) = uuid {
        answer.uuid(Uuid::from_u128(uuid));
    }
    // The fields begin one byte after the correlation id and the number of backup acknowledgements.
    let mut bytes = answer.finish().as_bytes().to_vec();
    bytes.drain(6 + 13..6 + 16);
    bytes[0] -= 3;
    bytes
}

#[tokio::test]
async fn a_transaction_that_nobody_waits_for_is_rolled_back() {
    let script = |request: &Message| match request.message_type() {
        create @ types::TRANSACTION_CREATE => {
            Answer::Late(Duration::from_millis(50), vec![done(create, Some(5))])
        }
        rollback @ types::TRANSACTION_ROLLBACK => {
            assert_eq!(request.read().unwrap().0.uuid(16).unwrap(), Some(Uuid::from_u128(5)));
            Answer::Send(vec![done(rollback, None)])
        }
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    give_up(client.transaction().begin()).await;
    member.until(types::TRANSACTION_ROLLBACK, 1).await;
}

/// The connection is lost at the first attempt to unlock; the second one comes although nobody waits for it.
#[tokio::test]
async fn a_lock_is_given_back_whoever_waits() {
    let unlocks = AtomicUsize::new(0);
    let script = move |request: &Message| match request.message_type() {
        lock @ types::MAP_LOCK => Answer::Send(vec![done(lock, None)]),
        types::MAP_UNLOCK if unlocks.fetch_add(1, Ordering::Relaxed) == 0 => Answer::Close,
        unlock @ types::MAP_UNLOCK => Answer::Send(vec![done(unlock, None)]),
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let mut state = client.state();
    state.wait_for(|state| state.partition_count > 0).await.unwrap();
    let lock = client.map("m").lock(&1, None).await.unwrap();
    give_up(lock.unlock()).await;
    member.until(types::MAP_UNLOCK, 2).await;
}

#[tokio::test]
async fn a_query_is_closed_whoever_waits() {
    let script = |request: &Message| match request.message_type() {
        types::SQL_EXECUTE => Answer::Send(vec![recorded("streaming_execute")]),
        types::SQL_CLOSE => Answer::Nothing,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let rows = client.sql("SELECT v FROM TABLE(generate_stream(1))").execute().await.unwrap().rows().unwrap();
    give_up(rows.close()).await;
    // The member does not answer: the connection is closed then.
    let begun = Instant::now();
    while member.ended.lock().unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Settings and limits may be as large as they like.
#[tokio::test]
async fn the_largest_settings_are_no_panic() -> Result<()> {
    let script = |request: &Message| match request.message_type() {
        types::STATISTICS => Answer::Nothing,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let (ever, all) = (Duration::MAX, usize::MAX);
    let backoff = Backoff { initial: ever, max: ever, multiplier: f64::INFINITY, jitter: 1.0 };
    let client = member
        .builder()
        .max_queries_per_member(all)
        .max_lookups_per_member(all)
        .max_cursors_per_member(all)
        .shared_connections_per_member(all)
        .connect_timeout(ever)
        .invocation_timeout(ever)
        .heartbeat_interval(ever)
        .heartbeat_timeout(ever)
        .idle_connection_timeout(ever)
        .statistics_period(Some(ever))
        .failover_after(ever)
        .backoff(backoff)
        .connect()
        .await?;
    let rows =
        client.sql("SELECT 1").timeout(ever).cursor_buffer_size(u32::MAX, u32::MAX).execute().await?.rows();
    assert!(rows.expect("rows").next_page().await?.is_some());
    client.shutdown().await;
    assert!(matches!(client.sql("SELECT 1").execute().await, Err(Error::ClientClosed)));
    Ok(())
}

#[test]
fn without_a_runtime_a_client_is_an_error() {
    assert!(matches!(Client::builder().start(), Err(Error::InvalidArgument(_))));
}
