//! `UNION`, `INTERSECT`, `EXCEPT` (`transformSetOperationStmt`): columns get common types.

use pg::oid::{self, TypeRef};
use pg::{Error, Result};

use super::Analyzer;
use super::common::common_choice;
use super::expr::syntax_error;
use super::names::NO_ORIGIN;
use crate::parse::ast;
use crate::query::{
    Body, Expr, ExprKind, OutputColumn, Query, Range, RangeColumn, RangeKind, SetOperation, SetOperationKind,
};

pub(super) fn set_operation_name(kind: SetOperationKind) -> &'static str {
    match kind {
        SetOperationKind::Union => "UNION",
        SetOperationKind::Intersect => "INTERSECT",
        SetOperationKind::Except => "EXCEPT",
    }
}

impl Analyzer<'_> {
    pub(super) fn set_operation(
        &mut self,
        query: &ast::Query,
        kind: SetOperationKind,
        all: bool,
        left: &ast::Query,
        right: &ast::Query,
        _resolve: bool,
    ) -> Result<Query> {
        let left = self.query_in(left, false)?;
        let right = self.query_in(right, false)?;
        let pos = self.pos(query.pos);
        let (operation, columns) = self.combine_sides(kind, all, left, right, pos)?;
        let body = Body::SetOperation(Box::new(operation));
        self.finish_set_operation(query, body, columns)
    }

    /// What stands behind a set operation: ORDER BY and LIMIT.
    pub(super) fn finish_set_operation(
        &mut self,
        query: &ast::Query,
        body: Body,
        columns: Vec<OutputColumn>,
    ) -> Result<Query> {
        let order_by = self.sort_output(&query.order_by, &columns, Some(&body))?;
        let offset =
            query.offset.as_ref().map(|raw| self.limit(raw, super::clause::Clause::Offset)).transpose()?;
        let limit =
            query.limit.as_ref().map(|raw| self.limit(raw, super::clause::Clause::Limit)).transpose()?;
        Ok(Query { ctes: Vec::new(), body, order_by, limit, offset, with_ties: query.with_ties, columns })
    }

    /// Both sides with the same types of columns.
    pub(super) fn combine_sides(
        &mut self,
        kind: SetOperationKind,
        all: bool,
        left: Query,
        right: Query,
        pos: Option<u32>,
    ) -> Result<(SetOperation, Vec<OutputColumn>)> {
        let name = set_operation_name(kind);
        if left.columns.len() != right.columns.len() {
            let position = (0..right.columns.len()).find_map(|i| column_position(&right, i));
            return Err(syntax_error(
                format!("each {name} query must have the same number of columns"),
                position,
            ));
        }
        let mut columns = Vec::with_capacity(left.columns.len());
        let mut positions = Vec::with_capacity(left.columns.len());
        let pairs: Vec<_> = left.columns.iter().zip(&right.columns).enumerate().collect();
        for (i, (l, r)) in pairs {
            let (l_expr, r_expr) = (stand_in(&left, i, l), stand_in(&right, i, r));
            let (ty, chosen) = common_choice(&[&l_expr, &r_expr], Some(name))?.unwrap_or((oid::TEXT, 0));
            let position = if chosen == 0 { l_expr.position } else { r_expr.position };
            positions.push(position);
            let typmod = if l.ty == r.ty && l.ty.oid == ty { l.ty.typmod } else { -1 };
            if !(all && kind == SetOperationKind::Union) {
                self.check_equality(ty, position.or(pos))?;
            }
            columns.push(OutputColumn {
                name: l.name.clone(),
                ty: TypeRef { oid: ty, typmod },
                origin: NO_ORIGIN,
            });
        }
        let types: Vec<TypeRef> = columns.iter().map(|c| c.ty).collect();
        let mut convert = |a: &mut Self, expr: Expr, ty: TypeRef| {
            let expr = a.coerce_to_common(expr, ty.oid, name)?;
            Ok(if ty.typmod == -1 && expr.ty.typmod != -1 { forget_typmod(expr) } else { expr })
        };
        let left = self.convert_columns(left, &types, &mut convert)?;
        let right = self.convert_columns(right, &types, &mut convert)?;
        Ok((SetOperation { kind, all, left, right, positions }, columns))
    }
}

/// `varchar(3)` beside `varchar(5)` is `varchar`.
fn forget_typmod(expr: Expr) -> Expr {
    super::coerce::apply_typmod(expr.clone(), TypeRef::of(expr.ty.oid), super::coerce::Context::Implicit)
}

/// The expression of a query's column, when it is a plain block.
pub(super) fn column_expr(query: &Query, index: usize) -> Option<&Expr> {
    match &query.body {
        Body::Select(select) => {
            select.targets.iter().filter(|target| !target.junk).nth(index).map(|target| &target.expr)
        }
        Body::Values(rows) => rows.first().and_then(|row| row.get(index)),
        Body::SetOperation(operation) => column_expr(&operation.left, index),
    }
}

/// Where a query's column stands: rows of VALUES are columns that stand nowhere.
fn column_position(query: &Query, index: usize) -> Option<u32> {
    match &query.body {
        Body::Select(_) => column_expr(query, index)?.position,
        Body::Values(_) => None,
        Body::SetOperation(operation) => operation.positions.get(index).copied().flatten(),
    }
}

/// Stands for a column of a side when common types are looked for.
fn stand_in(query: &Query, index: usize, column: &OutputColumn) -> Expr {
    Expr::new(ExprKind::Slot(index), column.ty).at(column_position(query, index))
}

/// The error of a recursive query whose form is not `… UNION [ALL] …`.
pub(super) fn not_recursive_form(name: &str, pos: Option<u32>) -> Error {
    Error::new(
        pg::SqlState::INVALID_RECURSION,
        format!(
            "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
        ),
    )
    .at(pos)
}

/// The blocks of a set operation as what messages call them: `*SELECT* 1`, `*SELECT* 2` …
pub(super) fn sides_as_ranges(body: &Body, ranges: &mut Vec<Range>) {
    let Body::SetOperation(operation) = body else { return };
    for side in [&operation.left, &operation.right] {
        if matches!(side.body, Body::SetOperation(_)) {
            sides_as_ranges(&side.body, ranges);
            continue;
        }
        let column = |c: &OutputColumn| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: false };
        ranges.push(Range {
            alias: format!("*SELECT* {}", ranges.len() + 1).into(),
            columns: side.columns.iter().map(column).collect(),
            kind: RangeKind::Values(Vec::new()),
            lateral: false,
        });
    }
}
