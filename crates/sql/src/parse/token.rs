//! Tokens, as PostgreSQL's scanner makes them (`scan.l`).

use std::sync::Arc;

use pg::Error;

use crate::catalog::Name;

/// A token and where it stands.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte in the text.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// Its first character in the text, from 1.
    pub pos: u32,
}

/// The kinds of tokens.
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// An unquoted identifier or a keyword.
    Word {
        /// As written.
        text: Arc<str>,
        /// Folded to lower case.
        folded: Arc<str>,
        /// The keyword category (`U`, `C`, `T`, `R`), if it is a keyword.
        category: Option<char>,
    },
    /// `"identifier"`, `U&"identifier"`
    Quoted(Arc<str>),
    /// `$n`
    Param(u32),
    /// An integer that fits `int4`.
    Integer(i32),
    /// Any other number: digits too many for `int4`, a decimal point, an exponent.
    Number(Arc<str>),
    /// A string: `'…'`, `E'…'`, `U&'…'`, `$$…$$`
    String(Arc<str>),
    /// `B'…'`, with its `b`; `X'…'`, with its `x`
    Bits(Arc<str>),
    /// One of `, ( ) [ ] . ; : + - * / % ^ < > =`
    Symbol(char),
    /// `::`
    TypeCast,
    /// `..`
    DotDot,
    /// `:=`
    ColonEquals,
    /// `=>`
    EqualsGreater,
    /// Any other operator; `<=`, `>=`, `<>` (`!=` is `<>`).
    Operator(Arc<str>),
    /// What the scanner could not read.
    Error(Box<Error>),
    /// The end of the text.
    End,
}

impl TokenKind {
    /// Whether this is an unquoted keyword or identifier of this (lower-case) spelling.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, TokenKind::Word { folded, .. } if **folded == *word)
    }

    /// Whether this is this symbol.
    pub fn is_symbol(&self, symbol: char) -> bool {
        matches!(self, TokenKind::Symbol(c) if *c == symbol)
    }

    /// The name that this word or quoted identifier spells.
    pub fn name(&self) -> Option<Name> {
        match self {
            TokenKind::Word { text, .. } => Some(Name::unquoted(text.clone())),
            TokenKind::Quoted(text) => Some(Name::quoted(text.clone())),
            _ => None,
        }
    }

    /// The lower-case spelling of an unquoted word.
    pub fn word(&self) -> Option<&str> {
        match self {
            TokenKind::Word { folded, .. } => Some(folded),
            _ => None,
        }
    }

    /// May stand for a column or table (`ColId`): no keyword, or an unreserved or column-name one.
    pub fn is_col_id(&self) -> bool {
        match self {
            TokenKind::Word { category, .. } => matches!(category, None | Some('U' | 'C')),
            TokenKind::Quoted(_) => true,
            _ => false,
        }
    }

    /// May stand for a type or function (`type_function_name`).
    pub fn is_type_function_name(&self) -> bool {
        match self {
            TokenKind::Word { category, .. } => matches!(category, None | Some('U' | 'T')),
            TokenKind::Quoted(_) => true,
            _ => false,
        }
    }

    /// May stand behind `AS` or a dot (`ColLabel`): anything.
    pub fn is_label(&self) -> bool {
        matches!(self, TokenKind::Word { .. } | TokenKind::Quoted(_))
    }
}
