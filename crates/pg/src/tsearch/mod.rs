//! Full text search (manual, chapter 12): documents as [`TsVector`]s, queries as [`TsQuery`]s, how one is found in the
//! other and how well, and how both are made of text: a parser that cuts it into tokens, and dictionaries that make
//! lexemes of them.

mod binary;
mod clean;
mod configuration;
mod dictionary;
mod document;
mod grammar;
mod headline;
mod matching;
mod options;
mod parser;
mod query;
mod rank;
mod states;
mod tree;
mod vector;
mod words;

pub use configuration::Configuration;
pub use dictionary::lexize;
pub use document::{Document, Operands, to_tsquery};
pub use grammar::Grammar;
pub use headline::Headline;
pub use matching::matches;
pub use parser::{TOKEN_TYPES, Token, TokenType, tokens};
pub use query::{Item, Operator, TsQuery};
pub use rank::{DEFAULT_WEIGHTS, rank, rank_cd};
pub use vector::{Lexeme, Position, TsVector};

use crate::{Error, Result, SqlState};

/// The text form of a query is read by these, and by those of [`Grammar`].
pub(crate) use document::query_in;

/// The longest lexeme, in bytes, and one more (`MAXSTRLEN`).
const MAX_WORD: usize = 1 << 11;
/// The most bytes of all lexemes of a value, with their positions (`MAXSTRPOS`).
const MAX_WORDS: usize = (1 << 20) - 1;
/// The most positions of a lexeme, and one more (`MAXNUMPOS`).
const MAX_POSITIONS: usize = 256;
/// The highest position, and one more (`MAXENTRYPOS`).
const MAX_POSITION: u16 = 1 << 14;

fn limit_exceeded(message: String) -> Error {
    Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
}

fn syntax_error(message: String) -> Error {
    Error::new(SqlState::SYNTAX_ERROR, message)
}

/// How deep operators may be nested; PostgreSQL counts the bytes of its stack.
const DEEPEST: usize = 5000;

fn check_depth(depth: usize) -> Result<()> {
    if depth <= DEEPEST {
        return Ok(());
    }
    Err(Error::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"))
}

/// Runs what calls itself as deep as a query is nested, on more stack when this one ends.
fn deeper<T>(call: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, call)
}

#[cfg(test)]
mod tests;
