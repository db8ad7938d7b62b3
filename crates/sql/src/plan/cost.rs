//! What the ways to the rows of a leaf cost: **the one table of constants** by which the planner chooses.
//! The configuration may say others (`[costs]`).
//!
//! A cost is microseconds of processor time, members' and ours together: that is what adds up when many ask, and with
//! nobody else asking it is close to the time that passes. Each constant says where it was measured; `cargo xtask bench
//! cost` measures them again on the cluster at hand.

use crate::catalog::{Mapping, Relation};

/// The constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A statement that starts a job, whatever its size. Measured: 10–12 ms, 20 ms of a member's processor.
    pub statement: f64,
    /// A row that SQL scans, before any column of it is read. Measured: 0.88 µs with one column of compact.
    pub sql_row: f64,
    /// A column that SQL reads of a JSON value, which is parsed anew for each. Measured: 1.3 µs.
    pub sql_column_json: f64,
    /// A column that SQL reads of another value. Measured: 0.29 µs (compact).
    pub sql_column: f64,
    /// A row that SQL sends and we take.
    pub sql_sent: f64,
    /// A request to all partitions. Measured: `Map.size` takes 1 ms, 2 ms of a member's processor.
    pub entries: f64,
    /// An entry that a member copies into a message. Measured: 0.36–0.45 µs for 60 bytes, 2–3.4 µs for 620 bytes.
    pub entry: f64,
    /// A byte of it, copied there and looked through here. Measured: 1.7 µs of a member's and 1.25 µs of our processor for
    /// three columns out of 620 bytes of JSON.
    pub entry_byte: f64,
    /// A column that we read of an entry.
    pub entry_column: f64,
    /// A row that passes an operator of ours.
    pub row: f64,
    /// A get. Measured: 12–15 µs of a member's processor, and as much of ours.
    pub get: f64,
}

/// None is NaN: [`Costs::set`] sees to it.
impl Eq for Costs {}

impl Default for Costs {
    fn default() -> Costs {
        COSTS
    }
}

impl Costs {
    /// Changes the constant of a name: a number of microseconds that is not negative. Otherwise it says what is wrong.
    pub fn set(&mut self, name: &str, micros: f64) -> Result<(), String> {
        if !micros.is_finite() || micros < 0.0 {
            return Err(format!("costs.{name}: {micros} is no number of microseconds"));
        }
        match self.by_name(name) {
            Some(constant) => *constant = micros,
            None => return Err(format!("costs.{name}: there is no such constant")),
        }
        Ok(())
    }

    fn by_name(&mut self, name: &str) -> Option<&mut f64> {
        Some(match name {
            "statement" => &mut self.statement,
            "sql_row" => &mut self.sql_row,
            "sql_column_json" => &mut self.sql_column_json,
            "sql_column" => &mut self.sql_column,
            "sql_sent" => &mut self.sql_sent,
            "entries" => &mut self.entries,
            "entry" => &mut self.entry,
            "entry_byte" => &mut self.entry_byte,
            "entry_column" => &mut self.entry_column,
            "row" => &mut self.row,
            "get" => &mut self.get,
            _ => return None,
        })
    }

    /// What looking up so many keys costs.
    pub(super) fn by_keys(&self, keys: usize) -> f64 {
        self.get * keys as f64
    }
}

/// As measured on Hazelcast 5.7.0, one member, 2 cores of 2.6 GHz.
pub const COSTS: Costs = Costs {
    statement: 15_000.0,
    sql_row: 0.6,
    sql_column_json: 1.3,
    sql_column: 0.29,
    sql_sent: 0.4,
    entries: 2_000.0,
    entry: 0.5,
    entry_byte: 0.0045,
    entry_column: 0.1,
    row: 0.35,
    get: 28.0,
};

/// The share of rows for which a condition is true, when nothing else is known: PostgreSQL's `DEFAULT_INEQ_SEL`.
const SELECTED: f64 = 0.333;
/// The share for an equality.
const SELECTED_BY_EQUALITY: f64 = 0.05;

/// What is known of a map, and what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    /// Its entries.
    pub(super) rows: f64,
    /// Bytes of an entry.
    pub(super) bytes: f64,
    /// Values are JSON.
    pub(super) json: bool,
    /// The columns that are wanted in all, conditions included.
    pub(super) columns: usize,
    /// The entries that SQL looks at.
    pub(super) scanned: f64,
    /// The rows that SQL sends.
    pub(super) sent: f64,
}

impl Scan {
    /// All of a relation; `None` when its size is not known.
    pub(super) fn of(relation: &Relation, columns: usize) -> Option<Scan> {
        let mapping = relation.mapping()?;
        let rows = mapping.rows? as f64;
        let json = mapping.option("valueFormat").is_some_and(|format| format.starts_with("json"));
        Some(Scan { rows, bytes: entry_bytes(mapping, relation), json, columns, scanned: rows, sent: rows })
    }

    /// By a statement.
    pub(super) fn by_sql(&self, costs: &Costs) -> f64 {
        let column = if self.json { costs.sql_column_json } else { costs.sql_column };
        let row = costs.sql_row + column * self.columns as f64;
        costs.statement + self.scanned * row + self.sent * costs.sql_sent
    }

    /// By the entries, and the conditions and whatever else SQL would have done here. `work`: operators that each row passes.
    pub(super) fn by_entries(&self, costs: &Costs, work: usize) -> f64 {
        let entry = costs.entry + costs.entry_byte * self.bytes;
        let row = entry + costs.entry_column * self.columns as f64 + costs.row * (1 + work) as f64;
        costs.entries + self.rows * row
    }
}

/// The share of rows that so many conditions leave, of which some are equalities.
pub(super) fn selectivity(conditions: usize, equalities: usize) -> f64 {
    let power = |share: f64, n: usize| share.powi(i32::try_from(n).unwrap_or(i32::MAX));
    power(SELECTED, conditions.saturating_sub(equalities)) * power(SELECTED_BY_EQUALITY, equalities)
}

/// The size of an entry, where nobody has told it: a number and a name for each column.
fn entry_bytes(mapping: &Mapping, relation: &Relation) -> f64 {
    const ENTRY: f64 = 40.0;
    const COLUMN: f64 = 22.0;
    mapping.entry_bytes.map_or(ENTRY + COLUMN * relation.columns.len() as f64, |bytes| bytes as f64)
}

/// A cost as people read it.
pub(super) fn shown(micros: f64) -> String {
    match micros {
        micros if micros < 1_000.0 => format!("{micros:.0} us"),
        micros if micros < 100_000.0 => format!("{:.1} ms", micros / 1_000.0),
        micros => format!("{:.0} ms", micros / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(rows: f64, columns: usize, json: bool) -> Scan {
        Scan { rows, bytes: 40.0 + 22.0 * columns as f64, json, columns, scanned: rows, sent: rows }
    }

    #[test]
    fn constants_are_set_by_name() {
        let mut costs = COSTS;
        assert_eq!(costs.set("get", 56.0), Ok(()));
        assert_eq!(costs.by_keys(2), 112.0);
        assert!(costs.set("got", 1.0).unwrap_err().contains("costs.got"));
        assert!(costs.set("get", -1.0).is_err() && costs.set("get", f64::NAN).is_err());
        assert_eq!(costs, Costs { get: 56.0, ..COSTS });
    }

    #[test]
    fn what_was_measured_is_chosen() {
        // The maps of the movie questions, whole.
        for rows in [300.0, 500.0, 900.0, 2_400.0] {
            assert!(
                scan(rows, 8, true).by_entries(&COSTS, 2) < scan(rows, 8, true).by_sql(&COSTS) / 2.0,
                "{rows}"
            );
        }
        // Whole scans of a million rows, narrow and wide.
        assert!(scan(1e6, 4, true).by_entries(&COSTS, 0) < scan(1e6, 4, true).by_sql(&COSTS));
        assert!(scan(1e6, 4, false).by_entries(&COSTS, 0) < scan(1e6, 4, false).by_sql(&COSTS));
        assert!(scan(1e5, 20, true).by_entries(&COSTS, 0) < scan(1e5, 20, true).by_sql(&COSTS) / 3.0);
        // Few rows of many, and groups of one column: the cluster's work.
        let filtered = Scan { sent: 1e3, ..scan(1e6, 1, false) };
        assert!(filtered.by_sql(&COSTS) < filtered.by_entries(&COSTS, 1));
        let grouped = Scan { sent: 100.0, ..scan(1e6, 1, true) };
        assert!(
            grouped.by_sql(&COSTS) < grouped.by_entries(&COSTS, 3),
            "{} {}",
            grouped.by_sql(&COSTS),
            grouped.by_entries(&COSTS, 3)
        );
        // The first rows of many.
        let first = Scan { scanned: 10.0, sent: 10.0, ..scan(1e5, 8, true) };
        assert!(first.by_sql(&COSTS) < first.by_entries(&COSTS, 0));
        // A hundred keys of a million, and all of 500.
        assert!(COSTS.by_keys(100) < scan(1e6, 4, true).by_sql(&COSTS));
        assert!(COSTS.by_keys(500) > scan(500.0, 4, true).by_entries(&COSTS, 0));
    }
}
