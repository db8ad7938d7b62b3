//! Comparisons of texts, names, bytes and uuids. The order of our database's texts is that of UTF-16 code units; it
//! is that of the bytes, except that characters beyond U+FFFF come before U+E000 to U+FFFF.

use std::cmp::Ordering;

use super::args::Uuid;

/// The order of texts.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match a.iter().zip(b).position(|(x, y)| x != y) {
        None => a.len().cmp(&b.len()),
        Some(at) => utf16_rank(a[at]).cmp(&utf16_rank(b[at])),
    }
}

/// Lead bytes of surrogate pairs (F0 to F4) go before those of U+E000 to U+FFFF (EE, EF).
fn utf16_rank(byte: u8) -> u8 {
    match byte {
        0xEE | 0xEF => byte + 0x10,
        0xF0..=0xFF => byte - 2,
        other => other,
    }
}

/// A `character` without the padding that isn't significant.
pub(super) fn unpadded(text: &str) -> &str {
    text.trim_end_matches(' ')
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ordered_by_utf16_code_units() {
        let mut texts = ["\u{1F600}", "\u{E000}", "\u{FFFD}", "a", "", "ab", "\u{D7FF}", "é"];
        texts.sort_by(|a, b| compare(a, b));
        let mut expected = texts;
        expected.sort_by_key(|text| text.encode_utf16().collect::<Vec<_>>());
        assert_eq!(texts, expected);
        assert_eq!(texts.last(), Some(&"\u{FFFD}"));
    }
}
