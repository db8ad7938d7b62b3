//! Comparisons of texts, names, bytes and uuids.

use std::cmp::Ordering;

use super::args::Uuid;
use crate::compare::{compare_text as compare, unpadded};

fn compare_bpchar(a: &str, b: &str) -> Ordering {
    compare(unpadded(a), unpadded(b))
}

fn compare_pattern(a: &str, b: &str) -> Ordering {
    a.as_bytes().cmp(b.as_bytes())
}

fn compare_bpchar_pattern(a: &str, b: &str) -> Ordering {
    unpadded(a).as_bytes().cmp(unpadded(b).as_bytes())
}

fn compare_bytea(a: &[u8], b: &[u8]) -> Ordering {
    a.cmp(b)
}

comparisons!(COMPARISONS {
    "text" "": &str, &str => compare;
    "text_" "": &str, &str => compare;
    "name" "": &str, &str => compare;
    "name" "text": &str, &str => compare;
    "text" "name": &str, &str => compare;
    "bpchar" "": &str, &str => compare_bpchar;
    "text_pattern_" "": &str, &str => compare_pattern;
    "bpchar_pattern_" "": &str, &str => compare_bpchar_pattern;
    "bytea" "": &[u8], &[u8] => compare_bytea;
    "uuid_" "": Uuid, Uuid => |a: Uuid, b: Uuid| a.cmp(&b);
});

orders!(ORDERS {
    "" "text_larger" "text_smaller": &str => compare;
    "" "bpchar_larger" "bpchar_smaller": &str => compare_bpchar;
});

// `memcmp` gives the difference of the first bytes that differ, and these functions pass it on.
kernels!(DIFFERENCES(call) {
    "bttextcmp" => |a: &str, b: &str| difference(a, b);
    "btnamecmp" => |a: &str, b: &str| name_difference(a, b);
    "btnametextcmp" => |a: &str, b: &str| difference(a, b);
    "bttextnamecmp" => |a: &str, b: &str| difference(a, b);
    "bpcharcmp" => |a: &str, b: &str| difference(unpadded(a), unpadded(b));
    "bttext_pattern_cmp" => |a: &str, b: &str| byte_difference(a.as_bytes(), b.as_bytes());
    "btbpchar_pattern_cmp" => |a: &str, b: &str| byte_difference(unpadded(a).as_bytes(), unpadded(b).as_bytes());
    "byteacmp" => |a: &[u8], b: &[u8]| byte_difference(a, b);
    "uuid_cmp" => |a: Uuid, b: Uuid| byte_difference(&a.0, &b.0);
});

/// What `memcmp` and then the lengths say.
pub(crate) fn byte_difference(a: &[u8], b: &[u8]) -> i32 {
    match a.iter().zip(b).find(|(x, y)| x != y) {
        Some((x, y)) => i32::from(*x) - i32::from(*y),
        None => a.len().cmp(&b.len()) as i32,
    }
}

/// The same for texts, whose order is that of UTF-16.
fn difference(a: &str, b: &str) -> i32 {
    let (order, bytes) = (compare(a, b) as i32, byte_difference(a.as_bytes(), b.as_bytes()));
    if order == bytes.signum() { bytes } else { order }
}

/// `strncmp`: the zero behind the shorter name counts.
fn name_difference(a: &str, b: &str) -> i32 {
    let at = |text: &str, at: usize| text.as_bytes().get(at).copied().unwrap_or(0);
    let differs = (0..=a.len().max(b.len())).find(|&i| at(a, i) != at(b, i));
    let bytes = differs.map_or(0, |i| i32::from(at(a, i)) - i32::from(at(b, i)));
    let order = compare(a, b) as i32;
    if order == bytes.signum() { bytes } else { order }
}
