//! Statements at random, the same for the same seed: every clause of SELECT, and every function, operator and cast that
//! the program says it has ([`pool`]), with values of every type ([`literals`]). What is made is meant to be understood
//! by PostgreSQL and to give rows, and its answer does not depend on what SQL leaves open: rows that LIMIT cuts or a
//! window numbers are totally ordered.

mod arguments;
mod condition;
mod expr;
mod forms;
mod frame;
mod from;
mod group;
mod literals;
mod pool;
mod query;
mod ranges;
mod rare_condition;
mod rng;
mod spelling;
mod syntax;
mod window;
mod with;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

pub use forms::FORMS;
pub use pool::{Call, Pool};
pub use rng::Rng;
pub use writes::{WRITTEN, Written};

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Whether the order of its rows is given.
    pub ordered: bool,
    /// Whether it has more than one part that can fail.
    pub many: bool,
    /// How it is sent.
    pub sent: Sent,
    /// The values of its parameters, and the types they were made of.
    pub parameters: Vec<(pg::Oid, String)>,
}

/// How a statement is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sent {
    /// In the simple protocol.
    #[default]
    Simple,
    /// In the extended protocol, with results in text (0) or binary (1).
    Extended {
        /// The format of the results.
        format: i16,
    },
    /// By PREPARE and EXECUTE; types of the parameters may be declared.
    Prepared {
        /// Whether they are.
        typed: bool,
    },
}

impl Statement {
    /// PREPARE and EXECUTE of the statement under a name.
    pub fn prepared(&self, name: &str, typed: bool) -> (String, String) {
        let list = |items: Vec<String>| match items.is_empty() {
            true => String::new(),
            false => format!("({})", items.join(", ")),
        };
        let types = match typed {
            true => list(self.parameters.iter().map(|(ty, _)| literals::type_name(*ty)).collect()),
            false => String::new(),
        };
        let values = list(self.parameters.iter().map(|(_, text)| literals::quoted(text)).collect());
        (format!("PREPARE {name}{types} AS {}", self.sql), format!("EXECUTE {name}{values}"))
    }

    fn ordered(sql: String) -> Statement {
        Statement { ordered: true, ..Statement::unordered(sql) }
    }

    /// One function of literals.
    fn single(sql: String, ordered: bool) -> Statement {
        Statement { ordered, many: false, ..Statement::unordered(sql) }
    }

    fn unordered(sql: String) -> Statement {
        Statement { sql, ordered: false, many: true, sent: Sent::Simple, parameters: Vec::new() }
    }
}

/// Makes statements.
#[derive(Debug)]
pub struct Generator {
    rng: Rng,
    /// What can be drawn.
    pub pool: Pool,
    /// The functions, operators and casts that were used.
    pub functions: BTreeSet<String>,
    /// The forms of the grammar, and how often each was used.
    pub forms: BTreeMap<&'static str, usize>,
    /// How many of a hundred literals lie at the edges.
    edges: usize,
    /// Whether FROM may have the tables of the cluster.
    tables: bool,
    /// Whether every statement reads tables.
    only_tables: bool,
    names: usize,
    turn: usize,
    ctes: Vec<from::Source>,
    /// Whether values may be parameters.
    with_parameters: bool,
    /// The parameters so far.
    parameters: Vec<(pg::Oid, String)>,
    /// Whether literals may have no type.
    loose: bool,
}

impl Generator {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Generator {
        Generator {
            rng: Rng::new(seed),
            pool: Pool::new(),
            functions: BTreeSet::new(),
            forms: BTreeMap::new(),
            edges: 5,
            tables: true,
            only_tables: false,
            names: 0,
            turn: seed as usize % 10_000,
            ctes: Vec::new(),
            with_parameters: false,
            parameters: Vec::new(),
            loose: false,
        }
    }

    /// A generator of statements that read the tables of the cluster, each of them.
    pub fn of_tables(seed: u64) -> Generator {
        Generator { only_tables: true, ..Generator::new(seed) }
    }

    fn grammar(&mut self, form: &'static str) {
        *self.forms.entry(form).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_statements_again() {
        let make = |seed| {
            let mut generator = Generator::new(seed);
            (0..50).map(|_| generator.statement().sql).collect::<Vec<_>>()
        };
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn everything_that_is_made_can_be_parsed() {
        let mut generator = Generator::new(1);
        for _ in 0..3_000 {
            let sql = generator.statement().sql;
            if let Err(error) = sql::parse::parse(&sql, Default::default()) {
                assert_eq!(error.code(), pg::SqlState::FEATURE_NOT_SUPPORTED, "{sql}: {error}");
            }
        }
        let unused: Vec<_> = FORMS.iter().filter(|form| !generator.forms.contains_key(**form)).collect();
        // A few are rare.
        assert!(unused.len() * 50 < FORMS.len(), "{unused:?}");
        let unlisted: Vec<_> = generator.forms.keys().filter(|form| !FORMS.contains(form)).collect();
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }
}
