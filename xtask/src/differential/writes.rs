//! Random changes of tables, on the gateway and on PostgreSQL: what each answers, and what then is in the tables.

use std::collections::BTreeMap;

use statements::{Generator, Statement, WRITTEN};
use testbed::compare::difference;
use testbed::wire::{Client, Reply};

use super::{Options, ask, how, one_sided, settle_modifiers};
use crate::run::say;

/// After so many statements the tables have their first rows again: DELETE would leave little to change.
const REFILL: usize = 25;

/// Both sides, and what came of the statements.
pub struct Writes {
    gateway: Client,
    oracle: Client,
    changed: usize,
    failed: usize,
    one_sided: usize,
    refused: BTreeMap<String, usize>,
    different: usize,
}

impl Writes {
    /// Makes the tables on both sides.
    pub fn new(mut gateway: Client, mut oracle: Client) -> Writes {
        for table in &WRITTEN {
            gateway.query(&table.mapping()).ok();
            oracle.query(&format!("DROP TABLE IF EXISTS {}", table.name)).ok();
            oracle.query(&table.table()).ok();
        }
        let (changed, failed, one_sided, different) = (0, 0, 0, 0);
        Writes { gateway, oracle, changed, failed, one_sided, refused: BTreeMap::new(), different }
    }

    /// Runs the statements; whether all answers and all tables were the same.
    pub fn all(&mut self, options: &Options) -> Result<bool, String> {
        let mut generator = Generator::new(options.seed);
        for n in 0..options.statements {
            if n % REFILL == 0 {
                self.refill();
            }
            let statement = generator.write();
            if options.verbose {
                say(&statement.sql);
            }
            let Some(what) = self.one(&statement)? else { continue };
            self.different += 1;
            if self.different <= options.show {
                say(&format!("\n{}{}\n   {what}", statement.sql, how(&statement)));
            }
            self.refill();
        }
        Ok(self.report(&generator, options.statements))
    }

    fn refill(&mut self) {
        for statement in WRITTEN.iter().flat_map(|table| table.refill()) {
            self.gateway.query(&statement).ok();
            self.oracle.query(&statement).ok();
        }
    }

    /// What a statement's answers, or the tables after it, differ in.
    fn one(&mut self, statement: &Statement) -> Result<Option<String>, String> {
        self.oracle.query("BEGIN").ok();
        let theirs = ask(&mut self.oracle, statement)?;
        let mut ours = ask(&mut self.gateway, statement)?;
        let refused = ours.sqlstate() == Some("0A000") && theirs.error.is_none();
        let one_sided = statement.many && one_sided(&ours, &theirs) && !refused;
        // What is refused here shall not have happened there.
        let gone = refused || (one_sided && theirs.error.is_none());
        self.oracle.query(if gone { "ROLLBACK" } else { "COMMIT" }).ok();
        self.oracle.query("DEALLOCATE ALL").ok();
        if one_sided && theirs.error.is_some() && ours.error.is_none() {
            self.one_sided += 1;
            self.refill();
            return Ok(None);
        }
        if !refused && !one_sided {
            if let Some(what) = answers(statement, &mut ours, &theirs) {
                return Ok(Some(what));
            }
            match (&theirs.error, changed(&theirs)) {
                (None, true) => self.changed += 1,
                (None, false) => (),
                (Some(_), _) => self.failed += 1,
            }
        } else if refused {
            let message = ours.error.as_ref().and_then(|e| e.get(&'M')).cloned().unwrap_or_default();
            *self.refused.entry(message).or_default() += 1;
        } else {
            self.one_sided += 1;
        }
        Ok(self.tables())
    }

    /// What the tables differ in.
    fn tables(&mut self) -> Option<String> {
        WRITTEN.iter().find_map(|table| {
            let contents = table.contents();
            let what = difference(&self.gateway.query(&contents), &self.oracle.query(&contents), true)?;
            Some(format!("{}: {what}", table.name))
        })
    }

    fn report(&self, generator: &Generator, statements: usize) -> bool {
        for (form, count) in &generator.forms {
            say(&format!("{count:8} {form}"));
        }
        for (what, count) in &self.refused {
            say(&format!("{count:8} refused: {what}"));
        }
        let refused: usize = self.refused.values().sum();
        say(&format!(
            "{statements} changes: {} changed rows, {} were errors on both sides, {} on one side by a value, \
             {refused} refused, {} different",
            self.changed, self.failed, self.one_sided, self.different
        ));
        self.different == 0
    }
}

/// What two answers differ in, beyond what SQL leaves open.
fn answers(statement: &Statement, ours: &mut Reply, theirs: &Reply) -> Option<String> {
    settle_modifiers(statement, ours, theirs);
    // Which of several rows is met first is open, and with it which of several errors.
    let of_a_row = |reply: &Reply| {
        let state = reply.sqlstate().unwrap_or_default();
        ["21", "22", "23"].iter().any(|class| state.starts_with(class)) || state == "0A000"
    };
    if of_a_row(ours) && of_a_row(theirs) {
        return None;
    }
    difference(ours, theirs, statement.ordered)
}

/// Whether a statement says that it changed rows.
fn changed(reply: &Reply) -> bool {
    reply.tag.as_ref().is_some_and(|tag| !tag.ends_with(" 0"))
}
