//! The parser's hands: looking at tokens, taking them, and saying what is wrong with them.

use pg::{Error, Result, SqlState};

use super::ast::{OperatorName, RelationName};
use super::token::{Token, TokenKind};
use crate::catalog::Name;

/// How deep rules may nest, and how high a tree may become, which chains of operators and joins make higher than rules
/// nest; beyond: 54001. PostgreSQL's parser stops here as well (`YYMAXDEPTH`), and its stack ends at less than half the
/// height. Walks get stack as they go down (`crate::stack`); what can't ask for it, clones and drops, has enough by the
/// program's threads.
const MAX_DEPTH: usize = 10_000;

/// A recursive-descent parser over the tokens of a text, after PostgreSQL's `gram.y`.
pub struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    depth: usize,
    /// The height of the highest tree that the rule under way has read.
    height: usize,
    /// What a `?` in operand position means.
    pub(super) placeholders: Placeholders,
    /// Where the call stands that is an entry of FROM, behind which no clauses of calls do (`func_expr_windowless`).
    pub(super) windowless: Option<u32>,
}

/// What a `?` in operand position means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholders {
    /// A parameter: the next of so many.
    Next(usize),
    /// A syntax error: the statement uses `$n`.
    Numbered,
    /// A parameter that nobody can give a value to.
    Refused,
}

impl<'a> Parser<'a> {
    /// A parser at the start of a text.
    pub fn new(text: &'a str, tokens: Vec<Token>) -> Parser<'a> {
        let placeholders = Placeholders::Numbered;
        Parser { text, tokens, at: 0, depth: 0, height: 0, placeholders, windowless: None }
    }

    /// The token in front.
    pub fn token(&self) -> &Token {
        self.ahead(0)
    }

    /// The `n`th token from here; the last one repeats for ever.
    pub fn ahead(&self, n: usize) -> &Token {
        const NOWHERE: &Token = &Token { kind: TokenKind::End, start: 0, end: 0, pos: 1 };
        self.tokens.get(self.at + n).or(self.tokens.last()).unwrap_or(NOWHERE)
    }

    /// The kind of the token in front.
    pub fn peek(&self) -> &TokenKind {
        &self.token().kind
    }

    /// The position of the token in front.
    pub fn pos(&self) -> u32 {
        self.token().pos
    }

    /// Takes the token in front.
    pub fn advance(&mut self) -> Token {
        let token = self.token().clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// Takes so many tokens.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    /// Whether the word in front is this (lower-case) one.
    pub fn is(&self, word: &str) -> bool {
        self.peek().is_word(word)
    }

    /// Whether these words are in front, in this order.
    pub fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.ahead(i).kind.is_word(word))
    }

    /// Whether one of these words is in front.
    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether this symbol is in front.
    pub fn is_symbol(&self, symbol: char) -> bool {
        self.peek().is_symbol(symbol)
    }

    /// Takes the word if it is in front.
    pub fn eat(&mut self, word: &str) -> bool {
        let is = self.is(word);
        if is {
            self.advance();
        }
        is
    }

    /// Takes the words if all are in front.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let are = self.are(words);
        if are {
            self.skip(words.len());
        }
        are
    }

    /// Takes the symbol if it is in front.
    pub fn eat_symbol(&mut self, symbol: char) -> bool {
        let is = self.is_symbol(symbol);
        if is {
            self.advance();
        }
        is
    }

    /// Takes the word, which must be there.
    pub fn expect(&mut self, word: &str) -> Result<()> {
        if self.eat(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes the symbol, which must be there.
    pub fn expect_symbol(&mut self, symbol: char) -> Result<()> {
        if self.eat_symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The syntax error at the token in front.
    pub fn unexpected(&self) -> Error {
        self.unexpected_at(self.token())
    }

    /// The syntax error at a token.
    pub fn unexpected_at(&self, token: &Token) -> Error {
        match &token.kind {
            TokenKind::Error(error) => (**error).clone(),
            TokenKind::End => {
                Error::new(SqlState::SYNTAX_ERROR, "syntax error at end of input").at(Some(token.pos))
            }
            _ => {
                let text = self.text.get(token.start..token.end).unwrap_or_default();
                Error::new(SqlState::SYNTAX_ERROR, format!("syntax error at or near \"{text}\""))
                    .at(Some(token.pos))
            }
        }
    }

    /// Another error of the grammar's own.
    pub fn error_at(&self, pos: u32, message: impl Into<String>) -> Error {
        Error::new(SqlState::SYNTAX_ERROR, message).at(Some(pos))
    }

    /// Runs a rule one level deeper.
    pub fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let beside = std::mem::take(&mut self.height);
        self.depth += 1;
        let result = match self.depth > MAX_DEPTH {
            true => Err(Error::stack_depth()),
            false => crate::stack::grown(|| rule(self)),
        };
        self.depth -= 1;
        self.height = beside.max(self.height + 1);
        result
    }

    /// What the rule under way has read becomes part of a tree that is so much higher.
    pub fn grow(&mut self, levels: usize) -> Result<()> {
        self.height += levels;
        if self.height > MAX_DEPTH { Err(Error::stack_depth()) } else { Ok(()) }
    }

    /// Items of which each may become part of the next: their heights add up.
    pub fn stacked<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut total = self.height;
        let items = self.list(|p| {
            p.height = 0;
            let item = item(p)?;
            total += p.height + 1;
            p.height = total;
            p.grow(0)?;
            Ok(item)
        })?;
        Ok(items)
    }

    /// `ColId`
    pub fn col_id(&mut self) -> Result<Name> {
        if self.peek().is_col_id() { self.label() } else { Err(self.unexpected()) }
    }

    /// `ColLabel`
    pub fn label(&mut self) -> Result<Name> {
        match self.peek().name() {
            Some(name) => {
                self.advance();
                Ok(name)
            }
            None => Err(self.unexpected()),
        }
    }

    /// Items between commas, at least one.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat_symbol(',') {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(a, b)` of names.
    pub fn name_list(&mut self) -> Result<Vec<Name>> {
        self.expect_symbol('(')?;
        let names = self.list(Self::col_id)?;
        self.expect_symbol(')')?;
        Ok(names)
    }

    /// `any_name`: a name with dots.
    pub fn any_name(&mut self) -> Result<Vec<Name>> {
        let mut names = vec![self.col_id()?];
        while self.eat_symbol('.') {
            names.push(self.label()?);
        }
        Ok(names)
    }

    /// `qualified_name`
    pub fn relation_name(&mut self) -> Result<RelationName> {
        let pos = self.pos();
        let names = self.any_name()?;
        RelationName::of(&names, pos).ok_or_else(|| {
            let message = format!("improper qualified name (too many dotted names): {}", dotted(&names));
            self.error_at(pos, message)
        })
    }

    /// `any_name` as the name of a relation (`makeRangeVarFromNameList`).
    pub fn any_relation_name(&mut self) -> Result<RelationName> {
        let pos = self.pos();
        let names = self.any_name()?;
        RelationName::of(&names, pos).ok_or_else(|| {
            let message = format!("improper relation name (too many dotted names): {}", dotted(&names));
            Error::new(SqlState::SYNTAX_ERROR, message)
        })
    }

    /// An operator in front, by itself or as `OPERATOR(schema.op)`, taken.
    pub fn operator_name(&mut self) -> Result<OperatorName> {
        if !self.eat("operator") {
            return match symbol_of(self.peek()) {
                Some(name) => {
                    self.advance();
                    Ok(OperatorName { schema: None, name: name.as_str().into() })
                }
                None => Err(self.unexpected()),
            };
        }
        self.expect_symbol('(')?;
        let mut schema = None;
        while self.peek().is_col_id() {
            schema = Some(self.label()?);
            self.expect_symbol('.')?;
        }
        let Some(name) = symbol_of(self.peek()) else { return Err(self.unexpected()) };
        self.advance();
        self.expect_symbol(')')?;
        Ok(OperatorName { schema, name: name.as_str().into() })
    }

    /// An integer.
    pub fn integer(&mut self) -> Result<i32> {
        match *self.peek() {
            TokenKind::Integer(i) => {
                self.advance();
                Ok(i)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A string.
    pub fn string(&mut self) -> Result<std::sync::Arc<str>> {
        match self.peek() {
            TokenKind::String(text) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// In front of an operand: splits a `?` off the operator in front, if that is what it begins with.
    pub(super) fn split_leading_placeholder(&mut self) -> bool {
        let token = self.token().clone();
        let TokenKind::Operator(text) = &token.kind else { return false };
        let Some(rest) = text.strip_prefix('?') else { return false };
        if !rest.is_empty() {
            self.split(&token, "?", rest);
        }
        true
    }

    /// In front of an operator: splits a `?` off its end, when it is glued to an operator that has none (`a=?`).
    pub(super) fn split_trailing_placeholder(&mut self) {
        if !matches!(self.placeholders, Placeholders::Next(_) | Placeholders::Refused) {
            return;
        }
        let token = self.token().clone();
        let TokenKind::Operator(text) = &token.kind else { return };
        match text.strip_suffix('?') {
            Some(operator) if !operator.is_empty() && operator != "@" && !operator.contains('?') => {
                self.split(&token, operator, "?");
            }
            _ => {}
        }
    }

    fn split(&mut self, token: &Token, first: &str, second: &str) {
        let kind = |text: &str| {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if "+-*/%^<>=".contains(c) => TokenKind::Symbol(c),
                _ if text == "!=" => TokenKind::Operator("<>".into()),
                _ => TokenKind::Operator(text.into()),
            }
        };
        let middle = token.start + first.len();
        let left = Token { kind: kind(first), end: middle, ..token.clone() };
        let right = Token {
            kind: kind(second),
            start: middle,
            end: token.end,
            pos: token.pos + u32::try_from(first.len()).unwrap_or(0),
        };
        self.tokens.splice(self.at..=self.at, [left, right]);
    }
}

/// The symbol of an operator token.
pub fn symbol_of(kind: &TokenKind) -> Option<String> {
    match kind {
        TokenKind::Operator(text) => Some(text.to_string()),
        TokenKind::Symbol(c) if "+-*/%^<>=".contains(*c) => Some(c.to_string()),
        _ => None,
    }
}

/// Names with dots between them, as errors tell them.
fn dotted(names: &[Name]) -> String {
    names.iter().map(|name| name.folded().to_string()).collect::<Vec<_>>().join(".")
}
