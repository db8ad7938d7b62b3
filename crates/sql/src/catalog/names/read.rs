//! Oids for texts.

use std::sync::Arc;

use pg::catalog::{operators_by_name, procs_by_name};
use pg::{Error, Oid, Result, SqlState, TypeRef, oid};

use super::super::lookup::{full_path, namespace_oid};
use super::super::system::tables::*;
use super::parse::{parse_identifier, parse_name_list, parse_type_text};
use super::print::searched;
use crate::catalog::{Catalog, Name, modifier, written};
use crate::parse::ast::TypeName;

impl Catalog {
    /// The oid of a name of a reg type, or the error that PostgreSQL has for it.
    pub(super) fn read_name(&self, reg_type: Oid, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let no =
            |kind: &str| Error::new(SqlState::UNDEFINED_OBJECT, format!("{kind} \"{text}\" does not exist"));
        match reg_type {
            oid::REGCLASS => self.class_by_text(text, path),
            oid::REGTYPE => self.type_by_text(text, path).map(|ty| ty.oid),
            oid::REGPROC => self.proc_by_text(text, path),
            oid::REGPROCEDURE => self.procedure_by_text(text, path),
            oid::REGOPER => match operators_by_name(operator_name(text)) {
                [one] => Ok(one.oid),
                // Operators have no dot in their names.
                [] if text.rsplit_once('.').is_some_and(|(schema, _)| namespace_oid(schema).is_none()) => {
                    Err(no_schema(text.rsplit_once('.').map_or("", |(schema, _)| schema)))
                }
                [] => {
                    Err(Error::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {text}")))
                }
                _ => Err(Error::new(
                    SqlState::AMBIGUOUS_FUNCTION,
                    format!("more than one operator named {}", operator_name(text)),
                )),
            },
            oid::REGOPERATOR => self.operator_by_text(text, path),
            oid::REGNAMESPACE => {
                let name = single_name(text)?;
                namespace_oid(&name).ok_or_else(|| no_schema(&name))
            }
            oid::REGROLE => {
                let name = single_name(text)?;
                let missing =
                    || Error::new(SqlState::UNDEFINED_OBJECT, format!("role \"{name}\" does not exist"));
                self.role_oid(&name).ok_or_else(missing)
            }
            oid::REGCOLLATION => {
                let (schema, name) = self.split_schema(text)?;
                let found = self.object_by_name(PG_COLLATION, 2, schema.as_deref(), &name, path);
                found.ok_or_else(|| {
                    Error::new(
                        SqlState::UNDEFINED_OBJECT,
                        format!("collation \"{name}\" for encoding \"UTF8\" does not exist"),
                    )
                })
            }
            oid::REGCONFIG | oid::REGDICTIONARY => {
                let (table, kind) = if reg_type == oid::REGCONFIG {
                    (PG_TS_CONFIG, "text search configuration")
                } else {
                    (PG_TS_DICT, "text search dictionary")
                };
                let (schema, name) = self.split_schema(text)?;
                self.object_by_name(table, 2, schema.as_deref(), &name, path).ok_or_else(|| no(kind))
            }
            _ => {
                Err(Error::refused(format_args!("input of type {}", self.format_type(reg_type, None, path))))
            }
        }
    }

    /// A relation of any kind (`RangeVarGetRelid`), its name read as in a FROM clause.
    pub fn class_by_text(&self, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let mut names = parse_name_list(text)?;
        let missing = || {
            let shown = parse_name_list(text).map_or_else(|_| text.to_owned(), |names| join(&names));
            Error::new(SqlState::UNDEFINED_TABLE, format!("relation \"{shown}\" does not exist"))
        };
        if names.len() == 3 {
            let database = names.remove(0);
            if *database.folded() != **self.name() && *database.text != **self.name() {
                names.insert(0, database);
                return Err(Error::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("cross-database references are not implemented: \"{}\"", join(&names)),
                ));
            }
        }
        match names.as_slice() {
            [name] => self.class_by_name(&full_path(path).collect::<Vec<_>>(), name).ok_or_else(missing),
            [schema, name] => {
                let schema = schema.folded();
                namespace_oid(&schema).ok_or_else(|| no_schema(&schema))?;
                self.class_by_name(&[&schema], name).ok_or_else(missing)
            }
            _ => Err(Error::new(
                SqlState::SYNTAX_ERROR,
                format!("improper relation name (too many dotted names): {}", join(&names)),
            )),
        }
    }

    fn class_by_name(&self, schemas: &[&str], name: &Name) -> Option<Oid> {
        let exact = |text: &str| schemas.iter().find_map(|schema| self.database().class_oid(schema, text));
        if name.quoted {
            return exact(&name.text);
        }
        exact(&name.folded()).or_else(|| exact(&name.text)).or_else(|| {
            let table =
                schemas.iter().find_map(|schema| self.database().table_ignoring_case(schema, &name.text))?;
            Some(table.relation.oid)
        })
    }

    /// A type with its modifier (`parseTypeString`).
    pub fn type_by_text(&self, text: &str, path: &[Arc<str>]) -> Result<TypeRef> {
        self.type_named(&parse_type_text(text)?, path)
    }

    fn type_named(&self, name: &TypeName, path: &[Arc<str>]) -> Result<TypeRef> {
        let names: Vec<Arc<str>> = name.names.iter().map(Name::folded).collect();
        let missing = || {
            let shown = written(&name.names, name.array_dims);
            Error::new(SqlState::UNDEFINED_OBJECT, format!("type \"{shown}\" does not exist"))
        };
        let database = self.database();
        let found = match names.as_slice() {
            [name] => full_path(path).find_map(|schema| database.type_oid(schema, name)),
            [schema, name] => {
                namespace_oid(schema).ok_or_else(|| no_schema(schema))?;
                database.type_oid(schema, name)
            }
            _ => {
                let shown = written(&name.names, 0);
                let message = format!("improper qualified name (too many dotted names): {shown}");
                return Err(Error::new(SqlState::SYNTAX_ERROR, message));
            }
        };
        let element = found.ok_or_else(missing)?;
        let typmod = modifier(element, name)?;
        if name.array_dims == 0 {
            return Ok(TypeRef { oid: element, typmod });
        }
        let array = database.array_of(element).ok_or_else(missing)?;
        Ok(TypeRef { oid: array, typmod })
    }

    fn proc_by_text(&self, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let (schema, name) = self.split_schema(text)?;
        let candidates: Vec<Oid> = procs_by_name(&name)
            .iter()
            .filter(|proc| match &schema {
                Some(schema) => namespace_oid(schema) == Some(proc.namespace),
                None => searched(proc.namespace, path),
            })
            .map(|proc| proc.oid)
            .collect();
        match candidates.as_slice() {
            [one] => Ok(*one),
            [] => Err(no_function(text)),
            _ => Err(Error::new(
                SqlState::AMBIGUOUS_FUNCTION,
                format!("more than one function named \"{text}\""),
            )),
        }
    }

    fn procedure_by_text(&self, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let (name, args) = self.name_and_types(text, false, path)?;
        let (schema, name) = self.split_schema(&name)?;
        let found = procs_by_name(&name).iter().find(|proc| {
            let in_schema = match &schema {
                Some(schema) => namespace_oid(schema) == Some(proc.namespace),
                None => searched(proc.namespace, path),
            };
            in_schema && *proc.args == *args
        });
        found.map(|proc| proc.oid).ok_or_else(|| no_function(text))
    }

    fn operator_by_text(&self, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let (name, args) = self.name_and_types(text, true, path)?;
        let [left, right] = args.as_slice() else {
            return Err(match args.len() {
                0 | 1 => Error::new(SqlState::UNDEFINED_PARAMETER, "missing argument")
                    .hint("Use NONE to denote the missing argument of a unary operator."),
                _ => Error::new(SqlState::TOO_MANY_ARGUMENTS, "too many arguments")
                    .hint("Provide two argument types for operator."),
            });
        };
        let found = pg::catalog::operator_exact(operator_name(&name), *left, *right);
        found.map(|operator| operator.oid).ok_or_else(|| {
            Error::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {text}"))
        })
    }

    /// `parseNameAndArgTypes`: what stands before the parentheses, and the types in them.
    fn name_and_types(&self, text: &str, allow_none: bool, path: &[Arc<str>]) -> Result<(String, Vec<Oid>)> {
        let syntax = |message: &str| Error::new(SqlState::INVALID_TEXT_REPRESENTATION, message);
        let (name, rest) = text.split_once('(').ok_or_else(|| syntax("expected a left parenthesis"))?;
        let inner =
            rest.trim_end().strip_suffix(')').ok_or_else(|| syntax("expected a right parenthesis"))?;
        let mut args = Vec::new();
        for part in split_types(inner) {
            args.push(match part.trim() {
                none if allow_none && none.eq_ignore_ascii_case("none") => Oid::INVALID,
                part => self.type_by_text(part, path)?.oid,
            });
        }
        Ok((name.trim().to_owned(), args))
    }

    /// A name with its schema, if one is given; the schema exists.
    fn split_schema(&self, text: &str) -> Result<(Option<Arc<str>>, Arc<str>)> {
        let names: Vec<Arc<str>> = parse_name_list(text)?.iter().map(Name::folded).collect();
        match names.as_slice() {
            [name] => Ok((None, name.clone())),
            [schema, name] => {
                namespace_oid(schema).ok_or_else(|| no_schema(schema))?;
                Ok((Some(schema.clone()), name.clone()))
            }
            _ => Err(Error::new(
                SqlState::SYNTAX_ERROR,
                format!("improper qualified name (too many dotted names): {text}"),
            )),
        }
    }

    /// An object of a table whose second column is its name and another its schema.
    fn object_by_name(
        &self,
        table: Oid,
        namespace: usize,
        schema: Option<&str>,
        name: &str,
        path: &[Arc<str>],
    ) -> Option<Oid> {
        let in_schema = |schema: &str| {
            let schema = namespace_oid(schema)?;
            let row = self.scan(table).find(|row| row.text(1) == name && row.oid(namespace) == schema)?;
            Some(row.oid(0))
        };
        match schema {
            Some(schema) => in_schema(schema),
            None => full_path(path).find_map(in_schema),
        }
    }
}

fn no_schema(name: &str) -> Error {
    Error::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
}

fn no_function(text: &str) -> Error {
    Error::new(SqlState::UNDEFINED_FUNCTION, format!("function \"{text}\" does not exist"))
}

fn join(names: &[Name]) -> String {
    names.iter().map(|name| name.folded().to_string()).collect::<Vec<_>>().join(".")
}

/// The symbols of an operator's name, its schema left out: there is only one that has operators.
fn operator_name(text: &str) -> &str {
    text.trim().strip_prefix("pg_catalog.").unwrap_or(text.trim())
}

/// One identifier (`regnamespacein`, `regrolein`).
fn single_name(text: &str) -> Result<Arc<str>> {
    match parse_identifier(text.trim()) {
        Some((name, "")) => Ok(name.folded()),
        _ => Err(Error::new(SqlState::INVALID_NAME, "invalid name syntax")),
    }
}

/// Cuts at commas outside parentheses and quotes.
fn split_types(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (i, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.extend(text.get(start..i));
                start = i + 1;
            }
            _ => {}
        }
    }
    if !text.trim().is_empty() {
        parts.extend(text.get(start..));
    }
    parts
}
