//! From text to syntax trees: PostgreSQL's lexical rules and grammar, with Hazelcast's own statements beside them.
//!
//! The parser is a recursive descent after `scan.l` and `gram.y` of PostgreSQL 15, because errors found later must
//! point into the text as PostgreSQL's do: every node has the position that PostgreSQL's grammar gives it.

use std::ops::Range;

use pg::Result;

pub mod ast;
pub mod copy;
mod dml;
mod expr;
mod from;
pub mod hazelcast;
mod lexer;
mod moment;
pub mod normalize;
mod operand;
mod own_syntax;
mod parser;
mod select;
pub mod session;
mod statement;
mod strings;
mod token;
mod typename;
pub mod walk;

pub use ast::Statement;
pub use lexer::tokenize;
pub use parser::Parser;
pub use token::{Token, TokenKind};

use parser::Placeholders;

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// `?` is a parameter in a statement without `$n` (the extended protocol).
    pub placeholders: bool,
}

/// A statement and its place.
#[derive(Clone, Debug)]
pub struct ParsedStatement {
    /// What it is.
    pub kind: Statement,
    /// Its text: bytes of the whole text, without white space and semicolon around it.
    pub text: Range<usize>,
    /// A literal in it may name a moment (`'now'`), so that it means another thing each time it is read.
    pub names_moment: bool,
}

/// Cuts a text into statements. Empty ones are left out: none at all is an empty query.
pub fn parse(text: &str, options: ParseOptions) -> Result<Vec<ParsedStatement>> {
    let mut parser = Parser::new(text, tokenize(text));
    let mut statements = Vec::new();
    loop {
        while parser.eat_symbol(';') {}
        if matches!(parser.peek(), TokenKind::End) {
            return Ok(statements);
        }
        parser.placeholders = placeholders(&parser, options);
        let (start, first) = (parser.token().start, parser.at);
        let kind = parser.statement()?;
        if !parser.is_symbol(';') && !matches!(parser.peek(), TokenKind::End) {
            return Err(parser.unexpected());
        }
        let names_moment = moment::names_moment(parser.tokens.get(first..parser.at).unwrap_or_default());
        statements.push(ParsedStatement { kind, text: start..parser.last_end(), names_moment });
    }
}

/// Parses the one expression that a text is; for defaults and the like in the catalog.
pub fn parse_expressions(text: &str) -> Result<Vec<ast::Expr>> {
    let mut parser = Parser::new(text, tokenize(text));
    let exprs = parser.expr_list()?;
    if matches!(parser.peek(), TokenKind::End) { Ok(exprs) } else { Err(parser.unexpected()) }
}

/// Parses a type's name, as `regtype` and `format_type` have it.
pub fn parse_type_name(text: &str) -> Result<ast::TypeName> {
    let mut parser = Parser::new(text, tokenize(text));
    let name = parser.type_name()?;
    if matches!(parser.peek(), TokenKind::End) { Ok(name) } else { Err(parser.unexpected()) }
}

fn placeholders(parser: &Parser<'_>, options: ParseOptions) -> Placeholders {
    let rest = parser.tokens.iter().skip(parser.at);
    let mut statement = rest.take_while(|token| !token.kind.is_symbol(';'));
    match (statement.any(|token| matches!(token.kind, TokenKind::Param(_))), options.placeholders) {
        (true, _) => Placeholders::Numbered,
        (false, true) => Placeholders::Next(0),
        (false, false) => Placeholders::Refused,
    }
}

#[cfg(test)]
mod tests;
