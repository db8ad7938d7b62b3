//! Exchanges with a member that is cut to pieces, slow, silent, wrong or hostile.

use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use super::members::{all_connected, key, two_members};
use super::*;
use crate::config::Credentials;
use crate::error::{AuthenticationStatus, Error, Result};
use crate::protocol::frame::{Fixed, Frames};
use crate::{Page, SqlRows};

const PATIENCE: Duration = Duration::from_secs(60);

/// Execute and two fetches: rows 1 to 10.
fn three_pages() -> impl Fn(&Message) -> Answer + Send + Sync + 'static {
    let fetches = AtomicUsize::new(0);
    move |request| match request.message_type() {
        types::SQL_FETCH if fetches.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => {
            Answer::Send(vec![recorded("paged_fetch")])
        }
        types::SQL_FETCH => Answer::Send(vec![recorded("paged_fetch_last")]),
        _ => usual(request),
    }
}

async fn rows(client: &Client) -> Result<SqlRows> {
    Ok(client.sql("SELECT v FROM TABLE(generate_series(1, 10))").execute().await?.rows().unwrap())
}

fn values(page: &Page) -> Vec<i32> {
    (0..page.rows()).map(|row| page.i32(row, 0).unwrap()).collect()
}

async fn all_values(client: &Client) -> Result<Vec<i32>> {
    let mut rows = rows(client).await?;
    let mut all = Vec::new();
    while let Some(page) = rows.next_page().await? {
        all.extend(values(&page));
    }
    Ok(all)
}

async fn exchange(pieces: Pieces) {
    let member = FakeMember::start(three_pages(), pieces).await;
    let client = member.client().await;
    assert_eq!(all_values(&client).await.unwrap(), (1..=10).collect::<Vec<_>>());
    let mut state = client.state();
    let known =
        state.wait_for(|state| !state.members.is_empty() && !state.connected.is_empty()).await.unwrap();
    assert_eq!(known.partition_count, 271);
}

#[tokio::test]
async fn answers_cut_at_every_byte() {
    let longest = ["auth_ok", "paged_execute"].iter().map(|name| recorded(name).len()).max().unwrap();
    let events: usize = recorded_events().iter().map(Vec::len).sum();
    let longest = longest.max(events + 19);
    assert!(longest > 1000, "{longest}");
    for cuts in (1..longest).collect::<Vec<_>>().chunks(40) {
        let exchanges = cuts.iter().map(|at| tokio::time::timeout(PATIENCE, exchange(Pieces::CutAt(*at))));
        for (at, done) in cuts.iter().zip(futures::future::join_all(exchanges).await) {
            done.unwrap_or_else(|_| panic!("cut at {at}"));
        }
    }
}

#[tokio::test]
async fn answers_byte_by_byte() {
    tokio::time::timeout(PATIENCE, exchange(Pieces::EachByte)).await.unwrap();
}

#[tokio::test]
async fn one_page_is_asked_for_ahead_and_never_two() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&under_way);
    let pages = three_pages();
    let script = move |request: &Message| match (request.message_type(), pages(request)) {
        (types::SQL_FETCH, Answer::Send(messages)) => {
            assert_eq!(counted.fetch_add(1, Ordering::SeqCst), 0, "two fetches under way");
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(25)).await;
                counted.fetch_sub(1, Ordering::SeqCst);
            });
            Answer::Late(Duration::from_millis(30), messages)
        }
        (_, answer) => answer,
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let mut rows = rows(&client).await.unwrap();
    // Nobody has asked for a page yet.
    member.until(types::SQL_FETCH, 1).await;
    assert_eq!(values(&rows.next_page().await.unwrap().unwrap()), [1, 2, 3, 4]);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(member.count(types::SQL_FETCH), 1, "the page that is here was not read yet");
    assert_eq!(values(&rows.next_page().await.unwrap().unwrap()), [5, 6, 7, 8]);
    member.until(types::SQL_FETCH, 2).await;
    assert_eq!(values(&rows.next_page().await.unwrap().unwrap()), [9, 10]);
    assert!(rows.next_page().await.unwrap().is_none());
    drop(rows);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((member.count(types::SQL_FETCH), member.count(types::SQL_CLOSE)), (2, 0));
}

#[tokio::test]
async fn nothing_is_asked_for_ahead_on_a_streaming_query() {
    let script = |request: &Message| match request.message_type() {
        types::SQL_EXECUTE => Answer::Send(vec![recorded("streaming_execute")]),
        types::SQL_FETCH => Answer::Send(vec![recorded("streaming_fetch")]),
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let mut rows = rows(&client).await.unwrap();
    assert!(rows.is_infinite());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(member.count(types::SQL_FETCH), 0);
    // The empty page of the execute is passed over.
    assert_eq!(rows.next_page().await.unwrap().unwrap().i64(0, 0), Some(0));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(member.count(types::SQL_FETCH), 1);
    drop(rows);
    member.until(types::SQL_CLOSE, 1).await;
}

/// With and without a fetch under way.
#[tokio::test]
async fn a_query_that_is_not_closed_loses_its_connection() {
    for execute in ["paged_execute", "streaming_execute"] {
        let script = move |request: &Message| match request.message_type() {
            types::SQL_EXECUTE => Answer::Send(vec![recorded(execute)]),
            types::SQL_FETCH | types::SQL_CLOSE => Answer::Nothing,
            _ => usual(request),
        };
        let member = FakeMember::start(script, Pieces::Whole).await;
        let client = member.client().await;
        drop(rows(&client).await.unwrap());
        member.until(types::SQL_CLOSE, 1).await;
        let waiting = async {
            while member.ended.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("the query's connection is closed");
        // Its own, not the shared one.
        assert_eq!(*member.ended.lock().unwrap(), [1]);
        assert!(client.state().borrow().is_connected());
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let member = FakeMember::start(three_pages(), Pieces::Whole).await;
    let client = member.client().await;
    for _ in 0..5 {
        all_values(&client).await.unwrap();
    }
    assert_eq!(member.count(types::AUTHENTICATION), 2, "one shared connection and one of the pool");
    // A query that was closed properly leaves its connection usable, too.
    drop(rows(&client).await.unwrap());
    member.until(types::SQL_CLOSE, 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    all_values(&client).await.unwrap();
    assert_eq!(member.count(types::AUTHENTICATION), 2);
}

#[tokio::test]
async fn a_silent_member_is_a_timeout() {
    let script = |request: &Message| match request.message_type() {
        types::SQL_EXECUTE => Answer::Nothing,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let started = Instant::now();
    let result = client.sql("SELECT 1").timeout(Duration::from_millis(100)).execute().await;
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
    assert!(started.elapsed() < Duration::from_secs(4));
    let result = client.sql("SELECT 1").local_timeout(Duration::from_millis(100)).execute().await;
    assert!(matches!(result, Err(Error::Timeout { .. })), "{result:?}");
}

#[tokio::test]
async fn slots_are_held_until_the_member_answers() {
    // Longer than a query is given to close.
    let late = Duration::from_millis(1600);
    let script = move |request: &Message| match request.message_type() {
        types::SQL_EXECUTE => Answer::Late(late, vec![recorded("select_empty")]),
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.builder().max_lookups_per_member(1).connect_within(PATIENCE).await.unwrap();
    // The first gives up, but the member is still at it: the second waits for its turn.
    let first = client.sql("SELECT 1").lookup(true).execute();
    assert!(tokio::time::timeout(Duration::from_millis(50), first).await.is_err());
    let started = Instant::now();
    assert!(client.sql("SELECT 2").lookup(true).execute().await.is_ok());
    assert!(started.elapsed() > late * 2 - Duration::from_millis(100), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_member_without_signs_of_life_is_given_up() {
    let script = |request: &Message| match request.message_type() {
        types::PING | types::SQL_EXECUTE => Answer::Nothing,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member
        .builder()
        .heartbeat_interval(Duration::from_millis(50))
        .heartbeat_timeout(Duration::from_millis(300))
        .connect_within(PATIENCE)
        .await
        .unwrap();
    let result =
        tokio::time::timeout(Duration::from_secs(3), client.sql("SELECT 1").execute()).await.unwrap();
    assert!(matches!(result, Err(Error::ConnectionLost { sent: true, .. })), "{result:?}");
    assert!(!result.unwrap_err().is_retryable());
}

#[tokio::test]
async fn a_lost_member_comes_back() {
    let executes = AtomicUsize::new(0);
    let script = move |request: &Message| match request.message_type() {
        types::SQL_EXECUTE if executes.fetch_add(1, Ordering::Relaxed) == 0 => Answer::Close,
        types::SQL_FETCH => Answer::Send(vec![recorded("paged_fetch_last")]),
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let result = client.sql("SELECT 1").lookup(true).execute().await;
    assert!(matches!(result, Err(Error::ConnectionLost { sent: true, .. })), "{result:?}");
    let mut state = client.state();
    let _ = tokio::time::timeout(Duration::from_secs(1), state.wait_for(|state| !state.is_connected())).await;
    client.wait_until_connected(PATIENCE).await.unwrap();
    assert!(all_values(&client).await.is_ok());
}

/// A member that is lost at the first execute, whoever sends it.
fn lost_once() -> impl Fn(&Message) -> Answer + Send + Sync + 'static {
    let executes = AtomicUsize::new(0);
    move |request| match request.message_type() {
        types::SQL_EXECUTE if executes.fetch_add(1, Ordering::Relaxed) == 0 => Answer::Close,
        types::SQL_FETCH => Answer::Send(vec![recorded("paged_fetch_last")]),
        _ => usual(request),
    }
}

#[tokio::test]
async fn statements_that_read_are_begun_again_and_others_are_not() {
    for (lookup, expected) in [(true, "Rows"), (false, "Rows"), (true, "Any"), (false, "UpdateCount")] {
        let member = FakeMember::start(lost_once(), Pieces::Whole).await;
        let client = member.client().await;
        let statement = client.sql("SELECT 1").lookup(lookup);
        let statement = match expected {
            "Rows" => statement.expected_result(crate::ExpectedResult::Rows),
            "Any" => statement,
            _ => statement.expected_result(crate::ExpectedResult::UpdateCount),
        };
        let result = tokio::time::timeout(PATIENCE, statement.execute()).await.unwrap();
        if expected == "Rows" {
            assert!(result.is_ok(), "{result:?}");
            assert_eq!(member.count(types::SQL_EXECUTE), 2);
        } else {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::ConnectionLost { sent: true, .. }), "{error:?}");
            assert!(error.may_have_been_done());
            assert_eq!(member.count(types::SQL_EXECUTE), 1);
        }
    }
}

#[tokio::test]
async fn the_next_cluster_is_used_when_one_is_lost_or_excludes_the_client() {
    let blue = FakeMember::start(lost_once(), Pieces::Whole).await;
    let excluded = |request: &Message| {
        assert_eq!(request.message_type(), types::AUTHENTICATION);
        let mut answer = recorded("auth_wrong_cluster");
        answer[6 + 13] = 3;
        Answer::Send(vec![answer])
    };
    let closed = FakeMember::start(excluded, Pieces::Whole).await;
    let green = FakeMember::start(usual, Pieces::Whole).await;
    // The first isn't there any more after its loss, the second excludes this client: the third takes it.
    let at = |address: &str| crate::ClusterConfig::new("dev").address(address);
    let client = blue
        .builder()
        .failover(at(&closed.address))
        .failover(at(&green.address))
        .failover_after(Duration::from_millis(50))
        .connect_within(PATIENCE)
        .await
        .unwrap();
    assert_eq!((closed.count(types::AUTHENTICATION), green.count(types::AUTHENTICATION)), (0, 0));
    blue.refuse();
    assert!(client.sql("SELECT 1").lookup(true).execute().await.is_err());
    let mut state = client.state();
    tokio::time::timeout(PATIENCE, state.wait_for(|state| !state.is_connected())).await.unwrap().unwrap();
    client.wait_until_connected(PATIENCE).await.unwrap();
    assert!(closed.count(types::AUTHENTICATION) >= 1 && green.count(types::AUTHENTICATION) >= 1);
    assert!(client.sql("SELECT 1").execute().await.is_ok());
}

#[tokio::test]
async fn members_are_reached_where_their_addresses_lead_to() {
    let (first, second) = two_members().await;
    // What members tell is wrong for this client: each is behind a port of another number.
    let ports = [(1001, first.address.clone()), (1002, second.address.clone())];
    let uuids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let listed =
        views(&[Listed::new(uuids[0], "10.0.0.1:1001"), Listed::new(uuids[1], "10.0.0.2:1002")], |_| 0);
    let member = FakeMember::start(
        move |request: &Message| match request.message_type() {
            types::AUTHENTICATION => Answer::Send(vec![auth_of(uuids[0])]),
            types::ADD_CLUSTER_VIEW_LISTENER => {
                let mut messages = listed.clone();
                messages.push(recorded("cluster_view_listener"));
                Answer::Send(messages)
            }
            _ => usual(request),
        },
        Pieces::Whole,
    )
    .await;
    let client = member
        .builder()
        .translate_addresses(move |told| {
            let (_, real) = ports.iter().find(|(port, _)| *port == told.port)?;
            let (host, port) = real.split_once(':')?;
            Some(crate::Address { host: host.to_owned(), port: port.parse().ok()? })
        })
        .connect_within(PATIENCE)
        .await
        .unwrap();
    all_connected(&client, 2).await;
    assert_eq!(second.count(types::AUTHENTICATION), 1);
    assert_eq!(client.state().borrow().members[1].address.to_string(), "10.0.0.2:1002");
}

#[tokio::test]
async fn a_refusal_is_final_and_says_why() {
    let refuse = |request: &Message| {
        assert_eq!(request.message_type(), types::AUTHENTICATION);
        Answer::Send(vec![recorded("auth_wrong_cluster")])
    };
    let member = FakeMember::start(refuse, Pieces::Whole).await;
    let error = member.builder().connect_within(PATIENCE).await.unwrap_err();
    let status = AuthenticationStatus::CredentialsFailed;
    assert!(matches!(&error, Error::Authentication { status: found, .. } if *found == status), "{error:?}");
    assert!(error.to_string().contains("wrong cluster name or wrong credentials"));
}

#[tokio::test]
async fn credentials_are_sent() {
    let script = |request: &Message| {
        let (_, mut frames) = request.read().unwrap();
        let accepted = match request.message_type() {
            types::AUTHENTICATION_CUSTOM => {
                frames.str().unwrap() == "dev" && frames.value().unwrap().content == b"token"
            }
            types::AUTHENTICATION => {
                let texts: Vec<_> = (0..3).map(|_| Frames::nullable_string(&mut frames).unwrap()).collect();
                texts == [Some("dev".to_string()), Some("admin".to_string()), Some("secret".to_string())]
            }
            _ => true,
        };
        if accepted { usual(request) } else { Answer::Send(vec![recorded("auth_wrong_cluster")]) }
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let login = |password: &str| Credentials::UsernamePassword {
        username: "admin".to_string(),
        password: password.to_string(),
    };
    for (credentials, right) in [
        (login("secret"), true),
        (login("guess"), false),
        (Credentials::None, false),
        (Credentials::Token(b"token".to_vec()), true),
        (Credentials::Token(b"wrong".to_vec()), false),
    ] {
        let result = member.builder().credentials(credentials).connect_within(PATIENCE).await;
        assert_eq!(result.is_ok(), right, "{result:?}");
    }
}

#[tokio::test]
async fn hostile_answers_end_in_errors() {
    let page = recorded("paged_execute");
    let mut short = page.clone();
    short[0] = 3;
    let mut long = page.clone();
    long[..4].copy_from_slice(&i32::MAX.to_le_bytes());
    let mut negative = page.clone();
    negative[..4].copy_from_slice(&(-1i32).to_le_bytes());
    let endless = [vec![0xff; 300], page.clone()].concat();
    // The number of rows of the column, beyond what the frame has.
    let count = page.windows(5).position(|window| window == [2, 4, 0, 0, 0]).unwrap() + 1;
    let mut rows = page.clone();
    rows[count..count + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    let garbage = [Answer::Raw(short), Answer::Raw(long), Answer::Raw(negative), Answer::Raw(endless)];
    for answer in garbage.into_iter().chain([Answer::Send(vec![rows]), Answer::Close]) {
        let script = move |request: &Message| match request.message_type() {
            types::SQL_EXECUTE => answer.clone(),
            _ => usual(request),
        };
        let member = FakeMember::start(script, Pieces::Whole).await;
        let client = member.client().await;
        let result =
            tokio::time::timeout(Duration::from_secs(5), client.sql("SELECT 1").execute()).await.unwrap();
        let error = result.unwrap_err();
        assert!(matches!(error, Error::ConnectionLost { sent: true, .. } | Error::Protocol(_)), "{error:?}");
    }
}

#[tokio::test]
async fn other_protocols_are_recognised() {
    for (bytes, text) in [(&b"HZX"[..], "not for clients"), (&[0x15, 3, 3, 0, 2, 2, 70], "expects TLS")] {
        let member = FakeMember::start(move |_: &Message| Answer::Raw(bytes.to_vec()), Pieces::Whole).await;
        let error = member.builder().connect_within(Duration::from_secs(1)).await.unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[tokio::test]
async fn an_execute_says_what_was_asked() {
    let pages = three_pages();
    let script = move |request: &Message| {
        let (fixed, mut frames): (Fixed<'_>, Frames<'_>) = request.read().unwrap();
        match request.message_type() {
            types::SQL_EXECUTE => {
                assert!((1..=30_000).contains(&fixed.i64(16).unwrap()));
                assert_eq!((fixed.i32(24).unwrap(), fixed.u8(28).unwrap()), (7, 1));
                assert_eq!(frames.str().unwrap(), "SELECT ?");
                let arguments = frames.list(|frames| Ok(frames.value()?.content.to_vec())).unwrap();
                assert_eq!(arguments, [key(1).as_bytes()]);
                assert_eq!(frames.nullable_string().unwrap().as_deref(), Some("partitioned"));
            }
            types::SQL_FETCH => assert_eq!(fixed.i32(16).unwrap(), 9),
            _ => {}
        }
        pages(request)
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let statement = member.client().await.sql("SELECT ?").arg(1).timeout(Duration::from_secs(30));
    let statement = statement.cursor_buffer_size(7, 9).expected_result(crate::ExpectedResult::Rows);
    let mut rows = statement.schema("partitioned").execute().await.unwrap().rows().unwrap();
    while rows.next_page().await.unwrap().is_some() {}
    assert_eq!((member.count(types::SQL_EXECUTE), member.count(types::SQL_FETCH)), (1, 2));
}

#[tokio::test]
async fn a_shutdown_ends_everything() {
    let script = |request: &Message| match request.message_type() {
        types::SQL_EXECUTE => Answer::Nothing,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let statement = client.sql("SELECT 1");
    let executing = tokio::spawn(statement.execute());
    member.until(types::SQL_EXECUTE, 1).await;
    tokio::time::timeout(PATIENCE, client.shutdown()).await.unwrap();
    let error = tokio::time::timeout(PATIENCE, executing).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error:?}");
    let error = client.sql("SELECT 1").execute().await.unwrap_err();
    assert!(matches!(error, Error::ClientClosed), "{error:?}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(member.ended.lock().unwrap().len(), 2, "no socket is left");
}

#[tokio::test]
async fn the_last_clone_closes_the_connections() {
    let member = FakeMember::start(usual, Pieces::Whole).await;
    let client = member.client().await;
    let other = client.clone();
    drop(client);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(member.ended.lock().unwrap().is_empty());
    drop(other);
    let waiting = async {
        while member.ended.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the connection is closed");
}

/// The answer to the registration of a listener.
fn registered() -> Vec<u8> {
    let mut answer = RequestBuilder::new(types::MAP_ADD_ENTRY_LISTENER + 1, 0);
    answer.uuid(Uuid::from_u128(7));
    // The registration begins one byte after the number of backup acknowledgements.
    let mut bytes = answer.finish().as_bytes().to_vec();
    bytes.drain(6 + 13..6 + 16);
    bytes[0] -= 3;
    bytes
}

#[tokio::test]
async fn listeners_leave_nothing_behind() {
    let script = |request: &Message| match request.message_type() {
        types::MAP_ADD_ENTRY_LISTENER => Answer::Late(Duration::from_millis(20), vec![registered()]),
        types::MAP_REMOVE_ENTRY_LISTENER => Answer::Send(vec![registered()]),
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let map = client.map("m");
    let connection = Arc::clone(&client.cluster().any_member().unwrap().connection);
    map.listen(false).next_event().await.unwrap();
    // Some are left before the cluster has answered, some after.
    for wait in [0, 1, 5, 40, 0, 10, 60] {
        let events = map.listen(false);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        drop(events);
    }
    let nothing_left = async {
        // The view of the cluster is all that is listened to.
        while connection.outstanding() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, nothing_left).await.expect("listeners are forgotten");
    let added = member.count(types::MAP_ADD_ENTRY_LISTENER);
    assert!(added >= 5, "only {added} registrations");
    assert_eq!(member.count(types::MAP_REMOVE_ENTRY_LISTENER), added);
}

#[tokio::test]
async fn a_listener_outlives_its_connection() {
    let registrations = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&registrations);
    let script = move |request: &Message| match request.message_type() {
        types::MAP_ADD_ENTRY_LISTENER => {
            let bytes = registered();
            let mut event = RequestBuilder::new(types::MAP_ADD_ENTRY_LISTENER + 2, -1);
            event.i32(1);
            event.uuid(Uuid::from_u128(8));
            event.i32(1);
            let number = counted.fetch_add(1, Ordering::Relaxed) as i32;
            event.data(&key(number));
            event.null();
            event.null();
            event.null();
            let mut event = event.finish().as_bytes().to_vec();
            event[5] |= (EVENT >> 8) as u8;
            Answer::Send(vec![bytes, event])
        }
        types::MAP_PUT => Answer::Close,
        _ => usual(request),
    };
    let member = FakeMember::start(script, Pieces::Whole).await;
    let client = member.client().await;
    let map = client.map("m");
    let mut events = map.listen(false);
    for round in 0..3 {
        let next = tokio::time::timeout(PATIENCE, events.next_event()).await.unwrap().unwrap();
        // Depending on who is faster, the event comes before the gap.
        let next = match next {
            crate::MapEvent::Gap => {
                tokio::time::timeout(PATIENCE, events.next_event()).await.unwrap().unwrap()
            }
            event => {
                let gap = tokio::time::timeout(PATIENCE, events.next_event()).await.unwrap();
                assert_eq!(gap, Some(crate::MapEvent::Gap));
                event
            }
        };
        assert!(
            matches!(&next, crate::MapEvent::Entry { key: found, .. } if *found == key(round)),
            "{next:?}"
        );
        assert!(map.put(&key(1), &key(1), None).await.is_err());
    }
    member.until(types::MAP_ADD_ENTRY_LISTENER, 4).await;
}

#[tokio::test]
async fn open_cursors_go_on_while_others_wait_to_be_opened() {
    let member = FakeMember::start(three_pages(), Pieces::Whole).await;
    let builder = member.builder().max_cursors_per_member(1).max_queries_per_member(1);
    let client = builder.connect_within(PATIENCE).await.unwrap();
    let mut first = rows(&client).await.unwrap();
    let waiting = client.sql("SELECT 1").local_timeout(Duration::from_secs(4)).execute();
    let waiting = tokio::spawn(waiting);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut count = 0;
    while let Some(page) =
        tokio::time::timeout(Duration::from_secs(2), first.next_page()).await.unwrap().unwrap()
    {
        count += page.rows();
    }
    assert_eq!(count, 10);
    // The end of the first made room for the second.
    assert!(waiting.await.unwrap().is_ok());
}

/// Each runtime has a shared connection of its own, up to the limit; what runs elsewhere uses the first.
#[test]
fn each_runtime_has_a_shared_connection_of_its_own() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let home = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (member, client) = home.block_on(async {
        let member = FakeMember::start(three_pages(), Pieces::Whole).await;
        let client = member.builder().shared_connections_per_member(2).start().unwrap();
        client.wait_until_connected(Duration::from_secs(5)).await.unwrap();
        (member, client)
    });
    let look_up = async |client: &Client| {
        let rows = client.sql("look-up").lookup(true).execute().await.unwrap().rows().unwrap();
        drop(rows);
    };
    // A runtime that ends before its connection is there takes no place.
    runtime().block_on(async {
        let call = std::pin::pin!(look_up(&client));
        assert!(futures::poll!(call).is_pending());
    });
    let (near, far) = (runtime(), runtime());
    let used = |member: &FakeMember| {
        let seen = member.seen.lock().unwrap();
        seen.iter().rev().find(|(_, kind)| *kind == types::SQL_EXECUTE).map(|(connection, _)| *connection)
    };
    let look_up_by = async |connection| {
        let deadline = Instant::now() + Duration::from_secs(5);
        while used(&member) != Some(connection) {
            assert!(Instant::now() < deadline, "connection {connection} is not used");
            tokio::time::sleep(Duration::from_millis(2)).await;
            look_up(&client).await;
        }
    };
    near.block_on(async {
        look_up(&client).await;
        assert_eq!(used(&member), Some(0), "the first is used until there is another");
        look_up_by(1).await;
    });
    far.block_on(async {
        look_up_by(0).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        look_up(&client).await;
        assert_eq!((used(&member), member.count(types::AUTHENTICATION)), (Some(0), 2), "no more than that");
    });
    // The connection goes with its runtime, and makes room.
    drop(near);
    far.block_on(look_up_by(2));
}

#[tokio::test]
async fn statistics_are_sent_only_when_asked_for() {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let script = |told: &Arc<std::sync::Mutex<Vec<String>>>| {
        let told = Arc::clone(told);
        move |request: &Message| {
            if request.message_type() != types::STATISTICS {
                return usual(request);
            }
            let (fixed, mut frames) = request.read().unwrap();
            assert!(fixed.i64(16).unwrap() > 1_700_000_000_000);
            told.lock().unwrap().push(frames.str().unwrap().to_owned());
            // The version of the metrics.
            assert!(frames.value().unwrap().content.starts_with(&[0, 1]));
            Answer::Nothing
        }
    };
    let member = FakeMember::start(script(&told), Pieces::Whole).await;
    let quiet = member.client().await;
    let credentials = Credentials::UsernamePassword { username: "ann".into(), password: "secret".into() };
    let builder = member.builder().client_name("talks").credentials(credentials);
    let period = Duration::from_millis(100);
    let _talks = builder.statistics_period(Some(period)).connect_within(PATIENCE).await.unwrap();
    member.until(types::STATISTICS, 3).await;
    drop(quiet);
    for text in told.lock().unwrap().iter() {
        assert!(text.contains(",clientName=talks,credentials.principal=ann,os."), "{text}");
        assert!(!text.contains("secret"));
    }
    let refused = member.builder().statistics_period(Some(Duration::ZERO)).start();
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
}
