//! Keys made here are those that SQL has written.

use hazelcast_client::{Client, CompactRecord, CompactSchema, FieldKind, SqlColumnType, Value};

use super::both::{LIMIT, Mapping, TYPES, by_sql, client, type_name, version};
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

/// The formats of keys with parts.
fn formats(name: &str, columns: &[(&str, SqlColumnType)]) -> [Mapping; 3] {
    let class = name.bytes().map(i32::from).sum::<i32>().to_string();
    let portable =
        [("keyFormat", "portable"), ("keyPortableFactoryId", "7002"), ("keyPortableClassId", class.as_str())];
    let compact = [("keyFormat", "compact"), ("keyCompactTypeName", name)];
    [
        mapping(&format!("{name}_flat"), &[("keyFormat", "json-flat")], columns),
        mapping(&format!("{name}_compact"), &compact, columns),
        mapping(&format!("{name}_portable"), &portable, columns),
    ]
}

#[tokio::test]
async fn keys_of_several_parts() {
    let client = client().await;
    // Not in the order of their names, in which Compact records are written.
    let columns = [
        ("__key.v", SqlColumnType::Varchar),
        ("__key.b", SqlColumnType::Boolean),
        ("__key.ti", SqlColumnType::TinyInt),
        ("__key.i", SqlColumnType::Integer),
        ("__key.l", SqlColumnType::BigInt),
        ("__key.d", SqlColumnType::Date),
    ];
    let date = hazelcast_client::Date::new(987, 6, 5).unwrap();
    let whole = [
        ["x".into(), true.into(), Value::TinyInt(-1), 5.into(), i64::MAX.into(), date.into()],
        ["é 😀".into(), false.into(), Value::TinyInt(0), i32::MIN.into(), 0i64.into(), date.into()],
    ];
    let with_nulls = [
        ["a \"b\" \\ / é 😀".into(), Value::Null, Value::Null, i32::MIN.into(), Value::Null, Value::Null],
        [Value::Null, false.into(), Value::TinyInt(0), Value::Null, 0i64.into(), date.into()],
    ];
    for mapping in formats("entries_key", &columns) {
        let portable = mapping.name.ends_with("portable");
        if portable && version(&client) < (5, 4, 0) {
            continue;
        }
        mapping.create(&client).await;
        // Numbers of a Portable record are never null.
        let keys = if portable { whole.to_vec() } else { [whole.clone(), with_nulls.clone()].concat() };
        for (index, key) in (0..).zip(&keys) {
            found(&client, &mapping, key, index).await;
        }
        let rows = by_sql(&client, &format!("SELECT this FROM {}", mapping.name), vec![]).await.unwrap();
        assert_eq!(rows.iter().map(hazelcast_client::Page::rows).sum::<usize>(), keys.len());
        assert!(!mapping.layout().key(&keys[0]).unwrap().sure);
        assert!(mapping.layout().key(&keys[0][1..]).is_err());
    }
}

/// Types whose text in JSON depends on the member's Java.
const FLOATS: [SqlColumnType; 2] = [SqlColumnType::Real, SqlColumnType::Double];

#[tokio::test]
async fn parts_of_every_type() {
    let client = client().await;
    for (column_type, _) in TYPES {
        if column_type == SqlColumnType::Json {
            continue;
        }
        let name = format!("entries_part_{}", type_name(column_type).to_lowercase().replace(' ', "_"));
        // The first key of a schema that nobody has seen, and then more.
        for mapping in formats(&name, &[("__key.part", column_type), ("__key.n", SqlColumnType::Integer)]) {
            let portable = mapping.name.ends_with("portable");
            if portable && version(&client) < (5, 4, 0) {
                continue;
            }
            mapping.create(&client).await;
            let mut refused = 0;
            for (index, value) in (0..).zip(of_type(column_type)) {
                let key = [value.clone(), index.into()];
                let json = mapping.name.ends_with("flat");
                if json && FLOATS.contains(&column_type) {
                    assert!(mapping.layout().key(&key).is_err(), "{}: {key:?}", mapping.name);
                    refused += 1;
                } else if !(portable && beyond_portable(&value)) {
                    found(&client, &mapping, &key, index).await;
                }
            }
            assert!(refused <= of_type(column_type).len());
        }
    }
}

/// Years of Portable records have 16 bits.
fn beyond_portable(value: &Value) -> bool {
    let year = match value {
        Value::Date(date) => date.year,
        Value::Timestamp(value) => value.date.year,
        Value::TimestampTz(value) => value.local.date.year,
        _ => return false,
    };
    i16::try_from(year).is_err()
}

#[tokio::test]
async fn characters_that_json_escapes() {
    let client = client().await;
    let mapping = mapping(
        "entries_escapes",
        &[("keyFormat", "json-flat")],
        &[("__key.t", SqlColumnType::Varchar), ("__key.n", SqlColumnType::Integer)],
    );
    mapping.create(&client).await;
    // Others are written otherwise by older members.
    let everywhere = ['\n', '\r', '\t', '"', '\\', '/', 'é', '\u{80}', '\u{9f}', '\u{7f}', '😀'];
    let of_57 = (0..32).map(char::from).chain(['\u{2028}', '\u{2029}', '\u{feff}']);
    let all: Vec<char> =
        if version(&client) < (5, 7, 0) { everywhere.to_vec() } else { of_57.chain(everywhere).collect() };
    for (number, character) in (0..).zip(all) {
        found(&client, &mapping, &[format!("a{character}b").into(), number.into()], number).await;
    }
}

#[tokio::test]
async fn records_of_others() {
    let client = client().await;
    let columns = [("__key.year", SqlColumnType::Integer), ("__key.title", SqlColumnType::Varchar)];
    let options = [("keyFormat", "compact"), ("keyCompactTypeName", "entries_other")];
    let mapping = mapping("entries_other", &options, &columns);
    mapping.create(&client).await;
    // As a class with an `int` writes it.
    let record = CompactRecord::builder("entries_other")
        .field("title", FieldKind::String, "Metropolis")
        .field("year", FieldKind::Int32, 1927)
        .build()
        .unwrap();
    let map = client.map("entries_other");
    map.set(&record, &1, None).await.unwrap();
    let (layout, key) = (mapping.layout(), [Value::Integer(1927), "Metropolis".into()]);
    let encoded = layout.key(&key).unwrap();
    assert_eq!(map.get(&encoded.data).await.unwrap(), None, "another schema is another key");
    assert!(!encoded.sure);
    let stored = map.key_set().await.unwrap().remove(0);
    let schema = client.compact_schema(stored.compact_schema_id().unwrap()).await.unwrap().unwrap();
    assert_eq!(layout.key_of_schema(&key, &schema), Some(stored));
    assert_eq!(
        layout.key_of_schema(&[Value::Null, "Metropolis".into()], &schema),
        None,
        "an int is never null"
    );
    let other = CompactSchema::new("entries_other", [("year", FieldKind::Int32)]);
    assert_eq!(layout.key_of_schema(&key, &other.into()), None);
}
