//! Giving a block to the cluster: FROM one relation, then phase by phase as long as each is exact.

use std::sync::Arc;

use pg::catalog::proc_by_oid;
use pg::{Oid, Result, TypeRef, Value, oid};

use crate::catalog::{Relation, RelationKind};
use crate::hazelcast::SqlType;
use crate::plan::{ArgForm, Pushdown, RemoteArg};
use crate::query::*;
use crate::walk::any;

use super::block::{Needed, Progress, Shape, aggregates};
use super::choose::{Choice, Down, Wanted};
use super::convert::Layout;
use super::distribute::{filtered_select, is_remote};
use super::exact::{Exact, Scope, is_settled};
use super::piece::{Piece, quote};
use super::planner::Planner;
use super::remote::RemoteSelect;

impl Planner {
    /// What the cluster does of a block; `None` when the block is not over one relation of the cluster.
    pub(super) fn push_down(
        &mut self,
        select: &Select,
        shape: &Shape<'_>,
        conditions: &[Expr],
        choice: &mut Choice,
    ) -> Result<Option<Progress>> {
        let [From::Range(range)] = select.from.as_slice() else { return Ok(None) };
        let Some(RangeKind::Relation(relation)) = select.ranges.get(*range).map(|range| &range.kind) else {
            return Ok(None);
        };
        if !is_remote(relation) {
            return Ok(None);
        }
        // What else goes down with the conditions makes SQL cheaper: that is looked at first.
        choice.set_entries(*range, None);
        let (remote, rest) = filtered_select(relation, *range, conditions.to_vec(), choice);
        let block = Block { select, shape, relation, range: *range, safe: self.options.safe };
        let mut pushed = Pushed { remote, ..Pushed::new(relation) };
        let streaming = is_streaming(relation);
        let allowed = self.options.pushdown != Pushdown::None;
        let open = allowed && rest.is_empty() && !pushed.remote.is_by_key() && !streaming;
        let open = open && block.push_grouping(&mut pushed);
        pushed.remote.size = open
            && pushed.grouped
            && conditions.is_empty()
            && self.options.ways_of(relation).size
            && block.counts_entries();
        if pushed.remote.size {
            pushed.remote.only_first_output();
            pushed.layout.computed.iter_mut().for_each(|(count, value)| *value = Expr::slot(0, count.ty));
        }
        let open = open && !pushed.remote.size;
        let open = open && block.push_having(&mut pushed) && block.is_plain();
        let open = open && block.push_distinct(&mut pushed);
        let open = open && block.push_order(&mut pushed);
        if open || (streaming && rest.is_empty() && block.is_plain_scan()) {
            block.push_limit(&mut pushed);
        }
        if !pushed.remote.size && !pushed.remote.is_by_key() && !streaming {
            let columns = choice.columns(*range);
            let down = block.down(&pushed);
            let wanted = Wanted { relation, range: *range, conditions, columns, down };
            if let Some(entries) = wanted.entries(&self.options, &self.readers) {
                choice.set_entries(*range, Some(entries));
                return Ok(None);
            }
        }
        pushed.remote.cut = block.cut(&pushed, &rest, self.options.pushdown);
        if !pushed.grouped {
            block.ask_for_columns(&mut pushed, &rest);
        }
        let Pushed { mut remote, layout, grouped, having, distinct, ordered, limited, .. } = pushed;
        self.convert_keys(&mut remote)?;
        let mut progress =
            Progress { plan: remote.finish(), layout, grouped, having, distinct, ordered, limited };
        progress.plan = self.filter(progress.plan, &rest, &progress.layout)?;
        Ok(Some(progress))
    }
}

/// The block that is given away.
struct Block<'q> {
    select: &'q Select,
    shape: &'q Shape<'q>,
    relation: &'q Relation,
    range: usize,
    safe: bool,
}

/// What has been given away so far.
struct Pushed {
    remote: RemoteSelect,
    layout: Layout,
    /// What has been computed in a derived table.
    keys: Vec<(Expr, Exact)>,
    grouped: bool,
    having: bool,
    distinct: bool,
    ordered: bool,
    limited: bool,
}

impl Pushed {
    fn new(relation: &std::sync::Arc<Relation>) -> Pushed {
        Pushed {
            remote: RemoteSelect::new(relation),
            layout: Layout::default(),
            keys: Vec::new(),
            grouped: false,
            having: false,
            distinct: false,
            ordered: false,
            limited: false,
        }
    }
}

impl Block<'_> {
    fn scope(&self) -> Scope<'_> {
        Scope::of(self.range, self.relation, self.safe)
    }

    /// What may be named behind the phases that have been given away.
    fn scope_after(&self, pushed: &Pushed) -> Scope<'_> {
        Scope { grouped: pushed.grouped, keys: pushed.keys.clone(), ..self.scope() }
    }

    /// Why the cluster does no more of the block, for EXPLAIN.
    fn cut(&self, pushed: &Pushed, rest: &[Expr], pushdown: Pushdown) -> Option<Arc<str>> {
        let (select, shape) = (self.select, self.shape);
        let more = select.grouping.is_some()
            || select.having.is_some()
            || !matches!(select.distinct, Distinct::No)
            || !shape.order_by.is_empty()
            || shape.limit.is_some()
            || shape.offset.is_some();
        let why = match () {
            () if pushed.remote.size || (rest.is_empty() && !more) => return None,
            () if pushdown == Pushdown::None => "all is done here, as hazelgres.pushdown says",
            () if pushed.remote.is_by_key() => "the other phases are done here: the key is looked up alone",
            () if !rest.is_empty() => "WHERE is finished here: not every condition is exact in the cluster",
            () if select.grouping.is_some() && !pushed.grouped => {
                let sets = select.grouping.as_ref().is_some_and(|grouping| grouping.sets.is_some());
                match sets {
                    true => "GROUP BY is done here: the cluster has no grouping sets",
                    false => "GROUP BY is done here: not every key and aggregate is exact in the cluster",
                }
            }
            () if select.having.is_some() && !pushed.having => {
                "HAVING is done here: it is not exact in the cluster"
            }
            () if !self.is_plain() => "window functions and sets in the select list are made here",
            () if !matches!(select.distinct, Distinct::No) && !pushed.distinct => {
                "DISTINCT is done here: not every value is exact in the cluster"
            }
            () if !shape.order_by.is_empty() && !pushed.ordered => {
                if pushed.distinct {
                    "ORDER BY is done here: the cluster loses the order of what is DISTINCT"
                } else {
                    "ORDER BY is done here: not every key has PostgreSQL's order in the cluster"
                }
            }
            () if (shape.limit.is_some() || shape.offset.is_some()) && !pushed.limited => {
                "LIMIT is done here: it is known only while the statement runs"
            }
            () => return None,
        };
        Some(why.into())
    }

    /// No phase between HAVING and DISTINCT that only we have.
    fn is_plain(&self) -> bool {
        let computes_rows = |e: &Expr| match &e.kind {
            ExprKind::Call(call) => call.retset,
            ExprKind::Window(_) => true,
            _ => false,
        };
        !self.select.targets.iter().any(|target| any(&target.expr, &computes_rows))
    }

    /// A scan of which nothing but the first rows is wanted, in any order.
    fn is_plain_scan(&self) -> bool {
        let select = self.select;
        self.is_plain()
            && select.grouping.is_none()
            && matches!(select.distinct, Distinct::No)
            && self.shape.order_by.is_empty()
    }

    /// Asks for the columns that are used here; in the order of the select list when that consists of columns, so that
    /// the rows need no finishing.
    fn ask_for_columns(&self, pushed: &mut Pushed, rest: &[Expr]) {
        let targets = || self.select.targets.iter().filter(|target| !(pushed.ordered && target.junk));
        if pushed.distinct {
            // Anything beside the select list would make more rows different.
            for column in targets().filter_map(|target| self.plain_column(&target.expr)) {
                let slot = pushed.remote.column(column);
                pushed.layout.columns.insert((self.range, column), slot);
            }
            return;
        }
        let columns: Option<Vec<usize>> = targets().map(|target| self.plain_column(&target.expr)).collect();
        let mut needed = Needed::of(self.select, !pushed.ordered);
        rest.iter().for_each(|condition| needed.add(condition));
        for column in columns.unwrap_or_default() {
            if pushed.remote.is_by_key() {
                // Of an entry each column is read once.
                pushed.remote.column(column);
            } else {
                pushed.remote.repeat_column(column);
            }
        }
        for &column in needed.columns(self.range) {
            let slot = pushed.remote.column(column);
            pushed.layout.columns.insert((self.range, column), slot);
        }
    }

    fn plain_column(&self, expr: &Expr) -> Option<usize> {
        match expr.kind {
            ExprKind::Column(column) if column.levels_up == 0 && column.range == self.range => {
                Some(column.column)
            }
            _ => None,
        }
    }

    /// Whether all before DISTINCT is given away after this: there is no grouping, or it went down.
    fn push_grouping(&self, pushed: &mut Pushed) -> bool {
        let Some(grouping) = &self.select.grouping else { return true };
        if grouping.sets.is_some() {
            return false;
        }
        let scope = self.scope();
        let guarded = scope.guarded();
        let keys: Option<Vec<Exact>> = grouping.keys.iter().map(|key| guarded.group_key(&key.expr)).collect();
        let calls = aggregates(self.select);
        let values: Option<Vec<Parts>> =
            calls.iter().map(|(_, call)| aggregate_parts(&scope, call)).collect();
        let (Some(keys), Some(values)) = (keys, values) else { return false };
        for (key, group) in keys.into_iter().zip(&grouping.keys) {
            let key = self.group_piece(pushed, &group.expr, key);
            pushed.remote.group_by.push(key.piece.clone());
            let slot = pushed.remote.output(key.typed(), group.expr.ty);
            pushed.layout.computed.push((group.expr.clone(), Expr::slot(slot, group.expr.ty)));
        }
        if !pushed.keys.is_empty() {
            pushed.remote.inner.columns = self.grouped_columns(grouping, &calls);
        }
        for ((expr, _), parts) in calls.into_iter().zip(values) {
            let value = parts.ask(&mut pushed.remote, &expr);
            pushed.layout.computed.push((expr, value));
        }
        pushed.grouped = true;
        true
    }

    /// Whether the block is about nothing but the number of entries.
    fn counts_entries(&self) -> bool {
        let keyless = self.select.grouping.as_ref().is_some_and(|grouping| grouping.keys.is_empty());
        let imap = self.relation.mapping().is_some_and(|m| m.connector.eq_ignore_ascii_case("IMap"));
        let counts = |(_, call): &(Expr, Aggregate)| {
            let is_key = |arg: &Expr| self.plain_column(arg).is_some_and(|column| self.is_whole_key(column));
            proc_by_oid(call.proc).is_some_and(|proc| proc.name == "count")
                && call.filter.is_none()
                && !call.distinct
                && call.args.iter().all(is_key)
        };
        keyless && imap && aggregates(self.select).iter().all(counts)
    }

    fn is_whole_key(&self, column: usize) -> bool {
        let column = self.relation.columns.get(column);
        column.is_some_and(|column| column.external_name.as_deref() == Some("__key"))
    }

    /// What SQL does of the block beyond its conditions.
    fn down(&self, pushed: &Pushed) -> Down {
        let limit = match self.shape.limit.map(|limit| &limit.kind) {
            _ if !pushed.limited || self.shape.offset.is_some() => None,
            Some(ExprKind::Const(value)) => value.as_i64().map(|limit| limit as f64),
            // As PostgreSQL guesses a tenth; of a page that somebody looks at, this is more likely.
            Some(_) => Some(LIMIT),
            None => None,
        };
        let grouped = self.select.grouping.as_ref().filter(|_| pushed.grouped);
        Down {
            grouped: grouped.map(|grouping| !grouping.keys.is_empty()),
            ordered: pushed.ordered && !self.shape.order_by.is_empty(),
            limit,
        }
    }

    /// A group key in the outer statement: a column as it is, anything else by the name that it has in the derived table.
    fn group_piece(&self, pushed: &mut Pushed, expr: &Expr, key: Exact) -> Exact {
        if self.plain_column(expr).is_some() {
            return key;
        }
        let name = quote(&format!("#{}", pushed.keys.len()));
        let untold = !key.piece.tells_null();
        let piece = Piece { untold, ..Piece::sql(format!("t.{name}")) };
        let outer = Exact { piece, ..key.clone() };
        pushed.remote.inner.values.push((name, key.piece));
        pushed.keys.push((expr.clone(), outer.clone()));
        outer
    }

    /// The columns that grouping and aggregates need of a derived table.
    fn grouped_columns(&self, grouping: &Grouping, calls: &[(Expr, Aggregate)]) -> Vec<usize> {
        let mut needed = Needed::of_nothing(self.select);
        for key in grouping.keys.iter().filter(|key| self.plain_column(&key.expr).is_some()) {
            needed.add(&key.expr);
        }
        calls.iter().for_each(|(expr, _)| needed.add(expr));
        let mut columns = needed.columns(self.range).to_vec();
        // The number of rows is counted by their keys.
        for (key, _) in self.relation.key_columns() {
            if !columns.contains(&key) {
                columns.push(key);
            }
        }
        columns
    }

    fn push_having(&self, pushed: &mut Pushed) -> bool {
        let Some(having) = &self.select.having else { return true };
        let Some(piece) = self.scope_after(pushed).condition(having) else { return false };
        pushed.remote.having.push(piece);
        pushed.having = true;
        true
    }

    /// DISTINCT goes down when the rows are exactly the select list's. An order on top of it is made here: Hazelcast
    /// sorts below a DISTINCT when an index offers that, and loses the order.
    fn push_distinct(&self, pushed: &mut Pushed) -> bool {
        match &self.select.distinct {
            Distinct::No => return true,
            Distinct::On(_) => return false,
            Distinct::All => {}
        }
        let scope = self.scope();
        let values: Option<Vec<Exact>> =
            self.select.targets.iter().map(|target| scope.group_key(&target.expr)).collect();
        let Some(values) = values.filter(|_| !pushed.grouped) else { return false };
        for (value, target) in values.into_iter().zip(&self.select.targets) {
            if self.plain_column(&target.expr).is_none() {
                let slot = pushed.remote.output(value.typed(), target.expr.ty);
                pushed.layout.computed.push((target.expr.clone(), Expr::slot(slot, target.expr.ty)));
            }
        }
        pushed.remote.distinct = true;
        pushed.distinct = true;
        self.shape.order_by.is_empty()
    }

    fn push_order(&self, pushed: &mut Pushed) -> bool {
        let keys = self.shape.order_by;
        if self.shape.with_ties {
            return false;
        }
        let mut pieces = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            let Some(target) = self.select.targets.get(key.target) else { return false };
            let last = i + 1 == keys.len();
            let Some(piece) = self.sort_piece(pushed, &target.expr, last) else { return false };
            pieces.extend(ordered(piece, key, self.is_never_null(&target.expr)));
        }
        pushed.remote.order_by = pieces;
        pushed.ordered = true;
        true
    }

    /// What was computed by grouping by the alias of the output that it is, anything else as it is.
    fn sort_piece(&self, pushed: &Pushed, expr: &Expr, last: bool) -> Option<Piece> {
        let piece = self.scope_after(pushed).sort_key(expr, last)?.piece;
        if !pushed.grouped || self.plain_column(expr).is_some() {
            return Some(piece);
        }
        let (_, value) = pushed.layout.computed.iter().find(|(e, _)| crate::same::same(e, expr))?;
        match value.kind {
            ExprKind::Slot(slot) => Some(Piece::sql(RemoteSelect::alias(slot))),
            _ => None,
        }
    }

    fn is_never_null(&self, expr: &Expr) -> bool {
        let column = self.plain_column(expr).and_then(|column| self.relation.columns.get(column));
        column.is_some_and(|column| column.not_null) && self.select.grouping.is_none()
    }

    fn push_limit(&self, pushed: &mut Pushed) {
        if self.shape.with_ties {
            return;
        }
        let settled = |expr: Option<&Expr>| expr.is_none_or(is_settled);
        if !settled(self.shape.limit) || !settled(self.shape.offset) {
            return;
        }
        let arg = |expr: &Expr, form| RemoteArg { expr: expr.clone(), cluster_type: SqlType::Integer, form };
        pushed.remote.limit = self.shape.limit.map(|limit| arg(limit, ArgForm::Limit));
        pushed.remote.offset = self.shape.offset.map(|offset| arg(offset, ArgForm::Offset));
        if pushed.remote.offset.is_some() && pushed.remote.limit.is_none() {
            let all = Expr::constant(Value::Null, oid::INT8);
            pushed.remote.limit = Some(arg(&all, ArgForm::Limit));
        }
        pushed.limited = true;
    }
}

/// The limit that a parameter is thought to be.
const LIMIT: f64 = 100.0;

fn is_streaming(relation: &Relation) -> bool {
    matches!(&relation.kind, RelationKind::Mapping(mapping) if mapping.streaming)
}

/// A sort key with PostgreSQL's place for NULLs: Hazelcast's are the smallest values and can't be told where to go.
fn ordered(piece: Piece, key: &SortKey, never_null: bool) -> Vec<Piece> {
    let direction = if key.descending { " DESC" } else { "" };
    let by_value = Piece { sql: format!("{}{direction}", piece.sql), ..piece.clone() };
    if never_null {
        return vec![by_value];
    }
    let nulls = if key.nulls_first { " IS NULL DESC" } else { " IS NULL" };
    vec![Piece { sql: format!("{}{nulls}", piece.sql), ..piece }, by_value]
}

/// How an aggregate is asked for.
enum Parts {
    /// The cluster's value is PostgreSQL's.
    Whole(Exact),
    /// `avg` over integers and decimals: `sum / count`, divided here with PostgreSQL's scale.
    Average { sum: Exact, count: Exact },
}

fn aggregate_parts(scope: &Scope<'_>, call: &Aggregate) -> Option<Parts> {
    if let Some(value) = scope.aggregate(call) {
        return Some(Parts::Whole(value));
    }
    let proc = proc_by_oid(call.proc)?;
    let numbers = [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC];
    let is_average = proc.name == "avg" && proc.args.first().is_some_and(|arg| numbers.contains(arg));
    if !is_average {
        return None;
    }
    let arg = call.args.first()?;
    let with = |name: &str, arg: Oid| -> Option<Exact> {
        let proc = pg::catalog::proc_by_signature(name, &[arg])?.oid;
        scope.aggregate(&Aggregate { proc, ..call.clone() })
    };
    Some(Parts::Average { sum: with("sum", arg.ty.oid)?, count: with("count", oid::ANY)? })
}

impl Parts {
    fn ask(self, remote: &mut RemoteSelect, expr: &Expr) -> Expr {
        match self {
            Parts::Whole(value) => {
                let slot = remote.output(value.typed(), expr.ty);
                Expr::slot(slot, expr.ty)
            }
            Parts::Average { sum, count } => {
                let numeric = TypeRef::of(oid::NUMERIC);
                let sum = remote.output(sum.typed(), numeric);
                let count = remote.output(count.typed(), numeric);
                quotient(Expr::slot(sum, numeric), Expr::slot(count, numeric))
            }
        }
    }
}

/// `sum / nullif(count, 0)`: the sum of no rows is NULL, and so is their average.
fn quotient(sum: Expr, count: Expr) -> Expr {
    let call = Call {
        proc: NUMERIC_DIV,
        args: vec![sum.clone(), count],
        form: CallForm::Function,
        retset: false,
        variadic: false,
    };
    let divided = Expr::new(ExprKind::Call(Box::new(call)), oid::NUMERIC);
    let is_null = Expr::new(ExprKind::IsNull { expr: Box::new(sum), negated: false }, oid::BOOL);
    let null = Expr::constant(Value::Null, oid::NUMERIC);
    let kind =
        ExprKind::Case { operand: None, arms: vec![(is_null, null)], otherwise: Some(Box::new(divided)) };
    Expr::new(kind, oid::NUMERIC)
}

/// `numeric_div`.
const NUMERIC_DIV: Oid = Oid(1727);
