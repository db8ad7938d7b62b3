//! `RETURNING`: expressions over the rows that were changed. Each change hands over the values of the columns that are
//! asked for; the expressions are then run over these rows, as a block over VALUES.

use pg::{Env, Error, Result, Value};

use crate::exec::{self, Context};
use crate::query::*;
use crate::walk::{has_subquery, replace_columns, visit_columns};

/// What a change returns of its rows.
#[derive(Clone, Debug)]
pub(super) struct Returning {
    /// The columns of the change that the expressions need, in the order in which their values are handed over.
    pub(super) needed: Vec<(usize, usize)>,
    columns: Vec<RangeColumn>,
    /// The WITH of the change, when the expressions may name it.
    ctes: Vec<Cte>,
    /// Over the needed columns as range 0.
    targets: Vec<Target>,
}

impl Returning {
    /// The columns that `targets` need of the ranges of the change; `None` when nothing is asked for.
    pub(super) fn of(targets: &[Target], ranges: &[Range], ctes: &[Cte]) -> Option<Returning> {
        if targets.is_empty() {
            return None;
        }
        let mut needed: Vec<(usize, usize)> = Vec::new();
        let mut note = |column: ColumnRef| {
            if column.levels_up == 0 && !needed.contains(&(column.range, column.column)) {
                needed.push((column.range, column.column));
            }
        };
        targets.iter().for_each(|target| visit_columns(&target.expr, &mut note));
        let column = |&(range, column): &(usize, usize)| ranges.get(range)?.columns.get(column).cloned();
        let columns = needed.iter().filter_map(column).collect();
        let mut targets = targets.to_vec();
        for target in &mut targets {
            replace_columns(&mut target.expr, &mut |column| {
                let wanted = (column.range, column.column);
                let at = needed.iter().position(|have| column.levels_up == 0 && *have == wanted)?;
                Some(ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column: at }))
            });
        }
        let ctes = if targets.iter().any(|target| has_subquery(&target.expr)) { ctes } else { &[] };
        Some(Returning { needed, columns, ctes: ctes.to_vec(), targets })
    }

    /// The needed columns as targets of the block that finds the rows.
    pub(super) fn sources(&self) -> impl Iterator<Item = Target> {
        self.needed.iter().zip(&self.columns).map(|(&(range, column), named)| {
            let kind = ExprKind::Column(ColumnRef { levels_up: 0, range, column });
            Target { expr: Expr::new(kind, named.ty), name: named.name.clone(), junk: false }
        })
    }

    /// What is returned of rows of the needed columns; nothing when nothing is asked for.
    pub(super) async fn of_rows(
        returning: Option<&Returning>,
        rows: Vec<Vec<Value>>,
        context: &Context,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        match returning {
            Some(returning) => returning.rows(rows, context).await.map(Some),
            None => Ok(None),
        }
    }

    async fn rows(&self, rows: Vec<Vec<Value>>, context: &Context) -> Result<Vec<Vec<Value>>> {
        if rows.is_empty() {
            return Ok(rows);
        }
        let plan = crate::plan::plan(&self.query(rows), &context.env)?;
        exec::run(&plan, context.clone())?.collect().await
    }

    /// That the expressions can be planned is known before anything is changed.
    pub(super) fn check(&self, env: &Env) -> Result<()> {
        let nulls = vec![Value::Null; self.columns.len()];
        let plan = crate::plan::plan(&self.query(vec![nulls]), env)?;
        // Their rows are gathered for the plans that find what is changed.
        if !plan.gathered().is_empty() {
            return Err(Error::refused("tables of schema hazelcast in RETURNING"));
        }
        Ok(())
    }

    fn query(&self, rows: Vec<Vec<Value>>) -> Query {
        let constants = |row: Vec<Value>| {
            row.into_iter()
                .zip(&self.columns)
                .map(|(value, column)| Expr::constant(value, column.ty))
                .collect()
        };
        let range = Range {
            alias: "changed".into(),
            columns: self.columns.clone(),
            kind: RangeKind::Values(rows.into_iter().map(constants).collect()),
            lateral: false,
        };
        let columns = self.targets.iter().map(Target::output).collect();
        let block = Select::plain(vec![range], vec![From::Range(0)], self.targets.clone());
        Query { ctes: self.ctes.clone(), ..Query::plain(Body::Select(Box::new(block)), columns) }
    }
}
