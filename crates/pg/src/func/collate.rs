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
    "bttextcmp" "text_larger" "text_smaller": &str => compare;
    "btnamecmp" "" "": &str => compare;
    "btnametextcmp" "" "": &str => compare;
    "bttextnamecmp" "" "": &str => compare;
    "bpcharcmp" "bpchar_larger" "bpchar_smaller": &str => compare_bpchar;
    "bttext_pattern_cmp" "" "": &str => compare_pattern;
    "btbpchar_pattern_cmp" "" "": &str => compare_bpchar_pattern;
    "byteacmp" "" "": &[u8] => compare_bytea;
    "uuid_cmp" "" "": Uuid => |a: Uuid, b: Uuid| a.cmp(&b);
});
