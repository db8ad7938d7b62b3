//! `SET a = x, (b, c) = (SELECT …)` (`transformUpdateTargetList`).

use std::sync::Arc;

use pg::oid;
use pg::{Error, Result, SqlState, Value};

use super::Analyzer;
use super::clause::Clause;
use super::expr::syntax_error;
use super::system_columns::system_column;
use crate::catalog::Relation;
use crate::parse::ast::{self, ExprKind as Ast};
use crate::query::{
    Body, ColumnRef, Expr, ExprKind, From, OutputColumn, Query, Range, Select, Subquery, SubqueryKind, Target,
};

impl Analyzer<'_> {
    /// The columns that are assigned to, and their new values.
    pub(super) fn assignments(
        &mut self,
        relation: &Relation,
        assignments: &[ast::Assignment],
    ) -> Result<(Vec<usize>, Vec<Target>)> {
        // All values first, then the columns that they are for.
        let mut values = Vec::with_capacity(assignments.len());
        for assignment in assignments {
            values.push(self.assigned_values(assignment)?);
        }
        let (mut columns, mut targets): (Vec<usize>, Vec<Target>) = (Vec::new(), Vec::new());
        for (assignment, values) in assignments.iter().zip(values) {
            for (target, value) in assignment.columns.iter().zip(values) {
                let (column, value) = self.assigned(relation, target, value)?;
                let name = relation.columns.get(column).map(|c| c.name.clone()).unwrap_or_default();
                if columns.contains(&column) {
                    return Err(syntax_error(
                        format!("multiple assignments to same column \"{name}\""),
                        None,
                    ));
                }
                columns.push(column);
                targets.push(Target { expr: value, name, junk: false });
            }
        }
        Ok((columns, targets))
    }

    /// The values of an assignment, one per column; `None` is DEFAULT.
    fn assigned_values(&mut self, assignment: &ast::Assignment) -> Result<Vec<Option<Expr>>> {
        let pos = self.pos(assignment.value.pos);
        let wanted = assignment.columns.len();
        let several = assignment.multiple && wanted > 1;
        let values: Vec<&ast::Expr> = match &assignment.value.kind {
            Ast::Row(fields) if assignment.multiple => fields.iter().collect(),
            Ast::Subquery(ast::SubqueryKind::Scalar, query) if several => {
                return self.in_clause(Clause::UpdateSource, |a| a.assigned_columns(query, wanted, pos));
            }
            _ if several => {
                return Err(Error::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                )
                .at(pos));
            }
            _ => vec![&assignment.value],
        };
        let mut found = Vec::with_capacity(wanted);
        self.in_clause(Clause::UpdateSource, |a| {
            for raw in values {
                match &raw.kind {
                    Ast::Default => found.push(None),
                    Ast::Star(_) if assignment.multiple => {
                        found.extend(a.row_fields(std::slice::from_ref(raw))?.into_iter().map(Some));
                    }
                    _ => found.push(Some(a.expr(raw)?)),
                }
            }
            Ok(())
        })?;
        if found.len() != wanted {
            return Err(syntax_error("number of columns does not match number of values", pos));
        }
        Ok(found)
    }

    /// The columns of a subquery's one row: the fields of a subquery that makes a row value of them.
    fn assigned_columns(
        &mut self,
        query: &ast::Query,
        wanted: usize,
        pos: Option<u32>,
    ) -> Result<Vec<Option<Expr>>> {
        let (query, _) = self.in_scope(|a| a.query(query))?;
        let columns = query.columns.clone();
        if columns.len() != wanted {
            return Err(syntax_error("number of columns does not match number of values", pos));
        }
        let place = |i| super::setop::column_expr(&query, i).and_then(|expr| expr.position);
        let places: Vec<Option<u32>> = (0..wanted).map(place).collect();
        let rows = row_of(query);
        let field = |(index, column): (usize, &OutputColumn)| {
            let pos = places.get(index).copied().flatten().or(pos);
            let subquery = Subquery { kind: SubqueryKind::Scalar, query: rows.clone() };
            let row = Expr::new(ExprKind::Subquery(Box::new(subquery)), oid::RECORD);
            Some(Expr::new(ExprKind::Field { expr: Box::new(row), index }, column.ty).at(pos))
        };
        Ok(columns.iter().enumerate().map(field).collect())
    }

    fn assigned(
        &mut self,
        relation: &Relation,
        target: &ast::InsertColumn,
        value: Option<Expr>,
    ) -> Result<(usize, Expr)> {
        let pos = self.pos(target.pos);
        let index = self.target_column(relation, &target.name, pos).map_err(|error| {
            let Some(column) = system_column(&target.name.folded()) else { return error };
            let message = format!("cannot assign to system column \"{}\"", column.name);
            Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos)
        })?;
        if let Some(part) = &target.part {
            return Err(self.no_part(relation, index, part, pos));
        }
        let ty = relation.columns.get(index).map_or(oid::TEXT.into(), |column| column.ty);
        let value = value.unwrap_or_else(|| Expr::constant(Value::Null, ty));
        Ok((index, self.assign(value, relation, index, pos)?))
    }
}

/// `SELECT ROW(a, b) FROM (query) AS source`
fn row_of(query: Query) -> Query {
    let named = |(index, column): (usize, &OutputColumn)| {
        let kind = ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column: index });
        (Expr::new(kind, column.ty), Arc::from(format!("f{}", index + 1)))
    };
    let (fields, names): (Vec<Expr>, Vec<Arc<str>>) = query.columns.iter().enumerate().map(named).unzip();
    let range = Range::of_subquery("source", query);
    let row = Expr::row(fields, names);
    let target = Target { expr: row, name: "row".into(), junk: false };
    let columns = vec![target.output()];
    Query::plain(
        Body::Select(Box::new(Select::plain(vec![range], vec![From::Range(0)], vec![target]))),
        columns,
    )
}
