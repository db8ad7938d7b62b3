//! Reading the values of a page: nothing is allocated, whatever the type.

use std::alloc::System;
use std::hint::black_box;

use hazelcast_client::{Page, SqlColumnType, ValueRef, fuzz};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The recorded answers that hold rows.
fn pages() -> Vec<Page> {
    let all: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let of = |section: &str, key: &str| -> Vec<Vec<u8>> {
        let vectors = all[section].as_array().unwrap();
        vectors.iter().filter_map(|vector| vector.get(key)?.as_str().map(hex)).collect()
    };
    let messages = [of("reference_messages", "hex"), of("live", "response_hex")].concat();
    messages.iter().filter_map(|message| fuzz::page(message)).collect()
}

/// Every value by the getter of its column's type, and as any value.
fn read(page: &Page) -> usize {
    let mut values = 0;
    for index in 0..page.columns() {
        let column = page.column(index).unwrap();
        for row in 0..page.rows() {
            values += 1;
            let null = column.is_null(row);
            let typed = match column.column_type() {
                SqlColumnType::Boolean => black_box(column.bool(row)).is_some(),
                SqlColumnType::TinyInt => black_box(column.i8(row)).is_some(),
                SqlColumnType::SmallInt => black_box(column.i16(row)).is_some(),
                SqlColumnType::Integer => black_box(column.i32(row)).is_some(),
                SqlColumnType::BigInt => black_box(column.i64(row)).is_some(),
                SqlColumnType::Real => black_box(column.f32(row)).is_some(),
                SqlColumnType::Double => black_box(column.f64(row)).is_some(),
                SqlColumnType::Decimal => black_box(column.decimal(row)).is_some(),
                SqlColumnType::Date => black_box(column.date(row)).is_some(),
                SqlColumnType::Time => black_box(column.time(row)).is_some(),
                SqlColumnType::Timestamp => black_box(column.timestamp(row)).is_some(),
                SqlColumnType::TimestampTz => black_box(column.timestamp_tz(row)).is_some(),
                SqlColumnType::Object => black_box(column.data(row)).is_some(),
                _ => black_box(column.str(row)).is_some(),
            };
            assert!(null != typed && (black_box(column.value(row)) == ValueRef::Null) == null);
        }
    }
    values
}

#[test]
fn no_value_allocates() {
    let pages = pages();
    let mut types: Vec<_> =
        pages.iter().flat_map(|page| (0..page.columns()).filter_map(|c| page.column_type(c))).collect();
    types.sort_by_key(|column_type| column_type.id());
    types.dedup();
    assert!(types.len() >= 15, "{types:?}");
    let region = Region::new(ALLOCATOR);
    let values: usize = pages.iter().map(read).sum();
    let change = region.change();
    assert!(values > 100);
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{values} values");
    // The counting works.
    let region = Region::new(ALLOCATOR);
    drop(black_box(vec![1u8; 100]));
    assert!(region.change().allocations > 0);
}
