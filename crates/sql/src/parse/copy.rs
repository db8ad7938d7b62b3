//! `COPY` (`CopyStmt` of `gram.y`), with the options of today and of before 9.0.

use pg::Result;
use pg::copy::{Given, OptionValue};

use super::ast::{Query, RelationName};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

/// `COPY`
#[derive(Clone, Debug)]
pub struct Copy {
    /// What is copied.
    pub what: CopyWhat,
    /// `FROM`, not `TO`.
    pub from: bool,
    /// Where from or to.
    pub place: CopyPlace,
    /// The options.
    pub options: Vec<Given>,
    /// It has a WHERE clause.
    pub filtered: bool,
}

/// What is copied.
#[derive(Clone, Debug)]
pub enum CopyWhat {
    /// A table, or some of its columns.
    Table(RelationName, Vec<Name>),
    /// The rows of a query.
    Query(Box<Query>),
    /// The rows of a change with RETURNING.
    Change,
}

/// Where data comes from or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyPlace {
    /// `STDIN`, `STDOUT`: the client.
    Client,
    /// A file of the server.
    File,
    /// `PROGRAM`: a command of the server.
    Program,
}

impl Parser<'_> {
    pub(super) fn copy(&mut self) -> Result<Copy> {
        self.advance();
        let binary = self.is("binary").then(|| self.advance().pos);
        let what = self.copy_what()?;
        let from = match &what {
            CopyWhat::Table(..) if self.eat("from") => true,
            _ => {
                self.expect("to")?;
                false
            }
        };
        let place = self.copy_place()?;
        let mut options = Vec::new();
        options.extend(binary.map(|position| word("format", "binary", position)));
        if self.is("delimiters") || self.are(&["using", "delimiters"]) {
            self.eat("using");
            self.old_option("delimiter", &mut options)?;
        }
        self.eat("with");
        if self.eat_symbol('(') {
            options.extend(self.list(Self::copy_option)?);
            self.expect_symbol(')')?;
        } else {
            self.old_options(&mut options)?;
        }
        let filtered = self.eat("where");
        if filtered {
            self.expr()?;
        }
        Ok(Copy { what, from, place, options, filtered })
    }

    fn copy_what(&mut self) -> Result<CopyWhat> {
        if self.eat_symbol('(') {
            let what = match self.is_any(&["insert", "update", "delete", "merge", "sink"]) {
                true => {
                    self.modifying_statement()?;
                    CopyWhat::Change
                }
                false => CopyWhat::Query(Box::new(self.query()?)),
            };
            self.expect_symbol(')')?;
            return Ok(what);
        }
        let name = self.relation_name()?;
        let mut columns = Vec::new();
        if self.eat_symbol('(') {
            columns = self.list(Self::col_id)?;
            self.expect_symbol(')')?;
        }
        Ok(CopyWhat::Table(name, columns))
    }

    fn copy_place(&mut self) -> Result<CopyPlace> {
        if self.eat("stdin") || self.eat("stdout") {
            return Ok(CopyPlace::Client);
        }
        let program = self.eat("program");
        self.string()?;
        Ok(if program { CopyPlace::Program } else { CopyPlace::File })
    }

    fn copy_option(&mut self) -> Result<Given> {
        let position = self.pos();
        let name = self.label()?.folded().to_string();
        let value = match self.peek() {
            TokenKind::Symbol(',' | ')') => OptionValue::None,
            TokenKind::Symbol('*') => {
                self.advance();
                OptionValue::Star
            }
            TokenKind::Symbol('(') => {
                self.advance();
                let names = self.list(Self::col_id)?;
                self.expect_symbol(')')?;
                OptionValue::List(names.iter().map(|name| name.folded().to_string()).collect())
            }
            TokenKind::String(_) => OptionValue::Text(self.string()?.to_string()),
            TokenKind::Integer(_) => OptionValue::Text(self.integer()?.to_string()),
            _ => OptionValue::Text(self.label()?.folded().to_string()),
        };
        Ok(Given { name, value, position })
    }

    /// The options as they were written before 9.0, in any order.
    fn old_options(&mut self, options: &mut Vec<Given>) -> Result<()> {
        loop {
            let position = self.pos();
            if self.eat("binary") {
                options.push(word("format", "binary", position));
            } else if self.eat("csv") {
                options.push(word("format", "csv", position));
            } else if self.eat("freeze") {
                options.push(word("freeze", "true", position));
            } else if self.eat("header") {
                options.push(word("header", "true", position));
            } else if let Some(name) =
                ["delimiter", "null", "quote", "escape", "encoding"].into_iter().find(|n| self.is(n))
            {
                self.old_option(name, options)?;
            } else if self.eat_all(&["force", "quote"]) {
                let value = self.old_columns(true)?;
                options.push(Given { name: "force_quote".into(), value, position });
            } else if self.eat_all(&["force", "not", "null"]) {
                let value = self.old_columns(false)?;
                options.push(Given { name: "force_not_null".into(), value, position });
            } else if self.eat_all(&["force", "null"]) {
                let value = self.old_columns(false)?;
                options.push(Given { name: "force_null".into(), value, position });
            } else {
                return Ok(());
            }
        }
    }

    /// `name [AS] 'value'`
    fn old_option(&mut self, name: &str, options: &mut Vec<Given>) -> Result<()> {
        let position = self.advance().pos;
        self.eat("as");
        options.push(word(name, &self.string()?, position));
        Ok(())
    }

    fn old_columns(&mut self, star: bool) -> Result<OptionValue> {
        if star && self.eat_symbol('*') {
            return Ok(OptionValue::Star);
        }
        let names = self.list(Self::col_id)?;
        Ok(OptionValue::List(names.iter().map(|name| name.folded().to_string()).collect()))
    }
}

fn word(name: &str, value: &str, position: u32) -> Given {
    Given { name: name.to_owned(), value: OptionValue::Text(value.to_owned()), position }
}
