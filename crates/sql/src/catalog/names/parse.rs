//! Reads names: lists of identifiers with dots, and types as SQL writes them.

use std::sync::Arc;

use pg::{Error, Result, SqlState, oid};

use crate::catalog::Name;

/// A qualified name cut at its dots (`stringToQualifiedNameList`).
pub fn parse_name_list(text: &str) -> Result<Vec<Name>> {
    let bad = || Error::new(SqlState::INVALID_NAME, "invalid name syntax");
    let mut rest = text.trim();
    let mut names = Vec::new();
    loop {
        let (name, after) = parse_identifier(rest).ok_or_else(bad)?;
        names.push(name);
        rest = after.trim_start();
        match rest.strip_prefix('.') {
            Some(after) => rest = after.trim_start(),
            None if rest.is_empty() => return Ok(names),
            None => return Err(bad()),
        }
    }
}

/// An identifier, quoted or not, at the start of a text, and what follows.
pub(super) fn parse_identifier(text: &str) -> Option<(Name, &str)> {
    if let Some(mut rest) = text.strip_prefix('"') {
        let mut name = String::new();
        loop {
            let (part, after) = rest.split_once('"')?;
            name.push_str(part);
            match after.strip_prefix('"') {
                Some(more) => {
                    name.push('"');
                    rest = more;
                }
                None if name.is_empty() => return None,
                None => return Some((Name::quoted(name), after)),
            }
        }
    }
    let end = text.find(|c: char| c == '.' || c == ',' || c.is_whitespace()).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty() && !name.contains('"')).then(|| (Name::unquoted(name), rest))
}

/// A type as SQL writes it, names not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeText {
    /// Its name: one that SQL has words for is that of `pg_catalog` already.
    pub name: Vec<Name>,
    /// The numbers in parentheses.
    pub modifiers: Vec<i32>,
    /// It is an array of it.
    pub array: bool,
    /// As it was written, for messages.
    pub text: Arc<str>,
}

/// Reads a type (`parseTypeString`).
pub fn parse_type_text(text: &str) -> Result<TypeText> {
    let invalid = || Error::new(SqlState::SYNTAX_ERROR, format!("invalid type name \"{text}\""));
    let trimmed = text.trim();
    let first = trimmed.split_whitespace().next().unwrap_or_default();
    if trimmed.is_empty() || first.eq_ignore_ascii_case("setof") {
        return Err(invalid());
    }
    let mut reader = Reader { rest: trimmed, modifiers: Vec::new() };
    let name = reader.type_name().ok_or_else(|| reader.syntax_error(text))?;
    let array = reader.array_suffix();
    if !reader.rest.is_empty() {
        return Err(reader.syntax_error(text));
    }
    Ok(TypeText { name, modifiers: reader.modifiers, array, text: trimmed.into() })
}

struct Reader<'a> {
    rest: &'a str,
    modifiers: Vec<i32>,
}

impl<'a> Reader<'a> {
    fn syntax_error(&self, whole: &str) -> Error {
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let near = self.rest.get(..end.max(usize::from(!self.rest.is_empty()))).unwrap_or(self.rest);
        let message = if near.is_empty() {
            "syntax error at end of input".to_owned()
        } else {
            format!("syntax error at or near \"{near}\"")
        };
        let mut error = Error::new(SqlState::SYNTAX_ERROR, message);
        error.fields_mut().context = Some(format!("invalid type name \"{whole}\""));
        error
    }

    /// Takes a word if it is next.
    fn word(&mut self, word: &str) -> bool {
        let Some((next, after)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = after.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if ends && next.eq_ignore_ascii_case(word) {
            self.rest = after.trim_start();
            return true;
        }
        false
    }

    /// Takes `(1, 2)` if it is next.
    fn numbers(&mut self) {
        let Some(inner) = self.rest.strip_prefix('(') else { return };
        let Some((inside, after)) = inner.split_once(')') else { return };
        let numbers: Option<Vec<i32>> = inside.split(',').map(|n| n.trim().parse().ok()).collect();
        if let Some(numbers) = numbers {
            self.modifiers = numbers;
            self.rest = after.trim_start();
        }
    }

    fn built_in(&mut self, name: &str) -> Option<Vec<Name>> {
        self.numbers();
        Some(vec![Name::quoted("pg_catalog"), Name::quoted(name)])
    }

    /// The words that SQL has for types (gram.y, `SimpleTypename`), else a qualified name.
    fn type_name(&mut self) -> Option<Vec<Name>> {
        if self.word("double") {
            return if self.word("precision") { self.built_in("float8") } else { None };
        }
        if self.word("national") {
            return if self.word("character") || self.word("char") { self.character() } else { None };
        }
        if self.word("character") || self.word("char") || self.word("nchar") {
            return self.character();
        }
        if self.word("bit") {
            let name = if self.word("varying") { "varbit" } else { "bit" };
            return self.built_in(name);
        }
        for (word, plain, zoned) in [("timestamp", "timestamp", "timestamptz"), ("time", "time", "timetz")] {
            if self.word(word) {
                self.numbers();
                let zone = self.zone()?;
                return self.built_in(if zone { zoned } else { plain });
            }
        }
        if self.word("interval") {
            self.interval_fields();
            return self.built_in("interval");
        }
        if self.word("float") {
            self.numbers();
            let small = self.modifiers.first().is_some_and(|bits| *bits <= 24);
            self.modifiers.clear();
            return self.built_in(if small { "float4" } else { "float8" });
        }
        const WORDS: [(&str, &str); 10] = [
            ("int", "int4"),
            ("integer", "int4"),
            ("smallint", "int2"),
            ("bigint", "int8"),
            ("real", "float4"),
            ("decimal", "numeric"),
            ("dec", "numeric"),
            ("numeric", "numeric"),
            ("boolean", "bool"),
            ("varchar", "varchar"),
        ];
        for (word, name) in WORDS {
            if self.word(word) {
                return self.built_in(name);
            }
        }
        self.qualified()
    }

    fn character(&mut self) -> Option<Vec<Name>> {
        let varying = self.word("varying");
        let name = self.built_in(if varying { "varchar" } else { "bpchar" });
        if !varying && self.modifiers.is_empty() {
            self.modifiers.push(1);
        }
        name
    }

    fn zone(&mut self) -> Option<bool> {
        let with = self.word("with");
        if !with && !self.word("without") {
            return Some(false);
        }
        (self.word("time") && self.word("zone")).then_some(with)
    }

    fn interval_fields(&mut self) {
        const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        if FIELDS.iter().any(|field| self.word(field)) && self.word("to") {
            let _ = FIELDS.iter().any(|field| self.word(field));
        }
    }

    fn qualified(&mut self) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        loop {
            // Brackets and parentheses end an unquoted name here.
            let end = match self.rest.starts_with('"') {
                true => self.rest.len(),
                false => self.rest.find(['[', '(']).unwrap_or(self.rest.len()),
            };
            let (head, tail) = self.rest.split_at_checked(end)?;
            let (name, after) = parse_identifier(head)?;
            let used = head.len() - after.len();
            names.push(name);
            self.rest = self.rest.get(used..).unwrap_or(tail).trim_start();
            match self.rest.strip_prefix('.') {
                Some(after) => self.rest = after.trim_start(),
                None => break,
            }
        }
        self.numbers();
        Some(names)
    }

    /// `[]`, `[3][]`, `ARRAY`, `ARRAY[4]`.
    fn array_suffix(&mut self) -> bool {
        let mut array = self.word("array");
        while let Some(inner) = self.rest.strip_prefix('[') {
            let Some((size, after)) = inner.split_once(']') else { break };
            if !size.trim().bytes().all(|b| b.is_ascii_digit()) {
                break;
            }
            self.rest = after.trim_start();
            array = true;
        }
        array
    }
}

/// The type modifier that numbers in parentheses make (the `typmodin` functions of the built-in types).
pub(super) fn typmod(type_oid: pg::Oid, modifiers: &[i32]) -> i32 {
    match (type_oid, modifiers) {
        (oid::VARCHAR | oid::BPCHAR, [length]) => length.saturating_add(4),
        (oid::NUMERIC, [precision]) => (precision << 16) + 4,
        (oid::NUMERIC, [precision, scale]) => ((precision << 16) | (scale & 0x7ff)) + 4,
        (oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ, [precision]) => *precision,
        (oid::BIT | oid::VARBIT, [length]) => *length,
        (oid::INTERVAL, [precision]) => (0x7fff << 16) | (precision & 0xffff),
        _ => -1,
    }
}
