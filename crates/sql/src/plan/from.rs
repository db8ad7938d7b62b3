//! The FROM clause: ranges, their joins, and the conditions that can be tested on the way.

use pg::{Error, Result};

use crate::interrupts;
use crate::plan::Plan;
use crate::query::*;
use crate::walk::{has_subquery, replace_columns, shift_levels, visit_outer_columns};

use super::block::Needed;
use super::choose::{Down, Wanted};
use super::convert::Layout;
use super::distribute::{Condition, Node, ranges_of, take_within};
use super::join_key::join_key;
use super::join_order::{self, Graph, Tree};
use super::lateral;
use super::outer;
use super::planner::Planner;
use super::remote::RemoteSelect;

/// The rows of some ranges of a block.
pub(super) struct Rows {
    pub(super) plan: Plan,
    pub(super) layout: Layout,
    pub(super) width: usize,
    pub(super) ranges: Vec<usize>,
    /// About how many there are, where anything is known.
    pub(super) estimate: Option<f64>,
}

/// Items on their way into joins.
struct Joins {
    graph: Graph,
    /// Those that have not been joined.
    items: Vec<Option<Node>>,
    /// What is still to be tested.
    conditions: Vec<Condition>,
}

impl Joins {
    fn item(&mut self, item: usize) -> Result<Node> {
        let item = self.items.get_mut(item).and_then(Option::take);
        item.ok_or_else(|| Error::internal("an item is joined twice"))
    }
}

/// What FROM is planned for.
pub(super) struct FromContext<'q> {
    pub(super) select: &'q Select,
    pub(super) needed: &'q Needed,
}

impl Planner {
    /// The rows of a FROM clause for which all conditions hold.
    pub(super) fn plan_from(&mut self, context: &FromContext<'_>, node: Node) -> Result<Rows> {
        interrupts::check()?;
        match node {
            Node::Leaf { range, remote, conditions, all } => {
                let keys = remote.as_ref().and_then(|remote| remote.most_rows());
                let mut rows = self.plan_leaf(context, range, remote, conditions)?;
                rows.estimate = keys.or_else(|| self.estimate(context, range, &all)).or(rows.estimate);
                Ok(rows)
            }
            Node::Items { items, conditions } => self.plan_items(context, items, conditions),
            Node::Outer { kind, left, right, on, above } => {
                if kind == JoinKind::Semi
                    && let Some(rows) = self.look_up_left(context, &left, &right, &on)?
                {
                    return self.filter_rows(rows, above);
                }
                let left = self.plan_from(context, *left)?;
                let joined = match lateral_leaf(context, *right) {
                    Ok((range, conditions)) => self.apply(context, kind, left, range, conditions, on)?,
                    Err(right) => {
                        let by_key = match kind {
                            JoinKind::Left | JoinKind::Semi | JoinKind::Anti => {
                                self.join_by_key(context, kind, &left, &right, &on)?
                            }
                            _ => None,
                        };
                        match by_key {
                            Some(joined) => joined,
                            None => {
                                let right = self.plan_from(context, right)?;
                                self.join(kind, left, right, on)?
                            }
                        }
                    }
                };
                self.filter_rows(joined, above)
            }
        }
    }

    /// About how many rows of a range some conditions leave.
    fn estimate(&self, context: &FromContext<'_>, index: usize, conditions: &[Expr]) -> Option<f64> {
        match &context.select.ranges.get(index)?.kind {
            RangeKind::Relation(relation) => {
                let columns = context.needed.columns(index);
                Wanted { relation, range: index, conditions, columns, down: Down::default() }.rows()
            }
            RangeKind::Values(rows) => Some(rows.len() as f64),
            _ => None,
        }
    }

    fn plan_items(
        &mut self,
        context: &FromContext<'_>,
        items: Vec<Node>,
        mut conditions: Vec<Condition>,
    ) -> Result<Rows> {
        if join_order::may_reorder(context, items.len()) {
            let graph = Graph::of(self, context, &items.iter().collect::<Vec<_>>(), &conditions);
            let order = graph.order();
            let mut joins = Joins { graph, items: items.into_iter().map(Some).collect(), conditions };
            let rows = self.plan_joins(context, &mut joins, &order)?;
            return self.filter_rows(rows, joins.conditions);
        }
        let mut waiting = std::collections::VecDeque::from(items);
        let Some(first) = waiting.pop_front() else {
            return self.filter_rows(Rows::one(), conditions);
        };
        let mut rows = match lateral_leaf(context, first) {
            // The first item has nothing to its left; what makes it lateral lies further out.
            Ok((range, mine)) => {
                self.apply(context, JoinKind::Inner, Rows::one(), range, mine, Vec::new())?
            }
            Err(first) => self.plan_from(context, first)?,
        };
        while !waiting.is_empty() {
            interrupts::check()?;
            let next = next_item(context, &rows.ranges, &waiting, &conditions);
            let Some(item) = waiting.remove(next) else { break };
            let all: Vec<usize> = rows.ranges.iter().copied().chain(item.ranges()).collect();
            let on = take_within(&mut conditions, &all);
            rows = match lateral_leaf(context, item) {
                Ok((range, mine)) => self.apply(context, JoinKind::Inner, rows, range, mine, on)?,
                Err(item) => match self.join_by_key(context, JoinKind::Inner, &rows, &item, &on)? {
                    Some(joined) => joined,
                    None => {
                        let right = self.plan_from(context, item)?;
                        self.join(JoinKind::Inner, rows, right, on)?
                    }
                },
            };
        }
        self.filter_rows(rows, conditions)
    }

    /// Joins in an order.
    fn plan_joins(&mut self, context: &FromContext<'_>, joins: &mut Joins, order: &Tree) -> Result<Rows> {
        interrupts::check()?;
        let (left, right) = match order {
            Tree::Item(item) => return self.plan_from(context, joins.item(*item)?),
            Tree::Join(left, right) => (left, right),
        };
        let size = joins.graph.rows_of(order);
        let is_larger = joins.graph.rows_of(right) > joins.graph.rows_of(left);
        let left = self.plan_joins(context, joins, left)?;
        let right = match &**right {
            Tree::Item(item) => Err(joins.item(*item)?),
            // Before what ties the sides together is taken, since that includes what belongs to one.
            order => Ok(self.plan_joins(context, joins, order)?),
        };
        let ranges = right.as_ref().map_or_else(Node::ranges, |rows| rows.ranges.clone());
        let all: Vec<usize> = left.ranges.iter().copied().chain(ranges).collect();
        let on = take_within(&mut joins.conditions, &all);
        let right = match right {
            Ok(rows) => rows,
            Err(item) => {
                if let Some(joined) = self.join_by_key(context, JoinKind::Inner, &left, &item, &on)? {
                    return Ok(Rows { estimate: Some(size), ..joined });
                }
                self.plan_from(context, item)?
            }
        };
        // The right side is the one that is held.
        let (left, right) = if is_larger { (right, left) } else { (left, right) };
        let joined = self.join(JoinKind::Inner, left, right, on)?;
        Ok(Rows { estimate: Some(size), ..joined })
    }

    fn filter_rows(&mut self, mut rows: Rows, conditions: Vec<Condition>) -> Result<Rows> {
        let exprs: Vec<Expr> = conditions.into_iter().map(|condition| condition.expr).collect();
        rows.plan = self.filter(rows.plan, &exprs, &rows.layout)?;
        Ok(rows)
    }

    /// The rows for which all conditions are true.
    pub(super) fn filter(&mut self, plan: Plan, conditions: &[Expr], layout: &Layout) -> Result<Plan> {
        Ok(match self.conjunction(conditions, layout)? {
            Some(condition) => Plan::Filter { input: Box::new(plan), condition },
            None => plan,
        })
    }

    /// Joins two sides that don't know each other: equalities between them become keys.
    fn join(&mut self, kind: JoinKind, left: Rows, right: Rows, on: Vec<Condition>) -> Result<Rows> {
        if kind == JoinKind::Full {
            outer::check_full(&left.ranges, &right.ranges, &on)?;
        }
        let mut keys = Vec::new();
        let mut others = Vec::new();
        for condition in on {
            match join_key(&condition.expr, &left.ranges, &right.ranges) {
                Some((l, r)) => {
                    keys.push((self.convert(&l, &left.layout)?, self.convert(&r, &right.layout)?));
                }
                None => others.push(condition.expr),
            }
        }
        let (mut width, mut layout, mut ranges) = joined_layout(&left, &right);
        let condition = self.conjunction(&others, &layout)?;
        if matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            (width, layout, ranges) = (left.width, left.layout, left.ranges);
        }
        let estimate = left.estimate.zip(right.estimate).map(|(left, right)| left.max(right));
        let (left, right) = (Box::new(left.plan), Box::new(right.plan));
        let plan = Plan::Join { kind, left, right, keys, condition, look_ups: None };
        Ok(Rows { plan, layout, width, ranges, estimate })
    }

    fn conjunction(&mut self, conditions: &[Expr], layout: &Layout) -> Result<Option<Expr>> {
        Ok(Expr::all(self.convert_all(conditions, layout)?))
    }

    /// A right side that is run anew for each left row.
    fn apply(
        &mut self,
        context: &FromContext<'_>,
        kind: JoinKind,
        left: Rows,
        right: usize,
        for_right: Vec<Expr>,
        on: Vec<Condition>,
    ) -> Result<Rows> {
        if !matches!(kind, JoinKind::Inner | JoinKind::Left) {
            let message =
                "invalid reference to FROM-clause entry: the combining JOIN type must be INNER or LEFT";
            return Err(Error::new(pg::SqlState::INVALID_COLUMN_REFERENCE, message));
        }
        let (right, args) = self.plan_lateral(context, right)?;
        let args = self.convert_all(&args, &left.layout)?;
        let (width, layout, ranges) = joined_layout(&left, &right);
        let others: Vec<Expr> = for_right.into_iter().chain(on.into_iter().map(|c| c.expr)).collect();
        let condition = self.conjunction(&others, &layout)?;
        let (left, right) = (Box::new(left.plan), Box::new(right.plan));
        let plan = Plan::Apply { kind, left, right, args, condition };
        Ok(Rows { plan, layout, width, ranges, estimate: None })
    }

    /// A lateral range, and its arguments over the block.
    fn plan_lateral(&mut self, context: &FromContext<'_>, index: usize) -> Result<(Rows, Vec<Expr>)> {
        let range = range(context, index)?;
        match &range.kind {
            RangeKind::Subquery(query) => {
                let (plan, args) = self.plan_with_args(query)?;
                Ok((all_columns(plan, index, range), args))
            }
            RangeKind::Function { calls, .. } if calls.iter().any(has_subquery) => {
                let (plan, args) = self.plan_with_args(&as_query(range))?;
                Ok((all_columns(plan, index, range), args))
            }
            RangeKind::Function { calls, widths, ordinality } => {
                let mut args = Vec::new();
                let calls = calls.iter().map(|call| columns_to_args(call, &mut args)).collect();
                let plan = Plan::Functions { calls, widths: widths.clone(), ordinality: *ordinality };
                Ok((all_columns(plan, index, range), args))
            }
            _ => Err(Error::internal("a range that can't be lateral is")),
        }
    }

    fn plan_leaf(
        &mut self,
        context: &FromContext<'_>,
        index: usize,
        remote: Option<Box<RemoteSelect>>,
        conditions: Vec<Expr>,
    ) -> Result<Rows> {
        let range = range(context, index)?;
        let mut rows = match (&range.kind, remote) {
            (_, Some(mut remote)) => {
                self.convert_keys(&mut remote)?;
                remote_rows(*remote, index, context.needed.columns(index))
            }
            (RangeKind::Relation(relation), None) => {
                let columns = context.needed.columns(index).to_vec();
                let mut layout = Layout::default();
                layout.columns.extend(columns.iter().enumerate().map(|(slot, &c)| ((index, c), slot)));
                let width = columns.len();
                let plan = Plan::Catalog { relation: relation.clone(), columns };
                Rows { plan, layout, width, ranges: vec![index], estimate: None }
            }
            (kind, None) => all_columns(self.plan_made_range(kind)?, index, range),
        };
        rows.plan = self.filter(rows.plan, &conditions, &rows.layout)?;
        Ok(rows)
    }

    /// A range that is no relation.
    fn plan_made_range(&mut self, kind: &RangeKind) -> Result<Plan> {
        let layout = Layout::default();
        Ok(match kind {
            RangeKind::Relation(_) => return Err(Error::internal("a relation has no plan")),
            RangeKind::Subquery(query) => self.plan_query(query)?,
            RangeKind::Function { calls, widths, ordinality } => {
                let calls = self.convert_all(calls, &layout)?;
                Plan::Functions { calls, widths: widths.clone(), ordinality: *ordinality }
            }
            RangeKind::Values(rows) => {
                let rows = rows.iter().map(|row| self.convert_all(row, &layout)).collect::<Result<_>>()?;
                Plan::Values { rows }
            }
            RangeKind::Cte { levels_up, index } => {
                Plan::CteScan { id: self.cte_id(*levels_up, *index)?, columns: None }
            }
        })
    }
}

impl Rows {
    /// The row of nothing, with which nothing is joined by keys.
    pub(super) fn is_one_row(&self) -> bool {
        self.ranges.is_empty()
    }

    /// One row of nothing.
    fn one() -> Rows {
        let plan = Plan::Values { rows: vec![Vec::new()] };
        Rows { plan, layout: Layout::default(), width: 0, ranges: Vec::new(), estimate: Some(1.0) }
    }
}

/// The rows of a statement that returns these columns.
pub(super) fn remote_rows(mut select: RemoteSelect, index: usize, needed: &[usize]) -> Rows {
    let mut layout = Layout::default();
    for &column in needed {
        layout.columns.insert((index, column), select.column(column));
    }
    let width = select.width().max(1);
    Rows { plan: select.finish(), layout, width, ranges: vec![index], estimate: None }
}

fn range<'q>(context: &FromContext<'q>, index: usize) -> Result<&'q Range> {
    context.select.ranges.get(index).ok_or_else(|| Error::internal("a range is missing"))
}

fn all_columns(plan: Plan, index: usize, range: &Range) -> Rows {
    let width = range.columns.len();
    let mut layout = Layout::default();
    layout.columns.extend((0..width).map(|column| ((index, column), column)));
    Rows { plan, layout, width, ranges: vec![index], estimate: None }
}

pub(super) fn joined_layout(left: &Rows, right: &Rows) -> (usize, Layout, Vec<usize>) {
    let mut layout = left.layout.clone();
    layout.columns.extend(right.layout.columns.iter().map(|(&key, &slot)| (key, slot + left.width)));
    let ranges = left.ranges.iter().chain(&right.ranges).copied().collect();
    (left.width + right.width, layout, ranges)
}

/// A lateral range with its conditions, when the node is one.
fn lateral_leaf(context: &FromContext<'_>, node: Node) -> Result<(usize, Vec<Expr>), Node> {
    match node {
        Node::Leaf { range, remote: None, conditions, .. } if is_lateral(context, range) => {
            Ok((range, conditions))
        }
        Node::Items { mut items, conditions } if items.len() == 1 => {
            match items.pop().map(|item| lateral_leaf(context, item)) {
                Some(Ok((range, mut mine))) => {
                    mine.extend(conditions.into_iter().map(|condition| condition.expr));
                    Ok((range, mine))
                }
                Some(Err(item)) => Err(Node::Items { items: vec![item], conditions }),
                None => Err(Node::Items { items, conditions }),
            }
        }
        other => Err(other),
    }
}

/// A function that names no column needs no row to its left, whatever the syntax allows it.
fn is_lateral(context: &FromContext<'_>, index: usize) -> bool {
    context.select.ranges.get(index).is_some_and(|range| {
        range.lateral
            && match &range.kind {
                RangeKind::Subquery(query) => {
                    let mut found = false;
                    visit_outer_columns(query, &mut |column| found |= column.levels_up == 0);
                    found
                }
                RangeKind::Function { calls, .. } => calls.iter().any(|call| !ranges_of(call).is_empty()),
                _ => false,
            }
    })
}

/// The next item to join: the first that an equality ties to what is there, else the first.
fn next_item(
    context: &FromContext<'_>,
    joined: &[usize],
    waiting: &std::collections::VecDeque<Node>,
    conditions: &[Condition],
) -> usize {
    let tied = |node: &Node| {
        let ranges = node.ranges();
        let mut near = conditions.iter().filter(|condition| condition.names(&ranges));
        near.any(|condition| join_key(&condition.expr, joined, &ranges).is_some())
    };
    let lateral = |node: &Node| matches!(node, Node::Leaf { range, .. } if is_lateral(context, *range));
    // What is lateral may need anything that was written before it.
    let before_lateral = waiting.iter().position(lateral).unwrap_or(waiting.len());
    let next = waiting.iter().take(before_lateral).position(tied);
    // Where all that is left would be a product, what is lateral may be what ties it.
    let leads = |node: &Node| {
        let Node::Leaf { range: index, .. } = node else { return false };
        let ready = context
            .select
            .ranges
            .get(*index)
            .is_some_and(|range| lateral::named(range).iter().all(|named| joined.contains(named)));
        let ties =
            |other: &Node| conditions.iter().any(|c| join_key(&c.expr, &[*index], &other.ranges()).is_some());
        ready && waiting.iter().take(before_lateral).any(ties)
    };
    let leading = || waiting.get(before_lateral).is_some_and(leads).then_some(before_lateral);
    next.or_else(leading).unwrap_or(0)
}

/// A lateral function as a lateral subquery of nothing but it.
fn as_query(range: &Range) -> Query {
    let mut inner = Range { lateral: false, ..range.clone() };
    if let RangeKind::Function { calls, .. } = &mut inner.kind {
        calls.iter_mut().for_each(|call| shift_levels(call, 1));
    }
    let output = |column: &RangeColumn| OutputColumn {
        name: column.name.clone(),
        ty: column.ty,
        origin: Default::default(),
    };
    let columns: Vec<OutputColumn> = range.columns.iter().map(output).collect();
    let select = Select::all_of(inner, &columns);
    Query::plain(Body::Select(Box::new(select)), columns)
}

/// Replaces the columns of a lateral function's call by arguments.
fn columns_to_args(call: &Expr, args: &mut Vec<Expr>) -> Expr {
    let mut call = call.clone();
    let mut types = Vec::new();
    crate::walk::visit(&call, &mut |e| {
        if let ExprKind::Column(column) = e.kind {
            types.push((column, e.clone()));
        }
        true
    });
    replace_columns(&mut call, &mut |column| {
        let expr = types.iter().find(|(c, _)| *c == column).map(|(_, expr)| expr.clone())?;
        let index = args.iter().position(|arg| crate::same::same(arg, &expr)).unwrap_or_else(|| {
            args.push(expr);
            args.len() - 1
        });
        Some(ExprKind::Arg(index))
    });
    call
}
