//! Keys made here are those that SQL has written.

use hazelcast_client::{Client, SqlColumnType, Value};

use super::both::{LIMIT, Mapping, TYPES, by_sql, client, type_name};
use super::values::of_type;

/// A mapping with these key columns and an `int` value.
fn mapping(name: &str, key: &[(&str, &str)], columns: &[(&str, SqlColumnType)]) -> Mapping {
    let mut mapping = Mapping::new(name, &[("valueFormat", "int")], &[]);
    mapping.options.retain(|(name, _)| name != "keyFormat");
    mapping.options.extend(key.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
    let column = |(index, (external, column_type)): (usize, &(&str, SqlColumnType))| {
        let name = if *external == "__key" { "__key".to_string() } else { format!("k{index}") };
        (name, (*external).to_string(), *column_type)
    };
    mapping.columns = columns.iter().enumerate().map(column).collect();
    mapping.columns.push(("this".to_string(), "this".to_string(), SqlColumnType::Integer));
    mapping
}

/// Writes an entry by SQL, and gets it by the key that is made here.
async fn found(client: &Client, mapping: &Mapping, key: &[Value], value: i32) {
    let places = vec!["?"; key.len() + 1].join(", ");
    let sql = format!("SINK INTO \"{}\" VALUES ({places})", mapping.name);
    let arguments = key.iter().cloned().chain([Value::Integer(value)]);
    drop(client.sql(sql).args(arguments).local_timeout(LIMIT).execute().await.unwrap());
    let encoded = mapping.layout().key(key).unwrap();
    let stored = client.map(mapping.map.clone()).get(&encoded.data).await.unwrap();
    let stored = stored.unwrap_or_else(|| panic!("{}: {key:?} is not found", mapping.name));
    assert_eq!(stored.to_value().unwrap(), Value::Integer(value));
}

#[tokio::test]
async fn basic_keys() {
    let client = client().await;
    for (column_type, _) in TYPES {
        let format = type_name(column_type).to_lowercase();
        let name = format!("entries_key_{}", format.replace(' ', "_"));
        let mapping = mapping(&name, &[("keyFormat", &format)], &[("__key", column_type)]);
        mapping.create(&client).await;
        for (index, key) in (0..).zip(of_type(column_type)) {
            found(&client, &mapping, &[key], index).await;
        }
    }
}

#[tokio::test]
async fn keys_of_several_parts() {
    let client = client().await;
    let columns = [
        ("__key.v", SqlColumnType::Varchar),
        ("__key.b", SqlColumnType::Boolean),
        ("__key.ti", SqlColumnType::TinyInt),
        ("__key.i", SqlColumnType::Integer),
        ("__key.l", SqlColumnType::BigInt),
        ("__key.d", SqlColumnType::Date),
    ];
    let flat = mapping("entries_key_flat", &[("keyFormat", "json-flat")], &columns);
    let options = [("keyFormat", "compact"), ("keyCompactTypeName", "entry_key")];
    let compact = mapping("entries_key_compact", &options, &columns);
    let date = hazelcast_client::Date::new(987, 6, 5).unwrap();
    let keys = [
        ["x".into(), true.into(), Value::TinyInt(-1), 5.into(), i64::MAX.into(), date.into()],
        ["a \"b\" \\ / é 😀".into(), Value::Null, Value::Null, i32::MIN.into(), Value::Null, Value::Null],
        [Value::Null, false.into(), Value::TinyInt(0), Value::Null, 0i64.into(), date.into()],
    ];
    for mapping in [flat, compact] {
        mapping.create(&client).await;
        for (index, key) in (0..).zip(&keys) {
            found(&client, &mapping, key, index).await;
        }
        let rows = by_sql(&client, &format!("SELECT this FROM {}", mapping.name), vec![]).await.unwrap();
        assert_eq!(rows.iter().map(hazelcast_client::Page::rows).sum::<usize>(), keys.len());
        assert!(!mapping.layout().key(&keys[0]).unwrap().sure);
        assert!(mapping.layout().key(&keys[0][1..]).is_err());
    }
    let doubles =
        mapping("entries_key_double", &[("keyFormat", "json-flat")], &[("__key.d", SqlColumnType::Double)]);
    assert!(doubles.layout().key(&[1.5.into()]).is_err(), "its text depends on the member's Java");
}
