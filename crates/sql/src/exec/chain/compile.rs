//! What of a plan becomes a chain.

use std::sync::Arc;

use pg::Result;

use super::ChainNode;
use super::group::{self, Member};
use super::step::{Right, Step};
use crate::exec::compile::{Compiler, Place, Spot, rows_of};
use crate::exec::eval::Op;
use crate::exec::lookup::{self, Probe};
use crate::exec::stream::BoxNode;
use crate::plan::Plan;
use crate::query::{Expr, ExprKind, JoinKind};
use crate::walk;

/// A join of the plan.
struct Join<'a> {
    kind: JoinKind,
    left: &'a Plan,
    right: &'a Plan,
    keys: &'a [(Expr, Expr)],
    condition: Option<&'a Expr>,
    /// The right side, if it is looked up by an index.
    looked_up: Option<lookup::Right<'a>>,
    /// Its relations, if they are looked up one after the other.
    group: Option<Vec<Member<'a>>>,
}

/// Compiles joins, with what stands above them, as a chain.
pub(in crate::exec) fn compile(compiler: &mut Compiler, plan: &Plan) -> Result<Option<BoxNode>> {
    if compiler.run.observer.is_some() {
        return Ok(None);
    }
    let (exprs, below) = match plan {
        Plan::Project { input, exprs } => (Some(exprs.as_slice()), &**input),
        other => (None, other),
    };
    // What runs again and again has its own ways of filtering (index.rs).
    let (filter, mut below) = match below {
        Plan::Filter { input, condition } if compiler.place == Place::Once => (Some(condition), &**input),
        other => (None, other),
    };
    let mut joins = Vec::new();
    while let Some(join) = link(compiler, below) {
        below = join.left;
        joins.push(join);
    }
    // Nobody knows how wide the rows of no row are.
    if joins.is_empty() || matches!(below, Plan::Values { rows } if rows.is_empty()) {
        return Ok(None);
    }
    joins.reverse();
    let source = compiler.plan(below)?;
    let mut spots: Vec<Spot> = (0..compiler.columns(below).len()).map(|at| Spot::Part(0, at)).collect();
    let mut rights = Vec::with_capacity(joins.len());
    for join in &joins {
        let looked_up = join.looked_up.is_some() || join.group.is_some();
        rights.push(if looked_up { None } else { Some(compiler.plan(join.right)?) });
    }
    let mut steps = Vec::with_capacity(joins.len());
    let outer = compiler.slots.take();
    let compiled = compiler.over(|c| {
        for (mut join, node) in joins.into_iter().zip(rights) {
            let part = steps.len() + 1;
            match join.group.take() {
                Some(members) => steps.extend(group(c, members, part, &mut spots)?),
                None => steps.push(step(c, join, node, part, &mut spots)?),
            }
        }
        c.slots = Some(spots.clone());
        let filter = filter.map(|filter| c.expr(filter)).transpose()?;
        let output = match exprs {
            Some(exprs) => c.exprs(exprs)?,
            None => spots.iter().map(|spot| spot.op()).collect(),
        };
        Ok((filter, output))
    });
    compiler.slots = outer;
    let ((filter, output), subqueries) = compiled?;
    Ok(Some(Arc::new(ChainNode { source, steps, filter, output, subqueries })))
}

/// The join that a plan is, if it can be one of a chain.
fn link<'a>(compiler: &Compiler, plan: &'a Plan) -> Option<Join<'a>> {
    let Plan::Join { kind, left, right, keys, condition, look_ups: None } = plan else { return None };
    if !matches!(kind, JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti) {
        return None;
    }
    // What runs again and again keeps its right side from one run to the next (join.rs).
    let condition = condition.as_ref();
    let left_width = compiler.columns(left).len();
    let looked_up = lookup::right_side(right, keys, condition, left_width);
    let group = match (kind, &looked_up) {
        (JoinKind::Left, None) => group::members(right, keys, condition, left_width),
        _ => None,
    };
    let fits = looked_up.is_some() || group.is_some() || compiler.place == Place::Once && is_small(right);
    fits.then_some(Join { kind: *kind, left, right, keys, condition, looked_up, group })
}

/// Whether rows are those of the catalog, and what is made of them: so few that they are never written to files.
fn is_small(plan: &Plan) -> bool {
    match plan {
        Plan::Catalog { .. } => true,
        Plan::Values { rows } => !rows.is_empty(),
        Plan::Filter { input, .. }
        | Plan::Project { input, .. }
        | Plan::Aggregate { input, .. }
        | Plan::Window { input, .. }
        | Plan::Sort { input, .. }
        | Plan::Limit { input, .. }
        | Plan::Distinct { input, .. } => is_small(input),
        Plan::ProjectSet { input, exprs } => is_small(input) && !exprs.iter().any(makes_series),
        // Without keys it may be as large as both sides together.
        Plan::Join { left, right, keys, look_ups: None, .. } => {
            !keys.is_empty() && is_small(left) && is_small(right)
        }
        Plan::Append { inputs } => inputs.iter().all(is_small),
        Plan::SetOperation { left, right, .. } => is_small(left) && is_small(right),
        _ => false,
    }
}

/// `generate_series` makes as many rows as its arguments say.
fn makes_series(expr: &Expr) -> bool {
    walk::any(expr, &|inner| match &inner.kind {
        ExprKind::Call(call) => pg::catalog::proc_by_oid(call.proc)
            .is_none_or(|row| row.returns_set && row.name.starts_with("generate_s")),
        _ => false,
    })
}

/// Compiles a join, whose right side becomes a part; then `spots` tells where its columns are.
fn step(
    compiler: &mut Compiler,
    join: Join<'_>,
    node: Option<BoxNode>,
    part: usize,
    spots: &mut Vec<Spot>,
) -> Result<Step> {
    let left_width = spots.len();
    compiler.slots = Some(spots.clone());
    let (right, filter, columns) = match (node, join.looked_up) {
        (Some(node), _) => {
            let left_keys = compiler.exprs(join.keys.iter().map(|(left, _)| left))?;
            compiler.slots = None;
            let right_keys = compiler.exprs(join.keys.iter().map(|(_, right)| right))?;
            let types = join.keys.iter().map(|(left, _)| left.ty.oid).collect();
            let columns = (0..compiler.columns(join.right).len()).collect();
            (Right::Table { node, left_keys, right_keys, types }, None, columns)
        }
        (None, Some(found)) => {
            let columns = found.columns.to_vec();
            let probe = found.wanted.compile(compiler)?;
            compiler.slots = Some(rows_of(&columns));
            let filter = found.filter.map(|filter| compiler.expr(filter)).transpose()?;
            (Right::Index { relation: found.relation.clone(), index: found.index, probe }, filter, columns)
        }
        (None, None) => return Err(pg::Error::internal("a join of a chain has no right side")),
    };
    spots.extend(columns.into_iter().map(|at| Spot::Part(part, at)));
    compiler.slots = Some(spots.clone());
    let condition = join.condition.map(|condition| compiler.expr(condition)).transpose()?;
    if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
        spots.truncate(left_width);
    }
    Ok(Step { kind: join.kind, right, filter, condition, opens: 0, closes: None })
}

/// Compiles a left join whose right side is looked up relation by relation, each of which becomes a part.
fn group(
    compiler: &mut Compiler,
    members: Vec<Member<'_>>,
    part: usize,
    spots: &mut Vec<Spot>,
) -> Result<Vec<Step>> {
    let width: usize = members.iter().map(|member| member.columns.len()).sum();
    let count = members.len();
    // Nothing is asked of a part before it is there.
    spots.resize(spots.len() + width, Spot::Part(part, usize::MAX));
    let mut steps = Vec::with_capacity(count);
    for (at, member) in members.into_iter().enumerate() {
        compiler.slots = Some(spots.clone());
        let probe = Probe::Key(compiler.exprs(&member.key)?);
        compiler.slots = Some(rows_of(member.columns));
        let filter = member.filter.map(|filter| compiler.expr(filter)).transpose()?;
        for (slot, column) in (member.first..).zip(member.columns) {
            if let Some(spot) = spots.get_mut(slot) {
                *spot = Spot::Part(part + at, *column);
            }
        }
        compiler.slots = Some(spots.clone());
        let conditions = compiler.exprs(&member.conditions)?;
        let right = Right::Index { relation: member.relation.clone(), index: member.index, probe };
        steps.push(Step {
            kind: JoinKind::Inner,
            right,
            filter,
            condition: (!conditions.is_empty()).then_some(Op::And(conditions)),
            opens: if at == 0 { count } else { 0 },
            closes: (at + 1 == count).then_some(at),
        });
    }
    Ok(steps)
}

impl Spot {
    fn op(self) -> Op {
        match self {
            Spot::Row(at) => Op::Slot(at),
            Spot::Part(part, at) => Op::Part(part, at),
        }
    }
}
