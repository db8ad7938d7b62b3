//! Statements of Hazelcast's own: recognised here, by their first words.

use std::ops::Range;

use pg::Result;

use super::ast::Statement;
use super::parser::Parser;
use super::token::TokenKind;

/// A statement of Hazelcast's own.
#[derive(Clone, Debug)]
pub struct HazelcastStatement {
    /// What it is: `CREATE MAPPING`, `SHOW JOBS` …
    pub words: &'static str,
    /// Its text: bytes of the whole text.
    pub text: Range<usize>,
}

/// First words, and what the statement is called.
const STATEMENTS: &[(&[&str], &str)] = &[
    (&["create", "mapping"], "CREATE MAPPING"),
    (&["create", "data", "connection"], "CREATE DATA CONNECTION"),
    (&["create", "job"], "CREATE JOB"),
    (&["create", "snapshot"], "CREATE SNAPSHOT"),
    (&["create", "view"], "CREATE VIEW"),
    (&["create", "index"], "CREATE INDEX"),
    (&["create", "type"], "CREATE TYPE"),
    (&["drop", "mapping"], "DROP MAPPING"),
    (&["drop", "data", "connection"], "DROP DATA CONNECTION"),
    (&["drop", "job"], "DROP JOB"),
    (&["drop", "snapshot"], "DROP SNAPSHOT"),
    (&["drop", "type"], "DROP TYPE"),
    (&["alter", "job"], "ALTER JOB"),
    (&["show", "mappings"], "SHOW MAPPINGS"),
    (&["show", "views"], "SHOW VIEWS"),
    (&["show", "jobs"], "SHOW JOBS"),
    (&["show", "types"], "SHOW TYPES"),
    (&["show", "data", "connections"], "SHOW DATA CONNECTIONS"),
    (&["show", "resources"], "SHOW RESOURCES"),
];

impl Parser<'_> {
    /// A statement of Hazelcast's own, when one is in front; everything up to its end is taken.
    pub(super) fn hazelcast_statement(&mut self) -> Result<Option<Statement>> {
        let (mut words, mut ends) = (Vec::new(), Vec::new());
        let mut n = 0;
        while words.len() < 3 {
            let Some(word) = self.ahead(n).kind.word() else { break };
            n += 1;
            if words.len() == 1 && matches!(word, "or" | "replace" | "external") {
                continue;
            }
            words.push(word);
            ends.push(n);
        }
        let Some((first, name)) = STATEMENTS.iter().find(|(first, _)| words.starts_with(first)) else {
            return Ok(None);
        };
        let end = ends.get(first.len() - 1).copied().unwrap_or(n);
        let start = self.token().start;
        if let Some(refused) = self.postgresql_form(name, end) {
            self.skip_statement()?;
            return Ok(Some(Statement::Refused(refused.to_owned())));
        }
        self.skip_statement()?;
        let statement = HazelcastStatement { words: name, text: start..self.last_end() };
        Ok(Some(Statement::Hazelcast(Box::new(statement))))
    }

    /// What PostgreSQL means by the same first words, and Hazelcast has no grammar for. `n` tokens are those words.
    fn postgresql_form(&self, words: &str, mut n: usize) -> Option<&'static str> {
        let word = |n: usize| self.ahead(n).kind.word();
        let symbol =
            |n: usize, symbol: char| matches!(&self.ahead(n).kind, TokenKind::Symbol(s) if *s == symbol);
        let after_name = |mut n: usize| {
            while symbol(n + 1, '.') {
                n += 2;
            }
            n + 1
        };
        if (word(n), word(n + 1), word(n + 2)) == (Some("if"), Some("not"), Some("exists")) {
            n += 3;
        }
        if words == "CREATE INDEX" && word(n) == Some("on") {
            return Some("CREATE INDEX without a name");
        }
        n = after_name(n);
        match words {
            "CREATE INDEX" if word(n) == Some("on") && word(after_name(n + 1)) == Some("using") => {
                Some("CREATE INDEX USING")
            }
            "CREATE TYPE" if word(n) == Some("as") => Some("CREATE TYPE AS"),
            "CREATE VIEW" if symbol(n, '(') => Some("CREATE VIEW with names of columns"),
            "CREATE VIEW" if word(n) == Some("with") => Some("CREATE VIEW WITH"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{ParseOptions, parse};

    fn kind(text: &str) -> String {
        match parse(text, ParseOptions::default()).unwrap().remove(0).kind {
            Statement::Hazelcast(statement) => format!("passed {}", statement.words),
            Statement::Refused(name) => format!("refused {name}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn forms_that_are_postgresqls_alone_are_refused_by_name() {
        for (text, expected) in [
            ("CREATE INDEX i ON m (a) TYPE HASH", "passed CREATE INDEX"),
            ("CREATE INDEX IF NOT EXISTS i ON s.m (a)", "passed CREATE INDEX"),
            ("CREATE INDEX \"on\" ON using (a)", "passed CREATE INDEX"),
            ("CREATE INDEX ON m (a)", "refused CREATE INDEX without a name"),
            ("CREATE INDEX i ON s.m USING btree (a)", "refused CREATE INDEX USING"),
            ("CREATE UNIQUE INDEX i ON m (a)", "refused CREATE INDEX"),
            ("DROP INDEX i", "refused DROP INDEX"),
            ("CREATE OR REPLACE EXTERNAL MAPPING m TYPE IMap", "passed CREATE MAPPING"),
            ("CREATE TYPE t (a INT)", "passed CREATE TYPE"),
            ("CREATE TYPE s.t AS ENUM ('a')", "refused CREATE TYPE AS"),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "passed CREATE VIEW"),
            ("CREATE VIEW v (a) AS SELECT 1", "refused CREATE VIEW with names of columns"),
            ("CREATE VIEW v WITH (security_barrier) AS SELECT 1", "refused CREATE VIEW WITH"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
