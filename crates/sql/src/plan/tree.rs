//! Plans as trees: what stands below an operator, and which expressions it has.

use crate::catalog::{ClusterTable, asks_sizes, cluster_table};
use crate::plan::{Plan, Way};
use crate::query::{Expr, ExprKind, FrameBound};
use crate::stack::grown;
use crate::walk::{any, for_each_child_mut, visit};

/// `pg_sleep`, `pg_sleep_for`, `pg_sleep_until`.
const SLEEPERS: [u32; 3] = [2626, 3935, 3936];

impl Plan {
    /// The plans below, but for common table expressions.
    pub fn inputs(&self) -> Vec<&Plan> {
        match self {
            Plan::Remote(_)
            | Plan::Catalog { .. }
            | Plan::Values { .. }
            | Plan::Functions { .. }
            | Plan::CteScan { .. } => Vec::new(),
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::ProjectSet { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Window { input, .. }
            | Plan::Sort { input, .. }
            | Plan::Limit { input, .. }
            | Plan::Distinct { input, .. }
            | Plan::With { input, .. } => vec![input],
            Plan::Join { left, right, .. }
            | Plan::Apply { left, right, .. }
            | Plan::SetOperation { left, right, .. } => vec![left, right],
            Plan::Append { inputs } => inputs.iter().collect(),
        }
    }

    /// The expressions of this operator.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            Plan::Remote(scan) => {
                let keys: Vec<&Expr> = match &scan.way {
                    Way::Keys(access) => access.exprs(),
                    _ => Vec::new(),
                };
                scan.args.iter().map(|arg| &arg.expr).chain(keys).collect()
            }
            Plan::Catalog { .. }
            | Plan::Append { .. }
            | Plan::SetOperation { .. }
            | Plan::With { .. }
            | Plan::CteScan { .. } => Vec::new(),
            Plan::Values { rows } => rows.iter().flatten().collect(),
            Plan::Functions { calls, .. } => calls.iter().collect(),
            Plan::Filter { condition, .. } => vec![condition],
            Plan::Project { exprs, .. } | Plan::ProjectSet { exprs, .. } => exprs.iter().collect(),
            Plan::Join { keys, condition, .. } => {
                keys.iter().flat_map(|(left, right)| [left, right]).chain(condition).collect()
            }
            Plan::Apply { args, condition, .. } => args.iter().chain(condition).collect(),
            Plan::Aggregate { keys, aggregates, .. } => {
                let calls = aggregates.iter().flat_map(|(call, _)| {
                    call.args.iter().chain(call.order_by.iter().map(|key| &key.expr)).chain(&call.filter)
                });
                keys.iter().chain(calls).collect()
            }
            Plan::Window { window, calls, .. } => {
                let offsets =
                    [&window.frame.start, &window.frame.end].into_iter().filter_map(|bound| match bound {
                        FrameBound::Preceding(offset) | FrameBound::Following(offset) => Some(&**offset),
                        _ => None,
                    });
                let calls = calls.iter().flat_map(|(call, _)| call.args.iter().chain(&call.filter));
                let keys = window.order_by.iter().map(|key| &key.expr);
                window.partition_by.iter().chain(keys).chain(offsets).chain(calls).collect()
            }
            Plan::Sort { keys, limit, .. } => {
                keys.iter().map(|key| &key.expr).chain(limit.as_deref()).collect()
            }
            Plan::Limit { limit, offset, .. } => limit.iter().chain(offset).collect(),
            Plan::Distinct { keys, .. } => keys.iter().flatten().collect(),
        }
    }

    /// As [`Plan::inputs`], to change them.
    fn inputs_mut(&mut self) -> Vec<&mut Plan> {
        match self {
            Plan::Remote(_)
            | Plan::Catalog { .. }
            | Plan::Values { .. }
            | Plan::Functions { .. }
            | Plan::CteScan { .. } => Vec::new(),
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::ProjectSet { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Window { input, .. }
            | Plan::Sort { input, .. }
            | Plan::Limit { input, .. }
            | Plan::Distinct { input, .. }
            | Plan::With { input, .. } => vec![input],
            Plan::Join { left, right, .. }
            | Plan::Apply { left, right, .. }
            | Plan::SetOperation { left, right, .. } => vec![left, right],
            Plan::Append { inputs } => inputs.iter_mut().collect(),
        }
    }

    /// As [`Plan::exprs`], to change them; but for what scans of the cluster are given.
    fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Plan::Remote(_)
            | Plan::Catalog { .. }
            | Plan::Append { .. }
            | Plan::SetOperation { .. }
            | Plan::With { .. }
            | Plan::CteScan { .. } => Vec::new(),
            Plan::Values { rows } => rows.iter_mut().flatten().collect(),
            Plan::Functions { calls, .. } => calls.iter_mut().collect(),
            Plan::Filter { condition, .. } => vec![condition],
            Plan::Project { exprs, .. } | Plan::ProjectSet { exprs, .. } => exprs.iter_mut().collect(),
            Plan::Join { keys, condition, .. } => {
                keys.iter_mut().flat_map(|(left, right)| [left, right]).chain(condition).collect()
            }
            Plan::Apply { args, condition, .. } => args.iter_mut().chain(condition).collect(),
            Plan::Aggregate { keys, aggregates, .. } => {
                let calls = aggregates.iter_mut().flat_map(|(call, _)| {
                    let order_by = call.order_by.iter_mut().map(|key| &mut key.expr);
                    call.args.iter_mut().chain(order_by).chain(&mut call.filter)
                });
                keys.iter_mut().chain(calls).collect()
            }
            Plan::Window { window, calls, .. } => {
                let frame = &mut window.frame;
                let offsets =
                    [&mut frame.start, &mut frame.end].into_iter().filter_map(|bound| match bound {
                        FrameBound::Preceding(offset) | FrameBound::Following(offset) => Some(&mut **offset),
                        _ => None,
                    });
                let calls =
                    calls.iter_mut().flat_map(|(call, _)| call.args.iter_mut().chain(&mut call.filter));
                let keys = window.order_by.iter_mut().map(|key| &mut key.expr);
                window.partition_by.iter_mut().chain(keys).chain(offsets).chain(calls).collect()
            }
            Plan::Sort { keys, limit, .. } => {
                keys.iter_mut().map(|key| &mut key.expr).chain(limit.as_deref_mut()).collect()
            }
            Plan::Limit { limit, offset, .. } => limit.iter_mut().chain(offset).collect(),
            Plan::Distinct { keys, .. } => keys.iter_mut().flatten().collect(),
        }
    }

    /// Calls something for all plans that [`Plan::each`] meets, the inner ones first, which it may change; but for those
    /// in what scans of the cluster are given.
    pub(super) fn each_mut(&mut self, call: &mut dyn FnMut(&mut Plan)) {
        fn in_expr(expr: &mut Expr, call: &mut dyn FnMut(&mut Plan)) {
            if let ExprKind::SubPlan(subplan) = &mut expr.kind {
                subplan.plan.each_mut(call);
            }
            for_each_child_mut(expr, &mut |child| in_expr(child, call));
        }
        self.exprs_mut().into_iter().for_each(|expr| in_expr(expr, call));
        if let Plan::With { ctes, .. } = self {
            for cte in ctes {
                cte.plan.each_mut(call);
                cte.recursive.iter_mut().for_each(|(term, _)| term.each_mut(call));
            }
        }
        self.inputs_mut().into_iter().for_each(|input| grown(|| input.each_mut(call)));
        call(self);
    }

    /// Calls something for this plan and all plans inside it, subplans and common table expressions included.
    pub(super) fn each<'p>(&'p self, call: &mut dyn FnMut(&'p Plan)) {
        call(self);
        for expr in self.exprs() {
            visit(expr, &mut |e| {
                if let ExprKind::SubPlan(subplan) = &e.kind {
                    subplan.plan.each(call);
                }
                true
            });
        }
        if let Plan::With { ctes, .. } = self {
            for cte in ctes {
                cte.plan.each(call);
                cte.recursive.iter().for_each(|(term, _)| term.each(call));
            }
        }
        for input in self.inputs() {
            grown(|| input.each(call));
        }
    }

    /// The tables of the cluster whose rows have to be gathered before this plan is run, each once.
    pub fn gathered(&self) -> Vec<ClusterTable> {
        let mut tables = Vec::new();
        self.each(&mut |plan| {
            if let Plan::Catalog { relation, .. } = plan {
                tables.extend(cluster_table(relation.oid));
            }
            let asks = |e: &Expr| matches!(&e.kind, ExprKind::Call(call) if asks_sizes(call.proc));
            if plan.exprs().into_iter().any(|expr| any(expr, &asks)) {
                tables.push(ClusterTable::MapMemory);
            }
        });
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// Whether the cluster may fail at this plan where PostgreSQL does not fail, or does so with other words.
    pub fn may_be_refused(&self) -> bool {
        let in_expr = |expr: &&Expr| {
            any(expr, &|e| matches!(&e.kind, ExprKind::SubPlan(subplan) if subplan.plan.may_be_refused()))
        };
        match self {
            Plan::Remote(scan) if scan.guarded => return true,
            Plan::With { ctes, .. } => {
                let terms = ctes.iter().filter_map(|cte| cte.recursive.as_ref().map(|(term, _)| term));
                if ctes.iter().map(|cte| &cte.plan).chain(terms).any(Plan::may_be_refused) {
                    return true;
                }
            }
            _ => {}
        }
        self.exprs().iter().any(in_expr)
            || self.inputs().into_iter().any(|input| grown(|| input.may_be_refused()))
    }

    /// Whether any expression of the plan holds its thread: a subquery is evaluated row by row, without yielding, and
    /// `pg_sleep` sleeps.
    pub fn holds(&self) -> bool {
        let has = |expr: &&Expr| {
            any(expr, &|e| match &e.kind {
                ExprKind::SubPlan(_) => true,
                ExprKind::Call(call) => SLEEPERS.contains(&call.proc.0),
                _ => false,
            })
        };
        let ctes: Vec<&Plan> = match self {
            Plan::With { ctes, .. } => ctes
                .iter()
                .flat_map(|cte| {
                    std::iter::once(&cte.plan).chain(cte.recursive.as_ref().map(|(term, _)| term))
                })
                .collect(),
            _ => Vec::new(),
        };
        self.exprs().iter().any(has)
            || self.inputs().into_iter().chain(ctes).any(|input| grown(|| input.holds()))
    }
}
