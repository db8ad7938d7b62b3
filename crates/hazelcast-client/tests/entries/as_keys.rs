//! The same as keys: columns of keys of every format, with contents of every kind.

use hazelcast_client::{ArrayKind, Client, Data, SqlColumnType, Value};

use super::both::{Count, LIMIT, Mapping, TYPES, by_reader, by_sql, client, type_name, version};
use super::json::VALUES;
use super::values::{Dice, of_type};

/// A mapping with these columns of a key, and an `int` value.
fn mapping(name: &str, options: &[(&str, &str)], key: &[(String, SqlColumnType)]) -> Mapping {
    let mut mapping = Mapping::new(name, &[("valueFormat", "int")], &[]);
    mapping.options.retain(|(name, _)| name != "keyFormat");
    mapping.options.extend(options.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
    let column = |(index, (external, column_type)): (usize, &(String, SqlColumnType))| {
        let whole = external == "__key";
        let external = if whole { external.clone() } else { format!("__key.{external}") };
        (if whole { external.clone() } else { format!("k{index}") }, external, *column_type)
    };
    mapping.columns = key.iter().enumerate().map(column).collect();
    mapping.columns.push(("this".to_string(), "this".to_string(), SqlColumnType::Integer));
    mapping
}

/// The types as columns of a record.
fn columns() -> Vec<(String, SqlColumnType)> {
    TYPES.iter().map(|(column_type, name)| (name.to_lowercase().replace(' ', "_"), *column_type)).collect()
}

async fn put(client: &Client, map: &str, keys: impl IntoIterator<Item = Data>) {
    let value = |index: i32| Data::from_value(&Value::Integer(index)).unwrap().unwrap();
    let entries: Vec<_> = keys.into_iter().zip(0..).map(|(key, index)| (key, value(index))).collect();
    client.map(map).put_all(&entries).await.unwrap();
}

/// So many of the keys that are refused here are shown to SQL, which takes its time to fail.
const REFUSED: usize = 4;

/// Compares each column of the keys: those that are read here in one statement, some of the others one by one.
async fn compare(client: &Client, mapping: &Mapping) -> Count {
    let layout = mapping.layout();
    let entries = client.map(mapping.map.clone()).entry_set().await.unwrap();
    let mut count = Count::default();
    let (_, columns) = mapping.columns.split_last().unwrap();
    for (column, (name, _, _)) in columns.iter().enumerate() {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for entry in &entries {
            let Value::Integer(value) = entry.1.to_value().unwrap() else { panic!("a value that is none") };
            match by_reader(client, &layout, column, entry).await {
                Err(_) => count.left += 1,
                Ok(Ok(shown)) => good.push((value, shown)),
                Ok(Err(message)) => bad.push((value, message)),
            }
        }
        count.equal += good.len();
        count.errors += bad.len();
        let list: Vec<_> = good.iter().map(|(value, _)| value.to_string()).collect();
        let sql = format!("SELECT this, \"{name}\" FROM \"{}\" WHERE this IN (", mapping.name);
        if !list.is_empty() {
            let theirs = by_sql(client, &format!("{sql}{})", list.join(", ")), vec![]).await;
            let theirs = theirs.unwrap_or_else(|error| panic!("{name} of {}: {error}", mapping.name));
            let row = |page: &hazelcast_client::Page, row: usize| {
                (page.i32(row, 0).unwrap(), super::both::shown(page.value(row, 1)))
            };
            let mut theirs: Vec<_> =
                theirs.iter().flat_map(|page| (0..page.rows()).map(|at| row(page, at))).collect();
            theirs.sort();
            good.sort();
            assert_eq!(theirs, good, "{name} of {}", mapping.name);
        }
        let step = (bad.len() / REFUSED).max(1);
        for (value, message) in bad.iter().step_by(step).take(REFUSED) {
            let theirs = by_sql(client, &format!("{sql}{value})"), vec![]).await.map(drop);
            assert_eq!(theirs, Err(message.clone()), "{name} of the key of {value} in {}", mapping.name);
        }
    }
    count
}

#[tokio::test]
async fn json_keys() {
    let client = client().await;
    let mapping = mapping("entries_json_keys", &[("keyFormat", "json-flat")], &columns());
    mapping.create(&client).await;
    let members = |value: &&str| {
        let members: Vec<_> = columns().iter().map(|(name, _)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let odd = ["{}", "null", "[]", "1", "{\"bigint\":1,\"bigint\":2}", "{\"x\":{\"bigint\":5},\"bigint\":6}"];
    let texts = VALUES.iter().map(members).chain(odd.map(str::to_string));
    put(&client, &mapping.name, texts.map(|text| Data::from_value(&Value::Json(text)).unwrap().unwrap()))
        .await;
    let count = compare(&client, &mapping).await;
    eprintln!("{count:?}");
    assert!(count.equal > 600 && count.errors > 800 && count.left < 60, "{count:?}");
}

#[tokio::test]
async fn keys_of_every_class() {
    let client = client().await;
    let mut all: Vec<Value> = TYPES.iter().flat_map(|(column_type, _)| of_type(*column_type)).collect();
    all.extend([
        Value::JavaDate(1_709_208_000_123),
        Value::Character(65),
        Value::BigInteger("123456789012345678901234567890".parse().unwrap()),
        Value::Uuid(hazelcast_client::Uuid::from_u128(7)),
        Value::Array(ArrayKind::Integer, vec![1i32.into()]),
    ]);
    // Zeros and decimals with other scales are other keys; what is the same key twice is there once.
    for (column_type, _) in TYPES {
        let format = type_name(column_type).to_lowercase();
        let name = format!("entries_keys_of_{}", format.replace(' ', "_"));
        let mapping = mapping(&name, &[("keyFormat", &format)], &[("__key".to_string(), column_type)]);
        mapping.create(&client).await;
        put(&client, &name, all.iter().map(|key| Data::from_value(key).unwrap().unwrap())).await;
        let count = compare(&client, &mapping).await;
        assert!(count.left <= 5 && count.equal >= of_type(column_type).len(), "{name}: {count:?}");
    }
}

/// Mappings of several times over one map: all columns, the first, the last, and other types.
fn versions(format: &str, options: impl Fn(usize) -> Vec<(&'static str, String)>) -> Vec<Mapping> {
    let all: Vec<_> = columns().into_iter().filter(|(_, ty)| *ty != SqlColumnType::Json).collect();
    let turned = all.iter().zip(all.iter().skip(1)).map(|((name, _), (_, other))| (name.clone(), *other));
    let sets = [all.clone(), all[..6].to_vec(), all[4..].to_vec(), turned.collect()];
    let mappings = sets.iter().enumerate().map(|(version, columns)| {
        let options = options(version);
        let options: Vec<_> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let name = format!("entries_{format}_keys");
        mapping(&format!("{name}_{version}"), &options, columns).over(&name)
    });
    mappings.collect()
}

/// Writes keys by SQL; `None` where it can't.
async fn sink(client: &Client, mapping: &Mapping, key: Vec<Value>, value: i32) -> Option<()> {
    let places = vec!["?"; mapping.columns.len()].join(", ");
    let sql = format!("SINK INTO \"{}\" VALUES ({places})", mapping.name);
    let arguments = key.into_iter().chain([Value::Integer(value)]);
    client.sql(sql).args(arguments).local_timeout(LIMIT).execute().await.ok().map(drop)
}

#[tokio::test]
async fn compact_keys() {
    let client = client().await;
    let options = |_| vec![("keyFormat", "compact".to_string()), ("keyCompactTypeName", "keyed".to_string())];
    let mappings = versions("compact", options);
    mappings[0].create(&client).await;
    let mut dice = Dice(5);
    for (index, mapping) in mappings.iter().enumerate() {
        mapping.declare(&client).await;
        for at in 0..5 {
            let (_, columns) = mapping.columns.split_last().unwrap();
            let mut value = |(_, _, ty): &(String, String, SqlColumnType)| match dice.below(4) {
                0 => Value::Null,
                _ => dice.one_of(&of_type(*ty)).clone(),
            };
            let key = columns.iter().map(&mut value).collect();
            sink(&client, mapping, key, index as i32 * 10 + at).await.expect("SQL writes compact keys");
        }
    }
    for mapping in &mappings {
        let count = compare(&client, mapping).await;
        eprintln!("{}: {count:?}", mapping.name);
        assert!(count.left == 0 && count.equal > 50 && count.errors > 5, "{}: {count:?}", mapping.name);
    }
}

#[tokio::test]
async fn portable_keys() {
    let client = client().await;
    if version(&client) < (5, 4, 0) {
        // SQL of 5.3 does not write these records.
        return;
    }
    let options = |version: usize| {
        let ids = [("keyPortableFactoryId", "7002"), ("keyPortableClassId", "1")];
        let ids = ids.map(|(name, value)| (name, value.to_string()));
        let mut options = vec![("keyFormat", "portable".to_string())];
        options.extend(ids);
        options.push(("keyPortableClassVersion", version.to_string()));
        options
    };
    let mappings = versions("portable", options);
    mappings[0].create(&client).await;
    let mut dice = Dice(6);
    for (index, mapping) in mappings.iter().enumerate() {
        mapping.declare(&client).await;
        for at in 0..5 {
            let (_, columns) = mapping.columns.split_last().unwrap();
            let key = columns.iter().map(|(_, _, ty)| super::portable::value(&mut dice, *ty)).collect();
            sink(&client, mapping, key, index as i32 * 10 + at).await.expect("SQL writes portable keys");
        }
    }
    for mapping in &mappings {
        let count = compare(&client, mapping).await;
        eprintln!("{}: {count:?}", mapping.name);
        assert!(count.left == 0 && count.equal > 50 && count.errors > 5, "{}: {count:?}", mapping.name);
    }
}
