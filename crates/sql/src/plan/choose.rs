//! Which way the rows of a leaf come, by what each costs ([`super::cost`]) and by what the settings allow.

use std::sync::Arc;

use pg::Value;

use crate::catalog::Relation;
use crate::query::*;
use crate::walk::visit_columns;

use super::block::Needed;
use super::cost::{Columns, Scan, selected, shown};
use super::distribute::{conjuncts, is_remote, ranges_of};
use super::exact::Scope;
use super::search::Search;
use super::share::Readers;
use super::way::{Keys, is_readable};
use super::{Options, Pushdown};

/// The number of elements that an array of keys is thought to have.
const ARRAY_LENGTH: usize = 100;
/// The number of groups that a grouping is thought to have at most.
const GROUPS: f64 = 200.0;
/// So many keys are looked up one by one when the size of the map is not known.
const KEYS_OF_UNKNOWN: usize = 1_000;

/// The entries of a relation are read.
#[derive(Clone, Debug)]
pub(super) struct ByEntries {
    /// Why.
    pub(super) reason: Arc<str>,
    /// Only what an index finds.
    pub(super) search: Option<Search>,
}

impl ByEntries {
    /// The same for the conditions that are tested right here: those of an outer join, by which the way was chosen, may
    /// leave rows that it keeps. `None` when nothing is left to search by.
    pub(super) fn with(self, relation: &Relation, range: usize, conditions: &[Expr]) -> Option<ByEntries> {
        if self.search.is_none() {
            return Some(self);
        }
        let mut search = Search::of(relation, range, conditions)?;
        search.search.or_whole = self.search.is_some_and(|chosen| chosen.search.or_whole);
        Some(ByEntries { search: Some(search), ..self })
    }
}

/// The ways of the ranges of a block.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) options: Options,
    readers: Arc<Readers>,
    /// For each range, its columns that are used, and how its entries are read, if they are.
    ranges: Vec<(Vec<usize>, Option<ByEntries>)>,
}

impl Choice {
    /// The choice for each range of a block by itself; `conditions` are those of the whole block.
    pub(super) fn of(
        select: &Select,
        needed: &Needed,
        conditions: &[Expr],
        (options, readers): (Options, Arc<Readers>),
    ) -> Choice {
        let mut all = conditions.to_vec();
        select.from.iter().for_each(|from| join_conditions(from, &mut all));
        let range = |(index, range): (usize, &Range)| {
            let RangeKind::Relation(relation) = &range.kind else { return (Vec::new(), None) };
            let columns = columns_used(needed.columns(index), &all, index);
            if !is_remote(relation) {
                return (columns, None);
            }
            let conditions = &conditions_on(&all, index);
            let wanted =
                Wanted { relation, range: index, conditions, columns: &columns, down: Down::default() };
            let entries = wanted.entries(&options, &readers);
            (columns, entries)
        };
        let ranges = select.ranges.iter().enumerate().map(range).collect();
        Choice { options, readers, ranges }
    }

    /// Another choice for one range.
    pub(super) fn set_entries(&mut self, range: usize, entries: Option<ByEntries>) {
        if let Some((_, known)) = self.ranges.get_mut(range) {
            *known = entries;
        }
    }

    /// The columns of a range that are used.
    pub(super) fn columns(&self, range: usize) -> &[usize] {
        self.ranges.get(range).map_or(&[], |(columns, _)| columns)
    }

    /// How the entries of a range are read, if they are.
    pub(super) fn entries(&self, range: usize) -> Option<ByEntries> {
        self.ranges.get(range)?.1.clone()
    }

    /// Whether these keys are looked up.
    pub(super) fn keys(
        &self,
        relation: &Arc<Relation>,
        range: usize,
        conditions: &[Expr],
        keys: &Keys,
    ) -> bool {
        let columns = self.columns(range);
        Wanted { relation, range, conditions, columns, down: Down::default() }.keys(
            keys,
            &self.options,
            &self.readers,
        )
    }
}

/// The conditions of joins that concern their inputs before they are joined.
fn join_conditions(from: &From, out: &mut Vec<Expr>) {
    if let From::Join { left, right, on, .. } = from {
        on.iter().for_each(|on| conjuncts(on, out));
        join_conditions(left, out);
        join_conditions(right, out);
    }
}

/// What a block wants of one relation, for the choice.
pub(super) struct Wanted<'a> {
    pub(super) relation: &'a Arc<Relation>,
    pub(super) range: usize,
    /// The conditions that concern it alone.
    pub(super) conditions: &'a [Expr],
    /// Its columns that are used, conditions included.
    pub(super) columns: &'a [usize],
    /// What SQL would do beyond the conditions.
    pub(super) down: Down,
}

/// The phases that go down when a block goes by SQL.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Down {
    /// Grouping, into one group or several.
    pub(super) grouped: Option<bool>,
    pub(super) ordered: bool,
    /// So many rows are wanted.
    pub(super) limit: Option<f64>,
}

impl Wanted<'_> {
    /// How the map's entries are read, if that is better than SQL: all of them, or what an index finds.
    pub(super) fn entries(&self, options: &Options, readers: &Readers) -> Option<ByEntries> {
        let ways = options.ways_of(self.relation);
        if !ways.entries || options.pushdown != Pushdown::Cost || !is_readable(self.relation) {
            return None;
        }
        let search = self.search();
        let Some(mut scan) = self.scan_with(search.as_ref()) else {
            return (!ways.sql).then(|| ByEntries { reason: "SQL is off".into(), search: None });
        };
        scan.readers = readers.sharing(self.relation) as f64;
        let sql = scan.by_sql(&options.costs);
        let found = search.zip(scan.found);
        let is_much = |rows: f64| options.max_pull.is_some_and(|max| rows * scan.bytes > max as f64);
        let whole = (!is_much(scan.rows)).then(|| scan.by_entries(&options.costs));
        if let Some((mut search, found)) = found.filter(|(_, found)| !is_much(*found)) {
            let without_index = Scan { found: None, ..scan }.by_sql(&options.costs);
            search.search.or_whole = whole.is_some_and(|whole| whole < without_index);
            let entries = scan.by_search(found, &options.costs);
            if entries < whole.unwrap_or(f64::INFINITY) && (entries < sql || !ways.sql) {
                let index = &search.search.index;
                let costs = format!("{}, by SQL {}", shown(entries), shown(sql));
                let reason = format!("{found:.0} of {:.0} entries by index {index}: {costs}", scan.rows);
                return Some(ByEntries { reason: reason.into(), search: Some(search) });
            }
        }
        let entries = whole?;
        let reason = || format!("{:.0} entries: {}, by SQL {}", scan.rows, shown(entries), shown(sql)).into();
        (entries < sql || !ways.sql).then(|| ByEntries { reason: reason(), search: None })
    }

    /// The search by an index that finds the rows.
    fn search(&self) -> Option<Search> {
        Search::of(self.relation, self.range, self.conditions)
    }

    fn scan(&self) -> Option<Scan> {
        self.scan_with(self.search().as_ref())
    }

    fn scan_with(&self, search: Option<&Search>) -> Option<Scan> {
        let mut scan = Scan::of(self.relation, self.columns)?;
        scan.found = search.map(|search| scan.rows * search.share());
        let scope = Scope::of(self.range, self.relation, false);
        let exact: Vec<&Expr> = self.conditions.iter().filter(|c| scope.condition(c).is_some()).collect();
        scan.tested_columns =
            Columns::of(self.relation, &columns_used(&[], exact.iter().copied(), self.range));
        let share: f64 = exact.iter().map(|condition| selected(condition)).product();
        scan.sent = (scan.rows * share).min(scan.found.unwrap_or(f64::INFINITY));
        scan.passed = scan.sent;
        scan.tested = if self.conditions.is_empty() { 0.0 } else { scan.rows };
        scan.grouped = if self.down.grouped.is_some() { scan.sent } else { 0.0 };
        match self.down.grouped {
            Some(true) => scan.sent = scan.sent.min(GROUPS),
            Some(false) => scan.sent = 1.0,
            None => {}
        }
        scan.sorted = if self.down.ordered { scan.sent } else { 0.0 };
        scan.first = self.down.limit.is_some();
        if let Some(limit) = self.down.limit {
            if !self.down.ordered && self.down.grouped.is_none() && exact.is_empty() {
                scan.scanned = scan.scanned.min(limit);
            }
            scan.sent = scan.sent.min(limit);
        }
        Some(scan)
    }

    /// So many keys are looked up for what another way to the rows costs.
    pub(super) fn keys_worth(&self, options: &Options, readers: &Readers) -> usize {
        let ways = options.ways_of(self.relation);
        if !ways.keys {
            return 0;
        }
        let Some(mut scan) = self.scan() else { return KEYS_OF_UNKNOWN };
        scan.readers = readers.sharing(self.relation) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of keys")]
        let worth =
            (self.without_keys(&scan, options).min(1e12) / options.costs.by_keys(1).max(0.001)) as usize;
        worth
    }

    /// What reading the rows costs.
    pub(super) fn read(&self, options: &Options, readers: &Readers) -> Option<f64> {
        let mut scan = self.scan()?;
        scan.readers = readers.sharing(self.relation) as f64;
        Some(self.without_keys(&scan, options)).filter(|cost| cost.is_finite())
    }

    /// The rows that the conditions leave.
    pub(super) fn rows(&self) -> Option<f64> {
        self.scan().map(|scan| scan.sent)
    }

    /// Whether looking up the keys is better than any other way.
    pub(super) fn keys(&self, keys: &Keys, options: &Options, readers: &Readers) -> bool {
        let ways = options.ways_of(self.relation);
        if !ways.keys || !is_readable(self.relation) {
            return false;
        }
        let number = match keys {
            Keys::List(list) => list.len(),
            Keys::Array(array) => array_length(array),
            Keys::Given => return false,
        };
        let Some(mut scan) = self.scan().filter(|_| number > 1) else { return number <= KEYS_OF_UNKNOWN };
        scan.readers = readers.sharing(self.relation) as f64;
        options.costs.by_keys(number) <= self.without_keys(&scan, options)
    }

    /// What the rows cost by the other ways that are allowed.
    fn without_keys(&self, scan: &Scan, options: &Options) -> f64 {
        let ways = options.ways_of(self.relation);
        let sql = if ways.sql { scan.by_sql(&options.costs) } else { f64::INFINITY };
        let entries = if ways.entries { scan.by_entries(&options.costs) } else { f64::INFINITY };
        sql.min(entries)
    }
}

fn array_length(array: &Expr) -> usize {
    match &array.kind {
        ExprKind::Const(Value::Array(array)) => array.items.len(),
        ExprKind::Array { items, .. } => items.len(),
        _ => ARRAY_LENGTH,
    }
}

/// The conditions of a block that concern one range alone.
fn conditions_on(conditions: &[Expr], range: usize) -> Vec<Expr> {
    conditions.iter().filter(|condition| ranges_of(condition) == [range]).cloned().collect()
}

/// The columns of a range that are needed, and those that conditions use.
fn columns_used<'a>(
    needed: &[usize],
    conditions: impl IntoIterator<Item = &'a Expr>,
    range: usize,
) -> Vec<usize> {
    let mut columns = needed.to_vec();
    for condition in conditions {
        visit_columns(condition, &mut |column| {
            if column.levels_up == 0 && column.range == range && !columns.contains(&column.column) {
                columns.push(column.column);
            }
        });
    }
    columns
}
