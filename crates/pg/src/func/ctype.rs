//! Character classes as the C library has them in `C.UTF-8`, PostgreSQL's ctype (`ctype.tsv`, made by `ctype.py`). It counts neither
//! digits nor controls beyond ASCII, save the C1 controls.

use std::sync::LazyLock;

/// A POSIX character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Class {
    Alpha,
    Upper,
    Lower,
    Punct,
    Space,
    Alnum,
    Digit,
    XDigit,
    Blank,
    Cntrl,
    Print,
    Graph,
    /// `\w`: alphanumeric or underscore
    Word,
}

impl Class {
    /// The class of a name, as in `[[:alpha:]]`.
    pub(super) fn by_name(name: &str) -> Option<Class> {
        Some(match name {
            "alpha" => Class::Alpha,
            "upper" => Class::Upper,
            "lower" => Class::Lower,
            "punct" => Class::Punct,
            "space" => Class::Space,
            "alnum" => Class::Alnum,
            "digit" => Class::Digit,
            "xdigit" => Class::XDigit,
            "blank" => Class::Blank,
            "cntrl" => Class::Cntrl,
            "print" => Class::Print,
            "graph" => Class::Graph,
            "word" => Class::Word,
            _ => return None,
        })
    }

    /// Whether a character is in the class.
    pub(super) fn contains(self, c: char) -> bool {
        if c.is_ascii() { self.contains_ascii(c) } else { self.contains_wide(c) }
    }

    fn contains_ascii(self, c: char) -> bool {
        match self {
            Class::Alpha => c.is_ascii_alphabetic(),
            Class::Upper => c.is_ascii_uppercase(),
            Class::Lower => c.is_ascii_lowercase(),
            Class::Punct => c.is_ascii_punctuation(),
            Class::Space => matches!(c, ' ' | '\t'..='\r'),
            Class::Alnum => c.is_ascii_alphanumeric(),
            Class::Digit => c.is_ascii_digit(),
            Class::XDigit => c.is_ascii_hexdigit(),
            Class::Blank => matches!(c, ' ' | '\t'),
            Class::Cntrl => c.is_ascii_control(),
            Class::Print => matches!(c, ' '..='~'),
            Class::Graph => c.is_ascii_graphic(),
            Class::Word => c.is_ascii_alphanumeric() || c == '_',
        }
    }

    fn contains_wide(self, c: char) -> bool {
        match self {
            Class::Alpha | Class::Alnum | Class::Word => TABLES.alpha.contains(c),
            Class::Upper => TABLES.upper.contains(c),
            Class::Lower => TABLES.lower.contains(c),
            Class::Punct => TABLES.punct.contains(c),
            Class::Space => TABLES.space.contains(c),
            Class::Cntrl => matches!(c, '\u{80}'..='\u{9f}'),
            Class::Graph => TABLES.alpha.contains(c) || TABLES.punct.contains(c),
            Class::Print => {
                TABLES.alpha.contains(c)
                    || TABLES.punct.contains(c)
                    || TABLES.space.contains(c) && !matches!(c, '\u{2028}' | '\u{2029}')
            }
            Class::Blank | Class::Digit | Class::XDigit => false,
        }
    }
}

/// `iswalpha`
pub(crate) fn is_alpha(c: char) -> bool {
    Class::Alpha.contains(c)
}

/// `iswspace`
pub(crate) fn is_space(c: char) -> bool {
    Class::Space.contains(c)
}

/// A set of characters: sorted ranges that don't touch.
#[derive(Default)]
pub(crate) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    pub(crate) fn contains(&self, c: char) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= c as u32);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|&(_, last)| c as u32 <= last)
    }

    /// `a1-ff`, `100` …
    pub(crate) fn parse<'a>(fields: impl Iterator<Item = &'a str>) -> Ranges {
        let hex = |text: &str| u32::from_str_radix(text, 16).unwrap_or(u32::MAX);
        Ranges(
            fields.map(|f| f.split_once('-').map_or((hex(f), hex(f)), |(a, b)| (hex(a), hex(b)))).collect(),
        )
    }
}

#[derive(Default)]
struct Tables {
    alpha: Ranges,
    upper: Ranges,
    lower: Ranges,
    punct: Ranges,
    space: Ranges,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    for line in include_str!("ctype.tsv").lines() {
        let mut fields = line.split('\t');
        let table = match fields.next() {
            Some("alpha") => &mut tables.alpha,
            Some("upper") => &mut tables.upper,
            Some("lower") => &mut tables.lower,
            Some("punct") => &mut tables.punct,
            _ => &mut tables.space,
        };
        *table = Ranges::parse(fields);
    }
    tables
});
