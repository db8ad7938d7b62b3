//! `cargo xtask differential`: random statements on the gateway and on a real PostgreSQL, and everything that comes back
//! compared: rows (their order where it is given), types, names, SQLSTATEs, messages and positions.

mod writes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use statements::{FORMS, Generator, Sent, Statement};
use testbed::compare::difference;
use testbed::data;
use testbed::wire::{Client, Reply};

use crate::bed::Bed;
use crate::reduce::reduce;
use crate::run::{root, say};
use writes::Writes;

/// What is to be run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many statements.
    #[arg(long, default_value_t = 20_000)]
    pub statements: usize,
    /// Which statements: the same seed makes the same ones.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only statements that read the tables of the cluster.
    #[arg(long)]
    pub tables: bool,
    /// Statements that change tables, which are compared after each of them.
    #[arg(long, conflicts_with = "tables")]
    pub writes: bool,
    /// A setting of the gateway for all of them, such as `hazelgres.pushdown=full`.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// The port of a gateway that runs already, with the data.
    #[arg(long, requires = "oracle")]
    pub gateway: Option<u16>,
    /// The port of a PostgreSQL that runs already, with the data.
    #[arg(long, requires = "gateway")]
    pub oracle: Option<u16>,
    /// Prints at most so many differences.
    #[arg(long, default_value_t = 100)]
    pub show: usize,
    /// Makes each statement that is answered differently as small as it gets.
    #[arg(long)]
    pub reduce: bool,
    /// Writes to this file the statements that both sides answered with the same rows, as a script for `tests/sql`.
    #[arg(long)]
    pub write: Option<PathBuf>,
    /// Leaves the servers running afterwards, until this process is ended, and says where they are.
    #[arg(long, conflicts_with = "gateway")]
    pub keep: bool,
    /// Prints every statement, too.
    #[arg(long)]
    pub verbose: bool,
}

impl Options {
    /// The short form of `--writes`, which is a part of the tests.
    pub fn short_writes() -> Options {
        Options { writes: true, ..Options::short() }
    }

    /// The short form, which is a part of the tests.
    pub fn short() -> Options {
        let (gateway, oracle, write) = (None, None, None);
        Options {
            statements: 400,
            seed: SHORT_SEED,
            tables: false,
            writes: false,
            set: Vec::new(),
            gateway,
            oracle,
            show: 20,
            reduce: true,
            write,
            keep: false,
            verbose: false,
        }
    }
}

/// The statements of the short form.
const SHORT_SEED: u64 = 300;

/// The least share of statements that give rows, in percent.
const LEAST_WITH_ROWS: usize = 60;

/// PostgreSQL gives up what takes too long; then the answers are not compared.
const SETTINGS: &str = "SET statement_timeout = '5s'";

/// What takes the gateway so much longer, it does not answer.
const TIME: &str = "SET statement_timeout = '120s';";

/// Runs the statements; whether all answers were the same.
pub fn differential(options: &Options) -> Result<bool, String> {
    if let (Some(gateway), Some(oracle)) = (options.gateway, options.oracle) {
        return run(gateway, oracle, options);
    }
    let bed = Bed::start("differential")?;
    let (gateway, oracle) = (bed.gateway.port, bed.oracle.port);
    let (mut here, mut there) = (Client::connect(gateway), Client::connect(oracle));
    data::load_movies(&root(), &mut here, &mut there);
    data::load_types(&root(), &mut here, &mut there);
    let well = run(gateway, oracle, options);
    if options.keep {
        bed.stay();
    }
    well
}

/// Runs the statements on two servers that have the data.
fn run(gateway: u16, oracle: u16, options: &Options) -> Result<bool, String> {
    let (mut gateway, mut oracle) = (Client::connect(gateway), Client::connect(oracle));
    oracle.simple(SETTINGS);
    let settings: String =
        std::iter::once(TIME.to_owned()).chain(options.set.iter().map(|set| format!("SET {set};"))).collect();
    gateway.simple(&settings).into_iter().for_each(|reply| drop(reply.ok()));
    match options.writes {
        true => Writes::new(gateway, oracle).all(options),
        false => Run::new(gateway, oracle, settings).all(options),
    }
}

/// Two connections, and what came of the statements.
struct Run {
    gateway: Client,
    oracle: Client,
    /// What is set in each session with the gateway.
    settings: String,
    with_rows: usize,
    failed: usize,
    refused: BTreeMap<String, usize>,
    errors: BTreeMap<String, usize>,
    different: usize,
    /// Errors of data that only one side met: SQL leaves open what is computed.
    one_sided: usize,
    /// The last statement gave rows, on both sides the same.
    last_had_rows: bool,
}

impl Run {
    fn new(gateway: Client, oracle: Client, settings: String) -> Run {
        Run {
            gateway,
            oracle,
            settings,
            with_rows: 0,
            failed: 0,
            refused: BTreeMap::new(),
            errors: BTreeMap::new(),
            different: 0,
            one_sided: 0,
            last_had_rows: false,
        }
    }

    fn all(&mut self, options: &Options) -> Result<bool, String> {
        let mut generator = match options.tables {
            true => Generator::of_tables(options.seed),
            false => Generator::new(options.seed),
        };
        let mut script = String::new();
        for _ in 0..options.statements {
            let statement = generator.statement();
            if options.verbose {
                say(&statement.sql);
            }
            let before = self.with_rows + self.one_sided + self.refused.values().sum::<usize>();
            if let Some(what) = self.one(&statement)? {
                self.different += 1;
                if self.different <= options.show {
                    let small =
                        if options.reduce { self.reduced(&statement, &what) } else { statement.sql.clone() };
                    say(&format!("\n{small}{}\n   {what}", how(&statement)));
                }
            } else if self.with_rows + self.one_sided + self.refused.values().sum::<usize>() == before + 1
                && self.last_had_rows
                && statement.sent == Sent::Simple
                && (statement.ordered || !statement.sql.contains("ORDER BY"))
            {
                script.push_str(&statement.sql);
                script.push_str(";\n");
            }
        }
        if let Some(file) = &options.write {
            std::fs::write(file, script).map_err(|e| format!("could not write {}: {e}", file.display()))?;
        }
        Ok(self.report(&generator, options.statements))
    }

    /// What the answers to a statement differ in.
    fn one(&mut self, statement: &Statement) -> Result<Option<String>, String> {
        let theirs = ask(&mut self.oracle, statement)?;
        if theirs.sqlstate() == Some("57014") {
            *self.refused.entry("more time than PostgreSQL is given".into()).or_default() += 1;
            return Ok(None);
        }
        let ours = match ask(&mut self.gateway, statement) {
            Ok(reply) => reply,
            Err(what) => {
                self.gateway = Client::connect(self.gateway.port());
                self.gateway.simple(&self.settings);
                return Ok(Some(what));
            }
        };
        self.last_had_rows = !theirs.rows.is_empty();
        match &theirs.error {
            None if !theirs.rows.is_empty() => self.with_rows += 1,
            None => (),
            Some(_) => {
                self.failed += 1;
                *self.errors.entry(theirs.sqlstate().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
        if ours.sqlstate() == Some("0A000") && theirs.sqlstate() != Some("0A000") {
            let message = ours.error.as_ref().and_then(|e| e.get(&'M')).cloned().unwrap_or_default();
            if self.refused.len() < 100 && !self.refused.contains_key(&message) {
                say(&format!("\n{}\n   refused: {message}", statement.sql));
            }
            *self.refused.entry(message).or_default() += 1;
            return Ok(None);
        }
        let mut ours = ours;
        settle_modifiers(statement, &mut ours, &theirs);
        if ours.sqlstate() == Some("53200") {
            *self.refused.entry("more memory".into()).or_default() += 1;
            return Ok(None);
        }
        let difference = difference(&ours, &theirs, statement.ordered);
        if difference.is_some() && statement.many && one_sided(&ours, &theirs) {
            self.one_sided += 1;
            return Ok(None);
        }
        Ok(difference)
    }

    /// The smallest statement found that differs in the same way.
    fn reduced(&mut self, statement: &Statement, what: &str) -> String {
        let kind = kind(what);
        reduce(&statement.sql, |sql| {
            let statement = Statement { sql: sql.to_owned(), ..statement.clone() };
            let Ok(theirs) = ask(&mut self.oracle, &statement) else { return false };
            // What PostgreSQL doesn't understand is no smaller form of what it did.
            let understood =
                theirs.sqlstate().is_none_or(|state| !state.starts_with("42") && !state.starts_with("08"));
            (understood || kind.contains("42"))
                && ask(&mut self.gateway, &statement).is_ok_and(|ours| {
                    difference(&ours, &theirs, statement.ordered).is_some_and(|d| self::kind(&d) == kind)
                })
        })
    }

    /// Says what there was; whether it is well.
    fn report(&self, generator: &Generator, statements: usize) -> bool {
        let refused: usize = self.refused.values().sum();
        say("\nforms of the grammar");
        let forms: std::collections::BTreeMap<&str, usize> = FORMS
            .iter()
            .map(|form| (*form, 0))
            .chain(generator.forms.iter().map(|(f, n)| (*f, *n)))
            .collect();
        for (form, count) in &forms {
            say(&format!("{count:8} {form}"));
        }
        say(&format!("{} of {} forms were used", generator.forms.len(), forms.len()));
        let all: std::collections::BTreeSet<String> =
            [&generator.pool.calls, &generator.pool.sets, &generator.pool.aggregates]
                .into_iter()
                .flatten()
                .map(statements::Call::name)
                .collect();
        say(&format!(
            "{} of {} functions, operators and casts were used",
            generator.functions.len(),
            all.len()
        ));
        say(&format!("errors on both sides by SQLSTATE: {:?}", self.errors));
        for (what, count) in &self.refused {
            say(&format!("{count:8} refused: {what}"));
        }
        let share = self.with_rows * 100 / statements.max(1);
        say(&format!("{} statements of many parts failed by a value on one side alone", self.one_sided));
        say(&format!(
            "{statements} statements: {share} % gave rows, {} were errors, {refused} refused, {} different",
            self.failed, self.different
        ));
        if share < LEAST_WITH_ROWS {
            say(&format!("fewer than {LEAST_WITH_ROWS} % gave rows"));
        }
        self.different == 0 && share >= LEAST_WITH_ROWS
    }
}

/// Whether a value made one side fail and the other side did not compute it, or another one failed first: SQL leaves open
/// which parts of a statement are computed, and in which order.
fn one_sided(ours: &Reply, theirs: &Reply) -> bool {
    let of_data = |reply: &Reply| match (reply.sqlstate(), &reply.error) {
        (Some(state), Some(error)) => {
            // Names in values (regclass) are looked up when they are computed; such errors have no position.
            state.starts_with("22")
                || (state.starts_with("42") && !error.contains_key(&'P'))
                || state == "0A000"
        }
        _ => false,
    };
    let well = |reply: &Reply| reply.error.is_none();
    (of_data(ours) && (well(theirs) || of_data(theirs))) || (well(ours) && of_data(theirs))
}

/// A difference without its particulars.
fn kind(what: &str) -> String {
    let message =
        |text: &str| text.split("'P'").next().unwrap_or(text).replace(|c: char| c.is_ascii_digit(), "");
    let codes: Vec<&str> = what.split("'C': \"").skip(1).filter_map(|rest| rest.get(..5)).collect();
    let first = what.split([':', ' ']).next().unwrap_or(what);
    let mut lines = what.lines().map(message);
    if codes.is_empty() {
        first.to_owned()
    } else {
        format!("{codes:?} {}", lines.next().unwrap_or_default())
    }
}

/// Sends a statement as it wants to be sent.
fn ask(client: &mut Client, statement: &Statement) -> Result<Reply, String> {
    match statement.sent {
        Sent::Simple => Ok(single(client.try_simple(&statement.sql)?)),
        Sent::Extended { format } => {
            let values: Vec<Option<&str>> =
                statement.parameters.iter().map(|(_, text)| Some(text.as_str())).collect();
            Ok(single(client.try_extended(&statement.sql, &values, format)?))
        }
        Sent::Prepared { typed } => {
            let (prepare, execute) = statement.prepared("q", typed);
            let prepared = single(client.try_simple(&prepare)?);
            if prepared.error.is_some() {
                return Ok(prepared);
            }
            let reply = single(client.try_simple(&execute)?);
            client.try_simple("DEALLOCATE ALL")?;
            Ok(reply)
        }
    }
}

/// What has to be said beside a statement's text.
fn how(statement: &Statement) -> String {
    let values: Vec<&str> = statement.parameters.iter().map(|(_, text)| text.as_str()).collect();
    match statement.sent {
        Sent::Simple => String::new(),
        sent => format!("\n   {sent:?} {values:?}"),
    }
}

/// The reply to one statement; it may be that the parser saw none or more.
fn single(mut replies: Vec<Reply>) -> Reply {
    if replies.len() == 1 { replies.remove(0) } else { Reply::default() }
}

/// Takes PostgreSQL's type modifiers for ours where its planner may know more than its analysis tells.
fn settle_modifiers(statement: &Statement, ours: &mut Reply, theirs: &Reply) {
    if let (true, Some(a), Some(b)) =
        (planner_finds_modifiers(&statement.sql), &mut ours.columns, &theirs.columns)
    {
        a.iter_mut().zip(b).for_each(|(a, b)| a.modifier = b.modifier);
    }
}

/// Whether PostgreSQL's planner may know a modifier that its analysis does not tell: that of the branch
/// of a CASE that is left when constants are computed, and that of a length coercion which is called by
/// its name and rounds nothing (`TemporalSimplify`, `numeric_support`, `varchar_support`).
fn planner_finds_modifiers(sql: &str) -> bool {
    const COERCIONS: [&str; 8] = [
        "\"time\"(",
        "\"timestamp\"(",
        "\"interval\"(",
        "timetz(",
        "timestamptz(",
        "\"numeric\"(",
        "\"varchar\"(",
        "varbit(",
    ];
    sql.contains("CASE") || COERCIONS.iter().any(|name| sql.contains(name))
}
