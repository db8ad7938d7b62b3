//! Predicates, pages, projections and aggregators, against a real member.

use hazelcast_client::{Aggregator, Map, Predicate, Projection};

use super::*;

/// 100 people: age 0 to 99, names in turn.
async fn people(client: &Client, name: &str) -> Map {
    let map = client.map(name);
    map.clear().await.unwrap();
    let person = |age: i32| {
        let name = ["Ann", "bob", "Cy%"][age as usize % 3];
        let city = if age % 10 == 0 { "null".to_string() } else { format!("\"c{}\"", age % 10) };
        (int(age), json(&format!("{{\"age\":{age},\"name\":\"{name}\",\"in\":{{\"city\":{city}}}}}")))
    };
    map.put_all(&(0..100).map(person).collect::<Vec<_>>()).await.unwrap();
    map
}

/// A value of some type.
type Make = fn(i32) -> Value;

fn ints(items: impl IntoIterator<Item = Data>) -> Vec<i32> {
    let mut ints: Vec<_> = items
        .into_iter()
        .map(|item| match item.to_value().unwrap() {
            Value::Integer(value) => value,
            Value::BigInt(value) => value as i32,
            other => panic!("{other:?}"),
        })
        .collect();
    ints.sort_unstable();
    ints
}

#[tokio::test]
async fn every_predicate() {
    let client = client().await;
    let map = people(&client, "queries_predicates").await;
    let every = |step: usize, from: i32| (from..100).step_by(step).collect::<Vec<_>>();
    let cases = [
        (Predicate::sql("age BETWEEN 10 AND 12 OR name = 'bob' AND age < 3"), vec![1, 10, 11, 12]),
        (Predicate::equal("age", 7), vec![7]),
        (Predicate::equal("in.city", Value::Null), every(10, 0)),
        (Predicate::not_equal("in.city", Value::Null) & Predicate::less("age", 3), vec![1, 2]),
        (Predicate::less("age", 2), vec![0, 1]),
        (Predicate::at_most("age", 2), vec![0, 1, 2]),
        (Predicate::greater("age", 97), vec![98, 99]),
        (Predicate::at_least("__key", 97), vec![97, 98, 99]),
        (Predicate::between("age", 4, 6), vec![4, 5, 6]),
        (Predicate::is_in("age", [3, 5, 500]), vec![3, 5]),
        (Predicate::like("name", "A_n"), every(3, 0)),
        (Predicate::like("name", "Cy\\%"), every(3, 2)),
        (Predicate::ilike("name", "B%"), every(3, 1)),
        (Predicate::regex("name", "b.b"), every(3, 1)),
        (!Predicate::less("age", 98), vec![98, 99]),
        (Predicate::equal("age", 1) | Predicate::equal("age", 2), vec![1, 2]),
        (Predicate::all([]), every(1, 0)),
        (Predicate::any([]), vec![]),
        (Predicate::constant(false), vec![]),
        (Predicate::instance_of("com.hazelcast.core.HazelcastJsonValue"), every(1, 0)),
    ];
    for (predicate, expected) in cases {
        assert_eq!(ints(map.keys_where(&predicate).await.unwrap()), expected, "{predicate:?}");
        assert_eq!(map.values_where(&predicate).await.unwrap().len(), expected.len(), "{predicate:?}");
        let entries = map.entries_where(&predicate).await.unwrap();
        assert_eq!(ints(entries.into_iter().map(|(key, _)| key)), expected, "{predicate:?}");
    }
    assert!(matches!(map.keys_where(&Predicate::sql("age <")).await, Err(Error::Member(_))));
}

#[tokio::test]
async fn a_key_in_a_partition() {
    let client = client().await;
    let map = people(&client, "queries_partition").await;
    let partition = map.partition_of(&int(7)).unwrap();
    let same: Vec<_> = (0..100).filter(|key| map.partition_of(&int(*key)).unwrap() == partition).collect();
    let predicate = Predicate::constant(true).in_partition_of(&7).unwrap();
    assert_eq!(ints(map.keys_where(&predicate).await.unwrap()), same);
    let count = map.aggregate_where(&Aggregator::count(), &predicate).await.unwrap().unwrap();
    assert_eq!(count.to_value().unwrap(), Value::BigInt(same.len() as i64));
    let ages = map.project_where(&Projection::attribute("age"), &predicate).await.unwrap();
    assert_eq!(ints(ages.into_iter().flatten()), same);
    let mut pages = map.pages(10).filter(predicate);
    assert_eq!(ints(pages.next_keys().await.unwrap()), same);
}

#[tokio::test]
async fn pages_in_order() {
    let client = client().await;
    let map = people(&client, "queries_pages").await;
    let mut pages = map.pages(30).filter(Predicate::less("age", 70));
    let mut seen = Vec::new();
    loop {
        let page = pages.next_entries().await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.push(ints(page.into_iter().map(|(key, _)| key)));
    }
    assert_eq!(seen, [(0..30).collect::<Vec<_>>(), (30..60).collect(), (60..70).collect()]);
    let mut pages = map.pages(10);
    pages.go_to(8);
    assert_eq!(ints(pages.next_keys().await.unwrap()), (80..90).collect::<Vec<_>>());
    assert_eq!(ints(pages.next_keys().await.unwrap()), (90..100).collect::<Vec<_>>());
    pages.go_to(0);
    assert_eq!(ints(pages.next_keys().await.unwrap()), (0..10).collect::<Vec<_>>());
    let numbers = client.map("queries_pages_values");
    numbers.clear().await.unwrap();
    numbers.put_all(&(0..20).map(|key| (int(key), int(100 - key))).collect::<Vec<_>>()).await.unwrap();
    let mut pages = numbers.pages(5);
    assert_eq!(ints(pages.next_values().await.unwrap()), (81..86).collect::<Vec<_>>());
    assert_eq!(ints(pages.next_values().await.unwrap()), (86..91).collect::<Vec<_>>());
}

#[tokio::test]
async fn projections() {
    let client = client().await;
    let map = people(&client, "queries_projections").await;
    let ages = map.project(&Projection::attribute("age")).await.unwrap();
    assert_eq!(ints(ages.into_iter().flatten()), (0..100).collect::<Vec<_>>());
    let cities = map.project(&Projection::attribute("in.city")).await.unwrap();
    assert_eq!(cities.iter().filter(|city| city.is_none()).count(), 10);
    let young = Predicate::less("age", 2);
    let both = map.project_where(&Projection::attributes(["name", "age"]), &young).await.unwrap();
    let mut both: Vec<_> =
        both.into_iter().map(|row| format!("{:?}", row.unwrap().to_value().unwrap())).collect();
    both.sort();
    assert_eq!(both.len(), 2);
    assert!(both[0].contains("Ann") && both[1].contains("bob"), "{both:?}");
    let whole = map.project_where(&Projection::identity(), &young).await.unwrap();
    let whole: Vec<_> = whole.into_iter().map(|entry| entry.unwrap().to_value().unwrap()).collect();
    assert!(whole.iter().all(|entry| matches!(entry, Value::List(pair) if pair.len() == 2)), "{whole:?}");
    map.remove_where(&Predicate::greater("age", 9)).await.unwrap();
    assert_eq!(map.size().await.unwrap(), 10);
}

#[tokio::test]
async fn every_aggregator() {
    let client = client().await;
    let map = people(&client, "queries_aggregators").await;
    let of = async |aggregator: Aggregator| {
        map.aggregate(&aggregator).await.unwrap().map(|data| data.to_value().unwrap())
    };
    assert_eq!(of(Aggregator::count()).await, Some(Value::BigInt(100)));
    assert_eq!(of(Aggregator::count_of("in.city")).await, Some(Value::BigInt(100)));
    assert_eq!(of(Aggregator::fixed_point_sum("age")).await, Some(Value::BigInt(4950)));
    assert_eq!(of(Aggregator::floating_point_sum("age")).await, Some(Value::Double(4950.0)));
    assert_eq!(of(Aggregator::number_average("age")).await, Some(Value::Double(49.5)));
    assert_eq!(of(Aggregator::max("age")).await, Some(Value::BigInt(99)));
    assert_eq!(of(Aggregator::min("age")).await, Some(Value::BigInt(0)));
    let Some(Value::List(names)) = of(Aggregator::distinct("name")).await else { panic!() };
    assert_eq!(names.len(), 3);
    let Some(Value::List(oldest)) = of(Aggregator::max_by("age")).await else { panic!() };
    assert_eq!(oldest[0], Value::Integer(99));
    let Some(Value::List(youngest)) = of(Aggregator::min_by("age")).await else { panic!() };
    assert_eq!(youngest[0], Value::Integer(0));
    // Each of the others wants values of its own type.
    let typed = client.map("queries_aggregators_typed");
    let cases: [(Make, Aggregator, Value); 10] = [
        (Value::Integer, Aggregator::integer_sum("this"), Value::BigInt(45)),
        (Value::Integer, Aggregator::integer_average("this"), Value::Double(4.5)),
        (|v| Value::BigInt(v.into()), Aggregator::long_sum("this"), Value::BigInt(45)),
        (|v| Value::BigInt(v.into()), Aggregator::long_average("this"), Value::Double(4.5)),
        (|v| Value::Double(v.into()), Aggregator::double_sum("this"), Value::Double(45.0)),
        (|v| Value::Double(v.into()), Aggregator::double_average("this"), Value::Double(4.5)),
        (
            |v| Decimal::from_i128(v.into(), 0).into(),
            Aggregator::decimal_sum("this"),
            Decimal::from_i128(45, 0).into(),
        ),
        (
            |v| Decimal::from_i128(v.into(), 0).into(),
            Aggregator::decimal_average("this"),
            Decimal::from_i128(45, 1).into(),
        ),
        (
            |v| Value::BigInteger(Decimal::from_i128(v.into(), 0)),
            Aggregator::big_integer_sum("this"),
            Value::BigInteger(Decimal::from_i128(45, 0)),
        ),
        (
            |v| Value::BigInteger(Decimal::from_i128(v.into(), 0)),
            Aggregator::big_integer_average("this"),
            Decimal::from_i128(45, 1).into(),
        ),
    ];
    for (make, aggregator, expected) in cases {
        typed.clear().await.unwrap();
        for key in 0..10 {
            typed.set(&key, &make(key), None).await.unwrap();
        }
        let seen = typed.aggregate(&aggregator).await.unwrap().unwrap().to_value().unwrap();
        assert_eq!(seen, expected, "{aggregator:?}");
    }
    typed.clear().await.unwrap();
    assert_eq!(typed.aggregate(&Aggregator::max("this")).await.unwrap(), None);
}
