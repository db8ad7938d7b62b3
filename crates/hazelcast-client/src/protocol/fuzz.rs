//! Arbitrary and mutilated bytes: whatever comes, there is an error or a value, never a panic.

use std::sync::LazyLock;

use bytes::BytesMut;
use proptest::prelude::*;

use super::stream::MessageCutter;
use crate::data::Data;
use crate::{Value, fuzz};

/// All recorded messages, as bytes.
fn recorded() -> &'static [Vec<u8>] {
    static ALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let all: serde_json::Value = serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap();
        let hex = |text: &str| {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let messages = |section: &str, key: &str| -> Vec<Vec<u8>> {
            all[section]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|vector| vector.get(key)?.as_str().map(hex))
                .collect()
        };
        [messages("reference_messages", "hex"), messages("live", "response_hex")].concat()
    });
    &ALL
}

/// Everything there is to a scalar value, and lists of them.
fn value() -> impl Strategy<Value = Value> {
    let decimal = (any::<i128>(), any::<i32>())
        .prop_map(|(unscaled, scale)| crate::Decimal::from_i128(unscaled, scale));
    let date =
        (any::<i32>(), 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| crate::Date { year, month, day });
    let time = (0u8..24, 0u8..60, 0u8..60, 0u32..1_000_000_000)
        .prop_map(|(hour, minute, second, nano)| crate::Time { hour, minute, second, nano });
    let local = (date, time).prop_map(|(date, time)| crate::Timestamp { date, time });
    let texts = proptest::collection::vec(any::<Option<String>>().prop_map(Value::from), 0..5);
    let numbers = proptest::collection::vec(any::<i64>().prop_map(Value::from), 0..5);
    let scalar = prop_oneof![
        local.clone().prop_map(|local| Value::Date(local.date)),
        local.clone().prop_map(|local| Value::Time(local.time)),
        local.clone().prop_map(Value::Timestamp),
        (local, any::<i32>()).prop_map(|(local, offset_seconds)| Value::TimestampTz(crate::TimestampTz {
            local,
            offset_seconds
        })),
        any::<i64>().prop_map(Value::JavaDate),
        any::<i128>().prop_map(|unscaled| Value::BigInteger(crate::Decimal::from_i128(unscaled, 0))),
        texts.prop_map(|items| Value::Array(crate::ArrayKind::Varchar, items)),
        numbers.prop_map(|items| Value::Array(crate::ArrayKind::BigInt, items)),
        any::<bool>().prop_map(Value::Boolean),
        any::<i8>().prop_map(Value::TinyInt),
        any::<i16>().prop_map(Value::SmallInt),
        any::<i32>().prop_map(Value::Integer),
        any::<i64>().prop_map(Value::BigInt),
        any::<f32>().prop_filter("NaN isn't equal", |value| !value.is_nan()).prop_map(Value::Real),
        any::<f64>().prop_filter("NaN isn't equal", |value| !value.is_nan()).prop_map(Value::Double),
        decimal.prop_map(Value::Decimal),
        any::<String>().prop_map(Value::Varchar),
        any::<String>().prop_map(Value::Json),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<u128>().prop_map(|uuid| Value::Uuid(crate::Uuid::from_u128(uuid))),
        any::<u16>().prop_map(Value::Character),
    ];
    scalar.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Objects),
            proptest::collection::vec((inner.clone(), inner), 0..5).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        fuzz::stream(&bytes);
        fuzz::value(&bytes);
        fuzz::compact(&bytes);
        fuzz::message(&bytes);
    }

    #[test]
    fn mutilated_messages(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept in 0.5f64..=1.0,
    ) {
        let all = recorded();
        let mut bytes = which.get(all).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        fuzz::stream(&bytes);
        // Also when the frames' own limits don't protect the decoders.
        fuzz::message(&bytes);
    }

    #[test]
    fn values_come_back(value in value()) {
        let data = Data::from_value(&value).unwrap().unwrap();
        prop_assert_eq!(data.to_value().unwrap(), value);
    }

    #[test]
    fn mutilated_values(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = Data::from_value(&value).unwrap().unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        fuzz::value(&bytes);
    }

    #[test]
    fn messages_in_any_pieces(which in any::<prop::sample::Index>(), size in 1usize..40) {
        let all = recorded();
        let bytes = which.get(all).repeat(3);
        let mut cutter = MessageCutter::new(1 << 20);
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        for piece in bytes.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(message) = cutter.next(&mut buffer).unwrap() {
                seen.extend_from_slice(message.bytes());
            }
        }
        prop_assert_eq!(seen, bytes);
    }
}

/// Counts near the limits of their type in the places where pages have them.
#[test]
fn huge_counts_are_refused_without_allocating() {
    for message in recorded() {
        for at in 0..message.len().saturating_sub(4) {
            for count in [i32::MAX, i32::MIN, -1, 0x00ff_ffff] {
                let mut bytes = message.clone();
                bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
                fuzz::message(&bytes);
            }
        }
    }
}
