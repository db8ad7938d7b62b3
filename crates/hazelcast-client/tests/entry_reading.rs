//! Reading stored entries into pages: nothing is allocated for a value, only for the pages as they grow.

use std::alloc::System;

use hazelcast_client::{Client, Data, EntryColumn, EntryFormat, EntryLayout, SqlColumnType, Value};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROWS: i32 = 10_000;

fn data(value: Value) -> Data {
    Data::from_value(&value).unwrap().unwrap()
}

fn column(name: &str, external: &str, column_type: SqlColumnType) -> EntryColumn {
    EntryColumn { name: name.to_string(), external_name: external.to_string(), column_type }
}

// On one thread, so that the client, which looks for its cluster in vain, doesn't run while allocations are counted.
#[tokio::test]
async fn no_value_of_an_entry_allocates() {
    let client = Client::builder().address("127.0.0.1:1").start().unwrap();
    let columns = [
        column("__key", "__key", SqlColumnType::Integer),
        column("a", "this.a", SqlColumnType::BigInt),
        column("b", "this.b", SqlColumnType::Double),
        column("c", "this.c", SqlColumnType::Varchar),
        column("d", "this.d", SqlColumnType::Decimal),
        column("e", "this.e", SqlColumnType::Timestamp),
    ];
    let key = EntryFormat::Basic(SqlColumnType::Integer);
    let layout = EntryLayout::new("m", key, EntryFormat::JsonFlat, columns);
    let entries: Vec<(Data, Data)> = (0..ROWS)
        .map(|n| {
            let json = format!(
                r#"{{"x":{{"y":[{n},null]}},"a":{n},"b":{n}.25,"c":"row \"{n}\"","d":"{n}.50","e":"2024-02-29T12:34:56.{n:06}"}}"#
            );
            (data(n.into()), data(Value::Json(json)))
        })
        .collect();
    let mut reader = layout.reader(&client, &[0, 1, 2, 3, 4, 5]).unwrap();
    let mut page = reader.page();
    // The first row learns the order of the members.
    reader.read(entries[0].0.as_bytes(), entries[0].1.as_bytes(), &mut page).unwrap();
    let region = Region::new(ALLOCATOR);
    for (key, value) in &entries {
        reader.read(key.as_bytes(), value.as_bytes(), &mut page).unwrap();
    }
    let change = region.change();
    let grown = change.allocations + change.reallocations;
    assert!(grown < 150, "{grown} allocations for {ROWS} rows");
    let page = page.finish(true);
    assert_eq!((page.rows(), page.i64(8, 1), page.f64(8, 2)), (ROWS as usize + 1, Some(7), Some(7.25)));
    assert_eq!(
        (page.str(8, 3), page.decimal(8, 4).unwrap().to_decimal().to_string().as_str()),
        (Some("row \"7\""), "7.50")
    );
    assert_eq!(page.timestamp(8, 5).unwrap().time.nano, 7000);
}
