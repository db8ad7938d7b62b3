//! The records that `Interop.java` has, too.

use hazelcast_client::FieldKind as K;
use hazelcast_client::{
    CompactRecord, CompactRecordBuilder, Date, Decimal, Time, Timestamp, TimestampTz, Value,
};

const NULL: Value = Value::Null;

fn leap() -> Date {
    Date::new(2024, 2, 29).unwrap()
}

fn late() -> Time {
    Time::new(23, 59, 58, 123_456_789).unwrap()
}

fn decimal(text: &str) -> Value {
    text.parse::<Decimal>().unwrap().into()
}

fn inner(n: i32, s: Option<&str>) -> Value {
    let record = CompactRecord::builder("inner").field("n", K::Int32, n).field("s", K::String, s);
    record.build().unwrap().into()
}

fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::List(items.into_iter().map(Into::into).collect())
}

fn none() -> Value {
    Value::List(Vec::new())
}

/// Each field is called as its kind.
fn record(fields: impl IntoIterator<Item = (K, Value)>) -> CompactRecord {
    let add = |record: CompactRecordBuilder, (kind, value)| record.field(format!("{kind:?}"), kind, value);
    fields.into_iter().fold(CompactRecord::builder("every"), add).build().unwrap()
}

/// A value in every field.
pub fn full() -> CompactRecord {
    let long = || decimal("-123456789012345678901234567890.123");
    let local = Timestamp { date: leap(), time: late() };
    let away = TimestampTz { local, offset_seconds: -(5 * 3600 + 30 * 60) };
    record([
        (K::Boolean, true.into()),
        (K::ArrayOfBoolean, list([true, false, true, true, false, false, false, true, true])),
        (K::Int8, (-5i8).into()),
        (K::ArrayOfInt8, Value::Bytes(vec![1, 0xff])),
        (K::Int16, (-300i16).into()),
        (K::ArrayOfInt16, list([2i16, -2])),
        (K::Int32, 70_000.into()),
        (K::ArrayOfInt32, list([3, -3])),
        (K::Int64, (-5_000_000_000i64).into()),
        (K::ArrayOfInt64, list([4i64, -4])),
        (K::Float32, 1.5f32.into()),
        (K::ArrayOfFloat32, list([0.25f32, -0.5])),
        (K::Float64, (-2.25).into()),
        (K::ArrayOfFloat64, list([1e300, -0.0])),
        (K::String, "h\u{e9}llo \u{1f600}".into()),
        (K::ArrayOfString, list([Some("a"), None, Some("")])),
        (K::Decimal, long()),
        (K::ArrayOfDecimal, list([long(), NULL, decimal("0.00")])),
        (K::Time, late().into()),
        (K::ArrayOfTime, list([Some(late()), None])),
        (K::Date, leap().into()),
        (K::ArrayOfDate, list([None, Some(leap())])),
        (K::Timestamp, local.into()),
        (K::ArrayOfTimestamp, list([Some(local), None])),
        (K::TimestampWithTimezone, away.into()),
        (K::ArrayOfTimestampWithTimezone, list([None, Some(away)])),
        (K::Compact, inner(7, Some("seven"))),
        (K::ArrayOfCompact, list([inner(1, None), NULL, inner(2, Some("two"))])),
        (K::NullableBoolean, false.into()),
        (K::ArrayOfNullableBoolean, list([Some(true), None, Some(false)])),
        (K::NullableInt8, 6i8.into()),
        (K::ArrayOfNullableInt8, list([None, Some(7i8)])),
        (K::NullableInt16, 8i16.into()),
        (K::ArrayOfNullableInt16, list([Some(9i16), None])),
        (K::NullableInt32, 10.into()),
        (K::ArrayOfNullableInt32, list([None, Some(11)])),
        (K::NullableInt64, 12i64.into()),
        (K::ArrayOfNullableInt64, list([Some(13i64), None])),
        (K::NullableFloat32, 0.125f32.into()),
        (K::ArrayOfNullableFloat32, list([None, Some(3.5f32)])),
        (K::NullableFloat64, 4.75.into()),
        (K::ArrayOfNullableFloat64, list([Some(5.5), None])),
    ])
}

/// Nothing wherever a field may have nothing.
pub fn nothing() -> CompactRecord {
    let full = full();
    let zero = |kind| match kind {
        K::Boolean => false.into(),
        K::Int8 => 0i8.into(),
        K::Int16 => 0i16.into(),
        K::Int32 => 0.into(),
        K::Int64 => 0i64.into(),
        K::Float32 => 0f32.into(),
        K::Float64 => 0f64.into(),
        _ => NULL,
    };
    record(full.schema().fields().iter().map(|field| (field.kind, zero(field.kind))))
}

/// The ends of all ranges, empty arrays, and more bytes than offsets of one byte reach.
pub fn edges() -> CompactRecord {
    let wide = "x".repeat(70_000);
    let early = Timestamp { date: Date::new(-1, 1, 1).unwrap(), time: Time::new(0, 0, 0, 0).unwrap() };
    record([
        (K::Boolean, true.into()),
        (K::ArrayOfBoolean, none()),
        (K::Int8, i8::MIN.into()),
        (K::ArrayOfInt8, Value::Bytes(Vec::new())),
        (K::Int16, i16::MAX.into()),
        (K::ArrayOfInt16, none()),
        (K::Int32, i32::MIN.into()),
        (K::ArrayOfInt32, none()),
        (K::Int64, i64::MAX.into()),
        (K::ArrayOfInt64, none()),
        (K::Float32, f32::MAX.into()),
        (K::ArrayOfFloat32, none()),
        // Java's Double.MIN_VALUE.
        (K::Float64, f64::from_bits(1).into()),
        (K::ArrayOfFloat64, list([f64::INFINITY, f64::NEG_INFINITY])),
        (K::String, wide.as_str().into()),
        (K::ArrayOfString, list([Some(wide.as_str()), None, Some("end")])),
        (K::Decimal, decimal("128")),
        (K::ArrayOfDecimal, none()),
        (K::Time, Time::new(23, 59, 59, 999_999_999).unwrap().into()),
        (K::ArrayOfTime, none()),
        (K::Date, Date::new(9999, 12, 31).unwrap().into()),
        (K::ArrayOfDate, none()),
        (K::Timestamp, early.into()),
        (K::ArrayOfTimestamp, list([early])),
        (K::TimestampWithTimezone, TimestampTz { local: early, offset_seconds: 18 * 3600 }.into()),
        (K::ArrayOfTimestampWithTimezone, none()),
        (K::Compact, inner(i32::MAX, Some(&wide))),
        (K::ArrayOfCompact, none()),
        (K::NullableBoolean, true.into()),
        (K::ArrayOfNullableBoolean, none()),
        (K::NullableInt8, i8::MAX.into()),
        (K::ArrayOfNullableInt8, none()),
        (K::NullableInt16, i16::MIN.into()),
        (K::ArrayOfNullableInt16, none()),
        (K::NullableInt32, i32::MAX.into()),
        (K::ArrayOfNullableInt32, list([NULL, NULL, NULL])),
        (K::NullableInt64, i64::MIN.into()),
        (K::ArrayOfNullableInt64, none()),
        // Java's Float.MIN_VALUE.
        (K::NullableFloat32, f32::from_bits(1).into()),
        (K::ArrayOfNullableFloat32, none()),
        (K::NullableFloat64, f64::MAX.into()),
        (K::ArrayOfNullableFloat64, none()),
    ])
}
