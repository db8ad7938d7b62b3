//! compact: records as SQL writes them, with schemas of several mappings in one map, and records of kinds that SQL doesn't
//! write.

use hazelcast_client::{ArrayKind, CompactRecord, Data, FieldKind, SqlColumnType, Value};

use super::both::{Mapping, TYPES, client, compare};
use super::values::{Dice, of_type};

const PERSON: [(&str, &str); 2] = [("valueFormat", "compact"), ("valueCompactTypeName", "person")];

/// All types that records take.
fn columns() -> Vec<(String, SqlColumnType)> {
    let types = TYPES.iter().filter(|(column_type, _)| *column_type != SqlColumnType::Json);
    types.map(|(column_type, name)| (name.to_lowercase().replace(' ', "_"), *column_type)).collect()
}

fn mapping(name: &str, columns: &[(String, SqlColumnType)]) -> Mapping {
    let columns: Vec<_> = columns.iter().map(|(name, column_type)| (name.as_str(), *column_type)).collect();
    Mapping::new(name, &PERSON, &columns)
}

#[tokio::test]
async fn records_of_sql() {
    let client = client().await;
    let columns = columns();
    let mapping = mapping("entries_compact", &columns);
    mapping.create(&client).await;
    mapping.sink(&client, 0, vec![Value::Null; columns.len()]).await;
    for key in 1..8 {
        let value = |(_, column_type): &(String, SqlColumnType)| {
            let values = of_type(*column_type);
            values[(key as usize - 1) % values.len()].clone()
        };
        mapping.sink(&client, key, columns.iter().map(value).collect()).await;
    }
    // Long texts make offsets of two and of four bytes.
    for (key, length) in [(8, 300), (9, 70_000)] {
        let mut row = vec![Value::Null; columns.len()];
        row[0] = "é".repeat(length).into();
        row[5] = 5i64.into();
        mapping.sink(&client, key, row).await;
    }
    let mut dice = Dice(1);
    for key in 10..60 {
        let mut value = |(_, column_type): &(String, SqlColumnType)| match dice.below(3) {
            0 => Value::Null,
            _ => dice.one_of(&of_type(*column_type)).clone(),
        };
        mapping.sink(&client, key, columns.iter().map(&mut value).collect()).await;
    }
    let count = compare(&client, &mapping).await;
    assert_eq!((count.equal, count.errors, count.left), (60 * 14, 0, 0));
}

#[tokio::test]
async fn schemas_of_several_times() {
    let client = client().await;
    let all = columns();
    let whole = mapping("entries_schemas", &all);
    whole.create(&client).await;
    // Fields that came later, that went, and that changed their type.
    let older = mapping("entries_schemas_1", &all[..6]).over("entries_schemas");
    let newer = mapping("entries_schemas_2", &all[4..]).over("entries_schemas");
    let turned: Vec<_> =
        all.iter().zip(all.iter().skip(1)).map(|((name, _), (_, other))| (name.clone(), *other)).collect();
    let turned = mapping("entries_schemas_3", &turned).over("entries_schemas");
    let mut dice = Dice(2);
    let mappings = [&whole, &older, &newer, &turned];
    for (index, mapping) in mappings.iter().enumerate() {
        mapping.declare(&client).await;
        for key in 0..4 {
            let values = mapping.columns.iter().skip(1);
            let values =
                values.map(|(_, _, column_type)| dice.one_of(&of_type(*column_type)).clone()).collect();
            mapping.sink(&client, index as i32 * 10 + key, values).await;
        }
    }
    for mapping in mappings {
        let count = compare(&client, mapping).await;
        eprintln!("{}: {count:?}", mapping.name);
        assert_eq!(count.left, 0);
        assert!(count.equal > 50 && count.errors > 10);
    }
}

/// Fields of kinds that SQL doesn't write, in columns of every type.
#[tokio::test]
async fn records_of_other_kinds() {
    let client = client().await;
    let inner = CompactRecord::builder("inner").field("n", FieldKind::Int32, Value::Integer(5));
    let inner = inner.build().unwrap();
    let numbers = Value::Array(ArrayKind::Integer, vec![1i32.into(), 2i32.into()]);
    let fields: [(FieldKind, Value); 8] = [
        (FieldKind::Compact, inner.into()),
        (FieldKind::Compact, Value::Null),
        (FieldKind::ArrayOfInt32, numbers),
        (FieldKind::ArrayOfString, Value::Array(ArrayKind::Varchar, vec!["x".into(), Value::Null])),
        (FieldKind::Int32, Value::Integer(7)),
        (FieldKind::NullableInt64, Value::BigInt(8)),
        (FieldKind::Boolean, true.into()),
        (FieldKind::Float32, Value::Real(1.5)),
    ];
    // Each row has the fields in other columns.
    let columns = columns();
    let mapping = mapping("entries_other_kinds", &columns);
    mapping.create(&client).await;
    let mut entries = Vec::new();
    for key in 0..fields.len() {
        let mut record = CompactRecord::builder("person");
        for (at, (name, _)) in columns.iter().enumerate() {
            let (kind, value) = &fields[(at + key) % fields.len()];
            record = record.field(name, *kind, value.clone());
        }
        let key = Data::from_value(&Value::Integer(key as i32)).unwrap().unwrap();
        entries.push((key, client.to_data(&record.build().unwrap()).await.unwrap()));
    }
    client.map(mapping.name.clone()).put_all(&entries).await.unwrap();
    let count = compare(&client, &mapping).await;
    eprintln!("{count:?}");
    assert!(count.equal > 20 && count.errors > 10, "{count:?}");
}
