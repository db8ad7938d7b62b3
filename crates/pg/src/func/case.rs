//! Upper and lower case as `towupper` and `towlower` have it in `C.UTF-8`: character by character, by Unicode 15's
//! simple mappings.

use super::ctype::Class;

/// `lower(text)`.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(lower_char).collect() }
}

/// `upper(text)`.
pub(super) fn upper(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.chars().map(upper_char).collect() }
}

/// `initcap(text)`: the first character of each run of alphanumerics is upper case, the others lower.
pub(super) fn initcap(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let mapped = if inside { lower_char(c) } else { upper_char(c) };
            // PostgreSQL asks the mapped character.
            inside = Class::Alnum.contains(mapped);
            mapped
        })
        .collect()
}

/// The lower case of a character; itself where that takes several characters.
pub(super) fn lower_char(c: char) -> char {
    if newer_than_unicode_15(c) {
        return c;
    }
    match c {
        '\u{130}' => 'i',
        _ => single(c, c.to_lowercase()),
    }
}

/// The upper case of a character; itself where that takes several characters.
pub(super) fn upper_char(c: char) -> char {
    if newer_than_unicode_15(c) {
        return c;
    }
    match c as u32 {
        // Greek with iota: the full mapping writes the iota as a letter, the simple one is the title case.
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => char::from_u32(c as u32 + 8).unwrap_or(c),
        0x1FB3 | 0x1FC3 | 0x1FF3 => char::from_u32(c as u32 + 9).unwrap_or(c),
        _ => single(c, c.to_uppercase()),
    }
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Letters that Rust's tables know and the C library's (Unicode 15.0) don't.
fn newer_than_unicode_15(c: char) -> bool {
    matches!(c as u32, 0x1C89..=0x1C8A | 0xA7CB..=0xA7CF | 0xA7D2..=0xA7D5 | 0xA7DA..=0xA7DC
        | 0x10D50..=0x10D85 | 0x16EA0..=0x16ED3)
}
