//! Expressions (`transformExprRecurse`).

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value};

use super::Analyzer;
use super::coerce::Context;
use super::collations;
use super::types::format_type;
use crate::parse::ast::{self, ExprKind as Ast, Literal, OperatorName};
use crate::query::{Expr, ExprKind};

/// The operand of BETWEEN is written twice, or four times: with every level more of them there are as many times more.
const BETWEENS_MAX: usize = 6;

impl Analyzer<'_> {
    /// The meaning of an expression.
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Result<Expr> {
        crate::interrupts::check()?;
        crate::stack::grown(|| self.expr_inner(expr))
    }

    fn expr_inner(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let pos = self.pos(expr.pos);
        match &expr.kind {
            Ast::Column(names) => self.column(names, expr.pos),
            Ast::Star(names) if names.is_empty() => Err(syntax_error("syntax error at or near \"*\"", pos)),
            Ast::Star(names) => self.whole_row(names, expr.pos),
            Ast::Param(index) => self.param(*index, pos),
            Ast::Const(literal) => self.constant(literal, pos),
            Ast::Cast(operand, ty) => self.cast(operand, ty, pos),
            Ast::Operator { op, left, right } => self.operator(op, left.as_deref(), right, pos),
            Ast::AnyArray { op, all, left, array } => self.any_array(op, *all, left, array, pos),
            Ast::Distinct(left, right, negated) => self.distinct_from(left, right, *negated, pos),
            Ast::NullIf(left, right) => self.null_if(left, right, pos),
            Ast::In { left, list, negated } => self.in_list(left, list, *negated, pos),
            Ast::Between { operands, negated, symmetric } => {
                self.between(operands, *negated, *symmetric, expr.pos)
            }
            Ast::And(items) => self.boolean_list(items, "AND").map(|list| connect(ExprKind::And(list), pos)),
            Ast::Or(items) => self.boolean_list(items, "OR").map(|list| connect(ExprKind::Or(list), pos)),
            Ast::Not(operand) => {
                let operand = self.expr(operand)?;
                let operand = self.coerce_to_boolean(operand, "NOT")?;
                let position = least(pos, operand.position);
                Ok(Expr::new(ExprKind::Not(Box::new(operand)), oid::BOOL).at(position))
            }
            Ast::IsNull(operand, negated) => {
                let operand = Box::new(self.expr(operand)?);
                let position = least(pos, operand.position);
                Ok(Expr::new(ExprKind::IsNull { expr: operand, negated: *negated }, oid::BOOL).at(position))
            }
            Ast::BooleanTest(operand, value, negated) => self.boolean_test(operand, *value, *negated, pos),
            Ast::Func(call) => self.func_call(call, expr.pos),
            Ast::Case { operand, arms, otherwise } => {
                self.case(operand.as_deref(), arms, otherwise.as_deref(), pos)
            }
            Ast::Coalesce(args) => self.coalesce(args, pos),
            Ast::MinMax(greatest, args) => self.min_max(*greatest, args, pos),
            Ast::SqlValue(value, precision) => Ok(super::special::sql_value(*value, *precision, pos)),
            Ast::Array(items) => self.array(items, None, pos),
            Ast::Row(fields) => self.row(fields, pos),
            Ast::Subquery(kind, query) => self.sublink(kind, query, pos),
            Ast::Indirection(operand, steps) => self.indirection(operand, steps, pos),
            Ast::Collate(operand, collation) => self.collate(operand, collation, pos),
            Ast::Grouping(args) => self.grouping_call(args, pos),
            Ast::Default => Err(syntax_error("DEFAULT is not allowed in this context", pos)),
            Ast::Refused(what) => Err(Error::refused(what).at(pos)),
        }
    }

    /// `make_const`
    fn constant(&mut self, literal: &Literal, pos: Option<u32>) -> Result<Expr> {
        let (value, ty) = match literal {
            Literal::Integer(i) => (Value::Int4(*i), oid::INT4),
            Literal::Number(text) => match (text.parse::<i32>(), text.parse::<i64>()) {
                (Ok(i), _) => (Value::Int4(i), oid::INT4),
                (_, Ok(i)) => (Value::Int8(i), oid::INT8),
                _ => (self.input(oid::NUMERIC, -1, text).map_err(|e| e.at(pos))?, oid::NUMERIC),
            },
            Literal::String(text) => (Value::Text(text.clone()), oid::UNKNOWN),
            Literal::Bits(text) => (self.input(oid::BIT, -1, text).map_err(|e| e.at(pos))?, oid::BIT),
            Literal::Bool(b) => (Value::Bool(*b), oid::BOOL),
            Literal::Null => (Value::Null, oid::UNKNOWN),
        };
        Ok(Expr::constant(value, ty).at(pos))
    }

    /// `transformTypeCast`
    fn cast(&mut self, operand: &ast::Expr, ty: &ast::TypeName, pos: Option<u32>) -> Result<Expr> {
        let target = self.type_name(ty)?;
        let operand = match &operand.kind {
            // The elements of ARRAY[…]::t[] are taken for t.
            Ast::Array(items) => {
                let base = pg::catalog::base_type(target.oid, target.typmod).0;
                let hint = pg::catalog::element_type(base).map(|element| (base, element));
                let own = self.pos(operand.pos);
                self.array(items, hint, own)?
            }
            _ => self.expr(operand)?,
        };
        let from = operand.ty.oid;
        let position = pos.or(self.pos(ty.pos));
        let at = position.or(operand.position);
        match self.coerce_to_target(operand, target, Context::Explicit, position)? {
            Some(expr) => Ok(expr),
            None => Err(Error::new(
                SqlState::CANNOT_COERCE,
                format!("cannot cast type {} to {}", format_type(from), format_type(target.oid)),
            )
            .at(at)),
        }
    }

    fn operator(
        &mut self,
        op: &OperatorName,
        left: Option<&ast::Expr>,
        right: &ast::Expr,
        pos: Option<u32>,
    ) -> Result<Expr> {
        if let Some(left) = left {
            let is_row = |e: &ast::Expr| matches!(e.kind, Ast::Row(_));
            if is_row(left) && is_row(right) {
                return self.row_comparison(op, left, right, pos);
            }
            if is_row(left)
                && let Ast::Subquery(ast::SubqueryKind::Scalar, query) = &right.kind
            {
                return self.row_subquery_comparison(op, left, query, pos);
            }
        }
        let left = left.map(|left| self.expr(left)).transpose()?;
        let right = self.expr(right)?;
        self.make_operator(op, left, right, pos)
    }

    fn boolean_list(&mut self, items: &[ast::Expr], construct: &str) -> Result<Vec<Expr>> {
        items
            .iter()
            .map(|item| {
                let item = self.expr(item)?;
                self.coerce_to_boolean(item, construct)
            })
            .collect()
    }

    fn boolean_test(
        &mut self,
        operand: &ast::Expr,
        value: Option<bool>,
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let construct = match (value, negated) {
            (Some(true), false) => "IS TRUE",
            (Some(true), true) => "IS NOT TRUE",
            (Some(false), false) => "IS FALSE",
            (Some(false), true) => "IS NOT FALSE",
            (None, false) => "IS UNKNOWN",
            (None, true) => "IS NOT UNKNOWN",
        };
        let operand = self.expr(operand)?;
        let operand = self.coerce_to_boolean(operand, construct)?;
        let position = least(pos, operand.position);
        let kind = ExprKind::BooleanTest { expr: Box::new(operand), value, negated };
        Ok(Expr::new(kind, oid::BOOL).at(position))
    }

    /// `transformAExprBetween`: two comparisons, joined by AND; the operand is analysed anew for each.
    fn between(
        &mut self,
        operands: &[ast::Expr; 3],
        negated: bool,
        symmetric: bool,
        raw_pos: u32,
    ) -> Result<Expr> {
        let [value, low, high] = operands;
        let op = |name: &str, left: &ast::Expr, right: &ast::Expr| {
            let op = OperatorName { schema: None, name: name.into() };
            let (left, right) = (Some(Box::new(left.clone())), Box::new(right.clone()));
            ast::Expr::new(Ast::Operator { op, left, right }, raw_pos)
        };
        let both = |low: &ast::Expr, high: &ast::Expr| {
            if negated {
                ast::Expr::new(Ast::Or(vec![op("<", value, low), op(">", value, high)]), raw_pos)
            } else {
                ast::Expr::new(Ast::And(vec![op(">=", value, low), op("<=", value, high)]), raw_pos)
            }
        };
        let comparisons = if symmetric {
            let either = vec![both(low, high), both(high, low)];
            let kind = if negated { Ast::And(either) } else { Ast::Or(either) };
            ast::Expr::new(kind, raw_pos)
        } else {
            both(low, high)
        };
        if self.in_betweens >= BETWEENS_MAX {
            return Err(Error::stack_depth()
                .detail(format!("BETWEEN is nested deeper than {BETWEENS_MAX} times."))
                .at(self.pos(raw_pos)));
        }
        self.in_betweens += 1;
        let analysed = self.expr(&comparisons);
        self.in_betweens -= 1;
        analysed
    }

    /// `transformCollateClause`
    fn collate(
        &mut self,
        operand: &ast::Expr,
        collation: &[crate::catalog::Name],
        pos: Option<u32>,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let (ty, position) = (operand.ty, operand.position);
        if !collations::is_collatable(ty.oid) && ty.oid != oid::UNKNOWN {
            return Err(collations::not_collatable(ty.oid).at(pos));
        }
        let collation = self.collation(collation, pos)?;
        self.collates = true;
        Ok(Expr::new(ExprKind::Collate { expr: Box::new(operand), collation, position: pos }, ty)
            .at(position))
    }

    /// `LookupCollation`: our database has one order of text, under several names.
    fn collation(&self, collation: &[crate::catalog::Name], pos: Option<u32>) -> Result<Oid> {
        let (schema, name) = self.qualified(collation).map_err(|error| error.at(pos))?;
        let (schema, name) = (schema.map(|schema| schema.folded()), name.folded());
        let in_catalog = schema.as_ref().is_none_or(|schema| **schema == *"pg_catalog");
        if let Some(found) = collations::by_name(&name).filter(|_| in_catalog) {
            return Ok(found);
        }
        if let Some(schema) = schema {
            self.explicit_namespace(&schema, pos)?;
        }
        let written = super::names::dotted(collation);
        if in_catalog && collations::exists(&name) {
            return Err(Error::refused(format!("collation \"{written}\"")).at(pos));
        }
        let message = format!("collation \"{written}\" for encoding \"UTF8\" does not exist");
        Err(Error::new(SqlState::UNDEFINED_OBJECT, message).at(pos))
    }
}

fn connect(kind: ExprKind, pos: Option<u32>) -> Expr {
    let position = match &kind {
        ExprKind::And(items) | ExprKind::Or(items) => {
            items.iter().map(|item| item.position).chain([pos]).flatten().min()
        }
        _ => pos,
    };
    Expr::new(kind, TypeRef::of(oid::BOOL)).at(position)
}

/// The position further left.
pub(super) fn least(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    [a, b].into_iter().flatten().min()
}

pub(super) fn syntax_error(message: impl Into<String>, pos: Option<u32>) -> Error {
    Error::new(SqlState::SYNTAX_ERROR, message).at(pos)
}
