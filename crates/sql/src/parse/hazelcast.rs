//! Statements of Hazelcast's own: recognised here, by their first words.

use std::ops::Range;

use pg::Result;

use super::parser::Parser;

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
    (&["drop", "view"], "DROP VIEW"),
    (&["drop", "index"], "DROP INDEX"),
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
    pub(super) fn hazelcast_statement(&mut self) -> Result<Option<HazelcastStatement>> {
        let mut words = Vec::new();
        let mut n = 0;
        while words.len() < 3 {
            let Some(word) = self.ahead(n).kind.word() else { break };
            n += 1;
            if words.len() == 1 && matches!(word, "or" | "replace" | "external") {
                continue;
            }
            words.push(word);
        }
        let found = STATEMENTS.iter().find(|(first, _)| words.starts_with(first)).map(|(_, name)| *name);
        let Some(name) = found else { return Ok(None) };
        let start = self.token().start;
        self.skip_statement()?;
        Ok(Some(HazelcastStatement { words: name, text: start..self.last_end() }))
    }
}
