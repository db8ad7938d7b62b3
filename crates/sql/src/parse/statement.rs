//! One statement (`stmt` of `gram.y`): which kind it is.

use pg::Result;

use super::ast::{DropViews, Statement};
use super::parser::Parser;
use super::token::TokenKind;

impl Parser<'_> {
    /// The statement in front.
    pub fn statement(&mut self) -> Result<Statement> {
        if self.is_symbol('(') || (self.at_query_or_parenthesis() && !self.is("with")) {
            return Ok(Statement::Query(Box::new(self.query()?)));
        }
        if self.is("explain") {
            return Ok(Statement::Explain(Box::new(self.explain()?)));
        }
        if self.is_any(&["with", "insert", "sink", "update", "delete", "merge"]) {
            if let Some(statement) = self.modifying_statement()? {
                return Ok(statement);
            }
            return Ok(Statement::Query(Box::new(self.query()?)));
        }
        if self.are(&["drop", "view"]) {
            return Ok(Statement::DropViews(Box::new(self.drop_views()?)));
        }
        if self.is("truncate") {
            return self.truncate();
        }
        if let Some(statement) = self.hazelcast_statement()? {
            return Ok(statement);
        }
        if let Some(name) = self.refused_of_session() {
            self.skip_statement()?;
            return Ok(Statement::Refused(name.to_owned()));
        }
        if let Some(statement) = self.session_statement()? {
            return Ok(Statement::Session(Box::new(statement)));
        }
        self.refused_statement()
    }

    /// `DROP VIEW`
    fn drop_views(&mut self) -> Result<DropViews> {
        self.advance();
        self.advance();
        let if_exists = self.are(&["if", "exists"]);
        if if_exists {
            self.advance();
            self.advance();
        }
        let views = self.list(Self::any_relation_name)?;
        let cascade = self.eat("cascade");
        if !cascade {
            self.eat("restrict");
        }
        Ok(DropViews { if_exists, views, cascade })
    }

    /// What begins as a statement of the session does, and is none.
    fn refused_of_session(&self) -> Option<&'static str> {
        const REFUSED: &[(&[&str], &str)] = &[
            (&["set", "constraints"], "SET CONSTRAINTS"),
            (&["prepare", "transaction"], "PREPARE TRANSACTION"),
            (&["commit", "prepared"], "COMMIT PREPARED"),
            (&["rollback", "prepared"], "ROLLBACK PREPARED"),
        ];
        let (_, name) = REFUSED.iter().find(|(words, _)| self.are(words))?;
        // `SET constraints = x` is a setting.
        (!self.gets_a_value(2)).then_some(name)
    }

    /// Whether the word before the token `n` ahead is a setting's name in SET: `TO` or `=` is behind it.
    pub(super) fn gets_a_value(&self, n: usize) -> bool {
        self.ahead(n).kind.is_word("to") || self.ahead(n).kind.is_symbol('=')
    }

    /// What PostgreSQL would understand, we don't, and only its first words are looked at.
    fn refused_statement(&mut self) -> Result<Statement> {
        const WITH_OBJECT: &[&str] =
            &["alter", "create", "drop", "comment", "import", "security", "reassign"];
        const ALONE: &[&str] = &[
            "analyse",
            "analyze",
            "call",
            "checkpoint",
            "cluster",
            "do",
            "grant",
            "load",
            "lock",
            "prepare",
            "refresh",
            "reindex",
            "revoke",
            "vacuum",
        ];
        if !self.is_any(WITH_OBJECT) && !self.is_any(ALONE) {
            return Err(self.unexpected());
        }
        let with_object = self.is_any(WITH_OBJECT);
        let mut name = self.advance().kind.word().unwrap_or_default().to_ascii_uppercase();
        if with_object {
            const SKIPPED: &[&str] =
                &["or", "replace", "global", "local", "temporary", "temp", "unlogged", "unique"];
            while self.is_any(SKIPPED) {
                self.advance();
            }
            let Some(object) = self.peek().word().map(str::to_ascii_uppercase) else {
                return Err(self.unexpected());
            };
            name = format!("{name} {object}");
        }
        self.skip_statement()?;
        Ok(Statement::Refused(name))
    }

    /// Takes everything up to the end of the statement. Other statements may stand inside: in parentheses (the actions
    /// of a rule), and between BEGIN ATOMIC and END (the body of a function).
    pub(super) fn skip_statement(&mut self) -> Result<()> {
        let (mut depth, mut blocks) = (0usize, 0usize);
        loop {
            match self.peek() {
                TokenKind::Error(_) => return Err(self.unexpected()),
                TokenKind::End => return Ok(()),
                TokenKind::Symbol(';') if depth == 0 && blocks == 0 => return Ok(()),
                TokenKind::Symbol('(') => depth += 1,
                TokenKind::Symbol(')') => depth = depth.saturating_sub(1),
                _ if self.are(&["begin", "atomic"]) => blocks += 1,
                kind if blocks > 0 && kind.is_word("case") => blocks += 1,
                kind if blocks > 0 && kind.is_word("end") => blocks -= 1,
                _ => {}
            }
            self.advance();
        }
    }
}
