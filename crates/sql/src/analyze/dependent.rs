//! Columns that depend on the grouped key of their table (`check_functional_grouping`): they become keys themselves,
//! which makes no more groups.

use pg::Result;
use pg::catalog::operator_exact;

use super::Analyzer;
use crate::query::{ColumnRef, Expr, ExprKind, GroupKey, Range, RangeKind, Select};
use crate::walk;

impl Analyzer<'_> {
    /// Groups also by the columns that are used ungrouped and whose table's key is grouped.
    pub(super) fn add_dependent_keys(&mut self, select: &mut Select) -> Result<()> {
        let Some(grouping) = &mut select.grouping else { return Ok(()) };
        let scope = self.scope()?;
        // A key counts when every set has it.
        let everywhere = |index: &usize| grouping.sets.iter().flatten().all(|set| set.contains(index));
        let grouped = grouping.keys.iter().enumerate().filter(|(index, _)| everywhere(index));
        let grouped: Vec<ColumnRef> = grouped.filter_map(|(_, key)| own_column(&key.expr)).collect();
        let determined = |(index, range): (usize, &Range)| {
            let RangeKind::Relation(relation) = &range.kind else { return false };
            let of_range = |column: usize| grouped.iter().any(|c| c.range == index && c.column == column);
            relation.key().is_some_and(|key| key.into_iter().all(of_range))
        };
        let determined: Vec<bool> = scope.ranges.iter().enumerate().map(determined).collect();
        if !determined.contains(&true) {
            return Ok(());
        }
        // What is a key of some sets is NULL in the others, though the table's key would tell it.
        let keys: Vec<ColumnRef> = grouping.keys.iter().filter_map(|key| own_column(&key.expr)).collect();
        let mut columns: Vec<ColumnRef> = Vec::new();
        let mut note = |column: ColumnRef| {
            let depends = column.levels_up == 0 && determined.get(column.range) == Some(&true);
            if depends && !keys.contains(&column) && !columns.contains(&column) {
                columns.push(column);
            }
        };
        let windows = scope.windows.iter();
        let windows =
            windows.flat_map(|w| w.partition_by.iter().chain(w.order_by.iter().map(|key| &key.expr)));
        let targets = select.targets.iter().map(|target| &target.expr);
        targets.chain(&select.having).chain(windows).for_each(|expr| outside_aggregates(expr, &mut note));
        for column in columns {
            let range = scope.ranges.get(column.range).and_then(|range| range.columns.get(column.column));
            let Some(ty) = range.map(|column| column.ty) else { continue };
            if operator_exact("=", ty.oid, ty.oid).is_none() && ty.oid != pg::oid::VARCHAR {
                continue;
            }
            grouping.sets.iter_mut().flatten().for_each(|set| set.push(grouping.keys.len()));
            grouping.keys.push(GroupKey { expr: Expr::new(ExprKind::Column(column), ty) });
        }
        Ok(())
    }
}

fn own_column(expr: &Expr) -> Option<ColumnRef> {
    match expr.kind {
        ExprKind::Column(column) if column.levels_up == 0 => Some(column),
        _ => None,
    }
}

/// Calls `f` with the columns of an expression that don't stand in aggregates of its own block.
fn outside_aggregates(expr: &Expr, f: &mut dyn FnMut(ColumnRef)) {
    match &expr.kind {
        ExprKind::Aggregate(_) if walk::aggregate_level(expr) == 0 => {}
        ExprKind::Subquery(_) | ExprKind::Column(_) => walk::visit_columns(expr, f),
        _ => walk::for_each_child(expr, &mut |child| outside_aggregates(child, f)),
    }
}
