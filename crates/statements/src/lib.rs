//! Statements at random, the same for the same seed: every clause of SELECT, and every function, operator and cast that
//! the program says it has ([`pool`]), with values of every type ([`literals`]). What is made is meant to be understood
//! by PostgreSQL and to give rows, and its answer does not depend on what SQL leaves open: rows that LIMIT cuts or a
//! window numbers are totally ordered.

mod arguments;
mod condition;
mod expr;
mod from;
mod literals;
mod pool;
mod query;
mod rng;

use std::collections::{BTreeMap, BTreeSet};

pub use pool::{Call, Pool};
pub use rng::Rng;

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Whether the order of its rows is given.
    pub ordered: bool,
    /// Whether it has more than one part that can fail.
    pub many: bool,
}

impl Statement {
    fn ordered(sql: String) -> Statement {
        Statement { sql, ordered: true, many: true }
    }

    /// One function of literals.
    fn single(sql: String, ordered: bool) -> Statement {
        Statement { sql, ordered, many: false }
    }

    fn unordered(sql: String) -> Statement {
        Statement { sql, ordered: false, many: true }
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
        for _ in 0..2_000 {
            let sql = generator.statement().sql;
            if let Err(error) = sql::parse::parse(&sql, Default::default()) {
                assert_eq!(error.code(), pg::SqlState::FEATURE_NOT_SUPPORTED, "{sql}: {error}");
            }
        }
        assert!(generator.forms.len() > 40, "{:?}", generator.forms);
    }
}
