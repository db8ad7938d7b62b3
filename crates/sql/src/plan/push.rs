//! Conditions go to where their rows are made: what equalities imply of other columns is written down
//! (`generate_base_implied_equalities`), and conditions over a subquery of FROM that stays one, such as a UNION, are tested
//! in it (`subquery_push_qual`), by PostgreSQL's rules of what may be tested there (`subquery_is_pushdown_safe`,
//! `qual_is_pushdown_safe`).

use pg::Oid;

use crate::query::*;
use crate::same::same;
use crate::walk::{any, replace_columns};

use super::distribute::{conjuncts, ranges_of};
use super::exact::is_volatile;
use super::flatten::nullable_ranges;

/// Beyond so many conditions of a block nothing is derived: each is compared with each.
const MOST: usize = 64;

/// Derives conditions, and moves those that may be into subqueries of FROM.
pub(super) fn push(select: &mut Select) {
    derive(select);
    push_into_subqueries(select);
}

/// `x = constant AND x = y` says `y = constant`, which is tested where `y` is read.
fn derive(select: &mut Select) {
    let mut all = Vec::new();
    select.filter.iter().for_each(|filter| conjuncts(filter, &mut all));
    select.from.iter().for_each(|item| inner_conditions(item, &mut all));
    if all.len() > MOST || select.ranges.len() < 2 {
        return;
    }
    let stated: Vec<Expr> = all.into_iter().filter(|expr| Equality::of(expr).is_some()).collect();
    let mut known = stated.clone();
    let mut at = 0;
    while at < known.len() {
        let found = known.get(at).map(|expr| implied(expr, &stated, &known)).unwrap_or_default();
        known.extend(found);
        at += 1;
    }
    let new = known.split_off(stated.len());
    if !new.is_empty() {
        select.filter = Expr::all(select.filter.take().into_iter().chain(new).collect());
    }
}

/// An equality of two values of one type.
struct Equality<'a> {
    operator: Oid,
    left: &'a Expr,
    right: &'a Expr,
}

impl<'a> Equality<'a> {
    fn of(expr: &'a Expr) -> Option<Equality<'a>> {
        let ExprKind::Call(call) = &expr.kind else { return None };
        let CallForm::Operator(operator) = call.form else { return None };
        let row = pg::catalog::operator_by_oid(operator)?;
        let [left, right] = call.args.as_slice() else { return None };
        let equals = row.name == "=" && row.can_hash && row.left == row.right && row.code == call.proc;
        equals.then_some(Equality { operator, left, right })
    }

    /// What is compared with a constant, and that.
    fn fixed(&self) -> Option<(&'a Expr, &'a Expr)> {
        match (is_fixed(self.left), is_fixed(self.right)) {
            (false, true) => Some((self.left, self.right)),
            (true, false) => Some((self.right, self.left)),
            _ => None,
        }
    }

    /// The other side of what equals an expression, where looking at it can't fail.
    fn other(&self, of: &Expr) -> Option<&'a Expr> {
        let other = match (same(self.left, of), same(self.right, of)) {
            (true, false) => self.right,
            (false, true) => self.left,
            _ => return None,
        };
        is_plain(other).then_some(other)
    }
}

/// What `x = constant` says of what equals `x`.
fn implied(fixed: &Expr, stated: &[Expr], known: &[Expr]) -> Vec<Expr> {
    let Some(equality) = Equality::of(fixed) else { return Vec::new() };
    let Some((of, value)) = equality.fixed() else { return Vec::new() };
    let mut found: Vec<Expr> = Vec::new();
    for other in stated {
        let Some(side) = Equality::of(other)
            .filter(|other| other.operator == equality.operator)
            .and_then(|other| other.other(of))
        else {
            continue;
        };
        let is_said = |expr: &Expr| {
            let fixed = Equality::of(expr).and_then(|equality| equality.fixed());
            fixed.is_some_and(|(of, _)| same(of, side))
        };
        if known.iter().chain(&found).any(is_said) {
            continue;
        }
        let ExprKind::Call(call) = &fixed.kind else { continue };
        let call = Call { args: vec![side.clone(), value.clone()], ..(**call).clone() };
        found.push(Expr { kind: ExprKind::Call(Box::new(call)), ..fixed.clone() });
    }
    found
}

/// The same for the whole statement. What is correlated is left to [`super::decorrelate`].
fn is_fixed(expr: &Expr) -> bool {
    !any(expr, &|e| matches!(e.kind, ExprKind::Column(_) | ExprKind::Subquery(_))) && !is_volatile(expr)
}

/// A column, perhaps under another type's name.
fn is_plain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Column(column) => column.levels_up == 0,
        ExprKind::Coerce { expr, method: Coercion::Relabel, .. } => is_plain(expr),
        _ => false,
    }
}

/// The conditions of inner joins, which might as well stand in WHERE.
fn inner_conditions(from: &From, out: &mut Vec<Expr>) {
    if let From::Join { kind: JoinKind::Inner, left, right, on } = from {
        on.iter().for_each(|on| conjuncts(on, out));
        inner_conditions(left, out);
        inner_conditions(right, out);
    }
}

fn push_into_subqueries(select: &mut Select) {
    let nullable = nullable_ranges(&select.from);
    let takes = |range: &Range| !range.lateral && matches!(range.kind, RangeKind::Subquery(_));
    if !select.ranges.iter().any(takes) {
        return;
    }
    let mut kept = Vec::new();
    let mut conditions = Vec::new();
    select.filter.take().iter().for_each(|filter| conjuncts(filter, &mut conditions));
    for condition in conditions {
        let range = match ranges_of(&condition).as_slice() {
            [range] if !nullable.contains(range) => {
                select.ranges.get_mut(*range).filter(|range| takes(range))
            }
            _ => None,
        };
        if !range.is_some_and(|range| push_into(range, &condition)) {
            kept.push(condition);
        }
    }
    select.filter = Expr::all(kept);
    let mut from = std::mem::take(&mut select.from);
    from.iter_mut().for_each(|item| push_from_joins(item, &mut select.ranges));
    select.from = from;
}

/// The conditions of joins over their one side whose rows need not all be kept.
fn push_from_joins(from: &mut From, ranges: &mut [Range]) {
    let From::Join { kind, left, right, on } = from else { return };
    push_from_joins(left, ranges);
    push_from_joins(right, ranges);
    let sides: &[&From] = match kind {
        JoinKind::Inner => &[left, right],
        JoinKind::Left | JoinKind::Semi | JoinKind::Anti => &[right],
        JoinKind::Right => &[left],
        JoinKind::Full => &[],
    };
    let takers: Vec<usize> = sides
        .iter()
        .filter_map(|side| if let From::Range(range) = side { Some(*range) } else { None })
        .collect();
    if takers.is_empty() {
        return;
    }
    let mut conditions = Vec::new();
    on.take().iter().for_each(|on| conjuncts(on, &mut conditions));
    conditions.retain(|condition| {
        let range = match ranges_of(condition).as_slice() {
            [range] if takers.contains(range) => ranges.get_mut(*range).filter(|range| !range.lateral),
            _ => None,
        };
        !range.is_some_and(|range| push_into(range, condition))
    });
    *on = Expr::all(conditions);
}

/// Whether a condition over nothing but this range is tested in it now.
fn push_into(range: &mut Range, condition: &Expr) -> bool {
    let RangeKind::Subquery(query) = &mut range.kind else { return false };
    let asks = |e: &Expr| {
        matches!(
            e.kind,
            ExprKind::Subquery(_) | ExprKind::Aggregate(_) | ExprKind::Window(_) | ExprKind::Grouping { .. }
        )
    };
    if any(condition, &asks) || is_volatile(condition) {
        return false;
    }
    let columns = columns_of(condition);
    if !takes(query, &columns) {
        return false;
    }
    add(query, condition, 0);
    true
}

/// The places of the columns of the one range that a condition names.
fn columns_of(condition: &Expr) -> Vec<usize> {
    let mut columns = Vec::new();
    crate::walk::visit_columns(condition, &mut |column| {
        if column.levels_up == 0 {
            columns.push(column.column);
        }
    });
    columns
}

/// Whether a condition over these columns of its result may be tested in a query.
fn takes(query: &Query, columns: &[usize]) -> bool {
    if query.limit.is_some() || query.offset.is_some() {
        return false;
    }
    match &query.body {
        Body::Select(select) => select_takes(select, columns),
        Body::SetOperation(operation) => {
            operation.kind != SetOperationKind::Except
                && takes(&operation.left, columns)
                && takes(&operation.right, columns)
        }
        Body::Values(_) => false,
    }
}

fn select_takes(select: &Select, columns: &[usize]) -> bool {
    let surprising = |e: &Expr| match &e.kind {
        ExprKind::Call(call) => call.retset,
        // It would be computed twice.
        ExprKind::Subquery(_) => true,
        ExprKind::Window(_) | ExprKind::Grouping { .. } => true,
        _ => false,
    };
    let plain = |column: &usize| {
        let target = select.targets.get(*column).filter(|target| !target.junk);
        target.is_some_and(|target| !any(&target.expr, &surprising) && !is_volatile(&target.expr))
    };
    // Without FROM there is nothing to be saved, and what is made then may be made once only.
    !select.from.is_empty()
        && select.windows.is_empty()
        && !matches!(select.distinct, Distinct::On(_))
        && select.grouping.as_ref().is_none_or(|grouping| grouping.sets.is_none())
        && columns.iter().all(plain)
}

/// Adds a condition over the columns of a query's result; `depth` is how many queries it stands in already.
fn add(query: &mut Query, condition: &Expr, depth: usize) {
    match &mut query.body {
        Body::SetOperation(operation) => {
            add(&mut operation.left, condition, depth + 1);
            add(&mut operation.right, condition, depth + 1);
        }
        Body::Select(select) => {
            let mut condition = condition.clone();
            replace_columns(&mut condition, &mut |column| match column.levels_up {
                0 => select.targets.get(column.column).map(|target| target.expr.kind.clone()),
                levels_up => Some(ExprKind::Column(ColumnRef { levels_up: levels_up + depth + 1, ..column })),
            });
            let of_groups = any(&condition, &|e| matches!(e.kind, ExprKind::Aggregate(_)));
            // A group's key is the same for all its rows.
            let by_rows = select.grouping.as_ref().is_none_or(|grouping| !grouping.keys.is_empty());
            let place = if by_rows && !of_groups { &mut select.filter } else { &mut select.having };
            *place = Expr::all(place.take().into_iter().chain([condition]).collect());
        }
        Body::Values(_) => {}
    }
}
