//! `SIMILAR TO` patterns as regular expressions (`similar_escape_internal` of regexp.c).

use crate::{Error, Result, SqlState};

/// The expression of a pattern; `None` for the escape is the backslash, an empty one is none.
pub(super) fn similar_escape(pattern: &str, escape: Option<&str>) -> Result<String> {
    let escape = match escape {
        None => Some('\\'),
        Some(text) => {
            let mut chars = text.chars();
            let first = chars.next();
            if chars.next().is_some() {
                return Err(Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .hint("Escape string must be empty or one character."));
            }
            first
        }
    };
    let mut out = String::from("^(?:");
    let (mut escaped, mut in_brackets, mut quotes) = (false, false, 0);
    for c in pattern.chars() {
        if escaped {
            escaped = false;
            if c == '"' && !in_brackets {
                // The parts between two escaped quotes: the shortest head, then the wanted, then the rest.
                out.push_str(match quotes {
                    0 => "){1,1}?(",
                    1 => "){1,1}(?:",
                    _ => return Err(too_many_separators()),
                });
                quotes += 1;
            } else {
                out.extend(['\\', c]);
            }
        } else if escape == Some(c) {
            escaped = true;
        } else if in_brackets {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
            in_brackets = c != ']';
        } else {
            match c {
                '[' => {
                    out.push(c);
                    in_brackets = true;
                }
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                '(' => out.push_str("(?:"),
                '\\' | '.' | '^' | '$' => out.extend(['\\', c]),
                _ => out.push(c),
            }
        }
    }
    out.push_str(")$");
    Ok(out)
}

fn too_many_separators() -> Error {
    Error::new(
        SqlState::INVALID_USE_OF_ESCAPE_CHARACTER,
        "SQL regular expression may not contain more than two escape-double-quote separators",
    )
}
