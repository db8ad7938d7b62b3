//! Records of every kind of field come back as they were; broken ones are errors.

use std::sync::Arc;

use proptest::prelude::*;

use super::generic::CompactRecord;
use super::read::{Unread, read};
use super::schema::{CompactSchema, FieldKind};
use crate::data::to_data::ToData;
use crate::data::value::Value;
use crate::{Data, Date, Decimal, Time, Timestamp, TimestampTz};

fn known(record: &CompactRecord) -> impl Fn(i64) -> Option<Arc<CompactSchema>> + use<> {
    let mut schemas = Vec::new();
    record.collect_schemas(&mut schemas);
    move |id| schemas.iter().find(|schema| schema.id() == id).cloned()
}

fn comes_back(record: &CompactRecord) {
    let data = record.to_data().unwrap();
    assert_eq!(&read(&data, &known(record)).unwrap(), record);
}

/// A value of a kind that isn't an array.
fn scalar(kind: FieldKind) -> BoxedStrategy<Value> {
    use FieldKind as K;
    let date = (-9999..=9999i32, 1..=12u8, 1..=28u8).prop_map(|(y, m, d)| Date { year: y, month: m, day: d });
    let time = (0..24u8, 0..60u8, 0..60u8, 0..1_000_000_000u32).prop_map(|(h, m, s, n)| Time {
        hour: h,
        minute: m,
        second: s,
        nano: n,
    });
    let timestamp = (date.clone(), time.clone()).prop_map(|(date, time)| Timestamp { date, time });
    match kind {
        K::Boolean | K::NullableBoolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        K::Int8 | K::NullableInt8 => any::<i8>().prop_map(Value::TinyInt).boxed(),
        K::Int16 | K::NullableInt16 => any::<i16>().prop_map(Value::SmallInt).boxed(),
        K::Int32 | K::NullableInt32 => any::<i32>().prop_map(Value::Integer).boxed(),
        K::Int64 | K::NullableInt64 => any::<i64>().prop_map(Value::BigInt).boxed(),
        K::Float32 | K::NullableFloat32 => any::<i32>().prop_map(|v| Value::Real(v as f32)).boxed(),
        K::Float64 | K::NullableFloat64 => any::<i64>().prop_map(|v| Value::Double(v as f64)).boxed(),
        K::String => ".{0,40}".prop_map(Value::Varchar).boxed(),
        K::Decimal => (any::<i128>(), any::<i32>())
            .prop_map(|(unscaled, scale)| Value::Decimal(Decimal::from_i128(unscaled, scale)))
            .boxed(),
        K::Time => time.prop_map(Value::Time).boxed(),
        K::Date => date.prop_map(Value::Date).boxed(),
        K::Timestamp => timestamp.prop_map(Value::Timestamp).boxed(),
        K::TimestampWithTimezone => (timestamp, -64800..=64800i32)
            .prop_map(|(local, offset_seconds)| Value::TimestampTz(TimestampTz { local, offset_seconds }))
            .boxed(),
        K::Compact => any::<(i32, bool)>()
            .prop_map(|(number, flag)| {
                let inner = CompactRecord::builder("inner")
                    .field("n", K::Int32, number)
                    .field("f", K::Boolean, flag)
                    .field("s", K::String, flag.then(|| number.to_string()));
                inner.build().unwrap().into()
            })
            .boxed(),
        other => panic!("{other:?}"),
    }
}

/// A value of a kind, now and then null where that can be.
fn value(kind: FieldKind) -> BoxedStrategy<Value> {
    match kind.item() {
        Some((FieldKind::Int8, false)) => any::<Vec<u8>>().prop_map(Value::Bytes).boxed(),
        Some((item, by_offset)) => {
            let item = scalar(item);
            let item = match by_offset {
                true => prop_oneof![4 => item, 1 => Just(Value::Null)].boxed(),
                false => item,
            };
            let items = proptest::collection::vec(item, 0..12).prop_map(Value::List);
            prop_oneof![6 => items, 1 => Just(Value::Null)].boxed()
        }
        None if kind == FieldKind::Boolean || kind.fixed_size().is_some() => scalar(kind),
        None => prop_oneof![4 => scalar(kind), 1 => Just(Value::Null)].boxed(),
    }
}

fn kinds() -> Vec<FieldKind> {
    (0..60).filter_map(FieldKind::from_id).collect()
}

fn record() -> impl Strategy<Value = CompactRecord> {
    let field = proptest::sample::select(kinds()).prop_flat_map(|kind| (Just(kind), value(kind)));
    proptest::collection::btree_map("[a-z]{1,6}", field, 0..20).prop_map(|fields| {
        let mut builder = CompactRecord::builder("any");
        for (name, (kind, value)) in fields {
            builder = builder.field(name, kind, value);
        }
        builder.build().unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_come_back(record in record()) {
        comes_back(&record);
    }

    #[test]
    fn broken_records_are_errors_or_values(
        record in record(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        kept in any::<prop::sample::Index>(),
    ) {
        let whole = record.to_data().unwrap().as_bytes().to_vec();
        let mut bytes = whole.clone();
        for (at, byte) in changes {
            // The schema's id stays.
            let at = (16 + at.index(whole.len())).min(whole.len() - 1);
            bytes[at] = byte;
        }
        let _ = read(&Data::new(bytes.into()).unwrap(), &known(&record));
        let cut = whole[..(8 + kept.index(whole.len() - 8)).min(whole.len() - 1)].to_vec();
        if whole.len() > 16 {
            prop_assert!(read(&Data::new(cut.into()).unwrap(), &known(&record)).is_err());
        }
    }

    #[test]
    fn any_bytes_after_a_schema(record in record(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut data = record.to_data().unwrap().as_bytes()[..16].to_vec();
        data.extend_from_slice(&bytes);
        let _ = read(&Data::new(data.into()).unwrap(), &known(&record));
    }
}

#[test]
fn long_records_have_wide_offsets() {
    for length in [200, 254, 255, 300, 65_000, 65_535, 70_000] {
        let text = "x".repeat(length);
        let record = CompactRecord::builder("long")
            .field("a", FieldKind::String, text.clone())
            .field("b", FieldKind::String, "end")
            .field("c", FieldKind::ArrayOfString, Value::List(vec![text.into(), Value::Null, "y".into()]))
            .field("d", FieldKind::String, Value::Null)
            .build()
            .unwrap();
        comes_back(&record);
    }
}

#[test]
fn values_of_another_kind_are_refused() {
    let refused = |kind, value: Value| CompactRecord::builder("t").field("f", kind, value).build().is_err();
    assert!(refused(FieldKind::Int32, Value::BigInt(1)));
    assert!(refused(FieldKind::Int32, Value::Null));
    assert!(refused(FieldKind::Boolean, Value::Null));
    assert!(refused(FieldKind::String, Value::Json("{}".to_string())));
    assert!(refused(FieldKind::ArrayOfInt32, Value::List(vec![Value::Null])));
    assert!(refused(FieldKind::ArrayOfNullableInt32, Value::List(vec![Value::BigInt(1)])));
    let one = CompactRecord::builder("one").field("f", FieldKind::Int32, 1).build().unwrap();
    let two = CompactRecord::builder("two").field("f", FieldKind::Int32, 1).build().unwrap();
    assert!(refused(FieldKind::ArrayOfCompact, Value::List(vec![one.into(), two.into()])));
    let twice = CompactRecord::builder("t").field("f", FieldKind::Int32, 1).field("f", FieldKind::Int32, 1);
    assert!(twice.build().is_err());
}

#[test]
fn an_unknown_schema_is_named() {
    let record = CompactRecord::builder("t").field("f", FieldKind::Int32, 1).build().unwrap();
    let data = record.to_data().unwrap();
    assert_eq!(read(&data, &|_| None), Err(Unread::Schema(record.schema().id())));
}
