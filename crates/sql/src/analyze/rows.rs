//! Row values and their comparison (`transformRowExpr`, `make_row_comparison_op`).

use std::sync::Arc;

use pg::catalog::{btree_strategies, family_operator, operator_by_oid};
use pg::oid;
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use super::case::combine;
use super::expr::{least, syntax_error};
use crate::parse::ast::{self, ExprKind as Ast, OperatorName};
use crate::query::{Comparison, Expr, ExprKind, Operator};

impl Analyzer<'_> {
    /// `ROW(…)`; `t.*` in it stands for its columns.
    pub(super) fn row(&mut self, fields: &[ast::Expr], pos: Option<u32>) -> Result<Expr> {
        let fields = self.row_fields(fields)?;
        let names = (1..=fields.len()).map(|i| Arc::from(format!("f{i}"))).collect();
        Ok(Expr::row(fields, names).at(pos))
    }

    pub(super) fn row_fields(&mut self, fields: &[ast::Expr]) -> Result<Vec<Expr>> {
        let mut exprs = Vec::with_capacity(fields.len());
        for field in fields {
            match &field.kind {
                Ast::Star(names) if !names.is_empty() => {
                    let whole = self.whole_row(names, field.pos)?;
                    match whole.kind {
                        ExprKind::Row { fields, .. } => exprs.extend(fields),
                        kind => exprs.push(Expr { kind, ..whole }),
                    }
                }
                _ => exprs.push(self.expr(field)?),
            }
        }
        Ok(exprs)
    }

    /// The fields of a row that is compared with another, or the one value that isn't a row.
    pub(super) fn fields_of(&mut self, expr: &ast::Expr) -> Result<Vec<Expr>> {
        match &expr.kind {
            Ast::Row(fields) => self.row_fields(fields),
            _ => Ok(vec![self.expr(expr)?]),
        }
    }

    pub(super) fn row_comparison(
        &mut self,
        op: &OperatorName,
        left: &ast::Expr,
        right: &ast::Expr,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let left = self.fields_of(left)?;
        let right = self.fields_of(right)?;
        self.compare_rows(op, left, right, pos)
    }

    fn compare_rows(
        &mut self,
        op: &OperatorName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        pos: Option<u32>,
    ) -> Result<Expr> {
        if left.len() != right.len() {
            return Err(syntax_error("unequal number of entries in row expressions", pos));
        }
        if left.is_empty() {
            return Err(
                Error::new(SqlState::FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length").at(pos)
            );
        }
        let single = left.len() == 1;
        let (mut operators, mut lefts, mut rights) = (Vec::new(), Vec::new(), Vec::new());
        for (left, right) in left.into_iter().zip(right) {
            if single {
                return self.make_operator(op, Some(left), right, pos);
            }
            let (operator, left, right) = self.row_operator(op, left, right, pos)?;
            operators.push(operator);
            lefts.push(left);
            rights.push(right);
        }
        let (comparison, operators) = interpret(op, &operators, pos)?;
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            let pairs = operators.into_iter().zip(lefts.into_iter().zip(rights));
            let each = pairs.map(|(operator, (left, right))| operator_call(operator, left, right)).collect();
            return Ok(combine(each, comparison == Comparison::Equal, pos));
        }
        let position = lefts.iter().map(|l| l.position).chain([pos]).flatten().min();
        let kind = ExprKind::RowCompare { comparison, operators, left: lefts, right: rights };
        Ok(Expr::new(kind, oid::BOOL).at(position))
    }

    /// The operator between two fields, which must answer a boolean.
    pub(super) fn row_operator(
        &mut self,
        op: &OperatorName,
        left: Expr,
        right: Expr,
        pos: Option<u32>,
    ) -> Result<(Operator, Expr, Expr)> {
        let (operator, left, right, result) = self.boolean_operator(op, left, right, pos)?;
        if result != oid::BOOL {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "row comparison operator must yield type boolean, not type {}",
                    super::types::format_type(result)
                ),
            )
            .at(pos));
        }
        Ok((operator, left, right))
    }

    /// `(a, b) IN ((1, 2), (3, 4))`
    pub(super) fn in_rows(
        &mut self,
        left: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let op = OperatorName { schema: None, name: if negated { "<>" } else { "=" }.into() };
        let mut comparisons = Vec::with_capacity(list.len());
        for item in list {
            let comparison = match (&left.kind, &item.kind) {
                (Ast::Row(_), Ast::Row(_)) => self.row_comparison(&op, left, item, pos)?,
                _ => {
                    let (left, right) = (self.expr(left)?, self.expr(item)?);
                    self.make_operator(&op, Some(left), right, pos)?
                }
            };
            comparisons.push(self.coerce_to_boolean(comparison, "IN")?);
        }
        Ok(combine(comparisons, negated, pos))
    }

    /// `make_row_distinct_op`
    pub(super) fn row_distinct(
        &mut self,
        left: &[ast::Expr],
        right: &[ast::Expr],
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let (left, right) = (self.row_fields(left)?, self.row_fields(right)?);
        if left.len() != right.len() {
            return Err(syntax_error("unequal number of entries in row expressions", pos));
        }
        let mut each = Vec::with_capacity(left.len());
        for (left, right) in left.into_iter().zip(right) {
            each.push(self.make_distinct(left, right, negated, pos)?);
        }
        Ok(combine(each, negated, pos))
    }
}

fn operator_call(operator: Operator, left: Expr, right: Expr) -> Expr {
    let position = least(left.position, right.position);
    let call = crate::query::Call {
        proc: operator.proc,
        args: vec![left, right],
        form: crate::query::CallForm::Operator(operator.oid),
        retset: false,
        variadic: false,
    };
    Expr::new(ExprKind::Call(Box::new(call)), oid::BOOL).at(position)
}

/// Which comparison operators make together, by the btree families that they belong to; and for the orders, the `<` or
/// `>` of each field.
pub(super) fn interpret(
    name: &OperatorName,
    operators: &[Operator],
    pos: Option<u32>,
) -> Result<(Comparison, Vec<Operator>)> {
    let uninterpretable = || {
        Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("could not determine interpretation of row comparison operator {}", name.name),
        )
        .hint("Row comparison operators must be associated with btree operator families.")
        .at(pos)
    };
    let per_field: Vec<Vec<(Oid, u16)>> = operators.iter().map(|o| strategies(o.oid)).collect();
    let Some(first) = per_field.first() else { return Err(uninterpretable()) };
    let common = first
        .iter()
        .map(|(_, strategy)| *strategy)
        .find(|strategy| per_field.iter().all(|field| field.iter().any(|(_, s)| s == strategy)))
        .ok_or_else(uninterpretable)?;
    let comparison = match common {
        1 => Comparison::Less,
        2 => Comparison::LessOrEqual,
        3 => Comparison::Equal,
        4 => Comparison::GreaterOrEqual,
        5 => Comparison::Greater,
        _ => Comparison::NotEqual,
    };
    let strict = match comparison {
        Comparison::LessOrEqual => 1,
        Comparison::GreaterOrEqual => 5,
        _ => return Ok((comparison, operators.to_vec())),
    };
    let mut strict_operators = Vec::with_capacity(operators.len());
    for (operator, field) in operators.iter().zip(&per_field) {
        let row = operator_by_oid(operator.oid).ok_or_else(uninterpretable)?;
        let family = field.iter().find(|(_, s)| *s == common).map(|(family, _)| *family);
        let found = family.and_then(|family| family_operator(family, row.left, row.right, strict));
        let found = found.and_then(operator_by_oid).ok_or_else(uninterpretable)?;
        strict_operators.push(Operator { oid: found.oid, proc: found.code });
    }
    Ok((comparison, strict_operators))
}

/// `get_op_btree_interpretation`: `<>` counts as strategy 6, through its negator.
fn strategies(operator: Oid) -> Vec<(Oid, u16)> {
    let own = btree_strategies(operator);
    if !own.is_empty() {
        return own;
    }
    let negator = operator_by_oid(operator).map(|row| row.negator).unwrap_or_default();
    btree_strategies(negator).into_iter().filter(|(_, s)| *s == 3).map(|(family, _)| (family, 6)).collect()
}
