//! The default btree order and equality of every type, for sorting, grouping and joining: `bttextcmp`,
//! `interval_cmp`, `array_cmp` and so on. Text is ordered by UTF-16 code units, as the cluster orders it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::json::{compare_jsonb, hash_jsonb};
use crate::{Array, Interval, Oid, Record, Value, oid};

/// Compares two values of a type. NULL is equal to NULL and above everything else, as elements of arrays and fields
/// of records are compared; the caller decides about NULLs elsewhere.
pub fn compare(ty: Oid, a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int4(a), Value::Int4(b)) => a.cmp(b),
        (Value::Int8(a), Value::Int8(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) if ty == oid::BPCHAR => compare_text(unpadded(a), unpadded(b)),
        (Value::Text(a), Value::Text(b)) => compare_text(a, b),
        (Value::Null, Value::Null) | (Value::Void, Value::Void) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Char(a), Value::Char(b)) => a.cmp(b),
        (Value::Float4(a), Value::Float4(b)) => compare_f64((*a).into(), (*b).into()),
        (Value::Float8(a), Value::Float8(b)) => compare_f64(*a, *b),
        (Value::Numeric(a), Value::Numeric(b)) => a.compare(b),
        (Value::Bytea(a), Value::Bytea(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b))
        | (Value::Timestamp(a), Value::Timestamp(b))
        | (Value::TimestampTz(a), Value::TimestampTz(b)) => a.cmp(b),
        (Value::TimeTz(a, x), Value::TimeTz(b, y)) => {
            utc_of(*a, *x).cmp(&utc_of(*b, *y)).then_with(|| x.cmp(y))
        }
        (Value::Interval(a), Value::Interval(b)) => interval_span(a).cmp(&interval_span(b)),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Jsonb(a), Value::Jsonb(b)) => compare_jsonb(a, b),
        (Value::Array(a), Value::Array(b)) => compare_arrays(a, b),
        (Value::Record(a), Value::Record(b)) => compare_records(a, b),
        (Value::Other(a), Value::Other(b)) => crate::other::compare(a, b),
        _ => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Values of different kinds never meet under one type; the order is total all the same.
            _ => kind(a).cmp(&kind(b)),
        },
    }
}

/// Whether two values are equal in the sense of [`compare`].
pub fn equal(ty: Oid, a: &Value, b: &Value) -> bool {
    compare(ty, a, b).is_eq()
}

/// Hashes a value so that values that [`compare`] calls equal have the same hash.
pub fn hash<H: Hasher>(ty: Oid, value: &Value, state: &mut H) {
    match value {
        Value::Null | Value::Void => state.write_u8(0),
        Value::Bool(b) => b.hash(state),
        Value::Char(c) => c.hash(state),
        Value::Int2(_) | Value::Int4(_) | Value::Int8(_) | Value::Oid(_) => {
            state.write_i64(value.as_i64().unwrap_or_default());
        }
        Value::Float4(f) => hash_f64((*f).into(), state),
        Value::Float8(f) => hash_f64(*f, state),
        Value::Numeric(n) => n.hash_value(state),
        Value::Text(t) if ty == oid::BPCHAR => unpadded(t).hash(state),
        Value::Text(t) => t.hash(state),
        Value::Bytea(b) => b.hash(state),
        Value::Date(d) => d.hash(state),
        Value::Time(t) | Value::Timestamp(t) | Value::TimestampTz(t) => t.hash(state),
        Value::TimeTz(t, zone) => (t, zone).hash(state),
        Value::Interval(i) => interval_span(i).hash(state),
        Value::Uuid(u) => u.hash(state),
        Value::Jsonb(j) => hash_jsonb(j, state),
        Value::Other(other) => crate::other::hash(other, state),
        Value::Array(a) => {
            a.items.len().hash(state);
            a.items.iter().for_each(|item| hash(a.element, item, state));
        }
        Value::Record(r) => {
            r.fields.len().hash(state);
            for (at, field) in r.fields.iter().enumerate() {
                hash(field_type(r, at), field, state);
            }
        }
    }
}

/// Text order: UTF-16 code units. It differs from the order of the bytes only where a character beyond U+FFFF (a
/// surrogate pair, D800 to DFFF) meets one of U+E000 to U+FFFF.
pub fn compare_text(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match a.iter().zip(b).find(|(x, y)| x != y) {
        // Lead bytes: EE and EF begin U+E000 to U+FFFF, F0 and above what is beyond.
        Some((&x @ 0xF0.., &(0xEE | 0xEF))) if x >= 0xF0 => Ordering::Less,
        Some((&(0xEE | 0xEF), &y @ 0xF0..)) if y >= 0xF0 => Ordering::Greater,
        Some((x, y)) => x.cmp(y),
        None => a.len().cmp(&b.len()),
    }
}

/// Floats: NaN equal to itself and above everything, -0 equal to 0 (`float8_cmp_internal`).
pub fn compare_f64(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// What intervals are compared by: microseconds, with months of 30 days and days of 24 hours (`interval_cmp_value`).
pub fn interval_span(interval: &Interval) -> i128 {
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * 86_400_000_000 + i128::from(interval.micros)
}

/// A `bpchar` without the blanks that don't count.
pub fn unpadded(text: &str) -> &str {
    text.trim_end_matches(' ')
}

fn utc_of(time: i64, zone_west: i32) -> i64 {
    time + i64::from(zone_west) * 1_000_000
}

fn hash_f64<H: Hasher>(value: f64, state: &mut H) {
    let normal = if value == 0.0 {
        0.0
    } else if value.is_nan() {
        f64::NAN
    } else {
        value
    };
    state.write_u64(normal.to_bits());
}

/// `array_cmp`: the elements decide, then the numbers of elements and dimensions, then lengths and lower bounds.
fn compare_arrays(a: &Array, b: &Array) -> Ordering {
    let elements = a.items.iter().zip(&b.items).map(|(x, y)| compare(a.element, x, y));
    first_difference(elements)
        .then_with(|| a.items.len().cmp(&b.items.len()))
        .then_with(|| a.dims.len().cmp(&b.dims.len()))
        .then_with(|| first_difference(a.dims.iter().zip(&b.dims).map(|(x, y)| x.length.cmp(&y.length))))
        .then_with(|| first_difference(a.dims.iter().zip(&b.dims).map(|(x, y)| x.lower.cmp(&y.lower))))
}

/// `record_cmp`
fn compare_records(a: &Record, b: &Record) -> Ordering {
    let fields = a.fields.iter().zip(&b.fields).enumerate();
    first_difference(fields.map(|(at, (x, y))| compare(field_type(a, at), x, y)))
        .then_with(|| a.fields.len().cmp(&b.fields.len()))
}

fn field_type(record: &Record, at: usize) -> Oid {
    record.types.get(at).copied().unwrap_or(Oid::INVALID)
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => u8::MAX,
        Value::Bool(_) => 0,
        Value::Char(_) => 1,
        Value::Int2(_) | Value::Int4(_) | Value::Int8(_) | Value::Oid(_) => 2,
        Value::Float4(_) => 3,
        Value::Float8(_) => 4,
        Value::Numeric(_) => 5,
        Value::Text(_) => 6,
        Value::Bytea(_) => 7,
        Value::Date(_) => 8,
        Value::Time(_) => 9,
        Value::TimeTz(..) => 10,
        Value::Timestamp(_) => 11,
        Value::TimestampTz(_) => 12,
        Value::Interval(_) => 13,
        Value::Uuid(_) => 14,
        Value::Jsonb(_) => 15,
        Value::Array(_) => 16,
        Value::Record(_) => 17,
        Value::Void => 18,
        Value::Other(_) => 19,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_by_utf16_units() {
        assert_eq!(compare_text("a", "b"), Ordering::Less);
        assert_eq!(compare_text("a", "ab"), Ordering::Less);
        assert_eq!(compare_text("\u{10000}", "\u{E000}"), Ordering::Less);
        assert_eq!(compare_text("\u{FFFF}", "\u{10FFFF}"), Ordering::Greater);
        assert_eq!(compare_text("\u{D7FF}", "\u{10000}"), Ordering::Less);
        let mut texts =
            ["z", "\u{E000}x", "\u{1F600}", "\u{1F600}a", "é", "\u{FFFD}", "\u{1F601}", "\u{D7FF}"];
        texts.sort_by(|a, b| compare_text(a, b));
        assert!(texts.windows(2).all(|w| w[0].encode_utf16().lt(w[1].encode_utf16())));
    }

    #[test]
    fn floats() {
        assert_eq!(compare_f64(f64::NAN, f64::INFINITY), Ordering::Greater);
        assert_eq!(compare_f64(f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(compare_f64(-0.0, 0.0), Ordering::Equal);
    }

    #[test]
    fn jsonb_order() {
        let ordered =
            ["[]", "null", "\"a\"", "\"b\"", "-1", "1", "false", "true", "[1]", "[1, 2]", "{}", "{\"a\": 1}"];
        for pair in ordered.windows(2) {
            assert_eq!(compare_jsonb(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare_jsonb("1.0", "1.00"), Ordering::Equal);
    }
}
