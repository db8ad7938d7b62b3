//! From expressions over the ranges of a block to expressions over the rows of a plan.

use std::collections::HashMap;

use pg::{Error, Result};

use crate::plan::{Keys, SubPlan};
use crate::query::*;
use crate::same::same;
use crate::walk::{aggregate_level, for_each_child_mut};

use super::planner::Planner;
use super::remote::RemoteSelect;

/// Where the values of a block are in the rows of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Places of columns, by range and column.
    pub(super) columns: HashMap<(usize, usize), usize>,
    /// Expressions that have been computed: group keys, aggregates, window functions. Tried first.
    pub(super) computed: Vec<(Expr, Expr)>,
}

impl Planner {
    pub(super) fn convert_all(&mut self, exprs: &[Expr], layout: &Layout) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.convert(expr, layout)).collect()
    }

    /// An expression over the rows that `layout` describes.
    pub(super) fn convert(&mut self, expr: &Expr, layout: &Layout) -> Result<Expr> {
        crate::interrupts::check()?;
        let mut out = expr.clone();
        self.convert_in_place(&mut out, layout)?;
        Ok(out)
    }

    fn convert_in_place(&mut self, expr: &mut Expr, layout: &Layout) -> Result<()> {
        if let Some((_, value)) = layout.computed.iter().find(|(computed, _)| same(computed, expr)) {
            *expr = value.clone().at(expr.position);
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Column(column) if column.levels_up == 0 => {
                let slot = layout.columns.get(&(column.range, column.column)).copied();
                let slot = slot.ok_or_else(|| Error::internal("a column is not in the rows of its plan"))?;
                expr.kind = ExprKind::Slot(slot);
                return Ok(());
            }
            ExprKind::Column(column) => {
                expr.kind = ExprKind::Arg(self.outer_value(column.levels_up, expr)?);
                return Ok(());
            }
            ExprKind::Aggregate(_) if aggregate_level(expr) > 0 => {
                expr.kind = ExprKind::Arg(self.outer_value(aggregate_level(expr), expr)?);
                return Ok(());
            }
            ExprKind::Grouping { levels_up, .. } if *levels_up > 0 => {
                expr.kind = ExprKind::Arg(self.outer_value(*levels_up, expr)?);
                return Ok(());
            }
            ExprKind::Aggregate(_) => return Err(Error::internal("an aggregate was not computed")),
            ExprKind::Window(_) => return Err(Error::internal("a window function was not computed")),
            _ => {}
        }
        self.convert_children(expr, layout)?;
        if let ExprKind::Subquery(subquery) = &expr.kind {
            expr.kind = self.convert_subquery(subquery, layout)?;
        }
        Ok(())
    }

    /// The keys that are looked up: subqueries may be in them.
    pub(super) fn convert_keys(&mut self, select: &mut RemoteSelect) -> Result<()> {
        let Some((_, keys)) = &mut select.keys else { return Ok(()) };
        let layout = Layout::default();
        match keys {
            Keys::List(list) => {
                for part in list.iter_mut().flatten() {
                    self.convert_in_place(part, &layout)?;
                }
            }
            Keys::Array(array) => self.convert_in_place(array, &layout)?,
            Keys::Given => {}
        }
        Ok(())
    }

    fn convert_children(&mut self, expr: &mut Expr, layout: &Layout) -> Result<()> {
        let mut result = Ok(());
        for_each_child_mut(expr, &mut |child| {
            if result.is_ok() {
                result = self.convert_in_place(child, layout);
            }
        });
        result
    }

    /// Its left operands are converted already.
    fn convert_subquery(&mut self, subquery: &Subquery, layout: &Layout) -> Result<ExprKind> {
        let (plan, args) = self.plan_with_args(&subquery.query)?;
        let args = self.convert_all(&args, layout)?;
        let id = self.next_subplan;
        self.next_subplan += 1;
        Ok(ExprKind::SubPlan(Box::new(SubPlan { kind: subquery.kind.clone(), plan, args, id })))
    }
}
