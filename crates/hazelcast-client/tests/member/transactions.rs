//! Transactions, against a real member.

use hazelcast_client::{Predicate, TransactionKind};

use super::*;

fn value(data: Option<Data>) -> Option<Value> {
    data.map(|data| data.to_value().unwrap())
}

#[tokio::test]
async fn nothing_is_seen_before_the_commit() {
    let client = client().await;
    let map = client.map("transactions_seen");
    for kind in [TransactionKind::TwoPhase, TransactionKind::OnePhase] {
        map.clear().await.unwrap();
        map.set(&1, &1, None).await.unwrap();
        map.set(&4, &4, None).await.unwrap();
        let transaction = client.transaction().kind(kind).timeout(LIMIT).durability(0).begin().await.unwrap();
        let inside = transaction.map("transactions_seen");
        assert_eq!(value(inside.put(&1, &10, None).await.unwrap()), Some(1.into()));
        inside.set(&2, &20).await.unwrap();
        assert!(inside.put_if_absent(&3, &30).await.unwrap().is_none());
        assert_eq!(value(inside.put_if_absent(&3, &31).await.unwrap()), Some(30.into()));
        assert_eq!(value(inside.replace(&1, &11).await.unwrap()), Some(10.into()));
        assert!(inside.replace_if_same(&1, &11, &12).await.unwrap());
        assert!(!inside.replace_if_same(&1, &99, &12).await.unwrap());
        assert_eq!(value(inside.get_for_update(&4).await.unwrap()), Some(4.into()));
        assert_eq!(value(inside.remove(&4).await.unwrap()), Some(4.into()));
        assert!(inside.contains_key(&2).await.unwrap() && !inside.contains_key(&4).await.unwrap());
        // Hazelcast shows the transaction the value before a replaceIfSame, and commits the one after it.
        assert_eq!(value(inside.get(&1).await.unwrap()), Some(11.into()));
        assert_eq!((inside.size().await.unwrap(), inside.is_empty().await.unwrap()), (3, false));
        assert_eq!(inside.key_set().await.unwrap().len(), 3);
        assert_eq!(inside.values().await.unwrap().len(), 3);
        assert_eq!(inside.keys_where(&Predicate::at_least("this", 20)).await.unwrap().len(), 2);
        assert_eq!(inside.values_where(&Predicate::at_least("this", 20)).await.unwrap().len(), 2);
        assert!(inside.remove_if_same(&3, &30).await.unwrap());
        inside.delete(&5).await.unwrap();
        // Outside it is as before; a look at a key that is written would wait in two phases.
        assert_eq!(map.size().await.unwrap(), 2);
        assert!(!map.try_put(&1, &0, Duration::ZERO).await.unwrap());
        transaction.commit().await.unwrap();
        let mut entries = map.entry_set().await.unwrap();
        entries.sort_by_key(|(key, _)| key.as_bytes().to_vec());
        assert_eq!(entries, [(int(1), int(12)), (int(2), int(20))]);
    }
}

#[tokio::test]
async fn rollback_and_drop_take_everything_back() {
    let client = client().await;
    let map = client.map("transactions_rolled_back");
    map.clear().await.unwrap();
    let transaction = client.transaction().begin().await.unwrap();
    transaction.map("transactions_rolled_back").set(&1, &1).await.unwrap();
    transaction.rollback().await.unwrap();
    assert!(map.is_empty().await.unwrap() && map.try_put(&1, &0, Duration::ZERO).await.unwrap());
    let transaction = client.transaction().begin().await.unwrap();
    transaction.map("transactions_rolled_back").set(&1, &1).await.unwrap();
    drop(transaction);
    // It is unlocked when it is rolled back.
    assert!(map.try_put(&1, &2, LIMIT).await.unwrap());
    assert_eq!(value(map.get(&1).await.unwrap()), Some(2.into()));
}

#[tokio::test]
async fn a_transaction_takes_only_so_long() {
    let client = client().await;
    let map = client.map("transactions_timed");
    map.clear().await.unwrap();
    let short = client.transaction().timeout(Duration::from_millis(300)).begin().await.unwrap();
    short.map("transactions_timed").set(&1, &1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(short.commit().await.unwrap_err().is_timeout());
    // A lock that someone else has: the wait ends with the transaction.
    let first = client.transaction().begin().await.unwrap();
    first.map("transactions_timed").set(&2, &2).await.unwrap();
    let second = client.transaction().timeout(Duration::from_millis(300)).begin().await.unwrap();
    let begun = Instant::now();
    let error = second.map("transactions_timed").get_for_update(&2).await.unwrap_err();
    assert!(begun.elapsed() < LIMIT && matches!(error, Error::Member(_)), "{error:?}");
    second.rollback().await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(map.size().await.unwrap(), 1);
}
