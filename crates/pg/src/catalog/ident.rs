//! Keywords, and when an identifier needs quotes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::data;

/// The category of each keyword: `U`nreserved, `C` (may not be a function or type name), `T` (may be one), `R`eserved.
static KEYWORDS: LazyLock<HashMap<&'static str, char>> =
    LazyLock::new(|| data::keywords().rows().map(|mut row| (row.str(), row.char())).collect());

/// The category of a keyword (`pg_get_keywords().catcode`), if the lower-case word is one.
pub fn keyword_category(word: &str) -> Option<char> {
    KEYWORDS.get(word).copied()
}

/// An identifier as it has to be written in SQL text (`quote_identifier`, `quote_ident()`).
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && matches!(keyword_category(name), None | Some('U'));
    if plain { Cow::Borrowed(name) } else { Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))) }
}

/// A name with its schema when that has to be said (`quote_qualified_identifier`).
pub fn quote_qualified(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quote_identifier(schema), quote_identifier(name)),
        None => quote_identifier(name).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_postgres_quotes() {
        let cases = [
            ("movies", "movies"),
            ("Movies", "\"Movies\""),
            ("__key", "__key"),
            ("select", "\"select\""),
            ("between", "\"between\""),
            ("left", "\"left\""),
            ("name", "name"),
            ("1a", "\"1a\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
            ("é", "\"é\""),
        ];
        for (name, quoted) in cases {
            assert_eq!(quote_identifier(name), quoted);
        }
        assert_eq!(quote_qualified(Some("My"), "t"), "\"My\".t");
    }
}
