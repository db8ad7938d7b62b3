//! The order in which the relations of the catalog are joined. Tools and system views join up to a dozen of them, in
//! any order; PostgreSQL's planner begins where a condition leaves few rows, and so does this. Sizes are not known
//! here, but what kind of relation is large and which columns tell its rows apart is.

use pg::{Oid, oid};

use crate::catalog::{Relation, RelationKind};
use crate::query::*;
use crate::walk::any;

use super::distribute::{Condition, Node, is_remote, take_within};
use super::join_key::join_key;

/// More items are joined as they are written: each is compared with each, time and again.
const MOST: usize = 64;

/// Puts the parts of a FROM clause in a better order, where all of it is read here.
pub(super) fn arrange(select: &Select, node: Node) -> Node {
    match node {
        Node::Items { items, conditions } => {
            let items: Vec<Node> = items.into_iter().map(|item| arrange(select, item)).collect();
            if !(2..=MOST).contains(&items.len()) || !items.iter().all(|item| is_local(select, item)) {
                return Node::Items { items, conditions };
            }
            reorder(select, items, conditions)
        }
        Node::Outer { kind, left, right, on, above } => {
            let (left, right) = (arrange(select, *left), arrange(select, *right));
            Node::Outer { kind, left: Box::new(left), right: Box::new(right), on, above }
        }
        leaf => leaf,
    }
}

/// Relations of the catalog, and what is made of them; nothing lateral, whose place is fixed.
fn is_local(select: &Select, node: &Node) -> bool {
    node.ranges().iter().all(|range| {
        select.ranges.get(*range).is_some_and(|range| match &range.kind {
            RangeKind::Relation(relation) => !is_remote(relation),
            RangeKind::Subquery(_) | RangeKind::Function { .. } => !range.lateral,
            RangeKind::Values(_) | RangeKind::Cte { .. } => true,
        })
    })
}

/// `(a LEFT JOIN b) JOIN c` is `(a JOIN c) LEFT JOIN b` when what joins `c` does not ask for `b`. So the left joins are
/// taken out of the items, and put back when nothing more is tied to what has been joined.
fn reorder(select: &Select, items: Vec<Node>, conditions: Vec<Condition>) -> Node {
    let mut parts = Parts { items: Vec::new(), left_joins: Vec::new(), conditions };
    for item in items {
        parts.take_apart(item);
    }
    let mut node: Option<Node> = None;
    while !parts.items.is_empty() {
        let joined = parts.join_items(select, node.take());
        node = Some(parts.join_left(joined));
    }
    // Conditions over no range, and volatile ones, are tested at the end.
    let items = node.into_iter().collect();
    Node::Items { items, conditions: parts.conditions }
}

/// What is still to be joined.
struct Parts {
    items: Vec<Node>,
    /// The right sides of left joins with their conditions, those that come first last.
    left_joins: Vec<(Node, Vec<Condition>)>,
    conditions: Vec<Condition>,
}

impl Parts {
    fn take_apart(&mut self, node: Node) {
        match node {
            Node::Outer { kind: JoinKind::Left, left, right, on, above } => {
                self.left_joins.push((*right, on));
                self.conditions.extend(above);
                self.take_apart(*left);
            }
            Node::Items { items, conditions } => {
                self.conditions.extend(conditions);
                items.into_iter().for_each(|item| self.take_apart(item));
            }
            other => self.items.push(other),
        }
    }

    /// The item with the fewest rows first, then always the tied one that adds the fewest. What is not tied comes when
    /// there is nothing else to be done.
    fn join_items(&mut self, select: &Select, first: Option<Node>) -> Node {
        let mut ranges: Vec<usize> = first.iter().flat_map(Node::ranges).collect();
        let mut joined: Vec<Node> = first.into_iter().collect();
        while !self.items.is_empty() {
            let cost = |item: &Node| {
                let keys = keys(&self.conditions, &ranges, &item.ranges());
                (keys.is_empty(), rows(select, item, &keys))
            };
            let costs: Vec<(bool, u64)> = self.items.iter().map(cost).collect();
            let best = (0..costs.len()).min_by_key(|at| costs.get(*at)).unwrap_or(0);
            let untied = costs.get(best).is_some_and(|(untied, _)| *untied);
            if untied && self.left_joins.iter().any(|(right, on)| can_be_joined(&ranges, right, on)) {
                break;
            }
            let item = self.items.remove(best);
            ranges.extend(item.ranges());
            joined.push(item);
        }
        let conditions = take_within(&mut self.conditions, &ranges);
        Node::Items { items: joined, conditions }
    }

    /// The left joins whose conditions ask for nothing that is still to be joined.
    fn join_left(&mut self, mut node: Node) -> Node {
        let mut ranges = node.ranges();
        let mut waiting = Vec::new();
        while let Some((right, on)) = self.left_joins.pop() {
            if !can_be_joined(&ranges, &right, &on) {
                waiting.insert(0, (right, on));
                continue;
            }
            ranges.extend(right.ranges());
            let above = take_within(&mut self.conditions, &ranges);
            let (left, right) = (Box::new(node), Box::new(right));
            node = Node::Outer { kind: JoinKind::Left, left, right, on, above };
        }
        self.left_joins = waiting;
        node
    }
}

/// Whether the conditions of a left join ask for nothing but what has been joined and the right side.
fn can_be_joined(joined: &[usize], right: &Node, on: &[Condition]) -> bool {
    let right = right.ranges();
    let known = |range: &usize| joined.contains(range) || right.contains(range);
    !joined.is_empty() && on.iter().all(|condition| condition.ranges().iter().all(known))
}

/// The columns of `item` that equalities with `joined` fix.
fn keys(conditions: &[Condition], joined: &[usize], item: &[usize]) -> Vec<ColumnRef> {
    let fixed = conditions.iter().filter_map(|condition| {
        let (_, right) = join_key(&condition.expr, joined, item)?;
        column(&right)
    });
    fixed.collect()
}

fn column(expr: &Expr) -> Option<ColumnRef> {
    match &expr.kind {
        ExprKind::Column(column) if column.levels_up == 0 => Some(*column),
        ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => column(expr),
        _ => None,
    }
}

/// About how many rows an item has for given values of some columns.
fn rows(select: &Select, node: &Node, keys: &[ColumnRef]) -> u64 {
    match node {
        Node::Leaf { range, conditions, .. } => leaf_rows(select, *range, conditions, keys),
        Node::Items { items, .. } => items.iter().map(|item| rows(select, item, keys)).max().unwrap_or(1),
        Node::Outer { left, right, kind, .. } => {
            let (left, right) = (rows(select, left, keys), rows(select, right, keys));
            if matches!(kind, JoinKind::Left) { left } else { left.max(right) }
        }
    }
}

fn leaf_rows(select: &Select, range: usize, conditions: &[Expr], keys: &[ColumnRef]) -> u64 {
    let Some(RangeKind::Relation(relation)) = select.ranges.get(range).map(|range| &range.kind) else {
        return 500;
    };
    let all = size(relation);
    let mut rows = all;
    // Equalities count together: each leaves its share of the rows.
    let mut fixed: Vec<usize> = keys.iter().filter(|key| key.range == range).map(|key| key.column).collect();
    for condition in conditions {
        match fixed_column(condition) {
            Some(column) => fixed.push(column),
            None => rows = (rows / 2).max(1),
        }
    }
    fixed.sort_unstable();
    fixed.dedup();
    for column in fixed {
        rows = rows * rows_per_value(relation, column).min(all) / all.max(1);
    }
    rows
}

/// The column that a condition over one range compares with something fixed.
fn fixed_column(condition: &Expr) -> Option<usize> {
    let ExprKind::Call(call) = &condition.kind else { return None };
    let CallForm::Operator(operator) = call.form else { return None };
    if pg::catalog::operator_by_oid(operator)?.name != "=" {
        return None;
    }
    let [a, b] = call.args.as_slice() else { return None };
    let fixed =
        |expr: &Expr| !any(expr, &|e| matches!(e.kind, ExprKind::Column(column) if column.levels_up == 0));
    match (column(a), column(b)) {
        (Some(a), None) if fixed(b) => Some(a.column),
        (None, Some(b)) if fixed(a) => Some(b.column),
        _ => None,
    }
}

/// About how many rows a relation of the catalog has when there are some hundred tables.
fn size(relation: &Relation) -> u64 {
    if !matches!(relation.kind, RelationKind::Catalog) {
        return 500;
    }
    match &*relation.name {
        "pg_attribute" => 30_000,
        "pg_depend" => 8_000,
        "pg_description" => 5_000,
        "pg_proc" | "pg_type" | "pg_class" => 3_000,
        "pg_index" | "pg_constraint" | "pg_operator" | "pg_amop" | "pg_collation" => 1_000,
        "pg_amproc" | "pg_rewrite" | "pg_cast" | "pg_opclass" | "pg_opfamily" | "pg_aggregate" => 200,
        _ => 10,
    }
}

/// About how many rows share a value of a column.
fn rows_per_value(relation: &Relation, column: usize) -> u64 {
    let Some(column) = relation.columns.get(column) else { return size(relation) };
    match (&*relation.name, &*column.name) {
        (_, "oid" | "indexrelid" | "adrelid") => 1,
        (_, "relname" | "typname" | "nspname" | "conname" | "rolname" | "datname") => 2,
        ("pg_attribute", "attrelid") | ("pg_depend", "refobjid") => 30,
        ("pg_attribute", "attname" | "atttypid" | "attnum") => 1_000,
        ("pg_index" | "pg_constraint", "indrelid" | "conrelid" | "conindid") => 3,
        (_, "objid" | "objoid" | "relid" | "reltype" | "typrelid" | "typarray") => 3,
        (_, name) if name.ends_with("namespace") || is_small(column.ty.oid) => size(relation) / 3,
        _ => (size(relation) / 30).max(1),
    }
}

/// Types of columns with few values.
fn is_small(ty: Oid) -> bool {
    [oid::BOOL, oid::CHAR, oid::INT2, oid::INT4].contains(&ty)
}
