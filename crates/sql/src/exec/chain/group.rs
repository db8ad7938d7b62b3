//! The right side of a left join that is itself made of relations of the catalog: it is looked up one after the other,
//! beginning with what the left row leads to, instead of being made as a whole. `information_schema.columns` has
//! `LEFT JOIN (pg_type JOIN pg_namespace …)` for the domain of a column, and is asked for one table.

use std::sync::Arc;

use crate::catalog::{IndexColumn, Relation};
use crate::exec::eval::functions;
use crate::exec::lookup::{column_type, conjuncts, distinguishes, index_column, place};
use crate::plan::Plan;
use crate::query::{Expr, ExprKind, JoinKind};
use crate::walk;

/// A relation of the group, in the order in which they are looked up. Slots are those of the joined row.
pub(super) struct Member<'a> {
    pub(super) relation: &'a Arc<Relation>,
    pub(super) columns: &'a [usize],
    /// Over a row of the relation.
    pub(super) filter: Option<&'a Expr>,
    /// The slot of its first column.
    pub(super) first: usize,
    pub(super) index: Vec<IndexColumn>,
    /// What is looked up, over what comes before.
    pub(super) key: Vec<Expr>,
    /// What else must hold, with its row.
    pub(super) conditions: Vec<Expr>,
}

/// The members of the right side of a join with these keys, if all can be looked up.
pub(super) fn members<'a>(
    right: &'a Plan,
    keys: &[(Expr, Expr)],
    condition: Option<&Expr>,
    left_width: usize,
) -> Option<Vec<Member<'a>>> {
    let mut parts = Parts::default();
    parts.take(right, left_width)?;
    if parts.members.len() < 2 {
        return None;
    }
    parts.equal.extend(keys.iter().map(|(left, right)| (left.clone(), moved(right, left_width))));
    parts.conditions.extend(condition.into_iter().flat_map(conjuncts).cloned());
    if parts.conditions.iter().any(|condition| walk::any(condition, &is_volatile)) {
        return None;
    }
    parts.ordered(left_width)
}

fn is_volatile(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if functions::is_volatile(call.proc))
}

/// What the right side is made of.
#[derive(Default)]
struct Parts<'a> {
    members: Vec<Member<'a>>,
    equal: Vec<(Expr, Expr)>,
    conditions: Vec<Expr>,
}

impl<'a> Parts<'a> {
    /// Takes a plan apart whose columns begin at a slot; its width.
    fn take(&mut self, plan: &'a Plan, first: usize) -> Option<usize> {
        match plan {
            Plan::Join { kind: JoinKind::Inner, left, right, keys, condition, look_ups: None } => {
                let left = self.take(left, first)?;
                let width = left + self.take(right, first + left)?;
                let equal = keys.iter().map(|(a, b)| (moved(a, first), moved(b, first + left)));
                self.equal.extend(equal);
                let conditions = condition.iter().flat_map(conjuncts);
                self.conditions.extend(conditions.map(|condition| moved(condition, first)));
                Some(width)
            }
            Plan::Filter { input, condition } => match &**input {
                Plan::Catalog { relation, columns } => {
                    Some(self.add(relation, columns, Some(condition), first))
                }
                _ => None,
            },
            Plan::Catalog { relation, columns } => Some(self.add(relation, columns, None, first)),
            _ => None,
        }
    }

    fn add(
        &mut self,
        relation: &'a Arc<Relation>,
        columns: &'a [usize],
        filter: Option<&'a Expr>,
        first: usize,
    ) -> usize {
        let (index, key, conditions) = Default::default();
        self.members.push(Member { relation, columns, filter, first, index, key, conditions });
        columns.len()
    }

    /// The members, each of which can be looked up by what comes before it.
    fn ordered(mut self, left_width: usize) -> Option<Vec<Member<'a>>> {
        let mut done: Vec<Member<'a>> = Vec::new();
        while !self.members.is_empty() {
            let known = |slot: usize| slot < left_width || done.iter().any(|member| member.has(slot));
            let found = self.members.iter().enumerate().find_map(|(at, member)| {
                let (index, key) = member.looked_up(&self.equal, &known)?;
                Some((at, index, key))
            });
            let (at, index, key) = found?;
            let member = self.members.remove(at);
            let known = |slot: usize| known(slot) || member.has(slot);
            self.equal.retain(|(a, b)| !is_over(a, &known) || !is_over(b, &known));
            let conditions = self.conditions.extract_if(.., |condition| is_over(condition, &known)).collect();
            done.push(Member { index, key, conditions, ..member });
        }
        (self.equal.is_empty() && self.conditions.is_empty()).then_some(done)
    }
}

impl Member<'_> {
    fn has(&self, slot: usize) -> bool {
        (self.first..self.first + self.columns.len()).contains(&slot)
    }

    /// The index and the key by which it is found, from all equalities of its columns with what is known.
    fn looked_up(
        &self,
        equal: &[(Expr, Expr)],
        known: &dyn Fn(usize) -> bool,
    ) -> Option<(Vec<IndexColumn>, Vec<Expr>)> {
        let mut fixed: Vec<(IndexColumn, Expr)> = Vec::new();
        for (a, b) in equal {
            let with = |slot: usize| known(slot) || self.has(slot);
            if !is_over(a, &with) || !is_over(b, &with) {
                continue;
            }
            // An equality that no index answers would be forgotten.
            let (own, other) = if is_over(b, known) { (a, b) } else { (b, a) };
            let slot = place(own).filter(|slot| self.has(*slot) && is_over(other, known))?;
            let column = *self.columns.get(slot - self.first)?;
            fixed.push((index_column(column, other.ty.oid), other.clone()));
        }
        fixed.sort_by_key(|(column, _)| *column);
        let (index, key): (Vec<IndexColumn>, Vec<Expr>) = fixed.into_iter().unzip();
        let useful = index.iter().any(|(column, _)| distinguishes(column_type(self.relation, *column)));
        useful.then_some((index, key))
    }
}

/// Whether an expression is over such slots alone.
fn is_over(expr: &Expr, known: &dyn Fn(usize) -> bool) -> bool {
    !walk::any(expr, &|inner| matches!(inner.kind, ExprKind::Slot(slot) if !known(slot)))
}

/// The expression over a row that stands further to the right.
fn moved(expr: &Expr, by: usize) -> Expr {
    fn go(expr: &mut Expr, by: usize) {
        if let ExprKind::Slot(slot) = &mut expr.kind {
            *slot += by;
        }
        walk::for_each_child_mut(expr, &mut |child| go(child, by));
    }
    let mut expr = expr.clone();
    go(&mut expr, by);
    expr
}
