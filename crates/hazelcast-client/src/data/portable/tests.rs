//! Records written are read again, whatever is in them; whatever is read, there is a record or an error.

use proptest::collection::vec;
use proptest::prelude::*;

use super::record::PortableRecord;
use super::write::{Item, item_of};
use super::{PortableFieldType as Type, PortableId};
use crate::data::Data;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};
use crate::data::value::{ArrayKind, Value};
use crate::{Decimal, fuzz};

const NESTED: (i32, i32) = (7, 2);

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let date = (-999i32..=9999, 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| Date { year, month, day });
    let time = (0u8..24, 0u8..60, 0u8..60, 0u32..1_000_000_000);
    let time = time.prop_map(|(hour, minute, second, nano)| Time { hour, minute, second, nano });
    (date, time).prop_map(|(date, time)| Timestamp { date, time })
}

/// An object that is not null.
fn object(field_type: Type) -> BoxedStrategy<Value> {
    match field_type {
        Type::Decimal => (any::<i128>(), any::<i32>())
            .prop_map(|(unscaled, scale)| Value::Decimal(Decimal::from_i128(unscaled, scale)))
            .boxed(),
        Type::Time => timestamp().prop_map(|value| Value::Time(value.time)).boxed(),
        Type::Date => timestamp().prop_map(|value| Value::Date(value.date)).boxed(),
        Type::Timestamp => timestamp().prop_map(Value::Timestamp).boxed(),
        _ => (timestamp(), -64_800i32..=64_800)
            .prop_map(|(local, offset_seconds)| Value::TimestampTz(TimestampTz { local, offset_seconds }))
            .boxed(),
    }
}

fn item(kind: ArrayKind) -> BoxedStrategy<Value> {
    match kind {
        ArrayKind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ArrayKind::Character => any::<u16>().prop_map(Value::Character).boxed(),
        ArrayKind::SmallInt => any::<i16>().prop_map(Value::SmallInt).boxed(),
        ArrayKind::Integer => any::<i32>().prop_map(Value::Integer).boxed(),
        ArrayKind::BigInt => any::<i64>().prop_map(Value::BigInt).boxed(),
        ArrayKind::Real => (-1e9f32..1e9).prop_map(Value::Real).boxed(),
        ArrayKind::Double => (-1e9f64..1e9).prop_map(Value::Double).boxed(),
        ArrayKind::Varchar => any::<Option<String>>().prop_map(Value::from).boxed(),
    }
}

fn value(field_type: Type, nested: BoxedStrategy<PortableRecord>) -> BoxedStrategy<Value> {
    match (field_type, item_of(field_type)) {
        (Type::Portable, _) => proptest::option::of(nested).prop_map(Value::from).boxed(),
        (Type::PortableArray, _) => vec(nested, 0..4)
            .prop_map(|items| Value::List(items.into_iter().map(Value::from).collect()))
            .boxed(),
        (Type::Byte, _) => any::<i8>().prop_map(Value::TinyInt).boxed(),
        (Type::Boolean, _) => item(ArrayKind::Boolean),
        (Type::Char, _) => item(ArrayKind::Character),
        (Type::Short, _) => item(ArrayKind::SmallInt),
        (Type::Int, _) => item(ArrayKind::Integer),
        (Type::Long, _) => item(ArrayKind::BigInt),
        (Type::Float, _) => item(ArrayKind::Real),
        (Type::Double, _) => item(ArrayKind::Double),
        (Type::Utf, _) => item(ArrayKind::Varchar),
        (_, Item::Bytes) => any::<Vec<u8>>().prop_map(Value::Bytes).boxed(),
        (_, Item::Array(kind)) => {
            vec(item(kind), 0..6).prop_map(move |items| Value::Array(kind, items)).boxed()
        }
        (_, Item::Offsets(of)) => {
            prop_oneof![Just(Value::Null), vec(object(of), 0..6).prop_map(Value::List)].boxed()
        }
        (of, _) => prop_oneof![Just(Value::Null), object(of)].boxed(),
    }
}

/// Records of any class, and what they hold of records in them.
fn record_of(class: (i32, i32), nested: BoxedStrategy<PortableRecord>) -> BoxedStrategy<PortableRecord> {
    let field = proptest::sample::select(Type::ALL)
        .prop_flat_map(move |field_type| (Just(field_type), value(field_type, nested.clone())));
    let fields = proptest::collection::btree_map("[a-zé]{1,6}", field, 0..12);
    (fields, proptest::option::of(any::<Vec<u8>>()), any::<i32>())
        .prop_map(move |(fields, raw, version)| {
            let id = PortableId { factory_id: class.0, class_id: class.1, version };
            let mut record = PortableRecord::builder(id);
            for (name, (field_type, value)) in fields {
                record = match field_type {
                    Type::Portable | Type::PortableArray => record.nested(name, field_type, NESTED, value),
                    _ => record.field(name, field_type, value),
                };
            }
            if let Some(raw) = raw {
                record = record.raw_data(raw);
            }
            record.build().unwrap()
        })
        .boxed()
}

fn record() -> BoxedStrategy<PortableRecord> {
    let leaf = PortableRecord::builder(PortableId { factory_id: NESTED.0, class_id: NESTED.1, version: 3 });
    let leaf = leaf.field("n", Type::Int, 1).build().unwrap();
    record_of((7, 1), record_of(NESTED, Just(leaf).boxed()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_come_back(record in record(), before in any::<String>()) {
        let alone = Value::Portable(record.clone());
        prop_assert_eq!(Data::from_value(&alone).unwrap().unwrap().to_value().unwrap(), alone.clone());
        // In a list their offsets count from the list's beginning, and what follows them is found.
        let list = Value::List(vec![before.into(), alone.clone(), Value::Null, alone, 1.into()]);
        prop_assert_eq!(Data::from_value(&list).unwrap().unwrap().to_value().unwrap(), list);
    }

    #[test]
    fn mutilated_records(
        record in record(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        kept in 0.7f64..=1.0,
    ) {
        let data = Data::from_value(&Value::Portable(record)).unwrap().unwrap();
        let mut bytes = data.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len() - 8);
            bytes[8 + at] = byte;
        }
        bytes.truncate(8 + ((bytes.len() - 8) as f64 * kept) as usize);
        fuzz::value(&bytes);
    }
}

#[test]
fn values_of_other_types_are_refused() {
    let id = PortableId { factory_id: 1, class_id: 2, version: 0 };
    for field_type in Type::ALL {
        let value = if *field_type == Type::Utf { Value::Integer(1) } else { Value::from("x") };
        assert!(
            PortableRecord::builder(id).field("f", *field_type, value).build().is_err(),
            "{field_type:?}"
        );
    }
    let twice = PortableRecord::builder(id).field("f", Type::Int, 1).field("f", Type::Int, 2);
    assert!(twice.build().is_err());
    assert!(PortableRecord::builder(id).field("\u{100}", Type::Int, 1).build().is_err());
    let nested = PortableRecord::builder(id).field("f", Type::Portable, Value::Null);
    assert!(nested.build().is_err(), "nobody knows of which class it is");
}

/// Offsets that lead to the same record again and again would be read for ever.
#[test]
fn records_that_hold_each_other_end() {
    let mut bytes = vec![0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    let header = |bytes: &mut Vec<u8>, numbers: &[i32]| {
        numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
    };
    // Factory, class; from 16 on version, end, two fields, both at 40, nothing without a name.
    header(&mut bytes, &[1, 1, 0, 52, 2, 40, 40, 0]);
    bytes.extend_from_slice(&[0, 1, b'x', 10]);
    // An array of two records: both are the one that it is in.
    header(&mut bytes, &[2, 1, 1, 16, 16]);
    bytes.resize(200, 0);
    for end in 48..=64 {
        bytes[20..24].copy_from_slice(&i32::to_be_bytes(end));
        assert!(Value::from_data(&bytes).is_err());
    }
}
