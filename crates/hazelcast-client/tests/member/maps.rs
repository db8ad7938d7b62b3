//! Maps: every operation, against a real member.

use hazelcast_client::{Expiry, IndexConfig, IndexKind, MapEvent, ObjectEvent, UniqueKeyTransformation};

use super::*;

async fn empty_map(client: &Client, name: &str) -> hazelcast_client::Map {
    let map = client.map(name);
    map.clear().await.unwrap();
    map
}

fn value(data: Option<Data>) -> Option<Value> {
    data.map(|data| data.to_value().unwrap())
}

#[tokio::test]
async fn scalars_are_keys_and_values() {
    let client = client().await;
    let map = empty_map(&client, "maps_scalars").await;
    assert!(map.put(&1, "one", None).await.unwrap().is_none());
    assert_eq!(value(map.put(&1, "uno", None).await.unwrap()), Some("one".into()));
    assert_eq!(value(map.get(&1).await.unwrap()), Some("uno".into()));
    // Another Java type is another key.
    assert!(map.get(&1i64).await.unwrap().is_none());
    let decimal: Decimal = "1.50".parse().unwrap();
    let date = Date::new(2024, 2, 29).unwrap();
    map.set("text", &decimal, None).await.unwrap();
    map.set(&date, &vec![1u8, 2], None).await.unwrap();
    assert_eq!(value(map.get("text").await.unwrap()), Some(decimal.into()));
    assert_eq!(value(map.get(&date).await.unwrap()), Some(Value::Bytes(vec![1, 2])));
    assert_eq!(map.size().await.unwrap(), 3);
    assert!(matches!(map.set(&1, &Value::Null, None).await, Err(Error::InvalidArgument(_))));
}

/// Longer than what a socket takes at a time: small requests come between the pieces, and nothing is mixed up.
#[tokio::test]
async fn large_values_go_there_and_come_back() {
    let client = client().await;
    let map = empty_map(&client, "maps_large").await;
    let large = |key: i32| vec![key as u8; 3_000_000 + key as usize];
    let writing = futures::future::try_join_all((0..6).map(|key| {
        let map = map.clone();
        async move {
            map.set(&key, &large(key), None).await?;
            map.set(&(100 + key), &key, None).await
        }
    }));
    tokio::time::timeout(LIMIT, writing).await.unwrap().unwrap();
    for key in 0..6 {
        assert_eq!(value(map.get(&key).await.unwrap()), Some(Value::Bytes(large(key))));
        assert_eq!(value(map.get(&(100 + key)).await.unwrap()), Some(key.into()));
    }
    map.clear().await.unwrap();
}

#[tokio::test]
async fn each_operation_on_a_key() {
    let client = client().await;
    let map = empty_map(&client, "maps_operations").await;
    assert!(map.is_empty().await.unwrap());
    assert!(map.put_if_absent(&1, &10, None).await.unwrap().is_none());
    assert_eq!(value(map.put_if_absent(&1, &11, None).await.unwrap()), Some(10.into()));
    assert_eq!(value(map.replace(&1, &12).await.unwrap()), Some(10.into()));
    assert!(map.replace(&2, &12).await.unwrap().is_none());
    assert!(!map.replace_if_same(&1, &10, &13).await.unwrap());
    assert!(map.replace_if_same(&1, &12, &13).await.unwrap());
    assert!(map.contains_key(&1).await.unwrap() && !map.contains_key(&2).await.unwrap());
    assert!(map.contains_value(&13).await.unwrap() && !map.contains_value(&12).await.unwrap());
    assert!(!map.remove_if_same(&1, &12).await.unwrap());
    assert!(map.remove_if_same(&1, &13).await.unwrap());
    map.set(&1, &1, None).await.unwrap();
    assert_eq!(value(map.remove(&1).await.unwrap()), Some(1.into()));
    assert!(map.try_put(&1, &2, Duration::ZERO).await.unwrap());
    assert!(map.try_remove(&1, Duration::from_millis(5)).await.unwrap());
    map.put_transient(&1, &3, None).await.unwrap();
    map.delete(&1).await.unwrap();
    assert!(!map.contains_key(&1).await.unwrap());
    map.set(&1, &3, None).await.unwrap();
    assert!(map.evict(&1).await.unwrap());
    assert!(!map.evict(&1).await.unwrap());
    map.put_all(&(0..500).map(|key| (int(key), int(key))).collect::<Vec<_>>()).await.unwrap();
    let mut keys: Vec<_> = map.key_set().await.unwrap().iter().map(|key| key.to_value().unwrap()).collect();
    keys.sort_by_key(|key| match key {
        Value::Integer(key) => *key,
        other => panic!("{other:?}"),
    });
    assert_eq!(keys, (0..500).map(Value::Integer).collect::<Vec<_>>());
    assert_eq!(map.values().await.unwrap().len(), 500);
    assert_eq!(map.entry_set().await.unwrap().len(), 500);
    map.flush().await.unwrap();
    // There is no map store.
    assert!(matches!(map.load_all(None, true).await, Err(Error::Member(_))));
    assert!(matches!(map.load_all(Some(&[int(1)]), false).await, Err(Error::Member(_))));
    map.evict_all().await.unwrap();
    assert!(map.is_empty().await.unwrap());
}

#[tokio::test]
async fn entries_expire() {
    let client = client().await;
    let map = empty_map(&client, "maps_expiry").await;
    map.set(&1, &1, Some(Duration::from_secs(1))).await.unwrap();
    map.set(&2, &2, Expiry::of_map().idle(Duration::from_secs(1))).await.unwrap();
    map.put(&3, &3, Expiry::after(Duration::from_secs(100)).idle(Duration::from_secs(50))).await.unwrap();
    map.put_if_absent(&4, &4, Expiry::never()).await.unwrap();
    map.put_transient(&5, &5, Expiry::after(Duration::from_secs(1000))).await.unwrap();
    let view = map.entry_view(&3).await.unwrap().unwrap();
    assert_eq!((view.ttl, view.max_idle), (Some(Duration::from_secs(100)), Some(Duration::from_secs(50))));
    assert_eq!((value(view.value), view.key), (Some(3.into()), int(3)));
    assert!(view.expires.is_some() && view.cost > 0, "{:?}", view.expires);
    let for_ever = map.entry_view(&4).await.unwrap().unwrap();
    assert_eq!((for_ever.ttl, for_ever.max_idle, for_ever.expires), (None, None, None));
    assert!(map.entry_view(&77).await.unwrap().is_none());
    assert!(map.set_ttl(&5, Some(Duration::from_secs(1))).await.unwrap());
    assert!(!map.set_ttl(&77, Some(Duration::from_secs(1))).await.unwrap());
    let begun = Instant::now();
    while map.size().await.unwrap() > 2 {
        assert!(begun.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(map.contains_key(&3).await.unwrap() && map.contains_key(&4).await.unwrap());
    assert!(matches!(map.set(&1, &1, Some(Duration::from_nanos(1))).await, Err(Error::InvalidArgument(_))));
}

/// Each operation that takes one gives the entry its lifetime, in each form: some have a message of their own.
#[tokio::test]
async fn every_write_has_a_lifetime() {
    let client = client().await;
    let map = empty_map(&client, "maps_lifetimes").await;
    let (ttl, idle) = (Duration::from_secs(100), Duration::from_secs(50));
    let forms = [
        (Expiry::of_map(), None, None),
        (Expiry::never(), None, None),
        (Expiry::after(ttl), Some(ttl), None),
        (Expiry::of_map().idle(idle), None, Some(idle)),
        (Expiry::after(ttl).idle(idle), Some(ttl), Some(idle)),
    ];
    for operation in ["put", "set", "put_if_absent", "put_transient"] {
        for (expiry, ttl, idle) in forms {
            match operation {
                "put" => drop(map.put(&1, &1, expiry).await.unwrap()),
                "set" => map.set(&1, &1, expiry).await.unwrap(),
                "put_if_absent" => assert!(map.put_if_absent(&1, &1, expiry).await.unwrap().is_none()),
                _ => map.put_transient(&1, &1, expiry).await.unwrap(),
            }
            let view = map.entry_view(&1).await.unwrap().expect(operation);
            assert_eq!((view.ttl, view.max_idle), (ttl, idle), "{operation} {expiry:?}");
            map.delete(&1).await.unwrap();
        }
    }
    map.set(&1, &1, None).await.unwrap();
    for (given, seen) in [(Some(ttl), Some(ttl)), (Some(Duration::ZERO), None)] {
        assert!(map.set_ttl(&1, given).await.unwrap());
        assert_eq!(map.entry_view(&1).await.unwrap().unwrap().ttl, seen);
    }
    let transaction = client.transaction().begin().await.unwrap();
    transaction.map("maps_lifetimes").put(&2, &2, Some(ttl)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(map.entry_view(&2).await.unwrap().unwrap().ttl, Some(ttl));
}

#[tokio::test]
async fn locks_fence_others_out() {
    let client = client().await;
    let map = empty_map(&client, "maps_locks").await;
    let lock = map.lock("key", None).await.unwrap();
    assert!(map.is_locked("key").await.unwrap());
    assert!(map.try_lock("key", Duration::ZERO, None).await.unwrap().is_none());
    assert!(!map.try_put("key", &1, Duration::ZERO).await.unwrap());
    // The thread that holds it goes on, and may lock it again.
    lock.map().set("key", &1, None).await.unwrap();
    let again = lock.map().try_lock("key", Duration::ZERO, None).await.unwrap().expect("the same thread");
    again.unlock().await.unwrap();
    assert!(map.is_locked("key").await.unwrap());
    assert!(map.unlock("key").await.is_err(), "not the owner");
    // Someone else gets it when it is dropped.
    let waiting = tokio::spawn({
        let map = map.clone();
        async move { map.lock("key", Some(Duration::from_secs(60))).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    drop(lock);
    let second = tokio::time::timeout(LIMIT, waiting).await.unwrap().unwrap().unwrap();
    // Whoever gives up waiting doesn't keep the lock that comes then.
    assert!(tokio::time::timeout(Duration::from_millis(50), map.lock("key", None)).await.is_err());
    second.unlock().await.unwrap();
    let begun = Instant::now();
    while map.is_locked("key").await.unwrap() {
        assert!(begun.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let thread = map.lock("key", None).await.unwrap().keep();
    assert!(map.is_locked("key").await.unwrap());
    map.with_thread_id(thread).unlock("key").await.unwrap();
    map.lock("key", None).await.unwrap().keep();
    map.force_unlock("key").await.unwrap();
    assert!(!map.is_locked("key").await.unwrap());
    // A lease ends by itself.
    map.lock("key", Some(Duration::from_millis(300))).await.unwrap().keep();
    let next = map.try_lock("key", Duration::from_secs(10), None).await.unwrap();
    next.expect("the lease is over").unlock().await.unwrap();
}

#[tokio::test]
async fn listeners_to_a_key_and_a_predicate() {
    let client = client().await;
    let map = empty_map(&client, "maps_listened").await;
    let next = async |events: &mut hazelcast_client::EntryListener| {
        tokio::time::timeout(LIMIT, events.next_event()).await.unwrap().unwrap()
    };
    let mut of_key = map.entry_listener().key(&1).unwrap().start();
    let predicate = hazelcast_client::Predicate::greater("this", 5);
    let mut greater = map.entry_listener().include_values(true).filter(&predicate).unwrap().start();
    let both = map.entry_listener().key(&2).unwrap().filter(&predicate).unwrap();
    let mut both = both.kinds([EntryEventKind::Removed]).start();
    for events in [&mut of_key, &mut greater, &mut both] {
        assert_eq!(next(events).await, MapEvent::Gap);
    }
    map.set(&1, &1, None).await.unwrap();
    map.set(&2, &10, None).await.unwrap();
    map.remove(&2).await.unwrap();
    let MapEvent::Entry { kind, key, value: none, .. } = next(&mut of_key).await else { panic!() };
    assert_eq!((kind, key, none), (EntryEventKind::Added, int(1), None));
    let MapEvent::Entry { kind, key, value: some, .. } = next(&mut greater).await else { panic!() };
    assert_eq!((kind, key, value(some)), (EntryEventKind::Added, int(2), Some(10.into())));
    let MapEvent::Entry { kind, key, .. } = next(&mut both).await else { panic!() };
    assert_eq!((kind, key), (EntryEventKind::Removed, int(2)));
}

#[tokio::test]
async fn each_kind_of_event_is_called_so() {
    let client = client().await;
    let map = empty_map(&client, "maps_events").await;
    let mut events = map.listen(true);
    let next = async |events: &mut hazelcast_client::EntryListener| {
        tokio::time::timeout(LIMIT, events.next_event()).await.unwrap().unwrap()
    };
    assert_eq!(next(&mut events).await, MapEvent::Gap);
    map.set(&1, &1, None).await.unwrap();
    map.set(&1, &2, None).await.unwrap();
    map.evict(&1).await.unwrap();
    map.set(&1, &3, Some(Duration::from_secs(1))).await.unwrap();
    let begun = Instant::now();
    while map.contains_key(&1).await.unwrap() {
        assert!(begun.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut seen = Vec::new();
    while seen.len() < 5 {
        let MapEvent::Entry { kind, value: new, old_value, .. } = next(&mut events).await else { panic!() };
        seen.push((kind, value(new), value(old_value)));
    }
    let int = |value: i32| Some(Value::Integer(value));
    let expected = [
        (EntryEventKind::Added, int(1), None),
        (EntryEventKind::Updated, int(2), int(1)),
        (EntryEventKind::Evicted, None, int(2)),
        (EntryEventKind::Added, int(3), None),
        (EntryEventKind::Expired, None, int(3)),
    ];
    assert_eq!(seen, expected);
    map.set(&1, &4, None).await.unwrap();
    map.evict_all().await.unwrap();
    assert!(matches!(next(&mut events).await, MapEvent::Entry { kind: EntryEventKind::Added, .. }));
    assert_eq!(next(&mut events).await, MapEvent::Cleared { entries: 1 });
}

#[tokio::test]
async fn objects_are_made_and_destroyed() {
    let client = client().await;
    let mut events = client.object_listener();
    let next = async |events: &mut hazelcast_client::ObjectListener| {
        tokio::time::timeout(LIMIT, events.next_event()).await.unwrap().unwrap()
    };
    assert_eq!(next(&mut events).await, ObjectEvent::Gap);
    let map = client.map("maps_object");
    client.create_object("hz:impl:mapService", "maps_object").await.unwrap();
    map.set(&1, &1, None).await.unwrap();
    let (service, name) = ("hz:impl:mapService".to_string(), "maps_object".to_string());
    assert!(client.distributed_objects().await.unwrap().contains(&(service.clone(), name.clone())));
    map.destroy().await.unwrap();
    assert!(!client.distributed_objects().await.unwrap().contains(&(service.clone(), name.clone())));
    let mut seen = Vec::new();
    // Other tests make objects, too.
    while seen.len() < 2 {
        match next(&mut events).await {
            ObjectEvent::Created { service: of, name: made } if (&of, &made) == (&service, &name) => {
                seen.push("created");
            }
            ObjectEvent::Destroyed { service: of, name: gone } if (&of, &gone) == (&service, &name) => {
                seen.push("destroyed");
            }
            _ => {}
        }
    }
    assert_eq!(seen, ["created", "destroyed"]);
    assert!(map.is_empty().await.unwrap());
}

#[tokio::test]
async fn indexes_of_every_kind() {
    let client = client().await;
    let map = empty_map(&client, "maps_indexed").await;
    map.set(&1, &json("{\"a\":1,\"b\":\"x\"}"), None).await.unwrap();
    map.add_index(&IndexConfig::new(IndexKind::Sorted, ["a"]).name("by_a")).await.unwrap();
    map.add_index(&IndexConfig::new(IndexKind::Hash, ["a", "b"])).await.unwrap();
    let bitmap = IndexConfig::new(IndexKind::Bitmap, ["b"]);
    map.add_index(&bitmap.unique_key("__key", UniqueKeyTransformation::Long)).await.unwrap();
    // Again is no error; nothing to index is one.
    map.add_index(&IndexConfig::new(IndexKind::Sorted, ["a"]).name("by_a")).await.unwrap();
    let none = IndexConfig::new(IndexKind::Sorted, Vec::<String>::new());
    assert!(matches!(map.add_index(&none).await, Err(Error::InvalidArgument(_))));
}

/// A class that the member doesn't have: an error, and the connection goes on.
#[tokio::test]
async fn what_the_member_can_not_read_is_an_error() {
    let client = client().await;
    let map = empty_map(&client, "maps_processors").await;
    map.set(&1, &1, None).await.unwrap();
    let processor = Value::Other { type_id: -2, payload: vec![1, 0, 0, 0x7f, 0, 0, 0, 0, 1].into() };
    let processor = Data::from_value(&processor).unwrap().unwrap();
    assert!(matches!(map.execute_on_key(&1, &processor).await, Err(Error::Member(_))));
    assert!(matches!(map.execute_on_all(&processor).await, Err(Error::Member(_))));
    assert!(matches!(map.execute_on_keys(&[int(1)], &processor).await, Err(Error::Member(_))));
    let all = hazelcast_client::Predicate::constant(true);
    assert!(matches!(map.execute_where(&all, &processor).await, Err(Error::Member(_))));
    assert!(matches!(map.add_interceptor(&processor).await, Err(Error::Member(_))));
    assert_eq!(value(map.get(&1).await.unwrap()), Some(1.into()));
}
