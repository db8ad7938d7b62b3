//! The columns of values of type `record`: they are looked for where the record comes from (`expandRecordVariable`).

use std::sync::Arc;

use pg::oid::{self, TypeRef};

use super::Analyzer;
use super::indirection::composite_columns;
use crate::query::{Body, Expr, ExprKind, Query, Range, RangeKind};

/// Names and types.
pub(super) type Columns = Vec<(Arc<str>, TypeRef)>;

/// Where an expression stands: in the innermost of some analysed queries, the outermost of which stands in the block
/// under analysis that is so many levels out; or in that block itself.
#[derive(Clone)]
struct Place<'q> {
    block: usize,
    queries: Vec<&'q Query>,
}

impl<'q> Place<'q> {
    fn inside(mut self, query: &'q Query) -> Place<'q> {
        self.queries.push(query);
        self
    }

    /// So many levels further out: a query, or the block's level if it is none of the queries.
    fn outside(&self, levels_up: usize) -> Result<Place<'q>, usize> {
        match self.queries.len().checked_sub(levels_up) {
            Some(depth) if depth > 0 => {
                let queries = self.queries.iter().take(depth).copied().collect();
                Ok(Place { block: self.block, queries })
            }
            _ => Err(self.block + levels_up - self.queries.len()),
        }
    }
}

impl Analyzer<'_> {
    /// The columns of a composite value, as far as they are known.
    pub(super) fn composite_columns(&self, value: &Expr) -> Option<Columns> {
        self.columns_of(value, Place { block: 0, queries: Vec::new() })
    }

    /// For each column of a query of WITH what is known of its records.
    pub(super) fn record_columns(&self, query: &Query) -> Vec<Option<Columns>> {
        let place = Place { block: 0, queries: vec![query] };
        let of_column = |(index, column): (usize, &crate::query::OutputColumn)| match column.ty.oid {
            oid::RECORD => self.columns_of_query(index, place.clone()),
            _ => None,
        };
        query.columns.iter().enumerate().map(of_column).collect()
    }

    fn columns_of(&self, value: &Expr, place: Place<'_>) -> Option<Columns> {
        let ExprKind::Column(column) = &value.kind else { return composite_columns(value) };
        if value.ty.oid != oid::RECORD {
            return composite_columns(value);
        }
        match place.outside(column.levels_up) {
            Ok(place) => {
                let Body::Select(select) = &place.queries.last()?.body else { return None };
                self.columns_of_range(select.ranges.get(column.range)?, column.column, place)
            }
            Err(block) => {
                let range = self.block(block)?.ranges.get(column.range)?;
                self.columns_of_range(range, column.column, Place { block, queries: Vec::new() })
            }
        }
    }

    fn columns_of_range<'q>(&self, range: &'q Range, column: usize, place: Place<'q>) -> Option<Columns> {
        match &range.kind {
            RangeKind::Subquery(query) => self.columns_of_query(column, place.inside(query)),
            RangeKind::Cte { levels_up, index } => match place.outside(*levels_up) {
                Ok(place) => {
                    let cte = place.queries.last()?.ctes.get(*index)?;
                    self.columns_of_query(column, place.inside(&cte.query))
                }
                Err(block) => {
                    let mut ctes = self.block(block)?.ctes.iter();
                    ctes.find(|entry| entry.index == *index)?.records.get(column)?.clone()
                }
            },
            RangeKind::Relation(_) | RangeKind::Values(_) | RangeKind::Function { .. } => None,
        }
    }

    /// The columns of a column of the innermost query.
    fn columns_of_query(&self, column: usize, place: Place<'_>) -> Option<Columns> {
        let query = *place.queries.last()?;
        match &query.body {
            Body::Select(select) => {
                let mut targets = select.targets.iter().filter(|target| !target.junk);
                self.columns_of(&targets.nth(column)?.expr, place)
            }
            Body::Values(_) => None,
            Body::SetOperation(operation) => self.columns_of_query(column, place.inside(&operation.left)),
        }
    }
}
