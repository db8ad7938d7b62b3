//! The planner: walks a query from the outside in, and hands each block to [`super::block`].
//!
//! Two stacks are kept on the way. `levels` has one entry per query around the place where we are, so that a column
//! `n` levels up can be traced to the query it belongs to. `frames` has one entry per plan that is run anew with
//! arguments (a subquery in an expression, the inner side of a lateral join): a column that belongs outside of such a
//! plan becomes an argument of it.

use std::sync::Arc;

use pg::{Error, Result, TypeRef, oid};

use crate::plan::{CtePlan, Options, Plan, SortBy};
use crate::query::*;
use crate::same::same;
use crate::stack::grown;
use crate::walk::raise_levels;

use super::block::Shape;
use super::convert::Layout;
use super::share::Readers;

/// Plans one statement.
#[derive(Default)]
pub(super) struct Planner {
    levels: Vec<Level>,
    frames: Vec<Frame>,
    next_cte: usize,
    pub(super) next_subplan: usize,
    pub(super) options: Options,
    pub(super) readers: Arc<Readers>,
}

/// A query around the place where we are.
struct Level {
    /// It is the outermost query of a plan that is run with arguments: the top of `frames` when it was entered.
    boundary: bool,
    /// The numbers of its common table expressions.
    ctes: Vec<usize>,
}

/// A plan that is run with arguments.
#[derive(Default)]
struct Frame {
    /// The arguments, over the query outside of the frame.
    args: Vec<Expr>,
}

impl Planner {
    /// Plans a statement, of which so many parts are thought to read each relation; and the first number that no common
    /// table expression has.
    pub(super) fn plan(query: &Query, options: &Options, readers: Readers) -> Result<(Plan, usize)> {
        let (options, readers) = (options.clone(), Arc::new(readers));
        let mut planner = Planner { options, readers, ..Planner::default() };
        Ok((planner.plan_query(query)?, planner.next_cte))
    }

    /// Plans a query that runs in the same frame as the query around it.
    pub(super) fn plan_query(&mut self, query: &Query) -> Result<Plan> {
        self.levels.push(Level { boundary: false, ctes: Vec::new() });
        let plan = grown(|| self.plan_in_level(query));
        self.levels.pop();
        plan
    }

    /// Plans a query that is run anew with arguments. They are over the query around it, at level 0.
    pub(super) fn plan_with_args(&mut self, query: &Query) -> Result<(Plan, Vec<Expr>)> {
        self.levels.push(Level { boundary: true, ctes: Vec::new() });
        self.frames.push(Frame::default());
        let plan = grown(|| self.plan_in_level(query));
        let frame = self.frames.pop().unwrap_or_default();
        self.levels.pop();
        Ok((plan?, frame.args))
    }

    fn plan_in_level(&mut self, query: &Query) -> Result<Plan> {
        let mut ctes = Vec::with_capacity(query.ctes.len());
        for cte in &query.ctes {
            self.plan_cte(cte, &mut ctes)?;
        }
        let plan = match &query.body {
            Body::Select(select) => self.plan_select(select, Shape::of(query))?,
            Body::SetOperation(operation) => {
                let plan = self.plan_set_operation(operation)?;
                self.order_and_limit(plan, query)?
            }
            Body::Values(rows) => {
                let layout = Layout::default();
                let rows = rows.iter().map(|row| self.convert_all(row, &layout)).collect::<Result<_>>()?;
                self.order_and_limit(Plan::Values { rows }, query)?
            }
        };
        Ok(if ctes.is_empty() { plan } else { Plan::With { ctes, input: Box::new(plan) } })
    }

    /// Adds the plan of a common table expression to `ctes`; those that a recursive one has of its own come before it.
    fn plan_cte(&mut self, cte: &Cte, ctes: &mut Vec<CtePlan>) -> Result<()> {
        let id = self.next_cte;
        self.next_cte += 1;
        if !cte.recursive {
            let plan = self.plan_query(&cte.query)?;
            self.add_cte(id);
            ctes.push(CtePlan { id, plan, recursive: None });
            return Ok(());
        }
        self.add_cte(id);
        let Body::SetOperation(operation) = &cte.query.body else {
            return Err(Error::internal("a recursive query is not a UNION"));
        };
        if !cte.query.order_by.is_empty() || cte.query.limit.is_some() || cte.query.offset.is_some() {
            return Err(Error::refused("ORDER BY or LIMIT in a recursive query"));
        }
        self.levels.push(Level { boundary: false, ctes: Vec::new() });
        let own = cte.query.ctes.iter().try_for_each(|own| self.plan_cte(own, ctes));
        let sides = own
            .and_then(|()| self.plan_query(&operation.left))
            .and_then(|left| Ok((left, self.plan_query(&operation.right)?)));
        self.levels.pop();
        let (plan, term) = sides?;
        ctes.push(CtePlan { id, plan, recursive: Some((term, operation.all)) });
        Ok(())
    }

    fn add_cte(&mut self, id: usize) {
        if let Some(level) = self.levels.last_mut() {
            level.ctes.push(id);
        }
    }

    /// The number of a common table expression.
    pub(super) fn cte_id(&self, levels_up: usize, index: usize) -> Result<usize> {
        let level = self.levels.iter().rev().nth(levels_up);
        let id = level.and_then(|level| level.ctes.get(index)).copied();
        id.ok_or_else(|| Error::internal("a common table expression is used before it is defined"))
    }

    fn plan_set_operation(&mut self, operation: &SetOperation) -> Result<Plan> {
        let left = self.plan_query(&operation.left)?;
        let right = self.plan_query(&operation.right)?;
        if operation.kind != SetOperationKind::Union {
            let (left, right) = (Box::new(left), Box::new(right));
            return Ok(Plan::SetOperation { kind: operation.kind, all: operation.all, left, right });
        }
        let append = append(left, right);
        Ok(match operation.all {
            true => append,
            false => Plan::Distinct { input: Box::new(append), keys: None },
        })
    }

    /// ORDER BY and LIMIT over the columns of a set operation or VALUES.
    fn order_and_limit(&mut self, plan: Plan, query: &Query) -> Result<Plan> {
        let types: Vec<_> = query.columns.iter().map(|column| column.ty).collect();
        let keys: Vec<SortBy> = query
            .order_by
            .iter()
            .map(|key| SortBy {
                expr: Expr::slot(
                    key.target,
                    types.get(key.target).copied().unwrap_or(TypeRef::of(oid::UNKNOWN)),
                ),
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
            .collect();
        let plan = sort(plan, &keys, None);
        self.limit(plan, &Shape::of(query), &keys)
    }

    /// LIMIT and OFFSET over rows that are sorted by `keys`.
    pub(super) fn limit(&mut self, plan: Plan, shape: &Shape<'_>, keys: &[SortBy]) -> Result<Plan> {
        if shape.limit.is_none() && shape.offset.is_none() {
            return Ok(plan);
        }
        let layout = Layout::default();
        Ok(Plan::Limit {
            input: Box::new(plan),
            limit: shape.limit.map(|limit| self.convert(limit, &layout)).transpose()?,
            offset: shape.offset.map(|offset| self.convert(offset, &layout)).transpose()?,
            ties: shape.with_ties.then(|| keys.to_vec()),
        })
    }

    /// The argument that stands for a column, or an aggregate, of a query so many levels further out.
    pub(super) fn outer_value(&mut self, levels_up: usize, expr: &Expr) -> Result<usize> {
        let here = self.levels.len().saturating_sub(1);
        let target = here.checked_sub(levels_up);
        let boundary = target.and_then(|target| {
            (target + 1..=here).rev().find(|&level| self.levels.get(level).is_some_and(|l| l.boundary))
        });
        let (Some(target), Some(boundary)) = (target, boundary) else {
            return Err(Error::internal("a column belongs to no query around it"));
        };
        let mut outside = expr.clone();
        raise_levels(&mut outside, levels_up - (boundary - 1 - target));
        let frame = self.levels.iter().take(boundary + 1).filter(|level| level.boundary).count() - 1;
        let Some(frame) = self.frames.get_mut(frame) else {
            return Err(Error::internal("an argument belongs to no plan"));
        };
        Ok(frame.args.iter().position(|arg| same(arg, &outside)).unwrap_or_else(|| {
            frame.args.push(outside);
            frame.args.len() - 1
        }))
    }
}

fn append(left: Plan, right: Plan) -> Plan {
    let mut inputs = match left {
        Plan::Append { inputs } => inputs,
        other => vec![other],
    };
    match right {
        Plan::Append { inputs: more } => inputs.extend(more),
        other => inputs.push(other),
    }
    Plan::Append { inputs }
}

/// Rows in order, when an order is asked for.
pub(super) fn sort(plan: Plan, keys: &[SortBy], limit: Option<Expr>) -> Plan {
    if keys.is_empty() {
        return plan;
    }
    Plan::Sort { input: Box::new(plan), keys: keys.to_vec(), limit: limit.map(Box::new) }
}
