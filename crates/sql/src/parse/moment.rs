//! Literals that mean another moment each time they are read.

use super::token::{Token, TokenKind};

/// Words of dates that mean the moment at which they are read (`date_in`).
const MOMENTS: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// Whether what these tokens mean may be another thing tomorrow, whatever the types of their literals are.
pub(super) fn names_moment(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| match &token.kind {
        TokenKind::String(text) => has_moment(text),
        // The offset of a time with time zone is that of today.
        TokenKind::Word { folded, .. } if &**folded == "time" => {
            tokens.get(at + 1).is_some_and(|next| next.kind.is_symbol('(') || next.kind.is_word("with"))
        }
        TokenKind::Word { folded: name, .. } | TokenKind::Quoted(name) => {
            matches!(&**name, "timetz" | "current_time")
        }
        _ => false,
    })
}

/// Whether such a word is among those of a literal: of an array, a range or a record, too, where quotes and backslashes may
/// stand between its letters.
fn has_moment(literal: &str) -> bool {
    let bare: String = literal.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    let mut words = bare.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| MOMENTS.iter().any(|moment| word.eq_ignore_ascii_case(moment)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::tokenize;

    #[test]
    fn moments_are_found_in_literals() {
        for text in [
            "SELECT 'now'::timestamptz",
            "SELECT date 'Today'",
            "SELECT '{NOW}'::date[]",
            r#"SELECT '(n"o"w)'::t, '{n\ow}'::date[]"#,
            "SELECT '[2020-01-01,tomorrow)'::daterange",
            r"SELECT E'n\157w'::date",
            "SELECT U&'n!006fw' UESCAPE '!'",
            "SELECT 'no'\n'w'::date",
            "SELECT 'no' -- that is\n'w'::date",
            "SELECT $$yesterday$$::date",
            "SELECT '12:00'::timetz",
            "SELECT time (3) with time zone '12:00'",
            "SELECT current_time = '12:00'",
        ] {
            assert!(names_moment(&tokenize(text)), "{text}");
        }
        for text in [
            "SELECT now(), time '12:00'",
            "SELECT 'unknown' -- it's not now\n, 'a'",
            r"SELECT E'\\d', today FROM t WHERE a = 'x'",
        ] {
            assert!(!names_moment(&tokenize(text)), "{text}");
        }
    }
}
