//! Keys and values of basic types, of the right class and of others.

use hazelcast_client::{ArrayKind, Data, SqlColumnType, Value};

use super::both::{Mapping, TYPES, client, compare, type_name};
use super::values::of_type;

fn data(value: &Value) -> Data {
    Data::from_value(value).unwrap().unwrap()
}

#[tokio::test]
async fn values_of_every_class() {
    let client = client().await;
    let all: Vec<Value> = TYPES.iter().flat_map(|(column_type, _)| of_type(*column_type)).collect();
    for (column_type, _) in TYPES {
        let format = type_name(column_type).to_lowercase();
        let name = format!("entries_basic_{}", format.replace(' ', "_"));
        let mapping = Mapping::new(&name, &[("valueFormat", &format)], &[("this", column_type)]);
        mapping.create(&client).await;
        let entries: Vec<_> =
            (0..).zip(&all).map(|(key, value)| (data(&Value::Integer(key)), data(value))).collect();
        client.map(name.clone()).put_all(&entries).await.unwrap();
        let count = compare(&client, &mapping).await;
        assert_eq!(count.left, 0, "{name}");
        assert_eq!(count.equal, entries.len() + of_type(column_type).len(), "{name}");
        if column_type == SqlColumnType::Varchar {
            assert!(count.errors > 40);
        }
    }
}

/// The whole value of mappings whose values have fields.
#[tokio::test]
async fn whole_values_as_objects() {
    let client = client().await;
    let compact = [("valueFormat", "compact"), ("valueCompactTypeName", "whole")];
    for (name, value, left) in
        [("entries_this_flat", &[("valueFormat", "json-flat")][..], 3), ("entries_this", &compact, 0)]
    {
        let mut mapping = Mapping::new(name, value, &[("a", SqlColumnType::BigInt)]);
        mapping.create(&client).await;
        let mut all: Vec<Value> = TYPES.iter().flat_map(|(column_type, _)| of_type(*column_type)).collect();
        all.extend([
            Value::Bytes(vec![1, 2]),
            Value::Uuid(hazelcast_client::Uuid::from_u128(7)),
            Value::Array(ArrayKind::Integer, vec![1i32.into()]),
            Value::Array(ArrayKind::Varchar, vec!["x".into(), Value::Null]),
            Value::JavaDate(5),
            Value::Character(65),
            Value::BigInteger("123".parse().unwrap()),
        ]);
        let entries: Vec<_> =
            (1..).zip(&all).map(|(key, value)| (data(&Value::Integer(key)), data(value))).collect();
        client.map(name).put_all(&entries).await.unwrap();
        if left == 0 {
            mapping.sink(&client, 0, vec![5i64.into()]).await;
        }
        mapping.columns = vec![
            ("__key".to_string(), "__key".to_string(), SqlColumnType::Integer),
            ("this".to_string(), "this".to_string(), SqlColumnType::Object),
        ];
        let count = compare(&client, &mapping).await;
        assert_eq!((count.errors, count.left), (0, left), "{name}");
    }
}

/// Values of classes that are no column's, in columns of every type.
#[tokio::test]
async fn values_of_other_classes() {
    let client = client().await;
    let others = [
        Value::JavaDate(1_709_208_000_123),
        Value::JavaDate(-62_135_769_600_001),
        Value::Character(65),
        Value::Character(0xD800),
        Value::BigInteger("123456789012345678901234567890".parse().unwrap()),
        Value::BigInteger("-7".parse().unwrap()),
        Value::Uuid(hazelcast_client::Uuid::from_u128(7)),
        Value::Bytes(vec![1, 2]),
        Value::Array(ArrayKind::Integer, vec![1i32.into()]),
        Value::List(vec![1i32.into()]),
    ];
    let (mut equal, mut errors, mut left) = (0, 0, 0);
    for (column_type, _) in TYPES {
        let format = type_name(column_type).to_lowercase();
        let name = format!("entries_other_{}", format.replace(' ', "_"));
        let mapping = Mapping::new(&name, &[("valueFormat", &format)], &[("this", column_type)]);
        mapping.create(&client).await;
        let entries: Vec<_> =
            (0..).zip(&others).map(|(key, value)| (data(&Value::Integer(key)), data(value))).collect();
        client.map(name.clone()).put_all(&entries).await.unwrap();
        let count = compare(&client, &mapping).await;
        (equal, errors, left) = (equal + count.equal, errors + count.errors, left + count.left);
    }
    // The keys are read; a value of another class is an error, or left to SQL.
    let all = others.len() * TYPES.len();
    assert_eq!((equal, errors + left), (all, all));
    assert!(errors > 0 && left > 0, "{errors} {left}");
}
