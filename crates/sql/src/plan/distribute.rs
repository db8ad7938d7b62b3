//! Where the conditions of a block are tested: as far down its FROM clause as that changes nothing, and in the cluster
//! where they are exact.

use std::sync::Arc;

use crate::catalog::{Relation, RelationKind};
use crate::plan::Pushdown;
use crate::query::*;
use crate::walk::visit_columns;

use super::choose::Choice;
use super::exact::{HIGHEST, Scope, is_volatile};
use super::keys::KeyScope;
use super::remote::RemoteSelect;

/// A FROM clause with the conditions at the places where they are tested.
#[derive(Clone)]
pub(super) enum Node {
    /// A range.
    Leaf {
        range: usize,
        /// It is read by the cluster, with these conditions already in the statement.
        remote: Option<Box<RemoteSelect>>,
        conditions: Vec<Expr>,
        /// All conditions that concern it alone, also those in the statement.
        all: Vec<Expr>,
    },
    /// Items that are cross joined, as far as the conditions leave it at that.
    Items { items: Vec<Node>, conditions: Vec<Condition> },
    /// LEFT, RIGHT and FULL joins.
    Outer { kind: JoinKind, left: Box<Node>, right: Box<Node>, on: Vec<Condition>, above: Vec<Condition> },
}

/// A condition that is still to be tested.
#[derive(Clone)]
pub(super) struct Condition {
    pub(super) expr: Expr,
    ranges: Vec<usize>,
    volatile: bool,
}

impl Condition {
    fn new(expr: Expr) -> Condition {
        let ranges = ranges_of(&expr);
        let volatile = is_volatile(&expr);
        Condition { expr, ranges, volatile }
    }

    /// The ranges of this block that it names.
    pub(super) fn ranges(&self) -> &[usize] {
        &self.ranges
    }

    /// Whether it names any of these.
    pub(super) fn names(&self, ranges: &[usize]) -> bool {
        self.ranges.iter().any(|range| ranges.contains(range))
    }

    fn within(&self, ranges: &[usize]) -> bool {
        !self.volatile && self.ranges.iter().all(|range| ranges.contains(range))
    }
}

impl Node {
    pub(super) fn ranges(&self) -> Vec<usize> {
        match self {
            Node::Leaf { range, .. } => vec![*range],
            Node::Items { items, .. } => items.iter().flat_map(Node::ranges).collect(),
            Node::Outer { left, right, .. } => {
                [left, right].into_iter().flat_map(|node| node.ranges()).collect()
            }
        }
    }

    /// Calls `f` with each condition that is tested here, not in the cluster.
    pub(super) fn for_each_condition<'n>(&'n self, f: &mut dyn FnMut(&'n Expr)) {
        match self {
            Node::Leaf { conditions, .. } => conditions.iter().for_each(f),
            Node::Items { items, conditions } => {
                items.iter().for_each(|item| item.for_each_condition(f));
                conditions.iter().for_each(|condition| f(&condition.expr));
            }
            Node::Outer { left, right, on, above, .. } => {
                left.for_each_condition(f);
                right.for_each_condition(f);
                on.iter().chain(above).for_each(|condition| f(&condition.expr));
            }
        }
    }
}

/// The ranges of this block that an expression names.
pub(super) fn ranges_of(expr: &Expr) -> Vec<usize> {
    let mut ranges = Vec::new();
    visit_columns(expr, &mut |column| {
        if column.levels_up == 0 && !ranges.contains(&column.range) {
            ranges.push(column.range);
        }
    });
    ranges
}

/// Cuts a condition at its top-level ANDs.
pub(super) fn conjuncts(expr: &Expr, out: &mut Vec<Expr>) {
    match &expr.kind {
        ExprKind::And(items) => items.iter().for_each(|item| conjuncts(item, out)),
        _ => out.push(expr.clone()),
    }
}

/// Puts each condition as far down the FROM clause as it changes nothing, and into the cluster where it is exact.
pub(super) fn distribute(select: &Select, conditions: Vec<Expr>, choice: &Choice) -> Node {
    let conditions = conditions.into_iter().map(Condition::new).collect();
    distribute_items(select, select.from.iter().collect(), conditions, choice)
}

fn distribute_items(
    select: &Select,
    items: Vec<&From>,
    mut conditions: Vec<Condition>,
    choice: &Choice,
) -> Node {
    let mut leaves = Vec::new();
    for item in items {
        flatten_inner(item, &mut leaves, &mut conditions);
    }
    let items = leaves
        .into_iter()
        .map(|leaf| {
            let mine = take_within(&mut conditions, &ranges_in(leaf));
            match leaf {
                From::Range(range) => distribute_leaf(select, *range, mine, choice),
                From::Join { kind, left, right, on } => {
                    distribute_outer(select, *kind, (left, right), on.as_ref(), mine, choice)
                }
            }
        })
        .collect();
    Node::Items { items, conditions }
}

fn distribute_leaf(select: &Select, range: usize, conditions: Vec<Condition>, choice: &Choice) -> Node {
    let all: Vec<Expr> = conditions.into_iter().map(|condition| condition.expr).collect();
    match select.ranges.get(range).map(|range| &range.kind) {
        Some(RangeKind::Relation(relation)) if is_remote(relation) => {
            let (remote, conditions) = filtered_select(relation, range, all.clone(), choice);
            Node::Leaf { range, remote: Some(Box::new(remote)), conditions, all }
        }
        _ => Node::Leaf { range, remote: None, conditions: all, all: Vec::new() },
    }
}

/// Conditions from above are tested on the side whose rows are all kept, those of the join on the other side.
fn distribute_outer(
    select: &Select,
    kind: JoinKind,
    (left, right): (&From, &From),
    on: Option<&Expr>,
    mut above: Vec<Condition>,
    choice: &Choice,
) -> Node {
    let mut exprs = Vec::new();
    on.iter().for_each(|on| conjuncts(on, &mut exprs));
    let mut on: Vec<Condition> = exprs.into_iter().map(Condition::new).collect();
    let (mut for_left, mut for_right) = (Vec::new(), Vec::new());
    match kind {
        JoinKind::Left | JoinKind::Semi | JoinKind::Anti => {
            for_left = take_within(&mut above, &ranges_in(left));
            for_right = take_within(&mut on, &ranges_in(right));
        }
        JoinKind::Right => {
            for_right = take_within(&mut above, &ranges_in(right));
            for_left = take_within(&mut on, &ranges_in(left));
        }
        _ => {}
    }
    Node::Outer {
        kind,
        left: Box::new(distribute_items(select, vec![left], for_left, choice)),
        right: Box::new(distribute_items(select, vec![right], for_right, choice)),
        on,
        above,
    }
}

/// A relation that the cluster reads.
pub(super) fn is_remote(relation: &Relation) -> bool {
    matches!(relation.kind, RelationKind::Mapping(_) | RelationKind::ClusterView { .. })
}

/// A statement for a relation with the conditions that are exact, and the other conditions. A condition that fixes the
/// key goes alone: with others beside it the cluster would start a job for it.
pub(super) fn filtered_select(
    relation: &Arc<Relation>,
    index: usize,
    mut conditions: Vec<Expr>,
    choice: &Choice,
) -> (RemoteSelect, Vec<Expr>) {
    let mut select = RemoteSelect::new(relation);
    let key = KeyScope::of(relation, index);
    if let Some(scope) = &key {
        scope.order(&mut conditions);
    }
    if choice.options.pushdown == Pushdown::None {
        return (select, conditions);
    }
    if let Some(scope) = &key {
        let mut rest = conditions.clone();
        if let Some(keys) = scope.take(&mut rest)
            && choice.keys(relation, index, &conditions, &keys)
        {
            select.keys = Some((scope.parts().to_vec(), keys));
            return (select, rest);
        }
    }
    let scope = Scope::of(index, relation, choice.options.safe);
    let entries = choice.entries(index).and_then(|chosen| chosen.with(relation, index, &conditions));
    let by_entries = entries.is_some();
    if let Some(found) = conditions.iter().position(|condition| !by_entries && scope.fixes_key(condition)) {
        let mut rest = conditions;
        let key = rest.remove(found);
        select.filters.extend(scope.condition(&key));
        select.lookup = true;
        return (select, rest);
    }
    select.entries = entries;
    select.max_pull = choice.options.max_pull;
    let mut rest = Vec::new();
    for condition in conditions {
        let room = select.filters.len() < HIGHEST;
        match scope.condition(&condition).filter(|_| room) {
            Some(piece) => {
                select.filters.push(piece);
                // The statement that is sent when the entries can't be read has the condition, they have not.
                rest.extend(select.entries.is_some().then_some(condition));
            }
            None => rest.push(condition),
        }
    }
    (select, rest)
}

/// Inner and cross joins are no more than lists of items and conditions.
fn flatten_inner<'q>(from: &'q From, leaves: &mut Vec<&'q From>, conditions: &mut Vec<Condition>) {
    match from {
        From::Join { kind: JoinKind::Inner, left, right, on } => {
            flatten_inner(left, leaves, conditions);
            flatten_inner(right, leaves, conditions);
            let mut exprs = Vec::new();
            on.iter().for_each(|on| conjuncts(on, &mut exprs));
            conditions.extend(exprs.into_iter().map(Condition::new));
        }
        other => leaves.push(other),
    }
}

pub(super) fn ranges_in(from: &From) -> Vec<usize> {
    match from {
        From::Range(range) => vec![*range],
        From::Join { left, right, .. } => {
            let mut ranges = ranges_in(left);
            ranges.extend(ranges_in(right));
            ranges
        }
    }
}

/// Takes out the conditions that need no other ranges. Those that need none stay for the top: they don't depend on
/// where they are tested, and a constant one has been dealt with already.
pub(super) fn take_within(conditions: &mut Vec<Condition>, ranges: &[usize]) -> Vec<Condition> {
    conditions.extract_if(.., |condition| !condition.ranges.is_empty() && condition.within(ranges)).collect()
}
