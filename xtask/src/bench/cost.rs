//! `cargo xtask bench cost`: the planner's constants, measured on the cluster at hand, and the statements for which the
//! constants in use choose the slower way.
//!
//! Each statement is run with each way forced. What a way costs is linear in the constants ([`Scan`]), so the constants
//! are those that fit best what was measured.

use std::time::{Duration, Instant};

use sql::plan::{COSTS, Costs, Scan};
use testbed::wire::{Client, message};

use super::fit::{Equation, fit};
use super::maps::{self, Maps};
use crate::run::say;

/// How long one way to one statement is measured at least, for each run: processor times come in ticks of 10 ms.
const LONG_ENOUGH: Duration = Duration::from_millis(300);
/// Keys that are looked up at once.
const KEYS: usize = 1_000;
/// A choice that is slower by this factor is wrong.
const WRONG: f64 = 2.0;

/// A statement, and what the planner knows of it.
pub struct Case {
    pub sql: String,
    pub scan: Scan,
}

/// Time that passed, and processor time of members and gateway, for one execution; microseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    time: f64,
    processor: f64,
}

impl Cost {
    /// The time that passes, in place of the processor's.
    fn timed(self) -> Cost {
        Cost { processor: self.time, ..self }
    }
}

/// What was measured of a case.
struct Measured {
    case: Case,
    sql: Cost,
    entries: Cost,
    /// The way that the gateway chooses.
    chosen: String,
}

/// The gateway that is measured, and the processes whose time counts.
pub struct Place<'a> {
    pub port: u16,
    pub processes: &'a [u32],
    pub points: u32,
    pub runs: u32,
    /// The members are elsewhere: their processor time can't be told, so the time that passes is what counts.
    pub by_time: bool,
}

/// Measures, and prints the table and the section.
pub fn report(place: &Place<'_>) -> Result<(), String> {
    let maps = Maps::load(place.port, place.points)?;
    let mut measured = Vec::new();
    say(&format!("{:<64} {:>9} {:>9} {:>9} {:>9}  chosen", "", "SQL ms", "CPU", "Entries", "CPU"));
    for case in maps::cases(place.points) {
        let sql = place.measure(&case.sql, "entries")?;
        let entries = place.measure(&case.sql, "sql")?;
        let chosen = chosen(place.port, &case.sql)?;
        let one = Measured { case, sql, entries, chosen };
        say(&one.line());
        measured.push(one);
    }
    let keys = place.measure(&maps::keys(KEYS, place.points), "none")?;
    say(&format!("{KEYS} keys: {:.1} ms, CPU {:.1} ms", keys.time / 1e3, keys.processor / 1e3));
    maps.drop()?;
    let counted = if place.by_time { Cost::timed } else { |cost: Cost| cost };
    measured.iter_mut().for_each(|one| (one.sql, one.entries) = (counted(one.sql), counted(one.entries)));
    let mut found = constants(&measured, counted(keys));
    if several_members(place.port)? {
        // What others take is in what a statement takes.
        let _ = found.set("statement_member", 0.0);
    }
    say("\nconstant           measured     in use");
    for name in Costs::NAMES {
        let [of, used] = [found, COSTS].map(|costs| costs.constant(name).unwrap_or_default());
        say(&format!("{name:<16} {of:>10.4} {used:>10.4}"));
    }
    say(&format!("\nFor the configuration file of the gateway:\n\n{}", section(&found)));
    for (costs, whose) in [(&COSTS, "in use"), (&found, "measured")] {
        say(&format!("\nWrong by more than {WRONG} with the constants {whose}:"));
        let wrong: Vec<String> = measured.iter().filter_map(|one| one.wrong(costs)).collect();
        say(if wrong.is_empty() { "nothing" } else { "" });
        wrong.iter().for_each(|line| say(line));
    }
    Ok(())
}

impl Measured {
    fn line(&self) -> String {
        let Cost { time, processor } = self.sql;
        let entries = self.entries;
        format!(
            "{:<64} {:>9.1} {:>9.1} {:>9.1} {:>9.1}  {}",
            self.case.sql,
            time / 1e3,
            processor / 1e3,
            entries.time / 1e3,
            entries.processor / 1e3,
            self.chosen
        )
    }

    /// By how much the way that some constants choose is slower than the other, if it is by too much.
    fn wrong(&self, costs: &Costs) -> Option<String> {
        let by_entries = by_entries(&self.case.scan, costs) < self.case.scan.by_sql(costs);
        let (name, chosen, other) = match by_entries {
            true => ("Entries", self.entries, self.sql),
            false => ("Sql", self.sql, self.entries),
        };
        let (time, processor) = (chosen.time / other.time, chosen.processor / other.processor);
        (time > WRONG || processor > WRONG).then(|| {
            format!("{}: {name} takes {time:.1} x the time, {processor:.1} x the CPU", self.case.sql)
        })
    }
}

/// The constants that fit best.
fn constants(measured: &[Measured], keys: Cost) -> Costs {
    let mut equations = Vec::new();
    for one in measured {
        let scan = &one.case.scan;
        equations.push(equation(|costs| scan.by_sql(costs), one.sql.processor));
        equations.push(equation(|costs| by_entries(scan, costs), one.entries.processor));
    }
    equations.push(equation(|costs| costs.by_keys(KEYS), keys.processor));
    let mut found = COSTS;
    for (at, (name, micros)) in Costs::NAMES.iter().zip(fit(&equations, Costs::NAMES.len())).enumerate() {
        let is_told = equations.iter().any(|one| one.times.get(at).is_some_and(|times| *times > 0.0));
        if is_told {
            // A number that can be fitted is finite and not negative.
            let _ = found.set(name, micros);
        }
    }
    found
}

/// Whether there is more than one member.
fn several_members(port: u16) -> Result<bool, String> {
    let replies = connect(port)?.try_simple("SELECT count(*) > 1 FROM hazelcast.members")?;
    Ok(replies.first().is_some_and(|reply| reply.value() == "t"))
}

/// By all entries, or those that an index finds.
fn by_entries(scan: &Scan, costs: &Costs) -> f64 {
    scan.found.map_or_else(|| scan.by_entries(costs), |found| scan.by_search(found, costs))
}

/// How often each constant is paid.
fn equation(cost: impl Fn(&Costs) -> f64, measured: f64) -> Equation {
    let times = Costs::NAMES.iter().map(|name| {
        let mut one = Costs::ZERO;
        let _ = one.set(name, 1.0);
        cost(&one)
    });
    Equation { times: times.collect(), sum: measured }
}

fn section(costs: &Costs) -> String {
    let line = |name: &&str| Some(format!("{name} = {:.4}", costs.constant(name)?));
    let lines: Vec<String> = Costs::NAMES.iter().filter_map(line).collect();
    format!("[costs]\n{}", lines.join("\n"))
}

impl Place<'_> {
    /// What one execution costs without a way: the median of the runs.
    fn measure(&self, sql: &str, without: &str) -> Result<Cost, String> {
        let mut client = connect(self.port)?;
        if without != "none" {
            execute(&mut client, &format!("SET hazelgres.enable_{without} = off"))?;
        }
        let begun = Instant::now();
        execute(&mut client, sql)?;
        execute(&mut client, sql)?;
        let once = begun.elapsed().as_secs_f64() / 2.0;
        let times = (LONG_ENOUGH.as_secs_f64() / once).clamp(1.0, 100.0).round();
        let mut all = Vec::new();
        for _ in 0..self.runs {
            let (begun, before) = (Instant::now(), self.processor());
            for _ in 0..times as u32 {
                execute(&mut client, sql)?;
            }
            let (time, processor) = (begun.elapsed().as_secs_f64(), self.processor() - before);
            all.push(Cost { time: time * 1e6 / times, processor: processor * 1e6 / times });
        }
        let middle = |of: fn(&Cost) -> f64| {
            let mut values: Vec<f64> = all.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        Ok(Cost { time: middle(|cost| cost.time), processor: middle(|cost| cost.processor) })
    }

    /// Seconds of processor time of members and gateway.
    fn processor(&self) -> f64 {
        self.processes.iter().map(|pid| super::processor_seconds(*pid)).sum()
    }
}

/// The way that the gateway goes by itself.
fn chosen(port: u16, sql: &str) -> Result<String, String> {
    let replies = connect(port)?.try_simple(&format!("EXPLAIN {sql}"))?;
    let lines = replies.first().map(|reply| reply.texts().concat()).unwrap_or_default();
    let leaf = lines.into_iter().flatten().find_map(|line| Some(line.split_once("Hazelcast ")?.1.to_owned()));
    Ok(leaf.unwrap_or_default().split(' ').next().unwrap_or_default().to_owned())
}

pub(super) fn connect(port: u16) -> Result<Client, String> {
    Client::try_connect(port).map_err(|fields| format!("the gateway refuses: {fields:?}"))
}

/// Runs a statement and drops its rows.
pub(super) fn execute(client: &mut Client, sql: &str) -> Result<(), String> {
    client.try_write(&message(b'Q', &[sql.as_bytes(), b"\0"].concat())).map_err(|e| e.to_string())?;
    let mut error = None;
    loop {
        let message = client.try_read().map_err(|e| e.to_string())?.ok_or("the gateway hung up")?;
        match message.tag {
            b'Z' => return error.map_or(Ok(()), |error| Err(format!("{sql}: {error:?}"))),
            b'E' => error = Some(testbed::wire::fields(&message.body)),
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is measured when a machine has just the costs of the table.
    fn simulated(costs: &Costs) -> Vec<Measured> {
        let measured = |case: Case| {
            let cost = |micros: f64| Cost { time: micros, processor: micros };
            let (sql, entries) = (case.scan.by_sql(costs), by_entries(&case.scan, costs));
            Measured { case, sql: cost(sql), entries: cost(entries), chosen: String::new() }
        };
        maps::cases(200_000).into_iter().map(measured).collect()
    }

    #[test]
    fn constants_are_told_from_costs() {
        let mut machine = COSTS;
        machine.set("sql_json", 2.0).unwrap();
        let keys = Cost { time: 0.0, processor: machine.by_keys(KEYS) };
        let found = constants(&simulated(&machine), keys);
        for name in Costs::NAMES {
            let [of, wanted] = [found, machine].map(|costs| costs.constant(name).unwrap());
            assert!((of - wanted).abs() < 0.05 * wanted + 0.02, "{name}: {of} for {wanted}");
        }
        assert!(section(&found).starts_with("[costs]\nstatement = 1"));
    }

    #[test]
    fn a_slower_way_is_wrong() {
        let case = Case { sql: "x".into(), scan: maps::cases(200_000).remove(0).scan };
        let (slow, fast) = (Cost { time: 5.0, processor: 1.0 }, Cost { time: 1.0, processor: 1.0 });
        let one = Measured { case, sql: fast, entries: slow, chosen: String::new() };
        let mut dear = COSTS;
        dear.set("statement", 1e9).unwrap();
        assert!(one.wrong(&dear).is_some_and(|line| line.contains("Entries takes 5.0 x")));
        dear.set("entries", 1e12).unwrap();
        assert_eq!(one.wrong(&dear), None);
    }
}
