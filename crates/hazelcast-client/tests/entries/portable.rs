//! portable: records as SQL writes them, of several versions of a class.

use hazelcast_client::{Client, SqlColumnType, Value};

use super::both::{Mapping, TYPES, client, compare, version};
use super::values::{Dice, of_type};

/// All types that records take.
fn columns() -> Vec<(String, SqlColumnType)> {
    let types = TYPES.iter().filter(|(column_type, _)| *column_type != SqlColumnType::Json);
    types.map(|(column_type, name)| (name.to_lowercase().replace(' ', "_"), *column_type)).collect()
}

/// A version of the class, in the one map of all.
fn mapping(version: u8, columns: &[(String, SqlColumnType)]) -> Mapping {
    let options = [
        ("valueFormat", "portable"),
        ("valuePortableFactoryId", "7001"),
        ("valuePortableClassId", "1"),
        ("valuePortableClassVersion", &version.to_string()),
    ];
    let columns: Vec<_> = columns.iter().map(|(name, column_type)| (name.as_str(), *column_type)).collect();
    Mapping::new(&format!("entries_portable_{version}"), &options, &columns).over("entries_portable")
}

/// Numbers and booleans can't be null in records, and their years have 16 bits.
pub fn value(dice: &mut Dice, column_type: SqlColumnType) -> Value {
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

/// The mappings of four versions of a class: all columns, the first six, all but the first four, and other types.
fn versions() -> [Mapping; 4] {
    let all = columns();
    let turned: Vec<_> =
        all.iter().zip(all.iter().skip(1)).map(|((name, _), (_, other))| (name.clone(), *other)).collect();
    [mapping(0, &all), mapping(1, &all[..6]), mapping(2, &all[4..]), mapping(3, &turned)]
}

async fn fill(client: &Client, mappings: &[Mapping]) -> Result<(), String> {
    let mut dice = Dice(3);
    for (index, mapping) in mappings.iter().enumerate() {
        mapping.declare(client).await;
        for key in 0..6 {
            let values = mapping.columns.iter().skip(1);
            let values = values.map(|(_, _, column_type)| value(&mut dice, *column_type)).collect();
            let sunk = mapping.try_sink(client, index as i32 * 10 + key, values).await;
            sunk.map_err(|error| format!("{} at {key}: {error}", mapping.name))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn versions_of_a_class() {
    let client = client().await;
    let mappings = versions();
    mappings[0].create(&client).await;
    let filled = fill(&client, &mappings).await;
    if version(&client) < (5, 4, 0) {
        // SQL of 5.3 does not write these records: there is nothing to compare.
        let error = filled.unwrap_err();
        assert!(error.contains("doesn't exist in Portable Class Definition"), "{error}");
        return;
    }
    filled.unwrap();
    for mapping in &mappings {
        let count = compare(&client, mapping).await;
        eprintln!("{}: {count:?}", mapping.name);
        assert_eq!(count.left, 0);
        assert!(count.equal > 50 && count.errors > 10);
    }
}
