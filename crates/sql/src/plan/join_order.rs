//! The order in which the items of a FROM clause are joined: of all orders the one that costs least, by about how many
//! rows each step takes and leaves. Up to [`ALL`] items every way to split them in two is weighed (Selinger's dynamic
//! programming, as PostgreSQL's `standard_join_search`); of more, always the pair is joined that leaves the fewest rows.
//!
//! How many rows a join leaves follows from how many different values its keys have. Of columns nothing is known but what
//! is a map's key; that tells much, since what equals a key has no more values than there are entries.

use std::collections::HashMap;

use crate::query::*;
use crate::same::same;

use super::choose::{Down, Wanted};
use super::cost::{self, selected};
use super::distribute::{Condition, Node, is_remote, ranges_of};
use super::from::FromContext;
use super::join_key::join_key;
use super::keys::KeyScope;
use super::planner::Planner;
use super::way;

/// So many items are joined in the best of all orders.
const ALL: usize = 10;
/// More than that are joined as they are written.
const MOST: usize = 64;
/// What is thought of an item whose size nobody knows.
const UNKNOWN: f64 = 1_000.0;
/// The share of its left side that a semi-join is thought to leave.
const SEMI: f64 = 0.5;
/// The share of rows that are groups.
const GROUPS: f64 = 0.3;
/// Microseconds that a join takes for a row of its sides, and for one of its own.
const ROW: f64 = 0.3;
/// Those of a row that is held.
const HELD: f64 = 0.2;
/// Those of a pair of rows that are looked at without keys.
const PAIR: f64 = 0.1;

/// Some of the items, by bits.
type Items = u64;

/// An order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// The item of a number.
    Item(usize),
    /// The join of two. One by look-ups has the item that is looked up on its right.
    Join(Box<Tree>, Box<Tree>),
}

/// Whether so many items may be joined in another order than they are written in.
pub(super) fn may_reorder(context: &FromContext<'_>, items: usize) -> bool {
    let fixed = |range: &Range| match &range.kind {
        RangeKind::Relation(relation) => relation.mapping().is_some_and(|mapping| mapping.streaming),
        _ => range.lateral,
    };
    let reads = |range: &Range| matches!(&range.kind, RangeKind::Relation(relation) if is_remote(relation));
    (2..=MOST).contains(&items)
        && !context.select.ranges.iter().any(fixed)
        && context.select.ranges.iter().any(reads)
}

/// What is known of some items that are joined.
pub(super) struct Graph {
    items: Vec<Item>,
    edges: Vec<Edge>,
    /// Other conditions: the items that they need, and the share of rows for which they are true.
    others: Vec<(Items, f64)>,
    keys: Vec<Key>,
}

struct Item {
    /// About how many rows it has.
    rows: f64,
    /// Microseconds that reading it takes.
    read: f64,
    /// Microseconds for each key, when it can be looked up by its key.
    look_up: Option<f64>,
    /// The items that equalities tie it to.
    near: Items,
}

/// An equality between two items.
struct Edge {
    left: usize,
    right: usize,
    /// Equalities that follow from each other are of one class.
    class: usize,
    /// How many different values either side has.
    values: f64,
}

/// The key of a map that is an item, all of whose parts equalities fix.
struct Key {
    item: usize,
    /// For each part, the items that fix it, and the number of values that it is thought to have.
    parts: Vec<(Items, f64)>,
    /// The map's entries.
    entries: f64,
}

fn bit(item: usize) -> Items {
    u32::try_from(item).ok().and_then(|item| Items::checked_shl(1, item)).unwrap_or(0)
}

/// The numbers of items.
fn members(mut items: Items) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let item = usize::try_from(items.trailing_zeros()).ok().filter(|_| items != 0)?;
        items &= items - 1;
        Some(item)
    })
}

/// Expressions of which equalities say that they are the same.
#[derive(Default)]
struct Classes {
    /// The expressions, each with its item.
    members: Vec<(usize, Expr)>,
    /// For each, one that it equals; itself at the end.
    equals: Vec<usize>,
}

impl Classes {
    fn member(&mut self, item: usize, expr: &Expr) -> usize {
        let known = self.members.iter().position(|(of, known)| *of == item && same(known, expr));
        known.unwrap_or_else(|| {
            self.members.push((item, expr.clone()));
            self.equals.push(self.equals.len());
            self.equals.len() - 1
        })
    }

    fn class(&self, mut member: usize) -> usize {
        while let Some(&other) = self.equals.get(member)
            && other != member
        {
            member = other;
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.class(a), self.class(b));
        if let Some(place) = self.equals.get_mut(a) {
            *place = b;
        }
    }
}

impl Graph {
    pub(super) fn of(
        planner: &Planner,
        context: &FromContext<'_>,
        items: &[&Node],
        on: &[Condition],
    ) -> Graph {
        let items_of = |condition: &Condition| {
            let names = |(_, item): &(usize, &&Node)| condition.names(&item.ranges());
            items.iter().enumerate().filter(names).fold(0, |all, (at, _)| all | bit(at))
        };
        let mut graph = Graph {
            items: items.iter().map(|item| Item::of(planner, context, item)).collect(),
            edges: Vec::new(),
            others: Vec::new(),
            keys: Vec::new(),
        };
        let mut classes = Classes::default();
        let mut equalities = Vec::new();
        for condition in on {
            let needed = items_of(condition);
            let pair: Vec<usize> = members(needed).take(3).collect();
            let ranges = |at: usize| items.get(at).map(|item| item.ranges()).unwrap_or_default();
            let key = match pair.as_slice() {
                &[a, b] => join_key(&condition.expr, &ranges(a), &ranges(b)).map(|key| (a, b, key)),
                _ => None,
            };
            match key {
                Some((a, b, (left, right))) => {
                    let (left, right) = (classes.member(a, &left), classes.member(b, &right));
                    classes.join(left, right);
                    equalities.push((a, b, left, right));
                }
                None => graph.others.push((needed, selected(&condition.expr))),
            }
        }
        let known = graph.values(context, items, &classes);
        for (a, b, left, _) in &equalities {
            let class = classes.class(*left);
            let values = known.get(&class).copied().unwrap_or(1.0);
            graph.edges.push(Edge { left: *a, right: *b, class, values });
            for (item, near) in [(*a, *b), (*b, *a)] {
                if let Some(item) = graph.items.get_mut(item) {
                    item.near |= bit(near);
                }
            }
        }
        graph.find_keys(context, items, &classes, &equalities);
        graph
    }

    /// How many different values the members of each class have: those of a key when one is among them.
    fn values(&self, context: &FromContext<'_>, items: &[&Node], classes: &Classes) -> HashMap<usize, f64> {
        let mut known: HashMap<usize, (bool, f64)> = HashMap::new();
        for (at, (item, expr)) in classes.members.iter().enumerate() {
            let Some(node) = items.get(*item) else { continue };
            if is_fixed(node, expr) {
                // Each side has been filtered by the value of all.
                known.insert(classes.class(at), (true, 1.0));
                continue;
            }
            let entries = entries(context, node).unwrap_or_else(|| self.rows(*item)).max(1.0);
            let is_key = ranges_of(expr)
                .first()
                .and_then(|&range| key_scope(context, range))
                .is_some_and(|(scope, _)| scope.parts().len() == 1 && scope.part(expr).is_some());
            let values = if is_key { entries } else { values_among(entries) };
            let known = known.entry(classes.class(at)).or_insert((is_key, values));
            *known = match (known.0, is_key) {
                (false, true) => (true, values),
                (true, false) => *known,
                (true, true) => (true, known.1.min(values)),
                (false, false) => (false, known.1.max(values)),
            };
        }
        known.into_iter().map(|(class, (_, values))| (class, values)).collect()
    }

    fn find_keys(
        &mut self,
        context: &FromContext<'_>,
        items: &[&Node],
        classes: &Classes,
        equalities: &[(usize, usize, usize, usize)],
    ) {
        for (at, item) in items.iter().enumerate() {
            let Some((scope, entries)) = leaf(item).and_then(|range| key_scope(context, range)) else {
                continue;
            };
            let part = |part: usize| {
                let mut found = (0, f64::INFINITY);
                for (edge, (a, b, left, right)) in self.edges.iter().zip(equalities) {
                    for (mine, other, member) in [(*a, *b, *left), (*b, *a, *right)] {
                        let expr = classes.members.get(member).map(|(_, expr)| expr);
                        if mine == at && expr.and_then(|expr| scope.part(expr)) == Some(part) {
                            found = (found.0 | bit(other), edge.values);
                        }
                    }
                }
                (found.0 != 0).then_some(found)
            };
            let parts: Option<Vec<(Items, f64)>> = (0..scope.parts().len()).map(part).collect();
            if let Some(parts) = parts {
                self.keys.push(Key { item: at, parts, entries });
            }
        }
    }

    fn rows(&self, item: usize) -> f64 {
        self.items.get(item).map_or(UNKNOWN, |item| item.rows)
    }

    fn all(&self) -> Items {
        (0..self.items.len()).fold(0, |all, item| all | bit(item))
    }

    /// About how many rows the join of all items has.
    fn rows_of_all(&self) -> f64 {
        self.joined(self.all())
    }

    /// About how many rows the join of some items has.
    fn joined(&self, of: Items) -> f64 {
        let mut rows: f64 = members(of).map(|item| self.rows(item)).product();
        // What equalities of a class have tied together, another of them does not tie again.
        let mut tied: Vec<(usize, Items)> = Vec::new();
        for edge in &self.edges {
            let (left, right) = (bit(edge.left), bit(edge.right));
            if of & left == 0 || of & right == 0 {
                continue;
            }
            let with = |item| tied.iter().position(|(class, all)| *class == edge.class && all & item != 0);
            let both = left | right;
            match (with(left), with(right)) {
                (Some(a), Some(b)) if a == b => continue,
                (Some(a), Some(b)) => {
                    let (_, other) = tied.remove(a.max(b));
                    tied.iter_mut().skip(a.min(b)).take(1).for_each(|(_, all)| *all |= other);
                }
                (Some(at), None) | (None, Some(at)) => {
                    tied.iter_mut().skip(at).take(1).for_each(|(_, all)| *all |= both);
                }
                (None, None) => tied.push((edge.class, both)),
            }
            rows /= edge.values;
        }
        for key in &self.keys {
            // As many combinations of its parts as there are entries, whatever the parts have by themselves.
            if key.parts.len() > 1 && self.is_fixed(key, of) {
                let values: f64 = key.parts.iter().map(|(_, values)| values).product();
                rows *= (values / key.entries).max(1.0);
            }
        }
        for (needed, share) in &self.others {
            if of & needed == *needed {
                rows *= share;
            }
        }
        rows.max(1.0)
    }

    fn is_fixed(&self, key: &Key, by: Items) -> bool {
        by & bit(key.item) != 0 && key.parts.iter().all(|(fixed_by, _)| fixed_by & by != 0)
    }

    /// Whether each entry of an item is found by its key from some other items.
    fn is_key_fixed(&self, item: usize, by: Items) -> bool {
        self.keys.iter().any(|key| key.item == item && self.is_fixed(key, by | bit(item)))
    }

    fn near(&self, of: Items) -> Items {
        members(of).filter_map(|item| self.items.get(item)).fold(0, |all, item| all | item.near)
    }

    /// What joining two sides costs, without what they cost, and in which order they stand.
    fn join(&self, left: &Step, right: &Step, rows: f64) -> (f64, bool) {
        let tied = left.near & right.of != 0;
        let pairs = if tied { 0.0 } else { left.rows * right.rows * PAIR };
        let hashed = (left.rows + right.rows + rows) * ROW + left.rows.min(right.rows) * HELD + pairs;
        let mut best = (left.cost + right.cost + hashed, false);
        for (from, to, swapped) in [(left, right, false), (right, left, true)] {
            let Tree::Item(item) = to.tree else { continue };
            let Some(look_up) = self.items.get(item).and_then(|item| item.look_up) else { continue };
            if self.is_key_fixed(item, from.of) {
                let cost = from.cost + from.rows * (look_up + ROW) + rows * ROW;
                if cost < best.0 {
                    best = (cost, swapped);
                }
            }
        }
        best
    }

    /// The order that costs least.
    pub(super) fn order(&self) -> Tree {
        let tree = if self.items.len() <= ALL { self.best() } else { self.greedy() };
        let written = || (0..self.items.len()).map(Tree::Item).reduce(Tree::join);
        tree.or_else(written).unwrap_or(Tree::Item(0))
    }

    fn first_step(&self, item: usize) -> Step {
        let cost = self.items.get(item).map_or(0.0, |item| item.read);
        self.step(bit(item), (self.rows(item), cost), Tree::Item(item))
    }

    fn step(&self, of: Items, (rows, cost): (f64, f64), tree: Tree) -> Step {
        Step { of, near: self.near(of), rows, cost, tree }
    }

    /// The cheapest of all orders.
    fn best(&self) -> Option<Tree> {
        let mut steps: Vec<Option<Step>> = vec![None];
        for of in 1..=self.all() {
            let step = match of.count_ones() {
                1 => members(of).next().map(|item| self.first_step(item)),
                _ => self.best_split(of, &steps),
            };
            steps.push(step);
        }
        steps.pop()?.map(|step| step.tree)
    }

    /// The best way to split some items in two; what no equality ties together only where nothing is tied.
    fn best_split(&self, of: Items, steps: &[Option<Step>]) -> Option<Step> {
        let step = |items: Items| steps.get(usize::try_from(items).ok()?)?.as_ref();
        let rows = self.joined(of);
        // What others will tie together is not multiplied before.
        let closed = self.near(of) & !of == 0;
        let mut best: Option<(bool, f64, Items, bool)> = None;
        let mut left = (of - 1) & of;
        while left != 0 {
            let right = of & !left;
            // Each pair once, the one with the first item on its left.
            if left & (of & of.wrapping_neg()) != 0
                && let (Some(a), Some(b)) = (step(left), step(right))
            {
                let untied = a.near & right == 0;
                if untied && (!closed || best.is_some_and(|(untied, ..)| !untied)) {
                    left = (left - 1) & of;
                    continue;
                }
                let (cost, swapped) = self.join(a, b, rows);
                if best.is_none_or(|(other, least, ..)| (untied, cost) < (other, least)) {
                    best = Some((untied, cost, left, swapped));
                }
            }
            left = (left - 1) & of;
        }
        let (_, cost, left, swapped) = best?;
        let (a, b) = (step(left)?.tree.clone(), step(of & !left)?.tree.clone());
        let tree = if swapped { b.join(a) } else { a.join(b) };
        Some(self.step(of, (rows, cost), tree))
    }

    /// Always the pair that leaves the fewest rows, tied ones before others.
    fn greedy(&self) -> Option<Tree> {
        let mut steps: Vec<Step> = (0..self.items.len()).map(|item| self.first_step(item)).collect();
        while steps.len() > 1 {
            let mut best: Option<(bool, f64, usize, usize)> = None;
            for (at, a) in steps.iter().enumerate() {
                for (other, b) in steps.iter().enumerate().skip(at + 1) {
                    let untied = a.near & b.of == 0;
                    let rows = self.joined(a.of | b.of);
                    if best.is_none_or(|(known, least, ..)| (untied, rows) < (known, least)) {
                        best = Some((untied, rows, at, other));
                    }
                }
            }
            let (_, rows, at, other) = best?;
            let b = steps.remove(other);
            let a = steps.get_mut(at)?;
            let (cost, swapped) = self.join(a, &b, rows);
            let tree = if swapped { b.tree.join(a.tree.clone()) } else { a.tree.clone().join(b.tree) };
            let of = a.of | b.of;
            *a = self.step(of, (rows, cost), tree);
        }
        steps.pop().map(|step| step.tree)
    }

    /// About how many rows a part of an order has.
    pub(super) fn rows_of(&self, tree: &Tree) -> f64 {
        self.joined(tree.items())
    }
}

/// Some items, joined.
#[derive(Clone)]
struct Step {
    of: Items,
    /// What equalities tie to them.
    near: Items,
    rows: f64,
    cost: f64,
    tree: Tree,
}

impl Tree {
    fn join(self, right: Tree) -> Tree {
        Tree::Join(Box::new(self), Box::new(right))
    }

    fn items(&self) -> Items {
        match self {
            Tree::Item(item) => bit(*item),
            Tree::Join(left, right) => left.items() | right.items(),
        }
    }
}

impl Item {
    fn of(planner: &Planner, context: &FromContext<'_>, node: &Node) -> Item {
        let rows = rows(planner, context, node);
        let mut item = Item { rows, read: rows * ROW, look_up: None, near: 0 };
        if let Node::Leaf { range, remote: Some(remote), all, .. } = node
            && let Some(RangeKind::Relation(relation)) = context.select.ranges.get(*range).map(|r| &r.kind)
        {
            let columns = context.needed.columns(*range);
            let wanted = Wanted { relation, range: *range, conditions: all, columns, down: Down::default() };
            let by_key = remote.is_by_key();
            item.read = match by_key {
                true => rows * planner.options.costs.by_keys(1),
                false => wanted.read(&planner.options, &planner.readers).unwrap_or(item.read),
            };
            let may = !by_key && planner.looks_up(relation) && way::is_readable(relation);
            item.look_up = may.then(|| planner.options.costs.by_keys(1));
        }
        item
    }
}

/// Whether conditions say that an expression over an item has one value.
fn is_fixed(node: &Node, expr: &Expr) -> bool {
    let Node::Leaf { remote, all, conditions, .. } = node else { return false };
    let conditions = if remote.is_some() { all } else { conditions };
    conditions.iter().any(|condition| {
        cost::equal(condition).is_some_and(|(a, b)| {
            same(a, expr) && ranges_of(b).is_empty() || same(b, expr) && ranges_of(a).is_empty()
        })
    })
}

/// How many different values a column has of which nothing is known: about as many as PostgreSQL thinks of
/// (`DEFAULT_NUM_DISTINCT`), or a tenth of the rows.
fn values_among(rows: f64) -> f64 {
    rows.min((rows / 10.0).max(200.0))
}

/// The range of an item that is one.
fn leaf(node: &Node) -> Option<usize> {
    match node {
        Node::Leaf { range, .. } => Some(*range),
        Node::Items { items, .. } => match items.as_slice() {
            [one] => leaf(one),
            _ => None,
        },
        Node::Outer { .. } => None,
    }
}

/// The key of a range that is a map, and the number of its entries.
fn key_scope(context: &FromContext<'_>, range: usize) -> Option<(KeyScope, f64)> {
    let RangeKind::Relation(relation) = &context.select.ranges.get(range)?.kind else { return None };
    let entries = relation.mapping()?.rows? as f64;
    Some((KeyScope::of(relation, range)?, entries.max(1.0)))
}

/// The entries of an item that is a map.
fn entries(context: &FromContext<'_>, node: &Node) -> Option<f64> {
    let RangeKind::Relation(relation) = &context.select.ranges.get(leaf(node)?)?.kind else { return None };
    Some(relation.mapping()?.rows? as f64)
}

/// About how many rows an item has.
pub(super) fn rows(planner: &Planner, context: &FromContext<'_>, node: &Node) -> f64 {
    match node {
        Node::Leaf { range, remote, all, conditions } => {
            let keys = remote.as_ref().and_then(|remote| remote.most_rows());
            let conditions = if remote.is_some() { all } else { conditions };
            let share: f64 = conditions.iter().map(selected).product();
            keys.unwrap_or_else(|| of_range(context, *range) * share).max(1.0)
        }
        Node::Items { items, conditions } => {
            let items: Vec<&Node> = items.iter().collect();
            Graph::of(planner, context, &items, conditions).rows_of_all()
        }
        Node::Outer { kind, left, right, on, above } => {
            let graph = Graph::of(planner, context, &[&**left, &**right], on);
            let (left, right, inner) = (graph.rows(0), graph.rows(1), graph.rows_of_all());
            let share: f64 = above.iter().map(|condition| selected(&condition.expr)).product();
            let joined = match kind {
                JoinKind::Semi => inner.min(left * SEMI),
                JoinKind::Anti => left * SEMI,
                JoinKind::Left => inner.max(left),
                JoinKind::Right => inner.max(right),
                _ => inner.max(left).max(right),
            };
            (joined * share).max(1.0)
        }
    }
}

/// About how many rows a range has before any condition.
fn of_range(context: &FromContext<'_>, index: usize) -> f64 {
    context.select.ranges.get(index).map_or(UNKNOWN, of_kind)
}

fn of_kind(range: &Range) -> f64 {
    match &range.kind {
        RangeKind::Relation(relation) => {
            relation.mapping().and_then(|mapping| mapping.rows).map_or(UNKNOWN, |rows| rows as f64)
        }
        RangeKind::Values(rows) => rows.len() as f64,
        RangeKind::Subquery(query) => subquery(query),
        _ => UNKNOWN,
    }
}

/// About how many rows a subquery has: those of its largest relation, or fewer.
fn subquery(query: &Query) -> f64 {
    let Body::Select(select) = &query.body else { return UNKNOWN };
    let all = select.ranges.iter().map(of_kind).fold(1.0, f64::max);
    match &select.grouping {
        Some(grouping) if grouping.keys.is_empty() => 1.0,
        Some(_) => all * GROUPS,
        None => all,
    }
}
