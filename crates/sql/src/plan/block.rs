//! One query block, phase by phase: FROM, WHERE, GROUP BY, HAVING, WINDOW, the select list, DISTINCT, ORDER BY, LIMIT.
//! A block over one relation of the cluster is given to it up to the first phase that it can't do exactly
//! ([`super::pushdown`]); everything behind that phase is done here.

use pg::{Error, Result, TypeRef, oid};

use crate::plan::{Plan, SortBy};
use crate::query::*;
use crate::walk::{
    aggregate_level, any, raise_levels, visit, visit_aggregates, visit_columns, visit_groupings,
    visit_outer_columns,
};

use super::choose::Choice;
use super::convert::Layout;
use super::distribute::{conjuncts, distribute};
use super::from::{FromContext, Rows};
use super::order::arrange;
use super::outer;
use super::planner::{Planner, sort};
use crate::same::same;

/// What stands around the body of a query.
#[derive(Clone, Copy)]
pub(super) struct Shape<'q> {
    pub(super) order_by: &'q [SortKey],
    pub(super) limit: Option<&'q Expr>,
    pub(super) offset: Option<&'q Expr>,
    pub(super) with_ties: bool,
}

impl<'q> Shape<'q> {
    pub(super) fn of(query: &'q Query) -> Shape<'q> {
        Shape {
            order_by: &query.order_by,
            limit: query.limit.as_ref(),
            offset: query.offset.as_ref(),
            with_ties: query.with_ties,
        }
    }
}

/// The columns of each range that a block uses here, in the order in which it names them: those of the select list
/// first.
pub(super) struct Needed {
    by_range: Vec<Vec<usize>>,
}

impl Needed {
    /// Nothing yet.
    pub(super) fn of_nothing(select: &Select) -> Needed {
        Needed { by_range: vec![Vec::new(); select.ranges.len()] }
    }

    /// What all but the conditions needs, the junk of the select list or not.
    pub(super) fn of(select: &Select, junk: bool) -> Needed {
        let mut needed = Needed::of_nothing(select);
        above_grouping(select, junk).for_each(|expr| needed.add(expr));
        select.grouping.iter().flat_map(|grouping| &grouping.keys).for_each(|key| needed.add(&key.expr));
        for range in &select.ranges {
            match &range.kind {
                RangeKind::Subquery(query) => visit_outer_columns(query, &mut |c| needed.add_column(c)),
                RangeKind::Function { calls, .. } => calls.iter().for_each(|call| needed.add(call)),
                RangeKind::Values(rows) => rows.iter().flatten().for_each(|expr| needed.add(expr)),
                RangeKind::Relation(_) | RangeKind::Cte { .. } => {}
            }
        }
        needed
    }

    pub(super) fn add(&mut self, expr: &Expr) {
        visit_columns(expr, &mut |column| self.add_column(column));
    }

    fn add_column(&mut self, column: ColumnRef) {
        if column.levels_up == 0
            && let Some(columns) = self.by_range.get_mut(column.range)
            && !columns.contains(&column.column)
        {
            columns.push(column.column);
        }
    }

    pub(super) fn columns(&self, range: usize) -> &[usize] {
        self.by_range.get(range).map_or(&[], Vec::as_slice)
    }
}

/// How far a block has got: the rows, what they hold, and which phases they have behind them.
pub(super) struct Progress {
    pub(super) plan: Plan,
    pub(super) layout: Layout,
    pub(super) grouped: bool,
    pub(super) having: bool,
    pub(super) distinct: bool,
    pub(super) ordered: bool,
    pub(super) limited: bool,
}

impl Progress {
    fn filtered(rows: Rows) -> Progress {
        Progress {
            plan: rows.plan,
            layout: rows.layout,
            grouped: false,
            having: false,
            distinct: false,
            ordered: false,
            limited: false,
        }
    }
}

impl Planner {
    pub(super) fn plan_select(&mut self, select: &Select, shape: Shape<'_>) -> Result<Plan> {
        outer::check_locked(select)?;
        let mut conditions = Vec::new();
        select.filter.iter().for_each(|filter| conjuncts(filter, &mut conditions));
        conditions.retain(|condition| !is_constant_true(condition));
        if conditions.iter().any(is_constant_not_true) {
            return self.finish_select(select, shape, no_rows(&Needed::of(select, true)));
        }
        if is_one_group(select) {
            return self.finish_select(select, shape, one_group());
        }
        let mut choice = self.choice(select, &conditions);
        if let Some(progress) = self.push_down(select, &shape, &conditions, &mut choice)? {
            return self.finish_select(select, shape, progress);
        }
        let node = arrange(select, distribute(select, conditions, &choice));
        let mut needed = Needed::of(select, true);
        node.for_each_condition(&mut |condition| needed.add(condition));
        let rows = self.plan_from(&FromContext { select, needed: &needed }, node)?;
        self.finish_select(select, shape, Progress::filtered(rows))
    }

    /// The ways of the block's ranges, each by itself.
    fn choice(&self, select: &Select, conditions: &[Expr]) -> Choice {
        let terms = (self.options.clone(), self.readers.clone());
        Choice::of(select, &Needed::of(select, true), conditions, terms)
    }

    fn finish_select(&mut self, select: &Select, shape: Shape<'_>, progress: Progress) -> Result<Plan> {
        let mut progress = progress;
        if let Some(grouping) = select.grouping.as_ref().filter(|_| !progress.grouped) {
            progress = self.group(select, grouping, progress)?;
        }
        if let Some(having) = select.having.as_ref().filter(|_| !progress.having) {
            progress.plan = self.filter(progress.plan, std::slice::from_ref(having), &progress.layout)?;
        }
        progress = self.windows(select, progress)?;
        let Progress { plan, layout, distinct, ordered, limited, .. } = progress;
        if let Some(targets) = postponed_sets(select, &shape).filter(|_| !ordered) {
            return self.sets_behind_distinct(select, &shape, plan, &layout, &targets);
        }
        let plan = self.targets(select, plan, &layout, !ordered)?;
        if ordered && limited {
            return Ok(plan);
        }
        let keys = sort_keys(select, shape.order_by);
        let plan = match &select.distinct {
            Distinct::All if !distinct => Plan::Distinct { input: Box::new(plan), keys: None },
            _ => plan,
        };
        let top = self.top(&shape)?.filter(|_| !matches!(select.distinct, Distinct::On(_)));
        let plan = if ordered { plan } else { sort(plan, &keys, top) };
        let plan = match &select.distinct {
            Distinct::On(targets) => {
                let keys = targets.iter().filter_map(|&target| target_slot(select, target)).collect();
                Plan::Distinct { input: Box::new(plan), keys: Some(keys) }
            }
            _ => plan,
        };
        let plan = if limited { plan } else { self.limit(plan, &shape, &keys)? };
        Ok(if ordered { plan } else { without_junk(select, plan) })
    }

    /// How many rows of an order are wanted at most.
    fn top(&mut self, shape: &Shape<'_>) -> Result<Option<Expr>> {
        match (shape.limit, shape.offset, shape.with_ties) {
            (Some(limit), None, false) => Ok(Some(self.convert(limit, &Layout::default())?)),
            _ => Ok(None),
        }
    }

    fn group(&mut self, select: &Select, grouping: &Grouping, progress: Progress) -> Result<Progress> {
        let progress = self.sets_below_grouping(select, grouping, progress)?;
        let calls = aggregates(select);
        let mut computed = Vec::new();
        for (slot, key) in grouping.keys.iter().enumerate() {
            computed.push((key.expr.clone(), Expr::slot(slot, key.expr.ty)));
        }
        let mut planned = Vec::with_capacity(calls.len());
        for (i, (expr, call)) in calls.into_iter().enumerate() {
            computed.push((expr.clone(), Expr::slot(grouping.keys.len() + i, expr.ty)));
            planned.push((self.convert_aggregate(&call, &progress.layout)?, expr.ty));
        }
        let set_slot = grouping.keys.len() + planned.len();
        computed.extend(grouping_calls(select, grouping, set_slot));
        let keys: Vec<Expr> = grouping.keys.iter().map(|key| key.expr.clone()).collect();
        let keys = self.convert_all(&keys, &progress.layout)?;
        let plan = Plan::Aggregate {
            input: Box::new(progress.plan),
            keys,
            sets: grouping.sets.clone(),
            aggregates: planned,
        };
        let layout = Layout { computed, ..Layout::default() };
        Ok(Progress { plan, layout, grouped: true, ..progress })
    }

    /// Keys that return sets make more rows of each before these are grouped.
    fn sets_below_grouping(
        &mut self,
        select: &Select,
        grouping: &Grouping,
        progress: Progress,
    ) -> Result<Progress> {
        let sets: Vec<&Expr> =
            grouping.keys.iter().map(|key| &key.expr).filter(|key| makes_rows(key)).collect();
        if sets.is_empty() {
            return Ok(progress);
        }
        let (mut exprs, mut layout) = (Vec::new(), Layout::default());
        for (&(range, column), &slot) in &progress.layout.columns {
            let of_range = select.ranges.get(range).and_then(|range| range.columns.get(column));
            let ty = of_range.ok_or_else(|| Error::internal("a lost column"))?.ty;
            layout.columns.insert((range, column), exprs.len());
            exprs.push(Expr::slot(slot, ty));
        }
        for set in sets {
            layout.computed.push((set.clone(), Expr::slot(exprs.len(), set.ty)));
            exprs.push(self.convert(set, &progress.layout)?);
        }
        let plan = Plan::ProjectSet { input: Box::new(progress.plan), exprs };
        Ok(Progress { plan, layout, ..progress })
    }

    fn convert_aggregate(&mut self, call: &Aggregate, layout: &Layout) -> Result<Aggregate> {
        let mut call = call.clone();
        call.args = self.convert_all(&call.args, layout)?;
        for key in &mut call.order_by {
            key.expr = self.convert(&key.expr, layout)?;
        }
        call.filter = call.filter.as_ref().map(|filter| self.convert(filter, layout)).transpose()?;
        Ok(call)
    }

    /// Window functions: one operator per window, each adding the values of its calls to the rows.
    fn windows(&mut self, select: &Select, mut progress: Progress) -> Result<Progress> {
        let calls = window_calls(select);
        if calls.is_empty() {
            return Ok(progress);
        }
        // The rows' width is not known to every plan: they are made anew first, as what is needed from here on.
        let mut base: Vec<Expr> = Vec::new();
        let mut computed = Vec::new();
        let mut wanted: Vec<&Expr> = select.targets.iter().map(|target| &target.expr).collect();
        wanted.extend(select.windows.iter().flat_map(|w| &w.partition_by));
        wanted.extend(select.windows.iter().flat_map(|w| w.order_by.iter().map(|key| &key.expr)));
        let mut leaves: Vec<Expr> = Vec::new();
        for expr in wanted {
            window_leaves(select, expr, &progress.layout, &mut leaves);
        }
        for leaf in leaves {
            computed.push((leaf.clone(), Expr::slot(base.len(), leaf.ty)));
            base.push(self.convert(&leaf, &progress.layout)?);
        }
        let mut width = base.len();
        let mut plan = Plan::Project { input: Box::new(progress.plan), exprs: base };
        let layout = Layout { computed: computed.clone(), ..Layout::default() };
        for (index, window) in select.windows.iter().enumerate() {
            let mine: Vec<&(Expr, WindowCall)> =
                calls.iter().filter(|(_, call)| call.window == index).collect();
            if mine.is_empty() {
                continue;
            }
            let mut planned = Vec::new();
            for (expr, call) in mine {
                let mut call = call.clone();
                call.args = self.convert_all(&call.args, &layout)?;
                call.filter = call.filter.as_ref().map(|filter| self.convert(filter, &layout)).transpose()?;
                computed.push((expr.clone(), Expr::slot(width, expr.ty)));
                width += 1;
                planned.push((call, expr.ty));
            }
            let window = self.convert_window(window, &layout)?;
            plan = Plan::Window { input: Box::new(plan), window, calls: planned };
        }
        progress.plan = plan;
        progress.layout = Layout { computed, ..Layout::default() };
        Ok(progress)
    }

    fn convert_window(&mut self, window: &Window, layout: &Layout) -> Result<Window> {
        let mut window = window.clone();
        window.partition_by = self.convert_all(&window.partition_by, layout)?;
        for key in &mut window.order_by {
            key.expr = self.convert(&key.expr, layout)?;
        }
        for bound in [&mut window.frame.start, &mut window.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                **offset = self.convert(offset, &Layout::default())?;
            }
        }
        Ok(window)
    }

    /// DISTINCT ON with ORDER BY chooses among the rows before these targets make more of them.
    fn sets_behind_distinct(
        &mut self,
        select: &Select,
        shape: &Shape<'_>,
        plan: Plan,
        layout: &Layout,
        sets: &[usize],
    ) -> Result<Plan> {
        let targets = select.targets.iter().map(|target| self.convert(&target.expr, layout));
        let mut targets: Vec<Expr> = targets.collect::<Result<_>>()?;
        let mut exprs = targets.clone();
        for &at in sets {
            let Some(target) = targets.get_mut(at) else { continue };
            exprs[at] = Expr::constant(pg::Value::Null, target.ty.oid);
            for_each_slot(target, &mut |slot, ty| {
                exprs.push(Expr::slot(*slot, ty));
                *slot = exprs.len() - 1;
            });
        }
        let places = targets.iter().enumerate().map(|(at, target)| match sets.contains(&at) {
            true => target.clone(),
            false => Expr::slot(at, target.ty),
        });
        let sets = places.collect();
        let keys = sort_keys(select, shape.order_by);
        let plan = sort(Plan::Project { input: Box::new(plan), exprs }, &keys, None);
        let Distinct::On(on) = &select.distinct else { return Err(Error::internal("no DISTINCT ON")) };
        let on = on.iter().filter_map(|&target| target_slot(select, target)).collect();
        let plan = Plan::Distinct { input: Box::new(plan), keys: Some(on) };
        let plan = Plan::ProjectSet { input: Box::new(plan), exprs: sets };
        let plan = self.limit(plan, shape, &keys)?;
        Ok(without_junk(select, plan))
    }

    /// The select list, with its junk unless nobody needs that any more.
    fn targets(&mut self, select: &Select, plan: Plan, layout: &Layout, junk: bool) -> Result<Plan> {
        let targets = select.targets.iter().filter(|target| junk || !target.junk);
        let exprs: Vec<Expr> =
            targets.map(|target| self.convert(&target.expr, layout)).collect::<Result<_>>()?;
        if exprs.iter().any(makes_rows) {
            return Ok(Plan::ProjectSet { input: Box::new(plan), exprs });
        }
        Ok(project(plan, exprs))
    }
}

/// The targets that return sets, if they are computed behind ORDER BY and DISTINCT ON: when neither needs one
/// (`make_sort_input_target`).
fn postponed_sets(select: &Select, shape: &Shape<'_>) -> Option<Vec<usize>> {
    let Distinct::On(on) = &select.distinct else { return None };
    let sets: Vec<usize> = (0..select.targets.len())
        .filter(|&at| select.targets.get(at).is_some_and(|target| makes_rows(&target.expr)))
        .collect();
    let needed = |at: &usize| on.contains(at) || shape.order_by.iter().any(|key| key.target == *at);
    (!shape.order_by.is_empty() && !sets.is_empty() && !sets.iter().any(needed)).then_some(sets)
}

/// Whether a set-returning function is in an expression.
fn makes_rows(expr: &Expr) -> bool {
    any(expr, &|e| matches!(&e.kind, ExprKind::Call(call) if call.retset))
}

fn for_each_slot(expr: &mut Expr, f: &mut dyn FnMut(&mut usize, TypeRef)) {
    let ty = expr.ty;
    if let ExprKind::Slot(slot) = &mut expr.kind {
        f(slot, ty);
    }
    crate::walk::for_each_child_mut(expr, &mut |child| for_each_slot(child, f));
}

/// A projection, unless it changes nothing.
pub(super) fn project(plan: Plan, exprs: Vec<Expr>) -> Plan {
    let identity = exprs.iter().enumerate().all(|(i, e)| matches!(e.kind, ExprKind::Slot(slot) if slot == i));
    match plan.width() {
        Some(width) if identity && width == exprs.len() => plan,
        _ => Plan::Project { input: Box::new(plan), exprs },
    }
}

/// Removes the entries of the select list that only ORDER BY and the like needed.
fn without_junk(select: &Select, plan: Plan) -> Plan {
    if !select.targets.iter().any(|target| target.junk) {
        return plan;
    }
    let slots = select.targets.iter().enumerate().filter(|(_, target)| !target.junk);
    let exprs = slots.map(|(slot, target)| Expr::slot(slot, target.expr.ty)).collect();
    Plan::Project { input: Box::new(plan), exprs }
}

fn target_slot(select: &Select, target: usize) -> Option<Expr> {
    select.targets.get(target).map(|t| Expr::slot(target, t.expr.ty))
}

fn sort_keys(select: &Select, order_by: &[SortKey]) -> Vec<SortBy> {
    order_by
        .iter()
        .filter_map(|key| {
            let expr = target_slot(select, key.target)?;
            Some(SortBy { expr, descending: key.descending, nulls_first: key.nulls_first })
        })
        .collect()
}

/// A block whose condition is never true: nobody is asked for rows.
fn no_rows(needed: &Needed) -> Progress {
    let mut layout = Layout::default();
    let mut width = 0;
    for (range, columns) in needed.by_range.iter().enumerate() {
        for &column in columns {
            layout.columns.insert((range, column), width);
            width += 1;
        }
    }
    let plan = Plan::Filter {
        input: Box::new(Plan::Values {
            rows: vec![(0..width).map(|_| Expr::constant(pg::Value::Null, oid::UNKNOWN)).collect()],
        }),
        condition: Expr::constant(pg::Value::Bool(false), oid::BOOL),
    };
    Progress { plan, layout, grouped: false, having: false, distinct: false, ordered: false, limited: false }
}

/// Whether a block makes one group of all its rows and asks nothing of them: HAVING, without keys and aggregates
/// (`create_degenerate_grouping_paths`). There is such a group even of no rows.
fn is_one_group(select: &Select) -> bool {
    let no_keys = |grouping: &Grouping| grouping.keys.is_empty() && grouping.sets.is_none();
    select.grouping.as_ref().is_some_and(no_keys) && aggregates(select).is_empty()
}

/// The group of a block that makes one, whatever its rows are.
fn one_group() -> Progress {
    let (plan, layout) = (Plan::Values { rows: vec![Vec::new()] }, Layout::default());
    Progress { plan, layout, grouped: true, having: false, distinct: false, ordered: false, limited: false }
}

fn is_constant_true(condition: &Expr) -> bool {
    matches!(condition.kind, ExprKind::Const(pg::Value::Bool(true)))
}

fn is_constant_not_true(condition: &Expr) -> bool {
    matches!(condition.kind, ExprKind::Const(pg::Value::Bool(false) | pg::Value::Null))
}

/// The expressions that are computed above grouping.
fn above_grouping(select: &Select, junk: bool) -> impl Iterator<Item = &Expr> {
    let windows = select
        .windows
        .iter()
        .flat_map(|window| window.partition_by.iter().chain(window.order_by.iter().map(|key| &key.expr)));
    let targets = select.targets.iter().filter(move |target| junk || !target.junk);
    targets.map(|target| &target.expr).chain(&select.having).chain(windows)
}

/// The different aggregate calls of a block, those in its subqueries included that belong to it.
pub(super) fn aggregates(select: &Select) -> Vec<(Expr, Aggregate)> {
    let mut calls: Vec<(Expr, Aggregate)> = Vec::new();
    for expr in above_grouping(select, true) {
        visit_aggregates(expr, &mut |found, depth| {
            if aggregate_level(found) != depth {
                return;
            }
            let mut aggregate = found.clone();
            raise_levels(&mut aggregate, depth);
            if let ExprKind::Aggregate(call) = &aggregate.kind
                && !calls.iter().any(|(known, _)| same(known, &aggregate))
            {
                calls.push((aggregate.clone(), (**call).clone()));
            }
        });
    }
    calls
}

fn window_calls(select: &Select) -> Vec<(Expr, WindowCall)> {
    let mut calls: Vec<(Expr, WindowCall)> = Vec::new();
    for target in &select.targets {
        visit(&target.expr, &mut |e| {
            if let ExprKind::Window(call) = &e.kind {
                if !calls.iter().any(|(known, _)| same(known, e)) {
                    calls.push((e.clone(), (**call).clone()));
                }
                return false;
            }
            true
        });
    }
    calls
}

/// What an expression with window functions needs of the rows below them: columns, and what has been computed.
fn window_leaves(select: &Select, expr: &Expr, layout: &Layout, leaves: &mut Vec<Expr>) {
    let mut add = |e: &Expr| {
        if !leaves.iter().any(|known| same(known, e)) {
            leaves.push(e.clone());
        }
    };
    visit(expr, &mut |e| {
        let computed = layout.computed.iter().any(|(computed, _)| same(computed, e));
        if computed {
            add(e);
        }
        !computed
    });
    visit_columns(expr, &mut |column| {
        let known = layout.columns.contains_key(&(column.range, column.column));
        let range = select.ranges.get(column.range).filter(|_| column.levels_up == 0 && known);
        if let Some(target) = range.and_then(|range| range.columns.get(column.column)) {
            add(&Expr::new(ExprKind::Column(column), target.ty));
        }
    });
}

/// `GROUPING(…)` by the number of the grouping set: bit by bit, from the left, 1 where the key is not in the set.
fn grouping_calls(select: &Select, grouping: &Grouping, set_slot: usize) -> Vec<(Expr, Expr)> {
    let mut calls: Vec<Expr> = Vec::new();
    for expr in above_grouping(select, true) {
        visit_groupings(expr, &mut |found, depth| {
            let mut call = found.clone();
            raise_levels(&mut call, depth);
            let mine = matches!(found.kind, ExprKind::Grouping { levels_up, .. } if levels_up == depth);
            if mine && !calls.iter().any(|known| same(known, &call)) {
                calls.push(call);
            }
        });
    }
    calls.into_iter().map(|call| (call.clone(), grouping_value(&call, grouping, set_slot))).collect()
}

fn grouping_value(call: &Expr, grouping: &Grouping, set_slot: usize) -> Expr {
    let int4 = TypeRef::of(oid::INT4);
    let constant = |value: i32| Expr::constant(pg::Value::Int4(value), int4);
    let (ExprKind::Grouping { keys, .. }, Some(sets)) = (&call.kind, &grouping.sets) else {
        return constant(0);
    };
    let mut value = constant(0);
    for (number, set) in sets.iter().enumerate() {
        let bits = keys.iter().fold(0, |bits, key| (bits << 1) | i32::from(!set.contains(key)));
        let number = constant(i32::try_from(number).unwrap_or(i32::MAX));
        let equal = Call {
            proc: INT4EQ,
            args: vec![Expr::slot(set_slot, int4), number],
            form: CallForm::Function,
            retset: false,
            variadic: false,
        };
        let arm = (Expr::new(ExprKind::Call(Box::new(equal)), oid::BOOL), constant(bits));
        value = Expr::new(
            ExprKind::Case { operand: None, arms: vec![arm], otherwise: Some(Box::new(value)) },
            int4,
        );
    }
    value
}

/// `int4eq`.
const INT4EQ: pg::Oid = pg::Oid(65);

impl Plan {
    /// How many values a row has, where a plan says so itself.
    pub fn width(&self) -> Option<usize> {
        match self {
            Plan::Remote(scan) => Some(scan.columns.len()),
            Plan::Catalog { columns, .. } => Some(columns.len()),
            Plan::Values { rows } => rows.first().map(Vec::len),
            Plan::Functions { widths, ordinality, .. } => {
                Some(widths.iter().sum::<usize>() + usize::from(*ordinality))
            }
            Plan::Project { exprs, .. } | Plan::ProjectSet { exprs, .. } => Some(exprs.len()),
            Plan::Filter { input, .. }
            | Plan::Sort { input, .. }
            | Plan::Limit { input, .. }
            | Plan::Distinct { input, .. }
            | Plan::With { input, .. } => input.width(),
            Plan::Join { kind: JoinKind::Semi | JoinKind::Anti, left, .. }
            | Plan::Apply { kind: JoinKind::Semi | JoinKind::Anti, left, .. } => left.width(),
            Plan::Join { left, right, .. } | Plan::Apply { left, right, .. } => {
                Some(left.width()? + right.width()?)
            }
            Plan::Aggregate { keys, sets, aggregates, .. } => {
                Some(keys.len() + aggregates.len() + usize::from(sets.is_some()))
            }
            Plan::Window { input, calls, .. } => Some(input.width()? + calls.len()),
            Plan::Append { inputs } => inputs.first()?.width(),
            Plan::SetOperation { left, .. } => left.width(),
            Plan::CteScan { columns, .. } => columns.as_ref().map(Vec::len),
        }
    }
}
