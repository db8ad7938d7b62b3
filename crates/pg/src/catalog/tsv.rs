//! COPY's text format with a header line, read without copying (manual, COPY, "Text Format").

use std::borrow::Cow;

/// A file of `crates/pg/data`.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    text: &'static str,
}

impl Table {
    pub(super) const fn new(text: &'static str) -> Table {
        Table { text }
    }

    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.lines().next().unwrap_or_default().split('\t')
    }

    /// The rows, in the file's order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + use<> {
        self.text.lines().skip(1).map(|line| Row { rest: Some(line) })
    }
}

/// A row: an iterator over its fields, `None` for NULL.
#[derive(Clone, Debug)]
pub struct Row {
    rest: Option<&'static str>,
}

impl Iterator for Row {
    type Item = Option<Cow<'static, str>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.raw().map(|field| if field == "\\N" { None } else { Some(unescape(field)) })
    }
}

impl Row {
    /// The next field as it stands in the file.
    fn raw(&mut self) -> Option<&'static str> {
        let rest = self.rest?;
        match rest.split_once('\t') {
            Some((field, rest)) => {
                self.rest = Some(rest);
                Some(field)
            }
            None => self.rest.take(),
        }
    }

    /// The next field as text; NULL is the empty string. For fields without escapes.
    pub(super) fn str(&mut self) -> &'static str {
        match self.raw() {
            None | Some("\\N") => "",
            Some(field) => field,
        }
    }

    /// The next field as text without escapes, NULL told apart.
    pub(super) fn opt(&mut self) -> Option<&'static str> {
        self.raw().filter(|field| *field != "\\N")
    }

    /// The next field as a number; 0 for NULL.
    pub(super) fn num<T: std::str::FromStr + Default>(&mut self) -> T {
        self.str().parse().unwrap_or_default()
    }

    /// The next field as an oid.
    pub(super) fn oid(&mut self) -> crate::Oid {
        crate::Oid(self.num())
    }

    /// The next field as a `bool`.
    pub(super) fn bool(&mut self) -> bool {
        self.str() == "t"
    }

    /// The next field as a `"char"`; NUL when it is empty.
    pub(super) fn char(&mut self) -> char {
        self.str().chars().next().unwrap_or('\0')
    }

    /// Passes over fields.
    pub(super) fn pass(&mut self, fields: usize) {
        for _ in 0..fields {
            self.raw();
        }
    }
}

/// Undoes COPY's backslash escapes.
pub(super) fn unescape(field: &'static str) -> Cow<'static, str> {
    if !field.contains('\\') {
        return Cow::Borrowed(field);
    }
    let mut out = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('v') => out.push('\u{b}'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// The items of a vector or a simple array: `{1,2}` or `1 2`.
pub(super) fn oids(field: &str) -> Box<[crate::Oid]> {
    items(field).map(|item| crate::Oid(item.parse().unwrap_or_default())).collect()
}

/// The items of an array or vector whose items need no quotes but may be the quoted empty string.
pub(super) fn items<'a>(field: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
    let inner = field.trim_start_matches('{').trim_end_matches('}');
    let separator = if field.starts_with('{') { ',' } else { ' ' };
    inner.split(separator).map(|item| item.trim_matches('"')).take(if inner.is_empty() {
        0
    } else {
        usize::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_apart_and_unescaped() {
        let table = Table::new("a\tb\tc\n1\t\\N\tx\\ty\\\\\n2\t\t\n");
        assert_eq!(table.columns().collect::<Vec<_>>(), ["a", "b", "c"]);
        let rows: Vec<Vec<_>> = table.rows().map(Iterator::collect).collect();
        assert_eq!(rows[0], [Some("1".into()), None, Some("x\ty\\".into())]);
        assert_eq!(rows[1], [Some("2".into()), Some("".into()), Some("".into())]);
    }

    #[test]
    fn arrays_and_vectors() {
        assert_eq!(items("{a,\"\",b}").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(oids("23 25").len(), 2);
        assert_eq!(oids("{}").len(), 0);
        assert_eq!(oids("").len(), 0);
    }
}
