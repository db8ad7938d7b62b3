//! Subqueries in WHERE that read the cluster become joins, so that they are computed once for all rows instead of once
//! for each: `EXISTS`, `NOT EXISTS` and `IN` are semi- and anti-joins (PostgreSQL's `convert_EXISTS_sublink_to_join` and
//! `convert_ANY_sublink_to_join`), an aggregate over the rows that equal something of the row outside is a join with the
//! groups of all rows. What has no equality with the row outside stays as it is, and so do `NOT IN`, whose NULLs no join
//! has, and subqueries over the catalog, which looks its rows up by index.

use pg::catalog::proc_by_oid;
use pg::{TypeRef, Value, oid};

use crate::query::*;
use crate::stack::grown;
use crate::walk::{
    any, for_each_child_mut, for_each_in_query_mut, has_subquery, parts, replace_columns, visit,
    visit_columns, visit_outer_columns,
};

use super::distribute::{conjuncts, is_remote, ranges_in, ranges_of};
use super::flatten::{for_each_query_mut, has_volatile, join_all};
use super::join_key::join_key;
use super::keys::KeyScope;

/// Makes joins of what can be one. `first`: only the first rows of the block may be wanted.
pub(super) fn decorrelate(select: &mut Select, first: bool) {
    if select.from.is_empty() {
        return;
    }
    let mut conditions = Vec::new();
    select.filter.take().iter().for_each(|filter| conjuncts(filter, &mut conditions));
    let mut rest = Vec::new();
    for condition in conditions {
        rest.extend(convert(select, condition));
    }
    // A condition that came with a join of two items stands before those that were there.
    let added = select.filter.take();
    select.filter = Expr::all(added.into_iter().chain(rest).collect());
    // Values of the select list are looked up for the rows that are left; of few rows, afterwards.
    if select.grouping.is_none() && !first {
        values(select);
    }
}

/// Scalar subqueries in the select list that look a row up by its key.
fn values(select: &mut Select) {
    for at in 0..select.targets.len() {
        let Some(target) = select.targets.get(at) else { return };
        let mut expr = target.expr.clone();
        while let Some((value, subquery)) = first_scalar(select, &expr, &by_key) {
            replace_scalar(&mut expr, &value, subquery.marker);
            subquery.inner.join(select, JoinKind::Left);
        }
        if let Some(target) = select.targets.get_mut(at) {
            target.expr = expr;
        }
    }
}

/// Converts one condition; what is left of it.
fn convert(select: &mut Select, condition: Expr) -> Option<Expr> {
    let converted = match &condition.kind {
        ExprKind::Subquery(subquery) => match &subquery.kind {
            SubqueryKind::Exists => exists(select, &subquery.query, JoinKind::Semi),
            SubqueryKind::Quantified { .. } => is_in(select, subquery),
            _ => None,
        },
        ExprKind::Not(inner) => match &inner.kind {
            ExprKind::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Exists) => {
                exists(select, &subquery.query, JoinKind::Anti)
            }
            _ => None,
        },
        _ => return Some(scalars(select, condition)),
    };
    match converted {
        Some(()) => None,
        None => Some(condition),
    }
}

/// A subquery on its way into FROM: as the range that it will be, with what ties it to the block.
struct Inner {
    query: Query,
    range: usize,
    on: Vec<Expr>,
    /// The inner columns that `on` names, which are the first targets.
    columns: Vec<ColumnRef>,
}

impl Inner {
    fn new(select: &Select, query: Query) -> Inner {
        Inner { query, range: select.ranges.len(), on: Vec::new(), columns: Vec::new() }
    }

    /// A subquery whose only columns from outside stand in conjuncts of its WHERE; these are taken out of it.
    fn of(select: &Select, query: Query) -> Option<Inner> {
        let mut inner = Inner::new(select, query);
        let Body::Select(block) = &mut inner.query.body else { return None };
        let mut conditions = Vec::new();
        block.filter.take().iter().for_each(|filter| conjuncts(filter, &mut conditions));
        let (tied, own): (Vec<Expr>, Vec<Expr>) = conditions.into_iter().partition(names_outside);
        block.filter = Expr::all(own);
        let mut left = false;
        visit_outer_columns(&inner.query, &mut |column| left |= column.levels_up == 0);
        if left || tied.iter().any(has_subquery) {
            return None;
        }
        for condition in tied {
            let condition = inner.outside(condition);
            inner.on.push(condition);
        }
        Some(inner)
    }

    /// A condition of the subquery as one of the block: inner columns are columns of the new range.
    fn outside(&mut self, mut condition: Expr) -> Expr {
        let (range, columns) = (self.range, &mut self.columns);
        replace_columns(&mut condition, &mut |column| {
            Some(ExprKind::Column(match column.levels_up.checked_sub(1) {
                Some(levels_up) => ColumnRef { levels_up, ..column },
                None => {
                    let at = columns.iter().position(|known| *known == column).unwrap_or_else(|| {
                        columns.push(column);
                        columns.len() - 1
                    });
                    ColumnRef { levels_up: 0, range, column: at }
                }
            }))
        });
        condition
    }

    /// The inner columns as targets.
    fn column_targets(&self) -> Option<Vec<Expr>> {
        let Body::Select(block) = &self.query.body else { return None };
        let target = |column: &ColumnRef| {
            let ty = block.ranges.get(column.range)?.columns.get(column.column)?.ty;
            Some(Expr::new(ExprKind::Column(*column), ty))
        };
        self.columns.iter().map(target).collect()
    }

    /// Replaces the select list.
    fn set_targets(&mut self, targets: Vec<Expr>) {
        self.query.columns = targets.iter().enumerate().map(|(at, target)| output(at, target.ty)).collect();
        self.query.order_by = Vec::new();
        if let Body::Select(block) = &mut self.query.body {
            let target = |(at, expr): (usize, Expr)| Target { expr, name: name(at), junk: false };
            block.targets = targets.into_iter().enumerate().map(target).collect();
        }
    }

    /// Whether an equality ties it to the block.
    fn is_tied(&self) -> bool {
        let outer: Vec<usize> = (0..self.range).collect();
        self.on.iter().any(|condition| join_key(condition, &outer, &[self.range]).is_some())
    }

    fn into_range(self) -> (Range, Vec<Expr>) {
        if let Some(relation) = self.as_relation() {
            return relation;
        }
        (Range::of_subquery("subquery", self.query), self.on)
    }

    /// One relation that is only filtered is joined as it is, so that it can be looked up by its key.
    fn as_relation(&self) -> Option<(Range, Vec<Expr>)> {
        let Body::Select(block) = &self.query.body else { return None };
        let [range] = block.ranges.as_slice() else { return None };
        let one = matches!(block.from.as_slice(), [From::Range(0)]) && is_plain(&self.query, block);
        let relation = matches!(&range.kind, RangeKind::Relation(relation) if is_remote(relation));
        let targets: Vec<&Expr> = block.targets.iter().map(|target| &target.expr).collect();
        let simple = targets.iter().chain(&block.filter.iter().collect::<Vec<_>>()).all(|e| !has_subquery(e));
        let duplicates = matches!(block.distinct, Distinct::No);
        if !(one && relation && simple && duplicates && !targets.iter().any(|e| returns_set(e))) {
            return None;
        }
        let mut on = self.on.clone();
        for condition in &mut on {
            self.columns_to_targets(condition, &targets)?;
        }
        let mut own = Vec::new();
        block.filter.iter().for_each(|filter| conjuncts(filter, &mut own));
        on.extend(own.into_iter().map(|condition| self.moved_out(condition)));
        Some((range.clone(), on))
    }

    /// Columns of the new range as what they are in the subquery.
    fn columns_to_targets(&self, expr: &mut Expr, targets: &[&Expr]) -> Option<()> {
        if let ExprKind::Column(column) = expr.kind
            && column.levels_up == 0
            && column.range == self.range
        {
            let position = expr.position;
            *expr = self.moved_out((*targets.get(column.column)?).clone()).at(position);
            return Some(());
        }
        let mut done = Some(());
        for_each_child_mut(expr, &mut |child| done = done.and(self.columns_to_targets(child, targets)));
        done
    }

    /// An expression of the subquery as one of the block, in which the subquery's one range has another number.
    fn moved_out(&self, mut expr: Expr) -> Expr {
        replace_columns(&mut expr, &mut |column| {
            Some(ExprKind::Column(match column.levels_up.checked_sub(1) {
                Some(levels_up) => ColumnRef { levels_up, ..column },
                None => ColumnRef { range: self.range, ..column },
            }))
        });
        expr
    }

    /// Joins it to the item of FROM that its conditions name, or to all of FROM.
    fn join(self, select: &mut Select, kind: JoinKind) {
        let index = self.range;
        let (range, on) = self.into_range();
        select.ranges.push(range);
        flatten_from(select);
        let mut ranges: Vec<usize> = on.iter().flat_map(ranges_of).filter(|range| *range != index).collect();
        ranges.dedup();
        let holds = |item: &From| ranges.iter().all(|range| ranges_in(item).contains(range));
        // What is lateral must keep what it names to its left.
        let alone = !ranges.is_empty() && !select.ranges.iter().any(|range| range.lateral);
        let (at, left) = match select.from.iter().position(holds).filter(|_| alone) {
            Some(at) => (at, Some(select.from.remove(at))),
            None => (0, join_all(std::mem::take(&mut select.from))),
        };
        let Some(left) = left else { return };
        let (left, right) = (Box::new(left), Box::new(From::Range(index)));
        select.from.insert(at, From::Join { kind, left, right, on: Expr::all(on) });
    }
}

/// Inner joins at the top of FROM as items with conditions in WHERE.
fn flatten_from(select: &mut Select) {
    fn flatten(from: From, items: &mut Vec<From>, conditions: &mut Vec<Expr>) {
        match from {
            From::Join { kind: JoinKind::Inner, left, right, on } => {
                flatten(*left, items, conditions);
                flatten(*right, items, conditions);
                conditions.extend(on);
            }
            other => items.push(other),
        }
    }
    // What is lateral must keep what it names to its left.
    if select.ranges.iter().any(|range| range.lateral) {
        return;
    }
    let (mut items, mut conditions) = (Vec::new(), Vec::new());
    std::mem::take(&mut select.from).into_iter().for_each(|from| flatten(from, &mut items, &mut conditions));
    select.from = items;
    select.filter = Expr::all(conditions.into_iter().chain(select.filter.take()).collect());
}

/// Subqueries of EXISTS are about there being rows, whatever their select list, order and duplicates
/// (`simplify_EXISTS_query`). What is not computed then does not fail either, be it a constant.
pub(super) fn simplify_exists(query: &mut Query) {
    for_each_query_mut(query, &mut |query| {
        for_each_in_query_mut(query, &mut |expr| only_existence(expr), &mut |_| ());
    });
}

fn only_existence(expr: &mut Expr) {
    for_each_child_mut(expr, &mut |child| only_existence(child));
    let ExprKind::Subquery(subquery) = &mut expr.kind else { return };
    let query = &mut subquery.query;
    let Body::Select(block) = &query.body else { return };
    if !matches!(subquery.kind, SubqueryKind::Exists) || !is_about_rows(query, block) {
        return;
    }
    if let Body::Select(block) = &mut query.body {
        block.distinct = Distinct::No;
        block.targets = Vec::new();
        (query.order_by, query.columns) = (Vec::new(), Vec::new());
    }
}

/// Whether there is a row for each that FROM and WHERE leave.
fn is_about_rows(query: &Query, block: &Select) -> bool {
    only_filters(query, block) && !block.targets.iter().any(|target| returns_set(&target.expr))
}

/// `[NOT] EXISTS`
fn exists(select: &mut Select, query: &Query, kind: JoinKind) -> Option<()> {
    let Body::Select(block) = &query.body else { return None };
    if !is_worth_it(query) || !is_plain(query, block) || !is_about_rows(query, block) {
        return None;
    }
    let mut inner = Inner::of(select, query.clone())?;
    if !inner.is_tied() {
        return None;
    }
    let targets = inner.column_targets()?;
    inner.set_targets(targets);
    inner.join(select, kind);
    Some(())
}

/// `IN`, also of several columns.
fn is_in(select: &mut Select, subquery: &Subquery) -> Option<()> {
    let SubqueryKind::Quantified { all: false, single: false, left, operators, comparison, right } =
        &subquery.kind
    else {
        return None;
    };
    let equalities =
        *comparison == Comparison::Equal && left.len() == right.len() && left.len() == operators.len();
    if !equalities || left.iter().any(has_subquery) || !is_worth_it(&subquery.query) {
        return None;
    }
    let mut correlated = false;
    visit_outer_columns(&subquery.query, &mut |column| correlated |= column.levels_up == 0);
    let mut inner = if correlated {
        let Body::Select(block) = &subquery.query.body else { return None };
        if !is_plain(&subquery.query, block) || !matches!(block.distinct, Distinct::No) {
            return None;
        }
        let mut inner = Inner::of(select, subquery.query.clone())?;
        let Body::Select(block) = &inner.query.body else { return None };
        let own: Vec<Expr> = block.targets.iter().filter(|t| !t.junk).map(|t| t.expr.clone()).collect();
        if own.iter().any(|expr| returns_set(expr) || has_subquery(expr)) {
            return None;
        }
        let mut targets = inner.column_targets()?;
        targets.extend(own);
        inner.set_targets(targets);
        inner
    } else {
        Inner::new(select, subquery.query.clone())
    };
    let (range, first) = (inner.range, inner.columns.len());
    for ((left, operator), right) in left.iter().zip(operators).zip(right) {
        let mut right = right.clone();
        slots_to_columns(&mut right, range, first);
        let call = Call {
            proc: operator.proc,
            args: vec![left.clone(), right],
            form: CallForm::Operator(operator.oid),
            retset: false,
            variadic: false,
        };
        inner.on.push(Expr::new(ExprKind::Call(Box::new(call)), oid::BOOL));
    }
    if !inner.is_tied() {
        return None;
    }
    inner.join(select, JoinKind::Semi);
    Some(())
}

fn slots_to_columns(expr: &mut Expr, range: usize, first: usize) {
    if let ExprKind::Slot(slot) = expr.kind {
        expr.kind = ExprKind::Column(ColumnRef { levels_up: 0, range, column: first + slot });
    }
    for_each_child_mut(expr, &mut |child| slots_to_columns(child, range, first));
}

/// Scalar subqueries in a condition that are aggregates over rows tied by equalities.
fn scalars(select: &mut Select, mut condition: Expr) -> Expr {
    let either = |select: &Select, query: &Query, marker: usize| {
        grouped(select, query, marker).or_else(|| by_key(select, query, marker))
    };
    while let Some((value, subquery)) = first_scalar(select, &condition, &either) {
        let strict = subquery.null_on_none && is_strict_over(&condition);
        replace_scalar(&mut condition, &value, subquery.marker);
        subquery.inner.join(select, if strict { JoinKind::Inner } else { JoinKind::Left });
    }
    condition
}

/// A scalar subquery that becomes a join.
struct Scalar {
    inner: Inner,
    /// NULL when there is no group.
    null_on_none: bool,
    /// Which of the condition's subqueries it is.
    marker: usize,
}

/// Makes a join of a scalar subquery, and what the value is then.
type ToJoin<'a> = dyn Fn(&Select, &Query, usize) -> Option<(Expr, Scalar)> + 'a;

/// The first scalar subquery of an expression that becomes a join in some way.
fn first_scalar(select: &Select, condition: &Expr, way: &ToJoin<'_>) -> Option<(Expr, Scalar)> {
    let mut found = None;
    let mut marker = 0;
    visit(condition, &mut |e| {
        if let ExprKind::Subquery(subquery) = &e.kind {
            if found.is_none() && matches!(subquery.kind, SubqueryKind::Scalar) {
                found = way(select, &subquery.query, marker);
            }
            marker += 1;
        }
        found.is_none()
    });
    found
}

fn replace_scalar(condition: &mut Expr, value: &Expr, marker: usize) {
    fn replace(expr: &mut Expr, value: &Expr, wanted: usize, seen: &mut usize) {
        if matches!(expr.kind, ExprKind::Subquery(_)) {
            *seen += 1;
            if *seen == wanted + 1 {
                expr.kind = value.kind.clone();
                return;
            }
        }
        for_each_child_mut(expr, &mut |child| replace(child, value, wanted, seen));
    }
    replace(condition, value, marker, &mut 0);
}

/// The one row of a relation that a key of the row outside leads to, and the value that it gives.
fn by_key(select: &Select, query: &Query, marker: usize) -> Option<(Expr, Scalar)> {
    let Body::Select(block) = &query.body else { return None };
    let [target] = block.targets.as_slice() else { return None };
    let plain = is_plain(query, block) && matches!(block.distinct, Distinct::No);
    if !plain || !is_worth_it(query) || target.junk || !is_null_without_row(&target.expr) {
        return None;
    }
    let mut inner = Inner::of(select, query.clone())?;
    inner.set_targets(inner.column_targets()?);
    let (range, on) = inner.as_relation()?;
    let RangeKind::Relation(relation) = &range.kind else { return None };
    let scope = KeyScope::of(relation, inner.range)?;
    let outer: Vec<usize> = (0..inner.range).collect();
    let fixed: Vec<usize> = on
        .iter()
        .filter_map(|condition| scope.part(&join_key(condition, &outer, &[inner.range])?.1))
        .collect();
    if !(0..scope.parts().len()).all(|part| fixed.contains(&part)) {
        return None;
    }
    let value = inner.moved_out(target.expr.clone());
    Some((value, Scalar { inner, null_on_none: true, marker }))
}

/// Whether an expression over the columns of one range is NULL, and can't fail, when there is no row.
fn is_null_without_row(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(column) => column.levels_up == 0,
        ExprKind::Call(call) => {
            let strict = proc_by_oid(call.proc).is_some_and(|proc| proc.strict);
            let safe = |arg: &Expr| is_null_without_row(arg) || matches!(arg.kind, ExprKind::Const(_));
            strict && !call.retset && call.args.iter().all(safe) && call.args.iter().any(is_null_without_row)
        }
        ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => is_null_without_row(expr),
        _ => false,
    }
}

/// The subquery as groups by what ties it, and the value that it has for a row of the block.
fn grouped(select: &Select, query: &Query, marker: usize) -> Option<(Expr, Scalar)> {
    let Body::Select(block) = &query.body else { return None };
    let around = query.ctes.is_empty() && query.limit.is_none() && query.offset.is_none();
    let grouping = block.grouping.as_ref()?;
    let one_group = grouping.keys.is_empty() && grouping.sets.is_none() && block.having.is_none();
    let plain = around && one_group && block.windows.is_empty() && matches!(block.distinct, Distinct::No);
    let [target] = block.targets.as_slice() else { return None };
    if !plain || !is_worth_it(query) || target.junk || has_subquery(&target.expr) || returns_set(&target.expr)
    {
        return None;
    }
    let mut inner = Inner::of(select, query.clone())?;
    let outer: Vec<usize> = (0..inner.range).collect();
    let by_column = |condition: &Expr| {
        let key = join_key(condition, &outer, &[inner.range]);
        key.is_some_and(|(_, right)| matches!(right.kind, ExprKind::Column(_)))
    };
    if inner.on.is_empty() || !inner.on.iter().all(by_column) {
        return None;
    }
    let keys = inner.column_targets()?;
    let (value, calls) = value_of(&target.expr, inner.range, keys.len())?;
    if let Body::Select(block) = &mut inner.query.body {
        let keys = keys.iter().map(|expr| GroupKey { expr: expr.clone() }).collect();
        block.grouping = Some(Grouping { keys, sets: None });
    }
    inner.set_targets(keys.into_iter().chain(calls).collect());
    let null_on_none = is_strict_over(&target.expr)
        && !any(&target.expr, &|e| matches!(&e.kind, ExprKind::Aggregate(call) if is_count(call)));
    Some((value, Scalar { inner, null_on_none, marker }))
}

/// An expression over aggregates as one over the columns of a range, from the `first` on; and the aggregates.
fn value_of(target: &Expr, range: usize, first: usize) -> Option<(Expr, Vec<Expr>)> {
    let mut calls: Vec<Expr> = Vec::new();
    let mut possible = true;
    let mut value = target.clone();
    replace_aggregates(&mut value, &mut |call| {
        possible &= is_tame(call);
        let column = ExprKind::Column(ColumnRef { levels_up: 0, range, column: first + calls.len() });
        calls.push(call.clone());
        let column = Expr::new(column, call.ty);
        match &call.kind {
            ExprKind::Aggregate(aggregate) if is_count(aggregate) => {
                ExprKind::Coalesce(vec![column, Expr::constant(Value::Int8(0), call.ty)])
            }
            _ => column.kind,
        }
    });
    // A column beside the aggregates would be one from outside.
    let mut others = false;
    visit_columns(target, &mut |column| others |= column.levels_up > 0);
    (possible && !others && !calls.is_empty()).then_some((value, calls))
}

fn replace_aggregates(expr: &mut Expr, f: &mut dyn FnMut(&Expr) -> ExprKind) {
    if matches!(expr.kind, ExprKind::Aggregate(_)) {
        expr.kind = f(expr);
        return;
    }
    for_each_child_mut(expr, &mut |child| replace_aggregates(child, f));
}

fn is_count(call: &Aggregate) -> bool {
    proc_by_oid(call.proc).is_some_and(|proc| proc.name == "count")
}

/// Whether computing an aggregate for groups that nobody asks for can't fail: of columns, their sums and products.
fn is_tame(call: &Expr) -> bool {
    let ExprKind::Aggregate(aggregate) = &call.kind else { return false };
    let Some(proc) = proc_by_oid(aggregate.proc) else { return false };
    let simple = aggregate.filter.is_none() && aggregate.order_by.is_empty() && !aggregate.within_group;
    let tame = |expr: &Expr| !any(expr, &|e| !is_tame_node(e));
    simple && ["count", "sum", "avg", "min", "max"].contains(&proc.name) && aggregate.args.iter().all(tame)
}

fn is_tame_node(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(column) => column.levels_up == 0,
        ExprKind::Const(_) | ExprKind::Coerce { method: Coercion::Relabel, .. } => true,
        ExprKind::Call(call) => {
            expr.ty.oid == oid::NUMERIC
                && proc_by_oid(call.proc).is_some_and(|proc| {
                    ["numeric_add", "numeric_sub", "numeric_mul", "numeric"].contains(&proc.name)
                })
        }
        _ => false,
    }
}

/// Whether an expression is NULL when a subquery or an aggregate in it is.
fn is_strict_over(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Subquery(_) | ExprKind::Aggregate(_) => true,
        ExprKind::Call(call) => {
            proc_by_oid(call.proc).is_some_and(|proc| proc.strict) && call.args.iter().any(is_strict_over)
        }
        ExprKind::Coerce { expr, .. } => is_strict_over(expr),
        _ => false,
    }
}

/// A block of FROM, WHERE and a select list.
fn is_plain(query: &Query, block: &Select) -> bool {
    only_filters(query, block) && query.ctes.is_empty() && !block.from.is_empty()
}

/// No more than FROM, if there is one, WHERE and a select list.
fn only_filters(query: &Query, block: &Select) -> bool {
    query.limit.is_none()
        && query.offset.is_none()
        && block.grouping.is_none()
        && block.having.is_none()
        && block.windows.is_empty()
}

pub(super) fn returns_set(expr: &Expr) -> bool {
    any(expr, &|e| matches!(&e.kind, ExprKind::Call(call) if call.retset))
}

fn names_outside(expr: &Expr) -> bool {
    let mut found = false;
    visit_columns(expr, &mut |column| found |= column.levels_up == 1);
    found
}

/// Whether a subquery may be worked on once instead of for each row, and that saves asking the cluster.
fn is_worth_it(query: &Query) -> bool {
    reads_cluster(query) && !has_volatile(query)
}

/// Whether any relation of a query, at any depth of its FROM, is the cluster's.
fn reads_cluster(query: &Query) -> bool {
    let here = match &query.body {
        Body::Select(select) => select.ranges.iter().any(|range| match &range.kind {
            RangeKind::Relation(relation) => is_remote(relation),
            _ => false,
        }),
        _ => false,
    };
    here || parts(query).1.into_iter().any(|inner| grown(|| reads_cluster(inner)))
}

fn name(at: usize) -> std::sync::Arc<str> {
    format!("c{at}").into()
}

fn output(at: usize, ty: TypeRef) -> OutputColumn {
    OutputColumn { name: name(at), ty, origin: (pg::Oid::INVALID, 0) }
}
