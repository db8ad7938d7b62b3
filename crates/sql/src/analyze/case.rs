//! `CASE`, `COALESCE`, `NULLIF`, `GREATEST` and `LEAST`, `IN` lists, `ANY` over arrays, `ARRAY[…]`.

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value};

use super::Analyzer;
use super::coerce::{Context, returns_set};
use super::common::{common_type, common_typmod};
use super::expr::least;
use super::types::format_type;
use crate::parse::ast::{self, ExprKind as Ast, OperatorName};
use crate::query::{Expr, ExprKind, Operator};

fn operator_name(symbol: &str) -> OperatorName {
    OperatorName { schema: None, name: symbol.into() }
}

impl Analyzer<'_> {
    pub(super) fn exprs(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn no_sets<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>, construct: &str) -> Result<()> {
        match exprs.into_iter().find(|expr| returns_set(expr)) {
            None => Ok(()),
            Some(set) => Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("set-returning functions are not allowed in {construct}"),
            )
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(set.position)),
        }
    }

    /// `transformCaseExpr`
    pub(super) fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        arms: &[ast::CaseArm],
        otherwise: Option<&ast::Expr>,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let operand = operand.map(|operand| self.case_operand(operand)).transpose()?;
        let (mut conditions, mut results) = (Vec::new(), Vec::new());
        for arm in arms {
            let value = self.expr(&arm.condition)?;
            let condition = match &operand {
                None => value,
                Some(operand) => {
                    // The placeholder stands where the operand does.
                    let test = Expr::new(ExprKind::CaseTest, operand.ty);
                    self.make_operator(&operator_name("="), Some(test), value, self.pos(arm.pos))?
                }
            };
            conditions.push(self.coerce_to_boolean(condition, "CASE/WHEN")?);
            results.push(self.expr(&arm.result)?);
        }
        // The default counts first for the common type.
        let default = match otherwise {
            Some(expr) => self.expr(expr)?,
            None => Expr::constant(Value::Null, oid::UNKNOWN),
        };
        let all: Vec<&Expr> = std::iter::once(&default).chain(&results).collect();
        let ty = common_type(&all, Some("CASE"))?.unwrap_or(oid::TEXT);
        let default = self.coerce_to_common(default, ty, "CASE/ELSE")?;
        let results = results
            .into_iter()
            .map(|result| self.coerce_to_common(result, ty, "CASE/WHEN"))
            .collect::<Result<Vec<_>>>()?;
        self.no_sets(conditions.iter().chain(&results).chain([&default]).chain(&operand), "CASE")?;
        let typmod = common_typmod(results.iter().chain([&default]), ty);
        let kind = ExprKind::Case {
            operand: operand.map(Box::new),
            arms: conditions.into_iter().zip(results).collect(),
            otherwise: Some(Box::new(default)),
        };
        Ok(Expr::new(kind, TypeRef { oid: ty, typmod }).at(pos))
    }

    /// An unknown literal as operand is text.
    fn case_operand(&mut self, operand: &ast::Expr) -> Result<Expr> {
        let operand = self.expr(operand)?;
        if operand.ty.oid == oid::UNKNOWN {
            return self.coerce_to_common(operand, oid::TEXT, "CASE");
        }
        Ok(operand)
    }

    /// `transformCoalesceExpr`
    pub(super) fn coalesce(&mut self, args: &[ast::Expr], pos: Option<u32>) -> Result<Expr> {
        let args = self.exprs(args)?;
        let (args, ty) = self.unify(args, "COALESCE")?;
        self.no_sets(&args, "COALESCE")?;
        let typmod = common_typmod(&args, ty);
        Ok(Expr::new(ExprKind::Coalesce(args), TypeRef { oid: ty, typmod }).at(pos))
    }

    /// `transformMinMaxExpr`
    pub(super) fn min_max(&mut self, greatest: bool, args: &[ast::Expr], pos: Option<u32>) -> Result<Expr> {
        let name = if greatest { "GREATEST" } else { "LEAST" };
        let args = self.exprs(args)?;
        let (args, ty) = self.unify(args, name)?;
        if pg::catalog::btree_comparison(ty).is_none() && pg::catalog::element_type(ty).is_none() {
            return Err(Error::new(
                SqlState::UNDEFINED_FUNCTION,
                format!("could not identify a comparison function for type {}", format_type(ty)),
            ));
        }
        let typmod = common_typmod(&args, ty);
        Ok(Expr::new(ExprKind::MinMax { greatest, args }, TypeRef { oid: ty, typmod }).at(pos))
    }

    /// `transformAExprNullIf`
    pub(super) fn null_if(&mut self, left: &ast::Expr, right: &ast::Expr, pos: Option<u32>) -> Result<Expr> {
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        let position = least(pos, least(left.position, right.position));
        let (equal, left, right) = self.equality(left, right, pos, "NULLIF")?;
        // The result is the left operand as the equality wants it.
        let ty = left.ty;
        let kind = ExprKind::NullIf { equal, left: Box::new(left), right: Box::new(right) };
        Ok(Expr::new(kind, ty).at(position))
    }

    /// `transformAExprDistinct`
    pub(super) fn distinct_from(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        // Against the word NULL it is a test for NULL.
        let is_null = |e: &ast::Expr| matches!(e.kind, Ast::Const(ast::Literal::Null));
        if is_null(left) || is_null(right) {
            let operand = if is_null(right) { left } else { right };
            let operand = Box::new(self.expr(operand)?);
            let position = least(pos, operand.position);
            return Ok(
                Expr::new(ExprKind::IsNull { expr: operand, negated: !negated }, oid::BOOL).at(position)
            );
        }
        if let (Ast::Row(lefts), Ast::Row(rights)) = (&left.kind, &right.kind) {
            return self.row_distinct(lefts, rights, negated, pos);
        }
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        self.make_distinct(left, right, negated, pos)
    }

    pub(super) fn make_distinct(
        &mut self,
        left: Expr,
        right: Expr,
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let position = least(pos, least(left.position, right.position));
        let (equal, left, right) = self.equality(left, right, pos, "IS DISTINCT FROM")?;
        let kind = ExprKind::DistinctFrom { equal, left: Box::new(left), right: Box::new(right), negated };
        Ok(Expr::new(kind, oid::BOOL).at(position))
    }

    /// `transformAExprIn`: items without columns are compared as one list if they have a common type, the others one
    /// by one.
    pub(super) fn in_list(
        &mut self,
        left: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let symbol = if negated { "<>" } else { "=" };
        if matches!(left.kind, Ast::Row(_)) || list.iter().any(|item| matches!(item.kind, Ast::Row(_))) {
            return self.in_rows(left, list, negated, pos);
        }
        let operand = self.expr(left)?;
        let items = self.exprs(list)?;
        let plain: Vec<bool> = items.iter().map(|item| !has_columns(item)).collect();
        let mut comparisons = Vec::new();
        let mut rest = Vec::new();
        let many = plain.iter().filter(|plain| **plain).count() > 1;
        let (listed, single): (Vec<_>, Vec<_>) =
            items.into_iter().zip(plain).partition(|(_, plain)| *plain && many);
        let listed: Vec<Expr> = listed.into_iter().map(|(item, _)| item).collect();
        rest.extend(single.into_iter().map(|(item, _)| item));
        if !listed.is_empty() {
            let all: Vec<&Expr> = std::iter::once(&operand).chain(&listed).collect();
            let ty = common_type(&all, None)?.filter(|ty| {
                *ty != oid::RECORD
                    && pg::catalog::array_type(*ty).is_some()
                    && all.iter().all(|e| super::coerce::can_coerce(&[e.ty.oid], &[*ty], Context::Implicit))
            });
            match ty {
                Some(ty) => {
                    comparisons.push(self.listed(operand.clone(), listed, ty, symbol, negated, pos)?)
                }
                // No common type: each by itself, in front.
                None => rest = listed.into_iter().chain(rest).collect(),
            }
        }
        for item in rest {
            let comparison = self.make_operator(&operator_name(symbol), Some(operand.clone()), item, pos)?;
            comparisons.push(self.coerce_to_boolean(comparison, "IN")?);
        }
        Ok(combine(comparisons, negated, pos))
    }

    fn listed(
        &mut self,
        operand: Expr,
        list: Vec<Expr>,
        ty: Oid,
        symbol: &str,
        all: bool,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let mut coerced = Vec::with_capacity(list.len());
        for item in list {
            coerced.push(self.coerce_to_common(item, ty, "IN")?);
        }
        let position = least(pos, operand.position);
        let (operator, left, element) = self.element_operator(&operator_name(symbol), operand, ty, pos)?;
        let list = coerced
            .into_iter()
            .map(|item| self.coerce(item, TypeRef::of(element), Context::Implicit, None))
            .collect::<Result<Vec<_>>>()?;
        let kind = ExprKind::AnyList { operator, all, left: Box::new(left), list };
        Ok(Expr::new(kind, oid::BOOL).at(position))
    }

    /// The operator between an operand and the elements of an array (`make_scalar_array_op`): the operand coerced,
    /// and the type that the elements must have.
    fn element_operator(
        &mut self,
        name: &OperatorName,
        left: Expr,
        element: Oid,
        pos: Option<u32>,
    ) -> Result<(Operator, Expr, Oid)> {
        // A stand-in for the element, which tells what would become of it.
        let stand_in = Expr::new(ExprKind::CaseTest, element);
        let (operator, left, right, result) = self.boolean_operator(name, left, stand_in, pos)?;
        if result != oid::BOOL {
            return Err(Error::new(
                SqlState::WRONG_OBJECT_TYPE,
                "op ANY/ALL (array) requires operator to yield boolean",
            )
            .at(pos));
        }
        Ok((operator, left, right.ty.oid))
    }

    /// `x op ANY (array)`
    pub(super) fn any_array(
        &mut self,
        op: &OperatorName,
        all: bool,
        left: &ast::Expr,
        array: &ast::Expr,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let left = self.expr(left)?;
        let array = self.expr(array)?;
        let position = least(pos, least(left.position, array.position));
        let element = if array.ty.oid == oid::UNKNOWN {
            oid::UNKNOWN
        } else {
            pg::catalog::element_type(array.ty.oid).ok_or_else(|| {
                Error::new(SqlState::WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side")
                    .at(pos)
            })?
        };
        let (operator, left, wanted) = if element == oid::UNKNOWN {
            let stand_in = Expr::constant(Value::Null, oid::UNKNOWN);
            let (operator, left, right, result) = self.boolean_operator(op, left, stand_in, pos)?;
            if result != oid::BOOL {
                let message = "op ANY/ALL (array) requires operator to yield boolean";
                return Err(Error::new(SqlState::WRONG_OBJECT_TYPE, message).at(pos));
            }
            (operator, left, right.ty.oid)
        } else {
            self.element_operator(op, left, element, pos)?
        };
        let array_type = pg::catalog::array_type(wanted).ok_or_else(|| {
            Error::new(
                SqlState::UNDEFINED_OBJECT,
                format!("could not find array type for data type {}", format_type(wanted)),
            )
            .at(pos)
        })?;
        let array = self.coerce(array, TypeRef::of(array_type), Context::Implicit, None)?;
        let kind = ExprKind::AnyArray { operator, all, left: Box::new(left), array: Box::new(array) };
        Ok(Expr::new(kind, oid::BOOL).at(position))
    }

    /// `transformArrayExpr`: with a type when a cast says it.
    pub(super) fn array(
        &mut self,
        items: &[ast::Expr],
        wanted: Option<(Oid, Oid)>,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let mut nested = false;
        let mut exprs = Vec::with_capacity(items.len());
        for item in items {
            let expr = match &item.kind {
                Ast::Array(inner) => {
                    nested = true;
                    let own = self.pos(item.pos);
                    self.array(inner, wanted, own)?
                }
                _ => self.expr(item)?,
            };
            nested |= !nested
                && expr.ty.oid != oid::INT2VECTOR
                && expr.ty.oid != oid::OIDVECTOR
                && pg::catalog::element_type(expr.ty.oid).is_some();
            exprs.push(expr);
        }
        let (array, item_type, explicit) = match wanted {
            Some((array, element)) => (array, if nested { array } else { element }, true),
            None => {
                if exprs.is_empty() {
                    return Err(Error::new(
                        SqlState::INDETERMINATE_DATATYPE,
                        "cannot determine type of empty array",
                    )
                    .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
                    .at(pos));
                }
                let ty = common_type(&exprs.iter().collect::<Vec<_>>(), Some("ARRAY"))?.unwrap_or(oid::TEXT);
                let array = if nested { Some(ty) } else { pg::catalog::array_type(ty) };
                let array = array.ok_or_else(|| {
                    Error::new(
                        SqlState::UNDEFINED_OBJECT,
                        format!("could not find array type for data type {}", format_type(ty)),
                    )
                    .at(pos)
                })?;
                (array, ty, false)
            }
        };
        let exprs = exprs
            .into_iter()
            .map(|expr| self.array_item(expr, item_type, explicit))
            .collect::<Result<Vec<_>>>()?;
        Ok(Expr::new(ExprKind::Array { items: exprs, nested }, array).at(pos))
    }

    fn array_item(&mut self, item: Expr, ty: Oid, explicit: bool) -> Result<Expr> {
        if !explicit {
            return self.coerce_to_common(item, ty, "ARRAY");
        }
        let (from, position) = (item.ty.oid, item.position);
        self.coerce_to_target(item, TypeRef::of(ty), Context::Explicit, None)?.ok_or_else(|| {
            Error::new(
                SqlState::CANNOT_COERCE,
                format!("cannot cast type {} to {}", format_type(from), format_type(ty)),
            )
            .at(position)
        })
    }
}

/// Comparisons joined: OR for IN, AND for NOT IN.
pub(super) fn combine(mut comparisons: Vec<Expr>, all: bool, pos: Option<u32>) -> Expr {
    match comparisons.pop() {
        Some(only) if comparisons.is_empty() => only,
        Some(last) => {
            comparisons.push(last);
            let position = comparisons.iter().map(|c| c.position).chain([pos]).flatten().min();
            let kind = if all { ExprKind::And(comparisons) } else { ExprKind::Or(comparisons) };
            Expr::new(kind, oid::BOOL).at(position)
        }
        None => Expr::constant(Value::Bool(all), oid::BOOL),
    }
}

/// Whether a column of this block is in it (`contain_vars_of_level`).
fn has_columns(expr: &Expr) -> bool {
    let mut found = false;
    crate::walk::visit_columns(expr, &mut |column| found |= column.levels_up == 0);
    found
}
