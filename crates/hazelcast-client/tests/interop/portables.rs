//! Portable: a record of every type of field, which Java makes, too.

use hazelcast_client::{
    ArrayKind, Client, Date, Decimal, PortableFieldType as T, PortableId, PortableRecord, Time, Timestamp,
    TimestampTz, Value,
};

use super::java::Java;

fn array<V: Into<Value>>(kind: ArrayKind, items: impl IntoIterator<Item = V>) -> Value {
    Value::Array(kind, items.into_iter().map(Into::into).collect())
}

fn inner(n: i32) -> Value {
    let id = PortableId { factory_id: 7, class_id: 2, version: 3 };
    PortableRecord::builder(id).field("n", T::Int, n).build().unwrap().into()
}

/// The record of `Interop.java`.
fn record() -> PortableRecord {
    let date = Date::new(2024, 2, 29).unwrap();
    let time = Time::new(23, 59, 58, 123_456_789).unwrap();
    let local = Timestamp { date, time };
    let away = TimestampTz { local, offset_seconds: -(5 * 3600 + 30 * 60) };
    let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
    let long = "-123456789012345678901234567890.123";
    let id = PortableId { factory_id: 7, class_id: 1, version: 5 };
    let record = PortableRecord::builder(id)
        .field("Portable", T::Portable, inner(1))
        .nested("none", T::Portable, (7, 2), Value::Null)
        .field("Byte", T::Byte, -5i8)
        .field("Boolean", T::Boolean, true)
        .field("Char", T::Char, Value::Character(u16::from(b'x')))
        .field("Short", T::Short, -300i16)
        .field("Int", T::Int, 70_000)
        .field("Long", T::Long, -5_000_000_000i64)
        .field("Float", T::Float, 1.5f32)
        .field("Double", T::Double, -2.25)
        .field("Utf", T::Utf, "h\u{e9}llo")
        .field("PortableArray", T::PortableArray, Value::List(vec![inner(1), inner(-2)]))
        .field("ByteArray", T::ByteArray, vec![1, 0xff])
        .field("BooleanArray", T::BooleanArray, array(ArrayKind::Boolean, [true, false]))
        .field(
            "CharArray",
            T::CharArray,
            array(ArrayKind::Character, [Value::Character(u16::from(b'a')), Value::Character(0xe9)]),
        )
        .field("ShortArray", T::ShortArray, array(ArrayKind::SmallInt, [2i16, -2]))
        .field("IntArray", T::IntArray, array(ArrayKind::Integer, [3, -3]))
        .field("LongArray", T::LongArray, array(ArrayKind::BigInt, [4i64, -4]))
        .field("FloatArray", T::FloatArray, array(ArrayKind::Real, [0.25f32]))
        .field("DoubleArray", T::DoubleArray, array(ArrayKind::Double, [0f64; 0]))
        .field("UtfArray", T::UtfArray, array(ArrayKind::Varchar, [Some("a"), None, Some("")]))
        .field("Decimal", T::Decimal, decimal(long))
        .field("DecimalArray", T::DecimalArray, Value::List(vec![decimal(long), decimal("0.00")]))
        .field("Time", T::Time, time)
        .field("TimeArray", T::TimeArray, Value::List(vec![time.into()]))
        .field("Date", T::Date, date)
        .field("DateArray", T::DateArray, Value::List(vec![date.into(), date.into()]))
        .field("Timestamp", T::Timestamp, local)
        .field("TimestampArray", T::TimestampArray, Value::List(vec![local.into()]))
        .field("TimestampWithTimezone", T::TimestampWithTimezone, away)
        .field("TimestampWithTimezoneArray", T::TimestampWithTimezoneArray, Value::List(vec![away.into()]))
        .field("null", T::Date, Value::Null);
    record.build().unwrap()
}

/// What Java writes is read here, is the same to the byte when it is written here, and is read by Java.
pub async fn java_writes_the_same_bytes(java: &mut Java, client: &Client) {
    let map = client.map("portable");
    assert_eq!(java.ask("write-portable"), [] as [String; 0]);
    let data = map.get(&1).await.unwrap().expect("Java wrote it");
    let Value::Portable(theirs) = data.to_value().unwrap() else { panic!("{data:?} is no record") };
    let ours = record();
    for (theirs, ours) in theirs.fields().iter().zip(ours.fields()) {
        assert_eq!(theirs, ours);
    }
    assert_eq!(theirs, ours);
    assert_eq!(client.to_data(&ours).await.unwrap().as_bytes(), data.as_bytes());
    map.set(&2, &ours, None).await.unwrap();
    assert_eq!(java.ask("read-portable"), [] as [String; 0]);
}
