//! Whole maps, and some of their keys.

use std::collections::BTreeMap;

use hazelcast_client::{Client, Data, Page, SqlColumnType, Value};

use super::both::{Mapping, by_sql, client};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

fn int(key: i32) -> Data {
    Data::from_value(&Value::Integer(key)).unwrap().unwrap()
}

/// A map of numbers to their texts.
async fn numbers(client: &Client, name: &str, count: i32) -> Mapping {
    let columns = [("n", SqlColumnType::BigInt), ("t", SqlColumnType::Varchar)];
    let mapping = Mapping::new(name, &[("valueFormat", "json-flat")], &columns);
    mapping.create(client).await;
    let value = |key: i32| Value::Json(format!("{{\"n\":{key},\"t\":\"text {key}\"}}"));
    let entries: Vec<_> =
        (0..count).map(|key| (int(key), Data::from_value(&value(key)).unwrap().unwrap())).collect();
    client.map(name).put_all(&entries).await.unwrap();
    mapping
}

/// By key, which comes once.
fn rows<'a>(pages: impl IntoIterator<Item = &'a Page>) -> BTreeMap<i32, (Option<i64>, String)> {
    let mut all = BTreeMap::new();
    for page in pages {
        for row in 0..page.rows() {
            let text = page.str(row, 2).unwrap_or_default().to_string();
            let key = page.i32(row, 0).unwrap();
            assert!(all.insert(key, (page.i64(row, 1), text)).is_none(), "{key} comes twice");
        }
    }
    all
}

#[tokio::test]
async fn a_scan_brings_every_entry_once() {
    let client = client().await;
    let mapping = numbers(&client, "entries_scan", 20_000).await;
    let sql = by_sql(&client, "SELECT * FROM entries_scan", vec![]).await.unwrap();
    let expected = rows(&sql);
    assert_eq!(expected.len(), 20_000);
    for (partitions, max_bytes) in [(8, usize::MAX), (1, 0), (4, 10_000)] {
        let reader = mapping.layout().reader(&client, &[0, 1, 2]).unwrap();
        let mut scan = reader.scan(&client).partitions(partitions).max_bytes(max_bytes);
        let mut pages = Vec::new();
        while let Some(page) = scan.next_page().await.unwrap() {
            assert!(page.rows() > 0);
            pages.push(page);
        }
        assert_eq!(rows(&pages), expected);
        assert!(scan.next_page().await.unwrap().is_none());
    }
}

/// A scan that nobody reads on must not keep its turns on the member from others, wherever it stands.
#[tokio::test]
async fn a_scan_that_stands_still_holds_up_nobody() {
    let client = client().await;
    let mapping = numbers(&client, "entries_still", 1000).await;
    let scan = || mapping.layout().reader(&client, &[0, 1, 2]).unwrap().scan(&client).partitions(8);
    for steps in 0..20 {
        let mut still = scan();
        {
            let mut first = std::pin::pin!(still.next_page());
            for _ in 0..=steps {
                assert!(futures::poll!(first.as_mut()).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let mut other = scan();
        let mut found = 0;
        while let Some(page) = tokio::time::timeout(PATIENCE, other.next_page()).await.unwrap().unwrap() {
            found += page.rows();
        }
        assert_eq!(found, 1000, "after {steps} steps");
    }
}

#[tokio::test]
async fn keys_are_fetched_that_are_there() {
    let client = client().await;
    let mapping = numbers(&client, "entries_fetch", 1000).await;
    let mut reader = mapping.layout().reader(&client, &[0, 1, 2]).unwrap();
    let keys: Vec<_> = (500..1500).map(int).collect();
    let pages = reader.fetch(&client, &keys).await.unwrap();
    let found = rows(&pages);
    assert_eq!((found.len(), found.get(&999)), (500, Some(&(Some(999), "text 999".to_string()))));
    assert_eq!(rows(&reader.fetch(&client, &[]).await.unwrap()).len(), 0);
    let none = mapping.layout().reader(&client, &[]).unwrap().fetch(&client, &keys).await.unwrap();
    assert_eq!(none.iter().map(Page::rows).sum::<usize>(), 500);
}
