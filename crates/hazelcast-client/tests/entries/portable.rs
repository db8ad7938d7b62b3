//! portable: records as SQL writes them, of several versions of a class.

use hazelcast_client::{SqlColumnType, Value};

use super::both::{Mapping, TYPES, client, compare};
use super::values::{Dice, of_type};

/// All types that records take.
fn columns() -> Vec<(String, SqlColumnType)> {
    let types = TYPES.iter().filter(|(column_type, _)| *column_type != SqlColumnType::Json);
    types.map(|(column_type, name)| (name.to_lowercase().replace(' ', "_"), *column_type)).collect()
}

fn mapping(name: &str, version: &str, columns: &[(String, SqlColumnType)]) -> Mapping {
    let options = [
        ("valueFormat", "portable"),
        ("valuePortableFactoryId", "7001"),
        ("valuePortableClassId", "1"),
        ("valuePortableClassVersion", version),
    ];
    let columns: Vec<_> = columns.iter().map(|(name, column_type)| (name.as_str(), *column_type)).collect();
    Mapping::new(name, &options, &columns)
}

/// Numbers and booleans can't be null in records, and their years have 16 bits.
fn value(dice: &mut Dice, column_type: SqlColumnType) -> Value {
    let nullable = !matches!(
        column_type,
        SqlColumnType::Boolean
            | SqlColumnType::TinyInt
            | SqlColumnType::SmallInt
            | SqlColumnType::Integer
            | SqlColumnType::BigInt
            | SqlColumnType::Real
            | SqlColumnType::Double
    );
    if nullable && dice.below(4) == 0 {
        return Value::Null;
    }
    loop {
        let value = dice.one_of(&of_type(column_type)).clone();
        let year = match &value {
            Value::Date(date) => date.year,
            Value::Timestamp(value) => value.date.year,
            Value::TimestampTz(value) => value.local.date.year,
            _ => 0,
        };
        if i16::try_from(year).is_ok() {
            return value;
        }
    }
}

#[tokio::test]
async fn versions_of_a_class() {
    let client = client().await;
    let all = columns();
    let whole = mapping("entries_portable", "0", &all);
    whole.create(&client).await;
    let older = mapping("entries_portable_1", "1", &all[..6]).over("entries_portable");
    let newer = mapping("entries_portable_2", "2", &all[4..]).over("entries_portable");
    let turned: Vec<_> =
        all.iter().zip(all.iter().skip(1)).map(|((name, _), (_, other))| (name.clone(), *other)).collect();
    let turned = mapping("entries_portable_3", "3", &turned).over("entries_portable");
    let mut dice = Dice(3);
    let mappings = [&whole, &older, &newer, &turned];
    for (index, mapping) in mappings.iter().enumerate() {
        mapping.declare(&client).await;
        for key in 0..6 {
            let values = mapping.columns.iter().skip(1);
            let values = values.map(|(_, _, column_type)| value(&mut dice, *column_type)).collect();
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
