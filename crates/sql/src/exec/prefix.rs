//! Numbers that order rows nearly as their keys do, as PostgreSQL's abbreviated keys: where two differ, the keys differ in
//! the same way; where they are equal, the keys must be looked at.

use pg::{Value, oid};

use super::key::Order;

/// The number of a key: its first two columns, 64 bits each. The upper two bits of a column tell where NULLs are.
pub(super) fn prefix<'a>(keys: impl Iterator<Item = (&'a Order, &'a Value)>) -> u128 {
    let mut columns = keys.map(|(order, key)| column(order, key));
    let (first, exact) = columns.next().unwrap_or((0, false));
    // What comes after a column counts only among rows that are equal in it.
    let second = if exact { columns.next().map_or(0, |(second, _)| second) } else { 0 };
    u128::from(first) << 64 | u128::from(second)
}

/// The bits of a value: all but the two upper ones.
const BITS: u32 = 62;
const MASK: u64 = (1 << BITS) - 1;

/// A column's number, and whether only equal values have it.
fn column(order: &Order, key: &Value) -> (u64, bool) {
    if key.is_null() {
        return (if order.nulls_first { 0 } else { 2 << BITS }, true);
    }
    let (value, exact) = value(order, key);
    let value = if order.descending { !value & MASK } else { value };
    (1 << BITS | value, exact)
}

/// The same of a value that is not NULL. A number that several values have is none that a value has for itself.
fn value(order: &Order, key: &Value) -> (u64, bool) {
    match key {
        Value::Int4(n) => integer((*n).into()),
        Value::Int8(n) | Value::Timestamp(n) | Value::TimestampTz(n) | Value::Time(n) => integer(*n),
        Value::Text(text) if order.ty != oid::BPCHAR => text_value(text),
        Value::Float8(n) => (float(*n) >> 2, false),
        Value::Float4(n) => (float((*n).into()) >> 2, false),
        Value::Int2(n) => integer((*n).into()),
        Value::Date(n) => integer((*n).into()),
        Value::Oid(oid) => integer(oid.0.into()),
        Value::Bool(b) => integer((*b).into()),
        _ => (0, false),
    }
}

/// The integers that have a number of their own end here.
const END: i64 = (1 << (BITS - 1)) - 1;

fn integer(n: i64) -> (u64, bool) {
    let within = n.clamp(-END, END);
    (within.wrapping_add(END).cast_unsigned(), -END < n && n < END)
}

/// Bits in the order of [`pg::compare::compare_f64`].
fn float(n: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    if n.is_nan() {
        return u64::MAX;
    }
    // There are two zeros, which are equal.
    let bits = if n == 0.0 { 0.0_f64.to_bits() } else { n.to_bits() };
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The bytes of a text that have room, then whether there is more.
const TEXT: usize = 7;
/// From this byte on the order of bytes is not the order of texts ([`pg::compare::compare_text`]).
const OTHERWISE: u8 = 0xEE;

fn text_value(text: &str) -> (u64, bool) {
    let mut bytes = [0; 8];
    let mut exact = text.len() <= TEXT;
    for (place, &byte) in bytes.iter_mut().skip(1).zip(text.as_bytes()) {
        *place = byte.min(OTHERWISE);
        if byte >= OTHERWISE {
            exact = false;
            break;
        }
    }
    (u64::from_be_bytes(bytes) << 1 | u64::from(!exact), exact)
}

#[cfg(test)]
mod tests {
    use super::super::key::compare_keys;
    use super::*;
    use pg::Oid;

    fn orders(ty: Oid) -> impl Iterator<Item = Order> {
        [(false, false), (false, true), (true, false), (true, true)]
            .into_iter()
            .map(move |(descending, nulls_first)| Order { ty, descending, nulls_first })
    }

    fn of(orders: &[Order], keys: &[Value]) -> u128 {
        prefix(orders.iter().zip(keys))
    }

    /// The numbers of values, alone and before and behind others, say nothing that the values don't.
    fn check(ty: Oid, values: &[Value]) {
        let values: Vec<&Value> = values.iter().chain([&Value::Null]).collect();
        for order in orders(ty) {
            for other in [Value::Int4(1), Value::Int4(2), Value::Null] {
                for both in [[order, Order::ascending(oid::INT4)], [Order::ascending(oid::INT4), order]] {
                    for a in &values {
                        for b in &values {
                            let key = |value: &Value, other: &Value| match both[0].ty == ty {
                                true => [value.clone(), other.clone()],
                                false => [other.clone(), value.clone()],
                            };
                            let (a, b) = (key(a, &other), key(b, &Value::Int4(1)));
                            let found = of(&both, &a).cmp(&of(&both, &b));
                            let wanted = compare_keys(&both, &a, &b);
                            assert!(found.is_eq() || found == wanted, "{a:?} {b:?} {found:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn prefixes_are_in_the_order_of_keys() {
        let long =
            [i64::MIN, i64::MIN + 1, -END - 1, -END, -END + 1, -1, 0, 1, END - 1, END, END + 1, i64::MAX];
        check(oid::INT8, &long.map(Value::Int8));
        check(oid::TIMESTAMP, &long.map(Value::Timestamp));
        check(oid::INT2, &[i16::MIN, -1, 0, i16::MAX].map(Value::Int2));
        check(oid::DATE, &[i32::MIN, -1, 0, i32::MAX].map(Value::Date));
        check(oid::BOOL, &[Value::Bool(false), Value::Bool(true)]);
        let floats =
            [f64::NEG_INFINITY, -1e300, -1.0, -0.0, 0.0, f64::MIN_POSITIVE, 1.0, f64::INFINITY, f64::NAN];
        check(oid::FLOAT8, &floats.map(Value::Float8));
        let texts = [
            "",
            "a",
            "abcdef",
            "abcdefg",
            "abcdefgh",
            "abcdefgi",
            "abcdefh",
            "b",
            "\u{7f}",
            "é",
            "\u{d7ff}",
            "\u{e000}",
            "\u{ffff}",
            "\u{10000}",
            "\u{10ffff}",
            "a\u{ffff}b",
            "a\u{10000}a",
            "aaaaaa\u{ffff}",
        ];
        check(oid::TEXT, &texts.map(Value::text));
        check(oid::BPCHAR, &["a", "a ", "a\u{1}", "b"].map(Value::text));
        check(oid::BYTEA, &[Value::Bytea([1].into()), Value::Bytea([2].into())]);
    }

    #[test]
    fn prefixes_tell_most_keys_apart() {
        let keys = |a: i32, b: &str| [Value::Int4(a), Value::text(b)];
        let both = [Order::ascending(oid::INT4), Order::ascending(oid::TEXT)];
        assert!(of(&both, &keys(1, "z")) < of(&both, &keys(2, "a")));
        assert!(of(&both, &keys(1, "a")) < of(&both, &keys(1, "b")));
    }
}
