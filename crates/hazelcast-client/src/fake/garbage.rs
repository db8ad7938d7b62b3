//! Every message that the client knows, answered by nonsense: each operation ends with an answer or a typed error within its
//! time, no task panics, and the client goes on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::{Answer, FakeMember, Pieces, recorded, usual};
use crate::protocol::frame::{BEGIN, END, EVENT, FINAL, NULL, UNFRAGMENTED};
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::{
    Aggregator, Backoff, Client, CompactRecord, FieldKind, IndexConfig, IndexKind, Predicate, Projection,
    Result, ToData,
};

/// What operations may take.
const LIMIT: Duration = Duration::from_millis(300);
/// After so long something hangs, however busy the machine is.
const HANGS: Duration = Duration::from_secs(60);
/// How many operations are made at a time.
const AT_ONCE: usize = 96;

/// A response: its fixed part after the header, and its frames with their flags.
fn response(message_type: i32, fixed: &[u8], frames: &[(u16, &[u8])]) -> Vec<u8> {
    let first = [&message_type.to_le_bytes()[..], &[0; 9], fixed].concat();
    let mut all = vec![(UNFRAGMENTED, first.as_slice())];
    all.extend_from_slice(frames);
    let last = all.len() - 1;
    let frame = |(index, (flags, content)): (usize, &(u16, &[u8]))| {
        let flags = flags | if index == last { FINAL } else { 0 };
        let length = (content.len() + 6) as i32;
        [&length.to_le_bytes()[..], &flags.to_le_bytes(), content].concat()
    };
    all.iter().enumerate().flat_map(frame).collect()
}

/// What a member may say instead of the answer to a request.
fn shapes(request: i32) -> Vec<Answer> {
    let answer = request + 1;
    let send = |fixed: &[u8], frames: &[(u16, &[u8])]| Answer::Send(vec![response(answer, fixed, frames)]);
    let many = vec![0x7f; 64];
    let ones = [0xff; 64];
    // An array of two thousand million things.
    let huge = [&[0; 4][..], &(-16i32).to_be_bytes(), &i32::MAX.to_be_bytes(), &[1; 9]].concat();
    let deep: Vec<(u16, &[u8])> = (0..2000).map(|_| (BEGIN, &[][..])).collect();
    let list = |item: &[u8]| send(&[1; 40], &[(BEGIN, &[]), (0, item), (0, item), (END, &[]), (0, item)]);
    let page = recorded("paged_execute");
    let mut event = response(answer, &[1; 30], &[]);
    event[4..6].copy_from_slice(&(UNFRAGMENTED | FINAL | EVENT).to_le_bytes());
    let mut shapes = vec![
        send(&[], &[]),
        send(&many, &[]),
        send(&ones, &[(0, &ones), (0, &many)]),
        send(&[1; 40], &[(NULL, &[]), (NULL, &[]), (NULL, &[])]),
        send(&[0; 40], &[(BEGIN, &[]), (0, &[1, 2, 3])]),
        send(&[0; 40], &deep),
        send(&[1; 40], &[(END, &[]), (END, &[])]),
        list(&[]),
        list(&huge),
        list(&ones),
        Answer::Send(vec![response(0, &[], &[(BEGIN, &[]), (0, &ones), (0, &many)])]),
        Answer::Send(vec![page.clone()]),
        Answer::Send(vec![event]),
        // Broken frames: too short, too long, negative, cut.
        Answer::Raw([&10i32.to_le_bytes()[..], &0xe000u16.to_le_bytes(), &[0; 4]].concat()),
        Answer::Raw([&i32::MAX.to_le_bytes()[..], &0xc000u16.to_le_bytes(), &[0; 40]].concat()),
        Answer::Raw([&(-1i32).to_le_bytes()[..], &0xe000u16.to_le_bytes(), &[0; 40]].concat()),
        Answer::Raw(page[..page.len() / 2].to_vec()),
        Answer::Close,
    ];
    // The same each time: bytes of a recorded answer, a few of them changed.
    let mut state = u64::from(request.unsigned_abs()) * 2 + 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for name in ["paged_execute", "auth_ok", "map_contains_key"] {
        let mut bytes = recorded(name);
        bytes[6..10].copy_from_slice(&answer.to_le_bytes());
        for _ in 0..3 {
            let at = 18 + random() % (bytes.len() - 18).max(1);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random() as u8;
            }
        }
        shapes.push(Answer::Send(vec![bytes]));
    }
    shapes
}

/// Answers that let an operation come as far as the request that is meant.
fn well(request: &Message) -> Answer {
    let one = |fixed: &[u8], frames: &[(u16, &[u8])]| {
        Answer::Send(vec![response(request.message_type() + 1, fixed, frames)])
    };
    match request.message_type() {
        // Without partitions, so that they are asked for.
        types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM => {
            let mut bytes = recorded("auth_ok");
            bytes[6 + 54..6 + 62].copy_from_slice(&[0xff; 8]);
            Answer::Send(vec![bytes])
        }
        types::TRANSACTION_CREATE => one(&[[0; 9], [1; 9]].concat()[..17], &[]),
        types::SQL_FETCH => Answer::Send(vec![recorded("paged_fetch_last")]),
        types::ADD_CLUSTER_VIEW_LISTENER
        | types::TRIGGER_PARTITION_ASSIGNMENT
        | types::PING
        | types::SQL_CLOSE
        | types::SQL_EXECUTE => usual(request),
        // A listener's id, yes, nothing: whatever is asked.
        _ => one(&[[0; 9], [1; 9]].concat(), &[(NULL, &[])]),
    }
}

fn record() -> CompactRecord {
    CompactRecord::builder("garbage").field("a", FieldKind::Int32, 1).build().unwrap()
}

/// An operation that sends such a request.
async fn ask(client: &Client, request: i32) -> Result<()> {
    match request {
        types::CREATE_PROXY => client.create_object("s", "n").await,
        types::DESTROY_PROXY => client.destroy_object("s", "n").await,
        types::GET_DISTRIBUTED_OBJECTS => client.distributed_objects().await.map(drop),
        types::ADD_DISTRIBUTED_OBJECT_LISTENER | types::REMOVE_DISTRIBUTED_OBJECT_LISTENER => {
            let mut listener = client.object_listener();
            drop(tokio::time::timeout(LIMIT, listener.next_event()).await);
            Ok(())
        }
        types::SEND_SCHEMA => client.to_data(&record()).await.map(drop),
        types::FETCH_SCHEMA => client.compact_record(&record().to_data()?).await.map(drop),
        types::SQL_EXECUTE | types::SQL_FETCH | types::SQL_CLOSE => {
            let mut rows = client.sql("SELECT 1").timeout(LIMIT).execute().await?.rows();
            while let Some(rows) = &mut rows
                && rows.next_page().await?.is_some()
                && request != types::SQL_CLOSE
            {}
            Ok(())
        }
        types::SQL_MAPPING_DDL => client.suggested_mapping("m").await.map(drop),
        types::MC_GET_MAP_CONFIG => client.map_configuration("m").await.map(drop),
        types::MC_GET_TIMED_MEMBER_STATE => {
            let states = client.member_states().await;
            states.into_iter().try_for_each(|(_, state)| state.map(drop))
        }
        types::MC_READ_METRICS => {
            let metrics = client.member_metrics(&["map"]).await;
            metrics.into_iter().try_for_each(|(_, metrics)| metrics.map(drop))
        }
        types::JET_GET_JOB_AND_SQL_SUMMARY_LIST => client.jobs().await.map(drop),
        0x0e_0000..0x16_0000 => transaction(client, request).await,
        0x01_0000..0x02_0000 => map(client, request).await,
        // What is sent without being asked for: by then it has been.
        _ => {
            tokio::time::sleep(LIMIT).await;
            Ok(())
        }
    }
}

async fn map(client: &Client, request: i32) -> Result<()> {
    let (map, one) = (client.map("m"), 1.to_data()?);
    let all = Predicate::constant(true);
    let (count, first) = (Aggregator::count(), Projection::attribute("a"));
    match request {
        types::MAP_PUT => map.put(&1, &1, None).await.map(drop),
        types::MAP_PUT_WITH_MAX_IDLE => map.put(&1, &1, idle()).await.map(drop),
        types::MAP_GET => map.get(&1).await.map(drop),
        types::MAP_REMOVE => map.remove(&1).await.map(drop),
        types::MAP_REPLACE => map.replace(&1, &1).await.map(drop),
        types::MAP_REPLACE_IF_SAME => map.replace_if_same(&1, &1, &1).await.map(drop),
        types::MAP_CONTAINS_KEY => map.contains_key(&1).await.map(drop),
        types::MAP_CONTAINS_VALUE => map.contains_value(&1).await.map(drop),
        types::MAP_REMOVE_IF_SAME => map.remove_if_same(&1, &1).await.map(drop),
        types::MAP_DELETE => map.delete(&1).await,
        types::MAP_FLUSH => map.flush().await,
        types::MAP_TRY_REMOVE => map.try_remove(&1, LIMIT).await.map(drop),
        types::MAP_TRY_PUT => map.try_put(&1, &1, LIMIT).await.map(drop),
        types::MAP_PUT_TRANSIENT => map.put_transient(&1, &1, None).await,
        types::MAP_PUT_TRANSIENT_WITH_MAX_IDLE => map.put_transient(&1, &1, idle()).await,
        types::MAP_PUT_IF_ABSENT => map.put_if_absent(&1, &1, None).await.map(drop),
        types::MAP_PUT_IF_ABSENT_WITH_MAX_IDLE => map.put_if_absent(&1, &1, idle()).await.map(drop),
        types::MAP_SET => map.set(&1, &1, None).await,
        types::MAP_SET_WITH_MAX_IDLE => map.set(&1, &1, idle()).await,
        types::MAP_SET_TTL => map.set_ttl(&1, None).await.map(drop),
        // Waits as long as it takes, by its own rules.
        types::MAP_LOCK => drop_late(map.lock(&1, None)).await,
        types::MAP_TRY_LOCK => map.try_lock(&1, LIMIT, None).await.map(drop),
        types::MAP_IS_LOCKED => map.is_locked(&1).await.map(drop),
        types::MAP_UNLOCK => map.unlock(&1).await,
        types::MAP_FORCE_UNLOCK => map.force_unlock(&1).await,
        types::MAP_ADD_INTERCEPTOR => map.add_interceptor(&one).await.map(drop),
        types::MAP_REMOVE_INTERCEPTOR => map.remove_interceptor("a").await.map(drop),
        types::MAP_GET_ENTRY_VIEW => map.entry_view(&1).await.map(drop),
        types::MAP_EVICT => map.evict(&1).await.map(drop),
        types::MAP_EVICT_ALL => map.evict_all().await,
        types::MAP_LOAD_ALL => map.load_all(None, true).await,
        types::MAP_LOAD_GIVEN_KEYS => map.load_all(Some(&[one]), true).await,
        types::MAP_KEY_SET => map.key_set().await.map(drop),
        types::MAP_GET_ALL => map.get_all(&[1, 2]).await.map(drop),
        types::MAP_VALUES => map.values().await.map(drop),
        types::MAP_ENTRY_SET => map.entry_set().await.map(drop),
        types::MAP_KEY_SET_WITH_PREDICATE => map.keys_where(&all).await.map(drop),
        types::MAP_VALUES_WITH_PREDICATE => map.values_where(&all).await.map(drop),
        types::MAP_ENTRIES_WITH_PREDICATE => map.entries_where(&all).await.map(drop),
        types::MAP_ADD_INDEX => map.add_index(&IndexConfig::new(IndexKind::Hash, ["a"])).await,
        types::MAP_SIZE => map.size().await.map(drop),
        types::MAP_IS_EMPTY => map.is_empty().await.map(drop),
        types::MAP_PUT_ALL => map.put_all(&[(1, 1), (2, 2)]).await,
        types::MAP_CLEAR => map.clear().await,
        types::MAP_EXECUTE_ON_KEY => map.execute_on_key(&1, &one).await.map(drop),
        types::MAP_EXECUTE_ON_ALL_KEYS => map.execute_on_all(&one).await.map(drop),
        types::MAP_EXECUTE_WITH_PREDICATE => map.execute_where(&all, &one).await.map(drop),
        types::MAP_EXECUTE_ON_KEYS => map.execute_on_keys(&[1], &one).await.map(drop),
        types::MAP_KEY_SET_WITH_PAGING_PREDICATE => map.pages(2).next_keys().await.map(drop),
        types::MAP_VALUES_WITH_PAGING_PREDICATE => map.pages(2).next_values().await.map(drop),
        types::MAP_ENTRIES_WITH_PAGING_PREDICATE => map.pages(2).next_entries().await.map(drop),
        types::MAP_AGGREGATE => map.aggregate(&count).await.map(drop),
        types::MAP_AGGREGATE_WITH_PREDICATE => map.aggregate_where(&count, &all).await.map(drop),
        types::MAP_PROJECT => map.project(&first).await.map(drop),
        types::MAP_PROJECT_WITH_PREDICATE => map.project_where(&first, &all).await.map(drop),
        types::MAP_REMOVE_ALL => map.remove_where(&all).await,
        _ => {
            let mut listener = map.entry_listener();
            if matches!(
                request,
                types::MAP_ADD_ENTRY_LISTENER_TO_KEY | types::MAP_ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE
            ) {
                listener = listener.key(&1)?;
            }
            if matches!(
                request,
                types::MAP_ADD_ENTRY_LISTENER_WITH_PREDICATE
                    | types::MAP_ADD_ENTRY_LISTENER_TO_KEY_WITH_PREDICATE
            ) {
                listener = listener.filter(&all)?;
            }
            drop(tokio::time::timeout(LIMIT, listener.start().next_event()).await);
            // The listener is removed by a task.
            tokio::time::sleep(LIMIT).await;
            Ok(())
        }
    }
}

fn idle() -> crate::Expiry {
    crate::Expiry::never().idle(Duration::from_secs(9))
}

async fn drop_late<T>(operation: impl Future<Output = Result<T>>) -> Result<()> {
    tokio::time::timeout(LIMIT, operation).await.map_or(Ok(()), |result| result.map(drop))
}

async fn transaction(client: &Client, request: i32) -> Result<()> {
    let transaction = client.transaction().timeout(Duration::from_secs(1)).begin().await?;
    if request == types::TRANSACTION_COMMIT {
        return transaction.commit().await;
    }
    let map = transaction.map("m");
    let all = Predicate::constant(true);
    match request {
        types::TRANSACTIONAL_MAP_CONTAINS_KEY => map.contains_key(&1).await.map(drop),
        types::TRANSACTIONAL_MAP_GET => map.get(&1).await.map(drop),
        types::TRANSACTIONAL_MAP_GET_FOR_UPDATE => map.get_for_update(&1).await.map(drop),
        types::TRANSACTIONAL_MAP_SIZE => map.size().await.map(drop),
        types::TRANSACTIONAL_MAP_IS_EMPTY => map.is_empty().await.map(drop),
        types::TRANSACTIONAL_MAP_PUT => map.put(&1, &1, None).await.map(drop),
        types::TRANSACTIONAL_MAP_SET => map.set(&1, &1).await,
        types::TRANSACTIONAL_MAP_PUT_IF_ABSENT => map.put_if_absent(&1, &1).await.map(drop),
        types::TRANSACTIONAL_MAP_REPLACE => map.replace(&1, &1).await.map(drop),
        types::TRANSACTIONAL_MAP_REPLACE_IF_SAME => map.replace_if_same(&1, &1, &1).await.map(drop),
        types::TRANSACTIONAL_MAP_REMOVE => map.remove(&1).await.map(drop),
        types::TRANSACTIONAL_MAP_DELETE => map.delete(&1).await,
        types::TRANSACTIONAL_MAP_REMOVE_IF_SAME => map.remove_if_same(&1, &1).await.map(drop),
        types::TRANSACTIONAL_MAP_KEY_SET => map.key_set().await.map(drop),
        types::TRANSACTIONAL_MAP_KEY_SET_WITH_PREDICATE => map.keys_where(&all).await.map(drop),
        types::TRANSACTIONAL_MAP_VALUES => map.values().await.map(drop),
        types::TRANSACTIONAL_MAP_VALUES_WITH_PREDICATE => map.values_where(&all).await.map(drop),
        _ => Ok(()),
    }?;
    drop(map);
    transaction.rollback().await
}

/// One kind of request, answered by one kind of nonsense until the operation is over.
async fn survives(request: i32, answer: Answer) {
    let nonsense = Arc::new(AtomicBool::new(true));
    let talks = Arc::clone(&nonsense);
    let script = move |asked: &Message| match asked.message_type() {
        asked if asked == request && talks.load(Ordering::Relaxed) => answer.clone(),
        _ => well(asked),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let backoff =
        Backoff { initial: Duration::from_millis(20), max: Duration::from_millis(50), ..Backoff::default() };
    let builder = member.builder().backoff(backoff).invocation_timeout(LIMIT);
    let builder = match request {
        types::AUTHENTICATION_CUSTOM => builder.credentials(crate::Credentials::Token(vec![1])),
        types::PING => builder.heartbeat_interval(LIMIT / 4),
        types::STATISTICS => builder.statistics_period(Some(LIMIT / 3)),
        _ => builder,
    };
    let client = builder.start().unwrap();
    let connecting = matches!(
        request,
        types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM | types::ADD_CLUSTER_VIEW_LISTENER
    );
    let limit = if connecting { LIMIT } else { HANGS };
    let connected = client.wait_until_connected(limit).await;
    assert!(connected.is_ok() || connecting, "{request:#x}: {connected:?}");
    let begun = Instant::now();
    loop {
        let ended = tokio::time::timeout(HANGS, ask(&client, request)).await;
        assert!(ended.is_ok(), "{request:#x} hangs");
        // A busy machine may have lost a connection before.
        if member.count(request) > 0 {
            break;
        }
        assert!(begun.elapsed() < HANGS, "{request:#x} was not sent: {ended:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    nonsense.store(false, Ordering::Relaxed);
    works_again(&client, request).await;
}

/// An ordinary statement is answered, soon.
async fn works_again(client: &Client, after: i32) {
    let begun = Instant::now();
    while let Err(error) = client.sql("SELECT 1").timeout(LIMIT).execute().await {
        if matches!(client.state().borrow().status, crate::ClientStatus::Failed(_)) {
            // A refusal at the very beginning is final.
            assert!(after & !0xff <= types::AUTHENTICATION_CUSTOM, "{after:#x}: {error:?}");
            return;
        }
        assert!(begun.elapsed() < HANGS, "after {after:#x} nothing works any more: {error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Panics of this crate's own code, wherever they arise: tasks keep theirs to themselves.
fn count_panics() -> Arc<AtomicUsize> {
    static COUNT: Mutex<Option<Arc<AtomicUsize>>> = Mutex::new(None);
    let count = Arc::<AtomicUsize>::default();
    *COUNT.lock().unwrap() = Some(Arc::clone(&count));
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let ours = |file: &str| {
            file.contains("hazelcast-client/src/") && !file.contains("/fake/") && !file.contains("tests.rs")
        };
        if info.location().is_some_and(|place| ours(place.file()))
            && let Ok(Some(count)) = COUNT.lock().as_deref()
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
        usual(info);
    }));
    count
}

#[tokio::test]
async fn every_message_may_be_answered_by_nonsense() {
    let panics = count_panics();
    let requests = types::ALL.iter().map(|(code, _)| *code).filter(|code| code & 0xff == 0 && *code != 0);
    let cases: Vec<(i32, Answer)> =
        requests.flat_map(|request| shapes(request).into_iter().map(move |shape| (request, shape))).collect();
    assert!(cases.len() > 1500, "{}", cases.len());
    let mut cases = cases.into_iter().peekable();
    while cases.peek().is_some() {
        join_all(cases.by_ref().take(AT_ONCE).map(|(request, shape)| survives(request, shape))).await;
    }
    assert_eq!(panics.load(Ordering::Relaxed), 0);
}

/// Events of every kind with every nonsense in them: they are passed over, and the connection goes on.
#[tokio::test]
async fn events_may_be_nonsense() {
    let events = types::ALL.iter().map(|(code, _)| *code).filter(|code| code & 0xff > 1);
    let listeners: Vec<i32> = events.chain((0x16..0x1a).map(|method| 0x01_0002 | method << 8)).collect();
    for event in listeners {
        let shapes = shapes(event - 1).into_iter().filter_map(|shape| match shape {
            Answer::Send(messages) => Some(messages),
            _ => None,
        });
        let mut noise: Vec<Vec<u8>> = shapes.flatten().collect();
        noise.iter_mut().for_each(|message| message[5] |= (EVENT >> 8) as u8);
        let script = move |request: &Message| {
            let mut answers = noise.clone();
            match (request.message_type(), well(request)) {
                (asked, Answer::Send(good)) if asked == event & !0xff => {
                    answers.extend(good);
                    Answer::Send(answers)
                }
                (_, good) => good,
            }
        };
        let member = FakeMember::start(script, Pieces::Whole).await;
        let client = member.client().await;
        drop(tokio::time::timeout(HANGS, ask(&client, event & !0xff)).await.expect("no hang"));
        works_again(&client, event).await;
    }
}

/// That the answers that are right are right: otherwise nothing above would come as far as it should.
#[tokio::test]
async fn without_nonsense_operations_are_answered() {
    let member = FakeMember::start(well, Pieces::Whole).await;
    let client = member.client().await;
    for request in [
        types::MAP_SET,
        types::MAP_PUT,
        types::MAP_CONTAINS_KEY,
        types::SQL_EXECUTE,
        types::TRANSACTION_COMMIT,
    ] {
        assert!(ask(&client, request).await.is_ok(), "{request:#x}");
        assert!(member.count(request) > 0, "{request:#x}");
    }
}
