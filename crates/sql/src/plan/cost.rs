//! What the ways to the rows of a leaf cost: **the one table of constants** by which the planner chooses.
//! The configuration may say others (`[costs]`).
//!
//! A cost is microseconds of processor time, members' and ours together: that is what adds up when many ask, and with
//! nobody else asking it is close to the time that passes. Each constant says where it was measured; `cargo xtask bench
//! cost` measures them again on the cluster at hand.

use pg::catalog::operator_by_oid;
use pg::{Oid, Value};

use crate::catalog::{Mapping, Relation};
use crate::query::*;

macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident = $micros:expr;)*) => {
        /// The constants.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct Costs {
            $($(#[$doc])* pub $name: f64,)*
        }

        /// As `cargo xtask bench cost --points 200000` has measured them on Hazelcast 5.7.0: one member with 1 GB, two cores
        /// of 2.6 GHz for all.
        pub const COSTS: Costs = Costs { $($name: $micros,)* };

        impl Costs {
            /// Their names, as the configuration has them.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// None of them costs anything.
            pub const ZERO: Costs = Costs { $($name: 0.0,)* };

            fn by_name(&mut self, name: &str) -> Option<&mut f64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

constants! {
    /// A statement that starts a job, whatever its size. Measured: 8 ms of a member's processor one after the other, up to
    /// 20 ms of one that does other things, too.
    statement = 10_000.0;
    /// A member more that takes part in it.
    statement_member = 3_000.0;
    /// A row that SQL scans, before any column of it is read.
    sql_row = 0.29;
    /// A column that SQL reads. What conditions leave out is not read.
    sql_column = 0.22;
    /// What it costs more when it is a member of JSON, which is parsed anew for each column.
    sql_json = 0.37;
    /// And for each byte of that JSON.
    sql_json_byte = 0.0004;
    /// A row that SQL sorts: 1.7 s of a member's processor for 200,000.
    sql_sort = 7.9;
    /// A row that SQL sorts when only the first are wanted.
    sql_top = 1.3;
    /// A row that SQL groups.
    sql_group = 0.27;
    /// A row that SQL sends and we take.
    sql_sent = 0.31;
    /// A request to all partitions. Measured: 0.7 ms, `Map.size` 1 ms.
    entries = 1_000.0;
    /// An entry that a member copies into a message, and that we take.
    entry = 0.3;
    /// A byte of it.
    entry_byte = 0.0015;
    /// A question that an index answers, to all members.
    search = 650.0;
    /// An entry that an index finds, more than one that is copied with all others.
    search_entry = 0.97;
    /// A byte of JSON that we look through.
    entry_json_byte = 0.0005;
    /// A column that we read of an entry.
    entry_column = 0.09;
    /// A row that we test, or sort when only the first are wanted.
    row = 0.1;
    /// A row that we group.
    group = 0.1;
    /// A row that we sort.
    sort = 1.15;
    /// A get, of a thousand at once.
    get = 15.0;
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

    /// The constant of a name.
    pub fn constant(mut self, name: &str) -> Option<f64> {
        self.by_name(name).copied()
    }

    /// What looking up so many keys costs.
    pub fn by_keys(&self, keys: usize) -> f64 {
        self.get * keys as f64
    }
}

/// The share of rows for which a condition is true, when nothing else is known: PostgreSQL's `DEFAULT_INEQ_SEL`.
const SELECTED: f64 = 0.333;
/// The share for an equality.
const SELECTED_BY_EQUALITY: f64 = 0.05;
/// The number of elements of an array that are looked for.
const SOUGHT_IN_ARRAY: f64 = 10.0;

/// Columns, as far as their number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// All.
    pub all: usize,
    /// Those of them that are members of JSON.
    pub members: usize,
}

impl Columns {
    /// Columns of a relation.
    pub(super) fn of(relation: &Relation, columns: &[usize]) -> Columns {
        let is_member = |column: &&usize| {
            let column = relation.columns.get(**column);
            column.and_then(|column| column.external_name.as_deref()).is_some_and(|n| !n.starts_with("__key"))
        };
        let members = if is_json(relation) { columns.iter().filter(is_member).count() } else { 0 };
        Columns { all: columns.len(), members }
    }

    /// What SQL takes to read them.
    fn by_sql(self, costs: &Costs, bytes: f64) -> f64 {
        let member = costs.sql_json + costs.sql_json_byte * bytes;
        costs.sql_column * self.all as f64 + member * self.members as f64
    }
}

fn is_json(relation: &Relation) -> bool {
    let format = relation.mapping().and_then(|mapping| mapping.option("valueFormat"));
    format.is_some_and(|format| format.starts_with("json"))
}

/// What is known of a map, and what is wanted of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scan {
    /// Its entries.
    pub rows: f64,
    /// Bytes of an entry.
    pub bytes: f64,
    /// Values are JSON.
    pub json: bool,
    /// The columns that are wanted in all, conditions included.
    pub columns: Columns,
    /// Those that SQL's conditions read.
    pub tested_columns: Columns,
    /// The entries that an index finds, for SQL as for us.
    pub found: Option<f64>,
    /// The entries that SQL looks at.
    pub scanned: f64,
    /// The rows that are tested by conditions.
    pub tested: f64,
    /// Those of which they are true: SQL reads no other columns of the others.
    pub passed: f64,
    /// The rows that are grouped.
    pub grouped: f64,
    /// The rows that are sorted, and whether only the first are wanted.
    pub sorted: f64,
    /// Only the first of them are wanted.
    pub first: bool,
    /// The rows that SQL sends.
    pub sent: f64,
    /// The members that work for it.
    pub members: f64,
    /// Microseconds until a member has answered a question, whatever that is.
    pub round_trip: f64,
    /// So many parts of the statement read the entries, for all of which they are read once.
    pub readers: f64,
}

/// A map of so many bytes is read in one message.
pub const SMALL: u64 = 4 << 20;
/// Partitions that all readings of maps together ask for at a time, as far as each has one.
pub const PARTITIONS_AT_A_TIME: usize = 4;
/// The partitions of a cluster that nobody has told to have others.
const PARTITIONS: f64 = 271.0;

impl Scan {
    /// All of a relation of which some columns are used; `None` when its size is not known.
    pub(super) fn of(relation: &Relation, columns: &[usize]) -> Option<Scan> {
        let mapping = relation.mapping()?;
        let rows = mapping.rows? as f64;
        let (bytes, json) = (entry_bytes(mapping, relation), is_json(relation));
        let columns = Columns::of(relation, columns);
        let members = f64::from(mapping.network.members.max(1));
        let round_trip = f64::from(mapping.network.round_trip);
        let all = Scan { scanned: rows, passed: rows, sent: rows, ..Scan::default() };
        Some(Scan { rows, bytes, json, columns, members, round_trip, readers: 1.0, ..all })
    }

    /// What is waited for when members are asked so many times one after the other. (Look-ups of keys are asked for once,
    /// which no other way does.)
    fn waits(&self, times: f64) -> f64 {
        self.round_trip * times
    }

    /// By a statement: it is sent, and its rows are fetched; members tell each other of it.
    pub fn by_sql(&self, costs: &Costs) -> f64 {
        let scanned = costs.sql_row + self.tested_columns.by_sql(costs, self.bytes);
        let rest = Columns {
            all: self.columns.all.saturating_sub(self.tested_columns.all),
            members: self.columns.members.saturating_sub(self.tested_columns.members),
        };
        let looked_at = self.found.unwrap_or(f64::INFINITY).min(self.scanned);
        let passed = self.passed.min(looked_at) * rest.by_sql(costs, self.bytes);
        let sort = if self.first { costs.sql_top } else { costs.sql_sort };
        let work = self.grouped * costs.sql_group + self.sorted * sort;
        let others = (self.members - 1.0).max(0.0);
        let start = costs.statement + costs.statement_member * others;
        let waits = self.waits(if others > 0.0 { 3.0 } else { 2.0 });
        start + waits + looked_at * scanned + passed + work + self.sent * costs.sql_sent
    }

    /// By the entries, and the conditions and whatever else SQL would have done here.
    pub fn by_entries(&self, costs: &Costs) -> f64 {
        let is_small = self.rows * self.bytes <= SMALL as f64;
        let waits = self.waits(if is_small { 2.0 } else { PARTITIONS / PARTITIONS_AT_A_TIME as f64 });
        let read = costs.entries + waits + self.rows * self.of_entry(costs);
        let readers = self.readers.max(1.0);
        // Each of several takes a copy of what it wants.
        let taken = if readers > 1.0 { self.passed * costs.row } else { 0.0 };
        read / readers + taken + self.tested * costs.row + self.of_rest(costs)
    }

    /// By those of the entries that an index finds.
    pub fn by_search(&self, found: f64, costs: &Costs) -> f64 {
        let rows = found * (costs.search_entry + self.of_entry(costs) + costs.row);
        costs.search + self.waits(2.0) + rows + self.of_rest(costs)
    }

    fn of_entry(&self, costs: &Costs) -> f64 {
        let byte = if self.json { costs.entry_byte + costs.entry_json_byte } else { costs.entry_byte };
        costs.entry + byte * self.bytes + costs.entry_column * self.columns.all as f64
    }

    /// What is done here with the rows that the conditions leave.
    fn of_rest(&self, costs: &Costs) -> f64 {
        let sort = if self.first { costs.row } else { costs.sort };
        self.grouped * costs.group + self.sorted * sort
    }
}

/// The share of rows for which a condition is true, by its operators.
pub(super) fn selected(condition: &Expr) -> f64 {
    let not = |share: f64| 1.0 - share;
    let all = |items: &[Expr]| items.iter().map(selected).product::<f64>();
    let alternatives = |number: f64| (SELECTED_BY_EQUALITY * number).min(0.5);
    match &condition.kind {
        ExprKind::Const(Value::Bool(true)) => 1.0,
        ExprKind::Const(_) => 0.0,
        ExprKind::And(items) => all(items),
        ExprKind::Or(items) => not(items.iter().map(|item| not(selected(item))).product()),
        ExprKind::Not(inner) => not(selected(inner)),
        ExprKind::IsNull { negated, .. } | ExprKind::DistinctFrom { negated, .. } => match negated {
            true => not(SELECTED_BY_EQUALITY),
            false => SELECTED_BY_EQUALITY,
        },
        ExprKind::AnyList { operator, all, list, .. } => match (name(operator.oid), all) {
            ("=", false) => alternatives(list.len() as f64),
            ("<>", true) => not(alternatives(list.len() as f64)),
            _ => SELECTED,
        },
        ExprKind::AnyArray { operator, all: false, .. } if name(operator.oid) == "=" => {
            alternatives(SOUGHT_IN_ARRAY)
        }
        ExprKind::Call(call) => match call.form {
            CallForm::Operator(operator) => match name(operator) {
                "=" | "~~" | "~~*" | "~" | "~*" => SELECTED_BY_EQUALITY,
                "<>" | "!~~" | "!~~*" | "!~" | "!~*" => not(SELECTED_BY_EQUALITY),
                _ => SELECTED,
            },
            _ => SELECTED,
        },
        ExprKind::Column(_) | ExprKind::BooleanTest { .. } | ExprKind::Subquery(_) => 0.5,
        _ => SELECTED,
    }
}

/// The two sides of an equality.
pub(super) fn equal(condition: &Expr) -> Option<(&Expr, &Expr)> {
    let ExprKind::Call(call) = &condition.kind else { return None };
    match (call.form, call.args.as_slice()) {
        (CallForm::Operator(operator), [left, right]) if name(operator) == "=" => Some((left, right)),
        _ => None,
    }
}

fn name(operator: Oid) -> &'static str {
    operator_by_oid(operator).map_or("", |operator| operator.name)
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
        let bytes = 40.0 + 22.0 * columns as f64;
        let columns = Columns { all: columns, members: if json { columns } else { 0 } };
        Scan { rows, bytes, json, columns, scanned: rows, passed: rows, sent: rows, ..Scan::default() }
    }

    fn by_entries(scan: Scan) -> f64 {
        scan.by_entries(&COSTS)
    }

    fn by_sql(scan: Scan) -> f64 {
        scan.by_sql(&COSTS)
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
            let all = Scan { tested: rows, grouped: rows, ..scan(rows, 8, true) };
            assert!(by_entries(all) < by_sql(all) / 2.0, "{rows}");
        }
        // Whole scans of a million rows, narrow and wide.
        assert!(by_entries(scan(1e6, 4, true)) < by_sql(scan(1e6, 4, true)) / 1.5);
        assert!(by_entries(scan(1e6, 4, false)) < by_sql(scan(1e6, 4, false)) / 1.5);
        assert!(by_entries(scan(1e5, 20, true)) < by_sql(scan(1e5, 20, true)) / 3.0);
        // The first of a million by some order, all of which Hazelcast sorts.
        let top = Scan { sorted: 1e6, first: true, sent: 10.0, ..scan(1e6, 3, false) };
        assert!(by_entries(top) < by_sql(top));
        // The first rows of many.
        let first = Scan { scanned: 10.0, sent: 10.0, ..scan(1e5, 8, true) };
        assert!(by_sql(first) < by_entries(first));
        // Partitions that are asked for one after the other, far away.
        let near = scan(5e4, 4, false);
        assert!(by_entries(near) < by_sql(near));
        let far = Scan { round_trip: 2_000.0, ..near };
        assert!(by_entries(far) > by_sql(far));
        // Members that have to tell each other.
        let alone = Scan { tested: 1e4, sent: 100.0, ..scan(1e4, 4, false) };
        assert!(by_sql(Scan { members: 5.0, ..alone }) > by_sql(alone) + 10_000.0);
        // A hundred keys of a million, and all of 500.
        assert!(COSTS.by_keys(100) < by_sql(scan(1e6, 4, true)));
        assert!(COSTS.by_keys(500) > by_entries(scan(500.0, 4, true)));
    }
}
