//! Compact records: written here and read by SQL, written by SQL and read here.

use hazelcast_client::{Compact, CompactRecord, FieldKind};

use super::*;

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "compact_person")]
struct Person {
    name: String,
    age: i32,
    #[compact(name = "weight_kg")]
    weight: Option<f64>,
    active: bool,
    born: Option<Date>,
    #[compact(skip)]
    note: String,
}

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "compact_family")]
struct Family {
    parents: Vec<Person>,
    house: Option<House>,
    numbers: Vec<Option<i32>>,
    raw: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Compact)]
#[compact(name = "compact_house")]
struct House {
    street: Option<String>,
    number: i16,
}

fn ann() -> Person {
    let born = Date::new(1990, 2, 28);
    Person { name: "Änn".into(), age: 34, weight: Some(61.5), active: true, born, note: String::new() }
}

#[tokio::test]
async fn derived_records_are_read_by_sql() {
    let client = client().await;
    let map = client.map("compact_people");
    map.clear().await.unwrap();
    map.set(&1, &ann(), None).await.unwrap();
    let bob = Person { name: "Bob".into(), weight: None, born: None, active: false, ..ann() };
    assert!(map.put(&2, &bob, None).await.unwrap().is_none());
    run(
        &client,
        "CREATE OR REPLACE MAPPING compact_people (__key INT, name VARCHAR, age INT, weight_kg DOUBLE, active BOOLEAN, \
         born DATE) TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='compact', \
         'valueCompactTypeName'='compact_person')",
    )
    .await;
    let mut rows = rows(&client, "SELECT * FROM compact_people ORDER BY __key").await;
    let page = rows.next_page().await.unwrap().unwrap();
    assert_eq!((page.str(0, 1), page.i32(0, 2), page.f64(0, 3)), (Some("Änn"), Some(34), Some(61.5)));
    assert_eq!((page.bool(0, 4), page.date(0, 5)), (Some(true), Date::new(1990, 2, 28)));
    assert_eq!((page.str(1, 1), page.bool(1, 4)), (Some("Bob"), Some(false)));
    assert!(page.is_null(1, 3) && page.is_null(1, 5));
    let data = map.get(&2).await.unwrap().unwrap();
    assert_eq!(client.from_compact::<Person>(&data).await.unwrap(), bob);
    // Predicates see into them; the same bytes are the same value.
    let active = hazelcast_client::Predicate::equal("active", true);
    assert_eq!(map.keys_where(&active).await.unwrap(), [int(1)]);
    assert!(map.replace_if_same(&2, &bob, &ann()).await.unwrap());
}

#[tokio::test]
async fn records_of_sql_are_read_here() {
    let client = client().await;
    let columns = "__key INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INTEGER, bi BIGINT, n DECIMAL, r REAL, d DOUBLE, \
                   v VARCHAR, dt DATE, tm TIME, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE";
    let options = "'keyFormat'='int', 'valueFormat'='compact', 'valueCompactTypeName'='compact_of_sql'";
    run(&client, &format!("CREATE OR REPLACE MAPPING compact_sql ({columns}) TYPE IMap OPTIONS ({options})"))
        .await;
    let map = client.map("compact_sql");
    map.clear().await.unwrap();
    let date = Date::new(2024, 2, 29).unwrap();
    let time = Time::new(23, 59, 58, 123_456_789).unwrap();
    let local = Timestamp { date, time };
    let values = [
        Value::Integer(1),
        true.into(),
        Value::TinyInt(-5),
        Value::SmallInt(-300),
        Value::Integer(i32::MIN),
        Value::BigInt(i64::MAX),
        "-12345678901234567890.123".parse::<Decimal>().unwrap().into(),
        Value::Real(1.5),
        Value::Double(-2.25),
        "héllo 😀".into(),
        date.into(),
        time.into(),
        local.into(),
        TimestampTz { local, offset_seconds: -5 * 3600 }.into(),
    ];
    let insert = format!("INSERT INTO compact_sql VALUES ({})", vec!["?"; values.len()].join(", "));
    let _ = client.sql(&insert).args(values.clone()).execute().await.unwrap();
    run(&client, "INSERT INTO compact_sql (__key, v) VALUES (2, 'x')").await;
    let record = client.compact_record(&map.get(&1).await.unwrap().unwrap()).await.unwrap();
    assert_eq!(record.schema().type_name(), "compact_of_sql");
    let names = ["b", "ti", "si", "i", "bi", "n", "r", "d", "v", "dt", "tm", "ts", "tz"];
    for (name, value) in names.iter().zip(&values[1..]) {
        assert_eq!(record.get(name), Some(value), "{name}");
    }
    // The same record made here has the same schema and the same bytes.
    assert_eq!(client.to_data(&record).await.unwrap(), map.get(&1).await.unwrap().unwrap());
    let nulls = client.compact_record(&map.get(&2).await.unwrap().unwrap()).await.unwrap();
    assert!(names.iter().all(|name| (nulls.get(name) == Some(&Value::Null)) == (*name != "v")), "{nulls:?}");
    // Changed here, read by SQL.
    let mut builder = CompactRecord::builder("compact_of_sql");
    for field in record.schema().fields() {
        let value =
            if field.name == "v" { "changed".into() } else { record.get(&field.name).unwrap().clone() };
        builder = builder.field(&field.name, field.kind, value);
    }
    let changed = builder.build().unwrap();
    assert_eq!(changed.schema().id(), record.schema().id());
    map.set(&3, &changed, None).await.unwrap();
    let mut rows = rows(&client, "SELECT v, bi, tz FROM compact_sql WHERE __key = 3").await;
    let page = rows.next_page().await.unwrap().unwrap();
    assert_eq!((page.str(0, 0), page.i64(0, 1)), (Some("changed"), Some(i64::MAX)));
    assert_eq!(page.timestamp_tz(0, 2), Some(TimestampTz { local, offset_seconds: -5 * 3600 }));
}

#[tokio::test]
async fn records_in_records() {
    let client = client().await;
    let map = client.map("compact_families");
    map.clear().await.unwrap();
    let family = Family {
        parents: vec![ann(), Person { name: "Bob".into(), ..ann() }],
        house: Some(House { street: None, number: 12 }),
        numbers: vec![Some(1), None, Some(3)],
        raw: vec![0, 255],
    };
    let lonely = Family { parents: vec![], house: None, numbers: vec![], raw: vec![] };
    map.put_all(&[(1, family.clone()), (2, lonely.clone())]).await.unwrap();
    // Another client fetches the schemas.
    let other = super::client().await;
    let data = other.map("compact_families").get_all(&[1]).await.unwrap().remove(0).1;
    assert_eq!(other.from_compact::<Family>(&data).await.unwrap(), family);
    let data = other.map("compact_families").get(&2).await.unwrap().unwrap();
    assert_eq!(other.from_compact::<Family>(&data).await.unwrap(), lonely);
    let by_street = hazelcast_client::Predicate::equal("house.number", Value::SmallInt(12));
    assert_eq!(map.keys_where(&by_street).await.unwrap(), [int(1)]);
}

/// As a key, and as an older version of a type.
#[tokio::test]
async fn versions_and_keys() {
    let client = client().await;
    let map = client.map("compact_versions");
    map.clear().await.unwrap();
    let old = CompactRecord::builder("compact_house").field("number", FieldKind::Int16, Value::SmallInt(7));
    map.set(&1, &old.build().unwrap(), None).await.unwrap();
    let data = map.get(&1).await.unwrap().unwrap();
    assert_eq!(client.from_compact::<House>(&data).await.unwrap(), House { street: None, number: 7 });
    let other = CompactRecord::builder("compact_house").field("street", FieldKind::String, "x");
    map.set(&2, &other.build().unwrap(), None).await.unwrap();
    let data = map.get(&2).await.unwrap().unwrap();
    assert!(matches!(client.from_compact::<House>(&data).await, Err(Error::InvalidArgument(_))));
    let key = House { street: Some("here".into()), number: 1 };
    map.set(&key, "a house", None).await.unwrap();
    assert!(map.contains_key(&key).await.unwrap());
    assert!(!map.contains_key(&House { number: 2, ..key }).await.unwrap());
}
