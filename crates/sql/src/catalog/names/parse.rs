//! Reads names: lists of identifiers with dots, and types as SQL writes them.

use pg::{Error, Result, SqlState};

use crate::catalog::Name;
use crate::parse::ast::TypeName;
use crate::parse::parse_type_name;

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

/// Reads a type (`parseTypeString`). Errors have their place in the text.
pub fn parse_type_text(text: &str) -> Result<TypeName> {
    let invalid = || Error::new(SqlState::SYNTAX_ERROR, format!("invalid type name \"{text}\""));
    if text.trim().is_empty() {
        return Err(invalid());
    }
    let name = parse_type_name(text).map_err(|mut error| {
        error.fields_mut().context = Some(format!("invalid type name \"{text}\""));
        error
    })?;
    if name.setof || name.percent_type { Err(invalid()) } else { Ok(name) }
}
