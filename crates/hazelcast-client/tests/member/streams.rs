//! Maps as streams, against a real member.

use std::collections::BTreeSet;

use futures::StreamExt;
use hazelcast_client::{CompactRecord, FieldKind};

use super::*;

#[tokio::test]
async fn every_entry_comes_once() {
    let client = client().await;
    let map = client.map("streams_all");
    map.clear().await.unwrap();
    assert!(map.stream().next().await.is_none(), "an empty map has no entries");
    let entries: Vec<(i32, String)> = (0..20_000).map(|key| (key, format!("text {key}"))).collect();
    map.put_all(&entries).await.unwrap();
    for (partitions, max_bytes) in [(4, 32 << 20), (0, 0), (64, usize::MAX), (8, 20_000)] {
        let stream = map.stream().partitions(partitions).max_bytes(max_bytes);
        let found: Vec<_> = stream.values().try_collect().await.unwrap();
        assert_eq!(found.len(), entries.len());
        let keys: BTreeSet<i32> = found
            .iter()
            .map(|(key, value)| match (key, value) {
                (Value::Integer(key), Value::Varchar(text)) if *text == format!("text {key}") => *key,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(keys.len(), entries.len(), "an entry comes twice");
    }
}

#[tokio::test]
async fn a_stream_that_is_left_holds_up_nobody() {
    let client = client().await;
    let map = client.map("streams_left");
    let entries: Vec<(i32, Vec<u8>)> = (0..2000).map(|key| (key, vec![0; 1000])).collect();
    map.put_all(&entries).await.unwrap();
    let mut standing = Vec::new();
    for read in 0..20 {
        let mut stream = map.stream();
        for _ in 0..read * 50 {
            stream.next().await.unwrap().unwrap();
        }
        standing.push(stream);
    }
    let all = map.stream().try_fold(0, |count, _| async move { Ok(count + 1) });
    assert_eq!(tokio::time::timeout(LIMIT, all).await.unwrap().unwrap(), 2000);
    assert_eq!(map.size().await.unwrap(), 2000);
}

#[tokio::test]
async fn records_come_with_schemas_of_others() {
    let writer = client().await;
    let map = writer.map("streams_records");
    map.clear().await.unwrap();
    for number in 0..5 {
        let record = CompactRecord::builder(format!("streams_{number}")).field("n", FieldKind::Int32, number);
        map.set(&number, &record.build().unwrap(), None).await.unwrap();
    }
    // Another client has not seen the schemas.
    let reader = client().await;
    let found: Vec<_> = reader.map("streams_records").stream().values().try_collect().await.unwrap();
    assert_eq!(found.len(), 5);
    for (key, value) in found {
        assert!(matches!(&value, Value::Compact(record) if record.get("n") == Some(&key)), "{value:?}");
    }
}
