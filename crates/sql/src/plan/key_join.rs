//! Joins whose right side is looked up by its keys.

use std::sync::Arc;

use pg::Result;

use crate::catalog::Relation;
use crate::plan::{EntryRead, KeyAccess, Keys, LookUps, Plan, RemoteColumn, RemoteScan, Way};
use crate::query::*;
use crate::walk::visit_columns;

use super::block::project;
use super::choose::{Down, Wanted};
use super::convert::Layout;
use super::distribute::{Condition, Node};
use super::from::{FromContext, Rows, joined_layout, remote_rows};
use super::join_key::join_key;
use super::join_order;
use super::keys::KeyScope;
use super::planner::Planner;
use super::share::Readers;
use super::{Options, Pushdown, way};

/// A relation of which entries are to be looked up.
struct Right<'a> {
    relation: &'a Arc<Relation>,
    range: usize,
    /// All conditions that concern it alone.
    conditions: &'a [Expr],
    /// The columns that are used.
    columns: Vec<usize>,
}

impl Planner {
    /// Whether entries of a relation may be looked up by keys that other rows have.
    pub(super) fn looks_up(&self, relation: &Relation) -> bool {
        self.options.ways_of(relation).keys && self.options.pushdown == Pushdown::Cost
    }

    /// Joins by looking up the right side by its key, when the conditions fix that and the right side is not read as
    /// cheaply as a whole. Gives the item back when it does not.
    pub(super) fn join_by_key(
        &mut self,
        context: &FromContext<'_>,
        kind: JoinKind,
        left: &Rows,
        item: &Node,
        on: &[Condition],
    ) -> Result<Option<Rows>> {
        let item = one_item(item);
        let Node::Leaf { range, remote: Some(select), conditions, all } = item else { return Ok(None) };
        let Some(RangeKind::Relation(relation)) = context.select.ranges.get(*range).map(|r| &r.kind) else {
            return Ok(None);
        };
        if !self.looks_up(relation) || select.is_by_key() || !way::is_readable(relation) || left.is_one_row()
        {
            return Ok(None);
        }
        let Some(scope) = KeyScope::of(relation, *range) else { return Ok(None) };
        let Some((keys, others)) = key_pairs(&scope, &left.ranges, *range, on) else { return Ok(None) };
        let mut right = Right { relation, range: *range, conditions: all, columns: Vec::new() };
        right.columns = columns(context, &right, &scope);
        let most = right.most(&self.options, &self.readers);
        if most == 0 || left.estimate.is_some_and(|rows| rows > most as f64) {
            return Ok(None);
        }
        let mut rows = remote_rows((**select).clone(), *range, &right.columns);
        rows.plan = self.filter(rows.plan, conditions, &rows.layout)?;
        let parts = scope.parts().iter().filter_map(|part| rows.layout.columns.get(&(*range, part.column)));
        let look_ups =
            LookUps { scan: right.scan(&scope), parts: parts.copied().collect(), most, left_first: false };
        let pairs = keys
            .into_iter()
            .map(|(l, r)| Ok((self.convert(&l, &left.layout)?, self.convert(&r, &rows.layout)?)))
            .collect::<Result<_>>()?;
        let (mut width, mut layout, mut ranges) = joined_layout(left, &rows);
        // An entry that is looked up has not been tested.
        let conditions: Vec<Expr> = others.into_iter().chain(all.iter().cloned()).collect();
        let condition = Expr::all(self.convert_all(&conditions, &layout)?);
        if matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            (width, layout, ranges) = (left.width, left.layout.clone(), left.ranges.clone());
        }
        let estimate = left.estimate;
        let plan = Plan::Join {
            kind,
            left: Box::new(left.plan.clone()),
            right: Box::new(rows.plan),
            keys: pairs,
            condition,
            look_ups: Some(look_ups),
        };
        Ok(Some(Rows { plan, layout, width, ranges, estimate }))
    }

    /// A semi-join whose left side is looked up by its key, when nothing but equalities with the key ties it to a right side
    /// that has few rows: the different keys of the right side lead to the left rows, each of them once.
    pub(super) fn look_up_left(
        &mut self,
        context: &FromContext<'_>,
        left: &Node,
        right: &Node,
        on: &[Condition],
    ) -> Result<Option<Rows>> {
        let Some(leaf) = Leaf::of(context, one_item(left)) else { return Ok(None) };
        let Some(scope) = KeyScope::of(leaf.relation, leaf.range) else { return Ok(None) };
        let ranges = right.ranges();
        let Some((pairs, others)) = key_pairs(&scope, &ranges, leaf.range, on) else { return Ok(None) };
        let few = join_order::rows(self, context, right);
        // What is not to be looked up after all would have its right side planned twice.
        let allowed = self.looks_up(leaf.relation) && !leaf.is_by_key;
        let dear = few > leaf.wanted().keys_worth(&self.options, &self.readers) as f64 || few >= leaf.rows;
        if !allowed || !others.is_empty() || dear || !way::is_readable(leaf.relation) {
            return Ok(None);
        }
        let (range, mut layout) = (leaf.range, Layout::default());
        let rows = self.plan_from(context, right.clone())?;
        let keys: Vec<Expr> = pairs.into_iter().map(|(key, _)| key).collect();
        let exprs = self.convert_all(&keys, &rows.layout)?;
        let width = exprs.len();
        layout.computed =
            keys.into_iter().enumerate().map(|(slot, key)| (key.clone(), Expr::slot(slot, key.ty))).collect();
        let plan = Plan::Distinct { input: Box::new(project(rows.plan, exprs)), keys: None };
        let keys = Rows { plan, layout, width, ranges, estimate: Some(few) };
        let Some(mut joined) = self.join_by_key(context, JoinKind::Inner, &keys, left, on)? else {
            return Ok(None);
        };
        if let Plan::Join { look_ups: Some(look_ups), .. } = &mut joined.plan {
            look_ups.left_first = true;
        }
        Ok(Some(Rows { ranges: vec![range], ..joined }))
    }
}

/// An item that stands alone.
fn one_item(item: &Node) -> &Node {
    match item {
        Node::Items { items, conditions } if conditions.is_empty() => match items.as_slice() {
            [one] => one,
            _ => item,
        },
        other => other,
    }
}

/// A relation of the cluster whose size is known.
struct Leaf<'a> {
    relation: &'a Arc<Relation>,
    range: usize,
    conditions: &'a [Expr],
    columns: &'a [usize],
    rows: f64,
    /// Its keys are known already.
    is_by_key: bool,
}

impl<'a> Leaf<'a> {
    fn of(context: &FromContext<'a>, node: &'a Node) -> Option<Leaf<'a>> {
        let Node::Leaf { range, remote: Some(select), all, .. } = node else { return None };
        let RangeKind::Relation(relation) = &context.select.ranges.get(*range)?.kind else { return None };
        let columns = context.needed.columns(*range);
        let is_by_key = select.is_by_key();
        let mut leaf = Leaf { relation, range: *range, conditions: all, columns, rows: 0.0, is_by_key };
        leaf.rows = select.most_rows().or_else(|| leaf.wanted().rows())?;
        Some(leaf)
    }

    fn wanted(&self) -> Wanted<'_> {
        let Leaf { relation, range, conditions, columns, .. } = *self;
        Wanted { relation, range, conditions, columns, down: Down::default() }
    }
}

/// The equalities that fix each part of the key, in the order of the parts, and the other conditions.
#[expect(clippy::type_complexity, reason = "pairs, and the rest")]
fn key_pairs(
    scope: &KeyScope,
    left: &[usize],
    range: usize,
    on: &[Condition],
) -> Option<(Vec<(Expr, Expr)>, Vec<Expr>)> {
    let mut pairs: Vec<Option<(Expr, Expr)>> = vec![None; scope.parts().len()];
    let mut others = Vec::new();
    for condition in on {
        let near = condition.names(&[range]);
        let pair = near.then(|| join_key(&condition.expr, left, &[range])).flatten();
        let part = pair.as_ref().and_then(|(_, right)| scope.part(right));
        match part.and_then(|part| pairs.get_mut(part)) {
            Some(place) if place.is_none() => *place = pair,
            _ => others.push(condition.expr.clone()),
        }
    }
    Some((pairs.into_iter().collect::<Option<_>>()?, others))
}

/// The columns of the right side that are used, the parts of its key among them.
fn columns(context: &FromContext<'_>, right: &Right<'_>, scope: &KeyScope) -> Vec<usize> {
    let mut columns = context.needed.columns(right.range).to_vec();
    let mut add = |column: usize| {
        if !columns.contains(&column) {
            columns.push(column);
        }
    };
    scope.parts().iter().for_each(|part| add(part.column));
    for condition in right.conditions {
        visit_columns(condition, &mut |column| {
            if column.levels_up == 0 && column.range == right.range {
                add(column.column);
            }
        });
    }
    columns
}

impl Right<'_> {
    /// The most keys that are worth looking up.
    fn most(&self, options: &Options, readers: &Readers) -> usize {
        let columns = self.columns.as_slice();
        let Right { relation, range, conditions, .. } = *self;
        Wanted { relation, range, conditions, columns, down: Down::default() }.keys_worth(options, readers)
    }

    /// The scan by keys that are given.
    fn scan(&self, scope: &KeyScope) -> Arc<RemoteScan> {
        let column = |&column: &usize| {
            let column = self.relation.columns.get(column)?;
            Some(RemoteColumn { cluster_type: column.cluster_type?, ty: column.ty })
        };
        let select = RemoteScan::select(self.relation, &self.columns);
        let condition = RemoteScan::key_condition(self.relation, scope.parts());
        let read = EntryRead {
            relation: self.relation.clone(),
            columns: self.columns.clone(),
            search: None,
            max_pull: None,
            kept: Default::default(),
        };
        let access = KeyAccess { read, parts: scope.parts().to_vec(), keys: Keys::Given };
        Arc::new(RemoteScan {
            sql: format!("{select} WHERE {condition}").into(),
            args: Vec::new(),
            columns: self.columns.iter().filter_map(column).collect(),
            lookup: false,
            streaming: false,
            guarded: false,
            way: Way::Keys(Box::new(access)),
            reason: None,
            notes: Default::default(),
        })
    }
}
