//! Subqueries in expressions (`transformSubLink`).

use pg::oid::{self};
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use super::expr::{least, syntax_error};
use super::rows::interpret;
use super::types::format_type;
use crate::parse::ast::{self, OperatorName, SubqueryKind as Ast};
use crate::query::{Comparison, Expr, ExprKind, Query, Subquery, SubqueryKind};

impl Analyzer<'_> {
    pub(super) fn sublink(&mut self, kind: &Ast, query: &ast::Query, pos: Option<u32>) -> Result<Expr> {
        let place = match self.clause() {
            Clause::ConflictTarget => Some("index expression"),
            Clause::ConflictPredicate => Some("index predicate"),
            _ => None,
        };
        if let Some(place) = place {
            let message = format!("cannot use subquery in {place}");
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos));
        }
        let Ast::Quantified { left, op, all } = kind else {
            let query = self.query(query)?;
            return self.simple_sublink(kind, query, pos);
        };
        let equal = OperatorName { schema: None, name: "=".into() };
        let op = op.as_ref().unwrap_or(&equal);
        let query = self.query(query)?;
        self.quantified(left, op, Some(*all), query, pos)
    }

    /// `(a, b) = (SELECT …)`
    pub(super) fn row_subquery_comparison(
        &mut self,
        op: &OperatorName,
        left: &ast::Expr,
        query: &ast::Query,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let query = self.query(query)?;
        self.quantified(left, op, None, query, pos)
    }

    fn simple_sublink(&mut self, kind: &Ast, query: Query, pos: Option<u32>) -> Result<Expr> {
        let (kind, ty) = match kind {
            Ast::Exists => (SubqueryKind::Exists, oid::BOOL.into()),
            _ => {
                let [column] = query.columns.as_slice() else {
                    return Err(syntax_error("subquery must return only one column", pos));
                };
                if matches!(kind, Ast::Array) {
                    let array = pg::catalog::array_type(column.ty.oid);
                    // An array's rows make an array of one more dimension.
                    let array = array.or(pg::catalog::element_type(column.ty.oid).map(|_| column.ty.oid));
                    let array = array.ok_or_else(|| {
                        let ty = format_type(column.ty.oid);
                        Error::new(
                            SqlState::UNDEFINED_OBJECT,
                            format!("could not find array type for data type {ty}"),
                        )
                        .at(pos)
                    })?;
                    (SubqueryKind::Array, pg::TypeRef { oid: array, typmod: column.ty.typmod })
                } else {
                    (SubqueryKind::Scalar, column.ty)
                }
            }
        };
        Ok(Expr::new(ExprKind::Subquery(Box::new(Subquery { kind, query })), ty).at(pos))
    }

    fn quantified(
        &mut self,
        left: &ast::Expr,
        op: &OperatorName,
        quantifier: Option<bool>,
        query: Query,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let left = self.fields_of(left)?;
        if left.len() < query.columns.len() {
            return Err(syntax_error("subquery has too many columns", pos));
        }
        if left.len() > query.columns.len() {
            return Err(syntax_error("subquery has too few columns", pos));
        }
        let (mut operators, mut lefts, mut rights) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (left, column)) in left.into_iter().zip(&query.columns).enumerate() {
            let (operator, left, right) = self.row_operator(op, left, Expr::slot(i, column.ty), pos)?;
            operators.push(operator);
            lefts.push(left);
            rights.push(right);
        }
        let (comparison, operators) = if operators.len() == 1 {
            (Comparison::Equal, operators)
        } else {
            interpret(op, &operators, pos)?
        };
        let position = lefts.iter().fold(pos, |pos, left| least(pos, left.position));
        let kind = SubqueryKind::Quantified {
            all: quantifier.unwrap_or_default(),
            single: quantifier.is_none(),
            left: lefts,
            operators,
            comparison,
            right: rights,
        };
        Ok(Expr::new(ExprKind::Subquery(Box::new(Subquery { kind, query })), oid::BOOL).at(position))
    }
}
