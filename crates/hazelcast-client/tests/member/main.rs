//! Against a real member: `HAZELGRES_TEST_MEMBER=host:port cargo test -p hazelcast-client --features member-tests,compact`
//! (and `HAZELGRES_TEST_CLUSTER` when the cluster isn't called `dev`).

mod compact;
mod maps;
mod queries;
mod streams;
mod transactions;

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use hazelcast_client::{
    Client, ClientBuilder, Data, Date, Decimal, EntryEventKind, Error, ExpectedResult, MapEvent, Routing,
    SqlColumnType, SqlResult, SqlRows, Time, Timestamp, TimestampTz, Value, ValueRef, sql_error_code,
};

const LIMIT: Duration = Duration::from_secs(20);

fn builder() -> ClientBuilder {
    let member =
        std::env::var("HAZELGRES_TEST_MEMBER").expect("HAZELGRES_TEST_MEMBER names a member, host:port");
    let cluster = std::env::var("HAZELGRES_TEST_CLUSTER").unwrap_or_else(|_| "dev".to_string());
    Client::builder().address(member).cluster_name(cluster).client_name("member-tests")
}

async fn client() -> Client {
    builder().connect_within(LIMIT).await.expect("the member answers")
}

async fn rows(client: &Client, sql: &str) -> SqlRows {
    client.sql(sql).execute().await.unwrap().rows().expect("rows")
}

async fn run(client: &Client, sql: &str) {
    match client.sql(sql).local_timeout(LIMIT).execute().await.unwrap() {
        SqlResult::UpdateCount(count) => assert_eq!(count, 0),
        SqlResult::Rows(_) => panic!("rows"),
    }
}

/// A mapping of int to text columns of every type, made anew.
async fn typed_map(client: &Client, name: &str) {
    let columns = "__key INT, v VARCHAR, b BOOLEAN, ti TINYINT, si SMALLINT, i INTEGER, bi BIGINT, n DECIMAL, r REAL, \
                   d DOUBLE, dt DATE, tm TIME, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE";
    run(client, &format!("CREATE OR REPLACE MAPPING {name} ({columns}) TYPE IMap OPTIONS ('keyFormat'='int','valueFormat'='json-flat')")).await;
    client.map(name).clear().await.unwrap();
}

fn int(key: i32) -> Data {
    Data::from_value(&Value::Integer(key)).unwrap().unwrap()
}

fn json(text: &str) -> Data {
    Data::from_value(&Value::Json(text.to_string())).unwrap().unwrap()
}

#[tokio::test]
async fn every_type_goes_there_and_comes_back() {
    let client = client().await;
    typed_map(&client, "client_types").await;
    let date = Date::new(2024, 2, 29).unwrap();
    let time = Time::new(23, 59, 58, 123_456_789).unwrap();
    let local = Timestamp { date, time };
    let offset = TimestampTz { local, offset_seconds: -5 * 3600 };
    let decimal: Decimal = "-12345678901234567890.123".parse().unwrap();
    let values = [
        Value::Integer(1),
        "héllo 😀".into(),
        true.into(),
        Value::TinyInt(-5),
        Value::SmallInt(-300),
        Value::Integer(i32::MIN),
        Value::BigInt(i64::MAX),
        decimal.clone().into(),
        Value::Real(1.5),
        Value::Double(-2.25),
        date.into(),
        time.into(),
        local.into(),
        offset.into(),
    ];
    let sql = format!("INSERT INTO client_types VALUES ({})", vec!["?"; values.len()].join(", "));
    let expected = ExpectedResult::UpdateCount;
    let result = client.sql(&sql).args(values).expected_result(expected).execute().await.unwrap();
    assert!(matches!(result, SqlResult::UpdateCount(0)));
    run(&client, "INSERT INTO client_types (__key, b) VALUES (2, false)").await;

    let mut rows = rows(&client, "SELECT * FROM client_types ORDER BY __key").await;
    let types: Vec<_> = rows.columns().iter().map(|column| column.column_type).collect();
    assert_eq!(types.len(), 14);
    assert_eq!((types[1], types[13]), (SqlColumnType::Varchar, SqlColumnType::TimestampTz));
    let page = rows.next_page().await.unwrap().unwrap();
    assert_eq!(page.rows(), 2);
    assert_eq!(page.str(0, 1), Some("héllo 😀"));
    assert_eq!((page.bool(0, 2), page.bool(1, 2)), (Some(true), Some(false)));
    assert_eq!((page.i8(0, 3), page.i16(0, 4), page.i32(0, 5)), (Some(-5), Some(-300), Some(i32::MIN)));
    assert_eq!((page.i64(0, 6), page.f32(0, 8), page.f64(0, 9)), (Some(i64::MAX), Some(1.5), Some(-2.25)));
    assert_eq!(page.decimal(0, 7).unwrap().to_decimal(), decimal);
    assert_eq!((page.date(0, 10), page.time(0, 11)), (Some(date), Some(time)));
    assert_eq!((page.timestamp(0, 12), page.timestamp_tz(0, 13)), (Some(local), Some(offset)));
    assert!((3..14).all(|column| page.is_null(1, column) && page.value(1, column) == ValueRef::Null));
    assert!(rows.next_page().await.unwrap().is_none());
}

#[tokio::test]
async fn a_large_result_comes_in_pages() {
    let client = client().await;
    let rows = client
        .sql("SELECT v, CASE WHEN v % 3 = 0 THEN NULL ELSE v END FROM TABLE(generate_series(1, 100000))")
        .cursor_buffer_size(10, 1000)
        .execute()
        .await
        .unwrap()
        .rows()
        .unwrap();
    let mut seen = Vec::new();
    let mut pages = 0;
    let mut rows = rows;
    while let Some(page) = rows.try_next().await.unwrap() {
        assert!(page.rows() <= if pages == 0 { 10 } else { 1000 });
        for row in 0..page.rows() {
            let value = page.i32(row, 0).unwrap();
            assert_eq!(page.i32(row, 1), (value % 3 != 0).then_some(value));
            seen.push(value);
        }
        pages += 1;
    }
    // The member works on several threads: the rows of this query have no order.
    seen.sort_unstable();
    assert!(seen.into_iter().eq(1..=100_000));
    assert_eq!(pages, 101);
}

#[tokio::test]
async fn errors_are_those_of_the_engine() {
    let client = client().await;
    let error = client.sql("SELECT * FROM no_such_map").execute().await.unwrap_err();
    assert_eq!(error.code(), Some(sql_error_code::OBJECT_NOT_FOUND));
    assert!(!error.is_retryable());
    let error = client.sql("SELEC").execute().await.unwrap_err();
    assert_eq!(error.code(), Some(sql_error_code::PARSING));
    // A map without a mapping: what would help, and the member that says so.
    client.map("client_unmapped").set(&1, "one", None).await.unwrap();
    let error = client.sql("SELECT * FROM client_unmapped").execute().await.unwrap_err();
    let Error::Sql(error) = &error else { panic!("{error:?}") };
    let suggestion = error.suggestion.as_deref().unwrap_or_default();
    assert!(suggestion.starts_with("CREATE") && suggestion.contains("\"client_unmapped\""), "{error:?}");
    let members = client.state().borrow().members.clone();
    assert!(members.iter().any(|member| Some(member.uuid) == error.origin), "{error:?}");
    assert!(error.message.as_deref().is_some_and(|text| text.contains("client_unmapped")), "{error:?}");
    let error =
        client.sql("SELECT 1").expected_result(ExpectedResult::UpdateCount).execute().await.unwrap_err();
    assert_eq!(error.code(), Some(sql_error_code::GENERIC));
    // An error in the middle of the rows.
    let sql = "SELECT 10 / (v - 50000) FROM TABLE(generate_series(1, 100000))";
    let mut rows = rows(&client, sql).await;
    let error = loop {
        match rows.next_page().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error"),
            Err(error) => break error,
        }
    };
    let Error::Sql(error) = &error else { panic!("{error:?}") };
    assert_eq!(error.root_message(), "Division by zero");
    assert!(rows.next_page().await.unwrap().is_none());
}

#[tokio::test]
async fn a_wrong_cluster_name_is_said_at_once() {
    let started = Instant::now();
    let error = builder().cluster_name("no-such-cluster").connect_within(LIMIT).await.unwrap_err();
    assert!(matches!(error, Error::Authentication { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_unreachable_cluster_is_a_reason_not_a_hang() {
    let client = Client::builder().address("127.0.0.1:1").start().unwrap();
    let error = client.sql("SELECT 1").execute().await.unwrap_err();
    assert!(error.is_retryable() && error.is_connection_problem(), "{error:?}");
    let error = client.wait_until_connected(Duration::from_millis(300)).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn streaming_queries_end_when_dropped_or_cancelled() {
    let client = builder().max_queries_per_member(2).connect_within(LIMIT).await.unwrap();
    // More streams one after another than the member has threads: each must have been freed.
    for round in 0..6 {
        let mut rows = rows(&client, "SELECT v FROM TABLE(generate_stream(1))").await;
        assert!(rows.is_infinite());
        let page = tokio::time::timeout(LIMIT, rows.next_page()).await.unwrap().unwrap().unwrap();
        assert_eq!(page.i64(0, 0), Some(0));
        let handle = rows.cancel_handle();
        if round % 2 == 0 {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                handle.cancel();
            });
            let error = loop {
                match tokio::time::timeout(LIMIT, rows.next_page()).await.unwrap() {
                    Ok(page) => assert!(page.is_some()),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
        } else {
            let waiting = tokio::time::timeout(Duration::from_millis(50), async {
                while rows.next_page().await.unwrap().is_some() {}
            });
            assert!(waiting.await.is_err());
        }
    }
    let mut rows = rows(&client, "SELECT 1").await;
    assert!(tokio::time::timeout(LIMIT, rows.next_page()).await.unwrap().unwrap().is_some());
}

#[tokio::test]
async fn a_blocked_execute_can_be_cancelled() {
    let client = client().await;
    // The first page of a batch query is sent when it is full: this one never is.
    let statement = client.sql("SELECT v FROM TABLE(generate_stream(1)) WHERE v < 0 LIMIT 5");
    let handle = statement.cancel_handle();
    let executing = tokio::spawn(async move {
        let mut rows = statement.execute().await?.rows().unwrap();
        rows.next_page().await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    handle.cancel();
    let error = tokio::time::timeout(Duration::from_secs(3), executing).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
}

#[tokio::test]
async fn a_timeout_is_called_so() {
    let client = client().await;
    let timeout = Duration::from_millis(700);
    let started = Instant::now();
    let sql = "SELECT COUNT(*) FROM TABLE(generate_series(1, 100000000))";
    let result = client.sql(sql).timeout(timeout).execute().await;
    let error = match result {
        Ok(result) => result.rows().unwrap().next_page().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(error.is_timeout(), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn queries_queue_and_lookups_pass_them() {
    let client = builder().max_queries_per_member(1).connect_within(LIMIT).await.unwrap();
    typed_map(&client, "client_lookups").await;
    client.map("client_lookups").set(&int(7), &json("{\"v\":\"seven\"}"), None).await.unwrap();
    let sql = "SELECT COUNT(*) FROM TABLE(generate_series(1, 3000000))";
    let slow: Vec<_> = (0..3)
        .map(|_| {
            let statement = client.sql(sql);
            tokio::spawn(async move {
                statement
                    .execute()
                    .await
                    .unwrap()
                    .rows()
                    .unwrap()
                    .next_page()
                    .await
                    .unwrap()
                    .unwrap()
                    .i64(0, 0)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let lookup = client.sql("SELECT v FROM client_lookups WHERE __key = ?").arg(7).lookup(true);
    let started = Instant::now();
    let mut rows = lookup.execute().await.unwrap().rows().unwrap();
    assert!(rows.is_complete());
    assert_eq!(rows.next_page().await.unwrap().unwrap().str(0, 0), Some("seven"));
    let looked_up = started.elapsed();
    assert!(slow.iter().any(|query| !query.is_finished()), "the look-up took {looked_up:?}");
    for query in slow {
        assert_eq!(query.await.unwrap(), Some(3_000_000));
    }
}

#[tokio::test]
async fn map_operations() {
    let client = client().await;
    let map = client.map("client_map");
    map.clear().await.unwrap();
    assert_eq!(map.size().await.unwrap(), 0);
    let (key, one, two) = (int(1), json("{\"a\":1}"), json("{\"a\":2}"));
    assert_eq!(map.get(&key).await.unwrap(), None);
    assert_eq!(map.put(&key, &one, None).await.unwrap(), None);
    assert_eq!(map.put_if_absent(&key, &two, None).await.unwrap(), Some(one.clone()));
    assert_eq!(map.replace(&int(2), &two).await.unwrap(), None);
    assert_eq!(map.replace(&key, &two).await.unwrap(), Some(one.clone()));
    assert!(!map.replace_if_same(&key, &one, &two).await.unwrap());
    assert!(map.replace_if_same(&key, &two, &one).await.unwrap());
    assert!(map.contains_key(&key).await.unwrap());
    assert!(!map.remove_if_same(&key, &two).await.unwrap());
    assert!(map.remove_if_same(&key, &one).await.unwrap());
    map.set(&key, &one, Some(Duration::from_secs(60))).await.unwrap();
    assert_eq!(map.remove(&key).await.unwrap(), Some(one.clone()));
    map.set(&key, &one, None).await.unwrap();
    map.delete(&key).await.unwrap();
    assert!(!map.contains_key(&key).await.unwrap());

    let entries: Vec<_> = (0..2000).map(|key| (int(key), json(&format!("{{\"a\":{key}}}")))).collect();
    map.put_all(&entries).await.unwrap();
    assert_eq!(map.size().await.unwrap(), 2000);
    let keys: Vec<_> = (1000..3000).map(int).collect();
    let mut found = map.get_all(&keys).await.unwrap();
    found.sort_by_key(|(key, _)| key.as_bytes().to_vec());
    assert_eq!(found, entries[1000..]);
    assert_eq!(map.entry_set().await.unwrap().len(), 2000);
    // Each entry is where SQL finds it.
    run(&client, "CREATE OR REPLACE MAPPING client_map (__key INT, a INT) TYPE IMap OPTIONS ('keyFormat'='int','valueFormat'='json-flat')").await;
    let mut rows = client
        .sql("SELECT a FROM client_map WHERE __key = ?")
        .arg(1234)
        .execute()
        .await
        .unwrap()
        .rows()
        .unwrap();
    assert_eq!(rows.next_page().await.unwrap().unwrap().i32(0, 0), Some(1234));
    let objects = client.distributed_objects().await.unwrap();
    assert!(objects.contains(&("hz:impl:mapService".to_string(), "client_map".to_string())));
    assert!(client.suggested_mapping("no_such_map").await.unwrap().is_none());
    map.clear().await.unwrap();
}

#[tokio::test]
async fn entry_listeners() {
    let client = client().await;
    let map = client.map("client_listened");
    map.clear().await.unwrap();
    let mut events = map.listen(true);
    let next = async |events: &mut hazelcast_client::EntryListener| {
        tokio::time::timeout(LIMIT, events.next_event()).await.unwrap().unwrap()
    };
    assert_eq!(next(&mut events).await, MapEvent::Gap);
    map.set(&int(1), &json("1"), None).await.unwrap();
    map.set(&int(1), &json("2"), None).await.unwrap();
    map.delete(&int(1)).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match next(&mut events).await {
            MapEvent::Entry { kind, key, value, .. } => {
                assert_eq!(key, int(1));
                seen.push((kind, value));
            }
            other => panic!("{other:?}"),
        }
    }
    let expected = [
        (EntryEventKind::Added, Some(json("1"))),
        (EntryEventKind::Updated, Some(json("2"))),
        (EntryEventKind::Removed, None),
    ];
    assert_eq!(seen, expected);
    map.set(&int(2), &json("1"), None).await.unwrap();
    map.clear().await.unwrap();
    assert!(matches!(next(&mut events).await, MapEvent::Entry { .. }));
    assert_eq!(next(&mut events).await, MapEvent::Cleared { entries: 1 });
}

#[tokio::test]
async fn objects_of_any_kind() {
    let client = client().await;
    run(&client, "CREATE OR REPLACE MAPPING client_objects (__key INT, this OBJECT) TYPE IMap OPTIONS ('keyFormat'='int','valueFormat'='java','valueJavaClass'='java.lang.Object')").await;
    let map = client.map("client_objects");
    map.clear().await.unwrap();
    let value = Value::List(vec![Value::Integer(1), "a".into(), Value::Null]);
    map.set(&int(1), &Data::from_value(&value).unwrap().unwrap(), None).await.unwrap();
    let mut rows = rows(&client, "SELECT this FROM client_objects").await;
    let page = rows.next_page().await.unwrap().unwrap();
    let ValueRef::Object(bytes) = page.value(0, 0) else { panic!("{:?}", page.value(0, 0)) };
    assert_eq!(Value::from_data(bytes).unwrap(), value);
}

#[tokio::test]
async fn the_state_tells_who_is_connected() {
    let client = client().await;
    let mut state = client.state();
    let state =
        state.wait_for(|state| !state.members.is_empty() && state.partition_count > 0).await.unwrap().clone();
    assert!(state.is_connected() && state.reason().is_none());
    assert!(state.members.iter().any(|member| state.connected.contains(&member.uuid)));
    client.shutdown().await;
    let error = client.sql("SELECT 1").execute().await.unwrap_err();
    assert!(matches!(error, Error::ClientClosed), "{error:?}");
}

#[tokio::test]
async fn one_member_is_enough() {
    let client = builder().routing(Routing::SingleMember).connect_within(LIMIT).await.unwrap();
    let map = client.map("client_single");
    map.set(&int(1), &json("1"), None).await.unwrap();
    assert_eq!(map.get(&int(1)).await.unwrap(), Some(json("1")));
    let mut rows = rows(&client, "SELECT 1").await;
    assert_eq!(rows.next_page().await.unwrap().unwrap().i64(0, 0), Some(1));
    assert_eq!(client.state().borrow().connected.len(), 1);
}
