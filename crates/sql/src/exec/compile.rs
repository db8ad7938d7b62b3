//! From plans to [`Node`](super::stream::Node)s.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pg::{Oid, Result};

use super::eval::Op;
use super::frame::Run;
use super::hold::Held;
use super::stream::BoxNode;
use super::subplan::SubPlanNode;
use super::{
    Context, aggregate, apply, chain, cte, hold, join, key_join, limit, observe, project, project_set, scan,
    setop, sort, types, window,
};
use crate::plan::Plan;
use crate::query::Expr;

/// Compiles a plan for one run.
pub(super) fn compile(plan: &Plan, context: Context) -> Result<(Arc<Run>, BoxNode)> {
    let mut compiler = Compiler::new(Run::new(context));
    let node = compiler.plan(plan)?;
    Ok((compiler.run, node))
}

/// Compiles an expression without slots and subqueries.
pub(super) fn compile_constant(expr: &Expr, run: &Arc<Run>) -> Result<Op> {
    Compiler::new(run.clone()).expr(expr)
}

/// Where a part of the plan stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// It runs once.
    Once,
    /// It runs again and again, and may wait: the inner side of an apply, a recursive term.
    Again,
    /// It runs again and again within the evaluation of an expression, and may not wait.
    Subquery,
}

/// Where a value of the plan's row is found.
#[derive(Clone, Copy)]
pub(super) enum Spot {
    /// In the row, at this place.
    Row(usize),
    /// In a part of the row, at this place of it.
    Part(usize, usize),
}

/// Where the values of a row of some columns of a wider one are.
pub(super) fn rows_of(columns: &[usize]) -> Vec<Spot> {
    columns.iter().copied().map(Spot::Row).collect()
}

/// What a part of the plan needs from outside it.
#[derive(Clone, Default)]
pub(super) struct Facts {
    /// Arguments of the subquery or apply around.
    pub(super) args: bool,
    /// Functions whose results change.
    pub(super) volatile: bool,
    /// Common table expressions that are defined outside.
    pub(super) ctes: BTreeSet<usize>,
    /// Scans of the cluster that are made once and held.
    pub(super) leaves: Vec<Arc<Held>>,
    /// Subqueries in expressions, inner ones before outer ones.
    pub(super) subplans: Vec<Arc<SubPlanNode>>,
}

impl Facts {
    pub(super) fn merge(&mut self, inner: Facts) {
        self.args |= inner.args;
        self.volatile |= inner.volatile;
        self.ctes.extend(inner.ctes);
        self.leaves.extend(inner.leaves);
        self.subplans.extend(inner.subplans);
    }
}

/// What is known while a plan is compiled.
pub(super) struct Compiler {
    pub(super) run: Arc<Run>,
    /// What was met so far.
    pub(super) facts: Facts,
    pub(super) place: Place,
    /// Common table expressions whose rows differ from one opening of the place here to the next.
    pub(super) changing_ctes: HashSet<usize>,
    /// The types of the common table expressions in sight.
    pub(super) cte_types: HashMap<usize, Vec<Oid>>,
    /// Where the slots of expressions are, when the row is another than the plan says.
    pub(super) slots: Option<Vec<Spot>>,
    pub(super) nesting: usize,
}

impl Compiler {
    fn new(run: Arc<Run>) -> Compiler {
        Compiler {
            run,
            facts: Facts::default(),
            place: Place::Once,
            changing_ctes: HashSet::new(),
            cte_types: HashMap::new(),
            slots: None,
            nesting: 0,
        }
    }

    /// Compiles something and tells what it needs.
    pub(super) fn scoped<T>(&mut self, f: impl FnOnce(&mut Compiler) -> Result<T>) -> Result<(T, Facts)> {
        let (value, inner) = self.apart(f)?;
        self.facts.merge(inner.clone());
        Ok((value, inner))
    }

    /// Compiles something whose needs are not needs of what is around.
    pub(super) fn apart<T>(&mut self, f: impl FnOnce(&mut Compiler) -> Result<T>) -> Result<(T, Facts)> {
        let outer = std::mem::take(&mut self.facts);
        let value = f(self);
        let inner = std::mem::replace(&mut self.facts, outer);
        Ok((value?, inner))
    }

    /// As [`Compiler::apart`], then adds all needs but arguments: those are of another frame.
    pub(super) fn framed<T>(
        &mut self,
        place: Place,
        f: impl FnOnce(&mut Compiler) -> Result<T>,
    ) -> Result<(T, Facts)> {
        let before = (self.place, self.slots.take());
        self.place = place.max(self.place);
        let answer = self.apart(f);
        (self.place, self.slots) = before;
        let (value, inner) = answer?;
        self.facts.merge(Facts { args: false, ..inner.clone() });
        Ok((value, inner))
    }

    /// Whether what needs this can be computed once, although it is asked for again and again.
    pub(super) fn is_fixed(&self, facts: &Facts) -> bool {
        !facts.args && !facts.volatile && facts.ctes.iter().all(|id| !self.changing_ctes.contains(id))
    }

    /// The types of a plan's columns.
    pub(super) fn columns(&self, plan: &Plan) -> Vec<Oid> {
        types::columns(plan, &self.cte_types)
    }

    /// Compiles a plan.
    pub(super) fn plan(&mut self, plan: &Plan) -> Result<BoxNode> {
        let node = crate::stack::grown(|| self.plan_unwatched(plan))?;
        Ok(match self.run.observer.as_ref().map(|observer| observer.watch(plan)) {
            Some(seen) => Arc::new(observe::Watched { node, seen }),
            None => node,
        })
    }

    fn plan_unwatched(&mut self, plan: &Plan) -> Result<BoxNode> {
        if let Some(node) = chain::compile(self, plan)? {
            return Ok(node);
        }
        match plan {
            Plan::Remote(remote) => {
                let seen = self.run.observer.as_ref().map(|observer| observer.watch(plan));
                let (node, facts) = self.scoped(|c| scan::RemoteNode::compile(c, remote, seen))?;
                hold::remote(self, node, &facts)
            }
            Plan::Catalog { relation, columns } => Ok(scan::CatalogNode::compile(relation, columns, None)),
            Plan::Values { rows } => scan::ValuesNode::compile(self, rows),
            Plan::Functions { calls, widths, ordinality } => {
                scan::FunctionsNode::compile(self, calls, widths, *ordinality)
            }
            Plan::Filter { input, condition } => project::filter(self, input, condition),
            Plan::Project { input, exprs } => project::ProjectNode::compile(self, input, exprs),
            Plan::ProjectSet { input, exprs } => project_set::compile(self, input, exprs),
            Plan::Join { kind, left, right, keys, condition, look_ups: Some(look_ups) }
                if self.place == Place::Once =>
            {
                key_join::compile(self, *kind, (left, right), keys, condition.as_ref(), look_ups)
            }
            Plan::Join { kind, left, right, keys, condition, .. } => {
                join::compile(self, *kind, (left, right), keys, condition.as_ref())
            }
            Plan::Apply { kind, left, right, args, condition } => {
                apply::compile(self, *kind, (left, right), args, condition.as_ref())
            }
            Plan::Aggregate { input, keys, sets, aggregates } => {
                aggregate::compile(self, input, keys, sets.as_deref(), aggregates)
            }
            Plan::Window { input, window, calls } => window::compile(self, input, window, calls),
            Plan::Sort { input, keys, limit } => sort::compile(self, input, keys, limit.as_deref()),
            Plan::Limit { input, limit, offset, ties } => {
                limit::compile(self, input, limit.as_ref(), offset.as_ref(), ties.as_deref())
            }
            Plan::Distinct { input, keys } => setop::distinct(self, input, keys.as_deref()),
            Plan::Append { inputs } => setop::append(self, inputs),
            Plan::SetOperation { kind, all, left, right } => {
                setop::set_operation(self, *kind, *all, left, right)
            }
            Plan::With { ctes, input } => cte::with(self, ctes, input),
            Plan::CteScan { id, columns } => {
                self.facts.ctes.insert(*id);
                Ok(cte::CteScanNode::compile(*id, columns.as_deref(), None))
            }
        }
    }

    /// Compiles the expressions of an operator, with the subqueries in them.
    pub(super) fn over<T>(&mut self, f: impl FnOnce(&mut Compiler) -> Result<T>) -> Result<(T, Subqueries)> {
        let (value, facts) = self.scoped(f)?;
        Ok((value, Subqueries(facts.subplans)))
    }
}

/// The subqueries in an operator's expressions.
pub(super) struct Subqueries(pub(super) Vec<Arc<SubPlanNode>>);

impl Subqueries {
    /// Does all that may have to wait, so that expressions can be evaluated.
    pub(super) async fn prepare(&self, frame: &super::frame::Frame) -> Result<()> {
        for subplan in &self.0 {
            subplan.prepare(frame).await?;
        }
        Ok(())
    }
}
