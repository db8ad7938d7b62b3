//! One statement (`stmt` of `gram.y`): which kind it is.

use pg::Result;

use super::ast::Statement;
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
        if let Some(statement) = self.hazelcast_statement()? {
            return Ok(statement);
        }
        if let Some(statement) = self.session_statement()? {
            return Ok(Statement::Session(Box::new(statement)));
        }
        self.refused_statement()
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
            "truncate",
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

    /// Takes everything up to the end of the statement.
    pub(super) fn skip_statement(&mut self) -> Result<()> {
        loop {
            match self.peek() {
                TokenKind::Error(_) => return Err(self.unexpected()),
                TokenKind::End | TokenKind::Symbol(';') => return Ok(()),
                _ => drop(self.advance()),
            }
        }
    }
}
